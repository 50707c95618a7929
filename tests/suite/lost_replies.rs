//! The order manager over the real tables and the real workflow, with a network between them that loses a reply: Step Functions
//! has taken the command, and the SDK, which did not hear so, sends it again with a token that is spent by then.

use std::time::Duration;

use adapters::bus::EventBus;
use adapters::orders::OrdersTable;
use adapters::shops::ShopTable;
use adapters::workflow::StepFunctions;
use client::token::LOCAL;
use client::wait;
use domain::caller::Role;
use domain::ids::OrderId;
use domain::order::OrderStatus;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::deadline;
use end_to_end::proxy::Proxy;
use http_api::identity::Authenticator;
use http_api::jwks::Keys;
use http_api::{Handler, Request, Response};
use order_manager::OrderManager;
use serde_json::{Value, json};
use tokio::time::Instant;

/// What API Gateway hands on of a command.
fn command(bar: &TestVenue, order_id: &OrderId, user: &str, roles: &[Role], query: &Value, body: &str) -> Request {
    let token = bar.world.key.mint(user, roles, Duration::from_mins(1)).unwrap();
    let event = json!({
        "resource": "/orders/{id}", "path": format!("/orders/{order_id}"), "httpMethod": "PUT",
        "headers": {"authorization": format!("Bearer {token}"), "content-type": "application/json"},
        "pathParameters": {"id": order_id.as_str()}, "queryStringParameters": query, "body": body,
        "requestContext": {"httpMethod": "PUT", "requestId": "test", "resourcePath": "/orders/{id}"}
    });
    event.to_string().parse().expect("an API Gateway event")
}

/// The order manager as its `main` wires it, but for the way to Step Functions.
async fn handle_over(bar: &TestVenue, proxy: &Proxy, request: &Request) -> Response {
    let config = bootstrap::clients::config();
    let dynamodb = bootstrap::clients::dynamodb(&config);
    let step_functions = aws_sdk_sfn::config::Builder::from(&config).endpoint_url(&proxy.url).build();
    let keys = Keys::given(serde_json::from_value(bar.world.key.jwks()).unwrap());
    let order_manager = OrderManager {
        orders: OrdersTable::new(dynamodb.clone(), bar.stack.orders_table.clone()),
        shops: ShopTable::new(dynamodb, bar.stack.shop_table.clone()),
        workflow: StepFunctions::new(aws_sdk_sfn::Client::from_conf(step_functions)),
        bus: EventBus::new(bootstrap::clients::eventbridge(&config), bar.stack.bus_name.clone()),
        authenticator: Authenticator::new(LOCAL.into(), LOCAL.into(), "cognito:groups".into(), keys),
        now: bootstrap::now,
        patience: Duration::from_secs(2),
    };
    order_manager.handle(request).await.unwrap_or_else(|problem| Response::from(problem.at("test")))
}

pub(crate) async fn a_choice_whose_reply_is_lost_is_answered_as_if_it_were_not(bar: TestVenue) {
    let endpoint = client::stack::emulator().expect("an emulator");
    let anna = bar.customer("anna");
    let order_id = bar.choosing(&anna).await;
    bar.with_token(&order_id, "customer").await;
    let proxy = Proxy::before(&endpoint, 1).await;
    let latte = json!({"drink": "Latte", "modifiers": ["Oat"]}).to_string();
    let begin = Instant::now();
    let answer = handle_over(&bar, &proxy, &command(&bar, &order_id, "anna", &[], &Value::Null, &latte)).await;
    eprintln!(
        "a choice with one lost reply and one retry: {} after {} ms",
        answer.status(),
        begin.elapsed().as_millis()
    );
    assert_eq!(answer.status(), 202, "{}", answer.body());
    assert_eq!(proxy.lost(), 1);
    let order = answered(wait::order_is(&anna, &order_id, OrderStatus::Waiting, deadline()).await);
    assert_eq!(order.drink_order.map(|drink| drink.drink).as_deref(), Some("Latte"));
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.empty().await;
}

pub(crate) async fn a_hand_over_whose_reply_is_lost_is_answered_as_if_it_were_not(bar: TestVenue) {
    let endpoint = client::stack::emulator().expect("an emulator");
    let order_id = bar.queued(&bar.customer("anna")).await;
    bar.with_token(&order_id, "barista").await;
    let proxy = Proxy::before(&endpoint, 1).await;
    let complete = command(&bar, &order_id, "bea", &[Role::Barista], &json!({"action": "complete"}), "");
    let answer = handle_over(&bar, &proxy, &complete).await;
    assert_eq!((answer.status(), proxy.lost()), (202, 1), "{}", answer.body());
    assert_eq!(bar.ended(&order_id).await.barista_user_id.unwrap().as_str(), "bea");
    bar.empty().await;
}
