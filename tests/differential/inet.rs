//! Live comparison with the reference: real sockets in network namespaces, every option and samples of combinations.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::fchown;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::random::Random;
use crate::support::sockets::{
    listener, multipath, pair_to, socket, syn_received, syn_sent, tcp_states,
};
use crate::support::world::{World, in_new_world, wait_for};
use rustix::net::SocketType;
use rustix::net::ipproto::UDPLITE;

/// Every option that says something to a socket listing, and those that say nothing there.
const OPTIONS: [&str; 60] = [
    "-a",
    "-l",
    "-n",
    "-t",
    "-u",
    "-U",
    "-S",
    "-w",
    "-x",
    "-g",
    "-4",
    "-6",
    "-2",
    "-f",
    "-e",
    "-ee",
    "-o",
    "-p",
    "-v",
    "-W",
    "-N",
    "-C",
    "-F",
    "-d",
    "-Z",
    "--all",
    "--listening",
    "--numeric",
    "--numeric-hosts",
    "--numeric-ports",
    "--numeric-users",
    "--tcp",
    "--udp",
    "--udplite",
    "--sctp",
    "--raw",
    "--unix",
    "--groups",
    "--inet",
    "--inet6",
    "--ip",
    "--tcpip",
    "--ddp",
    "--extend",
    "--timers",
    "--programs",
    "--verbose",
    "--wide",
    "--symbolic",
    "--cache",
    "--fib",
    "--context",
    "-Ainet",
    "-Ainet6",
    "-A unix",
    "-A inet,inet6",
    "-A unix,inet6",
    "--protocol=ip6",
    "--protocol inet",
    "operand",
];

/// What people type.
const USUAL: [&str; 24] = [
    "", "-tulnp", "-tunap", "-an", "-lnt", "-plnt", "-nau", "-tnoe", "-tulp", "-tuap", "-antp",
    "-at", "-au", "-lt", "-lu", "-anp", "-tapeo", "-tunaeop", "-wanp", "-Uanp", "-46tanW", "-tan4",
    "-uan6", "-anv",
];

/// Options to draw combinations from: those that work, so that most combinations list something.
const DRAWN: [&str; 26] = [
    "-a",
    "-a",
    "-l",
    "-n",
    "-n",
    "-t",
    "-t",
    "-u",
    "-U",
    "-w",
    "-4",
    "-6",
    "-e",
    "-o",
    "-p",
    "-v",
    "-W",
    "-N",
    "-x",
    "-g",
    "--numeric-hosts",
    "--numeric-ports",
    "--numeric-users",
    "--inet6",
    "-A unix",
    "--wide",
];

/// The usual, every option alone, alone with `-an`, and `sample` combinations; then the usual and a third of the sample from each
/// source that our program has for these tables. What it is told of that means nothing to the reference.
fn compare_options(world: &mut World, seed: u64, sample: usize) {
    world.compare_all(&USUAL);
    world.compare_all(&OPTIONS);
    world.compare_all(&OPTIONS.map(|option| format!("-an {option}")));
    world.compare_all(&Random::new(seed).command_lines(&DRAWN, 7, sample));
    compare_sources(world, seed + 1000, sample / 3);
}

