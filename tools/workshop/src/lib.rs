//! The workshop as code: creates the learner's bar, checks the learner's solutions, and tests the
//! pages by following them as a reader does.

mod bar;
mod blocks;
pub mod check;
mod deploy;
mod driver;
mod edit;
mod execution;
mod functions;
pub mod lint;
pub mod logs;
pub mod page;
mod picture;
mod pieces;
pub mod reading;
mod scenario;
mod sources;
pub mod walkthrough;
mod workspace;

pub use bar::{CreateOutcome, DeployTarget, LearnerBar, page_of};
pub use deploy::Deployment;
pub use edit::Edit;
pub use execution::{Execution, last_execution};
pub use picture::Picture;
pub use pieces::{Module, modules};
pub use scenario::{Ended, Scenario, run_scenario};

/// Name of the CloudFormation stack of the learner's bar.
pub const STACK: &str = "workshop";
