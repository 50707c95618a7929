//! Measures how the work of an order depends on the number of stored orders and of simultaneous
//! customers. Counts and CPU time are checked; the time that a caller waits is only printed.

pub mod figures;
mod processes;
pub mod run;
mod stored;
pub(crate) mod table;
mod venue;
pub mod verdict;
