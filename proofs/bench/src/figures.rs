//! From samples to figures: medians, so that a noisy moment counts for little.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::process::Sample;

/// Milliseconds.
type Millis = f64;

/// The middle one, and the one that 99 in 100 are not above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// The one that a quarter are not above: what other programs of the machine add comes on top of it.
    pub quarter: Millis,
    /// Median.
    pub median: Millis,
    /// 99th percentile.
    pub p99: Millis,
}

impl Spread {
    /// Of any number of durations; of none, nothing.
    pub fn of(durations: impl Iterator<Item = Duration>) -> Self {
        let mut millis: Vec<Millis> = durations.map(|duration| duration.as_secs_f64() * 1_000.0).collect();
        millis.sort_by(f64::total_cmp);
        Self { quarter: percentile(&millis, 25), median: percentile(&millis, 50), p99: percentile(&millis, 99) }
    }
}

/// The smallest value that at least so many in a hundred are not above.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// Wall and CPU time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// As the one who waits sees it.
    pub wall: Spread,
    /// Of all threads.
    pub cpu: Spread,
}

/// What a function takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// From its start until it first asks for an invocation.
    pub start: Times,
    /// Its first invocation, with its first calls of AWS over TLS.
    pub first: Times,
    /// Start and first invocation together.
    pub start_and_first: Times,
    /// Each further invocation, over TLS.
    pub warm: Times,
    /// Each further invocation, without TLS.
    pub warm_without_tls: Times,
    /// The most memory that it ever held, in MB.
    pub peak_mb: f64,
    /// The zip that is deployed, in MB; nothing of a program that is not ours.
    pub zip_mb: f64,
    /// The program itself, in MB.
    pub binary_mb: f64,
    /// How many calls of AWS an invocation makes.
    pub calls: usize,
    /// Whether a connection is primed before the first invocation.
    pub primed: bool,
}

/// The figures of everything that was measured, by name.
pub type All = BTreeMap<String, Figures>;

impl Figures {
    /// Of the samples over TLS, and those without.
    pub fn of(over_tls: &[Sample], plain: &[Sample], (zip_bytes, binary_bytes): (u64, u64)) -> Self {
        let times = |of: fn(&Sample) -> Vec<crate::process::Cost>, samples: &[Sample]| {
            let costs: Vec<_> = samples.iter().flat_map(of).collect();
            Times {
                wall: Spread::of(costs.iter().map(|cost| cost.wall)),
                cpu: Spread::of(costs.iter().map(|cost| cost.cpu)),
            }
        };
        let both = |sample: &Sample| {
            vec![crate::process::Cost {
                wall: sample.start.wall + sample.first.wall,
                cpu: sample.start.cpu + sample.first.cpu,
            }]
        };
        let peak = over_tls.iter().map(|sample| sample.peak_kib).max().unwrap_or_default();
        Self {
            start: times(|sample| vec![sample.start], over_tls),
            first: times(|sample| vec![sample.first], over_tls),
            start_and_first: times(both, over_tls),
            warm: times(|sample| sample.warm.clone(), over_tls),
            warm_without_tls: times(|sample| sample.warm.clone(), plain),
            peak_mb: megabytes(peak * 1_024),
            zip_mb: megabytes(zip_bytes),
            binary_mb: megabytes(binary_bytes),
            calls: 0,
            primed: over_tls.iter().any(|sample| sample.primed),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "they are values that were put in")]
    fn a_spread_is_the_middle_one_and_the_one_that_99_in_100_are_not_above() {
        let spread = Spread::of((1..=200).rev().map(Duration::from_millis));
        assert_eq!((spread.median, spread.p99), (100.0, 198.0));
        let one = Spread::of(std::iter::once(Duration::from_millis(7)));
        assert_eq!((one.median, one.p99), (7.0, 7.0));
        assert_eq!(Spread::of(std::iter::empty()), Spread::default());
    }
}
