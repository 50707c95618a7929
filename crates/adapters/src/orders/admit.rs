//! Admits orders. One transaction inserts the order and takes capacity for it, if the shop is open
//! and neither the customer nor the shop has reached its limit.

use std::future::Future;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, ConditionCheck, Put, TransactWriteItem, Update};
use domain::admission::{self, FailedConditions};
use domain::ids::ShopId;
use domain::shop::ShopState;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;

use super::{OrderTransactions, item, number, user_item};
use crate::error::AdapterError;
use crate::shops;

/// Time for which the count of a customer's open orders is kept after the last admission, in
/// seconds: much longer than an order can be open.
const USER_KEPT_SECS: i64 = 7 * 24 * 3600;

/// Number of operations in the transaction: three writes and a check of the shop's state.
const OPERATIONS: usize = 4;

/// Result of an admission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The transaction wrote the order and took capacity for it.
    Admitted,
    /// These conditions failed; nothing was written.
    Refused(FailedConditions),
}

/// Admits orders.
pub trait AdmitOrder: Send + Sync {
    /// Inserts the order and takes capacity for it within the limits of `state`, or changes
    /// nothing. Retries contention and throttling.
    fn admit(
        &self,
        request: &AdmissionRequest,
        state: &ShopState,
        now: Timestamp,
    ) -> impl Future<Output = Result<Admission, AdapterError>> + Send;
}

impl OrderTransactions {
    /// Builds the operations of the transaction. Their sequence is the precedence of refusals, even
    /// if DynamoDB reports the first failed condition alone. [`failed_conditions`] reads the
    /// reasons in the same sequence.
    fn admission(
        &self,
        request: &AdmissionRequest,
        state: &ShopState,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; OPERATIONS], AdapterError> {
        let built = |error| AdapterError::failed("TransactWriteItems admission", error);
        let put = Put::builder()
            .table_name(&self.orders)
            .set_item(Some(item::write(&admission::admitted(request, now))?))
            .condition_expression("attribute_not_exists(orderId)")
            .build()
            .map_err(built)?;
        let open = ConditionCheck::builder()
            .table_name(&self.shops)
            .set_key(Some(shops::key(&request.shop_id, shops::STATE)))
            .condition_expression("storeOpen = :open")
            .expression_attribute_values(":open", AttributeValue::Bool(true))
            .build()
            .map_err(built)?;
        let user =
            self.count_below(&request.shop_id, &user_item(&request.user_id), "openOrders", state.max_orders_per_user);
        let user = user
            .update_expression("ADD #count :one SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(now.as_secs() + USER_KEPT_SECS));
        let in_flight = self.count_below(&request.shop_id, shops::FLOOR, "inFlight", state.max_orders_in_queue);
        let in_flight = in_flight
            .update_expression("ADD #count :one, #changes :one")
            .expression_attribute_names("#changes", shops::CHANGES);
        Ok([
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().condition_check(open).build(),
            TransactWriteItem::builder().update(user.build().map_err(built)?).build(),
            TransactWriteItem::builder().update(in_flight.build().map_err(built)?).build(),
        ])
    }

    async fn try_admit(&self, items: &[TransactWriteItem]) -> Result<Admission, AdapterError> {
        let call = self.client.transact_write_items().set_transact_items(Some(items.to_vec()));
        let Err(error) = call.send().await else {
            return Ok(Admission::Admitted);
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                let failed = failed_conditions(reasons);
                if let Some(retryable) = retryable("TransactWriteItems admission", reasons) {
                    Err(retryable)
                } else if failed.obstacle().is_some() {
                    Ok(Admission::Refused(failed))
                } else {
                    Err(AdapterError::failed("TransactWriteItems admission", error))
                }
            }
            _ => Err(AdapterError::from_sdk("TransactWriteItems admission", error)),
        }
    }

    /// Begins an update of a count, with the condition that the count is below `max`.
    fn count_below(
        &self,
        shop_id: &ShopId,
        item: &str,
        count: &str,
        max: u32,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.shops)
            .set_key(Some(shops::key(shop_id, item)))
            .condition_expression("attribute_not_exists(#count) OR #count < :max")
            .expression_attribute_names("#count", count)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":max", number(max))
    }
}

/// Reads the reasons of a cancelled transaction, which are in the sequence of its operations.
fn failed_conditions(reasons: &[CancellationReason]) -> FailedConditions {
    let mut failed = reasons.iter().map(|reason| reason.code() == Some("ConditionalCheckFailed"));
    let [order_exists, shop_closed, customer_limit, shop_full] =
        [(); OPERATIONS].map(|()| failed.next().unwrap_or_default());
    FailedConditions { order_exists, shop_closed, customer_limit, shop_full }
}

/// Returns the error of a cancelled transaction if it was contended or throttled, and no condition
/// failed.
pub(crate) fn retryable(operation: &'static str, reasons: &[CancellationReason]) -> Option<AdapterError> {
    let is = |codes: &[&str]| reasons.iter().filter_map(CancellationReason::code).any(|code| codes.contains(&code));
    if is(&["ConditionalCheckFailed"]) {
        None
    } else if is(&["TransactionConflict"]) {
        Some(AdapterError::Contended { operation })
    } else if is(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Some(AdapterError::Throttled { operation })
    } else {
        None
    }
}

impl AdmitOrder for OrderTransactions {
    async fn admit(
        &self,
        request: &AdmissionRequest,
        state: &ShopState,
        now: Timestamp,
    ) -> Result<Admission, AdapterError> {
        let items = self.admission(request, state, now)?;
        self.budget.begin().retry(|| self.try_admit(&items)).await
    }
}
