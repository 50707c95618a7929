//! Runs `presso rush` as the crowd of a run, and reads from its report the commands that the API
//! accepted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use client::Error;
use domain::ids::OrderId;
use serde::Deserialize;
use tokio::process::Command;

/// Commands on one order that the API accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Accepted {
    /// Name of the chosen drink.
    pub submitted: Option<String>,
    pub completed: bool,
    pub cancelled: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Rush {
    visits: BTreeMap<OrderId, Accepted>,
}

#[derive(Debug, Clone)]
pub struct Crowd {
    pub presso: PathBuf,
    pub stack: String,
    pub shop: String,
    pub orders: u32,
    pub concurrency: u32,
}

impl Crowd {
    /// Runs the crowd to its end. Ignores the exit code of `presso rush`, which may be an error
    /// because of the faults.
    pub async fn run(&self) -> Result<BTreeMap<OrderId, Accepted>, Error> {
        let Self { shop, orders, concurrency, .. } = self;
        let arguments = format!(
            "--event-id {shop} rush --orders {orders} --concurrency {concurrency} --cancel 14 --leave 8 --attempts 12 \
             --patience 25"
        );
        let output = presso(&self.presso, &self.stack, &arguments).await?;
        let rush: Rush = serde_json::from_slice(&output.stdout).map_err(|error| {
            let message = String::from_utf8_lossy(&output.stderr);
            Error::failed(format!("presso rush did not report its orders: {}", message.trim()), error)
        })?;
        Ok(rush.visits)
    }
}

/// Runs `presso` as a user does. Spaces separate the `arguments`.
pub(crate) async fn presso(program: &Path, stack: &str, arguments: &str) -> Result<Output, Error> {
    let mut command = Command::new(program);
    command
        .args(["--stack", stack, "--json"])
        .args(arguments.split_whitespace())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await;
    output.map_err(|error| Error::failed(format!("{} cannot be run", program.display()), error))
}
