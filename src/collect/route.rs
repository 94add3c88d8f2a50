//! `/proc/net/route`: the IPv4 forwarding table.
//!
//! Rtnetlink has the same rows in the same order, in half the time since nothing is formatted, and all next hops of each: [`kernel`] makes
//! the rows of it. A table that ends within a few `read(2)` is taken from the file alone, so that nothing else is asked for it; of a larger
//! one the rest comes from rtnetlink, and if next hops are wanted, all does, so that they need not be matched to rows. Should rtnetlink
//! fail, even half-way, the file has the rest.

mod kernel;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::net::Ipv4Addr;

use super::Context;
use super::header::{self, Column, Columns, HEADER_PIECE, HeaderError, Kind, Value};
use crate::error::Error;
use crate::query::SockDiag;
use crate::record::route::Route;
use crate::record::route_flags::UP;
use crate::record::{Record, Table};
use crate::scan::{ByteOrder, LONG_DIGITS, fixed_hex, is_space, low32};

/// The file below the proc root.
pub const FILE: &str = "net/route";

/// What is said on stdout when the IPv4 tables are absent.
pub const NOT_CONFIGURED: &str = "INET (IPv4) not configured in this system.";

/// Rows with fewer columns are skipped: all but IRTT, which Linux 2.0 did not have.
const FEWEST_COLUMNS: usize = 10;

/// After so many `read(2)` of the file, each of a page with 31 rows, rtnetlink is asked for the rest. It lists those rows, too, and takes
/// some system calls to be asked: for less than twice as many rows that gains nothing.
const READS: u32 = 16;

#[rustfmt::skip] // a table: one row a line
const COLUMNS: &[Column] = &[
    Column { name: "Iface", kind: Kind::Interface },
    Column { name: "Destination", kind: Kind::Address },
    Column { name: "Gateway", kind: Kind::Address },
    Column { name: "Flags", kind: Kind::Hex },
    Column { name: "RefCnt", kind: Kind::Decimal },
    Column { name: "Use", kind: Kind::Decimal },
    Column { name: "Metric", kind: Kind::Decimal },
    Column { name: "Mask", kind: Kind::Address },
    Column { name: "MTU", kind: Kind::Decimal },
    Column { name: "Window", kind: Kind::Decimal },
    Column { name: "IRTT", kind: Kind::Decimal },
];

/// Parses the rows of one table. What a row lacks, it has from the row before, as in the reference.
#[derive(Debug)]
pub struct Parser {
    columns: Columns,
    destination: Ipv4Addr,
    gateway: Ipv4Addr,
    mask: Ipv4Addr,
    irtt: i32,
    /// That of the machine whose table it is.
    order: ByteOrder,
}

impl Parser {
    /// For a table of this machine with this first line.
    ///
    /// # Errors
    /// The columns cannot be found.
    pub fn new(header: &[u8]) -> Result<Self, HeaderError> {
        Parser::of(ByteOrder::OWN, header)
    }

    /// The same for a machine of this byte order.
    ///
    /// # Errors
    /// The columns cannot be found.
    pub fn of(order: ByteOrder, header: &[u8]) -> Result<Self, HeaderError> {
        Ok(Parser {
            columns: Columns::locate(header, COLUMNS)?,
            destination: Ipv4Addr::UNSPECIFIED,
            gateway: Ipv4Addr::UNSPECIFIED,
            mask: Ipv4Addr::UNSPECIFIED,
            irtt: 0,
            order,
        })
    }

