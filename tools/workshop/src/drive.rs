//! Uses the learner's bar as its people do, and listens.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sfn::types::ExecutionStatus;
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::event::{Detail, SOURCE, TokenIssued};
use domain::ids::{EventId, OrderId};
use domain::order::{Order, OrderStatus, Step};
use domain::workflow::ORDER_CANCELLED;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::Resources;
use client::api::Api;
use client::bus::{BusEvent, Scope};
use client::error::{Error, causes};
use client::record::Record;
use client::stack::Stack;
use client::token::SigningKey;
use client::wait;

const LIFETIME: Duration = Duration::from_mins(30);
pub(super) const PATIENCE: Duration = Duration::from_secs(12);
const PAUSE: Duration = Duration::from_millis(150);

/// A shop of its own in the learner's stack, its people, and all that its bus says.
pub(super) struct Driver<'k> {
    pub(super) stack: Stack,
    pub(super) resources: Resources,
    pub(super) workflows: aws_sdk_sfn::Client,
    pub(super) shop: EventId,
    pub(super) admin: Api,
    pub(super) barista: Api,
    api: Api,
    key: &'k SigningKey,
    functions: aws_sdk_lambda::Client,
    record: Record,
}

/// An execution that was started, and its order.
pub(super) struct Started {
    pub(super) arn: String,
    pub(super) order_id: OrderId,
    pub(super) customer: Api,
}

impl<'k> Driver<'k> {
    pub(super) async fn start(stack: &Stack, key: &'k SigningKey) -> Result<Self, Error> {
        let api = Api::new(&stack.api_url)?.with_attempts(3);
        let as_role = |user: &str, role: Role| Ok::<_, Error>(api.with_token(key.mint(user, &[role], LIFETIME)?));
        let (admin, barista) = (as_role("teacher", Role::Admin)?, as_role("bea", Role::Barista)?);
        let shop: Result<EventId, _> = format!("workshop-{:08x}", fastrand::u32(..)).parse();
        let shop = shop.map_err(|error| Error::failed("no shop", error))?;
        admin.set_open(&shop, true).await?;
        Ok(Self {
            stack: stack.clone(),
            resources: Resources::of(stack).await?,
            workflows: aws_sdk_sfn::Client::new(&stack.aws),
            functions: aws_sdk_lambda::Client::new(&stack.aws),
            shop,
            admin,
            barista,
            api,
            key,
            record: Record::start(stack, Scope::Everything).await?,
        })
    }

    pub(super) async fn leave(&self) -> Result<(), Error> {
        self.record.stop().await
    }

    pub(super) fn customer(&self, user: &str) -> Result<Api, Error> {
        Ok(self.api.with_token(self.key.mint(user, &[], LIFETIME)?))
    }

    /// A customer whom nobody has seen.
    pub(super) fn somebody() -> String {
        format!("learner-{:08x}", fastrand::u32(..))
    }

    /// The workflow, as it is deployed.
    pub(super) async fn definition(&self) -> Result<Value, Error> {
        let machine = self.workflows.describe_state_machine().state_machine_arn(&self.stack.order_processor_arn);
        let machine = machine.send().await.map_err(|error| Error::failed("the workflow cannot be read", error))?;
        serde_json::from_str(machine.definition()).map_err(|error| Error::failed("the workflow is not JSON", error))
    }

    /// A workflow of its own, which the caller deletes.
    pub(super) async fn machine(&self, definition: &Value) -> Result<String, Error> {
        let failed = |error: client::error::Cause| Error::failed("no copy of the workflow can be made", error);
        let original =
            self.workflows.describe_state_machine().state_machine_arn(&self.stack.order_processor_arn).send();
        let original = original.await.map_err(|error| failed(error.into()))?;
        let name = format!("workshop-{:08x}", fastrand::u32(..));
        let create = self.workflows.create_state_machine().name(name).role_arn(original.role_arn());
        let created = create.definition(definition.to_string()).send().await.map_err(|error| failed(error.into()))?;
        Ok(created.state_machine_arn().to_owned())
    }

