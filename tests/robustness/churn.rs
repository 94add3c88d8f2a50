//! Sockets that stay, among 10,000 a second that come and go: each is shown once and with its own process, from whichever source.
//!
//! `NETSTAT_CHURN_RUNS` is the number of runs for each command line, 25 if it is not set. The reference and `ss` are counted too, for
//! comparison only.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sched::{CloneFlags, unshare};
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, socket_with};

use super::support::program::{Program, Run};
use super::support::sockets::inode;
use super::support::stop::StopOnDrop;
use super::support::world::{World, in_new_world, set_loopback_up};

/// The sources of our program's tables: what is told by `NETSTAT_SOCK_DIAG`.
pub const SOURCES: [&str; 3] = ["", "never", "always"];

/// How many sockets a thread has open at a time.
const OPEN: usize = 60;

/// Sockets that stay, by what a row shows of them: the two addresses, or the inode. The process that holds each.
type Staying = HashMap<String, Holder>;

/// A process in the words of a row.
struct Holder {
    netstat: String,
    ss: String,
}

/// What the runs of one program showed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    rows: usize,
    missing: usize,
    doubled: usize,
    /// Shown with another process than its own.
    strange: usize,
    /// Runs with any of these.
    bad_runs: usize,
    complaints: HashSet<String>,
}

impl Tally {
    /// Counts the rows of a listing. `read` finds what a row shows, and the rest of it with the process.
    fn add(
        &mut self,
        staying: &Staying,
        listing: &[u8],
        with_processes: bool,
        read: fn(&str) -> Option<String>,
    ) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut strange = 0;
        for line in String::from_utf8_lossy(listing).lines() {
            self.rows += 1;
            let Some(shown) = read(line) else { continue };
            let Some(process) = staying.get(&shown) else {
                continue;
            };
            *seen.entry(shown).or_default() += 1;
            let is_own = [&process.netstat, &process.ss];
            strange += usize::from(with_processes && !is_own.iter().any(|own| line.contains(*own)));
        }
        let missing = staying.len() - seen.len();
        let doubled = seen.values().filter(|&&count| count > 1).count();
        self.missing += missing;
        self.doubled += doubled;
        self.strange += strange;
        self.bad_runs += usize::from(missing + doubled + strange > 0);
    }

    fn is_clean(&self) -> bool {
        self.bad_runs == 0 && self.complaints.is_empty()
    }
}

pub fn runs() -> usize {
    let runs = std::env::var("NETSTAT_CHURN_RUNS");
    runs.map_or(25, |runs| runs.parse().unwrap())
}

/// Lists while `churn` runs in two threads, which are given a number and make so many sockets as they return.
fn list(
    name: &str,
    options: &str,
    staying: &Staying,
    read: fn(&str) -> Option<String>,
    read_ss: fn(&str) -> Option<String>,
    churn: impl Fn(usize) -> usize + Sync + Copy,
) {
    let (stop, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        for number in 0..2 {
            let (stop, made, churn) = (&stop, &made, &churn);
            scope.spawn(move || {
                let begin = Instant::now();
                let mut mine = 0;
                while !stop.load(Ordering::Relaxed) {
                    let count = churn(number);
                    made.fetch_add(count, Ordering::Relaxed);
                    mine += count;
                    // 5,000 a second by each thread.
                    let due = Duration::from_micros(200) * u32::try_from(mine).unwrap();
                    thread::sleep(due.saturating_sub(begin.elapsed()));
                }
            });
        }
        let begin = Instant::now();
        let mut unclean = Vec::new();
        for program in [""].into_iter().chain([" -p"]) {
            let with_processes = !program.is_empty();
            let options = format!("{options}{program}");
            let mut tallies: Vec<(String, Tally)> = SOURCES
                .iter()
                .map(|source| format!("ours {source}"))
                .chain(["reference".to_owned(), "ss".to_owned()])
                .map(|name| (name, Tally::default()))
                .collect();
            for _ in 0..runs() {
                for ((_, tally), source) in tallies.iter_mut().zip(SOURCES) {
                    let run = Run::new(Program::Ours, options.split_whitespace());
                    let outcome = run.env("NETSTAT_SOCK_DIAG", source).output();
                    tally.add(staying, &outcome.stdout, with_processes, read);
                    let complaints = String::from_utf8_lossy(&outcome.stderr).into_owned();
                    tally
                        .complaints
                        .extend(Some(complaints).filter(|text| !text.is_empty()));
                }
                let reference = Run::new(Program::Reference, options.split_whitespace()).output();
                tallies[3]
                    .1
                    .add(staying, &reference.stdout, with_processes, read);
                let ss = Command::new("ss").args(options.split_whitespace()).output();
                tallies[4]
                    .1
                    .add(staying, &ss.unwrap().stdout, with_processes, read_ss);
            }
            for (program, tally) in &tallies {
                eprintln!(
                    "{name} {options}, {program}: {} runs, {} rows each, of {} that stay: {} missing, {} doubled, {} strange, in {} runs",
                    runs(),
                    tally.rows / runs(),
                    staying.len(),
                    tally.missing,
                    tally.doubled,
                    tally.strange,
                    tally.bad_runs
                );
                if program.starts_with("ours") && !tally.is_clean() {
                    unclean.push(format!("{name} {options}, {program}: {tally:?}"));
                }
            }
        }
        let rate = made.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64();
        eprintln!("{name}: {rate:.0} sockets a second");
        assert!(unclean.is_empty(), "{unclean:#?}");
    });
}

