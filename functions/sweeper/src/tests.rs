use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bootstrap::testing::{Logged, measured};
use domain::order::{Order, OrderStatus};
use domain::workflow::{AdmissionRequest, Execution};
use serde_json::{Value, json};

use super::invocation::EXECUTION_ENDED;
use super::*;

const NOW: i64 = 1_800_000_000_000;

/// Fake of the orders table: orders, and recorded failed admissions with true if announced.
struct Orders(HashMap<String, StoredOrder>, Mutex<Vec<(AdmissionRequest, bool)>>);

impl ReadOrder for Orders {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        Ok(self.0.get(order_id.as_str()).cloned())
    }
}

impl OpenOrders for Orders {
    /// Lists every order, and one that does not exist, as a lagging index may.
    async fn overdue(&self, shard: u32, _: Timestamp) -> Result<Vec<OrderId>, AdapterError> {
        let ids = self.0.keys().map(String::as_str).chain(["gone"]);
        Ok(if shard == 0 { ids.map(|id| id.parse().unwrap()).collect() } else { Vec::new() })
    }
}

impl RecordFailure for Orders {
    async fn record_failure(&self, request: &AdmissionRequest, _: Timestamp) -> Result<bool, AdapterError> {
        let mut recorded = self.1.lock().unwrap();
        let first = recorded.iter().all(|(known, _)| known.order_id != request.order_id);
        if first {
            recorded.push((request.clone(), false));
        }
        Ok(first)
    }

    async fn mark_announced(&self, order_id: &OrderId) -> Result<(), AdapterError> {
        self.1
            .lock()
            .unwrap()
            .iter_mut()
            .filter(|(known, _)| known.order_id == *order_id)
            .for_each(|known| known.1 = true);
        Ok(())
    }
}

struct Executions {
    now: Execution,
    once_stopped: Option<Execution>,
    stopped: Mutex<Vec<String>>,
    /// Input of the only failed execution in the list.
    failed_input: Option<String>,
    /// True if listing executions fails.
    unlisted: bool,
    /// Number of reads of an input.
    inputs: AtomicUsize,
}

/// Input without a customer. No event that the rule matches has it; an execution that a person
/// started may have it.
const WITHOUT_CUSTOMER: &str = r#"{"detail":{"orderId":"requested","eventId":"bar"}}"#;

impl FindFailed for Executions {
    async fn failed_since(&self, state_machine_arn: &str, since: Timestamp) -> Result<Vec<String>, AdapterError> {
        if self.unlisted {
            return Err(AdapterError::Contended { operation: "ListExecutions" });
        }
        assert_eq!((state_machine_arn, since), ("machine", Timestamp::from_millis(NOW).minus(LOOKBACK)));
        Ok(self.failed_input.iter().map(|_| "mine".to_owned()).collect())
    }

    async fn input(&self, _: &str) -> Result<Option<String>, AdapterError> {
        self.inputs.fetch_add(1, Ordering::Relaxed);
        Ok(self.failed_input.clone())
    }
}

impl InspectExecution for Executions {
    async fn describe(&self, _: &str) -> Result<Execution, AdapterError> {
        let stopped = !self.stopped.lock().unwrap().is_empty();
        Ok(self.once_stopped.clone().filter(|_| stopped).unwrap_or_else(|| self.now.clone()))
    }

    async fn stop(&self, execution_arn: &str, _: &str) -> Result<(), AdapterError> {
        self.stopped.lock().unwrap().push(execution_arn.to_owned());
        Ok(())
    }
}

#[derive(Default)]
struct Bus(Mutex<Vec<Entry>>);

impl Publish for Bus {
    async fn publish(&self, entries: Vec<Entry>) -> Result<(), AdapterError> {
        self.0.lock().unwrap().extend(entries);
        Ok(())
    }
}

type TestSweeper = Sweeper<Orders, Executions, Bus>;

fn order(status: OrderStatus, expired_ago_secs: i64) -> StoredOrder {
    let time = Timestamp::from_millis(NOW - 1_000_000);
    let order = Order {
        order_id: "o".parse().unwrap(),
        shop_id: "bar".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        status,
        order_number: None,
        drink_order: None,
        barista_user_id: None,
        claimed_at: None,
        claim_version: 0,
        created_at: time,
        updated_at: time,
        expires_at: (!status.is_final()).then_some(Timestamp::from_millis(NOW - expired_ago_secs * 1000)),
        reason: None,
        closed_by: None,
        called_at: None,
    };
    StoredOrder {
        order,
        execution_arn: "mine".into(),
        token: None,
        closed_by_user_id: None,
        previous_barista_user_id: None,
        released_at: None,
    }
}

