//! Reads the records of a failed batch from a table's stream. A dead-letter message has only the
//! position of the records. The stream keeps them for 24 hours.

use std::cmp::Ordering;
use std::fmt;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType, StreamRecord};
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde_dynamo::Item;
use serde_json::{Map, Value, json};

use super::redrive_error::RedriveError;
use crate::stack::Stack;

/// Maximum number of pages that are read before the last record is found.
const MAX_PAGES: usize = 200;

/// Position of a failed batch in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    stream_arn: String,
    shard_id: String,
    first: String,
    last: String,
    arrived: String,
}

impl Range {
    /// Parses the `DDBStreamBatchInfo` of a message.
    pub(super) fn parse(info: &Value) -> Option<Self> {
        let text = |name: &str| info.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            stream_arn: text("streamArn")?,
            shard_id: text("shardId")?,
            first: text("startSequenceNumber")?,
            last: text("endSequenceNumber")?,
            arrived: text("approximateArrivalOfFirstRecord").unwrap_or_default(),
        })
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.stream_arn.split('/').nth(1).unwrap_or(&self.stream_arn);
        write!(f, "the function failed on changes of {table} from {} on", self.arrived)
    }
}

/// Records to which a message points, in the form in which the function receives them.
pub(super) struct Records {
    /// Function that the event source invokes.
    pub(super) function_arn: String,
    /// Records that match the filter of the event source.
    records: Vec<Value>,
}

impl Records {
    /// Reads the records from the stream.
    pub(super) async fn fetch(stack: &Stack, range: &Range, function_arn: Option<&str>) -> Result<Self, RedriveError> {
        let mapping = event_source(stack, range, function_arn).await?;
        let function_arn = mapping.function_arn().unwrap_or_default().to_owned();
        let region = stack.aws.region().map(AsRef::as_ref).unwrap_or_default();
        let records = fetch(&Client::new(&stack.aws), range).await?;
        let mut records: Vec<Value> =
            records.into_iter().filter_map(|record| stream_event(record, &range.stream_arn, region)).collect();
        if let Some(criteria) = mapping.filter_criteria() {
            let pattern = |text| serde_json::from_str(text).unwrap_or_default();
            let patterns: Vec<Value> =
                criteria.filters().iter().filter_map(|filter| filter.pattern().map(pattern)).collect();
            records.retain(|record| patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, record)));
        }
        if records.is_empty() { Err(RedriveError::RecordsExpired) } else { Ok(Self { function_arn, records }) }
    }

    /// Returns the payload of an invocation.
    pub(super) fn payload(&self) -> String {
        json!({ "Records": self.records }).to_string()
    }

    /// Returns the number of records.
    pub(super) const fn count(&self) -> usize {
        self.records.len()
    }

    /// Returns the shop ids in the records, each once.
    pub(super) fn shops(&self) -> Vec<&str> {
        let shop = |record| Value::pointer(record, "/dynamodb/Keys/eventId/S")?.as_str();
        let mut shops: Vec<&str> = self.records.iter().filter_map(shop).collect();
        shops.sort_unstable();
        shops.dedup();
        shops
    }
}

/// Finds the event source mapping of the stream. If `function_arn` is set, the mapping must invoke
/// that function.
async fn event_source(
    stack: &Stack,
    range: &Range,
    function_arn: Option<&str>,
) -> Result<EventSourceMappingConfiguration, RedriveError> {
    // The ARN in a message can end in the qualifier `$LATEST`; the ARN in a mapping does not.
    let bare = |arn: &str| arn.trim_end_matches(":$LATEST").to_owned();
    let call = aws_sdk_lambda::Client::new(&stack.aws).list_event_source_mappings().event_source_arn(&range.stream_arn);
    let answer = call.send().await.map_err(RedriveError::call)?;
    let mut mappings = answer.event_source_mappings.unwrap_or_default().into_iter();
    let fits = |mapping: &EventSourceMappingConfiguration| {
        mapping.event_source_arn() == Some(&range.stream_arn)
            && function_arn.is_none_or(|arn| mapping.function_arn().map(bare) == Some(bare(arn)))
    };
    mappings.find(fits).ok_or_else(|| RedriveError::NotInStack(range.stream_arn.clone()))
}

async fn fetch(client: &Client, range: &Range) -> Result<Vec<Record>, RedriveError> {
    let iterator = client
        .get_shard_iterator()
        .stream_arn(&range.stream_arn)
        .shard_id(&range.shard_id)
        .shard_iterator_type(ShardIteratorType::AtSequenceNumber)
        .sequence_number(&range.first)
        .send()
        .await;
    let mut iterator = iterator.map_err(RedriveError::stream)?.shard_iterator;
    let mut records = Vec::new();
    for _ in 0..MAX_PAGES {
        let Some(position) = iterator.take() else { break };
        let page = client.get_records().shard_iterator(position).send().await.map_err(RedriveError::stream)?;
        for record in page.records.unwrap_or_default() {
            let number = record.dynamodb().and_then(StreamRecord::sequence_number).unwrap_or_default().to_owned();
            match compare(&number, &range.last) {
                Ordering::Less => records.push(record),
                Ordering::Equal => {
                    records.push(record);
                    return Ok(records);
                }
                Ordering::Greater => return Err(RedriveError::RecordsExpired),
            }
        }
        iterator = page.next_shard_iterator;
    }
    Err(RedriveError::RecordsExpired)
}

