//! An order: as everybody reads it, and as it is stored.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::timestamp::Timestamp;

/// How long a final order is kept: longer than any dead letter (14 days), so that none can meet a forgotten order.
pub const KEPT_AFTER_END: Duration = Duration::from_hours(30 * 24);

/// How long an admitted order may wait for its workflow's first event before the sweeper looks at it.
pub const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// Partitions of the index of open orders.
pub const OPEN_SHARDS: u32 = 4;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Capacity is taken; the workflow is starting.
    Admitted,
    /// The customer is choosing.
    Created,
    /// Numbered, in the barista's queue.
    Waiting,
    /// Handed over.
    Completed,
    /// Ended without a drink.
    Cancelled,
}

impl OrderStatus {
    /// Every status, in the order of their ranks.
    pub const ALL: [Self; 5] = [Self::Admitted, Self::Created, Self::Waiting, Self::Completed, Self::Cancelled];

    /// How far the order has come; it moves to a higher rank only.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Admitted => 0,
            Self::Created => 1,
            Self::Waiting => 2,
            Self::Completed | Self::Cancelled => 3,
        }
    }

    /// Whether the order has ended.
    pub const fn is_final(self) -> bool {
        self.rank() == 3
    }

    /// The status as tables, indexes and the API spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "ADMITTED",
            Self::Created => "CREATED",
            Self::Waiting => "WAITING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The status of this spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Who ended an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClosedBy {
    /// The customer whose order it is.
    Customer,
    /// Somebody who works the queue.
    Barista,
    /// A time-out, a refusal or a failure.
    System,
}

impl ClosedBy {
    /// The word that tables and events use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Barista => "barista",
            Self::System => "system",
        }
    }
}

/// An order as everybody reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// The order.
    pub order_id: OrderId,
    /// Its shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// Its customer.
    pub user_id: UserId,
    /// Where it stands.
    pub status: OrderStatus,
    /// The number that is called out, from the moment that a drink was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<u64>,
    /// The drink, once chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drink_order: Option<DrinkOrder>,
    /// The barista who holds the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barista_user_id: Option<UserId>,
    /// Counts the changes of the claim.
    #[serde(default)]
    pub claim_version: u64,
    /// When it was admitted or refused.
    pub created_at: Timestamp,
    /// When its status last moved.
    pub updated_at: Timestamp,
    /// When the current wait ends, while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Why it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<ClosedBy>,
}

/// The step of the workflow that a task token resumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Waiting for the customer's choice.
    Customer,
    /// Waiting for the barista.
    Barista,
}

impl Step {
    /// The word that tables and events use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Barista => "barista",
        }
    }

    /// Orders the tokens of an execution: a later step beats any attempt of an earlier one.
    pub const fn token_rank(self, attempt: u32) -> u64 {
        let step = match self {
            Self::Customer => 1,
            Self::Barista => 2,
        };
        step * 1_000_000 + attempt as u64
    }
}

/// What resumes the workflow. It has no `Debug` or `Display` that shows it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct TaskToken(String);

impl TaskToken {
    /// A token as Step Functions issued it.
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// The secret, for the call that spends it and the table that keeps it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

/// The token that an order holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeldToken {
    /// The token.
    pub token: TaskToken,
    /// The step that it resumes.
    pub step: Step,
    /// See [`Step::token_rank`].
    pub rank: u64,
}

/// An order as it is stored: with what nobody but the commands and the sweeper may see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredOrder {
    /// What everybody reads.
    pub order: Order,
    /// The execution that owns the order.
    pub execution_arn: String,
    /// The newest token of the furthest step, until the order ends.
    pub token: Option<HeldToken>,
    /// The `sub` of the person who ended it; empty for the system.
    pub closed_by_user_id: Option<String>,
}

/// The partition of the index of open orders that `order_id` lies in.
pub fn open_shard(order_id: &OrderId) -> u32 {
    order_id.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % OPEN_SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_spelled_the_same_everywhere() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(OrderStatus::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        assert!(!format!("{:?}", TaskToken::new("secret".into())).contains("secret"));
    }

    #[test]
    fn any_attempt_of_a_later_step_beats_an_earlier_step() {
        assert!(Step::Barista.token_rank(0) > Step::Customer.token_rank(999));
        assert!(Step::Customer.token_rank(1) > Step::Customer.token_rank(0));
    }
}
