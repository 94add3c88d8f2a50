//! `/proc/net/dev`: the counters of each interface.
//!
//! Three layouts are told apart by the second line of headings: today's, one without compressed and multicast packets, and
//! one without bytes.

use super::name::LONGEST;
use crate::record::interface::Counters;
use crate::scan::{Scanner, is_space};

/// The reference reads this table in pieces of this many bytes.
pub const PIECE: usize = 511;

/// Which counters the lines hold. Each layout has those of the one before and more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    /// Neither bytes nor compressed packets.
    PacketsOnly,
    /// No compressed or multicast packets.
    WithBytes,
    /// Today's.
    WithCompressed,
}

/// A counter, how C reads it, and from which layout on it is there.
type Field = (fn(&mut Counters) -> &mut u64, Read, Layout);
type Read = for<'a> fn(&mut Scanner<'a>) -> Option<u64>;

const LONG: Read = |scanner| scanner.decimal_long();
const LONG_LONG: Read = |scanner| scanner.decimal64();

/// In the order of the lines.
const FIELDS: [Field; 16] = [
    (|c| &mut c.rx_bytes, LONG_LONG, Layout::WithBytes),
    (|c| &mut c.rx_packets, LONG_LONG, Layout::PacketsOnly),
    (|c| &mut c.rx_errors, LONG, Layout::PacketsOnly),
    (|c| &mut c.rx_dropped, LONG, Layout::PacketsOnly),
    (|c| &mut c.rx_fifo, LONG, Layout::PacketsOnly),
    (|c| &mut c.rx_frame, LONG, Layout::PacketsOnly),
    (|c| &mut c.rx_compressed, LONG, Layout::WithCompressed),
    (|c| &mut c.rx_multicast, LONG, Layout::WithCompressed),
    (|c| &mut c.tx_bytes, LONG_LONG, Layout::WithBytes),
    (|c| &mut c.tx_packets, LONG_LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_errors, LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_dropped, LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_fifo, LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_collisions, LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_carrier, LONG, Layout::PacketsOnly),
    (|c| &mut c.tx_compressed, LONG, Layout::WithCompressed),
];

impl Layout {
    /// The layout that the second line of the file announces.
    pub fn of_heading(heading: &[u8]) -> Self {
        let has = |word: &[u8]| memchr::memmem::find(heading, word).is_some();
        if has(b"compressed") {
            Layout::WithCompressed
        } else if has(b"bytes") {
            Layout::WithBytes
        } else {
            Layout::PacketsOnly
        }
    }

    /// Reads the counters of a line into `counters`, up to the first that is no number; the rest stay as they are.
    pub fn read(self, text: &[u8], counters: &mut Counters) {
        let mut scanner = Scanner::new(text);
        for (field, read, _) in FIELDS.iter().filter(|(_, _, from)| *from <= self) {
            let Some(value) = read(&mut scanner) else {
                return;
            };
            *field(counters) = value;
        }
    }
}

