//! The stage that lets one report through, and then only what differs from it (`--changes`), or only what differs from one that was kept
//! (`--since`).
//!
//! It keeps each row as it was seen last; that is all the memory it needs. Rows that are the same are found by a number that is made of
//! what tells them apart ([`identity`]).
//!
//! Of tcp and udp sockets the kernel also tells the end, some moments after it. So a socket that is not in a report any more waits for
//! that word up to [`GRACE`], and is not said to be gone before: its last figures would be lost. What a table has of a connection whose end
//! was told (TIME_WAIT, FIN_WAIT2) is none of its own. None is said to be gone twice.

mod identity;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use crate::error::{Error, Warning};
use crate::query::Query;
use crate::record::change::{Change, ChangeKind, Event, Source};
use crate::record::inet::InetSocket;
use crate::record::namespace::{self, Namespace};
use crate::record::{Fields, Message, Record, Sink, Table};
use crate::shown::Shown;
use identity::{Identity, Likeness, Traits};

/// So long the kernel may take to tell that a socket has closed.
pub const GRACE: Duration = Duration::from_millis(250);

/// If it takes longer, what it tells so late is still known to be told of already.
const LATEST: Duration = Duration::from_secs(30);

/// Compares reports.
pub struct ChangesStage<'a, S> {
    query: &'a Query,
    identity: Identity<'a>,
    /// The rows by their numbers.
    known: HashMap<u64, Vec<Known>>,
    /// The number of the report at hand, from 1: the first may be one that was kept.
    report: u64,
    /// How many rows have been met.
    met: u64,
    /// The kernel tells of sockets that close.
    watched: bool,
    table: Table,
    /// The network namespace at hand under `--all-netns`, and the one that was named last.
    namespace: Place,
    named: Place,
    /// The messages of the last report, which are not repeated, and of this one.
    said: HashSet<Vec<u8>>,
    saying: HashSet<Vec<u8>>,
    /// A change was passed on.
    differs: Rc<Cell<bool>>,
    /// The clock by which the kernel is waited for.
    now: fn() -> Instant,
    sink: S,
}

/// A network namespace, with what tells it from others.
type Place = Option<Rc<(namespace::Identity, Namespace)>>;

/// A row.
struct Known {
    record: Record<'static>,
    traits: Traits,
    table: Table,
    namespace: Place,
    /// Its place among all.
    place: u64,
    /// The last report that had it.
    report: u64,
    standing: Standing,
}

/// What was said of a row.
enum Standing {
    /// That it is there.
    There,
    /// Likewise, but the kernel has told that a socket without another end has closed that is just like it. If the next report has
    /// another in its place, that is no change.
    Closed,
    /// That it is there; it has not been seen since, or only what is left of it (`now`). The word of the kernel is waited for.
    Due {
        since: Instant,
        now: Option<Box<(Record<'static>, Traits)>>,
    },
    /// Nothing yet: it may be what is left of a connection of whose end the kernel will tell.
    Unsaid { since: Instant },
    /// That it is gone, as the kernel has told; what is left of it may be in the table for a while.
    Remnant,
    /// That it is gone, as the kernel has not told yet. If it does, that is not said again.
    Untold { since: Instant },
}

/// A change that is to be passed on.
struct Found {
    place: u64,
    namespace: Place,
    change: Change<'static>,
}

impl<'a, S: Sink> ChangesStage<'a, S> {
    /// Passes changes on to `sink`, and the first report if it is not one that was kept. `query` says what reports have, `shown` what
    /// values look like. `differs` becomes true with the first change.
    pub fn new(query: &'a Query, shown: Shown, differs: Rc<Cell<bool>>, sink: S) -> Self {
        ChangesStage {
            query,
            identity: Identity::new(query, shown),
            known: HashMap::new(),
            report: 0,
            met: 0,
            watched: false,
            table: Table::Internet,
            namespace: None,
            named: None,
            said: HashSet::new(),
            saying: HashSet::new(),
            differs,
            now: Instant::now,
            sink,
        }
    }

