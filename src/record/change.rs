//! What differs between two reports, and what tells that it does.

use std::time::SystemTime;

use super::inet::InetSocket;
use super::{Fields, Record, Table, Value, Visitor};
use crate::query::Query;

/// A row that differs from what was reported before.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// When that was seen.
    pub time: SystemTime,
    /// How it differs.
    pub kind: ChangeKind,
    /// The table that the row is of.
    pub table: Table,
    /// The row: as it is, or of what is gone, as it was seen last.
    pub record: Record<'a>,
    /// The state before, if that is what has changed.
    pub old_state: Option<Box<[u8]>>,
    /// Who told.
    pub source: Source,
}

/// How a row differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    New,
    /// It is not there any more.
    Gone,
    /// It is in another state.
    State,
}

/// Who told of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A comparison of reports.
    Reports,
    /// The kernel, of a socket that a report had.
    Kernel,
    /// The kernel, of a socket that no report had. Who made it is not known.
    KernelAlone,
}

impl ChangeKind {
    /// In front of the row of a table.
    pub fn sign(self) -> u8 {
        match self {
            ChangeKind::New => b'+',
            ChangeKind::Gone => b'-',
            ChangeKind::State => b'~',
        }
    }

    /// In JSON.
    pub fn name(self) -> &'static str {
        match self {
            ChangeKind::New => "new",
            ChangeKind::Gone => "gone",
            ChangeKind::State => "state",
        }
    }
}

/// The last figures of a tcp connection: the words in which a table has them, and the fields.
pub const FIGURES: [(&str, &str); 4] = [
    ("sent", "bytes_sent"),
    ("received", "bytes_received"),
    ("retransmitted", "bytes_retransmitted"),
    ("rtt", "rtt_ms"),
];

impl Change<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Change<'static> {
        Change {
            record: self.record.to_static(),
            old_state: self.old_state.clone(),
            ..*self
        }
    }

    /// Visits the last figures of a tcp connection that the kernel has told of, in the order of [`FIGURES`].
    pub fn figures(&self, visit: &mut Visitor<'_>) {
        if self.source != Source::Reports
            && let Record::Inet(InetSocket {
                detail: Some(detail),
                ..
            }) = &self.record
            && let Some(info) = &detail.tcp
        {
            for (_, name) in FIGURES {
                visit(name, info.field(name));
            }
        }
    }
}

/// Those of the row, behind what is said of the change.
impl Fields for Change<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("change", Value::Word(self.kind.name()));
        if let Some(state) = &self.old_state {
            visit("old_state", Value::nonempty(state));
        }
        let Some(fields) = self.record.fields() else {
            return;
        };
        let unseen = self.source == Source::KernelAlone;
        fields.fields(query, &mut |name, value| match name {
            "user" | "uid" | "inode" if unseen => visit(name, Value::Null),
            _ => visit(name, value),
        });
        if !query.gather.socket_details {
            self.figures(visit);
        }
    }
}

/// What happens besides the rows of reports, for those who compare them.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// From now on the kernel tells of sockets that close.
    Watched,
    /// A tcp or udp socket has closed: what the kernel tells of it at the end. Its state, its user and its inode are not known.
    Closed {
        /// The socket.
        socket: &'a InetSocket,
        /// As far as is known, it is of the rows that were asked for.
        wanted: bool,
    },
    /// The kernel has told of more sockets than could be listened to.
    Lost,
    /// All rows of a report have been seen.
    Reported,
    /// It is a while since the last report was made.
    Settled,
}
