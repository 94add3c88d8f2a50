//! The other ends of sockets: `peer` and `peer_inode` must be what `ss` and the rows of those sockets say. With them the other fields of
//! sockets that only the diagnostics know: `backlog_limit` of unix sockets, `mptcp`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::Command;

use rustix::net::ipproto::UDPLITE;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};
use serde_json::Value;

use crate::fields::{Object, in_column, parsed, records, system_calls};
use crate::gathered;
use crate::json_schema::assert_fits;
use crate::namespaces::{Holder, name_blue, there};
use crate::support::program::{Ending, Run};
use crate::support::sockets::{self, pair_to, tcp_states};
use crate::support::tree::Tree;
use crate::support::world::{World, in_new_world};
use crate::{ours, text};

/// The records of a run that has nothing to say.
#[track_caller]
fn of(run: &Run) -> Vec<Object> {
    let (stdout, stderr, ending) = text(&run.output());
    assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
    assert_fits(&serde_json::from_str(&stdout).unwrap(), "the other ends");
    parsed(&stdout)
}

#[track_caller]
fn live(args: &str) -> Vec<Object> {
    of(&ours(&format!("--json {args}")))
}

/// The inode of the other end, and who holds it.
fn peer(record: &Object) -> (Option<u64>, Option<&str>) {
    let inode = record["peer_inode"].as_u64();
    (inode, record["peer"].as_str())
}

const SHOWN: &str = "--show peer,peer_inode,pid,program_name";

/// What the other end of each record is: the record with its inode, which has the reversed addresses. Returns how many have one.
#[track_caller]
fn assert_each_is_that_of_its_row(records: &[Object]) -> usize {
    let by_inode: BTreeMap<u64, &Object> = records
        .iter()
        .filter_map(|record| Some((record["inode"].as_u64().filter(|&inode| inode > 0)?, record)))
        .collect();
    let mut met = 0;
    for record in records {
        let (Some(inode), label) = peer(record) else {
            assert_eq!(record["peer"], Value::Null, "{record:?}");
            continue;
        };
        let other = by_inode[&inode];
        let ends = |names: [&str; 2]| names.map(|name| record.get(name));
        for side in [
            ["local_ip", "foreign_ip"],
            ["foreign_port_num", "local_port_num"],
        ] {
            let there = [side[1], side[0]].map(|name| other.get(name));
            let plain =
                |value: Option<&Value>| value.map(|value| value.to_string().replace("::ffff:", ""));
            assert_eq!(ends(side).map(plain), there.map(plain), "{record:?}");
        }
        let holder = (!other["pid"].is_null()).then(|| {
            format!(
                "{}/{}",
                other["pid"],
                other["program_name"].as_str().unwrap()
            )
        });
        assert_eq!(label, holder.as_deref(), "{record:?}");
        met += 1;
    }
    met
}

/// Connections of each kind, one end of which other processes hold.
fn connections(world: &mut World) {
    let four = TcpListener::bind("127.0.0.1:5001").unwrap();
    let both = TcpListener::bind("[::]:5002").unwrap();
    let six = TcpListener::bind("[::1]:5003").unwrap();
    for (name, listener, address) in [
        ("plain", &four, "127.0.0.1:5001"),
        ("mapped", &both, "127.0.0.1:5002"),
        ("six", &six, "[::1]:5003"),
    ] {
        let (near, far) = pair_to(listener, address.parse().unwrap());
        world.holder(&format!("{name}-client"), near);
        world.holder(&format!("{name}-server"), far);
    }
    // No process holds what nobody has accepted; and in most of these states an end is closed.
    let waiting = std::net::TcpStream::connect("127.0.0.1:5001").unwrap();
    let _ = four.accept();
    world.keep(waiting);
    world.keep(std::net::TcpStream::connect("127.0.0.1:5001").unwrap());
    let states = TcpListener::bind("127.0.0.1:5004").unwrap();
    for stream in tcp_states(&states, states.local_addr().unwrap()) {
        world.keep(stream);
    }
    for listener in [four, both, six, states] {
        world.keep(listener);
    }
    let (one, other) = (bound("127.0.0.1:5005"), bound("127.0.0.1:5006"));
    one.connect("127.0.0.1:5006").unwrap();
    other.connect("127.0.0.1:5005").unwrap();
    world.holder("datagrams", one);
    world.keep(other);
    // Connected to who is not connected; to itself; to nobody.
    let (asks, itself, nobody) = (
        bound("127.0.0.1:5007"),
        bound("127.0.0.1:5008"),
        bound("127.0.0.1:5009"),
    );
    asks.connect("127.0.0.1:5010").unwrap();
    itself.connect("127.0.0.1:5008").unwrap();
    nobody.connect("192.0.2.1:9").ok();
    for socket in [asks, itself, nobody, bound("127.0.0.1:5010")] {
        world.keep(socket);
    }
    let (a, b) = (
        "127.0.0.1:5011".parse().unwrap(),
        "127.0.0.1:5012".parse().unwrap(),
    );
    for (local, remote) in [(a, b), (b, a)] {
        let protocol = UDPLITE.as_raw().get();
        world.keep(sockets::socket(
            SocketType::DGRAM,
            protocol,
            Some(local),
            Some(remote),
        ));
    }
}

