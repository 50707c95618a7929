//! Runs the order manager with a proxy that loses one reply of Step Functions. By then the call has
//! resumed the workflow. The SDK repeats the call, whose task token is spent.

use std::time::Duration;

use adapters::bus::EventBus;
use adapters::contention::Budget;
use adapters::orders::OrdersTable;
use adapters::shops::ShopTable;
use adapters::workflow::StepFunctions;
use client::token::LOCAL_ISSUER;
use client::wait;
use domain::caller::Role;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use end_to_end::deadline;
use end_to_end::proxy::{Loss, Proxy};
use end_to_end::venue::{TestVenue, answered};
use http_api::identity::Authenticator;
use http_api::jwks::Keys;
use http_api::{Handler, Request, Response};
use order_manager::OrderManager;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Returns API Gateway's event for a command.
fn command(venue: &TestVenue, order_id: &OrderId, user: &str, roles: &[Role], query: &Value, body: &str) -> Request {
    let token = venue.world.key.mint(user, roles, Duration::from_mins(1)).unwrap();
    let event = json!({
        "resource": "/orders/{id}", "path": format!("/orders/{order_id}"), "httpMethod": "PUT",
        "headers": {"authorization": format!("Bearer {token}"), "content-type": "application/json"},
        "pathParameters": {"id": order_id.as_str()}, "queryStringParameters": query, "body": body,
        "requestContext": {"httpMethod": "PUT", "requestId": "test", "resourcePath": "/orders/{id}"}
    });
    event.to_string().parse().expect("an API Gateway event")
}

/// Handles a request with the order manager's code, with the proxy between it and Step Functions.
async fn handle_over(venue: &TestVenue, proxy: &Proxy, request: &Request) -> Response {
    let config = bootstrap::clients::config();
    let dynamodb = bootstrap::clients::dynamodb(&config);
    let step_functions = aws_sdk_sfn::config::Builder::from(&config).endpoint_url(&proxy.url).build();
    let keys = Keys::given(serde_json::from_value(venue.world.key.jwks()).unwrap());
    let order_manager = OrderManager {
        orders: OrdersTable::new(dynamodb.clone(), venue.stack.orders_table.clone()),
        shops: ShopTable::new(dynamodb, venue.stack.shop_table.clone(), Budget::seconds(2)),
        workflow: StepFunctions::new(aws_sdk_sfn::Client::from_conf(step_functions)),
        bus: EventBus::new(bootstrap::clients::eventbridge(&config), venue.stack.bus_name.clone()),
        authenticator: Authenticator::new(LOCAL_ISSUER.into(), LOCAL_ISSUER, "cognito:groups".into(), keys),
        now: bootstrap::now,
        patience: Duration::from_secs(2),
        counter_patience: Duration::from_secs(3),
    };
    order_manager.handle(request).await.unwrap_or_else(|problem| Response::from(problem.at("test")))
}

pub(crate) async fn a_choice_is_answered_202_if_the_reply_of_step_functions_is_lost(venue: TestVenue) {
    let anna = venue.customer("anna");
    let order_id = venue.choosing(&anna).await;
    venue.with_token(&order_id, "customer").await;
    let proxy = Proxy::losing(Loss::Replies(1)).await;
    let latte = json!({"drink": "Latte", "modifiers": ["Oat"]}).to_string();
    let begin = Instant::now();
    let answer = handle_over(&venue, &proxy, &command(&venue, &order_id, "anna", &[], &Value::Null, &latte)).await;
    let took = begin.elapsed().as_millis();
    eprintln!("a choice with {} lost replies: {} after {took} ms", proxy.lost(), answer.status());
    assert_eq!(answer.status(), 202, "{}", answer.body());
    assert_eq!(proxy.lost(), 1);
    let order = answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    assert_eq!(order.drink_order.map(|drink| drink.drink).as_deref(), Some("Latte"));
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn a_completion_is_answered_202_if_the_reply_of_step_functions_is_lost(venue: TestVenue) {
    let order_id = venue.queued(&venue.customer("anna")).await;
    venue.with_token(&order_id, "barista").await;
    let proxy = Proxy::losing(Loss::Replies(1)).await;
    let complete = command(&venue, &order_id, "bea", &[Role::Barista], &json!({"action": "complete"}), "");
    let answer = handle_over(&venue, &proxy, &complete).await;
    assert_eq!((answer.status(), proxy.lost()), (202, 1), "{}", answer.body());
    let order = venue.ended(&order_id).await;
    assert_eq!((order.status, order.barista_user_id.unwrap().as_str()), (OrderStatus::Completed, "bea"));
    venue.empty().await;
}
