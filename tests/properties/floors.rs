//! The floors of the house: a module uses only what stands on a lower floor than its own, and rooms on one floor do not know each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the ground up. Those that share a line share a floor.
const FLOORS: [&[&str]; 11] = [
    &["sys", "scan", "printable", "inline", "selinux"],
    &["lines", "field"],
    &["error", "cli"],
    &["proc_root", "netns"],
    &["names"],
    &["query"],
    &["record"],
    &["shown"],
    &["collect", "stage", "format"],
    &["report"],
    &["program"],
];

/// The room that each file below `src` is in, and its text without comments.
fn files() -> Vec<(String, PathBuf, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut directories = vec![source.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let inside = path.strip_prefix(&source).unwrap().with_extension("");
            let room = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code: Vec<_> = text
                .lines()
                // Unit tests may reach for anything that makes an input.
                .take_while(|line| *line != "#[cfg(test)]")
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            files.push((room, path, code.join("\n")));
        }
    }
    files
}

/// The modules of the crate that a file names: `crate::a`, and `a`, `b` of `use crate::{a, b::c}`.
fn used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let end = |letter: char| !letter.is_alphanumeric() && letter != '_';
            used.push(name.trim().split(end).next().unwrap().to_owned());
        }
    }
    used
}

#[test]
fn nothing_uses_what_stands_above_or_beside_it() {
    let mut floors = BTreeMap::new();
    for (floor, rooms) in FLOORS.iter().enumerate() {
        floors.extend(rooms.iter().map(|&room| (room, floor)));
    }
    let mut wrong = Vec::new();
    let mut uses = 0;
    for (room, path, code) in files() {
        if room == "main" || room == "lib" {
            continue;
        }
        let floor = floors
            .get(room.as_str())
            .unwrap_or_else(|| panic!("{} stands on no floor", path.display()));
        for name in used(&code) {
            uses += 1;
            let below = floors.get(name.as_str()).is_some_and(|other| other < floor);
            if name != room && !below {
                wrong.push(format!("{} uses {name}", path.display()));
            }
        }
    }
    assert!(uses > 200, "only {uses} uses were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
