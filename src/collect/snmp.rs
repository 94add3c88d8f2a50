//! `/proc/net/snmp`, `netstat`, `snmp6` and `sctp/snmp`: the kernel's counters, in the order of the files.
//!
//! Three grammars. `snmp` and `netstat` pair a line of names with a line of values, and begin both with a title. `snmp6` has a
//! counter a line, and the table is read off its name. `sctp/snmp` has a counter a line, all of one table. A kernel may have
//! counters and tables that nobody here has heard of: both are lent like the others. What a counter is called on the screen,
//! and whether it is shown at all, belongs to the layout.

use std::fs::File;

use super::Context;
use crate::cli::AddressFamily;
use crate::error::{Error, Warning};
use crate::proc_root::{self, Lines};
use crate::query::StatisticsQuery;
use crate::record::Record;
use crate::record::counter::{Counter, CounterTable, KnownTable, Statistic};
use crate::scan::{Scanner, is_space};

const SNMP: &str = "net/snmp";

const NETSTAT: &str = "net/netstat";

const SNMP6: &str = "net/snmp6";

const SCTP: &str = "net/sctp/snmp";

/// The reference reads `snmp6` and `sctp/snmp` in pieces of this many bytes.
const PIECE: usize = 1023;

/// What selects a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selection {
    Raw,
    Tcp,
    Udp,
    Sctp,
}

/// The tables known in `snmp`, `netstat` and `sctp/snmp`, whichever of them a title comes up in.
const KNOWN: [(&[u8], KnownTable, Selection); 6] = [
    (b"Ip", KnownTable::Ip, Selection::Raw),
    (b"Icmp", KnownTable::Icmp, Selection::Raw),
    (b"Tcp", KnownTable::Tcp, Selection::Tcp),
    (b"Udp", KnownTable::Udp, Selection::Udp),
    (b"TcpExt", KnownTable::TcpExt, Selection::Tcp),
    (b"Sctp", KnownTable::Sctp, Selection::Sctp),
];

/// The tables known in `snmp6`, and only there.
const KNOWN6: [(&[u8], KnownTable, Selection); 4] = [
    (b"Ip6", KnownTable::Ip6, Selection::Raw),
    (b"Icmp6", KnownTable::Icmp6, Selection::Raw),
    (b"Tcp6", KnownTable::Tcp6, Selection::Tcp),
    (b"Udp6", KnownTable::Udp6, Selection::Udp),
];

impl<'a> CounterTable<'a> {
    fn new(
        title: &'a [u8],
        known: &[(&[u8], KnownTable, Selection)],
        statistics: &StatisticsQuery,
    ) -> Self {
        let row = known.iter().find(|(known, ..)| *known == title);
        CounterTable {
            title: title.into(),
            known: row.map(|&(_, table, _)| table),
            shown: row.is_none_or(|(.., selection)| match selection {
                Selection::Raw => statistics.raw,
                Selection::Tcp => statistics.tcp,
                Selection::Udp => statistics.udp,
                Selection::Sctp => statistics.sctp,
            }),
        }
    }
}

/// Lends all statistics of the family that was asked for to the sink.
///
/// # Errors
/// The family has no statistics; what the sink said. Files that are missing, unreadable or damaged are no errors.
pub fn collect(context: &mut Context<'_>, statistics: &StatisticsQuery) -> Result<(), Error> {
    match statistics.families.as_slice() {
        [AddressFamily::Inet] => inet(context, statistics),
        [AddressFamily::Inet6] => inet6(context, statistics),
        families => {
            context
                .sink
                .record(&Record::NoStatistics(families.to_vec()))?;
            Err(Error::Ended(1))
        }
    }
}

fn inet(context: &mut Context<'_>, statistics: &StatisticsQuery) -> Result<(), Error> {
    let Some(snmp) = open_required(context, SNMP, proc_root::LONG_LINE)? else {
        return Ok(());
    };
    if !pairs(context, statistics, snmp, SNMP, b"")? {
        damaged(context, SNMP)?;
    }
    if let Ok(netstat) = context.query.proc_root.lines(NETSTAT, proc_root::LONG_LINE)
        && !pairs(context, statistics, netstat, NETSTAT, b"")?
    {
        damaged(context, NETSTAT)?;
    }
    if let Ok(lines) = context.query.proc_root.lines(SCTP, PIECE) {
        sctp(context, statistics, lines)?;
    }
    Ok(())
}

