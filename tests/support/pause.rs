//! Programs that are stopped between two of their looks, not in the middle of one.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::world::wait_for;

/// Stops a process while it waits for something: in the system call that it was in before, and still is.
pub fn stop_while_it_waits(pid: u32) {
    let process = Pid::from_raw(pid.try_into().unwrap());
    let status = format!("/proc/{pid}/status");
    // The number of the system call, or that it is in none or not asleep.
    let call = || {
        let text = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap();
        text.split_whitespace().next().unwrap().to_owned()
    };
    wait_for("the program to wait", || {
        let waits_in = call();
        if waits_in == "running" {
            return false;
        }
        kill(process, Signal::SIGSTOP).unwrap();
        wait_for("the program to stop", || {
            fs::read_to_string(&status).unwrap().contains("State:\tT")
        });
        let waits = call() == waits_in;
        if !waits {
            go_on(pid);
        }
        waits
    });
}

/// Lets it go on.
pub fn go_on(pid: u32) {
    kill(Pid::from_raw(pid.try_into().unwrap()), Signal::SIGCONT).unwrap();
}
