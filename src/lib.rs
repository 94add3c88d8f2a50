//! A `netstat` for Linux that prints the same bytes as net-tools 2.10.

pub mod cli;
