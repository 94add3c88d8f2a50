//! Sockets of the local host.

use std::borrow::Cow;

use super::owner::Owners;
use super::peer::{self, Peer};
use super::{Fields, Value, Visitor, owned};
use crate::query::Query;
use crate::scan::is_space;

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
    pub path: Cow<'a, [u8]>,
    /// The processes that hold it.
    pub owners: Owners,
    /// Of a listening socket, if it was asked for and is known: how many connections may wait to be accepted (`UNIX_DIAG_RQLEN`).
    pub backlog_limit: Option<u32>,
    /// The other end, if it was asked for and is known.
    pub peer: Option<Box<Peer>>,
}

impl UnixSocket<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> UnixSocket<'static> {
        UnixSocket {
            path: owned(&self.path),
            owners: self.owners.clone(),
            peer: self.peer.clone(),
            ..*self
        }
    }

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
        Self::name_of_kind(self.kind)
    }

    /// The word for a type: `SOCK_STREAM` = 1 and so on.
    pub fn name_of_kind(kind: u32) -> &'static str {
        match kind {
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
        visit("path", Value::nonempty(&self.path));
        self.owners.fields(query, visit);
        if query.gather.backlog_limits {
            let limit = self.backlog_limit.map(u64::from);
            visit("backlog_limit", limit.map_or(Value::Null, Value::Unsigned));
        }
        peer::fields(self.peer.as_deref(), query, visit);
        visit("kind", Value::Word("socket"));
    }
}
