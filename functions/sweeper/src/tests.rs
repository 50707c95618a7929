use std::collections::HashMap;
use std::sync::Mutex;

use domain::order::{Order, OrderStatus};
use domain::workflow::{AdmissionRequest, Execution};
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000_000;

/// Orders that are there, and those that are recorded as lost, with whether they were told of.
struct Orders(HashMap<String, StoredOrder>, Mutex<Vec<(AdmissionRequest, bool)>>);

impl ReadOrder for Orders {
    async fn order(&self, order_id: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        Ok(self.0.get(order_id.as_str()).cloned())
    }
}

impl OpenOrders for Orders {
    /// An index that lags: it lists every order, and one that is gone.
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
    /// An execution that broke, and its input.
    broken: Option<String>,
    /// Whether they can be listed.
    unlisted: bool,
}

impl FindBroken for Executions {
    async fn broken_since(&self, state_machine_arn: &str, since: Timestamp) -> Result<Vec<String>, AdapterError> {
        if self.unlisted {
            return Err(AdapterError::Contended { operation: "ListExecutions" });
        }
        assert_eq!((state_machine_arn, since), ("machine", Timestamp::from_millis(NOW).minus(LOOKBACK)));
        Ok(self.broken.iter().map(|_| "mine".to_owned()).collect())
    }

    async fn input(&self, _: &str) -> Result<Option<String>, AdapterError> {
        Ok(self.broken.clone())
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
        claim_version: 0,
        created_at: time,
        updated_at: time,
        expires_at: (!status.is_final()).then_some(Timestamp::from_millis(NOW - expired_ago_secs * 1000)),
        reason: None,
        closed_by: None,
    };
    StoredOrder { order, execution_arn: "mine".into(), token: None, closed_by_user_id: None }
}

