//! `/proc/net/rt_cache`: the IPv4 routing cache, which Linux 3.6 gave up. Later kernels have the file with its first line only.

use std::borrow::Cow;
use std::io;
use std::net::Ipv4Addr;

use super::Context;
use super::header::{self, Column, Columns, HEADER_PIECE, Kind, Value};
use super::route::NOT_CONFIGURED;
use crate::error::Error;
use crate::record::rt_cache::{CacheFormat, CacheHeading, CacheRest, CachedRoute, FILE, Names};
use crate::record::{Record, Table};
use crate::scan::ByteOrder;

/// Rows with fewer columns are skipped, in both formats.
const FEWEST_COLUMNS: usize = 12;

impl CacheFormat {
    fn columns(self) -> &'static [Column] {
        match self {
            CacheFormat::V2_0 => COLUMNS_2_0,
            CacheFormat::V2_2 => COLUMNS_2_2,
        }
    }
}

#[rustfmt::skip] // a table: one row a line
const COLUMNS_2_0: &[Column] = &[
    Column { name: "Iface", kind: Kind::Interface },
    Column { name: "Destination", kind: Kind::Address },
    Column { name: "Gateway", kind: Kind::Address },
    Column { name: "Flags", kind: Kind::Hex },
    Column { name: "RefCnt", kind: Kind::Decimal },
    Column { name: "Use", kind: Kind::Decimal },
    Column { name: "Metric", kind: Kind::Decimal },
    Column { name: "Source", kind: Kind::Address },
    Column { name: "MTU", kind: Kind::Decimal },
    Column { name: "Window", kind: Kind::Decimal },
    Column { name: "IRTT", kind: Kind::Decimal },
    Column { name: "HH", kind: Kind::Decimal },
    Column { name: "ARP", kind: Kind::Decimal },
];

#[rustfmt::skip] // a table: one row a line
const COLUMNS_2_2: &[Column] = &[
    Column { name: "Iface", kind: Kind::Interface },
    Column { name: "Destination", kind: Kind::Address },
    Column { name: "Gateway", kind: Kind::Address },
    Column { name: "Flags", kind: Kind::Hex },
    Column { name: "RefCnt", kind: Kind::Decimal },
    Column { name: "Use", kind: Kind::Decimal },
    Column { name: "Metric", kind: Kind::Decimal },
    Column { name: "Source", kind: Kind::Address },
    Column { name: "MTU", kind: Kind::Decimal },
    Column { name: "Window", kind: Kind::Decimal },
    Column { name: "IRTT", kind: Kind::Decimal },
    Column { name: "TOS", kind: Kind::Decimal },
    Column { name: "HHRef", kind: Kind::Decimal },
    Column { name: "HHUptod", kind: Kind::Decimal },
    Column { name: "SpecDst", kind: Kind::Address },
];

/// Columns of [`COLUMNS_2_2`], the longer of the two.
const MOST_COLUMNS: usize = 15;

/// Parses the rows of one table. What a row lacks, it has from the row before, as in the reference.
#[derive(Debug)]
struct Parser {
    columns: Columns,
    /// The address that was read last, in any column: it stands for those that are missing or none.
    address: Ipv4Addr,
    rest: CacheRest,
    /// That of the machine whose table it is.
    order: ByteOrder,
}

impl Parser {
    fn new(columns: Columns, format: CacheFormat, order: ByteOrder) -> Self {
        Parser {
            order,
            columns,
            address: Ipv4Addr::UNSPECIFIED,
            rest: match format {
                CacheFormat::V2_0 => CacheRest::V2_0 { hh: 0, arp: 0 },
                CacheFormat::V2_2 => CacheRest::V2_2 {
                    tos: 0,
                    hh_references: 0,
                    hh_up_to_date: 0,
                    specific_destination: Ipv4Addr::UNSPECIFIED,
                },
            },
        }
    }

    fn address_or_last(&mut self, address: Option<Ipv4Addr>) -> Ipv4Addr {
        self.address = address.unwrap_or(self.address);
        self.address
    }

