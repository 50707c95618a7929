//! What could not be delivered lies in a queue, is shown without tokens, and is sent back by the real program once its cause is
//! mended: with effect, and with one. Each test has its own shop's letters in the queues that all share.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use client::dead_letters::Sender;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered};
use end_to_end::proxy::Proxy;
use end_to_end::world::Emulator;
use end_to_end::{DeadLetters, deadline, eventually};
use serde_json::{Value, json};

use crate::faults::{BrokenWorkflow, TRIES};

const NEW_ORDERS: &str = "NewOrderDeadLetters";
const PROJECTIONS: &str = "ProjectionDeadLetters";
const SWEEPS: &str = "SweepDeadLetters";
const SETTINGS: &str = "ConfigChangedDeadLetters";

/// How often an event about an order was heard, once it was: a busy bus is heard late.
async fn times(bar: &TestVenue, order_id: &OrderId, detail_type: &str) -> usize {
    bar.event(order_id, detail_type).await;
    bar.events(order_id).into_iter().filter(|event| event.detail_type == detail_type).count()
}

/// Puts a letter about a scan that started no workflow into a queue.
async fn unstarted(bar: &TestVenue, letters: &DeadLetters<'_>, queue: &str, user: &str) -> (OrderId, Value) {
    let order_id: OrderId = format!("{}-{user}", bar.shop_id).parse().unwrap();
    let event = letters.event("Validator.NewOrder", &bar.new_order(&order_id, user));
    letters.put_from_rule(queue, letters.physical_id("OrderProcessor"), &event).await;
    (order_id, event)
}

pub(crate) async fn a_scan_that_started_no_workflow_is_started_once(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let (order_id, event) = unstarted(&bar, &letters, NEW_ORDERS, "anna").await;
    let letter = letters.arrives(NEW_ORDERS).await;
    assert_eq!((letter.sender, letter.target.as_deref()), (Sender::Rule, Some("OrderProcessor")));
    let shown = letters.shown(NEW_ORDERS).await;
    for word in [NEW_ORDERS, "Validator.NewOrder", order_id.as_str(), "THROTTLING", "Rate exceeded", "20"] {
        assert!(shown.contains(word), "{word} is not shown: {shown}");
    }

    let (done, rehearsal) = letters.redrive(NEW_ORDERS, &["--dry-run"]).await;
    assert_eq!((done, &rehearsal["letters"][0]["outcome"]), (true, &json!("wouldBeSent")), "{rehearsal}");
    assert!(bar.stored(&order_id).await.is_none(), "a rehearsal starts nothing");

    assert_eq!(letters.redrive_all(NEW_ORDERS).await, 1);
    answered(wait::order_is(&bar.customer("anna"), &order_id, OrderStatus::Created, deadline()).await);
    assert_eq!(letters.redrive_all(NEW_ORDERS).await, 0, "it is there no more");

    // The same letter a second time, as queues may give one, and a redrive that was not heard of may leave one.
    letters.put_from_rule(NEW_ORDERS, letters.physical_id("OrderProcessor"), &event).await;
    letters.arrives(NEW_ORDERS).await;
    assert_eq!(letters.redrive_all(NEW_ORDERS).await, 1);
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.ended(&order_id).await;
    bar.empty().await;
    assert_eq!(times(&bar, &order_id, "OrderProcessor.WorkflowStarted").await, 1);
}

