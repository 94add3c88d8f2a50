//! The columns of fields that were asked for by name, behind those of the reference.
//!
//! They stand before a column without a width of its own (a timer, a path), those that have no width themselves at the end of the line.
//! A value longer than its column pushes the rest on; nothing is cut. `-` stands for no value.

use super::column;
use crate::field::{self, Field};
use crate::printable;
use crate::query::{Query, RouteLayout};
use crate::record::legacy_route::LegacyFamily;
use crate::record::rt_cache::CacheHeading;
use crate::record::{Fields, Table};
use crate::shown::Shown;

/// The columns of the table at hand.
#[derive(Debug)]
pub struct Columns {
    shown: Shown,
    /// In the order of the columns: those without a width come last.
    fields: Vec<&'static Field>,
    /// Where they begin on a line.
    margin: usize,
    /// The texts of the row at hand, one for each field.
    texts: Vec<Vec<u8>>,
    /// What stands behind the columns on the line at hand.
    behind: Vec<u8>,
}

impl Columns {
    /// No columns yet. What values look like comes from `shown`.
    pub fn new(shown: Shown) -> Self {
        Columns {
            shown,
            fields: Vec::new(),
            margin: 0,
            texts: Vec::new(),
            behind: Vec::new(),
        }
    }

    /// A table begins, whose heading was just appended from `start` on.
    ///
    /// `place` is where the columns go in its last line; the end if there is none.
    pub fn begin(
        &mut self,
        row: &mut Vec<u8>,
        start: usize,
        place: Option<usize>,
        table: Table,
        query: &Query,
    ) {
        let criteria = &query.criteria;
        self.fields.clear();
        self.margin = 0;
        if table == Table::Counts {
            self.fields.extend(&criteria.count_by);
        } else if criteria.show_all {
            self.fields.extend(field::of(table.fields()));
        } else {
            self.fields.extend(&criteria.show);
        }
        self.fields.sort_by_key(|field| field.width == 0);
        self.texts.resize_with(self.fields.len(), Vec::new);
        if self.fields.is_empty() || !has_columns(table, query) {
            return;
        }
        // The one table with a line below its headings.
        let rule = if table == Table::Groups {
            let end = row.len().saturating_sub(1);
            let line = line_start(row, start, end);
            row.split_off(line)
        } else {
            Vec::new()
        };
        let place = place.unwrap_or(row.len().saturating_sub(1));
        self.margin = place - line_start(row, start, place) + slack(table, query);
        for (text, field) in self.texts.iter_mut().zip(&self.fields) {
            text.clear();
            text.extend_from_slice(field.heading.as_bytes());
        }
        self.insert(row, start, place);
        if !rule.is_empty() {
            let start = row.len();
            row.extend_from_slice(&rule);
            for (text, field) in self.texts.iter_mut().zip(&self.fields) {
                text.clear();
                text.resize(field.width.max(field.heading.len()), b'-');
            }
            self.insert(row, start, row.len() - 1);
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Puts the columns of a record into its row, which was just appended from `start` on; `place` as in [`begin`](Self::begin). A row
    /// that is not shown at all stays so.
    pub fn put(
        &mut self,
        row: &mut Vec<u8>,
        start: usize,
        place: Option<usize>,
        record: &dyn Fields,
        query: &Query,
    ) {
        if row.len() > start {
            self.read(record, query);
            // One of the reference's rows does not even end.
            if row.last() != Some(&b'\n') {
                row.push(b'\n');
            }
            let place = place.unwrap_or(row.len() - 1);
            self.insert(row, start, place);
        }
    }

    /// Puts the fields of a record into the block of lines that was just appended, whose last line is empty: with their names, on a line
    /// of their own.
    pub fn put_line(&mut self, row: &mut Vec<u8>, record: &dyn Fields, query: &Query) {
        self.read(record, query);
        row.pop();
        let mut blanks: &[u8] = b"        ";
        for (text, field) in self.texts.iter().zip(&self.fields) {
            row.extend_from_slice(blanks);
            row.extend_from_slice(field.name.as_bytes());
            row.push(b' ');
            row.extend_from_slice(text);
            blanks = b"  ";
        }
        row.extend_from_slice(b"\n\n");
    }

    /// Fills the texts with the values of a record.
    fn read(&mut self, record: &dyn Fields, query: &Query) {
        let Columns {
            shown,
            fields,
            texts,
            behind: raw,
            ..
        } = self;
        for text in &mut *texts {
            text.clear();
        }
        record.fields(query, &mut |name, value| {
            for (text, _) in texts
                .iter_mut()
                .zip(&*fields)
                .filter(|(_, field)| field.name == name)
            {
                raw.clear();
                shown.append(raw, value, query);
                printable::append(text, raw);
            }
        });
        for text in texts.iter_mut().filter(|text| text.is_empty()) {
            text.push(b'-');
        }
    }

    /// Puts the texts into the line around `place` of what was appended from `start` on.
    fn insert(&mut self, row: &mut Vec<u8>, start: usize, place: usize) {
        let line = line_start(row, start, place);
        self.behind.clear();
        self.behind.extend(row.drain(place..));
        column::pad(row, line, self.margin);
        let behind = self.behind.trim_ascii_end();
        let mut columns = self.fields.iter().zip(&self.texts).peekable();
        let mut blanks: &[u8] = b" ";
        while let Some((field, text)) = columns.next_if(|(field, _)| field.width > 0) {
            row.extend_from_slice(blanks);
            blanks = b"  ";
            if field.is_right() {
                column::right(row, text, field.width);
            } else if columns.peek().is_none() && behind.is_empty() {
                row.extend_from_slice(text);
            } else {
                column::left(row, text, field.width);
            }
        }
        if !behind.is_empty() {
            row.extend_from_slice(behind);
            blanks = b"  ";
        }
        for (_, text) in columns {
            row.extend_from_slice(blanks);
            row.extend_from_slice(text);
            blanks = b"  ";
        }
        row.push(b'\n');
    }
}

/// Where the line begins that `place` is in, of what was appended from `start` on.
fn line_start(row: &[u8], start: usize, place: usize) -> usize {
    let before = row.get(start..place).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(start, |newline| start + newline + 1)
}

/// Whether a table has a line of column headings, and rows.
fn has_columns(table: Table, query: &Query) -> bool {
    let layout = query.route_layout();
    match table {
        Table::Routes => layout != RouteLayout::TitleOnly,
        Table::RouteCache(CacheHeading::Unreadable) => false,
        Table::RouteCache(CacheHeading::Names(names)) => match layout {
            RouteLayout::TitleOnly => false,
            RouteLayout::Both => names.format().is_some(),
            RouteLayout::Metric | RouteLayout::Tcp => true,
        },
        Table::Interfaces => query.extend == 0,
        _ => true,
    }
}

/// How much wider rows usually are than the headings, whose last column has no width of its own.
fn slack(table: Table, query: &Query) -> usize {
    let layout = query.route_layout();
    let iface = "wlp2s0f0".len() - "Iface".len();
    match table {
        Table::Internet | Table::Unix => usize::from(query.context),
        Table::Interfaces => "ABMRU".len() - "Flg".len(),
        Table::Groups => "---------------------".len() - "Group".len(),
        Table::Ipx if query.extend > 0 => "0123456789".len() - "User".len(),
        Table::Rose => "ESTABLISHED".len() - "state".len(),
        Table::Routes | Table::RouteCache(_) if layout != RouteLayout::Both => iface,
        Table::Ipv6Routes | Table::Ipv6RouteCache => "wlp2s0f0".len() - "If".len(),
        Table::Neighbours if layout == RouteLayout::Tcp => 16 - "State".len(),
        Table::LegacyRoutes(LegacyFamily::Netrom | LegacyFamily::X25) => iface,
        Table::LegacyRoutes(LegacyFamily::Ipx) => 25 - "Router Node".len(),
        _ => 0,
    }
}
