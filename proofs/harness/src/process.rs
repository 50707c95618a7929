//! Finds the processes that run functions on this machine, and reads their CPU time.

use std::ffi::OsStr;
use std::time::Duration;

use client::Error;
use nix::time::ClockId;
use nix::unistd::Pid;
use procfs::process::{Process, all_processes};

/// Returns the CPU time of all threads of a process, ended ones included, exact to nanoseconds.
/// Neither /proc nor rusage is used: on some kernels their times have ticks of 10 ms, and the times
/// in /proc omit threads that have ended.
pub fn cpu_time(pid: u32) -> std::io::Result<Duration> {
    let pid = Pid::from_raw(pid.try_into().unwrap_or_default());
    Ok(ClockId::pid_cpu_clock_id(pid).and_then(ClockId::now)?.into())
}

/// Returns the deployed name of the function that a process runs, which Lambda sets as an
/// environment variable; `None` for any other process.
pub fn function_of(process: &Process) -> Option<String> {
    let name = process.environ().ok()?.remove(OsStr::new("AWS_LAMBDA_FUNCTION_NAME"))?;
    name.into_string().ok()
}

/// Returns process id and deployed name of each function that runs on this machine.
pub fn functions() -> Result<impl Iterator<Item = (u32, String)>, Error> {
    let all = all_processes().map_err(|error| Error::failed("/proc cannot be read: this needs Linux", error))?;
    Ok(all.flatten().filter_map(|process| Some((process.pid.try_into().ok()?, function_of(&process)?))))
}
