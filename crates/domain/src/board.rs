//! Board of a shop: the order numbers and drinks that a display shows, without order ids and
//! persons.

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::call::CALL_WINDOW;
use crate::drink::DrinkOrder;
use crate::ids::ShopId;
use crate::timestamp::Timestamp;
use crate::waiting::{Completion, Pace};

/// Time for which the board shows a completed order: as long as it can be called.
pub const READY_FOR: Duration = CALL_WINDOW;

/// Completed orders are read if they were admitted within this time. An order is open for at most
/// 20 minutes (300 s for the customer, 900 s for the barista) and on the board for 10 more; the
/// other 5 minutes are for delays.
pub const READ_BACK: Duration = Duration::from_mins(35);

/// Maximum number of entries of each list.
pub const MAX_ENTRIES: usize = 100;

/// Part of an order that the board needs. It has no order id and no person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardOrder {
    /// Number that the barista calls out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<u64>,
    /// Drink that the customer chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drink_order: Option<DrinkOrder>,
    /// Time at which the order was admitted.
    pub created_at: Timestamp,
    /// Time of the last change of the status.
    pub updated_at: Timestamp,
    /// Time of the last call of the completed order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<Timestamp>,
}

impl BoardOrder {
    const fn completion(&self) -> Completion {
        Completion { admitted_at: self.created_at, completed_at: self.updated_at }
    }
}

/// Order on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BoardEntry {
    /// Number that the barista calls out.
    pub number: u64,
    /// Name of the drink.
    pub drink: String,
    /// Time at which the order joined this list.
    pub since: Timestamp,
    /// Time at which a barista last called the ready order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_at: Option<Timestamp>,
}

/// Shop as a board needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardShop {
    /// Id of the shop.
    pub shop_id: ShopId,
    /// True if the shop takes orders.
    pub open: bool,
    /// True if the shop has no capacity left.
    pub full: bool,
}

/// Board of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Board {
    /// Id of the shop.
    #[serde(rename = "eventId")]
    pub shop_id: ShopId,
    /// True if the shop takes orders.
    pub store_open: bool,
    /// True if the shop has no capacity left.
    pub store_full: bool,
    /// Estimated time until the completion of a drink that is ordered now, in whole seconds. Absent
    /// if fewer than five drinks were made recently, or if a hundred orders or more wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_seconds: Option<u64>,
    /// Orders in the queue, claimed or not, sorted by number.
    pub making: Vec<BoardEntry>,
    /// Orders that were completed in the last 10 minutes, latest first.
    pub ready: Vec<BoardEntry>,
}

impl Board {
    /// Creates the board at `now` from the oldest orders in the queue, and from the completed
    /// orders that were admitted within the last [`READ_BACK`].
    pub fn new(shop: BoardShop, waiting: &[BoardOrder], completed: &[BoardOrder], now: Timestamp) -> Self {
        let mut latest: Vec<&BoardOrder> = completed.iter().collect();
        latest.sort_by_key(|order| std::cmp::Reverse(order.updated_at));
        let ready = latest.iter().filter(|order| now.since(order.updated_at) < READY_FOR);
        let ready: Vec<BoardEntry> = ready.filter_map(|order| entry(order)).take(MAX_ENTRIES).collect();
        // An order that is completed between the reads of the two lists is in both.
        let done: HashSet<u64> = completed.iter().filter_map(|order| order.order_number).collect();
        let making = waiting.iter().filter_map(entry).filter(|entry| !done.contains(&entry.number));
        let mut making: Vec<BoardEntry> = making.collect();
        making.sort_by_key(|entry| entry.number);
        let completions: Vec<Completion> = completed.iter().map(BoardOrder::completion).collect();
        let pace = Pace::measure(&completions, now).filter(|_| waiting.len() < MAX_ENTRIES);
        let waiting_seconds = pace.zip(u64::try_from(making.len()).ok()).map(|(pace, ahead)| pace.seconds(ahead));
        making.truncate(MAX_ENTRIES);
        Self { shop_id: shop.shop_id, store_open: shop.open, store_full: shop.full, waiting_seconds, making, ready }
    }
}

fn entry(order: &BoardOrder) -> Option<BoardEntry> {
    let drink = order.drink_order.as_ref()?.drink.clone();
    Some(BoardEntry { number: order.order_number?, drink, since: order.updated_at, called_at: order.called_at })
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
