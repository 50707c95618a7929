//! Orders that are not let in: each is recorded, so that whoever asks hears why.

use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::admission;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;

use super::{OrderBook, OrdersTable, item};
use crate::error::AdapterError;

/// Recording orders that are not let in.
pub trait RecordRefusal: Send + Sync {
    /// Records the order as cancelled for this `reason`, holding nothing, unless it is there already. Whether it did.
    fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, AdapterError>> + Send;
}

async fn record(
    client: &Client,
    table: &str,
    request: &AdmissionRequest,
    reason: &str,
    now: Timestamp,
) -> Result<bool, AdapterError> {
    let answer = client
        .put_item()
        .table_name(table)
        .set_item(Some(item::write(&admission::not_admitted(request, reason, now))?))
        .condition_expression("attribute_not_exists(orderId)")
        .send()
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
            Ok(false)
        }
        Err(error) => Err(AdapterError::from_sdk("PutItem refusal", error)),
    }
}

impl RecordRefusal for OrderBook {
    async fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        record(&self.client, &self.orders, request, reason, now).await
    }
}

impl RecordRefusal for OrdersTable {
    async fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        record(&self.client, &self.name, request, reason, now).await
    }
}
