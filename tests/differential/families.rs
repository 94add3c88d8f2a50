//! Live comparison with the reference: unix sockets of every type and state, and group memberships.

use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::Path;

use crate::support::random::Random;
use crate::support::sockets::{fill, pair_to};
use crate::support::world::{World, in_new_world};
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect,
    listen, send, socket_with, socketpair,
};

/// What people ask about unix sockets.
const UNIX: [&str; 24] = [
    "-x",
    "-xa",
    "-xl",
    "-xal",
    "-xp",
    "-xap",
    "-xlp",
    "-lx",
    "-xlpn",
    "--unix",
    "--unix -l",
    "-A unix -a",
    "-xe",
    "-xo",
    "-xW",
    "-xv",
    "-xneopvW",
    "-xN",
    "-x4",
    "-xt",
    "-x6a",
    "-xg",
    "-p",
    "-anp",
];

const GROUPS: [&str; 20] = [
    "-g",
    "-gn",
    "-g4",
    "-g6",
    "-g46",
    "-g4n",
    "-g6n",
    "-ga",
    "-gl",
    "-gv",
    "-gx",
    "-gtn",
    "-gp",
    "-gneopvW",
    "--groups",
    "-g --numeric-hosts",
    "-g --numeric-ports",
    "-gN",
    "-gS",
    "-g -A inet6",
];

/// Options to draw combinations from.
const DRAWN: [&str; 20] = [
    "-x",
    "-x",
    "-g",
    "-a",
    "-a",
    "-l",
    "-e",
    "-p",
    "-p",
    "-n",
    "-v",
    "-o",
    "-W",
    "-N",
    "-4",
    "-6",
    "-t",
    "--numeric-hosts",
    "-A unix",
    "--wide",
];

fn unix(kind: SocketType) -> OwnedFd {
    socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap()
}

/// A socket with a name, of a path or, behind `@`, abstract.
fn bound(kind: SocketType, name: &[u8]) -> OwnedFd {
    let socket = unix(kind);
    bind(&socket, &address(name)).unwrap();
    socket
}

fn address(name: &[u8]) -> SocketAddrUnix {
    match name {
        [b'@', name @ ..] => SocketAddrUnix::new_abstract_name(name).unwrap(),
        path => SocketAddrUnix::new(path).unwrap(),
    }
}

const CONNECTED: [SocketType; 2] = [SocketType::STREAM, SocketType::SEQPACKET];

/// Sockets of every type: unbound, bound, abstract, listening with and without connections waiting, connected, connected to
/// nobody any more, in pairs.
fn every_unix_socket(world: &mut World, directory: &Path) {
    let path = |name: &str| {
        [
            directory.as_os_str().as_encoded_bytes(),
            b"/",
            name.as_bytes(),
        ]
        .concat()
    };
    for kind in [
        SocketType::STREAM,
        SocketType::DGRAM,
        SocketType::SEQPACKET,
        SocketType::RAW,
    ] {
        let number = kind.as_raw();
        world.keep(unix(kind));
        world.keep(bound(kind, &path(&format!("bound-{number}"))));
        world.keep(bound(kind, format!("@abstract-{number}").as_bytes()));
        let (one, other) =
            socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
        world.keep(one);
        world.keep(other);
        let (one, other) =
            socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
        world.keep(one);
        drop(other);
    }
    for kind in CONNECTED {
        let number = kind.as_raw();
        for (name, backlog, waiting) in [("idle", 5, 0), ("busy", 5, 3), ("full", 0, 1)] {
            for name in [
                path(&format!("{name}-{number}")),
                format!("@{name}-{number}").into_bytes(),
            ] {
                let listener = bound(kind, &name);
                listen(&listener, backlog).unwrap();
                for _ in 0..waiting {
                    let client = unix(kind);
                    connect(&client, &address(&name)).unwrap();
                    world.keep(client);
                }
                // One that was accepted, and whose client has a name too.
                if backlog > 0 {
                    let client = unix(kind);
                    if waiting > 0 {
                        let own = [name.as_slice(), b"-client"].concat();
                        bind(&client, &address(&own)).unwrap();
                    }
                    connect(&client, &address(&name)).unwrap();
                    world.keep(accept_with(&listener, SocketFlags::CLOEXEC).unwrap());
                    world.keep(client);
                }
                world.keep(listener);
            }
        }
        // Nobody listens any more, but a connection waits.
        let name = path(&format!("left-{number}"));
        let listener = bound(kind, &name);
        listen(&listener, 1).unwrap();
        let client = unix(kind);
        connect(&client, &address(&name)).unwrap();
        drop(listener);
        world.keep(client);
    }
    let receiver = bound(SocketType::DGRAM, &path("receiver"));
    for unread in 0..3u8 {
        let sender = unix(SocketType::DGRAM);
        connect(&sender, &address(&path("receiver"))).unwrap();
        send(&sender, &[unread; 100], SendFlags::empty()).unwrap();
        world.keep(sender);
    }
    world.keep(receiver);
}

