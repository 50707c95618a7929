//! The workshop as code: creates the learner's bar, checks its pages, and tests the pages by
//! following them as a reader does.

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

/// Name of the CloudFormation stack of the learner's bar.
pub const STACK: &str = "workshop";
