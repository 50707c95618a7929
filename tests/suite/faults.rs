//! Each state of the workflow is broken in turn, in a copy of the shipped definition that differs in that one thing; all around
//! it is real. Whatever breaks, the order ends and its places come back.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sfn::types::{HistoryEvent, HistoryEventType};
use domain::ids::OrderId;
use domain::order::{ClosedBy, OrderStatus};
use end_to_end::bar::{Bar, answered};
use end_to_end::{deadline, eventually};
use presso::wait;
use serde_json::{Value, json};

/// A copy of the workflow, broken somewhere, with an order in it.
pub(crate) struct BrokenWorkflow {
    client: aws_sdk_sfn::Client,
    machine_arn: String,
    execution_arn: String,
    pub(crate) order_id: OrderId,
    input: Value,
}

impl BrokenWorkflow {
    pub(crate) async fn start(bar: &Bar, name: &str, break_it: impl FnOnce(&mut Value)) -> Self {
        let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
        let shipped =
            client.describe_state_machine().state_machine_arn(&bar.stack.order_processor_arn).send().await.unwrap();
        let mut definition: Value = serde_json::from_str(shipped.definition()).unwrap();
        faster_retries(&mut definition);
        break_it(&mut definition);
        let machine = client
            .create_state_machine()
            .name(format!("{}-{name}", bar.event_id))
            .role_arn(shipped.role_arn())
            .definition(definition.to_string());
        let machine_arn = machine.send().await.unwrap().state_machine_arn;
        let order_id: OrderId = format!("{}-{name}", bar.event_id).parse().unwrap();
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

    async fn failures(&self) -> usize {
        let history = self.client.get_execution_history().execution_arn(&self.execution_arn).max_results(1_000);
        let history = history.send().await.unwrap();
        let failed = |event: &&HistoryEvent| matches!(event.r#type(), HistoryEventType::TaskFailed);
        history.events().iter().filter(failed).count()
    }

    /// The customer picks a drink.
    async fn chosen(&self, bar: &Bar) {
        let anna = bar.customer("anna");
        answered(wait::order_is(&anna, &self.order_id, OrderStatus::Created, deadline()).await);
        bar.chooses(&anna, &self.order_id).await;
    }

    /// Tells the sweeper that the execution has ended, as the rule on the stack's own workflow does.
    async fn sweep(&self, bar: &Bar) {
        let event = self.ended_event().await;
        let client = aws_sdk_lambda::Client::new(&bar.stack.aws);
        let call = client.invoke().function_name(&bar.stack.sweeper_function).payload(Blob::new(event.to_string()));
        let answer = call.send().await.unwrap();
        let payload = answer.payload().map(|payload| String::from_utf8_lossy(payload.as_ref()).into_owned());
        assert_eq!(answer.function_error(), None, "{payload:?}");
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
fn faster_retries(definition: &mut Value) {
    let states = definition["States"].as_object_mut().unwrap();
    for retry in states.values_mut().filter_map(|state| state.get_mut("Retry")?.as_array_mut()).flatten() {
        if retry.get("IntervalSeconds").is_some() {
            retry["BackoffRate"] = json!(1);
            retry["MaxAttempts"] = json!(RETRIES);
        }
    }
}

async fn failed(bar: &Bar, order_id: &OrderId) {
    let order = bar.ended(order_id).await;
    assert_eq!((order.status, order.closed_by), (OrderStatus::Cancelled, Some(ClosedBy::System)));
    assert_eq!(order.reason.as_deref(), Some("failed"));
    bar.empty().await;
    assert_eq!(bar.open_orders_of("anna").await, 0);
    assert!(bar.event(order_id, "OrderProcessor.OrderFailed").await["cause"].is_string());
}

pub(crate) async fn an_admission_that_breaks_leaves_nothing_behind(bar: Bar) {
    let broken = BrokenWorkflow::start(&bar, "admit", |definition| {
        // Not a request that admission can read.
        definition["States"]["Admit"]["Arguments"]["Payload"]["userId"] = json!("not a user");
    })
    .await;
    broken.ends("FAILED", TRIES).await;
    broken.sweep(&bar).await;
    assert!(bar.stored(&broken.order_id).await.is_none());
    assert_eq!((bar.in_flight().await, bar.open_orders_of("anna").await), (0, 0));
    broken.remove().await;
}

pub(crate) async fn a_wait_that_cannot_be_published_ends_the_order(bar: Bar) {
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

async fn ends_the_order_after_the_choice(bar: Bar, name: &str, break_it: impl FnOnce(&mut Value)) {
    let broken = BrokenWorkflow::start(&bar, name, break_it).await;
    broken.chosen(&bar).await;
    broken.ends("FAILED", TRIES).await;
    broken.sweep(&bar).await;
    failed(&bar, &broken.order_id).await;
    broken.remove().await;
}

pub(crate) async fn a_number_that_cannot_be_drawn_ends_the_order(bar: Bar) {
    ends_the_order_after_the_choice(bar, "number", |definition| {
        definition["States"]["AssignNumber"]["Arguments"]["TableName"] = json!("no-such-table");
    })
    .await;
}

pub(crate) async fn a_queue_that_cannot_be_told_ends_the_order(bar: Bar) {
    ends_the_order_after_the_choice(bar, "queue", |definition| {
        definition["States"]["AwaitBarista"]["Arguments"]["Entries"] = json!("{% $error('no entries') %}");
    })
    .await;
}

pub(crate) async fn an_outcome_that_cannot_be_published_is_published_by_the_sweeper(bar: Bar) {
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

/// The stack's own workflow: its rule tells the sweeper. LocalStack stops an execution only once its wait is over.
pub(crate) async fn an_execution_that_is_stopped_ends_its_order(bar: Bar) {
    let order_id = bar.waiting(&bar.customer("anna")).await;
    let execution_arn = bar.stored(&order_id).await.unwrap()["executionArn"].as_s().unwrap().clone();
    let client = aws_sdk_sfn::Client::new(&bar.stack.aws);
    client.stop_execution().execution_arn(execution_arn).error("Test").cause("stopped by a test").send().await.unwrap();
    tokio::time::timeout(Duration::from_secs(90), failed(&bar, &order_id)).await.expect("the sweeper came");
}
