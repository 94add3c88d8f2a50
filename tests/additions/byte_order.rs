//! `--byte-order`: a copy of the /proc of a machine that keeps its numbers the other way round.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::Value;

use crate::support::program::{Ending, Outcome};
use crate::support::tree::Tree;
use crate::{assert_refused, ours, text};

const OTHER: &str = if cfg!(target_endian = "big") {
    "little"
} else {
    "big"
};

const OWN: &str = if cfg!(target_endian = "big") {
    "big"
} else {
    "little"
};

/// How a machine prints an address, as `%08X` of its numbers.
fn printed(order: &str, address: &str) -> String {
    let octets = match address.parse().unwrap() {
        IpAddr::V4(address) => Ipv4Addr::octets(&address).to_vec(),
        IpAddr::V6(address) => Ipv6Addr::octets(&address).to_vec(),
    };
    octets.chunks(4).fold(String::new(), |mut text, word| {
        let bytes: [u8; 4] = word.try_into().unwrap();
        let number = match order {
            "big" => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        };
        write!(text, "{number:08X}").unwrap();
        text
    })
}

/// A table of sockets with these ends, each `STATE LOCAL REMOTE`.
fn sockets(order: &str, rows: &[(&str, &str, &str)]) -> String {
    let mut table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned();
    for (slot, (state, local, remote)) in rows.iter().enumerate() {
        // A server has no other end.
        let port = if *state == "0A" { "0000" } else { "1F90" };
        let (local, remote) = (printed(order, local), printed(order, remote));
        writeln!(
            table,
            "{slot:4}: {local}:0050 {remote}:{port} {state} 00000000:00000000 00:00000000 00000000     0        0 {} 2 0000000000000000 0",
            slot + 1000
        )
        .unwrap();
    }
    table
}

/// The /proc of a machine of this order, in every table that has addresses.
fn machine(order: &str) -> Tree {
    let four = [
        ("0A", "127.0.0.1", "0.0.0.0"),
        ("01", "192.168.1.1", "10.2.3.4"),
    ];
    let six = [
        ("0A", "::1", "::"),
        ("01", "2001:db8::1234", "fe80::12:3456"),
        ("01", "::ffff:192.168.1.1", "::ffff:10.2.3.4"),
    ];
    // Unusual blanks, as the reference reads them too.
    let unusual = sockets(order, &four).replace(" 00000000:00000000", "  00000000:00000000");
    let p = |address| printed(order, address);
    Tree::new("machine")
        .exact_file("net/tcp", sockets(order, &four))
        .exact_file("net/tcp6", sockets(order, &six))
        .exact_file("net/udp", unusual)
        .exact_file("net/udp6", sockets(order, &six))
        .exact_file("net/udplite", sockets(order, &four))
        .exact_file("net/udplite6", sockets(order, &six))
        .exact_file("net/raw", sockets(order, &four))
        .exact_file("net/raw6", sockets(order, &six))
        .file(
            "net/igmp",
            format!(
                "Idx\tDevice    : Count Querier\tReporter\n1\teth0      :     1      V3\n\t\t\t\t{}     1 0:00000000\t\t0\n",
                p("224.0.0.251")
            ),
        )
        // Bytes, not numbers: the same everywhere.
        .file(
            "net/igmp6",
            "2    eth0            ff0200000000000000000000000000fb     1 0000000C 0\n",
        )
        .file(
            "net/route",
            format!(
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
                 eth0\t00000000\t{}\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                 eth0 {} 00000000 0001 0 0 100 {} 0 0 0\n",
                p("192.168.1.254"),
                p("192.168.1.0"),
                p("255.255.255.0")
            ),
        )
        .file(
            "net/ipv6_route",
            "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000100 00000001 00000000 00000003     eth0\n",
        )
        .file(
            "net/rt_cache",
            format!(
                "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst\n\
                 eth0\t{}\t{}\t3\t1\t2\t3\t{}\t1500\t100\t5\t00\t7\t1\t{}\n",
                p("10.2.3.4"),
                p("192.168.1.254"),
                p("192.168.1.1"),
                p("192.168.1.2")
            ),
        )
}

/// What our program makes of a copy; `order` is what is given as `--byte-order`.
fn read(tree: &Tree, order: Option<&str>, report: &str) -> Outcome {
    let order = order.map_or_else(String::new, |order| format!("--byte-order {order} "));
    ours(&format!("{order}{report}")).proc(tree.proc()).output()
}

const REPORTS: [&str; 9] = [
    "-tuUwanW",
    "-tuUwanW --json",
    "-gn",
    "-gn --json",
    "-rn",
    "-rn --json",
    "-rn -4 -6",
    "-rCn -4",
    "-rCnee -4 --json",
];

#[test]
fn a_copy_is_read_as_its_machine_would() {
    let [own, other] = [OWN, OTHER].map(machine);
    for report in REPORTS {
        let expected = read(&own, None, report);
        assert_eq!(text(&expected).1, "", "{report}");
        assert_eq!(expected.ending, Ending::Exit(0), "{report}");
        assert_eq!(text(&read(&own, Some(OWN), report)), text(&expected));
        let outcome = read(&other, Some(OTHER), report);
        assert_eq!(text(&outcome), text(&expected), "{report}");
    }
}

