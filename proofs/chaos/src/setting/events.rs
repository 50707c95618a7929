//! Queues between the rules and their targets. MiniStack calls a rule's target once, and neither retries nor dead-letters what fails;
//! so the courier takes each event from a queue and delivers it as EventBridge does. LocalStack gets the same, so that one run is like
//! the other.

use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, RuleState, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use client::Error;
use client::error::Cause;
use client::stack::Stack;
use serde_json::json;

use super::Parts;
use crate::workflow::FAILS;

/// A way that events take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    /// New orders to the workflow.
    NewOrder,
    /// What moves an order, to the projector.
    Projection,
    /// Attempts of the workflow that are to fail after what they have published.
    Failure,
}

impl Route {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::NewOrder, Self::Projection, Self::Failure];

    const fn name(self) -> &'static str {
        match self {
            Self::NewOrder => "new-orders",
            Self::Projection => "projections",
            Self::Failure => "failures",
        }
    }

    /// The rule that sends events this way, by its logical id; none, where the run has a rule of its own.
    pub const fn rule(self) -> Option<&'static str> {
        match self {
            Self::NewOrder => Some("NewOrderRule"),
            Self::Projection => Some("ProjectionRule"),
            Self::Failure => None,
        }
    }

    /// The id of the rule's target in template.yaml.
    const fn target(self) -> &'static str {
        match self {
            Self::NewOrder => "OrderProcessor",
            Self::Projection => "OrderProjector",
            Self::Failure => "courier",
        }
    }
}

/// The queues of the courier.
#[derive(Debug, Clone)]
pub struct Queues(Vec<(Route, String, String)>);

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the way of the events cannot be changed", source)
}

fn failure_rule(stack: &Stack) -> String {
    format!("{}-failures", stack.name)
}

impl Queues {
    pub(super) async fn create(stack: &Stack) -> Result<Self, Error> {
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let mut queues = Vec::new();
        for route in Route::ALL {
            let name = format!("{}-{}", stack.name, route.name());
            let queue = sqs.create_queue().queue_name(name).attributes(QueueAttributeName::VisibilityTimeout, "120");
            let url = queue.send().await.map_err(failed)?.queue_url.unwrap_or_default();
            let attributes = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
            let attributes = attributes.send().await.map_err(failed)?.attributes.unwrap_or_default();
            let arn =
                attributes.get(&QueueAttributeName::QueueArn).cloned().ok_or_else(|| failed("a queue has no ARN"))?;
            let policy = json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
            }]});
            let allow =
                sqs.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::Policy, policy.to_string());
            allow.send().await.map_err(failed)?;
            queues.push((route, url, arn));
        }
        Ok(Self(queues))
    }

    /// Where the courier finds the events of a route.
    pub fn url(&self, route: Route) -> &str {
        self.0.iter().find(|(of, ..)| *of == route).map_or("", |(_, url, _)| url)
    }

    fn arn(&self, route: Route) -> &str {
        self.0.iter().find(|(of, ..)| *of == route).map_or("", |(.., arn)| arn)
    }

    pub(super) async fn remove(&self, stack: &Stack) -> Result<(), Error> {
        let (sqs, events) = (aws_sdk_sqs::Client::new(&stack.aws), aws_sdk_eventbridge::Client::new(&stack.aws));
        let (rule, bus) = (failure_rule(stack), &stack.bus_name);
        events.remove_targets().rule(&rule).event_bus_name(bus).ids("courier").send().await.map_err(failed)?;
        events.delete_rule().name(&rule).event_bus_name(bus).send().await.map_err(failed)?;
        for (_, url, _) in &self.0 {
            sqs.delete_queue().queue_url(url).send().await.map_err(failed)?;
        }
        Ok(())
    }
}

async fn aim(stack: &Stack, rule: &str, target: Target) -> Result<(), Error> {
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let put = events.put_targets().rule(rule).event_bus_name(&stack.bus_name).targets(target);
    match put.send().await.map_err(failed)?.failed_entries().first() {
        None => Ok(()),
        Some(entry) => Err(failed(entry.error_message().unwrap_or("the target was refused").to_owned())),
    }
}

/// Sends the events to the courier.
pub(super) async fn route(stack: &Stack, parts: &Parts, queues: &Queues) -> Result<(), Error> {
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let own = failure_rule(stack);
    let pattern = json!({ "source": [FAILS] }).to_string();
    let put =
        events.put_rule().name(&own).event_bus_name(&stack.bus_name).event_pattern(pattern).state(RuleState::Enabled);
    put.send().await.map_err(failed)?;
    for route in Route::ALL {
        let rule = route.rule().map_or(Ok(own.as_str()), |logical| parts.rule(logical))?;
        let target = Target::builder().id(route.target()).arn(queues.arn(route)).build().map_err(failed)?;
        aim(stack, rule, target).await?;
    }
    Ok(())
}

/// Sends them where the template says.
pub(super) async fn restore(stack: &Stack, parts: &Parts) -> Result<(), Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    for (route, letters, retries, age) in
        [(Route::NewOrder, "NewOrderDeadLetters", 20, 300), (Route::Projection, "ProjectionDeadLetters", 50, 3_600)]
    {
        let Some(logical) = route.rule() else { continue };
        let url = parts.physical(letters)?;
        let queue = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
        let queue = queue.send().await.map_err(failed)?.attributes.unwrap_or_default();
        let arn = queue.get(&QueueAttributeName::QueueArn).cloned();
        let policy = RetryPolicy::builder().maximum_retry_attempts(retries).maximum_event_age_in_seconds(age).build();
        let mut target = Target::builder()
            .id(route.target())
            .retry_policy(policy)
            .dead_letter_config(DeadLetterConfig::builder().set_arn(arn).build());
        target = match route {
            Route::NewOrder => {
                let account = stack.order_processor_arn.split(':').nth(4).unwrap_or_default();
                let role = format!("arn:aws:iam::{account}:role/{}", parts.physical("NewOrderRole")?);
                target.arn(&stack.order_processor_arn).role_arn(role)
            }
            _ => target.arn(function_arn(stack, parts.physical("OrderProjector")?).await?),
        };
        aim(stack, parts.rule(logical)?, target.build().map_err(failed)?).await?;
    }
    Ok(())
}

async fn function_arn(stack: &Stack, name: &str) -> Result<String, Error> {
    let client = aws_sdk_lambda::Client::new(&stack.aws);
    let function = client.get_function_configuration().function_name(name).send().await.map_err(failed)?;
    Ok(function.function_arn.unwrap_or_default())
}

/// Empties the dead-letter queues: what lies there is from an earlier run.
pub(super) async fn purge(stack: &Stack, parts: &Parts) -> Result<(), Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    for url in parts.letters.values() {
        sqs.purge_queue().queue_url(url).send().await.map_err(failed)?;
    }
    Ok(())
}

/// Turns the sweeper's schedule on or off: a sweep in the middle of a count would be counted.
pub async fn sweep_on_schedule(stack: &Stack, parts: &Parts, on: bool) -> Result<(), Error> {
    let failed = |error: Cause| Error::failed("the schedule of sweeps cannot be turned", error);
    let (client, rule) = (aws_sdk_eventbridge::Client::new(&stack.aws), parts.rule("SweepRule")?);
    if on {
        client.enable_rule().name(rule).send().await.map(|_| ()).map_err(|error| failed(error.into()))
    } else {
        client.disable_rule().name(rule).send().await.map(|_| ()).map_err(|error| failed(error.into()))
    }
}
