//! Counters of the statistics, and the tables they are in.

use std::borrow::Cow;
use std::time::Duration;

use super::rate;
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
    /// The time in which `value` was counted, if that is not all time: it is shown by the second then.
    pub time: Option<Duration>,
}

impl Statistic<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Statistic<'static> {
        match self {
            Statistic::Title(table) => Statistic::Title(table.to_static()),
            Statistic::Counter(counter) => Statistic::Counter(counter.to_static()),
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

/// What a value says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CounterKind {
    /// How often something has happened, or how much has passed, since the network namespace was made: it only grows.
    Counter,
    /// How things are at the moment, or a setting.
    Gauge,
}

impl CounterKind {
    /// The word for it that monitoring uses.
    pub fn name(self) -> &'static str {
        match self {
            CounterKind::Counter => "counter",
            CounterKind::Gauge => "gauge",
        }
    }
}

/// Table and name of each value in the kernel's tables of counters that is none: `ipForwarding` and `ipDefaultTTL` (RFC 4293),
/// `tcpRtoAlgorithm` and the others of tcp (RFC 4022), `sctpCurrEstab` (RFC 3873), and MPTCP's, which `net/mptcp/mib.c` counts down, too.
///
/// `Ip ReasmTimeout` is not among them: it is a setting in the RFC, but Linux counts timeouts (`IPSTATS_MIB_REASMTIMEOUT`).
const GAUGES: [(&str, &str); 9] = [
    ("Ip", "Forwarding"),
    ("Ip", "DefaultTTL"),
    ("Tcp", "RtoAlgorithm"),
    ("Tcp", "RtoMin"),
    ("Tcp", "RtoMax"),
    ("Tcp", "MaxConn"),
    ("Tcp", "CurrEstab"),
    ("Sctp", "SctpCurrEstab"),
    ("MPTcpExt", "MPCurrEstab"),
];

impl Counter<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Counter<'static> {
        Counter {
            table: self.table.to_static(),
            name: owned(&self.name),
            ..*self
        }
    }

    /// What its value says.
    pub fn kind(&self) -> CounterKind {
        let is_gauge = GAUGES.iter().any(|(table, name)| {
            *table.as_bytes() == *self.table.title && *name.as_bytes() == *self.name
        });
        if is_gauge {
            CounterKind::Gauge
        } else {
            CounterKind::Counter
        }
    }

    /// Its value, or how many a second, as a whole number.
    pub fn whole(&self) -> u64 {
        rate::whole(self.value, self.time)
    }

    /// Its value, or how many a second. The kernel prints one as a signed number: `MaxConn` of tcp, -1 for no limit.
    pub fn number(&self) -> Value<'static> {
        if self.table.known == Some(KnownTable::Tcp) && *self.name == *b"MaxConn" {
            Value::Signed(self.value.cast_signed())
        } else {
            rate::exact(self.value, self.time)
        }
    }
}

impl Fields for Counter<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("table", Value::Text(&self.table.title));
        visit("counter", Value::Text(&self.name));
        visit("value", self.number());
        visit("type", Value::Word(self.kind().name()));
        visit("description", Value::Sentence(self));
        visit("meaning", Value::Meaning(self));
        if query.per_second {
            visit("interval_seconds", rate::interval(self.time));
        }
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
