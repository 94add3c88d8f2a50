//! `--port`, `--state`, `--pid` and `--address`: each report must be the one without filters less the rows that its own columns say
//! do not match.

use std::collections::HashSet;
use std::fs;
use std::net::IpAddr;

use crate::support::program::{Ending, Run};
use crate::support::tree::Tree;
use crate::{assert_refused, ours, text};

/// A row of a table of sockets, taken apart.
#[derive(Debug)]
struct Row {
    /// Local and foreign address without ports; empty for unix sockets.
    addresses: Vec<IpAddr>,
    ports: Vec<u16>,
    state: String,
    inode: u64,
}

/// The columns that all tests look at: `-n` for numbers, `-W` so that none is cut, `-e` for inodes.
const COLUMNS: &str = "-aneWpo";

/// Takes a row of a report with these columns apart; `None` for headings.
fn row(line: &str) -> Option<Row> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let protocol = *words.first()?;
    let mut row = Row {
        addresses: Vec::new(),
        ports: Vec::new(),
        state: String::new(),
        inode: 0,
    };
    if protocol == "unix" {
        // "unix  2      [ ACC ]     STREAM     LISTENING     18001    1/init               /run/x"
        let column = |start: usize, width: usize| line[start..start + width].trim();
        row.state = column(36, 13).to_owned();
        row.inode = column(50, 8).parse().unwrap();
        return Some(row);
    }
    if !["tcp", "udp", "raw"]
        .iter()
        .any(|name| protocol.starts_with(name))
    {
        return None;
    }
    for end in &words[3..5] {
        let (address, port) = end.rsplit_once(':').unwrap();
        row.addresses.push(address.parse().unwrap());
        if !protocol.starts_with("raw") {
            row.ports.push(if port == "*" {
                0
            } else {
                port.parse().unwrap()
            });
        }
    }
    // Between the addresses and the user there is a state or none; user and inode are numbers.
    let named = words[5].parse::<i64>().is_err();
    let is_number = !named && protocol.starts_with("raw");
    if named {
        row.state = words[5].to_owned();
    }
    row.inode = words[6 + usize::from(named || is_number)].parse().unwrap();
    Some(row)
}

/// Compares the report with `filter` with that without, of which it must have headings and the rows that `keeps` keeps. Returns how many
/// rows are kept.
#[track_caller]
fn compare(tree: &Tree, base: &str, filter: &str, keeps: impl Fn(&Row) -> bool) -> usize {
    let run = |args: &str| text(&ours(args).proc(tree.proc()).output());
    let base = format!("{COLUMNS} {base}");
    let (all, warnings, ending) = run(&base);
    let mut kept = 0;
    let expected: String = all
        .split_inclusive('\n')
        .filter(|line| {
            row(line.trim_end_matches('\n')).is_none_or(|row| {
                let keeps = keeps(&row);
                kept += usize::from(keeps);
                keeps
            })
        })
        .collect();
    let (stdout, stderr, filtered_ending) = run(&format!("{base} {filter}"));
    assert_eq!(stdout, expected, "{filter}");
    assert_eq!((stderr, filtered_ending), (warnings, ending), "{filter}");
    kept
}

const TREES: [&str; 5] = [
    "busy-server",
    "listening-dual-stack",
    "tcp-states-and-timers",
    "unknown-states",
    "long-addresses",
];

/// Every row of the trees' tables.
fn all_rows() -> Vec<(Tree, Vec<Row>)> {
    let rows = |tree: &Tree| {
        let (stdout, ..) = text(&ours(COLUMNS).proc(tree.proc()).output());
        let rows: Vec<Row> = stdout.lines().filter_map(row).collect();
        assert!(rows.len() > 5);
        rows
    };
    let trees = TREES.into_iter().map(Tree::committed);
    trees
        .map(|tree| {
            let rows = rows(&tree);
            (tree, rows)
        })
        .collect()
}

#[test]
fn a_port_at_either_end() {
    for (tree, rows) in all_rows() {
        let mut ports: Vec<u16> = rows.iter().flat_map(|row| row.ports.clone()).collect();
        ports.sort_unstable();
        ports.dedup();
        assert!(ports.len() > 2);
        for port in &ports {
            let kept = compare(&tree, "", &format!("--port {port}"), |row| {
                row.ports.contains(port)
            });
            assert!(kept > 0);
        }
        let [one, two, .., three] = ports[..] else {
            panic!()
        };
        for filter in [
            format!("--port {one},{two},{three}"),
            format!("--port={one} --port {three},{two}"),
        ] {
            compare(&tree, "", &filter, |row| {
                row.ports
                    .iter()
                    .any(|port| [one, two, three].contains(port))
            });
        }
        for (first, last) in [(one, two), (two, three), (0, three - 1)] {
            let filter = format!("--port {first}-{last},64999");
            compare(&tree, "", &filter, |row| {
                row.ports.iter().any(|port| (first..=last).contains(port))
            });
        }
        assert_eq!(compare(&tree, "", "--port 64999", |_| false), 0);
        assert_eq!(compare(&tree, "-xw", "--port 1,6,7,17,58", |_| false), 0);
    }
}

