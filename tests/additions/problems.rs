//! Counters that mean trouble, read from whole trees and from the running kernel.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::{assert_refused, ours, text as text_of};
use crate::support::program::{Ending, Run};
use crate::support::tree::Tree;
use netstat::collect::problems::Readings;
use netstat::proc_root::ProcRoot;
use netstat::record::problem::{CONNTRACK, INTERFACE, SOCKSTAT, SOFTNET, TROUBLES, Values};

/// The counters of a directory laid out like `/proc`.
fn read(directory: &Path) -> Readings {
    Readings::read(&ProcRoot::new(directory.to_owned()).locate().unwrap())
}

/// A directory with these files.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// `[INTERFACE] COUNTER=VALUE`, a line for each.
fn shown(now: &Readings, before: Option<&Readings>) -> Vec<String> {
    now.problems(before)
        .iter()
        .map(|(interface, problem)| {
            let interface = interface.map(|name| format!("{} ", String::from_utf8_lossy(name)));
            let (counter, value) = (problem.trouble.counter, problem.value);
            format!("{}{counter}={value}", interface.unwrap_or_default())
        })
        .collect()
}

/// No counter is invented: the kernel of this recording has all those of `snmp`, `netstat` and `snmp6`.
#[test]
fn a_recent_kernel_has_every_counter() {
    let recorded =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/statistics-linux-6.18/proc");
    let readings = read(&recorded);
    let elsewhere = [SOFTNET, SOCKSTAT, CONNTRACK, INTERFACE];
    for trouble in TROUBLES
        .iter()
        .filter(|it| !elsewhere.contains(&&*it.table))
    {
        let value = readings.value(&trouble.table, &trouble.counter);
        assert!(value.is_some(), "{} {}", trouble.table, trouble.counter);
    }
}

/// The same of the files that no recording has, from the kernel that runs: its counters of sockets and CPUs are always there.
#[test]
fn the_running_kernel_has_its_counters() {
    let readings = Readings::read(&ProcRoot::default());
    for (table, counter) in [
        (SOFTNET, "processed"),
        (SOFTNET, "dropped"),
        (SOFTNET, "time_squeeze"),
        (SOCKSTAT, "TCP orphan"),
        (SOCKSTAT, "TCP tw"),
        (SOCKSTAT, "TCP mem"),
        (SOCKSTAT, "UDP mem"),
        (SOCKSTAT, "FRAG memory"),
        ("Tcp", "OutSegs"),
        ("TcpExt", "ListenOverflows"),
    ] {
        assert!(
            readings.value(table, counter).is_some(),
            "{table} {counter}"
        );
    }
    // Whatever they are, nothing has moved between a moment and itself but what is in use.
    for (_, problem) in readings.problems(Some(&readings)) {
        assert!([SOCKSTAT, CONNTRACK].contains(&&*problem.trouble.table));
    }
}

const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
  eth0:    100   10000    1   10    3     4          0         0      100       2    5    6    7     9       8          0
  eth1:    100   10000    0   11    0     0          0         0      100       2    0    0    0     0       0          0
";

#[test]
fn all_files_are_read() {
    let directory = tree(&[
        (
            "net/snmp",
            "Ip: InReceives OutNoRoutes\nIp: 100 3\nTcp: OutSegs RetransSegs\nTcp: 1000 11\n",
        ),
        (
            "net/netstat",
            "TcpExt: ListenOverflows ListenDrops\nTcpExt: 5 5\n",
        ),
        ("net/snmp6", "Ip6InReceives 5\nUdp6RcvbufErrors 47\n"),
        (
            "net/softnet_stat",
            "00000100 00000002 00000000\n00000100 00000001 00000000\n",
        ),
        (
            "net/sockstat",
            "TCP: inuse 1 orphan 90 tw 0 alloc 1 mem 8\nUDP: inuse 0 mem 9\n",
        ),
        ("net/sockstat6", "FRAG6: inuse 1 memory 4000\n"),
        (
            "net/stat/nf_conntrack",
            "entries insert_failed drop\n0000005a 00000000 00000001\n",
        ),
        ("net/dev", DEV),
        ("sys/net/ipv4/tcp_max_orphans", "100\n"),
        ("sys/net/ipv4/tcp_mem", "5\t8\t10\n"),
        ("sys/net/ipv4/udp_mem", "5\t8\t10\n"),
        ("sys/net/ipv6/ip6frag_high_thresh", "4194304\n"),
        ("sys/net/netfilter/nf_conntrack_max", "100\n"),
    ]);
    let readings = read(directory.path());
    assert_eq!(
        shown(&readings, None),
        [
            "OutNoRoutes=3",
            "RetransSegs=11",
            "ListenOverflows=5",
            "ListenDrops=5",
            "Udp6RcvbufErrors=47",
            "dropped=3",
            "TCP orphan=90",
            "TCP mem=8",
            "UDP mem=9",
            "entries=90",
            "drop=1",
            // Ten in ten thousand are no more than one in a thousand.
            "eth0 rx_err=1",
            "eth0 rx_ovr=3",
            "eth0 rx_frame=4",
            "eth0 tx_err=5",
            "eth0 tx_drp=6",
            "eth0 tx_ovr=7",
            "eth0 tx_carrier=8",
            "eth1 rx_drp=11",
        ]
    );

    fs::write(
        directory.path().join("net/netstat"),
        "TcpExt: ListenOverflows ListenDrops\nTcpExt: 7 5\n",
    )
    .unwrap();
    fs::write(
        directory.path().join("net/dev"),
        DEV.replace("10000    1", "10000    4")
            .replace("eth1", "eth2"),
    )
    .unwrap();
    assert_eq!(
        shown(&read(directory.path()), Some(&readings)),
        [
            "ListenOverflows=2",
            "TCP orphan=90",
            "TCP mem=8",
            "UDP mem=9",
            "entries=90",
            "eth0 rx_err=3",
            // An interface that was not there before begins at nothing.
            "eth2 rx_drp=11",
        ]
    );
}

