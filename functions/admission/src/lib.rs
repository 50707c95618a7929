//! The first task of the workflow: admits an order, or fails with a named error that the workflow
//! catches.

use adapters::error::AdapterError;
use adapters::orders::{Admission, AdmitOrder, ReadOrder, RecordRefusal};
use adapters::shops::ReadShopState;
use bootstrap::{Failure, metric, record};
use domain::admission::{AdmissionOutcome, DUPLICATE, Obstacle, Refusal, repeat_outcome};
use domain::timestamp::Timestamp;
use domain::workflow::{AdmissionAnswer, AdmissionRequest};

/// Function `admission` with the adapters that it uses.
#[derive(Debug)]
pub struct Admitter<O, S> {
    /// Orders table and shop table, in transactions.
    pub orders: O,
    /// State of shops, for their limits.
    pub shops: S,
    /// Clock of the function.
    pub now: fn() -> Timestamp,
}

impl<O: AdmitOrder + ReadOrder + RecordRefusal, S: ReadShopState> Admitter<O, S> {
    /// Admits the order. Fails with the first that applies of `Duplicate`, `ShopClosed`,
    /// `CustomerLimit` and `ShopFull`. Fails with `Retryable` or `Unreadable` if it could not
    /// decide. A repeated request of the same execution gets the same answer.
    pub async fn admit(&self, request: AdmissionRequest) -> Result<AdmissionAnswer, Failure> {
        record::order(&request.order_id);
        record::shop(&request.shop_id);
        record::user(&request.user_id);
        match self.answer(&request).await {
            Ok(AdmissionOutcome::Admitted) => {
                record::outcome("admitted");
                Ok(AdmissionAnswer { admitted: true })
            }
            Ok(AdmissionOutcome::Refused(refusal)) => {
                metric::count(counted_as(refusal));
                Err(Failure::expected(refusal.error_type(), refusal.as_str()))
            }
            Ok(AdmissionOutcome::Duplicate) => Err(Failure::expected(
                DUPLICATE,
                "another execution owns this order, or the order has ended; this execution ends",
            )),
            Err(error @ (AdapterError::Unreadable { .. } | AdapterError::NotSerialised { .. })) => {
                Err(Failure::named("Unreadable", &error))
            }
            Err(error) => Err(Failure::named("Retryable", &error)),
        }
    }

    async fn answer(&self, request: &AdmissionRequest) -> Result<AdmissionOutcome, AdapterError> {
        let state = self.shops.state(&request.shop_id).await?;
        let failed = match self.orders.admit(request, &state, (self.now)()).await? {
            Admission::Admitted => return Ok(AdmissionOutcome::Admitted),
            Admission::Refused(failed) => failed,
        };
        if let Some(Obstacle::Refused(refusal)) = failed.obstacle() {
            self.orders.record_refusal(request, refusal.as_str(), (self.now)()).await?;
        }
        // The order may exist already. Then it belongs to this execution, which admitted it in this
        // call or an earlier one, or to another execution.
        match self.orders.order(&request.order_id).await? {
            Some(existing) => Ok(repeat_outcome(&existing, &request.execution_arn)),
            None => Err(AdapterError::Contended { operation: "admission" }),
        }
    }
}

/// Returns the metric that counts a refusal.
const fn counted_as(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Closed => metric::REFUSED_SHOP_CLOSED,
        Refusal::CustomerLimit => metric::REFUSED_CUSTOMER_LIMIT,
        Refusal::Full => metric::REFUSED_SHOP_FULL,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
