//! Each state of the workflow is broken in turn, in a copy of the shipped definition that differs in that one thing; all around
//! it is real. Whatever breaks, the order ends and its places come back.

use std::time::Duration;

use adapters::bus::EventBus;
use adapters::orders::OrdersTable;
use adapters::workflow::StepFunctions;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sfn::types::{HistoryEvent, HistoryEventType};
use client::wait;
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::venue::{TestVenue, answered};
use end_to_end::{deadline, eventually};
use serde_json::{Value, json};
use sweeper::Sweeper;

/// A copy of the workflow, broken somewhere, with an order in it.
pub(crate) struct BrokenWorkflow {
    client: aws_sdk_sfn::Client,
    machine_arn: String,
    execution_arn: String,
    pub(crate) order_id: OrderId,
    input: Value,
}

impl BrokenWorkflow {
    pub(crate) async fn start(bar: &TestVenue, name: &str, break_it: impl FnOnce(&mut Value)) -> Self {
        let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
        let shipped =
            client.describe_state_machine().state_machine_arn(&bar.stack.order_processor_arn).send().await.unwrap();
        let mut definition: Value = serde_json::from_str(shipped.definition()).unwrap();
        faster_retries(&mut definition);
        break_it(&mut definition);
        let machine = client
            .create_state_machine()
            .name(format!("{}-{name}", bar.shop_id))
            .role_arn(shipped.role_arn())
            .definition(definition.to_string());
        let machine_arn = machine.send().await.unwrap().state_machine_arn;
        let order_id: OrderId = format!("{}-{name}", bar.shop_id).parse().unwrap();
        let input = json!({
            "detail-type": "Validator.NewOrder", "source": domain::event::SOURCE, "detail": bar.new_order(&order_id, "anna")
        });
        let execution = client.start_execution().state_machine_arn(&machine_arn).input(input.to_string());
        let execution_arn = execution.send().await.unwrap().execution_arn;
        Self { client, machine_arn, execution_arn, order_id, input }
    }

    async fn status(&self) -> String {
        let execution = self.client.describe_execution().execution_arn(&self.execution_arn).send().await.unwrap();
        execution.status().as_str().to_owned()
    }

    /// Waits until the execution has ended like this, with tasks having failed so often.
    pub(crate) async fn ends(&self, status: &str, failures: usize) {
        eventually(&format!("the execution is {status}"), || async { (self.status().await == status).then_some(()) })
            .await;
        assert_eq!(self.failures().await, failures, "how often the broken state was tried");
    }

    async fn history(&self) -> Vec<HistoryEvent> {
        let history = self.client.get_execution_history().execution_arn(&self.execution_arn).max_results(1_000);
        history.send().await.unwrap().events
    }

