//! Golden tests: a tree and command lines against a snapshot of what the reference wrote.

use std::path::Path;

use super::program::{Program, Run};
use super::transcript::transcript;
use super::tree::Tree;

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
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(snapshot, text.join("\n")));
}
