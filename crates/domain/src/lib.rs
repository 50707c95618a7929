//! The rules of the coffee bar: orders and their lifecycle, roles, menus, QR codes, events.
//!
//! Nothing here calls AWS, reads a clock, draws a random number or does I/O: a caller passes the
//! time, random bytes and the stored order. So the rules are tested without a stack, and the model
//! checker in `proofs/model` runs these same functions.
//!
//! # Life of an order
//!
//! 1. A customer scans a code. [`qr_code::redeem`] validates it, [`bucket::take`] limits the
//!    customers per code, and [`event::NewOrder`] requests the order.
//! 2. [`admission`] decides: the order is admitted and takes capacity, or is refused for a reason.
//! 3. The workflow waits for the customer, then for a barista. [`projection::apply`] applies its
//!    events to the stored order; events may arrive out of sequence and more than once.
//! 4. Commands resume the workflow: [`command`] decides whether to spend the task token. A barista
//!    holds a [`claim`] on an order, and may [`call`] the customer of a completed order.
//! 5. [`sweep::decide`] decides how to end an order whose workflow cannot end it.
//!
//! [`bucket::take`], [`bucket::replace`], [`projection::apply`], [`claim::apply`] and
//! [`call::apply`] change a value in memory. The Lambda functions apply these rules as conditional
//! writes of DynamoDB; `tests/contracts/model_expressions.rs` compares the two.
//!
//! [`live`] has the messages that are pushed to web pages over WebSockets, and the tickets that
//! open these sockets; [`architecture`] describes the deployed stack.
//!
//! [`waiting`] measures the last completed orders and estimates the time until an order is
//! completed. A [`display`] reads the code and the [`board`] of one shop; [`order_page`] makes the
//! link in the QR code.
//!
//! ```
//! use domain::drink::DrinkRequest;
//! use domain::menu::{self, InvalidDrink};
//! use domain::shop::ShopSettings;
//!
//! let request = DrinkRequest { drink: "Latte".parse()?, modifiers: vec!["Oat".parse()?] };
//! let order = menu::accept(&ShopSettings::default().catalog.menu, &request).unwrap();
//! assert_eq!((order.drink.as_str(), order.icon.as_str()), ("Latte", "latte"));
//!
//! let request = DrinkRequest { drink: "Tea".parse()?, modifiers: vec![] };
//! let refused = menu::accept(&ShopSettings::default().catalog.menu, &request).unwrap_err();
//! assert_eq!(refused, InvalidDrink::NotOnMenu("Tea".into()));
//! # Ok::<(), domain::text::InvalidText>(())
//! ```
//!
//! [`menu`] has the rules of drinks and their choices. The remaining modules contain values:
//! [`ids`], [`order`], [`drink`], [`shop`], [`look`], [`names`], [`caller`], [`credential`],
//! [`timestamp`], [`link`], [`detail`], and [`workflow`], the values that functions and state
//! machine exchange. [`counter`] has the rules of orders at the counter, [`text`] the rule for
//! every text that people write; [`whole`] reads whole numbers. With the feature `schema`,
//! `contract` generates the JSON Schemas of the events.

pub mod admission;
pub mod architecture;
pub mod board;
pub mod bucket;
pub mod call;
pub mod caller;
pub mod claim;
pub mod command;
#[cfg(feature = "schema")]
pub mod contract;
pub mod counter;
pub mod credential;
mod default_menu;
pub mod detail;
pub mod display;
pub mod drink;
pub mod event;
pub mod ids;
pub mod link;
pub mod live;
pub mod look;
pub mod menu;
pub mod names;
pub mod order;
pub mod order_page;
pub mod projection;
pub mod qr_code;
pub mod shop;
pub mod sweep;
pub mod text;
pub mod timestamp;
pub mod waiting;
pub mod whole;
pub mod workflow;

#[cfg(any(test, feature = "test-util"))]
pub mod testing;
