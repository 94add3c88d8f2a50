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

mod byte_order;
mod changes;
mod control_groups;
mod docker_proxy;
mod fields;
mod filters;
mod finding;
mod gathered;
mod jc;
mod json;
mod json_lines;
mod json_owners;
mod json_records;
mod json_schema;
mod json_sockets;
mod namespaces;
mod namespaces_elsewhere;
mod namespaces_everybody;
mod namespaces_hidden;
mod openmetrics;
mod own_processes;
mod peers;
mod per_second;
mod problems;
mod proc_root;
mod repetition;
mod rows_by_fields;
mod rtnetlink;
mod since;

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

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

/// What another program, which must end well, makes of this text. It is the one that a variable of the environment names, or failing that
/// the one of this name in the path.
fn read_by(variable: &str, name: &str, args: &[&str], text: &[u8]) -> Vec<u8> {
    let program = std::env::var_os(variable).unwrap_or_else(|| name.into());
    let mut child = Command::new(&program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let mut stdin = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(text).unwrap());
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(text));
    output.stdout
}

/// An outcome as text, to be read when it is not what it should be.
fn text(outcome: &Outcome) -> (String, String, Ending) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&outcome.stdout), text(&outcome.stderr), outcome.ending)
}
