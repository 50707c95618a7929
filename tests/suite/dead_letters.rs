//! Tests that dead-letter messages are listed without task tokens, and that presso redrives each
//! with one effect. The tests share the queues; each handles the messages of its own shop.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use client::dead_letters::Sender;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::proxy::{Loss, Proxy};
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::Emulator;
use end_to_end::{DeadLetters, FunctionLogs, deadline, eventually};
use harness::function::Function;
use serde_json::{Value, json};

use crate::faults::{ATTEMPTS, WorkflowCopy, break_publishing};

const NEW_ORDERS: &str = "NewOrderDeadLetters";
const PROJECTIONS: &str = "ProjectionDeadLetters";
const SWEEPS: &str = "SweepDeadLetters";
const SETTINGS: &str = "ConfigChangedDeadLetters";

/// Returns a property of the first message of a report.
fn of_first<'a>(report: &'a Value, name: &str) -> &'a str {
    report["letters"][0][name].as_str().unwrap_or_default()
}

/// Waits for an event about an order, and returns its number of deliveries.
async fn times(venue: &TestVenue, order_id: &OrderId, detail_type: &str) -> usize {
    venue.event(order_id, detail_type).await;
    venue.events(order_id).into_iter().filter(|event| event.detail_type == detail_type).count()
}

/// Sends a dead-letter message about a scan that started no workflow.
async fn unstarted(venue: &TestVenue, queues: &DeadLetters<'_>, queue: &str, user: &str) -> (OrderId, Value) {
    let order_id: OrderId = format!("{}-{user}", venue.shop_id).parse().unwrap();
    let event = queues.event("Validator.NewOrder", &venue.new_order(&order_id, user));
    queues.put_from_rule(queue, queues.physical_id("OrderProcessor"), &event).await;
    (order_id, event)
}

pub(crate) async fn a_scan_that_started_no_workflow_is_started_once(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let (order_id, event) = unstarted(&venue, &queues, NEW_ORDERS, "anna").await;
    let message = queues.arrives(NEW_ORDERS).await;
    assert_eq!((message.sender, message.target.as_deref()), (Sender::Rule, Some("OrderProcessor")));
    let shown = queues.shown(NEW_ORDERS).await;
    for word in [NEW_ORDERS, "Validator.NewOrder", order_id.as_str(), "THROTTLING", "Rate exceeded", "20"] {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }

    let (done, dry_run) = queues.redrive(NEW_ORDERS, &["--dry-run"]).await;
    assert_eq!((done, of_first(&dry_run, "outcome")), (true, "wouldBeSent"), "{dry_run}");
    assert!(venue.stored(&order_id).await.is_none(), "a dry run started the workflow");

    assert_eq!(queues.redrive_all(NEW_ORDERS).await, 1);
    answered(wait::order_is(&venue.customer("anna"), &order_id, OrderStatus::Created, deadline()).await);
    assert_eq!(queues.redrive_all(NEW_ORDERS).await, 0, "the message is still in the queue");

    // The message is sent again, as after an interrupted redrive.
    queues.put_from_rule(NEW_ORDERS, queues.physical_id("OrderProcessor"), &event).await;
    queues.arrives(NEW_ORDERS).await;
    assert_eq!(queues.redrive_all(NEW_ORDERS).await, 1);
    answered(wait::when_ready(deadline(), || venue.barista.cancel(&order_id, "")).await);
    venue.ended(&order_id).await;
    venue.empty().await;
    assert_eq!(times(&venue, &order_id, "OrderProcessor.WorkflowStarted").await, 1);
}

