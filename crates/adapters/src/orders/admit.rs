//! Admission: the order, the shop's door, the customer's place and the shop's place in one transaction.

use std::collections::HashMap;
use std::future::Future;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, ConditionCheck, Put, TransactWriteItem, Update};
use domain::admission::{self, FailedConditions};
use domain::ids::EventId;
use domain::order::StoredOrder;
use domain::shop::ShopSettings;
use domain::timestamp::Timestamp;
use domain::workflow::AdmissionRequest;

use super::{OrderBook, item, key, number, user_item};
use crate::contention;
use crate::error::AdapterError;
use crate::shops;

/// How long the count of a customer's open orders outlives the last one: far longer than an order can be open.
const USER_KEPT_SECS: i64 = 7 * 24 * 3600;

/// What became of a request to get in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The order is in.
    Admitted,
    /// These conditions did not hold; nothing was written.
    Failed(FailedConditions),
}

/// Letting orders in.
pub trait AdmitOrder: Send + Sync {
    /// Takes a place for the order and writes it, or changes nothing.
    fn admit(
        &self,
        request: &AdmissionRequest,
        settings: &ShopSettings,
        now: Timestamp,
    ) -> impl Future<Output = Result<Admission, AdapterError>> + Send;

    /// The order as it is now.
    fn existing(
        &self,
        request: &AdmissionRequest,
    ) -> impl Future<Output = Result<Option<StoredOrder>, AdapterError>> + Send;
}

impl OrderBook {
    /// The order of the items is the order of precedence, should only the first failure be reported.
    fn admission(
        &self,
        request: &AdmissionRequest,
        settings: &ShopSettings,
        now: Timestamp,
    ) -> Result<[TransactWriteItem; 4], AdapterError> {
        let built = |error| AdapterError::failed("TransactWriteItems admission", error);
        let put = Put::builder()
            .table_name(&self.orders)
            .set_item(Some(item::write(&admission::admitted(request, now))?))
            .condition_expression("attribute_not_exists(orderId)")
            .build()
            .map_err(built)?;
        let open = ConditionCheck::builder()
            .table_name(&self.shops)
            .set_key(Some(shops::key(&request.event_id, shops::CONFIG)))
            .condition_expression("storeOpen = :open")
            .expression_attribute_values(":open", AttributeValue::Bool(true))
            .build()
            .map_err(built)?;
        let user =
            self.place(&request.event_id, &user_item(&request.user_id), "openOrders", settings.max_orders_per_user);
        let user = user
            .update_expression("ADD #count :one SET #ttl = :ttl")
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_values(":ttl", number(now.as_secs() + USER_KEPT_SECS));
        let floor = self.place(&request.event_id, shops::FLOOR, "inFlight", settings.max_orders_in_queue);
        let floor = floor.update_expression("ADD #count :one");
        Ok([
            TransactWriteItem::builder().put(put).build(),
            TransactWriteItem::builder().condition_check(open).build(),
            TransactWriteItem::builder().update(user.build().map_err(built)?).build(),
            TransactWriteItem::builder().update(floor.build().map_err(built)?).build(),
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
                if contended(reasons) {
                    Err(AdapterError::Contended { operation: "TransactWriteItems admission" })
                } else if failed.obstacle().is_some() {
                    Ok(Admission::Failed(failed))
                } else {
                    Err(AdapterError::failed("TransactWriteItems admission", error))
                }
            }
            _ => Err(AdapterError::from_sdk("TransactWriteItems admission", error)),
        }
    }

    fn place(
        &self,
        event_id: &EventId,
        item: &str,
        count: &str,
        max: u32,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.shops)
            .set_key(Some(shops::key(event_id, item)))
            .condition_expression("attribute_not_exists(#count) OR #count < :max")
            .expression_attribute_names("#count", count)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":max", number(max))
    }
}

fn failed_conditions(reasons: &[CancellationReason]) -> FailedConditions {
    let failed = |index: usize| reasons.get(index).and_then(CancellationReason::code) == Some("ConditionalCheckFailed");
    FailedConditions {
        order_exists: failed(0),
        shop_closed: failed(1),
        customer_limit: failed(2),
        shop_full: failed(3),
    }
}

/// Whether a cancelled transaction lost against other writers rather than failed a condition.
pub(super) fn contended(reasons: &[CancellationReason]) -> bool {
    let codes = || reasons.iter().filter_map(CancellationReason::code);
    let failed = codes().any(|code| code == "ConditionalCheckFailed");
    let lost = |code| matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded");
    !failed && codes().any(lost)
}

impl AdmitOrder for OrderBook {
    async fn admit(
        &self,
        request: &AdmissionRequest,
        settings: &ShopSettings,
        now: Timestamp,
    ) -> Result<Admission, AdapterError> {
        let items = self.admission(request, settings, now)?;
        contention::retry(|| self.try_admit(&items)).await
    }

    async fn existing(&self, request: &AdmissionRequest) -> Result<Option<StoredOrder>, AdapterError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.orders)
            .set_key(Some(key(&request.order_id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| AdapterError::from_sdk("GetItem order", error))?;
        answer.item.map(|item: HashMap<_, _>| item::read(item)).transpose()
    }
}
