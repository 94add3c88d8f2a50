//! Counts of rows that have the same values in some fields.

use std::net::IpAddr;

use super::{Fields, Value, Visitor};
use crate::names::{Question, ServiceList};
use crate::query::Query;

/// How many rows have these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCount {
    /// How many.
    pub rows: u64,
    /// The fields that they are counted by, in the order in which they were named, and the value that all these rows have in each.
    pub values: Vec<(&'static str, KeptValue)>,
}

/// A value that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is that of `Value`")]
pub enum KeptValue {
    Null,
    Unsigned(u64),
    Signed(i64),
    Ticks(u64),
    Hundredths(u64),
    Microseconds(u64),
    Address(IpAddr),
    Name {
        address: IpAddr,
        question: Option<Question>,
        word: Option<&'static str>,
    },
    Port(Option<ServiceList>, u16),
    User(u32),
    /// Also what stands for a value of any other kind.
    Text(Box<[u8]>),
}

impl KeptValue {
    /// What can be kept of a value as it is; `None` if only its text can be.
    pub fn new(value: Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Null => KeptValue::Null,
            Value::Unsigned(number) => KeptValue::Unsigned(number),
            Value::Signed(number) => KeptValue::Signed(number),
            Value::Ticks(time) => KeptValue::Ticks(time),
            Value::Hundredths(time) => KeptValue::Hundredths(time),
            Value::Microseconds(time) => KeptValue::Microseconds(time),
            Value::Address(address) => KeptValue::Address(address),
            Value::Name {
                address,
                question,
                word,
            } => KeptValue::Name {
                address,
                question,
                word,
            },
            Value::Port(list, port) => KeptValue::Port(list, port),
            Value::User(uid) => KeptValue::User(uid),
            _ => return None,
        })
    }

    /// The value.
    pub fn value(&self) -> Value<'_> {
        match *self {
            KeptValue::Null => Value::Null,
            KeptValue::Unsigned(number) => Value::Unsigned(number),
            KeptValue::Signed(number) => Value::Signed(number),
            KeptValue::Ticks(time) => Value::Ticks(time),
            KeptValue::Hundredths(time) => Value::Hundredths(time),
            KeptValue::Microseconds(time) => Value::Microseconds(time),
            KeptValue::Address(address) => Value::Address(address),
            KeptValue::Name {
                address,
                question,
                word,
            } => Value::Name {
                address,
                question,
                word,
            },
            KeptValue::Port(list, port) => Value::Port(list, port),
            KeptValue::User(uid) => Value::User(uid),
            KeptValue::Text(ref text) => Value::Text(text),
        }
    }
}

impl Fields for RowCount {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("count", Value::Unsigned(self.rows));
        for (name, value) in &self.values {
            visit(name, value.value());
        }
        visit("kind", Value::Word("count"));
    }
}
