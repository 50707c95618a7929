//! A model of a small coffee bar, for a model checker: customers, baristas, time-outs, the workflow, the projector and the sweeper,
//! with events that come twice, late, in any order or never, replies that are lost, and states that fail half-way. What an order, a
//! claim, a command, admission and the sweeper do is decided by the domain's own functions. Where a rule stands in an
//! expression, [`reached::Reached`] keeps what was met, for the end-to-end suite to ask the expression itself.

pub mod bar;
pub mod explore;
pub mod invariants;
pub mod people;
pub mod reached;
pub mod shapes;
pub mod told;
pub mod workflow;
pub mod world;

mod commands;
mod executions;
mod next;
mod sweeps;
