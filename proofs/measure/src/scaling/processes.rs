//! CPU time of the functions and of the emulator, which are processes of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use client::Error;
use harness::cpu;

use crate::scaling::figures::Cpu;

#[derive(Debug, Clone)]
pub(super) struct Processes {
    functions: BTreeSet<String>,
    emulator: Option<u32>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Moment {
    functions: BTreeMap<u32, Duration>,
    emulator: Duration,
}

impl Processes {
    /// The processes of the functions with these names, and of the emulator. The first word of
    /// `file`, if it exists, is the emulator's process id.
    pub(super) fn new(functions: BTreeSet<String>, file: &Path) -> Self {
        let emulator = std::fs::read_to_string(file).ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
        Self { functions, emulator }
    }

    /// The CPU time so far of the functions called `names`, or of all if there are none, and of the
    /// emulator.
    pub(super) fn now(&self, names: &[&str]) -> Result<Moment, Error> {
        let failed = |error: std::io::Error| Error::failed("/proc cannot be read: this needs Linux", error);
        let mut moment = Moment::default();
        for entry in std::fs::read_dir("/proc").map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            let Some(function) = function(pid).filter(|function| self.functions.contains(function)) else { continue };
            if names.is_empty() || names.contains(&function.as_str()) {
                // A process that has ended since it was listed has no more CPU time.
                moment.functions.extend(cpu::time_of(pid).ok().map(|time| (pid, time)));
            }
        }
        moment.emulator = self.emulator.and_then(|pid| cpu::time_of(pid).ok()).unwrap_or_default();
        Ok(moment)
    }
}

/// The function that a process runs, from the variable that Lambda sets.
fn function(pid: u32) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let variables = environment.split(|byte| *byte == 0).filter_map(|variable| std::str::from_utf8(variable).ok());
    variables.filter_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME=")).map(str::to_owned).next()
}

impl Moment {
    pub(super) fn since(&self, before: &Self) -> Cpu {
        let used =
            |(pid, now): (&u32, &Duration)| now.saturating_sub(before.functions.get(pid).copied().unwrap_or_default());
        Cpu {
            functions: self.functions.iter().map(used).sum(),
            emulator: self.emulator.saturating_sub(before.emulator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_process_counts_in_full_and_an_ended_one_does_not() {
        let moment = |functions: &[(u32, u64)]| Moment {
            functions: functions.iter().map(|(pid, millis)| (*pid, Duration::from_millis(*millis))).collect(),
            emulator: Duration::ZERO,
        };
        let used = moment(&[(1, 30), (2, 5)]).since(&moment(&[(1, 10), (3, 70)]));
        assert_eq!(used.functions, Duration::from_millis(25));
    }
}
