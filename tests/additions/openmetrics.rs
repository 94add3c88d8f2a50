//! `--openmetrics`: what Prometheus and its kin read, under the names that node_exporter gives it.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::json::harmless;
use crate::support::program::Ending;
use crate::support::tree::Tree;
use crate::support::world::in_new_world;
use crate::{ours, read_by, text};

/// What a run on a tree, which must end well, writes.
fn exposition(tree: &Tree, args: &str) -> String {
    let args = format!("--openmetrics {args}");
    let outcome = ours(&args).proc(tree.proc()).output();
    assert_eq!(outcome.ending, Ending::Exit(0), "{:?}", text(&outcome));
    checked(&outcome.stdout, &args)
}

/// Output as text: every line is metadata or a sample, a family's lines stand together and no sample comes twice, one end.
fn checked(stdout: &[u8], what: &str) -> String {
    let text = harmless(stdout, what);
    let lines = text.strip_suffix("# EOF\n").expect(what);
    let (mut families, mut samples) = (Vec::new(), HashSet::new());
    for line in lines.lines() {
        let name = match line.strip_prefix("# ") {
            Some(metadata) => metadata.split(' ').nth(1).unwrap(),
            None => {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{what}: {line}");
                assert!(samples.insert(sample), "{what}: {line}");
                let name = sample.split('{').next().unwrap();
                name.strip_suffix("_total").unwrap_or(name)
            }
        };
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            "{what}: {line}"
        );
        if families.last() != Some(&name) {
            assert!(!families.contains(&name), "{what}: {name} comes up again");
            families.push(name);
        }
    }
    text.to_owned()
}

const DEV: &str = "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

#[test]
fn counters_have_the_names_of_node_exporter() {
    let tree = Tree::new("statistics")
        .file(
            "net/snmp",
            "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 7\nTcp: MaxConn CurrEstab InErrs\nTcp: -1 3 4\n",
        )
        .file(
            "net/netstat",
            "TcpExt: ListenOverflows TCPNew\nTcpExt: 18446744073709551615 0\nMPTcpExt: MPCurrEstab\nMPTcpExt: 2\n",
        )
        .file("net/sctp/snmp", "SctpCurrEstab  \t5\n")
        .file("net/snmp6", "Ip6InReceives 8\nUdpLite6InErrors 9\n");
    assert_eq!(
        exposition(&tree, "-s"),
        "# TYPE node_netstat_Ip_Forwarding gauge\n\
         node_netstat_Ip_Forwarding 1\n\
         # TYPE node_netstat_Ip_DefaultTTL gauge\n\
         node_netstat_Ip_DefaultTTL 64\n\
         # HELP node_netstat_Ip_InReceives total packets received\n\
         node_netstat_Ip_InReceives 7\n\
         # TYPE node_netstat_Tcp_MaxConn gauge\n\
         node_netstat_Tcp_MaxConn -1\n\
         # TYPE node_netstat_Tcp_CurrEstab gauge\n\
         # HELP node_netstat_Tcp_CurrEstab connections established\n\
         node_netstat_Tcp_CurrEstab 3\n\
         # HELP node_netstat_Tcp_InErrs bad segments received\n\
         node_netstat_Tcp_InErrs 4\n\
         # HELP node_netstat_TcpExt_ListenOverflows times the listen queue of a socket overflowed\n\
         node_netstat_TcpExt_ListenOverflows 18446744073709551615\n\
         node_netstat_TcpExt_TCPNew 0\n\
         # TYPE node_netstat_MPTcpExt_MPCurrEstab gauge\n\
         node_netstat_MPTcpExt_MPCurrEstab 2\n\
         # TYPE node_netstat_Sctp_CurrEstab gauge\n\
         # HELP node_netstat_Sctp_CurrEstab Current Associations\n\
         node_netstat_Sctp_CurrEstab 5\n\
         # EOF\n"
    );
    let six = exposition(&tree, "-s6");
    assert!(six.contains("\nnode_netstat_Ip6_InReceives 8\n"), "{six}");
    assert!(
        six.contains("\nnode_netstat_UdpLite6_InErrors 9\n"),
        "{six}"
    );
    // What chooses tables does so here, too.
    assert!(!exposition(&tree, "-st").contains("_Ip_"));
}

