//! `--netns` and `--all-netns` for those who may enter no namespace: the tables are read in the directories of processes.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;

use serde_json::Value;

use crate::namespaces::{command, sections, server, there};
use crate::own_processes::{USER, among_own_processes, label_of, name_blue, namespace_of, pid_of};
use crate::support::program::{Ending, Outcome};
use crate::{assert_refused, text};

/// The records of a run, by their namespace's process.
fn records(outcome: &Outcome) -> BTreeMap<u64, Vec<Value>> {
    let records: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
    let mut by_process: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for record in records {
        let process = record["netns_pid"].as_u64().unwrap_or(0);
        by_process.entry(process).or_default().push(record);
    }
    by_process
}

const REPORTS: [&str; 14] = [
    "-an", "-tln", "-tan", "-uan", "-tuane", "-anv", "-rn", "-r6n", "-rnee", "-s", "-s6", "-gn",
    "-xan", "-wan",
];

/// The tables of a process are those of the namespace it lives in, whoever it is.
#[test]
#[ignore = "needs root and net-tools"]
fn an_ordinary_user_sees_the_tables_of_every_process() {
    among_own_processes(|world, processes| {
        world.keep(server(1111));
        let _other = processes.resident("other", 0);
        let _own = processes.resident("own", USER);
        let _container = processes.container("container");
        let held = ["other", "own", "container"].map(|name| {
            there(&namespace_of(name), || {
                command("ip link set lo up");
                command("ip addr add 10.9.8.7/24 dev lo");
                let server = server(4711);
                let near = TcpStream::connect("127.0.0.1:4711").unwrap();
                let far = server.accept().unwrap().0;
                let six = TcpListener::bind("[::1]:4712").unwrap();
                let udp = UdpSocket::bind("10.9.8.7:53").unwrap();
                (server, near, far, six, udp)
            })
        });
        for name in ["other", "own", "container"] {
            let (pid, namespace) = (pid_of(name), namespace_of(name));
            for report in REPORTS {
                let expected = text(&there(&namespace, || processes.reference(report)));
                let args = format!("--netns {pid} {report}");
                assert_eq!(
                    text(&processes.ours(&args).uid(USER).output()),
                    expected,
                    "{name} {report}"
                );

                let (stdout, ..) = text(
                    &processes
                        .ours(&format!("--all-netns {report}"))
                        .uid(USER)
                        .output(),
                );
                let sections = sections(&stdout);
                let end = format!("(pid {pid} sleep)");
                let mut of_pid = sections.iter().filter(|section| section.0.ends_with(&end));
                assert_eq!(of_pid.next().unwrap().1, expected.0, "{name} {report}");
                assert!(of_pid.next().is_none(), "{stdout}");
            }
        }

        // What it is called, and what is known of it.
        let records = records(&processes.ours("--all-netns -tln --json").uid(USER).output());
        for name in ["other", "own", "container"] {
            let pid = pid_of(name);
            let of_pid = &records[&u64::from(pid)];
            assert_eq!(of_pid.len(), 2);
            for record in of_pid {
                if name == "other" {
                    assert_eq!(record["netns"], format!("/proc/{pid}/net"));
                    assert_eq!(record["netns_inode"], Value::Null);
                } else {
                    let label = label_of(name);
                    assert_eq!(record["netns"], label);
                    assert_eq!(format!("net:[{}]", record["netns_inode"]), label);
                }
            }
        }
        drop(held);
    });
}

/// Every process was seen, so nothing is hidden.
#[test]
#[ignore = "needs root and net-tools"]
fn nothing_is_said_where_nothing_is_hidden() {
    among_own_processes(|_, processes| {
        command("mount -t tmpfs tmpfs /run");
        let _other = processes.resident("other", 0);
        let outcome = processes.ours("--all-netns -tln").uid(USER).output();
        let (stdout, stderr, ending) = text(&outcome);
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        assert_eq!(sections(&stdout).len(), 2, "{stdout}");
        assert!(stdout.starts_with("Network namespace net:["), "{stdout}");
        assert!(
            sections(&stdout)[0].0.ends_with(" (current, pid 1 sleep)"),
            "{stdout}"
        );
    });
}

const HIDDEN: &str = "(Not all network namespaces could be found: some processes do not let us see\n \
    theirs, you would have to be root to see them all.)\n";

#[test]
#[ignore = "needs root and net-tools"]
fn hidden_processes_hide_namespaces() {
    among_own_processes(|_, processes| {
        command("mount -t tmpfs tmpfs /run");
        let _other = processes.resident("other", 0);
        let _own = processes.resident("own", USER);
        let pid = pid_of("other");
        for hidepid in ["1", "2", "4"] {
            processes.mount("/proc", &format!("hidepid={hidepid}"));
            let (stdout, stderr, ending) =
                text(&processes.ours("--all-netns -tln").uid(USER).output());
            assert_eq!(
                (stderr.as_str(), ending),
                (HIDDEN, Ending::Exit(0)),
                "{hidepid}"
            );
            let sections = sections(&stdout);
            assert_eq!(sections.len(), 2, "{hidepid}: {stdout}");
            assert!(sections[0].0.ends_with(" (current)"), "{stdout}");
            assert!(
                sections[1]
                    .0
                    .ends_with(&format!("(pid {} sleep)", pid_of("own"))),
                "{stdout}"
            );
            let refused = processes
                .ours(&format!("--netns {pid} -tln"))
                .uid(USER)
                .output();
            match hidepid {
                "1" => assert_refused(
                    &refused,
                    &format!("network namespace /proc/{pid}/ns/net: Operation not permitted"),
                    1,
                ),
                "2" => assert_refused(
                    &refused,
                    &format!("option '--netns': no '{pid}' in /run/netns and no such process"),
                    3,
                ),
                // The kernel says this or that, depending on who looked before.
                _ => assert_eq!(text(&refused).0, ""),
            }
            // Nothing is hidden from root.
            let (stdout, stderr, _) = text(&processes.ours("--all-netns -tln").output());
            assert_eq!(
                (stderr.as_str(), crate::namespaces::sections(&stdout).len()),
                ("", 3)
            );
            command("umount /proc");
        }
    });
}

