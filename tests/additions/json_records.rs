//! `--json`: the fields of all other records.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;

use serde_json::{Value, json};

use crate::json::{parsed, records};
use crate::support::program::{Program, Run};
use crate::support::tree::Tree;
use crate::support::world::{in_new_world, wait_for};

/// Metrics are unsigned in the kernel, though `/proc/net/route` and the reference print them with a sign.
#[test]
fn metrics_are_never_negative() {
    let heading =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    let route = "eth0\t00000000\t0100A8C0\t0003\t0\t0\t-1\t00000000\t0\t0\t0\n";
    let cache = "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst\n\
        eth0\t0700000A\t0100A8C0\t0003\t0\t0\t-2\t0101A8C0\t0\t0\t0\t0\t0\t0\t0101A8C0\n";
    let tree = Tree::new("metrics")
        .file("net/route", format!("{heading}{route}"))
        .file("net/rt_cache", cache);
    let metrics = |args| records(&tree, args).remove(0)["metric"].clone();
    assert_eq!(metrics("-rn"), json!(4_294_967_295_u32));
    assert_eq!(metrics("-rnC"), json!(4_294_967_294_u32));
}

/// The names of the fields of all other records. What stands here stays.
#[test]
fn names_of_fields() {
    const FLAGS: &str = "route_flags route_flags_num route_flags_pretty";
    let ends =
        "foreign_address foreign_port foreign_port_num local_address local_port local_port_num";
    for (tree, args, network, expected) in [
        (
            "routes",
            "-rn",
            "ipv4",
            format!("destination destination_ip gateway gateway_ip genmask iface irtt metric mss {FLAGS} route_refs use window"),
        ),
        (
            "routes",
            "-r6n",
            "ipv6",
            format!("destination destination_ip gateway gateway_ip iface metric prefix_length {FLAGS} route_refs use"),
        ),
        (
            "route-cache-2.0",
            "-rCn",
            "ipv4",
            format!("arp destination destination_ip gateway gateway_ip hh iface irtt metric mss {FLAGS} route_refs source source_ip use window"),
        ),
        (
            "route-cache-2.2",
            "-rCn",
            "ipv4",
            format!("destination destination_ip gateway gateway_ip hh_ref hh_uptod iface irtt metric mss {FLAGS} route_refs source source_ip spec_dst spec_dst_ip tos use window"),
        ),
        (
            "route-cache-2.2",
            "-r6Cn",
            "ipv6",
            "address address_ip delete_seconds flags hardware_address iface prefix_length refcnt stale_seconds state state_num".to_owned(),
        ),
        (
            "masquerade",
            "-Mn",
            "ipv4",
            "delta destination destination_ip destination_port destination_port_num expire_seconds initial_sequence masquerade_port \
             masquerade_port_num previous_delta proto source source_ip source_port source_port_num"
                .to_owned(),
        ),
        ("legacy-routes", "-rn --ax25", "ax25", "destination iface use".to_owned()),
        ("legacy-routes", "-rn --netrom", "netrom", "destination iface mnemonic neighbour quality".to_owned()),
        ("legacy-routes", "-rn -A rose", "rose", "destination neighbours".to_owned()),
        ("legacy-routes", "-rn --ipx", "ipx", "destination router_network router_node".to_owned()),
        ("legacy-routes", "-rn --ddp", "ddp", format!("destination gateway iface {FLAGS}")),
        ("legacy-routes", "-rn --x25", "x25", "destination digits iface".to_owned()),
        (
            "old-families",
            "-an --ipx",
            "",
            format!("{ends} proto recv_q send_q state state_num uid user"),
        ),
        ("old-families", "-an --ax25", "", "destination iface proto recv_q send_q source state state_num vr vs".to_owned()),
        ("old-families", "-an --x25", "", "destination iface lci proto recv_q send_q source state state_num vr vs".to_owned()),
        (
            "old-families",
            "-an --netrom",
            "",
            "destination iface proto recv_q send_q source state state_num user_callsign vr vs".to_owned(),
        ),
        (
            "old-families",
            "-an -A rose",
            "",
            "destination destination_callsign iface lci neighbour proto source source_callsign state state_num".to_owned(),
        ),
        ("statistics-linux-6.1", "-s", "", "counter description meaning table type value".to_owned()),
    ] {
        let records = records(&Tree::committed(tree), args);
        assert!(!records.is_empty(), "{tree} {args}");
        for record in records {
            let mut expected: Vec<&str> = expected.split_whitespace().collect();
            expected.push("kind");
            if !network.is_empty() {
                expected.push("network_protocol");
                assert_eq!(record["network_protocol"], network);
            }
            expected.sort_unstable();
            let names: Vec<&str> = record.keys().map(String::as_str).collect();
            assert_eq!(names, expected, "{tree} {args}");
        }
    }
}

