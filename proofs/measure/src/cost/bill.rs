//! Computes the bill of a million plays of one scenario: counts times prices, line by line.

use serde::Serialize;

use crate::cost::count::{Counts, Kind};
use crate::cost::prices::{Prices, price_of};

/// Line of a bill. `quantity` is that of one play, `dollars` the price of a million plays.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    pub what: &'static str,
    pub quantity: f64,
    pub dollars: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    pub lines: Vec<Line>,
    pub total: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Extras {
    pub log_bytes: f64,
    /// Number of traces that begin. AWS bills the recorded share of them.
    pub traces: f64,
}

impl Bill {
    pub fn new(counts: &Counts, extras: Extras, prices: &Prices) -> Self {
        let line = |what, name: &str, quantity| Line { what, quantity, dollars: prices.of_a_million(name, quantity) };
        let mut lines: Vec<Line> =
            Kind::ALL.iter().map(|kind| line(kind.as_str(), price_of(*kind), counts.total(*kind))).collect();
        let gigabyte_seconds = gigabyte_seconds(counts.total(Kind::Invocation), prices);
        lines.insert(2, line("GB-seconds (assumed)", "gigabyteSecond", gigabyte_seconds));
        lines.push(line("GB of logs", "logGigabyte", extras.log_bytes / 1e9));
        lines.push(line("traces (assumed share)", "trace", extras.traces * prices.assumed("tracedShare")));
        let total = lines.iter().map(|line| line.dollars).sum();
        Self { lines, total }
    }

    pub fn dollars(&self, what: &str) -> Option<f64> {
        self.lines.iter().find(|line| line.what == what).map(|line| line.dollars)
    }
}

/// Computes GB-seconds. AWS bills an invocation in whole milliseconds.
fn gigabyte_seconds(invocations: f64, prices: &Prices) -> f64 {
    let seconds = prices.assumed("billedMillis").ceil() / 1e3;
    invocations * seconds * prices.assumed("memoryMegabytes") / 1_024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_the_count_times_the_price_and_the_total_is_the_sum_of_the_lines() {
        let counts = Counts::default()
            .with(Kind::Transition, "Admit", 5.0)
            .with(Kind::Event, "Validator.NewOrder", 8.0)
            .with(Kind::Write, "OrdersTable", 40.0)
            .with(Kind::Read, "byStatus", 0.5)
            .with(Kind::Delivery, "OrderProjector", 5.0)
            .with(Kind::Request, "POST /qr-code", 4.0);
        let bill = Bill::new(&counts, Extras { log_bytes: 4_000.0, traces: 10.0 }, &Prices::shipped().unwrap());
        for (what, expected) in [
            ("state transitions", 125.0),
            ("events published", 8.0),
            ("write units", 25.0),
            ("read units", 0.0625),
            ("deliveries", 0.0),
            ("API requests", 14.0),
            ("GB of logs", 2.0),
            ("traces (assumed share)", 2.5),
            ("realtime messages", 0.0),
        ] {
            let dollars = bill.dollars(what).unwrap();
            assert!((dollars - expected).abs() < 1e-9, "{what}: {dollars}");
        }
        assert!((bill.total - 176.5625).abs() < 1e-9, "{}", bill.total);
    }

    #[test]
    fn an_invocation_is_billed_for_the_request_and_for_gigabyte_seconds() {
        let counts = Counts::default().with(Kind::Invocation, "Admission", 10.0);
        let bill = Bill::new(&counts, Extras::default(), &Prices::shipped().unwrap());
        assert!((bill.dollars("invocations").unwrap() - 2.0).abs() < 1e-9);
        // 10 × 0.015 s × 0.25 GB × $ 0.0000133334, a million times.
        assert!((bill.dollars("GB-seconds (assumed)").unwrap() - 0.500_002_5).abs() < 1e-9);
    }
}
