//! The counters of a kernel, after traffic that moves them.

use std::io::{Read, Write, pipe};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::libc::linger;
use nix::sys::socket::{setsockopt, sockopt};

use crate::support::program::{Program, REFERENCE, mount_over, private_mounts};
use crate::support::random::Random;
use crate::support::tree::Tree;
use crate::support::world::{World, in_new_world, wait_for};

const USUAL: [&str; 22] = [
    "-s",
    "-st",
    "-su",
    "-sw",
    "-sS",
    "-sU",
    "-stu",
    "-stw",
    "-suw",
    "-stuw",
    "-s4",
    "-s6",
    "-s6t",
    "-s6u",
    "-s6w",
    "-s6U",
    "-s46",
    "-sx",
    "-sv",
    "-san",
    "-sc",
    "--statistics --tcp --inet6",
];

const DRAWN: [&str; 14] = [
    "-t", "-u", "-w", "-S", "-U", "-4", "-6", "-a", "-n", "-v", "-e", "-p", "-o", "-W",
];

fn compare(world: &mut World, seed: u64) {
    world.compare_all(&USUAL);
    let lines: Vec<String> = Random::new(seed)
        .command_lines(&DRAWN, 5, 60)
        .iter()
        .map(|line| format!("-s {line}"))
        .collect();
    world.compare_all(&lines);
}

#[test]
#[ignore = "needs root and net-tools"]
fn untouched() {
    in_new_world(|world| compare(world, 11));
}

/// Moves data over a new connection and ends it in the usual way, or with a reset.
fn connection(server: &TcpListener, reset: bool) {
    let mut near = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let (mut far, _) = server.accept().unwrap();
    near.write_all(&[7; 20_000]).unwrap();
    far.read_exact(&mut [0; 10_000]).unwrap();
    if reset {
        let at_once = linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&near, sockopt::Linger, &at_once).unwrap();
    }
    // What is left unread resets the other direction as well.
}

/// Sends to a port where nobody is, until the refusal has come back.
fn refused_datagram(local: &str, remote: &str) {
    let socket = UdpSocket::bind(local).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    socket.connect(remote).unwrap();
    socket.send(b"anybody?").unwrap();
    let error = socket.recv(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// An echo request and its answer, by the kernel's own ping sockets.
fn ping(remote: SocketAddr) {
    use nix::sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrStorage, recv, sendto,
        socket,
    };
    use std::os::fd::AsRawFd;
    let (family, protocol, request) = match remote {
        SocketAddr::V4(_) => (AddressFamily::Inet, SockProtocol::Icmp, 8),
        SocketAddr::V6(_) => (AddressFamily::Inet6, SockProtocol::IcmpV6, 128),
    };
    let socket = socket(family, SockType::Datagram, SockFlag::empty(), protocol).unwrap();
    let message = [request, 0, 0, 0, 0, 0, 0, 1, 42];
    sendto(
        socket.as_raw_fd(),
        &message,
        &SockaddrStorage::from(remote),
        MsgFlags::empty(),
    )
    .unwrap();
    recv(socket.as_raw_fd(), &mut [0; 64], MsgFlags::empty()).unwrap();
}

#[test]
#[ignore = "needs root and net-tools"]
fn after_traffic() {
    in_new_world(|world| {
        world.ip("link add eth7 type veth peer name eth8");
        world.ip("link set eth7 up");
        world.ip("link set eth8 up");
        world.ip("addr add 192.0.2.1/24 dev eth7");
        world.ip("addr add 2001:db8::1/64 dev eth7 nodad");
        std::fs::write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647").unwrap();

        for local in ["127.0.0.1:0", "[::1]:0"] {
            let server = TcpListener::bind(local).unwrap();
            for round in 0..6 {
                connection(&server, round % 2 == 0);
            }
        }
        for refused in ["127.0.0.1:9", "[::1]:9"] {
            TcpStream::connect(refused).unwrap_err();
        }
        for _ in 0..3 {
            refused_datagram("127.0.0.1:0", "127.0.0.1:9");
            refused_datagram("[::1]:0", "[::1]:9");
        }
        let heard = UdpSocket::bind("127.0.0.1:5353").unwrap();
        for _ in 0..400 {
            // More than the socket holds: errors of the receive buffer.
            let _ = heard.send_to(&[0; 8000], "127.0.0.1:5353");
        }
        ping((Ipv4Addr::LOCALHOST, 0).into());
        ping((Ipv6Addr::LOCALHOST, 0).into());
        // Nobody answers for these: neighbour solicitations, unreachable hosts.
        let asked = UdpSocket::bind("0.0.0.0:0").unwrap();
        let _ = asked.send_to(b"?", "192.0.2.9:9");
        let asked6 = UdpSocket::bind("[::]:0").unwrap();
        let _ = asked6.send_to(b"?", "[2001:db8::9]:9");
        wait_for("neighbour solicitations", || {
            std::fs::read_to_string("/proc/thread-self/net/snmp6")
                .unwrap()
                .lines()
                .any(|line| line.starts_with("Icmp6OutNeighborSolicits") && !line.ends_with("\t0"))
        });
        compare(world, 12);

        // What the test is about is really there.
        let shown = |args: &str| {
            let output = Command::new(REFERENCE).arg(args).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let inet = shown("-s");
        for row in [
            " resets sent",
            "destination unreachable: ",
            "echo replies: ",
            " packets to unknown port received",
            " connections reset due to early user close",
        ] {
            assert!(
                inet.lines()
                    .any(|line| line.contains(row) && !line.trim_start().starts_with("0 ")),
                "{row} in:\n{inet}"
            );
        }
        let inet6 = shown("-s6");
        for row in ["echo requests: ", "neighbor solicits: "] {
            assert!(inet6.contains(row), "{row} in:\n{inet6}");
        }
    });
}

/// Where stdout and stderr are one pipe, the message stands where the reference puts it: behind whole blocks of 4096 bytes.
#[test]
#[ignore = "needs root and net-tools"]
fn messages_among_the_rows() {
    for rows in [0, 1, 100, 180, 181, 182, 183, 184, 400, 800, 4000] {
        let keys: String = (0..rows).map(|row| format!(" Counter{row:05}")).collect();
        let tree = Tree::new("interleaved")
            .file(
                "net/snmp",
                format!(
                    "Foo:{keys}\nFoo:{}\nTcp InSegs\nTcp: 4\n",
                    " 12345".repeat(rows)
                ),
            )
            .file("net/netstat", "IpExt: A\nIpExt: 3\n")
            .directory("net/sctp/snmp");
        let both = |program: &str| {
            let (mut reader, writer) = pipe().unwrap();
            thread::scope(|scope| {
                scope.spawn(|| {
                    private_mounts();
                    mount_over(tree.proc(), Path::new("/proc"));
                    Command::new(program)
                        .arg("-s")
                        .env_clear()
                        .stdout(Stdio::from(writer.try_clone().unwrap()))
                        .stderr(Stdio::from(writer))
                        .spawn()
                        .unwrap()
                        .wait()
                        .unwrap()
                });
                let mut text = Vec::new();
                reader.read_to_end(&mut text).unwrap();
                text
            })
        };
        let ours = match Program::under_test() {
            Program::Reference => REFERENCE,
            Program::Ours | Program::Mounted => env!("CARGO_BIN_EXE_netstat"),
        };
        assert!(both(REFERENCE) == both(ours), "{rows} rows");
    }
}