fn sweeper(stored: StoredOrder, now: Execution) -> TestSweeper {
    Sweeper {
        orders: Orders(HashMap::from([("o".to_owned(), stored)]), Mutex::default()),
        executions: Executions {
            now,
            once_stopped: None,
            stopped: Mutex::default(),
            failed_input: None,
            unlisted: false,
            inputs: AtomicUsize::new(0),
        },
        bus: Bus::default(),
        state_machine_arn: "machine".into(),
        handled: Handled::default(),
        now: || Timestamp::from_millis(NOW),
    }
}

async fn on_schedule(sweeper: &TestSweeper) -> Vec<Entry> {
    let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    sweeper.handle(serde_json::from_value(event).unwrap()).await.unwrap();
    std::mem::take(&mut *sweeper.bus.0.lock().unwrap())
}

async fn on_failure_of(sweeper: &TestSweeper, execution_arn: &str, input: &str) -> Vec<Entry> {
    let detail = json!({"executionArn": execution_arn, "status": "FAILED", "input": input});
    let event = json!({"detail-type": EXECUTION_ENDED, "source": "aws.states", "detail": detail});
    sweeper.handle(serde_json::from_value(event).unwrap()).await.unwrap();
    std::mem::take(&mut *sweeper.bus.0.lock().unwrap())
}

fn failed() -> Execution {
    let at = Some(Timestamp::from_millis(NOW - 5_000));
    Execution::Failed { at, cause: "FAILED: States.Runtime".into(), outcome: None }
}

#[tokio::test]
async fn each_sweep_of_a_failed_execution_publishes_the_same_order_failed() {
    let sweeper = sweeper(order(OrderStatus::Created, 60), failed());
    let (first, second) = (on_schedule(&sweeper).await, on_schedule(&sweeper).await);
    assert_eq!(first, second);
    assert_eq!(first[0].detail_type, "OrderProcessor.OrderFailed");
    let detail: Value = serde_json::from_str(&first[0].detail).unwrap();
    assert_eq!((&detail["orderId"], &detail["cause"]), (&json!("o"), &json!("FAILED: States.Runtime")));
    assert_eq!(detail["at"], "2027-01-15T07:59:55.000Z");
}

#[tokio::test]
async fn the_outcome_of_a_succeeded_execution_is_published_as_recorded() {
    let detail = json!({
        "orderId": "o", "userId": "anna", "eventId": "bar", "Message": "m", "at": "2027-01-15T07:00:00.000Z",
        "cause": "customer"
    });
    let output = json!({"entries": [{"DetailType": "OrderProcessor.OrderTimeOut", "Detail": detail}]}).to_string();
    let sweeper = sweeper(order(OrderStatus::Created, 60), Execution::Succeeded { output });
    let published = on_schedule(&sweeper).await;
    assert_eq!(published[0].detail_type, "OrderProcessor.OrderTimeOut");
    assert_eq!(serde_json::from_str::<Value>(&published[0].detail).unwrap(), detail);
}

#[tokio::test]
async fn an_execution_whose_output_does_not_end_the_order_counts_as_failed() {
    for output in ["", "{}", r#"{"entries":[]}"#, r#"{"entries":[{"DetailType":"x","Detail":{}}]}"#] {
        let sweeper = sweeper(order(OrderStatus::Created, 60), Execution::Succeeded { output: output.into() });
        assert_eq!(on_schedule(&sweeper).await[0].detail_type, "OrderProcessor.OrderFailed", "{output}");
    }
}

#[tokio::test]
async fn a_running_execution_is_stopped_only_after_every_time_out_has_passed() {
    let running = |secs: i64| Execution::Running { since: Timestamp::from_millis(NOW - secs * 1000) };
    let young = sweeper(order(OrderStatus::Waiting, 60), running(2_400));
    assert!(on_schedule(&young).await.is_empty());
    assert!(young.executions.stopped.lock().unwrap().is_empty());
    let mut old = sweeper(order(OrderStatus::Waiting, 60), running(2_500));
    assert!(on_schedule(&old).await.is_empty(), "nothing is published before the execution has ended");
    assert_eq!(*old.executions.stopped.lock().unwrap(), ["mine"]);
    old.executions.once_stopped = Some(failed());
    assert_eq!(on_schedule(&old).await[0].detail_type, "OrderProcessor.OrderFailed");
}

