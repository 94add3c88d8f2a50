//! The stage that keeps rows until their names are known.
//!
//! Asking for a name opens sockets: to a name server, nscd, sssd or systemd-resolved. A table that is read meanwhile would show them, which
//! the reference never does. So everything from the first record on that shows a name is kept here until the last table of a pass has
//! been read; only then are the questions asked, many at a time, and rows go on in order, each as soon as its names are known. Messages
//! keep their places among the rows.
//!
//! What a record asks is found by visiting its [`Fields`](crate::record::Fields). A record that shows a name not asked for here has it
//! all the same: the format asks, and waits.

use std::collections::VecDeque;

use super::held::Held;
use crate::error::Error;
use crate::names::{Question, SharedResolver};
use crate::query::Query;
use crate::record::change::Event;
use crate::record::namespace::Namespace;
use crate::record::{Message, Record, Sink, Table, Value};

/// So many records ahead of the one that is printed next have their names looked up.
const AHEAD: usize = 4096;

/// Records in a block of the queue. A queue in one piece would have to move, and need twice the space, to grow.
const BLOCK: usize = 256;

/// What is kept, in order.
#[derive(Debug, Default)]
struct Queue {
    blocks: VecDeque<VecDeque<Held>>,
    length: usize,
}

impl Queue {
    fn push(&mut self, held: Held) {
        if self.blocks.back().is_none_or(|block| block.len() == BLOCK) {
            self.blocks.push_back(VecDeque::with_capacity(BLOCK));
        }
        if let Some(block) = self.blocks.back_mut() {
            block.push_back(held);
            self.length += 1;
        }
    }

    fn front(&self) -> Option<&Held> {
        self.blocks.front()?.front()
    }

    fn pop(&mut self) {
        if let Some(block) = self.blocks.front_mut() {
            self.length -= usize::from(block.pop_front().is_some());
            if block.is_empty() {
                self.blocks.pop_front();
            }
        }
    }

    /// The one that `index` others are in front of. All blocks but the first and the last are full.
    fn get(&self, index: usize) -> Option<&Held> {
        let first = self.blocks.front()?;
        match index.checked_sub(first.len()) {
            None => first.get(index),
            Some(beyond) => self.blocks.get(1 + beyond / BLOCK)?.get(beyond % BLOCK),
        }
    }
}

/// Keeps records until their names are known.
pub struct NamesStage<S> {
    query: Query,
    resolver: SharedResolver,
    queue: Queue,
    /// How many at the front of the queue have had their names asked for.
    asked: usize,
    sink: S,
}

impl<S: Sink> NamesStage<S> {
    /// Passes on to `sink`, which takes the names from `resolver`, what `query` asks for.
    pub fn new(query: Query, resolver: SharedResolver, sink: S) -> Self {
        NamesStage {
            query,
            resolver,
            queue: Queue::default(),
            asked: 0,
            sink,
        }
    }

    /// Whether a record shows names.
    fn shows_names(&self, record: &Record<'_>) -> bool {
        let mut shows = false;
        visit_names(record, &self.query, |_| shows = true);
        shows
    }

    /// Passes everything on, in order.
    fn drain(&mut self) -> Result<(), Error> {
        while self.queue.length > 0 {
            self.ask_ahead();
            if self.front_waits() {
                self.resolver.borrow_mut().await_answer();
                continue;
            }
            let Some(held) = self.queue.front() else {
                return Ok(());
            };
            held.lend(&mut self.sink)?;
            self.queue.pop();
            self.asked = self.asked.saturating_sub(1);
        }
        Ok(())
    }

    /// Asks for the names of the next records.
    fn ask_ahead(&mut self) {
        let mut resolver = self.resolver.borrow_mut();
        while self.asked < AHEAD
            && let Some(held) = self.queue.get(self.asked)
        {
            if let Held::Record(record) = held {
                visit_names(record, &self.query, |asked| {
                    if let Asked::Question(question) = asked {
                        resolver.ask_ahead(question);
                    }
                });
            }
            self.asked += 1;
        }
    }

    /// Whether a name of the first record is still under way.
    fn front_waits(&self) -> bool {
        let Some(Held::Record(record)) = self.queue.front() else {
            return false;
        };
        let resolver = self.resolver.borrow();
        let mut waits = false;
        visit_names(record, &self.query, |asked| {
            if let Asked::Question(question) = asked {
                waits |= resolver.is_under_way(question);
            }
        });
        waits
    }

    /// Keeps something behind what is kept already, if anything is.
    fn hold(&mut self, held: impl FnOnce() -> Held) -> bool {
        let holds = self.queue.length > 0;
        if holds {
            self.queue.push(held());
        }
        holds
    }
}

/// A name that a record shows.
enum Asked {
    /// The answer to a question.
    Question(Question),
    /// One of a list that is read once: of services.
    Listed,
}

/// Visits the names that a record shows.
fn visit_names(record: &Record<'_>, query: &Query, mut visit: impl FnMut(Asked)) {
    let Some(fields) = record.fields() else {
        return;
    };
    let wanted = query.wanted_names();
    fields.fields(query, &mut |_, value| match value {
        Value::Name {
            question: Some(question),
            ..
        } if wanted.hosts => visit(Asked::Question(question)),
        Value::Port(Some(_), port) if wanted.ports && port != 0 => visit(Asked::Listed),
        Value::User(uid) if wanted.users => visit(Asked::Question(Question::User(uid))),
        _ => {}
    });
}

impl<S: Sink> Sink for NamesStage<S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.resolver.borrow_mut().begin_pass();
        self.sink.begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        if self.hold(|| Held::Namespace(Box::new(namespace.clone()))) {
            return Ok(());
        }
        self.sink.begin_namespace(namespace)
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        if self.hold(|| Held::Table(table)) {
            return Ok(());
        }
        self.sink.begin(table)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if self.queue.length > 0 || self.shows_names(record) {
            self.queue.push(Held::Record(record.to_static()));
            return Ok(());
        }
        self.sink.record(record)
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        if self.hold(|| Held::Message(message.clone())) {
            return Ok(());
        }
        self.sink.message(message)
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.sink.event(event)
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        let drained = self.drain();
        if drained.is_err() {
            self.queue = Queue::default();
        }
        self.asked = 0;
        let given_up = self.resolver.borrow_mut().take_warning();
        let said = match given_up {
            Some(warning) => self.sink.message(&Message::from(&warning)),
            None => Ok(()),
        };
        let ended = self.sink.end_pass();
        drained.and(said).and(ended)
    }
}