#[test]
fn addresses_are_what_the_machine_meant() {
    for order in ["big", "little"] {
        let tree = machine(order);
        let shown = |report| {
            let (stdout, stderr, ending) = text(&read(&tree, Some(order), report));
            assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
            let lines = stdout.lines().map(|line| {
                let words: Vec<_> = line.split_whitespace().collect();
                words.join(" ")
            });
            lines.collect::<Vec<_>>()
        };
        let sockets = shown("-tanW");
        assert_eq!(
            sockets[2..],
            [
                "tcp 0 0 127.0.0.1:80 0.0.0.0:* LISTEN",
                "tcp 0 0 192.168.1.1:80 10.2.3.4:8080 ESTABLISHED",
                "tcp6 0 0 ::1:80 :::* LISTEN",
                "tcp6 0 0 2001:db8::1234:80 fe80::12:3456:8080 ESTABLISHED",
                "tcp6 0 0 192.168.1.1:80 10.2.3.4:8080 ESTABLISHED",
            ]
        );
        assert_eq!(
            shown("-rn")[2..],
            [
                "0.0.0.0 192.168.1.254 0.0.0.0 UG 0 0 0 eth0",
                "192.168.1.0 0.0.0.0 255.255.255.0 U 0 0 0 eth0",
            ]
        );
        assert_eq!(shown("-gn")[3..], ["eth0 1 224.0.0.251", "eth0 1 ff02::fb"]);
    }
}

#[test]
fn json_has_the_same_addresses() {
    for order in ["big", "little"] {
        let outcome = read(&machine(order), Some(order), "-tan4 --json");
        let rows: Vec<Value> = serde_json::from_slice(&outcome.stdout).unwrap();
        let local: Vec<_> = rows
            .iter()
            .filter_map(|row| row["local_ip"].as_str())
            .collect();
        assert_eq!(local, ["127.0.0.1", "192.168.1.1"], "{rows:?}");
    }
}

fn warning() -> String {
    format!(
        "netstat: these tables seem to be from a {OTHER}-endian machine; option '--byte-order {OTHER}' reads them so.\n"
    )
}

/// Once in each pass, though four tables say so, and only if nobody has said what the order is.
#[test]
fn one_warning_names_the_option() {
    let tree = machine(OTHER);
    let said = |order, report| text(&read(&tree, order, report)).1;
    for report in ["-tuUwan", "-tln", "-6tan", "-an --json", "-tan --port 1"] {
        assert_eq!(said(None, report), warning(), "{report}");
        assert_eq!(said(Some(OTHER), report), "", "{report}");
        assert_eq!(said(Some(OWN), report), "", "{report}");
    }
    let thrice = said(None, "-tan -c --count 3 --interval 0.001");
    assert_eq!(thrice, warning().repeat(3));
    let outcome = read(&tree, None, "-tan");
    assert_eq!(outcome.ending, Ending::Exit(0));
    assert_eq!(outcome.stdout, read(&tree, Some(OWN), "-tan").stdout);
}

/// A loopback address as it is read, or an address that may be what it looks like, and the table is believed.
#[test]
fn no_warning_where_a_table_makes_sense() {
    let quiet = |rows: &[(&str, &str, &str)]| {
        let tree = Tree::new("quiet").exact_file("net/tcp", sockets(OWN, rows));
        let (_, stderr, ending) = text(&read(&tree, None, "-tan"));
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)), "{rows:?}");
    };
    quiet(&[]);
    quiet(&[("0A", "0.0.0.0", "0.0.0.0")]);
    quiet(&[("01", "10.0.0.127", "10.0.0.1")]);
    quiet(&[("01", "192.168.1.1", "1.0.0.127")]);
    quiet(&[
        ("0A", "1.0.0.127", "0.0.0.0"),
        ("0A", "127.0.0.1", "0.0.0.0"),
    ]);
}

#[test]
fn misuse_is_refused() {
    let root = machine(OTHER);
    let root = root.proc().display();
    for (args, message) in [
        (
            "--byte-order big -t".to_owned(),
            "option '--byte-order' needs '--proc-root'".to_owned(),
        ),
        (
            format!("--proc-root {root} --byte-order middle -t"),
            "option '--byte-order' takes big or little, not 'middle'".to_owned(),
        ),
        (
            format!("--proc-root {root} --byte-order= -t"),
            "option '--byte-order' takes big or little, not ''".to_owned(),
        ),
        (
            format!("--proc-root /proc --byte-order {OTHER} -t"),
            "option '--byte-order': /proc is this machine's own".to_owned(),
        ),
    ] {
        assert_refused(&ours(&args).output(), &message, 3);
    }
    // True, if needless.
    let args = format!("--proc-root /proc --byte-order {OWN} -rn4");
    let (_, stderr, _) = text(&ours(&args).output());
    assert!(!stderr.contains("byte-order"), "{stderr}");
}
