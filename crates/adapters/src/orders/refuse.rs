//! Records orders that were not admitted, so that the customer can read the reason.

use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use domain::ids::OrderId;
use domain::order::{OrderStatus, StoredOrder};
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;
use domain::{admission, sweep};

use super::{OrderTransactions, OrdersTable, item, key, number};
use crate::error::AdapterError;

/// Records refusals.
pub trait RecordRefusal: Send + Sync {
    /// Inserts the order as cancelled with this `reason`, holding no capacity, unless the order
    /// exists.
    fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

/// Records failed admissions: orders that were requested, and whose execution failed before
/// admission.
pub trait RecordFailure: Send + Sync {
    /// Inserts the order as failed, holding no capacity and awaiting announcement, unless the order
    /// exists. Returns true if it was inserted.
    fn record_failure(
        &self,
        request: &AdmissionRequest,
        at: Timestamp,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;

    /// Marks the failure as published, so that the order no longer awaits announcement.
    fn mark_announced(&self, order_id: &OrderId) -> impl Future<Output = Result<(), AdapterError>> + Send;
}

async fn insert(
    operation: &'static str,
    client: &Client,
    table: &str,
    order: &StoredOrder,
) -> Result<bool, AdapterError> {
    let answer = client
        .put_item()
        .table_name(table)
        .set_item(Some(item::write(order)?))
        .condition_expression("attribute_not_exists(orderId)")
        .send()
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
            Ok(false)
        }
        Err(error) => Err(AdapterError::from_sdk(operation, error)),
    }
}

impl RecordRefusal for OrderTransactions {
    async fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        let refused = admission::not_admitted(request, reason, now);
        insert("PutItem refusal", &self.client, &self.orders, &refused).await.map(drop)
    }
}

impl RecordFailure for OrdersTable {
    async fn record_failure(&self, request: &AdmissionRequest, at: Timestamp) -> Result<bool, AdapterError> {
        insert("PutItem failure", &self.client, &self.name, &sweep::failure_record(request, at)).await
    }

    async fn mark_announced(&self, order_id: &OrderId) -> Result<(), AdapterError> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key(order_id)))
            .update_expression("REMOVE expiresAt, openShard")
            .condition_expression("statusRank = :final")
            .expression_attribute_values(":final", number(OrderStatus::Cancelled.rank()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            // The order was deleted meanwhile, at the end of its time to live.
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(AdapterError::from_sdk("UpdateItem announced", error)),
        }
    }
}
