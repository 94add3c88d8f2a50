//! `--per-second`: what was counted since the last report, by its true length.
//!
//! A program runs while files or traffic change under it. Since nobody knows which of its looks is the first to see a change, reports
//! without any are passed over: the next holds all of it.

use std::fs;
use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::json_schema::assert_fits;
use super::{assert_refused, ours, text};
use crate::support::alone::alone;
use crate::support::program::{Ending, Run};
use crate::support::running::Running;
use crate::support::tree::{Tree, proc_net_dev};
use crate::support::world::{in_new_world, wait_for};

/// The next report of `--json`.
fn next_report(running: &mut Running) -> Vec<Value> {
    let mut text = running.line();
    while text != "[]" && !text.ends_with("\n]") {
        text.push('\n');
        text += &running.line();
    }
    let report = serde_json::from_str(&text).unwrap();
    assert_fits(&report, "a report of rates");
    serde_json::from_value(report).unwrap()
}

/// The next in which something has moved, or something is not known.
fn moved(running: &mut Running) -> Vec<Value> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(60) {
        let report = next_report(running);
        let mut rates = report.iter().flat_map(rates);
        if rates.any(|(_, rate)| *rate != 0.0) {
            return report;
        }
    }
    panic!("nothing moves");
}

/// The fields of a record that are rates.
fn rates(record: &Value) -> Vec<(&str, &Value)> {
    let is_rate = |name: &str| {
        name.starts_with("rx_")
            || name.starts_with("tx_")
            || name == "value" && record["type"] == "counter"
    };
    let fields = record.as_object().unwrap().iter();
    fields
        .filter(|(name, _)| is_rate(name))
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

/// How much a rate counted. It is given to the millionth, the time to the nanosecond.
#[track_caller]
fn count(record: &Value, field: &str) -> u64 {
    let time = record["interval_seconds"].as_f64().unwrap();
    let rate = record[field].as_f64().unwrap();
    let count = rate * time;
    // Half of each, and the digits of a double.
    let inexact = 0.5e-6 * time + 0.5e-9 * rate + count * 1e-12;
    assert!(
        (count - count.round()).abs() <= inexact,
        "{field} of {record}"
    );
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the counts of these tests are small, and none is negative"
    )]
    let whole = count.round() as u64;
    whole
}

/// The record in which a field has a value.
#[track_caller]
fn of<'a>(report: &'a [Value], field: &str, value: &str) -> &'a Value {
    let mut records = report.iter().filter(|record| record[field] == value);
    records
        .next()
        .unwrap_or_else(|| panic!("no {value} in {report:?}"))
}

/// Replaces a file as a whole.
fn put(tree: &Tree, file: &str, contents: &str) {
    let place = tree.proc().join(file);
    let new = place.with_extension("new");
    fs::write(&new, contents).unwrap();
    fs::rename(&new, &place).unwrap();
}

/// `/proc/net/dev` of interfaces with sixteen counters from a number on.
fn dev(interfaces: &[(&str, u64)]) -> String {
    let line = |&(name, first): &(&str, u64)| {
        let counters = (first..first + 16).map(|counter| counter.to_string());
        format!("{name}: {}\n", counters.collect::<Vec<_>>().join(" "))
    };
    proc_net_dev(&interfaces.iter().map(line).collect::<String>())
}

#[test]
fn interfaces_are_counted_from_report_to_report() {
    let tree = Tree::new("rates").file("net/dev", dev(&[("eth0", 1000), ("eth1", 5)]));
    let root = tree.proc().display();
    let begin = Instant::now();
    let mut running = Running::start(&format!(
        "-i --per-second --interval 0.25 --json --proc-root {root}"
    ));
    let first = next_report(&mut running);
    assert!(begin.elapsed() >= Duration::from_millis(250));
    assert_eq!(first.len(), 2);
    assert!(first.iter().flat_map(rates).all(|(_, rate)| *rate == 0.0));

    put(&tree, "net/dev", &dev(&[("eth0", 1700), ("eth1", 5)]));
    let report = moved(&mut running);
    let (eth0, eth1) = (of(&report, "iface", "eth0"), of(&report, "iface", "eth1"));
    let counters = rates(eth0);
    assert_eq!(counters.len(), 16);
    for (counter, _) in counters {
        let counted = (count(eth0, counter), count(eth1, counter));
        assert_eq!(counted, (700, 0), "{counter}");
    }
    // Stopped between two reports, it divides by the time that it was, and not by what it should have been.
    running.stopped(Duration::from_millis(600), || {
        put(&tree, "net/dev", &dev(&[("eth0", 1707), ("eth1", 5)]));
    });
    let report = moved(&mut running);
    let eth0 = of(&report, "iface", "eth0");
    assert_eq!(count(eth0, "rx_bytes"), 7);
    assert!(eth0["interval_seconds"].as_f64().unwrap() >= 0.6);
    let elapsed = begin.elapsed().as_secs_f64();
    assert!(eth0["interval_seconds"].as_f64().unwrap() < elapsed);
}

