//! The scaling of an order with stored orders and with customers at once. Counts and CPU time
//! decide. The time that a caller waits is printed, with the emulator's share, and decides nothing.

pub mod figures;
mod processes;
pub mod run;
mod stored;
pub(crate) mod table;
mod venue;
pub mod verdict;