    /// An id that no order has.
    pub(super) fn order_id() -> Result<OrderId, Error> {
        let order_id = format!("w{:08x}{:08x}", fastrand::u32(..), fastrand::u32(..)).parse();
        order_id.map_err(|error: domain::ids::InvalidId| Error::failed("no order", error))
    }

    /// Starts an execution, as the bus would for a scan of `user`.
    pub(super) async fn execute(&self, user: &str) -> Result<Started, Error> {
        let order_id = Self::order_id()?;
        let arn = self.execute_in(&self.stack.order_processor_arn, user, &order_id).await?;
        Ok(Started { arn, order_id, customer: self.customer(user)? })
    }

    /// Scans the code of the display. Which execution that starts is not known.
    pub(super) async fn scan(&self, user: &str) -> Result<Started, Error> {
        let (code, customer) = (self.admin.qr_code(&self.shop).await?.code, self.customer(user)?);
        let order_id = customer.scan(&self.shop, &code).await?.order_id;
        Ok(Started { arn: String::new(), order_id, customer })
    }

    /// Starts an execution of the workflow `machine`.
    pub(super) async fn execute_in(&self, machine: &str, user: &str, order_id: &OrderId) -> Result<String, Error> {
        let detail = json!({
            "orderId": order_id, "userId": user, "eventId": self.shop, "bucket": "workshop", "Message": "A scan", "at": "2026-01-01T00:00:00.000Z",
        });
        let start =
            self.workflows.start_execution().state_machine_arn(machine).input(json!({"detail": detail}).to_string());
        let started = start.send().await.map_err(|error| Error::failed("no execution can be started", error))?;
        Ok(started.execution_arn().to_owned())
    }

    /// Where an execution stands.
    pub(super) async fn status(&self, arn: &str) -> Result<ExecutionStatus, Error> {
        let execution = self.workflows.describe_execution().execution_arn(arn).send().await;
        Ok(execution.map_err(|error| Error::failed("the execution cannot be read", error))?.status().clone())
    }

    /// The states that an execution has entered.
    pub(super) async fn states(&self, arn: &str) -> Result<Vec<String>, Error> {
        let pages = self.workflows.get_execution_history().execution_arn(arn).into_paginator().items().send();
        let events = pages.try_collect().await;
        let events = events.map_err(|error| Error::failed("the execution's history cannot be read", error))?;
        Ok(events.iter().filter_map(|event| Some(event.state_entered_event_details()?.name().to_owned())).collect())
    }

    /// Ends an execution that nobody waits for any more.
    pub(super) async fn stop(&self, arn: &str) -> Result<(), Error> {
        let stop = self.workflows.stop_execution().execution_arn(arn).send().await;
        stop.map(|_| ()).map_err(|error| Error::failed("the execution cannot be stopped", error))
    }