/// What a row of netstat or ss shows of an Internet socket.
fn addresses<const LOCAL: usize>(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip(LOCAL);
    let ends = format!("{} {}", words.next()?, words.next()?);
    Some(ends.replace(['[', ']'], "").replace("%*", ""))
}

/// The same of a unix socket.
fn of_netstat(line: &str) -> Option<String> {
    let inode = line
        .strip_prefix("unix")?
        .get(46..)?
        .split_whitespace()
        .next();
    inode.map(str::to_owned)
}

fn of_ss(line: &str) -> Option<String> {
    line.split_whitespace().nth(5).map(str::to_owned)
}

fn ends(local: SocketAddr, remote: &str) -> String {
    format!("{local} {remote}").replace(['[', ']'], "")
}

/// Closes at once, with a reset and without leaving TIME_WAIT behind.
fn reset(socket: impl AsFd) {
    set_socket_linger(socket, Some(Duration::ZERO)).unwrap();
}

/// Keeps the last few things of each thread.
fn window<T>() -> [std::sync::Mutex<VecDeque<T>>; 2] {
    [(); 2].map(|()| std::sync::Mutex::new(VecDeque::new()))
}

fn replace_oldest<T>(window: &std::sync::Mutex<VecDeque<T>>, new: T) {
    let mut window = window.lock().unwrap();
    window.push_back(new);
    if window.len() > OPEN {
        window.pop_front();
    }
}

/// Sockets that stay, and what a row shows of each.
type Held = Vec<(String, OwnedFd)>;

fn held_tcp() -> Held {
    let mut held = Held::new();
    for (local, remote, pairs) in [("127.0.0.1:0", "0.0.0.0:*", 150), ("[::1]:0", ":::*", 50)] {
        for _ in 0..10 {
            let listener = TcpListener::bind(local).unwrap();
            let shown = ends(listener.local_addr().unwrap(), remote);
            held.push((shown, listener.into()));
        }
        let server = TcpListener::bind(local).unwrap();
        for _ in 0..pairs {
            let near = TcpStream::connect(server.local_addr().unwrap()).unwrap();
            let (far, _) = server.accept().unwrap();
            for stream in [near, far] {
                let remote = stream.peer_addr().unwrap().to_string();
                held.push((ends(stream.local_addr().unwrap(), &remote), stream.into()));
            }
        }
    }
    held
}

fn held_udp() -> Held {
    let mut held = Held::new();
    for (local, remote, count) in [("127.0.0.1:0", "0.0.0.0:*", 300), ("[::1]:0", ":::*", 100)] {
        for _ in 0..count {
            let socket = UdpSocket::bind(local).unwrap();
            held.push((ends(socket.local_addr().unwrap(), remote), socket.into()));
        }
    }
    held
}

fn held_unix() -> Held {
    let mut held = Held::new();
    for number in 0..150 {
        let (one, other) = UnixStream::pair().unwrap();
        let name = format!("staying-{}-{number}", std::process::id());
        let named = named(SocketType::DGRAM, &name);
        for socket in [one.into(), other.into(), named] {
            held.push((inode(&socket).to_string(), socket));
        }
    }
    held
}