/// Each time, the report after the next is right again.
#[test]
fn interfaces_that_begin_anew_have_no_rates_until_the_next_report() {
    let near = u64::from(u32::MAX) - 20;
    for (before, after, wrapped) in [
        (1000, 3, None),
        (1000, 999, None),
        (near, 79, Some(100)),
        (u64::MAX - 20, 79, Some(100)),
        (1 << 40, 5, None),
    ] {
        let tree = Tree::new("anew").file("net/dev", dev(&[("eth0", before), ("eth1", 5)]));
        let root = tree.proc().display();
        let mut running = Running::start(&format!(
            "-i --per-second --interval 0.05 --json --proc-root {root}"
        ));
        next_report(&mut running);
        put(&tree, "net/dev", &dev(&[("eth0", after), ("eth1", 6)]));
        let report = moved(&mut running);
        let eth0 = of(&report, "iface", "eth0");
        match wrapped {
            Some(counted) => assert_eq!(count(eth0, "rx_bytes"), counted),
            None => {
                assert_eq!(eth0["interval_seconds"], Value::Null);
                assert!(rates(eth0).iter().all(|(_, rate)| rate.is_null()), "{eth0}");
            }
        }
        assert_eq!(count(of(&report, "iface", "eth1"), "tx_ok"), 1);
        put(
            &tree,
            "net/dev",
            &dev(&[("eth0", after + 3), ("eth1", 6), ("eth2", 9)]),
        );
        let report = moved(&mut running);
        assert_eq!(count(of(&report, "iface", "eth0"), "rx_bytes"), 3);
        // New: nobody knows since when it counts.
        assert!(of(&report, "iface", "eth2")["rx_ok"].is_null());
    }
}

/// The rest of the interface is said as ever; only what it counted is not known.
#[test]
fn tables_have_whole_numbers() {
    let tree = Tree::new("tables").file("net/dev", dev(&[("eth0", 1000), ("eth1", 5)]));
    let root = tree.proc().display();
    let mut running = Running::start(&format!(
        "-i --per-second --interval 0.1 --proc-root {root}"
    ));
    let title = running.line();
    assert_eq!(title, "Kernel Interface table");
    let heading = running.line();
    let still =
        "eth0                -        0      0      0 0             0      0      0      0 -";
    assert_eq!(running.line(), still);
    running.line();
    let next = |running: &mut Running| {
        loop {
            // The title is not repeated.
            assert_eq!(running.line(), heading);
            let row = running.line();
            running.line();
            if row != still {
                return row;
            }
        }
    };
    put(
        &tree,
        "net/dev",
        &dev(&[("eth0", 2_000_001_000), ("eth1", 5)]),
    );
    let row = next(&mut running);
    let words: Vec<&str> = row.split_whitespace().collect();
    // 2,000,000,000 in a tenth of a second or, on a busy machine, a little more.
    let rate: u64 = words[2].parse().unwrap();
    assert!((1_000_000..=20_000_000_000).contains(&rate), "{row}");
    assert_eq!(words[2..10], [words[2]; 8]);
    put(&tree, "net/dev", &dev(&[("eth0", 7), ("eth1", 5)]));
    assert_eq!(
        next(&mut running),
        "eth0                -      - no statistics available -                        -"
    );
    // What is less than one a second is one, not none.
    running.stopped(Duration::from_millis(2500), || {
        put(&tree, "net/dev", &dev(&[("eth0", 8), ("eth1", 5)]));
    });
    assert_eq!(
        next(&mut running),
        "eth0                -        1      1      1 1             1      1      1      1 -"
    );
}

