//! The shops' stream, brought to config-changed as Lambda brings it: in order, again from the first record that was not handled,
//! and with a letter that says where the records are, once that has been tried often enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use aws_sdk_lambda::primitives::Blob;
use client::Error;
use client::error::Cause;
use client::stack::Stack;
use serde_dynamo::Item;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::fault::Function;
use crate::setting::Parts;

/// As template.yaml has it, but for the number of tries: a letter is to be written now and then.
const BATCH: usize = 10;
const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(150);

/// Who follows the stream.
pub(super) struct Follower {
    streams: aws_sdk_dynamodbstreams::Client,
    lambda: aws_sdk_lambda::Client,
    sqs: aws_sdk_sqs::Client,
    function: String,
    function_arn: String,
    letters: String,
    stream_arn: String,
    shard_id: String,
    iterator: Option<String>,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the shops' stream cannot be followed", source)
}

impl Follower {
    /// Follows from now on.
    pub(super) async fn of(stack: &Stack, parts: &Parts) -> Result<Self, Error> {
        let tables = aws_sdk_dynamodb::Client::new(&stack.aws);
        let table = tables.describe_table().table_name(&stack.shop_table).send().await.map_err(failed)?.table;
        let stream_arn = table.and_then(|table| table.latest_stream_arn).ok_or_else(|| failed("there is none"))?;
        let streams = aws_sdk_dynamodbstreams::Client::new(&stack.aws);
        let described =
            streams.describe_stream().stream_arn(&stream_arn).send().await.map_err(failed)?.stream_description;
        let shards = described.and_then(|stream| stream.shards).unwrap_or_default();
        let shard =
            shards.into_iter().rev().find_map(|shard| shard.shard_id).ok_or_else(|| failed("it has no shard"))?;
        let latest = streams.get_shard_iterator().stream_arn(&stream_arn).shard_id(&shard);
        let iterator =
            latest.shard_iterator_type(ShardIteratorType::Latest).send().await.map_err(failed)?.shard_iterator;
        let lambda = aws_sdk_lambda::Client::new(&stack.aws);
        let function = parts.physical(Function::ConfigChanged.as_str())?.to_owned();
        let configuration =
            lambda.get_function_configuration().function_name(&function).send().await.map_err(failed)?;
        Ok(Self {
            streams,
            lambda,
            sqs: aws_sdk_sqs::Client::new(&stack.aws),
            function,
            function_arn: configuration.function_arn.unwrap_or_default(),
            letters: parts.physical("ConfigChangedDeadLetters")?.to_owned(),
            stream_arn,
            shard_id: shard,
            iterator,
        })
    }

    /// Follows until it is dropped.
    pub(super) async fn follow(mut self, under_way: Arc<AtomicUsize>) {
        while let Some(position) = self.iterator.clone() {
            let Ok(page) = self.streams.get_records().shard_iterator(position).send().await else {
                sleep(PAUSE).await;
                continue;
            };
            under_way.fetch_add(1, Ordering::SeqCst);
            let changes: Vec<Value> = page.records.unwrap_or_default().into_iter().filter_map(settings).collect();
            for batch in changes.chunks(BATCH) {
                if let Err(error) = self.bring(batch).await {
                    eprintln!("the courier lost a change of settings: {error}");
                }
            }
            under_way.fetch_sub(1, Ordering::SeqCst);
            self.iterator = page.next_shard_iterator;
            sleep(PAUSE).await;
        }
    }

    async fn bring(&self, batch: &[Value]) -> Result<(), Cause> {
        let mut left = batch;
        for attempt in 0..ATTEMPTS {
            sleep(PAUSE * attempt).await;
            let payload = json!({ "Records": left }).to_string();
            let answer = self.lambda.invoke().function_name(&self.function).payload(Blob::new(payload)).send().await?;
            if answer.function_error().is_some() {
                continue;
            }
            let said: Value =
                answer.payload().and_then(|said| serde_json::from_slice(said.as_ref()).ok()).unwrap_or_default();
            let Some(first) = said.pointer("/batchItemFailures/0/itemIdentifier").and_then(Value::as_str) else {
                return Ok(());
            };
            let at = left.iter().position(|record| number(record) == first).unwrap_or_default();
            left = left.get(at..).unwrap_or_default();
        }
        self.write(left).await
    }

    /// Lambda's letter: where the records are, and nothing of what they say.
    async fn write(&self, left: &[Value]) -> Result<(), Cause> {
        let (first, last) = (left.first().map(number).unwrap_or_default(), left.last().map(number).unwrap_or_default());
        let letter = json!({
            "requestContext": {
                "requestId": format!("{:032x}", fastrand::u128(..)), "functionArn": self.function_arn,
                "condition": "RetryAttemptsExhausted", "approximateInvokeCount": ATTEMPTS,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "DDBStreamBatchInfo": {
                "shardId": self.shard_id, "startSequenceNumber": first, "endSequenceNumber": last,
                "batchSize": left.len(), "streamArn": self.stream_arn,
            },
        });
        self.sqs.send_message().queue_url(&self.letters).message_body(letter.to_string()).send().await?;
        Ok(())
    }
}

fn number(record: &Value) -> &str {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}

/// A record as Lambda hands it on, if the event source's filter lets it through.
fn settings(record: Record) -> Option<Value> {
    let change = record.dynamodb?;
    let keys = serde_json::to_value(Item::from(change.keys?)).ok()?;
    if keys.pointer("/item/S").and_then(Value::as_str) != Some("CONFIG") {
        return None;
    }
    let image = change.new_image.and_then(|image| serde_json::to_value(Item::from(image)).ok());
    let time = change.approximate_creation_date_time.map(|time| time.as_secs_f64());
    Some(json!({
        "eventID": record.event_id.unwrap_or_default(), "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventSource": "aws:dynamodb", "awsRegion": record.aws_region.unwrap_or_default(),
        "dynamodb": {
            "ApproximateCreationDateTime": time, "Keys": keys, "NewImage": image, "SizeBytes": change.size_bytes.unwrap_or(0),
            "SequenceNumber": change.sequence_number, "StreamViewType": "NEW_IMAGE",
        },
    }))
}
