//! The stage that counts rows by their values in some fields (`--count-by`), and passes the counts on instead of the tables: one table
//! at the end of a pass, or of each network namespace unless rows are counted by that; the largest count first, then in the order of the values.
//!
//! Its memory is that of the counts: of each combination of values once.

use std::collections::HashMap;

use super::key::Key;
use crate::error::Error;
use crate::field::When;
use crate::query::Query;
use crate::record::count::{KeptValue, RowCount};
use crate::record::namespace::{Namespace, Within};
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::Shown;

/// Counts rows.
pub struct CountStage<'a, S> {
    query: &'a Query,
    shown: Shown,
    /// The counts by the texts of their values, each behind its length.
    counts: HashMap<Box<[u8]>, Counted>,
    /// The fields that rows are counted by.
    fields: Vec<Counting>,
    /// Those texts in one.
    combination: Vec<u8>,
    /// A table has begun.
    begun: bool,
    /// What the rows are of, if they are counted by that.
    namespace: Option<Namespace>,
    sink: S,
}

/// A field that rows are counted by.
struct Counting {
    name: &'static str,
    /// What the row at hand has there: a byte that tells a value from none, and its text.
    text: Vec<u8>,
}

/// A count, and what it is sorted by.
struct Counted {
    count: RowCount,
    keys: Box<[Key]>,
}

impl<'a, S: Sink> CountStage<'a, S> {
    /// Counts what `query` says, and passes on to `sink`.
    pub fn new(query: &'a Query, shown: Shown, sink: S) -> Self {
        CountStage {
            query,
            shown,
            counts: HashMap::new(),
            fields: (query.criteria.count_by.iter())
                .map(|field| Counting {
                    name: &field.name,
                    text: Vec::new(),
                })
                .collect(),
            combination: Vec::new(),
            begun: false,
            namespace: None,
            sink,
        }
    }

    /// Counts a row. Nothing is allocated for one that others were like before.
    fn count(&mut self, record: &dyn Fields) {
        let CountStage {
            query,
            shown,
            fields,
            combination,
            ..
        } = self;
        for field in &mut *fields {
            field.text.clear();
        }
        record.fields(query, &mut |name, value| {
            for field in &mut *fields {
                if field.name == name {
                    field.text.push(b'=');
                    if !shown.append(&mut field.text, value, query) {
                        field.text.clear();
                    }
                }
            }
        });
        combination.clear();
        for field in &*fields {
            combination.extend_from_slice(&field.text.len().to_ne_bytes());
            combination.extend_from_slice(&field.text);
        }
        match self.counts.get_mut(self.combination.as_slice()) {
            Some(counted) => counted.count.rows += 1,
            None => {
                let counted = self.first(record);
                let combination = self.combination.as_slice().into();
                self.counts.insert(combination, counted);
            }
        }
    }

    /// The count of the first row of its kind.
    fn first(&self, record: &dyn Fields) -> Counted {
        let names: Vec<&'static str> = self.fields.iter().map(|field| field.name).collect();
        let none = |&name: &&'static str| (name, KeptValue::Null);
        let mut values: Vec<_> = names.iter().map(none).collect();
        record.fields(self.query, &mut |name, value| {
            for (_, kept) in values.iter_mut().filter(|(named, _)| *named == name) {
                *kept = self.keep(value);
            }
        });
        Counted {
            count: RowCount { rows: 1, values },
            keys: Key::of_fields(&names, record, &self.shown, self.query),
        }
    }

    fn keep(&self, value: Value<'_>) -> KeptValue {
        KeptValue::new(value).unwrap_or_else(|| {
            let mut text = Vec::new();
            if self.shown.append(&mut text, value, self.query) {
                KeptValue::Text(text.into())
            } else {
                KeptValue::Null
            }
        })
    }

    /// Passes the counts on, if there was a table whose rows they are of.
    fn drain(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.begun) {
            return Ok(());
        }
        let mut counts: Vec<_> = std::mem::take(&mut self.counts).into_iter().collect();
        counts.sort_by(|(text, counted), (other_text, other)| {
            let by_size = other.count.rows.cmp(&counted.count.rows);
            let by_values = || counted.keys.cmp(&other.keys);
            // Names of one number.
            by_size
                .then_with(by_values)
                .then_with(|| text.cmp(other_text))
        });
        self.sink.begin(Table::Counts)?;
        for (_, counted) in counts {
            self.sink.record(&Record::RowCount(counted.count))?;
        }
        Ok(())
    }
}

impl<S: Sink> Sink for CountStage<'_, S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        let counted_by = &self.query.criteria.count_by;
        if (counted_by.iter()).any(|field| field.when == When::AllNamespaces) {
            self.namespace = Some(namespace.clone());
            return Ok(());
        }
        self.drain()?;
        self.sink.begin_namespace(namespace)
    }

    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        self.begun = true;
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        match record.fields() {
            Some(fields) => {
                let namespace = self.namespace.take();
                self.count(&Within {
                    record: fields,
                    namespace: namespace.as_ref(),
                });
                self.namespace = namespace;
                Ok(())
            }
            // A complaint among the rows.
            None => self.sink.record(record),
        }
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
