//! Counters of the statistics, and the tables they are in.

use std::borrow::Cow;

use super::{Fields, Value, Visitor, owned};
use crate::query::Query;

/// What one line of output is made of: a title or a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statistic<'a> {
    /// A table starts. Tables that are not shown start too, but none of their counters follow.
    Title(CounterTable<'a>),
    /// A counter of the table that started last.
    Counter(Counter<'a>),
}

/// A table of counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CounterTable<'a> {
    /// What the kernel calls it, as it stands in the file; for `snmp6`, the beginning of its counters' names.
    pub title: Cow<'a, [u8]>,
    /// Which of the tables with known counters this is, if it is one.
    pub known: Option<KnownTable>,
    /// Whether it is asked for; tables that are not known always are.
    pub shown: bool,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter<'a> {
    /// The table it is in.
    pub table: CounterTable<'a>,
    /// What the kernel calls it, as it stands in the file.
    pub name: Cow<'a, [u8]>,
    /// Its value. Negative ones (`Tcp MaxConn` is -1) are taken modulo 2^64, and what does not fit is 2^64-1, as in the
    /// reference.
    pub value: u64,
}

impl Statistic<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Statistic<'static> {
        match self {
            Statistic::Title(table) => Statistic::Title(table.to_static()),
            Statistic::Counter(counter) => Statistic::Counter(Counter {
                table: counter.table.to_static(),
                name: owned(&counter.name),
                ..*counter
            }),
        }
    }
}

impl CounterTable<'_> {
    fn to_static(&self) -> CounterTable<'static> {
        CounterTable {
            title: owned(&self.title),
            ..*self
        }
    }
}

impl Fields for Counter<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("table", Value::Text(&self.table.title));
        visit("counter", Value::Text(&self.name));
        // The one counter that the kernel prints as a signed number: -1, for no limit.
        let signed = self.table.known == Some(KnownTable::Tcp) && *self.name == *b"MaxConn";
        visit(
            "value",
            if signed {
                Value::Signed(self.value.cast_signed())
            } else {
                Value::Unsigned(self.value)
            },
        );
        visit("description", Value::Sentence(self));
        visit("kind", Value::Word("statistic"));
    }
}

/// The tables whose counters are known, by their titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the kernel's own title")]
pub enum KnownTable {
    Ip,
    Icmp,
    Tcp,
    Udp,
    TcpExt,
    Sctp,
    Ip6,
    Icmp6,
    Tcp6,
    Udp6,
}
