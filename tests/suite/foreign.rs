//! Tests that the malformed and replayed events of `events/foreign` start nothing, are not retried,
//! and are recorded at most once.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_eventbridge::operation::start_replay::StartReplayError;
use aws_sdk_eventbridge::types::ReplayDestination;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{HistoryEvent, HistoryEventType};
use client::Resources;
use client::bus::{BusEvent, Scope, publish_as};
use client::dead_letters::{Selection, look};
use client::record::Record;
use client::wait;
use domain::event::REPLAY_SOURCE;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::patterns::{event_files, matching};
use end_to_end::venue::{TestVenue, answered};
use end_to_end::world::Emulator;
use end_to_end::{FunctionLogs, deadline, eventually};
use harness::sweeper;
use harness::workflow::{executions, history};
use serde_json::{Value, json};

use crate::faults::{ATTEMPTS, WorkflowCopy, break_publishing, end_of_execution};

/// Field that the test adds to an event, to find the event again.
pub(crate) const MARK: &str = "foreign";

/// Part of the task tokens in the files.
const SECRET: &str = "secret-of-a-foreign-workflow";

/// An event of `events/foreign`.
#[derive(Clone)]
struct Foreign {
    mark: String,
    source: String,
    detail_type: String,
    detail: Value,
    /// True if an archive delivers the event. LocalStack cannot replay, so there the test publishes
    /// the event with the source `REPLAY_SOURCE`.
    is_replayed: bool,
    is_projected: bool,
}

impl Foreign {
    /// The events, with the identifiers of this run.
    fn all(venue: &TestVenue) -> Vec<Self> {
        event_files("events/foreign").into_iter().map(|(name, text)| Self::new(venue, &name, &text)).collect()
    }

    fn new(venue: &TestVenue, name: &str, text: &str) -> Self {
        let order_id = format!("{}-{}", venue.shop_id, &name[..2]);
        let text = text.replace("THE-SHOP", venue.shop_id.as_str()).replace("THE-ORDER", &order_id);
        let event: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mark = format!("{}/{name}", venue.shop_id);
        let mut detail = event["detail"].clone();
        detail[MARK] = json!(mark);
        if let Some(length) = event["filler"].as_u64() {
            detail["filler"] = json!("x".repeat(usize::try_from(length).unwrap()));
        }
        let is_replay = event.get("replay-name").is_some();
        let is_replayed = is_replay && venue.world.emulator == Emulator::MiniStack;
        let source = if is_replay && !is_replayed { REPLAY_SOURCE } else { event["source"].as_str().unwrap() };
        Self {
            mark,
            source: source.to_owned(),
            detail_type: event["detail-type"].as_str().unwrap().to_owned(),
            detail,
            is_replayed,
            is_projected: matching(&event) == ["ProjectionRule"],
        }
    }

    async fn publish(&self, venue: &TestVenue) {
        answered(publish_as(&self.source, &venue.stack, &self.detail_type, &self.detail).await);
    }

    /// Returns the deliveries of the event to the tap, without the live delivery of a replayed
    /// event.
    fn deliveries(&self, tap: &Record) -> Vec<BusEvent> {
        let mut seen = tap.events();
        seen.retain(|event| event.detail[MARK] == self.mark && event.replay_name.is_some() == self.is_replayed);
        seen
    }
}

/// An archive of the bus that holds one event.
struct Archive {
    events: aws_sdk_eventbridge::Client,
    name: String,
    bus_arn: String,
    arn: String,
}

impl Archive {
    async fn of(venue: &TestVenue, event: &Foreign) -> Self {
        let events = aws_sdk_eventbridge::Client::new(&venue.stack.aws);
        let bus = events.describe_event_bus().name(&venue.stack.bus_name).send().await.unwrap();
        let (name, bus_arn) = (format!("{}-replay", venue.shop_id), bus.arn.unwrap());
        let pattern = json!({"source": [event.source], "detail": {MARK: [event.mark]}});
        let create = events.create_archive().archive_name(&name).event_source_arn(&bus_arn);
        let created = create.event_pattern(pattern.to_string()).retention_days(1).send().await.unwrap();
        Self { events, name, bus_arn, arn: created.archive_arn.unwrap() }
    }

