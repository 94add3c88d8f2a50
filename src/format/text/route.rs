//! The table "Kernel IP routing table", in the three layouts of `-e`, and the columns it shares with the cache.

use std::net::Ipv4Addr;

use super::{address, column};
use crate::names::NameResolver;
use crate::printable;
use crate::query::{Query, RouteLayout};
use crate::record::route::{Route, gateway_question};
use crate::record::route_flags::{self, Flag, REJECT};

/// Destination, gateway and mask are cut to this many bytes, and padded.
const ADDRESS: usize = 15;

/// Appends title and column headings.
pub fn heading(row: &mut Vec<u8>, layout: RouteLayout) {
    row.extend_from_slice(b"Kernel IP routing table\n");
    row.extend_from_slice(match layout {
        RouteLayout::TitleOnly => b"",
        RouteLayout::Metric => {
            b"Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
        }
        RouteLayout::Tcp => {
            b"Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
        }
        RouteLayout::Both => {
            b"Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n"
        }
    });
}

/// Appends the row of a route, whose flags were `old` before if they have changed.
pub fn row(
    row: &mut Vec<u8>,
    route: &Route<'_>,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let layout = query.route_layout();
    if layout == RouteLayout::TitleOnly {
        return;
    }
    let numeric = query.numeric_routes();
    let start = row.len();
    destination(row, route, numeric, resolver);
    fit(row, start);
    if route.flags & REJECT != 0 {
        rejected(row, route, old, layout);
        return;
    }
    let start = row.len();
    gateway(row, route.gateway, numeric, resolver);
    fit(row, start);
    let start = row.len();
    address::dotted_quad(row, route.mask);
    fit(row, start);
    flags(row, old, route.flags, route_flags::INET);
    match layout {
        RouteLayout::TitleOnly => {}
        RouteLayout::Metric => {
            counts(row, route.metric, route.references, 2, route.uses, 7);
            printable::append(row, &route.interface);
        }
        RouteLayout::Tcp => {
            tcp(row, route.mtu, route.window, route.irtt);
            printable::append(row, &route.interface);
        }
        RouteLayout::Both => {
            counts(row, route.metric, route.references, 3, route.uses, 6);
            short_interface(row, &route.interface);
            column::left_signed(row, route.mtu.into(), 5);
            row.push(b' ');
            column::left_signed(row, route.window.into(), 6);
            row.push(b' ');
            column::signed(row, route.irtt.into());
        }
    }
    row.push(b'\n');
}

/// Appends what follows the destination of a route that refuses packets.
fn rejected(row: &mut Vec<u8>, route: &Route<'_>, old: Option<&[u8]>, layout: RouteLayout) {
    row.extend_from_slice(b"-               ");
    let start = row.len();
    address::dotted_quad(row, route.mask);
    fit(row, start);
    flags(row, old, route.flags, route_flags::INET);
    if layout == RouteLayout::Tcp {
        row.extend_from_slice(b"    - -          - -\n");
        return;
    }
    column::left_signed(row, route.metric.into(), 6);
    row.extend_from_slice(b" -  ");
    column::right_signed(row, route.uses.into(), 7);
    row.extend_from_slice(match layout {
        RouteLayout::Both => b" -        -     -      -\n",
        _ => b" -\n",
    });
}

/// Ends the column of an address that begins at `start`.
fn fit(row: &mut Vec<u8>, start: usize) {
    row.truncate(start + ADDRESS);
    column::pad(row, start, ADDRESS + 1);
}

/// Appends the destination: the words for "any", the name of a host or of a network, or the number.
fn destination(row: &mut Vec<u8>, route: &Route<'_>, numeric: bool, resolver: &mut NameResolver) {
    let name = if numeric {
        None
    } else if route.destination.is_unspecified() {
        // Even if the flags say that it is a host.
        route.mask.is_unspecified().then_some(&b"default"[..])
    } else {
        route
            .destination_question()
            .and_then(|question| resolver.name(question))
    };
    match name {
        Some(name) => printable::append(row, name),
        None => address::dotted_quad(row, route.destination),
    }
}

fn gateway(row: &mut Vec<u8>, gateway: Ipv4Addr, numeric: bool, resolver: &mut NameResolver) {
    let question = gateway_question(gateway).filter(|_| !numeric);
    match question.and_then(|question| resolver.name(question)) {
        Some(name) => printable::append(row, name),
        None => address::dotted_quad(row, gateway),
    }
}

/// Appends the column of flags, which were `old` before if they have changed.
pub fn flags(row: &mut Vec<u8>, old: Option<&[u8]>, flags: u32, table: &[Flag]) {
    column::state(row, old, 5, |row| route_flags::append(row, flags, table));
    row.push(b' ');
}

/// `%-6d %-Nd %Nd `: metric, references and uses, the latter two of widths that differ between the layouts.
pub fn counts(
    row: &mut Vec<u8>,
    metric: i32,
    references: i32,
    references_width: usize,
    uses: i32,
    uses_width: usize,
) {
    column::left_signed(row, metric.into(), 6);
    row.push(b' ');
    column::left_signed(row, references.into(), references_width);
    row.push(b' ');
    column::right_signed(row, uses.into(), uses_width);
    row.push(b' ');
}

/// `%5d %-5d %6d `: MTU, window and initial round trip time.
pub fn tcp(row: &mut Vec<u8>, mtu: i32, window: i32, irtt: i32) {
    column::right_signed(row, mtu.into(), 5);
    row.push(b' ');
    column::left_signed(row, window.into(), 5);
    row.push(b' ');
    column::right_signed(row, irtt.into(), 6);
    row.push(b' ');
}

/// `%-6.6s   `: the only layout that cuts the name of the interface.
pub fn short_interface(row: &mut Vec<u8>, interface: &[u8]) {
    let start = row.len();
    printable::append(row, interface);
    row.truncate(start + 6);
    column::pad(row, start, 9);
}
