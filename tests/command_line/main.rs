//! The command line against the reference.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod fixture;
mod lines;
mod options;
mod random;
