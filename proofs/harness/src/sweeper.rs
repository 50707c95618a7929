//! Invokes the sweeper, and switches its schedule off and on.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use client::{Error, Resources, Stack};
use serde_json::{Value, json};

use crate::rules::set_enabled;

pub fn scheduled_event() -> Value {
    json!({"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}})
}

/// Invokes the sweeper. Returns whether Lambda accepted the event and, if the invocation is
/// synchronous, whether the function succeeded.
pub async fn invoke(stack: &Stack, event: &Value, invocation_type: InvocationType) -> bool {
    let lambda = aws_sdk_lambda::Client::new(&stack.aws);
    let invoke = lambda.invoke().function_name(&stack.sweeper_function).invocation_type(invocation_type);
    let answer = invoke.payload(Blob::new(event.to_string())).send().await;
    answer.is_ok_and(|answer| answer.function_error().is_none())
}

pub async fn sweep(stack: &Stack) -> bool {
    invoke(stack, &scheduled_event(), InvocationType::RequestResponse).await
}

/// Enables or disables the schedule. A proof that counts calls to AWS disables it: the calls of a
/// scheduled sweep would be counted, too.
pub async fn set_schedule(stack: &Stack, resources: &Resources, enabled: bool) -> Result<(), Error> {
    set_enabled(stack, resources.rule_name("SweepRule")?, None, enabled).await
}
