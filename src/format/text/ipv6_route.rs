//! The tables "Kernel IPv6 routing table" and "Kernel IPv6 routing cache".

use std::net::{IpAddr, Ipv6Addr};

use super::{address, column};
use crate::names::NameResolver;
use crate::printable;
use crate::query::Query;
use crate::record::ipv6_route::Ipv6Route;
use crate::record::route_flags;

/// Appends title and column headings; `kind` is "table" or "cache".
pub fn heading(row: &mut Vec<u8>, kind: &str) {
    row.extend_from_slice(b"Kernel IPv6 routing ");
    row.extend_from_slice(kind.as_bytes());
    row.extend_from_slice(
        b"\nDestination                    Next Hop                   Flag Met Ref  Use If\n",
    );
}

/// Appends the row of a route, whose flags were `old` before if they have changed: `%-30s %-26s %-4s %-3d %-1d %6d %s`. Nothing is cut.
pub fn row(
    row: &mut Vec<u8>,
    route: &Ipv6Route<'_>,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    prefix(
        row,
        (route.destination, route.prefix_length),
        30,
        query,
        resolver,
    );
    let start = row.len();
    address::host(
        row,
        IpAddr::V6(route.next_hop),
        query.numeric_routes(),
        resolver,
    );
    column::pad(row, start, 26);
    row.push(b' ');
    column::state(row, old, 4, |row| {
        route_flags::append(row, route.flags, route_flags::INET6);
    });
    row.push(b' ');
    column::left_signed(row, route.metric.cast_signed().into(), 3);
    row.push(b' ');
    column::signed(row, route.references.cast_signed().into());
    row.push(b' ');
    column::right_signed(row, route.uses.cast_signed().into(), 6);
    row.push(b' ');
    printable::append(row, &route.interface);
    row.push(b'\n');
}

/// Appends an address and its prefix length in a column of `width` bytes.
pub fn prefix(
    row: &mut Vec<u8>,
    (address, length): (Ipv6Addr, i32),
    width: usize,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let start = row.len();
    address::host(row, IpAddr::V6(address), query.numeric_routes(), resolver);
    row.push(b'/');
    column::signed(row, length.into());
    column::pad(row, start, width);
    row.push(b' ');
}
