//! The coffee shop under faults: a proxy that injects them into AWS calls, a courier that delivers
//! events as badly as EventBridge may, a workflow whose calls fail, customers, and the checks of
//! what must hold after redrives and sweeps.

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
