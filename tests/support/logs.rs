//! Reads the log lines that the functions have written since a given time.

use std::collections::BTreeSet;
use std::time::SystemTime;

use client::Resources;
use harness::environment::emulator;
use harness::logs::Logs;

use crate::venue::TestVenue;
use crate::world::Emulator;

/// Functions whose log groups are read. Only LocalStack has a log group for each function.
const FUNCTIONS: [&str; 4] = ["Admission", "OrderProjector", "Sweeper", "Validator"];

/// Log groups of a venue's stack. LocalStack ignores the template's log group and creates one per
/// function. With concurrent invocations it stores a line once per invocation.
pub struct FunctionLogs {
    groups: Vec<Logs>,
    repeats_lines: bool,
    /// Time of the call of [`FunctionLogs::begin`].
    pub since: SystemTime,
}

impl FunctionLogs {
    /// Starts reading: later calls return lines written after this moment.
    pub async fn begin(venue: &TestVenue) -> Self {
        let stack = &venue.stack;
        let resources = Resources::find(stack).await.unwrap();
        let of_functions = FUNCTIONS.map(|name| format!("/aws/lambda/{}", resources.required(name).unwrap()));
        let names = [resources.required("Logs").unwrap().to_owned()].into_iter().chain(of_functions);
        let region = stack.aws.region().map(ToString::to_string).unwrap_or_default();
        let endpoint = emulator().unwrap();
        let groups = names.map(|name| Logs::new(&endpoint, &name, &region)).collect();
        let repeats_lines = venue.world.emulator == Emulator::LocalStack;
        Self { groups, repeats_lines, since: SystemTime::now() }
    }

    /// Returns the lines that were written since [`FunctionLogs::begin`].
    pub async fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for group in &self.groups {
            // The group does not exist before its first line.
            lines.extend(group.since(self.since).await.unwrap_or_default());
        }
        if self.repeats_lines {
            lines = lines.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        }
        lines
    }

    /// Returns the lines that contain `ERROR`: those of this level, and any line whose text has it.
    pub async fn errors(&self) -> Vec<String> {
        self.lines().await.into_iter().filter(|line| line.contains("ERROR")).collect()
    }

    /// Returns the number of lines that contain `ERROR` and `text`.
    pub async fn errors_about(&self, text: &str) -> usize {
        self.errors().await.iter().filter(|line| line.contains(text)).count()
    }
}