    /// Whether the report at hand is what later ones are compared with.
    fn is_first(&self) -> bool {
        self.report <= 1
    }

    /// Whether the report at hand is passed on.
    fn passes_on(&self) -> bool {
        self.is_first() && self.query.since.is_none()
    }

    /// What tells a row of the table at hand from others.
    fn traits_of(&mut self, row: &dyn Fields) -> (u64, Traits) {
        let namespace = self.namespace.as_ref().map(|place| &place.0);
        self.identity.of((namespace, self.table), row)
    }

    /// A row of the report at hand.
    fn row(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let Some(fields) = record.fields() else {
            return Ok(());
        };
        let (number, traits) = self.traits_of(fields);
        let report = self.report;
        let now = (self.now)();
        let alike = self.known.get_mut(&number).and_then(|known| {
            let unmet = known.iter_mut().filter(|known| known.report != report);
            let likely = unmet.filter_map(|known| Some((known.likeness(&traits)?, known)));
            likely.max_by_key(|(likeness, _)| *likeness)
        });
        if let Some((_, known)) = alike {
            known.namespace.clone_from(&self.namespace);
            known.report = report;
            let old_state = known.meet(record, traits, self.watched, now);
            if old_state.is_some() {
                let change = self.change(ChangeKind::State, record.to_static());
                let change = Change {
                    old_state,
                    ..change
                };
                self.pass_on(self.namespace.clone(), change)?;
            }
            return Ok(());
        }
        let standing = match self.watched && !self.is_first() && traits.is_remnant() {
            true => Standing::Unsaid { since: now },
            false => Standing::There,
        };
        let is_said = matches!(standing, Standing::There) && !self.is_first();
        self.keep(number, record.to_static(), traits, standing);
        if is_said {
            let change = self.change(ChangeKind::New, record.to_static());
            self.pass_on(self.namespace.clone(), change)?;
        }
        Ok(())
    }

    /// Keeps a row that was not there before.
    fn keep(&mut self, number: u64, record: Record<'static>, traits: Traits, standing: Standing) {
        self.met += 1;
        // Most have a number of their own.
        let alike = self
            .known
            .entry(number)
            .or_insert_with(|| Vec::with_capacity(1));
        alike.push(Known {
            record,
            traits,
            table: self.table,
            namespace: self.namespace.clone(),
            place: self.met,
            report: self.report,
            standing,
        });
    }

    /// A change of a row of the table at hand.
    fn change(&self, kind: ChangeKind, record: Record<'static>) -> Change<'static> {
        Change {
            time: SystemTime::now(),
            kind,
            table: self.table,
            record,
            old_state: None,
            source: Source::Reports,
        }
    }

    /// Passes a change on, behind what is known of its network namespace if that is not what was said last.
    fn pass_on(&mut self, place: Place, change: Change<'_>) -> Result<(), Error> {
        if self.named != place
            && let Some(place) = &place
        {
            self.sink.begin_namespace(&place.1)?;
        }
        self.named = place;
        self.differs.set(true);
        self.sink.record(&Record::Change(Box::new(change)))
    }

    /// Says what is left to say of rows: of those that this report does not have, if it is `complete`, and of those of which the kernel
    /// has not told within [`GRACE`].
    fn settle(&mut self, complete: bool) -> Result<(), Error> {
        let (now, time) = ((self.now)(), SystemTime::now());
        let mut found = Vec::new();
        for alike in self.known.values_mut() {
            alike.retain_mut(|known| {
                let is_met = !complete || known.report == self.report;
                let said = known.settle(is_met, self.watched, now);
                let mut say = |kind, record: &Record<'_>, old_state| {
                    found.push(Found {
                        place: known.place,
                        namespace: known.namespace.clone(),
                        change: Change {
                            time,
                            kind,
                            table: known.table,
                            record: record.to_static(),
                            old_state,
                            source: Source::Reports,
                        },
                    });
                };
                match said {
                    Said::Nothing => true,
                    Said::Forgotten => false,
                    Said::Gone => {
                        say(ChangeKind::Gone, &known.record, None);
                        matches!(known.standing, Standing::Untold { .. })
                    }
                    Said::New => {
                        say(ChangeKind::New, &known.record, None);
                        true
                    }
                    Said::Changed(old_state) => {
                        say(ChangeKind::State, &known.record, Some(old_state));
                        true
                    }
                }
            });
        }
        self.known.retain(|_, alike| !alike.is_empty());
        found.sort_by_key(|found| found.place);
        for found in found {
            self.pass_on(found.namespace, found.change)?;
        }
        Ok(())
    }

