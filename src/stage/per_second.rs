//! The stage that makes rates of counts (`--per-second`): what interfaces and statistics have counted since the last look, and in which
//! time.
//!
//! The first pass is only a look, of which nothing is seen. A pass is kept until the next network namespace or its end, so that no
//! reader of the output is waited for between the moment that is noted of a table and its reading.
//!
//! What is smaller than before has wrapped, if it had come so far that this is plausible, or begun anew. A count that began anew tells
//! nothing, nor does one that was not there before: how much of it was counted since the last look is not known. Such a counter of the
//! statistics is left out until there are two looks at it; of an interface, none counts if one does not, and its row has no counters.

use std::collections::HashMap;
use std::mem::take;
use std::time::{Duration, Instant};

use super::held::Held;
use crate::error::Error;
use crate::record::counter::{Counter, CounterKind, CounterTable, Statistic};
use crate::record::interface::{COUNTERS, Counters, Interface};
use crate::record::namespace::{Identity, Namespace};
use crate::record::{Message, Record, Sink, Table};

/// The counters of a table by name, and when they were read.
#[derive(Debug)]
struct Reading<C> {
    time: Instant,
    counters: HashMap<Vec<u8>, C>,
}

impl<C> Reading<C> {
    /// One that begins.
    fn now() -> Self {
        Reading {
            time: Instant::now(),
            counters: HashMap::new(),
        }
    }
}

/// What was seen of a network namespace.
#[derive(Debug, Default)]
struct Look {
    /// The interfaces: their numbers and counters.
    interfaces: Option<Reading<(Option<i32>, Counters)>>,
    /// The tables of the statistics, by title.
    tables: HashMap<Vec<u8>, Reading<u64>>,
}

impl Look {
    /// A table of the statistics.
    fn table(&self, title: &[u8]) -> Option<&Reading<u64>> {
        let read = |title: &[u8]| self.tables.get(title);
        // The kernel leaves this one, which follows Icmp, out until there is something in it.
        let empty = || read(b"Icmp").filter(|_| title == b"IcmpMsg");
        read(title).or_else(empty)
    }
}

/// Passes on rates in the place of counts.
pub struct PerSecondStage<S> {
    /// What was seen in the pass before, and in this.
    before: HashMap<Identity, Look>,
    now: HashMap<Identity, Look>,
    /// The network namespace at hand.
    place: Identity,
    /// What is kept of this pass.
    held: Vec<Held>,
    /// The passes so far.
    passes: u64,
    sink: S,
}

impl<S: Sink> PerSecondStage<S> {
    /// Passes on to `sink`.
    pub fn new(sink: S) -> Self {
        PerSecondStage {
            before: HashMap::new(),
            now: HashMap::new(),
            place: Err(Vec::new()),
            held: Vec::new(),
            passes: 0,
            sink,
        }
    }

    /// Whether this pass is one that is seen.
    fn is_report(&self) -> bool {
        self.passes > 1
    }

    /// Passes on what was kept.
    fn drain(&mut self) -> Result<(), Error> {
        let held = take(&mut self.held);
        if self.is_report() {
            for held in held {
                held.lend(&mut self.sink)?;
            }
        }
        Ok(())
    }

    /// A table of the statistics begins, whose file was just read.
    fn begin_table(&mut self, table: &CounterTable<'_>) {
        let tables = &mut self.looks().1.tables;
        tables.insert(table.title.to_vec(), Reading::now());
    }

    /// What was seen in the pass before of the network namespace at hand, and what is seen of it now.
    fn looks(&mut self) -> (Option<&Look>, &mut Look) {
        let now = self.now.entry(self.place.clone()).or_default();
        (self.before.get(&self.place), now)
    }

