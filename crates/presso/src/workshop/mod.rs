//! The workshop: a bar without the pieces that its modules build, and whether what somebody has built there works.

mod bar;
mod blocks;
pub mod check;
mod pieces;

pub use bar::{Bar, Made};
pub use pieces::{Module, modules};

/// What the learner's stack is called.
pub const STACK: &str = "workshop";
