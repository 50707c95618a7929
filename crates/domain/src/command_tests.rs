use super::*;
use crate::order::HeldToken;
use crate::projection::tests::{drink, stored};

fn held(status: OrderStatus, step: Step) -> StoredOrder {
    let token = HeldToken { token: TaskToken::new("token".into()), step, rank: step.token_rank(0) };
    StoredOrder { token: Some(token), ..stored(status) }
}

fn resume_decision() -> CommandDecision {
    CommandDecision::Resume(TaskToken::new("token".into()))
}

fn caller(user: &str, groups: &[&str]) -> Caller {
    Caller::with_groups(user.parse().unwrap(), groups.iter().copied())
}

const NOW: Timestamp = Timestamp::from_millis(90_000);

fn barista(user: &str) -> Caller {
    caller(user, &["barista"])
}

/// An order in the queue, claimed by `user`.
fn claimed_by(user: &str) -> StoredOrder {
    let mut order = held(OrderStatus::Waiting, Step::Barista);
    order.order.barista_user_id = Some(user.parse().unwrap());
    order.order.claim_version = 1;
    order
}

/// The decision to claim an unclaimed order for `user` first.
fn claim_first(user: &str) -> CommandDecision {
    let change = ClaimChange { from: 0, previous: None, holder: Some(user.parse().unwrap()), at: NOW };
    CommandDecision::ClaimFirst(change, TaskToken::new("token".into()))
}

#[test]
fn a_choice_spends_only_a_task_token_of_the_customers_step() {
    assert_eq!(submit(&held(OrderStatus::Created, Step::Customer), &drink()), resume_decision());
    let late = submit(&held(OrderStatus::Created, Step::Barista), &drink());
    assert_eq!(late, CommandDecision::Conflict(Conflict::NotReady));
}

#[test]
fn a_command_before_its_token_is_stored_is_not_ready() {
    let customer = caller("customer", &[]);
    assert_eq!(submit(&stored(OrderStatus::Created), &drink()), CommandDecision::Conflict(Conflict::NotReady));
    let not_ready = CommandDecision::Conflict(Conflict::NotReady);
    assert_eq!(cancel(&stored(OrderStatus::Created), &customer, NOW), not_ready);
    let early = held(OrderStatus::Waiting, Step::Customer);
    assert_eq!(cancel(&early, &customer, NOW), not_ready);
    assert_eq!(cancel(&early, &barista("anna"), NOW), not_ready, "no claim before the token is stored");
    assert_eq!(complete(&early, &barista("anna"), NOW), not_ready, "no claim before the token is stored");
}

#[test]
fn an_order_without_a_chosen_drink_cannot_be_completed() {
    let choosing = held(OrderStatus::Created, Step::Customer);
    assert_eq!(complete(&choosing, &barista("anna"), NOW), CommandDecision::Conflict(Conflict::NotQueued));
}

#[test]
fn the_same_choice_again_is_done_but_another_choice_or_a_cancelled_order_is_a_conflict() {
    let mut order = stored(OrderStatus::Waiting);
    order.order.drink_order = Some(drink());
    assert_eq!(submit(&order, &drink()), CommandDecision::Done);
    let other = DrinkOrder { drink: "Mocha".into(), ..drink() };
    assert_eq!(submit(&order, &other), CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Waiting)));
    order.order.status = OrderStatus::Cancelled;
    assert_eq!(submit(&order, &drink()), CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Cancelled)));
}

#[test]
fn only_the_holder_of_the_claim_completes() {
    let order = claimed_by("anna");
    let refused = CommandDecision::Conflict(Conflict::ClaimedByAnother(Claim::of(&order.order)));
    assert_eq!(complete(&order, &barista("anna"), NOW), resume_decision());
    assert_eq!(complete(&order, &barista("bert"), NOW), refused);
    assert_eq!(complete(&order, &caller("boss", &["admin"]), NOW), refused);
}

