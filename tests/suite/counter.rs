use client::wait;
use domain::drink::DrinkRequest;
use domain::order::OrderStatus;
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};

fn latte() -> DrinkRequest {
    DrinkRequest { drink: "Latte".parse().unwrap(), modifiers: vec!["Oat".parse().unwrap()] }
}

pub(crate) async fn a_barista_orders_for_a_person_at_the_counter(venue: TestVenue) {
    let drink = latte();
    let order = || venue.barista.order_at_counter(&venue.shop_id, "key-1", &drink);
    let order_id = answered(wait::when_ready(deadline(), order).await);
    assert_eq!(answered(wait::when_ready(deadline(), order).await), order_id, "a repeat is the same order");
    let waiting = answered(wait::order_is(&venue.barista, &order_id, OrderStatus::Waiting, deadline()).await);
    assert!(waiting.user_id.as_str().starts_with("counter-"), "{}", waiting.user_id);
    assert_eq!(waiting.drink_order.map(|drink| drink.drink).as_deref(), Some("Latte"));
    assert!(venue.event(&order_id, "Validator.NewOrder").await.get("bucket").is_none());
    let other = DrinkRequest { drink: "Espresso".parse().unwrap(), modifiers: vec![] };
    let problem = refused(venue.barista.order_at_counter(&venue.shop_id, "key-1", &other).await);
    assert_eq!((problem.status, problem.code.as_str()), (422, "idempotency_key_reused"));
    answered(venue.complete(&order_id).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
}

pub(crate) async fn an_order_at_the_counter_of_a_full_or_closed_shop_is_refused(venue: TestVenue) {
    venue.limits(10, 1, 1).await;
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let problem = refused(venue.barista.order_at_counter(&venue.shop_id, "key-2", &latte()).await);
    assert_eq!((problem.status, problem.code.as_str()), (409, "store_full"));
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    let problem = refused(venue.barista.order_at_counter(&venue.shop_id, "key-3", &latte()).await);
    assert_eq!((problem.status, problem.code.as_str()), (409, "store_closed"));
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn a_drink_that_is_sold_out_is_refused_until_it_is_available(venue: TestVenue) {
    let flat_white = DrinkRequest { drink: "Flat White".parse().unwrap(), modifiers: vec![] };
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    answered(venue.barista.set_available(&venue.shop_id, "Flat White", false).await);
    let problem = refused(wait::when_ready(deadline(), || anna.submit(&order_id, &flat_white)).await);
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_drink"));
    answered(venue.barista.set_available(&venue.shop_id, "Flat White", true).await);
    answered(wait::when_ready(deadline(), || anna.submit(&order_id, &flat_white)).await);
    assert_eq!(refused(venue.barista.set_available(&venue.shop_id, "Tea", false).await).code, "drink_not_found");
    assert_eq!(refused(anna.set_available(&venue.shop_id, "Latte", false).await).code, "forbidden");
    venue.cancel(&venue.barista, &order_id).await;
}
