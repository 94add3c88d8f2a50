//! The reference's layout, byte for byte.
//!
//! [`TextFormat`] owns what all tables share: the output, the resolver of names and the settled question. Each printed table
//! has a module of its own that knows its headings and rows.
//!
//! Names of hosts can be long in coming. While a row waits for one, copies of it and of all that follows are held back
//! ([`Held`]), so that many names are looked up at a time and the rows still come out in order, each as soon as it can be.

pub mod address;
pub mod column;
pub mod group;
pub mod hardware;
pub mod inet;
pub mod interface;
pub mod interface_long;
pub mod ipv6_route;
pub mod legacy;
pub mod legacy_route;
pub mod masquerade;
pub mod neighbour;
pub mod route;
pub mod rt_cache;
pub mod sctp;
pub mod statistics;
pub mod unix;

use std::collections::VecDeque;
use std::io::Write;
use std::net::IpAddr;

use super::output::Output;
use crate::collect::igmp::GroupMembership;
use crate::collect::inet::InetSocket;
use crate::collect::ipv6_route::Ipv6Route;
use crate::collect::masquerade::Masqueraded;
use crate::collect::neighbour::Neighbour;
use crate::collect::route::Route;
use crate::collect::rt_cache::CachedRoute;
use crate::collect::sctp::{SctpAssociation, SctpEndpoint};
use crate::error::Error;
use crate::names::{NameResolver, Question};
use crate::netns::Namespace;
use crate::query::{Query, Report, SocketFilter};
use crate::record::{Record, Sink, Table};
use statistics::Statistics;

/// How rows and headings look: what the tables' modules share, and which of them a record goes to.
#[derive(Debug)]
struct Layout {
    query: Query,
    resolver: NameResolver,
    /// Kernel clock ticks per second, the unit of tcp timers.
    ticks: u64,
    /// "Kernel Interface table" is not repeated under `-c`.
    interface_title_shown: bool,
    statistics: Statistics,
    /// A line names the network namespace of each table, and the first has been printed.
    namespace_shown: bool,
}

impl Layout {
    /// The words in the headings of socket tables.
    fn selection(&self) -> &'static str {
        match &self.query.report {
            Report::Sockets(sockets) => match sockets.filter {
                SocketFilter::All => "(servers and established)",
                SocketFilter::Listening => "(only servers)",
                SocketFilter::Connected => "(w/o servers)",
            },
            _ => "",
        }
    }

    /// The line over all tables of a network namespace.
    fn namespace(&mut self, row: &mut Vec<u8>, namespace: &Namespace) {
        if std::mem::replace(&mut self.namespace_shown, true) {
            row.push(b'\n');
        }
        row.extend_from_slice(b"Network namespace ");
        column::printable(row, &namespace.label());
        let process = namespace.process.as_ref();
        if namespace.is_current || process.is_some() {
            row.extend_from_slice(b" (");
            if namespace.is_current {
                row.extend_from_slice(b"current");
            }
            if let Some(process) = process {
                if namespace.is_current {
                    row.extend_from_slice(b", ");
                }
                row.extend_from_slice(b"pid ");
                column::unsigned(row, process.pid.into());
                row.push(b' ');
                column::printable(row, &process.name);
            }
            row.push(b')');
        }
        row.push(b'\n');
        // What is said once in a run is said once for each namespace.
        self.interface_title_shown = false;
        self.statistics = Statistics::default();
    }

    fn heading(&mut self, row: &mut Vec<u8>, table: Table) {
        let selection = self.selection();
        match table {
            Table::Internet => inet::heading(row, &self.query, selection),
            Table::Interfaces => {
                if !self.interface_title_shown {
                    row.extend_from_slice(interface::TITLE);
                    self.interface_title_shown = true;
                }
                if self.query.extend == 0 {
                    row.extend_from_slice(interface::HEADING);
                }
            }
            Table::Groups => group::heading(row),
            Table::Unix => unix::heading(row, &self.query, selection),
            Table::Ipx => legacy::ipx_heading(row, &self.query),
            Table::Ax25 => legacy::ax25_heading(row),
            Table::X25 => legacy::x25_heading(row),
            Table::Netrom => legacy::netrom_heading(row),
            Table::Rose => legacy::rose_heading(row),
            Table::Routes => route::heading(row, self.query.route_layout()),
            Table::RouteCache(heading) => rt_cache::heading(row, heading, &self.query),
            Table::Ipv6Routes => ipv6_route::heading(row, "table"),
            Table::Ipv6RouteCache => ipv6_route::heading(row, "cache"),
            Table::Neighbours => neighbour::heading(row, self.query.route_layout()),
            Table::LegacyRoutes(family) => legacy_route::heading(row, family),
            Table::Masquerade => masquerade::heading(row, &self.query),
        }
    }

    fn row(&mut self, row: &mut Vec<u8>, record: &Record<'_>) {
        let (query, resolver) = (&self.query, &mut self.resolver);
        match record {
            Record::Inet(socket) => inet::row(row, socket, query, resolver, self.ticks),
            Record::Interface(interface) if interface.details.is_none() => {
                interface::row(row, interface)
            }
            Record::Interface(interface) => interface_long::block(row, interface),
            Record::Statistic(statistic) => self.statistics.row(row, statistic),
            Record::NoStatistics(families) => statistics::refusal(row, families),
            Record::SctpEndpoint(endpoint) => sctp::endpoint(row, endpoint, query, resolver),
            Record::SctpAssociation(association) => {
                sctp::association(row, association, query, resolver);
            }
            Record::Group(membership) => group::row(row, membership, query, resolver),
            Record::Unix(socket) => unix::row(row, socket, query),
            Record::Ipx(socket) => legacy::ipx(row, socket, query, resolver),
            Record::Ax25(socket) => legacy::ax25(row, socket),
            Record::X25(socket) => legacy::x25(row, socket),
            Record::Netrom(socket) => legacy::netrom(row, socket),
            Record::Rose(socket) => legacy::rose(row, socket),
            Record::Unreadable(line) => legacy::unreadable(row, line, query),
            Record::Route(record) => route::row(row, record, query, resolver),
            Record::CachedRoute(record) => rt_cache::row(row, record, query, resolver),
            Record::Ipv6Route(record) => ipv6_route::row(row, record, query, resolver),
            Record::Neighbour(record) => neighbour::row(row, record, query, resolver, self.ticks),
            Record::LegacyRoute(record) => legacy_route::row(row, record),
            Record::Masqueraded(record) => masquerade::row(row, record, query, resolver),
            Record::Complaint(text) => complaint(row, text),
        }
    }

    /// Has the names that a record shows looked up, and tells whether some are still to come.
    fn ask_ahead(&mut self, record: &Record<'_>) -> bool {
        let (query, resolver) = (&self.query, &mut self.resolver);
        let mut waits = false;
        questions(record, query, |question| {
            resolver.ask_ahead(question);
            waits |= resolver.is_under_way(question);
        });
        waits
    }
}

