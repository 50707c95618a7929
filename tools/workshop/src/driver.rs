//! Drives the learner's bar: starts executions, calls the API and records the events on the bus.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sfn::types::ExecutionStatus;
use domain::event::{Detail, SOURCE, TokenIssued};
use domain::ids::OrderId;
use domain::order::{Order, OrderStatus, Step};
use domain::workflow::ORDER_CANCELLED;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use client::bus::{BusEvent, Scope};
use client::error::{Error, causes};
use client::record::Record;
use client::venue::{Venue, Waiting};
use client::wait;
use client::{Api, Resources, SigningKey, Stack};

/// Maximum wait for an event, a status, the end of an execution, or a request that is retried.
pub(super) const TIMEOUT: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(150);

/// A new shop in the learner's stack, and a record of the events on its bus.
pub(super) struct Driver {
    pub(super) venue: Venue,
    pub(super) resources: Resources,
    pub(super) workflows: aws_sdk_sfn::Client,
    functions: aws_sdk_lambda::Client,
    record: Record,
}

/// Runs `work` until `work` or `stop` is done. Then removes the rule and the queue that record the
/// events.
pub(super) async fn with_driver<T>(
    stack: &Stack,
    key: &SigningKey,
    stop: impl Future<Output = ()>,
    work: impl AsyncFnOnce(&Driver) -> Result<T, Error>,
) -> Result<T, Error> {
    let driver = Driver::start(stack, key).await?;
    let result = tokio::select! {
        biased;
        () = stop => Err(Error::Interrupted("interrupted".into())),
        done = work(&driver) => done,
    };
    let stopped = driver.stop_listening().await;
    let result = result?;
    stopped.map(|()| result)
}

/// An order and the execution that was started for it.
pub(super) struct Started {
    /// ARN of the execution. Empty if a scan started it.
    pub(super) arn: String,
    pub(super) order_id: OrderId,
    pub(super) customer: Api,
}

impl Driver {
    async fn start(stack: &Stack, key: &SigningKey) -> Result<Self, Error> {
        let api = Api::new(&stack.api_url)?.with_attempts(3);
        let venue = Venue::new(stack, key, "workshop", api, Waiting::by_api(TIMEOUT))?;
        venue.open().await?;
        Ok(Self {
            venue,
            resources: Resources::find(stack).await?,
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
            functions: aws_sdk_lambda::Client::new(&stack.aws),
            record: Record::start(stack, Scope::Everything).await?,
        })
    }

    /// Stops the record: removes its rule and its queue.
    pub(super) async fn stop_listening(&self) -> Result<(), Error> {
        self.record.stop().await
    }

    /// Returns a random id of a customer, who has no orders.
    pub(super) fn random_user() -> String {
        format!("learner-{:08x}", fastrand::u32(..))
    }

    /// Reads the definition of the deployed workflow.
    pub(super) async fn definition(&self) -> Result<Value, Error> {
        let machine = self.workflows.describe_state_machine().state_machine_arn(&self.venue.stack.order_processor_arn);
        let machine = machine.send().await.map_err(|error| Error::failed("the workflow cannot be read", error))?;
        serde_json::from_str(machine.definition()).map_err(|error| Error::failed("the workflow is not JSON", error))
    }

    /// Creates a workflow with the role of the deployed one. Returns the ARN of the new workflow,
    /// which the caller deletes.
    pub(super) async fn create_workflow(&self, definition: &Value) -> Result<String, Error> {
        let failed = |error: client::error::Cause| Error::failed("the workflow cannot be created", error);
        let original =
            self.workflows.describe_state_machine().state_machine_arn(&self.venue.stack.order_processor_arn).send();
        let original = original.await.map_err(|error| failed(error.into()))?;
        let name = format!("workshop-{:08x}", fastrand::u32(..));
        let create = self.workflows.create_state_machine().name(name).role_arn(original.role_arn());
        let created = create.definition(definition.to_string()).send().await.map_err(|error| failed(error.into()))?;
        Ok(created.state_machine_arn().to_owned())
    }

    /// Returns the id of an order that does not exist.
    pub(super) fn random_order_id() -> Result<OrderId, Error> {
        let order_id = format!("w{:08x}{:08x}", fastrand::u32(..), fastrand::u32(..)).parse();
        order_id.map_err(|error: domain::ids::InvalidId| Error::failed("no order id can be made", error))
    }