fn bound(address: &str) -> UdpSocket {
    UdpSocket::bind(address).unwrap()
}

#[test]
#[ignore = "needs root and net-tools"]
fn other_ends_are_the_rows_with_the_reversed_addresses() {
    in_new_world(|world| {
        connections(world);
        let all = live(&format!("-tuUan {SHOWN}"));
        let met = assert_each_is_that_of_its_row(&all);
        assert!(met >= 2 * 3 + 2 + 1 + 12, "{met} of {all:#?}");
        let label = |name: &str, value: Value| {
            let found = all.iter().find(|record| record[name] == value).unwrap();
            let label = found["peer"].as_str().unwrap_or_default();
            label.split_once('/').unzip().1
        };
        for name in ["plain", "mapped", "six"] {
            let (client, server) = (format!("{name}-client"), format!("{name}-server"));
            assert_eq!(label("program_name", server.clone().into()), Some(&*client));
            assert_eq!(label("program_name", client.into()), Some(&*server));
        }
        assert_eq!(label("local_port_num", 5006.into()), Some("datagrams"));
        for alone in [5007, 5009] {
            assert_eq!(label("local_port_num", alone.into()), None);
        }

        // Whatever else is shown, and from where.
        let known = |args: &str| -> BTreeMap<u64, (Option<u64>, Option<String>)> {
            let records = live(&format!("{args} --show peer,peer_inode"));
            let entry = |record: &Object| {
                let (inode, label) = peer(record);
                (
                    record["inode"].as_u64().unwrap(),
                    (inode, label.map(str::to_owned)),
                )
            };
            records
                .iter()
                .filter(|record| record["inode"] != 0)
                .map(entry)
                .collect()
        };
        let whole = known("-tan");
        for args in ["-tn", "-t4n", "-t6n", "-tn --only local_port=5002", "-tnop"] {
            let part = known(args);
            assert!(!part.is_empty());
            for (inode, other) in part {
                assert_eq!(other, whole[&inode], "{args}");
            }
        }
        let by_file =
            of(&ours(&format!("--json -tuUan {SHOWN}")).env("NETSTAT_SOCK_DIAG", "never"));
        assert_eq!(assert_each_is_that_of_its_row(&by_file), met);
        // Servers have none.
        assert!(
            live(&format!("-tuln {SHOWN}"))
                .iter()
                .all(|record| peer(record) == (None, None))
        );
        // To choose by, too.
        let chosen = live("-tn --only peer=*/mapped-*");
        assert_eq!(chosen.len(), 2, "{chosen:?}");
        assert!(
            chosen
                .iter()
                .all(|record| !record.contains_key("peer") && !record.contains_key("pid"))
        );
    });
}

/// Of each unix socket: its own inode, the other's, and the queue of a listener, as `ss` lists them.
fn ss() -> BTreeMap<u64, (u64, u64)> {
    let output = Command::new("ss")
        .args(["-xanH"])
        .output()
        .expect("iproute2 is installed");
    let text = String::from_utf8(output.stdout).unwrap();
    let socket = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |index: usize| words[index].parse::<u64>().unwrap();
        let limit = if words[1] == "LISTEN" { number(3) } else { 0 };
        (number(5), (number(7), limit))
    };
    text.lines().map(socket).collect()
}

