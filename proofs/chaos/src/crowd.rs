//! The crowd: `presso rush`, run as a user runs it, and the promises that it reports.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

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
        let failed = |error: std::io::Error| Error::failed(format!("{} cannot be run", self.presso.display()), error);
        let child = Command::new(&self.presso)
            .args(["--stack", &self.stack, "--event-id", &self.shop, "--json", "rush"])
            .args(["--orders", &self.orders.to_string(), "--concurrency", &self.concurrency.to_string()])
            .args(["--cancel", "14", "--leave", "8", "--attempts", "12", "--patience", "25"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let output = child.wait_with_output().await.map_err(failed)?;
        let rush: Rush = serde_json::from_slice(&output.stdout).map_err(|error| {
            let message = String::from_utf8_lossy(&output.stderr);
            Error::failed(format!("presso rush did not report its orders: {}", message.trim()), error)
        })?;
        Ok(rush.visits)
    }
}