fn inet6(context: &mut Context<'_>, statistics: &StatisticsQuery) -> Result<(), Error> {
    let Some(lines) = open_required(context, SNMP6, PIECE)? else {
        return Ok(());
    };
    snmp6(context, statistics, lines)?;
    // The counters of tcp are those of both families, and only the file of IPv4 has them.
    if let Some(snmp) = open_required(context, SNMP, proc_root::LONG_LINE)? {
        // Here the reference stops at a damaged table without a word.
        let _ = pairs(context, statistics, snmp, SNMP, b"Tcp")?;
    }
    Ok(())
}

/// Opens a file without which the report ends.
fn open_required(
    context: &mut Context<'_>,
    file: &str,
    limit: usize,
) -> Result<Option<Lines<File>>, Error> {
    match context.query.proc_root.lines(file, limit) {
        Ok(lines) => Ok(Some(lines)),
        Err(source) => {
            let path = context.query.proc_root.path(file);
            context.warn(&Warning::CannotOpen { path, source })?;
            Ok(None)
        }
    }
}

/// The next piece of a file; an error in reading is mentioned and then counts as the end.
fn next<'a>(
    context: &mut Context<'_>,
    lines: &'a mut Lines<File>,
    file: &str,
) -> Result<Option<&'a [u8]>, Error> {
    match lines.next_line() {
        Ok(piece) => Ok(piece),
        Err(source) => {
            let path = context.query.proc_root.path(file);
            context.warn(&Warning::File { path, source })?;
            Ok(None)
        }
    }
}

fn damaged(context: &mut Context<'_>, file: &str) -> Result<(), Error> {
    let path = context.query.proc_root.path(file);
    context.warn(&Warning::Damaged(path))
}

/// Lends the tables of `snmp` or `netstat` whose titles begin with `prefix`. False if the file is damaged; the rest of it
/// is lost.
fn pairs(
    context: &mut Context<'_>,
    statistics: &StatisticsQuery,
    mut lines: Lines<File>,
    file: &str,
    prefix: &[u8],
) -> Result<bool, Error> {
    let mut names = Vec::new();
    while let Some(line) = next(context, &mut lines, file)? {
        // A blank line between two pairs does no harm; in the place of the values it does.
        if line.first() == Some(&b'\n') {
            continue;
        }
        names.clear();
        names.extend_from_slice(line);
        let Some(values) = next(context, &mut lines, file)? else {
            break;
        };
        let Some(pair) = Pair::parse(&names, values) else {
            return Ok(false);
        };
        if !pair.title.starts_with(prefix) {
            continue;
        }
        let table = CounterTable::new(pair.title, &KNOWN, statistics);
        title(context, &table)?;
        if table.shown {
            for (name, value) in pair.counters() {
                counter(context, &table, name, value)?;
            }
        }
    }
    Ok(true)
}

fn snmp6(
    context: &mut Context<'_>,
    statistics: &StatisticsQuery,
    mut lines: Lines<File>,
) -> Result<(), Error> {
    let mut row = Row6::default();
    while let Some(piece) = next(context, &mut lines, SNMP6)? {
        let Some(starts) = row.read(piece) else {
            continue;
        };
        let table = CounterTable::new(&row.title, &KNOWN6, statistics);
        if starts {
            title(context, &table)?;
        }
        if table.shown {
            counter(context, &table, &row.name, row.value)?;
        }
    }
    Ok(())
}

fn sctp(
    context: &mut Context<'_>,
    statistics: &StatisticsQuery,
    mut lines: Lines<File>,
) -> Result<(), Error> {
    let table = CounterTable::new(b"Sctp", &KNOWN, statistics);
    title(context, &table)?;
    // A file that is not shown is read nevertheless: that it cannot be read is mentioned.
    while let Some(piece) = next(context, &mut lines, SCTP)? {
        if table.shown
            && let Some((name, value)) = parse_sctp(piece)
        {
            counter(context, &table, name, value)?;
        }
    }
    Ok(())
}

fn title(context: &mut Context<'_>, table: &CounterTable<'_>) -> Result<(), Error> {
    context
        .sink
        .record(&Record::Statistic(Statistic::Title(table.clone())))
}

fn counter(
    context: &mut Context<'_>,
    table: &CounterTable<'_>,
    name: &[u8],
    value: u64,
) -> Result<(), Error> {
    context
        .sink
        .record(&Record::Statistic(Statistic::Counter(Counter {
            table: table.clone(),
            name: name.into(),
            value,
            time: None,
        })))
}

/// A table of `snmp` and `netstat`: a line of names and a line of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// What stands before the colon of the line of names.
    pub title: &'a [u8],
    names: &'a [u8],
    values: &'a [u8],
}