    async fn failures(&self) -> usize {
        let failed = |event: &&HistoryEvent| matches!(event.r#type(), HistoryEventType::TaskFailed);
        self.history().await.iter().filter(failed).count()
    }

    async fn entered(&self, state: &str) -> bool {
        let entered = |event: &HistoryEvent| event.state_entered_event_details().is_some_and(|at| at.name() == state);
        self.history().await.iter().any(entered)
    }

    /// The customer picks a drink.
    async fn chosen(&self, bar: &TestVenue) {
        let anna = bar.customer("anna");
        answered(wait::order_is(&anna, &self.order_id, OrderStatus::Created, deadline()).await);
        bar.choose(&anna, &self.order_id).await;
    }

    /// Tells the sweeper that the execution has ended, as the rule on the stack's own workflow does.
    async fn sweep(&self, bar: &TestVenue) {
        let event = self.ended_event().await;
        let client = aws_sdk_lambda::Client::new(&bar.stack.aws);
        let call = client.invoke().function_name(&bar.stack.sweeper_function).payload(Blob::new(event.to_string()));
        let answer = call.send().await.unwrap();
        let payload = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        assert_eq!(answer.function_error(), None, "{payload:?}");
    }

    /// The sweeper as its `main` wires it, for this workflow instead of the stack's, on the schedule.
    async fn sweep_on_schedule(&self, bar: &TestVenue) {
        let config = bootstrap::clients::config();
        let sweeper = Sweeper {
            orders: OrdersTable::new(bootstrap::clients::dynamodb(&config), bar.stack.orders_table.clone()),
            executions: StepFunctions::new(self.client.clone()),
            bus: EventBus::new(bootstrap::clients::eventbridge(&config), bar.stack.bus_name.clone()),
            state_machine_arn: self.machine_arn.clone(),
            now: bootstrap::now,
        };
        let event = json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
        sweeper.handle(serde_json::from_value(event).unwrap()).await.unwrap();
    }

    /// What Step Functions says of the execution's end.
    pub(crate) async fn ended_event(&self) -> Value {
        json!({
            "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
            "detail": {
                "executionArn": self.execution_arn, "stateMachineArn": self.machine_arn,
                "status": self.status().await, "input": self.input.to_string(),
            }
        })
    }

    pub(crate) async fn remove(&self) {
        self.client.delete_state_machine().state_machine_arn(&self.machine_arn).send().await.unwrap();
    }
}

const RETRIES: usize = 2;

/// How often a state that stays broken is tried.
pub(crate) const TRIES: usize = 1 + RETRIES;

/// A cancellation is a failure of the task that waited.
const CANCELLED: usize = 1;

/// The shipped pauses between retries are for AWS on a bad day.
pub(crate) fn faster_retries(definition: &mut Value) {
    let states = definition["States"].as_object_mut().unwrap();
    for retry in states.values_mut().filter_map(|state| state.get_mut("Retry")?.as_array_mut()).flatten() {
        if retry.get("IntervalSeconds").is_some() {
            retry["BackoffRate"] = json!(1);
            retry["MaxAttempts"] = json!(RETRIES);
        }
    }
}

async fn failed(bar: &TestVenue, order_id: &OrderId) {
    let order = bar.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some("failed"));
    bar.empty().await;
    assert_eq!(bar.open_orders_of("anna").await, 0);
    assert!(bar.event(order_id, "OrderProcessor.OrderFailed").await["cause"].is_string());
}

pub(crate) async fn an_admission_that_breaks_is_recorded_as_failed(bar: TestVenue) {
    let broken = BrokenWorkflow::start(&bar, "admit", |definition| {
        // Not a request that admission can read.
        definition["States"]["Admit"]["Arguments"]["Payload"]["userId"] = json!("not a user");
    })
    .await;
    broken.ends("FAILED", TRIES).await;
    assert!(bar.stored(&broken.order_id).await.is_none(), "nobody but the execution knows of the order");
    broken.sweep(&bar).await;
    failed(&bar, &broken.order_id).await;
    let told =
        || bar.events(&broken.order_id).into_iter().filter(|e| e.detail_type == "OrderProcessor.OrderFailed").count();
    broken.sweep(&bar).await;
    assert_eq!((told(), bar.in_flight().await), (1, 0), "sweeping twice changes nothing");
    broken.remove().await;
}

/// The rule that tells the sweeper of an execution is best effort, and there is none for a copy of the workflow.
pub(crate) async fn an_order_that_was_never_let_in_is_found_by_the_schedule(bar: TestVenue) {
    let broken = BrokenWorkflow::start(&bar, "never", |definition| {
        definition["States"]["Admit"]["Arguments"]["Payload"]["userId"] = json!("not a user");
    })
    .await;
    broken.ends("FAILED", TRIES).await;
    broken.sweep_on_schedule(&bar).await;
    failed(&bar, &broken.order_id).await;
    broken.remove().await;
}

