//! Tests that an order ends and releases its capacity whichever state of its workflow fails. Most
//! tests break one state in a copy of the shipped definition.

use std::sync::atomic::{AtomicUsize, Ordering};

use adapters::bus::EventBus;
use adapters::error::AdapterError;
use adapters::orders::OrdersTable;
use adapters::workflow::{FindFailed, InspectExecution, StepFunctions};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use aws_sdk_sfn::types::HistoryEventType;
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use domain::timestamp::Timestamp;
use domain::workflow::Execution;
use end_to_end::venue::{TestVenue, answered};
use end_to_end::{deadline, eventually};
use serde_json::{Value, json};
use sweeper::{Handled, Sweeper};

use crate::time_outs::queued_in_time;

/// Counts the calls that read an execution.
struct Described {
    executions: StepFunctions,
    calls: AtomicUsize,
}

impl FindFailed for Described {
    async fn failed_since(&self, state_machine_arn: &str, since: Timestamp) -> Result<Vec<String>, AdapterError> {
        self.executions.failed_since(state_machine_arn, since).await
    }

    async fn input(&self, execution_arn: &str) -> Result<Option<String>, AdapterError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.executions.input(execution_arn).await
    }
}

impl InspectExecution for Described {
    async fn describe(&self, execution_arn: &str) -> Result<Execution, AdapterError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.executions.describe(execution_arn).await
    }

    async fn stop(&self, execution_arn: &str, cause: &str) -> Result<(), AdapterError> {
        self.executions.stop(execution_arn, cause).await
    }
}

async fn on_schedule(sweeper: &Sweeper<OrdersTable, Described, EventBus>) {
    let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    sweeper.handle(serde_json::from_value(event).unwrap()).await.unwrap();
}

/// A copy of the workflow with a change, mostly a broken state, and one execution of the copy.
pub(crate) struct WorkflowCopy {
    pub(crate) client: aws_sdk_sfn::Client,
    machine_arn: String,
    execution_arn: String,
    pub(crate) order_id: OrderId,
    input: Value,
}

impl WorkflowCopy {
    pub(crate) async fn start(venue: &TestVenue, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        Self::start_for("anna", venue, name, change).await
    }

    pub(crate) async fn start_for(user: &str, venue: &TestVenue, name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
        let shipped =
            client.describe_state_machine().state_machine_arn(&venue.stack.order_processor_arn).send().await.unwrap();
        let mut definition: Value = serde_json::from_str(shipped.definition()).unwrap();
        faster_retries(&mut definition);
        change(&mut definition);
        let machine = client
            .create_state_machine()
            .name(Self::order_id(venue, name).as_str())
            .role_arn(shipped.role_arn())
            .definition(definition.to_string());
        let machine_arn = machine.send().await.unwrap().state_machine_arn;
        let order_id = Self::order_id(venue, name);
        let input = json!({
            "detail-type": "Validator.NewOrder", "source": domain::event::SOURCE, "detail": venue.new_order(&order_id, user)
        });
        let execution = client.start_execution().state_machine_arn(&machine_arn).input(input.to_string());
        let execution_arn = execution.send().await.unwrap().execution_arn;
        Self { client, machine_arn, execution_arn, order_id, input }
    }

    /// Returns the order's id, which is also the name of the copy.
    pub(crate) fn order_id(venue: &TestVenue, name: &str) -> OrderId {
        format!("{}-{name}", venue.shop_id).parse().unwrap()
    }

    pub(crate) async fn described(&self) -> DescribeExecutionOutput {
        self.client.describe_execution().execution_arn(&self.execution_arn).send().await.unwrap()
    }

    async fn status(&self) -> String {
        self.described().await.status().as_str().to_owned()
    }

    /// Waits for the final status of the execution, and checks how often the task of its last state
    /// failed. On a busy machine an earlier state may have needed another attempt.
    pub(crate) async fn ends(&self, status: &str, failures: usize) {
        let ended = async || (self.status().await == status).then_some(());
        eventually(&format!("the execution is {status}"), ended).await;
        let (state, failed) = self.failures().await;
        assert_eq!(failed, failures, "failed attempts of {state}");
    }

