use client::{Api, wait};
use domain::ids::{OrderId, UserId};
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};
use reqwest::Method;
use serde_json::Value;

const MAKE_ORDER: &str = "OrderManager.MakeOrder";

/// Places an order that this barista claims: the claim has version 1.
async fn claimed(venue: &TestVenue, customer: &str, barista: &Api) -> OrderId {
    let order_id = venue.queued(&venue.customer(customer)).await;
    answered(wait::when_ready(deadline(), || barista.make(&order_id)).await);
    order_id
}

async fn holder(venue: &TestVenue, order_id: &OrderId) -> Option<String> {
    venue.order(order_id).await.barista_user_id.as_ref().map(UserId::to_string)
}

/// Waits until this many events about the version of a claim were published, and returns them.
async fn published(venue: &TestVenue, order_id: &OrderId, version: u64, count: usize) -> Vec<Value> {
    eventually(&format!("{count} events about version {version} of {order_id}"), || async {
        let events = venue.events(order_id).into_iter().filter(|event| event.detail_type == MAKE_ORDER);
        let details: Vec<Value> =
            events.map(|event| event.detail).filter(|detail| detail["claimVersion"] == version).collect();
        (details.len() >= count).then_some(details)
    })
    .await
}

pub(crate) async fn a_claim_is_made_and_given_back(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    assert_eq!(refused(venue.barista.make(&order_id).await).code, "not_ready");
    venue.cancel(&anna, &order_id).await;
    let order_id = venue.queued(&venue.customer("bert")).await;
    for _ in 0..2 {
        let claim = answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
        assert_eq!((claim.barista_user_id.as_deref(), claim.claim_version), (Some("barista"), 1));
    }
    assert_eq!(venue.order(&order_id).await.barista_user_id.unwrap().as_str(), "barista");
    for _ in 0..2 {
        let claim = answered(wait::when_ready(deadline(), || venue.barista.unmake(&order_id)).await);
        assert_eq!((claim.barista_user_id, claim.claim_version), (None, 2));
    }
    assert_eq!(venue.order(&order_id).await.barista_user_id, None);
    for (version, holder, previous) in [(1, "barista", ""), (2, "", "barista")] {
        let events = published(&venue, &order_id, version, 2).await;
        assert!(events.iter().all(|event| *event == events[0]), "a repetition publishes the same event: {events:#?}");
        assert_eq!(
            (&events[0]["baristaUserId"], &events[0]["previousBaristaUserId"]),
            (&holder.into(), &previous.into())
        );
    }
    answered(venue.complete(&order_id).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
}

pub(crate) async fn a_claimed_order_is_refused_to_other_baristas(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    let other = venue.barista("other");
    answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
    let claim = venue.order(&order_id).await;
    for refusal in [
        refused(other.make(&order_id).await),
        refused(other.unmake(&order_id).await),
        refused(other.complete(&order_id).await),
        refused(other.cancel(&order_id, "").await),
        refused(venue.admin.make(&order_id).await),
        refused(venue.admin.complete(&order_id).await),
    ] {
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "claimed_by_another"));
        assert_eq!((refusal.barista_user_id.as_deref(), refusal.claim_version), (Some("barista"), Some(1)));
        assert_eq!((refusal.claimed_at, refusal.claimed_at.is_some()), (claim.claimed_at, true));
    }
    assert_eq!(venue.order(&order_id).await, claim, "a refused command changes nothing");
    answered(wait::when_ready(deadline(), || venue.barista.unmake(&order_id)).await);
    answered(wait::when_ready(deadline(), || other.complete(&order_id)).await);
    let done = venue.ended(&order_id).await;
    assert_eq!(done.barista_user_id.unwrap().as_str(), "other");
    assert_eq!(refused(venue.barista.make(&order_id).await).code, "wrong_status");
    venue.empty().await;
}

