//! Names of hosts that servers do not want to tell: no name is lost that the reference finds, and nothing takes for ever.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::name_server::{Answer, Conduct, NameServer, asking_etc, name_of};
use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::tree::Tree;
use crate::support::world::in_new_world;

/// As glibc does by default.
const PATIENT: &str = "timeout:5 attempts:2";

/// As little as it can be told to wait.
const IMPATIENT: &str = "timeout:1 attempts:1";

/// The host at the other end of a connection.
fn host(index: usize) -> Ipv4Addr {
    let index = u32::try_from(index).unwrap();
    Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + index)
}

/// Connections with so many hosts.
fn connections(count: usize) -> Tree {
    let mut tcp = String::from(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
    );
    for index in 0..count {
        let remote = host(index).to_bits().swap_bytes();
        writeln!(
            tcp,
            "{index:4}: 0100007F:0016 {remote:08X}:1F90 01 00000000:00000000 00:00000000 00000000     0        0 {} 1 0 20 4 30 10 -1",
            1000 + index
        )
        .unwrap();
    }
    Tree::new("connections").file("net/tcp", tcp)
}

/// The foreign hosts in a listing, in order.
fn foreign(outcome: &Outcome) -> Vec<String> {
    let text = String::from_utf8_lossy(&outcome.stdout);
    let rows = text.lines().filter(|line| line.starts_with("tcp"));
    rows.map(|row| {
        let address = row.split_ascii_whitespace().nth(4).unwrap();
        address.rsplit_once(':').unwrap().0.to_owned()
    })
    .collect()
}

/// What is named is named rightly, and so many are.
#[track_caller]
fn assert_named(outcome: &Outcome, named: impl Fn(usize) -> bool, count: usize) {
    let expected: Vec<String> = (0..count)
        .map(|index| match named(index) {
            true => name_of(host(index)),
            false => host(index).to_string(),
        })
        .collect();
    assert_eq!(foreign(outcome), expected);
    assert_eq!(outcome.ending, Ending::Exit(0));
}

/// Holds what depends on time against some attempts, for the machine may be busy during one of them. What does not, each of them asserts.
#[track_caller]
fn assert_once(attempt: impl Fn() -> (bool, String)) {
    let mut seen = Vec::new();
    let holds = (0..5).any(|_| {
        let (holds, what) = attempt();
        seen.push(what);
        holds
    });
    assert!(holds, "{seen:?}");
}

/// Has one of some attempts take less than this, a small part of what it would take to ask one by one, or to wait for each time-out.
#[track_caller]
fn assert_takes_less(most: Duration, attempt: impl Fn() -> Duration) {
    assert_once(|| {
        let took = attempt();
        (took < most, format!("{took:?}"))
    });
}

/// A listing of connections in full, and how long it took.
fn listing(tree: &Tree, etc: &Path, first: &str) -> (Outcome, Duration) {
    let begin = Instant::now();
    let outcome = Run::new(Program::Ours, ["-tW"])
        .proc(tree.proc())
        .etc(etc)
        .first(first)
        .output();
    (outcome, begin.elapsed())
}

#[track_caller]
fn assert_silent(outcome: &Outcome) {
    assert_eq!(String::from_utf8_lossy(&outcome.stderr), "");
}

