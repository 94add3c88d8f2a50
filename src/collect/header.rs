//! Tables whose first line names the columns: `/proc/net/route` and `/proc/net/rt_cache`.
//!
//! Kernels have added columns over time, so the reference looks every column up by its name and skips those it does not know.

use std::path::PathBuf;

use crate::error::Warning;
use crate::proc_root::Lines;
use crate::scan::{ByteOrder, Scanner, fixed_hex};

/// Only so much of the first line is taken for the names of columns; the rest of a longer one is read as a row.
pub const HEADER_PIECE: usize = 510;

/// Rows are read in pieces of this many bytes.
pub const ROW_PIECE: usize = 1022;

/// Words of addresses are cut after this many bytes.
const ADDRESS: usize = 127;

/// Interface names are cut after this many bytes.
const INTERFACE: usize = 15;

/// What stands in a column, and with it how much of the reference's buffer for its `scanf` format it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word of at most 15 bytes.
    Interface,
    /// A word of at most 127 bytes, for [`address`].
    Address,
    /// A hexadecimal number.
    Hex,
    /// A decimal number.
    Decimal,
}

impl Kind {
    fn format_length(self) -> usize {
        match self {
            Kind::Interface => "%15s ".len(),
            Kind::Address => "%127s ".len(),
            Kind::Hex | Kind::Decimal => "%d ".len(),
        }
    }
}

/// A column that a table must have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the first line.
    pub name: &'static str,
    /// What stands in it.
    pub kind: Kind,
}

/// Why the columns cannot be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// The first wanted column that is not there, or not in its place in the order.
    Missing(&'static str),
    /// There are more columns than the reference can hold.
    Overflow,
}

impl HeaderError {
    /// What the reference says of the table at `path`.
    pub fn warning(self, path: PathBuf) -> Warning {
        match self {
            HeaderError::Missing(name) => Warning::MissingColumn { path, name },
            HeaderError::Overflow => Warning::TooManyColumns(path),
        }
    }
}

/// The value of a column in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// Of [`Kind::Interface`] and [`Kind::Address`].
    Word(&'a [u8]),
    /// Of [`Kind::Decimal`]; of [`Kind::Hex`], the same 32 bits.
    Number(i32),
}

impl<'a> Value<'a> {
    /// The word; empty for a number.
    pub fn word(self) -> &'a [u8] {
        match self {
            Value::Word(word) => word,
            Value::Number(_) => &[],
        }
    }

    /// The number; 0 for a word.
    pub fn number(self) -> i32 {
        match self {
            Value::Word(_) => 0,
            Value::Number(number) => number,
        }
    }
}

/// Where the wanted columns stand in a row.
#[derive(Clone, Debug)]
pub struct Columns {
    /// For each wanted column, how many others stand between it and the one before.
    skipped: Vec<usize>,
    wanted: &'static [Column],
}

impl Columns {
    /// Finds the `wanted` columns, in this order, among the names in `header`.
    ///
    /// # Errors
    /// [`HeaderError`].
    pub fn locate(header: &[u8], wanted: &'static [Column]) -> Result<Self, HeaderError> {
        // The reference makes a scanf format of the names and refuses one that leaves no room in its buffer of 512 bytes; the last
        // wanted column ends the search before that is looked at.
        const LONGEST_FORMAT: usize = 507;
        let names = header
            .split(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'|'))
            // Any other white space ends no name, but before one it is skipped.
            .map(skip_space)
            .filter(|name| !name.is_empty());
        let mut skipped = Vec::with_capacity(wanted.len());
        let mut others = 0;
        let mut format = 0;
        let mut rest = wanted.iter();
        let mut next = rest.next();
        for name in names {
            let Some(column) = next else { break };
            if name == column.name.as_bytes() {
                skipped.push(others);
                others = 0;
                format += column.kind.format_length();
                next = rest.next();
                if next.is_none() {
                    break;
                }
            } else {
                others += 1;
                format += "%*s ".len();
            }
            if format > LONGEST_FORMAT {
                return Err(HeaderError::Overflow);
            }
        }
        match next {
            Some(column) => Err(HeaderError::Missing(column.name)),
            None => Ok(Columns { skipped, wanted }),
        }
    }

    /// Whether the wanted columns stand alone at the begin of a row.
    pub fn are_contiguous(&self) -> bool {
        self.skipped.iter().all(|&others| others == 0)
    }

    /// Scans a row and hands over each value with the index of its column. Returns how many there were before the first column
    /// that does not scan.
    pub fn scan<'a>(&self, line: &'a [u8], mut store: impl FnMut(usize, Value<'a>)) -> usize {
        let mut scanner = Scanner::new(line);
        for (index, (&others, column)) in self.skipped.iter().zip(self.wanted).enumerate() {
            match scan_column(&mut scanner, others, column.kind) {
                Some(value) => store(index, value),
                None => return index,
            }
        }
        self.wanted.len()
    }
}