    /// An interface with what it has counted since the last look.
    fn interface(&mut self, interface: &Interface<'_>) -> Interface<'static> {
        let moved = interface
            .counters
            .and_then(|counters| self.moved(interface, counters));
        Interface {
            counters: moved.map(|(counters, _)| counters),
            time: moved.map(|(_, time)| time),
            ..interface.to_static()
        }
    }

    /// What an interface has counted since the last look, and in which time, if that is known.
    fn moved(&mut self, interface: &Interface<'_>, now: Counters) -> Option<(Counters, Duration)> {
        let (last, look) = self.looks();
        let reading = look.interfaces.as_mut()?;
        let seen = (interface.index, now);
        reading.counters.insert(interface.name.to_vec(), seen);
        let last = last?.interfaces.as_ref()?;
        let (index, before) = last.counters.get(&*interface.name)?;
        let counted = since(*before, now).filter(|_| *index == interface.index)?;
        Some((counted, reading.time.duration_since(last.time)))
    }

    /// A counter of the statistics with what it has counted since the last look, if that is known. What is no count stays as it is.
    fn counter(&mut self, counter: &Counter<'_>) -> Option<Counter<'static>> {
        if counter.kind() == CounterKind::Gauge {
            return Some(counter.to_static());
        }
        let (last, look) = self.looks();
        let reading = look.tables.get_mut(&*counter.table.title)?;
        let name = counter.name.to_vec();
        reading.counters.insert(name, counter.value);
        let last = last?.table(&counter.table.title)?;
        // A counter that a table lacks has counted nothing.
        let before = last.counters.get(&*counter.name).copied().unwrap_or(0);
        Some(Counter {
            value: counted(before, counter.value)?,
            time: Some(reading.time.duration_since(last.time)),
            ..counter.to_static()
        })
    }
}

/// What an interface has counted from one look to the next; `None` if one of its counters began anew.
fn since(mut before: Counters, mut now: Counters) -> Option<Counters> {
    for (_, place) in COUNTERS {
        let now = place(&mut now);
        *now = counted(*place(&mut before), *now)?;
    }
    Some(now)
}

/// What was counted from one look to the next; `None` if the counter began anew.
///
/// The kernel's counters have 64 bits, but for those of statistics on 32-bit machines and of some drivers. One that wrapped has been in
/// the upper half of what its bits can hold, and has not come half way round.
fn counted(before: u64, now: u64) -> Option<u64> {
    let counted = now.wrapping_sub(before);
    if now >= before {
        return Some(counted);
    }
    match u32::try_from(before) {
        Ok(before) => {
            // `now` is smaller.
            let counted = counted & u64::from(u32::MAX);
            (before > u32::MAX / 2 && counted <= u64::from(u32::MAX / 2)).then_some(counted)
        }
        Err(_) => (before > u64::MAX / 2 && counted <= u64::MAX / 2).then_some(counted),
    }
}

impl<S: Sink> Sink for PerSecondStage<S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.passes += 1;
        self.before = take(&mut self.now);
        self.place = Err(Vec::new());
        self.held.clear();
        if self.is_report() {
            self.sink.begin_pass()?;
        }
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.drain()?;
        self.place = namespace.identity();
        self.held.push(Held::Namespace(Box::new(namespace.clone())));
        Ok(())
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        if table == Table::Interfaces {
            // They are read next.
            self.looks().1.interfaces = Some(Reading::now());
        }
        self.held.push(Held::Table(table));
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let record = match record {
            Record::Interface(interface) => Record::Interface(Box::new(self.interface(interface))),
            Record::Statistic(Statistic::Counter(counter)) => match self.counter(counter) {
                Some(counter) => Record::Statistic(Statistic::Counter(counter)),
                None => return Ok(()),
            },
            Record::Statistic(Statistic::Title(table)) => {
                self.begin_table(table);
                record.to_static()
            }
            _ => record.to_static(),
        };
        self.held.push(Held::Record(record));
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.held.push(Held::Message(message.clone()));
        Ok(())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        let drained = self.drain();
        if !self.is_report() {
            return drained;
        }
        let ended = self.sink.end_pass();
        drained.and(ended)
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;
    use crate::stage::tests::Recorder;

    #[test]
    fn what_wrapped_is_told_from_what_began_anew() {
        const SMALL: u64 = u32::MAX as u64;
        for (before, now, expected) in [
            (0, 0, Some(0)),
            (5, 7, Some(2)),
            (0, u64::MAX, Some(u64::MAX)),
            // 32 bits.
            (SMALL, 0, Some(1)),
            (SMALL - 9, 10, Some(20)),
            (SMALL / 2 + 1, 0, None),
            (SMALL / 2 + 2, 0, Some(SMALL / 2)),
            (SMALL, SMALL - 1, None),
            (SMALL / 2, 0, None),
            (1, 0, None),
            // 64 bits.
            (u64::MAX, 0, Some(1)),
            (u64::MAX - 9, 10, Some(20)),
            (u64::MAX, u64::MAX - 1, None),
            (SMALL + 1, 0, None),
            (u64::MAX / 2, 0, None),
        ] {
            assert_eq!(counted(before, now), expected, "{before} {now}");
        }
    }

    /// Counters from a number on, no two the same.
    fn counters(first: u64) -> Counters {
        let mut counters = Counters::default();
        for (value, (_, place)) in (first..).zip(COUNTERS) {
            *place(&mut counters) = value;
        }
        counters
    }

    #[test]
    fn an_interface_began_anew_if_any_of_its_counters_did() {
        let (before, after) = (counters(100), counters(107));
        let mut difference = since(before, after).unwrap();
        for (name, place) in COUNTERS {
            assert_eq!(*place(&mut difference), 7, "{name}");
            let mut after = after;
            *place(&mut after) = 0;
            assert_eq!(since(before, after), None, "{name}");
        }
        let wrapped = Counters {
            rx_bytes: 2,
            ..after
        };
        let before = Counters {
            rx_bytes: u32::MAX.into(),
            ..before
        };
        assert_eq!(since(before, wrapped).unwrap().rx_bytes, 3);
    }

    fn interface(index: i32, more: u64) -> Interface<'static> {
        Interface {
            name: b"eth0".into(),
            flags: None,
            mtu: Some(1500),
            counters: Some(counters(more)),
            time: None,
            index: Some(index),
            details: None,
            inet_addresses: None,
        }
    }