/// A name that cannot be entered is one, even if somebody lives there whose tables are shown.
#[test]
#[ignore = "needs root and net-tools"]
fn names_that_cannot_be_entered() {
    among_own_processes(|_, processes| {
        let blue = name_blue(processes);
        let (_, stderr, ending) = text(&processes.ours("--all-netns -tln").uid(USER).output());
        assert_eq!(ending, Ending::Exit(0));
        assert_eq!(
            stderr,
            "netstat: network namespace blue is left out: Operation not permitted\n"
        );
        assert_refused(
            &processes.ours("--netns blue -tln").uid(USER).output(),
            "network namespace /run/netns/blue: Operation not permitted",
            1,
        );

        let _other = there(&blue, || processes.server("other", server(2222), 0));
        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").uid(USER).output());
        assert_eq!(ending, Ending::Exit(0));
        assert!(stdout.contains("127.0.0.1:2222"), "{stdout}");
        assert_eq!(
            stderr,
            "netstat: network namespace blue cannot be entered and may be one of those shown without a name: \
             Operation not permitted\n"
        );

        // One's own process says which it is.
        let _own = there(&blue, || processes.server("own", server(3333), USER));
        let expected = text(&there(&blue, || processes.reference("-tln")));
        assert_eq!(
            text(&processes.ours("--netns blue -tln").uid(USER).output()),
            expected
        );
        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").uid(USER).output());
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        let sections = sections(&stdout);
        assert_eq!(sections.len(), 2, "{stdout}");
        let first = pid_of("other").min(pid_of("own"));
        assert_eq!(sections[1].0, format!("blue (pid {first} sleep)"));
        assert_eq!(sections[1].1, expected.0);
    });
}

/// What only the kernel knows of interfaces is left open, and said once.
#[test]
#[ignore = "needs root and net-tools"]
fn interfaces_are_those_of_the_files() {
    among_own_processes(|world, processes| {
        world.ip("link add eth7 type veth peer name eth8");
        let _residents = ["one", "two", "three"].map(|name| processes.resident(name, 0));
        let said = "netstat: flags, MTUs, IPv4 addresses and hardware of interfaces are not among the files of /proc; \
            shown as '-' or left out.\n";
        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -in").uid(USER).output());
        assert_eq!((stderr.as_str(), ending), (said, Ending::Exit(0)));
        let own = processes.reference("-in");
        let sections = sections(&stdout);
        assert_eq!(sections.len(), 4);
        assert_eq!(sections[0].1, text(&own).0);
        for (heading, body) in &sections[1..] {
            let rows: Vec<_> = body.lines().skip(2).collect();
            let words: Vec<_> = rows[0].split_whitespace().collect();
            assert_eq!(
                (words[0], words[1], words[10]),
                ("lo", "-", "-"),
                "{heading}: {body}"
            );
            assert!(!body.contains("eth7"), "{body}");
        }
        let (_, stderr, _) = text(
            &processes
                .ours("--all-netns -in -c --count 2 --interval 0.01")
                .uid(USER)
                .output(),
        );
        assert_eq!(stderr, said.repeat(2));
    });
}

/// Sockets of other namespaces have their owners.
#[test]
#[ignore = "needs root and net-tools"]
fn owners_are_found_in_every_namespace() {
    among_own_processes(|_, processes| {
        let other = processes.resident("other", 0);
        let _own = there(&namespace_of("other"), || {
            processes.server("own-server", server(3333), USER)
        });
        let args = format!("-tlnp --netns {}", pid_of("other"));
        let (stdout, ..) = text(&processes.ours(&args).uid(USER).output());
        let owner = format!("{}/own-server", pid_of("own-server"));
        assert!(
            stdout.contains("127.0.0.1:3333") && stdout.contains(&owner),
            "{stdout}"
        );
        drop(other);
    });
}

/// Where the kernel cannot be asked about sockets, forged rows are at least suspected.
#[test]
#[ignore = "needs root and net-tools"]
fn forged_rows_of_other_namespaces_are_mentioned() {
    among_own_processes(|_, processes| {
        let _other = processes.resident("other", 0);
        let pid = pid_of("other");
        let directory = tempfile::tempdir().unwrap();
        let (honest, forger) = there(&namespace_of("other"), || {
            let bind = |name: &str| UnixListener::bind(directory.path().join(name)).unwrap();
            (bind("honest"), bind("forger\n0: 2 0 10000 1 1 9 forged"))
        });
        let args = format!("-xa --netns {pid}");
        let run = || text(&processes.ours(&args).uid(USER).output());
        let (stdout, stderr, _) = run();
        assert!(stdout.contains(" forged\n"), "{stdout}");
        assert!(stderr.starts_with("warning, not every line of"), "{stderr}");
        // Root asks the kernel.
        let (stdout, stderr, _) = text(&processes.ours(&args).output());
        assert!(!stdout.contains(" forged\n"), "{stdout}");
        assert_eq!(stderr, "");
        drop(forger);
        assert_eq!(run().1, "");
        drop(honest);
    });
}
