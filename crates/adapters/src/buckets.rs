//! Token buckets: which customers have taken an order with which QR code.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::bucket::{Take, left};
use domain::ids::{ShopId, UserId};
use domain::qr_code::Window;

use crate::error::AdapterError;

/// Time for which a bucket is kept after its window, in seconds.
const KEPT_SECS: i64 = 24 * 3600;

/// Takes bucket tokens.
pub trait TakeBucketToken: Send + Sync {
    /// Takes one of `capacity` bucket tokens of a window for `user_id`, at most one per customer.
    fn take(
        &self,
        shop_id: &ShopId,
        window: Window,
        user_id: &UserId,
        capacity: u32,
    ) -> impl Future<Output = Result<Take, AdapterError>> + Send;
}

/// Reads token buckets.
pub trait ReadBucket: Send + Sync {
    /// Returns how many customers have taken a bucket token of a window.
    fn taken(&self, shop_id: &ShopId, window: Window) -> impl Future<Output = Result<u32, AdapterError>> + Send;

    /// Returns true if `user_id` has taken a bucket token of this window.
    fn has_taken(
        &self,
        shop_id: &ShopId,
        window: Window,
        user_id: &UserId,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;
}

/// DynamoDB table of token buckets, keyed by shop and window.
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

    async fn takers(&self, shop_id: &ShopId, window: Window) -> Result<Vec<String>, AdapterError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("eventId", AttributeValue::S(shop_id.to_string()))
            .key("window", AttributeValue::N(window.number().to_string()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("GetItem bucket", error))?;
        Ok(takers_of(answer.item()))
    }
}

fn takers_of(item: Option<&HashMap<String, AttributeValue>>) -> Vec<String> {
    item.and_then(|item| item.get("takers")).and_then(|takers| takers.as_ss().ok()).cloned().unwrap_or_default()
}

impl TakeBucketToken for BucketsTable {
    async fn take(
        &self,
        shop_id: &ShopId,
        window: Window,
        user_id: &UserId,
        capacity: u32,
    ) -> Result<Take, AdapterError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("eventId", AttributeValue::S(shop_id.to_string()))
            .key("window", AttributeValue::N(window.number().to_string()))
            .update_expression("ADD takers :taker SET #ttl = :ttl")
            .condition_expression(
                "(attribute_not_exists(takers) OR size(takers) < :capacity) AND NOT contains(takers, :user)",
            )
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":taker", AttributeValue::Ss(vec![user_id.to_string()]))
            .expression_attribute_values(":user", AttributeValue::S(user_id.to_string()))
            .expression_attribute_values(":capacity", AttributeValue::N(capacity.to_string()))
            .expression_attribute_values(
                ":ttl",
                AttributeValue::N((window.ends_at().as_secs() + KEPT_SECS).to_string()),
            )
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(Take::Taken { left: left(capacity, takers_of(answer.attributes()).len()) }),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let takers = takers_of(refused.item());
                    if takers.iter().any(|taker| taker == user_id.as_str()) {
                        Ok(Take::AlreadyTaken { left: left(capacity, takers.len()) })
                    } else {
                        Ok(Take::NoneLeft)
                    }
                }
                _ => Err(AdapterError::from_sdk("UpdateItem bucket", error)),
            },
        }
    }
}

impl ReadBucket for BucketsTable {
    async fn taken(&self, shop_id: &ShopId, window: Window) -> Result<u32, AdapterError> {
        let takers = self.takers(shop_id, window).await?;
        Ok(u32::try_from(takers.len()).unwrap_or(u32::MAX))
    }

    async fn has_taken(&self, shop_id: &ShopId, window: Window, user_id: &UserId) -> Result<bool, AdapterError> {
        Ok(self.takers(shop_id, window).await?.iter().any(|taker| taker == user_id.as_str()))
    }
}
