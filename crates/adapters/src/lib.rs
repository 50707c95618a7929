//! DynamoDB, EventBridge and Step Functions behind small traits, one capability each:
//! what a function takes is what its role grants.

pub mod buckets;
pub mod bus;
pub mod error;
pub mod orders;
pub mod shops;
pub mod workflow;

mod contention;
