//! The table "IP masquerading entries".

use std::net::{IpAddr, Ipv4Addr};

use super::{address, column};
use crate::names::{NameResolver, ServiceList};
use crate::query::Query;
use crate::record::masquerade::Masqueraded;

/// Appends title and column headings.
pub fn heading(row: &mut Vec<u8>, query: &Query) {
    row.extend_from_slice(b"IP masquerading entries\nprot   expire ");
    if query.extend > 0 {
        row.extend_from_slice(b"   initseq delta prevd ");
    }
    row.extend_from_slice(b"source               destination          ports\n");
}

/// Appends the row of a connection. Nothing is cut.
pub fn row(
    row: &mut Vec<u8>,
    connection: &Masqueraded,
    query: &Query,
    resolver: &mut NameResolver,
) {
    column::left(row, connection.protocol.name().as_bytes(), 4);
    let seconds = connection.expires / 100;
    column::right_unsigned(row, seconds / 60, 3);
    row.push(b':');
    column::zero_padded(row, seconds % 60, 2);
    row.push(b'.');
    column::zero_padded(row, connection.expires % 100, 2);
    row.push(b' ');
    if query.extend > 0 {
        column::right_unsigned(row, connection.initial_sequence, 10);
        row.push(b' ');
        column::right_signed(row, connection.delta.into(), 5);
        row.push(b' ');
        match connection.previous_delta {
            Some(delta) => column::right_signed(row, delta.into(), 5),
            None => row.extend_from_slice(b"    -"),
        }
        row.push(b' ');
    }
    host(row, connection.source, query, resolver);
    host(row, connection.destination, query, resolver);
    let list = connection.protocol.services();
    port(row, connection.source_port, list, query, resolver);
    row.extend_from_slice(b" -> ");
    port(row, connection.destination_port, list, query, resolver);
    row.extend_from_slice(b" (");
    port(row, connection.masquerade_port, list, query, resolver);
    row.extend_from_slice(b")\n");
}

/// `%-20s `.
fn host(row: &mut Vec<u8>, address: Ipv4Addr, query: &Query, resolver: &mut NameResolver) {
    let start = row.len();
    address::host(row, IpAddr::V4(address), query.numeric_hosts, resolver);
    column::pad(row, start, 20);
    row.push(b' ');
}

fn port(
    row: &mut Vec<u8>,
    port: u16,
    list: Option<ServiceList>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let numeric = query.numeric_ports || list.is_none();
    let list = list.unwrap_or(ServiceList::Tcp);
    address::port(row, port, numeric, list, resolver);
}