fn compare_sources(world: &mut World, seed: u64, sample: usize) {
    for source in ["never", "always"] {
        world.env("NETSTAT_SOCK_DIAG", source);
        world.compare_all(&USUAL);
        world.compare_all(&Random::new(seed).command_lines(&DRAWN, 7, sample));
    }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
#[ignore = "needs root and net-tools"]
fn nothing_at_all() {
    in_new_world(|world| compare_options(world, 1, 60));
}

#[test]
#[ignore = "needs root and net-tools"]
fn listening() {
    in_new_world(|world| {
        for local in [
            "0.0.0.0:22",
            "127.0.0.1:5000",
            "127.0.0.9:5000",
            "[::]:80",
            "[::1]:53",
            "[::ffff:127.0.0.1]:9999",
        ] {
            world.keep(TcpListener::bind(local).unwrap());
        }
        world.keep(listener(address("[::]:22"), 5, true));
        for local in ["127.0.0.1:1024", "[::1]:65535", "0.0.0.0:7"] {
            world.keep(listener(address(local), 0, false));
        }
        // Connections nobody accepts are a listener's Recv-Q.
        let busy = listener(address("127.0.0.1:3000"), 17, false);
        for _ in 0..3 {
            world.keep(TcpStream::connect("127.0.0.1:3000").unwrap());
        }
        world.keep(busy);
        compare_options(world, 2, 150);
    });
}

/// All eleven states but CLOSE, which no socket in the table keeps.
#[test]
#[ignore = "needs root and net-tools"]
fn tcp_states_and_timers() {
    in_new_world(|world| {
        world.ip("tuntap add dev silent mode tun");
        world.ip("addr add 10.9.0.1/24 dev silent");
        world.ip("link set silent up");

        let server = TcpListener::bind("127.0.0.1:80").unwrap();
        for stream in tcp_states(&server, address("127.0.0.1:80")) {
            world.keep(stream);
        }
        let full = listener(address("127.0.0.1:1"), 0, false);
        world.keep(TcpStream::connect("127.0.0.1:1").unwrap());
        world.keep(syn_sent(None, address("127.0.0.1:1")));
        let knocked = TcpListener::bind("10.9.0.1:22").unwrap();
        syn_received(
            "10.9.0.9:4321".parse().unwrap(),
            "10.9.0.1:22".parse().unwrap(),
        );
        for kept in [server.into(), full, knocked.into()] {
            world.keep(kept);
        }
        for state in ["01", "02", "03", "04", "05", "06", "08", "09", "0A", "0B"] {
            wait_for(&format!("a socket in state {state}"), || {
                std::fs::read_to_string("/proc/thread-self/net/tcp")
                    .unwrap()
                    .contains(&format!(" {state} "))
            });
        }
        compare_options(world, 3, 150);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn tcp6_and_mapped_states() {
    in_new_world(|world| {
        let server = TcpListener::bind("[::]:80").unwrap();
        let six = tcp_states(&server, address("[::1]:80"));
        // One side of these is in the table of IPv4, the other in that of IPv6.
        let mapped = pair_to(&server, address("127.0.0.1:80"));
        let both_mapped = pair_to(&server, address("[::ffff:127.0.0.9]:80"));
        for stream in six
            .into_iter()
            .chain([mapped.0, mapped.1, both_mapped.0, both_mapped.1])
        {
            world.keep(stream);
        }
        let full = listener(address("[::1]:1"), 0, false);
        world.keep(TcpStream::connect("[::1]:1").unwrap());
        world.keep(syn_sent(None, address("[::1]:1")));
        world.keep(full);
        world.keep(server);
        compare_options(world, 4, 120);
    });
}

/// The owner of sockets with more descriptors than are listed one by one: packed, and spread so thinly that trying numbers is given up.
#[test]
#[ignore = "needs root and net-tools"]
fn many_descriptors() {
    in_new_world(|world| {
        let sockets: Vec<_> = (0..1500)
            .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
            .collect();
        for (index, socket) in sockets.iter().enumerate().take(700) {
            let number = 8000 + 10 * i32::try_from(index).unwrap();
            world.keep(rustix::io::fcntl_dupfd_cloexec(socket, number).unwrap());
        }
        world.compare("-uanp");
        drop(sockets);
        for _ in 0..700 {
            world.keep(UdpSocket::bind("127.0.0.1:0").unwrap());
        }
        world.compare("-uanp");
        world.compare("-ulnpe");
    });
}

/// Connections in numbers, through several reads of the table, and several 4096-byte blocks of output.
#[test]
#[ignore = "needs root and net-tools"]
fn many_connections() {
    in_new_world(|world| {
        let four = TcpListener::bind("127.0.0.1:80").unwrap();
        let six = TcpListener::bind("[::1]:80").unwrap();
        for round in 0..150 {
            for server in [&four, &six] {
                let (mut near, far) = pair_to(server, server.local_addr().unwrap());
                near.write_all(&vec![b'x'; round]).unwrap();
                world.keep(near);
                if round % 3 != 0 {
                    world.keep(far);
                }
            }
        }
        for stream in tcp_states(&four, address("127.0.0.1:80")) {
            world.keep(stream);
        }
        world.keep(four);
        world.keep(six);
        world.compare_all(&USUAL);
        world.compare_all(&Random::new(5).command_lines(&DRAWN, 7, 60));
        compare_sources(world, 1005, 40);
    });
}

/// The subflows of a multipath connection have the inode of the one socket that a process holds.
#[test]
#[ignore = "needs root and net-tools"]
fn multipath_connections() {
    in_new_world(|world| {
        if !multipath(world) {
            eprintln!("this kernel has no multipath tcp");
            return;
        }
        world.compare_all(&USUAL);
        compare_sources(world, 1006, 40);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn udp_udplite_and_raw() {
    in_new_world(|world| {
        world.ip("addr add 2001:db8:1234:5678:9abc:def0:1234:5678/128 dev lo nodad");
        let locals = [
            "0.0.0.0:53",
            "127.0.0.1:5353",
            "127.0.0.9:80",
            "[::1]:53",
            "[2001:db8:1234:5678:9abc:def0:1234:5678]:12345",
        ];
        for local in locals.map(address) {
            world.keep(socket(SocketType::DGRAM, 0, Some(local), None));
            world.keep(socket(
                SocketType::DGRAM,
                UDPLITE.as_raw().get(),
                Some(local),
                None,
            ));
        }
        for (local, remote) in [
            ("127.0.0.1:7000", "127.0.0.1:5353"),
            ("[::1]:7000", "[::1]:53"),
            ("[::]:7001", "[::ffff:127.0.0.1]:5353"),
        ] {
            world.keep(socket(
                SocketType::DGRAM,
                0,
                Some(address(local)),
                Some(address(remote)),
            ));
            world.keep(socket(
                SocketType::DGRAM,
                UDPLITE.as_raw().get(),
                Some(address(local)),
                Some(address(remote)),
            ));
        }
        // The port is the kernel's choice here.
        world.keep(socket(
            SocketType::DGRAM,
            0,
            None,
            Some(address("127.0.0.1:53")),
        ));
        let unread = UdpSocket::bind("127.0.0.1:6000").unwrap();
        unread.send_to(&[0; 1000], "127.0.0.1:6000").unwrap();
        world.keep(unread);
        // icmp, tcp, udp, icmp6, one without a name; a raw port is the protocol's number.
        for (protocol, local) in [
            (1, "0.0.0.0:0"),
            (6, "127.0.0.1:0"),
            (17, "127.0.0.9:0"),
            (58, "[::]:0"),
            (58, "[::1]:0"),
            (253, "0.0.0.0:0"),
        ] {
            world.keep(socket(
                SocketType::RAW,
                protocol,
                Some(address(local)),
                None,
            ));
        }
        world.keep(socket(
            SocketType::RAW,
            1,
            None,
            Some(address("127.0.0.9:0")),
        ));
        world.keep(socket(SocketType::RAW, 58, None, Some(address("[::1]:0"))));
        compare_options(world, 6, 150);
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn users_and_programs() {
    in_new_world(|world| {
        let bound = |port: u16| TcpListener::bind(("127.0.0.1", port)).unwrap();
        for (port, uid) in [
            (101, 2),
            (102, 1234),
            (103, 65534),
            (104, 4_294_967_294),
            (105, 77_777),
        ] {
            let listener = bound(port);
            fchown(&listener, Some(uid), None).unwrap();
            world.keep(listener);
        }
        let names = [
            "sshd",
            "/usr/sbin/named",
            "nginx: master process /usr/sbin/nginx -g daemon off;",
            "./relative/path",
            "/usr/bin/dir/",
            "/usr/bin/a-very-long-program-name-indeed",
            "sshd: user@pts/0",
            "-bash",
            "",
            "/",
            "nine é é é é é é é é é",
            "a b/c d",
        ];
        for (port, name) in (201..).zip(names) {
            world.holder(name, bound(port));
        }
        // Two processes and this one hold the same sockets: the lowest pid is shown.
        for port in [301, 302] {
            let shared = bound(port);
            world.holder("first", shared.try_clone().unwrap());
            world.holder("second", shared.try_clone().unwrap());
            if port == 302 {
                world.keep(shared);
            }
        }
        world.holder_as(
            "of another user",
            UdpSocket::bind("127.0.0.1:401").unwrap(),
            1234,
        );
        world.holder(
            "a raw one",
            socket(SocketType::RAW, 1, Some(address("0.0.0.0:0")), None),
        );
        world.holder("six", TcpListener::bind("[::]:402").unwrap());
        compare_options(world, 7, 120);

        // Processes come and go while /proc is read.
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        Command::new("/bin/true").status().unwrap();
                    }
                });
            }
            for _ in 0..10 {
                world.compare_all(&["-tulnp", "-anp", "-wnp", "-p"]);
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

/// Another user sees the rows, but not whose they are. The user is one that has no process anywhere.
#[test]
#[ignore = "needs root and net-tools"]
fn without_privileges() {
    in_new_world(|world| {
        let root = TcpListener::bind("127.0.0.1:22").unwrap();
        world.holder("of root", root);
        world.keep(TcpListener::bind("[::1]:22").unwrap());
        let lines = [
            "-tnp",
            "-tulnp",
            "-anp",
            "-p",
            "-xp",
            "-gp",
            "-gtnp",
            "-Sp",
            "-tnpv",
            "-tanpeo",
            "-anv",
            "-an",
            "-tp --tcpip",
        ];

        world.run_as(61_234);
        world.compare_all(&lines);
        world.compare_passes("-tnpc", 2);

        let own = TcpListener::bind("127.0.0.1:8080").unwrap();
        fchown(&own, Some(61_235), None).unwrap();
        world.holder_as("/usr/bin/mine", own, 61_235);
        world.run_as(61_235);
        world.compare_all(&lines);
        world.compare_all(&Random::new(8).command_lines(&DRAWN, 7, 60));
        world.compare_passes("-tanpc", 2);
    });
}

/// Processes of others are not even listed.
#[test]
#[ignore = "needs root and net-tools"]
fn hidden_processes() {
    in_new_world(|world| {
        world.holder("of root", TcpListener::bind("127.0.0.1:22").unwrap());
        world.holder_as(
            "/usr/bin/mine",
            TcpListener::bind("127.0.0.1:8080").unwrap(),
            61_236,
        );
        world.mount_proc("hidepid=2");
        let lines = ["-tnp", "-tulnp", "-anp", "-p", "-xp"];
        world.compare_all(&lines);
        for uid in [61_236, 61_237] {
            world.run_as(uid);
            world.compare_all(&lines);
        }
    });
}

/// Nothing is printed between passes, and no pass knows of the one before.
#[test]
#[ignore = "needs root and net-tools"]
fn continuous() {
    in_new_world(|world| {
        world.keep(TcpListener::bind("127.0.0.1:22").unwrap());
        world.keep(TcpListener::bind("[::]:80").unwrap());
        let (near, far) = pair_to(
            &TcpListener::bind("127.0.0.9:81").unwrap(),
            address("127.0.0.9:81"),
        );
        world.keep(near);
        world.keep(far);
        for line in [
            "-c",
            "-tanc",
            "-tulnpc",
            "-anepc",
            "--continuous --numeric --all --tcp",
            "-xc",
            "-cS",
            "-cA ax25",
            "-c2",
            "-tanvc",
        ] {
            world.compare_passes(line, 2);
        }
    });
}
