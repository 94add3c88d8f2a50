//! A proc root written anew for each of many runs, and what its readers wrote made comparable.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use netstat::printable;

/// What stands in a place below the proc root.
#[derive(Clone, Debug)]
pub enum Entry {
    File(Vec<u8>),
    Directory,
    Link(PathBuf),
}

/// A proc root, and command lines to read it with.
#[derive(Clone, Debug)]
pub struct Case {
    pub entries: Vec<(String, Entry)>,
    pub command_lines: Vec<String>,
}

/// Replaces what is in a proc root.
pub fn fill(root: &Path, entries: &[(String, Entry)]) {
    for old in fs::read_dir(root).unwrap() {
        let old = old.unwrap();
        if old.file_type().unwrap().is_dir() {
            fs::remove_dir_all(old.path()).unwrap();
        } else {
            fs::remove_file(old.path()).unwrap();
        }
    }
    fs::create_dir(root.join("net")).unwrap();
    for (name, entry) in entries {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match entry {
            Entry::File(contents) => fs::write(path, contents).unwrap(),
            Entry::Directory => fs::create_dir(path).unwrap(),
            Entry::Link(target) => symlink(target, path).unwrap(),
        }
    }
}

/// A program's output with dots for control bytes, which is how we show text from files.
pub fn without_control_bytes(text: &[u8]) -> Vec<u8> {
    let mut shown = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => {
                printable::append(&mut shown, line);
                shown.push(b'\n');
            }
            None => printable::append(&mut shown, line),
        }
    }
    shown
}
