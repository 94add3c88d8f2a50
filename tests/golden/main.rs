//! Fixtures × command lines against what the reference wrote (`fixtures/README.md` says how to record).

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
mod odd_inet;
mod odd_statistics;
mod routes;
mod statistics;
