//! Tests an upgrade from the previous release: its workflow definition and its items, with the
//! current functions. `tests/fixtures/previous-release` has what that release deployed and stored.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use client::tables::Item;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::deadline;
use end_to_end::venue::{TestVenue, answered, refused};
use end_to_end::world::root;
use serde_json::{Map, Value};

use crate::faults::WorkflowCopy;

/// Attributes that the previous release gave an order in the queue.
const ORDER: [&str; 18] = [
    "orderId",
    "eventId",
    "userId",
    "status",
    "statusRank",
    "orderNumber",
    "drinkOrder",
    "claimVersion",
    "createdAt",
    "updatedAt",
    "expiresAt",
    "executionArn",
    "taskToken",
    "tokenStep",
    "tokenRank",
    "eventStatus",
    "eventUser",
    "openShard",
];

/// Key of the QR codes of the shop.
const KEY: [u8; 32] = [7; 32];

fn fixture(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/fixtures/previous-release").join(name)).unwrap()
}

/// Returns the definition of the previous release, with the names that `deployed` has.
fn previous_definition(deployed: &Value) -> Value {
    let argument = |pointer: &str| deployed.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
    let names = [
        ("${AdmissionFunctionArn}", argument("/States/Admit/Arguments/FunctionName")),
        ("${BusName}", argument("/States/AwaitCustomer/Arguments/Entries/0/EventBusName")),
        ("${ShopTable}", argument("/States/AssignNumber/Arguments/TableName")),
    ];
    let definition = names.iter().fold(fixture("order-processor.asl.json"), |text, (name, value)| {
        assert!(text.contains(name), "the previous release has no {name}");
        text.replace(name, value)
    });
    assert!(!definition.contains("${"), "{definition}");
    serde_json::from_str(&definition).unwrap()
}

async fn started(venue: &TestVenue, user: &str) -> WorkflowCopy {
    WorkflowCopy::start_for(user, venue, user, |deployed| *deployed = previous_definition(deployed)).await
}

/// Rewrites an order in the queue with the attributes of the previous release alone.
async fn stored_by_the_previous_release(venue: &TestVenue, order_id: &OrderId) {
    let mut item = venue.with_token(order_id, "barista").await;
    item.retain(|name, _| ORDER.contains(&name.as_str()));
    assert_eq!(item.len(), ORDER.len(), "an attribute of the previous release is gone: {:?}", item.keys());
    let put = venue.dynamodb.put_item().table_name(&venue.stack.orders_table).set_item(Some(item));
    put.send().await.unwrap();
}

pub(crate) async fn the_previous_workflow_is_served_by_the_current_functions(venue: TestVenue) {
    let [anna, bob] = [started(&venue, "anna").await, started(&venue, "bob").await];
    let customer = venue.customer("anna");
    venue.choose(&customer, &anna.order_id).await;
    stored_by_the_previous_release(&venue, &anna.order_id).await;
    let bea = venue.barista("bea");
    answered(wait::when_ready(deadline(), || bea.make(&anna.order_id)).await);
    answered(wait::when_ready(deadline(), || bea.complete(&anna.order_id)).await);
    let order = venue.ended(&anna.order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Completed, Some(ClosedBy::Barista)));
    assert_eq!(order.order_number, Some(1));
    anna.ends("SUCCEEDED", 0).await;

    let customer = venue.customer("bob");
    answered(wait::when_ready(deadline(), || customer.cancel(&bob.order_id, "too late")).await);
    let order = venue.ended(&bob.order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("too late")));
    venue.empty().await;
    for workflow in [anna, bob] {
        assert_eq!(venue.open_orders_of(venue.order(&workflow.order_id).await.user_id.as_str()).await, 0);
        workflow.remove().await;
    }
}

pub(crate) async fn the_previous_workflow_records_a_refusal(venue: TestVenue) {
    answered(venue.admin.set_open(&venue.shop_id, false).await);
    let refused = started(&venue, "anna").await;
    let event = venue.event(&refused.order_id, "OrderProcessor.ShopUnavailable").await;
    assert_eq!(event["reason"], "closed");
    assert_eq!(venue.ended(&refused.order_id).await.reason.as_deref(), Some("closed"));
    assert_eq!(venue.in_flight().await, 0);
    refused.remove().await;
}

fn value(typed: &Value) -> AttributeValue {
    let (kind, value) = typed.as_object().and_then(|typed| typed.iter().next()).unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(self::value).collect()),
        "M" => AttributeValue::M(attributes(value.as_object().unwrap())),
        kind => panic!("the test cannot read the type {kind} of the fixture"),
    }
}

fn attributes(typed: &Map<String, Value>) -> Item {
    typed.iter().map(|(name, typed)| (name.clone(), value(typed))).collect()
}

/// Stores the items of a shop as the previous release did.
async fn store_shop(venue: &TestVenue) {
    let items: Map<String, Value> = serde_json::from_str(&fixture("shop.json")).unwrap();
    let mut items: Vec<(String, Item)> =
        items.iter().map(|(name, typed)| (name.clone(), attributes(typed.as_object().unwrap()))).collect();
    let key = AttributeValue::B(Blob::new(KEY));
    items.push(("SECRET".to_owned(), Item::from([("qrKey".to_owned(), key)])));
    for (name, mut item) in items {
        item.insert("eventId".to_owned(), AttributeValue::S(venue.shop_id.to_string()));
        item.insert("item".to_owned(), AttributeValue::S(name));
        let put = venue.dynamodb.put_item().table_name(&venue.stack.shop_table).set_item(Some(item));
        put.send().await.unwrap();
    }
}

pub(crate) async fn a_shop_of_the_previous_release_takes_orders_and_keeps_its_numbers(venue: TestVenue) {
    store_shop(&venue).await;
    let read = async || answered(venue.anonymous.config(&venue.shop_id).await).settings;
    let before = read().await;
    assert_eq!((before.state.open, before.state.version, before.catalog.menu.len()), (true, 3, 1));
    // The open order of this customer is counted in an item of the previous release.
    let problem = refused(venue.scan(&venue.customer("ben")).await);
    assert_eq!(problem.code, "customer_limit", "{problem}");
    let order_id = venue.queued(&venue.customer("anna")).await;
    assert_eq!(venue.order(&order_id).await.order_number, Some(42));
    answered(wait::when_ready(deadline(), || venue.barista.complete(&order_id)).await);
    assert_eq!(venue.ended(&order_id).await.status, OrderStatus::Completed);
    venue.empty().await;
    let edited = answered(venue.admin.set_open(&venue.shop_id, true).await).settings;
    assert_eq!((edited.state.version, &edited.catalog), (4, &before.catalog));
    let key = venue.shop_item("SECRET").await.unwrap().remove("qrKey");
    assert_eq!(key, Some(AttributeValue::B(Blob::new(KEY))), "codes on displays must stay valid");
}
