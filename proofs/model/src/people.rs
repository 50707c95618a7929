//! Makes the ids of the model's shop, orders, customers and baristas, and its drinks.

use domain::drink::DrinkOrder;
use domain::ids::{OrderId, ShopId, UserId};

/// Identifies an order: customer, window and number of the attempt, from 1. Repeated scans of one
/// attempt yield the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scan {
    pub customer: u8,
    pub window: u8,
    pub attempt: u8,
}

#[allow(clippy::panic, reason = "the identifiers are constants of the model")]
fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("invalid identifier {text}"))
}

impl Scan {
    pub fn order_id(self) -> OrderId {
        id(&format!("order-{}-{}-{}", self.customer, self.window, self.attempt))
    }

    pub fn user_id(self) -> UserId {
        customer(self.customer)
    }
}

pub fn shop() -> ShopId {
    id("shop")
}

pub fn customer(number: u8) -> UserId {
    id(&format!("customer-{number}"))
}

pub fn barista(number: u8) -> UserId {
    id(&format!("barista-{number}"))
}

pub fn drink(number: u8) -> DrinkOrder {
    DrinkOrder { drink: format!("drink-{number}"), modifiers: Vec::new(), icon: String::new() }
}
