//! CPU time of the functions and of the emulator, which run as processes of this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use harness::cpu::time_of as cpu;
use client::Error;

use crate::growth::figures::Cpu;

/// Where the processes of functions and emulator are found.
#[derive(Debug, Clone)]
pub struct Processes {
    functions: BTreeSet<String>,
    emulator: Option<u32>,
}

/// CPU times at one moment.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    functions: BTreeMap<u32, Duration>,
    emulator: Duration,
}

impl Processes {
    /// Those of functions that are called so, and of the emulator whose process id is the first word of `file`, where there is one.
    pub fn of(functions: BTreeSet<String>, file: &Path) -> Self {
        let emulator = std::fs::read_to_string(file).ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
        Self { functions, emulator }
    }

    /// What they have used so far; of the functions, that of those called `names` or, if there are none, of all.
    pub fn now(&self, names: &[&str]) -> Result<Moment, Error> {
        let failed = |error: std::io::Error| Error::failed("/proc cannot be read: this needs Linux", error);
        let mut moment = Moment::default();
        for entry in std::fs::read_dir("/proc").map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            let Some(function) = function(pid).filter(|function| self.functions.contains(function)) else { continue };
            if names.is_empty() || names.contains(&function.as_str()) {
                // A process that has ended meanwhile has nothing more to tell.
                moment.functions.extend(cpu(pid).ok().map(|cpu| (pid, cpu)));
            }
        }
        moment.emulator = self.emulator.and_then(|pid| cpu(pid).ok()).unwrap_or_default();
        Ok(moment)
    }
}

/// The function that a process runs, by the variable that Lambda gives it.
fn function(pid: u32) -> Option<String> {
    let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    let variables = environment.split(|byte| *byte == 0).filter_map(|variable| std::str::from_utf8(variable).ok());
    variables.filter_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME=")).map(str::to_owned).next()
}

impl Moment {
    /// What was used since `before`.
    pub fn since(&self, before: &Self) -> Cpu {
        let of =
            |(pid, now): (&u32, &Duration)| now.saturating_sub(before.functions.get(pid).copied().unwrap_or_default());
        Cpu { functions: self.functions.iter().map(of).sum(), emulator: self.emulator.saturating_sub(before.emulator) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_came_meanwhile_counts_whole_and_one_that_left_does_not() {
        let moment = |functions: &[(u32, u64)]| Moment {
            functions: functions.iter().map(|(pid, millis)| (*pid, Duration::from_millis(*millis))).collect(),
            emulator: Duration::ZERO,
        };
        let used = moment(&[(1, 30), (2, 5)]).since(&moment(&[(1, 10), (3, 70)]));
        assert_eq!(used.functions, Duration::from_millis(25));
    }
}
