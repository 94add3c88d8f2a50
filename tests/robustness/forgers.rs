//! Names with newlines that pose as rows of unix sockets: that they cost little, and what is said where nothing proves them false.

use std::os::fd::OwnedFd;
use std::time::Duration;

use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike;
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen,
    sendto, socket_with,
};

use super::support::program::{Ending, Program, Run};
use super::support::sockets::inode;
use super::support::world::in_new_world;

const WARNING: &str = "warning, not every line of /proc/net/unix is known to stand for a socket: some may be forged by names with newlines.\n";

fn socket(kind: SocketType) -> OwnedFd {
    socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap()
}

fn address(name: &str) -> SocketAddrUnix {
    SocketAddrUnix::new_abstract_name(name.as_bytes()).unwrap()
}

fn listener(name: &str) -> OwnedFd {
    let socket = socket(SocketType::STREAM);
    bind(&socket, &address(name)).unwrap();
    listen(&socket, 5).unwrap();
    socket
}

/// A connection that nobody accepts.
fn client(name: &str) -> OwnedFd {
    let socket = socket(SocketType::STREAM);
    connect(&socket, &address(name)).unwrap();
    socket
}

/// A row just as the kernel writes it.
fn row(flags: u32, state: u8, inode: u64, name: &str) -> String {
    let blank = if name.is_empty() { "" } else { " " };
    format!(
        "0000000000000000: 00000002 00000000 {flags:08X} 0001 {state:02X} {inode:5}{blank}{name}"
    )
}

/// What the processes that this one has started, and that have ended, took of the processors.
fn spent() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let both = usage.user_time() + usage.system_time();
    Duration::from_micros(both.num_microseconds().try_into().unwrap())
}

/// What the run took of the processors, and what it wrote.
fn listing(program: Program, source: &str) -> (Duration, String, String) {
    let before = spent();
    let run = Run::new(program, ["-xan"]).env("NETSTAT_SOCK_DIAG", source);
    let outcome = run.output();
    let took = spent() - before;
    assert_eq!(outcome.ending, Ending::Exit(0));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (took, text(&outcome.stdout), text(&outcome.stderr))
}

/// The kernel goes through all of its sockets for each question about one of them. Each listener has a connection that nobody accepts:
/// three rows, two of which can bring a line that asks for a question.
#[test]
#[ignore = "needs root and net-tools"]
fn forged_names_cost_little() {
    in_new_world(|_| {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        // Each listener takes two descriptors.
        let count = usize::try_from(hard.saturating_sub(1000) / 2)
            .unwrap()
            .min(8000);
        assert!(count > 1000, "too few descriptors: {hard}");
        // The least of three runs of the reference and of ours.
        let measure = |name: fn(usize) -> String| {
            let sockets: Vec<OwnedFd> = (0..count)
                .flat_map(|number| [listener(&name(number)), client(&name(number))])
                .collect();
            let mut least = [Duration::MAX; 2];
            for _ in 0..3 {
                for (least, program) in least.iter_mut().zip([Program::Reference, Program::Ours]) {
                    let (took, rows, _) = listing(program, "");
                    *least = took.min(*least);
                    if program == Program::Ours {
                        assert_eq!(rows.lines().count(), 2 + sockets.len() * 3 / 2);
                        assert!(!rows.contains("forged"));
                    }
                }
            }
            least
        };
        let honest = measure(|number| format!("{number}-{}", "x".repeat(60)));
        let forged = measure(|number| format!("{number}\n{}", row(0, 1, 6_666_666, "forged")));
        eprintln!(
            "the reference and ours: {honest:?} with honest names, {forged:?} with forged ones"
        );
        // A question for each suspicion made it more than ten times as slow. (Optimised, it takes less than twice the reference's time.)
        assert!(
            forged[1] < 5 * honest[1] + Duration::from_millis(100),
            "{forged:?} {honest:?}"
        );
    });
}

/// Closed sockets that have sent something which nobody has read: the kernel counts them among its sockets but does not list them.
fn unlisted(count: usize) -> Vec<OwnedFd> {
    let receiver = socket(SocketType::DGRAM);
    bind(&receiver, &address("receiver")).unwrap();
    for _ in 0..count {
        sendto(
            socket(SocketType::DGRAM),
            b"x",
            SendFlags::empty(),
            &address("receiver"),
        )
        .unwrap();
    }
    vec![receiver]
}

#[test]
#[ignore = "needs root and net-tools"]
fn what_cannot_be_vouched_for_is_mentioned() {
    for hidden in [0, 5] {
        in_new_world(|world| {
            for socket in unlisted(hidden) {
                world.keep(socket);
            }
            let victim = listener("victim");
            let victims = inode(&victim);
            world.keep(victim);
            for name in ["a", "b"] {
                world.keep(listener(name));
                world.keep(client(name));
            }
            let silent = |source: &str| {
                let (_, rows, complaint) = listing(Program::Ours, source);
                let (_, expected, _) = listing(Program::Reference, "");
                assert_eq!(complaint, "");
                assert_eq!(rows, expected);
            };
            silent("");
            silent("never");
            for (what, line) in [
                ("a socket that nobody has", row(0, 1, 6_666_666, "")),
                (
                    "a server that nobody has",
                    row(0x10000, 1, 6_666_666, "/run/x"),
                ),
                ("the victim in another state", row(0, 3, victims, "@victim")),
                ("the victim by another name", row(0x10000, 1, victims, "@x")),
                ("a connection to no server", row(0, 2, 0, "@nobody")),
                (
                    "what the kernel does not write",
                    "0:2 0 0 1 1 6666 x".to_owned(),
                ),
            ] {
                let forger = listener(&format!("c\n{line}"));
                let (_, rows, complaint) = listing(Program::Ours, "never");
                let (_, expected, _) = listing(Program::Reference, "");
                assert_eq!(rows, expected, "{what}");
                assert_eq!(complaint, WARNING, "{what}, {hidden} hidden");
                // The list tells.
                let (_, rows, complaint) = listing(Program::Ours, "");
                assert_eq!(rows.lines().count(), expected.lines().count() - 1, "{what}");
                assert_eq!(complaint, "");
                drop(forger);
            }
            silent("never");
        });
    }
}
