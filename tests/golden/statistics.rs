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
