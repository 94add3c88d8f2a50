//! Golden tests: a tree and command lines against a snapshot of what the reference wrote.

use std::fs;
use std::path::Path;

use super::program::{Program, Run};
use super::transcript::transcript;
use super::tree::Tree;

/// Kinds of machine on which the reference may print something else. Where it does, there is a snapshot `NAME@KIND` beside `NAME`, or
/// `NAME@KIND+KIND` for what is of several kinds.
const KINDS: [Kind; 3] = [
    ("big-endian", || cfg!(target_endian = "big")),
    // C's `long` has 32 bits.
    ("32-bit", || cfg!(target_pointer_width = "32")),
    // To the C library an IPv4 address that is mapped into IPv6 is that host: glibc since 2.41.
    ("mapped-named", names_mapped_addresses),
];

/// Its name, and whether this machine is of it.
type Kind = (&'static str, fn() -> bool);

/// The kinds of this machine that there is a snapshot for.
fn kinds(snapshot: &str) -> Option<String> {
    let is_this = |kind: &str| KINDS.iter().any(|(name, here)| *name == kind && here());
    fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots"))
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let (of, kinds) = name.strip_suffix(".snap")?.split_once('@')?;
            (of == snapshot && kinds.split('+').all(is_this)).then(|| kinds.to_owned())
        })
        .max_by_key(|kinds| kinds.split('+').count())
}

/// Whether the program names hosts by mapped addresses, too (needs root).
fn names_mapped_addresses() -> bool {
    let tree = Tree::committed("names");
    let run = Run::new(Program::under_test(), ["-tW6"]);
    let etc = tree.proc().with_file_name("etc");
    let shown = run.etc(&etc).proc(tree.proc()).output().stdout;
    String::from_utf8_lossy(&shown).contains("localhost:")
}

/// Compares every command line, written without the program's name and split at blanks, on the committed fixture `tree`
/// with the snapshot of that name. Use [`golden_on`] for a tree written by the test, or a second group of lines.
pub fn golden(tree: &str, command_lines: &[&str]) {
    golden_on(&Tree::committed(tree), tree, command_lines);
}

/// The same with the tree and the snapshot's name given.
pub fn golden_on(tree: &Tree, snapshot: &str, command_lines: &[&str]) {
    golden_with(snapshot, command_lines, |run| run.proc(tree.proc()));
}

/// The same with a run prepared by `prepare`, which gives it its tree, its files in /etc, its user.
pub fn golden_with(snapshot: &str, command_lines: &[&str], prepare: impl Fn(Run) -> Run) {
    let program = Program::under_test();
    let recording = matches!(
        std::env::var("INSTA_UPDATE").as_deref(),
        Ok("always" | "1" | "unseen")
    ) || std::env::var_os("INSTA_FORCE_UPDATE").is_some();
    assert!(
        program == Program::Reference || !recording,
        "expected bytes are recorded from the reference: NETSTAT_UNDER_TEST=reference"
    );
    let text: Vec<String> = command_lines
        .iter()
        .map(|line| {
            transcript(
                line,
                &prepare(Run::new(program, line.split_whitespace())).output(),
            )
        })
        .collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("../snapshots"));
    if let Some(kinds) = kinds(snapshot) {
        settings.set_snapshot_suffix(kinds);
    }
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(snapshot, text.join("\n")));
}
