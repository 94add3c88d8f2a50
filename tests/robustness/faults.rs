//! What goes wrong around the program: stdout and stderr, files that cannot be read, want of descriptors and memory, signals, a system that
//! changes while it is looked at. It must neither crash nor hang, nor lose anything in silence.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::thread;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use crate::support::alone::alone;
use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::transcript::transcript;
use crate::support::tree::Tree;

const NETSTAT: &str = env!("CARGO_BIN_EXE_netstat");

/// Seconds that a run must get done in. It takes some milliseconds.
const LIMIT: &str = "120";

/// Runs a shell command in which `$0` is our program.
fn sh(command: &str) -> Output {
    let output = Command::new("timeout")
        .args([LIMIT, "sh", "-c", command, NETSTAT])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    // What timeout(1) says.
    assert_ne!(output.status.code(), Some(124), "{command} does not end");
    output
}

#[track_caller]
fn ends(command: &str, status: i32, stderr: &str) {
    let output = sh(command);
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(status), stderr),
        "{command}"
    );
}

const FULL: &str = "netstat: write error: No space left on device\n";

const CLOSED: &str = "netstat: write error: Bad file descriptor\n";

#[test]
fn a_full_stdout_is_mentioned_and_ends_the_run() {
    alone(|| {
        for args in [
            "-an", "-anp", "-rn", "-i", "-ie", "-gn", "-s", "-x", "-anc", "-c", "-rnc",
        ] {
            let output = sh(&format!("exec \"$0\" {args} >/dev/full"));
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.ends_with(FULL), "{args}: {stderr}");
            assert_eq!(stderr.matches(FULL).count(), 1, "{args}: {stderr}");
            assert_eq!(output.status.code(), Some(1), "{args}");
        }
        ends("exec \"$0\" -V >/dev/full", 1, FULL);
        let help = sh("exec \"$0\" -h >/dev/full");
        assert!(String::from_utf8_lossy(&help.stderr).ends_with(FULL));
        assert_eq!(help.status.code(), Some(1));
        // Many rows: it fails with the first block.
        let lines = "0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 0\n".repeat(10_000);
        let many = Tree::new("many").file("net/tcp", format!("header\n{lines}"));
        let root = many.proc().display();
        ends(
            &format!("exec \"$0\" --proc-root {root} -tn >/dev/full"),
            1,
            FULL,
        );
    });
}

#[test]
fn closed_standard_descriptors_are_harmless() {
    let tree = Tree::new("closed")
        .file(
            "net/tcp",
            "h\n0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 0\n",
        )
        .file("net/unix", "Inode\n0: 2 0 10000 1 1 7 /run/x\nbogus\n")
        .file("net/snmp", "Ip: InReceives\nIp: 7\n");
    let root = tree.proc().display();
    for args in ["-an", "-t", "-s", "-xan"] {
        let plain = sh(&format!("exec \"$0\" --proc-root {root} {args}"));
        let messages = String::from_utf8_lossy(&plain.stderr);
        for closed in [
            ">&-",
            "<&-",
            "<&- >&-",
            "<&- >&- 2>&-",
            "2>&-",
            "2>/dev/full",
        ] {
            let output = sh(&format!("exec \"$0\" --proc-root {root} {args} {closed}"));
            let lost = closed.split(' ').any(|closed| closed == ">&-");
            let status = if lost { Some(1) } else { plain.status.code() };
            assert_eq!(output.status.code(), status, "{args} {closed}");
            let heard = match (closed.contains("2>"), lost) {
                (true, _) => String::new(),
                (false, true) => format!("{messages}{CLOSED}"),
                (false, false) => messages.to_string(),
            };
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(stderr, heard, "{args} {closed}");
            if !lost {
                assert_eq!(output.stdout, plain.stdout, "{args} {closed}");
            }
        }
    }
    ends("exec \"$0\" -V >&-", 1, CLOSED);
    let help = sh("exec \"$0\" -h >&-");
    assert!(String::from_utf8_lossy(&help.stderr).ends_with(CLOSED));
    assert_eq!(help.status.code(), Some(1));
    let json = format!("exec \"$0\" --proc-root {root} --json -tn >&-");
    ends(&json, 1, CLOSED);
    let empty = Tree::new("empty").directory("net");
    let root = empty.proc().display();
    for redirect in ["2>&-", "2>/dev/full", "2>/dev/full >/dev/full"] {
        for (args, status) in [
            ("-Q".to_owned(), 3),
            ("-A bad".to_owned(), 1),
            ("-i -r".to_owned(), 3),
            (format!("--proc-root {root} -t"), 1),
            (format!("--proc-root {root} -M"), 1),
        ] {
            ends(&format!("exec \"$0\" {args} {redirect}"), status, "");
        }
    }
}

