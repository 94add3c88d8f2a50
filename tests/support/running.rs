//! The program under test while it runs on: what it has written so far.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::pause::{go_on, stop_while_it_waits};
use super::program::copy_ours;
use super::reaped::Reaped;
use super::world::wait_for;

/// A run that ends with the value.
pub struct Running {
    child: Reaped,
    lines: Lines,
    messages: Lines,
    /// How many lines were taken.
    taken: usize,
    _program: TempDir,
}

type Lines = Arc<Mutex<Vec<String>>>;

/// Reads lines as they come, on a thread of its own.
fn gather(stream: impl Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let ours = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            ours.lock().unwrap().push(line);
        }
    });
    lines
}

impl Running {
    /// Starts the program with these arguments, split at blanks.
    pub fn start(args: &str) -> Self {
        Self::start_as(args, 0)
    }

    /// The same as another user, unless that is 0.
    pub fn start_as(args: &str, uid: u32) -> Self {
        // Another user need not be able to reach the directory we are built in.
        let program = tempfile::tempdir().unwrap();
        fs::set_permissions(program.path(), Permissions::from_mode(0o755)).unwrap();
        let path = program.path().join("netstat");
        copy_ours(&path);
        let mut command = Command::new(path);
        command
            .args(args.split_whitespace())
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if uid != 0 {
            command.uid(uid).gid(uid);
        }
        let mut child = command.spawn().unwrap();
        Running {
            lines: gather(child.stdout.take().unwrap()),
            messages: gather(child.stderr.take().unwrap()),
            child: Reaped(child),
            taken: 0,
            _program: program,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// All that it has written to stdout.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// And to stderr.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until there are so many lines.
    pub fn await_lines(&self, count: usize) {
        wait_for("lines", || self.lines.lock().unwrap().len() >= count);
    }

    /// The next line that was not taken.
    pub fn line(&mut self) -> String {
        self.taken += 1;
        self.await_lines(self.taken);
        self.lines.lock().unwrap()[self.taken - 1].clone()
    }

    /// Does something between two looks.
    pub fn while_stopped<T>(&self, work: impl FnOnce() -> T) -> T {
        stop_while_it_waits(self.pid());
        let result = work();
        go_on(self.pid());
        result
    }

    /// Makes a change while the program stands still for a while: it sees the change at its next look, which is at least as long after
    /// the last.
    pub fn stopped(&self, pause: Duration, change: impl FnOnce()) {
        self.while_stopped(|| {
            change();
            thread::sleep(pause);
        });
    }
}
