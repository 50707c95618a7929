//! What is measured at each level.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cost::count::Kind;
use crate::cost::meter::Seen;
use serde::Serialize;

/// What is asked for: each is measured for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// `GET /orders`, the first page of those that wait.
    Queue,
    /// `GET /myOrders` of a customer with a fifth of all orders.
    MyOrders,
    /// `POST /qr-code`.
    Scan,
    /// `PUT /orders/{id}`.
    Submit,
    /// From the scan until the order is completed, with all that the bus and the workflow do.
    Order,
}

impl Operation {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queue => "queue list",
            Self::MyOrders => "my orders",
            Self::Scan => "scan",
            Self::Submit => "submit",
            Self::Order => "whole order",
        }
    }
}

/// What one operation took, on average; times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Of what.
    pub operation: Operation,
    /// How often it was measured.
    pub times: u32,
    /// Invocations that called AWS: each has a trace of its own.
    pub invocations: f64,
    /// Calls of AWS by functions, without those that were tried again.
    pub calls: f64,
    /// Calls that were tried again: by a machine that is too slow, no other writer conflicts on an emulator.
    pub retries: f64,
    /// Read units, without those of calls tried again.
    pub reads: f64,
    /// Write units; nothing where a crowd was measured.
    pub writes: f64,
    /// Calls of `Scan`.
    pub scans: u32,
    /// Items that a query read and did not return.
    pub unwanted: u64,
    /// CPU of the functions.
    pub functions_cpu: f64,
    /// How long functions waited for the emulator's answers.
    pub emulator_waited: f64,
    /// CPU of the emulator, with what stands in for gateway, bus and workflow.
    pub emulator_cpu: f64,
    /// How long the caller waited: the middle one. For information.
    pub wall_median: f64,
    /// And the one that 99 in 100 are not above.
    pub wall_p99: f64,
}

/// What was measured at one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Orders stored, or customers at once.
    pub level: u32,
    /// Each operation.
    pub figures: Vec<Figures>,
}

impl Figures {
    /// What the caller waited for beside the functions' work: the emulator's gateway, bus, workflow and tables.
    pub fn emulator_share(&self) -> f64 {
        (self.wall_median - self.functions_cpu).max(0.0)
    }

    /// CPU of the functions for each try of a call.
    pub fn cpu_per_try(&self) -> f64 {
        self.functions_cpu / (self.calls + self.retries).max(1.0)
    }
}

impl Level {
    /// The figures of `operation`, if it was measured.
    pub fn of(&self, operation: Operation) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.operation == operation)
    }
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct All {
    /// By orders stored.
    pub stored: Vec<Level>,
    /// By customers at once.
    pub at_once: Vec<Level>,
}

/// CPU time of everybody who took part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cpu {
    /// Of the functions.
    pub functions: Duration,
    /// Of the emulator.
    pub emulator: Duration,
}

impl Figures {
    /// The average of operations whose callers waited for so long, and whose calls and CPU time were these.
    pub fn of(operation: Operation, walls: &[Duration], calls: &[&Seen], cpu: Cpu) -> Self {
        let times = u32::try_from(walls.len()).unwrap_or(u32::MAX).max(1);
        let each = |total: f64| total / f64::from(times);
        let units = |kind| {
            let units = calls.iter().filter(|seen| !seen.again).flat_map(|seen| &seen.units);
            each(units.filter(|(of, ..)| *of == kind).fold(0.0, |sum, (.., units)| sum + units))
        };
        let retries = number(calls.iter().filter(|seen| seen.again).count());
        let wall = harness::spread::Spread::new(walls.iter().copied());
        Self {
            operation,
            times,
            invocations: each(number(
                calls.iter().map(|seen| (seen.function, &seen.trace)).collect::<BTreeSet<_>>().len(),
            )),
            calls: each(number(calls.len()) - retries),
            retries: each(retries),
            reads: units(Kind::Read),
            writes: units(Kind::Write),
            scans: u32::try_from(calls.iter().filter(|seen| seen.operation == "Scan").count()).unwrap_or(u32::MAX),
            unwanted: calls.iter().map(|seen| seen.unwanted).sum(),
            functions_cpu: each(millis(cpu.functions)),
            emulator_waited: each(millis(calls.iter().map(|seen| seen.waited).sum())),
            emulator_cpu: each(millis(cpu.emulator)),
            wall_median: wall.median,
            wall_p99: wall.p99,
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

#[allow(clippy::cast_precision_loss, reason = "some thousands")]
fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "they are values that were put in")]
mod tests {
    use super::*;
    use chaos::fault::Function;

    fn seen(operation: &str, again: bool, units: f64) -> Seen {
        Seen {
            function: Function::Validator,
            operation: operation.into(),
            trace: String::new(),
            again,
            units: vec![(Kind::Read, "OrdersTable".into(), units)],
            unwanted: 2,
            waited: Duration::from_millis(4),
        }
    }

    #[test]
    fn figures_are_averages_and_a_call_tried_again_is_a_retry() {
        let (query, again, scan) = (seen("Query", false, 0.5), seen("Query", true, 0.5), seen("Scan", false, 9.0));
        let cpu = Cpu { functions: Duration::from_millis(6), emulator: Duration::from_millis(20) };
        let walls = [Duration::from_millis(10), Duration::from_millis(30)];
        let figures = Figures::of(Operation::Queue, &walls, &[&query, &again, &scan], cpu);
        assert_eq!((figures.calls, figures.retries, figures.reads), (1.0, 0.5, 4.75));
        assert_eq!((figures.scans, figures.unwanted, figures.invocations), (1, 6, 0.5));
        assert_eq!((figures.functions_cpu, figures.emulator_waited, figures.emulator_cpu), (3.0, 6.0, 10.0));
        assert_eq!((figures.wall_median, figures.wall_p99), (10.0, 30.0));
    }
}
