//! The workshop: a bar without the pieces that its modules build, and whether what somebody has built there works.

mod bar;
mod blocks;
mod by_hand;
pub mod check;
mod drive;
mod edit;
mod functions;
pub mod page;
mod pieces;
mod resources;
pub mod walkthrough;

pub use bar::{Bar, Made, Place, page_of};
pub use by_hand::{Act, by_hand};
pub use edit::Edit;
pub use pieces::{Module, modules};
pub use resources::Resources;

/// What the learner's stack is called.
pub const STACK: &str = "workshop";