/// Words for flags: jc's where it has some, and none for what is not shown.
#[test]
fn flags_of_routes() {
    let header =
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
    let row =
        |flags: &str| format!("eth0\t0000000A\t00000000\t{flags}\t0\t0\t0\t000000FF\t0\t0\t0\n");
    let route = [header, &row("003F"), &row("0207"), &row("40000001")].concat();
    let address = "20010db8000000000000000000000000 40";
    let route6 = format!(
        "{address} {:032} 00 {:032} 00000400 00000001 00000000 01450003     eth0\n",
        0, 0
    );
    let tree = Tree::new("flags")
        .file("net/route", route)
        .file("net/ipv6_route", route6);
    let flags: Vec<Value> = ["-rn", "-rn6", "-rnC6"]
        .iter()
        .flat_map(|args| records(&tree, args))
        .map(|record| {
            json!([
                record["kind"],
                record["route_flags"],
                record["route_flags_pretty"],
                record["route_flags_num"]
            ])
        })
        .collect();
    assert_eq!(
        flags,
        [
            json!([
                "route",
                "UGHRDM",
                ["UP", "GATEWAY", "HOST", "REINSTATE", "DYNAMIC", "MODIFIED"],
                0x3f
            ]),
            json!(["route", "!H", ["REJECT", "HOST"], 0x207]),
            json!(["route", "U", ["UP"], 0x4000_0001]),
            json!([
                "route_cache",
                "UGDACe",
                ["UP", "GATEWAY", "DEFAULT", "ADDRCONF", "CACHE", "EXPIRES"],
                0x0145_0003
            ]),
        ]
    );
}

/// Short and long form in one record, also without `-e`.
#[test]
#[ignore = "needs root and net-tools"]
fn interfaces() {
    in_new_world(|world| {
        world.ip("link add eth7 mtu 1400 address 02:00:00:00:00:07 type veth peer name eth8");
        world.ip("addr add 192.0.2.7/24 broadcast 192.0.2.255 dev eth7");
        world.ip("addr add 2001:db8::7/64 dev eth7 nodad");
        world.ip("link set eth7 txqueuelen 99 up");
        let outcome = Run::new(Program::Ours, ["--json", "-i"]).output();
        let records = parsed(&outcome.stdout, "-i");
        let [eth7, lo] = records.as_slice() else {
            panic!("{records:?}");
        };
        assert_eq!([&eth7["iface"], &lo["iface"]], ["eth7", "lo"]);
        for (name, value) in [
            ("mtu", json!(1400)),
            ("flg", json!("BMU")),
            ("flg_pretty", json!(["UP", "BROADCAST", "MULTICAST"])),
            ("flg_num", json!(0x1003)),
            ("rx_ok", json!(0)),
            ("tx_carrier", json!(0)),
            ("hardware", json!("ether")),
            ("hardware_type", json!(1)),
            ("hardware_address", json!("02:00:00:00:00:07")),
            ("txqueuelen", json!(99)),
            (
                "inet",
                json!({"address": "192.0.2.7", "netmask": "255.255.255.0", "broadcast": "192.0.2.255", "destination": null}),
            ),
            (
                "inet6",
                json!([{"address": "2001:db8::7", "prefix_length": 64, "scope": ["global"], "scope_num": 0}]),
            ),
            ("ipx", json!([])),
            ("appletalk", json!(null)),
            ("econet", json!(null)),
            ("slip", json!(null)),
            (
                "device",
                json!({"memory_start": 0, "memory_end": 0, "base_address": 0, "irq": 0, "dma": 0, "port": 0}),
            ),
            ("kind", json!("interface")),
        ] {
            assert_eq!(eth7[name], value, "{name}");
        }
        assert_eq!(eth7.len(), 33);
        assert_eq!(lo["hardware"], "loop");
        assert_eq!(lo["hardware_address"], Value::Null);
        // The kernel's own packets may be counted between two reports.
        let output = |args| Run::new(Program::Ours, ["--json", args]).output().stdout;
        wait_for("the long form", || output("-ie") == output("-i"));
    });
}

