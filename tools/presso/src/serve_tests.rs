use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Accepts the handshake of one WebSocket, and returns its open connection.
async fn bar(listener: TcpListener) -> TcpStream {
    let (mut caller, _) = listener.accept().await.unwrap();
    caller.read_buf(&mut Vec::new()).await.unwrap();
    let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    caller.write_all(answer.as_bytes()).await.unwrap();
    caller
}

#[tokio::test]
async fn an_open_socket_counts_as_a_connection_until_it_is_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let bar = tokio::spawn(bar(listener));
    let front =
        Front::new(&format!("http://{upstream}/v1"), Some(&format!("ws://{upstream}/v1")), Hosts::new(8080, None));
    let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = pages.local_addr().unwrap();
    // One permit for the socket, one that `accept` takes before the next connection arrives.
    let connections = Arc::new(Semaphore::new(2));
    tokio::spawn(accept(pages, Arc::new(front.unwrap()), Arc::clone(&connections)));

    let mut phone = TcpStream::connect(address).await.unwrap();
    let handshake = "GET /v1 HTTP/1.1\r\nhost: localhost:8080\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    phone.write_all(handshake.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    phone.read_buf(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    let opened = bar.await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(connections.available_permits(), 0, "an open socket must hold a permit");

    drop((phone, opened));
    let closed = tokio::time::timeout(Duration::from_secs(5), async {
        while connections.available_permits() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    closed.await.expect("the closed socket still has its permit");
}
