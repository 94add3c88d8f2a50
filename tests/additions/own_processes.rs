//! A /proc with no other processes than the test's own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, setns, unshare};

use crate::namespaces::{Holder, command};
use crate::support::program::{Outcome, Program, Run};
use crate::support::world::{A_DAY, World, in_new_world_as};

/// An ordinary user.
pub const USER: u32 = 65534;

/// A PID namespace, whose first process only sleeps. The test itself is outside of it.
pub struct Processes {
    namespace: Arc<File>,
    first: Child,
}

/// Runs `test` in a world where /proc shows those processes only which are started in a PID namespace of its own. The first is called
/// `first` and is an inhabitant of the world.
pub fn among_own_processes<F: FnOnce(&mut World, &Processes) + Send>(test: F) {
    in_new_world_as(std::any::type_name::<F>(), |world| {
        let processes = Processes::new();
        test(world, &processes);
    });
}

impl Processes {
    fn new() -> Self {
        let first = thread::scope(|scope| {
            let thread = scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWPID).unwrap();
                sleeper("first").spawn().unwrap()
            });
            thread.join().unwrap()
        });
        let namespace = File::open(format!("/proc/{}/ns/pid", first.id())).unwrap();
        let processes = Processes {
            namespace: Arc::new(namespace),
            first,
        };
        processes.mount("/proc", "");
        processes
    }

    /// Mounts their /proc, with the options of `mount -t proc -o`, in the mount namespace of the calling thread.
    pub fn mount(&self, place: &str, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-t", "proc", "proc", place]);
        if !options.is_empty() {
            mount.args(["-o", options]);
        }
        assert!(self.output(&mut mount).status.success());
    }

    /// Starts a process among them.
    pub fn spawn(&self, command: &mut Command) -> Holder {
        // No thread can be started by one that has gone to another PID namespace.
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                setns(&self.namespace, CloneFlags::CLONE_NEWPID).unwrap();
                Holder(command.spawn().unwrap())
            });
            thread.join().unwrap()
        })
    }

    /// Runs a command among them to its end.
    pub fn output(&self, command: &mut Command) -> Output {
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                setns(&self.namespace, CloneFlags::CLONE_NEWPID).unwrap();
                command.output().unwrap()
            });
            thread.join().unwrap()
        })
    }

    /// Our program with these arguments, split at blanks.
    pub fn ours(&self, args: &str) -> Run {
        crate::ours(args).among(&self.namespace)
    }

    /// What the reference says to these arguments, split at blanks, in the namespaces of the calling thread.
    pub fn reference(&self, args: &str) -> Outcome {
        let run = Run::new(Program::Reference, args.split_whitespace());
        run.among(&self.namespace).output()
    }

    /// A process that sleeps.
    pub fn sleeper(&self, name: &str, uid: u32) -> Holder {
        let holder = self.spawn(sleeper(name).uid(uid).gid(uid));
        pid_of(name);
        holder
    }

    /// The same with a server.
    pub fn server(&self, name: &str, server: TcpListener, uid: u32) -> Holder {
        let stdin = Stdio::from(OwnedFd::from(server));
        let holder = self.spawn(sleeper(name).uid(uid).gid(uid).stdin(stdin));
        pid_of(name);
        holder
    }

    /// The same that sleeps in a network namespace of its own, in which lo is up.
    pub fn resident(&self, name: &str, uid: u32) -> Holder {
        thread::scope(|scope| {
            let thread = scope.spawn(|| {
                unshare(CloneFlags::CLONE_NEWNET).unwrap();
                command("ip link set lo up");
                self.sleeper(name, uid)
            });
            thread.join().unwrap()
        })
    }

    /// A process of an ordinary user in a user namespace and, within, a network namespace, as in a container without root.
    pub fn container(&self, name: &str) -> Holder {
        let script = format!("exec -a {name} sleep {A_DAY}");
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--net", "bash", "-c", &script]);
        let holder = self.spawn(unshare.uid(USER).gid(USER));
        pid_of(name);
        holder
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // With the first all others end. It waits until these have been waited for.
        let _ = self.first.kill();
        let begin = Instant::now();
        while matches!(self.first.try_wait(), Ok(None)) && begin.elapsed() < Duration::from_secs(2)
        {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn sleeper(name: &str) -> Command {
    let mut command = Command::new("/bin/sleep");
    command.arg0(name).arg(A_DAY);
    command
}

/// The number in /proc of the process that was started under a name.
pub fn pid_of(name: &str) -> u32 {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(60) {
        let found = fs::read_dir("/proc").unwrap().flatten().find(|entry| {
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            line.split(|&byte| byte == 0).next() == Some(name.as_bytes())
        });
        if let Some(found) = found {
            return found.file_name().to_str().unwrap().parse().unwrap();
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("no process {name}")
}

/// The file that stands for its network namespace.
pub fn namespace_of(name: &str) -> PathBuf {
    format!("/proc/{}/ns/net", pid_of(name)).into()
}

/// What that is called, such as `net:[4026531840]`.
pub fn label_of(name: &str) -> String {
    let link = fs::read_link(namespace_of(name)).unwrap();
    link.to_str().unwrap().to_owned()
}

/// An empty /run, which is the world's own, with one network namespace called `blue` in which lo is up.
pub fn name_blue(processes: &Processes) -> PathBuf {
    command("mount -t tmpfs tmpfs /run");
    for args in ["netns add blue", "-n blue link set lo up"] {
        let mut ip = Command::new("ip");
        let output = processes.output(ip.args(args.split(' ')));
        assert!(output.status.success(), "{output:?}");
    }
    "/run/netns/blue".into()
}