    /// Parses a row; `None` if it is too short.
    fn parse<'a>(&mut self, line: &'a [u8]) -> Option<CachedRoute<'a>> {
        let mut values = [None; MOST_COLUMNS];
        let count = self.columns.scan(line, |index, value| {
            if let Some(slot) = values.get_mut(index) {
                *slot = Some(value);
            }
        });
        if count < FEWEST_COLUMNS {
            return None;
        }
        let [
            interface,
            destination,
            gateway,
            flags,
            references,
            uses,
            metric,
            source,
            mtu,
            window,
            irtt,
            tail @ ..,
        ] = values;
        let number = |value: Option<Value<'_>>| value.map_or(0, Value::number);
        let keep = |value: Option<Value<'_>>, number: &mut i32| {
            if let Some(value) = value {
                *number = value.number();
            }
        };
        let order = self.order;
        let read =
            |value: Option<Value<'_>>| value.and_then(|value| header::address(order, value.word()));
        let destination = self.address_or_last(read(destination));
        let gateway = self.address_or_last(read(gateway));
        let source = self.address_or_last(read(source));
        let [first, second, third, fourth] = tail;
        let last = self.address_or_last(read(fourth));
        match &mut self.rest {
            CacheRest::V2_0 { hh, arp } => {
                keep(first, hh);
                keep(second, arp);
            }
            CacheRest::V2_2 {
                tos,
                hh_references,
                hh_up_to_date,
                specific_destination,
            } => {
                keep(first, tos);
                keep(second, hh_references);
                keep(third, hh_up_to_date);
                *specific_destination = last;
            }
        }
        Some(CachedRoute {
            interface: Cow::Borrowed(interface.map_or(&[][..], Value::word)),
            source,
            destination,
            gateway,
            flags: number(flags).cast_unsigned(),
            references: number(references),
            uses: number(uses),
            metric: number(metric),
            mtu: number(mtu),
            window: number(window),
            irtt: number(irtt),
            rest: self.rest,
        })
    }
}

/// Lends the cached routes to the sink.
///
/// # Errors
/// The table is absent or empty; what the sink said.
pub fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let mut lines = match context.query.proc_root.lines(FILE, HEADER_PIECE) {
        Ok(lines) => lines,
        Err(error) => return context.not_configured(FILE, error, NOT_CONFIGURED),
    };
    let path = context.query.proc_root.path(FILE);
    let first = match header::first_line(&mut lines) {
        Ok(Some(first)) => first,
        failed => {
            context
                .sink
                .begin(Table::RouteCache(CacheHeading::Unreadable))?;
            // The reference says whatever error came last when there is none.
            let none = || io::Error::from_raw_os_error(libc::ENOENT);
            return Err(Error::open(path, failed.err().unwrap_or_else(none)));
        }
    };
    let names = Names::of(&first);
    context
        .sink
        .begin(Table::RouteCache(CacheHeading::Names(names)))?;
    // Where the format is unknown, the reference goes on with rows of memory it never wrote.
    let Some(format) = names.format() else {
        return Ok(());
    };
    let mut parser = match Columns::locate(&first, format.columns()) {
        Ok(columns) => Parser::new(columns, format, context.query.proc_root.byte_order()),
        Err(error) => return context.warn(&error.warning(path)),
    };
    while let Ok(Some(line)) = lines.next_line() {
        if let Some(route) = parser.parse(line) {
            context.sink.record(&Record::CachedRoute(route))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst\n";

    #[test]
    fn the_names_tell_the_format() {
        let format = |header: &[u8]| (Names::of(header).are_known(), Names::of(header).format());
        assert_eq!(format(HEADER), (true, Some(CacheFormat::V2_2)));
        assert_eq!(format(b"IRTT HH ARP"), (true, Some(CacheFormat::V2_0)));
        assert_eq!(format(b"IRTT HHRef ARP"), (false, None));
        assert_eq!(Names::of(b"IRTT HHRef ARP"), Names(1 + 4 + 32 + 64));
        assert_eq!(format(b"IRTT"), (false, Some(CacheFormat::V2_0)));
        assert_eq!(format(b"TOS"), (false, Some(CacheFormat::V2_2)));
        assert_eq!(format(b""), (false, None));
    }

    #[test]
    fn a_row_inherits_what_it_lacks() {
        let columns = Columns::locate(HEADER, COLUMNS_2_2).unwrap();
        let mut parser = Parser::new(columns, CacheFormat::V2_2, ByteOrder::Little);
        let first = parser
            .parse(b"eth0 0700000A 0100A8C0 3 1 2 3 0101A8C0 1500 100 5 08 7 1 0101A8C0\n")
            .unwrap();
        assert_eq!(first.source, Ipv4Addr::new(192, 168, 1, 1));
        assert_eq!(first.mtu, 1500);
        let rest = |tos| CacheRest::V2_2 {
            tos,
            hh_references: 7,
            hh_up_to_date: 1,
            specific_destination: Ipv4Addr::new(192, 168, 1, 1),
        };
        assert_eq!(first.rest, rest(8));
        // Type of service 0A: the scan ends after its 0.
        let second = parser
            .parse(b"eth0 070000 0100A8C0 3 1 2 3 0101A8C0 1500 100 6 0A 9 9 0\n")
            .unwrap();
        // Too few digits: the address read last, SpecDst of the row before.
        assert_eq!(second.destination, Ipv4Addr::new(192, 168, 1, 1));
        assert_eq!((second.irtt, second.rest), (6, rest(0)));
        assert_eq!(
            parser.parse(b"eth0 070000 0100A8C0 3 1 2 3 0101A8C0 1500 100 6 xA 9 9 0\n"),
            None
        );
    }
}
