//! Counts the faults that the chaos run injected into states of the workflow, from the histories of
//! executions. Each pair of state and failure counts once per execution.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEvent, HistoryEventType};
use client::{Error, Stack};
use futures::{StreamExt, TryStreamExt, stream};
use harness::workflow::{executions, history};

use crate::workflow::{Failure, STATES, parse_cause};

const CONCURRENCY: usize = 8;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histories {
    pub statuses: BTreeMap<String, u32>,
    pub failures: BTreeMap<(&'static str, Failure), u32>,
}

impl Histories {
    pub async fn read(stack: &Stack, since: DateTime) -> Result<Self, Error> {
        let mut executions = executions(stack, None).await?;
        executions.retain(|execution| execution.start_date() >= &since);
        let mut histories = Self::default();
        // The ARNs are copied, so that the future can move between threads.
        let arns: Vec<String> = executions.iter().map(|execution| execution.execution_arn().to_owned()).collect();
        let reads = arns.into_iter().map(async |arn| history(stack, &arn).await);
        let mut reads = stream::iter(reads).buffer_unordered(CONCURRENCY);
        while let Some(events) = reads.try_next().await? {
            histories.add(&events);
        }
        for execution in &executions {
            *histories.statuses.entry(execution.status().as_str().to_owned()).or_default() += 1;
        }
        Ok(histories)
    }

    fn add(&mut self, events: &[HistoryEvent]) {
        let mut state = "";
        let mut failures = BTreeSet::new();
        for event in events {
            if let Some(entered) = event.state_entered_event_details() {
                state = entered.name();
            }
            let Some((error, cause)) = failure_of(event) else { continue };
            // DynamoDB itself answers that the table is missing, without the mark of the chaos run.
            // No other cause makes `AssignNumber` name a missing table.
            let no_such_table =
                state == "AssignNumber" && (error.contains("ResourceNotFound") || cause.contains("ResourceNotFound"));
            let table_failure = no_such_table.then_some(("AssignNumber", Failure::NoSuchTable));
            failures.extend(parse_cause(cause).or_else(|| parse_cause(error)).or(table_failure));
        }
        for failure in failures {
            *self.failures.entry(failure).or_default() += 1;
        }
    }

    pub fn missing(&self, minimum: u32) -> Vec<(&'static str, Failure, u32)> {
        let all = STATES.iter().flat_map(|(state, failures)| failures.iter().map(move |failure| (*state, *failure)));
        let counted =
            all.map(|(state, failure)| (state, failure, self.failures.get(&(state, failure)).copied().unwrap_or(0)));
        counted.filter(|(.., count)| *count < minimum).collect()
    }

    pub fn running(&self) -> u32 {
        self.statuses.get(ExecutionStatus::Running.as_str()).copied().unwrap_or(0)
    }
}

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
