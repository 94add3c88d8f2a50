//! Runs netstat: ours or the reference, and gives back every byte it wrote.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, setns, unshare};
use rustix::mount::{MountPropagationFlags, mount_bind_recursive, mount_change};
use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};

use super::tree::Tree;

/// The netstat of net-tools 2.10.
pub const REFERENCE: &str = "/usr/bin/netstat";

/// A program that still runs after this long hangs, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(120);

/// A pause this long on stdout and stderr ends a pass of `-c`, which sleeps one second between passes.
const PAUSE: Duration = Duration::from_millis(600);

/// Whoever looks away for longer than this may take two passes for one.
const BLINK: Duration = Duration::from_millis(250);

/// Which program, and how it gets to see a fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Our binary; a fixture is given by `--proc-root`.
    Ours,
    /// Our binary; a fixture is mounted over /proc (needs root).
    Mounted,
    /// [`REFERENCE`]; a fixture is mounted over /proc (needs root).
    Reference,
}

impl Program {
    /// What the environment variable `NETSTAT_UNDER_TEST` names: nothing, `mounted` or `reference`.
    pub fn under_test() -> Self {
        match std::env::var("NETSTAT_UNDER_TEST").as_deref() {
            Err(_) | Ok("") => Self::Ours,
            Ok("mounted") => Self::Mounted,
            Ok("reference") => Self::Reference,
            Ok(other) => panic!("NETSTAT_UNDER_TEST={other}: neither `mounted` nor `reference`"),
        }
    }

    /// Ours is the one that cargo built with the tests, or another build of it that `NETSTAT_PROGRAM` names.
    fn path(self) -> PathBuf {
        match self {
            Self::Ours | Self::Mounted => std::env::var_os("NETSTAT_PROGRAM")
                .map_or_else(|| env!("CARGO_BIN_EXE_netstat").into(), PathBuf::from),
            Self::Reference => REFERENCE.into(),
        }
    }
}

/// Copies our program. A process of its own does so: one that another test starts meanwhile would inherit what is being written from us,
/// and a file that somebody writes to cannot be run.
pub fn copy_ours(place: &Path) {
    let ours = Program::Ours.path();
    let status = Command::new("cp").arg(ours).arg(place).status().unwrap();
    assert!(status.success());
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Exit(i32),
    Signal(i32),
    /// Stopped by the harness after the wanted number of `-c` passes.
    Stopped,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "exit {code}"),
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::Stopped => write!(f, "stopped"),
        }
    }
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exit(code),
            (None, Some(number)) => Self::Signal(number),
            (None, None) => unreachable!("neither exited nor killed: {status:?}"),
        }
    }
}

/// Everything a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub ending: Ending,
}

/// One run to be: C locale, empty stdin, an environment that holds nothing else.
#[derive(Clone, Debug)]
pub struct Run {
    program: Program,
    args: Vec<OsString>,
    proc: Option<PathBuf>,
    etc: Option<PathBuf>,
    uid: Option<u32>,
    processes: Option<Arc<File>>,
    env: Vec<(OsString, OsString)>,
    first: Option<String>,
}

impl Run {
    /// Our program on a tree, whatever `NETSTAT_UNDER_TEST` says: for what the reference has no defined answer to.
    pub fn ours(tree: &Tree, args: &str) -> Self {
        let program = match Program::under_test() {
            Program::Reference => Program::Ours,
            ours => ours,
        };
        Run::new(program, args.split_whitespace()).proc(tree.proc())
    }

