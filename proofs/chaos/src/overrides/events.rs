//! Puts queues between two rules and their targets. MiniStack calls a rule's target once. It
//! neither retries a failure nor writes a dead-letter message. So the run disables the two rules
//! and sends their events to queues, from which the courier delivers them. On LocalStack the run
//! does the same, so that runs are comparable.

use std::collections::BTreeMap;
use std::time::Duration;

use client::bus::Subscription;
use client::error::Cause;
use client::{Error, Resources, Stack};
use harness::named_enum;
use serde_json::json;

use crate::workflow::FAILURE_SOURCE;

/// Time for which a received event is hidden: longer than the courier takes for one event.
const DELIVERY_TIMEOUT: Duration = Duration::from_mins(2);

named_enum! {
    Route {
        NewOrder = "new-orders",
        Projection = "projections",
        /// Events by which the failing copy of the workflow asks the courier to fail an attempt.
        Failure = "failures",
    }
}

impl Route {
    pub const fn replaced_rule(self) -> Option<&'static str> {
        match self {
            Self::NewOrder => Some("NewOrderRule"),
            Self::Projection => Some("ProjectionRule"),
            Self::Failure => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Queues(BTreeMap<Route, Subscription>);

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the events cannot be routed", source)
}

impl Queues {
    pub(super) async fn create(stack: &Stack) -> Result<Self, Error> {
        let mut queues = BTreeMap::new();
        for route in Route::ALL {
            let name = format!("{}-{}", stack.name, route.as_str());
            queues.insert(*route, Subscription::create(stack, name, DELIVERY_TIMEOUT).await?);
        }
        Ok(Self(queues))
    }

    pub fn url(&self, route: Route) -> &str {
        self.0.get(&route).map_or("", |queue| &queue.queue_url)
    }

    /// Sends the events of each route to its queue, and disables the rule that the queue replaces.
    pub(super) async fn route(&self, stack: &Stack, resources: &Resources) -> Result<(), Error> {
        let (events, bus) = (aws_sdk_eventbridge::Client::new(&stack.aws), &stack.bus_name);
        for (route, queue) in &self.0 {
            let pattern = match route.replaced_rule() {
                None => json!({ "source": [FAILURE_SOURCE] }).to_string(),
                Some(logical_id) => {
                    let rule = resources.rule_name(logical_id)?;
                    let found = events.describe_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
                    events.disable_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
                    found.event_pattern.unwrap_or_default()
                }
            };
            queue.receive(&pattern).await?;
        }
        Ok(())
    }

    pub(super) async fn remove(&self, stack: &Stack, resources: &Resources) -> Result<(), Error> {
        let (events, bus) = (aws_sdk_eventbridge::Client::new(&stack.aws), &stack.bus_name);
        for (route, queue) in &self.0 {
            if let Some(logical_id) = route.replaced_rule() {
                let rule = resources.rule_name(logical_id)?;
                events.enable_rule().name(rule).event_bus_name(bus).send().await.map_err(failed)?;
            }
            queue.remove().await?;
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
