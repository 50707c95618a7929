//! Access to DynamoDB, EventBridge, Step Functions and sockets through small traits.
//!
//! Each trait is one capability: a function takes the traits that its IAM role grants, and its
//! tests implement only those. This crate retries admission, projection, changes of a shop and
//! activation of a display, with jitter, if contention or throttling prevented any change. The
//! `main` of a function gives the time for these retries as a [`contention::Budget`]. If the
//! bus does not accept some events, [`bus`] sends these again, at most twice. Every other error is
//! returned to the caller as an [`error::AdapterError`].
//!
//! - [`orders`]: orders table, alone or in a transaction with the shop table
//! - [`shops`]: settings, QR key, capacity and displays of shops
//! - [`buckets`]: token buckets of QR codes, and counts of wrong codes
//! - [`bus`]: publishing of events
//! - [`workflow`]: resuming, inspecting, stopping and listing executions
//! - [`connections`]: open sockets and the topics whose messages they receive
//! - [`sockets`]: posting of messages
//! - [`architecture`]: rules, targets and workflow as deployed
//! - [`contention`]: the time for retries

pub mod architecture;
pub mod buckets;
pub mod bus;
pub mod connections;
pub mod contention;
pub mod error;
pub mod orders;
pub mod shops;
pub mod sockets;
pub mod workflow;
