//! What passes between the functions and the `order-processor` state machine, other than events.

use serde::{Deserialize, Serialize};

use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::ClosedBy;
use crate::timestamp::Timestamp;

/// The error that a cancel gives the workflow's wait: its Catch names it.
pub const ORDER_CANCELLED: &str = "OrderCancelled";

/// The state that publishes an outcome. Its input records the outcome: see [`ExecutionOutput`].
pub const FINISH: &str = "Finish";

/// What is known of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Execution {
    /// It runs since then.
    Running {
        /// When it started.
        since: Timestamp,
    },
    /// It ended as the workflow says, with its output as JSON text.
    Succeeded {
        /// The output.
        output: String,
    },
    /// It broke, was stopped, or is not known any more.
    Broken {
        /// When, if it is known.
        at: Option<Timestamp>,
        /// Why, as far as it is known.
        cause: String,
        /// What it had decided, as JSON text, if it broke while it published that.
        outcome: Option<String>,
    },
}

/// What the workflow asks admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionRequest {
    /// The order.
    pub order_id: OrderId,
    /// Its customer.
    pub user_id: UserId,
    /// Its shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// The execution that will own it.
    pub execution_arn: String,
}

/// What admission answers when it lets an order in; otherwise it fails with a named error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissionAnswer {
    /// Always true.
    pub admitted: bool,
}

/// The output that resumes the wait for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Submitted {
    /// What the customer chose.
    pub drink_order: DrinkOrder,
}

/// The output that resumes the wait for the barista.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HandedOver {
    /// The barista.
    pub closed_by_user_id: UserId,
}

/// The cause that goes with [`ORDER_CANCELLED`], as JSON text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    /// Why, in the words of whoever cancels.
    pub reason: String,
    /// Who.
    pub closed_by: ClosedBy,
    /// Who, by id.
    pub closed_by_user_id: UserId,
}

/// An execution's output: the events that ended its order, to be published again should they have been lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionOutput {
    /// In the order in which they were published.
    pub entries: Vec<OutputEntry>,
}

/// One event of an [`ExecutionOutput`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OutputEntry {
    /// The event's name.
    pub detail_type: String,
    /// The event's detail.
    pub detail: serde_json::Value,
}
