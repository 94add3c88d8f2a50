//! Fields that are gathered only if they are named: what they say must be what other programs and the kernel's files say of the same
//! sockets.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::process::Command;

use serde_json::Value;

use crate::fields::{Object, parsed};
use crate::support::program::Ending;
use crate::support::sockets;
use crate::support::tree::Tree;
use crate::support::world::{A_DAY, in_new_world};
use crate::{ours, text};

/// The records of a run on this machine.
fn live(args: &str) -> Vec<Object> {
    let (stdout, stderr, ending) = text(&ours(&format!("--json {args}")).output());
    assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)), "{args}");
    parsed(&stdout)
}

/// The sockets that `ss` lists, by their ends: its words, and those with a value by their names.
pub fn ss(options: &str) -> BTreeMap<(String, String), BTreeMap<String, String>> {
    let output = Command::new("ss")
        .args([options, "-HOn"])
        .output()
        .expect("iproute2 is installed");
    let text = String::from_utf8(output.stdout).unwrap();
    let socket = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut values = BTreeMap::new();
        values.insert("recv_q".to_owned(), words[1].to_owned());
        values.insert("send_q".to_owned(), words[2].to_owned());
        for word in &words[5..] {
            let (name, value) = word.split_once(':').unwrap_or((word, ""));
            values.insert(name.to_owned(), value.to_owned());
        }
        ((words[3].to_owned(), words[4].to_owned()), values)
    };
    text.lines().map(socket).collect()
}

/// The ends of a socket as `ss` shows them.
pub fn ends(record: &Object) -> (String, String) {
    let end = |side: &str| {
        let port = &record[&format!("{side}_port_num")];
        let port = if port.is_null() {
            "*".to_owned()
        } else {
            port.to_string()
        };
        format!("{}:{port}", record[&format!("{side}_ip")].as_str().unwrap())
    };
    (end("local"), end("foreign"))
}

/// A number of a buffer in `skmem:(r0,rb131072,…)`.
fn memory(values: &BTreeMap<String, String>, name: &str) -> u64 {
    let list = values["skmem"].trim_matches(['(', ')']);
    let number = |word: &str| word.strip_prefix(name)?.parse().ok();
    list.split(',').find_map(number).unwrap()
}

const DETAILS: &str = "backlog_limit,drops,recv_buffer,send_buffer,rtt_ms,rtt_var_ms,min_rtt_ms,cwnd,mss,retransmits_total,\
    bytes_sent,bytes_acked,bytes_received,bytes_retransmitted,delivery_rate,last_sent_ms,last_received_ms,congestion_control,\
    bound_interface,mptcp";

#[test]
#[ignore = "needs root and net-tools"]
fn details_of_sockets_are_those_of_ss() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:5001").unwrap();
        let (near, far) = sockets::pair_to(&listener, listener.local_addr().unwrap());
        (&near).write_all(&[7; 30_000]).unwrap();
        (&far).read_exact(&mut [0; 30_000]).unwrap();
        (&far).write_all(b"answer").unwrap();
        // Two connections fit into the backlog, and what comes then is dropped.
        let full: SocketAddr = "127.0.0.1:5002".parse().unwrap();
        world.keep(sockets::listener(full, 1, false));
        for _ in 0..2 {
            world.keep(std::net::TcpStream::connect(full).unwrap());
        }
        let left_out =
            std::net::TcpStream::connect_timeout(&full, std::time::Duration::from_millis(300));
        assert!(left_out.is_err());
        let bound = UdpSocket::bind("127.0.0.1:5003").unwrap();
        rustix::net::sockopt::set_socket_recv_buffer_size(&bound, 4096).unwrap();
        for _ in 0..50 {
            let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
            sender.send_to(&[1; 1000], "127.0.0.1:5003").unwrap();
        }
        nix::sys::socket::setsockopt(
            &bound,
            nix::sys::socket::sockopt::BindToDevice,
            &"lo".into(),
        )
        .unwrap();
        for socket in [near.into(), far.into(), listener.into()] {
            let socket: std::os::fd::OwnedFd = socket;
            world.keep(socket);
        }

        let theirs = ss("-tanmi");
        let ours = live(&format!("-t4an --show {DETAILS}"));
        let mut connections = 0;
        for record in &ours {
            let Some(values) = theirs.get(&ends(record)) else {
                panic!("{record:?} is not in {theirs:?}")
            };
            let number = |name: &str| record[name].as_u64();
            let said = |name: &str| values.get(name).map_or(0, |value| value.parse().unwrap());
            if record["state"] == "LISTEN" {
                assert_eq!(number("backlog_limit"), Some(said("send_q")));
                assert!(record["rtt_ms"].is_null() && record["bytes_sent"].is_null());
            } else {
                assert!(record["backlog_limit"].is_null());
            }
            if record["state"] != "LISTEN" && record["state"] != "SYN_RECV" {
                connections += 1;
                for (name, said_name) in [
                    ("bytes_sent", "bytes_sent"),
                    ("bytes_acked", "bytes_acked"),
                    ("bytes_received", "bytes_received"),
                    ("bytes_retransmitted", "bytes_retrans"),
                    ("cwnd", "cwnd"),
                    ("mss", "mss"),
                ] {
                    assert_eq!(number(name), Some(said(said_name)), "{name} of {values:?}");
                }
                if let Some(rtt) = values.get("rtt") {
                    let shown = |name: &str| record[name].as_f64().unwrap();
                    let rtt: Vec<f64> = rtt.split('/').map(|part| part.parse().unwrap()).collect();
                    assert_eq!([shown("rtt_ms"), shown("rtt_var_ms")], rtt[..]);
                    let min = values.get("minrtt").map(|min| min.parse::<f64>().unwrap());
                    assert_eq!(record["min_rtt_ms"].as_f64(), min);
                }
                let passed = number("last_sent_ms").unwrap();
                assert!(passed >= said("lastsnd") && passed < said("lastsnd") + 10_000);
                let algorithm = record["congestion_control"].as_str().unwrap();
                assert!(values.contains_key(algorithm), "{values:?}");
            }
            if values.contains_key("skmem") {
                assert_eq!(number("recv_buffer"), Some(memory(values, "rb")));
                assert_eq!(number("send_buffer"), Some(memory(values, "tb")));
                assert_eq!(number("drops"), Some(memory(values, "d")), "{values:?}");
            }
        }
        assert!(connections >= 5, "{ours:?}");
        let full: Vec<&Object> = ours
            .iter()
            .filter(|record| record["drops"].as_u64() > Some(0))
            .collect();
        assert!(
            !full.is_empty() && full[0]["local_port_num"] == 5002,
            "{ours:?}"
        );

        let [datagrams] = &live(&format!("-u4an --show {DETAILS}"))[..] else {
            panic!()
        };
        let theirs = ss("-uanm");
        let values = theirs.values().next().unwrap();
        assert_eq!(datagrams["recv_buffer"], memory(values, "rb"));
        assert_eq!(datagrams["drops"], memory(values, "d"));
        assert!(datagrams["drops"].as_u64() > Some(0));
        assert_eq!(datagrams["bound_interface"], "lo");
        assert_eq!(datagrams["rtt_ms"], Value::Null);
    });
}