    /// Returns the task state that the execution has entered last, and how often its task failed.
    async fn failures(&self) -> (String, usize) {
        let history = self.client.get_execution_history().execution_arn(&self.execution_arn).max_results(1_000);
        let (mut state, mut failed) = (String::new(), 0);
        for event in history.send().await.unwrap().events {
            match (event.r#type(), event.state_entered_event_details()) {
                (HistoryEventType::TaskStateEntered, Some(entered)) if entered.name() != state => {
                    (state, failed) = (entered.name().to_owned(), 0);
                }
                (HistoryEventType::TaskFailed, _) => failed += 1,
                _ => {}
            }
        }
        (state, failed)
    }

    /// Chooses a drink as the customer.
    async fn chosen(&self, venue: &TestVenue) {
        let anna = venue.customer("anna");
        answered(wait::order_is(&anna, &self.order_id, OrderStatus::Created, deadline()).await);
        venue.choose(&anna, &self.order_id).await;
    }

    /// Runs the sweeper with the event about the end of the execution. The stack's rule invokes it
    /// for the stack's own workflow only.
    async fn sweep(&self, venue: &TestVenue) {
        let event = serde_json::from_value(self.ended_event().await).unwrap();
        self.sweeper(venue).handle(event).await.unwrap();
    }

    /// Returns a sweeper for this copy of the workflow. It runs in the process of the test, because
    /// the role of the function does not cover a copy.
    fn sweeper(&self, venue: &TestVenue) -> Sweeper<OrdersTable, Described, EventBus> {
        let config = bootstrap::clients::config();
        Sweeper {
            orders: OrdersTable::new(bootstrap::clients::dynamodb(&config), venue.stack.orders_table.clone()),
            executions: Described { executions: StepFunctions::new(self.client.clone()), calls: AtomicUsize::new(0) },
            bus: EventBus::new(bootstrap::clients::eventbridge(&config), venue.stack.bus_name.clone()),
            state_machine_arn: self.machine_arn.clone(),
            handled: Handled::default(),
            now: bootstrap::now,
        }
    }

    /// Returns Step Functions' event about the end of the execution.
    async fn ended_event(&self) -> Value {
        json!({
            "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
            "detail": {
                "executionArn": self.execution_arn, "stateMachineArn": self.machine_arn,
                "status": self.status().await, "input": self.input.to_string(),
            }
        })
    }

    /// Gives the stored order the ARN of an execution of the stack's own workflow that does not
    /// exist, because the sweeper's role covers that workflow and no copy. Returns the event about
    /// that execution's end.
    pub(crate) async fn delete_execution(&self, venue: &TestVenue) -> Value {
        let machine_arn = &venue.stack.order_processor_arn;
        let execution_arn = format!("{}:{}", machine_arn.replace(":stateMachine:", ":execution:"), self.order_id);
        venue.set_order(&self.order_id, "executionArn", AttributeValue::S(execution_arn.clone())).await;
        let mut event = self.ended_event().await;
        event["detail"]["executionArn"] = json!(execution_arn);
        event["detail"]["stateMachineArn"] = json!(machine_arn);
        event
    }

    pub(crate) async fn remove(&self) {
        self.client.delete_state_machine().state_machine_arn(&self.machine_arn).send().await.unwrap();
    }
}

/// Waits for the final status of an execution.
pub(crate) async fn end_of_execution(client: &aws_sdk_sfn::Client, execution_arn: &str) -> String {
    eventually(&format!("{execution_arn} ends"), || async {
        let described = client.describe_execution().execution_arn(execution_arn).send().await.unwrap();
        Some(described.status().as_str().to_owned()).filter(|status| status != "RUNNING")
    })
    .await
}

const RETRIES: usize = 2;

/// Number of failed attempts of a state whose error a retry may resolve.
pub(crate) const ATTEMPTS: usize = 1 + RETRIES;

