//! Token buckets of QR codes with the places of customers, and counts of wrong codes.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::bucket::{BucketId, Place, Take, WrongCodesId, left, place_name};
use domain::ids::UserId;
use domain::qr_code::Window;
use domain::timestamp::Timestamp;

use crate::error::AdapterError;

/// Time for which an item is kept after its window, in seconds.
const KEPT_SECS: i64 = 24 * 3600;

type Item = HashMap<String, AttributeValue>;

/// Takes bucket tokens.
pub trait TakeBucketToken: Send + Sync {
    /// Takes one of `capacity` bucket tokens for `user_id`, at most one per customer.
    fn take(
        &self,
        bucket: &BucketId,
        user_id: &UserId,
        capacity: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<Take, AdapterError>> + Send;
}

/// Reads token buckets.
pub trait ReadBucket: Send + Sync {
    /// Returns how many customers have taken a bucket token.
    fn taken(&self, bucket: &BucketId) -> impl Future<Output = Result<u32, AdapterError>> + Send;

    /// Returns the place of `user_id` and how many customers have taken a bucket token; `None` if
    /// the customer has no place.
    fn place(
        &self,
        bucket: &BucketId,
        user_id: &UserId,
    ) -> impl Future<Output = Result<Option<(Place, u32)>, AdapterError>> + Send;
}

/// Replaces the places of customers.
pub trait ReplacePlace: Send + Sync {
    /// Replaces the place of `user_id` if it is still `from`. Returns true if it was replaced.
    fn replace(
        &self,
        bucket: &BucketId,
        user_id: &UserId,
        from: Place,
        to: Place,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;
}

/// Counts wrong codes.
pub trait CountWrongCodes: Send + Sync {
    /// Returns how many wrong codes the customer has tried in the window, read consistently.
    fn wrong_codes(&self, id: &WrongCodesId) -> impl Future<Output = Result<u32, AdapterError>> + Send;

