//! The events on the bus: one type per detail-type. Readers ignore fields that they do not know; fields are only ever added.

use serde::{Deserialize, Serialize};

use crate::admission::Refusal;
use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::order::{ClosedBy, Step, TaskToken};
use crate::shop::Shop;
use crate::timestamp::Timestamp;

pub use crate::detail::{Detail, SOURCE};

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
                /// Which order, whose, and when.
                #[serde(flatten)]
                pub about: About,
                $($(#[$field_doc])* pub $field: $type,)*
            }

            impl Detail for $name {
                const DETAIL_TYPE: &'static str = $detail_type;
            }
        )*

        /// Every detail-type that the bar publishes.
        pub const DETAIL_TYPES: &[&str] = &[$($name::DETAIL_TYPE,)* ConfigChanged::DETAIL_TYPE];

        /// What is promised of every detail-type.
        #[cfg(feature = "schema")]
        pub fn contracts() -> Vec<crate::contract::Contract> {
            use crate::contract::Contract;
            vec![$(Contract::new::<$name>(),)* Contract::new::<ConfigChanged>()]
        }
    };
}

/// What every event about an order says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// The order.
    pub order_id: OrderId,
    /// Its customer: a pseudonymous id.
    pub user_id: UserId,
    /// Its shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// What happened, for people.
    #[serde(rename = "Message")]
    pub message: String,
    /// When it happened, RFC 3339 in UTC with milliseconds. Published again, an event says the same time.
    pub at: Timestamp,
}

/// The window of the QR code that an order came in by. It never holds the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(rename = "Bucket"))]
pub struct CodeWindow {
    /// Windows of five minutes since the epoch.
    pub window: i64,
    /// When the window began.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Orders that the code was still good for after this one.
    pub available_tokens: u32,
}

details! {
    /// Somebody scanned a good code. The request for an order: admission decides on it.
    NewOrder = "Validator.NewOrder" {
        /// The window of the code.
        bucket: CodeWindow,
    }

    /// Internal: the workflow waits, and this resumes it. For the projector alone.
    TokenIssued = "OrderProcessor.TokenIssued" {
        /// The secret.
        #[serde(rename = "TaskToken")]
        task_token: TaskToken,
        /// What it resumes.
        step: Step,
        /// How often the state had been retried when it was issued.
        attempt: u32,
    }

    /// The order is in; the customer chooses.
    WorkflowStarted = "OrderProcessor.WorkflowStarted" {
        /// When the customer's time is up.
        expires_at: Timestamp,
    }

    /// The drink is chosen and numbered; it waits for a barista.
    WaitingCompletion = "OrderManager.WaitingCompletion" {
        /// The number that is called out.
        order_number: u64,
        /// The drink.
        drink_order: DrinkOrder,
        /// When the barista's time is up.
        expires_at: Timestamp,
    }

    /// A barista took the order on, or gave it back.
    MakeOrder = "OrderManager.MakeOrder" {
        /// The barista; empty when given back.
        barista_user_id: String,
        /// Counts the changes of the claim: the highest is the truth.
        claim_version: u64,
        /// The number that is called out.
        order_number: u64,
    }

    /// The drink was handed over.
    OrderCompleted = "OrderManager.OrderCompleted" {
        /// The number that is called out.
        order_number: u64,
        /// The drink.
        drink_order: DrinkOrder,
        /// Always `completed`.
        reason: String,
        /// Always the barista.
        closed_by: ClosedBy,
        /// The barista's id.
        closed_by_user_id: String,
    }

    /// The customer or a barista cancelled the order.
    OrderCancelled = "OrderManager.OrderCancelled" {
        /// The number, if a drink was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_number: Option<u64>,
        /// The drink, if one was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drink_order: Option<DrinkOrder>,
        /// Why, in the words of whoever cancelled.
        reason: String,
        /// Who.
        closed_by: ClosedBy,
        /// Who, by id.
        closed_by_user_id: String,
    }

    /// The customer chose nothing, or no barista finished, in time.
    OrderTimeOut = "OrderProcessor.OrderTimeOut" {
        /// Whose time was up.
        cause: Step,
        /// The number, if a drink was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order_number: Option<u64>,
        /// The drink, if one was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drink_order: Option<DrinkOrder>,
    }

    /// The order was not let in.
    ShopUnavailable = "OrderProcessor.ShopUnavailable" {
        /// Why not.
        reason: Refusal,
    }

    /// The workflow is over. Comes with the event that ended it.
    OrderFinished = "OrderProcessor.orderFinished" {
        /// How it ended.
        outcome: Outcome,
    }

    /// The workflow broke; the order was ended without it.
    OrderFailed = "OrderProcessor.OrderFailed" {
        /// What is known of why.
        cause: String,
    }
}

/// How a workflow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Handed over.
    Completed,
    /// Cancelled by the customer or a barista.
    Cancelled,
    /// Ended by a time-out.
    TimedOut,
    /// Not let in.
    Refused,
}

/// A shop's settings were edited, or the shop was opened or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConfigChanged {
    /// The shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// What happened, for people.
    #[serde(rename = "Message")]
    pub message: String,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: Timestamp,
    /// The settings as they are now.
    #[serde(rename = "NewImage")]
    pub new_image: Shop,
}

impl Detail for ConfigChanged {
    const DETAIL_TYPE: &'static str = "ConfigService.ConfigChanged";
}

/// An event of the bus that moves an order or gives it a token.
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

/// An event that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// No event of this name moves an order.
    #[error("{0} moves no order: check the pattern of the rule that sent it")]
    UnknownDetailType(String),
    /// The detail does not fit the detail-type.
    #[error("the detail of {detail_type} does not fit its schema")]
    Malformed {
        /// The event's name.
        detail_type: String,
        /// What does not fit.
        source: serde_json::Error,
    },
}

impl OrderEvent {
    /// Reads an event off the bus.
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