/// Kills presso while it sends a request that contains `mark`. The proxy loses this request, so all
/// messages stay in the queue, and the next redrive must deliver them. The queue is one that no
/// other test uses, because the received messages are hidden for some time. Each message names its
/// target, so any queue can hold it.
async fn killed_at(mark: &'static str, queue: &str, venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    venue.limits(10, 10, 1).await;
    let mut orders = Vec::new();
    for user in ["anna", "bert", "cora"] {
        orders.push(unstarted(&venue, &queues, queue, user).await.0);
    }
    eventually("three messages are in the queue", || async { (queues.in_queue(queue).await.len() == 3).then_some(()) })
        .await;

    let proxy = Proxy::losing(Loss::Requests(mark)).await;
    let mut redrive = queues.presso("redrive", queue, &[]);
    let mut killed = redrive.env("AWS_ENDPOINT_URL", &proxy.url).spawn().unwrap();
    eventually("presso sends the request", || async { (proxy.lost() > 0).then_some(()) }).await;
    killed.kill().await.unwrap();

    assert_eq!(
        queues.redrive_all(queue).await,
        3,
        "all messages are delivered, also those that had taken effect before"
    );
    for order_id in &orders {
        // The customer chooses no drink, so the short wait times out.
        venue.event(order_id, "OrderProcessor.OrderTimeOut").await;
        assert_eq!(venue.ended(order_id).await.status, OrderStatus::Cancelled);
        assert_eq!(times(&venue, order_id, "OrderProcessor.WorkflowStarted").await, 1);
    }
    venue.empty().await;
    assert_eq!(queues.redrive_all(queue).await, 0);
}

pub(crate) async fn a_redrive_killed_before_its_call_is_continued(venue: TestVenue) {
    killed_at("AWSStepFunctions.StartExecution", NEW_ORDERS, venue).await;
}

pub(crate) async fn a_redrive_killed_before_its_delete_is_continued(venue: TestVenue) {
    killed_at("AmazonSQS.DeleteMessage", SWEEPS, venue).await;
}

/// Uses the stack with short waits, because no other test uses this queue of that stack.
pub(crate) async fn listing_leaves_messages_in_the_queue(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let (order_id, _) = unstarted(&venue, &queues, PROJECTIONS, "anna").await;
    queues.arrives(PROJECTIONS).await;
    for _ in 0..2 {
        let found = queues.in_queue(PROJECTIONS).await;
        assert_eq!(
            found.iter().map(|message| message.order_id.as_deref()).collect::<Vec<_>>(),
            [Some(order_id.as_str())]
        );
    }
    queues.delete(&queues.arrives(PROJECTIONS).await.message_id).await;
    assert!(queues.in_queue(PROJECTIONS).await.is_empty());
}

pub(crate) async fn a_cancellation_whose_projection_failed_is_projected_once_by_a_redrive(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let order_id = venue.choosing(&venue.customer("anna")).await;
    // Capacity cannot be released while the counter is not a number.
    venue.set_shop("FLOOR", "inFlight", AttributeValue::S("broken".into())).await;
    answered(wait::when_ready(deadline(), || venue.barista.cancel(&order_id, "sold out")).await);
    let detail = venue.event(&order_id, "OrderManager.OrderCancelled").await;
    let event = queues.event("OrderManager.OrderCancelled", &detail);
    if venue.world.emulator == Emulator::MiniStack {
        // MiniStack's rules call a function once, without retries.
        queues.invoke_asynchronously("OrderProjector", &event).await;
    }
    let message = queues.arrives(PROJECTIONS).await;
    assert_eq!((message.sender, message.target.as_deref()), (Sender::Function, Some("OrderProjector")));
    assert_eq!(message.error.attempts, Some(3), "{:?}", message.error);
    let shown = queues.shown(PROJECTIONS).await;
    for word in ["OrderManager.OrderCancelled", order_id.as_str(), "NotProjected", "RetriesExhausted"] {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }

    let (done, report) = queues.redrive(PROJECTIONS, &[]).await;
    assert!(!done && report["stayed"] == 1, "redriven although the cause still exists: {report}");
    assert!(of_first(&report, "why").contains("NotProjected"), "{report}");
    assert_eq!(venue.order(&order_id).await.status, OrderStatus::Created);

    venue.set_shop("FLOOR", "inFlight", AttributeValue::N("1".into())).await;
    assert_eq!(queues.redrive_all(PROJECTIONS).await, 1);
    let order = venue.ended(&order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("sold out")));
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (0, 0));
    assert_eq!(queues.redrive_all(PROJECTIONS).await, 0);

    queues.put_from_rule(PROJECTIONS, &queues.function_arn(Function::OrderProjector).await, &event).await;
    queues.arrives(PROJECTIONS).await;
    assert_eq!(queues.redrive_all(PROJECTIONS).await, 1);
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (0, 0), "capacity was released twice");
}