#[test]
fn interfaces_have_the_names_of_node_exporter() {
    let rows = "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n    lo: 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
    let tree = Tree::new("interfaces").file("net/dev", format!("{DEV}{rows}"));
    let text = exposition(&tree, "-ia");
    let of = |device: &str| -> Vec<String> {
        let label = format!("{{device=\"{device}\"}} ");
        let samples = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(&label)?;
            let name = name.strip_prefix("node_network_")?;
            Some(format!("{}={value}", name.strip_suffix("_total")?))
        });
        samples.collect()
    };
    let mut expected = [
        "receive_bytes=1",
        "receive_packets=2",
        "receive_errs=3",
        "receive_drop=4",
        "receive_fifo=5",
        "receive_frame=6",
        "receive_compressed=7",
        "receive_multicast=8",
        "transmit_bytes=9",
        "transmit_packets=10",
        "transmit_errs=11",
        "transmit_drop=12",
        "transmit_fifo=13",
        "transmit_colls=14",
        "transmit_carrier=15",
        "transmit_compressed=16",
    ];
    let mut found = of("eth0");
    found.sort();
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(of("lo").len(), 16);
    assert!(text.contains(
        "# TYPE node_network_receive_bytes counter\n\
         # HELP node_network_receive_bytes bytes received\n\
         node_network_receive_bytes_total{device=\"eth0\"} 1\n\
         node_network_receive_bytes_total{device=\"lo\"} 18446744073709551615\n"
    ));
}

#[test]
fn counts_of_rows_are_gauges() {
    let busy = Tree::committed("busy-server");
    let table = ours("-tan --count-by state").proc(busy.proc()).output();
    let table = text(&table).0;
    let text = exposition(&busy, "-tan --count-by state");
    let (head, samples) = text.split_at(text.find("netstat_sockets{").unwrap());
    assert_eq!(
        head,
        "# TYPE netstat_sockets gauge\n# HELP netstat_sockets sockets now\n"
    );
    let samples: Vec<String> = samples
        .lines()
        .filter_map(|line| line.strip_prefix("netstat_sockets{state=\""))
        .map(|line| line.replace("\"} ", " "))
        .collect();
    let counts: Vec<String> = table
        .lines()
        .skip(1)
        .map(|line| {
            let (count, state) = line.trim_start().split_once(' ').unwrap();
            format!("{state} {count}")
        })
        .collect();
    assert!(counts.len() > 2);
    assert_eq!(samples, counts);

    let routes = Tree::committed("routes");
    let text = exposition(&routes, "-rn --count-by iface,genmask");
    assert!(
        text.contains("\nnetstat_routes{iface=\"eth0\",genmask=\""),
        "{text}"
    );
    // What a row has not is an empty label.
    let sockets = Tree::committed("unix-sockets");
    let text = exposition(&sockets, "-xan --count-by path");
    assert!(text.contains("\nnetstat_sockets{path=\"\"} "), "{text}");
}

/// Whatever is read: the format holds. Two names that differ stay two.
#[test]
fn hostile_names() {
    let mut dev = DEV.as_bytes().to_vec();
    let names: [&[u8]; 7] = [
        b"q\"uo\\te",
        b"e\x1b[31m",
        b"e\x01[31m",
        b"\xff\xfe",
        b"\xfe\xff",
        "\u{202e}\u{9b}".as_bytes(),
        b"twice",
    ];
    for name in names.iter().chain([&b"twice".as_slice()]) {
        dev.extend_from_slice(name);
        dev.extend_from_slice(b": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    }
    let tree = Tree::new("hostile")
        .file("net/dev", dev)
        .file(
            "net/snmp",
            "My Table: A{b=\"c\"} B\u{e9} A A\nMy Table: 1 2 3 4\nTcp: A\nTcp: 5\nTcp: A\nTcp: 6\n",
        )
        .file("net/netstat", b": \xff\n: 1\n");
    let text = exposition(&tree, "-ia");
    let devices: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("node_network_receive_bytes_total{device=\""))
        .filter_map(|line| line.strip_suffix("\"} 1"))
        .collect();
    assert_eq!(
        devices,
        [
            r"e\\u0001[31m",
            r"e\\u001b[31m",
            r#"q\"uo\\te"#,
            "twice",
            r"\\u202e\\u009b",
            r"\\xfe\\xff",
            r"\\xff\\xfe"
        ]
    );
    assert_eq!(
        exposition(&tree, "-s"),
        "node_netstat_My_Table_A_b__c__ 1\nnode_netstat_My_Table_B__ 2\nnode_netstat_My_Table_A 3\nnode_netstat_Tcp_A 5\n\
         node_netstat___ 1\n# EOF\n"
    );
}

#[test]
fn every_fixture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in fs::read_dir(fixtures).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().join("proc/net").is_dir() {
            continue;
        }
        let tree = Tree::committed(entry.file_name().to_str().unwrap());
        for args in ["-s", "-s6", "-ia"] {
            let outcome = ours(&format!("--openmetrics {args}"))
                .proc(tree.proc())
                .output();
            checked(&outcome.stdout, &format!("{} {args}", tree.name()));
        }
    }
}

