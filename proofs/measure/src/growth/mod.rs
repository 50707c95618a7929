//! What an order takes as more orders are stored, and as more customers come at once. Counts and CPU time decide; the time that a
//! caller waits is told, with the emulator's share apart.

pub mod bar;
pub mod command;
pub mod figures;
pub mod plot;
pub mod processes;
pub mod run;
pub mod stored;
pub mod table;
pub mod verdict;
