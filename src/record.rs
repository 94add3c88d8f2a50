//! What flows from the collectors to the formats: records, the tables they belong to, and the [`Sink`] that takes them.

use std::net::IpAddr;

use crate::cli::AddressFamily;
use crate::collect::igmp::GroupMembership;
use crate::collect::inet::{InetSocket, Protocol, Timer};
use crate::collect::legacy::UnreadableLine;
use crate::collect::legacy::ax25::Ax25Socket;
use crate::collect::legacy::ipx::IpxSocket;
use crate::collect::legacy::netrom::NetromSocket;
use crate::collect::legacy::rose::RoseSocket;
use crate::collect::legacy::x25::X25Socket;
use crate::collect::sctp::{SctpAssociation, SctpEndpoint};
use crate::collect::snmp::{Counter, Statistic};
use crate::collect::unix::UnixSocket;
use crate::error::Error;
use crate::names::ServiceList;
use crate::query::Query;

/// The tables a run can print, in the words of the reference's headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// "Active Internet connections": tcp, sctp, udp, udplite and raw sockets.
    Internet,
    /// "IPv6/IPv4 Group Memberships".
    Groups,
    /// "Active UNIX domain sockets".
    Unix,
    /// "Active IPX sockets".
    Ipx,
    /// "Active AX.25 sockets".
    Ax25,
    /// "Active X.25 sockets".
    X25,
    /// "Active NET/ROM sockets".
    Netrom,
    /// "Active ROSE sockets".
    Rose,
}

/// One row of a table, whole: nothing is cut or translated before a format does it.
#[derive(Debug)]
pub enum Record<'a> {
    /// A tcp, udp, udplite or raw socket.
    Inet(&'a InetSocket<'a>),
    /// A counter, or the title of a table of counters. No [`Sink::begin`] announces them: they bring their titles.
    Statistic(Statistic<'a>),
    /// The list of families that were asked for has no statistics.
    NoStatistics(&'a [AddressFamily]),
    /// An SCTP socket that can accept associations.
    SctpEndpoint(&'a SctpEndpoint<'a>),
    /// An SCTP association.
    SctpAssociation(&'a SctpAssociation<'a>),
    /// A membership in a multicast group.
    Group(&'a GroupMembership<'a>),
    /// A unix socket.
    Unix(&'a UnixSocket<'a>),
    /// An IPX socket.
    Ipx(&'a IpxSocket),
    /// An AX.25 socket.
    Ax25(&'a Ax25Socket<'a>),
    /// An X.25 socket.
    X25(&'a X25Socket<'a>),
    /// A NET/ROM socket.
    Netrom(&'a NetromSocket<'a>),
    /// A ROSE socket.
    Rose(&'a RoseSocket<'a>),
    /// A line that cannot be read, where the reference complains about it on stdout.
    Unreadable(UnreadableLine),
}

impl Record<'_> {
    /// The fields, if it is something that was read from the kernel rather than a title or a complaint.
    pub fn fields(&self) -> Option<&dyn Fields> {
        Some(match self {
            Record::Inet(socket) => *socket,
            Record::Statistic(Statistic::Counter(counter)) => counter,
            Record::SctpEndpoint(endpoint) => *endpoint,
            Record::SctpAssociation(association) => *association,
            Record::Group(membership) => *membership,
            Record::Unix(socket) => *socket,
            Record::Ipx(socket) => *socket,
            Record::Ax25(socket) => *socket,
            Record::X25(socket) => *socket,
            Record::Netrom(socket) => *socket,
            Record::Rose(socket) => *socket,
            Record::Statistic(Statistic::Title(_))
            | Record::NoStatistics(_)
            | Record::Unreadable(_) => return None,
        })
    }
}

/// What takes the fields of a record: their names and values, in order.
pub type Visitor<'v> = dyn FnMut(&'static str, Value<'_>) + 'v;

/// A record that knows the names of its fields, for formats that treat all tables alike.
pub trait Fields {
    /// Visits all fields. Their names and types are stable: what was released once keeps its name and meaning.
    ///
    /// `query` decides only whether fields exist, never their values.
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>);
}

/// The value of a field, as the kernel has it. Formats decide how to show it, and whether to look names up.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// Nothing: the field does not apply or is not known.
    Null,
    /// A number.
    Unsigned(u64),
    /// A number.
    Signed(i64),
    /// A time in the kernel's clock ticks.
    Ticks(u64),
    /// A time in hundredths of a second.
    Hundredths(u64),
    /// A word of our own or of the kernel's: plain ASCII without control characters.
    Word(&'a str),
    /// Text that others chose: any bytes.
    Text(&'a [u8]),
    /// The number of an address.
    Address(IpAddr),
    /// A host: its name if names are wanted and it has one, else its number.
    Host(IpAddr),
    /// A port: its name likewise, else its number as text, `*` for 0.
    Port(Option<ServiceList>, u16),
    /// A user: the name likewise, else the number as text.
    User(u32),
    /// What a socket waits for, in the words of the text format.
    Timer(Protocol, &'a Timer),
    /// A counter in the words of the text format.
    Sentence(&'a Counter<'a>),
    /// Other values; the function visits them.
    List(&'a dyn Fn(&mut dyn FnMut(Value<'_>))),
    /// Something that has fields of its own.
    Object(&'a dyn Fields),
}

impl<'a> Value<'a> {
    /// Text, or nothing where it is empty.
    pub fn nonempty(text: &'a [u8]) -> Self {
        if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text)
        }
    }

    /// A word, or nothing.
    pub fn word(word: Option<&'a str>) -> Self {
        word.map_or(Value::Null, Value::Word)
    }
}

/// Receives the records of a run in the order they are read; an error stops the reading.
pub trait Sink {
    /// A table starts: title and column headings.
    ///
    /// # Errors
    /// What writing brought.
    fn begin(&mut self, table: Table) -> Result<(), Error>;

    /// A row of the table that was begun last.
    ///
    /// # Errors
    /// What writing brought.
    fn record(&mut self, record: &Record<'_>) -> Result<(), Error>;

    /// A message is about to be written to stderr: what the reference's stdio would have written by now must be out.
    ///
    /// # Errors
    /// What writing brought.
    fn before_message(&mut self) -> Result<(), Error>;

    /// A pass over all tables starts.
    ///
    /// # Errors
    /// What writing brought.
    fn begin_pass(&mut self) -> Result<(), Error>;

    /// A pass is over, successfully or not: everything is written out.
    ///
    /// # Errors
    /// What writing brought.
    fn end_pass(&mut self) -> Result<(), Error>;
}