fn unix_sockets(world: &mut World) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&listener, 7).unwrap();
    let near = UnixStream::connect(&path).unwrap();
    world.holder("unix-client", near);
    world.holder("unix-server", listener.accept().unwrap().0);
    world.keep(UnixStream::connect(&path).unwrap());
    world.keep(listener);
    let (one, other) = UnixStream::pair().unwrap();
    world.keep(one);
    world.holder("paired", other);
    let (left, gone) = UnixStream::pair().unwrap();
    drop(gone);
    world.keep(left);
    // The receiver of datagrams has no other end, its senders have.
    let log = UnixDatagram::bind(directory.path().join("log")).unwrap();
    let sender = UnixDatagram::unbound().unwrap();
    sender.connect(directory.path().join("log")).unwrap();
    world.keep(sender);
    world.holder("logger", log);
    let kind = SocketType::SEQPACKET;
    let packets = socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None).unwrap();
    let name = SocketAddrUnix::new_abstract_name(b"packets").unwrap();
    rustix::net::bind(&packets, &name).unwrap();
    rustix::net::listen(&packets, 3).unwrap();
    world.keep(packets);
}

#[test]
#[ignore = "needs root and net-tools"]
fn other_ends_of_unix_sockets_are_those_of_ss() {
    in_new_world(|world| {
        unix_sockets(world);
        let theirs = ss();
        let ours = live(&format!("-xan {SHOWN},backlog_limit"));
        assert!(theirs.len() >= 10, "{theirs:?}");
        let mut limits = Vec::new();
        for record in ours.iter().filter(|record| record["inode"] != 0) {
            let (other, limit) = theirs[&record["inode"].as_u64().unwrap()];
            assert_eq!(peer(record).0.unwrap_or(0), other, "{record:?}");
            let listens = record["state"] == "LISTENING";
            assert_eq!(
                record["backlog_limit"].as_u64(),
                listens.then_some(limit),
                "{record:?}"
            );
            limits.extend(record["backlog_limit"].as_u64());
        }
        limits.sort_unstable();
        assert_eq!(limits, [3, 7]);
        assert_eq!(assert_each_is_that_of_its_row(&ours), 2 + 2 + 1);
        for name in ["unix-client", "unix-server", "paired", "logger"] {
            let is_it = |record: &&Object| {
                let label = record["peer"].as_str().unwrap_or_default();
                label.ends_with(&format!("/{name}"))
            };
            assert_eq!(ours.iter().filter(is_it).count(), 1, "{name}: {ours:?}");
        }
    });
}

/// The processes that `ss` says have a socket open, in `users:(("sleep",pid=7,fd=0),…)`.
fn processes(users: &str) -> BTreeSet<u64> {
    let numbers = users.split("pid=").skip(1);
    numbers
        .map(|text| text.split(',').next().unwrap().parse().unwrap())
        .collect()
}

/// Who is at the other end is the first of those whom `ss` names in that end's row.
#[test]
#[ignore = "needs root and net-tools"]
fn programs_at_other_ends_are_those_of_ss() {
    in_new_world(|world| {
        connections(world);
        unix_sockets(world);
        let output = Command::new("ss").args(["-xanpH"]).output().unwrap();
        let by_inode: BTreeMap<u64, BTreeSet<u64>> = String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| {
                let inode = line.split_whitespace().nth(5).unwrap();
                (inode.parse().unwrap(), processes(line))
            })
            .collect();
        let plain = |end: &str| end.replace("::ffff:", "").replace(['[', ']'], "");
        let by_ends: BTreeMap<(String, String), BTreeSet<u64>> = ["-tanp", "-uanp"]
            .into_iter()
            .flat_map(gathered::ss)
            .map(|((local, foreign), values)| {
                let users = values.get("users").map_or("", String::as_str);
                ((plain(&local), plain(&foreign)), processes(users))
            })
            .collect();
        let (mut found, mut nobody) = (0, 0);
        for record in live("-tuxan --show peer,peer_inode") {
            let holders = if record["proto"] == "unix" {
                (record["peer_inode"].as_u64()).and_then(|inode| by_inode.get(&inode))
            } else {
                let (local, foreign) = gathered::ends(&record);
                by_ends.get(&(plain(&foreign), plain(&local)))
            };
            let first = holders.and_then(BTreeSet::first);
            let label = record["peer"].as_str();
            let pid = label.and_then(|label| label.split_once('/')?.0.parse().ok());
            assert_eq!(pid.as_ref(), first, "{record:?}");
            *(if pid.is_some() {
                &mut found
            } else {
                &mut nobody
            }) += 1;
        }
        assert!(found >= 20 && nobody >= 10, "{found} {nobody}");
    });
}

