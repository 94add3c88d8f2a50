//! `netstat -s`: fixtures against what the reference wrote, random files and live counters against the reference itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "../support/mod.rs"]
mod support;

mod differences;
mod golden;
mod live;
mod random;
