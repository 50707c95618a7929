//! What a rush showed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use client::Error;
use client::api::Problem;
use client::error::causes;
use domain::ids::OrderId;
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::time::Instant;

use super::visit::{Manner, Visit};
use crate::{Context, output};

/// An hour; what takes longer counts as that.
const LONGEST_MILLIS: u64 = 3_600_000;

/// The steps that are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The answer to the scan.
    Scan,
    /// From there until the order shows as `CREATED`.
    Admitted,
    /// The answer to the submit.
    Submit,
    /// From there until the order shows as `WAITING`.
    Queued,
    /// The answer to the complete.
    Complete,
    /// From there until the order shows as `COMPLETED`.
    Completed,
    /// From the scan to the end.
    Whole,
}

impl Step {
    const ALL: [(Self, &str); 7] = [
        (Self::Scan, "scan"),
        (Self::Admitted, "scan to CREATED"),
        (Self::Submit, "submit"),
        (Self::Queued, "submit to WAITING"),
        (Self::Complete, "complete"),
        (Self::Completed, "complete to COMPLETED"),
        (Self::Whole, "the whole way"),
    ];
}

/// What a rush showed.
#[derive(Debug, Clone)]
pub(super) struct Report {
    orders: u32,
    pub(super) served: u32,
    /// Customers who cancelled.
    cancelled: u32,
    /// Customers who walked away from an order that then times out.
    left: u32,
    /// What each customer was promised, by order.
    pub(super) visits: BTreeMap<OrderId, Visit>,
    refusals: BTreeMap<String, u32>,
    refused_first: Option<Problem>,
    /// Orders that were cancelled because somebody interrupted the rush.
    pub(super) called_off: u32,
    /// Orders that should have been, but were not.
    pub(super) left_open: u32,
    millis: Vec<Histogram<u64>>,
    pub(super) elapsed: Duration,
    /// Orders that the shop still counted at the end.
    pub(super) in_flight: Option<i64>,
}

impl Report {
    pub(super) fn new(orders: u32) -> Result<Self, Error> {
        let histogram = Histogram::new_with_max(LONGEST_MILLIS, 3)
            .map_err(|error| Error::failed("no latencies can be kept", error))?;
        Ok(Self {
            orders,
            served: 0,
            cancelled: 0,
            left: 0,
            visits: BTreeMap::new(),
            refusals: BTreeMap::new(),
            refused_first: None,
            called_off: 0,
            left_open: 0,
            millis: vec![histogram; Step::ALL.len()],
            elapsed: Duration::ZERO,
            in_flight: None,
        })
    }

    /// A visit went as its customer wanted.
    pub(super) fn ended(&mut self, manner: Manner) {
        match manner {
            Manner::Stays => self.served += 1,
            Manner::Cancels(_) => self.cancelled += 1,
            Manner::Leaves(_) => self.left += 1,
        }
    }