#[test]
fn files_that_are_missing_or_damaged_have_no_problems() {
    assert!(read(tree(&[]).path()).problems(None).is_empty());
    let garbage = "\u{0}\u{1b}[31m: x\n: 1\n18446744073709551616 ffffffffffffffffffff\n\n:\n";
    let files = [
        "net/snmp",
        "net/netstat",
        "net/snmp6",
        "net/softnet_stat",
        "net/sockstat",
        "net/sockstat6",
        "net/stat/nf_conntrack",
        "net/dev",
        "sys/net/ipv4/tcp_mem",
    ]
    .map(|file| (file, garbage));
    let directory = tree(&files);
    // The one number of the garbage that stands where the kernel has one.
    assert_eq!(
        shown(&read(directory.path()), None),
        [format!("dropped={}", usize::MAX)]
    );
}

/// What the kernel counts when things really go wrong, in a network namespace of a thread's own where `lo` is up and nothing else.
#[test]
#[ignore = "needs root and net-tools"]
fn real_faults_are_problems() {
    thread::spawn(|| {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
        let up = Command::new("ip")
            .args(["link", "set", "lo", "up"])
            .status();
        assert!(up.unwrap().success());
        // The directory of a thread has the tables of its namespace.
        let root = ProcRoot::new(PathBuf::from("/proc/thread-self"))
            .locate()
            .unwrap();
        let before = Readings::read(&root);
        let since = || -> Vec<&'static str> {
            let now = Readings::read(&root);
            let problems = now.problems(Some(&before));
            // The CPUs and the memory of sockets are those of the whole machine.
            let names = problems
                .iter()
                .filter(|(_, problem)| ![SOFTNET, SOCKSTAT].contains(&&*problem.trouble.table))
                .map(|(_, problem)| &*problem.trouble.counter);
            names.collect()
        };
        assert_eq!(since(), [""; 0]);

        no_route();
        assert_eq!(since(), ["OutNoRoutes"]);
        full_receive_buffer();
        assert_eq!(since(), ["OutNoRoutes", "RcvbufErrors"]);
        wrong_checksum();
        assert_eq!(since(), ["OutNoRoutes", "RcvbufErrors", "InCsumErrors"]);

        let _sockets = full_listen_queue();
        assert!(since().contains(&"ListenOverflows"));
        assert!(since().contains(&"ListenDrops"));
        // Requests that are dropped are sent again, the first time after a second.
        let start = Instant::now();
        while !since().contains(&"RetransSegs") {
            assert!(start.elapsed() < Duration::from_secs(60), "{:?}", since());
            thread::sleep(Duration::from_millis(100));
        }
        assert!(since().contains(&"TCPSynRetrans"));
    })
    .join()
    .unwrap();
}

/// Sends to where no route leads.
fn no_route() {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    assert!(socket.send_to(b"x", "192.0.2.1:9").is_err());
}

/// Sends more to a socket than it holds.
fn full_receive_buffer() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = receiver.local_addr().unwrap();
    for _ in 0..1000 {
        sender.send_to(&[0; 10_000], address).unwrap();
    }
}

