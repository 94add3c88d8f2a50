//! The routing tables of the families that Linux has dropped or is about to: AX.25, NET/ROM, ROSE, IPX, DDP, X.25.
//!
//! All but DDP's are tables whose first line is skipped unread. The reference takes most columns by position; where a line is too
//! short for them it shows what it has left of other lines, we nothing.

pub mod ax25;
pub mod ddp;
pub mod ipx;
pub mod netrom;
pub mod rose;
pub mod x25;

use std::fs::File;
use std::io;

use super::{Context, route_flags};
use crate::error::Error;
use crate::proc_root::Lines;
use crate::query::Query;
use crate::record::{Fields, Table, Value, Visitor};

/// Lines are read in pieces of this many bytes, except IPX's.
const PIECE: usize = 255;

/// The families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyFamily {
    /// Amateur radio AX.25.
    Ax25,
    /// Amateur radio NET/ROM.
    Netrom,
    /// Amateur radio ROSE.
    Rose,
    /// Novell IPX.
    Ipx,
    /// AppleTalk DDP.
    Ddp,
    /// CCITT X.25.
    X25,
}

/// A row of one of these tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyRoute<'a> {
    /// AX.25.
    Ax25(ax25::Ax25Route<'a>),
    /// NET/ROM.
    Netrom(netrom::NetromRoute<'a>),
    /// ROSE.
    Rose(rose::RoseRoute<'a>),
    /// IPX.
    Ipx(ipx::IpxRoute),
    /// DDP.
    Ddp(ddp::DdpRoute<'a>),
    /// X.25.
    X25(x25::X25Route<'a>),
}

impl LegacyRoute<'_> {
    fn family(&self) -> &'static str {
        match self {
            LegacyRoute::Ax25(_) => "ax25",
            LegacyRoute::Netrom(_) => "netrom",
            LegacyRoute::Rose(_) => "rose",
            LegacyRoute::Ipx(_) => "ipx",
            LegacyRoute::Ddp(_) => "ddp",
            LegacyRoute::X25(_) => "x25",
        }
    }
}

impl Fields for LegacyRoute<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        match self {
            LegacyRoute::Ax25(route) => {
                text("destination", route.callsign, visit);
                text("iface", route.device, visit);
                visit("use", Value::Signed(route.uses.into()));
            }
            LegacyRoute::Netrom(route) => {
                text("destination", route.callsign, visit);
                text("mnemonic", route.mnemonic, visit);
                visit("quality", Value::Signed(route.quality.into()));
                let neighbour = route.neighbour.as_ref();
                let callsign = neighbour.map(|neighbour| neighbour.callsign);
                text("neighbour", callsign.unwrap_or_default(), visit);
                let device = neighbour.map(|neighbour| neighbour.device);
                text("iface", device.unwrap_or_default(), visit);
            }
            LegacyRoute::Rose(route) => {
                text("destination", route.address, visit);
                visit(
                    "neighbours",
                    Value::List(&|each| {
                        for neighbour in route.neighbours() {
                            for entry in neighbour.entries {
                                each(Value::Object(entry));
                            }
                        }
                    }),
                );
            }
            LegacyRoute::Ipx(route) => {
                network("destination", route.destination, visit);
                network("router_network", route.router_network, visit);
                let node = route.router_node;
                let node =
                    (node != [0; 6]).then(|| node.map(|byte| format!("{byte:02X}")).concat());
                visit(
                    "router_node",
                    Value::word(node.as_deref().unwrap_or_default()),
                );
            }
            LegacyRoute::Ddp(route) => {
                text("destination", route.destination, visit);
                text("gateway", route.router, visit);
                route_flags::fields(route.flags, route_flags::APPLETALK, &[], visit);
                text("iface", route.device, visit);
            }
            LegacyRoute::X25(route) => {
                text("destination", route.prefix, visit);
                visit("digits", Value::Unsigned(route.digits.into()));
                text("iface", route.device, visit);
            }
        }
        visit("kind", Value::Word("route"));
        visit("network_protocol", Value::Word(self.family()));
    }
}

/// Visits a column without the blanks that fill it.
fn text(name: &'static str, column: &[u8], visit: &mut Visitor<'_>) {
    visit(name, Value::nonempty(column.trim_ascii()));
}

/// Visits the number of an IPX network, which is known by its hex digits.
fn network(name: &'static str, number: Option<u32>, visit: &mut Visitor<'_>) {
    let digits = number.map(|number| format!("{number:08X}"));
    visit(name, Value::word(digits.as_deref().unwrap_or_default()));
}

/// Lends the routes of a family to the sink.
///
/// # Errors
/// The table is absent; what the sink said.
pub fn collect(context: &mut Context<'_>, family: LegacyFamily) -> Result<(), Error> {
    match family {
        LegacyFamily::Ax25 => ax25::collect(context),
        LegacyFamily::Netrom => netrom::collect(context),
        LegacyFamily::Rose => rose::collect(context),
        LegacyFamily::Ipx => ipx::collect(context),
        LegacyFamily::Ddp => ddp::collect(context),
        LegacyFamily::X25 => x25::collect(context),
    }
}

/// The bytes of `line` from `from` up to, not including, `to` or the end of the line. Blanks stay: they are printed.
fn column(line: &[u8], from: usize, to: usize) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.get(from..to.min(line.len())).unwrap_or_default()
}

/// What `line` has from `from` on.
fn column_from(line: &[u8], from: usize) -> &[u8] {
    column(line, from, usize::MAX)
}

/// Begins the table and calls `row` for every line but the first.
fn for_each_row(
    context: &mut Context<'_>,
    family: LegacyFamily,
    mut lines: Lines<File>,
    mut row: impl FnMut(&mut Context<'_>, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    context.sink.begin(Table::LegacyRoutes(family))?;
    let _ = lines.next_line();
    while let Ok(Some(line)) = lines.next_line() {
        row(context, line)?;
    }
    Ok(())
}

/// Opens the first of two files that is there.
///
/// # Errors
/// Why the second cannot be opened.
fn either(
    context: &Context<'_>,
    first: &str,
    second: &str,
    piece: usize,
) -> io::Result<Lines<File>> {
    let root = &context.query.proc_root;
    root.lines(first, piece)
        .or_else(|_| root.lines(second, piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_with_the_line() {
        assert_eq!(column(b"0123456789\n", 2, 5), b"234");
        assert_eq!(column(b"0123456789\n", 8, 20), b"89");
        assert_eq!(column(b"0123456789\n", 10, 20), b"");
        assert_eq!(column(b"0123456789\n", 30, 40), b"");
        assert_eq!(column_from(b"01234", 3), b"34");
    }
}