#[test]
fn statistics_are_counted_from_report_to_report() {
    let snmp = |udp: [u64; 3], established: u64, more: &str| {
        let [received, errors, sent] = udp;
        format!(
            "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 10\nIcmp: InMsgs\nIcmp: {sent}\n{more}\
             Tcp: RtoMin MaxConn CurrEstab InSegs\nTcp: 200 -1 {established} 7\n\
             Udp: InDatagrams InErrors OutDatagrams RcvbufErrors\nUdp: {received} {errors} {sent} 4\n"
        )
    };
    let tree = Tree::new("counters").file("net/snmp", snmp([100, u64::MAX, 3], 5, ""));
    let root = tree.proc().display();
    let mut running = Running::start(&format!(
        "-s --per-second --interval 0.05 --json --proc-root {root}"
    ));
    let first = next_report(&mut running);
    for (name, value) in [
        ("CurrEstab", "5"),
        ("RtoMin", "200"),
        ("MaxConn", "-1"),
        ("InSegs", "0.0"),
        ("InErrors", "0.0"),
    ] {
        assert_eq!(of(&first, "counter", name)["value"].to_string(), value);
    }
    assert!(of(&first, "counter", "CurrEstab")["interval_seconds"].is_null());

    let begun = "IcmpMsg: InType3\nIcmpMsg: 2\n";
    put(&tree, "net/snmp", &snmp([50, 7, 33], 6, begun));
    let report = moved(&mut running);
    assert_eq!(count(of(&report, "counter", "OutDatagrams"), "value"), 30);
    assert_eq!(count(of(&report, "counter", "InErrors"), "value"), 8);
    assert_eq!(count(of(&report, "counter", "InType3"), "value"), 2);
    assert_eq!(of(&report, "counter", "CurrEstab")["value"], 6);
    // Begun anew.
    assert!(
        report
            .iter()
            .all(|record| record["counter"] != "InDatagrams")
    );
    put(&tree, "net/snmp", &snmp([60, 7, 33], 6, begun));
    assert_eq!(
        count(of(&moved(&mut running), "counter", "InDatagrams"), "value"),
        10
    );
}

/// A sentence that is left out of a table while its counter is zero is left out while that stands still.
#[test]
fn sentences_of_what_stands_still_are_left_out() {
    let snmp = |forwarded: u64| {
        format!(
            "Ip: Forwarding InReceives InHdrErrors ForwDatagrams Unheard\nIp: 1 10 {forwarded} {forwarded} {forwarded}\n"
        )
    };
    let tree = Tree::new("sentences").file("net/snmp", snmp(40));
    let root = tree.proc().display();
    let mut running = Running::start(&format!(
        "-sw --per-second --interval 0.1 --proc-root {root}"
    ));
    let still = [
        "Ip:",
        "    Forwarding: 1",
        "    0 total packets received",
        "    0 forwarded",
    ];
    assert_eq!(still.map(|_| running.line()), still);
    running.stopped(Duration::from_secs(2), || {
        put(&tree, "net/snmp", &snmp(41));
    });
    let moved = [
        "Ip:",
        "    Forwarding: 1",
        "    0 total packets received",
        "    1 with invalid headers",
        "    1 forwarded",
        "    Unheard: 1",
    ];
    // Unchanged until the file is another.
    let mut lines = std::iter::from_fn(|| Some(running.line())).peekable();
    let report = loop {
        let mut report = vec![lines.next().unwrap()];
        report.extend(std::iter::from_fn(|| lines.next_if(|line| line != "Ip:")));
        if report != still {
            break report;
        }
    };
    assert_eq!(report, moved);
}

/// The plain counters before and after, and the rates between, tell the same.
#[test]
fn rates_are_those_of_the_plain_counters() {
    alone(|| {
        let plain = |report: &str| {
            let outcome = ours(&format!("{report} --json")).output();
            serde_json::from_slice::<Vec<Value>>(&outcome.stdout).unwrap()
        };
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = receiver.local_addr().unwrap();
        for (report, key, name, fields) in [
            (
                "-i",
                "iface",
                "lo",
                &["rx_ok", "tx_ok", "rx_bytes", "tx_bytes"][..],
            ),
            ("-s", "counter", "InDatagrams", &["value"]),
            ("-s", "counter", "InOctets", &["value"]),
            ("-s", "counter", "InDelivers", &["value"]),
        ] {
            let mut running =
                Running::start(&format!("{report} --per-second --interval 0.05 --json"));
            next_report(&mut running);
            let before = plain(report);
            for _ in 0..100 {
                receiver.send_to(b"0123456789", address).unwrap();
                // The kernel counts what was taken.
                receiver.recv(&mut [0; 10]).unwrap();
            }
            let after = plain(report);
            let counted =
                |report: &[Value], field: &str| of(report, key, name)[field].as_u64().unwrap();
            let expected: Vec<u64> = fields
                .iter()
                .map(|field| counted(&after, field) - counted(&before, field))
                .collect();
            assert!(expected.iter().all(|&count| count >= 100), "{expected:?}");
            let mut sums = vec![0; fields.len()];
            let begin = Instant::now();
            while sums != expected {
                assert!(
                    begin.elapsed() < Duration::from_secs(30),
                    "{name}: {sums:?}, not {expected:?}"
                );
                let report = next_report(&mut running);
                for (sum, field) in sums.iter_mut().zip(fields) {
                    *sum += count(of(&report, key, name), field);
                }
            }
        }
    });
}

