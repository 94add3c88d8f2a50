//! `--since`: what differs from a report that was kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::json_schema::assert_fits;
use super::{assert_refused, ours};
use crate::support::program::Ending;
use crate::support::tree::Tree;
use netstat::collect::kept;
use netstat::field::Tables;

/// A file with a report on a tree.
fn kept(directory: &Path, tree: &Tree, options: &str) -> PathBuf {
    let file = directory.join("kept.json");
    let report = ours(&format!("{options} --json-lines"));
    fs::write(&file, report.proc(tree.proc()).output().stdout).unwrap();
    file
}

/// Rows, and how often they come.
fn counted<'a>(rows: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.trim_end().to_owned()).or_insert(0) += 1;
    }
    counts
}

const TREES: [(&str, &str, &str); 9] = [
    ("busy-server", "listening-dual-stack", "-tan"),
    ("busy-server", "tcp-states-and-timers", "-tanp"),
    ("tcp-states-and-timers", "busy-server", "-tano"),
    ("listening-dual-stack", "busy-server", "-tanee"),
    ("udp-and-raw-timers", "busy-server", "-uwano"),
    ("unix-sockets", "busy-server", "-xap"),
    ("sctp", "sctp-six-files", "-Sn"),
    ("routes", "odd-routes", "-rnee"),
    ("groups", "busy-server", "-gn"),
];

/// A row of the file is shown as the table had it; what is the same is not shown.
#[test]
fn rows_are_those_of_both_tables() {
    let directory = tempfile::tempdir().unwrap();
    for (old, new, options) in TREES {
        let (old, new) = (Tree::committed(old), Tree::committed(new));
        let file = kept(directory.path(), &old, options);
        let since = |tree: &Tree, more: &str| {
            let args = format!("{options} --since {} {more}", file.display());
            ours(&args).proc(tree.proc()).output()
        };
        let what = format!("{} {} {options}", old.name(), new.name());
        let same = since(&old, "");
        let text = String::from_utf8(same.stdout).unwrap();
        assert_eq!(
            (text.as_str(), same.ending),
            ("", Ending::Exit(0)),
            "{what}"
        );

        let differing = since(&new, "");
        assert_eq!(differing.ending, Ending::Exit(1), "{what}");
        let text = String::from_utf8_lossy(&differing.stdout);
        let table = |tree: &Tree| {
            let stdout = ours(options).proc(tree.proc()).output().stdout;
            counted(String::from_utf8_lossy(&stdout).lines())
        };
        let of = |sign: char| {
            let lines = text
                .lines()
                .filter(move |line| line.get(13..14) == Some(&sign.to_string()));
            counted(lines.map(|line| &line[15..]))
        };
        for (sign, table) in [('-', table(&old)), ('+', table(&new))] {
            for (row, count) in of(sign) {
                assert!(
                    table.get(&row).is_some_and(|&all| count <= all),
                    "{what}: {sign} {row}"
                );
            }
        }
        assert!(!of('-').is_empty() || !of('+').is_empty(), "{what}: {text}");

        let json = String::from_utf8(since(&new, "--json-lines").stdout).unwrap();
        for line in json.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_fits(&value, &what);
            assert_eq!(value["report"], 1);
            let kinds = ["new", "gone", "state"];
            assert!(kinds.contains(&value["change"].as_str().unwrap()), "{line}");
        }
        assert!(!json.is_empty());
    }
}

