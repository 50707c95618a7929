//! The process at the other end of a connection, and its end.

use std::net::SocketAddr;

use procfs::process::{FDTarget, Process};
use rustix::process::{Pid, Signal, kill_process};

const NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

/// Kills the process that holds the connection from `peer` to `here`, if it is one of the function called `function_name`:
/// nothing else is ever touched. Says whether it did.
pub(super) fn kill(peer: SocketAddr, here: SocketAddr, function_name: &str) -> bool {
    let Some(process) = caller(peer, here, function_name) else { return false };
    // Once more, right before: a process id may have a new owner.
    let Some(pid) = Pid::from_raw(process.pid).filter(|_| is_of(&process, function_name)) else { return false };
    kill_process(pid, Signal::KILL).is_ok()
}

fn caller(peer: SocketAddr, here: SocketAddr, function_name: &str) -> Option<Process> {
    let connections = procfs::net::tcp().ok()?;
    let connection =
        connections.into_iter().find(|entry| entry.local_address == peer && entry.remote_address == here)?;
    let processes = procfs::process::all_processes().ok()?.flatten();
    processes.filter(|process| is_of(process, function_name)).find(|process| holds(process, connection.inode))
}

fn is_of(process: &Process, function_name: &str) -> bool {
    let environment = process.environ().unwrap_or_default();
    environment.get(std::ffi::OsStr::new(NAME)).is_some_and(|name| name == function_name)
}

fn holds(process: &Process, inode: u64) -> bool {
    process.fd().is_ok_and(|files| {
        files.flatten().any(|file| matches!(file.target, FDTarget::Socket(socket) if socket == inode))
    })
}
