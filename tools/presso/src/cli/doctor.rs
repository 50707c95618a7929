//! Arguments of the doctor.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Examine for production: a limit that is enough for a trial only is a problem.
    #[arg(long)]
    pub(crate) prod: bool,
}
