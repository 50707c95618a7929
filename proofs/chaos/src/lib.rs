//! Tests that no order is lost, duplicated or stuck while AWS calls fail. A proxy injects faults
//! into the calls of the functions. A modified copy of the workflow injects errors into the calls
//! of its states, which no proxy reaches. The courier delivers some events more than once or out of
//! order, as EventBridge is allowed to. Customers place orders; after redrive and sweep, `verify`
//! checks the result.

pub mod claims;
pub mod courier;
pub mod coverage;
pub mod crowd;
pub mod facts;
pub mod fault;
pub mod histories;
pub mod matrix;
pub mod overrides;
pub mod proxy;
pub mod report;
pub mod run;
pub mod settle;
pub mod traffic;
pub mod verify;
pub mod workflow;
