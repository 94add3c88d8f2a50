//! Fixtures against what the reference wrote (fixtures/README.md says how to record).

use std::fmt::Write;
use std::fs;

use crate::support::golden::{golden, golden_on};
use crate::support::tree::Tree;

/// Both families with all protocols, and the selections under which hidden tables come to lie before shown ones.
const USUAL: [&str; 8] = ["-s", "-s6", "-st", "-su", "-sw", "-s6t", "-s6u", "-s6w"];

#[test]
fn every_counter() {
    golden("statistics-every-counter", &["-s", "-s6", "-st", "-sU"]);
}

#[test]
fn all_zero() {
    golden("statistics-all-zero", &USUAL);
}

#[test]
fn kernel_generations() {
    for version in ["2.6.32", "3.10", "4.19", "5.15", "6.1", "6.18"] {
        golden(&format!("statistics-linux-{version}"), &USUAL);
    }
}

/// Every set of protocols with every family.
#[test]
fn selection() {
    let mut lines = Vec::new();
    for family in ["", "4", "6"] {
        for set in 0..32 {
            let protocols = "tuwSU".chars().enumerate();
            let chosen: String = protocols
                .filter(|(bit, _)| set & (1 << bit) != 0)
                .map(|(_, letter)| letter)
                .collect();
            lines.push(format!("-s{family}{chosen}"));
        }
    }
    golden_of("statistics-selection", &lines);
}