pub(crate) async fn an_event_that_cannot_be_written_stays_in_the_queue_and_its_token_is_redacted(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let token = venue.with_token(&order_id, "customer").await["taskToken"].as_s().unwrap().clone();
    // Capacity cannot be released while the counter is not a number.
    venue.set_shop("FLOOR", "inFlight", AttributeValue::S("broken".into())).await;
    let detail = json!({
        "orderId": order_id.as_str(), "eventId": venue.shop_id.as_str(), "userId": "anna", "Message": "",
        "at": bootstrap::now().to_string(), "cause": "made up", "TaskToken": token
    });
    queues.invoke_asynchronously("OrderProjector", &queues.event("OrderProcessor.OrderFailed", &detail)).await;
    let message = queues.arrives(PROJECTIONS).await;
    let shown = queues.shown(PROJECTIONS).await;
    assert!(shown.contains("OrderProcessor.OrderFailed") && shown.contains("[redacted]"), "{shown}");
    assert!(!shown.contains(&token), "a task token is shown");

    let output = queues.presso("redrive", PROJECTIONS, &[]).output().await.unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("OrderProjector failed again") && !printed.contains(&token), "{printed}");
    assert_eq!(queues.arrives(PROJECTIONS).await.message_id, message.message_id, "the message stays");

    queues.delete(&message.message_id).await;
    assert_eq!(queues.redrive_all(PROJECTIONS).await, 0);
    venue.set_shop("FLOOR", "inFlight", AttributeValue::N("1".into())).await;
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn an_unreadable_event_is_recorded_once_and_redriven_without_effect(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let order_id = venue.choosing(&venue.customer("anna")).await;
    let before = venue.with_token(&order_id, "customer").await;
    let token = before["taskToken"].as_s().unwrap();
    let detail = json!({
        "orderId": order_id.as_str(), "eventId": venue.shop_id.as_str(), "userId": "anna", "Message": "",
        "at": "no time at all", "TaskToken": token, "step": "customer", "attempt": 0
    });
    let event = queues.event("OrderProcessor.TokenIssued", &detail);
    let bus_event_id = event["id"].as_str().unwrap().to_owned();
    let logs = FunctionLogs::begin(&venue).await;
    queues.invoke_asynchronously("OrderProjector", &event).await;
    let recorded = async || (logs.errors_about(&bus_event_id).await > 0).then_some(());
    eventually("the event is recorded", recorded).await;

    // The same event, in a dead-letter message of the rule.
    queues.put_from_rule(PROJECTIONS, &queues.function_arn(Function::OrderProjector).await, &event).await;
    queues.arrives(PROJECTIONS).await;
    let shown = queues.shown(PROJECTIONS).await;
    assert!(shown.contains("[redacted]") && !shown.contains(token), "a task token is shown");
    assert_eq!(queues.redrive_all(PROJECTIONS).await, 1);
    let recorded = async || (logs.errors_about(&bus_event_id).await > 1).then_some(());
    eventually("the redriven event is recorded", recorded).await;

    assert_eq!(logs.errors_about(&bus_event_id).await, 2, "one line for each invocation, and no retry");
    assert_eq!(logs.errors_about(token).await, 0, "a line shows the task token");
    assert!(queues.in_queue(PROJECTIONS).await.is_empty());
    assert_eq!(venue.stored(&order_id).await, Some(before));
    venue.cancel(&venue.barista, &order_id).await;
}

