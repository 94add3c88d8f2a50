//! A process that ends with the value, and with the test that fails.

use std::process::Child;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Kills a process, and all of its group if it leads one, and waits for it.
pub struct Reaped(pub Child);

impl Reaped {
    pub fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        let pid = Pid::from_raw(self.0.id().try_into().unwrap());
        let _ = killpg(pid, Signal::SIGKILL);
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