impl<'a> Pair<'a> {
    /// Takes a pair of lines apart; `None` unless both have a colon. What stands before the colon of the values is not looked at.
    pub fn parse(names: &'a [u8], values: &'a [u8]) -> Option<Self> {
        let colon = memchr::memchr(b':', names)?;
        let (title, names) = names.split_at_checked(colon)?;
        let (_, values) = values.split_at_checked(memchr::memchr(b':', values)?)?;
        Some(Pair {
            title,
            names: names.strip_prefix(b":")?,
            values: values.strip_prefix(b":")?,
        })
    }

    /// Names and values in their order. From the first value on that is missing or no number, all are 0.
    pub fn counters(self) -> impl Iterator<Item = (&'a [u8], u64)> {
        let mut values = Some(Scanner::new(self.values));
        self.names
            .split(|&byte| separates(byte))
            .filter(|name| !name.is_empty())
            .map(move |name| {
                let value = values.as_mut().and_then(Scanner::decimal64);
                if value.is_none() {
                    // The reference stays where there is no number, and finds none there again.
                    values = None;
                }
                (name, value.unwrap_or(0))
            })
    }
}

/// What stands between names; other white space is part of them.
fn separates(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// The last row of `snmp6`. What a line lacks stays as the line before had it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row6 {
    /// Title of the table: the beginning of the name of its first counter, up to the first "6".
    pub title: Vec<u8>,
    /// Name of the counter, empty until there is one.
    pub name: Vec<u8>,
    /// Its value.
    pub value: u64,
}

impl Row6 {
    /// Takes the next piece of the file. `Some(true)` if its counter begins a table, `None` while there is no counter yet.
    pub fn read(&mut self, piece: &[u8]) -> Option<bool> {
        let mut scanner = Scanner::new(piece);
        scanner.skip_space();
        if let Some(name) = scanner.run(usize::MAX, |byte| !is_space(byte)) {
            self.name.clear();
            self.name.extend_from_slice(name);
            self.value = scanner.decimal64().unwrap_or(self.value);
        }
        if self.name.is_empty() {
            return None;
        }
        // The title may stand anywhere in the name, as in "UdpLite6" after "Lite6".
        let starts =
            self.title.is_empty() || memchr::memmem::find(&self.name, &self.title).is_none();
        if starts {
            let end = memchr::memchr(b'6', &self.name).map_or(self.name.len(), |six| six + 1);
            self.title.clear();
            self.title
                .extend_from_slice(self.name.get(..end).unwrap_or_default());
        }
        Some(starts)
    }
}

