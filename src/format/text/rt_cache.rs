//! The table "Kernel IP routing cache".

use std::net::{IpAddr, Ipv4Addr};

use super::{address, column, route};
use crate::names::NameResolver;
use crate::printable;
use crate::query::{Query, RouteLayout};
use crate::record::rt_cache::{self, CacheFormat, CacheHeading, CacheRest, CachedRoute};

/// Appends title, complaint about an unknown format, and column headings.
pub fn heading(row: &mut Vec<u8>, heading: CacheHeading, query: &Query) {
    row.extend_from_slice(b"Kernel IP routing cache\n");
    let CacheHeading::Names(names) = heading else {
        return;
    };
    if !names.are_known() {
        row.extend_from_slice(b"ERROR: proc_guess_fmt(");
        let path = query.proc_root.path(rt_cache::FILE);
        printable::append(row, path.as_os_str().as_encoded_bytes());
        row.extend_from_slice(b",... returned: ");
        column::unsigned(row, names.0.into());
        row.push(b'\n');
    }
    row.extend_from_slice(match (query.route_layout(), names.format()) {
        (RouteLayout::TitleOnly, _) | (RouteLayout::Both, None) => b"",
        (RouteLayout::Metric, _) => {
            b"Source          Destination     Gateway         Flags Metric Ref    Use Iface\n"
        }
        (RouteLayout::Tcp, _) => {
            b"Source          Destination     Gateway         Flags   MSS Window  irtt Iface\n"
        }
        (RouteLayout::Both, Some(CacheFormat::V2_0)) => {
            b"Source          Destination     Gateway         Flags Metric Ref    Use Iface    MSS   Window irtt  HH  Arp\n"
        }
        (RouteLayout::Both, Some(CacheFormat::V2_2)) => {
            b"Source          Destination     Gateway         Flags Metric Ref    Use Iface    MSS   Window irtt  TOS HHRef HHUptod     SpecDst\n"
        }
    });
}

/// Appends the row of a cached route.
pub fn row(
    row: &mut Vec<u8>,
    cached: &CachedRoute<'_>,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let (layout, numeric) = (query.route_layout(), query.numeric_routes());
    if layout == RouteLayout::TitleOnly {
        return;
    }
    for address in [cached.source, cached.destination, cached.gateway] {
        let start = row.len();
        host(row, address, numeric, resolver);
        column::pad(row, start, 15);
        row.push(b' ');
    }
    route::flags(row, old, cached.flags, cached.rest.format().flags());
    match layout {
        RouteLayout::TitleOnly => {}
        RouteLayout::Metric => {
            route::counts(row, cached.metric, cached.references, 2, cached.uses, 7);
            printable::append(row, &cached.interface);
        }
        RouteLayout::Tcp => {
            route::tcp(row, cached.mtu, cached.window, cached.irtt);
            printable::append(row, &cached.interface);
        }
        RouteLayout::Both => {
            route::counts(row, cached.metric, cached.references, 3, cached.uses, 6);
            route::short_interface(row, &cached.interface);
            for (value, width) in [(cached.mtu, 5), (cached.window, 6), (cached.irtt, 5)] {
                column::left_signed(row, value.into(), width);
                row.push(b' ');
            }
            rest(row, cached.rest, numeric, resolver);
        }
    }
    row.push(b'\n');
}

/// Appends the columns in which the formats differ.
fn rest(row: &mut Vec<u8>, rest: CacheRest, numeric: bool, resolver: &mut NameResolver) {
    match rest {
        CacheRest::V2_0 { hh, arp } => {
            column::left_signed(row, hh.into(), 3);
            row.push(b' ');
            column::signed(row, arp.into());
        }
        CacheRest::V2_2 {
            tos,
            hh_references,
            hh_up_to_date,
            specific_destination,
        } => {
            column::left_signed(row, tos.into(), 3);
            row.push(b' ');
            column::left_signed(row, hh_references.into(), 3);
            row.extend_from_slice(b"   ");
            column::left_signed(row, hh_up_to_date.into(), 3);
            row.push(b' ');
            let mut name = Vec::new();
            host(&mut name, specific_destination, numeric, resolver);
            column::right(row, &name, 15);
        }
    }
}

/// Appends an address, which is not cut here.
fn host(row: &mut Vec<u8>, address: Ipv4Addr, numeric: bool, resolver: &mut NameResolver) {
    address::host(row, IpAddr::V4(address), numeric, resolver);
}
