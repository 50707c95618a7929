//! The cost of an order of each kind: played on a local stack, counted as AWS bills it, compared
//! with the design, priced.

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
pub mod units;
