//! A network namespace of the test's own, filled with real sockets, routes, interfaces, in which our program and the
//! reference are run side by side. Needs root, the reference and iproute2.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use rustix::mount::{MountFlags, mount};
use tempfile::TempDir;

use super::alone::alone_as;
use super::program::{Outcome, Program, REFERENCE, Run, mount_over, private_mounts};
use super::reaped::Reaped;
use super::transcript::transcript;

/// How often a comparison is made at least where two runs of the reference differ, because the world moved between them, and for how long: the
/// kernel itself sends packets for some seconds on an interface that came up.
const ATTEMPTS: usize = 40;
const PATIENCE: Duration = Duration::from_secs(60);

/// How often where they agree, and we do not.
const STEADY_ATTEMPTS: usize = 3;

/// Seconds that a process sleeps which is to be there until its test ends it.
pub const A_DAY: &str = "86400";

/// What /etc holds in every world. Names come from files only, so that no answer depends on the machine.
const NAMES: [(&str, &str); 6] = [
    (
        "nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files\nnetworks: files\nservices: files\nprotocols: files\n",
    ),
    (
        "hosts",
        "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.0.9 a-rather-long-host-name.example.com\n",
    ),
    ("networks", "loopback 127.0.0.0\ndocumentation 192.0.2.0\n"),
    (
        "services",
        "ssh 22/tcp\nhttp 80/tcp\nhttp 80/udp\ndomain 53/tcp\ndomain 53/udp\nan-eighteen-letter-x 5000/tcp\n",
    ),
    (
        "protocols",
        "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\n",
    ),
    (
        "passwd",
        "root:x:0:0::/:/bin/sh\nbin:x:2:2::/:/bin/sh\na-long-user-name:x:1234:1234::/:/bin/sh\n",
    ),
];

/// The namespace the calling thread is in, and what lives in it until the end of the test.
pub struct World {
    /// Comparisons that were made.
    comparisons: usize,
    differences: Vec<String>,
    uid: Option<u32>,
    env: Vec<(String, String)>,
    sockets: Vec<OwnedFd>,
    children: Vec<Reaped>,
    _files: TempDir,
}

/// Runs `test`, the body of the calling test function, [alone](super::alone) in a network namespace, where `lo` is up and nothing else is, and where names
/// come from files known to the tests. Sockets made by the test and processes started by it live there. Panics with the differences
/// that [`World::compare`] found.
///
/// ```ignore
/// #[test]
/// #[ignore = "needs root and net-tools"]
/// fn routes() {
///     in_new_world(|world| {
///         world.ip("link add eth7 type veth peer name eth8");
///         world.compare_all(&["-r", "-rn", "-rne"]);
///     });
/// }
/// ```
pub fn in_new_world<F: FnOnce(&mut World) + Send>(test: F) {
    in_new_world_as(std::any::type_name::<F>(), test);
}

/// The same for a body that was wrapped once more: `body` is its type's name.
pub fn in_new_world_as(body: &str, test: impl FnOnce(&mut World) + Send) {
    alone_as(body, || {
        let result = thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let mut world = World::new();
                test(&mut world);
                world.finish();
            });
            thread.join()
        });
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    });
}

