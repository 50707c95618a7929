use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

/// Clock that advances by half a minute at each call.
fn ticking() -> Timestamp {
    static TICKS: AtomicI64 = AtomicI64::new(0);
    Timestamp::from_millis(1_800_000_000_000 + 30_000 * TICKS.fetch_add(1, Ordering::SeqCst))
}

fn bar(order: StoredOrder) -> Bar {
    let mut bar = Bar::with(order);
    bar.manager.now = ticking;
    bar
}

/// A waiting order that `barista` has claimed.
fn claimed_by(barista: &str, version: u64) -> StoredOrder {
    let mut order = waiting();
    order.order.barista_user_id = Some(barista.parse().unwrap());
    order.order.claimed_at = Some(Timestamp::from_millis(1_700_000_000_000));
    order.order.claim_version = version;
    order
}

/// A completed order, whose completion was `ago` milliseconds before the time of [`Bar::with`].
fn completed(ago: i64) -> StoredOrder {
    let mut order = closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1");
    order.order.updated_at = Timestamp::from_millis(1_800_000_000_000 - ago);
    order
}

impl Bar {
    async fn act(&self, query: &[(&str, &str)], who: &str) -> (u16, Value) {
        self.ask("PUT /orders/{id}", query, who, None).await
    }

    async fn take_over(&self, from: &str, who: &str) -> (u16, Value) {
        self.act(&[("action", "make"), ("from", from)], who).await
    }

    fn published(&self) -> Vec<(String, Value)> {
        let entries = self.manager.bus.0.lock().unwrap();
        entries.iter().map(|entry| (entry.detail_type.clone(), serde_json::from_str(&entry.detail).unwrap())).collect()
    }

    fn claim_now(&self) -> (Option<String>, u64) {
        let order = self.manager.orders.order.lock().unwrap();
        (order.order.barista_user_id.as_ref().map(ToString::to_string), order.order.claim_version)
    }
}

