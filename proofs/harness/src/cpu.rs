//! CPU time of a process.

use std::time::Duration;

use nix::time::ClockId;
use nix::unistd::Pid;

/// CPU time of all threads of a process, ended ones included, in the nanoseconds of the scheduler.
/// The times in /proc and rusage have ticks of 10 ms on some kernels, and /proc forgets threads
/// that have ended.
pub fn time_of(pid: u32) -> std::io::Result<Duration> {
    let pid = Pid::from_raw(pid.try_into().unwrap_or_default());
    Ok(ClockId::pid_cpu_clock_id(pid).and_then(ClockId::now)?.into())
}