/// What decides the family, what is refused, and what means nothing here.
#[test]
fn options() {
    let families = [
        "--ip",
        "--inet",
        "--inet6",
        "--tcpip",
        "-A inet",
        "-A ip",
        "-A tcpip",
        "-A inet6",
        "-A ip6",
        "-A ip6 -6",
        "-46",
        "-64",
        "-44",
        "-x",
        "-A inet,unix",
        "-A econet",
        "-A ash,ddp,appletalk",
        "--ipx --ax25 --x25 --netrom --rose",
        "-4 --ddp -6 --econet",
        "--bluetooth",
    ];
    let others = [
        "-a",
        "-l",
        "-n",
        "-e",
        "-ee",
        "-o",
        "-v",
        "-W",
        "-N",
        "-c",
        "-C",
        "-F",
        "-g",
        "-2",
        "-f",
        "-anovWNcCFg",
        "-6v",
        "-6c",
        "-6S",
        "operand -- -6",
        "-s",
        "-r",
        "-i",
        "-M",
    ];
    let lines: Vec<String> = families
        .iter()
        .chain(&others)
        .map(|option| format!("-s {option}"))
        .collect();
    golden_on(
        &Tree::committed("statistics-selection"),
        "statistics-options",
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

fn golden_of(tree: &str, lines: &[String]) {
    golden(tree, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Every counter of the fixture in a table of its own, with the value 7 and with 0, in every family's file.
#[test]
fn one_by_one() {
    let counters = Counters::read();
    for value in [7, 0] {
        let mut tree = Tree::new("one-by-one");
        for (file, pairs) in &counters.pairs {
            let text: String = pairs
                .iter()
                .map(|(title, key)| format!("{title}: {key}\n{title}: {value}\n"))
                .collect();
            tree = tree.file(file, text);
        }
        // What is not known does not end a table in the reference's eyes, but begins one in the file's.
        let text: String = counters
            .names
            .iter()
            .map(|name| format!("{name} {value}\nother 0\n"))
            .collect();
        tree = tree.file("net/snmp6", text);
        let sctp: String = counters
            .sctp
            .iter()
            .map(|name| format!("{name} {value}\n"))
            .collect();
        tree = tree.file("net/sctp/snmp", sctp);
        golden_on(
            &tree,
            &format!("statistics-one-by-one-{value}"),
            &["-s", "-s6"],
        );
    }
}

/// Every counter in the tables of others and in tables with almost their names, where none but raw ones may come out.
#[test]
fn in_the_wrong_table() {
    let counters = Counters::read();
    let mut keys: Vec<&str> = counters
        .pairs
        .iter()
        .flat_map(|(_, pairs)| pairs)
        .map(|(_, key)| key.as_str())
        .chain(counters.names.iter().map(String::as_str))
        .chain(counters.sctp.iter().map(String::as_str))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let values = " 7".repeat(keys.len());
    let mut snmp = String::new();
    for title in ["Udp", "Ip6", "TCP"] {
        writeln!(snmp, "{title}: {}\n{title}:{values}", keys.join(" ")).unwrap();
    }
    let sctp: String = keys.iter().map(|key| format!("{key} 7\n")).collect();
    let tree = Tree::new("wrong-table")
        .file("net/snmp", snmp)
        .file("net/sctp/snmp", sctp);
    golden_on(&tree, "statistics-wrong-table", &["-s"]);
}

/// The counters of the fixture that has them all.
struct Counters {
    /// By file: title and key.
    pairs: Vec<(&'static str, Vec<(String, String)>)>,
    /// Of `snmp6`.
    names: Vec<String>,
    sctp: Vec<String>,
}

impl Counters {
    fn read() -> Self {
        let tree = Tree::committed("statistics-every-counter");
        let text = |file: &str| fs::read_to_string(tree.proc().join(file)).unwrap();
        let pairs = |file| {
            let text = text(file);
            let heads = text.lines().step_by(2);
            let all: Vec<(String, String)> = heads
                .flat_map(|head| {
                    let (title, keys) = head.split_once(':').unwrap();
                    keys.split_whitespace()
                        .map(move |key| (title.to_owned(), key.to_owned()))
                })
                .collect();
            (file, all)
        };
        let names = |file| -> Vec<String> {
            text(file)
                .lines()
                .map(|line| line.split_whitespace().next().unwrap().to_owned())
                .collect()
        };
        Self {
            pairs: vec![pairs("net/snmp"), pairs("net/netstat")],
            names: names("net/snmp6"),
            sctp: names("net/sctp/snmp"),
        }
    }
}

/// Pairs of lines that each come out, however odd: none of them ends the file.
#[test]
fn odd_pairs() {
    let udp = "Udp: InDatagrams NoPorts InErrors";
    let mut snmp = Vec::new();
    for values in [
        "",
        "5",
        "5 6",
        "5 6 7 8",
        "5 abc 7",
        "5 12abc 7",
        "+5 010 0x10",
        "1.5 6",
        "-1 -0 -7",
        "- 7 8",
        "5 --6 7",
        "5 +-6 7",
        "5 -x 7",
        "5 6- 7",
        "5+6-7",
        "2147483648 4294967296 9223372036854775808",
        "18446744073709551615 18446744073709551616 99999999999999999999999",
        "-18446744073709551615 -18446744073709551616 -18446744073709551617",
        "-9223372036854775808 00000000000000000000000000000007 8",
        "5\x0b6\x0c7",
        "5\t\t6   \t 7   ",
        "\r5\r6\r",
        "5\0 6 7",
        "5 6 7\0",
        "5 \u{e9} 7",
    ] {
        writeln_bytes(&mut snmp, &[udp, "\nUdp: ", values]);
        writeln_bytes(&mut snmp, &[udp, "\nUdp:", values]);
    }
    for pair in [
        // Names.
        "Udp:InDatagrams NoPorts\nUdp:5 6",
        "Udp:\t\tInDatagrams  \tNoPorts \t\nUdp:\t\t5  6\t",
        "Udp: In:Datagrams NoPorts\nUdp: 5 6",
        "Udp: InDatagrams: NoPorts\nUdp: 5 6",
        "Udp: InDatagrams NoPorts\0 InErrors\nUdp: 5 6 7",
        "Udp: InDatagrams InDatagrams InDatagrams\nUdp: 5 0 7",
        "Udp: indatagrams INDATAGRAMS InDatagram InDatagramss\nUdp: 5 6 7 8",
        "Udp: %s %d %n %% \\n\nUdp: 5 6 7 8 9",
        "Udp: \u{e9}\nUdp: 8",
        // Titles.
        "Udp: InDatagrams\nTcp: 5",
        "Udp: InDatagrams\nx y z:5",
        "Udp: InDatagrams\n:5",
        "Udp::: InDatagrams\nUdp: 5",
        "Udp: InDatagrams\nUdp:: 5",
        " Udp: InDatagrams\n Udp: 5",
        "Udp : InDatagrams\nUdp : 5",
        "udp: InDatagrams\nudp: 5",
        ": A B\n: 1 2",
        ":\n:",
        "My Table: A\nx: 5",
        "%s%n: A\n%s: 5",
        "Foo: A B\nFoo: 0 0",
        "Foo:\nFoo:",
        "Udp:\nUdp:",
        "Udp: \nUdp: 5",
        "\n\n\nUdp: InDatagrams\nUdp: 5\n\n",
        "Udp6: Udp6InDatagrams\nUdp6: 5",
        "Ip6: Ip6InReceives\nIp6: 5",
        "Sctp: SctpAborteds SctpT1InitExpireds\nSctp: 5 6",
        "TcpExt: TW TCPTimeouts\nTcpExt: 5 6",
    ] {
        writeln_bytes(&mut snmp, &[pair]);
    }
    // The last line lacks its end.
    snmp.extend_from_slice(b"Ip: InReceives InDelivers\nIp: 5 6");
    let tree = Tree::new("odd-pairs")
        .file("net/snmp", &snmp)
        .file("net/netstat", &snmp)
        .file("net/snmp6", "");
    golden_on(&tree, "statistics-odd-pairs", &["-s", "-st", "-s6", "-s6u"]);
}

/// Characters above 0x7f become the one byte of that number.
fn writeln_bytes(file: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        file.extend(
            part.chars().map(|character| {
                u8::try_from(u32::from(character)).expect("a character of one byte")
            }),
        );
    }
    file.push(b'\n');
}

/// What ends the reading of a file, and with what words.
#[test]
fn damaged_pairs() {
    let good = "Tcp: InSegs\nTcp: 5\n";
    for (name, damage) in [
        ("no-colon-in-names", "Udp InDatagrams\nUdp: 5\n"),
        ("no-colon-in-values", "Udp: InDatagrams\nUdp 5\n"),
        ("no-colon-at-all", "Udp InDatagrams\nUdp 5\n"),
        ("blank-values", "Udp: InDatagrams\n\nUdp: 5\n"),
        ("blank-with-a-blank", " \nUdp: InDatagrams\nUdp: 5\n"),
        ("carriage-return", "\r\nUdp: InDatagrams\nUdp: 5\n"),
        ("names-only", "Udp: InDatagrams\n"),
        ("names-without-end", "Udp: InDatagrams"),
        ("one-line-without-colon", "Udp InDatagrams\n"),
        ("nul-before-colon", "Udp\0: InDatagrams\nUdp: 5\n"),
        ("nul-line", "\0\nUdp: InDatagrams\nUdp: 5\n"),
        (
            "odd-number-of-lines",
            "Udp: InDatagrams\nUdp: 5\nIp: InReceives\n",
        ),
    ] {
        let damaged = format!("{good}{damage}");
        // What comes behind damage that swallows one line is read in pairs again.
        let middle = format!("{damaged}{good}");
        let tree = Tree::new(name)
            .file("net/snmp", &middle)
            .file("net/netstat", damaged)
            .file("net/snmp6", "Ip6InReceives 4\n")
            .file("net/sctp/snmp", "SctpAborteds 3\n");
        golden_on(
            &tree,
            &format!("statistics-damaged-{name}"),
            &["-s", "-s6", "-su"],
        );
    }
}

/// The state of indentation and histograms over titles that are known, hidden, unknown, and over files.
#[test]
fn histograms() {
    let pair = |title: &str, counters: &str| {
        let keys: Vec<&str> = counters.split_whitespace().collect();
        let values: String = keys
            .iter()
            .enumerate()
            .map(|(index, key)| {
                if key.starts_with('!') {
                    " 0".to_owned()
                } else {
                    format!(" {}", index + 1)
                }
            })
            .collect();
        format!("{title}: {}\n{title}:{values}\n", counters.replace('!', ""))
    };
    let snmp = [
        pair(
            "Icmp",
            "InDestUnreachs InCsumErrors InEchos InErrors InEchoReps OutEchos OutErrors OutEchoReps",
        ),
        pair(
            "Icmp",
            "!InDestUnreachs !InErrors !InEchoReps !OutEchos !OutErrors !OutEchoReps",
        ),
        pair(
            "Icmp",
            "OutEchos InEchos OutEchos Raw InEchos !Raw !OutErrors Raw !InEchos OutMsgs",
        ),
        pair("Icmp", "InEchos"),
        pair("IcmpMsg", "InType3 OutType8"),
        pair("Foo", "A"),
        pair("Ip", "Forwarding !FragFails InReceives"),
        pair("Icmp", "InEchos"),
        pair("Foo", "A"),
        pair("Udp", ""),
        pair("Foo", "A"),
        pair("Icmp", "Before !OutEchos After"),
        pair("Tcp", "MaxConn Raw"),
        pair("Foo", "A"),
        pair("Icmp", "InEchos"),
    ];
    let netstat = [
        pair("IpExt", "InOctets"),
        pair("TcpExt", "!TW Raw TW Raw"),
        pair("Icmp", "OutEchos"),
    ];
    let tree = Tree::new("histograms")
        .file("net/snmp", snmp.concat())
        .file("net/netstat", netstat.concat())
        .file("net/sctp/snmp", "Raw 1\nSctpAborteds 0\n");
    golden_on(
        &tree,
        "statistics-histograms",
        &["-s", "-st", "-su", "-sw", "-stw", "-sU", "-sS"],
    );

    let snmp6 = "Icmp6InEchos 1\nIcmp6OutErrors 2\nIcmp6OutEchos 0\nIcmp6InMsgs 3\nIcmp6OutEchos 4\nIcmp6InType6 5\n\
                 other 6\nIcmp6InEchos 7\nUdpLite6InErrors 8\nUdp6NoPorts 9\nUdpLite6InErrors 10\nIcmp6InEchos 11\n";
    let snmp = [
        pair("Icmp", "OutEchos"),
        pair("TcpZ", "A"),
        pair("Tcp", "Raw InSegs"),
        pair("TcpExt", "TW"),
    ];
    let tree = Tree::new("histograms6")
        .file("net/snmp6", snmp6)
        .file("net/snmp", snmp.concat());
    golden_on(
        &tree,
        "statistics-histograms6",
        &["-s6", "-s6t", "-s6u", "-s6w"],
    );
}

/// `snmp6`: what makes a title, a name, a value.
#[test]
fn odd_lines_of_snmp6() {
    let lines = [
        "Ip6InReceives 5",
        "Udp6NoPorts\t\t 6",
        "UdpLite6InErrors 0",
        "Tcp6InSegs 4",
        "ActiveOpens 3",
        "Ip6InReceives 5",
        "",
        "Udp6NoPorts 6",
        " \t \x0b",
        "Ip6InReceives 5",
        "Ip6InDelivers",
        "Ip6InDelivers abc",
        "Ip6InReceives 5 6 7",
        "Ip6InDelivers 12abc",
        "Ip6OutRequests -1",
        "Ip6OutRequests 18446744073709551616",
        "Ip6OutRequests -18446744073709551616",
        "Ip6OutRequests +4",
        "Ip6OutRequests 010",
        "Ip6OutRequests 0x10",
        "Ip6OutRequests - 9",
        "Ip6OutRequests -",
        "Ip6OutRequests\x0b9",
        "Ip6OutRequests\r\n",
        "Ip6OutRequests \r8\r",
        "Foo 5",
        "FooBar 6",
        "Bar 7",
        "Foo 0",
        "Ip6InReceives 5",
        "Udp6NoPorts 6",
        "Ip6InDelivers 5",
        "XXIp6Foo 1",
        "UdpLite6A 2",
        "Lite6X 3",
        "Icmp6InType6 5",
        "Icmp6OutType136 6",
        "6foo 5",
        "Ip6InReceives 3",
        "66 5",
        "   Ip6InReceives 5",
        "Ip6InReceives:5",
        "Ip6InDelivers: 6",
        "%s%n 7",
        "Ip6%d 8",
        "Ip 10",
        "Icmp 11",
        "Tcp 12",
        "Udp 13",
        "InReceives 14",
        "ip6InReceives 15",
        "Ip6InReceives\0 99",
        "Udp6InDatagrams 4\0 2",
    ];
    let tree = Tree::new("snmp6")
        .file("net/snmp6", lines.join("\n"))
        .file("net/snmp", "");
    golden_on(&tree, "statistics-snmp6", &["-s6", "-s6t", "-s6u", "-s6w"]);
}

#[test]
fn odd_lines_of_sctp() {
    let lines = [
        "SctpAborteds 4",
        "Foo 5",
        "Foo 0",
        "SctpShutdowns\t\t-1",
        "Bar 18446744073709551616",
        "010 010",
        "hex 0x10",
        "SctpAborteds",
        "SctpShutdowns ",
        "",
        " ",
        " 5",
        "\t \t6",
        "SctpFoo 4 5",
        "SctpBaz 3x",
        "SctpAborteds: 5",
        "SctpAborteds x",
        "SctpAborteds - 5",
        "SctpAborteds\x0b5",
        "SctpAborteds \x0b5",
        "Foo \r\r7",
        "sctpaborteds 1",
        "%s%n 2",
        "Foo \0 9",
        "Foo 5\09",
    ];
    let mut sctp = lines.join("\n").into_bytes();
    // 1100 bytes are two pieces, the first of which has nothing behind its name.
    sctp.extend_from_slice(b"\n");
    sctp.extend_from_slice(&[b'X'; 1100]);
    sctp.extend_from_slice(b" 5\nSctpCurrEstab");
    sctp.extend_from_slice(&[b' '; 1020]);
    sctp.extend_from_slice(b"6\nLast 7");
    let tree = Tree::new("sctp")
        .file("net/snmp", "")
        .file("net/sctp/snmp", sctp);
    golden_on(&tree, "statistics-sctp", &["-s", "-sS", "-st", "-s6"]);
}

/// Names and lines longer than any buffer.
#[test]
fn long() {
    let long = "K".repeat(5000);
    let keys: String = (0..20_000).fold(String::new(), |mut keys, index| {
        write!(keys, " Key{index}").unwrap();
        keys
    });
    let values: String = (0..20_000).fold(String::new(), |mut values, index| {
        // One in a hundred, or the snapshot would be megabytes long.
        write!(values, " {}", if index % 100 == 0 { index } else { 0 }).unwrap();
        values
    });
    let snmp = format!(
        "Udp: {long} InDatagrams\nUdp: 5 6\n{long}: A\n{long}: 7\nMany:{keys}\nMany:{values}\n\
         Udp: InDatagrams{blanks}NoPorts\nUdp: 5{blanks}6\n",
        blanks = " ".repeat(9000)
    );
    let tree = Tree::new("long").file("net/snmp", snmp).file("net/snmp6", {
        let mut snmp6 = String::new();
        for length in [40, 49] {
            writeln!(snmp6, "{} 5", "N".repeat(length)).unwrap();
        }
        // A newline that comes 1023 bytes behind the beginning is a piece of its own.
        let blanks = " ".repeat(1023 - "Ip6InReceives5".len());
        writeln!(snmp6, "Ip6InReceives{blanks}5").unwrap();
        writeln!(snmp6, "Ip6InDelivers{}7", " ".repeat(1015)).unwrap();
        snmp6
    });
    golden_on(&tree, "statistics-long", &["-s", "-s6"]);
}

#[test]
fn missing_files() {
    const SNMP: (&str, &str) = ("net/snmp", "Tcp: InSegs\nTcp: 1\n");
    const NETSTAT: (&str, &str) = ("net/netstat", "IpExt: InOctets\nIpExt: 2\n");
    const SNMP6: (&str, &str) = ("net/snmp6", "Ip6InReceives 3\n");
    const SCTP: (&str, &str) = ("net/sctp/snmp", "SctpAborteds 4\n");
    for (name, files) in [
        ("all", &[][..]),
        ("snmp", &[NETSTAT, SNMP6, SCTP]),
        ("netstat", &[SNMP, SNMP6, SCTP]),
        ("snmp6", &[SNMP, NETSTAT, SCTP]),
        ("sctp", &[SNMP, NETSTAT, SNMP6]),
        ("all-but-snmp", &[SNMP]),
        ("all-but-snmp6", &[SNMP6]),
    ] {
        let mut tree = Tree::new(name).directory("net");
        for (file, text) in files {
            tree = tree.file(file, text);
        }
        golden_on(
            &tree,
            &format!("statistics-without-{name}"),
            &["-s", "-s6", "-sS", "-s46", "-sx"],
        );
    }
    let empty = Tree::new("empty")
        .file("net/snmp", "")
        .file("net/netstat", "")
        .file("net/snmp6", "")
        .file("net/sctp/snmp", "");
    golden_on(&empty, "statistics-empty", &USUAL);
}

/// Files that can be opened but not read, or not opened for other reasons than that they are missing.
#[test]
fn unreadable_files() {
    let directories = Tree::new("directories")
        .directory("net/snmp")
        .directory("net/netstat")
        .directory("net/snmp6")
        .directory("net/sctp/snmp");
    golden_on(
        &directories,
        "statistics-directories",
        &["-s", "-st", "-s6", "-s6t"],
    );
    let links = Tree::new("links")
        .link("net/snmp", "snmp")
        .link("net/netstat", "netstat")
        .link("net/snmp6", "snmp6")
        .link("net/sctp/snmp", "snmp");
    golden_on(&links, "statistics-links-to-themselves", &["-s", "-s6"]);
    let link = Tree::new("link")
        .file("net/snmp", "Tcp: InSegs\nTcp: 1\n")
        .link("net/netstat", "netstat")
        .link("net/sctp/snmp", "snmp");
    golden_on(&link, "statistics-links", &["-s", "-s6"]);
    let not_directory = Tree::new("not-a-directory")
        .file("net/snmp", "Tcp: InSegs\nTcp: 1\n")
        .file("net/snmp6", "Ip6InReceives 3\n")
        .file("net/sctp", "");
    golden_on(&not_directory, "statistics-not-a-directory", &["-s", "-s6"]);
}

/// Another user: what may not be opened.
#[test]
#[ignore = "needs root and net-tools"]
fn forbidden_files() {
    let tree = Tree::new("forbidden")
        .file("net/snmp", "Tcp: InSegs\nTcp: 1\n")
        .file("net/netstat", "IpExt: InOctets\nIpExt: 2\n")
        .mode("net/netstat", 0o000)
        .file("net/snmp6", "Ip6InReceives 3\n")
        .mode("net/snmp6", 0o000)
        .file("net/sctp/snmp", "SctpAborteds 4\n")
        .mode("net/sctp", 0o000);
    crate::support::golden::golden_with("statistics-forbidden", &["-s", "-s6"], |run| {
        run.proc(tree.proc()).uid(61_240)
    });
    let tree = tree.mode("net/snmp", 0o000).mode("net/snmp6", 0o644);
    crate::support::golden::golden_with("statistics-forbidden-snmp", &["-s", "-s6"], |run| {
        run.proc(tree.proc()).uid(61_240)
    });
}