/// Parses a line of `sctp/snmp`; `None` if nothing follows the name.
///
/// Without anything to end the name the reference reads on behind the end of the line, in what an earlier one left there.
pub fn parse_sctp(piece: &[u8]) -> Option<(&[u8], u64)> {
    let end = piece.iter().position(|&byte| separates(byte))?;
    let (name, rest) = piece.split_at_checked(end)?;
    let start = rest.iter().position(|&byte| !separates(byte))?;
    let value = Scanner::new(rest.get(start..)?).decimal_long();
    Some((name, value.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::LARGEST_LONG;

    /// The counters of a pair as "NAME=VALUE …", or `None` if the file is damaged.
    fn pair(names: &[u8], values: &[u8]) -> Option<String> {
        let counters = Pair::parse(names, values)?.counters();
        let shown = counters.map(|(name, value)| format!("{}={value}", name.escape_ascii()));
        Some(shown.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn names_and_values_go_in_pairs() {
        for (names, values, expected) in [
            (&b"Udp: A B C\n"[..], &b"Udp: 5 6 7\n"[..], "A=5 B=6 C=7"),
            (b"Udp:A\t\tB  C", b"x y z:5\t 6  7", "A=5 B=6 C=7"),
            (b"Udp: A B C\n", b"Udp: 5\n", "A=5 B=0 C=0"),
            (b"Udp: A\n", b"Udp: 5 6 7\n", "A=5"),
            (b"Udp: A B C\n", b"Udp: 5 x 7\n", "A=5 B=0 C=0"),
            (b"Udp: A B C\n", b"Udp: 5 - 7\n", "A=5 B=0 C=0"),
            (b"Udp: A B C\n", b"Udp: 5 --6 7\n", "A=5 B=0 C=0"),
            (b"Udp: A B C\n", b"Udp: 5 12x 7\n", "A=5 B=12 C=0"),
            (
                b"Udp: A B C\n",
                b"Udp: 1+2-3\n",
                "A=1 B=2 C=18446744073709551613",
            ),
            (b"Udp: A B C\n", b"Udp: 1\x0b2\x0c3\r\n", "A=1 B=2 C=3"),
            (b"Udp: A\x0bB C\r\n", b"Udp: 1 2\r\n", "A\\x0bB=1 C\\r=2"),
            (b"Udp: A:B :\n", b"Udp: 1 2\n", "A:B=1 :=2"),
            (
                b"Udp: A B\n",
                b"Udp: -1 18446744073709551616\n",
                "A=18446744073709551615 B=18446744073709551615",
            ),
            (b"Udp:\n", b"Udp:\n", ""),
        ] {
            assert_eq!(pair(names, values).as_deref(), Some(expected));
        }
        assert_eq!(pair(b"Udp A\n", b"Udp: 5\n"), None);
        assert_eq!(pair(b"Udp: A\n", b"Udp 5\n"), None);
        assert_eq!(pair(b"", b""), None);
    }

    #[test]
    fn titles_end_at_the_first_colon() {
        for (names, title) in [
            (&b"Udp: A"[..], &b"Udp"[..]),
            (b" My Table:: A", b" My Table"),
            (b": A", b""),
        ] {
            assert_eq!(Pair::parse(names, b":").unwrap().title, title);
        }
    }

    #[test]
    fn rows_of_snmp6_keep_what_a_line_lacks() {
        let mut row = Row6::default();
        for (piece, expected) in [
            (&b"\n"[..], None),
            (b" \t\n", None),
            (b"Ip6InReceives\n", Some((true, "Ip6", "Ip6InReceives", 0))),
            (
                b"Ip6InReceives \t5 6\n",
                Some((false, "Ip6", "Ip6InReceives", 5)),
            ),
            (b"\n", Some((false, "Ip6", "Ip6InReceives", 5))),
            (
                b"Ip6InDelivers x\n",
                Some((false, "Ip6", "Ip6InDelivers", 5)),
            ),
            (b"XXIp6Foo -1\n", Some((false, "Ip6", "XXIp6Foo", u64::MAX))),
            (b"Udp6A 1", Some((true, "Udp6", "Udp6A", 1))),
            (b"UdpLite6A 2", Some((true, "UdpLite6", "UdpLite6A", 2))),
            (b"Lite6A 3", Some((true, "Lite6", "Lite6A", 3))),
            (b"UdpLite6A 4", Some((false, "Lite6", "UdpLite6A", 4))),
            (b"Foo 5", Some((true, "Foo", "Foo", 5))),
            (b"FooBar 6", Some((false, "Foo", "FooBar", 6))),
            (b"66 7", Some((true, "6", "66", 7))),
        ] {
            let starts = row.read(piece);
            let read = starts.map(|starts| {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                (starts, text(&row.title), text(&row.name), row.value)
            });
            let expected = expected.map(|(starts, title, name, value)| {
                (starts, title.to_owned(), name.to_owned(), value)
            });
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn counters_of_sctp_need_something_behind_their_names() {
        for (piece, expected) in [
            (&b"SctpAborteds \t4\n"[..], Some((&b"SctpAborteds"[..], 4))),
            (b"Foo 5 6\n", Some((b"Foo", 5))),
            (b"Foo x\n", Some((b"Foo", 0))),
            (b"Foo -1", Some((b"Foo", LARGEST_LONG))),
            (b" 5\n", Some((b"", 5))),
            (b"Foo\x0b5 \x0b6\n", Some((b"Foo\x0b5", 6))),
            (b"Foo\n", None),
            (b"Foo \t\n", None),
            (b"Foo", None),
            (b"", None),
        ] {
            assert_eq!(parse_sctp(piece), expected);
        }
    }

    #[test]
    fn tables_are_known_by_their_exact_titles() {
        let only_udp = StatisticsQuery {
            families: vec![AddressFamily::Inet],
            tcp: false,
            udp: true,
            raw: false,
            sctp: false,
        };
        for (title, known, shown) in [
            (&b"Udp"[..], Some(KnownTable::Udp), true),
            (b"Tcp", Some(KnownTable::Tcp), false),
            (b"TcpExt", Some(KnownTable::TcpExt), false),
            (b"Sctp", Some(KnownTable::Sctp), false),
            (b"tcp", None, true),
            (b" Tcp", None, true),
            (b"Tcp6", None, true),
            (b"UdpLite", None, true),
        ] {
            let table = CounterTable::new(title, &KNOWN, &only_udp);
            assert_eq!((table.known, table.shown), (known, shown));
        }
        let table = CounterTable::new(b"Udp", &KNOWN6, &only_udp);
        assert_eq!((table.known, table.shown), (None, true));
    }
}