#[test]
fn a_reader_that_leaves_ends_the_run() {
    let lines = "0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 0\n".repeat(20_000);
    let tree = Tree::new("many").file("net/tcp", format!("header\n{lines}"));
    for (ignored, args) in [
        (false, "-tn"),
        (true, "-tn"),
        (false, "-tnc"),
        (true, "-tnc"),
    ] {
        let trap = if ignored { "trap '' PIPE;" } else { "" };
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "{trap} exec {NETSTAT} --proc-root {} {args}",
                tree.proc().display()
            ))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.stderr, b"", "{args}");
        if ignored {
            assert_eq!(output.status.code(), Some(0), "{args}");
        } else {
            assert_eq!(output.status.signal(), Some(libc::SIGPIPE), "{args}");
        }
    }
}

/// Every file that a table comes from, and a command line that reads it.
const FILES: [(&str, &str); 40] = [
    ("net/tcp", "-tn"),
    ("net/tcp6", "-tn6"),
    ("net/udp", "-un"),
    ("net/udp6", "-un6"),
    ("net/udplite", "-Un"),
    ("net/udplite6", "-Un6"),
    ("net/raw", "-wn"),
    ("net/raw6", "-wn6"),
    ("net/sctp/eps", "-San"),
    ("net/sctp/assocs", "-San"),
    ("net/sctp6/eps", "-San"),
    ("net/igmp", "-gn"),
    ("net/igmp6", "-gn6"),
    ("net/unix", "-xa"),
    ("net/ipx/socket", "--ipx"),
    ("net/ipx", "--ipx"),
    ("net/ax25", "--ax25"),
    ("net/x25", "--x25"),
    ("net/nr", "--netrom"),
    ("net/rose", "--rose"),
    ("net/snmp", "-s"),
    ("net/netstat", "-s"),
    ("net/sctp/snmp", "-s"),
    ("net/snmp6", "-s6"),
    ("net/route", "-rn"),
    ("net/rt_cache", "-rnC"),
    ("net/ipv6_route", "-rn6"),
    ("net/ipx_route", "-rn -A ipx"),
    ("net/ax25_route", "-rn -A ax25"),
    ("net/nr_nodes", "-rn -A netrom"),
    ("net/nr_neigh", "-rn -A netrom"),
    ("net/rose_nodes", "-rn -A rose"),
    ("net/rose_neigh", "-rn -A rose"),
    ("net/x25/route", "-rn -A x25"),
    ("net/x25_routes", "-rn -A x25"),
    ("net/atalk_route", "-rn -A ddp"),
    ("net/ip_masquerade", "-Mn"),
    ("net/dev", "-i"),
    ("net/dev", "-ie"),
    ("net/if_inet6", "-ie"),
];

/// A program that is still running after this long waits for something.
fn run(tree: &Tree, args: &str) -> Outcome {
    Run::new(Program::Ours, args.split_whitespace())
        .proc(tree.proc())
        .output()
}

/// Neither a signal nor a panic, and stdout ends with a whole line.
#[track_caller]
pub fn ended_well(what: &str, args: &str, outcome: &Outcome) {
    let text = transcript(args, outcome);
    assert!(
        matches!(outcome.ending, Ending::Exit(0 | 1 | 3 | 255)),
        "{what} {text}"
    );
    assert!(!text.contains("panicked"), "{what} {text}");
    assert!(
        outcome.stdout.is_empty() || outcome.stdout.ends_with(b"\n"),
        "{what} {text}"
    );
}

#[test]
fn other_things_in_the_place_of_files() {
    for (file, args) in FILES {
        let tree = |name| Tree::new(name).file("net/dev", "h\nh\n");
        let without = |tree: &Tree| {
            let _ = fs::remove_file(tree.proc().join(file));
        };
        let directory = tree("directory");
        without(&directory);
        let directory = directory.directory(file);
        ended_well(file, args, &run(&directory, args));

        let fifo = tree("fifo").file(file, "");
        without(&fifo);
        let path = fifo.proc().join(file);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        ended_well(file, args, &run(&fifo, args));

        for target in [
            "/dev/zero",
            "/dev/tty",
            "/proc/self/mem",
            "/proc/kmsg",
            "loop",
        ] {
            let link = tree("link");
            without(&link);
            let link = link.link(file, target);
            if target == "loop" {
                let place = link.proc().join(file);
                let name = place.file_name().unwrap().to_owned();
                fs::remove_file(&place).unwrap();
                std::os::unix::fs::symlink(name, place).unwrap();
            }
            ended_well(&format!("{file} -> {target}"), args, &run(&link, args));
        }
    }
    // Where processes are expected.
    let tree = Tree::new("processes")
        .file("net/tcp", "header\n")
        .file("1", "")
        .directory("2")
        .file("3/fd", "")
        .file("4/cmdline", "x")
        .link("4/fd/3", "socket:[11]")
        .link("5", "/dev/zero")
        .directory("6/cmdline")
        .link("6/fd/3", "socket:[12]")
        .link("7/cmdline", "/dev/zero")
        .link("7/fd/3", "socket:[13]");
    nix::unistd::mkfifo(&tree.proc().join("8"), nix::sys::stat::Mode::S_IRUSR).unwrap();
    ended_well("processes", "-anp", &run(&tree, "-anp"));
}

