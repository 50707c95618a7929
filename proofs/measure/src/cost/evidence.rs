//! Counts the work of a scenario from the executions, events, calls and log lines that it left in
//! the stack, independently of the requests that the scenario sent.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use aws_sdk_sfn::types::HistoryEvent;
use client::bus::BusEvent;
use client::record::Record;
use client::{Error, Stack};
use domain::event::{ConfigChanged, Detail};
use domain::ids::ShopId;
use harness::function::Function;
use harness::logs::Logs;
use harness::workflow::{executions, history};
use serde::Serialize;

use crate::cost::count::{Counts, Kind};
use crate::cost::meter::{Meter, MeteredCall};
use crate::cost::units::event_chunks;

/// Assumed bytes of an event besides detail-type and detail.
const ENVELOPE: usize = 400;

/// Time without a new call or event after which a stack counts as idle.
pub const QUIET: Duration = Duration::from_millis(1_500);

pub struct Evidence {
    stack: Stack,
    pub record: Record,
    pub meter: Meter,
    logs: Logs,
}

#[derive(Debug, Clone)]
pub struct Since {
    events: usize,
    calls: usize,
    executions: BTreeSet<String>,
    at: SystemTime,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    /// Named `counted` in the output of `--json`.
    #[serde(rename = "counted")]
    pub counts: Counts,
    pub log_bytes: f64,
    pub log_lines: f64,
    pub logged_invocations: f64,
    /// Bytes that each socket received: display, tablet, phone. Named `heardBytes` in the output of
    /// `--json`.
    #[serde(rename = "heardBytes")]
    pub received_bytes: Vec<usize>,
    /// Durations of the invocations in milliseconds, including the emulator's work; printed only.
    #[serde(skip)]
    pub millis: Vec<f64>,
    pub retries: u32,
    /// Read units of each cold start. A function reads once to open its connection.
    #[serde(rename = "readUnitsAtStarts")]
    pub at_start: Vec<f64>,
}

impl Evidence {
    pub fn new(stack: &Stack, record: Record, meter: Meter, logs: Logs) -> Self {
        Self { stack: stack.clone(), record, meter, logs }
    }

    pub fn activity(&self) -> usize {
        self.record.count() + self.meter.count()
    }

    pub fn config_changes(&self, shop: &ShopId) -> usize {
        let events = self.record.events();
        events
            .iter()
            .filter(|event| event.shop_id() == Some(shop.as_str()) && event.detail_type == ConfigChanged::DETAIL_TYPE)
            .count()
    }

    pub async fn now(&self) -> Result<Since, Error> {
        Ok(Since {
            events: self.record.count(),
            calls: self.meter.count(),
            executions: self.executions().await?,
            at: SystemTime::now(),
        })
    }

    /// Counts what happened after `since`.
    pub async fn since(&self, since: &Since) -> Result<Counted, Error> {
        let mut counted = Counted::default();
        for event in self.record.events().iter().skip(since.events) {
            counted.counts.add(Kind::Event, &event.detail_type, event_chunks(bytes(event)));
        }
        count_calls(&mut counted, &self.meter.calls_after(since.calls));
        for execution in self.executions().await?.difference(&since.executions) {
            counted.counts.add(Kind::Delivery, "OrderProcessor", 1.0);
            count_history(&mut counted, &history(&self.stack, execution).await?);
        }
        self.logs.since(since.at).await?.iter().for_each(|line| counted.count_log_line(line));
        Ok(counted)
    }

    async fn executions(&self) -> Result<BTreeSet<String>, Error> {
        let all = executions(&self.stack, None).await?;
        Ok(all.into_iter().map(|execution| execution.execution_arn().to_owned()).collect())
    }
}

#[allow(clippy::cast_precision_loss, reason = "all counts are far below 2^52")]
pub(super) fn number(count: usize) -> f64 {
    count as f64
}

fn bytes(event: &BusEvent) -> usize {
    ENVELOPE + event.detail_type.len() + event.detail.to_string().len()
}

/// Counts calls and invocations. Invocations are counted by their trace ids, which the SDK sends
/// with each call. This works because every invocation calls AWS at least once. A starting function
/// has no trace id; its billed reads go to `at_start`. Other calls without a trace id count as one
/// invocation of their function, so that the comparison with the expected counts fails.
fn count_calls(counted: &mut Counted, calls: &[MeteredCall]) {
    let mut invocations: BTreeMap<Function, BTreeSet<&str>> = BTreeMap::new();
    for call in calls {
        let only_reads = !call.units.is_empty() && call.units.iter().all(|(kind, ..)| *kind == Kind::Read);
        if call.trace.is_empty() && only_reads {
            counted.at_start.push(call.units.iter().map(|(.., units)| units).sum());
            continue;
        }
        invocations.entry(call.function).or_default().insert(&call.trace);
        counted.retries += u32::from(call.is_retry);
        for (kind, of, units) in &call.units {
            counted.counts.add(*kind, of, *units);
        }
    }
    for (function, traces) in invocations {
        let (name, count) = (function.as_str(), number(traces.len()));
        counted.counts.add(Kind::Invocation, name, count);
        // A rule or a stream delivers an event for each invocation of these functions.
        if matches!(
            function,
            Function::OrderProjector | Function::Sweeper | Function::ConfigChanged | Function::Publisher
        ) {
            counted.counts.add(Kind::Delivery, name, count);
        }
    }
}

