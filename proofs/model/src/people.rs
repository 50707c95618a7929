//! Who comes to the bar, and what they have.

use domain::drink::DrinkOrder;
use domain::ids::{EventId, OrderId, UserId};

/// A customer's scan in a window: it makes one order, however often it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scan {
    /// The customer.
    pub customer: u8,
    /// The window of the code.
    pub window: u8,
}

// These texts are identifiers as they stand.
#[allow(clippy::panic, reason = "a model without its people has nothing to check")]
fn id<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("{text} is no identifier"))
}

impl Scan {
    /// The order.
    pub fn order_id(self) -> OrderId {
        id(&format!("order-{}-{}", self.customer, self.window))
    }

    /// The customer.
    pub fn user_id(self) -> UserId {
        customer(self.customer)
    }
}

/// The shop.
pub fn shop() -> EventId {
    id("shop")
}

/// A customer.
pub fn customer(number: u8) -> UserId {
    id(&format!("customer-{number}"))
}

/// A barista.
pub fn barista(number: u8) -> UserId {
    id(&format!("barista-{number}"))
}

/// A drink.
pub fn drink(number: u8) -> DrinkOrder {
    DrinkOrder { drink: format!("drink-{number}"), modifiers: Vec::new(), icon: String::new() }
}