#[tokio::test]
async fn an_execution_that_ended_before_it_could_be_stopped_keeps_its_outcome() {
    let detail = json!({
        "orderId": "o", "userId": "anna", "eventId": "bar", "Message": "m", "at": "2027-01-15T07:00:00.000Z",
        "cause": "barista"
    });
    let output = json!({"entries": [{"DetailType": "OrderProcessor.OrderTimeOut", "Detail": detail}]}).to_string();
    let running = Execution::Running { since: Timestamp::from_millis(NOW - 2_500_000) };
    let mut sweeper = sweeper(order(OrderStatus::Waiting, 60), running);
    sweeper.executions.once_stopped = Some(Execution::Succeeded { output });
    assert_eq!(on_schedule(&sweeper).await[0].detail_type, "OrderProcessor.OrderTimeOut");
}

#[tokio::test]
async fn an_order_that_the_index_lists_is_swept_only_if_its_item_is_overdue() {
    let not_yet = sweeper(order(OrderStatus::Waiting, 10), failed());
    assert!(on_schedule(&not_yet).await.is_empty());
    let ended = sweeper(order(OrderStatus::Completed, 60), failed());
    assert!(on_schedule(&ended).await.is_empty());
}

#[tokio::test]
async fn a_failed_execution_ends_only_the_order_that_it_owns() {
    let input = input("o");
    let sweeper = sweeper(order(OrderStatus::Created, -200), failed());
    assert_eq!(on_failure_of(&sweeper, "mine", &input).await.len(), 1);
    assert!(on_failure_of(&sweeper, "of-a-duplicate", &input).await.is_empty());
    for nonsense in ["", "{}", r#"{"detail":{"orderId":"a b"}}"#, WITHOUT_CUSTOMER] {
        assert!(on_failure_of(&sweeper, "mine", nonsense).await.is_empty(), "{nonsense}");
    }
}

fn input(order_id: &str) -> String {
    json!({"detail": {"orderId": order_id, "userId": "anna", "eventId": "bar", "Message": "m"}}).to_string()
}

#[tokio::test]
async fn a_failed_admission_is_recorded_and_announced() {
    for by_schedule in [false, true] {
        let mut sweeper = sweeper(order(OrderStatus::Completed, 60), failed());
        sweeper.executions.failed_input = by_schedule.then(|| input("requested"));
        let requested = input("requested");
        let published =
            if by_schedule { on_schedule(&sweeper).await } else { on_failure_of(&sweeper, "mine", &requested).await };
        assert_eq!(published[0].detail_type, "OrderProcessor.OrderFailed");
        let recorded = sweeper.orders.1.lock().unwrap().clone();
        let [(request, announced)] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((request.order_id.as_str(), request.execution_arn.as_str()), ("requested", "mine"));
        assert!(announced);
        assert!(
            on_failure_of(&sweeper, "mine", &requested).await.is_empty(),
            "an announced failure is not published again"
        );
        assert!(published[0].detail.contains("requested"));
    }
}

