//! `--json-lines`: the records of `--json`, each an object by itself that says when it was read, for readers of streams.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::json::{Object, harmless, record_on};
use crate::json_schema::assert_fits;
use crate::support::program::Ending;
use crate::support::running::Running;
use crate::support::tree::Tree;
use crate::support::world::in_new_world;
use crate::{ours, read_by, text};

/// The records of a run on a tree, which must end well.
fn lines(tree: &Tree, args: &str) -> Vec<Object> {
    let args = format!("--json-lines {args}");
    let outcome = ours(&args).proc(tree.proc()).output();
    assert_eq!(outcome.ending, Ending::Exit(0), "{:?}", text(&outcome));
    parsed(&outcome.stdout, &args)
}

/// The records of some lines, the last of which must be whole too.
fn parsed(stdout: &[u8], what: &str) -> Vec<Object> {
    let text = harmless(stdout, what);
    assert!(text.is_empty() || text.ends_with('\n'), "{what}");
    text.lines()
        .map(|line| {
            assert!(line.starts_with("{\"time\":\""), "{what}: {line}");
            let record = record_on(line, what);
            assert_fits(&Value::Object(record.clone()), what);
            record
        })
        .collect()
}

/// What was read, without when.
fn timeless(mut record: Object) -> Object {
    assert!(record.remove("time").is_some());
    assert!(record.remove("report").is_some());
    record
}

/// The same bytes as in the array, but for the beginning of each record.
#[test]
fn records_are_those_of_json() {
    for (tree, args) in [
        ("busy-server", "-anpo"),
        ("busy-server", "-tn --state ESTABLISHED --port 443"),
        ("unix-sockets", "-xanp"),
        ("groups", "-gn"),
        ("routes", "-rn"),
        ("routes", "-r6n"),
        ("statistics-linux-6.18", "-s"),
        ("listening-dual-stack", "-ian"),
        ("masquerade", "-Mn"),
        ("empty-net", "-tan"),
    ] {
        let tree = Tree::committed(tree);
        let output = |option: &str| {
            let args = format!("{option} {args}");
            text(&ours(&args).proc(tree.proc()).output())
        };
        let (stdout, stderr, ending) = output("--json-lines");
        let (array, same_stderr, same_ending) = output("--json");
        assert_eq!((stderr, ending), (same_stderr, same_ending), "{args}");
        let rest: Vec<&str> = stdout
            .lines()
            .map(|line| line.split_once("\"report\":1,").unwrap().1)
            .collect();
        let records: Vec<&str> = array
            .lines()
            .filter_map(|line| line.strip_prefix('{'))
            .map(|line| line.strip_suffix(',').unwrap_or(line))
            .collect();
        assert_eq!(rest, records, "{args}");
    }
}

/// The time is that of the report, in UTC, whatever the time zone of the environment.
#[test]
fn every_record_says_when_it_was_read() {
    let tree = Tree::committed("busy-server");
    let now = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        u64::try_from(since.as_millis()).unwrap()
    };
    let before = now();
    let args = "--json-lines -tn -c --count 3 --interval 0.01";
    let outcome = ours(args)
        .proc(tree.proc())
        .env("TZ", "Asia/Kathmandu")
        .output();
    let after = now();
    let records = parsed(&outcome.stdout, args);
    let rows = records.len() / 3;
    assert!(rows > 3);
    let mut last = before;
    for (number, report) in records.chunks(rows).enumerate() {
        let time = report[0]["time"].as_str().unwrap();
        for record in report {
            assert_eq!(record["report"], number + 1);
            assert_eq!(record["time"], time);
            let names: Vec<&String> = record.keys().collect();
            assert!(names.contains(&&"kind".to_owned()));
        }
        let millis = milliseconds(time);
        assert!((last..=after).contains(&millis), "{last} {time} {after}");
        last = millis;
        assert_eq!(
            report.iter().cloned().map(timeless).collect::<Vec<_>>(),
            records[..rows]
                .iter()
                .cloned()
                .map(timeless)
                .collect::<Vec<_>>()
        );
    }
}

/// Milliseconds since 1970 of a time such as `2026-11-28T10:02:03.045Z`, by the program `date`.
fn milliseconds(time: &str) -> u64 {
    let (seconds, fraction) = time.split_once('.').unwrap();
    let millis = fraction.strip_suffix('Z').unwrap();
    assert_eq!((seconds.len(), millis.len()), (19, 3), "{time}");
    let output = Command::new("date")
        .args(["-u", "+%s%3N", "-d", time])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().unwrap()
}

