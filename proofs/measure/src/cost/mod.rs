//! Measures what an order of each kind would cost on AWS: plays it on a local stack, counts what
//! AWS bills, compares the counts with the design, and prices them.

pub mod bill;
pub mod count;
pub mod evidence;
pub mod expected;
mod logs;
pub mod meter;
pub mod original;
pub mod play;
pub mod prices;
pub mod report;
pub mod run;
pub mod scenario;
pub mod screens;
pub mod units;
