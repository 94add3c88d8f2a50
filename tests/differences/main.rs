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
