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
    assert_eq!(cancel(&stored(OrderStatus::Created), &customer), CommandDecision::Conflict(Conflict::NotReady));
    assert_eq!(
        cancel(&held(OrderStatus::Waiting, Step::Customer), &customer),
        CommandDecision::Conflict(Conflict::NotReady)
    );
}

#[test]
fn the_same_choice_again_is_done_and_another_is_a_conflict() {
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
    let mut order = held(OrderStatus::Waiting, Step::Barista);
    order.order.barista_user_id = Some("anna".parse().unwrap());
    assert_eq!(complete(&order, &"anna".parse().unwrap()), resume_decision());
    assert_eq!(complete(&order, &"bert".parse().unwrap()), CommandDecision::Conflict(Conflict::ClaimedByAnother));
}

#[test]
fn the_same_end_by_the_same_person_is_done_and_by_another_a_conflict() {
    let mut order = stored(OrderStatus::Completed);
    order.order.closed_by = Some(ClosedBy::Barista);
    order.closed_by_user_id = Some("anna".into());
    let wrong = CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Completed));
    assert_eq!(complete(&order, &"anna".parse().unwrap()), CommandDecision::Done);
    assert_eq!(complete(&order, &"bert".parse().unwrap()), wrong);
    assert_eq!(cancel(&order, &caller("anna", &["barista"])), wrong);

    order.order.status = OrderStatus::Cancelled;
    let wrong = CommandDecision::Conflict(Conflict::WrongStatus(OrderStatus::Cancelled));
    assert_eq!(cancel(&order, &caller("anna", &["barista"])), CommandDecision::Done);
    assert_eq!(cancel(&order, &caller("customer", &[])), wrong);
    assert_eq!(complete(&order, &"anna".parse().unwrap()), wrong);
}

#[test]
fn an_order_is_seen_by_its_customer_and_baristas() {
    let order = stored(OrderStatus::Created);
    assert!(may_see(&order, &caller("customer", &[])));
    assert!(may_see(&order, &caller("anna", &["barista"])));
    assert!(may_see(&order, &caller("anna", &["admin"])));
    assert!(!may_see(&order, &caller("anna", &[])));
}
