use super::*;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn key() -> QrKey {
    QrKey::new([7; 32])
}

fn shop() -> ShopId {
    "bar".parse().unwrap()
}

fn topics() -> [Topic; 4] {
    [Topic::Customer(shop(), "anna".parse().unwrap()), Topic::Queue(shop()), Topic::Board(shop()), Topic::Bus(shop())]
}

fn verify(text: &str, key: &QrKey, now: Timestamp) -> Result<Ticket, InvalidTicket> {
    text.parse::<UnverifiedTicket>()?.verify(key, now)
}

#[test]
fn a_ticket_opens_a_socket_for_its_topic_within_a_minute() {
    for topic in topics() {
        let ticket = Ticket::new(topic, None, NOW);
        let text = ticket.sign(&key()).unwrap();
        let last = NOW.plus(Duration::from_millis(59_999));
        assert_eq!(verify(&text, &key(), last), Ok(ticket.clone()));
        assert_eq!(verify(&text, &key(), NOW.plus(CONNECT_WITHIN)), Err(InvalidTicket::Expired));
        assert_eq!(text.parse::<UnverifiedTicket>().unwrap().shop_id(), &shop());
    }
}

#[test]
fn a_socket_receives_messages_until_its_credential_ends_or_for_the_maximum_time() {
    let [customer, queue, board, bus] = topics();
    for topic in [customer, queue, bus] {
        let end = |credential| Ticket::new(topic.clone(), credential, NOW).until;
        assert_eq!(end(None), NOW.plus(RECEIVES_FOR));
        assert_eq!(end(Some(NOW.plus(Duration::from_mins(15)))), NOW.plus(Duration::from_mins(15)));
        assert_eq!(end(Some(NOW.plus(Duration::from_hours(14)))), NOW.plus(RECEIVES_FOR));
    }
    assert_eq!(
        Ticket::new(board, Some(NOW.plus(Duration::from_hours(720))), NOW).until,
        NOW.plus(DISPLAY_RECEIVES_FOR)
    );
    let short = Ticket::new(Topic::Queue(shop()), Some(NOW.plus(Duration::from_secs(5))), NOW);
    assert_eq!(short.connect_by, short.until);
}

#[test]
fn a_malformed_or_forged_text_is_no_ticket() {
    let text = Ticket::new(Topic::Queue(shop()), None, NOW).sign(&key()).unwrap();
    assert_eq!(verify(&text, &QrKey::new([8; 32]), NOW), Err(InvalidTicket::Signature));
    let (payload, signature) = text.split_once('.').unwrap();
    for text in ["", ".", payload, &format!("{payload}."), &format!("{payload}.{}", &signature[..20])] {
        assert!(verify(text, &key(), NOW).is_err(), "{text:?}");
    }
    let claims = String::from_utf8(BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
    let forged = BASE64URL_NOPAD.encode(claims.replace("queue", "bus").as_bytes());
    assert_eq!(verify(&format!("{forged}.{signature}"), &key(), NOW), Err(InvalidTicket::Signature));
    let long = format!("{}.{signature}", "a".repeat(2_000));
    assert_eq!(verify(&long, &key(), NOW), Err(InvalidTicket::Malformed));
}

#[test]
fn a_signed_ticket_whose_topic_and_user_do_not_fit_is_refused() {
    for claims in [
        r#"{"shop":"bar","topic":"customer","by":9000000000000,"until":9000000000000}"#,
        r#"{"shop":"bar","topic":"bus","user":"anna","by":9000000000000,"until":9000000000000}"#,
    ] {
        let payload = BASE64URL_NOPAD.encode(claims.as_bytes());
        let signature = key().mac(&[LABEL, &payload]).finalize().into_bytes();
        let text = format!("{payload}.{}", BASE64URL_NOPAD.encode(&signature));
        assert_eq!(verify(&text, &key(), NOW), Err(InvalidTicket::Malformed), "{claims}");
    }
}

#[test]
fn a_socket_address_gives_an_origin_a_management_address_and_an_address_with_a_ticket() {
    let address: SocketAddress = "wss://abc.execute-api.eu-west-1.amazonaws.com/v1".parse().unwrap();
    assert_eq!(address.origin(), "wss://abc.execute-api.eu-west-1.amazonaws.com");
    assert_eq!(address.management(), "https://abc.execute-api.eu-west-1.amazonaws.com/v1");
    assert_eq!(address.with_ticket("a.b"), "wss://abc.execute-api.eu-west-1.amazonaws.com/v1?ticket=a.b");
    let address: SocketAddress = "ws://127.0.0.1:4566/_aws/execute-api/abc/v1/".parse().unwrap();
    assert_eq!(address.origin(), "ws://127.0.0.1:4566");
    assert_eq!(address.management(), "http://127.0.0.1:4566/_aws/execute-api/abc/v1");
    for text in ["", "wss://", "https://a", "wss://a;script-src *", "wss://a b", "wss://a/v1?x", "ws:///v1"] {
        assert!(text.parse::<SocketAddress>().is_err(), "{text:?}");
    }
}

#[test]
fn debug_output_does_not_contain_a_ticket() {
    let address: SocketAddress = "wss://a/v1".parse().unwrap();
    let live = Live::new(&address, &Ticket::new(Topic::Queue(shop()), None, NOW), &key()).unwrap();
    assert!(live.url.starts_with("wss://a/v1?ticket=ey"), "{}", live.url);
    assert!(!format!("{live:?}").contains("ey"), "{live:?}");
}
