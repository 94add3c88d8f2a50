//! Programs that are stopped between two of their looks, not in the middle of one.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::world::wait_for;

/// Stops a process while it waits for something: it sleeps in a system call, and is in the same one when it has stopped.
pub fn stop_while_it_waits(pid: u32) {
    let process = Pid::from_raw(pid.try_into().unwrap());
    let read = |file| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap();
    let is_in_state = |letter| read("status").contains(&format!("State:\t{letter}"));
    let number = || {
        read("syscall")
            .split_whitespace()
            .next()
            .unwrap()
            .to_owned()
    };
    wait_for("the program to wait", || {
        let call = number();
        if !is_in_state('S') {
            return false;
        }
        kill(process, Signal::SIGSTOP).unwrap();
        wait_for("the program to stop", || is_in_state('T'));
        let waits = number() == call;
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