/// Visits what a row asks the name service about hosts and networks.
fn questions(record: &Record<'_>, query: &Query, mut visit: impl FnMut(Question)) {
    let mut hosts = |addresses: &[IpAddr]| {
        addresses
            .iter()
            .filter_map(|&address| address::host_question(address))
            .for_each(&mut visit);
    };
    match record {
        Record::Inet(socket) if !query.numeric_hosts => {
            hosts(&[socket.local.address, socket.remote.address]);
        }
        Record::SctpEndpoint(endpoint) if !sctp::numeric_hosts(query) => {
            hosts(&endpoint.addresses);
        }
        Record::SctpAssociation(association) if !sctp::numeric_hosts(query) => {
            hosts(&association.local);
            hosts(&association.remote);
        }
        Record::Group(membership) if !query.numeric_hosts => hosts(&[membership.group]),
        Record::Masqueraded(record) if !query.numeric_hosts => {
            masquerade::questions(record, &mut visit)
        }
        Record::Route(record) => route::questions(record, query, &mut visit),
        Record::CachedRoute(record) => rt_cache::questions(record, query, &mut visit),
        Record::Ipv6Route(record) => ipv6_route::questions(record, query, &mut visit),
        Record::Neighbour(record) => neighbour::questions(record, query, &mut visit),
        _ => {}
    }
}