#[test]
fn staff_who_complete_or_cancel_an_unclaimed_order_claim_it_first() {
    let order = held(OrderStatus::Waiting, Step::Barista);
    assert_eq!(complete(&order, &barista("anna"), NOW), claim_first("anna"));
    assert_eq!(cancel(&order, &barista("anna"), NOW), claim_first("anna"));
    assert_eq!(cancel(&order, &caller("boss", &["admin"]), NOW), claim_first("boss"));
    assert_eq!(cancel(&order, &caller("customer", &["barista"]), NOW), resume_decision(), "as its customer");
}

#[test]
fn a_claimed_order_is_cancelled_by_its_holder_its_customer_or_an_admin() {
    let order = claimed_by("anna");
    let refused = CommandDecision::Conflict(Conflict::ClaimedByAnother(Claim::of(&order.order)));
    assert_eq!(cancel(&order, &barista("anna"), NOW), resume_decision());
    assert_eq!(cancel(&order, &barista("bert"), NOW), refused);
    assert_eq!(cancel(&order, &caller("boss", &["admin"]), NOW), resume_decision());
    assert_eq!(cancel(&order, &caller("customer", &[]), NOW), resume_decision());
}

#[test]
fn staff_cancel_at_the_baristas_step_only_once_the_order_is_in_the_queue() {
    let order = held(OrderStatus::Created, Step::Barista);
    assert_eq!(cancel(&order, &barista("anna"), NOW), CommandDecision::Conflict(Conflict::NotReady));
    assert_eq!(cancel(&order, &caller("customer", &[]), NOW), resume_decision());
    assert_eq!(cancel(&held(OrderStatus::Created, Step::Customer), &barista("anna"), NOW), resume_decision());
}

#[test]
fn a_command_claims_only_while_its_task_token_is_unspent() {
    let token = TaskToken::new("token".into());
    assert!(matches!(next_step(claim_first("anna"), None), NextStep::Claim(_)));
    assert!(matches!(next_step(claim_first("anna"), Some(&TaskToken::new("older".into()))), NextStep::Claim(_)));
    assert_eq!(next_step(claim_first("anna"), Some(&token)), NextStep::ReadAgain);
}

#[test]
fn the_same_end_by_the_same_person_is_done_and_by_another_a_conflict() {
    let mut order = stored(OrderStatus::Completed);
    order.order.closed_by = Some(ClosedBy::Barista);
    order.closed_by_user_id = Some("anna".into());
    let wrong = CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Completed));
    assert_eq!(complete(&order, &barista("anna"), NOW), CommandDecision::Done);
    assert_eq!(complete(&order, &barista("bert"), NOW), wrong);
    assert_eq!(cancel(&order, &barista("anna"), NOW), wrong);

    order.order.status = OrderStatus::Cancelled;
    let wrong = CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Cancelled));
    assert_eq!(cancel(&order, &barista("anna"), NOW), CommandDecision::Done);
    assert_eq!(cancel(&order, &caller("customer", &[]), NOW), wrong);
    assert_eq!(complete(&order, &barista("anna"), NOW), wrong);
}

#[test]
fn an_order_is_seen_by_its_customer_and_baristas() {
    let order = stored(OrderStatus::Created);
    assert!(may_see(&order, &caller("customer", &[])));
    assert!(may_see(&order, &caller("anna", &["barista"])));
    assert!(may_see(&order, &caller("anna", &["admin"])));
    assert!(!may_see(&order, &caller("anna", &[])));
}

#[test]
fn a_customer_does_not_see_when_a_barista_claimed_the_order() {
    let order = Order { claimed_at: Some(NOW), ..claimed_by("anna").order };
    assert_eq!(as_seen_by(order.clone(), &barista("bert")), order);
    let seen = as_seen_by(order.clone(), &caller("customer", &[]));
    assert_eq!(seen, Order { claimed_at: None, ..order });
}

#[test]
fn a_refused_claim_says_who_holds_it_since_when_and_how_to_take_it_over() {
    let order = Order { claimed_at: Some(NOW), ..claimed_by("anna").order };
    assert_eq!(
        Conflict::ClaimedByAnother(Claim::of(&order)).to_string(),
        "anna claimed this order at 1970-01-01T00:01:30.000Z; action=make&from=1 takes it over"
    );
}
