//! The reference's layout, byte for byte.
//!
//! [`TextFormat`] owns what all tables share: the output, the resolver of names and the settled question. Each printed table
//! has a module of its own that knows its headings and rows.

pub mod change;
pub mod columns;
pub mod count;
pub mod group;
pub mod inet;
pub mod interface;
pub mod interface_long;
pub mod ipv6_route;
pub mod legacy;
pub mod legacy_route;
pub mod masquerade;
pub mod neighbour;
pub mod problem;
pub mod route;
pub mod rt_cache;
pub mod sctp;
pub mod statistics;
pub mod unix;

use std::io::Write;

use super::messages::Messages;
use super::output::Output;
use crate::error::Error;
use crate::names::SharedResolver;
use crate::printable;
use crate::query::{Query, Report, SocketFilter};
use crate::record::change::Change;
use crate::record::namespace::{Namespace, Within};
use crate::record::{Fields, Message, Record, Sink, Table};
use crate::shown::{Shown, address, column, hardware, timer};
use columns::Columns;
use statistics::Statistics;

/// How rows and headings look: what the tables' modules share, and which of them a record goes to.
#[derive(Debug)]
struct Layout {
    query: Query,
    resolver: SharedResolver,
    /// Kernel clock ticks per second, the unit of tcp timers.
    ticks: u64,
    /// "Kernel Interface table" is not repeated under `-c`.
    interface_title_shown: bool,
    statistics: Statistics,
    /// Columns of fields that were asked for by name.
    columns: Columns,
    /// The network namespace at hand, once a line has named it.
    namespace: Option<Namespace>,
    /// The table whose columns are at hand.
    table: Option<Table>,
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
        if self.namespace.replace(namespace.clone()).is_some() {
            row.push(b'\n');
        }
        row.extend_from_slice(b"Network namespace ");
        printable::append(row, &namespace.label());
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
                printable::append(row, &process.name);
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
        let start = row.len();
        let mut place = None;
        match table {
            Table::Internet => place = Some(inet::heading(row, &self.query, selection)),
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
            Table::Unix => place = Some(unix::heading(row, &self.query, selection)),
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
            Table::Counts => count::heading(row),
        }
        self.columns.begin(row, start, place, table, &self.query);
        self.table = Some(table);
    }

    /// Appends the line of a change: its time and sign, the row as its table has it, and the last figures of a connection.
    fn change(&mut self, row: &mut Vec<u8>, change: &Change<'_>) {
        if self.table != Some(change.table) {
            self.heading(&mut Vec::new(), change.table);
        }
        change::begin(row, change);
        self.record(row, &change.record, Some(change));
        change::end(row, change);
    }

    /// Appends the row of a record, which is that of a change or of none.
    fn record(&mut self, row: &mut Vec<u8>, record: &Record<'_>, change: Option<&Change<'_>>) {
        let start = row.len();
        let old = change.and_then(|change| change.old_state.as_deref());
        let place = self.reference_row(row, record, old);
        if self.columns.is_empty() {
            return;
        }
        // A change leaves out what nobody has told.
        let fields = match change {
            Some(change) => Some(change as &dyn Fields),
            None => record.fields(),
        };
        let Some(fields) = fields else {
            return;
        };
        let within = Within {
            record: fields,
            namespace: self.namespace.as_ref(),
        };
        match record {
            Record::Interface(_) if self.query.extend > 0 => {
                self.columns.put_line(row, &within, &self.query);
            }
            _ => self.columns.put(row, start, place, &within, &self.query),
        }
    }

    /// Appends the row as the reference has it, and returns the place where columns of fields go if that is not its end.
    fn reference_row(
        &mut self,
        row: &mut Vec<u8>,
        record: &Record<'_>,
        old: Option<&[u8]>,
    ) -> Option<usize> {
        let (query, resolver) = (&self.query, &mut *self.resolver.borrow_mut());
        let mut place = None;
        match record {
            Record::Inet(socket) => {
                place = Some(inet::row(row, socket, old, query, resolver, self.ticks));
            }
            Record::Interface(interface) if query.extend == 0 => {
                interface::row(row, interface, old)
            }
            Record::Interface(interface) => interface_long::block(row, interface, old),
            Record::Statistic(statistic) => self.statistics.row(row, statistic),
            Record::Problem(record) => problem::row(row, record),
            Record::NoStatistics(families) => statistics::refusal(row, families),
            Record::SctpEndpoint(endpoint) => {
                place = Some(sctp::endpoint(row, endpoint, old, query, resolver));
            }
            Record::SctpAssociation(association) => {
                place = Some(sctp::association(row, association, old, query, resolver));
            }
            Record::Group(membership) => group::row(row, membership, query, resolver),
            Record::Unix(socket) => place = Some(unix::row(row, socket, old, query)),
            Record::Ipx(socket) => legacy::ipx(row, socket, old, query, resolver),
            Record::Circuit(socket) => legacy::circuit(row, socket, old),
            Record::Rose(socket) => legacy::rose(row, socket, old),
            Record::Unreadable(line) => legacy::unreadable(row, line, query),
            Record::Route(record) => route::row(row, record, old, query, resolver),
            Record::CachedRoute(record) => rt_cache::row(row, record, old, query, resolver),
            Record::Ipv6Route(record) => ipv6_route::row(row, record, old, query, resolver),
            Record::Neighbour(record) => {
                neighbour::row(row, record, old, query, resolver, self.ticks);
            }
            Record::LegacyRoute(record) => legacy_route::row(row, record, old),
            Record::Masqueraded(record) => masquerade::row(row, record, query, resolver),
            Record::RowCount(counted) => count::row(row, counted),
            // Its record is what has a row.
            Record::Change(_) => {}
            Record::Complaint(text) => complaint(row, text),
        }
        place
    }
}

/// Prints records as the reference does.
#[derive(Debug)]
pub struct TextFormat<W> {
    layout: Layout,
    output: Output<W>,
    messages: Messages,
}

impl<W: Write> TextFormat<W> {
    /// Prints what `query` asks for to `output`, and messages through `messages`. Names come from `resolver`; `ticks` is the kernel's
    /// clock ticks per second.
    pub fn new(
        query: Query,
        resolver: SharedResolver,
        output: Output<W>,
        messages: Messages,
        ticks: u64,
    ) -> Self {
        let shown = Shown::new(&query, SharedResolver::clone(&resolver), ticks);
        TextFormat {
            layout: Layout {
                columns: Columns::new(shown),
                query,
                resolver,
                ticks,
                interface_title_shown: false,
                statistics: Statistics::default(),
                namespace: None,
                table: None,
            },
            output,
            messages,
        }
    }
}

impl<W: Write> Sink for TextFormat<W> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.layout.statistics = Statistics::default();
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.layout.namespace(self.output.row(), namespace);
        self.output.row_done()
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.layout.heading(self.output.row(), table);
        self.output.row_done()
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let row = self.output.row();
        match record {
            Record::Change(change) => self.layout.change(row, change),
            _ => self.layout.record(row, record, None),
        }
        self.output.row_done()
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        let settled = self.output.settle();
        self.messages.say(message);
        settled
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.output.flush()
    }
}

/// Appends a message.
fn complaint(row: &mut Vec<u8>, text: &str) {
    printable::append(row, text.as_bytes());
    row.push(b'\n');
}
