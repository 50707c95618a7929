//! Computes the figures of one program: percentiles of its samples, peak memory and sizes.

use std::collections::BTreeMap;

use harness::spread::Spread;
use serde::{Deserialize, Serialize};

use crate::process::Sample;

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    pub wall: Spread,
    pub cpu: Spread,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    pub start: Times,
    pub first: Times,
    pub start_and_first: Times,
    pub warm: Times,
    pub warm_without_tls: Times,
    pub peak_mb: f64,
    pub zip_mb: f64,
    pub binary_mb: f64,
    pub calls: usize,
    /// True if the program called AWS during a start.
    pub primed: bool,
}

pub type All = BTreeMap<String, Figures>;

impl Figures {
    /// Returns the figures of a function whose invocation makes `calls` calls, from its samples
    /// with and without TLS.
    pub fn new(over_tls: &[Sample], plain: &[Sample], calls: usize, (zip_bytes, binary_bytes): (u64, u64)) -> Self {
        let times = |of: fn(&Sample) -> Vec<crate::process::Cost>, samples: &[Sample]| {
            let costs: Vec<_> = samples.iter().flat_map(of).collect();
            Times {
                wall: Spread::new(costs.iter().map(|cost| cost.wall)),
                cpu: Spread::new(costs.iter().map(|cost| cost.cpu)),
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
            calls,
            primed: over_tls.iter().any(|sample| sample.primed),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
