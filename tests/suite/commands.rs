use aws_sdk_dynamodb::types::AttributeValue;
use client::wait;
use domain::drink::DrinkRequest;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use domain::shop::SettingsEdit;
use end_to_end::venue::{TestVenue, answered, latte, refused};
use end_to_end::deadline;
use reqwest::Method;

async fn cancelled(bar: &TestVenue, order_id: &OrderId, by: ClosedBy, who: &str, reason: &str) {
    let order = bar.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(by)));
    assert_eq!(order.reason.as_deref(), Some(reason));
    let event = bar.event(order_id, "OrderManager.OrderCancelled").await;
    assert_eq!((event["closedByUserId"].as_str(), event["reason"].as_str()), (Some(who), Some(reason)));
    bar.empty().await;
}

pub(crate) async fn a_customer_cancels_while_choosing(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.choosing(&anna).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "too long a queue")).await);
    cancelled(&bar, &order_id, ClosedBy::Customer, "anna", "too long a queue").await;
    assert_eq!(refused(anna.submit(&order_id, &latte()).await).code, "wrong_status");
}

pub(crate) async fn a_customer_cancels_while_waiting(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    cancelled(&bar, &order_id, ClosedBy::Customer, "anna", "cancelled").await;
    let event = bar.event(&order_id, "OrderManager.OrderCancelled").await;
    assert_eq!((event["orderNumber"].as_u64(), event["drinkOrder"]["drink"].as_str()), (Some(1), Some("Latte")));
    assert_eq!(refused(bar.barista.complete(&order_id).await).code, "wrong_status");
}

pub(crate) async fn a_barista_cancels(bar: TestVenue) {
    let order_id = bar.queued(&bar.customer("anna")).await;
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "out of beans")).await);
    cancelled(&bar, &order_id, ClosedBy::Barista, "barista", "out of beans").await;
}

pub(crate) async fn complete_and_cancel_that_race_have_one_outcome(bar: TestVenue) {
    bar.limits(10, 10, 1).await;
    for name in ["anna", "bert", "cleo"] {
        let customer = bar.customer(name);
        let order_id = bar.queued(&customer).await;
        answered(wait::when_ready(deadline(), || bar.barista.make(&order_id)).await);
        let complete = wait::when_ready(deadline(), || bar.barista.complete(&order_id));
        let cancel = wait::when_ready(deadline(), || customer.cancel(&order_id, ""));
        let (completed, cancelled) = tokio::join!(complete, cancel);
        let ended = bar.ended(&order_id).await;
        let loser = if ended.status == OrderStatus::Completed { &cancelled } else { &completed };
        let winner = if ended.status == OrderStatus::Completed { &completed } else { &cancelled };
        assert!(winner.is_ok(), "{winner:?} although the order is {:?}", ended.status);
        if let Err(error) = loser {
            assert_eq!(error.problem().map(|problem| problem.status), Some(409), "{error}");
        }
        bar.empty().await;
        let ends = |event: &client::bus::BusEvent| {
            matches!(event.detail_type.as_str(), "OrderManager.OrderCompleted" | "OrderManager.OrderCancelled")
        };
        bar.event(&order_id, "OrderProcessor.orderFinished").await;
        assert_eq!(bar.events(&order_id).iter().filter(|event| ends(event)).count(), 1);
    }
}

pub(crate) async fn the_same_command_twice_is_answered_twice(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    answered(anna.submit(&order_id, &latte()).await);
    let other = DrinkRequest { drink: "Espresso".into(), modifiers: vec![] };
    assert_eq!(refused(anna.submit(&order_id, &other).await).code, "wrong_status");
    answered(wait::when_ready(deadline(), || bar.barista.complete(&order_id)).await);
    answered(bar.barista.complete(&order_id).await);
    answered(bar.barista.complete(&order_id).await);
    assert_eq!(bar.ended(&order_id).await.status, OrderStatus::Completed);
    answered(bar.barista.complete(&order_id).await);
    answered(anna.submit(&order_id, &latte()).await);
    assert_eq!(refused(anna.cancel(&order_id, "").await).code, "wrong_status");
    bar.empty().await;
    assert_eq!(bar.order(&order_id).await.order_number, Some(1));
}

pub(crate) async fn a_command_before_its_token_is_stored_is_not_ready(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.choosing(&anna).await;
    let token = bar.with_token(&order_id, "customer").await["taskToken"].clone();
    let update = |expression: &'static str| {
        let key = AttributeValue::S(order_id.to_string());
        let update = bar.dynamodb.update_item().table_name(&bar.stack.orders_table).key("orderId", key);
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
    bar.empty().await;
}

pub(crate) async fn a_drink_that_the_menu_does_not_have_is_refused(bar: TestVenue) {
    let anna = bar.customer("anna");
    let mut menu = answered(bar.anonymous.config(&bar.shop_id).await).settings.menu;
    menu.iter_mut().filter(|item| item.drink == "Cappuccino").for_each(|item| item.available = false);
    let edit = SettingsEdit { menu: Some(menu), ..SettingsEdit::default() };
    answered(bar.admin.edit(&bar.shop_id, &edit, None).await);
    let order_id = bar.choosing(&anna).await;
    let before = bar.order(&order_id).await;
    for (drink, modifiers, field) in [
        ("Tea", vec![], "drink"),
        ("Cappuccino", vec![], "drink"),
        ("Latte", vec!["Soy"], "modifiers"),
        ("Latte", vec!["Oat", "Regular"], "modifiers"),
        ("Espresso", vec!["Oat"], "modifiers"),
    ] {
        let modifiers = modifiers.into_iter().map(String::from).collect();
        let wish = DrinkRequest { drink: drink.into(), modifiers };
        let problem = refused(anna.submit(&order_id, &wish).await);
        assert_eq!(
            (problem.status, problem.code.as_str(), problem.field.as_deref()),
            (422, "invalid_drink", Some(field))
        );
    }
    assert_eq!(bar.order(&order_id).await, before);
    bar.choose(&anna, &order_id).await;
    answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.empty().await;
}

pub(crate) async fn an_order_is_nobody_elses_business(bar: TestVenue) {
    let (anna, bert) = (bar.customer("anna"), bar.customer("bert"));
    let order_id = bar.queued(&anna).await;
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
    assert_eq!(refused(bar.barista.submit(&order_id, &latte()).await).status, 403);
    assert_eq!(bar.order(&order_id).await.status, OrderStatus::Waiting);
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    bar.empty().await;
}

pub(crate) async fn what_an_order_shows_holds_no_token(bar: TestVenue) {
    let anna = bar.customer("anna");
    let order_id = bar.queued(&anna).await;
    let stored = bar.with_token(&order_id, "barista").await;
    let token = stored["taskToken"].as_s().unwrap();
    let lists = format!("/orders?eventId={}&status=WAITING", bar.shop_id);
    let mine = format!("/myOrders?eventId={}", bar.shop_id);
    for (api, path) in [(&anna, format!("/orders/{order_id}")), (&bar.barista, lists), (&anna, mine)] {
        let answer = answered(api.send(api.request(Method::GET, &path)).await);
        assert!(answer.body.contains(order_id.as_str()), "{}", answer.body);
        assert!(!answer.body.contains(token.as_str()) && !answer.body.contains("execution"), "{path} shows a secret");
    }
    answered(wait::when_ready(deadline(), || anna.cancel(&order_id, "")).await);
    bar.empty().await;
}