/// Number of failed attempts of a state whose error no retry resolves.
const ONE_ATTEMPT: usize = 1;

/// Number of entries that one call of `PutEvents` does not accept.
const TOO_MANY: usize = 11;

/// Shortens the retries, which take up to half a minute in the shipped definition.
fn faster_retries(definition: &mut Value) {
    let states = definition["States"].as_object_mut().unwrap();
    for retry in states.values_mut().filter_map(|state| state.get_mut("Retry")?.as_array_mut()).flatten() {
        if retry.get("IntervalSeconds").is_some() {
            retry["BackoffRate"] = json!(1);
            retry["MaxAttempts"] = json!(RETRIES);
        }
    }
}

/// Makes a state publish more events than EventBridge accepts in one call. EventBridge refuses the
/// call, and the workflow retries it.
pub(crate) fn break_publishing(definition: &mut Value, state: &str) {
    let entries = definition["States"][state]["Arguments"]["Entries"].as_array_mut().unwrap();
    let entry = entries[0].clone();
    entries.resize(TOO_MANY, entry);
}

/// Makes admission receive a request that it cannot read.
pub(crate) fn break_request(definition: &mut Value) {
    definition["States"]["Admit"]["Arguments"]["Payload"]["userId"] = json!("not a user");
}

async fn failed(venue: &TestVenue, order_id: &OrderId) {
    let order = venue.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some("failed"));
    venue.empty().await;
    assert_eq!(venue.open_orders_of(order.user_id.as_str()).await, 0);
    assert!(venue.event(order_id, "OrderProcessor.OrderFailed").await["cause"].is_string());
}

pub(crate) async fn an_error_of_admission_fails_the_order_once(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "admit", break_request).await;
    broken.ends("FAILED", ONE_ATTEMPT).await;
    assert!(venue.stored(&broken.order_id).await.is_none(), "the order was stored without admission");
    broken.sweep(&venue).await;
    failed(&venue, &broken.order_id).await;
    let failures =
        || venue.events(&broken.order_id).into_iter().filter(|e| e.detail_type == "OrderProcessor.OrderFailed").count();
    broken.sweep(&venue).await;
    assert_eq!((failures(), venue.in_flight().await), (1, 0), "the sweep is not idempotent");
    broken.remove().await;
}

/// Step Functions may lose its event about a failure, and no rule covers a copy of the workflow.
pub(crate) async fn the_scheduled_sweep_records_an_order_that_was_never_admitted(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "never", |definition| {
        definition["States"]["Admit"]["Arguments"]["FunctionName"] = json!("no-such-function");
    })
    .await;
    broken.ends("FAILED", ATTEMPTS).await;
    on_schedule(&broken.sweeper(&venue)).await;
    failed(&venue, &broken.order_id).await;
    broken.remove().await;
}

pub(crate) async fn a_failed_execution_is_not_read_again_after_it_is_handled(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "handled", break_request).await;
    broken.ends("FAILED", ONE_ATTEMPT).await;
    let sweeper = broken.sweeper(&venue);
    let mut calls = Vec::new();
    for _ in 0..3 {
        on_schedule(&sweeper).await;
        calls.push(sweeper.executions.calls.load(Ordering::Relaxed));
    }
    failed(&venue, &broken.order_id).await;
    assert_eq!(calls, [2, 2, 2], "the first run reads input and state, later runs nothing");
    broken.remove().await;
}

pub(crate) async fn a_wait_that_cannot_be_published_ends_the_order(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "wait", |definition| break_publishing(definition, "AwaitCustomer")).await;
    broken.ends("FAILED", ATTEMPTS).await;
    assert_eq!(venue.in_flight().await, 1, "the order holds capacity until it is swept");
    broken.sweep(&venue).await;
    failed(&venue, &broken.order_id).await;
    broken.sweep(&venue).await;
    assert_eq!(venue.in_flight().await, 0, "the sweep is not idempotent");
    broken.remove().await;
}