/// Each record says where it was read.
#[test]
#[ignore = "needs root and net-tools"]
fn namespaces() {
    in_new_world(|world| {
        world.keep(TcpListener::bind("127.0.0.1:4000").unwrap());
        let args = ["--json", "-lnt", "--all-netns", "--port", "4000"];
        let outcome = Run::new(Program::Ours, args).output();
        let own = fs::metadata("/proc/thread-self/ns/net").unwrap().ino();
        let records = parsed(&outcome.stdout, "--all-netns");
        let mut ours = records.iter().filter(|record| record["netns_inode"] == own);
        let record = ours.next().unwrap();
        assert_eq!(record["netns"], format!("net:[{own}]"));
        assert!(record.contains_key("netns_pid"));
        assert_eq!(record["local_port_num"], 4000);
        assert_eq!(ours.next(), None);
        // Only there.
        let outcome = Run::new(Program::Ours, &args[..2]).output();
        let records = parsed(&outcome.stdout, "-lnt");
        assert!(!records[0].contains_key("netns"));
    });
}

#[test]
fn statistics() {
    let tree = Tree::new("statistics")
        .file(
            "net/snmp",
            "Tcp: RtoMin MaxConn ActiveOpens CurrEstab New\nTcp: 200 -1 5 7 6\nIcmp: InEchos\nIcmp: 8\n",
        )
        .file(
            "net/netstat",
            "TcpExt: DelayedACKLost ListenOverflows\nTcpExt: 18446744073709551615 9\nOdd\u{e9}: A\nOdd: 1\n",
        );
    let rows: Vec<Value> = records(&tree, "-s")
        .iter()
        .map(|record| {
            json!([
                record["table"],
                record["counter"],
                record["value"],
                record["type"],
                record["description"],
                record["meaning"]
            ])
        })
        .collect();
    assert_eq!(
        rows,
        [
            json!(["Tcp", "RtoMin", 200, "gauge", null, null]),
            json!(["Tcp", "MaxConn", -1, "gauge", null, null]),
            json!([
                "Tcp",
                "ActiveOpens",
                5,
                "counter",
                "5 active connection openings",
                "active connection openings"
            ]),
            json!([
                "Tcp",
                "CurrEstab",
                7,
                "gauge",
                "7 connections established",
                "connections established"
            ]),
            json!(["Tcp", "New", 6, "counter", null, null]),
            json!([
                "Icmp",
                "InEchos",
                8,
                "counter",
                "echo requests: 8",
                "echo requests"
            ]),
            json!([
                "TcpExt",
                "DelayedACKLost",
                u64::MAX,
                "counter",
                "Quick ack mode was activated 18446744073709551615 times",
                "Quick ack mode was activated"
            ]),
            json!([
                "TcpExt",
                "ListenOverflows",
                9,
                "counter",
                "9 times the listen queue of a socket overflowed",
                "times the listen queue of a socket overflowed"
            ]),
            json!(["Oddé", "A", 1, "counter", null, null]),
        ]
    );
}