    /// Starts the replay of what the archive holds.
    async fn replay(&self) {
        let destination = ReplayDestination::builder().arn(&self.bus_arn).build().unwrap();
        let (now, around) = (SystemTime::now(), Duration::from_mins(2));
        let replay = self.events.start_replay().replay_name(&self.name).event_source_arn(&self.arn);
        let replay = replay.event_start_time((now - around).into()).event_end_time((now + around).into());
        // The SDK sends the call again if the emulator answers late, and the replay exists by then.
        if let Err(error) = replay.destination(destination).send().await {
            let exists = error.as_service_error().is_some_and(StartReplayError::is_resource_already_exists_exception);
            assert!(exists, "the replay cannot be started: {error:?}");
        }
    }

    async fn remove(&self) {
        self.events.delete_archive().archive_name(&self.name).send().await.unwrap();
    }
}

/// Publishes the event live, as a valid order, and then replays it from an archive. Only
/// `replay-name` keeps the replayed event from starting another execution.
async fn replay(venue: &TestVenue, event: &Foreign) -> Archive {
    let archive = Archive::of(venue, event).await;
    event.publish(venue).await;
    let order_id = event.detail["orderId"].as_str().unwrap().parse().unwrap();
    answered(wait::order_is(&venue.customer("anna"), &order_id, OrderStatus::Created, deadline()).await);
    venue.cancel(&venue.barista, &order_id).await;
    archive.replay().await;
    archive
}

/// The executions that started at or after `since` and whose input contains `text`.
async fn executions_with(text: &str, venue: &TestVenue, since: SystemTime) -> Vec<DescribeExecutionOutput> {
    let (client, since) = (aws_sdk_sfn::Client::new(&venue.stack.aws), DateTime::from(since));
    let mut found = Vec::new();
    for execution in answered(executions(&venue.stack, None).await) {
        if *execution.start_date() >= since {
            let described = client.describe_execution().execution_arn(execution.execution_arn()).send().await.unwrap();
            found.push(described);
        }
    }
    found.retain(|execution| execution.input().is_some_and(|input| input.contains(text)));
    found
}