fn count_history(counted: &mut Counted, events: &[HistoryEvent]) {
    let (mut state, mut tried) = (String::new(), false);
    for event in events {
        if let Some(entered) = event.state_entered_event_details() {
            entered.name().clone_into(&mut state);
            tried = false;
            counted.counts.add(Kind::Transition, &state, 1.0);
        }
        if let Some(scheduled) = event.task_scheduled_event_details() {
            if tried {
                counted.counts.add(Kind::Transition, &state, 1.0);
                counted.retries += 1;
            }
            tried = true;
            // The workflow calls a table only to assign the order number. That item is far below
            // 1 KB.
            if scheduled.resource().contains("updateItem") {
                counted.counts.add(Kind::Write, "ShopTable", 1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sfn::primitives::DateTime;
    use aws_sdk_sfn::types::{HistoryEventType, StateEnteredEventDetails, TaskScheduledEventDetails};

    fn entered(name: &str) -> HistoryEvent {
        let details = StateEnteredEventDetails::builder().name(name).build().unwrap();
        event(HistoryEventType::TaskStateEntered).state_entered_event_details(details).build().unwrap()
    }

    fn scheduled(resource: &str) -> HistoryEvent {
        let details =
            TaskScheduledEventDetails::builder().resource_type("x").resource(resource).region("r").parameters("{}");
        event(HistoryEventType::TaskScheduled).task_scheduled_event_details(details.build().unwrap()).build().unwrap()
    }

    fn event(kind: HistoryEventType) -> aws_sdk_sfn::types::builders::HistoryEventBuilder {
        HistoryEvent::builder().r#type(kind).id(1).timestamp(DateTime::from_secs(1))
    }

    #[test]
    fn each_retry_of_a_state_counts_as_one_more_transition() {
        let mut counted = Counted::default();
        let history = [
            entered("Admit"),
            scheduled("invoke"),
            scheduled("invoke"),
            entered("AssignNumber"),
            scheduled("arn:aws:states:::dynamodb:updateItem"),
        ];
        count_history(&mut counted, &history);
        let expected = Counts::default()
            .with(Kind::Transition, "Admit", 2.0)
            .with(Kind::Transition, "AssignNumber", 1.0)
            .with(Kind::Write, "ShopTable", 1.0);
        assert_eq!((counted.counts, counted.retries), (expected, 1));
    }

    fn call(trace: &str, kind: Kind, is_retry: bool) -> MeteredCall {
        MeteredCall {
            function: Function::OrderProjector,
            operation: "UpdateItem".into(),
            trace: trace.into(),
            is_retry,
            units: vec![(kind, "OrdersTable".into(), 2.0)],
            filtered_out: 0,
            waited: Duration::ZERO,
        }
    }

    #[test]
    fn a_read_without_a_trace_id_counts_as_a_cold_start_and_a_write_as_an_invocation() {
        let mut counted = Counted::default();
        count_calls(&mut counted, &[call("", Kind::Read, false), call("a", Kind::Write, false)]);
        assert_eq!((counted.at_start.as_slice(), counted.counts.total(Kind::Invocation)), (&[2.0][..], 1.0));
        count_calls(&mut counted, &[call("", Kind::Write, false)]);
        assert_eq!((counted.at_start.len(), counted.counts.total(Kind::Invocation)), (1, 2.0));
    }

    #[test]
    fn a_call_without_units_and_without_a_trace_id_counts_as_an_invocation() {
        let mut counted = Counted::default();
        let publish = MeteredCall { operation: "PutEvents".into(), units: Vec::new(), ..call("", Kind::Write, false) };
        count_calls(&mut counted, &[publish]);
        assert_eq!((counted.at_start.len(), counted.counts.total(Kind::Invocation)), (0, 1.0));
    }

    #[test]
    fn calls_with_the_same_trace_id_count_as_one_invocation() {
        let mut counted = Counted::default();
        let calls = [call("a", Kind::Write, false), call("a", Kind::Write, true), call("b", Kind::Write, false)];
        count_calls(&mut counted, &calls);
        let expected = Counts::default()
            .with(Kind::Invocation, "OrderProjector", 2.0)
            .with(Kind::Delivery, "OrderProjector", 2.0)
            .with(Kind::Write, "OrdersTable", 6.0);
        assert_eq!((counted.counts, counted.retries), (expected, 1));
    }
}
