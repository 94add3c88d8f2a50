//! What is installed beside the program follows its option table: the completions hold it, and the manual page
//! describes every option and no other.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

mod completions;

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
