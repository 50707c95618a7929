//! Letters as EventBridge writes them: the event as the body, and why it lies there as attributes.

use std::collections::HashMap;

use aws_sdk_sqs::types::MessageAttributeValue;
use client::Error;
use client::error::Cause;
use client::stack::Stack;

use crate::setting::{Parts, Route};

/// The dead-letter queue of a rule's target.
#[derive(Debug)]
pub(super) struct Letter {
    queue_url: String,
    rule_arn: String,
    target_arn: String,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("a letter cannot be written", source)
}

impl Letter {
    pub(super) async fn of(stack: &Stack, parts: &Parts, route: Route) -> Result<Self, Error> {
        let events = aws_sdk_eventbridge::Client::new(&stack.aws);
        let rule = parts.rule(route.rule().unwrap_or_default())?;
        let rule = events.describe_rule().name(rule).event_bus_name(&stack.bus_name).send().await.map_err(failed)?;
        let (queue, target_arn) = match route {
            Route::Projection => {
                let lambda = aws_sdk_lambda::Client::new(&stack.aws);
                let function = lambda.get_function_configuration().function_name(parts.physical("OrderProjector")?);
                ("ProjectionDeadLetters", function.send().await.map_err(failed)?.function_arn.unwrap_or_default())
            }
            _ => ("NewOrderDeadLetters", stack.order_processor_arn.clone()),
        };
        Ok(Self { queue_url: parts.physical(queue)?.to_owned(), rule_arn: rule.arn.unwrap_or_default(), target_arn })
    }

    pub(super) async fn write(
        &self,
        sqs: &aws_sdk_sqs::Client,
        event: &str,
        retries: u32,
        why: &str,
    ) -> Result<(), Error> {
        let retries = retries.to_string();
        let attributes = [
            ("RULE_ARN", self.rule_arn.as_str()),
            ("TARGET_ARN", &self.target_arn),
            ("ERROR_CODE", "THROTTLING"),
            ("ERROR_MESSAGE", why),
            ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            ("RETRY_ATTEMPTS", &retries),
        ];
        let mut named = HashMap::new();
        for (name, text) in attributes {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(text).build().map_err(failed)?;
            named.insert(name.to_owned(), value);
        }
        let send =
            sqs.send_message().queue_url(&self.queue_url).message_body(event).set_message_attributes(Some(named));
        send.send().await.map(|_| ()).map_err(failed)
    }
}