/// The rows are the same whether or not their details are asked for.
#[test]
#[ignore = "needs root and net-tools"]
fn details_change_no_row() {
    in_new_world(|world| {
        for address in ["127.0.0.1:5001", "[::1]:5001"] {
            let listener = TcpListener::bind(address).unwrap();
            for stream in sockets::tcp_states(&listener, listener.local_addr().unwrap()) {
                world.keep(stream);
            }
            world.keep(listener);
        }
        // Full queues still move for a while.
        let order = "-tuan --sort proto,local_ip,foreign_ip,local_port,foreign_port";
        let look = || {
            let shown = live(&format!("{order} --show {DETAILS}"));
            (shown, live(order))
        };
        let (mut before, mut shown, mut plain) = (Vec::new(), Vec::new(), live(order));
        for _ in 0..40 {
            if before == plain {
                break;
            }
            before = plain;
            (shown, plain) = look();
        }
        let names: Vec<&str> = DETAILS.split(',').collect();
        let known = |record: &Object| !record["recv_buffer"].is_null();
        assert!(shown.iter().filter(|record| known(record)).count() > 30);
        for record in &mut shown {
            // What has no inode may be half a socket: one in TIME_WAIT, or a FIN_WAIT2 that nobody owns.
            let waits = record["inode"] == 0;
            assert!(known(record) || waits, "{record:?}");
            for name in &names {
                record.remove(*name).unwrap();
            }
        }
        assert_eq!(shown, plain);
    });
}

/// What the kernel's diagnostics say is of this kernel's sockets, not of those in a copy of its files.
#[test]
fn details_are_of_this_machine_alone() {
    let tree = Tree::committed("busy-server");
    for record in crate::fields::records(&tree, &format!("-tan --show {DETAILS}")) {
        for name in DETAILS.split(',') {
            assert!(record[name].is_null(), "{name} of {record:?}");
        }
    }
}

/// What is told of first owners is what /proc has of them.
#[test]
#[ignore = "needs root and net-tools"]
fn first_owners_are_those_of_proc() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:5001").unwrap();
        world.holder_as("a title", listener, 1234);
        let (one, other) = std::os::unix::net::UnixStream::pair().unwrap();
        world.holder("plain", one);
        world.keep(other);
        let program = std::fs::canonicalize("/bin/sleep").unwrap();
        let shown = "--show pid,command,exe,owner_user,owner_uid,started";
        let [record] = &live(&format!("-tl4 {shown}"))[..] else {
            panic!()
        };
        assert_eq!(record["command"], format!("a title {A_DAY}"));
        assert_eq!(record["exe"], program.to_str().unwrap());
        assert_eq!(
            (&record["owner_user"], &record["owner_uid"]),
            (&"a-long-user-name".into(), &1234.into())
        );
        assert!(record.get("owners").is_none());
        // As ps knows it, which has whole seconds, too, and may round them otherwise.
        let pid = record["pid"].to_string();
        let ps = Command::new("ps")
            .args(["-o", "lstart=", "-p", &pid])
            .env("TZ", "UTC")
            .output()
            .unwrap();
        let seconds = |text: &str| -> i64 {
            let output = Command::new("date")
                .args(["+%s", "-u", "-d", text])
                .output()
                .unwrap();
            String::from_utf8(output.stdout)
                .unwrap()
                .trim()
                .parse()
                .unwrap()
        };
        let started = seconds(record["started"].as_str().unwrap());
        let theirs = seconds(String::from_utf8(ps.stdout).unwrap().trim());
        assert!((started - theirs).abs() <= 1, "{started} {theirs}");
        let unix = live(&format!("-xa {shown}"));
        assert!(
            unix.iter()
                .any(|record| record["command"] == format!("plain {A_DAY}")),
            "{unix:?}"
        );
    });
}