    /// What two interfaces of one name, one after the other, have counted between.
    fn interfaces(before: Interface<'_>, after: Interface<'_>) -> Option<(u64, Duration)> {
        let mut stage = PerSecondStage::new(Recorder::default());
        let mut look = |interface| {
            stage.begin_pass().unwrap();
            stage.begin(Table::Interfaces).unwrap();
            sleep(Duration::from_millis(2));
            let rates = stage.interface(&interface);
            stage.end_pass().unwrap();
            rates
        };
        let first = look(before);
        assert_eq!(
            (first.counters, first.time, first.mtu),
            (None, None, Some(1500))
        );
        let rates = look(after);
        Some((rates.counters?.rx_packets, rates.time?))
    }

    #[test]
    fn interfaces_have_rates_from_their_second_look_on() {
        let (packets, time) = interfaces(interface(2, 100), interface(2, 107)).unwrap();
        assert_eq!(packets, 7);
        assert!(time >= Duration::from_millis(2));
        // Another of the same name, with as much or less.
        assert_eq!(interfaces(interface(2, 100), interface(3, 107)), None);
        assert_eq!(interfaces(interface(2, 100), interface(2, 99)), None);
        let other = Interface {
            name: b"eth1".into(),
            ..interface(2, 107)
        };
        assert_eq!(interfaces(interface(2, 100), other), None);
        // An alias.
        let alias = || Interface {
            counters: None,
            ..interface(2, 0)
        };
        assert_eq!(interfaces(alias(), alias()), None);
    }