/// Splits a line into the name of its interface and the text of its counters.
///
/// The name ends at a blank or a colon. Digits between that colon and a second one are an alias number, and part of the name.
/// The kernel's names have at most [`LONGEST`] bytes; a longer one is cut and has no counters, since where they start cannot be
/// known. (The reference treats names of exactly that length likewise and shows zeros for real interfaces; we do not.)
pub fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let mut scanner = Scanner::new(line);
    scanner.skip_space();
    let line = scanner.rest();
    let end = line
        .iter()
        .position(|&byte| byte == b':' || is_space(byte))
        .unwrap_or(line.len());
    let (mut name, mut counters) = line.split_at_checked(end).unwrap_or_default();
    if let Some(after_colon) = counters.strip_prefix(b":") {
        counters = after_colon;
        let digits = after_colon
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if let Some((_, [b':', rest @ ..])) = after_colon.split_at_checked(digits) {
            name = line.get(..end + 1 + digits).unwrap_or(name);
            counters = rest;
        }
    }
    match name.split_at_checked(LONGEST) {
        Some((cut, [_, ..])) => (cut, &[]),
        _ => (name, counters),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADING: &[u8] = b" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed";
    const HEADING_2: &[u8] =
        b" face |bytes packets errs drop fifo frame|bytes packets errs drop fifo colls carrier";
    const HEADING_1: &[u8] =
        b" face |packets errs drop fifo frame|packets errs drop fifo colls carrier";

    fn parsed<'a>(heading: &[u8], line: &'a [u8]) -> (&'a [u8], Counters) {
        let (name, text) = split(line);
        let mut counters = Counters::default();
        Layout::of_heading(heading).read(text, &mut counters);
        (name, counters)
    }

    const ALL: Counters = Counters {
        rx_bytes: 1,
        rx_packets: 2,
        rx_errors: 3,
        rx_dropped: 4,
        rx_fifo: 5,
        rx_frame: 6,
        rx_compressed: 7,
        rx_multicast: 8,
        tx_bytes: 9,
        tx_packets: 10,
        tx_errors: 11,
        tx_dropped: 12,
        tx_fifo: 13,
        tx_collisions: 14,
        tx_carrier: 15,
        tx_compressed: 16,
    };

    #[test]
    fn the_heading_tells_the_layout() {
        assert_eq!(
            parsed(
                HEADING,
                b"  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n"
            ),
            (&b"eth0"[..], ALL)
        );
        let without = Counters {
            rx_compressed: 0,
            rx_multicast: 0,
            tx_compressed: 0,
            ..ALL
        };
        assert_eq!(
            parsed(HEADING_2, b"eth0: 1 2 3 4 5 6 9 10 11 12 13 14 15\n").1,
            without
        );
        let packets = Counters {
            rx_bytes: 0,
            tx_bytes: 0,
            ..without
        };
        assert_eq!(
            parsed(HEADING_1, b"eth0: 2 3 4 5 6 10 11 12 13 14 15\n").1,
            packets
        );
        assert_eq!(
            parsed(b"\n", b"eth0: 2 3 4 5 6 10 11 12 13 14 15\n").1,
            packets
        );
    }

    #[test]
    fn names_end_where_the_reference_ends_them() {
        // (line, name, received bytes, packets)
        for (line, name, bytes, packets) in [
            ("  eth0:12:1 2\n", "eth0:12", 1, 2),
            ("\ttab0:\t1 2\n", "tab0", 1, 2),
            ("eth2 1 2\n", "eth2", 1, 2),
            ("x:1 2", "x", 1, 2),
            ("eth5:55 1 2\n", "eth5", 55, 1),
            ("eth1:x: 1 2\n", "eth1", 0, 0),
            ("eth0 : 1 2\n", "eth0", 0, 0),
            ("eth4::1 2\n", "eth4:", 1, 2),
            ("\n", "", 0, 0),
            (": 1 2\n", "", 1, 2),
            ("", "", 0, 0),
            ("bare", "bare", 0, 0),
            (
                "over: 18446744073709551616 -1\n",
                "over",
                u64::MAX,
                u64::MAX,
            ),
            ("rbcdefghijklm:1: 1 2\n", "rbcdefghijklm:1", 1, 2),
            // The longest name the kernel gives, of which the reference shows no counters.
            ("abcdefghijklmno: 1 2\n", "abcdefghijklmno", 1, 2),
            ("pbcdefghijklmnop: 1 2\n", "pbcdefghijklmno", 0, 0),
            ("ubcdefghijk:12345: 1 2\n", "ubcdefghijk:123", 0, 0),
        ] {
            let (found, counters) = parsed(HEADING, line.as_bytes());
            assert_eq!(
                (
                    std::str::from_utf8(found).unwrap(),
                    counters.rx_bytes,
                    counters.rx_packets
                ),
                (name, bytes, packets),
                "{line:?}"
            );
        }
    }

    #[test]
    fn counters_stay_where_a_line_has_none() {
        let mut counters = ALL;
        Layout::of_heading(HEADING).read(b" 100 200 x 300", &mut counters);
        assert_eq!(
            counters,
            Counters {
                rx_bytes: 100,
                rx_packets: 200,
                ..ALL
            }
        );
    }

    proptest! {
        #[test]
        fn no_line_panics(line: Vec<u8>, heading: Vec<u8>) {
            let (name, _) = parsed(&heading, &line);
            prop_assert!(name.len() <= LONGEST);
        }

        #[test]
        fn what_the_kernel_prints_is_read_back(
            name in "[a-z][a-z0-9._-]{0,14}", counters in proptest::array::uniform16(any::<u64>()),
        ) {
            use std::fmt::Write as _;
            let mut line = format!("{name:>6}:");
            for counter in counters {
                write!(line, " {counter:7}").unwrap();
            }
            line.push('\n');
            let (found, mut read) = parsed(HEADING, line.as_bytes());
            prop_assert_eq!(found, name.as_bytes());
            for ((field, scan, _), counter) in FIELDS.iter().zip(counters) {
                let expected = scan(&mut Scanner::new(counter.to_string().as_bytes()));
                prop_assert_eq!(Some(*field(&mut read)), expected);
            }
        }
    }
}
