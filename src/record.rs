//! What flows from the collectors to the formats: records and their fields, the tables they belong to, messages, and the [`Sink`]
//! that takes them.
//!
//! A record is one row of a table, whole: nothing is cut or translated before a format does it. Each kind has a file of its own with its
//! fields, their units and words. A record lists its fields by name ([`Fields`]); whoever treats all tables alike works on these.

pub mod change;
pub mod control_group;
pub mod count;
pub mod counter;
pub mod group;
pub mod inet;
pub mod interface;
pub mod ipv6_route;
pub mod legacy;
pub mod legacy_route;
pub mod masquerade;
pub mod moment;
pub mod namespace;
pub mod neighbour;
pub mod owner;
pub mod peer;
pub mod problem;
pub mod rate;
pub mod route;
pub mod route_flags;
pub mod rt_cache;
pub mod sctp;
pub mod socket_detail;
pub mod unix;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use crate::cli::AddressFamily;
use crate::error::{Error, Warning};
use crate::field::Tables;
use crate::names::{Question, ServiceList};
use crate::query::Query;
use change::{Change, Event};
use count::RowCount;
use counter::{Counter, Statistic};
use group::GroupMembership;
use inet::{InetSocket, Protocol, Timer};
use interface::{Hardware, Interface};
use ipv6_route::Ipv6Route;
use legacy::UnreadableLine;
use legacy::circuit::CircuitSocket;
use legacy::ipx::IpxSocket;
use legacy::rose::RoseSocket;
use legacy_route::{LegacyFamily, LegacyRoute};
use masquerade::Masqueraded;
use namespace::Namespace;
use neighbour::Neighbour;
use problem::ProblemRow;
use route::Route;
use rt_cache::{CacheHeading, CachedRoute};
use sctp::{SctpAssociation, SctpEndpoint};
use unix::UnixSocket;

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
    /// Ours: how many rows have the same values, instead of all other tables.
    Counts,
}

impl Table {
    /// Which of the tables of fields it is.
    pub fn fields(self) -> Tables {
        match self {
            Table::Internet => Tables::INTERNET,
            Table::Interfaces => Tables::INTERFACES,
            Table::Groups => Tables::GROUPS,
            Table::Unix => Tables::UNIX,
            Table::Ipx => Tables::IPX,
            Table::Ax25 => Tables::AX25,
            Table::X25 => Tables::X25,
            Table::Netrom => Tables::NETROM,
            Table::Rose => Tables::ROSE,
            Table::Routes => Tables::ROUTES,
            Table::RouteCache(_) => Tables::ROUTE_CACHE,
            Table::Ipv6Routes | Table::Ipv6RouteCache => Tables::IPV6_ROUTES,
            Table::Neighbours => Tables::NEIGHBOURS,
            Table::LegacyRoutes(family) => match family {
                LegacyFamily::Ax25 => Tables::AX25_ROUTES,
                LegacyFamily::Netrom => Tables::NETROM_ROUTES,
                LegacyFamily::Rose => Tables::ROSE_ROUTES,
                LegacyFamily::Ipx => Tables::IPX_ROUTES,
                LegacyFamily::Ddp => Tables::DDP_ROUTES,
                LegacyFamily::X25 => Tables::X25_ROUTES,
            },
            Table::Masquerade => Tables::NONE,
            Table::Counts => Tables::COUNTS,
        }
    }
}

