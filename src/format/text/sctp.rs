//! The SCTP rows of the table "Active Internet connections". They take a line for each address.

use std::net::IpAddr;

use super::{address, column, inet};
use crate::names::NameResolver;
use crate::query::Query;
use crate::record::owner::Program;
use crate::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};

/// Hosts are cut to this many bytes.
const LONGEST_HOST: usize = 63;

/// Bytes before the local address.
const INDENT: usize = 20;

/// Width of an address column.
const ADDRESS: usize = 23;

/// Width of both and the blank between them.
const ADDRESSES: usize = 47;

/// Appends the lines of an endpoint, whose state was `old` before if it has changed, and returns the place where columns of fields go.
pub fn endpoint(
    row: &mut Vec<u8>,
    endpoint: &SctpEndpoint,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) -> usize {
    for (index, &local) in endpoint.addresses.iter().enumerate() {
        if index > 0 {
            row.push(b'\n');
        }
        let start = row.len();
        if index == 0 {
            row.extend_from_slice(b"sctp");
        }
        column::pad(row, start, INDENT);
        let start = row.len();
        host(row, local, query, resolver);
        port(row, endpoint.port);
        column::pad(row, start, ADDRESSES);
        state(row, (index == 0).then_some((old, endpoint.state)));
    }
    tail(
        row,
        endpoint.uid,
        endpoint.inode,
        endpoint.owners.first(),
        query,
        resolver,
    )
}

/// Appends the lines of an association: a pair of addresses each, until both sides are used up. `old` as above. Returns the place where columns of
/// fields go.
pub fn association(
    row: &mut Vec<u8>,
    association: &SctpAssociation,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) -> usize {
    let lines = association.local.len().max(association.remote.len());
    for index in 0..lines {
        let first = index == 0;
        if first {
            row.extend_from_slice(b"sctp  ");
            column::right_unsigned(row, association.recv_queue.into(), 6);
            row.push(b' ');
            column::right_unsigned(row, association.send_queue.into(), 6);
            row.push(b' ');
        } else {
            row.push(b'\n');
            column::left(row, b"", INDENT);
        }
        let local = (&association.local, association.local_port);
        let remote = (&association.remote, association.remote_port);
        for (side, (addresses, side_port)) in [local, remote].into_iter().enumerate() {
            if side > 0 {
                row.push(b' ');
            }
            let start = row.len();
            if let Some(&address) = addresses.get(index) {
                host(row, address, query, resolver);
                if first {
                    port(row, side_port);
                }
            }
            column::pad(row, start, ADDRESS);
        }
        state(row, first.then_some((old, association.state)));
    }
    tail(
        row,
        association.uid,
        association.inode,
        association.owners.first(),
        query,
        resolver,
    )
}

/// Any wish for numbers, even for those of users, and even `-N`, here means numeric hosts.
pub fn numeric_hosts(query: &Query) -> bool {
    query.numeric_hosts || query.numeric_ports || query.numeric_users || query.symbolic
}

fn host(row: &mut Vec<u8>, address: IpAddr, query: &Query, resolver: &mut NameResolver) {
    let start = row.len();
    address::host(row, address, numeric_hosts(query), resolver);
    row.truncate(start + LONGEST_HOST);
}

/// There is no list of names for SCTP ports.
fn port(row: &mut Vec<u8>, port: i32) {
    row.push(b':');
    match port & 0xffff {
        0 => row.push(b'*'),
        port => column::signed(row, port.into()),
    }
}

/// Appends the column of a state, with what it was before if it has changed, or of none.
fn state(row: &mut Vec<u8>, state: Option<(Option<&[u8]>, SctpState)>) {
    row.push(b' ');
    let Some((old, state)) = state else {
        column::left(row, b"", 11);
        return;
    };
    column::state(row, old, 11, |row| match state.name() {
        Some(name) => row.extend_from_slice(name.as_bytes()),
        None => {
            row.extend_from_slice(b"UNKNOWN(");
            column::signed(row, state.0.into());
            row.push(b')');
        }
    });
}

fn tail(
    row: &mut Vec<u8>,
    uid: u32,
    inode: u64,
    program: Option<&Program>,
    query: &Query,
    resolver: &mut NameResolver,
) -> usize {
    inet::tail(row, uid, inode, program, query, resolver);
    let place = row.len();
    if query.timers {
        // There is a column but never a timer.
        row.push(b' ');
    }
    row.push(b'\n');
    place
}
