//! A model of a small shop for the `stateright` model checker: customers, baristas, time-outs, the
//! workflow, the projector and the sweeper. Events arrive twice, late, in any order or never.
//! Replies are lost, and workflow states fail after half of their effect. The model calls the
//! domain's own functions for scans, admission, the projection, claims and commands, and runs the
//! sweeper's own code. [`cases::Cases`] collects the inputs on which tests compare the rules with
//! the shipped DynamoDB and JSONata expressions.

pub mod cases;
pub mod events;
pub mod explore;
pub mod goals;
pub mod invariants;
pub mod people;
pub mod report;
pub mod shapes;
pub mod shop_model;
pub mod workflow;
pub mod world;
