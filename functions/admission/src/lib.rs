//! The workflow's first task: lets an order in, or fails with an error whose name the workflow catches.

use adapters::error::AdapterError;
use adapters::orders::{Admission, AdmitOrder, ReadOrder, RecordRefusal};
use adapters::shops::ReadSettings;
use bootstrap::Failure;
use domain::admission::{AdmissionOutcome, Obstacle, Refusal, repeat_outcome};
use domain::timestamp::Timestamp;
use domain::workflow::{AdmissionAnswer, AdmissionRequest};
use tracing::Instrument;

/// Admission and what it may touch.
#[derive(Debug)]
pub struct Admitter<O, S> {
    /// Where orders are let in.
    pub orders: O,
    /// The limits of shops.
    pub shops: S,
    /// The clock.
    pub now: fn() -> Timestamp,
}

impl<O: AdmitOrder + ReadOrder + RecordRefusal, S: ReadSettings> Admitter<O, S> {
    /// Lets the order in. Fails with `Duplicate`, `ShopClosed`, `CustomerLimit` or `ShopFull`, the first that holds,
    /// or with `Retryable` or `Unreadable` where it could not decide. Asked again by the same execution, it answers the same.
    pub async fn admit(&self, request: AdmissionRequest) -> Result<AdmissionAnswer, Failure> {
        let (order_id, shop_id) = (request.order_id.as_str(), request.shop_id.as_str());
        let span = tracing::info_span!("admit", order_id, shop_id);
        let answer = self.answer(&request).instrument(span.clone()).await;
        let _entered = span.enter();
        match answer {
            Ok(AdmissionOutcome::Admitted) => {
                tracing::info!("admitted");
                Ok(AdmissionAnswer { admitted: true })
            }
            Ok(AdmissionOutcome::Refused(refusal)) => Err(Failure::expected(error_type(refusal), refusal.as_str())),
            Ok(AdmissionOutcome::Duplicate) => {
                Err(Failure::expected("Duplicate", "another execution owns this order; this one ends"))
            }
            Err(error @ AdapterError::Unreadable { .. }) => Err(Failure::named("Unreadable", &error)),
            Err(error) => Err(Failure::named("Retryable", &error)),
        }
    }

    async fn answer(&self, request: &AdmissionRequest) -> Result<AdmissionOutcome, AdapterError> {
        let settings = self.shops.settings(&request.shop_id).await?;
        let failed = match self.orders.admit(request, &settings, (self.now)()).await? {
            Admission::Admitted => return Ok(AdmissionOutcome::Admitted),
            Admission::Refused(failed) => failed,
        };
        if let Some(Obstacle::Refused(refusal)) = failed.obstacle() {
            self.orders.record_refusal(request, refusal.as_str(), (self.now)()).await?;
        }
        // Whoever owns the order's item now decides: this execution, by this try or an earlier one, or another.
        match self.orders.order(&request.order_id).await? {
            Some(existing) => Ok(repeat_outcome(&existing, &request.execution_arn)),
            None => Err(AdapterError::Contended { operation: "admission" }),
        }
    }
}

const fn error_type(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Closed => "ShopClosed",
        Refusal::CustomerLimit => "CustomerLimit",
        Refusal::Full => "ShopFull",
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