    /// Starts an execution with the fields of a scan by `user` that the workflow reads.
    pub(super) async fn start_execution(&self, user: &str) -> Result<Started, Error> {
        let order_id = Self::random_order_id()?;
        let arn = self.start_execution_of(&self.venue.stack.order_processor_arn, user, &order_id).await?;
        Ok(Started { arn, order_id, customer: self.venue.customer(user)? })
    }

    /// Scans the code of the display. The API does not return the execution that the scan starts.
    pub(super) async fn scan(&self, user: &str) -> Result<Started, Error> {
        let customer = self.venue.customer(user)?;
        let order_id = self.venue.scan(&customer).await?.order_id;
        Ok(Started { arn: String::new(), order_id, customer })
    }

    /// Starts an execution of the workflow with this ARN. Returns the ARN of the execution.
    pub(super) async fn start_execution_of(
        &self,
        workflow: &str,
        user: &str,
        order_id: &OrderId,
    ) -> Result<String, Error> {
        let detail = json!({
            "orderId": order_id, "userId": user, "eventId": self.venue.shop_id, "Message": "A scan", "at": "2026-01-01T00:00:00.000Z",
        });
        let start =
            self.workflows.start_execution().state_machine_arn(workflow).input(json!({"detail": detail}).to_string());
        let started = start.send().await.map_err(|error| Error::failed("no execution can be started", error))?;
        Ok(started.execution_arn().to_owned())
    }

    /// Reads the status of an execution.
    pub(super) async fn execution_status(&self, arn: &str) -> Result<ExecutionStatus, Error> {
        let execution = self.workflows.describe_execution().execution_arn(arn).send().await;
        Ok(execution.map_err(|error| Error::failed("the execution cannot be read", error))?.status().clone())
    }

    /// Lists the states that an execution has entered, in order.
    pub(super) async fn entered_states(&self, arn: &str) -> Result<Vec<String>, Error> {
        let pages = self.workflows.get_execution_history().execution_arn(arn).into_paginator().items().send();
        let events = pages.try_collect().await;
        let events = events.map_err(|error| Error::failed("the execution's history cannot be read", error))?;
        Ok(events.iter().filter_map(|event| Some(event.state_entered_event_details()?.name().to_owned())).collect())
    }

    pub(super) async fn stop_execution(&self, arn: &str) -> Result<(), Error> {
        let stop = self.workflows.stop_execution().execution_arn(arn).send().await;
        stop.map(|_| ()).map_err(|error| Error::failed("the execution cannot be stopped", error))
    }

    /// Waits for the end of an execution. Returns its status and its error, which is empty for a
    /// success; `None` if it still runs after `within`.
    pub(super) async fn wait_for_end(
        &self,
        arn: &str,
        within: Duration,
    ) -> Result<Option<(ExecutionStatus, String)>, Error> {
        let deadline = Instant::now() + within;
        loop {
            let execution = self.workflows.describe_execution().execution_arn(arn).send().await;
            let execution = execution.map_err(|error| Error::failed("the execution cannot be read", error))?;
            if *execution.status() != ExecutionStatus::Running {
                let why = [execution.error(), execution.cause()].into_iter().flatten().collect::<Vec<_>>().join(": ");
                return Ok(Some((execution.status().clone(), why)));
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
            sleep(PAUSE).await;
        }
    }

    /// Waits for the order's event with this detail-type; `None` after [`TIMEOUT`].
    pub(super) async fn wait_for_event(&self, detail_type: &str, order_id: &OrderId) -> Option<BusEvent> {
        self.wait_for(order_id, |event| (event.detail_type == detail_type).then(|| event.clone())).await
    }

    /// Returns the events about an order so far.
    pub(super) fn events_of(&self, order_id: &OrderId) -> Vec<BusEvent> {
        self.record.events().into_iter().filter(|event| event.order_id() == Some(order_id.as_str())).collect()
    }

    /// Waits for the task token that an execution publishes at `step`; `None` after [`TIMEOUT`].
    pub(super) async fn wait_for_token(&self, order_id: &OrderId, step: Step) -> Option<String> {
        let text = |event: &BusEvent, field: &str| event.detail.get(field)?.as_str().map(ToOwned::to_owned);
        self.wait_for(order_id, |event| {
            let issued =
                event.detail_type == TokenIssued::DETAIL_TYPE && text(event, "step").as_deref() == Some(step.as_str());
            issued.then(|| text(event, "TaskToken")).flatten()
        })
        .await
    }

    async fn wait_for<T>(&self, order_id: &OrderId, pick: impl Fn(&BusEvent) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let found = self.events_of(order_id).iter().find_map(&pick);
            if found.is_some() || Instant::now() > deadline {
                return found;
            }
            sleep(PAUSE).await;
        }
    }

