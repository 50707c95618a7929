//! The workshop as code: the learner's bar, the checks of its modules, and a test that follows the
//! pages as a reader does.

mod bar;
mod blocks;
pub mod check;
mod driver;
mod edit;
mod functions;
pub mod page;
mod pieces;
mod scenario;
pub mod walkthrough;
mod workspace;

pub use bar::{CreateOutcome, DeployTarget, LearnerBar, page_of};
pub use edit::Edit;
pub use pieces::{Module, modules};
pub use scenario::{Scenario, run_scenario};

/// Name of the learner's stack.
pub const STACK: &str = "workshop";