/// A report is written out before the next one is waited for, and one without records is nothing at all.
#[test]
fn reports_are_written_out_at_once() {
    let tree = Tree::committed("busy-server");
    let once = lines(&tree, "-tn");
    let proc = tree.proc().display();
    let args = format!("--proc-root {proc} --json-lines -tnc --interval 10000");
    let mut running = Running::start(&args);
    for record in once {
        let line = running.line();
        assert_eq!(timeless(record_on(&line, "-tnc")), timeless(record));
    }

    let empty = Tree::committed("every-table-empty");
    let args = "--json-lines -tan -c --count 2 --interval 0.001";
    let outcome = ours(args).proc(empty.proc()).output();
    assert_eq!(text(&outcome).0, "");
    assert_eq!(outcome.ending, Ending::Exit(0));
}

/// Fields of a time have fractions, so that a reader that settles the type of a column by its first rows settles it rightly.
#[test]
fn seconds_always_have_fractions() {
    let mut seen = 0;
    for (tree, args) in [
        ("tcp-states-and-timers", "-tano"),
        ("udp-and-raw-timers", "-uwano"),
        ("masquerade", "-Mn"),
        ("route-cache-2.2", "-r6Cn"),
    ] {
        for record in lines(&Tree::committed(tree), args) {
            for (name, value) in &record {
                if name.ends_with("_seconds") && !value.is_null() {
                    assert!(value.is_f64(), "{args}: {name} is {value}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
#[ignore = "needs root and net-tools"]
fn namespaces_stand_last() {
    in_new_world(|world| {
        world.keep(std::net::TcpListener::bind("127.0.0.1:4000").unwrap());
        let args = "--json-lines -lnt --all-netns --port 4000";
        let outcome = ours(args).output();
        let own = fs::metadata("/proc/thread-self/ns/net").unwrap().ino();
        let records = parsed(&outcome.stdout, args);
        let mut ours = records.iter().filter(|record| record["netns_inode"] == own);
        let record = ours.next().unwrap();
        assert_eq!(record["local_port_num"], 4000);
        assert_eq!(record["report"], 1);
        assert_eq!(ours.next(), None);
        let line = String::from_utf8_lossy(&outcome.stdout);
        assert!(line.lines().all(|line| line.ends_with('}')));
    });
}

/// Reports one after another, as a shipper of logs gets them.
fn stream() -> Vec<u8> {
    let args = "--json-lines -tano -c --count 3 --interval 0.001";
    let tree = Tree::committed("tcp-states-and-timers");
    ours(args).proc(tree.proc()).output().stdout
}

#[test]
#[ignore = "needs jq"]
fn jq_reads_every_line() {
    let stream = stream();
    let program = r#"select(.report == 2) | [.time, .state, .timer_seconds] | length"#;
    let read = read_by("JQ", "jq", &["-c", program], &stream);
    let records = parsed(&stream, "stream").len();
    assert_eq!(String::from_utf8(read).unwrap(), "3\n".repeat(records / 3));
    // The array, too.
    let tree = Tree::committed("tcp-states-and-timers");
    let array = ours("--json -tano").proc(tree.proc()).output().stdout;
    let read = read_by("JQ", "jq", &["length"], &array);
    assert_eq!(
        String::from_utf8(read).unwrap(),
        format!("{}\n", records / 3)
    );
}

/// Rows and types, by the columns that pandas makes of them: all reports are read, and none of a column's values changes its type.
#[test]
#[ignore = "needs pandas"]
fn pandas_reads_every_line() {
    const SCRIPT: &str = r#"
import json, sys
import pandas
table = pandas.read_json(sys.stdin, lines=True)
table["time"] = pandas.to_datetime(table["time"])
columns = ["report", "timer_seconds", "recv_q", "state", "time"]
print(json.dumps([len(table), [str(table[column].dtype) for column in columns], table["report"].tolist()]))
"#;
    let stream = stream();
    let read = read_by("READERS_PYTHON", "python3", &["-c", SCRIPT], &stream);
    let read: Value = serde_json::from_slice(&read).unwrap();
    let records = parsed(&stream, "stream");
    assert_eq!(read[0], records.len());
    let numbers: Vec<&Value> = records.iter().map(|record| &record["report"]).collect();
    assert_eq!(read[2], json!(numbers));
    let types = read[1].as_array().unwrap();
    assert_eq!(types[..3], ["int64", "float64", "int64"]);
    assert!(
        types[4].as_str().unwrap().starts_with("datetime64"),
        "{read}"
    );

    // One row at a time, as a reader that looks at the first alone would settle the type.
    let (off, running) = ("00:00000000", "01:000004D2");
    let rows = [off, running].map(|timer| {
        format!("   0: 0100007F:0016 0100007F:0017 01 00000000:00000000 {timer} 00000000     0        3 9 1\n")
    });
    for row in rows {
        let tree = Tree::new("timer").file("net/tcp", format!("heading\n{row}"));
        let args = "--json-lines -tano";
        let one = ours(args).proc(tree.proc()).output().stdout;
        let script =
            "import json, sys; print(type(json.loads(sys.stdin.read())['timer_seconds']).__name__)";
        let read = read_by("READERS_PYTHON", "python3", &["-c", script], &one);
        assert_eq!(read, b"float\n");
    }
}