    /// Resumes an execution, as order-manager does. Returns the error, if any.
    pub(super) async fn succeed_by_token(&self, token: &str, output: &Value) -> Option<String> {
        let sent = self.workflows.send_task_success().task_token(token).output(output.to_string()).send().await;
        sent.err().map(|error| causes(&error))
    }

    /// Fails a waiting state as order-manager does for a cancel. Returns the error, if any.
    pub(super) async fn cancel_by_token(&self, token: &str) -> Option<String> {
        let cause = json!({"reason": "workshop", "closedBy": "customer", "closedByUserId": "learner"}).to_string();
        let fail = self.workflows.send_task_failure().task_token(token).error(ORDER_CANCELLED).cause(cause);
        fail.send().await.err().map(|error| causes(&error))
    }

    /// Invokes the projector with an event. Returns the error of the function, if any.
    pub(super) async fn project(&self, detail_type: &str, detail: &Value) -> Result<Option<String>, Error> {
        self.invoke("OrderProjector", detail_type, detail).await
    }

    /// Sends an event to the function of the stack with the logical id `name`. Returns the error of
    /// the function, if any.
    pub(super) async fn invoke(&self, name: &str, detail_type: &str, detail: &Value) -> Result<Option<String>, Error> {
        let event = envelope(detail_type, detail);
        let function = self.resources.required(name)?;
        let invoke = self.functions.invoke().function_name(function).payload(Blob::new(event.to_string())).send().await;
        let answer = invoke.map_err(|error| Error::failed("the function cannot be invoked", error))?;
        let text = answer.payload().map(|blob| String::from_utf8_lossy(blob.as_ref()).into_owned()).unwrap_or_default();
        Ok(answer.function_error().map(|_| error_of(&text)))
    }

    /// Invokes the projector asynchronously, as a rule does.
    pub(super) async fn project_async(&self, detail_type: &str, detail: &Value) -> Result<(), Error> {
        let event = Blob::new(envelope(detail_type, detail).to_string());
        let function = self.resources.required("OrderProjector")?;
        let invoke = self.functions.invoke().function_name(function).invocation_type(InvocationType::Event);
        let sent = invoke.payload(event).send().await;
        sent.map(|_| ()).map_err(|error| Error::failed("the projector cannot be invoked", error))
    }

    /// Waits until the order exists. The inner error says why it does not.
    pub(super) async fn wait_for_order(&self, started: &Started) -> Result<Result<Order, String>, Error> {
        let deadline = Instant::now() + TIMEOUT;
        in_time(wait::order_until(&started.customer, &started.order_id, deadline, |_| true).await)
    }

    /// Waits until the order has this status. The inner error names the status that it has instead.
    pub(super) async fn wait_for_status(
        &self,
        started: &Started,
        status: OrderStatus,
    ) -> Result<Result<Order, String>, Error> {
        in_time(wait::order_is(&started.customer, &started.order_id, status, Instant::now() + TIMEOUT).await)
    }

    /// Submits a drink as the customer, once the order accepts one. Returns the refusal, if any.
    pub(super) async fn submit(&self, started: &Started) -> Result<Option<String>, Error> {
        refusal(self.venue.choose(&started.customer, &started.order_id).await)
    }

    /// Completes the order as the barista. Returns the refusal, if any.
    pub(super) async fn complete(&self, started: &Started) -> Result<Option<String>, Error> {
        refusal(self.venue.complete(&started.order_id).await)
    }
}

fn in_time(answer: Result<Order, Error>) -> Result<Result<Order, String>, Error> {
    match answer {
        Ok(order) => Ok(Ok(order)),
        Err(Error::TimedOut(why) | Error::Unexpected(why)) => Ok(Err(why)),
        Err(error) => Err(error),
    }
}

fn envelope(detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": format!("workshop-{:08x}", fastrand::u32(..)), "source": SOURCE, "detail-type": detail_type, "detail": detail,
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
    })
}

/// Returns type and message of the error that a function has answered.
fn error_of(answer: &str) -> String {
    let Ok(error) = serde_json::from_str::<Value>(answer) else { return answer.to_owned() };
    let text = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}: {}", text("errorType"), text("errorMessage"))
}

fn refusal(answer: Result<(), Error>) -> Result<Option<String>, Error> {
    match answer {
        Ok(()) => Ok(None),
        Err(Error::Refused(problem)) => Ok(Some(problem.to_string())),
        Err(error) => Err(error),
    }
}