pub(crate) async fn a_failed_sweep_is_redriven_once(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let broken = WorkflowCopy::start(&venue, "swept", |definition| break_publishing(definition, "AwaitCustomer")).await;
    broken.ends("FAILED", ATTEMPTS).await;
    let order_id = broken.order_id.clone();
    let ended = broken.delete_execution(&venue).await;
    let version = venue.stored(&order_id).await.unwrap()["claimVersion"].clone();
    venue.set_order(&order_id, "claimVersion", AttributeValue::S("broken".into())).await;
    queues.invoke_asynchronously("Sweeper", &ended).await;
    let message = queues.arrives(SWEEPS).await;
    assert_eq!(
        (message.order_id.as_deref(), message.error.code.as_deref()),
        (Some(order_id.as_str()), Some("NotSwept"))
    );
    let (done, report) = queues.redrive(SWEEPS, &[]).await;
    assert!(!done && report["stayed"] == 1, "redriven although the cause still exists: {report}");

    venue.set_order(&order_id, "claimVersion", version).await;
    assert_eq!(queues.redrive_all(SWEEPS).await, 1);
    let order = venue.ended(&order_id).await;
    assert_eq!((order.closed_by, order.reason.as_deref()), (Some(ClosedBy::System), Some("failed")));
    assert_eq!((venue.in_flight().await, queues.redrive_all(SWEEPS).await), (0, 0));
    assert_eq!(times(&venue, &order_id, "OrderProcessor.OrderFailed").await, 1);
    broken.remove().await;
}

/// Counts the events about a version of the shop's settings.
fn published(venue: &TestVenue, version: u64) -> usize {
    let events = venue.recorder().public.events();
    let of_shop =
        |detail: &Value| detail["eventId"] == venue.shop_id.as_str() && detail["NewImage"]["version"] == version;
    events.iter().filter(|event| event.detail_type == "ConfigService.ConfigChanged" && of_shop(&event.detail)).count()
}

/// Waits for `times` events about a version. More may follow, because Lambda retries a record
/// together with an earlier one that failed.
async fn is_published(venue: &TestVenue, version: u64, times: usize) {
    let what = format!("version {version} is published {times} times");
    eventually(&what, || async { (published(venue, version) >= times).then_some(()) }).await;
}

/// Returns stream, shard and sequence number of the record of a version of the settings.
async fn record_of(venue: &TestVenue, version: u64) -> (String, String, String) {
    let table = venue.dynamodb.describe_table().table_name(&venue.stack.shop_table).send().await.unwrap();
    let stream_arn = table.table().unwrap().latest_stream_arn().unwrap().to_owned();
    let streams = aws_sdk_dynamodbstreams::Client::new(&venue.stack.aws);
    let stream = streams.describe_stream().stream_arn(&stream_arn).send().await.unwrap();
    for shard in stream.stream_description().unwrap().shards() {
        let shard_id = shard.shard_id().unwrap();
        let start = streams.get_shard_iterator().stream_arn(&stream_arn).shard_id(shard_id);
        let start = start.shard_iterator_type(ShardIteratorType::TrimHorizon).send().await.unwrap();
        let mut iterator = start.shard_iterator;
        while let Some(position) = iterator.take() {
            let page = streams.get_records().shard_iterator(position).send().await.unwrap();
            if let Some(number) = page.records().iter().find_map(|record| number_of(venue, record, version)) {
                return (stream_arn, shard_id.to_owned(), number);
            }
            iterator = page.next_shard_iterator.filter(|_| !page.records.unwrap_or_default().is_empty());
        }
    }
    panic!("version {version} of {} is in no shard", venue.shop_id);
}

fn number_of(venue: &TestVenue, record: &Record, version: u64) -> Option<String> {
    let change: &StreamRecord = record.dynamodb()?;
    let text = |name: &str| change.keys()?.get(name)?.as_s().ok();
    let found = change.new_image()?.get("version")?.as_n().ok()?;
    let fits = text("eventId")? == venue.shop_id.as_str() && text("item")? == "STATE" && *found == version.to_string();
    change.sequence_number().filter(|_| fits).map(str::to_owned)
}

