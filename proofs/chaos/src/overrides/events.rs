//! Queues between the rules and their targets. MiniStack calls a rule's target once; it neither
//! retries a failure nor sends it to the dead-letter queue. So the courier takes each event from a
//! queue and delivers it as EventBridge does. LocalStack gets the same, to make runs comparable.

use aws_sdk_eventbridge::types::{DeadLetterConfig, RetryPolicy, RuleState, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use client::Error;
use client::error::Cause;
use client::resources::Resources;
use client::stack::Stack;
use harness::function::Function;
use serde_json::json;

use crate::workflow::FAILURE_SOURCE;

/// A path of events through the courier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    /// Order requests to the workflow.
    NewOrder,
    /// Order events to the projector.
    Projection,
    /// Announcements of workflow attempts that must fail after they published.
    Failure,
}

impl Route {
    pub const ALL: [Self; 3] = [Self::NewOrder, Self::Projection, Self::Failure];

    const fn queue_suffix(self) -> &'static str {
        match self {
            Self::NewOrder => "new-orders",
            Self::Projection => "projections",
            Self::Failure => "failures",
        }
    }

    /// The logical id of the rule; `None` for the rule that a run creates.
    pub const fn rule(self) -> Option<&'static str> {
        match self {
            Self::NewOrder => Some("NewOrderRule"),
            Self::Projection => Some("ProjectionRule"),
            Self::Failure => None,
        }
    }

    /// The id of the rule's target in `template.yaml`.
    const fn target(self) -> &'static str {
        match self {
            Self::NewOrder => "OrderProcessor",
            Self::Projection => "OrderProjector",
            Self::Failure => "courier",
        }
    }
}

/// The queues of the courier: route, URL and ARN.
#[derive(Debug, Clone)]
pub struct Queues(Vec<(Route, String, String)>);

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the targets of the rules cannot be changed", source)
}

fn failure_rule(stack: &Stack) -> String {
    format!("{}-failures", stack.name)
}

async fn queue_arn(sqs: &aws_sdk_sqs::Client, url: &str) -> Result<String, Error> {
    let attributes = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let attributes = attributes.send().await.map_err(failed)?.attributes.unwrap_or_default();
    attributes.get(&QueueAttributeName::QueueArn).cloned().ok_or_else(|| failed("a queue has no ARN"))
}

impl Queues {
    pub(super) async fn create(stack: &Stack) -> Result<Self, Error> {
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let mut queues = Vec::new();
        for route in Route::ALL {
            let name = format!("{}-{}", stack.name, route.queue_suffix());
            let queue = sqs.create_queue().queue_name(name).attributes(QueueAttributeName::VisibilityTimeout, "120");
            let url = queue.send().await.map_err(failed)?.queue_url.unwrap_or_default();
            let arn = queue_arn(&sqs, &url).await?;
            let policy = json!({"Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": arn,
            }]});
            let allow =
                sqs.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::Policy, policy.to_string());
            allow.send().await.map_err(failed)?;
            queues.push((route, url, arn));
        }
        Ok(Self(queues))
    }

    pub fn url(&self, route: Route) -> &str {
        self.0.iter().find(|(one, ..)| *one == route).map_or("", |(_, url, _)| url)
    }

    fn arn(&self, route: Route) -> &str {
        self.0.iter().find(|(one, ..)| *one == route).map_or("", |(.., arn)| arn)
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

async fn put_target(stack: &Stack, rule: &str, target: Target) -> Result<(), Error> {
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let put = events.put_targets().rule(rule).event_bus_name(&stack.bus_name).targets(target);
    match put.send().await.map_err(failed)?.failed_entries().first() {
        None => Ok(()),
        Some(entry) => Err(failed(entry.error_message().unwrap_or("the target was rejected").to_owned())),
    }
}

/// Makes the courier's queues the targets of the rules.
pub(super) async fn route_to_courier(stack: &Stack, resources: &Resources, queues: &Queues) -> Result<(), Error> {
    let events = aws_sdk_eventbridge::Client::new(&stack.aws);
    let failures = failure_rule(stack);
    let pattern = json!({ "source": [FAILURE_SOURCE] }).to_string();
    let put = events.put_rule().name(&failures).event_bus_name(&stack.bus_name);
    put.event_pattern(pattern).state(RuleState::Enabled).send().await.map_err(failed)?;
    for route in Route::ALL {
        let rule = route.rule().map_or(Ok(failures.as_str()), |logical_id| resources.rule_name(logical_id))?;
        let target = Target::builder().id(route.target()).arn(queues.arn(route)).build().map_err(failed)?;
        put_target(stack, rule, target).await?;
    }
    Ok(())
}

/// Restores the targets that the template defines.
pub(super) async fn restore_targets(stack: &Stack, resources: &Resources) -> Result<(), Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    for (route, dead_letters, retries, age) in
        [(Route::NewOrder, "NewOrderDeadLetters", 20, 300), (Route::Projection, "ProjectionDeadLetters", 50, 3_600)]
    {
        let Some(rule) = route.rule() else { continue };
        let arn = queue_arn(&sqs, resources.required(dead_letters)?).await?;
        let policy = RetryPolicy::builder().maximum_retry_attempts(retries).maximum_event_age_in_seconds(age).build();
        let mut target = Target::builder()
            .id(route.target())
            .retry_policy(policy)
            .dead_letter_config(DeadLetterConfig::builder().arn(arn).build());
        target = match route {
            Route::NewOrder => {
                let account = stack.order_processor_arn.split(':').nth(4).unwrap_or_default();
                let role = format!("arn:aws:iam::{account}:role/{}", resources.required("NewOrderRole")?);
                target.arn(&stack.order_processor_arn).role_arn(role)
            }
            _ => target.arn(function_arn(stack, Function::OrderProjector.deployed_name(resources)?).await?),
        };
        put_target(stack, resources.rule_name(rule)?, target.build().map_err(failed)?).await?;
    }
    Ok(())
}

/// The ARN of a deployed function.
pub(crate) async fn function_arn(stack: &Stack, name: &str) -> Result<String, Error> {
    let client = aws_sdk_lambda::Client::new(&stack.aws);
    let function = client.get_function_configuration().function_name(name).send().await.map_err(failed)?;
    Ok(function.function_arn.unwrap_or_default())
}

/// Empties the dead-letter queues of messages of an earlier run.
pub(super) async fn purge_dead_letters(stack: &Stack, resources: &Resources) -> Result<(), Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    for (_, url) in resources.dead_letter_queues() {
        sqs.purge_queue().queue_url(url).send().await.map_err(failed)?;
    }
    Ok(())
}