fn sweeper(stored: StoredOrder, now: Execution) -> TestSweeper {
    Sweeper {
        orders: Orders(HashMap::from([("o".to_owned(), stored)]), Mutex::default()),
        executions: Executions { now, once_stopped: None, stopped: Mutex::default(), broken: None, unlisted: false },
        bus: Bus::default(),
        state_machine_arn: "machine".into(),
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

fn broken() -> Execution {
    let at = Some(Timestamp::from_millis(NOW - 5_000));
    Execution::Broken { at, cause: "FAILED: States.Runtime".into(), outcome: None }
}

#[tokio::test]
async fn a_broken_workflow_ends_its_order_with_the_same_event_however_often() {
    let sweeper = sweeper(order(OrderStatus::Created, 60), broken());
    let (first, second) = (on_schedule(&sweeper).await, on_schedule(&sweeper).await);
    assert_eq!(first, second);
    assert_eq!(first[0].detail_type, "OrderProcessor.OrderFailed");
    let detail: Value = serde_json::from_str(&first[0].detail).unwrap();
    assert_eq!((&detail["orderId"], &detail["cause"]), (&json!("o"), &json!("FAILED: States.Runtime")));
    assert_eq!(detail["at"], "2027-01-15T07:59:55.000Z");
}

#[tokio::test]
async fn an_outcome_that_was_not_published_is_published_as_recorded() {
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
async fn an_output_that_ends_nothing_is_a_failure() {
    for output in ["", "{}", r#"{"entries":[]}"#, r#"{"entries":[{"DetailType":"x","Detail":{}}]}"#] {
        let sweeper = sweeper(order(OrderStatus::Created, 60), Execution::Succeeded { output: output.into() });
        assert_eq!(on_schedule(&sweeper).await[0].detail_type, "OrderProcessor.OrderFailed", "{output}");
    }
}

#[tokio::test]
async fn a_workflow_that_runs_is_left_alone_until_it_is_past_every_time_out() {
    let running = |secs: i64| Execution::Running { since: Timestamp::from_millis(NOW - secs * 1000) };
    let young = sweeper(order(OrderStatus::Waiting, 60), running(2_400));
    assert!(on_schedule(&young).await.is_empty());
    assert!(young.executions.stopped.lock().unwrap().is_empty());
    let mut old = sweeper(order(OrderStatus::Waiting, 60), running(2_500));
    assert!(on_schedule(&old).await.is_empty(), "nothing is told before it is known to be over");
    assert_eq!(*old.executions.stopped.lock().unwrap(), ["mine"]);
    old.executions.once_stopped = Some(broken());
    assert_eq!(on_schedule(&old).await[0].detail_type, "OrderProcessor.OrderFailed");
}

#[tokio::test]
async fn an_execution_that_ended_before_it_could_be_stopped_has_its_own_outcome() {
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
async fn nothing_is_decided_from_the_index_alone() {
    let not_yet = sweeper(order(OrderStatus::Waiting, 10), broken());
    assert!(on_schedule(&not_yet).await.is_empty());
    let ended = sweeper(order(OrderStatus::Completed, 60), broken());
    assert!(on_schedule(&ended).await.is_empty());
}

#[tokio::test]
async fn a_failed_execution_ends_the_order_that_it_owns_at_once() {
    let input = input("o");
    let sweeper = sweeper(order(OrderStatus::Created, -200), broken());
    assert_eq!(on_failure_of(&sweeper, "mine", &input).await.len(), 1);
    assert!(on_failure_of(&sweeper, "a duplicate's", &input).await.is_empty());
    for nonsense in ["", "{}", r#"{"detail":{"orderId":"a b"}}"#, r#"{"detail":{"orderId":"unknown"}}"#] {
        assert!(on_failure_of(&sweeper, "mine", nonsense).await.is_empty(), "{nonsense}");
    }
}

fn input(order_id: &str) -> String {
    json!({"detail": {"orderId": order_id, "userId": "anna", "eventId": "bar", "Message": "m"}}).to_string()
}

#[tokio::test]
async fn an_order_that_was_never_let_in_is_told_and_recorded_as_failed() {
    let mut told = Vec::new();
    for by_schedule in [false, true] {
        let mut sweeper = sweeper(order(OrderStatus::Completed, 60), broken());
        sweeper.executions.broken = by_schedule.then(|| input("lost"));
        let lost = input("lost");
        told = if by_schedule { on_schedule(&sweeper).await } else { on_failure_of(&sweeper, "mine", &lost).await };
        assert_eq!(told[0].detail_type, "OrderProcessor.OrderFailed");
        let recorded = sweeper.orders.1.lock().unwrap().clone();
        let [(request, told_of)] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((request.order_id.as_str(), request.execution_arn.as_str()), ("lost", "mine"));
        assert!(told_of);
        assert!(on_failure_of(&sweeper, "mine", &input("lost")).await.is_empty(), "it is told once it is recorded");
    }
    assert!(told[0].detail.contains("lost"));
}

#[tokio::test]
async fn the_record_of_an_order_that_was_never_let_in_is_told_of_until_it_was() {
    let request = failed_admission::request_from("mine", &input("o")).unwrap();
    let record = sweep::failure_record(&request, Timestamp::from_millis(NOW - 60_000));
    let untold = sweeper(record.clone(), broken());
    let (first, second) = (on_schedule(&untold).await, on_schedule(&untold).await);
    assert_eq!((first.len(), &first), (1, &second), "the same event, however often");
    let redriven = sweeper(record.clone(), Execution::Succeeded { output: r#"{"entries":[]}"#.into() });
    assert_eq!(on_schedule(&redriven).await, first, "whatever became of its execution");
    let mut told = record;
    told.order.expires_at = None;
    assert!(on_schedule(&sweeper(told, broken())).await.is_empty());
}

#[tokio::test]
async fn an_order_that_is_there_is_left_to_its_deadline_by_whoever_looks_at_executions() {
    let mut sweeper = sweeper(order(OrderStatus::Waiting, -60), broken());
    sweeper.executions.broken = Some(input("o"));
    assert!(on_schedule(&sweeper).await.is_empty());
    assert!(sweeper.orders.1.lock().unwrap().is_empty());
}

#[tokio::test]
async fn overdue_orders_are_swept_though_executions_cannot_be_listed_and_the_run_fails() {
    let mut sweeper = sweeper(order(OrderStatus::Created, 60), broken());
    sweeper.executions.unlisted = true;
    let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    let swept = sweeper.handle(serde_json::from_value(event).unwrap()).await;
    assert!(swept.is_err(), "somebody must hear of it");
    assert_eq!(sweeper.bus.0.lock().unwrap()[0].detail_type, "OrderProcessor.OrderFailed");
}

#[tokio::test]
async fn an_order_is_not_lost_while_an_execution_may_let_it_in() {
    let running = Execution::Running { since: Timestamp::from_millis(NOW) };
    let mut sweeper = sweeper(order(OrderStatus::Completed, 60), running);
    sweeper.executions.broken = Some(input("lost"));
    assert!(on_schedule(&sweeper).await.is_empty());
    assert!(sweeper.orders.1.lock().unwrap().is_empty());
}

#[path = "any_bytes.rs"]
mod any_bytes;
