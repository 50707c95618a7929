use proptest::prelude::*;

use super::*;
use crate::testing::cases;

const KEY: QrKey = QrKey::new([7; 32]);

fn shop(name: &str) -> ShopId {
    name.parse().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

const START: i64 = 300_000 * 5_983_333;

#[test]
fn a_code_is_valid_from_5_s_before_its_window_until_15_s_after_it() {
    let code = code(&KEY, &shop("ABC"), Window::at(at(START)));
    let valid = |millis| redeem(&KEY, &shop("ABC"), &code, at(millis)).is_some();
    assert!(!valid(START - 5_001));
    assert!(valid(START - 5_000));
    assert!(valid(START));
    assert!(valid(START + 299_999));
    assert!(valid(START + 300_000 + 14_999));
    assert!(!valid(START + 300_000 + 15_000));
}

#[test]
fn a_code_in_its_grace_period_belongs_to_its_own_window() {
    let code = code(&KEY, &shop("ABC"), Window::at(at(START)));
    let window = redeem(&KEY, &shop("ABC"), &code, at(START + 301_000)).unwrap();
    assert_eq!(window, Window::at(at(START)));
}

#[test]
fn a_code_is_invalid_in_another_shop_or_with_another_key() {
    let own = code(&KEY, &shop("ABC"), Window::at(at(START)));
    assert!(redeem(&KEY, &shop("ABD"), &own, at(START)).is_none());
    assert!(redeem(&QrKey::new([8; 32]), &shop("ABC"), &own, at(START)).is_none());
    let lower = own.to_ascii_lowercase();
    let longer = format!("{own}A");
    for wrong in ["", "AAAA", "AAAAAAAAAAAAAAAA", &lower, &longer, &own[..8]] {
        assert!(redeem(&KEY, &shop("ABC"), wrong, at(START)).is_none(), "{wrong:?} passed");
    }
}

#[test]
fn a_short_code_is_valid_as_long_as_the_code_and_in_any_case() {
    let short = short_code(&KEY, &shop("ABC"), Window::at(at(START)));
    assert!(short.len() == 6 && short.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)));
    let valid = |code: &str, millis| redeem(&KEY, &shop("ABC"), code, at(millis)) == Some(Window::at(at(START)));
    for code in [short.clone(), short.to_ascii_lowercase()] {
        for millis in [START - 5_000, START, START + 299_999, START + 314_999] {
            assert!(valid(&code, millis), "{code} {millis}");
        }
        assert!(!valid(&code, START - 5_001) && !valid(&code, START + 315_000));
    }
}

#[test]
fn a_short_code_is_no_part_of_the_code_and_belongs_to_one_shop() {
    let window = Window::at(at(START));
    let (long, short) = (code(&KEY, &shop("ABC"), window), short_code(&KEY, &shop("ABC"), window));
    assert!(!long.contains(&short));
    assert!(redeem(&KEY, &shop("ABC"), &long[..6], at(START)).is_none());
    assert!(redeem(&KEY, &shop("ABD"), &short, at(START)).is_none());
    assert!(redeem(&QrKey::new([8; 32]), &shop("ABC"), &short, at(START)).is_none());
    for wrong in ["AAAAAA", "      ", "ééé", &short[..5]] {
        assert!(redeem(&KEY, &shop("ABC"), wrong, at(START)).is_none(), "{wrong:?} passed");
    }
}

#[test]
fn a_customer_gets_one_order_id_per_window_and_no_two_customers_share_one() {
    let id = |user: &str, millis| order_id(&KEY, &shop("ABC"), Window::at(at(millis)), &user.parse().unwrap(), 1);
    assert_eq!(id("anna", START), id("anna", START + 299_999));
    assert_ne!(id("anna", START), id("anna", START + 300_000));
    assert_ne!(id("anna", START), id("bert", START));
}

#[test]
fn a_window_lasts_five_minutes_and_starts_at_a_multiple_of_five_minutes() {
    let window = Window::at(at(START + 12_345));
    assert_eq!((window.starts_at(), window.ends_at()), (at(START), at(START + 300_000)));
}

/// A scan of a code that a display shows by a clock other than the validator's. Times are in
/// milliseconds of the validator's clock.
#[derive(Debug, Clone, Copy)]
struct Scan {
    shown_at: i64,
    /// Lead of the display's clock; negative if it is behind.
    ahead: i64,
    scanned_at: i64,
}

