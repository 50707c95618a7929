//! Measures each shipped function as Lambda runs it, with a Runtime API and AWS services on
//! loopback and without an emulator.

pub mod aws;
pub mod figures;
pub mod process;
pub mod runtime_api;
pub mod subject;
pub mod symbols;
pub mod template;
pub mod tls;
pub mod verdict;
