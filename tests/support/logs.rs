//! Reads the log lines that the functions write from a moment on.

use std::collections::BTreeSet;
use std::time::SystemTime;

use client::Resources;
use harness::environment::emulator;
use harness::logs::Logs;

use crate::venue::TestVenue;
use crate::world::Emulator;

/// Functions that a rule or the schedule invokes.
const FUNCTIONS: [&str; 2] = ["OrderProjector", "Sweeper"];

/// The log groups of a venue's stack. LocalStack ignores the template's group and writes to one for
/// each function; a line may be there several times, once for each invocation of that moment.
pub struct FunctionLogs {
    groups: Vec<Logs>,
    repeats_lines: bool,
    pub since: SystemTime,
}

impl FunctionLogs {
    /// The lines that are written from now on.
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

    /// The lines with the level ERROR.
    pub async fn errors(&self) -> Vec<String> {
        let mut errors = Vec::new();
        for group in &self.groups {
            // A group without lines may not exist.
            let lines = group.since(self.since).await.unwrap_or_default();
            errors.extend(lines.into_iter().filter(|line| line.contains("ERROR")));
        }
        if self.repeats_lines {
            errors = errors.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        }
        errors
    }

    /// The number of lines with the level ERROR that contain `text`.
    pub async fn errors_about(&self, text: &str) -> usize {
        self.errors().await.iter().filter(|line| line.contains(text)).count()
    }
}
