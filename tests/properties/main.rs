//! Properties: what holds for any bytes, what is written as the kernel writes it is read back, and a second opinion from the
//! `procfs` crate. What must hold for any bytes is in `support/checks.rs`, which the fuzz targets share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod floors;
mod line_parsers;
mod read_back;