pub(crate) async fn baristas_who_race_for_an_order_have_one_winner(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    let (one, two) = (venue.barista("one"), venue.barista("two"));
    let (first, second) = tokio::join!(one.make(&order_id), two.make(&order_id));
    assert!(first.is_ok() != second.is_ok(), "{first:?} and {second:?}");
    let holder = venue.order(&order_id).await.barista_user_id.unwrap();
    assert_eq!(holder.as_str(), if first.is_ok() { "one" } else { "two" });
    venue.cancel(&venue.admin, &order_id).await;
}

/// A barista claims an order and goes home. Another one takes the claim over by naming its version.
pub(crate) async fn a_claim_is_taken_over_deliberately_and_once(venue: TestVenue) {
    let (bea, ben) = (venue.barista("bea"), venue.barista("ben"));
    let order_id = claimed(&venue, "anna", &bea).await;
    let claim = refused(ben.make(&order_id).await);
    let from = claim.claim_version.unwrap();
    for _ in 0..2 {
        let taken = answered(ben.take_over(&order_id, from).await);
        assert_eq!((taken.barista_user_id.as_deref(), taken.claim_version), (Some("ben"), 2));
        assert!(taken.claimed_at > claim.claimed_at);
    }
    let events = published(&venue, &order_id, 2, 2).await;
    assert!(events.iter().all(|event| *event == events[0]), "a repetition publishes the same event: {events:#?}");
    assert_eq!((&events[0]["baristaUserId"], &events[0]["previousBaristaUserId"]), (&"ben".into(), &"bea".into()));
    assert_eq!(events[0]["claimedAt"], events[0]["at"]);

    answered(bea.take_over(&order_id, 2).await);
    let late = refused(ben.take_over(&order_id, from).await);
    assert_eq!((late.code.as_str(), late.claim_version), ("claimed_by_another", Some(3)), "a delayed retry");
    assert_eq!(refused(bea.take_over(&order_id, from).await).code, "claim_changed");
    answered(bea.unmake(&order_id).await);
    let stale = refused(ben.take_over(&order_id, 3).await);
    assert_eq!((stale.code.as_str(), stale.barista_user_id, stale.claim_version), ("claim_changed", None, Some(4)));
    answered(ben.take_over(&order_id, 4).await);
    assert_eq!(holder(&venue, &order_id).await.as_deref(), Some("ben"));
    answered(ben.complete(&order_id).await);
    let done = venue.ended(&order_id).await;
    assert_eq!((done.status, done.barista_user_id.unwrap().as_str()), (OrderStatus::Completed, "ben"));
    venue.empty().await;
}

pub(crate) async fn an_admin_releases_any_claim_and_cancels_any_claimed_order(venue: TestVenue) {
    let bea = venue.barista("bea");
    let order_id = claimed(&venue, "anna", &bea).await;
    for _ in 0..2 {
        let released = answered(venue.admin.unmake(&order_id).await);
        assert_eq!((released.barista_user_id, released.claimed_at, released.claim_version), (None, None, 2));
    }
    let events = published(&venue, &order_id, 2, 2).await;
    assert!(events.iter().all(|event| *event == events[0]), "{events:#?}");
    assert_eq!((&events[0]["baristaUserId"], &events[0]["previousBaristaUserId"]), (&"".into(), &"bea".into()));
    answered(wait::when_ready(deadline(), || bea.make(&order_id)).await);
    answered(wait::when_ready(deadline(), || venue.admin.cancel(&order_id, "closing time")).await);
    let ended = venue.ended(&order_id).await;
    assert_eq!((ended.status, ended.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::Barista)));
    assert_eq!(ended.barista_user_id.unwrap().as_str(), "bea");
    venue.empty().await;
}

pub(crate) async fn a_barista_who_cancels_an_order_claims_it_first(venue: TestVenue) {
    let ben = venue.barista("ben");
    let order_id = venue.queued(&venue.customer("anna")).await;
    answered(wait::when_ready(deadline(), || ben.cancel(&order_id, "out of beans")).await);
    let ended = venue.ended(&order_id).await;
    assert_eq!((ended.barista_user_id.unwrap().as_str(), ended.claim_version), ("ben", 1));
    assert_eq!(published(&venue, &order_id, 1, 1).await[0]["baristaUserId"], "ben");
    answered(ben.cancel(&order_id, "out of beans").await);
    assert_eq!(refused(venue.barista.cancel(&order_id, "").await).code, "wrong_status");
    venue.empty().await;
}

