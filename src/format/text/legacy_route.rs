//! The routing tables of AX.25, NET/ROM, ROSE, IPX, DDP and X.25.

use super::column;
use crate::printable;
use crate::record::legacy_route::DdpRoute;
use crate::record::legacy_route::IpxRoute;
use crate::record::legacy_route::NetromRoute;
use crate::record::legacy_route::RoseRoute;
use crate::record::legacy_route::X25Route;
use crate::record::legacy_route::{LegacyFamily, LegacyRoute};
use crate::record::route_flags;

/// Appends title and column headings; DDP's table has no title.
pub fn heading(row: &mut Vec<u8>, family: LegacyFamily) {
    row.extend_from_slice(match family {
        LegacyFamily::Ax25 => b"Kernel AX.25 routing table\nDestination  Iface    Use\n",
        LegacyFamily::Netrom => {
            b"Kernel NET/ROM routing table\nDestination  Mnemonic  Quality  Neighbour  Iface\n"
        }
        LegacyFamily::Rose => {
            b"Kernel ROSE routing table\nDestination  neigh1 callsign  device  neigh2 callsign  device  neigh3 callsign  device\n"
        }
        LegacyFamily::Ipx => {
            b"Kernel IPX routing table\nDestination               Router Net                Router Node\n"
        }
        LegacyFamily::Ddp => b"Destination     Gateway         Device          Flags\n",
        LegacyFamily::X25 => b"Kernel X.25 routing table\nDestination          Iface\n",
    });
}

/// Appends the row of a route, whose flags, if it has any, were `old` before if they have changed.
pub fn row(row: &mut Vec<u8>, route: &LegacyRoute<'_>, old: Option<&[u8]>) {
    match route {
        LegacyRoute::Ax25(route) => {
            left(row, &route.callsign, 9);
            row.extend_from_slice(b"    ");
            left(row, &route.device, 5);
            row.extend_from_slice(b"  ");
            column::right_signed(row, route.uses.into(), 5);
            row.push(b'\n');
        }
        LegacyRoute::Netrom(route) => netrom(row, route),
        LegacyRoute::Rose(route) => rose(row, route),
        LegacyRoute::Ipx(route) => ipx(row, route),
        LegacyRoute::Ddp(route) => ddp(row, route, old),
        LegacyRoute::X25(route) => x25(row, route),
    }
}

/// `%-WIDTHs` of text that a file may fill with anything.
fn left(row: &mut Vec<u8>, text: &[u8], width: usize) {
    let start = row.len();
    printable::append(row, text);
    column::pad(row, start, width);
}

fn netrom(row: &mut Vec<u8>, route: &NetromRoute<'_>) {
    left(row, &route.callsign, 9);
    row.extend_from_slice(b"    ");
    left(row, &route.mnemonic, 7);
    row.extend_from_slice(b"   ");
    // Without a neighbour the line does not even end, and the next row continues it.
    if let Some(neighbour) = &route.neighbour {
        column::right_signed(row, route.quality.into(), 3);
        row.extend_from_slice(b"      ");
        left(row, &neighbour.callsign, 9);
        row.extend_from_slice(b"  ");
        printable::append(row, &neighbour.device);
        row.push(b'\n');
    }
}

fn rose(row: &mut Vec<u8>, route: &RoseRoute<'_>) {
    left(row, &route.address, 10);
    row.extend_from_slice(b"   ");
    for neighbour in &route.neighbours {
        // %05d counts the sign as a digit.
        if neighbour.number < 0 {
            row.push(b'-');
            column::zero_padded(row, neighbour.number.unsigned_abs().into(), 4);
        } else {
            column::zero_padded(row, neighbour.number.unsigned_abs().into(), 5);
        }
        row.extend_from_slice(b"  ");
        for entry in &*neighbour.entries {
            left(row, &entry.callsign, 10);
            row.extend_from_slice(b"   ");
            left(row, &entry.device, 4);
        }
    }
    row.push(b'\n');
}

/// `%-25s %-25s %-25s`.
fn ipx(row: &mut Vec<u8>, route: &IpxRoute) {
    for network in [route.destination, route.router_network] {
        let start = row.len();
        if let Some(network) = network {
            column::upper_hex(row, network.into(), 8);
        }
        column::pad(row, start, 26);
    }
    let start = row.len();
    if route.router_node != [0; 6] {
        for byte in route.router_node {
            column::upper_hex(row, byte.into(), 2);
        }
    }
    column::pad(row, start, 25);
    row.push(b'\n');
}

fn ddp(row: &mut Vec<u8>, route: &DdpRoute<'_>, old: Option<&[u8]>) {
    for text in [&route.destination, &route.router, &route.device] {
        left(row, text, 16);
    }
    column::state(row, old, 0, |row| {
        route_flags::append(row, route.flags, route_flags::APPLETALK);
    });
    row.push(b'\n');
}

fn x25(row: &mut Vec<u8>, route: &X25Route<'_>) {
    let start = row.len();
    if route.digits == 0 {
        row.push(b'*');
    } else {
        left(row, &route.prefix, route.digits.into());
        row.push(b'/');
        column::unsigned(row, route.digits.into());
    }
    column::pad(row, start, 21);
    left(row, &route.device, 5);
    row.push(b'\n');
}
