//! The crowd: `presso rush`, run as a user runs it, and the promises that it reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use client::Error;
use domain::ids::OrderId;
use serde::Deserialize;
use tokio::process::Command;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promise {
    pub submitted: Option<String>,
    pub completed: bool,
    pub cancelled: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Rush {
    visits: BTreeMap<OrderId, Promise>,
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
    /// Runs the crowd to its end. The tool's own verdict assumes a shop without faults and does not
    /// count.
    pub async fn run(&self) -> Result<BTreeMap<OrderId, Promise>, Error> {
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

/// Runs the command-line tool as a user does, with these arguments between spaces.
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
