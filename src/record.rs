//! What flows from the collectors to the formats: records, the tables they belong to, and the [`Sink`] that takes them.

pub mod owner;

use std::net::{IpAddr, Ipv6Addr};

use crate::cli::AddressFamily;
use crate::collect::igmp::GroupMembership;
use crate::collect::inet::{InetSocket, Protocol, Timer};
use crate::collect::interfaces::{Hardware, Interface};
use crate::collect::ipv6_route::Ipv6Route;
use crate::collect::legacy::UnreadableLine;
use crate::collect::legacy::ax25::Ax25Socket;
use crate::collect::legacy::ipx::IpxSocket;
use crate::collect::legacy::netrom::NetromSocket;
use crate::collect::legacy::rose::RoseSocket;
use crate::collect::legacy::x25::X25Socket;
use crate::collect::legacy_route::{LegacyFamily, LegacyRoute};
use crate::collect::masquerade::Masqueraded;
use crate::collect::neighbour::Neighbour;
use crate::collect::route::Route;
use crate::collect::rt_cache::{CacheHeading, CachedRoute};
use crate::collect::sctp::{SctpAssociation, SctpEndpoint};
use crate::collect::snmp::{Counter, Statistic};
use crate::collect::unix::UnixSocket;
use crate::error::Error;
use crate::names::{Question, ServiceList};
use crate::netns::Namespace;
use crate::query::Query;

/// The tables a run can print, in the words of the reference's headings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// "Active Internet connections": tcp, sctp, udp, udplite and raw sockets.
    Internet,
    /// "Kernel Interface table".
    Interfaces,
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
    /// "Kernel IP routing table".
    Routes,
    /// "Kernel IP routing cache".
    RouteCache(CacheHeading),
    /// "Kernel IPv6 routing table".
    Ipv6Routes,
    /// "Kernel IPv6 routing cache".
    Ipv6RouteCache,
    /// "Kernel IPv6 Neighbour Cache".
    Neighbours,
    /// "Kernel AX.25 routing table" and the like.
    LegacyRoutes(LegacyFamily),
    /// "IP masquerading entries".
    Masquerade,
}

/// One row of a table, whole: nothing is cut or translated before a format does it.
#[derive(Debug)]
pub enum Record<'a> {
    /// A tcp, udp, udplite or raw socket.
    Inet(&'a InetSocket),
    /// An interface or an alias.
    Interface(&'a Interface<'a>),
    /// A counter, or the title of a table of counters. No [`Sink::begin`] announces them: they bring their titles.
    Statistic(Statistic<'a>),
    /// The list of families that were asked for has no statistics.
    NoStatistics(&'a [AddressFamily]),
    /// An SCTP socket that can accept associations.
    SctpEndpoint(&'a SctpEndpoint),
    /// An SCTP association.
    SctpAssociation(&'a SctpAssociation),
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
    /// An IPv4 route.
    Route(&'a Route<'a>),
    /// A route in the IPv4 cache.
    CachedRoute(&'a CachedRoute<'a>),
    /// An IPv6 route, of the table or the cache.
    Ipv6Route(&'a Ipv6Route<'a>),
    /// An IPv6 neighbour.
    Neighbour(&'a Neighbour<'a>),
    /// A route of another family.
    LegacyRoute(&'a LegacyRoute<'a>),
    /// A masqueraded connection.
    Masqueraded(&'a Masqueraded),
    /// A message that the reference prints to stdout, without its newline.
    Complaint(&'a str),
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
            Record::Interface(interface) => *interface,
            Record::Route(route) => *route,
            Record::CachedRoute(route) => *route,
            Record::Ipv6Route(route) => *route,
            Record::Neighbour(neighbour) => *neighbour,
            Record::LegacyRoute(route) => *route,
            Record::Masqueraded(connection) => *connection,
            Record::Statistic(Statistic::Title(_))
            | Record::NoStatistics(_)
            | Record::Unreadable(_)
            | Record::Complaint(_) => return None,
        })
    }
}

/// What takes the fields of a record: their names and values, in order.
pub type Visitor<'v> = dyn FnMut(&'static str, Value<'_>) + 'v;

/// Visits the elements of a list.
pub type Elements<'e> = dyn Fn(&mut dyn FnMut(Value<'_>)) + 'e;

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
    /// True or false.
    Bool(bool),
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
    /// A host or network: the answer to `question` if names are wanted and there is one, else the number. Where there is no question,
    /// `word` stands for the number if names are wanted.
    Name {
        /// The number. IPv4 addresses that are mapped to IPv6 count as IPv4 addresses, as in the text format.
        address: IpAddr,
        /// What to ask.
        question: Option<Question>,
        /// What is known without.
        word: Option<&'static str>,
    },
    /// A port: its name likewise, else its number as text, `*` for 0.
    Port(Option<ServiceList>, u16),
    /// A user: the name likewise, else the number as text.
    User(u32),
    /// What a socket waits for, in the words of the text format.
    Timer(Protocol, &'a Timer),
    /// A counter in the words of the text format.
    Sentence(&'a Counter<'a>),
    /// The name of a hardware type.
    HardwareName(&'a Hardware),
    /// A hardware address, as is usual for its type.
    HardwareAddress(&'a Hardware),
    /// Other values; the function visits them.
    List(&'a Elements<'a>),
    /// Something that has fields of its own.
    Object(&'a dyn Fields),
}

impl<'a> Value<'a> {
    /// A host by its address.
    pub fn host(address: IpAddr) -> Self {
        Value::Name {
            address,
            question: (!address.is_unspecified()).then(|| Question::about(address)),
            // The reference's word among names.
            word: (address == IpAddr::V6(Ipv6Addr::UNSPECIFIED)).then_some("[::]"),
        }
    }

    /// A number, or nothing.
    pub fn signed(number: Option<i32>) -> Self {
        number.map_or(Value::Null, |number| Value::Signed(number.into()))
    }

    /// An object, or nothing.
    pub fn object<T: Fields>(object: Option<&'a T>) -> Self {
        object.map_or(Value::Null, |object| Value::Object(object))
    }

    /// Text, or nothing where it is empty.
    pub fn nonempty(text: &'a [u8]) -> Self {
        if text.is_empty() {
            Value::Null
        } else {
            Value::Text(text)
        }
    }

    /// A word, or nothing where it is empty.
    pub fn word(word: &'a str) -> Self {
        if word.is_empty() {
            Value::Null
        } else {
            Value::Word(word)
        }
    }
}

/// Receives the records of a run in the order they are read; an error stops the reading.
pub trait Sink {
    /// A table starts: title and column headings.
    ///
    /// # Errors
    /// What writing brought.
    fn begin(&mut self, table: Table) -> Result<(), Error>;

    /// What follows is of this network namespace. Only called under `--all-netns`.
    ///
    /// # Errors
    /// What writing brought.
    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error>;

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
