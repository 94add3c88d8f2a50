//! Names on a live system that would steer a terminal or forge a row.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketType, bind, connect, listen, socket as new_socket,
};

use super::hostile::{controls, ended_well};
use crate::support::program::{Outcome, Program, Run};
use crate::support::sockets::inode;
use crate::support::stop::StopOnDrop;
use crate::support::transcript::transcript;
use crate::support::world::{in_new_world, standing_still};

/// Names that ring, colour, move the cursor or open a control sequence in one byte of C1.
const EVIL: &str = "\u{1b}[31m\u{7}\u{9b}x\u{7f}";

fn abstract_name(name: &[u8]) -> SocketAddrUnix {
    SocketAddrUnix::new_abstract_name(name).unwrap()
}

fn unix_socket(kind: SocketType, name: &SocketAddrUnix) -> OwnedFd {
    let socket = new_socket(AddressFamily::UNIX, kind, None).unwrap();
    bind(&socket, name).unwrap();
    socket
}

fn ours(args: &str) -> Outcome {
    Run::new(Program::Ours, args.split_whitespace()).output()
}

fn shown(args: &str) -> String {
    let outcome = ours(args);
    assert!(ended_well(&outcome), "{}", transcript(args, &outcome));
    String::from_utf8_lossy(&outcome.stdout).into_owned()
}

/// Control bytes in the names of processes, sockets, hosts, services, users, networks and interfaces: the reference lets them out, we do not.
#[test]
#[ignore = "needs root and net-tools"]
fn no_name_steers_the_terminal() {
    in_new_world(|world| {
        let more = |file: &str, text: String| {
            let path = Path::new("/etc").join(file);
            let old = fs::read_to_string(&path).unwrap();
            fs::write(path, old + &text).unwrap();
        };
        more("hosts", format!("127.0.0.66 host{EVIL}\n"));
        more("services", format!("service{EVIL} 666/tcp\n"));
        more("networks", format!("net{EVIL} 10.66.0.0\n"));
        more("passwd", format!("user{EVIL}:x:666:666::/:/bin/sh\n"));

        let listener = std::net::TcpListener::bind("127.0.0.66:666").unwrap();
        std::os::unix::fs::fchown(&listener, Some(666), None).unwrap();
        world.holder_as(&format!("name{EVIL}"), listener, 666);
        let socket = unix_socket(
            SocketType::STREAM,
            &abstract_name(format!("path{EVIL}").as_bytes()),
        );
        world.holder(&format!("holder{EVIL}"), socket);
        let interface = "e\u{1b}[3m\u{9b}\u{7f}";
        let tamed = "e.[3m...";
        world.ip(&format!("link add {interface} type veth peer name other"));
        world.ip(&format!("addr add 10.66.0.1/24 dev {interface}"));
        world.ip("link set other up");
        world.ip(&format!("link set {interface} up"));
        world.ip(&format!("addr add 2001:db8::1/64 dev {interface} nodad"));

        for (args, expected) in [
            ("-taeepW", vec!["host", "service", "user", "name"]),
            ("-tae", vec!["host"]),
            ("-xap", vec!["path", "holder"]),
            ("-r", vec![tamed]),
            ("-re", vec![tamed]),
            ("-ree", vec![]),
            ("-r6", vec![tamed]),
            ("-i", vec![tamed]),
            ("-ie", vec![tamed]),
            ("-g", vec![tamed]),
        ] {
            // The kernel sends packets of its own on an interface that came up.
            let run = |program| Run::new(program, args.split_whitespace()).output();
            let (reference, outcome) =
                standing_still(args, || run(Program::Reference), || run(Program::Ours));
            assert_ne!(
                controls(&reference.stdout),
                b"",
                "{args}: the reference shows none"
            );
            let text = transcript(args, &outcome);
            assert_eq!(controls(&outcome.stdout), b"", "{text}");
            assert_eq!(controls(&outcome.stderr), b"", "{text}");
            assert!(ended_well(&outcome), "{text}");
            assert_eq!(
                outcome.stdout.len(),
                reference.stdout.len(),
                "{text}: a dot for each byte"
            );
            let shown = String::from_utf8_lossy(&outcome.stdout).into_owned();
            for word in expected {
                // Columns cut most of them.
                let begin = if word == tamed {
                    "e.[3m"
                } else {
                    &format!("{word}.")
                };
                assert!(shown.contains(begin), "{text}: no {begin}");
            }
        }
    });
}

/// A row as the kernel would write it, for a name to contain.
fn forged(inode: u64, path: &str) -> String {
    format!("0000000000000000: 00000002 00000000 00010000 0001 01 {inode} {path}")
}