/// Kills the real program as it sends a request with `mark`, which never arrives. The next run goes on with what is left: with
/// all of it, since nothing was taken away. In the stack and in a queue that no other test works on: whatever the killed program
/// had in hand is hidden for some time. A letter says itself where it is to go, in whichever queue it lies.
async fn killed_at(mark: &'static str, queue: &str, bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    bar.limits(10, 10, 1).await;
    let mut orders = Vec::new();
    for user in ["anna", "bert", "cora"] {
        orders.push(unstarted(&bar, &letters, queue, user).await.0);
    }
    eventually("three letters are there", || async { (letters.in_queue(queue).await.len() == 3).then_some(()) }).await;

    let proxy = Proxy::swallowing(&client::stack::emulator().unwrap(), mark).await;
    let mut redrive = letters.presso("redrive", queue, &[]);
    let mut killed = redrive.env("AWS_ENDPOINT_URL", &proxy.url).spawn().unwrap();
    eventually("a letter is in hand", || async { (proxy.lost() > 0).then_some(()) }).await;
    killed.kill().await.unwrap();

    assert_eq!(letters.redrive_all(queue).await, 3, "all are still there, those that took effect too");
    for order_id in &orders {
        // Nobody chooses, and the time is soon up.
        bar.event(order_id, "OrderProcessor.OrderTimeOut").await;
        assert_eq!(bar.ended(order_id).await.status, OrderStatus::Cancelled);
        assert_eq!(times(&bar, order_id, "OrderProcessor.WorkflowStarted").await, 1);
    }
    bar.empty().await;
    assert_eq!(letters.redrive_all(queue).await, 0);
}

pub(crate) async fn a_redrive_that_is_killed_before_a_target_takes_a_letter_is_gone_on_with(bar: TestVenue) {
    killed_at("AWSStepFunctions.StartExecution", NEW_ORDERS, bar).await;
}

pub(crate) async fn a_redrive_that_is_killed_before_it_takes_a_letter_away_is_gone_on_with(bar: TestVenue) {
    killed_at("AmazonSQS.DeleteMessage", SWEEPS, bar).await;
}

/// In the stack where nobody else looks into this queue.
pub(crate) async fn looking_takes_nothing_away(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let (order_id, _) = unstarted(&bar, &letters, PROJECTIONS, "anna").await;
    letters.arrives(PROJECTIONS).await;
    for _ in 0..2 {
        let found = letters.in_queue(PROJECTIONS).await;
        assert_eq!(
            found.iter().map(|letter| letter.order_id.as_deref()).collect::<Vec<_>>(),
            [Some(order_id.as_str())]
        );
    }
    letters.delete(&letters.arrives(PROJECTIONS).await.message_id).await;
    assert!(letters.in_queue(PROJECTIONS).await.is_empty());
}

/// Writes an attribute of an item of the shop's.
async fn set(bar: &TestVenue, item: &str, name: &str, value: AttributeValue) {
    let update = bar.dynamodb.update_item().table_name(&bar.stack.shop_table);
    let update = update.key("eventId", AttributeValue::S(bar.shop_id.to_string()));
    let update = update.key("item", AttributeValue::S(item.into())).update_expression("SET #name = :value");
    update.expression_attribute_names("#name", name).expression_attribute_values(":value", value).send().await.unwrap();
}

pub(crate) async fn an_end_that_could_not_be_written_is_written_once(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let order_id = bar.choosing(&bar.customer("anna")).await;
    // No place can be given back while the count of places is none.
    set(&bar, "FLOOR", "inFlight", AttributeValue::S("broken".into())).await;
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "sold out")).await);
    let detail = bar.event(&order_id, "OrderManager.OrderCancelled").await;
    let event = letters.event("OrderManager.OrderCancelled", &detail);
    if bar.world.emulator == Emulator::MiniStack {
        // Its rules call functions once; Lambda's own retries it has.
        letters.invoke_asynchronously("OrderProjector", &event).await;
    }
    let letter = letters.arrives(PROJECTIONS).await;
    assert_eq!((letter.sender, letter.target.as_deref()), (Sender::Function, Some("OrderProjector")));
    assert_eq!(letter.error.attempts, Some(3), "{:?}", letter.error);
    let shown = letters.shown(PROJECTIONS).await;
    for word in ["OrderManager.OrderCancelled", order_id.as_str(), "NotProjected", "RetriesExhausted"] {
        assert!(shown.contains(word), "{word} is not shown: {shown}");
    }

    let (done, report) = letters.redrive(PROJECTIONS, &[]).await;
    assert!(!done && report["stayed"] == 1, "the cause is still there: {report}");
    assert!(report["letters"][0]["why"].as_str().unwrap().contains("NotProjected"), "{report}");
    assert_eq!(bar.order(&order_id).await.status, OrderStatus::Created);

    set(&bar, "FLOOR", "inFlight", AttributeValue::N("1".into())).await;
    assert_eq!(letters.redrive_all(PROJECTIONS).await, 1);
    let order = bar.ended(&order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("sold out")));
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (0, 0));
    assert_eq!(letters.redrive_all(PROJECTIONS).await, 0);

    letters.put_from_rule(PROJECTIONS, &letters.function_arn("OrderProjector").await, &event).await;
    letters.arrives(PROJECTIONS).await;
    assert_eq!(letters.redrive_all(PROJECTIONS).await, 1);
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (0, 0), "a place is given back once");
}

