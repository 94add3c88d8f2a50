//! A live system that hides processes, shuts its tables, or changes while it is looked at.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use super::faults::ended_well;
use crate::support::program::{Ending, Program, Run};
use crate::support::stop::StopOnDrop;
use crate::support::transcript::transcript;
use crate::support::tree::Tree;
use crate::support::world::in_new_world;

#[test]
#[ignore = "needs root and net-tools"]
fn processes_that_are_hidden() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        world.holder("holder", listener);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        world.holder_as("nobodys", listener, 65534);
        world.mount_proc("hidepid=2");
        world.compare_all(&["-tanp", "-anp", "-xap", "-i", "-rn", "-s"]);
        world.run_as(65534);
        world.compare_all(&["-tanp", "-anp", "-xap", "-i", "-rn", "-s"]);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn tables_that_may_not_be_read() {
    let tree = Tree::new("unreadable")
        .file("net/tcp", "h\n")
        .mode("net", 0);
    for args in ["-an", "-t", "-x", "-rn", "-s", "-i", "-g"] {
        for program in [Program::Reference, Program::Mounted] {
            let outcome = Run::new(program, args.split_whitespace())
                .proc(tree.proc())
                .uid(65534)
                .output();
            if program == Program::Mounted {
                ended_well("unreadable", args, &outcome);
            }
        }
    }
    let compared = |args: &str| {
        let run = |program| {
            let run = Run::new(program, args.split_whitespace());
            run.proc(tree.proc()).uid(65534).output()
        };
        assert_eq!(
            transcript(args, &run(Program::Mounted)),
            transcript(args, &run(Program::Reference))
        );
    };
    for args in ["-an", "-t", "-x", "-s", "-g"] {
        compared(args);
    }
}

/// Processes, sockets and interfaces that come and go as fast as they can, and a process that opens and closes thousands of descriptors.
#[test]
#[ignore = "needs root and net-tools"]
fn a_system_in_motion() {
    in_new_world(|_world| {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _stop = StopOnDrop(&stop);
            let running = || !stop.load(Ordering::Relaxed);
            scope.spawn(move || {
                while running() {
                    let child = Command::new("/bin/true").arg0("short-lived").status();
                    assert!(child.is_ok());
                }
            });
            scope.spawn(move || {
                while running() {
                    let mut held: Vec<OwnedFd> = Vec::new();
                    for _ in 0..1500 {
                        let (one, other) = UnixStream::pair().unwrap();
                        held.extend([one.into(), other.into()]);
                    }
                }
            });
            scope.spawn(move || {
                while running() {
                    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                    let address = listener.local_addr().unwrap();
                    let pairs: Vec<_> = (0..50)
                        .filter_map(|_| TcpStream::connect(address).ok())
                        .collect();
                    drop(pairs);
                }
            });
            scope.spawn(move || {
                while running() {
                    for change in [
                        "add veth7 type veth peer name veth8",
                        "set veth7 up",
                        "del veth7",
                    ] {
                        let mut ip = Command::new("ip");
                        ip.arg("link").args(change.split(' '));
                        let _ = ip.stderr(Stdio::null()).status();
                    }
                }
            });
            let (mut round, mut vanished) = (0, 0);
            // On, until some were looked at while they went.
            while round < 60 || (vanished < 6 && round < 200) {
                let others = ["-tanp", "-xap", "-i", "-rn", "-g"];
                for args in ["-anpe", "-iea", others[round % others.len()]] {
                    let outcome = Run::new(Program::Ours, args.split_whitespace()).output();
                    let text = transcript(args, &outcome);
                    ended_well(&format!("round {round}"), args, &outcome);
                    // The reference's way with an interface that is gone once it is looked at.
                    let gone = args.starts_with("-i") && outcome.ending == Ending::Exit(1);
                    vanished += usize::from(gone);
                    assert!(gone || outcome.ending == Ending::Exit(0), "{text}");
                    assert_eq!(gone, !outcome.stderr.is_empty(), "{text}");
                }
                round += 1;
            }
            eprintln!("{round} rounds, {vanished} met an interface that was gone");
        });
        assert!(Path::new("/proc/self").exists());
    });
}