#[test]
#[ignore = "needs root and net-tools"]
fn no_name_forges_a_row() {
    in_new_world(|world| {
        let victim = unix_socket(SocketType::STREAM, &abstract_name(b"victim"));
        listen(&victim, 5).unwrap();
        let victims = inode(&victim);
        world.keep(victim);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("in-a-directory\n0:1 0 0 1 1 66 x");
        let names: Vec<SocketAddrUnix> = [
            // A socket nobody has.
            format!("a\n{}", forged(6666, "/run/forged")),
            // The victim's, in another state; a connection to it; one without inode.
            format!("b\n0:9 0 0 1 3 {victims} @victim"),
            "c\n0:9 0 0 1 2 0 @victim\n0:9 0 0 1 2 0 @forged".to_owned(),
            // Several, empty lines, bogus lines, white space, a NUL.
            "d\n0:2 0 0 1 1 6666 /run/forged\n\n\nbogus\n".to_owned(),
            "e \n\t0:2 0 0 1 1 6666 /run/forged".to_owned(),
            "f\0\n0:2 0 0 1 1 6666 /run/forged".to_owned(),
            "\n0:2 0 0 1 1 6666 /run/forged".to_owned(),
        ]
        .iter()
        .map(|name| abstract_name(name.as_bytes()))
        .chain([SocketAddrUnix::new(&path).unwrap()])
        .collect();
        let mut inodes = vec![victims];
        for name in &names {
            let socket = unix_socket(SocketType::STREAM, name);
            listen(&socket, 5).unwrap();
            inodes.push(inode(&socket));
            world.keep(socket);
            // A connection that nobody accepts: it has the same name and no inode.
            let client = new_socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
            connect(&client, name).unwrap();
            inodes.push(inode(&client));
            world.keep(client);
        }
        let reference = Run::new(Program::Reference, ["-xan"]).output();
        assert!(String::from_utf8_lossy(&reference.stdout).contains("/run/forged"));

        let outcome = ours("-xan");
        let text = transcript("-xan", &outcome);
        assert_eq!(outcome.stderr, b"", "{text}");
        assert!(!text.contains("forged"), "{text}");
        let mut listed: Vec<u64> = text
            .lines()
            .skip(3)
            .map(|row| {
                // After the state, which may be blank.
                let inode = row.get(51..).unwrap().split_whitespace().next();
                inode.unwrap().parse().unwrap()
            })
            .collect();
        let pending = listed.iter().filter(|&&inode| inode == 0).count();
        assert_eq!(pending, names.len(), "{text}");
        listed.retain(|&inode| inode != 0);
        listed.sort_unstable();
        inodes.sort_unstable();
        assert_eq!(listed, inodes, "{text}");
        assert_eq!(text.matches("@victim").count(), 1, "{text}");
        assert!(!shown("-xln").contains("forged"));
        assert!(!shown("-anp").contains("forged"));

        // Without diagnostics the forged rows are there, but not in silence.
        let unproved = Run::new(Program::Ours, ["-xan"])
            .env("NETSTAT_SOCK_DIAG", "never")
            .output();
        assert_eq!(unproved.stdout, reference.stdout);
        let mut expected = reference.stderr.clone();
        expected.extend_from_slice(
            b"warning, not every line of /proc/net/unix is known to stand for a socket: some may be forged by names with newlines.\n",
        );
        assert_eq!(unproved.stderr, expected);
    });
}

/// Sockets with such names that are gone before or made after anybody could have looked.
#[test]
#[ignore = "needs root and net-tools"]
fn no_name_forges_a_row_by_a_race() {
    in_new_world(|world| {
        // Enough for a file of several reads, so that there is time.
        for n in 0..600 {
            let name = abstract_name(format!("honest-{n}").as_bytes());
            let socket = unix_socket(SocketType::STREAM, &name);
            world.keep(socket);
        }
        let stop = AtomicBool::new(false);
        let made = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let _stop = StopOnDrop(&stop);
            for forger in 0..2 {
                let (stop, made) = (&stop, &made);
                scope.spawn(move || {
                    let mut n = 0;
                    while !stop.load(Ordering::Relaxed) {
                        n += 1;
                        let name = format!(
                            "{forger}-{n}\n0:2 0 0 1 1 6666 /run/forged\n0:2 0 10000 1 1 6667 /run/forged"
                        );
                        let address = abstract_name(name.as_bytes());
                        let socket = unix_socket(SocketType::STREAM, &address);
                        if n % 3 == 0 {
                            listen(&socket, 1).unwrap();
                        }
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let mut seen_by_reference = 0;
            for _ in 0..150 {
                let reference = Run::new(Program::Reference, ["-xan"]).output();
                seen_by_reference +=
                    usize::from(String::from_utf8_lossy(&reference.stdout).contains("forged"));
                let rows = shown("-xan");
                assert!(!rows.contains("forged"), "{rows}");
                // The kernel itself skips or repeats a row now and then when a chain of its table changes between two reads.
                let honest = rows.matches("@honest-").count();
                assert!((597..=603).contains(&honest), "{honest}: {rows}");
            }
            eprintln!(
                "{} forgeries made, the reference shows one in {seen_by_reference} of 150 runs",
                made.load(Ordering::Relaxed)
            );
            assert_ne!(seen_by_reference, 0);
        });
    });
}

/// Honest sockets, among them those whose end the list cannot tell: all rows are the reference's.
#[test]
#[ignore = "needs root and net-tools"]
fn honest_names_make_no_difference() {
    in_new_world(|world| {
        let long = "x".repeat(106);
        let names = ["a", "@a", "with blanks in it", "nul\0in\0it\0", "", &long];
        for (n, name) in names.iter().enumerate() {
            for kind in [SocketType::STREAM, SocketType::SEQPACKET, SocketType::DGRAM] {
                let address = abstract_name(format!("{name}{n}").as_bytes());
                let socket = unix_socket(kind, &address);
                if kind != SocketType::DGRAM {
                    listen(&socket, 50).unwrap();
                    for _ in 0..20 {
                        let client = new_socket(AddressFamily::UNIX, kind, None).unwrap();
                        connect(&client, &address).unwrap();
                        world.keep(client);
                    }
                }
                world.keep(socket);
            }
        }
        let socket = unix_socket(SocketType::STREAM, &abstract_name(b""));
        world.keep(socket);
        for n in 0..300 {
            let (one, other) = std::os::unix::net::UnixStream::pair().unwrap();
            world.keep(one);
            world.keep(other);
            let address = abstract_name(format!("named-{n}").as_bytes());
            world.keep(unix_socket(SocketType::DGRAM, &address));
        }
        world.compare_all(&["-x", "-xa", "-xl", "-xap", "-a", "-anp"]);
        world.env("NETSTAT_SOCK_DIAG", "never");
        world.compare_all(&["-x", "-xa"]);
    });
}
