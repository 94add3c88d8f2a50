//! How the additions are found: `--additions`, `--about`, and the help on a terminal.

use std::process::Command;

use super::ours;

/// Whether git knows which commit the sources are of.
fn is_checked_out() -> bool {
    let git = Command::new("git")
        .args([
            "-C",
            env!("CARGO_MANIFEST_DIR"),
            "rev-parse",
            "HEAD",
            "--show-prefix",
        ])
        .output();
    // Within another's repository, the way from its top is the second line.
    git.is_ok_and(|git| git.status.success() && git.stdout.ends_with(b"\n\n"))
}

/// Our own options are listed by one of them; on a terminal, and only there, the help says so.
#[test]
fn additions_are_found() {
    let written = |option| String::from_utf8(ours(option).output().stdout).unwrap();
    let listed = written("--additions");
    let command = netstat::cli::command();
    for option in [
        "--json",
        "--all-netns",
        "--problems",
        "--per-second",
        "--additions",
        "--about",
    ] {
        assert!(
            listed.contains(&format!("  {option} ")),
            "{option}: {listed}"
        );
    }
    assert!(!listed.contains("--numeric") && listed.is_ascii());
    assert!(command.get_arguments().count() > listed.lines().count());
    let about = written("--about");
    assert!(about.starts_with(&format!("netstat {}\n", env!("CARGO_PKG_VERSION"))));
    assert!(about.contains("net-tools 2.10") && about.contains("Target: "));
    let (_, commit) = about.split_once("Commit: ").unwrap();
    let (commit, _) = commit.split_once('\n').unwrap();
    let is_commit = commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_commit || !is_checked_out(), "{commit}");
    assert!(!written("-h").contains("--additions"));
    // script(1) gives it a terminal.
    let terminal = Command::new("script")
        .args([
            "-qec",
            concat!(env!("CARGO_BIN_EXE_netstat"), " -h"),
            "/dev/null",
        ])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&terminal.stdout).contains("netstat --additions"));
}