/// Output that waits for names, or behind some that does.
#[derive(Debug)]
enum Held {
    /// Headings, and rows that show no names of hosts.
    Bytes(Vec<u8>),
    Inet(InetSocket),
    SctpEndpoint(SctpEndpoint),
    SctpAssociation(SctpAssociation),
    Group(GroupMembership<'static>),
    Route(Route<'static>),
    CachedRoute(CachedRoute<'static>),
    Ipv6Route(Ipv6Route<'static>),
    Neighbour(Neighbour<'static>),
    Masqueraded(Masqueraded),
}

impl Held {
    /// A copy of a record that shows names of hosts.
    fn copy(record: &Record<'_>) -> Option<Self> {
        match record {
            Record::Inet(socket) => Some(Held::Inet((*socket).clone())),
            Record::SctpEndpoint(endpoint) => Some(Held::SctpEndpoint((*endpoint).clone())),
            Record::SctpAssociation(association) => {
                Some(Held::SctpAssociation((*association).clone()))
            }
            Record::Group(membership) => Some(Held::Group(membership.to_static())),
            Record::Route(record) => Some(Held::Route(record.to_static())),
            Record::CachedRoute(record) => Some(Held::CachedRoute(record.to_static())),
            Record::Ipv6Route(record) => Some(Held::Ipv6Route(record.to_static())),
            Record::Neighbour(record) => Some(Held::Neighbour(record.to_static())),
            Record::Masqueraded(record) => Some(Held::Masqueraded((*record).clone())),
            _ => None,
        }
    }

    /// The record again.
    fn record(&self) -> Option<Record<'_>> {
        match self {
            Held::Bytes(_) => None,
            Held::Inet(socket) => Some(Record::Inet(socket)),
            Held::SctpEndpoint(endpoint) => Some(Record::SctpEndpoint(endpoint)),
            Held::SctpAssociation(association) => Some(Record::SctpAssociation(association)),
            Held::Group(membership) => Some(Record::Group(membership)),
            Held::Route(record) => Some(Record::Route(record)),
            Held::CachedRoute(record) => Some(Record::CachedRoute(record)),
            Held::Ipv6Route(record) => Some(Record::Ipv6Route(record)),
            Held::Neighbour(record) => Some(Record::Neighbour(record)),
            Held::Masqueraded(record) => Some(Record::Masqueraded(record)),
        }
    }
}

/// At most so many rows are held back; then the next one waits for the first name.
const MOST_HELD: usize = 4096;

/// Likewise for rows without names that follow one another.
const MOST_HELD_BYTES: usize = 1 << 20;

/// Prints records as the reference does.
#[derive(Debug)]
pub struct TextFormat<W> {
    layout: Layout,
    output: Output<W>,
    held: VecDeque<Held>,
}

impl<W: Write> TextFormat<W> {
    /// Prints what `query` asks for to `output`; `ticks` is the kernel's clock ticks per second.
    pub fn new(query: Query, output: Output<W>, ticks: u64) -> Self {
        let layout = Layout {
            query,
            resolver: NameResolver::new(),
            ticks,
            interface_title_shown: false,
            statistics: Statistics::default(),
            namespace_shown: false,
        };
        TextFormat {
            layout,
            output,
            held: VecDeque::new(),
        }
    }

    /// Appends bytes now, or behind the rows that are held back.
    fn append(&mut self, make: impl FnOnce(&mut Layout, &mut Vec<u8>)) -> Result<(), Error> {
        if self.held.is_empty() {
            make(&mut self.layout, self.output.row());
            return self.output.row_done();
        }
        let mut bytes = match self.held.pop_back() {
            Some(Held::Bytes(bytes)) => bytes,
            other => {
                self.held.extend(other);
                Vec::new()
            }
        };
        make(&mut self.layout, &mut bytes);
        let most = if bytes.len() > MOST_HELD_BYTES {
            0
        } else {
            MOST_HELD
        };
        self.held.push_back(Held::Bytes(bytes));
        self.drain(most)
    }

    /// Appends what is held back up to the first row that waits for a name still under way.
    fn advance(&mut self) -> Result<(), Error> {
        self.layout.resolver.take_answers();
        while let Some(held) = self.held.pop_front() {
            match held.record() {
                Some(record) if self.layout.ask_ahead(&record) => {
                    self.held.push_front(held);
                    break;
                }
                Some(record) => self.layout.row(self.output.row(), &record),
                None => {
                    if let Held::Bytes(bytes) = &held {
                        self.output.row().extend_from_slice(bytes);
                    }
                }
            }
            self.output.row_done()?;
        }
        Ok(())
    }

    /// Appends what is held back until no more than `most` rows are.
    fn drain(&mut self, most: usize) -> Result<(), Error> {
        self.advance()?;
        while self.held.len() > most {
            self.layout.resolver.await_answer();
            self.advance()?;
        }
        Ok(())
    }
}

impl<W: Write> Sink for TextFormat<W> {
    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.append(|layout, row| layout.namespace(row, namespace))
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.append(|layout, row| layout.heading(row, table))
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let waits = self.layout.ask_ahead(record);
        if (waits || !self.held.is_empty())
            && let Some(held) = Held::copy(record)
        {
            self.held.push_back(held);
            return self.drain(MOST_HELD);
        }
        self.append(|layout, row| layout.row(row, record))
    }

    fn before_message(&mut self) -> Result<(), Error> {
        self.drain(0)?;
        self.output.settle()
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.layout.resolver.begin_pass();
        self.layout.statistics = Statistics::default();
        Ok(())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.drain(0)?;
        self.output.flush()
    }
}

/// Appends a message.
fn complaint(row: &mut Vec<u8>, text: &str) {
    column::printable(row, text.as_bytes());
    row.push(b'\n');
}
