//! `--json`: valid for any input, whole, with the names and values of `jc --netstat` where that has them.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use crate::json_schema::assert_fits;
use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::sockets::tcp_states;
use crate::support::tree::Tree;
use crate::support::world::{in_new_world, wait_for};
use serde_json::{Map, Value, json};

pub type Object = Map<String, Value>;

/// Runs `netstat --json ARGS`, split at blanks, on a tree.
pub fn run_on(tree: &Tree, args: &str) -> Outcome {
    let args = ["--json"].into_iter().chain(args.split_whitespace());
    Run::new(Program::Ours, args).proc(tree.proc()).output()
}

/// The records of a run that must end well.
pub fn records(tree: &Tree, args: &str) -> Vec<Object> {
    let outcome = run_on(tree, args);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.ending, Ending::Exit(0), "{args}: {stderr}");
    parsed(&outcome.stdout, args)
}

/// The records of one array, which must be laid out one a line and contain nothing that a terminal obeys.
pub fn parsed(stdout: &[u8], what: &str) -> Vec<Object> {
    let text = harmless(stdout, what);
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| {
        panic!("{what}: {error} in {text}");
    });
    assert_fits(&document, what);
    let array: Vec<Object> = serde_json::from_value(document).unwrap();
    if array.is_empty() {
        assert_eq!(text, "[]\n", "{what}");
        return array;
    }
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"["), "{what}");
    assert_eq!(lines.last(), Some(&"]"), "{what}");
    assert_eq!(lines.len(), array.len() + 2, "{what}: one record a line");
    for (line, record) in lines[1..].iter().zip(&array) {
        let alone = line.strip_suffix(',').unwrap_or(line);
        assert_eq!(&record_on(alone, what), record, "{what}");
    }
    array
}

/// Output as text, in which a terminal finds nothing to obey.
pub fn harmless<'a>(stdout: &'a [u8], what: &str) -> &'a str {
    let text = std::str::from_utf8(stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
    let control = text
        .chars()
        .find(|&character| character != '\n' && character.is_control());
    assert_eq!(control, None, "{what}");
    text
}

/// The record on a line of its own.
pub fn record_on(line: &str, what: &str) -> Object {
    let record: Object = serde_json::from_str(line).unwrap_or_else(|error| {
        panic!("{what}: {error} in {line}");
    });
    for name in record.keys() {
        assert!(
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        );
    }
    // Parsers keep the last of two fields of a name.
    assert_eq!(top_level_fields(line), record.len(), "{what}: {line}");
    record
}

/// How many fields an object has, counted in its text.
fn top_level_fields(text: &str) -> usize {
    let (mut depth, mut colons, mut in_string, mut escaped) = (0, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => colons += 1,
            _ => {}
        }
    }
    colons
}

fn committed_trees() -> Vec<Tree> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> = fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("proc").is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 20);
    names.iter().map(|name| Tree::committed(name)).collect()
}

pub const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
pub const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n";

/// Whatever is read, and however the run ends: one array that any parser takes.
#[test]
fn every_fixture_in_every_mode() {
    let modes = [
        "-an",
        "-anp",
        "-anpoee",
        "-anp --show all",
        "-ln",
        "-n",
        "-tuwSUn",
        "-xanp",
        "-gn",
        "-rn",
        "-rnee",
        "-r6n",
        "-rnC",
        "-r6nC",
        "-in",
        "-ian",
        "-ine",
        "-sn",
        "-s6n",
        "-Mn",
        "-Mne",
        "--ax25 --x25 --netrom --rose --ipx -an",
        "-n --rose -a",
        "-r --ax25 -n",
        "-r --netrom -n",
        "-r --rose -n",
        "-r --ipx -n",
        "-r --ddp -n",
        "-r --x25 -n",
        "-s -A ipx",
    ];
    let mut filled = 0;
    for tree in committed_trees() {
        for mode in modes {
            let what = format!("{} {mode}", tree.name());
            let outcome = run_on(&tree, mode);
            let records = parsed(&outcome.stdout, &what);
            filled += usize::from(!records.is_empty());
            for record in records {
                assert!(record["kind"].is_string(), "{what}");
            }
        }
    }
    assert!(filled > 100, "{filled}");
}