pub(crate) async fn an_event_that_nobody_can_read_stays_and_shows_no_token(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let order_id = bar.choosing(&bar.customer("anna")).await;
    let token = bar.with_token(&order_id, "customer").await["taskToken"].as_s().unwrap().clone();
    let detail = json!({
        "orderId": order_id.as_str(), "eventId": bar.shop_id.as_str(), "userId": "anna", "Message": "",
        "at": "no time at all", "TaskToken": token, "step": "customer", "attempt": 0
    });
    letters.invoke_asynchronously("OrderProjector", &letters.event("OrderProcessor.TokenIssued", &detail)).await;
    let letter = letters.arrives(PROJECTIONS).await;
    let shown = letters.shown(PROJECTIONS).await;
    assert!(shown.contains("OrderProcessor.TokenIssued") && shown.contains("[redacted]"), "{shown}");
    assert!(!shown.contains(&token), "a token is shown");

    let output = letters.presso("redrive", PROJECTIONS, &[]).output().await.unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("OrderProjector failed again") && !printed.contains(&token), "{printed}");
    assert_eq!(letters.arrives(PROJECTIONS).await.message_id, letter.message_id, "it lies where it was");

    letters.delete(&letter.message_id).await;
    assert_eq!(letters.redrive_all(PROJECTIONS).await, 0);
    answered(wait::when_ready(deadline(), || bar.barista.cancel(&order_id, "")).await);
    bar.empty().await;
}

/// Writes an attribute of a stored order.
async fn set_order(bar: &TestVenue, order_id: &OrderId, name: &str, value: AttributeValue) {
    let update = bar.dynamodb.update_item().table_name(&bar.stack.orders_table);
    let update = update.key("orderId", AttributeValue::S(order_id.to_string())).update_expression("SET #name = :value");
    update.expression_attribute_names("#name", name).expression_attribute_values(":value", value).send().await.unwrap();
}

