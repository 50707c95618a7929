//! Serves the pages and the API of the bar on this machine, at a short address.

mod forward;
mod hosts;
pub(crate) mod links;
mod routes;
mod socket;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use client::Error;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use self::forward::Front;
use self::hosts::Hosts;
use self::links::Links;
use crate::cli::ServeArgs;
use crate::{Context, output};

/// Number of ports that are tried.
const PORTS: u16 = 100;
/// Maximum number of open connections, those of WebSockets included.
const CONNECTIONS: usize = 2_000;
/// Maximum time for reading the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Permit of an open connection. Each request has the permit as an extension, so that an upgraded
/// WebSocket holds the permit until the WebSocket is closed.
type Permit = Arc<OwnedSemaphorePermit>;

/// Serves until the program is ended.
pub(crate) async fn serve(context: &Context, args: &ServeArgs) -> Result<(), Error> {
    let (port, listeners) = listen(args.port, args.lan).await?;
    let hosts = Hosts::new(port, args.lan);
    let base = hosts.url();
    let front = Arc::new(Front::new(&context.stack.api_url, context.stack.live_url.as_deref(), hosts)?);
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let mut running = JoinSet::new();
    for listener in listeners {
        running.spawn(accept(listener, Arc::clone(&front), Arc::clone(&connections)));
    }
    announce(context, args, &base).await?;
    running.join_all().await;
    Ok(())
}

/// Prints the links. `scripts/serve.sh` waits for the line of the link `order`, so the pages must
/// be served before.
async fn announce(context: &Context, args: &ServeArgs, base: &str) -> Result<(), Error> {
    output::note(format_args!("serving the stack {} at {base}", context.stack.name));
    let with_staff = args.lan.is_none() || args.staff;
    let links = Links::create(context, base, with_staff).await?;
    if args.lan.is_some() {
        output::note(
            "warning: everybody on this network reaches the bar, and can read what its pages send: HTTP is not encrypted",
        );
        output::note(links::picture(&links.display)?);
    }
    if !with_staff {
        output::note(
            "the link for staff is not printed, because anybody on this network could use it; to print it, add --staff",
        );
    }
    if context.json { output::json(&links) } else { output::line(links.lines()) }
}

/// Listens on the first port from `first` that is free on each address.
async fn listen(first: u16, lan: Option<IpAddr>) -> Result<(u16, Vec<TcpListener>), Error> {
    let addresses = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    let last = first.saturating_add(PORTS - 1);
    for port in first..=last {
        let mut listeners = Vec::new();
        for address in addresses.into_iter().chain(lan) {
            match TcpListener::bind(SocketAddr::new(address, port)).await {
                Ok(listener) => listeners.push(listener),
                // Not every machine has IPv6.
                Err(error) if address.is_ipv6() && lan != Some(address) && error.kind() != ErrorKind::AddrInUse => {}
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    listeners.clear();
                    break;
                }
                Err(error) => {
                    let help = help_for(error.kind());
                    return Err(
                        Error::failed(format!("cannot listen on {address}, port {port}"), error).with_help(help)
                    );
                }
            }
        }
        if !listeners.is_empty() {
            return Ok((port, listeners));
        }
    }
    Err(Error::Usage(format!("none of the ports {first} to {last} is free")).with_help("name another one: --port 9000"))
}

fn help_for(error: ErrorKind) -> &'static str {
    match error {
        ErrorKind::PermissionDenied => "a port below 1024 needs privileges; name another one: --port 8080",
        ErrorKind::AddrNotAvailable => "give --lan an address of this machine; the command \"ip address\" lists them",
        _ => "stop other programs, or try again",
    }
}

async fn accept(listener: TcpListener, front: Arc<Front>, connections: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((caller, _)) => {
                let front = Arc::clone(&front);
                tokio::spawn(async move { converse(caller, &front, Arc::new(permit)).await });
            }
            // For example, too many files are open until other connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Answers the requests of one connection. Ignores errors, because a caller that breaks the
/// connection needs no answer.
async fn converse(caller: TcpStream, front: &Front, permit: Permit) {
    caller.set_nodelay(true).ok();
    let service = service_fn(async |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Arc::clone(&permit));
        Ok::<_, Infallible>(front.answer(request).await)
    });
    let http = http1::Builder::new().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).clone();
    http.serve_connection(TokioIo::new(caller), service).with_upgrades().await.ok();
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
