//! `/proc/net/unix`: sockets of the local host.
//!
//! The kernel writes names as they are, newlines included; which lines are rows is decided in [`guard`].

mod details;
pub mod guard;

use super::Context;
use crate::error::{Error, Warning};
use crate::proc_root::PIECE;
use crate::query::SocketQuery;
use crate::record::Record;
use crate::record::owner::Owners;
use crate::record::unix::UnixSocket;
use crate::scan::{Scanner, is_space};
use details::Details;
use guard::Guard;

/// The table's file below the proc root.
const FILE: &str = "net/unix";

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let Some(mut lines) = context.open_table(sockets, FILE, "AF UNIX")? else {
        return context.require(sockets, true);
    };
    let has_inode = match lines.next_line() {
        Ok(Some(heading)) => memchr::memmem::find(heading, b"Inode").is_some(),
        _ => false,
    };
    let details = Details::read(context.query, lines.input());
    let mut guard = Guard::new(context.query, lines.input());
    loop {
        while let Ok(Some(piece)) = lines.next_piece() {
            let row = scan(piece.bytes, has_inode);
            if !guard.admits(piece, row.as_ref()) {
                continue;
            }
            match row.map(|(socket, _)| socket) {
                Some(mut socket) => {
                    if sockets.filter.keeps(socket.is_listening()) {
                        socket.owners = if has_inode {
                            context.programs.owners(socket.inode)
                        } else {
                            context.programs.owners_without_inode()
                        };
                        let detail = details.of(socket.inode);
                        socket.backlog_limit = detail.backlog_limit;
                        socket.peer = detail.peer.map(|inode| context.peer(inode).into());
                        context.sink.record(&Record::Unix(socket))?;
                    }
                }
                None => context.warn(&Warning::BogusLine("unix"))?,
            }
        }
        let Some(first_read) = guard.again(lines.reads()) else {
            break;
        };
        match context.query.proc_root.lines(FILE, PIECE) {
            Ok(again) => lines = again,
            Err(_) => break,
        }
        lines.set_room(first_read);
        let _ = lines.next_line();
        lines.set_room(usize::MAX);
    }
    match guard.finish(context.query) {
        Some(warning) => context.warn(&warning),
        None => Ok(()),
    }
}

/// Parses a line of the table, whose heading told whether there are inodes; `None` if it is bogus.
pub fn parse(line: &[u8], has_inode: bool) -> Option<UnixSocket<'_>> {
    scan(line, has_inode).map(|(socket, _)| socket)
}

/// The same, and what the kernel wrote behind the inode.
fn scan(line: &[u8], has_inode: bool) -> Option<(UnixSocket<'_>, &[u8])> {
    let mut scanner = Scanner::new(line);
    scanner.pointer()?;
    scanner.literal(b':')?;
    let mut socket = UnixSocket {
        references: scanner.hex_long()?,
        protocol: scanner.hex_long()?,
        flags: scanner.hex_long()?,
        kind: scanner.hex32()?,
        state: scanner.hex32()?,
        has_inode,
        inode: 0,
        path: (&[]).into(),
        owners: Owners::NotSought,
        backlog_limit: None,
        peer: None,
    };
    let after_state = scanner.rest();
    let mut name: &[u8] = &[];
    // Without a column of inodes it is the path that follows the state, even if it begins with a digit.
    let mut path = if has_inode { name } else { after_state };
    if let Some(inode) = scanner.decimal_long() {
        socket.inode = inode;
        name = scanner.rest();
        if has_inode || name.first().is_none_or(|&byte| is_space(byte)) {
            path = name;
        }
    }
    let path = path.strip_suffix(b"\n").unwrap_or(path);
    // One blank separates them. More belong to the path.
    socket.path = path.strip_prefix(b" ").unwrap_or(path).into();
    Some((socket, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_follow_the_state() {
        for (line, inode, path) in [
            ("0: 1 0 0 1 1 /dev/log\n", 0, "/dev/log"),
            ("0: 1 0 0 1 1 7 /dev/log\n", 7, "/dev/log"),
            ("0: 1 0 0 1 1 7up\n", 7, "7up"),
            ("0: 1 0 0 1 1 7\n", 7, ""),
            ("0: 1 0 0 1 1\n", 0, ""),
        ] {
            let socket = parse(line.as_bytes(), false).unwrap();
            assert_eq!(socket.inode, inode, "{line}");
            assert_eq!(*socket.path, *path.as_bytes(), "{line}");
        }
    }

    #[test]
    fn lines_are_scanned_leniently() {
        let parsed = |line: &'static str| parse(line.as_bytes(), true);
        let socket =
            parsed("0000000000000000: 00000002 00000000 00010000 0001 01 10001 /run/a.sock\n")
                .unwrap();
        assert_eq!(
            socket,
            UnixSocket {
                references: 2,
                protocol: 0,
                flags: UnixSocket::ACCEPTING,
                kind: 1,
                state: 1,
                has_inode: true,
                inode: 10001,
                path: b"/run/a.sock".into(),
                owners: Owners::NotSought,
                backlog_limit: None,
                peer: None,
            }
        );
        assert!(socket.is_listening());
        for (line, inode, path) in [
            ("0: 1 0 0 1 1 7\n", 7, ""),
            ("(nil): 1 0 0 1 1 7 @a b c\n", 7, "@a"),
            (" (NIL):1 0 0 1 1 7 \x0b\t x\rz\n", 7, "x"),
            ("0xff:1 0 0 1 1 +7x", 7, "x"),
            ("0:1 0 0 1 1", 0, ""),
            ("0:1 0 0 1 1 /path", 0, ""),
        ] {
            let socket = parsed(line).unwrap();
            assert_eq!(socket.inode, inode, "{line}");
            assert_eq!(socket.path_word(), path.as_bytes(), "{line}");
        }
        for line in [
            "",
            "\n",
            "0 : 1 0 0 1 1 7",
            "(nul): 1 0 0 1 1 7",
            "0: 1 0 0 1",
            "x",
        ] {
            assert_eq!(parsed(line), None, "{line}");
        }
    }
}
