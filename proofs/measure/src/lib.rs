//! Measures on a local stack what an order would cost on AWS, and how its work grows with scale.

pub mod command;
pub mod cost;
pub mod scaling;
