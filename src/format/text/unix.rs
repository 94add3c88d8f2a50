//! The table "Active UNIX domain sockets".

use super::{column, inet};
use crate::printable;
use crate::query::Query;
use crate::record::unix::UnixSocket;
use crate::scan::long;

/// Appends title and column headings, and returns the place where columns of fields go.
pub fn heading(row: &mut Vec<u8>, query: &Query, selection: &str) -> usize {
    row.extend_from_slice(b"Active UNIX domain sockets ");
    row.extend_from_slice(selection.as_bytes());
    row.extend_from_slice(b"\nProto RefCnt Flags       Type       State         I-Node  ");
    inet::program_heading(row, query);
    let place = row.len();
    row.extend_from_slice(b" Path\n");
    place
}

/// Appends the row of a socket, whose state was `old` before if it has changed, and returns the place where columns of fields go: before the path, which has no width of its own.
pub fn row(row: &mut Vec<u8>, socket: &UnixSocket<'_>, old: Option<&[u8]>, query: &Query) -> usize {
    column::left(row, socket.protocol_name().as_bytes(), 6);
    column::left_signed(row, long(socket.references), 6);
    row.push(b' ');
    let start = row.len();
    row.extend_from_slice(b"[ ");
    for (flag, word) in UnixSocket::FLAG_NAMES {
        if socket.flags & flag != 0 {
            row.extend_from_slice(word.as_bytes());
            row.push(b' ');
        }
    }
    row.push(b']');
    column::pad(row, start, 11);
    row.push(b' ');
    column::left(row, socket.kind_name().as_bytes(), 10);
    row.push(b' ');
    column::state(row, old, 13, |row| {
        row.extend_from_slice(socket.state_name().as_bytes());
    });
    row.push(b' ');
    if socket.has_inode {
        column::left_unsigned(row, socket.inode, 8);
    } else {
        row.extend_from_slice(b"-       ");
    }
    inet::program_columns(row, socket.owners.first(), query);
    let place = row.len();
    row.push(b' ');
    if socket.has_inode {
        printable::append(row, socket.path_word());
    } else {
        // The reference takes the field for the path but prints it as a number.
        column::unsigned(row, socket.inode);
    }
    row.push(b'\n');
    place
}
