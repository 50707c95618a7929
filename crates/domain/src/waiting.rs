//! Waiting time of an order in the queue, measured on completed orders.
//!
//! For each of the latest completed orders, the time from admission to completion is divided by the
//! number of completions of the shop in that time, the order's own included. The median of these
//! quotients is the pace, in time per drink. This measure needs no number of baristas, and hours
//! without customers do not change it.
//!
//! The estimate of an order is the pace times the number of orders in the queue up to and
//! including this order. The pace is that of the time at which the order joined the queue, so the
//! estimate does not rise while the position falls.

use std::cmp::Reverse;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::board::READ_BACK;
use crate::order::{Order, OrderStatus};
use crate::timestamp::Timestamp;

/// Number of latest completions on which the pace is measured.
const MEASURED: usize = 20;

/// Minimum number of completions for a pace.
const FEWEST: usize = 5;

/// Time in which a completion reaches the index. The pace of an order leaves out the completions of
/// the last 10 s before the order joined the queue, so that each read gives the same pace.
const SETTLED: Duration = Duration::from_secs(10);

/// Times of a completed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// Time at which the order was admitted.
    #[serde(rename = "createdAt")]
    pub admitted_at: Timestamp,
    /// Time at which the order was completed.
    #[serde(rename = "updatedAt")]
    pub completed_at: Timestamp,
}

/// Measured time per drink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(Duration);

impl Pace {
    /// Measures the pace on the latest completions until the time `until`. `None` if there are
    /// fewer than five.
    pub fn measure(completions: &[Completion], until: Timestamp) -> Option<Self> {
        let mut latest: Vec<Completion> =
            completions.iter().filter(|completion| completion.completed_at <= until).copied().collect();
        latest.sort_unstable_by_key(|completion| Reverse((completion.completed_at, completion.admitted_at)));
        if latest.len() < FEWEST {
            return None;
        }
        let per_drink = latest.iter().take(MEASURED).map(|own| {
            let within =
                |other: &&Completion| own.admitted_at < other.completed_at && other.completed_at <= own.completed_at;
            let completed = u32::try_from(latest.iter().filter(within).count()).unwrap_or(u32::MAX);
            own.completed_at.since(own.admitted_at) / completed.max(1)
        });
        median(per_drink).map(Self)
    }

    /// Returns the estimated time until the completion of an order behind `ahead` others, in whole
    /// seconds.
    pub fn seconds(self, ahead: u64) -> u64 {
        let drinks = u32::try_from(ahead.saturating_add(1)).unwrap_or(u32::MAX);
        self.0.saturating_mul(drinks).as_secs()
    }
}

/// Position and estimate of an order in the queue of its shop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuePosition {
    /// Number of orders in the queue with a smaller number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// Estimated time until the completion, in whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_seconds: Option<u64>,
}

impl QueuePosition {
    /// Returns the position of an order behind `ahead` others, with an estimate from the
    /// completions until the time `until`, as [`measured_for`] selects them. Without `ahead`, the
    /// order is not in the queue: position and estimate are absent.
    pub fn new(ahead: Option<u64>, completions: &[Completion], until: Timestamp) -> Self {
        let pace = Pace::measure(completions, until);
        Self { position: ahead, waiting_seconds: ahead.zip(pace).map(|(ahead, pace)| pace.seconds(ahead)) }
    }
}

/// Order as `GET /orders/{id}` shows it: with position and estimate while it is in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedOrder {
    /// The order.
    #[serde(flatten)]
    pub order: Order,
    /// Its position and estimate.
    #[serde(flatten)]
    pub queue: QueuePosition,
}

/// Bounds of the completions of a shop on which the waiting time of an order is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Number of the order.
    pub order_number: u64,
    /// Earliest admission that is measured.
    pub since: Timestamp,
    /// Latest completion that is measured.
    pub until: Timestamp,
}

/// Returns the bounds for `order`, or `None` if the order is not in the queue.
pub fn measured_for(order: &Order) -> Option<Measured> {
    let order_number = order.order_number.filter(|_| order.status == OrderStatus::Waiting)?;
    let joined = order.updated_at;
    Some(Measured { order_number, since: joined.minus(READ_BACK), until: joined.minus(SETTLED) })
}

/// Returns the median, or `None` if there are no times.
fn median(times: impl Iterator<Item = Duration>) -> Option<Duration> {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    let (below, above) = (times.len().checked_sub(1)? / 2, times.len() / 2);
    Some(times.get(below)?.saturating_add(*times.get(above)?) / 2)
}

#[cfg(test)]
#[path = "waiting_tests.rs"]
mod tests;
