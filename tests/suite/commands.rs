use aws_sdk_dynamodb::types::AttributeValue;
use client::wait;
use domain::drink::DrinkRequest;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use domain::shop::SettingsEdit;
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, latte, refused};
use reqwest::Method;

async fn cancelled(venue: &TestVenue, order_id: &OrderId, by: ClosedBy, user: &str, reason: &str) {
    let order = venue.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(by)));
    assert_eq!(order.reason.as_deref(), Some(reason));
    let event = venue.event(order_id, "OrderManager.OrderCancelled").await;
    assert_eq!((event["closedByUserId"].as_str(), event["reason"].as_str()), (Some(user), Some(reason)));
    venue.empty().await;
}

pub(crate) async fn a_customer_cancels_while_choosing(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "too long a queue")).await);
    cancelled(&venue, &order_id, ClosedBy::Customer, "anna", "too long a queue").await;
    assert_eq!(refused(anna.submit(&order_id, &latte()).await).code, "wrong_status");
}

pub(crate) async fn a_customer_cancels_while_waiting(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    cancelled(&venue, &order_id, ClosedBy::Customer, "anna", "cancelled").await;
    let event = venue.event(&order_id, "OrderManager.OrderCancelled").await;
    assert_eq!((event["orderNumber"].as_u64(), event["drinkOrder"]["drink"].as_str()), (Some(1), Some("Latte")));
    assert_eq!(refused(venue.barista.complete(&order_id).await).code, "wrong_status");
}

pub(crate) async fn a_barista_cancels_a_waiting_order(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    answered(wait::when_ready(deadline(), || venue.barista.cancel(&order_id, "out of beans")).await);
    cancelled(&venue, &order_id, ClosedBy::Barista, "barista", "out of beans").await;
}

pub(crate) async fn complete_and_cancel_that_race_have_one_outcome(venue: TestVenue) {
    venue.limits(10, 10, 1).await;
    for name in ["anna", "bert", "cleo"] {
        let customer = venue.customer(name);
        let order_id = venue.queued(&customer).await;
        answered(wait::when_ready(deadline(), || venue.barista.make(&order_id)).await);
        let complete = wait::when_ready(deadline(), || venue.barista.complete(&order_id));
        let cancel = wait::when_ready(deadline(), || customer.cancel(&order_id, ""));
        let (completed, cancelled) = tokio::join!(complete, cancel);
        let ended = venue.ended(&order_id).await;
        let loser = if ended.status == OrderStatus::Completed { &cancelled } else { &completed };
        let winner = if ended.status == OrderStatus::Completed { &completed } else { &cancelled };
        assert!(winner.is_ok(), "{winner:?} although the order is {:?}", ended.status);
        if let Err(error) = loser {
            assert_eq!(error.problem().map(|problem| problem.status), Some(409), "{error}");
        }
        venue.empty().await;
        let ends = |event: &client::bus::BusEvent| {
            matches!(event.detail_type.as_str(), "OrderManager.OrderCompleted" | "OrderManager.OrderCancelled")
        };
        venue.event(&order_id, "OrderProcessor.orderFinished").await;
        assert_eq!(venue.events(&order_id).iter().filter(|event| ends(event)).count(), 1);
    }
}

pub(crate) async fn a_repeated_command_gets_the_first_answer_again(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    answered(anna.submit(&order_id, &latte()).await);
    let other = DrinkRequest { drink: "Espresso".parse().unwrap(), modifiers: vec![] };
    assert_eq!(refused(anna.submit(&order_id, &other).await).code, "wrong_status");
    answered(venue.complete(&order_id).await);
    answered(venue.barista.complete(&order_id).await);
    answered(venue.barista.complete(&order_id).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    answered(venue.barista.complete(&order_id).await);
    answered(anna.submit(&order_id, &latte()).await);
    assert_eq!(refused(anna.cancel(&order_id, "").await).code, "wrong_status");
    venue.empty().await;
    assert_eq!(venue.order(&order_id).await.order_number, Some(1));
}

pub(crate) async fn a_command_before_its_token_is_stored_is_not_ready(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    let token = venue.with_token(&order_id, "customer").await["taskToken"].clone();
    let update = |expression: &'static str| {
        let key = AttributeValue::S(order_id.to_string());
        let update = venue.dynamodb.update_item().table_name(&venue.stack.orders_table).key("orderId", key);
        update.update_expression(expression)
    };
    update("REMOVE taskToken, tokenStep, tokenRank").send().await.unwrap();
    let problem = refused(anna.submit(&order_id, &latte()).await);
    assert_eq!((problem.status, problem.code.as_str()), (409, "not_ready"));
    assert!(problem.retry_after.is_some());
    assert_eq!(refused(anna.cancel(&order_id, "").await).code, "not_ready");
    update("SET taskToken = :token, tokenStep = :step, tokenRank = :rank")
        .expression_attribute_values(":token", token)
        .expression_attribute_values(":step", AttributeValue::S("customer".into()))
        .expression_attribute_values(":rank", AttributeValue::N("1000000".into()))
        .send()
        .await
        .unwrap();
    answered(anna.cancel(&order_id, "").await);
    venue.empty().await;
}

