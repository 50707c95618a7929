//! Dead-letter messages in EventBridge's format: the event as the body, the failure as attributes.

use std::collections::HashMap;

use aws_sdk_sqs::types::MessageAttributeValue;
use client::Error;
use client::error::Cause;
use client::resources::Resources;
use client::stack::Stack;
use harness::function::Function;

use crate::overrides::Route;

#[derive(Debug)]
pub(super) struct DeadLetterQueue {
    url: String,
    rule_arn: String,
    target_arn: String,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("a dead-letter message cannot be sent", source)
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
        let retries = retries.to_string();
        let attributes = [
            ("RULE_ARN", self.rule_arn.as_str()),
            ("TARGET_ARN", &self.target_arn),
            ("ERROR_CODE", "THROTTLING"),
            ("ERROR_MESSAGE", message),
            ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            ("RETRY_ATTEMPTS", &retries),
        ];
        let mut values = HashMap::new();
        for (name, text) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
            values.insert(name.to_owned(), value.map_err(failed)?);
        }
        let send = sqs.send_message().queue_url(&self.url).message_body(event).set_message_attributes(Some(values));
        send.send().await.map(drop).map_err(failed)
    }
}
