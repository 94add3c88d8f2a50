//! What the reference does not have: another /proc, network namespaces, filters, JSON, a number of reports and the pause between them.
//! What they show must be what the reference, or the program without them, shows of the same things.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod control_groups;
mod fields;
mod filters;
mod finding;
mod json;
mod namespaces;
mod problems;
mod proc_root;
mod repetition;
mod rows_by_fields;

use crate::support::program::{Ending, Outcome, Program, Run};

/// Our program with these arguments, split at blanks.
fn ours(args: &str) -> Run {
    Run::new(Program::Ours, args.split_whitespace())
}

/// A run that wrote only this message and ended with this status.
#[track_caller]
fn assert_refused(outcome: &Outcome, message: &str, status: i32) {
    let expected = Outcome {
        stdout: Vec::new(),
        stderr: format!("netstat: {message}\n").into_bytes(),
        ending: Ending::Exit(status),
    };
    assert_eq!(text(outcome), text(&expected));
}

/// An outcome as text, to be read when it is not what it should be.
fn text(outcome: &Outcome) -> (String, String, Ending) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&outcome.stdout), text(&outcome.stderr), outcome.ending)
}