/// Sends a datagram whose checksum is wrong.
fn wrong_checksum() {
    use rustix::net::{
        AddressFamily, SendFlags, SocketAddrV4, SocketType, ipproto, sendto, socket,
    };

    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = receiver.local_addr().unwrap().port();
    let raw = socket(AddressFamily::INET, SocketType::RAW, Some(ipproto::UDP)).unwrap();
    // Source port, destination port, length, checksum; with a sum of 1, the data would have to be something else.
    let mut datagram = [0, 9, 0, 0, 0, 9, 0, 1, b'x'];
    datagram[2..4].copy_from_slice(&port.to_be_bytes());
    let address = SocketAddrV4::new([127, 0, 0, 1].into(), 0);
    sendto(&raw, &datagram, SendFlags::empty(), &address).unwrap();
}

/// A listener that accepts nothing, and more connections than its queue takes.
fn full_listen_queue() -> (TcpListener, Vec<OwnedFd>) {
    use rustix::io::Errno;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, listen, socket_with};

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listen(&listener, 1).unwrap();
    let address = listener.local_addr().unwrap();
    let sockets = (0..30)
        .map(|_| {
            let socket = socket_with(
                AddressFamily::INET,
                SocketType::STREAM,
                SocketFlags::NONBLOCK | SocketFlags::CLOEXEC,
                None,
            )
            .unwrap();
            assert!(matches!(
                connect(&socket, &address),
                Ok(()) | Err(Errno::INPROGRESS)
            ));
            socket
        })
        .collect();
    (listener, sockets)
}

/// Counters of a machine on which two things went wrong.
fn troubled() -> Tree {
    Tree::new("problems")
        .file(
            "net/snmp",
            "Tcp: OutSegs RetransSegs\nTcp: 1000 31\nUdp: InDatagrams RcvbufErrors\nUdp: 100 47\n",
        )
        .file(
            "net/netstat",
            "TcpExt: ListenOverflows TCPSackRecovery\nTcpExt: 5 9\n",
        )
}

#[test]
fn problems_are_explained_and_decide_the_exit_status() {
    let tree = troubled();
    let outcome = Run::ours(&tree, "-s --problems").output();
    let text = String::from_utf8(outcome.stdout).unwrap();
    assert!(text.contains(
        "       5 TcpExt ListenOverflows      connections were dropped because a listen queue was full (netstat -tln --show backlog_limit,drops)\n"
    ));
    assert!(text.contains(
        "      47 Udp RcvbufErrors            datagrams were dropped because a receive buffer was full (netstat -uan --show drops,recv_buffer)\n"
    ));
    // Of retransmissions only their share tells.
    assert!(text.contains("      31 Tcp RetransSegs ") && text.contains(", 3.1 % of 1000 ("));
    assert_eq!(text.lines().count(), 3);
    assert_eq!(outcome.ending, Ending::Exit(1));

    let json = Run::ours(&tree, "-s --problems --json").output();
    let records: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).unwrap();
    let of = |name: &str| records.iter().find(|record| record["problem"] == name);
    let overflows = of("ListenOverflows").unwrap();
    assert_eq!(
        (&overflows["table"], &overflows["value"]),
        (&"TcpExt".into(), &5.into())
    );
    assert_eq!(of("RetransSegs").unwrap()["of"], 1000);
    assert_eq!(json.ending, Ending::Exit(1));

    let sound = Tree::new("sound").file("net/netstat", "TcpExt: ListenOverflows\nTcpExt: 0\n");
    let outcome = Run::ours(&sound, "-s --problems").output();
    assert_eq!(
        text_of(&outcome),
        (String::new(), String::new(), Ending::Exit(0))
    );
}

/// With a pause between reports only what moves is a problem, and the first report is a pause later.
#[test]
fn old_problems_do_not_count_between_reports() {
    let tree = troubled();
    for options in [
        "-sc --interval 0.1 --count 2",
        "-s --interval 0.1 --count 1",
        "-s --count 1",
    ] {
        let outcome = Run::ours(&tree, &format!("--problems {options}")).output();
        assert_eq!(
            text_of(&outcome),
            (String::new(), String::new(), Ending::Exit(0)),
            "{options}"
        );
    }
    // `-c` alone repeats no statistics, as ever.
    let outcome = Run::ours(&tree, "-sc --problems").output();
    assert_eq!(outcome.ending, Ending::Exit(1));
}

#[test]
fn problems_are_statistics() {
    assert_refused(
        &ours("--problems").output(),
        "option '--problems' needs '--statistics'",
        3,
    );
}