impl World {
    fn new() -> Self {
        assert!(
            Path::new(REFERENCE).exists(),
            "the reference is missing: {REFERENCE}"
        );
        unshare(CloneFlags::CLONE_NEWNET).expect("a network namespace (needs root)");
        // Many a world has more sockets than the 1024 that are usual.
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
        private_mounts();
        let files = tempfile::Builder::new()
            .prefix("netstat-")
            .tempdir()
            .unwrap();
        fs::set_permissions(
            files.path(),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        for (name, contents) in NAMES {
            fs::write(files.path().join(name), contents).unwrap();
        }
        mount_over(files.path(), Path::new("/etc"));
        set_loopback_up();
        Self {
            comparisons: 0,
            differences: Vec::new(),
            uid: None,
            env: Vec::new(),
            sockets: Vec::new(),
            children: Vec::new(),
            _files: files,
        }
    }

    /// Runs `ip ARGS`, split at blanks. Panics if it fails.
    pub fn ip(&mut self, args: &str) {
        let output = Command::new("ip")
            .args(args.split_whitespace())
            .output()
            .expect("iproute2 is installed");
        assert!(
            output.status.success(),
            "ip {args}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Mounts another view of the same processes over /proc, with the options of `mount -t proc -o`.
    pub fn mount_proc(&mut self, options: &str) {
        let options = std::ffi::CString::new(options).unwrap();
        mount(
            "proc",
            "/proc",
            "proc",
            MountFlags::empty(),
            options.as_c_str(),
        )
        .unwrap();
    }

    /// Keeps a socket open until the end of the test.
    pub fn keep(&mut self, socket: impl Into<OwnedFd>) {
        self.sockets.push(socket.into());
    }

    /// Starts a process that holds `socket` (as its stdin) until the end of the test, called `name` as its first argument.
    pub fn holder(&mut self, name: &str, socket: impl Into<OwnedFd>) {
        self.holder_as(name, socket, 0);
    }

    /// The same for a process of another user.
    pub fn holder_as(&mut self, name: &str, socket: impl Into<OwnedFd>, uid: u32) {
        let mut command = Command::new("/bin/sleep");
        command
            .arg0(name)
            .arg(A_DAY)
            .stdin(Stdio::from(socket.into()))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.adopt(begun(command.uid(uid).gid(uid)));
    }

    /// Ends a process at the end of the test.
    pub fn adopt(&mut self, child: Child) {
        self.children.push(Reaped(child));
    }

    /// Runs both programs as this user from now on.
    pub fn run_as(&mut self, uid: u32) {
        self.uid = Some(uid);
    }

    /// Sets a variable for both programs from now on.
    pub fn env(&mut self, name: &str, value: &str) {
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Runs the reference, the program under test, the reference, with ARGS split at blanks. They must write the same
    /// bytes to stdout and to stderr and end alike; either run of the reference will do. Timers move on between the runs: under
    /// `-o` the seconds of ours may lie between those of the two runs of the reference. While these differ otherwise, it is
    /// tried again. Differences are kept for the end of the test.
    pub fn compare(&mut self, args: &str) {
        self.compare_by(args, Run::output, |run| {
            (run(Program::Reference), run(Program::under_test()))
        });
    }

    /// [`World::compare`] for each of the command lines.
    pub fn compare_all<A: AsRef<str>>(&mut self, command_lines: &[A]) {
        for line in command_lines {
            self.compare(line.as_ref());
        }
    }

    /// [`World::compare`] for the first `passes` passes of a command line with `-c`. Both programs wait for most of the time, so they do
    /// it side by side.
    pub fn compare_passes(&mut self, args: &str, passes: usize) {
        self.compare_by(
            args,
            |run| run.passes(passes),
            |run| {
                thread::scope(|scope| {
                    let reference = scope.spawn(|| run(Program::Reference));
                    let ours = run(Program::under_test());
                    (reference.join().unwrap(), ours)
                })
            },
        );
    }

    /// `both`: how a run of the reference and the one of ours that follows are had.
    fn compare_by(
        &mut self,
        args: &str,
        outcome: impl Fn(&Run) -> Outcome + Sync,
        both: impl Fn(&(dyn Fn(Program) -> Outcome + Sync)) -> (Outcome, Outcome),
    ) {
        let run = |program| {
            let mut prepared = Run::new(program, args.split_whitespace());
            if let Some(uid) = self.uid {
                prepared = prepared.uid(uid);
            }
            for (name, value) in &self.env {
                prepared = prepared.env(name, value);
            }
            outcome(&prepared)
        };
        self.comparisons += 1;
        let mut steady = 0;
        let mut last = None;
        let begin = Instant::now();
        for attempt in 0.. {
            if attempt >= ATTEMPTS && begin.elapsed() > PATIENCE {
                break;
            }
            let (before, ours) = both(&run);
            if ours == before {
                return;
            }
            let after = run(Program::Reference);
            if ours == after || between(&before, &ours, &after) {
                return;
            }
            steady += usize::from(before == after);
            last = Some((ours, after));
            if steady == STEADY_ATTEMPTS {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let (ours, reference) = last.unwrap();
        self.differences.push(difference(
            &transcript(args, &reference),
            &transcript(args, &ours),
        ));
    }

    fn finish(mut self) {
        let differences = std::mem::take(&mut self.differences);
        let comparisons = self.comparisons;
        let shown = differences
            .iter()
            .take(8)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        assert!(
            differences.is_empty(),
            "{} of {comparisons} comparisons differ:\n{shown}",
            differences.len()
        );
        eprintln!("{comparisons} comparisons, all equal");
    }
}

/// Whether the runs differ in nothing but the seconds of running timers (`-o`), and ours shows no more than the run of the
/// reference before it, and no less than the one after it.
fn between(before: &Outcome, ours: &Outcome, after: &Outcome) -> bool {
    let lines = |outcome: &Outcome| {
        outcome
            .stdout
            .split(|&byte| byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    let (first, middle, last) = (lines(before), lines(ours), lines(after));
    let same = |other: &Outcome| (&other.stderr, other.ending) == (&ours.stderr, ours.ending);
    let falling = |first: &[u8], middle: &[u8], last: &[u8]| {
        if first == middle && middle == last {
            return true;
        }
        let (Some(first), Some(middle), Some(last)) = (timer(first), timer(middle), timer(last))
        else {
            return false;
        };
        first.0 == middle.0
            && middle.0 == last.0
            && first.2 == middle.2
            && middle.2 == last.2
            && first.1 >= middle.1
            && middle.1 >= last.1
    };
    same(before)
        && same(after)
        && first.len() == middle.len()
        && middle.len() == last.len()
        && first
            .iter()
            .zip(&middle)
            .zip(&last)
            .all(|((first, middle), last)| falling(first, middle, last))
}

/// The text of a row before its timer's seconds, those in hundredths, and the text after them.
fn timer(line: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let begin = line.iter().rposition(|&byte| byte == b'(')? + 1;
    let end = begin + line[begin..].iter().position(|&byte| byte == b'/')?;
    let (seconds, hundredths) = std::str::from_utf8(&line[begin..end])
        .ok()?
        .split_once('.')?;
    let is_printed = hundredths.len() == 2 && (seconds == "0" || !seconds.starts_with(['0', '+']));
    let number = (seconds.to_owned() + hundredths).parse().ok()?;
    is_printed.then_some((&line[..begin], number, &line[end..]))
}

/// The lines only the reference wrote behind `-`, those only we wrote behind `+`, equal ones around them dropped.
fn difference(reference: &str, ours: &str) -> String {
    let reference: Vec<&str> = reference.lines().collect();
    let ours: Vec<&str> = ours.lines().collect();
    let same = reference
        .iter()
        .zip(&ours)
        .take_while(|(one, other)| one == other)
        .count();
    let rest = |lines: &[&str], sign: &str| -> String {
        lines[same..]
            .iter()
            .take(6)
            .map(|line| format!("{sign}{line}\n"))
            .collect()
    };
    let head = reference.first().copied().unwrap_or_default();
    format!(
        "{head} (from line {same})\n{}{}",
        rest(&reference, "-"),
        rest(&ours, "+")
    )
}

/// Sets `lo` up in the network namespace of the calling thread.
pub fn set_loopback_up() {
    // rtnetlink(7): nlmsghdr and ifinfomsg. `lo` is the first link everywhere.
    let mut request = Vec::new();
    request.extend(32u32.to_ne_bytes());
    request.extend(libc::RTM_NEWLINK.to_ne_bytes());
    request.extend(5u16.to_ne_bytes()); // NLM_F_REQUEST, NLM_F_ACK
    request.extend([0; 12]); // sequence, sender; any family, any hardware
    request.extend(1u32.to_ne_bytes()); // index
    request.extend([1u32.to_ne_bytes(); 2].concat()); // IFF_UP; no other flag is changed
    let socket = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    );
    let mut socket = File::from(socket.unwrap());
    socket.write_all(&request).unwrap();
    let mut answer = [0; 64];
    let length = socket.read(&mut answer).unwrap();
    // nlmsgerr begins with the error.
    assert!(length >= 20 && answer[16..20] == [0; 4], "lo stays down");
}

/// What `expected` and `ours` give while the world stands still: `expected` gives the same once more behind `ours`. Counters do not for some
/// seconds after an interface has come up, as the kernel's own packets are counted, too. Panics if that does not come within a minute.
#[track_caller]
pub fn standing_still<T: PartialEq, U>(
    what: &str,
    expected: impl Fn() -> T,
    ours: impl Fn() -> U,
) -> (T, U) {
    let begin = Instant::now();
    let mut before = expected();
    loop {
        let ours = ours();
        let after = expected();
        if before == after {
            return (before, ours);
        }
        assert!(begin.elapsed() < PATIENCE, "{what}: never the same twice");
        before = after;
    }
}

/// Starts a process that has its command line when this returns. `spawn` returns a moment before.
pub fn begun(command: &mut Command) -> Child {
    let child = command.spawn().unwrap();
    let command_line = format!("/proc/{}/cmdline", child.id());
    // Another /proc may be mounted, in which nobody has this number.
    wait_for("a process to begin", || {
        fs::read(&command_line).is_ok_and(|text| !text.is_empty())
            || !Path::new(&command_line).exists()
    });
    child
}

/// Waits until `condition` holds; panics if it does not within a minute, which is enough for a busy machine.
pub fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
