//! The tables of `-s`: titles, sentences and raw counters, the two ICMP histograms and the indentation they leave behind.
//!
//! Which sentence a counter gets is in [`phrases`].

mod phrases;

use super::column;
use crate::cli::AddressFamily;
use crate::printable;
use crate::record::counter::{Counter, Statistic};
use phrases::Kind;

/// Indentation of the rows of a table.
const ROW: usize = 4;

/// Indentation of the rows of a histogram.
const HISTOGRAM_ROW: usize = 8;

/// The two tables within the ICMP tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Histogram {
    Input,
    Output,
}

/// What the rows printed so far mean for those to come. Tables that are not known do not end it, and it goes on from
/// one file to the next, as in the reference.
#[derive(Debug)]
pub struct Statistics {
    /// Indentation of what has no sentence of its own, and of the next histogram's title.
    indent: usize,
    /// The histogram that has its title and is not over.
    open: Option<Histogram>,
}

impl Default for Statistics {
    fn default() -> Self {
        Statistics {
            indent: ROW,
            open: None,
        }
    }
}

impl Statistics {
    /// Appends what there is to see of a title or counter: up to two lines, often nothing.
    pub fn row(&mut self, row: &mut Vec<u8>, statistic: &Statistic<'_>) {
        match statistic {
            Statistic::Title(table) => {
                // Known tables begin anew even where they are not shown.
                if table.known.is_some() {
                    *self = Self::default();
                }
                if table.shown {
                    printable::append(row, &table.title);
                    row.extend_from_slice(b":\n");
                }
            }
            Statistic::Counter(counter) => self.counter(row, counter),
        }
    }

    fn counter(&mut self, row: &mut Vec<u8>, counter: &Counter<'_>) {
        let phrase = counter
            .table
            .known
            .and_then(|table| phrases::find(table, &counter.name));
        let value = counter.whole();
        let Some((kind, text)) = phrase else {
            if value != 0 {
                indent(row, self.indent);
                printable::append(row, &counter.name);
                row.extend_from_slice(b": ");
                column::unsigned(row, value);
                row.push(b'\n');
            }
            return;
        };
        match kind {
            Kind::Hidden => {}
            Kind::Number | Kind::NumberIfNonzero => {
                // Even a number that is not shown ends the histogram.
                *self = Self::default();
                if kind == Kind::Number || value != 0 {
                    sentence(row, ROW, text, value);
                }
            }
            Kind::IcmpIn => self.histogram(row, Histogram::Input, text, value),
            Kind::IcmpOut => self.histogram(row, Histogram::Output, text, value),
        }
    }

    fn histogram(&mut self, row: &mut Vec<u8>, histogram: Histogram, text: &str, value: u64) {
        if self.open != Some(histogram) {
            indent(row, self.indent);
            row.extend_from_slice(match histogram {
                Histogram::Input => b"ICMP input histogram:\n",
                Histogram::Output => b"ICMP output histogram:\n",
            });
            self.indent = HISTOGRAM_ROW;
            self.open = Some(histogram);
        }
        if value != 0 {
            sentence(row, HISTOGRAM_ROW, text, value);
        }
    }
}

/// Appends the sentence of a counter as it would stand in a table if it were shown; nothing if it has none.
pub fn describe(row: &mut Vec<u8>, counter: &Counter<'_>) {
    if let Some(text) = shown_sentence(counter) {
        words(row, text, counter.whole());
    }
}

/// Appends the sentence of a counter without its number; nothing if it has none.
pub fn meaning(row: &mut Vec<u8>, counter: &Counter<'_>) {
    let text = shown_sentence(counter).unwrap_or_default();
    let (before, after) = text.split_once(phrases::VALUE).unwrap_or_default();
    let before = before.trim_end_matches([':', ' ']);
    let mut after = after.trim();
    row.extend_from_slice(before.as_bytes());
    // A number in the midst of a sentence says how many times.
    if !before.is_empty() {
        after = after.strip_prefix("times").unwrap_or(after);
    }
    row.extend_from_slice(after.as_bytes());
}

