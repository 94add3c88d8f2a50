//! The stage that counts rows by their values in some fields (`--count-by`), and passes the counts on instead of the tables: one table
//! at the end of a pass, or of each network namespace; the largest count first, then in the order of the values.
//!
//! Its memory is that of the counts: of each combination of values once.

use std::collections::HashMap;

use super::key::Key;
use crate::error::Error;
use crate::field::Field;
use crate::query::Query;
use crate::record::count::{KeptValue, RowCount};
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::Shown;

/// Counts rows.
pub struct CountStage<'a, S> {
    query: &'a Query,
    shown: Shown,
    /// The counts by the texts of their values, each behind its length.
    counts: HashMap<Box<[u8]>, Counted>,
    /// The text of the row at hand for each field. A value has a byte before its text, which tells it from none.
    texts: Vec<Vec<u8>>,
    /// Those texts in one.
    combination: Vec<u8>,
    /// A table has begun.
    begun: bool,
    sink: S,
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
            texts: vec![Vec::new(); query.criteria.count_by.len()],
            combination: Vec::new(),
            begun: false,
            sink,
        }
    }

    /// Counts a row. Nothing is allocated for one that others were like before.
    fn count(&mut self, fields: &dyn Fields) {
        let CountStage {
            query,
            shown,
            texts,
            ..
        } = self;
        let count_by = &query.criteria.count_by;
        for text in &mut *texts {
            text.clear();
        }
        fields.fields(query, &mut |name, value| {
            for (text, _) in texts
                .iter_mut()
                .zip(count_by)
                .filter(|(_, field)| field.name == name)
            {
                text.push(b'=');
                if !shown.append(text, value, query) {
                    text.clear();
                }
            }
        });
        self.combination.clear();
        for text in &self.texts {
            self.combination
                .extend_from_slice(&text.len().to_ne_bytes());
            self.combination.extend_from_slice(text);
        }
        match self.counts.get_mut(self.combination.as_slice()) {
            Some(counted) => counted.count.rows += 1,
            None => {
                let counted = self.first(fields);
                self.counts
                    .insert(self.combination.as_slice().into(), counted);
            }
        }
    }

    /// The count of the first row of its kind.
    fn first(&self, fields: &dyn Fields) -> Counted {
        let count_by = &self.query.criteria.count_by;
        let names: Vec<&'static str> = count_by.iter().map(|field| field.name).collect();
        let none = |field: &&'static Field| (field.name, KeptValue::Null);
        let mut values: Vec<_> = count_by.iter().map(none).collect();
        fields.fields(self.query, &mut |name, value| {
            for (_, kept) in values.iter_mut().filter(|(named, _)| *named == name) {
                *kept = self.keep(value);
            }
        });
        Counted {
            count: RowCount { rows: 1, values },
            keys: Key::of_fields(&names, fields, &self.shown, self.query),
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
                self.count(fields);
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