    pub fn new<A: AsRef<OsStr>>(program: Program, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            program,
            args: args
                .into_iter()
                .map(|arg| arg.as_ref().to_owned())
                .collect(),
            proc: None,
            etc: None,
            uid: None,
            processes: None,
            env: Vec::new(),
            first: None,
        }
    }

    /// Has a shell run these commands first, `ulimit -n 20` say, which becomes the program then.
    pub fn first(mut self, commands: &str) -> Self {
        self.first = Some(commands.to_owned());
        self
    }

    /// Reads `directory` as /proc.
    pub fn proc(mut self, directory: &Path) -> Self {
        self.proc = Some(directory.to_owned());
        self
    }

    /// Reads `directory` as /etc, whose files answer for names (needs root).
    pub fn etc(mut self, directory: &Path) -> Self {
        self.etc = Some(directory.to_owned());
        self
    }

    /// Runs as this user and group, without further groups (needs root).
    pub fn uid(mut self, uid: u32) -> Self {
        self.uid = Some(uid);
        self
    }

    /// Runs in this PID namespace.
    pub fn among(mut self, processes: &Arc<File>) -> Self {
        self.processes = Some(Arc::clone(processes));
        self
    }

    /// Adds a variable to the environment, which holds only PATH and LC_ALL=C.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Runs to the end. Panics if the end does not come.
    pub fn output(&self) -> Outcome {
        self.watch(None)
    }

    /// Runs with `-c` among the arguments, until `passes` passes are written, and stops it; or to its end. Begins anew where the machine is
    /// too busy to tell passes apart.
    pub fn passes(&self, passes: usize) -> Outcome {
        self.watch(Some(passes))
    }

    fn watch(&self, passes: Option<usize>) -> Outcome {
        let begin = Instant::now();
        loop {
            if let Some(outcome) = self.look(passes) {
                return outcome;
            }
            assert!(begin.elapsed() < 5 * LIMIT, "{self:?} is seldom seen");
        }
    }

    /// One run, or nothing where the harness was kept waiting and may have missed a pause.
    fn look(&self, passes: Option<usize>) -> Option<Outcome> {
        let begin = Instant::now();
        let mut child = self.spawn();
        let stdout = OwnedFd::from(child.stdout.take().unwrap());
        let stderr = OwnedFd::from(child.stderr.take().unwrap());
        let mut pipes = [stdout, stderr].map(|pipe| Some(File::from(pipe)));
        let mut written = [Vec::new(), Vec::new()];
        // When it was looked last, and when something was heard.
        let (mut looked, mut heard) = (begin, begin);
        let (mut seen, mut fresh) = (0, false);
        let end = loop {
            let longest = passes.map_or(LIMIT, |_| BLINK / 10);
            let is_heard = read_what_is_there(&mut pipes, &mut written, longest);
            if pipes.iter().all(Option::is_none) {
                break End::Itself;
            }
            let now = Instant::now();
            if passes.is_some() && now - looked > BLINK {
                break End::Unseen;
            }
            looked = now;
            if is_heard {
                (heard, fresh) = (now, true);
            } else if fresh && now - heard >= PAUSE {
                (seen, fresh) = (seen + 1, false);
                if passes.is_some_and(|passes| seen >= passes) {
                    break End::Enough;
                }
            }
            if begin.elapsed() > LIMIT {
                break End::Never;
            }
        };
        if end != End::Itself {
            child.kill().unwrap();
        }
        let status = child.wait().unwrap();
        let ending = match end {
            End::Itself => status.into(),
            End::Enough => Ending::Stopped,
            End::Unseen => return None,
            End::Never => panic!("{self:?} does not end"),
        };
        let [stdout, stderr] = written.map(|bytes| self.name_proc(bytes));
        Some(Outcome {
            stdout,
            stderr,
            ending,
        })
    }

    /// Messages of a run under `--proc-root DIR` say DIR where a mounted one says /proc. Nothing else is replaced.
    fn name_proc(&self, bytes: Vec<u8>) -> Vec<u8> {
        let Some(directory) = self.proc.as_ref().filter(|_| self.program == Program::Ours) else {
            return bytes;
        };
        let directory = directory.as_os_str().as_encoded_bytes();
        let mut named = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(at) = rest
            .windows(directory.len())
            .position(|window| window == directory)
        {
            named.extend_from_slice(&rest[..at]);
            named.extend_from_slice(b"/proc");
            rest = &rest[at + directory.len()..];
        }
        named.extend_from_slice(rest);
        named
    }

    fn spawn(&self) -> Child {
        let mut mounts: Vec<(PathBuf, PathBuf)> = self
            .etc
            .iter()
            .map(|directory| (directory.clone(), PathBuf::from("/etc")))
            .collect();
        let mut path = self.program.path();
        if let Some(directory) = self.proc.as_ref().filter(|_| self.program != Program::Ours) {
            mounts.push((directory.clone(), PathBuf::from("/proc")));
        }
        // Another user need not be able to reach the directory we are built in.
        if self.uid.is_some() && self.program != Program::Reference {
            mounts.push((path, PathBuf::from(REFERENCE)));
            path = PathBuf::from(REFERENCE);
        }

        let mut command = match &self.first {
            None => Command::new(path),
            Some(first) => {
                let mut shell = Command::new("/bin/sh");
                let script = format!("{first} && exec \"$0\" \"$@\"");
                shell.arg("-c").arg(script).arg(path);
                shell
            }
        };
        // Messages of getopt begin with this name.
        command.arg0("netstat");
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C")
            .envs(self.env.iter().cloned());
        if let Some(directory) = self.proc.as_ref().filter(|_| self.program == Program::Ours) {
            command.arg("--proc-root").arg(directory);
        }
        command.args(&self.args);
        if mounts.is_empty() && self.uid.is_none() && self.processes.is_none() {
            return command.spawn().unwrap();
        }
        // Namespace and user belong to a thread and are inherited by the processes it starts. (`CommandExt::uid` would do, but it
        // makes std start the process in a way that needs a pair of sockets, and the program may still see one of them.)
        thread::scope(|scope| {
            let spawning = scope.spawn(|| {
                private_mounts();
                for (from, to) in &mounts {
                    mount_over(from, to);
                }
                if let Some(processes) = &self.processes {
                    setns(processes, CloneFlags::CLONE_NEWPID).unwrap();
                }
                if let Some(uid) = self.uid {
                    become_user(uid);
                }
                command.spawn().unwrap()
            });
            spawning
                .join()
                .expect("the program starts among its mounts (this needs root)")
        })
    }
}

