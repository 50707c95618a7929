//! The library that chaos, bench, measure and the end-to-end suite share: a proxy for the AWS calls
//! of the functions, changes to a deployed stack that can be undone, orders without a scan, and
//! measurements.

pub mod dead_letters;
pub mod environment;
pub mod function;
pub mod interrupt;
pub mod logs;
mod named_enum;
pub mod orders;
pub mod output;
pub mod process;
pub mod progress;
pub mod proxy;
pub mod realtime;
mod rules;
pub mod socket;
pub mod spread;
pub mod sweeper;
pub mod workflow;
