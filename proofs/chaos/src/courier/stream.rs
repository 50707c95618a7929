//! Delivers the shop table's stream to `ConfigChanged` as Lambda does: in order, again from the
//! first record that failed, and with a dead-letter message after the last attempt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use aws_sdk_lambda::primitives::Blob;
use client::dead_letters::stream_event;
use client::error::Cause;
use client::{Error, Resources, Stack};
use harness::dead_letters::{StreamFailure, send_position};
use harness::function::Function;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Batch size of `template.yaml`.
const BATCH_SIZE: usize = 10;

/// `template.yaml` allows five attempts. Fewer are made here, so that some changes become
/// dead-letter messages.
const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(150);

pub(super) struct StreamPoller {
    streams: aws_sdk_dynamodbstreams::Client,
    lambda: aws_sdk_lambda::Client,
    sqs: aws_sdk_sqs::Client,
    function: String,
    function_arn: String,
    dead_letters_url: String,
    stream_arn: String,
    shard_id: String,
    iterator: Option<String>,
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the shop table's stream cannot be read", source)
}

impl StreamPoller {
    pub(super) async fn new(stack: &Stack, resources: &Resources) -> Result<Self, Error> {
        let tables = aws_sdk_dynamodb::Client::new(&stack.aws);
        let table = tables.describe_table().table_name(&stack.shop_table).send().await.map_err(failed)?.table;
        let stream_arn =
            table.and_then(|table| table.latest_stream_arn).ok_or_else(|| failed("the table has no stream"))?;
        let streams = aws_sdk_dynamodbstreams::Client::new(&stack.aws);
        let stream = streams.describe_stream().stream_arn(&stream_arn).send().await.map_err(failed)?;
        let shards = stream.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
        let shard_id = shards
            .into_iter()
            .rev()
            .find_map(|shard| shard.shard_id)
            .ok_or_else(|| failed("the stream has no shard"))?;
        let latest = streams.get_shard_iterator().stream_arn(&stream_arn).shard_id(&shard_id);
        let iterator =
            latest.shard_iterator_type(ShardIteratorType::Latest).send().await.map_err(failed)?.shard_iterator;
        Ok(Self {
            streams,
            lambda: aws_sdk_lambda::Client::new(&stack.aws),
            sqs: aws_sdk_sqs::Client::new(&stack.aws),
            function: Function::ConfigChanged.deployed_name(resources)?.to_owned(),
            function_arn: Function::ConfigChanged.arn(stack, resources).await?,
            dead_letters_url: resources.required("ConfigChangedDeadLetters")?.to_owned(),
            stream_arn,
            shard_id,
            iterator,
        })
    }

    /// Delivers records until its task is aborted. Adds 1 to `in_progress` while it delivers a page
    /// of records.
    pub(super) async fn run(mut self, in_progress: Arc<AtomicUsize>) {
        while let Some(position) = self.iterator.clone() {
            let Ok(page) = self.streams.get_records().shard_iterator(position).send().await else {
                sleep(PAUSE).await;
                continue;
            };
            in_progress.fetch_add(1, Ordering::SeqCst);
            let records = page.records.unwrap_or_default().into_iter();
            let events = records.filter_map(|record| stream_event(record, &self.stream_arn, ""));
            // The filter of the event source in `template.yaml`.
            let is_settings = |event: &Value| event.pointer("/dynamodb/Keys/item/S") == Some(&json!("STATE"));
            let changes: Vec<Value> = events.filter(is_settings).collect();
            for batch in changes.chunks(BATCH_SIZE) {
                if let Err(error) = self.deliver(batch).await {
                    eprintln!("the courier lost a change of settings: {error}");
                }
            }
            in_progress.fetch_sub(1, Ordering::SeqCst);
            self.iterator = page.next_shard_iterator;
            sleep(PAUSE).await;
        }
    }

    async fn deliver(&self, batch: &[Value]) -> Result<(), Cause> {
        let mut remaining = batch;
        for attempt in 0..ATTEMPTS {
            sleep(PAUSE * attempt).await;
            let payload = Blob::new(json!({ "Records": remaining }).to_string());
            let answer = self.lambda.invoke().function_name(&self.function).payload(payload).send().await?;
            if answer.function_error().is_some() {
                continue;
            }
            let result: Value =
                answer.payload().and_then(|payload| serde_json::from_slice(payload.as_ref()).ok()).unwrap_or_default();
            let Some(failed) = result.pointer("/batchItemFailures/0/itemIdentifier").and_then(Value::as_str) else {
                return Ok(());
            };
            let index = remaining.iter().position(|record| sequence_number(record) == failed).unwrap_or_default();
            remaining = remaining.get(index..).unwrap_or_default();
        }
        self.send_dead_letter(remaining).await
    }

    async fn send_dead_letter(&self, records: &[Value]) -> Result<(), Cause> {
        let failure = StreamFailure {
            function_arn: &self.function_arn,
            attempts: ATTEMPTS,
            stream_arn: &self.stream_arn,
            shard_id: &self.shard_id,
            first: records.first().map(sequence_number).unwrap_or_default(),
            last: records.last().map(sequence_number).unwrap_or_default(),
            records: records.len(),
        };
        send_position(&self.sqs, &self.dead_letters_url, &failure).await?;
        Ok(())
    }
}

fn sequence_number(record: &Value) -> &str {
    record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default()
}