/// Names of every kind; without control bytes, which we show as dots.
fn odd_names(world: &mut World, directory: &Path) {
    let directory = directory.as_os_str().as_encoded_bytes();
    let fill = |length: usize| {
        b"/".iter()
            .copied()
            .chain((0..).map(|_| b'x'))
            .take(length - directory.len())
            .collect::<Vec<_>>()
    };
    for name in [
        b"/with blanks in it".as_slice(),
        b"/ ",
        "/\u{e9}t\u{e9}-\u{4e2d}\u{6587}".as_bytes(),
        b"/\xff\xfe\xa0raw",
        b"/%s%n",
        b"/-",
        b"/[::1]:80",
        b"/100",
    ] {
        world.keep(bound(SocketType::STREAM, &[directory, name].concat()));
    }
    // The longest path with and without room for its NUL.
    for length in [106, 107] {
        world.keep(bound(
            SocketType::DGRAM,
            &[directory, &fill(length)].concat(),
        ));
    }
    for name in [
        b"@".as_slice(),
        b"@@",
        b"@/looks/like/a/path",
        b"@with blanks",
        b"@\0\0nuls\0in\0it\0",
        b"@\xff\xfe",
        &[b'@'; 108],
    ] {
        let socket = bound(SocketType::DGRAM, name);
        world.keep(socket);
    }
    // A name of the kernel's choice: five hexadecimal digits.
    let named = unix(SocketType::DGRAM);
    bind(&named, &SocketAddrUnix::new_unnamed()).unwrap();
    world.keep(named);
}

fn compare_unix(world: &mut World, seed: u64) {
    world.compare_all(&UNIX);
    world.compare_all(&Random::new(seed).command_lines(&DRAWN, 7, 150));
    world.compare_passes("-xc", 2);
    world.compare_passes("-xalpc", 2);
}