/// Another interface of the same name is told from the one before by its number, however much it has counted.
#[test]
#[ignore = "needs root and net-tools"]
fn interfaces_that_are_made_anew_are_not_those_before() {
    in_new_world(|world| {
        let make = "link add eth7 type veth peer name eth8";
        world.ip(make);
        let mut running = Running::start("-ia --per-second --interval 0.1 --json");
        assert_eq!(
            of(&next_report(&mut running), "iface", "eth7")["rx_ok"],
            0.0
        );
        running.stopped(Duration::ZERO, || {
            world.ip("link delete eth7");
            world.ip(make);
        });
        let report = moved(&mut running);
        assert!(of(&report, "iface", "eth7")["rx_ok"].is_null());
        assert_eq!(of(&report, "iface", "lo")["rx_ok"], 0.0);
        assert_eq!(
            of(&next_report(&mut running), "iface", "eth7")["rx_ok"],
            0.0
        );
    });
}

/// Each network namespace has its own last look.
#[test]
#[ignore = "needs root and net-tools"]
fn every_namespace_has_rates_of_its_own() {
    in_new_world(|_| {
        let mut other = Command::new("unshare")
            .args(["--net", "sleep", "1000"])
            .spawn()
            .unwrap();
        let namespace = |process: &str| fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
        let process = other.id().to_string();
        wait_for("another namespace", || {
            namespace(&process) != namespace("thread-self")
        });
        let mut running = Running::start("-ia --per-second --interval 0.2 --json --all-netns");
        next_report(&mut running);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        let report = moved(&mut running);
        let loopbacks: Vec<_> = report
            .iter()
            .filter(|record| record["iface"] == "lo")
            .collect();
        let (here, there): (Vec<_>, Vec<_>) = loopbacks.iter().partition(|lo| lo["rx_ok"] != 0.0);
        assert_eq!((here.len(), count(here[0], "rx_ok")), (1, 1));
        assert!(!there.is_empty() && there.iter().all(|lo| lo["tx_bytes"] == 0.0));
        other.kill().unwrap();
        other.wait().unwrap();
    });
}

#[test]
fn rows_are_chosen_and_sorted_by_rates() {
    let tree = Tree::new("chosen").file("net/dev", dev(&[("eth0", 1), ("eth1", 1), ("eth2", 1)]));
    let root = tree.proc().display();
    let mut running = Running::start(&format!(
        "-i --per-second --interval 0.1 --json --only rx_ok=0.5.. --sort rx_ok:desc --proc-root {root}"
    ));
    assert!(next_report(&mut running).is_empty());
    put(
        &tree,
        "net/dev",
        &dev(&[("eth0", 100_001), ("eth1", 1), ("eth2", 200_001)]),
    );
    let report = moved(&mut running);
    let names: Vec<_> = report.iter().map(|record| &record["iface"]).collect();
    assert_eq!(names, ["eth2", "eth0"]);

    let mut running = Running::start(&format!(
        "-ie --per-second --interval 0.1 --show rx_multicast --proc-root {root}"
    ));
    let block: Vec<String> = (0..7).map(|_| running.line()).collect();
    assert_eq!(block[2], "        RX packets 0  bytes 0 (0.0 B)");
    assert_eq!(block[6], "        rx_multicast 0.0");
}

/// What is wrong is said as without the option, and once for each report.
#[test]
fn the_first_look_is_silent() {
    let tree = Tree::new("silent").file("net/dev", dev(&[("eth0", 1)]));
    let plain = Run::ours(&tree, "-s").output();
    let rates = Run::ours(&tree, "-s --per-second --count 1 --interval 0.01").output();
    assert_eq!(text(&rates), text(&plain));
    assert!(!plain.stderr.is_empty());

    // What ends the run is not waited for.
    let begin = Instant::now();
    let args = "-s -x --per-second --interval 1000";
    assert_eq!(text(&ours(args).output()), text(&ours("-s -x").output()));
    assert!(begin.elapsed() < Duration::from_secs(100));
}

#[test]
fn only_what_is_counted_has_rates() {
    let needs = "option '--per-second' needs '--statistics' or '--interfaces'";
    for (args, message) in [
        ("", needs),
        ("-r", needs),
        ("-tn", needs),
        ("-g", needs),
        ("-M", needs),
        (
            "-s --problems",
            "option '--problems' cannot be used with '--per-second'",
        ),
        (
            "-i --openmetrics",
            "option '--openmetrics' cannot be used with '--per-second'",
        ),
        (
            "-s --openmetrics",
            "option '--openmetrics' cannot be used with '--per-second'",
        ),
    ] {
        assert_refused(&ours(&format!("{args} --per-second")).output(), message, 3);
    }
    // As if -c were given.
    let outcome = ours("-i --per-second --interval 0.001 --count 1").output();
    assert_eq!(outcome.ending, Ending::Exit(0));
}