pub(crate) async fn a_sweep_that_failed_is_made_up_for_once(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let broken = BrokenWorkflow::start(&bar, "swept", |definition| {
        definition["States"]["AwaitCustomer"]["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
    })
    .await;
    broken.ends("FAILED", TRIES).await;
    let order_id = broken.order_id.clone();
    let version = bar.stored(&order_id).await.unwrap()["claimVersion"].clone();
    set_order(&bar, &order_id, "claimVersion", AttributeValue::S("broken".into())).await;
    letters.invoke_asynchronously("Sweeper", &broken.ended_event().await).await;
    let letter = letters.arrives(SWEEPS).await;
    assert_eq!((letter.order_id.as_deref(), letter.error.code.as_deref()), (Some(order_id.as_str()), Some("NotSwept")));
    let (done, report) = letters.redrive(SWEEPS, &[]).await;
    assert!(!done && report["stayed"] == 1, "the cause is still there: {report}");

    set_order(&bar, &order_id, "claimVersion", version).await;
    assert_eq!(letters.redrive_all(SWEEPS).await, 1);
    let order = bar.ended(&order_id).await;
    assert_eq!((order.closed_by, order.reason.as_deref()), (Some(ClosedBy::System), Some("failed")));
    assert_eq!((bar.in_flight().await, letters.redrive_all(SWEEPS).await), (0, 0));
    assert_eq!(times(&bar, &order_id, "OrderProcessor.OrderFailed").await, 1);
    broken.remove().await;
}

/// How often a version of the shop's settings was announced.
fn announced(bar: &TestVenue, version: u64) -> usize {
    let heard = bar.recorder().public();
    let of_shop =
        |detail: &Value| detail["eventId"] == bar.shop_id.as_str() && detail["NewImage"]["version"] == version;
    heard.iter().filter(|event| event.detail_type == "ConfigService.ConfigChanged" && of_shop(&event.detail)).count()
}

/// An event may come more than once: what lies behind a bad record is announced as often as that one is tried.
async fn is_announced(bar: &TestVenue, version: u64, times: usize) {
    let what = format!("version {version} is announced {times} times");
    eventually(&what, || async { (announced(bar, version) >= times).then_some(()) }).await;
}

/// The shard and the number of the stream's record of a version of the shop's settings, and the stream.
async fn record_of(bar: &TestVenue, version: u64) -> (String, String, String) {
    let table = bar.dynamodb.describe_table().table_name(&bar.stack.shop_table).send().await.unwrap();
    let stream_arn = table.table().unwrap().latest_stream_arn().unwrap().to_owned();
    let streams = aws_sdk_dynamodbstreams::Client::new(&bar.stack.aws);
    let stream = streams.describe_stream().stream_arn(&stream_arn).send().await.unwrap();
    for shard in stream.stream_description().unwrap().shards() {
        let shard_id = shard.shard_id().unwrap();
        let start = streams.get_shard_iterator().stream_arn(&stream_arn).shard_id(shard_id);
        let start = start.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await.unwrap();
        let mut iterator = start.shard_iterator;
        while let Some(position) = iterator.take() {
            let page = streams.get_records().shard_iterator(position).send().await.unwrap();
            if let Some(number) = page.records().iter().find_map(|record| number_of(bar, record, version)) {
                return (stream_arn, shard_id.to_owned(), number);
            }
            iterator = page.next_shard_iterator.filter(|_| !page.records.unwrap_or_default().is_empty());
        }
    }
    panic!("version {version} of {} is in no shard", bar.shop_id);
}

fn number_of(bar: &TestVenue, record: &Record, version: u64) -> Option<String> {
    let change: &StreamRecord = record.dynamodb()?;
    let text = |name: &str| change.keys()?.get(name)?.as_s().ok();
    let found = change.new_image()?.get("version")?.as_n().ok()?;
    let fits = text("eventId")? == bar.shop_id.as_str() && text("item")? == "CONFIG" && *found == version.to_string();
    change.sequence_number().filter(|_| fits).map(str::to_owned)
}

/// What Lambda writes of records that a function failed on.
async fn unannounced(letters: &DeadLetters<'_>, stream_arn: &str, shard_id: &str, number: &str) -> String {
    let letter = json!({
        "requestContext": {
            "requestId": "316aa6d0-8154-xmpl-9af7-85d5f4a6bc81", "functionArn": letters.function_arn("ConfigChanged").await,
            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 5
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": "2026-11-14T00:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": shard_id, "startSequenceNumber": number, "endSequenceNumber": number, "batchSize": 1,
            "approximateArrivalOfFirstRecord": "2026-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2026-11-14T00:13:19Z", "streamArn": stream_arn
        }
    });
    letters.put(SETTINGS, &letter, &[]).await
}

pub(crate) async fn settings_that_were_not_announced_are_read_from_the_stream_again(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let version = bar.limits(3, 4, 5).await.settings.version;
    is_announced(&bar, version, 1).await;
    let (stream_arn, shard_id, number) = record_of(&bar, version).await;
    unannounced(&letters, &stream_arn, &shard_id, &number).await;
    let letter = letters.arrives(SETTINGS).await;
    assert_eq!((letter.sender, letter.target.as_deref()), (Sender::Stream, Some("ConfigChanged")));
    let before = announced(&bar, version);
    assert_eq!(letters.redrive_all(SETTINGS).await, 1);
    is_announced(&bar, version, before + 1).await;
    assert_eq!(letters.redrive_all(SETTINGS).await, 0);
}

pub(crate) async fn settings_that_the_stream_has_forgotten_stay_and_say_what_to_do(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let version = bar.limits(3, 4, 5).await.settings.version;
    let (stream_arn, _, number) = record_of(&bar, version).await;
    // A shard is gone as its records are, after 24 hours.
    let id = unannounced(&letters, &stream_arn, "shardId-00000000000000000001-00000000", &number).await;
    let told = eventually("the letter is tried", || async {
        let output = letters.presso_on_message("redrive", &id, &["--json", "--queue", SETTINGS]).output().await.unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!output.status.success(), "{report}");
        report["letters"][0]["why"].as_str().map(str::to_owned)
    })
    .await;
    assert!(told.contains("24 hours") && told.contains("edit the settings again"), "{told}");
    letters.delete(&id).await;
}

