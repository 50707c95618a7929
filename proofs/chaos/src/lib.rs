//! The coffee bar under faults: a proxy that injects them between the functions and AWS, a courier that delivers events as badly
//! as EventBridge may, a workflow whose own calls fail, a crowd, and what must hold once all is delivered and swept.

pub mod courier;
pub mod crowd;
pub mod facts;
pub mod fault;
pub mod histories;
pub mod matrix;
pub mod proxy;
pub mod report;
pub mod run;
pub mod setting;
pub mod settle;
pub mod traffic;
pub mod verify;
pub mod workflow;
