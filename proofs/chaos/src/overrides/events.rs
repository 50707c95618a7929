//! Queues between the rules and their targets. MiniStack calls a rule's target once; it neither
//! retries a failure nor sends it to the dead-letter queue. So the run disables the rules and sends
//! the same events to queues, from which the courier delivers them as EventBridge does. LocalStack
//! gets the same, to make runs comparable.

use aws_sdk_eventbridge::types::{RuleState, Target};
use aws_sdk_sqs::types::QueueAttributeName;
use client::Error;
use client::error::Cause;
use client::resources::Resources;
use client::stack::Stack;
use serde_json::json;

use crate::workflow::FAILURE_SOURCE;

const TARGET: &str = "courier";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Route {
    NewOrder,
    Projection,
    Failure,
}

impl Route {
    pub const ALL: [Self; 3] = [Self::NewOrder, Self::Projection, Self::Failure];

    fn name(self, stack: &Stack) -> String {
        let suffix = match self {
            Self::NewOrder => "new-orders",
            Self::Projection => "projections",
            Self::Failure => "failures",
        };
        format!("{}-{suffix}", stack.name)
    }

    pub const fn replaced_rule(self) -> Option<&'static str> {
        match self {
            Self::NewOrder => Some("NewOrderRule"),
            Self::Projection => Some("ProjectionRule"),
            Self::Failure => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Queues(Vec<(Route, String, String)>);

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the events cannot be routed", source)
}

impl Queues {
    pub(super) async fn create(stack: &Stack) -> Result<Self, Error> {
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        let mut queues = Vec::new();
        for route in Route::ALL {
            let queue = sqs
                .create_queue()
                .queue_name(route.name(stack))
                .attributes(QueueAttributeName::VisibilityTimeout, "120");
            let url = queue.send().await.map_err(failed)?.queue_url.unwrap_or_default();
            let attributes = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
            let attributes = attributes.send().await.map_err(failed)?.attributes.unwrap_or_default();
            let arn = attributes.get(&QueueAttributeName::QueueArn).cloned();
            let arn = arn.ok_or_else(|| failed("a queue has no ARN"))?;
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

    /// Sends the events of each route to its queue only.
    pub(super) async fn route(&self, stack: &Stack, resources: &Resources) -> Result<(), Error> {
        let (events, bus) = (aws_sdk_eventbridge::Client::new(&stack.aws), &stack.bus_name);
        for (route, _, arn) in &self.0 {
            let pattern = match route.replaced_rule() {
                None => json!({ "source": [FAILURE_SOURCE] }).to_string(),
                Some(logical_id) => {
                    let rule = resources.rule_name(logical_id)?;
                    let found = events.describe_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
                    events.disable_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
                    found.event_pattern.unwrap_or_default()
                }
            };
            let rule = events.put_rule().name(route.name(stack)).event_bus_name(bus).event_pattern(pattern);
            rule.state(RuleState::Enabled).send().await.map_err(failed)?;
            let target = Target::builder().id(TARGET).arn(arn).build().map_err(failed)?;
            let put = events.put_targets().rule(route.name(stack)).event_bus_name(bus).targets(target);
            if let Some(entry) = put.send().await.map_err(failed)?.failed_entries().first() {
                return Err(failed(entry.error_message().unwrap_or("a target was rejected").to_owned()));
            }
        }
        Ok(())
    }

    pub(super) async fn remove(&self, stack: &Stack, resources: &Resources) -> Result<(), Error> {
        let (events, bus) = (aws_sdk_eventbridge::Client::new(&stack.aws), &stack.bus_name);
        let sqs = aws_sdk_sqs::Client::new(&stack.aws);
        for (route, url, _) in &self.0 {
            if let Some(logical_id) = route.replaced_rule() {
                let rule = resources.rule_name(logical_id)?;
                events.enable_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
            }
            let name = route.name(stack);
            events.remove_targets().rule(&name).event_bus_name(bus).ids(TARGET).send().await.map_err(failed)?;
            events.delete_rule().name(&name).event_bus_name(bus).send().await.map_err(failed)?;
            sqs.delete_queue().queue_url(url).send().await.map_err(failed)?;
        }
        Ok(())
    }
}

pub(super) async fn purge_dead_letters(stack: &Stack, resources: &Resources) -> Result<(), Error> {
    let sqs = aws_sdk_sqs::Client::new(&stack.aws);
    for (_, url) in resources.dead_letter_queues() {
        sqs.purge_queue().queue_url(url).send().await.map_err(failed)?;
    }
    Ok(())
}
