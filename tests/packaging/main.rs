//! What is installed beside the program follows its tables: the completions are generated from that of options, the page about problems
//! from that of counters, and the manual page describes every option and no other.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod completions;
mod problems;

/// A file of `packaging/`.
fn packaged(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("packaging")
        .join(name)
}

/// The options of the table, each with its dashes.
fn table() -> BTreeSet<String> {
    let command = netstat::cli::command();
    let mut options = BTreeSet::new();
    for arg in command.get_arguments() {
        options.extend(arg.get_short().map(|short| format!("-{short}")));
        options.extend(arg.get_long().map(|long| format!("--{long}")));
    }
    options
}

/// The options that a line of the manual page names by `Fl`. One dash may lead several letters.
fn named(line: &str) -> Vec<String> {
    let mut words = line.split_whitespace().peekable();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        if word.trim_start_matches('.') != "Fl" {
            continue;
        }
        let long = words.next_if_eq(&"Fl").is_some();
        // A plain `Fl Fl` is the `--` that ends the options.
        let Some(name) = words.next() else {
            continue;
        };
        let name = name.trim_start_matches(r"\&");
        if long {
            options.push(format!("--{name}"));
        } else {
            options.extend(name.chars().map(|letter| format!("-{letter}")));
        }
    }
    options
}

#[test]
fn the_manual_page_describes_every_option_and_no_other() {
    let page = fs::read_to_string(packaged("netstat.8")).unwrap();
    let described: Vec<String> = page
        .lines()
        .filter(|line| line.starts_with(".It Fl"))
        .flat_map(named)
        .collect();
    let mentioned: BTreeSet<String> = page.lines().flat_map(named).collect();
    let once: BTreeSet<String> = described.iter().cloned().collect();
    assert_eq!(once, table());
    assert_eq!(
        described.len(),
        once.len(),
        "described twice: {described:?}"
    );
    assert_eq!(mentioned, table(), "mentioned anywhere in the page");
}

/// The functions that are defined in the files of Rust below `directory`, each with the file's path from the repository's root.
fn functions(directory: &Path, found: &mut BTreeSet<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let defined = text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("fn "))
                .filter_map(|line| line.split(['(', '<']).next());
            found.extend(defined.map(|name| (file.to_str().unwrap().to_owned(), name.to_owned())));
        }
    }
}

/// Every row of the tables of differences names its test, and those that are named exist in the file that is named.
#[test]
fn every_difference_has_the_test_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut defined = BTreeSet::new();
    for directory in ["src", "tests"] {
        functions(&root.join(directory), &mut defined);
    }
    let page = fs::read_to_string(root.join("docs/differences.md")).unwrap();
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"))
        .filter(|line| !line.starts_with("| what |"));
    let mut named = 0;
    for row in rows {
        let (_, cell) = row.trim_end_matches(" |").rsplit_once(" | ").unwrap();
        // Some differences are of the kernel's making, or are not there yet.
        let excused = cell.contains("no test:");
        let before = named;
        // Code stands between backticks: every second part.
        for (file, function) in cell
            .split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|code| code.split_once(".rs: "))
        {
            let file = match file.strip_prefix("src/") {
                Some(_) => format!("{file}.rs"),
                None => format!("tests/{file}.rs"),
            };
            let places: Vec<&str> = defined
                .iter()
                .filter(|(_, name)| name == function)
                .map(|(place, _)| place.as_str())
                .collect();
            assert!(!places.is_empty(), "no function {function}: {row}");
            assert!(
                !root.join(&file).exists() || places.contains(&file.as_str()),
                "{function} is in {places:?}, not in {file}"
            );
            named += 1;
        }
        assert!(excused || named > before, "no test is named: {row}");
    }
    assert!(named > 40, "{named}");
}

/// The names of all fields in a JSON value, those of objects within it too.
fn field_names(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    if let Some(fields) = value.as_object() {
        names.extend(fields.keys().cloned());
        fields.values().for_each(|inner| field_names(inner, names));
    }
    for inner in value.as_array().into_iter().flatten() {
        field_names(inner, names);
    }
}

#[test]
fn the_page_about_json_names_every_field() {
    let mut names = BTreeSet::new();
    let mut run = |options: &str, root: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_netstat"))
            .args(["--json", "--proc-root"])
            .arg(root)
            .args(options.split(' '))
            .output()
            .unwrap();
        // A tree without `net` is refused.
        if let Ok(records) = serde_json::from_slice(&output.stdout) {
            field_names(&records, &mut names);
        }
    };
    // Every machine has `lo`, if not an address for it.
    run("-ia", Path::new("/proc"));
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for tree in fs::read_dir(fixtures).unwrap() {
        let root = tree.unwrap().path().join("proc");
        for options in [
            "-anpo -A inet,inet6,unix,ipx,ax25,x25,netrom,rose",
            "-gn",
            "-rn -A inet,inet6",
            "-rn -A ax25",
            "-rn -A netrom",
            "-rn -A rose",
            "-rn -A ipx",
            "-rn -A ddp",
            "-rn -A x25",
            "-rnC -A inet,inet6",
            "-s",
            "-Mn",
        ] {
            run(options, &root);
        }
    }
    assert!(names.len() > 100, "{names:?}");

    let page = fs::read_to_string(packaged("netstat-json.5")).unwrap();
    let described: BTreeSet<&str> = page
        .lines()
        .filter(|line| line.starts_with(".Va ") || line.starts_with(".It Va "))
        .flat_map(str::split_whitespace)
        .collect();
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !name.ends_with("_bytes") || name.ends_with("x_bytes"))
        .filter(|name| !described.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in netstat-json.5: {missing:?}");
}
