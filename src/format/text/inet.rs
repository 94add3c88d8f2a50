//! The table "Active Internet connections": tcp, udp, udplite and raw rows, and the tail that all socket rows share.

use super::{address, column, timer};
use crate::names::NameResolver;
use crate::printable;
use crate::query::Query;
use crate::record::inet::{Endpoint, InetSocket, Protocol};
use crate::record::owner::Program;
use crate::scan::long;

/// Appends title and column headings, and returns the place where columns of fields go.
pub fn heading(row: &mut Vec<u8>, query: &Query, selection: &str) -> usize {
    row.extend_from_slice(b"Active Internet connections ");
    row.extend_from_slice(selection.as_bytes());
    row.extend_from_slice(
        b"\nProto Recv-Q Send-Q Local Address           Foreign Address         State      ",
    );
    if query.extend > 0 {
        row.extend_from_slice(b" User       Inode     ");
    }
    program_heading(row, query);
    let place = row.len();
    if query.timers {
        row.extend_from_slice(b" Timer");
    }
    row.push(b'\n');
    place
}

/// Appends the headings of `-p` and `-Z`.
pub fn program_heading(row: &mut Vec<u8>, query: &Query) {
    if query.programs {
        row.push(b' ');
        column::left(row, b"PID/Program name", 20);
    }
    if query.context {
        // One byte short of its column, as in the reference.
        column::left(row, b" Security Context", 50);
    }
}

/// Appends the row of a socket, whose state was `old` before if it has changed, and returns the place where columns of fields go: before the timer, which has no width of its own.
pub fn row(
    row: &mut Vec<u8>,
    socket: &InetSocket,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
    ticks: u64,
) -> usize {
    // The reference's formats differ ("%-4s  " for tcp and raw, "%-5s " for udp) but come to the same for these names.
    column::left(row, socket.protocol.name(socket.family).as_bytes(), 6);
    column::right_signed(row, long(socket.recv_queue), 6);
    row.push(b' ');
    column::right_signed(row, long(socket.send_queue), 6);
    for endpoint in [socket.local, socket.remote] {
        row.push(b' ');
        endpoint_column(row, endpoint, socket.protocol, query, resolver);
    }
    row.push(b' ');
    column::state(row, old, 11, |row| match socket.state_name() {
        Some(name) => row.extend_from_slice(name.as_bytes()),
        None => column::signed(row, socket.state.0.cast_signed().into()),
    });
    tail(
        row,
        socket.uid,
        socket.inode,
        socket.owners.first(),
        query,
        resolver,
    );
    let place = row.len();
    if query.timers {
        row.push(b' ');
        timer::append(row, socket.protocol, &socket.timer, ticks);
    }
    row.push(b'\n');
    place
}

fn endpoint_column(
    row: &mut Vec<u8>,
    endpoint: Endpoint,
    protocol: Protocol,
    query: &Query,
    resolver: &mut NameResolver,
) {
    let start = row.len();
    address::host(row, endpoint.address, query.numeric_hosts, resolver);
    let colon = row.len();
    row.push(b':');
    address::port(
        row,
        endpoint.port(),
        query.numeric_ports,
        protocol.services(),
        resolver,
    );
    address::fit(row, start, colon, query.wide);
    column::pad(row, start, 23);
}

/// Appends what `-e`, `-p` and `-Z` add to a row of the Internet table.
pub fn tail(
    row: &mut Vec<u8>,
    uid: u32,
    inode: u64,
    program: Option<&Program>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    if query.extend > 0 {
        row.push(b' ');
        let start = row.len();
        user(row, uid, query.numeric_users, resolver);
        column::pad(row, start, 10);
        row.push(b' ');
        column::left_unsigned(row, inode, 10);
    }
    program_columns(row, program, query);
}

/// Appends the name of a user, or the number as the reference shows it: signed.
pub fn user(row: &mut Vec<u8>, uid: u32, numeric: bool, resolver: &mut NameResolver) {
    match (!numeric).then(|| resolver.user(uid)).flatten() {
        Some(name) => printable::append(row, name),
        None => column::signed(row, uid.cast_signed().into()),
    }
}

/// Appends the columns of `-p` and `-Z`: `-` where nothing is known.
pub fn program_columns(row: &mut Vec<u8>, program: Option<&Program>, query: &Query) {
    if query.programs {
        row.push(b' ');
        let start = row.len();
        match program {
            Some(program) => {
                row.extend_from_slice(&program.pid);
                row.push(b'/');
                printable::append(row, &program.name);
                row.truncate(start + 19);
            }
            None => row.push(b'-'),
        }
        column::pad(row, start, 20);
    }
    if query.context {
        row.push(b' ');
        let start = row.len();
        match program.and_then(|program| program.context.as_deref()) {
            // A context that does not fit is reduced to its end.
            Some(context) => {
                printable::append(row, context);
                if context.len() >= 50 {
                    row.drain(start..row.len() - 48);
                }
            }
            None => row.push(b'-'),
        }
        column::pad(row, start, 50);
    }
}
