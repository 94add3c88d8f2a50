//! The tables of old protocol families: IPX, AX.25, X.25, NET/ROM and ROSE sockets.

use std::os::unix::ffi::OsStrExt;

use super::{column, inet};
use crate::names::NameResolver;
use crate::printable;
use crate::query::Query;
use crate::record::legacy::UnreadableLine;
use crate::record::legacy::circuit::{CircuitProtocol, CircuitSocket};
use crate::record::legacy::ipx::{IpxEndpoint, IpxSocket};
use crate::record::legacy::rose::RoseSocket;
use crate::scan::long;

/// Appends the complaint that stands in place of a row.
pub fn unreadable(row: &mut Vec<u8>, line: &UnreadableLine, query: &Query) {
    row.push(if line.lower_case { b'p' } else { b'P' });
    row.extend_from_slice(b"roblem reading data from ");
    let path = query.proc_root.path(line.file);
    printable::append(row, path.as_os_str().as_bytes());
    row.push(b'\n');
}

/// Appends title and column headings.
pub fn ipx_heading(row: &mut Vec<u8>, query: &Query) {
    row.extend_from_slice(
        b"Active IPX sockets\n\
        Proto Recv-Q Send-Q Local Address              Foreign Address            State",
    );
    if query.extend > 0 {
        row.extend_from_slice(b" User");
    }
    row.push(b'\n');
}

/// Appends the row of an IPX socket, whose state was `old` before if it has changed; likewise below.
pub fn ipx(
    row: &mut Vec<u8>,
    socket: &IpxSocket,
    old: Option<&[u8]>,
    query: &Query,
    resolver: &mut NameResolver,
) {
    row.extend_from_slice(b"IPX   ");
    // Swapped: the headings say Recv-Q and Send-Q.
    column::right_signed(row, long(socket.send_queue), 6);
    row.push(b' ');
    column::right_signed(row, long(socket.recv_queue), 6);
    for endpoint in [Some(&socket.local), socket.remote.as_ref()] {
        row.push(b' ');
        let start = row.len();
        match endpoint {
            Some(endpoint) => ipx_endpoint(row, endpoint),
            None => row.push(b'-'),
        }
        column::pad(row, start, 26);
    }
    row.push(b' ');
    column::state(row, old, 5, |row| {
        row.extend_from_slice(socket.state_name().as_bytes());
    });
    if query.extend > 0 {
        row.push(b' ');
        let start = row.len();
        inet::user(row, socket.uid, query.numeric_users, resolver);
        column::pad(row, start, 10);
    }
    row.push(b'\n');
}

fn ipx_endpoint(row: &mut Vec<u8>, endpoint: &IpxEndpoint) {
    row.extend_from_slice(endpoint.address().as_bytes());
    row.push(b':');
    column::upper_hex(row, endpoint.port.into(), 4);
}

/// Appends title and column headings.
pub fn ax25_heading(row: &mut Vec<u8>) {
    row.extend_from_slice(
        b"Active AX.25 sockets\n\
        Dest       Source     Device  State        Vr/Vs    Send-Q  Recv-Q\n",
    );
}

/// Appends title and column headings.
pub fn x25_heading(row: &mut Vec<u8>) {
    row.extend_from_slice(
        b"Active X.25 sockets\n\
        Dest         Source          Device  LCI  State        Vr/Vs  Send-Q  Recv-Q\n",
    );
}

/// Appends title and column headings.
pub fn netrom_heading(row: &mut Vec<u8>) {
    row.extend_from_slice(
        b"Active NET/ROM sockets\n\
        User       Dest       Source     Device  State        Vr/Vs    Send-Q  Recv-Q\n",
    );
}

/// Appends the row of an AX.25, NET/ROM or X.25 socket.
pub fn circuit(row: &mut Vec<u8>, socket: &CircuitSocket<'_>, old: Option<&[u8]>) {
    let x25 = socket.protocol == CircuitProtocol::X25;
    if x25 {
        text(row, &socket.dest, 15, 1);
        // The reference reads nine bytes: the last digit of a ten-digit address is lost.
        text(row, column::cut(&socket.source, 9), 15, 1);
        text(row, &socket.device, 7, 1);
        column::left_signed(row, socket.lci.into(), 3);
        row.extend_from_slice(b"  ");
    } else {
        if socket.protocol == CircuitProtocol::Netrom {
            text(row, &socket.user, 9, 2);
        }
        text(row, &socket.dest, 9, 2);
        text(row, &socket.source, 9, 2);
        text(row, &socket.device, 6, 2);
    }
    column::state(row, old, 11, |row| {
        printable::append(row, socket.state_name().as_bytes());
    });
    row.extend_from_slice(b"  ");
    let width = if x25 { 2 } else { 3 };
    column::zero_padded_signed(row, socket.recv_sequence.into(), width);
    row.push(b'/');
    column::zero_padded_signed(row, socket.send_sequence.into(), width);
    row.extend_from_slice(b"  ");
    column::left_signed(row, socket.send_queue.into(), 6);
    row.extend_from_slice(b"  ");
    column::left_signed(row, socket.recv_queue.into(), 6);
    row.push(b'\n');
}

/// Appends title and column headings.
pub fn rose_heading(row: &mut Vec<u8>) {
    row.extend_from_slice(
        b"Active ROSE sockets\n\
        dest_addr   dest_call  src_addr    src_call  dev   lci neigh   state\n",
    );
}

/// Appends the row of a ROSE socket. All words are shown in full, where the reference's buffers overrun each other: it
/// never shows a destination, since the kernel's addresses have ten digits.
pub fn rose(row: &mut Vec<u8>, socket: &RoseSocket<'_>, old: Option<&[u8]>) {
    text(row, &socket.dest_address, 10, 2);
    text(row, &socket.dest_call, 9, 2);
    text(row, &socket.source_address, 10, 2);
    text(row, &socket.source_call, 9, 1);
    text(row, &socket.device, 5, 1);
    column::right_signed(row, socket.lci.into(), 3);
    row.push(b' ');
    column::right_signed(row, socket.neighbour.into(), 5);
    row.extend_from_slice(b"   ");
    column::state(row, old, 0, |row| {
        row.extend_from_slice(socket.state_name().as_bytes());
    });
    row.push(b'\n');
}

/// A column of text and the blanks behind it.
fn text(row: &mut Vec<u8>, text: &[u8], width: usize, blanks: usize) {
    let start = row.len();
    printable::append(row, text);
    column::pad(row, start, width);
    column::left(row, b"", blanks);
}
