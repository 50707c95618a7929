//! Access to DynamoDB, EventBridge and Step Functions through small traits.
//!
//! Each trait is one capability: a function takes the traits that its IAM role grants, and its
//! tests implement only those. Admission, projection, edits of settings and publishing are retried
//! here, with jitter, where contention or throttling kept them from changing anything; a function's
//! `main` gives the time for that as a [`contention::Budget`]. Any other error goes to the caller
//! as an [`error::AdapterError`].
//!
//! - [`orders`]: orders table, alone or in a transaction with the shop table
//! - [`shops`]: settings, QR key and capacity of shops
//! - [`buckets`]: token buckets of QR codes
//! - [`bus`]: publishing of events
//! - [`workflow`]: resuming and inspecting executions
//! - [`contention`]: the time for retries

pub mod buckets;
pub mod bus;
pub mod contention;
pub mod error;
pub mod orders;
pub mod shops;
pub mod workflow;