/// The sentence of a counter, if it has one that is shown at all.
fn shown_sentence(counter: &Counter<'_>) -> Option<&'static str> {
    let (kind, text) = phrases::find(counter.table.known?, &counter.name)?;
    (kind != Kind::Hidden).then_some(&**text)
}

/// Appends a sentence with the number in its place.
fn sentence(row: &mut Vec<u8>, width: usize, text: &str, value: u64) {
    indent(row, width);
    words(row, text, value);
    row.push(b'\n');
}

fn words(row: &mut Vec<u8>, text: &str, value: u64) {
    let (before, after) = text.split_once(phrases::VALUE).unwrap_or((text, ""));
    row.extend_from_slice(before.as_bytes());
    column::unsigned(row, value);
    row.extend_from_slice(after.as_bytes());
}

fn indent(row: &mut Vec<u8>, width: usize) {
    row.resize(row.len() + width, b' ');
}

/// Appends the complaint about families that have no statistics, which the reference prints to stdout, always in this name.
pub fn refusal(row: &mut Vec<u8>, families: &[AddressFamily]) {
    row.extend_from_slice(b"netstat: No statistics support for specified address family: ");
    for (index, family) in families.iter().enumerate() {
        if index > 0 {
            row.push(b',');
        }
        row.extend_from_slice(family.list_name().as_bytes());
    }
    row.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::record::counter::{CounterTable, KnownTable};

    const ICMP: CounterTable<'static> = CounterTable {
        title: Cow::Borrowed(b"Icmp"),
        known: Some(KnownTable::Icmp),
        shown: true,
    };

    const OTHER: CounterTable<'static> = CounterTable {
        title: Cow::Borrowed(b"Other"),
        known: None,
        shown: true,
    };

    /// Feeds a title for each `None` and a counter for each `Some`.
    fn shown(statistics: &[(CounterTable<'_>, Option<(&str, u64)>)]) -> String {
        let mut state = Statistics::default();
        let mut rows = Vec::new();
        for (table, counter) in statistics {
            let table = table.clone();
            let statistic = match *counter {
                None => Statistic::Title(table),
                Some((name, value)) => Statistic::Counter(Counter {
                    table,
                    name: name.as_bytes().into(),
                    value,
                    time: None,
                }),
            };
            state.row(&mut rows, &statistic);
        }
        String::from_utf8(rows).unwrap()
    }

    #[test]
    fn a_histogram_has_a_title_whenever_it_was_not_open() {
        assert_eq!(
            shown(&[
                (ICMP, None),
                (ICMP, Some(("InEchos", 1))),
                (ICMP, Some(("InRedirects", 0))),
                (ICMP, Some(("InEchoReps", 2))),
                (ICMP, Some(("OutEchos", 0))),
                (ICMP, Some(("InErrors", 0))),
                (ICMP, Some(("OutEchos", 3))),
            ]),
            "Icmp:\n    ICMP input histogram:\n        echo requests: 1\n        echo replies: 2\n        \
             ICMP output histogram:\n    0 input ICMP message failed\n    ICMP output histogram:\n        \
             echo requests: 3\n"
        );
    }

    #[test]
    fn raw_counters_stand_where_the_histogram_left_off() {
        let hidden = CounterTable {
            title: b"Tcp".into(),
            known: Some(KnownTable::Tcp),
            shown: false,
        };
        assert_eq!(
            shown(&[
                (OTHER, None),
                (OTHER, Some(("A", 1))),
                (ICMP, None),
                (ICMP, Some(("InEchos", 0))),
                (ICMP, Some(("InCsumErrors", 2))),
                (ICMP, Some(("OutRateLimitHost", 0))),
                (OTHER, None),
                (OTHER, Some(("B", 3))),
                (hidden, None),
                (OTHER, None),
                (OTHER, Some(("C", 4))),
            ]),
            "Other:\n    A: 1\nIcmp:\n    ICMP input histogram:\n        InCsumErrors: 2\n\
             Other:\n        B: 3\nOther:\n    C: 4\n"
        );
    }

    #[test]
    fn numbers_that_are_not_shown_end_a_histogram_and_settings_do_not() {
        let ip = CounterTable {
            title: b"Ip".into(),
            known: Some(KnownTable::Ip),
            shown: true,
        };
        assert_eq!(
            shown(&[
                (ICMP, Some(("InEchos", 0))),
                (ip.clone(), Some(("DefaultTTL", 64))),
                (ip.clone(), Some(("A", 1))),
                (ip.clone(), Some(("FragFails", 0))),
                (ip.clone(), Some(("B", u64::MAX))),
                (ip.clone(), Some(("FragFails", 7))),
            ]),
            "    ICMP input histogram:\n        A: 1\n    B: 18446744073709551615\n    \
             7 outgoing packets failed fragmentation\n"
        );
    }

    #[test]
    fn refused_families_are_listed_as_they_were_given() {
        let mut row = Vec::new();
        refusal(
            &mut row,
            &[
                AddressFamily::Inet,
                AddressFamily::Econet,
                AddressFamily::Inet,
            ],
        );
        assert_eq!(
            row,
            b"netstat: No statistics support for specified address family: inet,ec,inet\n"
        );
    }
}