/// The last report in the file counts, and filters hold for its rows, too.
#[test]
fn the_last_report_counts() {
    let directory = tempfile::tempdir().unwrap();
    let [old, new] = ["busy-server", "listening-dual-stack"].map(Tree::committed);
    let file = directory.path().join("many.json");
    let mut kept = fs::File::create(&file).unwrap();
    for (tree, more) in [
        (&old, ""),
        (&old, "-c --count 2 --interval 0.01"),
        (&new, ""),
    ] {
        let report = ours(&format!("-tan --json-lines {more}"));
        kept.write_all(&report.proc(tree.proc()).output().stdout)
            .unwrap();
    }
    let since = |tree: &Tree, more: &str| {
        let args = format!("-tan --since {} {more}", file.display());
        ours(&args).proc(tree.proc()).output()
    };
    assert_eq!(since(&new, "").ending, Ending::Exit(0));
    assert_eq!(since(&old, "").ending, Ending::Exit(1));
    let listening = since(&old, "--state LISTEN").stdout;
    let listening = String::from_utf8(listening).unwrap();
    assert!(
        listening.contains(" - ") && !listening.contains("ESTABLISHED"),
        "{listening}"
    );
    // No rows are a report, too.
    fs::write(&file, "").unwrap();
    let all = String::from_utf8(since(&new, "").stdout).unwrap();
    assert!(
        !all.is_empty() && all.lines().all(|line| line.contains(" + ")),
        "{all}"
    );
}

#[test]
fn other_files_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    let path = file.display();
    let refused = |contents: &[u8], what: &str| {
        fs::write(&file, contents).unwrap();
        let outcome = ours(&format!("-tan --since {path}")).output();
        assert_refused(&outcome, &format!("option '--since': {path}: {what}"), 3);
    };
    let no_object = "line 1 is no object of '--json-lines'";
    for contents in [
        &b"\n"[..],
        b"[]\n",
        b"{}\n",
        b"{\"time\":\"x\"",
        b"\0\xff\x1b[31m",
        b"{\"report\":1}",
    ] {
        refused(contents, no_object);
    }
    refused(&[b'['; 3 << 20], no_object);
    let row =
        |rest: &str| format!("{{\"time\":\"2026-11-28T10:02:03.045Z\",\"report\":1,{rest}}}\n");
    refused(
        row("\"kind\":\"interface\",\"iface\":\"lo\"").as_bytes(),
        "line 1 is of another report than is asked for",
    );
    refused(
        row("\"kind\":\"statistic\"").as_bytes(),
        "line 1 is no row that can be compared",
    );
    refused(
        row("\"change\":\"new\",\"kind\":\"network\"").as_bytes(),
        "line 1 is a change, not a row of a report",
    );
    fs::remove_file(&file).unwrap();
    let outcome = ours(&format!("-tan --since {path}")).output();
    assert_refused(
        &outcome,
        &format!("option '--since': {path}: No such file or directory"),
        3,
    );
}

/// Whatever stands in the fields of a file.
#[test]
fn no_value_is_too_odd() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("odd.json");
    let values = [
        "null",
        "-1",
        "18446744073709551615",
        "1e300",
        "true",
        "\"\"",
        "\"\\u001b[31m\"",
        "[]",
        "[1,[null]]",
        "{}",
        "\"0:0\"",
        "\"::ffff:1.2.3.4\"",
        "\"é\"",
        "99999",
    ];
    for (tree, _, options) in TREES {
        let tree = Tree::committed(tree);
        let kept = kept(directory.path(), &tree, options);
        let lines = fs::read_to_string(kept).unwrap();
        for line in lines.lines().take(2) {
            let object: serde_json::Map<_, _> = serde_json::from_str(line).unwrap();
            for (index, name) in object.keys().enumerate() {
                for (shift, value) in values.iter().enumerate() {
                    let mut odd = object.clone();
                    odd.insert(name.clone(), serde_json::from_str(value).unwrap());
                    odd.insert(
                        format!("{name}_bytes"),
                        serde_json::from_str(values[(index + shift) % values.len()]).unwrap(),
                    );
                    fs::write(&file, serde_json::to_vec(&odd).unwrap()).unwrap();
                    let _ = kept::read(&file, Tables::ANY);
                }
            }
            // Such a row can be printed.
            let all_odd = line.replace(":0", ":1e18").replace("127.0.0.1", "::");
            fs::write(&file, all_odd).unwrap();
            let args = format!("{options} --since {}", file.display());
            let outcome = ours(&args).proc(tree.proc()).output();
            assert!(matches!(outcome.ending, Ending::Exit(0 | 1 | 3)), "{line}");
        }
    }
}
