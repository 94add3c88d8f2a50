//! The table "Kernel IPv6 Neighbour Cache".

use super::ipv6_route::prefix;
use super::{column, route};
use crate::names::NameResolver;
use crate::printable;
use crate::query::{Query, RouteLayout};
use crate::record::neighbour::{Neighbour, NeighbourState};
use crate::record::route_flags;

/// Appends title and column headings. Only the layout without `-e` does without the times.
pub fn heading(row: &mut Vec<u8>, layout: RouteLayout) {
    row.extend_from_slice(b"Kernel IPv6 Neighbour Cache\n");
    row.extend_from_slice(
        b"Neighbour                                   HW Address        Iface    Flags Ref State",
    );
    if layout != RouteLayout::Tcp {
        row.extend_from_slice(b"            Stale(sec) Delete(sec)");
    }
    row.push(b'\n');
}

/// Appends the row of a neighbour: `%-43s %-17s %-8s %-5s %-3d %-16s` and the times. `ticks` are those of the kernel per second.
pub fn row(
    row: &mut Vec<u8>,
    neighbour: &Neighbour<'_>,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
    ticks: u64,
) {
    prefix(
        row,
        (neighbour.address, neighbour.prefix_length),
        43,
        query,
        resolver,
    );
    let start = row.len();
    for (index, byte) in neighbour.hardware_address.chunks(2).enumerate() {
        if index > 0 {
            row.push(b':');
        }
        printable::append(row, byte);
    }
    column::pad(row, start, 17);
    row.push(b' ');
    let start = row.len();
    printable::append(row, &neighbour.interface);
    column::pad(row, start, 8);
    row.push(b' ');
    route::flags(row, None, neighbour.flags, route_flags::NEIGHBOUR);
    column::left_signed(row, neighbour.references.into(), 3);
    row.push(b' ');
    column::state(row, old, 16, |row| state(row, neighbour.state));
    if query.route_layout() != RouteLayout::Tcp {
        row.push(b' ');
        column::left_unsigned(row, seconds(neighbour.stale(), ticks), 9);
        row.push(b' ');
        if neighbour.references != 0 {
            row.extend_from_slice(b" * ");
        } else {
            row.push(b' ');
            column::left_unsigned(row, seconds(neighbour.unused(), ticks), 7);
            row.push(b' ');
        }
    }
    row.push(b'\n');
}

fn state(row: &mut Vec<u8>, state: NeighbourState) {
    match state.name() {
        Some(name) => row.extend_from_slice(name.as_bytes()),
        None => {
            row.extend_from_slice(b"UNKNOWN(");
            column::hex(row, state.0.into(), 2);
            row.push(b')');
        }
    }
}

fn seconds(time: u32, ticks: u64) -> u64 {
    u64::from(time) / ticks
}
