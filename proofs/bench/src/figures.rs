//! From samples to figures: medians, so that a noisy moment counts for little.

use std::collections::BTreeMap;

use harness::spread::Spread;
use serde::{Deserialize, Serialize};

use crate::process::Sample;

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
            calls: 0,
            primed: over_tls.iter().any(|sample| sample.primed),
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
