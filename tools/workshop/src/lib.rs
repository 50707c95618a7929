//! The workshop: a bar without the pieces that its modules build, and whether what somebody has built there works.

mod bar;
mod blocks;
pub mod check;
mod drive;
mod edit;
mod functions;
pub mod page;
mod pieces;
mod resources;
mod scenario;
pub mod walkthrough;

pub use bar::{CreateOutcome, DeployTarget, LearnerBar, page_of};
pub use edit::Edit;
pub use pieces::{Module, modules};
pub use resources::Resources;
pub use scenario::{Scenario, run_scenario};

/// What the learner's stack is called.
pub const STACK: &str = "workshop";