#[test]
fn a_state_in_any_case() {
    let mut seen = HashSet::new();
    for (tree, rows) in all_rows() {
        let states: HashSet<String> = rows.iter().map(|row| row.state.clone()).collect();
        for state in states.iter().filter(|state| !state.is_empty()) {
            let filter = format!("--state {}", state.to_lowercase());
            let kept = compare(&tree, "", &filter, |row| {
                row.state == *state || (state == "LISTENING" && row.state == "LISTEN")
            });
            assert!(kept > 0);
            let filter = format!("--state=SYN_SENT,{state} --state listening");
            compare(&tree, "", &filter, |row| {
                // The second word finds what listens in either table.
                [state, "SYN_SENT", "LISTENING", "LISTEN"].contains(&row.state.as_str())
            });
        }
        seen.extend(states);
    }
    for state in [
        "LISTEN",
        "LISTENING",
        "CONNECTED",
        "TIME_WAIT",
        "UNKNOWN",
        "ESTABLISHED",
    ] {
        assert!(seen.contains(state), "{state} is in no tree");
    }
}

/// A filter adds nothing: without -a or -l there are no servers.
#[test]
fn rows_that_are_not_shown_stay_away() {
    let tree = Tree::committed("busy-server");
    let (stdout, ..) = text(
        &ours("-n --state LISTEN,LISTENING")
            .proc(tree.proc())
            .output(),
    );
    assert!(
        stdout.lines().filter_map(row_is_a_socket).next().is_none(),
        "{stdout}"
    );
    let headings = stdout
        .lines()
        .filter(|line| line.starts_with("Proto"))
        .count();
    assert_eq!(headings, 2);
}

fn row_is_a_socket(line: &str) -> Option<&str> {
    ["tcp", "udp", "raw", "unix"]
        .iter()
        .any(|name| line.starts_with(name))
        .then_some(line)
}

#[test]
fn the_sockets_of_a_process() {
    let tree = Tree::committed("busy-server");
    let mut kept = 0;
    for entry in fs::read_dir(tree.proc()).unwrap() {
        let entry = entry.unwrap();
        let Ok(pid) = entry.file_name().to_str().unwrap().parse::<u32>() else {
            continue;
        };
        let inodes: HashSet<u64> = fs::read_dir(entry.path().join("fd"))
            .unwrap()
            .filter_map(|link| {
                let target = fs::read_link(link.unwrap().path()).ok()?;
                let text = target.to_str()?.strip_prefix("socket:[")?;
                text.strip_suffix(']')?.parse().ok()
            })
            .collect();
        kept += compare(&tree, "", &format!("--pid {pid}"), |row| {
            inodes.contains(&row.inode)
        });
    }
    assert!(kept > 15);
}

