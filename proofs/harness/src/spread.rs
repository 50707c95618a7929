//! Computes percentiles of durations.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spread {
    /// Lower quartile. The bench compares it instead of the median, because other processes can
    /// only add time.
    pub quarter: f64,
    pub median: f64,
    pub p99: f64,
}

impl Spread {
    pub fn new(durations: impl Iterator<Item = Duration>) -> Self {
        let mut millis: Vec<f64> = durations.map(|duration| duration.as_secs_f64() * 1_000.0).collect();
        millis.sort_by(f64::total_cmp);
        Self { quarter: percentile(&millis, 25), median: percentile(&millis, 50), p99: percentile(&millis, 99) }
    }
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "the expected values are inputs")]
    fn percentiles_are_values_of_the_sample() {
        let spread = Spread::new((1..=200).rev().map(Duration::from_millis));
        assert_eq!((spread.quarter, spread.median, spread.p99), (50.0, 100.0, 198.0));
        let one = Spread::new(std::iter::once(Duration::from_millis(7)));
        assert_eq!((one.median, one.p99), (7.0, 7.0));
        assert_eq!(Spread::new(std::iter::empty()), Spread::default());
    }
}
