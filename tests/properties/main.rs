//! Properties: what holds for any bytes, what is written as the kernel writes it is read back, and a second opinion from the
//! `procfs` crate. What must hold for any bytes is in `support/checks/`, which the fuzz targets share.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic, and says how much it did"
)]

#[path = "../support/mod.rs"]
mod support;

mod any_bytes;
mod floors;
mod interfaces;
mod routes;
mod sockets;
mod statistics;
mod values;

use proptest::prelude::*;

/// Runs `test` on `cases` inputs, the same on every run.
pub fn hold<S: Strategy>(cases: u32, inputs: S, test: impl Fn(S::Value)) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    runner
        .run(&inputs, |input| {
            test(input);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