/// Either request may come first. The order ends; if it is completed, the holder of its claim
/// completed it.
pub(crate) async fn a_takeover_races_with_complete_cancel_and_give_back(venue: TestVenue) {
    venue.limits(10, 10, 10).await;
    let (bea, ben) = (venue.barista("bea"), venue.barista("ben"));
    for (customer, rival) in [("anna", "complete"), ("bert", "cancel"), ("cleo", "unmake"), ("dora", "complete")] {
        let order_id = claimed(&venue, customer, &bea).await;
        venue.with_token(&order_id, "barista").await;
        let race = async {
            match rival {
                "complete" => bea.complete(&order_id).await,
                "cancel" => bea.cancel(&order_id, "").await,
                _ => bea.unmake(&order_id).await.map(drop),
            }
        };
        let (taken, other) = tokio::join!(ben.take_over(&order_id, 1), race);
        assert!(taken.is_ok() || other.is_ok(), "{rival}: {taken:?} and {other:?}");
        if other.is_err() || rival == "unmake" {
            let changed = venue.order(&order_id).await;
            assert_eq!(changed.claim_version, 2, "{rival}: one of the two changed the claim");
            assert_eq!(changed.barista_user_id.is_some(), taken.is_ok(), "{rival}");
            answered(wait::when_ready(deadline(), || venue.admin.cancel(&order_id, "")).await);
        }
        let ended = venue.ended(&order_id).await;
        if ended.status == OrderStatus::Completed {
            let event = venue.event(&order_id, "OrderManager.OrderCompleted").await;
            assert_eq!(event["closedByUserId"], "bea", "bea held the claim of version 1");
        }
        venue.empty().await;
    }
}

pub(crate) async fn the_time_of_a_claim_is_shown_to_staff_only(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
    let claimed_at = venue.order(&order_id).await.claimed_at.unwrap();
    let lists = format!("/orders?eventId={}&status=WAITING", venue.shop_id);
    let mine = format!("/myOrders?eventId={}", venue.shop_id);
    eventually("the list shows the claim", || async {
        let list = answered(venue.barista.send(venue.barista.request(Method::GET, &lists)).await);
        list.body.contains(&format!("\"claimedAt\":\"{claimed_at}\"")).then_some(())
    })
    .await;
    for path in [format!("/orders/{order_id}"), mine] {
        let seen = answered(anna.send(anna.request(Method::GET, &path)).await);
        assert!(
            seen.body.contains("\"baristaUserId\":\"barista\""),
            "the customer sees who makes the order: {}",
            seen.body
        );
        assert!(!seen.body.contains("claimedAt") && !seen.body.contains("revious"), "{}", seen.body);
    }
    venue.cancel(&venue.barista, &order_id).await;
}

/// The item is as an earlier version of the program wrote it: its claim has no time.
pub(crate) async fn a_claim_without_a_time_is_taken_over(venue: TestVenue) {
    let (bea, ben) = (venue.barista("bea"), venue.barista("ben"));
    let order_id = claimed(&venue, "anna", &bea).await;
    venue.remove_from_order(&order_id, "claimedAt").await;
    let old = venue.order(&order_id).await;
    assert_eq!((old.claimed_at, old.claim_version), (None, 1));
    let again = [answered(bea.make(&order_id).await), answered(bea.make(&order_id).await)];
    assert_eq!((again[0].claimed_at, &again[0]), (None, &again[1]));
    let events = published(&venue, &order_id, 1, 3).await;
    let timeless: Vec<&Value> = events.iter().filter(|event| event["claimedAt"].is_null()).collect();
    assert!(timeless.len() == 2 && timeless[0] == timeless[1], "a repetition publishes the same event: {events:#?}");
    assert_eq!(refused(ben.make(&order_id).await).claimed_at, None);
    assert!(answered(ben.take_over(&order_id, 1).await).claimed_at.is_some());
    answered(ben.complete(&order_id).await);
    venue.empty().await;
}