pub(crate) async fn a_drink_or_option_that_the_menu_does_not_offer_is_refused(venue: TestVenue) {
    let anna = venue.customer("anna");
    let mut menu = answered(venue.anonymous.config(&venue.shop_id).await).settings.catalog.menu;
    menu.iter_mut().filter(|item| item.drink.as_str() == "Cappuccino").for_each(|item| item.available = false);
    let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
    answered(venue.admin.edit(&venue.shop_id, &edit, None).await);
    let order_id = venue.choosing(&anna).await;
    let before = venue.order(&order_id).await;
    for (drink, modifiers, field) in [
        ("Tea", vec![], "drink"),
        ("Cappuccino", vec![], "drink"),
        ("Latte", vec!["Soy"], "modifiers"),
        ("Latte", vec!["Oat", "Regular"], "modifiers"),
        ("Espresso", vec!["Oat"], "modifiers"),
    ] {
        let modifiers = modifiers.into_iter().map(|option: &str| option.parse().unwrap()).collect();
        let wish = DrinkRequest { drink: drink.parse().unwrap(), modifiers };
        let problem = refused(anna.submit(&order_id, &wish).await);
        assert_eq!(
            (problem.status, problem.code.as_str(), problem.field.as_deref()),
            (422, "invalid_drink", Some(field))
        );
    }
    assert_eq!(venue.order(&order_id).await, before);
    venue.choose(&anna, &order_id).await;
    answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn only_the_customer_and_staff_may_see_and_change_an_order(venue: TestVenue) {
    let (anna, bert) = (venue.customer("anna"), venue.customer("bert"));
    let order_id = venue.queued(&anna).await;
    let unknown: OrderId = "no-such-order".parse().unwrap();
    for id in [&order_id, &unknown] {
        let problem = refused(bert.order(id).await);
        assert_eq!((problem.status, problem.code.as_str()), (404, "order_not_found"));
        assert_eq!(refused(bert.submit(id, &latte()).await).status, 404);
        assert_eq!(refused(bert.cancel(id, "").await).status, 404);
        assert_eq!(refused(bert.make(id).await).status, 404);
        assert_eq!(refused(bert.complete(id).await).status, 404);
    }
    assert_eq!(refused(anna.complete(&order_id).await).status, 403);
    assert_eq!(refused(venue.barista.submit(&order_id, &latte()).await).status, 403);
    assert_eq!(venue.order(&order_id).await.status, OrderStatus::Waiting);
    venue.cancel(&anna, &order_id).await;
}

pub(crate) async fn an_order_in_an_answer_contains_no_task_token(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.queued(&anna).await;
    let stored = venue.with_token(&order_id, "barista").await;
    let token = stored["taskToken"].as_s().unwrap();
    let lists = format!("/orders?eventId={}&status=WAITING", venue.shop_id);
    let mine = format!("/myOrders?eventId={}", venue.shop_id);
    for (api, path) in [(&anna, format!("/orders/{order_id}")), (&venue.barista, lists), (&anna, mine)] {
        let answer = answered(api.send(api.request(Method::GET, &path)).await);
        assert!(answer.body.contains(order_id.as_str()), "{}", answer.body);
        assert!(!answer.body.contains(token.as_str()) && !answer.body.contains("execution"), "{path} shows a secret");
    }
    venue.cancel(&anna, &order_id).await;
}
