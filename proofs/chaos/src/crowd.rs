//! The crowd: `presso rush`, as anybody runs it, and what it says was promised to whom.

use std::path::PathBuf;
use std::process::Stdio;

use client::Error;
use domain::ids::OrderId;
use serde::Deserialize;
use tokio::process::Command;

/// What was promised about an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promise {
    /// Whose order it is.
    pub user_id: String,
    /// The drink that was taken, if one was.
    pub submitted: Option<String>,
    /// The drink was handed over.
    pub completed: bool,
    /// The customer's cancellation was taken.
    pub cancelled: bool,
}

/// What `presso rush --json` prints.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rush {
    /// Customers who got their drink.
    pub served: u32,
    /// Customers who cancelled.
    pub cancelled: u32,
    /// Customers who walked away.
    pub left: u32,
    /// What was promised, by order.
    pub visits: std::collections::BTreeMap<OrderId, Promise>,
    /// How long it took.
    pub elapsed_ms: u64,
}

/// How the crowd comes.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// The tool.
    pub presso: PathBuf,
    /// The stack.
    pub stack: String,
    /// The shop.
    pub event_id: String,
    /// How many come.
    pub orders: u32,
    /// How many at once.
    pub concurrency: u32,
}

impl Crowd {
    /// Comes, and goes. The tool's verdict is for a bar in which nothing fails; what counts here is what it was promised.
    pub async fn come(&self) -> Result<Rush, Error> {
        let failed = |error: std::io::Error| Error::failed(format!("{} cannot be run", self.presso.display()), error);
        let child = Command::new(&self.presso)
            .args(["--stack", &self.stack, "--event-id", &self.event_id, "--json", "rush"])
            .args(["--orders", &self.orders.to_string(), "--concurrency", &self.concurrency.to_string()])
            .args(["--cancel", "14", "--leave", "8", "--attempts", "12", "--patience", "25"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let output = child.wait_with_output().await.map_err(failed)?;
        serde_json::from_slice(&output.stdout).map_err(|error| {
            let said = String::from_utf8_lossy(&output.stderr);
            Error::failed(format!("presso rush did not say what it was promised: {}", said.trim()), error)
        })
    }
}
