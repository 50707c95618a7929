//! Runs each function's shipped binary as Lambda does, against a Runtime API and AWS services on
//! loopback, without an emulator.

pub mod aws;
pub mod figures;
pub mod process;
pub mod runtime_api;
pub mod subject;
pub mod template;
pub mod tls;
pub mod verdict;