    /// The kernel tells that a socket has closed.
    fn closed(&mut self, socket: &InetSocket, wanted: bool) -> Result<(), Error> {
        self.table = Table::Internet;
        let (number, traits) = self.traits_of(socket);
        let known = self.known.get_mut(&number);
        let alike = known.and_then(|alike| {
            let closing = alike
                .iter_mut()
                .filter_map(|known| Some((known.closing()?, known)));
            closing.max_by_key(|(rank, _)| *rank)
        });
        let mut record = Record::Inet(socket.clone());
        let source = match alike {
            Some((_, known)) if known.is_replaceable() => {
                known.standing = Standing::Closed;
                return Ok(());
            }
            Some((_, known)) if matches!(known.standing, Standing::Untold { .. }) => {
                known.standing = Standing::Remnant;
                return Ok(());
            }
            Some((_, known)) => {
                record = known.record.to_static();
                if let (Record::Inet(known), Some(detail)) = (&mut record, &socket.detail) {
                    known.detail.get_or_insert_default().tcp = detail.tcp.clone();
                }
                known.standing = Standing::Remnant;
                Source::Kernel
            }
            None if wanted => {
                let is_kept = |alike: &Vec<Known>| {
                    let mut standings = alike.iter().map(|known| &known.standing);
                    standings.any(|standing| matches!(standing, Standing::Remnant))
                };
                if traits.is_tcp_connection() && !self.known.get(&number).is_some_and(is_kept) {
                    self.keep(number, record.clone(), traits, Standing::Remnant);
                }
                Source::KernelAlone
            }
            None => return Ok(()),
        };
        let change = self.change(ChangeKind::Gone, record);
        self.pass_on(None, Change { source, ..change })
    }
}

/// What there is to say of a row.
enum Said {
    Nothing,
    /// Nothing, and it need not be kept.
    Forgotten,
    New,
    Gone,
    /// It is in another state; this was the old one.
    Changed(Box<[u8]>),
}

impl Known {
    /// How likely a row is this one; `None` if it is another.
    fn likeness(&self, row: &Traits) -> Option<(Likeness, bool, bool)> {
        let likeness = self.traits.likeness(row)?;
        let is_there = matches!(self.standing, Standing::There);
        let fits = match self.standing {
            Standing::Remnant => row.is_remnant(),
            Standing::Untold { .. } => false,
            _ => true,
        };
        fits.then_some((likeness, self.traits.state == row.state, is_there))
    }

    /// A report has it, and this is what it is now. Returns its old state if it has changed.
    fn meet(
        &mut self,
        record: &Record<'_>,
        traits: Traits,
        watched: bool,
        time: Instant,
    ) -> Option<Box<[u8]>> {
        if let Standing::Remnant = self.standing {
            return None;
        }
        let is_left = watched && traits.is_remnant() && self.traits.is_told();
        let since = match self.standing {
            Standing::Due { since, .. } => since,
            _ => time,
        };
        if is_left && self.traits.state != traits.state {
            let now = Some(Box::new((record.to_static(), traits)));
            self.standing = Standing::Due { since, now };
            return None;
        }
        if !matches!(self.standing, Standing::Unsaid { .. }) {
            self.standing = Standing::There;
        }
        self.record = record.to_static();
        let old = std::mem::replace(&mut self.traits, traits);
        (old.state != self.traits.state).then_some(old.state)
    }

