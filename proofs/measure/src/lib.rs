//! Measurements on a local stack: the cost of an order on AWS, and how it scales with stored orders
//! and customers.

pub mod command;
pub mod cost;
pub mod scaling;