/// In a copy of /proc, they are read there and nowhere else.
#[test]
fn first_owners_of_a_copy() {
    let tree = crate::fields::drops()
        .link("300/exe", "/usr/sbin/named (deleted)")
        .file("300/status", "Name:\tnamed\nUid:\t0\t53\t53\t53\n")
        .file(
            "300/stat",
            format!("300 (na) med) S {}6200 0", "0 ".repeat(18)),
        )
        .file("stat", "cpu 1 2 3\nbtime 1735689600\n");
    let records = crate::fields::records(
        &tree,
        "-u4an --show pid,command,exe,owner_user,owner_uid,started --port 53,70",
    );
    let first = &records[0];
    assert_eq!(first["pid"], 300);
    assert_eq!(first["exe"], "/usr/sbin/named (deleted)");
    assert_eq!(
        (&first["owner_user"], &first["owner_uid"]),
        (&"53".into(), &53.into())
    );
    assert_eq!(first["started"], "2025-01-01T00:01:02Z");
    for name in [
        "pid",
        "command",
        "exe",
        "owner_user",
        "owner_uid",
        "started",
    ] {
        assert!(records[1][name].is_null(), "{name}");
    }
}

const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

/// Control groups in a copy of /proc, with the names that the copy of the system has.
#[test]
fn control_groups_of_first_owners() {
    const SHOWN: &str =
        "--show cgroup,unit,container,container_runtime,container_id,container_name,pod --port 53";
    let names = format!("1/root/var/lib/docker/containers/{ID}/config.v2.json");
    let path = format!("/system.slice/docker-{ID}.scope");
    let tree = crate::fields::drops()
        .file("300/cgroup", format!("0::{path}\n"))
        .file(&names, "{\"Name\":\"/web\"}");
    let [record] = &crate::fields::records(&tree, &format!("-u4an {SHOWN}"))[..] else {
        panic!()
    };
    assert_eq!(record["cgroup"], path);
    assert_eq!(record["container"], "web");
    assert_eq!(record["container_runtime"], "docker");
    assert_eq!(record["container_id"], ID);
    assert_eq!(record["container_name"], "web");
    assert!(record["pod"].is_null() && !record.contains_key("pid"));
    // A host's file systems, with its /proc among them.
    let host = crate::fields::drops().file("300/cgroup", format!("0::{path}\n"));
    let beside = host.proc().parent().unwrap();
    let directory = beside.join("var/lib/docker/containers").join(ID);
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.v2.json"), "{\"Name\":\"/beside\"}").unwrap();
    let container = |tree: &Tree| {
        let records = crate::fields::records(tree, &format!("-u4an {SHOWN}"));
        records[0]["container"].clone()
    };
    assert_eq!(container(&host), "beside");
    // Those of the first process come before them.
    let host = host.file(&names, "{\"Name\":\"/web\"}");
    assert_eq!(container(&host), "web");
    let service = crate::fields::drops().file("300/cgroup", "0::/system.slice/named.service\n");
    let table = crate::fields::stdout(&service, "-u4an --show unit,container,cgroup --port 53");
    let row = table.lines().last().unwrap();
    assert!(
        row.trim_end()
            .ends_with("named.service    -             /system.slice/named.service"),
        "{table}"
    );
    // A link leads out of the copy neither to groups nor to names.
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("file");
    std::fs::write(&file, "0::/system.slice/secret.service\n").unwrap();
    let tree = crate::fields::drops().link("300/cgroup", file.to_str().unwrap());
    let [record] = &crate::fields::records(&tree, &format!("-u4an {SHOWN}"))[..] else {
        panic!()
    };
    assert!(record["cgroup"].is_null(), "{record:?}");
    std::fs::write(&file, "{\"Name\":\"/secret\"}").unwrap();
    let tree = crate::fields::drops()
        .file("300/cgroup", format!("0::{path}\n"))
        .directory(&format!("1/root/var/lib/docker/containers/{ID}"))
        .link(&names, file.to_str().unwrap());
    let [record] = &crate::fields::records(&tree, &format!("-u4an {SHOWN}"))[..] else {
        panic!()
    };
    assert_eq!(record["container"], format!("docker:{}", &ID[..12]));
}