    /// What is seen of counters, each `TITLE NAME VALUE`, in the last of several looks: `NAME=COUNTED`, and `NAME:VALUE` of what is no count.
    fn statistics(looks: &[&[&str]]) -> String {
        let mut stage = PerSecondStage::new(Recorder::default());
        let mut seen = Vec::new();
        for look in looks {
            seen.clear();
            stage.begin_pass().unwrap();
            let mut last = "";
            for words in *look {
                let words: Vec<&str> = words.split(' ').collect();
                let [title, name, value] = words[..] else {
                    panic!("{words:?}");
                };
                let table = CounterTable {
                    title: title.as_bytes().into(),
                    known: None,
                    shown: true,
                };
                if title != last {
                    stage.begin_table(&table);
                    last = title;
                }
                let rate = stage.counter(&Counter {
                    table,
                    name: name.as_bytes().into(),
                    value: value.parse().unwrap(),
                    time: None,
                });
                seen.extend(rate.map(|rate| {
                    let sign = if rate.time.is_some() { '=' } else { ':' };
                    format!("{name}{sign}{}", rate.value)
                }));
            }
            stage.end_pass().unwrap();
        }
        seen.join(" ")
    }

    #[test]
    fn counters_have_rates_from_their_second_look_on() {
        let first: &[&str] = &["Udp A 5", "Tcp CurrEstab 3", "Tcp A 10"];
        assert_eq!(statistics(&[first]), "CurrEstab:3");
        let second: &[&str] = &["Udp A 7", "Tcp CurrEstab 2", "Tcp A 10"];
        assert_eq!(statistics(&[first, second]), "A=2 CurrEstab:2 A=0");
        // Since the last look, not the first.
        assert_eq!(statistics(&[first, second, &["Udp A 8", "Tcp A 9"]]), "A=1");
        assert_eq!(statistics(&[first, &[], second]), "CurrEstab:2");
        assert_eq!(statistics(&[first, &["Udp B 4", "Ip A 4"]]), "B=4");
    }

    #[test]
    fn what_the_kernel_leaves_out_while_it_is_zero_was_zero() {
        let second: &[&str] = &["Icmp InMsgs 9", "IcmpMsg InType8 4"];
        assert_eq!(
            statistics(&[&["Icmp InMsgs 5"], second]),
            "InMsgs=4 InType8=4"
        );
        assert_eq!(statistics(&[&["Udp A 5"], second]), "");
        let third: &[&str] = &["Icmp InMsgs 9", "IcmpMsg InType8 6", "IcmpMsg OutType0 1"];
        assert_eq!(
            statistics(&[second, third]),
            "InMsgs=0 InType8=2 OutType0=1"
        );
    }

    #[test]
    fn nothing_is_seen_of_the_first_look_and_messages_keep_their_places() {
        let seen = Recorder::default();
        let mut stage = PerSecondStage::new(seen.clone());
        let lend = |stage: &mut dyn Sink| {
            stage.begin_pass().unwrap();
            for inode in [1, 2] {
                let namespace = Namespace {
                    inode: Some(inode),
                    ..Namespace::default()
                };
                stage.begin_namespace(&namespace).unwrap();
                stage.begin(Table::Interfaces).unwrap();
                stage.message(&Message(b"message".to_vec())).unwrap();
                let record = Record::Interface(Box::new(interface(2, inode)));
                stage.record(&record).unwrap();
            }
            stage.end_pass().unwrap();
        };
        lend(&mut stage);
        assert!(seen.0.take().is_empty());
        lend(&mut stage);
        let seen = seen.0.take();
        let of = |inode| {
            [
                format!("namespace {inode}"),
                "Interfaces".to_owned(),
                "message".to_owned(),
            ]
        };
        assert_eq!((&seen[0], &seen[1..4]), (&"pass".to_owned(), &of(1)[..]));
        assert!(seen[4].starts_with("eth0 mtu=1500"));
        assert_eq!((&seen[5..8], seen.len()), (&of(2)[..], 10));
        assert_eq!(seen[9], "end");
    }
}