/// Also one that is not the first in the order of /proc, and without -p.
#[test]
fn a_process_that_shares_the_socket() {
    let table = "heading\n\
        0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1\n\
        1: 0100007F:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1235 1\n\
        2: 0100007F:0052 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 0 1\n";
    let tree = Tree::new("shared")
        .file("net/tcp", table)
        .file("10/cmdline", "first\0")
        .link("10/fd/3", "socket:[1234]")
        .link("10/fd/4", "socket:[1235]")
        .file("11/cmdline", "second\0")
        .link("11/fd/0", "/dev/null")
        .link("11/fd/3", "socket:[1234]")
        .directory("12/fd");
    let ports = |args: &str| {
        let (stdout, stderr, ending) = text(&ours(args).proc(tree.proc()).output());
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        let rows = stdout.lines().filter_map(|line| line.strip_prefix("tcp"));
        let ports = rows.map(|row| row.split_whitespace().nth(2).unwrap()[10..].to_owned());
        ports.collect::<Vec<_>>()
    };
    assert_eq!(ports("-tln"), ["80", "81", "82"]);
    for program in ["", "-p"] {
        assert_eq!(ports(&format!("-tln --pid 10 {program}")), ["80", "81"]);
        assert_eq!(ports(&format!("-tln --pid 11 {program}")), ["80"]);
        assert!(ports(&format!("-tln --pid 12 {program}")).is_empty());
    }
    let outcome = ours("-tln --pid 13").proc(tree.proc()).output();
    assert_refused(&outcome, "option '--pid': there is no process 13", 3);
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_process_that_is_not_ours() {
    let run = ours("-tln --pid 1").uid(65534);
    let message = "cannot list the sockets of process 1: Permission denied";
    assert_refused(&run.output(), message, 1);
}

/// What `--address` means, said in another way: on text, bit by bit.
fn bits(address: &IpAddr) -> String {
    let octets = match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().map(|octet| format!("{octet:08b}")).collect()
}

#[test]
fn an_address_at_either_end() {
    for (tree, rows) in all_rows() {
        let addresses: HashSet<IpAddr> =
            rows.iter().flat_map(|row| row.addresses.clone()).collect();
        for address in &addresses {
            let canonical = address.to_canonical();
            // A mapped address is the same as the one it stands for, however it is spelled.
            let mut spellings = vec![address.to_string(), canonical.to_string()];
            if let IpAddr::V4(address) = canonical {
                spellings.push(address.to_ipv6_mapped().to_string());
            }
            let wanted = bits(address);
            for spelling in &spellings {
                let kept = compare(&tree, "", &format!("--address {spelling}"), |row| {
                    row.addresses.iter().any(|address| bits(address) == wanted)
                });
                assert!(kept > 0, "{spelling}");
            }
            let longest = wanted.len();
            for length in [1, 9, 24, longest - 1] {
                let filter = format!("--address {canonical}/{length}");
                compare(&tree, "", &filter, |row| {
                    row.addresses.iter().any(|address| {
                        let bits = bits(address);
                        bits.len() == longest && bits[..length] == wanted[..length]
                    })
                });
            }
        }
        compare(&tree, "", "--address 0.0.0.0/0", |row| {
            row.addresses
                .iter()
                .any(|address| address.to_canonical().is_ipv4())
        });
        compare(&tree, "", "--address ::/0", |row| {
            row.addresses.iter().any(IpAddr::is_ipv6)
        });
        assert_eq!(compare(&tree, "", "--address 198.51.100.199", |_| false), 0);
    }
}

#[test]
fn all_filters_must_match() {
    for (tree, rows) in all_rows() {
        for row in rows.iter().filter(|row| row.ports.len() == 2).take(12) {
            let (port, address) = (row.ports[0], row.addresses[0].to_canonical());
            compare(
                &tree,
                "",
                &format!("--port {port} --address {address} --state listen"),
                |row| {
                    row.ports.contains(&port)
                        && row
                            .addresses
                            .iter()
                            .any(|other| other.to_canonical() == address)
                        && row.state == "LISTEN"
                },
            );
        }
    }
}

#[test]
fn a_service_that_does_not_exist() {
    let tree = Tree::committed("busy-server");
    let outcome = ours("-an --port 22,no-such-service")
        .proc(tree.proc())
        .output();
    assert_refused(
        &outcome,
        "option '--port': there is no service 'no-such-service'",
        3,
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_service_by_its_names() {
    let etc = tempfile::tempdir().unwrap();
    let files = [
        ("nsswitch.conf", "services: files\nhosts: files\n"),
        (
            "services",
            "web 80/tcp http www\nweb 8080/udp\nother 22/tcp web\nelse 443/tcp\n",
        ),
    ];
    for (name, contents) in files {
        fs::write(etc.path().join(name), contents).unwrap();
    }
    let tree = Tree::committed("busy-server");
    let run = |args: &str| -> Run { ours(args).proc(tree.proc()).etc(etc.path()) };
    for (names, numbers) in [
        ("web", "80,8080,22"),
        ("www", "80"),
        ("else,http", "80,443"),
        ("else,53", "443,53"),
    ] {
        let by_name = run(&format!("-aW --port {names}")).output();
        assert_eq!(
            by_name,
            run(&format!("-aW --port {numbers}")).output(),
            "{names}"
        );
        assert!(by_name.stdout.len() > 300, "{names}");
    }
    let outcome = run("-a --port WEB").output();
    assert_refused(&outcome, "option '--port': there is no service 'WEB'", 3);
}

#[test]
fn only_sockets_have_filters() {
    for filter in ["--port 1", "--state LISTEN", "--pid 1", "--address ::1"] {
        for (letter, name) in [
            ("-r", "route"),
            ("-i", "interfaces"),
            ("-s", "statistics"),
            ("-M", "masquerade"),
            ("-g", "groups"),
            ("-tg", "groups"),
        ] {
            let option = filter.split(' ').next().unwrap();
            let message = format!("option '{option}' cannot be used with '--{name}'");
            assert_refused(&ours(&format!("{letter} {filter}")).output(), &message, 3);
        }
    }
}