    /// What there is to say of it at the end of a report that has it or not, or some time later.
    fn settle(&mut self, is_met: bool, watched: bool, time: Instant) -> Said {
        let has_passed = |period, since| time.saturating_duration_since(since) >= period;
        let is_late = |since| has_passed(GRACE, since);
        let standing = std::mem::replace(&mut self.standing, Standing::There);
        match standing {
            Standing::There if is_met => Said::Nothing,
            Standing::There if watched && self.traits.is_told() => {
                self.standing = Standing::Due {
                    since: time,
                    now: None,
                };
                Said::Nothing
            }
            Standing::Closed if is_met => {
                self.standing = Standing::Closed;
                Said::Nothing
            }
            Standing::There | Standing::Closed => Said::Gone,
            Standing::Remnant if !is_met => Said::Forgotten,
            Standing::Unsaid { .. } if !is_met => Said::Forgotten,
            Standing::Unsaid { since } if is_late(since) => Said::New,
            Standing::Due { since, now } if is_late(since) => match now {
                Some(now) if is_met => {
                    let (record, traits) = *now;
                    self.record = record;
                    let old = std::mem::replace(&mut self.traits, traits);
                    Said::Changed(old.state)
                }
                _ => {
                    self.standing = Standing::Untold { since: time };
                    Said::Gone
                }
            },
            Standing::Untold { since } if has_passed(LATEST, since) => Said::Forgotten,
            Standing::Due { since, now } => {
                let now = now.filter(|_| is_met);
                self.standing = Standing::Due { since, now };
                Said::Nothing
            }
            Standing::Remnant | Standing::Unsaid { .. } | Standing::Untold { .. } => {
                self.standing = standing;
                Said::Nothing
            }
        }
    }

    /// How likely it is that the kernel tells of this row if it tells that a socket with its ends has closed; `None` if it does not.
    fn closing(&self) -> Option<u8> {
        match &self.standing {
            Standing::Due { now: None, .. } => Some(3),
            Standing::Due { now: Some(_), .. } => Some(2),
            Standing::There => Some(u8::from(self.traits.is_told())),
            Standing::Unsaid { .. } | Standing::Closed => Some(0),
            Standing::Untold { .. } => Some(4),
            Standing::Remnant => None,
        }
    }

    /// Whether another one may come in its place, or in that of one that came so and has closed in its turn.
    fn is_replaceable(&self) -> bool {
        self.traits.listens() && matches!(self.standing, Standing::There | Standing::Closed)
    }
}

impl<S: Sink> Sink for ChangesStage<'_, S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.report += 1;
        self.namespace = None;
        self.said = std::mem::take(&mut self.saying);
        match self.is_first() && !self.passes_on() {
            true => Ok(()),
            false => self.sink.begin_pass(),
        }
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.namespace = Some(Rc::new((namespace.identity(), namespace.clone())));
        if self.passes_on() {
            self.named = self.namespace.clone();
            self.sink.begin_namespace(namespace)?;
        }
        Ok(())
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.table = table;
        if self.passes_on() {
            self.sink.begin(table)?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if self.passes_on() {
            self.sink.record(record)?;
        }
        self.row(record)
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        if !self.said.contains(&message.0) {
            self.sink.message(message)?;
        }
        self.saying.insert(message.0.clone());
        Ok(())
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match *event {
            Event::Watched => {
                self.watched = true;
                Ok(())
            }
            Event::Closed { socket, wanted } => self.closed(socket, wanted),
            Event::Lost => self.sink.message(&Message::from(&Warning::EventsLost)),
            Event::Reported if self.is_first() => Ok(()),
            Event::Reported => self.settle(true),
            Event::Settled => self.settle(false),
        }
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.sink.end_pass()
    }
}

#[cfg(test)]
mod tests;
