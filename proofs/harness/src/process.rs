//! Processes of this machine: their CPU time, and the functions that they run.

use std::ffi::OsStr;
use std::time::Duration;

use client::Error;
use nix::time::ClockId;
use nix::unistd::Pid;
use procfs::process::{Process, all_processes};

/// CPU time of all threads of a process, ended ones included, in the nanoseconds of the scheduler.
/// The times in /proc and rusage have ticks of 10 ms on some kernels, and /proc forgets threads
/// that have ended.
pub fn cpu_time(pid: u32) -> std::io::Result<Duration> {
    let pid = Pid::from_raw(pid.try_into().unwrap_or_default());
    Ok(ClockId::pid_cpu_clock_id(pid).and_then(ClockId::now)?.into())
}

/// The deployed name of the function that a process runs, from the variable that Lambda sets.
pub fn function_of(process: &Process) -> Option<String> {
    let name = process.environ().ok()?.remove(OsStr::new("AWS_LAMBDA_FUNCTION_NAME"))?;
    name.into_string().ok()
}

pub fn functions() -> Result<impl Iterator<Item = (u32, String)>, Error> {
    let all = all_processes().map_err(|error| Error::failed("/proc cannot be read: this needs Linux", error))?;
    Ok(all.flatten().filter_map(|process| Some((process.pid.try_into().ok()?, function_of(&process)?))))
}
