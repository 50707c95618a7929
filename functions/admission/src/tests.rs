use std::sync::Mutex;

use bootstrap::testing::measured;
use domain::admission::{FailedConditions, admitted, not_admitted};
use domain::ids::{OrderId, ShopId};
use domain::order::StoredOrder;
use domain::shop::ShopState;
use lambda_runtime::Diagnostic;

use super::*;

/// Fake of the tables with at most one order. `failing` are the conditions of admission that fail.
#[derive(Default)]
struct Orders {
    failing: FailedConditions,
    order: Mutex<Option<StoredOrder>>,
    contended: bool,
}

impl AdmitOrder for Orders {
    async fn admit(
        &self,
        request: &AdmissionRequest,
        _: &ShopState,
        now: Timestamp,
    ) -> Result<Admission, AdapterError> {
        if self.contended {
            return Err(AdapterError::Contended { operation: "TransactWriteItems admission" });
        }
        let mut order = self.order.lock().unwrap();
        let failed = FailedConditions { order_exists: order.is_some(), ..self.failing };
        if failed.obstacle().is_some() {
            return Ok(Admission::Refused(failed));
        }
        *order = Some(admitted(request, now));
        Ok(Admission::Admitted)
    }
}

impl ReadOrder for Orders {
    async fn order(&self, _: &OrderId) -> Result<Option<StoredOrder>, AdapterError> {
        Ok(self.order.lock().unwrap().clone())
    }
}

impl RecordRefusal for Orders {
    async fn record_refusal(
        &self,
        request: &AdmissionRequest,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        self.order.lock().unwrap().get_or_insert(not_admitted(request, reason, now));
        Ok(())
    }
}

struct Shops;

impl ReadShopState for Shops {
    async fn state(&self, _: &ShopId) -> Result<ShopState, AdapterError> {
        Ok(ShopState::default())
    }
}

fn admitter(orders: Orders) -> Admitter<Orders, Shops> {
    Admitter { orders, shops: Shops, now: || Timestamp::from_millis(1_800_000_000_000) }
}

fn request(execution: &str) -> AdmissionRequest {
    AdmissionRequest {
        order_id: "order".parse().unwrap(),
        user_id: "anna".parse().unwrap(),
        shop_id: "bar".parse().unwrap(),
        execution_arn: execution.to_owned(),
    }
}

async fn error_type(admitter: &Admitter<Orders, Shops>, execution: &str) -> String {
    Diagnostic::from(admitter.admit(request(execution)).await.unwrap_err()).error_type
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_another_execution_is_a_duplicate() {
    let admitter = admitter(Orders::default());
    for _ in 0..2 {
        assert_eq!(admitter.admit(request("mine")).await, Ok(AdmissionAnswer { admitted: true }));
    }
    assert_eq!(error_type(&admitter, "another").await, "Duplicate");
}

#[tokio::test]
async fn a_refusal_is_recorded_and_has_the_error_name_that_the_workflow_catches() {
    for (failing, name, reason) in [
        (FailedConditions { shop_closed: true, shop_full: true, ..Default::default() }, "ShopClosed", "closed"),
        (
            FailedConditions { customer_limit: true, shop_full: true, ..Default::default() },
            "CustomerLimit",
            "customerLimit",
        ),
        (FailedConditions { shop_full: true, ..Default::default() }, "ShopFull", "full"),
    ] {
        let admitter = admitter(Orders { failing, ..Default::default() });
        for _ in 0..2 {
            assert_eq!(error_type(&admitter, "mine").await, name);
        }
        let recorded = admitter.orders.order.lock().unwrap().clone().unwrap();
        assert_eq!(recorded.order.reason.as_deref(), Some(reason));
        assert_eq!(error_type(&admitter, "another").await, "Duplicate");
    }
}

#[tokio::test]
async fn a_refusal_is_counted_by_its_reason_and_an_admission_is_not() {
    let closed = FailedConditions { shop_closed: true, ..Default::default() };
    let limit = FailedConditions { customer_limit: true, ..Default::default() };
    let full = FailedConditions { shop_full: true, ..Default::default() };
    for (failing, counted) in [
        (closed, &[("RefusedShopClosed".to_owned(), 1.0)][..]),
        (limit, &[("RefusedCustomerLimit".to_owned(), 1.0)]),
        (full, &[("RefusedShopFull".to_owned(), 1.0)]),
        (FailedConditions::default(), &[]),
    ] {
        let admitter = admitter(Orders { failing, ..Default::default() });
        assert_eq!(measured(admitter.admit(request("mine"))).await.1, counted, "{failing:?}");
    }
}

#[tokio::test]
async fn contention_is_reported_as_retryable_and_records_no_refusal() {
    let admitter = admitter(Orders { contended: true, ..Default::default() });
    assert_eq!(error_type(&admitter, "mine").await, "Retryable");
    assert!(admitter.orders.order.lock().unwrap().is_none());
}

#[path = "any_bytes.rs"]
mod any_bytes;