#[tokio::test]
async fn a_barista_who_completes_or_cancels_claims_first_and_publishes_the_claim() {
    for (action, output) in [
        ("complete", r#"t2 {"closedByUserId":"barista-1"}"#),
        ("cancel", r#"t2 OrderCancelled {"reason":"cancelled","closedBy":"barista","closedByUserId":"barista-1"}"#),
    ] {
        let bar = bar(waiting());
        assert_eq!(bar.command(action, "barista-1", None).await, ok(202));
        let published = bar.published();
        assert_eq!((published.len(), published[0].0.as_str()), (1, "OrderManager.MakeOrder"));
        assert_eq!(published[0].1["baristaUserId"], "barista-1");
        for again in ["complete", "cancel", "make", "unmake"] {
            assert_eq!(bar.command(again, "barista-2", None).await, conflict_of("claimed_by_another"), "{again}");
        }
        assert_eq!(bar.resumed(), [output]);
    }
}

#[tokio::test]
async fn an_admin_and_the_customer_may_cancel_an_order_that_a_barista_claimed() {
    for who in ["admin", "anna"] {
        let bar = bar(claimed_by("barista-1", 1));
        assert_eq!(bar.command("cancel", who, None).await, ok(202));
        assert_eq!((bar.resumed().len(), bar.published().len()), (1, 0));
        assert_eq!(bar.claim_now(), (Some("barista-1".into()), 1));
    }
    let bar = bar(claimed_by("barista-1", 1));
    assert_eq!(bar.command("complete", "admin", None).await, conflict_of("claimed_by_another"));
}

#[tokio::test]
async fn a_repeated_command_publishes_the_same_event_again() {
    let bar = bar(claimed_by("barista-1", 1));
    for (query, who) in [
        (&[("action", "make"), ("from", "1")][..], "barista-2"),
        (&[("action", "make")][..], "barista-2"),
        (&[("action", "unmake")][..], "admin"),
        (&[("action", "unmake")][..], "barista-1"),
    ] {
        let (first, again) = (bar.act(query, who).await, bar.act(query, who).await);
        assert_eq!((first.0, &first.1), (200, &again.1));
    }
    let published = bar.published();
    let versions: Vec<_> = published.iter().map(|(_, event)| event["claimVersion"].as_u64().unwrap()).collect();
    assert_eq!(versions, [2, 2, 2, 2, 3, 3, 3, 3]);
    assert!(published[..4].iter().all(|event| *event == published[0]), "{published:#?}");
    assert!(published[4..].iter().all(|event| *event == published[4]), "{published:#?}");
    let (taken, released) = (&published[0].1, &published[4].1);
    assert_eq!((&taken["baristaUserId"], &taken["previousBaristaUserId"]), (&"barista-2".into(), &"barista-1".into()));
    assert_eq!(taken["at"], taken["claimedAt"]);
    assert_eq!((&released["baristaUserId"], &released["previousBaristaUserId"]), (&"".into(), &"barista-2".into()));
    assert_eq!((&released["claimedAt"], released["at"] == taken["at"]), (&Value::Null, false));
}

#[tokio::test]
async fn a_refused_claim_answers_with_the_current_one() {
    let bar = bar(claimed_by("barista-1", 3));
    for (status, problem) in [
        bar.act(&[("action", "make")], "barista-2").await,
        bar.take_over("2", "barista-2").await,
        bar.act(&[("action", "unmake")], "barista-2").await,
        bar.act(&[("action", "complete")], "barista-2").await,
        bar.act(&[("action", "cancel")], "barista-2").await,
    ] {
        assert_eq!((status, &problem["code"]), (409, &"claimed_by_another".into()));
        assert_eq!((&problem["baristaUserId"], &problem["claimVersion"]), (&"barista-1".into(), &3.into()));
        assert_eq!(problem["claimedAt"], "2023-11-14T22:13:20.000Z");
    }
    let (status, problem) = bar.take_over("1", "barista-1").await;
    assert_eq!((status, &problem["code"], &problem["claimVersion"]), (409, &"claim_changed".into(), &3.into()));
    assert_eq!((bar.claim_now(), bar.published().len()), ((Some("barista-1".into()), 3), 0));
}

#[tokio::test]
async fn a_claim_that_changes_between_read_and_write_is_decided_again() {
    // Given back meanwhile: the order is claimed at its new version.
    let mut released = waiting();
    released.order.claim_version = 2;
    let free = bar(waiting());
    free.manager.orders.meanwhile.lock().unwrap().push(released);
    assert_eq!(free.command("make", "barista-1", None).await, ok(200));
    assert_eq!(free.claim_now(), (Some("barista-1".into()), 3));

    // Claimed by another meanwhile: refused.
    for action in ["make", "cancel", "complete"] {
        let bar = bar(waiting());
        bar.manager.orders.meanwhile.lock().unwrap().push(claimed_by("barista-2", 1));
        assert_eq!(bar.command(action, "barista-1", None).await, conflict_of("claimed_by_another"), "{action}");
        assert!(bar.resumed().is_empty(), "{action}");
    }

    // A takeover of a claim that was given back and made again takes nothing.
    let taken = bar(claimed_by("barista-1", 1));
    taken.manager.orders.meanwhile.lock().unwrap().push(claimed_by("barista-1", 3));
    assert_eq!(taken.take_over("1", "barista-2").await.1["code"], "claimed_by_another");
    assert_eq!(taken.claim_now(), (Some("barista-1".into()), 3));
}

#[tokio::test]
async fn a_claim_that_keeps_changing_is_not_ready() {
    let bar = bar(waiting());
    let changing = (1..=5_u64).map(|version| {
        let mut order = waiting();
        order.order.claim_version = 2 * version;
        order
    });
    bar.manager.orders.meanwhile.lock().unwrap().extend(changing);
    assert_eq!(bar.command("make", "barista-1", None).await, conflict_of("not_ready"));
}

#[tokio::test]
async fn only_make_has_the_parameter_from_which_is_a_version() {
    let bar = bar(claimed_by("barista-1", 1));
    for (action, from) in
        [("unmake", "1"), ("complete", "1"), ("cancel", "1"), ("call", "1"), ("make", "-1"), ("make", "x")]
    {
        let (status, problem) = bar.act(&[("action", action), ("from", from)], "barista-1").await;
        assert_eq!((status, &problem["code"], &problem["field"]), (400, &"invalid_parameter".into(), &"from".into()));
        if action == "make" {
            assert_eq!(problem["detail"], "from must be a whole number, in digits alone");
        }
    }
    assert_eq!(bar.take_over("18446744073709551615", "barista-2").await.0, 409);
}

#[tokio::test]
async fn a_customer_does_not_see_when_the_order_was_claimed() {
    let bar = bar(claimed_by("barista-1", 1));
    let (_, seen) = bar.ask("GET /orders/{id}", &[], "anna", None).await;
    assert_eq!((&seen["baristaUserId"], &seen["claimedAt"]), (&"barista-1".into(), &Value::Null));
    let (_, seen) = bar.ask("GET /orders/{id}", &[], "barista-2", None).await;
    assert_eq!(seen["claimedAt"], "2023-11-14T22:13:20.000Z");
    let (_, list) = bar.ask("GET /orders", &[("eventId", "bar"), ("status", "WAITING")], "barista-2", None).await;
    assert_eq!(list["orders"][0]["claimedAt"], "2023-11-14T22:13:20.000Z");
}

#[tokio::test]
async fn a_completed_order_is_called_and_a_retry_repeats_the_call() {
    let bar = Bar::with(completed(600_000));
    let call = [("action", "call")];
    let (first, again) = (bar.act(&call, "barista-1").await, bar.act(&call, "barista-2").await);
    assert_eq!((first.0, &first.1["calledAt"]), (200, &"2027-01-15T08:00:00.000Z".into()));
    assert_eq!(again, first);
    let published = bar.published();
    assert_eq!((published.len(), &published[0]), (2, &published[1]));
    let (detail_type, event) = &published[0];
    assert_eq!((detail_type.as_str(), &event["orderNumber"]), ("OrderManager.OrderCalled", &7.into()));
    assert_eq!((&event["at"], &event["calledAt"]), (&first.1["calledAt"], &first.1["calledAt"]));
    let (_, seen) = bar.ask("GET /orders/{id}", &[], "anna", None).await;
    assert_eq!(seen["calledAt"], first.1["calledAt"]);
}

#[tokio::test]
async fn an_order_is_not_called_before_its_completion_or_too_late() {
    for (order, code) in [
        (waiting(), "wrong_status"),
        (closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"), "wrong_status"),
        (completed(600_001), "too_late_to_call"),
    ] {
        let bar = Bar::with(order);
        assert_eq!(bar.command("call", "barista-1", None).await, conflict_of(code));
        assert!(bar.published().is_empty());
    }
}

#[tokio::test]
async fn a_baristas_command_before_the_drink_is_chosen_says_that_none_is_chosen() {
    for order in [choosing(), stored(OrderStatus::Admitted, None)] {
        let bar = Bar::with(order);
        for query in [
            &[("action", "make")][..],
            &[("action", "make"), ("from", "1")],
            &[("action", "unmake")],
            &[("action", "complete")],
        ] {
            let (status, problem) = bar.act(query, "barista-1").await;
            assert_eq!((status, &problem["code"]), (409, &"not_ready".into()), "the command may become possible");
            assert!(problem["detail"].as_str().unwrap().contains("has not chosen a drink"), "{problem}");
        }
    }
}

#[tokio::test]
async fn a_command_that_the_status_does_not_allow_says_what_to_do_next() {
    for (order, action, who, next) in [
        (closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"), "submit", "anna", "scan the display again"),
        (closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1"), "cancel", "anna", "scan the display again"),
        (closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"), "complete", "barista-1", "reload the queue"),
        (closed(OrderStatus::Cancelled, ClosedBy::Customer, "anna"), "make", "barista-1", "reload the queue"),
        (closed(OrderStatus::Completed, ClosedBy::Barista, "barista-1"), "cancel", "barista-2", "reload the queue"),
        (waiting(), "call", "barista-1", "only a completed order can be called"),
    ] {
        let query = [("action", action)];
        let query = if action == "submit" { &[][..] } else { &query[..] };
        let body = LATTE.filter(|_| action == "submit");
        let (_, problem) = Bar::with(order).ask("PUT /orders/{id}", query, who, body).await;
        assert_eq!(problem["code"], "wrong_status", "{action}");
        assert!(problem["detail"].as_str().unwrap().contains(next), "{problem}");
    }
}

#[tokio::test]
async fn a_call_that_races_with_another_repeats_that_call() {
    let bar = Bar::with(completed(1_000));
    let mut called = completed(1_000);
    called.order.called_at = Some(Timestamp::from_millis(1_799_999_999_000));
    bar.manager.orders.meanwhile.lock().unwrap().push(called);
    let (status, answer) = bar.act(&[("action", "call")], "barista-1").await;
    assert_eq!((status, &answer["calledAt"]), (200, &"2027-01-15T07:59:59.000Z".into()));
}
