//! Reads the CPU time of the functions and of the emulator, which are processes of this machine.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use client::{Error, Resources};
use harness::function::Function;
use harness::process::{cpu_time, functions};

use crate::scaling::figures::Cpu;

#[derive(Debug, Clone)]
pub(super) struct Processes {
    functions: HashMap<String, Function>,
    emulator: Option<u32>,
}

/// CPU time used so far by each process of a function, by process id, and by the emulator.
#[derive(Debug, Clone, Default)]
pub(super) struct CpuTimes {
    functions: BTreeMap<u32, (Function, Duration)>,
    emulator: Duration,
}

impl Processes {
    /// Finds the deployed functions and the emulator. The first word of `file`, if the file exists,
    /// is the emulator's process id.
    pub(super) fn new(resources: &Resources, file: &Path) -> Result<Self, Error> {
        let functions = Function::deployed_names(resources)?.into_iter().map(|(function, name)| (name, function));
        let emulator = std::fs::read_to_string(file).ok().and_then(|text| text.split_whitespace().next()?.parse().ok());
        Ok(Self { functions: functions.collect(), emulator })
    }

    pub(super) fn now(&self) -> Result<CpuTimes, Error> {
        let mut times = CpuTimes::default();
        for (pid, name) in functions()? {
            let Some(function) = self.functions.get(&name) else { continue };
            // The CPU time of a process that has ended since cannot be read.
            times.functions.extend(cpu_time(pid).ok().map(|time| (pid, (*function, time))));
        }
        times.emulator = self.emulator.and_then(|pid| cpu_time(pid).ok()).unwrap_or_default();
        Ok(times)
    }
}

impl CpuTimes {
    /// Returns the CPU time that the emulator and the function `only` have used since `before`. If
    /// `only` is `None`, counts all functions.
    pub(super) fn since(&self, before: &Self, only: Option<Function>) -> Cpu {
        let used = |(pid, (_, now)): (&u32, &(Function, Duration))| {
            now.saturating_sub(before.functions.get(pid).map_or(Duration::ZERO, |(_, before)| *before))
        };
        let selected = self.functions.iter().filter(|(_, (function, _))| only.is_none_or(|only| *function == only));
        Cpu { functions: selected.map(used).sum(), emulator: self.emulator.saturating_sub(before.emulator) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cpu_time_of_a_new_process_counts_and_none_of_an_ended_one() {
        let times = |functions: &[(u32, Function, u64)]| CpuTimes {
            functions: functions.iter().map(|(pid, of, ms)| (*pid, (*of, Duration::from_millis(*ms)))).collect(),
            emulator: Duration::ZERO,
        };
        let before = times(&[(1, Function::Config, 10), (3, Function::Sweeper, 70)]);
        let after = times(&[(1, Function::Config, 30), (2, Function::Sweeper, 5)]);
        assert_eq!(after.since(&before, None).functions, Duration::from_millis(25));
        assert_eq!(after.since(&before, Some(Function::Config)).functions, Duration::from_millis(20));
    }
}