/// Compares sequence numbers, which are too large for integer types.
fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// Converts a stream record into the form in which an event source passes it to a function. Uses
/// `region` if the record names none. Returns `None` for a record without a change.
pub fn stream_event(record: Record, stream_arn: &str, region: &str) -> Option<Value> {
    let change = record.dynamodb?;
    let mut event = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            event.insert(name.to_owned(), value);
        }
    };
    let item = |attributes| serde_json::to_value(Item::from(attributes)).ok();
    put("ApproximateCreationDateTime", change.approximate_creation_date_time.map(|time| time.as_secs_f64().into()));
    put("Keys", change.keys.and_then(item));
    put("NewImage", change.new_image.and_then(item));
    put("OldImage", change.old_image.and_then(item));
    put("SequenceNumber", change.sequence_number.map(Value::from));
    put("SizeBytes", Some(change.size_bytes.unwrap_or(0).into()));
    put("StreamViewType", change.stream_view_type.map(|kind| kind.as_str().into()));
    Some(json!({
        "eventID": record.event_id.unwrap_or_default(),
        "eventName": record.event_name.map(|name| name.as_str().to_owned()),
        "eventVersion": record.event_version,
        "eventSource": "aws:dynamodb",
        "awsRegion": record.aws_region.unwrap_or_else(|| region.to_owned()),
        "dynamodb": event,
        "eventSourceARN": stream_arn,
    }))
}

/// Returns true if a record matches a filter pattern. Supports fields by name and lists of values.
/// Any other condition matches nothing.
fn matches(pattern: &Value, record: &Value) -> bool {
    match pattern {
        Value::Object(fields) => {
            fields.iter().all(|(name, pattern)| record.get(name).is_some_and(|value| matches(pattern, value)))
        }
        Value::Array(values) => values.contains(record),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodbstreams::primitives::DateTime;
    use aws_sdk_dynamodbstreams::types::{AttributeValue, OperationType, StreamViewType};

    fn range() -> Range {
        let info = json!({
            "shardId": "shardId-1", "startSequenceNumber": "9", "endSequenceNumber": "11", "batchSize": 2,
            "approximateArrivalOfFirstRecord": "2026-11-14T00:13:19Z",
            "streamArn": "arn:aws:dynamodb:us-east-1:123456789012:table/shops/stream/2026-11-14T00:04:06.388"
        });
        Range::parse(&info).unwrap()
    }

    #[test]
    fn sequence_numbers_are_compared_as_numbers() {
        assert_eq!(compare("9", "11"), Ordering::Less);
        assert_eq!(compare("000011", "11"), Ordering::Equal);
        assert_eq!(compare("1000000000000000000000000000000000000001", "999999999999999999999999"), Ordering::Greater);
    }

    #[test]
    fn a_record_is_converted_to_the_form_that_an_event_source_sends() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let record = Record::builder()
            .event_id("c4ca")
            .event_name(OperationType::Modify)
            .event_version("1.1")
            .aws_region("us-east-1")
            .dynamodb(
                StreamRecord::builder()
                    .approximate_creation_date_time(DateTime::from_secs(1_795_426_205))
                    .keys("eventId", text("RUSTCONF"))
                    .keys("item", text("CONFIG"))
                    .new_image("version", AttributeValue::N("3".into()))
                    .new_image("menu", AttributeValue::L(vec![AttributeValue::M([("a".into(), text("b"))].into())]))
                    .sequence_number("111000000000000000001")
                    .size_bytes(412)
                    .stream_view_type(StreamViewType::NewImage)
                    .build(),
            )
            .build();
        let event = stream_event(record, &range().stream_arn, "eu-west-1").unwrap();
        let expected = json!({
            "eventID": "c4ca", "eventName": "MODIFY", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_426_205.0,
                "Keys": {"eventId": {"S": "RUSTCONF"}, "item": {"S": "CONFIG"}},
                "NewImage": {"version": {"N": "3"}, "menu": {"L": [{"M": {"a": {"S": "b"}}}]}},
                "SequenceNumber": "111000000000000000001", "SizeBytes": 412, "StreamViewType": "NEW_IMAGE"
            },
            "eventSourceARN": range().stream_arn
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn a_filter_matches_listed_values_and_one_with_another_condition_matches_nothing() {
        let filter = json!({"dynamodb": {"Keys": {"item": {"S": ["CONFIG", "MENU"]}}}});
        let record = |item: &str| json!({"dynamodb": {"Keys": {"item": {"S": item}, "eventId": {"S": "bar"}}}});
        assert!(matches(&filter, &record("CONFIG")) && matches(&filter, &record("MENU")));
        assert!(!matches(&filter, &record("SECRET")) && !matches(&filter, &json!({})));
        assert!(!matches(&json!({"dynamodb": [{"exists": true}]}), &record("CONFIG")));
    }
}
