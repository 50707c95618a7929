use super::*;
use crate::projection::tests::stored;

const NOW: Timestamp = Timestamp::from_millis(90_000);

fn caller(user: &str, group: &str) -> Caller {
    Caller::with_groups(user.parse().unwrap(), [group])
}

fn bea() -> Caller {
    caller("bea", "barista")
}

fn ben() -> Caller {
    caller("ben", "barista")
}

fn boss() -> Caller {
    caller("boss", "admin")
}

/// A waiting order after these claims and releases, each of which must change the claim.
fn after(changes: &[(ClaimAction, Caller)]) -> StoredOrder {
    let mut order = stored(OrderStatus::Waiting);
    for (action, barista) in changes {
        assert!(act(&mut order, *action, barista).unwrap(), "{action:?} by {barista:?}");
    }
    order
}

/// Decides and writes. Returns true if the claim changed, false if it was repeated.
fn act(order: &mut StoredOrder, action: ClaimAction, barista: &Caller) -> Result<bool, Conflict> {
    match decide(&order.order, action, barista, NOW)? {
        ClaimDecision::Repeat => Ok(false),
        ClaimDecision::Change(change) => Ok(apply(order, &change)),
    }
}

fn held_by(user: &str, version: u64) -> Claim {
    Claim { barista_user_id: Some(user.parse().unwrap()), claimed_at: Some(NOW), claim_version: version }
}

fn free(version: u64) -> Claim {
    Claim { barista_user_id: None, claimed_at: None, claim_version: version }
}

#[test]
fn a_second_make_repeats_the_claim_and_names_its_holder_to_others() {
    let mut order = after(&[(ClaimAction::Make, bea())]);
    assert_eq!(Claim::of(&order.order), held_by("bea", 1));
    assert_eq!(act(&mut order, ClaimAction::Make, &bea()), Ok(false));
    for another in [ben(), boss()] {
        let refused = act(&mut order, ClaimAction::Make, &another);
        assert_eq!(refused, Err(Conflict::ClaimedByAnother(held_by("bea", 1))));
    }
    assert_eq!(act(&mut order, ClaimAction::Unmake, &ben()), Err(Conflict::ClaimedByAnother(held_by("bea", 1))));
}

#[test]
fn an_order_is_claimed_in_the_queue_only() {
    let decided = |status| decide(&stored(status).order, ClaimAction::Make, &bea(), NOW);
    assert_eq!(decided(OrderStatus::Created), Err(Conflict::NotQueued));
    assert_eq!(decided(OrderStatus::Completed), Err(Conflict::WrongStatus(OrderStatus::Completed)));
}

#[test]
fn a_takeover_changes_the_claim_of_its_version_once() {
    let mut order = after(&[(ClaimAction::Make, bea())]);
    let take_over = ClaimAction::TakeOver(1);
    assert_eq!(act(&mut order, take_over, &ben()), Ok(true));
    assert_eq!(Claim::of(&order.order), held_by("ben", 2));
    assert_eq!(act(&mut order, take_over, &ben()), Ok(false), "a retry repeats the claim");
    assert_eq!(act(&mut order, ClaimAction::TakeOver(2), &bea()), Ok(true));
    let late = act(&mut order, take_over, &ben());
    assert_eq!(late, Err(Conflict::ClaimedByAnother(held_by("bea", 3))), "a delayed retry changes nothing");
}

#[test]
fn a_takeover_of_an_unclaimed_order_claims_it() {
    let mut order = after(&[(ClaimAction::TakeOver(0), bea())]);
    assert_eq!(Claim::of(&order.order), held_by("bea", 1));
    assert_eq!(act(&mut order, ClaimAction::TakeOver(1), &bea()), Ok(false), "the caller's own claim is repeated");
}

#[test]
fn a_takeover_of_another_version_is_refused_with_the_current_claim() {
    let mut order = after(&[(ClaimAction::Make, bea()), (ClaimAction::Unmake, bea())]);
    for from in [0, 1, 3, u64::MAX] {
        let refused = act(&mut order, ClaimAction::TakeOver(from), &ben());
        assert_eq!(refused, Err(Conflict::ClaimChanged(free(2))), "from {from}");
    }
    assert_eq!(act(&mut order, ClaimAction::Make, &ben()), Ok(true));
    for from in [0, 1, 4] {
        let own = act(&mut order, ClaimAction::TakeOver(from), &ben());
        assert_eq!(own, Err(Conflict::ClaimChanged(held_by("ben", 3))), "from {from}");
        let other = act(&mut order, ClaimAction::TakeOver(from), &bea());
        assert_eq!(other, Err(Conflict::ClaimedByAnother(held_by("ben", 3))), "from {from}");
    }
}

#[test]
fn the_holder_or_an_admin_releases_a_claim() {
    for caller in [bea(), boss()] {
        let mut order = after(&[(ClaimAction::Make, bea()), (ClaimAction::Unmake, caller.clone())]);
        assert_eq!(Claim::of(&order.order), free(2));
        assert_eq!(act(&mut order, ClaimAction::Unmake, &caller), Ok(false));
        assert_eq!(order.previous_barista_user_id, Some("bea".parse().unwrap()));
    }
}

#[test]
fn a_change_of_a_claim_that_has_changed_since_is_not_written() {
    let mut order = after(&[(ClaimAction::Make, bea())]);
    let Ok(ClaimDecision::Change(late)) = decide(&order.order, ClaimAction::TakeOver(1), &ben(), NOW) else {
        panic!("expected a change of the claim");
    };
    assert!(act(&mut order, ClaimAction::Unmake, &bea()).unwrap());
    let released = order.clone();
    assert!(!apply(&mut order, &late));
    assert_eq!(order, released);
    order.order.status = OrderStatus::Completed;
    let completed = order.clone();
    assert!(!apply(&mut order, &ClaimChange { from: 2, ..late }));
    assert_eq!(order, completed);
}

#[test]
fn the_event_says_who_holds_the_claim_who_held_it_and_since_when() {
    let mut order = after(&[(ClaimAction::Make, bea()), (ClaimAction::TakeOver(1), ben())]);
    let taken = event(&order);
    assert_eq!((taken.barista_user_id.as_str(), taken.previous_barista_user_id.as_deref()), ("ben", Some("bea")));
    assert_eq!((taken.about.at, taken.claimed_at, taken.claim_version), (NOW, Some(NOW), 2));
    order.order.updated_at = Timestamp::from_millis(1);
    assert_eq!(event(&order), taken);

    assert!(act(&mut order, ClaimAction::Unmake, &boss()).unwrap());
    let released = event(&order);
    assert_eq!((released.barista_user_id.as_str(), released.previous_barista_user_id.as_deref()), ("", Some("ben")));
    assert_eq!((released.about.at, released.claimed_at, released.claim_version), (NOW, None, 3));
}

#[test]
fn the_event_of_a_claim_without_a_time_has_the_time_of_the_status() {
    let mut order = stored(OrderStatus::Waiting);
    order.order.barista_user_id = Some("bea".parse().unwrap());
    order.order.claim_version = 1;
    order.order.updated_at = Timestamp::from_millis(20_000);
    let first = event(&order);
    assert_eq!((first.about.at, first.claimed_at), (Timestamp::from_millis(20_000), None));
    assert_eq!(event(&order), first);
    assert_eq!(act(&mut order, ClaimAction::Make, &bea()), Ok(false));
    assert_eq!(act(&mut order, ClaimAction::TakeOver(1), &ben()), Ok(true));
    assert_eq!(event(&order).about.at, NOW);
}
