//! The build script: finds out which commit `--about` names.

#![expect(clippy::print_stdout, reason = "Cargo reads what is written there")]

use std::path::Path;
use std::process::Command;

/// In an archive that git has made the commit stands here.
const ARCHIVED: &str = "$Format:%H$";

fn main() {
    println!("cargo::rerun-if-changed=packaging/commit.rs");
    let commit = if ARCHIVED.starts_with('$') {
        checked_out()
    } else {
        Some(ARCHIVED.to_owned())
    };
    if let Some(commit) = commit {
        println!("cargo::rustc-env=NETSTAT_COMMIT={commit}");
    }
}

/// The commit that is checked out where this package lies.
fn checked_out() -> Option<String> {
    // What lies within another's repository is none of its commits. Cargo keeps what is said here for the same package at another place, too
    // (`cargo package` builds a copy): from there, this leads nowhere, and is found out anew.
    let up = git(&["--show-cdup"])?;
    if !up.is_empty() {
        println!("cargo::rerun-if-changed={up}.git/HEAD");
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        let file = git(&["--git-path", file])?;
        if Path::new(&file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    git(&["HEAD"])
}

/// What `git rev-parse` says.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("rev-parse")
        .args(arguments)
        .output()
        .ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