/// What is in a column is what is in JSON, in each table.
#[test]
#[ignore = "needs root and net-tools"]
fn columns_are_those_of_json() {
    in_new_world(|world| {
        connections(world);
        unix_sockets(world);
        for (options, fields) in [
            ("-tuan", "mptcp,peer,peer_inode"),
            ("-xan", "peer,peer_inode,backlog_limit"),
        ] {
            let args = format!("{options} --sort inode --only inode=1.. --show {fields}");
            let records = live(&args);
            let (stdout, ..) = text(&ours(&args).output());
            let rows: Vec<&str> = stdout.lines().skip(2).collect();
            assert_eq!(rows.len(), records.len());
            for (row, record) in rows.iter().zip(&records) {
                let columns = fields.split(',').map(|name| in_column(&record[name]));
                let columns: Vec<String> = columns.collect();
                let words: Vec<&str> = row.split_whitespace().collect();
                let found = words.windows(3).any(|words| words == columns);
                assert!(found, "{columns:?} in {row}");
            }
        }
    });
}

/// Everybody may know which socket is at the other end, if not whose it is.
#[test]
#[ignore = "needs root and net-tools"]
fn others_see_inodes_alone() {
    in_new_world(|world| {
        connections(world);
        unix_sockets(world);
        let whole = live(&format!("-tuxan {SHOWN}"));
        let run = ours(&format!("--json -tuxan {SHOWN}")).uid(65534);
        let (stdout, stderr, _) = text(&run.output());
        assert!(stderr.contains("No info could be read"), "{stderr}");
        let theirs = parsed(&stdout);
        for (record, whole) in theirs.iter().zip(&whole) {
            assert_eq!(peer(record), (peer(whole).0, None));
        }
    });
}

/// In files, other ends are found by addresses; of unix sockets they do not tell.
#[test]
fn other_ends_in_a_copy() {
    let heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    let row = |ends: &str, state: &str, inode: u32| {
        format!(
            "   0: {ends} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1\n"
        )
    };
    let tree = Tree::new("peers")
        .file(
            "net/tcp",
            [
                heading,
                &row("0100007F:1389 00000000:0000", "0A", 1001),
                &row("0100007F:1389 0100007F:8000", "01", 1002),
                &row("0100007F:8000 0100007F:1389", "01", 1003),
                &row("0100007F:8001 0100007F:1389", "01", 1004),
                &row("0100007F:138A 0100007F:8002", "06", 0),
                &row("0100007F:8002 0100007F:138A", "01", 1006),
                &row("0100007F:9000 0100007F:138B", "01", 1007),
            ]
            .concat(),
        )
        .file(
            "net/tcp6",
            [
                heading,
                &row("0000000000000000FFFF00000100007F:1389 0000000000000000FFFF00000100007F:8001", "01", 1005),
            ]
            .concat(),
        )
        .file("net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n0: 00000003 00000000 00000000 0001 03 1010\n")
        .file("7/cmdline", "/usr/bin/a b\0")
        .link("7/fd/3", "socket:[1002]")
        .file("8/cmdline", "")
        .file("8/comm", "nameless\n")
        .link("8/fd/3", "socket:[1005]");
    let all = records(&tree, "-tan --show peer,peer_inode");
    let others: Vec<_> = all.iter().map(peer).collect();
    assert_eq!(
        others,
        [
            (None, None),
            (Some(1003), None),
            (Some(1002), Some("7/a b")),
            (Some(1005), Some("8/nameless")),
            (Some(1006), None),
            // Nobody holds what is in TIME_WAIT.
            (None, None),
            (None, None),
            (Some(1004), None),
        ]
    );
    let shown = crate::fields::stdout(&tree, "-tn --show peer,peer_inode --only inode=1003,1004");
    let columns: Vec<&str> = shown.lines().skip(2).map(|line| &line[92 - 12..]).collect();
    assert_eq!(
        columns,
        ["7/a b                  1002", "8/nameless             1005"]
    );
    let [unix] = &records(&tree, "-xan --show peer,peer_inode,backlog_limit")[..] else {
        panic!()
    };
    assert_eq!(peer(unix), (None, None));
    assert_eq!(unix["backlog_limit"], Value::Null);
}

