//! What flows from the collectors to the formats: records, the tables they belong to, and the [`Sink`] that takes them.

use crate::cli::AddressFamily;
use crate::collect::igmp::GroupMembership;
use crate::collect::inet::InetSocket;
use crate::collect::interfaces::Interface;
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
use crate::collect::snmp::Statistic;
use crate::collect::unix::UnixSocket;
use crate::error::Error;

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
    Inet(&'a InetSocket<'a>),
    /// An interface or an alias.
    Interface(&'a Interface<'a>),
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