/// Messages go to stderr and the end is marked, whatever there was to be read.
#[test]
fn messages_are_no_samples() {
    let tree = Tree::new("empty").directory("net");
    for (args, message, status) in [
        (
            "-s",
            "cannot open /proc/net/snmp: No such file or directory\n",
            0,
        ),
        (
            "-s -A ipx",
            "netstat: No statistics support for specified address family: ipx\n",
            1,
        ),
    ] {
        let outcome = ours(&format!("{args} --openmetrics"))
            .proc(tree.proc())
            .output();
        let expected = (
            "# EOF\n".to_owned(),
            message.to_owned(),
            Ending::Exit(status),
        );
        assert_eq!(text(&outcome), expected);
    }
}

/// Each sample has the namespace that it is of, and those of all namespaces stand together.
#[test]
#[ignore = "needs root and net-tools"]
fn namespaces_are_labels() {
    in_new_world(|world| {
        world.ip("link set lo up");
        for args in ["-ia", "-s"] {
            let args = format!("--openmetrics {args} --all-netns");
            let outcome = ours(&args).output();
            let text = checked(&outcome.stdout, &args);
            let own = fs::metadata("/proc/thread-self/ns/net").unwrap().ino();
            let label = format!("netns=\"net:[{own}]\"}} ");
            assert!(text.contains(&label), "{text}");
            let unlabelled = text
                .lines()
                .find(|line| !line.starts_with('#') && !line.contains("netns=\""));
            assert_eq!(unlabelled, None);
        }
    });
}

/// What Python's client of Prometheus finds: of each family name, type, and each sample's name, labels and value.
fn prometheus(text: &str, parser: &str) -> Vec<Value> {
    let script = format!(
        "import json, sys\n\
         from prometheus_client.{parser} import text_string_to_metric_families as families\n\
         print(json.dumps([[family.name, family.type, [[sample.name, sample.labels, sample.value] for sample in family.samples]]\n\
         \x20   for family in families(sys.stdin.read())]))"
    );
    let read = read_by(
        "READERS_PYTHON",
        "python3",
        &["-c", &script],
        text.as_bytes(),
    );
    serde_json::from_slice(&read).unwrap()
}

#[test]
#[ignore = "needs prometheus_client"]
fn prometheus_reads_every_sample() {
    let statistics = Tree::committed("statistics-linux-6.18");
    let rows = "q\"uo\\te\x1b: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neth0: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n";
    let interfaces = Tree::new("interfaces").file("net/dev", format!("{DEV}{rows}"));
    for (tree, args) in [
        (&statistics, "-s"),
        (&statistics, "-s6"),
        (&interfaces, "-ia"),
    ] {
        let text = exposition(tree, args);
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert!(lines >= 32, "{args}");
        // The second is the older text format's, which node_exporter's collector of files reads.
        for parser in ["openmetrics.parser", "parser"] {
            let families = prometheus(&text, parser);
            let samples: usize = families
                .iter()
                .map(|family| family[2].as_array().unwrap().len())
                .sum();
            assert_eq!(samples, lines, "{args} {parser}");
        }
    }
    let find = |tree: &Tree, args: &str, name: &str| {
        let families = prometheus(&exposition(tree, args), "openmetrics.parser");
        families
            .into_iter()
            .find(|family| family[0] == name)
            .unwrap()
    };
    let established = find(&statistics, "-s", "node_netstat_Tcp_CurrEstab");
    assert_eq!(established[1], "gauge");
    let overflows = find(&statistics, "-s", "node_netstat_TcpExt_ListenOverflows");
    assert_eq!(overflows[1], "unknown");
    assert_eq!(
        find(&interfaces, "-ia", "node_network_receive_packets"),
        json!([
            "node_network_receive_packets",
            "counter",
            [
                ["node_network_receive_packets_total", {"device": "eth0"}, 1],
                [
                    "node_network_receive_packets_total",
                    {"device": "q\"uo\\te\\u001b"},
                    2
                ]
            ]
        ])
    );
}
