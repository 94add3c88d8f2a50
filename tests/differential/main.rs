//! Both programs side by side: on live sockets, routes, interfaces and counters in network namespaces, and on random files.

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
mod names;
mod random_files;
mod random_statistics;
mod routes;
mod statistics;
mod syn_received;