#[test]
#[ignore = "needs root and net-tools"]
fn unix_sockets() {
    in_new_world(|world| {
        let directory = tempfile::Builder::new().prefix("u").tempdir().unwrap();
        every_unix_socket(world, directory.path());
        odd_names(world, directory.path());
        compare_unix(world, 11);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn unix_sockets_of_other_processes() {
    in_new_world(|world| {
        let directory = tempfile::Builder::new().prefix("u").tempdir().unwrap();
        let path = |name: &str| {
            [
                directory.path().as_os_str().as_encoded_bytes(),
                b"/",
                name.as_bytes(),
            ]
            .concat()
        };
        for (index, name) in [
            "/usr/bin/dbus-daemon",
            "nginx: worker process",
            "",
            "-bash",
            "/usr/bin/a-very-long-program-name",
        ]
        .iter()
        .enumerate()
        {
            let listener = bound(SocketType::STREAM, &path(&format!("of-{index}")));
            listen(&listener, 1).unwrap();
            world.holder(name, listener.try_clone().unwrap());
            if index % 2 == 0 {
                world.keep(listener);
            }
        }
        world.holder_as("another user's", bound(SocketType::DGRAM, b"@theirs"), 1234);
        compare_unix(world, 12);
        world.run_as(65534);
        world.compare_all(&["-xp", "-xlp", "-xap", "-x", "-p", "-gp"]);
    });
}

/// Sockets in numbers: several reads of the table, several blocks of output.
#[test]
#[ignore = "needs root and net-tools"]
fn many_unix_sockets() {
    in_new_world(|world| {
        for index in 0..300 {
            let name = format!("@many-{index}");
            world.keep(bound(SocketType::DGRAM, name.as_bytes()));
            let (one, other) = socketpair(
                AddressFamily::UNIX,
                SocketType::STREAM,
                SocketFlags::CLOEXEC,
                None,
            )
            .unwrap();
            world.keep(one);
            if index % 3 == 0 {
                world.keep(other);
            }
        }
        world.compare_all(&UNIX);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn memberships() {
    in_new_world(|world| {
        world.compare_all(&GROUPS);
        for (index, name) in ["eth0", "a", "fourteen-chars", "fifteen-chars-x", "eth1.100"]
            .iter()
            .enumerate()
        {
            world.ip(&format!("tuntap add dev {name} mode tap"));
            world.ip(&format!("addr add 10.{index}.0.1/24 dev {name}"));
            world.ip(&format!("link set dev {name} up"));
        }
        world.compare_all(&GROUPS);
        for round in 0..3u8 {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            for index in 0..5u8 {
                let interface = Ipv4Addr::new(10, index, 0, 1);
                for group in [
                    Ipv4Addr::new(224, 0, 0, 251),
                    Ipv4Addr::new(239, 255, index, round),
                ] {
                    socket.join_multicast_v4(&group, &interface).unwrap();
                }
            }
            socket
                .join_multicast_v4(&Ipv4Addr::new(239, 1, 2, 3), &Ipv4Addr::LOCALHOST)
                .unwrap();
            world.keep(socket);
            let socket = UdpSocket::bind("[::]:0").unwrap();
            for interface in 1..5 {
                let group = Ipv6Addr::new(0xff05, 0, 0, 0, 0, interface, u16::from(round), 0xffff);
                socket.join_multicast_v6(&group, interface.into()).unwrap();
                socket
                    .join_multicast_v6(
                        &Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb),
                        interface.into(),
                    )
                    .unwrap();
            }
            world.keep(socket);
        }
        world.compare_all(&GROUPS);
        world.compare_all(&Random::new(13).command_lines(&DRAWN, 7, 80));
        // The reference reads the IPv4 file wrongly from the second pass on.
        world.compare_passes("-gnc", 1);
        world.compare_passes("-g4nc", 2);
    });
}

/// The whole listing at once, with something in every table that a live kernel has here.
#[test]
#[ignore = "needs root and net-tools"]
fn everything() {
    in_new_world(|world| {
        let directory = tempfile::Builder::new().prefix("u").tempdir().unwrap();
        every_unix_socket(world, directory.path());
        let server = std::net::TcpListener::bind("127.0.0.1:80").unwrap();
        let (near, far) = pair_to(&server, server.local_addr().unwrap());
        fill(&near);
        world.keep(near);
        world.keep(far);
        world.keep(server);
        world.keep(UdpSocket::bind("[::1]:53").unwrap());
        world.compare_all(&[
            "",
            "-a",
            "-l",
            "-v",
            "-va",
            "-p",
            "-anp",
            "-lnp",
            "-aneopW",
            "-e",
            "-gxtuwUSa",
            "-2",
            "-2x",
            "-A unix,ipx",
            "-A unix,ax25,inet",
            "--x25",
            "--netrom -x",
            "-x --rose -a",
        ]);
        world.compare_all(&Random::new(14).command_lines(&DRAWN, 7, 100));
        world.compare_passes("-anc", 2);
    });
}
