//! Finds the dead-letter queue of a rule, and sends it events in EventBridge's message format.

use client::error::Cause;
use client::{Error, Resources, Stack};
use harness::dead_letters::{RuleFailure, send_event};
use harness::function::Function;

use crate::overrides::Route;

#[derive(Debug)]
pub(super) struct DeadLetterQueue {
    url: String,
    rule_arn: String,
    target_arn: String,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("a dead-letter queue cannot be found", source)
}

impl DeadLetterQueue {
    pub(super) async fn find(stack: &Stack, resources: &Resources, route: Route) -> Result<Self, Error> {
        let events = aws_sdk_eventbridge::Client::new(&stack.aws);
        let rule = resources.rule_name(route.replaced_rule().unwrap_or_default())?;
        let rule = events.describe_rule().name(rule).event_bus_name(&stack.bus_name).send().await.map_err(failed)?;
        let (queue, target_arn) = match route {
            Route::Projection => ("ProjectionDeadLetters", Function::OrderProjector.arn(stack, resources).await?),
            _ => ("NewOrderDeadLetters", stack.order_processor_arn.clone()),
        };
        Ok(Self { url: resources.required(queue)?.to_owned(), rule_arn: rule.arn.unwrap_or_default(), target_arn })
    }

    pub(super) async fn send(
        &self,
        sqs: &aws_sdk_sqs::Client,
        event: &str,
        retries: u32,
        message: &str,
    ) -> Result<(), Error> {
        let failure = RuleFailure { rule_arn: &self.rule_arn, target_arn: &self.target_arn, message, retries };
        send_event(sqs, &self.url, event, &failure).await.map(drop)
    }
}
