//! Sends dead-letter messages in the formats that AWS documents.

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use client::Error;
use client::error::Cause;
use serde_json::json;

#[derive(Debug, Clone, Copy)]
pub struct RuleFailure<'a> {
    pub rule_arn: &'a str,
    pub target_arn: &'a str,
    pub message: &'a str,
    pub retries: u32,
}

#[derive(Debug, Clone, Copy)]
pub struct StreamFailure<'a> {
    pub function_arn: &'a str,
    pub attempts: u32,
    pub stream_arn: &'a str,
    pub shard_id: &'a str,
    /// Sequence number of the first record.
    pub first: &'a str,
    /// Sequence number of the last record.
    pub last: &'a str,
    pub records: usize,
}

/// Sends `event` as EventBridge does after its last retry. Returns the id of the message.
pub async fn send_event(
    sqs: &Client,
    queue_url: &str,
    event: &str,
    failure: &RuleFailure<'_>,
) -> Result<String, Error> {
    let retries = failure.retries.to_string();
    let mut attributes = HashMap::new();
    for (name, text) in [
        ("RULE_ARN", failure.rule_arn),
        ("TARGET_ARN", failure.target_arn),
        ("ERROR_CODE", "THROTTLING"),
        ("ERROR_MESSAGE", failure.message),
        ("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
        ("RETRY_ATTEMPTS", &retries),
    ] {
        let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
        attributes.insert(name.to_owned(), value.map_err(failed)?);
    }
    send(sqs, queue_url, event, attributes).await
}

/// Sends a message as Lambda does for a stream: it names the position of the records, but does not
/// contain them. Returns the id of the message.
pub async fn send_position(sqs: &Client, queue_url: &str, failure: &StreamFailure<'_>) -> Result<String, Error> {
    let now = client::now().to_string();
    let message = json!({
        "requestContext": {
            "requestId": format!("{:032x}", fastrand::u128(..)), "functionArn": failure.function_arn,
            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": failure.attempts,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": now,
        "DDBStreamBatchInfo": {
            "shardId": failure.shard_id, "streamArn": failure.stream_arn, "batchSize": failure.records,
            "startSequenceNumber": failure.first, "endSequenceNumber": failure.last,
            "approximateArrivalOfFirstRecord": now, "approximateArrivalOfLastRecord": now,
        },
    });
    send(sqs, queue_url, &message.to_string(), HashMap::new()).await
}

async fn send(
    sqs: &Client,
    queue_url: &str,
    body: &str,
    attributes: HashMap<String, MessageAttributeValue>,
) -> Result<String, Error> {
    let send = sqs.send_message().queue_url(queue_url).message_body(body).set_message_attributes(Some(attributes));
    Ok(send.send().await.map_err(failed)?.message_id.unwrap_or_default())
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("a dead-letter message cannot be sent", source)
}