pub(crate) async fn unpublished_settings_are_read_from_the_stream_again(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let version = venue.limits(3, 4, 5).await.settings.state.version;
    is_published(&venue, version, 1).await;
    let (stream_arn, shard_id, number) = record_of(&venue, version).await;
    queues.put_from_stream(SETTINGS, &stream_arn, &shard_id, &number).await;
    let message = queues.arrives(SETTINGS).await;
    assert_eq!((message.sender, message.target.as_deref()), (Sender::Stream, Some("ConfigChanged")));
    let before = published(&venue, version);
    assert_eq!(queues.redrive_all(SETTINGS).await, 1);
    is_published(&venue, version, before + 1).await;
    assert_eq!(queues.redrive_all(SETTINGS).await, 0);
}

pub(crate) async fn deleted_stream_records_are_not_redriven_and_presso_says_what_to_do(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let version = venue.limits(3, 4, 5).await.settings.state.version;
    let (stream_arn, _, number) = record_of(&venue, version).await;
    // A shard that does not exist stands for one that was deleted with its records after 24 hours.
    let id = queues.put_from_stream(SETTINGS, &stream_arn, "shardId-00000000000000000001-00000000", &number).await;
    let advice = eventually("presso tries the message", || async {
        let output = queues.presso_on_message("redrive", &id, &["--json", "--queue", SETTINGS]).output().await.unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!output.status.success(), "{report}");
        Some(of_first(&report, "why").to_owned()).filter(|why| !why.is_empty())
    })
    .await;
    assert!(advice.contains("24 hours") && advice.contains("edit the settings again"), "{advice}");
    queues.delete(&id).await;
}

/// Needs an emulator that supports `ReportBatchItemFailures`.
pub(crate) async fn unreadable_settings_do_not_delay_later_edits(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let version = venue.limits(3, 4, 5).await.settings.state.version;
    venue.set_shop("STATE", "version", AttributeValue::S("poison".into())).await;
    // The next edit is valid. Both records may be in one batch.
    venue.set_shop("STATE", "version", AttributeValue::N((version + 1).to_string())).await;
    is_published(&venue, version + 1, 1).await;
    let message = queues.arrives(SETTINGS).await;
    assert_eq!((message.sender, message.error.condition.as_deref()), (Sender::Stream, Some("RetryAttemptsExhausted")));
    let (done, report) = queues.redrive(SETTINGS, &[]).await;
    assert!(!done && report["stayed"] == 1, "an unreadable record was redriven: {report}");
    assert!(of_first(&report, "why").contains("edit the settings there again"), "{report}");
    let next = venue.limits(6, 7, 8).await.settings.state.version;
    is_published(&venue, next, 1).await;
    queues.delete(&message.message_id).await;
    assert_eq!(queues.redrive_all(SETTINGS).await, 0);
}

/// Uses the stack with short waits. While the bus cannot be reached, the stack publishes no edit of
/// any of its shops.
pub(crate) async fn settings_are_published_by_a_redrive_when_the_bus_answers_again(venue: TestVenue) {
    let queues = DeadLetters::find(&venue).await;
    let bus = "AWS_ENDPOINT_URL_EVENTBRIDGE";
    queues.set_variable("ConfigChanged", bus, Some("http://127.0.0.1:9")).await;
    let version = venue.limits(3, 4, 5).await.settings.state.version;
    let message = queues.arrives(SETTINGS).await;
    assert_eq!((message.sender, message.error.attempts), (Sender::Stream, Some(5)));
    let (done, report) = queues.redrive(SETTINGS, &[]).await;
    assert!(!done && report["stayed"] == 1, "redriven although the cause still exists: {report}");
    assert_eq!(published(&venue, version), 0);
    queues.set_variable("ConfigChanged", bus, None).await;
    queues.redrive_queue(SETTINGS).await;
    is_published(&venue, version, 1).await;
    assert_eq!((published(&venue, version), queues.in_queue(SETTINGS).await.len()), (1, 0));
}