/// The schema of sockets, in full and in order.
#[test]
fn sockets_in_full() {
    let tree = Tree::new("json")
        .file(
            "net/tcp",
            format!("{TCP}   0: 0100007F:0016 00000000:0000 0A 00000000:00000001 00:00000000 00000000   123        0 4711 1\n"),
        )
        .file(
            "net/raw6",
            format!("{TCP}   0: 00000000000000000000000000000000:003A 00000000000000000000000000000000:0000 07 00000000:00000002 00:00000000 00000000     0        0 4712 2\n"),
        )
        .file(
            "net/unix",
            format!("{UNIX}0000000000000000: 00000002 00000000 00010000 0001 01 4713 /run/a socket\n"),
        )
        .file("7/cmdline", b"/usr/bin/server\0-v\0")
        .link("7/fd/3", "socket:[4711]");
    let outcome = run_on(&tree, "-anpo");
    let expected = concat!(
        "[\n",
        r#"{"proto":"tcp","recv_q":1,"send_q":0,"local_address":"127.0.0.1","local_ip":"127.0.0.1","local_port":"22","local_port_num":22,"foreign_address":"0.0.0.0","foreign_ip":"0.0.0.0","foreign_port":"*","foreign_port_num":null,"state":"LISTEN","state_num":10,"user":"123","uid":123,"inode":4711,"timer":"off (0.00/0/0)","timer_kind":"off","timer_seconds":0.0,"timer_retransmits":0,"timer_probes":0,"pid":7,"program_name":"server","owners":[{"pid":7,"program":"server","comm":null}],"owners_total":1,"owner_unknown":null,"kind":"network","transport_protocol":"tcp","network_protocol":"ipv4"},"#,
        "\n",
        r#"{"proto":"raw6","recv_q":2,"send_q":0,"local_address":"::","local_ip":"::","local_port":"58","local_port_num":58,"foreign_address":"::","foreign_ip":"::","foreign_port":"*","foreign_port_num":null,"state":"7","state_num":7,"user":"0","uid":0,"inode":4712,"timer":"off (0.00/0/0)","timer_kind":"off","timer_seconds":0.0,"timer_retransmits":0,"timer_probes":0,"pid":null,"program_name":null,"owners":[],"owners_total":0,"owner_unknown":"not visible","kind":"network","transport_protocol":null,"network_protocol":"ipv6"},"#,
        "\n",
        r#"{"proto":"unix","refcnt":2,"flags":"ACC","type":"STREAM","state":"LISTENING","state_num":1,"inode":4713,"path":"/run/a socket","pid":null,"program_name":null,"owners":[],"owners_total":0,"owner_unknown":"not visible","kind":"socket"}"#,
        "\n]\n",
    );
    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), expected);
    assert_eq!(outcome.stderr, b"");
    assert_eq!(outcome.ending, Ending::Exit(0));
}

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

/// Fields that belong to an option are there only with it.
#[test]
fn timers_and_programs_come_with_their_options() {
    let tree = Tree::committed("tcp-states-and-timers");
    for (args, timers, programs) in [
        ("-ant", false, false),
        ("-anto", true, false),
        ("-antp", false, true),
        ("-antop", true, true),
    ] {
        let records = records(&tree, args);
        assert!(records.len() > 5);
        for record in records {
            assert_eq!(record.contains_key("timer_seconds"), timers, "{args}");
            assert_eq!(record.contains_key("owners"), programs, "{args}");
            assert_eq!(record.contains_key("pid"), programs, "{args}");
        }
    }
}

#[test]
fn timers_in_seconds() {
    let row = |number: u32, timer: &str| {
        format!(
            "   {number}: 0100007F:0016 0100007F:0017 01 00000000:00000000 {timer} 00000000     0        3 9 1\n"
        )
    };
    let tcp = [
        TCP.to_owned(),
        row(0, "01:000004D2"),
        row(1, "09:000004D2"),
        row(2, "00:000004D2"),
    ]
    .concat();
    let tree = Tree::new("timers").file("net/tcp", tcp);
    let records = records(&tree, "-tno");
    let timers: Vec<Value> = records
        .iter()
        .map(|record| {
            json!([
                record["timer"],
                record["timer_kind"],
                record["timer_seconds"],
                record["timer_probes"]
            ])
        })
        .collect();
    assert_eq!(
        timers,
        [
            json!(["on (12.34/0/3)", "on", 12.34, 3]),
            json!(["unkn-9 (12.34/0/3)", null, 12.34, 3]),
            json!(["off (0.00/0/3)", "off", 0.0, 3]),
        ]
    );
}

