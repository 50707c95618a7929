//! Orders: the part that readers see, and the record that the table stores.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::drink::DrinkOrder;
use crate::ids::{OrderId, ShopId, UserId};
use crate::timestamp::Timestamp;

/// Time for which a final order is kept. Longer than dead-letter messages are kept (14 days), so
/// that a redriven event still finds its order.
pub const KEPT_AFTER_END: Duration = Duration::from_hours(30 * 24);

/// Maximum time until the workflow of an admitted order publishes its first event. Afterwards the
/// sweeper checks the order.
pub const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// Number of partitions of the index of open orders.
pub const OPEN_SHARDS: u32 = 4;

/// Status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// The order holds capacity; its workflow is starting.
    Admitted,
    /// The customer is choosing a drink.
    Created,
    /// The order has a number and is in the barista's queue.
    Waiting,
    /// A barista completed the drink, which the customer picks up.
    Completed,
    /// The order ended without a drink.
    Cancelled,
}

impl OrderStatus {
    /// All statuses, in the order of their ranks.
    pub const ALL: [Self; 5] = [Self::Admitted, Self::Created, Self::Waiting, Self::Completed, Self::Cancelled];

    /// Position in the lifecycle, 0 to 3. A status changes to a higher rank only.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Admitted => 0,
            Self::Created => 1,
            Self::Waiting => 2,
            Self::Completed | Self::Cancelled => 3,
        }
    }

    /// Returns true if the order has ended.
    pub const fn is_final(self) -> bool {
        self.rank() == 3
    }

    /// Spelling in tables, indexes and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "ADMITTED",
            Self::Created => "CREATED",
            Self::Waiting => "WAITING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Returns the status with this spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Role of the person or system that ended an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClosedBy {
    /// The customer who placed the order.
    Customer,
    /// A barista or an admin.
    Barista,
    /// The system: a time-out, a refusal or a failure.
    System,
}

impl ClosedBy {
    /// Spelling in tables and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Barista => "barista",
            Self::System => "system",
        }
    }
}

/// Order as readers see it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Id of the order.
    pub order_id: OrderId,
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// Id of the customer.
    pub user_id: UserId,
    /// Status after the events that were projected so far.
    pub status: OrderStatus,
    /// Number that the barista calls out, once a drink was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<u64>,
    /// Drink, once it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drink_order: Option<DrinkOrder>,
    /// Id of the barista who holds the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barista_user_id: Option<UserId>,
    /// Time at which that barista claimed the order. Absent in a claim that an earlier release
    /// of the application wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// Number of changes of the claim.
    #[serde(default)]
    pub claim_version: u64,
    /// Time at which the order was admitted, refused, or recorded as failed.
    pub created_at: Timestamp,
    /// Time of the last change of the status.
    pub updated_at: Timestamp,
    /// Deadline of the current status, while the order is open. The record of an order that failed
    /// before its admission also has one, until its `OrderFailed` is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Reason of the final status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Role of the person or system that ended the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<ClosedBy>,
    /// Time of the last call of the completed order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<Timestamp>,
}

/// Step of the workflow that a task token resumes.
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
    /// Spelling in tables and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Barista => "barista",
        }
    }

    /// Rank of a task token among those of its execution: a later step outranks every attempt of an
    /// earlier one.
    pub const fn token_rank(self, attempt: u32) -> u64 {
        let step = match self {
            Self::Customer => 1,
            Self::Barista => 2,
        };
        step * 1_000_000 + attempt as u64
    }
}

/// Secret that resumes a waiting workflow. `Debug` does not show it, and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(transparent)]
pub struct TaskToken(String);

impl TaskToken {
    /// Wraps a task token of Step Functions.
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// Returns the secret, for the call that spends it and the table that stores it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

/// Task token that an order holds, with its origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeldToken {
    /// The task token itself.
    pub token: TaskToken,
    /// Step of the workflow that it resumes.
    pub step: Step,
    /// Rank among the task tokens of the execution: see [`Step::token_rank`].
    pub rank: u64,
}

/// Order as the table stores it, including attributes that only commands and the sweeper read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredOrder {
    /// Part that readers see.
    pub order: Order,
    /// ARN of the execution that owns the order.
    pub execution_arn: String,
    /// Newest task token of the latest step, until the order ends.
    pub token: Option<HeldToken>,
    /// Id of the person who ended the order: none while it is open, empty if the system ended it.
    pub closed_by_user_id: Option<String>,
    /// Id of the barista who held the claim before its last change.
    pub previous_barista_user_id: Option<UserId>,
    /// Time at which the claim was released, until the order is claimed again.
    pub released_at: Option<Timestamp>,
}

/// Returns the partition of the index of open orders that holds `order_id`.
pub fn open_shard(order_id: &OrderId) -> u32 {
    order_id.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % OPEN_SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_one_spelling_in_json_and_in_tables() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert_eq!(OrderStatus::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn debug_output_does_not_contain_the_task_token() {
        assert!(!format!("{:?}", TaskToken::new("secret".into())).contains("secret"));
    }

    #[test]
    fn a_task_token_of_a_later_step_outranks_every_attempt_of_an_earlier_step() {
        assert!(Step::Barista.token_rank(0) > Step::Customer.token_rank(999));
        assert!(Step::Customer.token_rank(1) > Step::Customer.token_rank(0));
    }
}
