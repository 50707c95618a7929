use client::wait;
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::{deadline, eventually};

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
    let claims = |version: u64| {
        let claims = venue.events(&order_id).into_iter().filter(|event| event.detail_type == "OrderManager.MakeOrder");
        claims.filter(|event| event.detail["claimVersion"] == version).count()
    };
    eventually("every claim is published, repetitions too", || async {
        (claims(1) >= 2 && claims(2) >= 2).then_some(())
    })
    .await;
    answered(venue.complete(&order_id).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
}

pub(crate) async fn a_claimed_order_is_refused_to_other_baristas(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    let other = venue.barista("other");
    answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
    for refusal in [
        refused(other.make(&order_id).await),
        refused(other.unmake(&order_id).await),
        refused(other.complete(&order_id).await),
    ] {
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "claimed_by_another"));
    }
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
    venue.cancel(&venue.barista, &order_id).await;
}