pub(crate) async fn a_wait_that_cannot_be_published_ends_the_order(bar: TestVenue) {
    let broken = BrokenWorkflow::start(&bar, "wait", |definition| {
        definition["States"]["AwaitCustomer"]["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
    })
    .await;
    broken.ends("FAILED", TRIES).await;
    assert_eq!(bar.in_flight().await, 1, "the place is taken until the sweeper comes");
    broken.sweep(&bar).await;
    failed(&bar, &broken.order_id).await;
    broken.sweep(&bar).await;
    assert_eq!(bar.in_flight().await, 0, "sweeping twice changes nothing");
    broken.remove().await;
}

async fn ends_the_order_after_the_choice(bar: TestVenue, name: &str, break_it: impl FnOnce(&mut Value)) {
    let broken = BrokenWorkflow::start(&bar, name, break_it).await;
    broken.chosen(&bar).await;
    broken.ends("FAILED", TRIES).await;
    broken.sweep(&bar).await;
    failed(&bar, &broken.order_id).await;
    broken.remove().await;
}

pub(crate) async fn a_number_that_cannot_be_drawn_ends_the_order(bar: TestVenue) {
    ends_the_order_after_the_choice(bar, "number", |definition| {
        definition["States"]["AssignNumber"]["Arguments"]["TableName"] = json!("no-such-table");
    })
    .await;
}

pub(crate) async fn a_queue_that_cannot_be_told_ends_the_order(bar: TestVenue) {
    ends_the_order_after_the_choice(bar, "queue", |definition| {
        definition["States"]["AwaitBarista"]["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
    })
    .await;
}

pub(crate) async fn an_outcome_that_cannot_be_published_is_published_by_the_sweeper(bar: TestVenue) {
    let broken = BrokenWorkflow::start(&bar, "finish", |definition| {
        definition["States"]["Finish"]["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
    })
    .await;
    let anna = bar.customer("anna");
    answered(wait::order_is(&anna, &broken.order_id, OrderStatus::Created, deadline()).await);
    answered(wait::when_ready(deadline(), || anna.cancel(&broken.order_id, "too late")).await);
    broken.ends("SUCCEEDED", CANCELLED + TRIES).await;
    assert_eq!(bar.order(&broken.order_id).await.status, OrderStatus::Created);
    broken.sweep(&bar).await;
    let order = bar.ended(&broken.order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("too late")));
    assert_eq!(order.closed_by, Some(ClosedBy::Customer));
    bar.event(&broken.order_id, "OrderProcessor.orderFinished").await;
    bar.empty().await;
    broken.remove().await;
}

pub(crate) async fn an_execution_that_is_stopped_while_it_tells_the_outcome_has_it_told(bar: TestVenue) {
    let broken = BrokenWorkflow::start(&bar, "telling", |definition| {
        let finish = &mut definition["States"]["Finish"];
        finish["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
        finish["Retry"] = json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 20, "MaxAttempts": 1}]);
    })
    .await;
    let anna = bar.customer("anna");
    answered(wait::order_is(&anna, &broken.order_id, OrderStatus::Created, deadline()).await);
    answered(wait::when_ready(deadline(), || anna.cancel(&broken.order_id, "too late")).await);
    eventually("the outcome is being told", || async { broken.entered("Finish").await.then_some(()) }).await;
    let stop = broken.client.stop_execution().execution_arn(&broken.execution_arn);
    stop.send().await.unwrap();
    broken.ends("ABORTED", CANCELLED + 1).await;
    broken.sweep(&bar).await;
    let order = bar.ended(&broken.order_id).await;
    assert_eq!((order.status, order.reason.as_deref()), (OrderStatus::Cancelled, Some("too late")));
    assert_eq!(order.closed_by, Some(ClosedBy::Customer));
    bar.empty().await;
    broken.remove().await;
}

/// The stack's own workflow: its rule tells the sweeper. LocalStack stops an execution only once its wait is over.
pub(crate) async fn an_execution_that_is_stopped_ends_its_order(bar: TestVenue) {
    let order_id = bar.queued(&bar.customer("anna")).await;
    let execution_arn = bar.stored(&order_id).await.unwrap()["executionArn"].as_s().unwrap().clone();
    let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
    client.stop_execution().execution_arn(execution_arn).error("Test").cause("stopped by a test").send().await.unwrap();
    tokio::time::timeout(Duration::from_secs(90), failed(&bar, &order_id)).await.expect("the sweeper came");
}