fn scan_column<'a>(scanner: &mut Scanner<'a>, others: usize, kind: Kind) -> Option<Value<'a>> {
    for _ in 0..others {
        scanner.word(usize::MAX)?;
    }
    Some(match kind {
        Kind::Interface => Value::Word(scanner.word(INTERFACE)?),
        Kind::Address => Value::Word(scanner.word(ADDRESS)?),
        Kind::Hex => Value::Number(scanner.hex32()?.cast_signed()),
        Kind::Decimal => Value::Number(scanner.integer32()?),
    })
}

fn skip_space(name: &[u8]) -> &[u8] {
    let mut scanner = Scanner::new(name);
    scanner.skip_space();
    scanner.rest()
}

/// The IPv4 address in a word: one hexadecimal number, printed by a machine of this byte order, of which eight digits count. `None` if
/// there are fewer.
pub fn address(order: ByteOrder, word: &[u8]) -> Option<std::net::Ipv4Addr> {
    let digits = word.get(..8)?;
    let value = fixed_hex(digits)?;
    Some(order.ipv4(value))
}

/// The first line of a table and the rest of it, ready for its rows; `None` if there is no first line.
///
/// # Errors
/// What `read(2)` said.
pub fn first_line(lines: &mut Lines<std::fs::File>) -> std::io::Result<Option<Vec<u8>>> {
    let first = lines.next_line()?.map(<[u8]>::to_vec);
    lines.set_limit(ROW_PIECE);
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &[Column] = &[
        Column {
            name: "Iface",
            kind: Kind::Interface,
        },
        Column {
            name: "Mask",
            kind: Kind::Address,
        },
        Column {
            name: "MTU",
            kind: Kind::Decimal,
        },
        Column {
            name: "Flags",
            kind: Kind::Hex,
        },
    ];

    #[test]
    fn columns_are_found_by_name_in_order() {
        let skipped = |header: &[u8]| Columns::locate(header, WANTED).map(|found| found.skipped);
        assert_eq!(skipped(b"Iface Mask MTU Flags"), Ok(vec![0, 0, 0, 0]));
        assert_eq!(
            skipped(b"x|Iface\tmask y Mask||MTU Iface Flags more\n"),
            Ok(vec![1, 2, 0, 1])
        );
        assert_eq!(
            skipped(b"Iface MTU Mask Flags\n"),
            Err(HeaderError::Missing("MTU"))
        );
        assert_eq!(skipped(b""), Err(HeaderError::Missing("Iface")));
        assert_eq!(
            skipped(b"|\x0b|Iface \x0c \rMask \x0b\x0by MTU Flags\n"),
            Ok(vec![0, 0, 1, 0])
        );
        // After a name, a carriage return belongs to it.
        assert_eq!(
            skipped(b"Iface Mask MTU Flags\r\n"),
            Err(HeaderError::Missing("Flags"))
        );
    }

    #[test]
    fn too_many_columns_are_refused() {
        let with = |count, names: &str| {
            Columns::locate(("x ".repeat(count) + names).as_bytes(), WANTED).map(drop)
        };
        assert_eq!(with(126, ""), Err(HeaderError::Missing("Iface")));
        assert_eq!(with(127, ""), Err(HeaderError::Overflow));
        assert_eq!(with(124, "Iface Mask"), Err(HeaderError::Missing("MTU")));
        assert_eq!(with(125, "Iface Mask"), Err(HeaderError::Overflow));
        // The last column is exempt: 4 * 123 + 5 + 6 + 3 = 506.
        assert_eq!(with(123, "Iface Mask MTU Flags"), Ok(()));
        assert_eq!(
            with(124, "Iface Mask MTU Flags"),
            Err(HeaderError::Overflow)
        );
    }

    #[test]
    fn a_row_is_scanned_up_to_what_does_not_fit() {
        let columns = Columns::locate(b"Iface Mask x MTU Flags\n", WANTED).unwrap();
        let scan = |line| {
            let mut values = Vec::new();
            let count = columns.scan(line, |_, value| values.push(value));
            assert_eq!(count, values.len());
            values
        };
        assert_eq!(
            scan(b" eth0 00FFFFFF skipped -1 ffffffff more\n"),
            [
                Value::Word(b"eth0"),
                Value::Word(b"00FFFFFF"),
                Value::Number(-1),
                Value::Number(-1)
            ]
        );
        // The rest of a long name is the next column.
        assert_eq!(
            scan(b"abcdefghijklmnop eth0 3 4"),
            [
                Value::Word(b"abcdefghijklmno"),
                Value::Word(b"p"),
                Value::Number(3),
                Value::Number(4)
            ]
        );
        assert_eq!(scan(b"eth0 00FFFFFF 1\n").len(), 2);
        assert_eq!(scan(b"\n"), []);
    }

    #[test]
    fn addresses_need_eight_digits() {
        let text = |word| address(ByteOrder::Little, word).map(|address| address.to_string());
        assert_eq!(text(b"0100A8C0"), Some("192.168.0.1".to_owned()));
        assert_eq!(text(b"0100a8c0ff"), Some("192.168.0.1".to_owned()));
        assert_eq!(text(b"0100a8c"), None);
        assert_eq!(text(b"0x00a8c0"), None);
    }
}
