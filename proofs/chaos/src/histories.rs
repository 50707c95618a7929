//! What really failed in the workflow, from the histories of its executions.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, HistoryEventType};
use client::Error;
use client::error::Cause;
use client::stack::Stack;
use futures::{StreamExt, TryStreamExt, stream};

use crate::workflow::{Failure, STATES, parse_cause};

const AT_ONCE: usize = 8;

/// What the executions show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histories {
    /// Executions by how they ended.
    pub ended: BTreeMap<String, u32>,
    /// How many executions failed on purpose, by state.
    pub failures: BTreeMap<(&'static str, Failure), u32>,
    /// What else failed, by state: a function that was killed, or an order that was cancelled.
    pub others: BTreeMap<(String, String), u32>,
}

impl Histories {
    /// Reads the history of each execution that began after `since`.
    pub async fn read(stack: &Stack, since: DateTime) -> Result<Self, Error> {
        let client = aws_sdk_sfn::Client::new(&stack.aws);
        let pages =
            client.list_executions().state_machine_arn(&stack.order_processor_arn).into_paginator().items().send();
        let mut executions = pages.try_collect().await.map_err(failed)?;
        executions.retain(|execution| execution.start_date() >= &since);
        let mut histories = Self::default();
        let reads = executions.iter().map(|execution| history(&client, execution.execution_arn()));
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some(events) = reads.try_next().await? {
            histories.add(&events);
        }
        for execution in &executions {
            *histories.ended.entry(execution.status().as_str().to_owned()).or_default() += 1;
        }
        Ok(histories)
    }

    fn add(&mut self, events: &[HistoryEvent]) {
        let mut state = String::new();
        let mut on_purpose = BTreeSet::new();
        for event in events {
            if let Some(entered) = event.state_entered_event_details() {
                entered.name().clone_into(&mut state);
            }
            let Some((error, cause)) = failure_of(event) else { continue };
            let no_such_table =
                state == "AssignNumber" && (error.contains("ResourceNotFound") || cause.contains("ResourceNotFound"));
            match parse_cause(cause).or_else(|| parse_cause(error)) {
                Some(failure) => drop(on_purpose.insert(failure)),
                None if no_such_table => drop(on_purpose.insert(("AssignNumber", Failure::NoSuchTable))),
                None => *self.others.entry((state.clone(), error.to_owned())).or_default() += 1,
            }
        }
        for failure in on_purpose {
            *self.failures.entry(failure).or_default() += 1;
        }
    }

    /// Failures that have not happened often enough.
    pub fn behind(&self, minimum: u32) -> Vec<(&'static str, Failure, u32)> {
        let all = STATES.iter().flat_map(|(state, failures)| failures.iter().map(move |failure| (*state, *failure)));
        let counted =
            all.map(|(state, failure)| (state, failure, self.failures.get(&(state, failure)).copied().unwrap_or(0)));
        counted.filter(|(.., count)| *count < minimum).collect()
    }

    /// How many executions still run.
    pub fn running(&self) -> u32 {
        self.ended.get(ExecutionStatus::Running.as_str()).copied().unwrap_or(0)
    }
}

fn failed(source: impl Into<Cause>) -> Error {
    Error::failed("the executions cannot be read", source)
}

/// What happened in an execution.
pub async fn history(client: &aws_sdk_sfn::Client, execution_arn: &str) -> Result<Vec<HistoryEvent>, Error> {
    let pages =
        client.get_execution_history().execution_arn(execution_arn).max_results(1_000).into_paginator().items().send();
    pages.try_collect().await.map_err(failed)
}

/// The error and the cause of what failed: a task, or an expression before or after it.
fn failure_of(event: &HistoryEvent) -> Option<(&str, &str)> {
    match event.r#type() {
        HistoryEventType::TaskFailed => {
            let details = event.task_failed_event_details()?;
            Some((details.error().unwrap_or_default(), details.cause().unwrap_or_default()))
        }
        HistoryEventType::EvaluationFailed => {
            let details = event.evaluation_failed_event_details()?;
            Some((details.error().unwrap_or_default(), details.cause().unwrap_or_default()))
        }
        _ => None,
    }
}