/// Tells [`holder`] what to hold.
const HOLDS: &str = "NETSTAT_CHURN_HOLDS";

/// Not a test but a process that holds sockets for those below. It must not start others, for these have its descriptors for a moment.
#[test]
#[ignore = "needs root and net-tools"]
fn holder() {
    let Ok(protocol) = std::env::var(HOLDS) else {
        return;
    };
    let held = match protocol.as_str() {
        "tcp" => held_tcp(),
        "udp" => held_udp(),
        _ => held_unix(),
    };
    for (shown, _) in &held {
        println!("stays {shown}");
    }
    println!("ready");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Has two processes hold sockets.
fn staying(world: &mut World, protocol: &str) -> Staying {
    let mut staying = Staying::new();
    for _ in 0..2 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "churn::holder"])
            .env(HOLDS, protocol)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        loop {
            let mut line = String::new();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "no holder");
            let line = line.trim_end();
            if line == "ready" {
                break;
            }
            // The first is behind what the test's name begins.
            if let Some((_, shown)) = line.split_once("stays ") {
                let holder = Holder {
                    netstat: format!("{pid}/"),
                    ss: format!("pid={pid},"),
                };
                staying.insert(shown.to_owned(), holder);
            }
        }
        // The harness has more to say in a minute, and ends if it cannot.
        child.stdout = Some(output.into_inner());
        world.adopt(child);
    }
    assert!(staying.len() > 500);
    staying
}

#[test]
#[ignore = "needs root and net-tools"]
fn tcp() {
    in_new_world(|world| tcp_with(world, "-tan"));
}

/// Timers come from the file, and where many sockets share a chain of the hash table, the file leaves out some in every other listing.
#[test]
#[ignore = "needs root and net-tools"]
fn tcp_in_long_chains() {
    in_new_world(|world| {
        if let Err(error) = fs::write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "16") {
            eprintln!("SKIPPED: the size of the table cannot be chosen before Linux 6.1: {error}");
            return;
        }
        unshare(CloneFlags::CLONE_NEWNET).unwrap();
        set_loopback_up();
        tcp_with(world, "-tano");
    });
}

fn tcp_with(world: &mut World, options: &str) {
    let staying = staying(world, "tcp");
    let servers = ["127.0.0.1:0", "[::1]:0"].map(|local| TcpListener::bind(local).unwrap());
    let open = window();
    let churn = |number: usize| {
        let address = servers[number].local_addr().unwrap();
        let near = TcpStream::connect(address).unwrap();
        let (far, _) = servers[number].accept().unwrap();
        reset(&near);
        reset(&far);
        let listener = TcpListener::bind((address.ip(), 0)).unwrap();
        replace_oldest(&open[number], (near, far, listener));
        3
    };
    list(
        "tcp",
        options,
        &staying,
        addresses::<3>,
        addresses::<3>,
        churn,
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn udp() {
    in_new_world(|world| {
        let staying = staying(world, "udp");
        let open = window();
        let churn = |number: usize| {
            let local = ["127.0.0.1:0", "[::1]:0"][number];
            replace_oldest(&open[number], UdpSocket::bind(local).unwrap());
            1
        };
        list(
            "udp",
            "-uan",
            &staying,
            addresses::<3>,
            addresses::<3>,
            churn,
        );
    });
}

/// A unix socket with an abstract name, which the processes that are started do not get.
fn named(kind: SocketType, name: &str) -> OwnedFd {
    let socket = socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
    let address = SocketAddrUnix::new_abstract_name(name.as_bytes()).unwrap();
    bind(&socket, &address).unwrap();
    socket
}

#[test]
#[ignore = "needs root and net-tools"]
fn unix() {
    in_new_world(|world| {
        let staying = staying(world, "unix");
        let made = AtomicUsize::new(0);
        let open = window();
        let churn = |number: usize| {
            let count = made.fetch_add(1, Ordering::Relaxed);
            let named = named(SocketType::DGRAM, &format!("coming-{count}"));
            replace_oldest(&open[number], (UnixStream::pair().unwrap(), named));
            3
        };
        list("unix", "-xan", &staying, of_netstat, of_ss, churn);
    });
}
