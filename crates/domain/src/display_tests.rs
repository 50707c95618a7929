use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::testing::cases;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn name(text: &str) -> DisplayName {
    text.parse().unwrap()
}

fn pairing() -> Pairing {
    Pairing {
        pairing_code: "7K3QXR".parse().unwrap(),
        display_id: display_id([7; 10]).unwrap(),
        secret_hash: "hash".into(),
        expires_at: START.plus(PAIRING_LASTS),
        activated_at: None,
    }
}

#[test]
fn a_pairing_code_is_read_as_people_type_it() {
    for text in ["7K3QX0", "7k3qx0", "7K3 QX0", "7k3-qxo", " 7K3QXO "] {
        assert_eq!(text.parse::<PairingCode>().unwrap().as_str(), "7K3QX0", "{text}");
    }
    assert_eq!("iIlLoO".parse::<PairingCode>().unwrap().as_str(), "111100");
    let long = "7".repeat(10_000);
    for text in ["", "7K3QX", "7K3QX0A", "7K3QXU", "7K3QX!", "7K3QXé", &long] {
        assert_eq!(text.parse::<PairingCode>(), Err(InvalidPairingCode), "{text}");
    }
}

#[test]
fn pairing_codes_use_exactly_the_32_characters_of_crockfords_base32() {
    let mut seen = BTreeSet::new();
    for byte in 0..=u8::MAX {
        seen.extend(PairingCode::new([byte; 4]).as_str().chars());
    }
    let expected: BTreeSet<char> = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().collect();
    assert_eq!(seen, expected);
}

#[test]
fn a_code_activates_one_display_within_five_minutes() {
    assert_eq!(PAIRING_LASTS, Duration::from_mins(5));
    let last = START.plus(PAIRING_LASTS).minus(Duration::from_millis(1));
    let display = pairing().activate(name("Entrance"), last).unwrap();
    assert_eq!((display.created_at, display.expires_at), (last, last.plus(DISPLAY_LASTS)));
    assert_eq!(display.display_id, pairing().display_id);
    assert_eq!(pairing().activate(name("x"), START.plus(PAIRING_LASTS)), Err(NotActivated::Expired));
    let used = Pairing { activated_at: Some(START), ..pairing() };
    for now in [START, START.plus(PAIRING_LASTS)] {
        assert_eq!(used.activate(name("x"), now), Err(NotActivated::Used));
    }
}

#[test]
fn a_display_is_active_for_thirty_days() {
    let display = Display::new(display_id([1; 10]).unwrap(), name("x"), START);
    let end = START.plus(Duration::from_hours(30 * 24));
    assert_eq!(display.state(end.minus(Duration::from_millis(1))), DisplayState::Active);
    assert_eq!(display.state(end), DisplayState::Expired);
}

#[test]
fn a_name_follows_the_rule_for_texts() {
    assert_eq!(name("Cafe\u{301}  2").as_str(), "Caf\u{e9} 2");
    for good in ["Display", "Eingang 2", " x ", &"x".repeat(60)] {
        assert_eq!(good.parse::<DisplayName>().unwrap().as_str(), good.trim());
    }
    for bad in ["", " ", "a\nb", "a\u{200b}b", "\u{202e}x", &"x".repeat(61)] {
        assert!(bad.parse::<DisplayName>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_request_may_have_a_code_and_a_name_but_no_null_and_no_other_field() {
    let read = |text: &str| serde_json::from_str::<DisplayRequest>(text);
    assert_eq!(read("{}").unwrap(), DisplayRequest::default());
    let both = read(r#"{"pairingCode":"7k3qx0","name":"Entrance"}"#).unwrap();
    assert_eq!((both.pairing_code.as_deref(), both.name), (Some("7k3qx0"), Some(name("Entrance"))));
    for text in [r#"{"pairingCode":null}"#, r#"{"name":null}"#, r#"{"name":""}"#, r#"{"secret":"x"}"#, r#"{"name":7}"#]
    {
        assert!(read(text).is_err(), "{text}");
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn any_pairing_code_is_read_in_lower_case(bytes: [u8; 4]) {
        let code = PairingCode::new(bytes);
        let typed = code.as_str().to_ascii_lowercase();
        prop_assert_eq!(typed.parse::<PairingCode>(), Ok(code));
    }

    #[test]
    fn a_parsed_pairing_code_is_parsed_again_to_the_same_code(text in "([ -]?[0-9A-TV-Za-tv-z]){6}[ -]?") {
        let code: PairingCode = text.parse().unwrap();
        prop_assert_eq!(code.as_str().parse::<PairingCode>(), Ok(code.clone()));
    }
}
