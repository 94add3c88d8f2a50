//! What must hold whatever the bytes: one function for each part of the program that reads what others wrote. The property tests
//! call them with random bytes, the fuzz targets with those that coverage leads to.

// The fuzz targets are another crate, and each of the two takes what it needs.
#![allow(dead_code, unused_imports)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod bench;
mod groups;
mod parsers;
mod seeds;
mod tables;
mod text;

pub use bench::{query, written};
pub use groups::control_groups;
pub use parsers::{
    command_line, datagram, inet_lines, ipv6_route_lines, lines, mounts, route_lines,
};
pub use seeds::{Seed, seeds};
pub use tables::{SEPARATOR, TABLES, programs, tables};
pub use text::{order, text};

/// The check of the given name: whole tables or parts.
pub fn check(name: &str, data: &[u8]) {
    match name {
        "lines" => return lines(data),
        "command_line" => return command_line(data),
        "text" => return text(data),
        "datagram" => return datagram(data),
        "programs" => return programs(data),
        "control_groups" => return control_groups(data),
        "mounts" => return mounts(data),
        // Of these tables there are two parsers.
        "inet" => inet_lines(data),
        "route" => route_lines(data.get(1..).unwrap_or_default()),
        "ipv6_route" => ipv6_route_lines(data),
        _ => {}
    }
    let known = TABLES.into_iter().find(|tables| tables.name == name);
    tables(known.expect("a check of this name"), data);
}
