//! Events on the bus, one type per detail-type. Fields are added, but never changed or removed, and
//! readers ignore fields that they do not know.

use serde::{Deserialize, Serialize};

use crate::admission::Refusal;
use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::{ClosedBy, Step, TaskToken};
use crate::shop::Shop;
use crate::timestamp::Timestamp;

pub use crate::detail::{Detail, REPLAY_SOURCE, SOURCE};

macro_rules! details {
    ($($(#[$doc:meta])* $name:ident = $detail_type:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                /// Fields that every event about an order has.
                #[serde(flatten)]
                pub about: About,
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl Detail for $name {
                const DETAIL_TYPE: &'static str = $detail_type;
            }
        )*

        /// All detail-types that the stack publishes.
        pub const DETAIL_TYPES: &[&str] = &[$($name::DETAIL_TYPE,)* ConfigChanged::DETAIL_TYPE];

        /// Returns `detail` without the fields that its detail-type does not define; `None` if the
        /// stack publishes no such detail-type.
        pub fn allow_listed_detail(
            detail_type: &str,
            detail: &serde_json::Value,
        ) -> Result<Option<serde_json::Value>, UnreadableEvent> {
            match detail_type {
                $($name::DETAIL_TYPE => reread::<$name>(detail).map(Some),)*
                ConfigChanged::DETAIL_TYPE => reread::<ConfigChanged>(detail).map(Some),
                _ => Ok(None),
            }
        }

        /// Contracts of all detail-types, in the order of [`DETAIL_TYPES`].
        #[cfg(feature = "schema")]
        pub fn contracts() -> Vec<crate::contract::Contract> {
            use crate::contract::Contract;
            vec![$(Contract::new::<$name>(),)* Contract::new::<ConfigChanged>()]
        }
    };
}

/// Fields that every event about an order has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Id of the order.
    pub order_id: OrderId,
    /// Id of the customer, a pseudonym.
    pub user_id: UserId,
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// Short description for people.
    #[serde(rename = "Message")]
    pub message: String,
    /// Time of the event, RFC 3339 in UTC with milliseconds. An event that is published again has
    /// the same time, except `Validator.NewOrder`.
    pub at: Timestamp,
}

/// Window of the QR code that was scanned for the order. It does not contain the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(rename = "Bucket"))]
pub struct CodeWindow {
    /// Number of the window: periods of five minutes since the epoch.
    pub window: i64,
    /// Start of the window.
    pub starts_at: Timestamp,
    /// End of the window.
    pub ends_at: Timestamp,
    /// Number of customers who can still use the code after this scan.
    pub available_tokens: u32,
}

details! {
    /// Requests the admission of an order, after the scan of a valid code or without a code.
    NewOrder = "Validator.NewOrder" {
        /// Window of the scanned code; absent if no code was scanned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bucket: Option<CodeWindow>,
    }

    /// Internal: the workflow waits. Only the rule of order-projector matches this event.
    TokenIssued = "OrderProcessor.TokenIssued" {
        /// Task token, a secret.
        #[serde(rename = "TaskToken")]
        task_token: TaskToken,
        /// Step of the workflow that the task token resumes.
        step: Step,
        /// Number of retries of the waiting state before this task token was issued.
        attempt: u32,
    }

    /// The order was admitted; the workflow waits for the customer's choice.
    WorkflowStarted = "OrderProcessor.WorkflowStarted" {
        /// Deadline of the customer.
        expires_at: Timestamp,
    }

    /// The customer chose the drink and the order has a number; the workflow waits for a barista.
    WaitingCompletion = "OrderManager.WaitingCompletion" {
        /// Number that the barista calls out.
        order_number: u64,
        /// Drink that the customer chose.
        drink_order: DrinkOrder,
        /// Deadline of the barista.
        expires_at: Timestamp,
    }

    /// A barista claimed the order, took it over, or released it.
    /// A repeated publication has the same content.
    MakeOrder = "OrderManager.MakeOrder" {
        /// Id of the barista; empty if the claim was released.
        barista_user_id: String,
        /// Id of the barista who held the claim before; empty if nobody did. Earlier releases leave
        /// it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        previous_barista_user_id: Option<String>,
        /// Version of the claim: of several events, the highest version is the current state.
        claim_version: u64,
        /// Time at which the barista claimed the order; absent if the claim was released.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claimed_at: Option<Timestamp>,
        /// Number that the barista calls out.
        order_number: u64,
    }

    /// A barista completed the drink, which the customer picks up.
    OrderCompleted = "OrderManager.OrderCompleted" {
        /// Number that the barista calls out.
        order_number: u64,
        /// Drink that was made.
        drink_order: DrinkOrder,
        /// Always `completed`.
        reason: String,
        /// Always `barista`.
        closed_by: ClosedBy,
        /// Id of the barista.
        closed_by_user_id: String,
    }

    /// A barista calls the customer: the completed order is ready to be picked up.
    OrderCalled = "OrderManager.OrderCalled" {
        /// Number that the barista calls out.
        order_number: u64,
        /// Time of the call.
        called_at: Timestamp,
    }

    /// The customer or a barista cancelled the order.
    OrderCancelled = "OrderManager.OrderCancelled" {
        /// Number of the order, if a drink was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_number: Option<u64>,
        /// Drink, if one was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drink_order: Option<DrinkOrder>,
        /// Reason, as the caller who cancelled wrote it.
        reason: String,
        /// Role of the caller who cancelled.
        closed_by: ClosedBy,
        /// Id of the caller who cancelled.
        closed_by_user_id: String,
    }

    /// The customer chose no drink, or no barista completed the order, before the deadline.
    OrderTimeOut = "OrderProcessor.OrderTimeOut" {
        /// Step that timed out.
        cause: Step,
        /// Number of the order, if a drink was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_number: Option<u64>,
        /// Drink, if one was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drink_order: Option<DrinkOrder>,
    }

    /// The order was not admitted.
    ShopUnavailable = "OrderProcessor.ShopUnavailable" {
        /// Reason of the refusal.
        reason: Refusal,
    }

    /// The workflow ends. Published in the same call as the event that says how: `OrderCompleted`,
    /// `OrderCancelled`, `OrderTimeOut` or `ShopUnavailable`.
    OrderFinished = "OrderProcessor.orderFinished" {
        /// Outcome of the workflow.
        outcome: Outcome,
    }

    /// The workflow failed; the sweeper ended the order.
    OrderFailed = "OrderProcessor.OrderFailed" {
        /// Cause, as far as it is known.
        cause: String,
    }
}

