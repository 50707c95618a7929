//! The coffee bar, without AWS: what an order is and how it moves, who may do what, what the menu offers,
//! which codes are good, and what the events say. Nothing here reads a clock, draws a random number or does I/O.

pub mod admission;
pub mod bucket;
pub mod caller;
pub mod claim;
pub mod command;
#[cfg(feature = "schema")]
pub mod contract;
pub mod detail;
pub mod drink;
pub mod event;
pub mod ids;
pub mod menu;
pub mod order;
pub mod projection;
pub mod qr_code;
pub mod shop;
pub mod sweep;
pub mod timestamp;
pub mod workflow;

#[cfg(any(test, feature = "test-util"))]
pub mod testing;
