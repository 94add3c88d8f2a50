//! Where the reference crashes, hangs, or prints memory it never wrote, and we differ on purpose: our own bytes.
//!
//! Everything else belongs into `golden/`, where the reference says what is right.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod families;
mod inet;
mod interfaces;
mod routes;
mod statistics;

use support::program::Run;
use support::transcript::transcript;
use support::tree::Tree;

/// What our program writes.
fn ours(tree: &Tree, args: &str) -> String {
    transcript(args, &Run::ours(tree, args).output())
}

/// The lines under the command, the title and the heading.
fn rows(tree: &Tree, args: &str) -> String {
    ours(tree, args)
        .lines()
        .skip(3)
        .map(|line| format!("{line}\n"))
        .collect()
}
