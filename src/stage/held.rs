//! What a stage keeps until it knows enough to pass it on.

use crate::error::Error;
use crate::record::namespace::Namespace;
use crate::record::{Message, Record, Sink, Table};

/// Something that is kept.
#[derive(Debug)]
pub enum Held {
    /// A network namespace that begins.
    Namespace(Box<Namespace>),
    /// A table that begins.
    Table(Table),
    /// A row.
    Record(Record<'static>),
    /// A message, in its place among the rows.
    Message(Message),
}

impl Held {
    /// Lends it to a sink as it came.
    ///
    /// # Errors
    /// What the sink said.
    pub fn lend(&self, sink: &mut dyn Sink) -> Result<(), Error> {
        match self {
            Held::Namespace(namespace) => sink.begin_namespace(namespace),
            Held::Table(table) => sink.begin(*table),
            Held::Record(record) => sink.record(record),
            Held::Message(message) => sink.message(message),
        }
    }
}