/// Who does not ask for other ends pays nothing for them.
#[test]
#[ignore = "needs root and net-tools, strace"]
fn other_ends_cost_nothing_unasked() {
    in_new_world(|world| {
        connections(world);
        unix_sockets(world);
        let asks = |args: &str, what: &str| {
            let calls = system_calls(args);
            calls.iter().filter(|call| call.contains(what)).count()
        };
        // Of unix sockets the file alone is read, unless they have names that end in doubt.
        let sent = |args: &str| asks(args, "sendto");
        for plain in [
            "-xan",
            "-xanp",
            "-xan --show drops,inode",
            "-xln --show mptcp",
        ] {
            assert_eq!(sent(plain), sent("-xan"), "{plain}");
        }
        for asking in [
            "--show peer",
            "--sort peer_inode",
            "--only backlog_limit=1..",
        ] {
            assert_eq!(
                sent(&format!("-xan {asking}")),
                sent("-xan") + 1,
                "{asking}"
            );
        }
        // The owner's name is not needed for an inode.
        let processes = |args: &str| asks(args, "cmdline") > 0;
        assert!(!processes("-txn --show peer_inode") && processes("-txn --show peer"));
        assert_eq!(sent("-tln --show peer_inode"), sent("-tln"));
        assert!(sent("-tn --show peer_inode") > sent("-tn"));
    });
}

/// Connections from one namespace to another, whose ends are each in a table of their own.
#[test]
#[ignore = "needs root and net-tools"]
fn other_ends_are_looked_for_in_all_namespaces() {
    in_new_world(|world| {
        let blue = name_blue(world);
        world.ip("link add eth7 type veth peer name eth8 netns blue");
        world.ip("addr add 10.9.8.1/24 dev eth7");
        world.ip("-n blue addr add 10.9.8.2/24 dev eth8");
        world.ip("link set eth7 up");
        world.ip("-n blue link set eth8 up");
        let listener = there(&blue, || TcpListener::bind("10.9.8.2:5001").unwrap());
        let (near, far) = pair_to(&listener, "10.9.8.2:5001".parse().unwrap());
        let address = near.local_addr().unwrap();
        world.holder("client", near);
        let _server = there(&blue, || {
            let far = rustix::io::fcntl_dupfd_cloexec(&far, 0).unwrap();
            Holder::start("server", TcpListener::from(far))
        });
        drop(far);
        // Pairs of unix sockets may lead anywhere. Loopback never does, though both have connections with the same ends.
        let (here, away) = UnixStream::pair().unwrap();
        world.keep(here);
        world.holder("away", away);
        let loopback = |port: &str| {
            let (local, remote) = (format!("127.0.0.1:{port}"), "127.0.0.1:5003");
            let socket = bound(&local);
            socket.connect(remote).unwrap();
            socket
        };
        world.keep(loopback("5002"));
        world.keep(there(&blue, || {
            let socket = bound("127.0.0.1:5003");
            socket.connect("127.0.0.1:5002").unwrap();
            socket
        }));

        let all = live(&format!("--all-netns -tuxan {SHOWN}"));
        let labels = |records: &[Object]| -> Vec<(String, String, Option<String>)> {
            let label = |record: &Object| {
                let local = format!(
                    "{}:{}",
                    record.get("local_ip")?.as_str()?,
                    record["local_port_num"]
                );
                let foreign = record["foreign_ip"].as_str().unwrap();
                let name = peer(record)
                    .1
                    .map(|label| label.split_once('/').unwrap().1.to_owned());
                (foreign != "0.0.0.0")
                    .then(|| (record["netns"].as_str().unwrap().to_owned(), local, name))
            };
            let mut labels: Vec<_> = records.iter().filter_map(label).collect();
            labels.sort_by(|one, other| one.1.cmp(&other.1));
            labels
        };
        let own = all[0]["netns"].as_str().unwrap().to_owned();
        let name = |name: &str| Some(name.to_owned());
        let expected = [
            (own.clone(), address.to_string(), name("server")),
            (
                "blue".to_owned(),
                "10.9.8.2:5001".to_owned(),
                name("client"),
            ),
            (own.clone(), "127.0.0.1:5002".to_owned(), None),
            ("blue".to_owned(), "127.0.0.1:5003".to_owned(), None),
        ];
        assert_eq!(labels(&all), expected);
        assert!(
            all.iter()
                .any(|record| peer(record).1.is_some_and(|label| label.ends_with("/away")))
        );
        // Where a namespace is not shown, it is not looked at.
        assert!(
            live(&format!("-tn {SHOWN}"))
                .iter()
                .all(|record| peer(record) == (None, None))
        );
        // From the files of processes as well.
        let run = ours(&format!("--json --all-netns -tn {SHOWN}")).uid(65534);
        let theirs = parsed(&text(&run.output()).0);
        let inodes = |records: &[Object]| -> Vec<_> {
            let tcp = records.iter().filter(|record| record["proto"] == "tcp");
            let connected = tcp.filter(|record| record["foreign_ip"] != "0.0.0.0");
            connected
                .map(|record| (record["inode"].clone(), record["peer_inode"].clone()))
                .collect()
        };
        assert_eq!(inodes(&theirs), inodes(&all));

        // A third namespace has an end that fits, too.
        world.ip("netns add green");
        for line in [
            "link add eth7 type veth peer name eth8",
            "addr add 10.9.8.2/24 dev eth7",
            "link set eth7 up",
            "link set eth8 up",
            "neigh add 10.9.8.1 lladdr 02:00:00:00:00:01 dev eth7",
        ] {
            world.ip(&format!("-n green {line}"));
        }
        let green = std::path::Path::new("/run/netns/green");
        let third = there(green, || {
            let local = "10.9.8.2:5001".parse().unwrap();
            sockets::syn_sent(Some(local), address)
        });
        let all = live(&format!("--all-netns -tan {SHOWN}"));
        let is_ours = |record: &&Object| record["local_port_num"] == address.port();
        assert_eq!(
            peer(all.iter().find(is_ours).unwrap()),
            (None, None),
            "{all:?}"
        );
        drop(third);
    });
}