async fn ends_the_order_after_the_choice(venue: TestVenue, name: &str, break_it: impl FnOnce(&mut Value)) {
    let broken = WorkflowCopy::start(&venue, name, break_it).await;
    broken.chosen(&venue).await;
    broken.ends("FAILED", ATTEMPTS).await;
    broken.sweep(&venue).await;
    failed(&venue, &broken.order_id).await;
    broken.remove().await;
}

pub(crate) async fn a_number_that_cannot_be_assigned_ends_the_order(venue: TestVenue) {
    ends_the_order_after_the_choice(venue, "number", |definition| {
        definition["States"]["AssignNumber"]["Arguments"]["TableName"] = json!("no-such-table");
    })
    .await;
}

pub(crate) async fn a_queue_entry_that_cannot_be_published_ends_the_order(venue: TestVenue) {
    ends_the_order_after_the_choice(venue, "queue", |definition| break_publishing(definition, "AwaitBarista")).await;
}

pub(crate) async fn an_outcome_that_cannot_be_published_is_published_by_the_sweeper(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "finish", |definition| break_publishing(definition, "Finish")).await;
    let anna = venue.customer("anna");
    answered(wait::order_is(&anna, &broken.order_id, OrderStatus::Created, deadline()).await);
    answered(wait::when_ready(deadline(), || anna.cancel(&broken.order_id, "too late")).await);
    broken.ends("SUCCEEDED", ATTEMPTS).await;
    assert_eq!(venue.order(&broken.order_id).await.status, OrderStatus::Created);
    broken.sweep(&venue).await;
    let order = venue.ended(&broken.order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("too late")));
    assert_eq!(order.closed_by, Some(ClosedBy::Customer));
    venue.event(&broken.order_id, "OrderProcessor.orderFinished").await;
    venue.empty().await;
    broken.remove().await;
}

pub(crate) async fn the_outcome_of_an_execution_stopped_in_finish_is_published_by_the_sweeper(venue: TestVenue) {
    let broken = WorkflowCopy::start(&venue, "publishing", |definition| {
        let finish = &mut definition["States"]["Finish"];
        finish["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
        finish["Retry"] = json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "MaxAttempts": 1}]);
    })
    .await;
    let anna = venue.customer("anna");
    answered(wait::order_is(&anna, &broken.order_id, OrderStatus::Created, deadline()).await);
    answered(wait::when_ready(deadline(), || anna.cancel(&broken.order_id, "too late")).await);
    let failed = async || matches!(broken.failures().await, (state, 1..) if state == "Finish").then_some(());
    eventually("the first attempt to publish fails", failed).await;
    let stop = broken.client.stop_execution().execution_arn(&broken.execution_arn);
    stop.send().await.unwrap();
    broken.ends("ABORTED", ONE_ATTEMPT).await;
    broken.sweep(&venue).await;
    let order = venue.ended(&broken.order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("too late")));
    assert_eq!(order.closed_by, Some(ClosedBy::Customer));
    venue.empty().await;
    broken.remove().await;
}

/// Uses the stack's own workflow, whose rule invokes the sweeper. On LocalStack a stopped execution
/// ends as failed, after its wait.
pub(crate) async fn an_execution_that_is_stopped_ends_its_order(venue: TestVenue) {
    let client = aws_sdk_sfn::Client::new(&venue.stack.aws);
    loop {
        let order_id = queued_in_time(&venue).await;
        let execution_arn = venue.stored(&order_id).await.unwrap()["executionArn"].as_s().unwrap().clone();
        let stop = client.stop_execution().execution_arn(&execution_arn).error("Test").cause("stopped by a test");
        stop.send().await.unwrap();
        if end_of_execution(&client, &execution_arn).await != "SUCCEEDED" {
            return failed(&venue, &order_id).await;
        }
        // On a slow machine the barista's wait times out before the execution is stopped.
        assert_eq!(venue.ended(&order_id).await.reason.as_deref(), Some("baristaTimeOut"));
    }
}
