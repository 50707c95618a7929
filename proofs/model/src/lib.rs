//! A model of a small shop for the `stateright` model checker: customers, baristas, time-outs, the
//! workflow, the projector and the sweeper. Events arrive twice, late, in any order or never,
//! replies are lost, and workflow states fail half-way. The domain's own functions decide what
//! happens to an order, a claim, a command and an admission; the sweeper runs its own code.
//! [`cases::Cases`] collects the inputs that were met of every rule that is also written as a
//! DynamoDB or JSONata expression, so that the end-to-end tests can evaluate these expressions.

pub mod cases;
pub mod events;
pub mod explore;
pub mod invariants;
pub mod people;
pub mod shapes;
pub mod shop_model;
pub mod workflow;
pub mod world;