impl Scan {
    /// The window that the display showed, and the window that the validator found.
    fn redeemed(self) -> (Window, Option<Window>) {
        let shown = Window::at(at(self.shown_at + self.ahead));
        let code = code(&KEY, &shop("ABC"), shown);
        (shown, redeem(&KEY, &shop("ABC"), &code, at(self.scanned_at)))
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

/// A time within 3 ms of the start of a window, of the end of its grace period or of the start of
/// the next lead period, or any time in four windows.
fn time_near_an_edge() -> impl Strategy<Value = i64> {
    let window = millis(WINDOW);
    let edges = vec![0, millis(GRACE), window - millis(LEAD)];
    prop_oneof![
        4 => (0..4_i64, proptest::sample::select(edges), -3..=3_i64)
            .prop_map(move |(windows, edge, off)| START + windows * window + edge + off),
        1 => START..START + 4 * window,
    ]
}

/// A scan at most `longest` milliseconds after the display showed the code. The clocks differ by at
/// most `most_skew`.
fn skewed_scan(most_skew: Duration, longest: i64) -> impl Strategy<Value = Scan> {
    let skew = millis(most_skew);
    let ahead = prop_oneof![Just(-skew), Just(skew), -skew..=skew];
    let waits = prop_oneof![Just(0), Just(longest), 0..=longest];
    (time_near_an_edge(), ahead, waits).prop_map(|(shown_at, ahead, waits)| Scan {
        shown_at,
        ahead,
        scanned_at: shown_at + waits,
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_displayed_code_is_valid_for_10_s_if_the_clocks_differ_by_at_most_5_s(
        scan in skewed_scan(LEAD, millis(GRACE) - millis(LEAD) - 1)
    ) {
        let (shown, redeemed) = scan.redeemed();
        prop_assert_eq!(redeemed, Some(shown));
    }

    #[test]
    fn a_code_is_never_valid_outside_5_s_before_and_15_s_after_its_window(
        shown_at in time_near_an_edge(), scanned_at in time_near_an_edge()
    ) {
        let (shown, redeemed) = Scan { shown_at, ahead: 0, scanned_at }.redeemed();
        let (from, until) = (shown.starts_at().as_millis() - millis(LEAD), shown.ends_at().plus(GRACE).as_millis());
        prop_assert_eq!(redeemed.is_some(), (from..until).contains(&scanned_at));
    }

    #[test]
    fn at_most_two_codes_are_valid_at_a_time(now in time_near_an_edge()) {
        let near = (-3..=3).map(|windows| Window::at(at(now + windows * millis(WINDOW))));
        let valid = near.filter(|window| redeem(&KEY, &shop("ABC"), &code(&KEY, &shop("ABC"), *window), at(now)).is_some());
        let valid: Vec<Window> = valid.collect();
        prop_assert!(valid.contains(&Window::at(at(now))) && valid.len() <= 2, "{:?}", valid);
    }

    #[test]
    fn scanning_one_code_twice_never_gives_two_orders_even_if_the_validators_clocks_straddle_an_edge(
        first in skewed_scan(LEAD, millis(GRACE) - millis(LEAD) - 1), between in -millis(LEAD)..=millis(LEAD)
    ) {
        let again = Scan { scanned_at: first.scanned_at + between, ..first };
        let order = |(_, window): (Window, Option<Window>)| {
            window.and_then(|window| order_id(&KEY, &shop("ABC"), window, &"anna".parse().unwrap(), 1))
        };
        let (one, other) = (order(first.redeemed()), order(again.redeemed()));
        prop_assert!(one.is_some());
        prop_assert!(other.is_none() || other == one);
    }

    #[test]
    fn redeem_refuses_any_other_text_and_accepts_the_current_code_at_any_time(code in ".{0,40}", now in any::<i64>()) {
        prop_assert_eq!(redeem(&KEY, &shop("ABC"), &code, at(now)), None);
        let own = super::code(&KEY, &shop("ABC"), Window::at(at(now)));
        prop_assert_eq!(redeem(&KEY, &shop("ABC"), &own, at(now)), Some(Window::at(at(now))));
    }
}
