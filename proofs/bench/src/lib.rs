//! Runs each function's shipped binary as Lambda does: a Runtime API of its own, AWS over TLS on loopback, no emulator.

pub mod aws;
pub mod error;
pub mod figures;
pub mod process;
pub mod runtime_api;
pub mod subject;
pub mod template;
pub mod tls;
pub mod verdict;