    pub(super) fn record(&mut self, step: Step, took: Duration) {
        if let Some(histogram) = self.millis.get_mut(step as usize) {
            histogram.saturating_record(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        }
    }

    pub(super) fn refuse(&mut self, error: &Error) {
        let reason = error.problem().map_or_else(|| causes(error), |problem| problem.code.clone());
        *self.refusals.entry(reason).or_default() += 1;
        if self.refused_first.is_none() {
            self.refused_first = error.problem().cloned();
        }
    }

    /// How many orders may still be open once the rush is over.
    pub(super) const fn left(&self) -> u32 {
        self.left
    }

    /// What came of a rush that somebody interrupted, and whose limits, if it had raised any, are put back.
    pub(super) fn interrupted(&self, with_limits: bool) -> Error {
        let Self { orders, served, called_off, left_open, .. } = self;
        let open = match left_open {
            0 => String::new(),
            left => format!("; {left} could not be cancelled and may still be open: see presso queue"),
        };
        let limits = if with_limits { "; the limits are put back" } else { "" };
        let done = format!("{served} of {orders} orders served, {called_off} cancelled");
        Error::Interrupted(format!("interrupted: {done}{open}{limits}"))
    }

    pub(super) fn refused(&self) -> u32 {
        self.refusals.values().sum()
    }

    pub(super) fn print(&self, as_json: bool) -> Result<(), Error> {
        if as_json {
            output::json(&self.to_json())?;
        } else {
            self.print_table()?;
        }
        self.verdict()
    }

    /// Whether the bar did what a bar is for.
    fn verdict(&self) -> Result<(), Error> {
        match (self.served + self.cancelled + self.left, &self.refused_first, self.in_flight) {
            (0, Some(problem), _) => Err(problem.clone().into()),
            (0, None, _) => Err(Error::TimedOut("nobody was served".into())),
            (_, _, None) => Ok(()),
            (_, _, Some(count)) if count <= i64::from(self.left) => Ok(()),
            (_, _, Some(count)) => {
                Err(Error::TimedOut(format!("the shop still counts {count} orders: see presso queue")))
            }
        }
    }

    fn print_table(&self) -> Result<(), Error> {
        let mut table = output::table(&["step (ms)", "count", "p50", "p90", "p99", "max"]);
        for ((_, name), histogram) in Step::ALL.iter().zip(&self.millis) {
            let at = |quantile| histogram.value_at_quantile(quantile).to_string();
            let count = histogram.len().to_string();
            table.add_row([(*name).to_owned(), count, at(0.5), at(0.9), at(0.99), histogram.max().to_string()]);
        }
        output::line(table)?;
        let elapsed = self.elapsed.as_secs_f64();
        output::line(format_args!("{} of {} orders served in {elapsed:.1} s", self.served, self.orders))?;
        if self.cancelled + self.left > 0 {
            output::line(format_args!("{} cancelled, {} walked away", self.cancelled, self.left))?;
        }
        for (reason, count) in &self.refusals {
            output::line(format_args!("{count} not served: {reason}"))?;
        }
        match self.in_flight {
            Some(0) => output::line("nothing is in flight"),
            Some(count) if self.left > 0 => output::line(format_args!("{count} orders have yet to time out")),
            _ => Ok(()),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        let steps: serde_json::Map<String, serde_json::Value> = Step::ALL
            .iter()
            .zip(&self.millis)
            .map(|((_, name), histogram)| {
                let at = |quantile| histogram.value_at_quantile(quantile);
                let row = json!({
                    "count": histogram.len(), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": histogram.max(),
                });
                ((*name).to_owned(), row)
            })
            .collect();
        json!({
            "orders": self.orders, "served": self.served, "cancelled": self.cancelled, "left": self.left, "refusals": self.refusals,
            "elapsedMs": u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
            "stepsMs": steps, "inFlight": self.in_flight, "visits": self.visits,
        })
    }
}

/// How many orders the shop counts, once it counts no more than `expected` or 15 s have passed.
pub(crate) async fn in_flight(context: &Context, expected: i64) -> Result<i64, Error> {
    let client = aws_sdk_dynamodb::Client::new(&context.stack.aws);
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let answer = client
            .get_item()
            .table_name(&context.stack.shop_table)
            .key("eventId", AttributeValue::S(context.shop_id.to_string()))
            .key("item", AttributeValue::S("FLOOR".into()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| Error::failed("the shop's count cannot be read", error))?;
        let count = answer.item().and_then(|item| item.get("inFlight")).and_then(|count| count.as_n().ok());
        let count = count.and_then(|count| count.parse().ok()).unwrap_or(0);
        if count <= expected || Instant::now() >= deadline {
            return Ok(count);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::visit::Moment;
    use super::*;

    #[test]
    fn a_report_counts_latencies_and_refusals() {
        let mut report = Report::new(3).unwrap();
        for millis in [10, 20, 30_000] {
            report.record(Step::Submit, Duration::from_millis(millis));
        }
        report.refuse(&Error::TimedOut("late".into()));
        let json = report.to_json();
        assert_eq!(json["stepsMs"]["submit"]["p50"], 20);
        let longest = json["stepsMs"]["submit"]["max"].as_u64().unwrap();
        assert!((30_000..30_030).contains(&longest), "{longest}");
        assert_eq!(json["stepsMs"]["scan"]["count"], 0);
        assert_eq!((report.refused(), &json["refusals"]["late"]), (1, &json!(1)));
    }

    #[test]
    fn a_bar_that_refused_everybody_is_said_to_have_refused() {
        let mut report = Report::new(2).unwrap();
        assert_eq!(report.verdict().unwrap_err().exit_code(), 1);
        let closed = r#"{"status": 409, "code": "store_closed", "title": "The shop is closed"}"#;
        report.refuse(&serde_json::from_str::<Problem>(closed).unwrap().into());
        report.refuse(&Error::TimedOut("late".into()));
        assert_eq!(report.verdict().unwrap_err().exit_code(), 3);
        report.served = 1;
        assert!(report.verdict().is_ok());
        report.in_flight = Some(1);
        assert_eq!(report.verdict().unwrap_err().exit_code(), 1);
        report.ended(Manner::Leaves(Moment::Choosing));
        assert!(report.verdict().is_ok(), "who walked away leaves an order that times out");
    }
}
