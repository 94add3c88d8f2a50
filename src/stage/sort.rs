//! The stage that sorts the rows of each table (`--sort`).
//!
//! It holds the rows of one table; what they take is all the memory it needs. Rows that are alike keep their order. Messages go on at
//! once, as stderr is never waited for; what stands among the rows and is none, such as a complaint, comes behind them.

use std::cmp::Ordering;

use super::key::Key;
use crate::error::Error;
use crate::query::Query;
use crate::record::namespace::Namespace;
use crate::record::{Message, Record, Sink, Table};
use crate::shown::Shown;

/// Sorts the rows of each table.
pub struct SortStage<'a, S> {
    query: &'a Query,
    shown: Shown,
    /// The names of the fields that rows are sorted by.
    names: Vec<&'static str>,
    /// The rows of the table at hand with their keys.
    rows: Vec<(Box<[Key]>, Record<'static>)>,
    sink: S,
}

impl<'a, S: Sink> SortStage<'a, S> {
    /// Sorts by what `query` says, and passes on to `sink`.
    pub fn new(query: &'a Query, shown: Shown, sink: S) -> Self {
        let sort = query.criteria.sort.iter();
        SortStage {
            query,
            shown,
            names: sort.map(|sort| &*sort.field.name).collect(),
            rows: Vec::new(),
            sink,
        }
    }

    fn compare(&self, one: &[Key], other: &[Key]) -> Ordering {
        let keys = one.iter().zip(other).zip(&self.query.criteria.sort);
        let mut orders = keys.map(|((one, other), sort)| match (one, other) {
            // What is none comes last in either direction.
            (Key::None, _) | (_, Key::None) => one.cmp(other),
            _ if sort.descending => other.cmp(one),
            _ => one.cmp(other),
        });
        orders
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Passes the rows on.
    fn drain(&mut self) -> Result<(), Error> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by(|(one, _), (other, _)| self.compare(one, other));
        for (_, record) in rows {
            self.sink.record(&record)?;
        }
        Ok(())
    }
}

impl<S: Sink> Sink for SortStage<'_, S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.drain()?;
        self.sink.begin_namespace(namespace)
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.drain()?;
        self.sink.begin(table)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        // Changes are shown as they come.
        if let Record::Change(_) = record {
            return self.sink.record(record);
        }
        let keys = match record.fields() {
            Some(fields) => Key::of_fields(&self.names, fields, &self.shown, self.query),
            None => self.names.iter().map(|_| Key::None).collect(),
        };
        self.rows.push((keys, record.to_static()));
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.sink.message(message)
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        let drained = self.drain();
        let ended = self.sink.end_pass();
        drained.and(ended)
    }
}