/// One row of a table.
#[derive(Clone, Debug)]
pub enum Record<'a> {
    /// A tcp, udp, udplite or raw socket.
    Inet(InetSocket),
    /// An interface or an alias.
    Interface(Box<Interface<'a>>),
    /// A counter, or the title of a table of counters. No [`Sink::begin`] announces them: they bring their titles.
    Statistic(Statistic<'a>),
    /// A counter that means trouble.
    Problem(ProblemRow<'a>),
    /// The list of families that were asked for has no statistics.
    NoStatistics(Vec<AddressFamily>),
    /// An SCTP socket that can accept associations.
    SctpEndpoint(SctpEndpoint),
    /// An SCTP association.
    SctpAssociation(SctpAssociation),
    /// A membership in a multicast group.
    Group(GroupMembership<'a>),
    /// A unix socket.
    Unix(UnixSocket<'a>),
    /// An IPX socket.
    Ipx(IpxSocket),
    /// An AX.25, NET/ROM or X.25 socket.
    Circuit(CircuitSocket<'a>),
    /// A ROSE socket.
    Rose(RoseSocket<'a>),
    /// A line that cannot be read, where the reference complains about it on stdout.
    Unreadable(UnreadableLine),
    /// An IPv4 route.
    Route(Route<'a>),
    /// A route in the IPv4 cache.
    CachedRoute(CachedRoute<'a>),
    /// An IPv6 route, of the table or the cache.
    Ipv6Route(Ipv6Route<'a>),
    /// An IPv6 neighbour.
    Neighbour(Neighbour<'a>),
    /// A route of another family.
    LegacyRoute(LegacyRoute<'a>),
    /// A masqueraded connection.
    Masqueraded(Masqueraded),
    /// How many rows have the same values.
    RowCount(RowCount),
    /// A row that differs from what was reported before.
    Change(Box<Change<'a>>),
    /// A message that the reference prints to stdout, without its newline.
    Complaint(Cow<'a, str>),
}

impl Record<'_> {
    /// The fields, if it is something that was read from the kernel rather than a title or a complaint.
    pub fn fields(&self) -> Option<&dyn Fields> {
        Some(match self {
            Record::Inet(record) => record,
            Record::Interface(record) => &**record,
            Record::Statistic(Statistic::Counter(counter)) => counter,
            Record::Problem(record) => record,
            Record::SctpEndpoint(record) => record,
            Record::SctpAssociation(record) => record,
            Record::Group(record) => record,
            Record::Unix(record) => record,
            Record::Ipx(record) => record,
            Record::Circuit(record) => record,
            Record::Rose(record) => record,
            Record::Route(record) => record,
            Record::CachedRoute(record) => record,
            Record::Ipv6Route(record) => record,
            Record::Neighbour(record) => record,
            Record::LegacyRoute(record) => record,
            Record::Masqueraded(record) => record,
            Record::RowCount(record) => record,
            Record::Change(record) => &**record,
            Record::Statistic(Statistic::Title(_))
            | Record::NoStatistics(_)
            | Record::Unreadable(_)
            | Record::Complaint(_) => return None,
        })
    }

    /// A copy that can be kept.
    pub fn to_static(&self) -> Record<'static> {
        match self {
            Record::Inet(record) => Record::Inet(record.clone()),
            Record::Interface(record) => Record::Interface(Box::new(record.to_static())),
            Record::Statistic(record) => Record::Statistic(record.to_static()),
            Record::Problem(record) => Record::Problem(record.to_static()),
            Record::NoStatistics(record) => Record::NoStatistics(record.clone()),
            Record::SctpEndpoint(record) => Record::SctpEndpoint(record.clone()),
            Record::SctpAssociation(record) => Record::SctpAssociation(record.clone()),
            Record::Group(record) => Record::Group(record.to_static()),
            Record::Unix(record) => Record::Unix(record.to_static()),
            Record::Ipx(record) => Record::Ipx(record.clone()),
            Record::Circuit(record) => Record::Circuit(record.to_static()),
            Record::Rose(record) => Record::Rose(record.to_static()),
            Record::Unreadable(record) => Record::Unreadable(*record),
            Record::Route(record) => Record::Route(record.to_static()),
            Record::CachedRoute(record) => Record::CachedRoute(record.to_static()),
            Record::Ipv6Route(record) => Record::Ipv6Route(record.to_static()),
            Record::Neighbour(record) => Record::Neighbour(record.to_static()),
            Record::LegacyRoute(record) => Record::LegacyRoute(record.to_static()),
            Record::Masqueraded(record) => Record::Masqueraded(record.clone()),
            Record::RowCount(record) => Record::RowCount(record.clone()),
            Record::Change(record) => Record::Change(Box::new(record.to_static())),
            Record::Complaint(record) => Record::Complaint(Cow::Owned(record.to_string())),
        }
    }
}

/// The text of a record, as a copy that can be kept.
pub fn owned(text: &[u8]) -> Cow<'static, [u8]> {
    Cow::Owned(text.to_vec())
}

/// What is to be said on stderr, without the final newline. Names in it that others chose are as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(pub Vec<u8>);

impl From<&Warning> for Message {
    fn from(warning: &Warning) -> Self {
        Message(warning.text())
    }
}

impl From<&Error> for Message {
    fn from(error: &Error) -> Self {
        let text = error.to_string();
        Message(match error {
            // A newline can only be in what was typed, which is quoted.
            Error::Extension(_) | Error::ProcRoot { .. } | Error::Namespace { .. } => {
                text.replace('\n', ".").into_bytes()
            }
            _ => text.into_bytes(),
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

    /// How many of its fields, from the first, stand for it where it is an element of a list in text.
    fn in_short(&self) -> usize {
        2
    }
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
    /// A time in microseconds, shown in milliseconds.
    Microseconds(u64),
    /// A time in nanoseconds, shown in seconds.
    Nanoseconds(u64),
    /// A number in millionths, always with a fraction.
    Millionths(u64),
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
    /// The same words without the number: what the counter counts.
    Meaning(&'a Counter<'a>),
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

/// Visits a field whose value is a list of what has fields of its own; `None` if it is not known.
pub fn visit_objects<T: Fields>(
    name: &'static str,
    objects: Option<&[T]>,
    visit: &mut Visitor<'_>,
) {
    match objects {
        Some(objects) => visit(
            name,
            Value::List(&|each| {
                for object in objects {
                    each(Value::Object(object));
                }
            }),
        ),
        None => visit(name, Value::Null),
    }
}

/// Receives the records and messages of a run in the order they arise; an error stops the reading.
pub trait Sink {
    /// A pass over all tables starts.
    ///
    /// # Errors
    /// What writing brought.
    fn begin_pass(&mut self) -> Result<(), Error>;

    /// What follows is of this network namespace. Only called under `--all-netns`.
    ///
    /// # Errors
    /// What writing brought.
    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error>;

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

    /// A message, to be written behind the rows that the reference's stdio would have written by now.
    ///
    /// # Errors
    /// What writing those rows brought. Where messages go is nobody's business.
    fn message(&mut self, message: &Message) -> Result<(), Error>;

    /// Something happens that only those want to know who compare reports.
    ///
    /// # Errors
    /// What writing brought.
    fn event(&mut self, _event: &Event<'_>) -> Result<(), Error> {
        Ok(())
    }

    /// A pass is over, successfully or not: everything is written out.
    ///
    /// # Errors
    /// What writing brought.
    fn end_pass(&mut self) -> Result<(), Error>;
}

impl<S: Sink + ?Sized> Sink for Box<S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        (**self).begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        (**self).begin_namespace(namespace)
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        (**self).begin(table)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        (**self).record(record)
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        (**self).message(message)
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        (**self).event(event)
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        (**self).end_pass()
    }
}
