//! Values that functions exchange with the `order-processor` state machine, other than events.

use serde::{Deserialize, Serialize};

use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::ClosedBy;
use crate::timestamp::Timestamp;

/// Error with which a cancel ends the workflow's wait. The state machine catches it by this name.
pub const ORDER_CANCELLED: &str = "OrderCancelled";

/// State that publishes an outcome. Its input is an [`ExecutionOutput`].
pub const FINISH: &str = "Finish";

/// State of an execution, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Execution {
    /// The execution is running.
    Running {
        /// Start of the execution.
        since: Timestamp,
    },
    /// The execution succeeded.
    Succeeded {
        /// Output, as JSON text.
        output: String,
    },
    /// The execution failed, timed out, was stopped, or is no longer known to Step Functions.
    Failed {
        /// End of the execution, if known.
        at: Option<Timestamp>,
        /// Status, error and cause, as far as they are known.
        cause: String,
        /// Outcome that the execution was publishing when it failed, as JSON text.
        outcome: Option<String>,
    },
}

/// Request of the workflow to admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionRequest {
    /// Id of the order.
    pub order_id: OrderId,
    /// Id of the customer.
    pub user_id: UserId,
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// ARN of the execution that requests the order and will own it.
    pub execution_arn: String,
}

/// Answer of admission for an order that it admits. A refusal is an error with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionAnswer {
    /// Always true.
    pub admitted: bool,
}

/// Output that ends the wait for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submitted {
    /// Drink that the customer chose.
    pub drink_order: DrinkOrder,
}

/// Output that ends the wait for the barista.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandedOver {
    /// Id of the barista who completed the drink.
    pub closed_by_user_id: UserId,
}

/// Cause of an [`ORDER_CANCELLED`] error, as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    /// Reason, as the caller who cancels wrote it.
    pub reason: String,
    /// Role of the caller who cancels.
    pub closed_by: ClosedBy,
    /// Id of the caller who cancels.
    pub closed_by_user_id: UserId,
}

/// Output of an execution: the events that end its order. The sweeper publishes them again if they
/// were lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionOutput {
    /// Events in the order of publication.
    pub entries: Vec<OutputEntry>,
}

/// One event of an [`ExecutionOutput`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OutputEntry {
    /// Detail-type of the event.
    pub detail_type: String,
    /// Detail of the event.
    pub detail: serde_json::Value,
}