/// The memory of a process cannot be read where it begins: EIO. (An error behind some lines is tested with the reader of lines.)
#[test]
fn a_read_error_ends_the_table() {
    alone(|| {
        for (file, args) in FILES {
            let tree = Tree::new("error")
                .file("net/dev", "h\nh\n")
                .directory("proc");
            let _ = fs::remove_file(tree.proc().join(file));
            let tree = tree.link(file, "/proc/self/mem");
            let outcome = match with_procfs(&tree, args) {
                Ok(outcome) => outcome,
                Err(error) => {
                    eprintln!("SKIPPED: no procfs can be mounted here: {error}");
                    return;
                }
            };
            ended_well(file, args, &outcome);
            if (file, args) == ("net/snmp", "-s") {
                let text = transcript(args, &outcome);
                assert!(
                    text.contains("! /proc/net/snmp: Input/output error$"),
                    "{text}"
                );
            }
        }
    });
}

/// A run that has a procfs below its root: a link to a process's memory leads nowhere else.
fn with_procfs(tree: &Tree, args: &str) -> nix::Result<Outcome> {
    let none = None::<&str>;
    let mount_and_run = || {
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount(none, "/", none, MsFlags::MS_PRIVATE | MsFlags::MS_REC, none)?;
        let place = tree.proc().join("proc");
        mount(Some("proc"), &place, Some("proc"), MsFlags::empty(), none)?;
        Ok(run(tree, args))
    };
    thread::scope(|scope| scope.spawn(mount_and_run).join().unwrap())
}

#[test]
fn no_proc_at_all() {
    for args in [
        "-an", "-anp", "-t", "-rn", "-i", "-ie", "-s", "-s6", "-gn", "-Mn", "-xp",
    ] {
        for root in ["/nowhere/at/all", "/dev/null", "/dev"] {
            let output = sh(&format!("exec \"$0\" --proc-root {root} {args}"));
            let code = output.status.code();
            assert!(
                matches!(code, Some(0 | 1 | 3 | 255)),
                "{root} {args}: {code:?}"
            );
        }
    }
}

const EVERYTHING: [&str; 9] = [
    "-anpe", "-a", "-xap", "-rn", "-rn6", "-i", "-ie", "-s", "-gn",
];

/// With few descriptors everything works or it is said what does not.
#[test]
fn few_descriptors() {
    alone(|| {
        for descriptors in 4..=9 {
            for args in EVERYTHING {
                let output = sh(&format!("ulimit -n {descriptors}; exec \"$0\" {args}"));
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert!(
                    matches!(output.status.code(), Some(0 | 1)),
                    "{descriptors} {args}: {:?} {stderr}",
                    output.status
                );
                assert!(!stderr.contains("panicked"), "{stderr}");
            }
        }
        let output = sh("ulimit -n 5; exec \"$0\" -anp");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "warning, not all processes could be looked at: Too many open files\n"
        );
        let output = sh("ulimit -n 5; exec \"$0\" -i");
        assert!(output.status.success());
    });
}

/// 16 MiB of address space are enough, the program and its libraries included; threads that cannot be had are done without.
#[test]
fn little_memory() {
    alone(|| {
        // A release build needs 4 MiB.
        for kibibytes in [16_384, 24_576, 65_536] {
            for args in EVERYTHING {
                let output = sh(&format!("ulimit -v {kibibytes}; exec \"$0\" {args}"));
                assert!(
                    output.status.success(),
                    "{kibibytes} {args}: {:?} {}",
                    output.status,
                    String::from_utf8_lossy(&output.stderr)
                );
            }
        }
    });
}

#[test]
fn signals_that_mean_nothing_change_nothing() {
    alone(|| {
        let mut child = Command::new(NETSTAT)
            .args(["-anc", "--interval", "0.01"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        let kill = |signals: &[&str]| {
            let all: String = signals
                .iter()
                .map(|signal| format!("kill -{signal} {pid};"))
                .collect();
            assert!(sh(&all).status.success());
        };
        let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
        for round in 0..100 {
            assert!(rows.next().is_some(), "it ended in round {round}");
            kill(&["WINCH", "STOP", "CONT", "CHLD"]);
        }
        kill(&["INT"]);
        drop(rows);
        let output = child.wait_with_output().unwrap();
        let signal = output.status.signal();
        assert!(
            matches!(signal, Some(libc::SIGINT | libc::SIGPIPE)),
            "{signal:?}"
        );
        assert_eq!(output.stderr, b"");
    });
}
