//! The reference's layout, byte for byte.
//!
//! [`TextFormat`] owns what all tables share: the output, the resolver of names and the settled question. Each printed table
//! has a module of its own that knows its headings and rows.

pub mod address;
pub mod column;
pub mod group;
pub mod inet;
pub mod legacy;
pub mod sctp;
pub mod unix;

use std::io::Write;

use super::output::Output;
use crate::error::Error;
use crate::names::NameResolver;
use crate::query::{Query, Report, SocketFilter};
use crate::record::{Record, Sink, Table};

/// Prints records as the reference does.
#[derive(Debug)]
pub struct TextFormat<W> {
    query: Query,
    output: Output<W>,
    resolver: NameResolver,
    /// Kernel clock ticks per second, the unit of tcp timers.
    ticks: u64,
}

impl<W: Write> TextFormat<W> {
    /// Prints what `query` asks for to `output`.
    pub fn new(query: Query, output: Output<W>, ticks: u64) -> Self {
        TextFormat {
            query,
            output,
            resolver: NameResolver::new(),
            ticks,
        }
    }

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
}

impl<W: Write> Sink for TextFormat<W> {
    fn begin(&mut self, table: Table) -> Result<(), Error> {
        let selection = self.selection();
        let row = self.output.row();
        match table {
            Table::Internet => inet::heading(row, &self.query, selection),
            Table::Groups => group::heading(row),
            Table::Unix => unix::heading(row, &self.query, selection),
            Table::Ipx => legacy::ipx_heading(row, &self.query),
            Table::Ax25 => legacy::ax25_heading(row),
            Table::X25 => legacy::x25_heading(row),
            Table::Netrom => legacy::netrom_heading(row),
            Table::Rose => legacy::rose_heading(row),
        }
        self.output.row_done()
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let row = self.output.row();
        let (query, resolver) = (&self.query, &mut self.resolver);
        match record {
            Record::Inet(socket) => inet::row(row, socket, query, resolver, self.ticks),
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
        }
        self.output.row_done()
    }

    fn before_message(&mut self) -> Result<(), Error> {
        self.output.settle()
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.resolver.begin_pass();
        Ok(())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.output.flush()
    }
}
