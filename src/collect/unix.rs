//! `/proc/net/unix`: sockets of the local host.
//!
//! The kernel writes names as they are, newlines included; which lines are rows is decided in [`guard`].

pub mod guard;

use super::Context;
use crate::error::{Error, Warning};
use crate::query::{Query, SocketQuery};
use crate::record::owner::Owners;
use crate::record::{Fields, Record, Value, Visitor};
use crate::scan::{Scanner, is_space};
use guard::Guard;

/// The table's file below the proc root.
const FILE: &str = "net/unix";

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixSocket<'a> {
    /// How many hold it: descriptors, peers, messages in flight. The reference prints it as a signed number.
    pub references: u64,
    /// Protocol; 0 on every kernel known.
    pub protocol: u64,
    /// Flags of the socket, of which the kernel lists [`ACCEPTING`](Self::ACCEPTING).
    pub flags: u64,
    /// `SOCK_STREAM` = 1, `SOCK_DGRAM` = 2 and so on.
    pub kind: u32,
    /// State as in the kernel's `socket_state`: 0 free, 1 unconnected, 2 connecting, 3 connected, 4 disconnecting.
    pub state: u32,
    /// Whether the table has a column of inodes. Kernels before 2.1 have none.
    pub has_inode: bool,
    /// What stands in the place of the inode, 0 if nothing; an inode if `has_inode`.
    pub inode: u64,
    /// The name, `@` in front if it is abstract; empty if the socket has none. A newline in it ends it: the kernel writes it as it is.
    pub path: &'a [u8],
    /// The processes that hold it.
    pub owners: Owners,
}

impl UnixSocket<'_> {
    /// `SO_ACCEPTCON`: the socket listens.
    pub const ACCEPTING: u64 = 1 << 16;
    /// `SO_WAITDATA`: it waits for data.
    pub const WAITING: u64 = 1 << 17;
    /// `SO_NOSPACE`: it waits for space.
    pub const NO_SPACE: u64 = 1 << 18;

    /// The flags that have words.
    pub const FLAG_NAMES: [(u64, &'static str); 3] = [
        (Self::ACCEPTING, "ACC"),
        (Self::WAITING, "W"),
        (Self::NO_SPACE, "N"),
    ];

    /// The path as the reference reads it: a word.
    pub fn path_word(&self) -> &[u8] {
        let mut words = self.path.split(|&byte| is_space(byte));
        words.find(|word| !word.is_empty()).unwrap_or_default()
    }

    /// The text of the Proto column.
    pub fn protocol_name(&self) -> &'static str {
        if self.protocol == 0 { "unix" } else { "??" }
    }

    /// The type in the reference's words.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            1 => "STREAM",
            2 => "DGRAM",
            3 => "RAW",
            4 => "RDM",
            5 => "SEQPACKET",
            _ => "UNKNOWN",
        }
    }

    /// Whether this counts as a server's socket.
    pub fn is_listening(&self) -> bool {
        self.state == 1 && self.flags & Self::ACCEPTING != 0
    }

    /// The reference's name of the state; empty for a socket that is neither connected nor a server's.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            0 => "FREE",
            1 if self.is_listening() => "LISTENING",
            1 => "",
            2 => "CONNECTING",
            3 => "CONNECTED",
            4 => "DISCONNECTING",
            _ => "UNKNOWN",
        }
    }
}

impl Fields for UnixSocket<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word(self.protocol_name()));
        visit("refcnt", Value::Unsigned(self.references));
        let mut flags = String::new();
        for (flag, word) in Self::FLAG_NAMES {
            if self.flags & flag != 0 {
                if !flags.is_empty() {
                    flags.push(' ');
                }
                flags.push_str(word);
            }
        }
        visit("flags", Value::nonempty(flags.as_bytes()));
        visit("type", Value::Word(self.kind_name()));
        visit("state", Value::word(self.state_name()));
        visit("state_num", Value::Unsigned(self.state.into()));
        let inode = self.has_inode.then_some(self.inode);
        visit("inode", inode.map_or(Value::Null, Value::Unsigned));
        visit("path", Value::nonempty(self.path));
        self.owners.fields(query, visit);
        visit("kind", Value::Word("socket"));
    }
}

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
    let mut guard = Guard::new(context.query, lines.input());
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
                    context.sink.record(&Record::Unix(&socket))?;
                }
            }
            None => context.warn(&Warning::BogusLine("unix"))?,
        }
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
        references: scanner.hex64()?,
        protocol: scanner.hex64()?,
        flags: scanner.hex64()?,
        kind: scanner.hex32()?,
        state: scanner.hex32()?,
        has_inode,
        inode: 0,
        path: &[],
        owners: Owners::NotSought,
    };
    let after_state = scanner.rest();
    let mut name: &[u8] = &[];
    // Without a column of inodes it is the path that follows the state, even if it begins with a digit.
    let mut path = if has_inode { name } else { after_state };
    if let Some(inode) = scanner.decimal64() {
        socket.inode = inode;
        name = scanner.rest();
        if has_inode || name.first().is_none_or(|&byte| is_space(byte)) {
            path = name;
        }
    }
    let path = path.strip_suffix(b"\n").unwrap_or(path);
    // One blank separates them. More belong to the path.
    socket.path = path.strip_prefix(b" ").unwrap_or(path);
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
            assert_eq!(socket.path, path.as_bytes(), "{line}");
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
                path: b"/run/a.sock",
                owners: Owners::NotSought,
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
