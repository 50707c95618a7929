//! Arguments of the doctor.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Require what an event with guests needs: a warning about mail or quotas is a problem.
    #[arg(long)]
    pub(crate) prod: bool,
}
