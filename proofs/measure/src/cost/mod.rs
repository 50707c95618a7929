//! What one order of each kind costs: played on a local stack, counted as AWS bills it, held to what the design says, priced.

pub mod bill;
pub mod command;
pub mod count;
pub mod evidence;
pub mod expected;
pub mod logs;
pub mod meter;
pub mod original;
pub mod play;
pub mod prices;
pub mod report;
pub mod run;
pub mod scenario;
pub mod units;
