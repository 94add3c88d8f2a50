//! The table "Active Internet connections": tcp, udp, udplite and raw rows, and the tail that all socket rows share.

use std::io::Write as _;

use super::{address, column};
use crate::names::NameResolver;
use crate::printable;
use crate::query::Query;
use crate::record::inet::{Endpoint, InetSocket, Protocol, Timer};
use crate::record::owner::Program;

/// Appends title and column headings.
pub fn heading(row: &mut Vec<u8>, query: &Query, selection: &str) {
    row.extend_from_slice(b"Active Internet connections ");
    row.extend_from_slice(selection.as_bytes());
    row.extend_from_slice(
        b"\nProto Recv-Q Send-Q Local Address           Foreign Address         State      ",
    );
    if query.extend > 0 {
        row.extend_from_slice(b" User       Inode     ");
    }
    program_heading(row, query);
    if query.timers {
        row.extend_from_slice(b" Timer");
    }
    row.push(b'\n');
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

/// Appends the row of a socket.
pub fn row(
    row: &mut Vec<u8>,
    socket: &InetSocket,
    query: &Query,
    resolver: &mut NameResolver,
    ticks: u64,
) {
    // The reference's formats differ ("%-4s  " for tcp and raw, "%-5s " for udp) but come to the same for these names.
    column::left(row, socket.protocol.name(socket.family).as_bytes(), 6);
    column::right_signed(row, socket.recv_queue.cast_signed(), 6);
    row.push(b' ');
    column::right_signed(row, socket.send_queue.cast_signed(), 6);
    for endpoint in [socket.local, socket.remote] {
        row.push(b' ');
        endpoint_column(row, endpoint, socket.protocol, query, resolver);
    }
    row.push(b' ');
    match socket.state_name() {
        Some(name) => column::left(row, name.as_bytes(), 11),
        None => column::left_signed(row, socket.state.0.cast_signed().into(), 11),
    }
    tail(
        row,
        socket.uid,
        socket.inode,
        socket.owners.first(),
        query,
        resolver,
    );
    if query.timers {
        row.push(b' ');
        timer(row, socket.protocol, &socket.timer, ticks);
    }
    row.push(b'\n');
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

/// Appends the text of a timer; `ticks` are those of the kernel per second.
pub fn timer(row: &mut Vec<u8>, protocol: Protocol, timer: &Timer, ticks: u64) {
    let start = row.len();
    let tcp = protocol == Protocol::Tcp;
    match timer.name(protocol) {
        Some(name) => row.extend_from_slice(name.as_bytes()),
        None => {
            row.extend_from_slice(b"unkn-");
            column::signed(row, timer.kind.cast_signed().into());
        }
    }
    row.extend_from_slice(b" (");
    if timer.kind == 0 {
        row.extend_from_slice(b"0.00");
    } else {
        seconds(row, timer.remaining, if tcp { ticks } else { 100 });
    }
    row.push(b'/');
    let retransmits = match protocol {
        Protocol::Tcp | Protocol::Raw => timer.retransmits.cast_signed(),
        Protocol::Udp | Protocol::UdpLite => 0,
    };
    column::signed(row, retransmits);
    row.push(b'/');
    column::signed(row, timer.timeout.into());
    row.push(b')');
    row.truncate(start + 63);
}

/// `%2.2f` of a time in ticks.
fn seconds(row: &mut Vec<u8>, remaining: u64, ticks: u64) {
    if ticks == 100 && remaining < 1 << 40 {
        column::unsigned(row, remaining / 100);
        row.push(b'.');
        column::zero_padded(row, remaining % 100, 2);
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "the reference divides doubles")]
    let seconds = remaining as f64 / ticks as f64;
    let _ = write!(row, "{seconds:.2}");
}
