//! Computes the figures of each operation at each level: calls, units, CPU time and waits.

use std::collections::BTreeSet;
use std::time::Duration;

use harness::function::Function;
use harness::named_enum;
use harness::spread::Spread;
use serde::Serialize;

use crate::cost::count::Kind;
use crate::cost::meter::MeteredCall;

named_enum! {
    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    Operation {
        Queue = "queue list",
        MyOrders = "my orders",
        Scan = "scan",
        Submit = "submit",
        /// From the scan until the order is completed, with all work of the bus and the workflow.
        Order = "whole order",
    }
}

impl Operation {
    pub(super) const fn function(self) -> Option<Function> {
        match self {
            Self::Scan => Some(Function::Validator),
            Self::Submit => Some(Function::OrderManager),
            Self::Queue | Self::MyOrders | Self::Order => None,
        }
    }
}

/// Averages over `times` operations; times are in milliseconds. `scans` (calls of DynamoDB's
/// `Scan`) and `filtered_out` are totals. `wall_median` and `wall_p99` are percentiles of the time
/// that the caller waited. `calls`, `reads` and `writes` exclude retries.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    pub operation: Operation,
    pub times: u32,
    pub invocations: f64,
    pub calls: f64,
    /// Retries of AWS calls, which a slow machine causes. Emulators never report a conflict.
    pub retries: f64,
    pub reads: f64,
    pub writes: f64,
    pub scans: u32,
    pub filtered_out: u64,
    pub functions_cpu: f64,
    pub emulator_waited: f64,
    pub emulator_cpu: f64,
    pub wall_median: f64,
    pub wall_p99: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Number of stored orders, or of customers at once.
    pub level: u32,
    pub figures: Vec<Figures>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalingFigures {
    pub stored: Vec<Level>,
    pub at_once: Vec<Level>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cpu {
    pub functions: Duration,
    pub emulator: Duration,
}

impl Level {
    pub fn operation(&self, operation: Operation) -> Option<&Figures> {
        self.figures.iter().find(|figures| figures.operation == operation)
    }
}

impl Figures {
    pub fn new(operation: Operation, walls: &[Duration], calls: &[&MeteredCall], cpu: Cpu) -> Self {
        let times = u32::try_from(walls.len()).unwrap_or(u32::MAX).max(1);
        let average = |total: f64| total / f64::from(times);
        let units = |kind| {
            let units = calls.iter().filter(|call| !call.is_retry).flat_map(|call| &call.units);
            average(units.filter(|(of, ..)| *of == kind).fold(0.0, |sum, (.., units)| sum + units))
        };
        let retries = number(calls.iter().filter(|call| call.is_retry).count());
        let invocations: BTreeSet<_> = calls.iter().map(|call| (call.function, &call.trace)).collect();
        let wall = Spread::new(walls.iter().copied());
        Self {
            operation,
            times,
            invocations: average(number(invocations.len())),
            calls: average(number(calls.len()) - retries),
            retries: average(retries),
            reads: units(Kind::Read),
            writes: units(Kind::Write),
            scans: u32::try_from(calls.iter().filter(|call| call.operation == "Scan").count()).unwrap_or(u32::MAX),
            filtered_out: calls.iter().map(|call| call.filtered_out).sum(),
            functions_cpu: average(millis(cpu.functions)),
            emulator_waited: average(millis(calls.iter().map(|call| call.waited).sum())),
            emulator_cpu: average(millis(cpu.emulator)),
            wall_median: wall.median,
            wall_p99: wall.p99,
        }
    }

    pub fn cpu_per_attempt(&self) -> f64 {
        self.functions_cpu / (self.calls + self.retries).max(1.0)
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
#[allow(clippy::float_cmp, reason = "the expected values are exact")]
mod tests {
    use super::*;

    fn call(operation: &str, is_retry: bool, units: f64) -> MeteredCall {
        MeteredCall {
            function: Function::Validator,
            operation: operation.into(),
            trace: String::new(),
            is_retry,
            units: vec![(Kind::Read, "OrdersTable".into(), units)],
            filtered_out: 2,
            waited: Duration::from_millis(4),
        }
    }

    #[test]
    fn figures_are_averages_per_operation_and_units_exclude_retries() {
        let (query, retry, scan) = (call("Query", false, 0.5), call("Query", true, 0.5), call("Scan", false, 9.0));
        let cpu = Cpu { functions: Duration::from_millis(6), emulator: Duration::from_millis(20) };
        let walls = [Duration::from_millis(10), Duration::from_millis(30)];
        let figures = Figures::new(Operation::Queue, &walls, &[&query, &retry, &scan], cpu);
        assert_eq!((figures.calls, figures.retries, figures.reads), (1.0, 0.5, 4.75));
        assert_eq!((figures.scans, figures.filtered_out, figures.invocations), (1, 6, 0.5));
        assert_eq!((figures.functions_cpu, figures.emulator_waited, figures.emulator_cpu), (3.0, 6.0, 10.0));
        assert_eq!((figures.wall_median, figures.wall_p99), (10.0, 30.0));
    }
}