/// Outcome of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The drink was made.
    Completed,
    /// The customer or a barista cancelled.
    Cancelled,
    /// A deadline passed.
    TimedOut,
    /// The order was not admitted.
    Refused,
}

/// A shop's settings were edited, or the shop was opened or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConfigChanged {
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// Short description for people.
    #[serde(rename = "Message")]
    pub message: String,
    /// Time of the change, RFC 3339 in UTC with milliseconds.
    pub at: Timestamp,
    /// Settings after the change.
    #[serde(rename = "NewImage")]
    pub new_image: Shop,
}

impl Detail for ConfigChanged {
    const DETAIL_TYPE: &'static str = "ConfigService.ConfigChanged";
}

/// Parses a detail and writes it again, without the fields that its type does not have.
fn reread<T: Detail>(detail: &serde_json::Value) -> Result<serde_json::Value, UnreadableEvent> {
    let reread = T::deserialize(detail).and_then(|detail| serde_json::to_value(&detail));
    reread.map_err(|source| UnreadableEvent::Malformed { detail_type: T::DETAIL_TYPE.to_owned(), source })
}

/// Event that the projection applies: it changes the order's status, or gives the order a task
/// token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// See [`TokenIssued`].
    TokenIssued(TokenIssued),
    /// See [`WorkflowStarted`].
    WorkflowStarted(WorkflowStarted),
    /// See [`WaitingCompletion`].
    WaitingCompletion(WaitingCompletion),
    /// See [`OrderCompleted`].
    OrderCompleted(OrderCompleted),
    /// See [`OrderCancelled`].
    OrderCancelled(OrderCancelled),
    /// See [`OrderTimeOut`].
    OrderTimeOut(OrderTimeOut),
    /// See [`OrderFailed`].
    OrderFailed(OrderFailed),
}

/// Error of an event that the projection does not apply or that cannot be parsed.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The projection applies no events with this detail-type.
    #[error("the projection does not apply {0}: check the event pattern of the rule that delivered it")]
    UnknownDetailType(String),
    /// The detail does not match the schema of its detail-type.
    #[error("the detail of {detail_type} does not match its schema")]
    Malformed {
        /// Detail-type of the event.
        detail_type: String,
        /// Error of the JSON parser.
        source: serde_json::Error,
    },
}

impl OrderEvent {
    /// Parses the detail of an event according to its detail-type.
    pub fn parse(detail_type: &str, detail: serde_json::Value) -> Result<Self, UnreadableEvent> {
        let malformed = |source| UnreadableEvent::Malformed { detail_type: detail_type.to_owned(), source };
        let event = match detail_type {
            TokenIssued::DETAIL_TYPE => serde_json::from_value(detail).map(Self::TokenIssued),
            WorkflowStarted::DETAIL_TYPE => serde_json::from_value(detail).map(Self::WorkflowStarted),
            WaitingCompletion::DETAIL_TYPE => serde_json::from_value(detail).map(Self::WaitingCompletion),
            OrderCompleted::DETAIL_TYPE => serde_json::from_value(detail).map(Self::OrderCompleted),
            OrderCancelled::DETAIL_TYPE => serde_json::from_value(detail).map(Self::OrderCancelled),
            OrderTimeOut::DETAIL_TYPE => serde_json::from_value(detail).map(Self::OrderTimeOut),
            OrderFailed::DETAIL_TYPE => serde_json::from_value(detail).map(Self::OrderFailed),
            other => return Err(UnreadableEvent::UnknownDetailType(other.to_owned())),
        };
        event.map_err(malformed)
    }
}