/// Text that others choose: every byte comes through, and none as it is if it could do harm.
#[test]
fn hostile_names() {
    let paths: [&[u8]; 8] = [
        b"/run/\x1b]0;title\x07",
        b"@\xff\xfe not utf-8",
        "/run/\u{9b}31m \u{85} \u{7f}".as_bytes(),
        b"/run/\"quoted\\\" {\"proto\":\"forged\"}",
        b"  /two blanks ",
        "/run/\u{2028}é€😀".as_bytes(),
        b"\xc2",
        b"\r",
    ];
    let mut unix = UNIX.as_bytes().to_vec();
    for (index, path) in paths.iter().enumerate() {
        write!(
            unix,
            "0000000000000000: 00000002 00000000 00010000 0001 01 {} ",
            5000 + index
        )
        .unwrap();
        unix.extend_from_slice(path);
        unix.push(b'\n');
    }
    let command = b"/opt/ev\xff\x1b[31m\nil\0an\x9bargument\0\0last\x7f\0\0\0\0";
    let mut tree = Tree::new("hostile")
        .file("net/unix", unix)
        .file("66/cmdline", command);
    for index in 0..paths.len() {
        tree = tree.link(
            &format!("66/fd/{index}"),
            &format!("socket:[{}]", 5000 + index),
        );
    }
    let records = records(&tree, "-xap");
    assert_eq!(records.len(), paths.len());
    for (path, record) in paths.iter().zip(&records) {
        let shown = record["path"].as_str().unwrap();
        assert_eq!(shown, String::from_utf8_lossy(path));
        let bytes = record.get("path_bytes");
        match std::str::from_utf8(path) {
            Ok(_) => assert_eq!(bytes, None),
            Err(_) => assert_eq!(bytes.unwrap(), &hexadecimal(path)),
        }
        assert_eq!(record["program_name"], "ev\u{fffd}\u{1b}[31m\nil");
        assert_eq!(
            record["program_name_bytes"],
            hexadecimal(b"ev\xff\x1b[31m\nil")
        );
        let owner = record["owners"][0].as_object().unwrap();
        assert_eq!(owner["pid"], 66);
        assert_eq!(owner["program_bytes"], hexadecimal(b"ev\xff\x1b[31m\nil"));
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What columns cut is whole.
#[test]
fn nothing_is_cut() {
    let long = "a-very-long-name-of-a-program-with-more-than-nineteen-bytes ".repeat(20);
    let tree = Tree::new("long")
        .file("net/tcp6", format!("{TCP}   0: B80D0120000000000000000001000000:D431 B80D0120010000000200000003000000:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1\n"))
        .file("net/dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\na-name-of-15-by: 18446744073709551615 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n")
        .file("7/cmdline", &long)
        .link("7/fd/3", "socket:[4711]");
    let records = records(&tree, "-np");
    assert_eq!(records[0]["local_address"], "2001:db8::1");
    assert_eq!(records[0]["foreign_address"], "2001:db8:0:1:0:2:0:3");
    assert_eq!(records[0]["program_name"], long);
    let records = self::records(&tree, "-ia");
    assert_eq!(records[0]["iface"], "a-name-of-15-by");
    assert_eq!(records[0]["rx_bytes"], u64::MAX);
    assert_eq!(records[0]["rx_multicast"], 7);
    // What this tree cannot tell.
    assert_eq!(records[0]["mtu"], Value::Null);
    assert_eq!(records[0]["flg"], Value::Null);
}

/// Arrays follow one another, and each is complete.
#[test]
fn passes() {
    let tree = Tree::committed("busy-server");
    for args in [
        "-ant -c --count 3 --interval 0.01",
        "-xan -c --count 2 --interval 0.01",
    ] {
        let outcome = run_on(&tree, args);
        let arrays: Vec<Vec<Object>> = serde_json::Deserializer::from_slice(&outcome.stdout)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(arrays.len(), if args.contains('3') { 3 } else { 2 });
        assert!(arrays.iter().all(|array| array == &arrays[0]));
    }
}

/// Messages go to stderr, also those that the text mode prints among its rows, and the array ends all the same.
#[test]
fn messages_are_not_records() {
    let tree = Tree::new("messages")
        .file("net/tcp", format!("{TCP}bogus\n"))
        .file("net/rose", "heading\nbogus\n");
    for (args, stderr, exit) in [
        ("-ant4", "warning, got bogus tcp line.\n", 0),
        ("--rose", "Problem reading data from /proc/net/rose\n", 0),
        (
            "-s -A ipx",
            "netstat: No statistics support for specified address family: ipx\n",
            1,
        ),
        (
            "-M",
            "netstat: no support for `ip_masquerade' on this system.\n",
            1,
        ),
        (
            "-S",
            "netstat: no support for `AF INET (sctp)' on this system.\n",
            1,
        ),
        (
            "-s",
            "cannot open /proc/net/snmp: No such file or directory\n",
            0,
        ),
    ] {
        let outcome = run_on(&tree, args);
        assert_eq!(String::from_utf8_lossy(&outcome.stdout), "[]\n", "{args}");
        assert_eq!(String::from_utf8_lossy(&outcome.stderr), stderr, "{args}");
        assert_eq!(outcome.ending, Ending::Exit(exit), "{args}");
    }
}

#[test]
fn full_disk() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let tree = Tree::committed("busy-server");
    let output = Command::new(env!("CARGO_BIN_EXE_netstat"))
        .arg("--proc-root")
        .arg(tree.proc())
        .args(["--json", "-an"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        output.stderr,
        b"netstat: write error: No space left on device\n"
    );
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

#[test]
fn associations_have_all_addresses() {
    let tree = Tree::new("sctp")
        .file("net/sctp/eps", " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n a b 2   10  29   11165    7 4711 10.0.0.1 10.0.0.2 \n")
        .file("net/sctp/assocs", " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT\n a b 2 1 4 1 2 11 22 8 4712 11165 50000 10.0.0.1 2001:0db8:0000:0000:0000:0000:0000:0001 <-> *10.0.0.9 10.0.0.8 \t 7500\n");
    let records = records(&tree, "-San");
    assert_eq!(records[0]["local_ips"], json!(["10.0.0.1", "10.0.0.2"]));
    assert_eq!(records[0]["foreign_ips"], json!([]));
    assert_eq!(records[0]["foreign_address"], Value::Null);
    assert_eq!(records[0]["state"], "LISTEN");
    assert_eq!(records[1]["local_ips"], json!(["10.0.0.1", "2001:db8::1"]));
    assert_eq!(records[1]["foreign_ips"], json!(["10.0.0.9", "10.0.0.8"]));
    assert_eq!(records[1]["foreign_address"], "10.0.0.9");
    assert_eq!(records[1]["foreign_port_num"], 50000);
    assert_eq!([&records[1]["send_q"], &records[1]["recv_q"]], [11, 22]);
    assert_eq!([&records[1]["uid"], &records[1]["inode"]], [8, 4712]);
}

/// Names stand next to numbers, in the order of the rows; without names both are the same.
#[test]
#[ignore = "needs root and net-tools"]
fn names_and_numbers() {
    in_new_world(|world| {
        world.ip("addr add 127.0.0.9/8 dev lo");
        for address in [
            "127.0.0.9:80",
            "127.0.0.1:22",
            "127.0.0.5:53",
            "[::1]:5000",
            "0.0.0.0:81",
            "[::]:82",
        ] {
            world.keep(TcpListener::bind(address).unwrap());
        }
        let records = |args: &str| {
            let args = ["--json"].into_iter().chain(args.split_whitespace());
            parsed(&Run::new(Program::Ours, args).output().stdout, "names")
        };
        let (named, numbers) = (records("-lt"), records("-ltn"));
        assert_eq!(named.len(), 6);
        for (named, number) in named.iter().zip(&numbers) {
            assert_eq!(named["local_ip"], number["local_ip"]);
            assert_eq!(number["local_address"], number["local_ip"]);
            assert_eq!(named["local_port_num"], number["local_port_num"]);
            assert_eq!(number["user"], "0");
            assert_eq!(named["user"], "root");
            let address = match named["local_ip"].as_str().unwrap() {
                "127.0.0.9" => "a-rather-long-host-name.example.com",
                "127.0.0.1" | "::1" => "localhost",
                "::" => "[::]",
                other => other,
            };
            assert_eq!(named["local_address"], address);
            let port = match named["local_port_num"].as_u64().unwrap() {
                80 => "http",
                22 => "ssh",
                53 => "domain",
                5000 => "an-eighteen-letter-x",
                81 => "81",
                82 => "82",
                other => panic!("{other}"),
            };
            assert_eq!(named["local_port"], port);
        }
    });
}

/// Both sources of socket tables say the same.
#[test]
#[ignore = "needs root and net-tools"]
fn sources_agree() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:4000").unwrap();
        let address: SocketAddr = "127.0.0.1:4000".parse().unwrap();
        for stream in tcp_states(&listener, address) {
            world.keep(stream);
        }
        world.keep(listener);
        world.keep(UdpSocket::bind("[::1]:5353").unwrap());
        // Without -p: what another test is about to start holds our sockets for a moment.
        for args in ["-an", "-ane", "-n", "-ln"] {
            let run = |source| {
                let args = ["--json", args, "-tu"];
                let run = Run::new(Program::Ours, args).env("NETSTAT_SOCK_DIAG", source);
                parsed(&run.output().stdout, "sources")
            };
            // What is still on its way moves from queue to queue.
            wait_for(args, || run("never") == run("always"));
        }
    });
}
