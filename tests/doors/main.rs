//! Where the program comes in and out: which files it opens on whose behalf, whom it lends its rights, and a stdout that is not what it
//! should be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod files;
mod output;
mod rights;