#[tokio::test]
async fn a_recorded_failure_is_published_on_each_sweep_until_it_is_marked_as_announced() {
    let request = failed_admission::request_from("mine", &input("o")).unwrap();
    let record = sweep::failure_record(&request, Timestamp::from_millis(NOW - 60_000));
    let awaiting = sweeper(record.clone(), failed());
    let (first, second) = (on_schedule(&awaiting).await, on_schedule(&awaiting).await);
    assert_eq!((first.len(), &first), (1, &second), "each sweep must publish the same event");
    let redriven = sweeper(record.clone(), Execution::Succeeded { output: r#"{"entries":[]}"#.into() });
    assert_eq!(on_schedule(&redriven).await, first, "the state of the execution must not matter");
    let mut announced = record;
    announced.order.expires_at = None;
    assert!(on_schedule(&sweeper(announced, failed())).await.is_empty());
}

#[tokio::test]
async fn an_execution_that_requests_no_order_is_logged_once_and_nothing_is_published() {
    for input in ["", "{}", r#"{"detail":[]}"#, r#"{"detail":{"orderId":["o"]}}"#, WITHOUT_CUSTOMER] {
        let mut sweeper = sweeper(order(OrderStatus::Completed, 60), failed());
        sweeper.executions.failed_input = Some(input.into());
        let (logged, _guard) = Logged::begin();
        assert!(on_failure_of(&sweeper, "mine", input).await.is_empty());
        assert!(on_schedule(&sweeper).await.is_empty(), "{input}");
        assert!(on_schedule(&sweeper).await.is_empty(), "{input}");
        let errors = logged.at("ERROR");
        assert_eq!(errors.len(), 1, "{input}: {errors:?}");
        assert!(errors[0].to_string().contains("execution mine requests no order"), "{errors:?}");
        assert!(sweeper.orders.1.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_input_that_is_too_long_for_the_event_is_read_from_the_execution() {
    let mut sweeper = sweeper(order(OrderStatus::Completed, 60), failed());
    sweeper.executions.failed_input = Some(input("requested"));
    let ended = ExecutionEnded { execution_arn: "mine".into(), input: None };
    sweeper.handle(Invocation::ExecutionEnded(ended)).await.unwrap();
    assert_eq!(sweeper.bus.0.lock().unwrap()[0].detail_type, "OrderProcessor.OrderFailed");
}

#[tokio::test]
async fn an_empty_payload_sweeps_as_the_schedule_does() {
    for payload in [json!({}), json!(null)] {
        let sweeper = sweeper(order(OrderStatus::Created, 60), failed());
        sweeper.handle(serde_json::from_value(payload).unwrap()).await.unwrap();
        assert_eq!(sweeper.bus.0.lock().unwrap()[0].detail_type, "OrderProcessor.OrderFailed");
    }
}

#[tokio::test]
async fn the_schedule_leaves_an_existing_order_of_a_failed_execution_until_its_deadline() {
    let mut sweeper = sweeper(order(OrderStatus::Waiting, -60), failed());
    sweeper.executions.failed_input = Some(input("o"));
    assert!(on_schedule(&sweeper).await.is_empty());
    assert!(sweeper.orders.1.lock().unwrap().is_empty());
}

#[tokio::test]
async fn overdue_orders_are_swept_even_if_failed_executions_cannot_be_listed() {
    let mut sweeper = sweeper(order(OrderStatus::Created, 60), failed());
    sweeper.executions.unlisted = true;
    assert_eq!(sweeper.sweep_all().await, Sweep { total: 2, failed: 0, left: 0, unlisted: 1 });
    assert_eq!(sweeper.bus.0.lock().unwrap()[0].detail_type, "OrderProcessor.OrderFailed");
}

#[tokio::test]
async fn a_scheduled_sweep_that_leaves_work_succeeds_and_counts_it() {
    let mut sweeper = sweeper(order(OrderStatus::Created, 60), failed());
    sweeper.executions.unlisted = true;
    let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    for unswept in [1.0, 0.0] {
        let (answer, recorded) = measured(sweeper.handle(serde_json::from_value(event.clone()).unwrap())).await;
        answer.unwrap();
        assert_eq!(recorded, [(metric::UNSWEPT.to_owned(), unswept)]);
        sweeper.executions.unlisted = false;
    }
}

#[tokio::test]
async fn no_failure_is_recorded_while_the_execution_runs() {
    let running = Execution::Running { since: Timestamp::from_millis(NOW) };
    let mut sweeper = sweeper(order(OrderStatus::Completed, 60), running);
    sweeper.executions.failed_input = Some(input("requested"));
    assert!(on_schedule(&sweeper).await.is_empty());
    assert!(sweeper.orders.1.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handled_execution_is_not_described_again() {
    for requested in [input("requested"), input("o"), WITHOUT_CUSTOMER.to_owned()] {
        let mut sweeper = sweeper(order(OrderStatus::Completed, 60), failed());
        sweeper.executions.failed_input = Some(requested.clone());
        for _ in 0..3 {
            on_schedule(&sweeper).await;
        }
        assert_eq!(sweeper.executions.inputs.load(Ordering::Relaxed), 1, "{requested}");
    }
}

#[tokio::test]
async fn an_execution_that_was_left_to_its_workflow_is_described_again() {
    let running = Execution::Running { since: Timestamp::from_millis(NOW) };
    let mut sweeper = sweeper(order(OrderStatus::Completed, 60), running);
    sweeper.executions.failed_input = Some(input("requested"));
    assert!(on_schedule(&sweeper).await.is_empty());
    sweeper.executions.now = failed();
    assert_eq!(on_schedule(&sweeper).await[0].detail_type, "OrderProcessor.OrderFailed");
    assert!(on_schedule(&sweeper).await.is_empty());
    assert_eq!(sweeper.executions.inputs.load(Ordering::Relaxed), 2);
}

#[path = "any_bytes.rs"]
mod any_bytes;