    /// How an execution ends, and why, if it does so in time.
    pub(super) async fn ends(&self, arn: &str, within: Duration) -> Result<Option<(ExecutionStatus, String)>, Error> {
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

    /// The event of this kind about an order, if it comes in time.
    pub(super) async fn hears(&self, detail_type: &str, order_id: &OrderId) -> Option<BusEvent> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let heard = self.heard(order_id).into_iter().find(|event| event.detail_type == detail_type);
            if heard.is_some() || Instant::now() > deadline {
                return heard;
            }
            sleep(PAUSE).await;
        }
    }

    /// What was said about an order so far.
    pub(super) fn heard(&self, order_id: &OrderId) -> Vec<BusEvent> {
        self.record.heard().into_iter().filter(|event| event.order_id() == Some(order_id.as_str())).collect()
    }

    /// The token that an execution waits with, if it is told in time.
    pub(super) async fn token(&self, order_id: &OrderId, step: Step) -> Option<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let issued = self.heard(order_id).into_iter().find(|event| {
                event.detail_type == TokenIssued::DETAIL_TYPE
                    && event.detail.get("step").and_then(Value::as_str) == Some(step.as_str())
            });
            let token = issued.and_then(|event| event.detail.get("TaskToken")?.as_str().map(ToOwned::to_owned));
            if token.is_some() || Instant::now() > deadline {
                return token;
            }
            sleep(PAUSE).await;
        }
    }

    /// Resumes an execution by hand, as the order manager does; or says why that was refused.
    pub(super) async fn succeed(&self, token: &str, output: &Value) -> Option<String> {
        let sent = self.workflows.send_task_success().task_token(token).output(output.to_string()).send().await;
        sent.err().map(|error| causes(&error))
    }

    /// Has an execution fail as a cancel does; or says why that was refused.
    pub(super) async fn cancel_by_hand(&self, token: &str) -> Option<String> {
        let cause =
            json!({"reason": "the workshop goes on", "closedBy": "customer", "closedByUserId": "learner"}).to_string();
        let fail = self.workflows.send_task_failure().task_token(token).error(ORDER_CANCELLED).cause(cause);
        fail.send().await.err().map(|error| causes(&error))
    }

    /// Gives an event to the projector, and waits for it; or says what it answered.
    pub(super) async fn project(&self, detail_type: &str, detail: &Value) -> Result<Option<String>, Error> {
        self.invoke("OrderProjector", detail_type, detail).await
    }

    /// Gives an event to a function of the stack, and waits for it; or says what it answered.
    pub(super) async fn invoke(&self, name: &str, detail_type: &str, detail: &Value) -> Result<Option<String>, Error> {
        let event = envelope(detail_type, detail);
        let function = self.resources.required(name)?;
        let invoke = self.functions.invoke().function_name(function).payload(Blob::new(event.to_string())).send().await;
        let answer = invoke.map_err(|error| Error::failed("the function cannot be invoked", error))?;
        let text = answer.payload().map(|blob| String::from_utf8_lossy(blob.as_ref()).into_owned()).unwrap_or_default();
        Ok(answer.function_error().map(|_| text))
    }

    /// Gives an event to the projector as a rule does, which waits for nothing.
    pub(super) async fn project_later(&self, detail_type: &str, detail: &Value) -> Result<(), Error> {
        let event = Blob::new(envelope(detail_type, detail).to_string());
        let function = self.resources.required("OrderProjector")?;
        let invoke = self.functions.invoke().function_name(function).invocation_type(InvocationType::Event);
        let sent = invoke.payload(event).send().await;
        sent.map(|_| ()).map_err(|error| Error::failed("the projector cannot be invoked", error))
    }

    /// The order, once it is in; or what became of it instead.
    pub(super) async fn order_is_in(&self, started: &Started) -> Result<Result<Order, String>, Error> {
        let deadline = Instant::now() + PATIENCE;
        match wait::order_until(&started.customer, &started.order_id, deadline, |_| true).await {
            Ok(order) => Ok(Ok(order)),
            Err(Error::TimedOut(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        }
    }

    /// The order, once it has this status; or what it is instead.
    pub(super) async fn order_is(
        &self,
        started: &Started,
        status: OrderStatus,
    ) -> Result<Result<Order, String>, Error> {
        match wait::order_is(&started.customer, &started.order_id, status, Instant::now() + PATIENCE).await {
            Ok(order) => Ok(Ok(order)),
            Err(Error::TimedOut(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        }
    }

    /// The customer chooses, once the order is ready for it; or why not.
    pub(super) async fn choose(&self, started: &Started) -> Result<Option<String>, Error> {
        let latte = DrinkRequest { drink: "Latte".into(), modifiers: vec!["Oat".into()] };
        refusal(
            wait::when_ready(Instant::now() + PATIENCE, || started.customer.submit(&started.order_id, &latte)).await,
        )
    }

    /// The barista hands over; or why not.
    pub(super) async fn complete(&self, started: &Started) -> Result<Option<String>, Error> {
        refusal(wait::when_ready(Instant::now() + PATIENCE, || self.barista.complete(&started.order_id)).await)
    }
}

fn envelope(detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": format!("workshop-{:08x}", fastrand::u32(..)), "source": SOURCE, "detail-type": detail_type, "detail": detail,
        "account": "000000000000", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
    })
}

fn refusal(answer: Result<(), Error>) -> Result<Option<String>, Error> {
    match answer {
        Ok(()) => Ok(None),
        Err(Error::Refused(problem)) => Ok(Some(problem.to_string())),
        Err(error) => Err(error),
    }
}
