//! Kills the function process at the other end of a connection.

use std::net::SocketAddr;

use harness::process::function_of;
use procfs::process::{FDTarget, Process};
use rustix::process::{Pid, Signal, kill_process};

/// Kills the process that holds the connection from `peer` to the proxy at `address`, but only if
/// the process runs the function `deployed_name`. Returns true if the process was killed.
pub(super) fn kill(peer: SocketAddr, address: SocketAddr, deployed_name: &str) -> bool {
    let Some(process) = caller(peer, address, deployed_name) else { return false };
    // The name is checked again, because the process id may belong to another process by now.
    let Some(pid) = Pid::from_raw(process.pid).filter(|_| runs(&process, deployed_name)) else { return false };
    kill_process(pid, Signal::KILL).is_ok()
}

fn caller(peer: SocketAddr, address: SocketAddr, deployed_name: &str) -> Option<Process> {
    let connections = procfs::net::tcp().ok()?;
    let connection =
        connections.into_iter().find(|entry| entry.local_address == peer && entry.remote_address == address)?;
    let processes = procfs::process::all_processes().ok()?.flatten();
    processes.filter(|process| runs(process, deployed_name)).find(|process| holds(process, connection.inode))
}

fn runs(process: &Process, deployed_name: &str) -> bool {
    function_of(process).is_some_and(|name| name == deployed_name)
}

fn holds(process: &Process, inode: u64) -> bool {
    process.fd().is_ok_and(|files| {
        files.flatten().any(|file| matches!(file.target, FDTarget::Socket(socket) if socket == inode))
    })
}
