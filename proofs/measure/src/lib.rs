//! Measurements of a bar in a stack of its own: what an order costs on AWS, and whether that stays flat as orders and customers grow.

pub mod cost;
pub mod growth;
