use client::wait;
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};

pub(crate) async fn a_claim_is_made_and_given_back(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.choosing(&anna).await;
    assert_eq!(refused(bar.barista.make(&order_id).await).code, "not_ready");
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    bar.empty().await;
    let order_id = bar.queued(&bar.customer("bert")).await;
    for _ in 0..2 {
        let claim = answered(wait::when_ready(deadline(), || bar.barista.make(&order_id)).await);
        assert_eq!((claim.barista_user_id.as_deref(), claim.claim_version), (Some("barista"), 1));
    }
    assert_eq!(bar.order(&order_id).await.barista_user_id.unwrap().as_str(), "barista");
    for _ in 0..2 {
        let claim = answered(wait::when_ready(deadline(), || bar.barista.unmake(&order_id)).await);
        assert_eq!((claim.barista_user_id, claim.claim_version), (None, 2));
    }
    assert_eq!(bar.order(&order_id).await.barista_user_id, None);
    let claims = |version: u64| {
        let claims = bar.events(&order_id).into_iter().filter(|event| event.detail_type == "OrderManager.MakeOrder");
        claims.filter(|event| event.detail["claimVersion"] == version).count()
    };
    eventually("every claim is told, repeats too", || async { (claims(1) >= 2 && claims(2) >= 2).then_some(()) }).await;
    answered(wait::when_ready(deadline(), || bar.barista.complete(&order_id)).await);
    assert_eq!(bar.ended(&order_id).await.status, OrderStatus::Completed);
    bar.empty().await;
}

pub(crate) async fn nobody_takes_what_another_makes(bar: TestVenue) {
    let order_id = bar.queued(&bar.customer("anna")).await;
    let other = bar.barista("other");
    answered(wait::when_ready(deadline(), || bar.barista.make(&order_id)).await);
    for refusal in [
        refused(other.make(&order_id).await),
        refused(other.unmake(&order_id).await),
        refused(other.complete(&order_id).await),
    ] {
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "claimed_by_another"));
    }
    answered(wait::when_ready(deadline(), || bar.barista.unmake(&order_id)).await);
    answered(wait::when_ready(deadline(), || other.complete(&order_id)).await);
    let done = bar.ended(&order_id).await;
    assert_eq!(done.barista_user_id.unwrap().as_str(), "other");
    assert_eq!(refused(bar.barista.make(&order_id).await).code, "wrong_status");
    bar.empty().await;
}

pub(crate) async fn two_baristas_who_race_for_an_order_do_not_both_get_it(bar: TestVenue) {
    let order_id = bar.queued(&bar.customer("anna")).await;
    let (one, two) = (bar.barista("one"), bar.barista("two"));
    let (first, second) = tokio::join!(one.make(&order_id), two.make(&order_id));
    assert!(first.is_ok() != second.is_ok(), "{first:?} and {second:?}");
    let holder = bar.order(&order_id).await.barista_user_id.unwrap();
    assert_eq!(holder.as_str(), if first.is_ok() { "one" } else { "two" });
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.empty().await;
}