    /// Counts one more wrong code, and returns the new number.
    fn count_wrong_code(&self, id: &WrongCodesId) -> impl Future<Output = Result<u32, AdapterError>> + Send;
}

/// DynamoDB table of token buckets and counts of wrong codes, keyed by partition and window. The
/// partition of a bucket is shop and code version. The partition of a count is shop and a hash of
/// the customer.
#[derive(Debug, Clone)]
pub struct BucketsTable {
    client: Client,
    name: String,
}

impl BucketsTable {
    /// Uses the table called `name`.
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    async fn read(&self, key: Item) -> Result<Item, AdapterError> {
        let answer = self.client.get_item().table_name(&self.name).set_key(Some(key)).consistent_read(true);
        let answer = answer.send().await.map_err(|error| AdapterError::from_sdk("GetItem bucket", error))?;
        Ok(answer.item.unwrap_or_default())
    }
}

fn key(bucket: &BucketId) -> Item {
    item_key(bucket.partition(), bucket.window)
}

fn item_key(partition: String, window: Window) -> Item {
    HashMap::from([
        ("eventId".to_owned(), AttributeValue::S(partition)),
        ("window".to_owned(), AttributeValue::N(window.number().to_string())),
    ])
}

fn count_in(item: &Item, name: &str) -> u32 {
    let text = item.get(name).and_then(|number| number.as_n().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Converts a place into the attribute that a bucket's item has for it.
pub fn write_place(place: Place) -> AttributeValue {
    AttributeValue::M(HashMap::from([
        ("attempt".to_owned(), AttributeValue::N(place.attempt.to_string())),
        ("askedAt".to_owned(), AttributeValue::N(place.asked_at.as_millis().to_string())),
    ]))
}

/// Parses the place of `user_id` in a bucket's item; `None` if the item has none.
fn read_place(item: &Item, user_id: &UserId) -> Result<Option<Place>, AdapterError> {
    let Some(attribute) = item.get(&place_name(user_id)) else { return Ok(None) };
    let number = |name: &str| attribute.as_m().ok()?.get(name)?.as_n().ok();
    let attempt = number("attempt").and_then(|text| text.parse().ok());
    let asked_at = number("askedAt").and_then(|text| text.parse().ok()).map(Timestamp::from_millis);
    match attempt.zip(asked_at) {
        Some((attempt, asked_at)) => Ok(Some(Place { attempt, asked_at })),
        None => Err(AdapterError::unreadable("the place in the bucket", "attempt or askedAt is not a number")),
    }
}

fn taken_in(item: &Item) -> u32 {
    count_in(item, "taken")
}

impl TakeBucketToken for BucketsTable {
    async fn take(
        &self,
        bucket: &BucketId,
        user_id: &UserId,
        capacity: u32,
        now: Timestamp,
    ) -> Result<Take, AdapterError> {
        let ttl = bucket.window.ends_at().as_secs() + KEPT_SECS;
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(bucket)))
            .update_expression("SET #place = :place, #ttl = :ttl ADD taken :one")
            .condition_expression("attribute_not_exists(#place) AND (attribute_not_exists(taken) OR taken < :capacity)")
            .expression_attribute_names("#place", place_name(user_id))
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":place", write_place(Place { attempt: 1, asked_at: now }))
            .expression_attribute_values(":capacity", AttributeValue::N(capacity.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":ttl", AttributeValue::N(ttl.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let left_of = |item: &Item| left(capacity, usize::try_from(taken_in(item)).unwrap_or(usize::MAX));
        match answer {
            Ok(answer) => Ok(Take::Taken { left: answer.attributes().map_or(0, left_of) }),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let Some(item) = refused.item() else { return Ok(Take::NoneLeft) };
                    let place = read_place(item, user_id)?;
                    Ok(place.map_or(Take::NoneLeft, |place| Take::AlreadyTaken { place, left: left_of(item) }))
                }
                _ => Err(AdapterError::from_sdk("UpdateItem bucket", error)),
            },
        }
    }
}

impl ReadBucket for BucketsTable {
    async fn taken(&self, bucket: &BucketId) -> Result<u32, AdapterError> {
        Ok(taken_in(&self.read(key(bucket)).await?))
    }

    async fn place(&self, bucket: &BucketId, user_id: &UserId) -> Result<Option<(Place, u32)>, AdapterError> {
        let item = self.read(key(bucket)).await?;
        Ok(read_place(&item, user_id)?.map(|place| (place, taken_in(&item))))
    }
}

impl ReplacePlace for BucketsTable {
    async fn replace(&self, bucket: &BucketId, user_id: &UserId, from: Place, to: Place) -> Result<bool, AdapterError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(bucket)))
            .update_expression("SET #place = :to")
            .condition_expression("#place.attempt = :attempt AND #place.askedAt = :askedAt")
            .expression_attribute_names("#place", place_name(user_id))
            .expression_attribute_values(":to", write_place(to))
            .expression_attribute_values(":attempt", AttributeValue::N(from.attempt.to_string()))
            .expression_attribute_values(":askedAt", AttributeValue::N(from.asked_at.as_millis().to_string()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(AdapterError::from_sdk("UpdateItem place", error)),
        }
    }
}

impl CountWrongCodes for BucketsTable {
    async fn wrong_codes(&self, id: &WrongCodesId) -> Result<u32, AdapterError> {
        Ok(count_in(&self.read(item_key(id.partition(), id.window)).await?, "wrong"))
    }

    async fn count_wrong_code(&self, id: &WrongCodesId) -> Result<u32, AdapterError> {
        let ttl = id.window.ends_at().as_secs() + KEPT_SECS;
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(item_key(id.partition(), id.window)))
            .update_expression("ADD wrong :one SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":ttl", AttributeValue::N(ttl.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("UpdateItem wrong codes", error))?;
        Ok(answer.attributes().map_or(0, |item| count_in(item, "wrong")))
    }
}
