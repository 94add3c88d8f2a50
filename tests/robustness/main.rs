//! Faults around the program, input that somebody shaped, and runs that go on for long.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod churn;
mod churn_routes;
mod faults;
mod forgers;
mod hostile;
mod hostile_names;
mod live_faults;
mod long_runs;
mod names;
mod owners;
mod unknown_owners;