/// On an emulator that takes a function's word for what it could not handle.
pub(crate) async fn settings_that_cannot_be_read_hold_up_nobody(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let version = bar.limits(3, 4, 5).await.settings.version;
    set(&bar, "CONFIG", "version", AttributeValue::S("poison".into())).await;
    // As if two edits had come at once: the second one is good.
    set(&bar, "CONFIG", "version", AttributeValue::N((version + 1).to_string())).await;
    is_announced(&bar, version + 1, 1).await;
    let letter = letters.arrives(SETTINGS).await;
    assert_eq!((letter.sender, letter.error.condition.as_deref()), (Sender::Stream, Some("RetryAttemptsExhausted")));
    let (done, report) = letters.redrive(SETTINGS, &[]).await;
    assert!(!done && report["stayed"] == 1, "it can never be read: {report}");
    assert!(report["letters"][0]["why"].as_str().unwrap().contains("edit the settings there again"), "{report}");
    let next = bar.limits(6, 7, 8).await.settings.version;
    is_announced(&bar, next, 1).await;
    letters.delete(&letter.message_id).await;
    assert_eq!(letters.redrive_all(SETTINGS).await, 0);
}

/// In the stack where nobody else waits for announcements: all of them fail meanwhile.
pub(crate) async fn settings_that_could_not_be_announced_are_announced_once_the_bus_answers(bar: TestVenue) {
    let letters = DeadLetters::of(&bar).await;
    let bus = "AWS_ENDPOINT_URL_EVENTBRIDGE";
    letters.set_variables("ConfigChanged", &[(bus, Some("http://127.0.0.1:9"))]).await;
    let version = bar.limits(3, 4, 5).await.settings.version;
    let letter = letters.arrives(SETTINGS).await;
    assert_eq!((letter.sender, letter.error.attempts), (Sender::Stream, Some(5)));
    let (done, report) = letters.redrive(SETTINGS, &[]).await;
    assert!(!done && report["stayed"] == 1, "the cause is still there: {report}");
    assert_eq!(announced(&bar, version), 0);
    letters.set_variables("ConfigChanged", &[(bus, None)]).await;
    letters.redrive_queue(SETTINGS).await;
    is_announced(&bar, version, 1).await;
    assert_eq!((announced(&bar, version), letters.in_queue(SETTINGS).await.len()), (1, 0));
}
