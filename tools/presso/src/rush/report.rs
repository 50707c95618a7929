//! Collects and prints the results of a rush.

use std::collections::BTreeMap;
use std::time::Duration;

use client::Error;
use client::error::causes;
use client::problem::Problem;
use domain::ids::OrderId;
use hdrhistogram::Histogram;
use serde_json::json;

use super::customer::{Behavior, Step, Visit};
use crate::output;

/// Longest recorded latency, one hour. A longer one is recorded as one hour.
const MAX_MILLIS: u64 = 3_600_000;

/// Next step after a rush that left open orders.
const OPEN_ORDERS: &str = "presso queue lists the orders in the queue; presso queue --status created lists those of \
                           customers who have not chosen a drink";

/// Counts and latencies of a rush.
#[derive(Debug, Clone)]
pub(super) struct RushReport {
    orders: u32,
    pub(super) served: u32,
    /// Customers who cancelled.
    cancelled: u32,
    /// Customers who left without cancelling. Their orders time out.
    left: u32,
    /// The accepted commands of each customer, by order.
    pub(super) visits: BTreeMap<OrderId, Visit>,
    refusals: BTreeMap<String, u32>,
    first_refusal: Option<Problem>,
    /// Orders that were cancelled because of a shutdown.
    pub(super) cancelled_at_shutdown: u32,
    /// Orders whose cancellation at the shutdown failed.
    pub(super) left_open: u32,
    millis: Vec<Histogram<u64>>,
    pub(super) elapsed: Duration,
    /// Open orders at the end; `None` until they are counted.
    pub(super) in_flight: Option<i64>,
}

impl RushReport {
    pub(super) fn new(orders: u32) -> Result<Self, Error> {
        let histogram = Histogram::new_with_max(MAX_MILLIS, 3)
            .map_err(|error| Error::failed("latencies cannot be recorded", error))?;
        Ok(Self {
            orders,
            served: 0,
            cancelled: 0,
            left: 0,
            visits: BTreeMap::new(),
            refusals: BTreeMap::new(),
            first_refusal: None,
            cancelled_at_shutdown: 0,
            left_open: 0,
            millis: vec![histogram; Step::ALL.len()],
            elapsed: Duration::ZERO,
            in_flight: None,
        })
    }

    /// Counts a visit that ended as its customer intended.
    pub(super) fn ended(&mut self, behavior: Behavior) {
        match behavior {
            Behavior::Stays => self.served += 1,
            Behavior::Cancels(_) => self.cancelled += 1,
            Behavior::Leaves(_) => self.left += 1,
        }
    }

    pub(super) fn record(&mut self, step: Step, took: Duration) {
        if let Some(histogram) = self.millis.get_mut(step as usize) {
            histogram.saturating_record(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        }
    }

    /// Counts a visit that ended with a refusal or another error.
    pub(super) fn refuse(&mut self, error: &Error) {
        let reason = match error {
            // The address has the order id, so each answer would count as a reason of its own.
            Error::ForeignAnswer(answer) => format!("{} without a problem", answer.status),
            error => error.problem().map_or_else(|| causes(error), |problem| problem.code.clone()),
        };
        *self.refusals.entry(reason).or_default() += 1;
        if self.first_refusal.is_none() {
            self.first_refusal = error.problem().cloned();
        }
    }

    /// Returns the number of orders that may still be open after the rush.
    pub(super) const fn left(&self) -> u32 {
        self.left
    }

    /// Returns the error of an interrupted rush, after its limits are restored. `with_limits` is
    /// true if the rush changed the limits.
    pub(super) fn interrupted(&self, with_limits: bool) -> Error {
        let Self { orders, served, cancelled_at_shutdown: cancelled, left_open, .. } = self;
        let limits = if with_limits { "; the limits are restored" } else { "" };
        let done = format!("interrupted: {served} of {orders} orders served, {cancelled} cancelled");
        match left_open {
            0 => Error::Interrupted(format!("{done}{limits}")),
            left => Error::Interrupted(format!("{done}, {left} not cancelled and perhaps open{limits}"))
                .with_help(OPEN_ORDERS),
        }
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

    /// Succeeds if at least one visit ended as intended, and at most as many orders are in flight
    /// as customers left.
    fn verdict(&self) -> Result<(), Error> {
        match (self.served + self.cancelled + self.left, &self.first_refusal, self.in_flight) {
            (0, Some(problem), _) => Err(problem.clone().into()),
            (0, None, _) => Err(Error::Unexpected("no order was served".into())),
            (_, _, None) => Ok(()),
            (_, _, Some(count)) if count <= i64::from(self.left) => Ok(()),
            (_, _, Some(count)) => {
                let error = Error::TimedOut(format!("the shop still has {count} orders in flight"));
                Err(error.with_help(OPEN_ORDERS))
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
        output::print_table(&table)?;
        let elapsed = self.elapsed.as_secs_f64();
        output::line(format_args!("{} of {} orders served in {elapsed:.1} s", self.served, self.orders))?;
        if self.cancelled + self.left > 0 {
            output::line(format_args!("{} cancelled, {} left", self.cancelled, self.left))?;
        }
        for (reason, count) in &self.refusals {
            output::line(format_args!("{count} not served: {reason}"))?;
        }
        match self.in_flight {
            Some(0) => output::line("no order is in flight"),
            Some(count) if self.left > 0 => output::line(format_args!("{count} orders in flight, which will time out")),
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

#[cfg(test)]
mod tests {
    use super::super::customer::Moment;
    use super::*;

    #[test]
    fn a_report_counts_latencies_and_refusals() {
        let mut report = RushReport::new(3).unwrap();
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
    fn a_rush_fails_without_a_served_order_and_with_unexpected_orders_in_flight() {
        let mut report = RushReport::new(2).unwrap();
        assert_eq!(report.verdict().unwrap_err().exit_code(), 1);
        let closed = r#"{"status": 409, "code": "store_closed", "title": "The shop is closed"}"#;
        report.refuse(&serde_json::from_str::<Problem>(closed).unwrap().into());
        report.refuse(&Error::TimedOut("late".into()));
        assert_eq!(report.verdict().unwrap_err().exit_code(), 3);
        report.served = 1;
        assert!(report.verdict().is_ok());
        report.in_flight = Some(1);
        assert_eq!(report.verdict().unwrap_err().exit_code(), 1);
        report.ended(Behavior::Leaves(Moment::Choosing));
        assert!(report.verdict().is_ok(), "the order of a customer who left may be in flight");
    }
}