#[track_caller]
fn assert_warned(outcome: &Outcome) {
    assert_eq!(
        String::from_utf8_lossy(&outcome.stderr),
        "warning, not all names could be looked up: no name server answers.\n"
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_server_that_drops_what_is_too_much_names_all_in_the_end() {
    in_new_world(|_| {
        for (capacity, delay) in [(16, 11), (16, 100), (4, 20), (1, 11)] {
            assert_takes_less(Duration::from_secs(30), || {
                let server = NameServer::start(Conduct {
                    capacity,
                    delay: Duration::from_millis(delay),
                    ..Conduct::default()
                });
                let (tree, etc) = (connections(194), asking_etc("", PATIENT));
                let (outcome, took) = listing(&tree, etc.path(), ":");
                assert_named(&outcome, |_| true, 194);
                assert_silent(&outcome);
                assert!(server.most_at_a_time() <= capacity);
                took
            });
        }
        // As the reference has it.
        let _server = NameServer::start(Conduct {
            capacity: 16,
            ..Conduct::default()
        });
        let (tree, etc) = (connections(194), asking_etc("", PATIENT));
        let runs = [Program::Reference, Program::Mounted].map(|program| {
            let run = Run::new(program, ["-tW"]).proc(tree.proc());
            run.etc(etc.path()).output()
        });
        assert_eq!(runs[0], runs[1]);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn slow_answers_are_waited_for_many_at_a_time() {
    in_new_world(|_| {
        assert_once(|| {
            let server = NameServer::start(Conduct {
                delay: Duration::from_millis(300),
                ..Conduct::default()
            });
            let (tree, etc) = (connections(200), asking_etc("", PATIENT));
            let (outcome, took) = listing(&tree, etc.path(), ":");
            assert_named(&outcome, |_| true, 200);
            assert_silent(&outcome);
            // Each once, but for those that a busy machine has delayed; 127.0.0.1 is asked for too.
            let mut questions = server.questions();
            let asked = questions.len();
            questions.sort();
            questions.dedup();
            assert_eq!(questions.len(), 201);
            assert!(server.most_at_a_time() <= 64);
            let is_soon = took < Duration::from_secs(20) && (201..221).contains(&asked);
            (is_soon, format!("{took:?}, {asked} questions"))
        });
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn dead_servers_are_given_up() {
    in_new_world(|_| {
        let server = NameServer::start(Conduct {
            answer: |_| Answer::Silence,
            ..Conduct::default()
        });
        let (tree, etc) = (connections(200), asking_etc("", IMPATIENT));
        let asked = || server.questions().len();
        assert_takes_less(Duration::from_secs(15), || {
            let before = asked();
            let (outcome, took) = listing(&tree, etc.path(), ":");
            assert_named(&outcome, |_| false, 200);
            assert_warned(&outcome);
            assert!(asked() - before < 150);
            took
        });

        // So few that all were asked: as the reference says it, and sooner.
        let tree = connections(5);
        assert_takes_less(Duration::from_secs(10), || {
            let (outcome, took) = listing(&tree, etc.path(), ":");
            assert_named(&outcome, |_| false, 5);
            assert_silent(&outcome);
            took
        });
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn nobody_at_the_port_of_names_is_a_dead_server() {
    in_new_world(|_| {
        let etc = asking_etc("127.0.0.1 localhost\n", PATIENT);
        assert_takes_less(Duration::from_secs(20), || {
            let (outcome, took) = listing(&connections(200), etc.path(), ":");
            assert_named(&outcome, |_| false, 200);
            assert_warned(&outcome);
            took
        });
        let (outcome, _) = listing(&connections(60), etc.path(), ":");
        assert_named(&outcome, |_| false, 60);
        assert_silent(&outcome);
    });
}

/// A server that cannot say anything of one network can of another.
#[test]
#[ignore = "needs root and net-tools"]
fn a_server_that_fails_is_not_dead() {
    in_new_world(|_| {
        let _server = NameServer::start(Conduct {
            answer: |address| match address.octets()[2] {
                0 => Answer::Failure,
                _ => Answer::Name(name_of(address)),
            },
            ..Conduct::default()
        });
        let (tree, etc) = (connections(300), asking_etc("", PATIENT));
        assert_takes_less(Duration::from_secs(10), || {
            let (outcome, took) = listing(&tree, etc.path(), ":");
            assert_named(&outcome, |index| index >= 256, 300);
            assert_silent(&outcome);
            took
        });
    });
}

/// Some addresses without a server of their own do not keep the others from their names.
#[test]
#[ignore = "needs root and net-tools"]
fn silence_about_some_addresses_is_not_of_a_dead_server() {
    in_new_world(|_| {
        let _server = NameServer::start(Conduct {
            answer: |address| match address.octets()[3] % 10 {
                7 => Answer::Silence,
                _ => Answer::Name(name_of(address)),
            },
            ..Conduct::default()
        });
        // Answers that a busy machine delays are not to count as silence.
        let (tree, etc) = (connections(250), asking_etc("", "timeout:1 attempts:3"));
        assert_takes_less(Duration::from_secs(50), || {
            let (outcome, took) = listing(&tree, etc.path(), ":");
            assert_named(&outcome, |index| index % 10 != 7, 250);
            assert_silent(&outcome);
            took
        });
    });
}

/// A PTR record is up to whoever owns the address.
#[test]
#[ignore = "needs root and net-tools"]
fn a_name_that_reads_as_an_address_is_none() {
    const NAMES: [&str; 6] = [
        "192.0.2.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0300.0.2.1",
        "1.2.3.4.example",
    ];
    in_new_world(|_| {
        let _server = NameServer::start(Conduct {
            answer: |address| Answer::Name(NAMES[usize::from(address.octets()[3]) % 6].to_owned()),
            ..Conduct::default()
        });
        let hosts = "10.0.0.6 2001:db8::1\n10.0.0.7 ::ffff:192.0.2.1\n10.0.0.8 fe80::1%eth0\n\
            10.0.0.9 example\n";
        let (tree, etc) = (connections(10), asking_etc(hosts, PATIENT));
        let (outcome, _) = listing(&tree, etc.path(), ":");
        let mut expected: Vec<String> = (0..10).map(|index| host(index).to_string()).collect();
        expected[5] = "1.2.3.4.example".to_owned();
        expected[9] = "example".to_owned();
        assert_eq!(foreign(&outcome), expected);
        // The server is believed where it says nothing that poses.
        let reference = Run::new(Program::Reference, ["-tW"]).proc(tree.proc());
        let reference = foreign(&reference.etc(etc.path()).output());
        assert_eq!(reference[..6], NAMES);
        assert_eq!(reference[6], "2001:db8::1");
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn few_descriptors_lose_no_name() {
    in_new_world(|_| {
        let _server = NameServer::start(Conduct {
            delay: Duration::from_millis(1),
            ..Conduct::default()
        });
        // One that the server calls otherwise: where the file cannot be opened, the server is asked.
        let etc = asking_etc("10.0.0.7 host-10-0-0-7.example\n", PATIENT);
        let tree = connections(100);
        for limit in (6..=20).chain([64, 200]) {
            let (outcome, _) = listing(&tree, etc.path(), &format!("ulimit -n {limit}"));
            assert_named(&outcome, |_| true, 100);
            assert_silent(&outcome);
        }
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn little_address_space_loses_no_name() {
    in_new_world(|_| {
        let _server = NameServer::start(Conduct {
            delay: Duration::from_millis(1),
            ..Conduct::default()
        });
        let (tree, etc) = (connections(100), asking_etc("", PATIENT));
        let runs = |kilobytes: u32| {
            let run = Run::new(Program::Ours, ["-tnW"]).proc(tree.proc());
            let run = run.first(&format!("ulimit -v {kilobytes}"));
            run.output().ending == Ending::Exit(0)
        };
        // As little as numbers need.
        let (mut least, mut enough) = (0u32, 20_000);
        while enough - least > 64 {
            let middle = least.midpoint(enough);
            match runs(middle) {
                true => enough = middle,
                false => least = middle,
            }
        }
        // The rows that wait for their names take some more.
        for more in [512, 700, 1000, 1500, 2000, 3000, 5000, 10_000, 100_000] {
            let limit = format!("ulimit -v {}", enough + more);
            let (outcome, _) = listing(&tree, etc.path(), &limit);
            assert_named(&outcome, |_| true, 100);
            assert_silent(&outcome);
        }
        let (outcome, _) = listing(&tree, etc.path(), "ulimit -v 20000");
        assert_named(&outcome, |_| true, 100);
    });
}

/// A control group of the test's own with so much memory, if one can be made here.
struct MemoryGroup(PathBuf);

impl MemoryGroup {
    fn new(bytes: u64) -> Option<Self> {
        for (mount, file) in [
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            ("/sys/fs/cgroup", "memory.max"),
        ] {
            // Not named for the process, whose number is 1 in every world.
            let mut name = tempfile::Builder::new();
            let Ok(group) = name.prefix("netstat-test-").tempdir_in(mount) else {
                continue;
            };
            let group = MemoryGroup(group.keep());
            // Beside version 1 stands a directory without any groups, in which files can be made: these limit nothing and stay.
            let limit = OpenOptions::new().write(true).open(group.0.join(file));
            if limit.is_ok_and(|mut limit| write!(limit, "{bytes}").is_ok()) {
                return Some(group);
            }
        }
        None
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_small_control_group_loses_no_name() {
    in_new_world(|_| {
        let Some(group) = MemoryGroup::new(4 << 20) else {
            println!("skipped: there is no control group of memory to be had here");
            return;
        };
        let (tree, etc) = (connections(500), asking_etc("", PATIENT));
        let join = format!("echo 0 > {}/cgroup.procs", group.0.display());
        assert_once(|| {
            let server = NameServer::start(Conduct {
                delay: Duration::from_millis(100),
                ..Conduct::default()
            });
            let (outcome, _) = listing(&tree, etc.path(), &join);
            assert_named(&outcome, |_| true, 500);
            assert_silent(&outcome);
            let most = server.most_at_a_time();
            (most == 16, format!("{most} at a time"))
        });
    });
}