    /// Parses a row; `None` if it is to be skipped: too short, or a route that is not up.
    pub fn parse<'a>(&mut self, line: &'a [u8]) -> Option<Route<'a>> {
        let order = self.order;
        let fast = self
            .columns
            .are_contiguous()
            .then(|| parse_kernel(order, line));
        let route = match fast.flatten() {
            Some(route) => {
                self.irtt = route.irtt;
                if route.flags & UP == 0 {
                    return None;
                }
                route
            }
            None => self.parse_tolerant(line)?,
        };
        self.remember(&route);
        Some(route)
    }

    /// What [`parse`](Self::parse) is to return, found without the parser for rows as today's kernels print them.
    #[doc(hidden)]
    pub fn parse_without_shortcut<'a>(&mut self, line: &'a [u8]) -> Option<Route<'a>> {
        let route = self.parse_tolerant(line)?;
        self.remember(&route);
        Some(route)
    }

    fn remember(&mut self, route: &Route<'_>) {
        (self.destination, self.gateway, self.mask) =
            (route.destination, route.gateway, route.mask);
    }

    /// Parses a row as the reference's `sscanf` does, with all its tolerance.
    fn parse_tolerant<'a>(&mut self, line: &'a [u8]) -> Option<Route<'a>> {
        let mut values = [Value::Number(0); COLUMNS.len()];
        let count = self.columns.scan(line, |index, value| {
            if let Some(slot) = values.get_mut(index) {
                *slot = value;
            }
        });
        let [
            interface,
            destination,
            gateway,
            flags,
            references,
            uses,
            metric,
            mask,
            mtu,
            window,
            irtt,
        ] = values;
        if count == COLUMNS.len() {
            self.irtt = irtt.number();
        }
        let flags = flags.number().cast_unsigned();
        if count < FEWEST_COLUMNS || flags & UP == 0 {
            return None;
        }
        let address = |value: Value<'_>| header::address(self.order, value.word());
        Some(Route {
            interface: Cow::Borrowed(interface.word()),
            destination: address(destination).unwrap_or(self.destination),
            gateway: address(gateway).unwrap_or(self.gateway),
            mask: address(mask).unwrap_or(self.mask),
            flags,
            references: references.number(),
            uses: uses.number(),
            metric: metric.number(),
            mtu: mtu.number(),
            window: window.number(),
            irtt: self.irtt,
            next_hops: None,
        })
    }
}

/// Parses a row exactly as today's kernels print it; `None` if anything is unusual.
fn parse_kernel(order: ByteOrder, line: &[u8]) -> Option<Route<'_>> {
    let name_end = line.iter().position(|&byte| is_space(byte))?;
    if !(1..=15).contains(&name_end) {
        return None;
    }
    let (interface, rest) = line.split_at_checked(name_end)?;
    let (destination, rest) = kernel_address(order, rest)?;
    let (gateway, rest) = kernel_address(order, rest)?;
    let rest = rest.strip_prefix(b"\t")?;
    let digits = rest.iter().position(|&byte| byte == b'\t')?;
    if !(1..=8).contains(&digits) {
        return None;
    }
    let (flags, rest) = rest.split_at_checked(digits)?;
    let (references, rest) = kernel_decimal(rest)?;
    let (uses, rest) = kernel_decimal(rest)?;
    let (metric, rest) = kernel_decimal(rest)?;
    let (mask, rest) = kernel_address(order, rest)?;
    let (mtu, rest) = kernel_decimal(rest)?;
    let (window, rest) = kernel_decimal(rest)?;
    let (irtt, rest) = kernel_decimal(rest)?;
    if !rest.first().is_none_or(|&byte| is_space(byte)) {
        return None;
    }
    Some(Route {
        interface: Cow::Borrowed(interface),
        destination,
        gateway,
        mask,
        flags: fixed_hex(flags)?,
        references,
        uses,
        metric,
        mtu,
        window,
        irtt,
        next_hops: None,
    })
}

/// A tab and eight digits.
fn kernel_address(order: ByteOrder, bytes: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let (digits, rest) = bytes.strip_prefix(b"\t")?.split_at_checked(8)?;
    if rest.first() != Some(&b'\t') {
        return None;
    }
    Some((order.ipv4(fixed_hex(digits)?), rest))
}

/// A tab and a number of at most ten digits, of which the low 32 bits are kept: kernels print some as unsigned.
fn kernel_decimal(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let bytes = bytes.strip_prefix(b"\t")?;
    let (negative, bytes) = match bytes.strip_prefix(b"-") {
        Some(bytes) => (true, bytes),
        None => (false, bytes),
    };
    let length = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    if !(1..=LONG_DIGITS.min(10)).contains(&length) {
        return None;
    }
    let (digits, rest) = bytes.split_at_checked(length)?;
    let value = digits
        .iter()
        .fold(0u64, |value, &byte| value * 10 + u64::from(byte - b'0'));
    let value = if negative {
        value.wrapping_neg()
    } else {
        value
    };
    Some((low32(value).cast_signed(), rest))
}