/// Subflows of a multipath connection are rows of their own, with one inode.
#[test]
#[ignore = "needs root and net-tools"]
fn subflows_are_told() {
    in_new_world(|world| {
        if !sockets::multipath(world) {
            eprintln!("this kernel has no multipath tcp");
            return;
        }
        let plain = TcpListener::bind("127.0.0.1:5001").unwrap();
        let asking = sockets::socket(
            SocketType::STREAM,
            sockets::MPTCP,
            None,
            Some("127.0.0.1:5001".parse().unwrap()),
        );
        world.keep(asking);
        world.keep(plain.accept().unwrap().0);
        world.keep(plain);
        let records = live(&format!("-tan {SHOWN},mptcp,mss"));
        assert_each_is_that_of_ends(&records);
        let mut parts: Vec<_> = records
            .iter()
            .map(|record| {
                let part = record["mptcp"].as_str().unwrap_or("-");
                (
                    part,
                    record["state"].as_str().unwrap(),
                    record["mss"].is_null(),
                )
            })
            .collect();
        parts.sort_unstable();
        let ss = Command::new("ss").args(["-tanHOi"]).output().unwrap();
        let ss = String::from_utf8(ss.stdout).unwrap();
        assert_eq!(ss.matches("tcp-ulp-mptcp").count(), 6, "{ss}");
        let connected = |part| (part, "ESTABLISHED", false);
        assert_eq!(
            parts,
            [
                connected("-"),
                ("-", "LISTEN", true),
                connected("fallback"),
                ("listener", "LISTEN", true),
                connected("mp_capable"),
                connected("mp_capable"),
                connected("mp_join"),
                connected("mp_join"),
            ]
        );
    });
}

/// Every connection has another end here.
#[track_caller]
fn assert_each_is_that_of_ends(records: &[Object]) {
    for record in records
        .iter()
        .filter(|record| record["state"] == "ESTABLISHED")
    {
        let is_other = |other: &&Object| {
            other["local_ip"] == record["foreign_ip"]
                && other["local_port"] == record["foreign_port"]
                && other["foreign_port"] == record["local_port"]
        };
        let other = records.iter().find(is_other).unwrap();
        assert_eq!(record["peer_inode"], other["inode"]);
    }
}