/// Why a run is not looked at any longer.
#[derive(PartialEq)]
enum End {
    /// It has come to its end.
    Itself,
    /// All passes that are wanted were seen.
    Enough,
    /// Who knows how many passes were.
    Unseen,
    /// It hangs.
    Never,
}

/// Reads once from each pipe that has something, within this time, and takes away those that have ended. Tells whether anything was there.
fn read_what_is_there(
    pipes: &mut [Option<File>; 2],
    written: &mut [Vec<u8>; 2],
    longest: Duration,
) -> bool {
    let mut waiting: Vec<PollFd<'_>> = pipes
        .iter()
        .flatten()
        .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
        .collect();
    match poll(&mut waiting, PollTimeout::try_from(longest).unwrap()) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => panic!("poll: {error}"),
    }
    let ready: Vec<bool> = waiting.iter().map(|fd| fd.any().unwrap()).collect();
    let open = pipes.iter_mut().zip(written);
    let open = open.filter(|(pipe, _)| pipe.is_some());
    let mut buffer = [0; 65536];
    for ((pipe, written), _) in open.zip(&ready).filter(|(_, ready)| **ready) {
        match pipe.as_ref().unwrap().read(&mut buffer).unwrap() {
            0 => *pipe = None,
            length => written.extend_from_slice(&buffer[..length]),
        }
    }
    ready.contains(&true)
}

/// Gives the calling thread, and the processes it starts from now on, mounts of their own (needs root).
pub fn private_mounts() {
    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace (needs root)");
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .unwrap();
}

/// Makes the calling thread, and the processes it starts from now on, this user's and this group's, for good.
fn become_user(uid: u32) {
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    set_thread_groups(&[]).unwrap();
    set_thread_res_gid(group, group, group).unwrap();
    set_thread_res_uid(user, user, user).unwrap();
}

/// Shows `from` in the place of `to`, a file for a file or a directory for a directory, in the thread's mount namespace.
pub fn mount_over(from: &Path, to: &Path) {
    mount_bind_recursive(from, to)
        .unwrap_or_else(|error| panic!("{} over {}: {error}", from.display(), to.display()));
}