/// Lends the routes to the sink.
///
/// # Errors
/// The table is absent or has not the columns it must have; what the sink said.
pub fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let mut lines = match context.query.proc_root.lines(FILE, HEADER_PIECE) {
        Ok(lines) => lines,
        Err(error) => return context.not_configured(FILE, error, NOT_CONFIGURED),
    };
    context.sink.begin(Table::Routes)?;
    let Ok(Some(first)) = header::first_line(&mut lines) else {
        return Err(Error::Ended(1));
    };
    let mut parser = match Parser::of(context.query.proc_root.byte_order(), &first) {
        Ok(parser) => parser,
        Err(error) => {
            context.warn(&error.warning(context.query.proc_root.path(FILE)))?;
            return Err(Error::Ended(1));
        }
    };
    let mut progress = Progress::default();
    // After so many read(2) the rest comes from rtnetlink.
    let mut patience = match (context.query.gather.next_hops, context.query.sock_diag) {
        (true, _) | (_, SockDiag::Always) => Some(0),
        (false, SockDiag::Large) => Some(READS),
        (false, SockDiag::Never) => None,
    };
    loop {
        if patience.is_some_and(|reads| lines.reads() >= reads) {
            patience = None;
            // A file that is mounted over the kernel's is shown as it is.
            if context.query.proc_root.is_kernels_own(lines.input()) {
                progress.resume();
                if kernel::rest(context, &mut progress)? {
                    return Ok(());
                }
                progress.resume();
            }
        }
        let Ok(Some(line)) = lines.next_line() else {
            return Ok(());
        };
        if let Some(route) = parser.parse(line)
            && progress.admits(&route)
        {
            context.sink.record(&Record::Route(route))?;
        }
    }
}

/// How far the table was shown, so that another source of the same rows can go on there.
///
/// The kernel has them in order of their addresses and, where these are the same, the longest mask first (`leaf_walk_rcu` and
/// `fib_insert_alias` in fib_trie.c).
#[derive(Debug, Default)]
struct Progress {
    /// The place of the row that was shown last.
    last: Option<(Ipv4Addr, Ipv4Addr)>,
    /// The metrics of the rows with this place that were shown.
    shown: Vec<i32>,
    /// Those that another source has yet to come by.
    expected: VecDeque<i32>,
    /// Another source has not come beyond that place yet.
    repeats: bool,
}

impl Progress {
    /// Another source begins with the first row.
    fn resume(&mut self) {
        self.expected = self.shown.iter().copied().collect();
        self.repeats = true;
    }

    /// Whether a row was not shown before; if so, it is now.
    fn admits(&mut self, route: &Route<'_>) -> bool {
        // The longer the mask, the fewer bits are left over.
        let place = Some((route.destination, !route.mask));
        let order = place.cmp(&self.last);
        if self.repeats {
            match order {
                Ordering::Less => return false,
                Ordering::Equal => {
                    let mut expected = self.expected.iter();
                    if let Some(index) = expected.position(|&metric| metric == route.metric) {
                        self.expected.remove(index);
                        return false;
                    }
                }
                Ordering::Greater => self.repeats = false,
            }
        }
        if order != Ordering::Equal {
            self.shown.clear();
            self.last = place;
        }
        self.shown.push(route.metric);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] =
        b"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT  \n";

    #[test]
    fn both_parsers_agree_on_what_kernels_write() {
        for line in [
            &b"eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0        \n"[..],
            b"eth0\t0000A8C0\t00000000\t0001\t1\t4294967295\t-1\t00FFFFFF\t1400\t32000\t5\n",
            b"*\t01020304\t00000000\t0205\t1\t12345678\t-1\tFFFFFFFF\t0\t0\t0",
            b"abcdefghijklmno\t01020304\t00000000\tFFFFFFFF\t1\t2\t2147483648\tFFFFFFFF\t0\t0\t0\n",
        ] {
            let mut parser = Parser::new(HEADER).unwrap();
            let tolerant = parser.parse_tolerant(line);
            match parse_kernel(ByteOrder::OWN, line) {
                fast @ Some(_) => assert_eq!(fast, tolerant),
                None if LONG_DIGITS < 10 => {}
                None => panic!("{}", line.escape_ascii()),
            }
        }
    }

    #[test]
    fn unusual_rows_are_left_to_the_tolerant_parser() {
        for line in [
            &b"\n"[..],
            b"eth0 00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
            b"eth0\t0000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
            b"eth0\t000000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
            b"eth0\t00000000\t0100A8C0\t0x03\t0\t0\t100\t00000000\t0\t0\t0\n",
            b"eth0\t00000000\t0100A8C0\t0003\t0\t0\t10000000000\t00000000\t0\t0\t0\n",
            b"eth0\t00000000\t0100A8C0\t0003\t0\t0\t1\t00000000\t0\t0\t\n",
            b"eth0\t00000000\t0100A8C0\t0003\t0\t0\t1\t00000000\t0\t0\t0x\n",
            b"abcdefghijklmnop\t00000000\t0100A8C0\t0003\t0\t0\t1\t00000000\t0\t0\t0\n",
        ] {
            assert_eq!(parse_kernel(ByteOrder::OWN, line), None);
        }
    }