/// The number of failed attempts of all states. An expression fails before its task starts;
/// LocalStack records that twice, the second time without the name of the state.
async fn failed_attempts(venue: &TestVenue, execution_arn: &str) -> usize {
    let has_state = |event: &HistoryEvent| {
        event.evaluation_failed_event_details().is_none_or(|details| !details.state().is_empty())
    };
    let failed = [HistoryEventType::TaskFailed, HistoryEventType::EvaluationFailed];
    let events = answered(history(&venue.stack, execution_arn).await);
    events.iter().filter(|event| failed.contains(event.r#type()) && has_state(event)).count()
}

/// The number of dead-letter messages with this mark in all queues.
async fn dead_letters(venue: &TestVenue, mark: &str) -> usize {
    let listing = answered(look(&venue.stack, &Selection::default()).await);
    listing.messages.iter().filter(|message| message.body.to_string().contains(mark)).count()
}

/// The effects of the events.
#[derive(Debug, Default, PartialEq, Eq)]
struct Effects {
    executions: usize,
    retries: usize,
    dead_letters: usize,
    /// Number of events that the tap received exactly once.
    recorded: usize,
    /// Events by their number of lines that contain `ERROR`.
    errors: BTreeMap<usize, Vec<String>>,
}

impl Effects {
    async fn of(events: &[Foreign], venue: &TestVenue, tap: &Record, logs: &FunctionLogs) -> Self {
        let mark = format!("{}/", venue.shop_id);
        let mut effects = Self { dead_letters: dead_letters(venue, &mark).await, ..Self::default() };
        for execution in executions_with(&mark, venue, logs.since).await {
            let input = execution.input().unwrap_or_default();
            let published_live = events.iter().any(|event| event.is_replayed && input.contains(&event.mark));
            if !published_live || input.contains("replay-name") {
                effects.executions += 1;
                effects.retries += failed_attempts(venue, execution.execution_arn()).await.saturating_sub(1);
            }
        }
        for event in events {
            let deliveries = event.deliveries(tap);
            effects.recorded += usize::from(deliveries.len() == 1);
            let lines = logs.errors_about(&deliveries.first().unwrap().id).await;
            effects.retries += lines.saturating_sub(1);
            effects.errors.entry(lines).or_default().push(event.mark.clone());
        }
        effects
    }

    /// The expected effects: one line for each event that the projector's rule matches.
    fn expected(events: &[Foreign]) -> Self {
        let mut errors: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for event in events {
            errors.entry(usize::from(event.is_projected)).or_default().push(event.mark.clone());
        }
        Self { recorded: events.len(), errors, ..Self::default() }
    }
}

pub(crate) async fn no_deployed_rule_matches_a_replayed_event(venue: TestVenue) {
    let (client, resources) =
        (aws_sdk_eventbridge::Client::new(&venue.stack.aws), Resources::find(&venue.stack).await.unwrap());
    for (rule, file) in [("NewOrderRule", "Validator.NewOrder"), ("ProjectionRule", "OrderProcessor.OrderFailed")] {
        let name = resources.rule_name(rule).unwrap();
        let deployed = client.describe_rule().name(name).event_bus_name(&venue.stack.bus_name).send().await.unwrap();
        let live = event_files("events").remove(&format!("{file}.json")).unwrap();
        let mut replayed: Value = serde_json::from_str(&live).unwrap();
        replayed["replay-name"] = json!("a-replay");
        for (event, expected) in [(live, true), (replayed.to_string(), false)] {
            let test = client.test_event_pattern().event_pattern(deployed.event_pattern().unwrap()).event(&event);
            assert_eq!(test.send().await.unwrap().result(), expected, "{rule}: {event}");
        }
    }
}

pub(crate) async fn thirty_events_start_nothing(venue: TestVenue) {
    let events = Foreign::all(&venue);
    let tap = answered(Record::start(&venue.stack, Scope::EverySource).await);
    let logs = FunctionLogs::begin(&venue).await;
    let mut archives = Vec::new();
    for event in &events {
        if event.is_replayed {
            archives.push(replay(&venue, event).await);
        } else {
            event.publish(&venue).await;
        }
    }
    for event in &events {
        let seen = async || event.deliveries(&tap).pop();
        let delivery = eventually(&format!("{} is delivered", event.mark), seen).await;
        let recorded = async || (!event.is_projected || logs.errors_about(&delivery.id).await > 0).then_some(());
        eventually(&format!("{} is recorded", event.mark), recorded).await;
    }
    // By the time a later order is admitted, the bus has delivered the events.
    let later = venue.choosing(&venue.customer("bert")).await;
    venue.cancel(&venue.barista, &later).await;

    let effects = Effects::of(&events, &venue, &tap, &logs).await;
    tap.stop().await.unwrap();
    for archive in archives {
        archive.remove().await;
    }
    let Effects { executions, retries, dead_letters, recorded, .. } = &effects;
    let count = events.len();
    println!(
        "{count} events, {executions} executions, {retries} retries, {dead_letters} dead letters, {recorded} recorded"
    );
    assert_eq!(effects, Effects::expected(&events));
    assert_eq!((count, venue.in_flight().await), (30, 0));
    assert_eq!(logs.errors_about(SECRET).await, 0, "a line shows a task token");
    for line in logs.errors().await.iter().filter_map(|line| serde_json::from_str::<Value>(line.trim()).ok()) {
        assert!(line["level"] != "ERROR" || line["function"].is_string(), "the line names no function: {line}");
    }
    let public = venue.recorder().public.events();
    assert!(public.iter().all(|event| !event.detail.to_string().contains(SECRET)), "a consumer received a task token");
}

/// Starts three executions. In the first event an identifier is a list with a text, in the second
/// an empty text; the pattern of the rule does not distinguish them from other texts. The test
/// starts the third execution itself, because the rule matches no event without identifiers.
pub(crate) async fn an_order_that_cannot_be_read_fails_at_once_and_is_recorded_once(venue: TestVenue) {
    let valid = venue.new_order(&format!("{}-unread", venue.shop_id).parse().unwrap(), "anna");
    let with = |name: &str, value: Value| {
        let mut detail = valid.clone();
        detail[name] = value;
        detail
    };
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    for (name, detail, cause) in [
        ("list", with("orderId", json!([valid["orderId"]])), "Unreadable: "),
        ("empty", with("userId", json!("")), "Unreadable: "),
        ("nothing", json!({}), "States.QueryEvaluationError: "),
    ] {
        let logs = FunctionLogs::begin(&venue).await;
        let mark = format!("{}/{name}", venue.shop_id);
        let mut detail = detail;
        detail[MARK] = json!(mark);
        if name == "nothing" {
            let input = json!({ "detail": detail }).to_string();
            let start = client.start_execution().state_machine_arn(&venue.stack.order_processor_arn).input(input);
            start.send().await.unwrap();
        } else {
            venue.publish("Validator.NewOrder", &detail).await;
        }
        let started = async || executions_with(&mark, &venue, logs.since).await.pop();
        let started = eventually(&format!("the execution for {mark}"), started).await;
        let execution_arn = started.execution_arn();
        assert_eq!(end_of_execution(&client, execution_arn).await, "FAILED", "{name}");
        let ended = client.describe_execution().execution_arn(execution_arn).send().await.unwrap();
        assert_eq!(ended.error(), Some("WorkflowFailed"), "{name}");
        assert!(ended.cause().is_some_and(|text| text.starts_with(cause)), "{name}: {:?}", ended.cause());
        assert_eq!(failed_attempts(&venue, execution_arn).await, 1, "{name} is retried");

        let recorded = async || (logs.errors_about(execution_arn).await > 0).then_some(());
        eventually(&format!("{mark} is recorded"), recorded).await;
        assert!(sweeper::sweep(&venue.stack).await, "the sweep fails");
        assert_eq!(logs.errors_about(execution_arn).await, 1, "{name} is recorded again");
        assert_eq!(dead_letters(&venue, &mark).await, 0, "{name} is a dead letter");
        assert_eq!(executions_with(&mark, &venue, logs.since).await.len(), 1, "{name}");
    }
    assert_eq!((venue.in_flight().await, venue.open_orders_of("anna").await), (0, 0));
}

/// Invokes the sweeper with payloads without a `detail-type`, as a person may send them.
pub(crate) async fn a_run_of_the_sweeper_without_an_event_does_the_scheduled_work(venue: TestVenue) {
    let lambda = aws_sdk_lambda::Client::new(&venue.stack.aws);
    for (name, payload) in [("object", "{}"), ("null", "null"), ("list", "[]")] {
        let broken =
            WorkflowCopy::start(&venue, name, |definition| break_publishing(definition, "AwaitCustomer")).await;
        broken.ends("FAILED", ATTEMPTS).await;
        broken.delete_execution(&venue).await;
        let overdue = AttributeValue::S("2026-01-01T00:00:00.000Z".into());
        venue.set_order(&broken.order_id, "expiresAt", overdue).await;
        let invoke = lambda.invoke().function_name(&venue.stack.sweeper_function).payload(Blob::new(payload));
        // A run also sweeps the orders of the other tests. If a call about one of these fails
        // on a busy machine, the run fails, and the next run repeats the call.
        let mut answer = invoke.clone().send().await.unwrap();
        for _ in 1..ATTEMPTS {
            if answer.function_error().is_some() {
                answer = invoke.clone().send().await.unwrap();
            }
        }
        assert_eq!(answer.function_error(), None, "{payload}: {answer:?}");
        let order = venue.ended(&broken.order_id).await;
        assert_eq!((order.closed_by, order.reason.as_deref()), (Some(ClosedBy::System), Some("failed")), "{payload}");
        venue.empty().await;
        broken.remove().await;
    }
}