    /// Those of some rows, by address, length of the mask and metric, that were not shown before.
    fn admitted<'a>(progress: &mut Progress, rows: &[&'a str]) -> Vec<&'a str> {
        let line = b"eth0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
        let any = parse_kernel(ByteOrder::OWN, line).unwrap();
        let is_new = |row: &&&str| {
            let words: Vec<&str> = row.split(['/', ' ']).collect();
            let left_over = 32 - words[1].parse::<u32>().unwrap();
            progress.admits(&Route {
                destination: words[0].parse().unwrap(),
                mask: u32::MAX.checked_shl(left_over).unwrap_or(0).into(),
                metric: words.get(2).map_or(0, |metric| metric.parse().unwrap()),
                ..any.clone()
            })
        };
        rows.iter().filter(is_new).copied().collect()
    }

    #[test]
    fn another_source_goes_on_where_the_first_ended() {
        let rows = [
            "0.0.0.0/1",
            "0.0.0.0/0",
            "0.0.0.0/0",
            "10.0.0.0/24",
            "10.0.0.0/8",
            "10.0.0.0/8",
            "10.0.0.0/8",
            "10.0.0.1/32",
            "255.255.255.255/32",
        ];
        for shown in 0..=rows.len() {
            let mut progress = Progress::default();
            assert_eq!(admitted(&mut progress, &rows[..shown]), rows[..shown]);
            // Half-way through what is known, the third source begins.
            progress.resume();
            let more = rows.len().min(shown + 2);
            assert_eq!(admitted(&mut progress, &rows[..more]), rows[shown..more]);
            progress.resume();
            assert_eq!(admitted(&mut progress, &rows), rows[more..]);
        }
        // Rows have gone, and others have come.
        let mut progress = Progress::default();
        admitted(&mut progress, &rows[..5]);
        progress.resume();
        let changed = [
            "0.0.0.0/0",
            "9.0.0.0/8",
            "10.0.0.0/9",
            "10.0.0.0/7",
            "11.0.0.0/8",
        ];
        assert_eq!(admitted(&mut progress, &changed), changed[3..]);
        // Among those of one address and mask, too.
        let rows = [
            "10.0.0.0/8 1",
            "10.0.0.0/8 3",
            "10.0.0.0/8 3",
            "10.0.0.0/8 5",
        ];
        let mut progress = Progress::default();
        admitted(&mut progress, &rows[..2]);
        progress.resume();
        let changed = [
            "10.0.0.0/8 2",
            "10.0.0.0/8 3",
            "10.0.0.0/8 3",
            "10.0.0.0/8 5",
        ];
        assert_eq!(
            admitted(&mut progress, &changed),
            [changed[0], changed[2], changed[3]]
        );
        // A file in any order has but one source.
        let mut progress = Progress::default();
        let reversed: Vec<&str> = rows.iter().rev().copied().collect();
        assert_eq!(admitted(&mut progress, &reversed), reversed);
    }

    #[test]
    fn a_row_inherits_what_it_lacks() {
        let mut parser = Parser::of(ByteOrder::Little, HEADER).unwrap();
        let mut shown = |line: &'static str| {
            parser
                .parse(line.as_bytes())
                .map(|route| (route.destination.to_string(), route.irtt))
        };
        let some = |destination: &str, irtt| Some((destination.to_owned(), irtt));
        // Fewer than eight digits, first row: the reference shows whatever was in memory.
        assert_eq!(shown("a zz 0 1 0 0 0 00000000 0 0"), some("0.0.0.0", 0));
        assert_eq!(
            shown("a 01020304 0 1 0 0 0 00000000 0 0 7"),
            some("4.3.2.1", 7)
        );
        assert_eq!(
            shown("a 111213xy 0 1 0 0 0 00000000 0 0"),
            some("4.3.2.1", 7)
        );
        // A route that is not up leaves its IRTT, not its address.
        assert_eq!(shown("a 05060708 0 0 0 0 0 00000000 0 0 8"), None);
        assert_eq!(
            shown("a\t05060708\t00000000\t0\t0\t0\t0\t00000000\t0\t0\t9\n"),
            None
        );
        assert_eq!(shown("a z 0 1 0 0 0 00000000 0 0"), some("4.3.2.1", 9));
        // Nine columns.
        assert_eq!(shown("a 05060708 0 1 0 0 0 00000000 0"), None);
    }
}
