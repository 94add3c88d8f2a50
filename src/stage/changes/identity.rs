//! Which row of one report is which row of another.
//!
//! What tells rows apart are those of their fields that [`Part::Identity`] marks. Sockets have more: a connection is also told by its
//! inode, what listens by its program, if programs are known, so that a service that is started anew is the same.

use std::hash::{BuildHasher, RandomState};

use crate::field::{self, Kind, Part};
use crate::query::Query;
use crate::record::{Fields, Table, Value, namespace};
use crate::shown::{self, Shown};

/// Tells rows apart.
pub struct Identity<'a> {
    query: &'a Query,
    shown: Shown,
    hasher: RandomState,
    /// The table at hand, and its fields that count.
    table: Option<Table>,
    parts: Vec<(&'static str, Part)>,
    /// The values of the row at hand that tell it from others.
    text: Vec<u8>,
}

/// What else there is to know of a row to tell whether another is the same.
#[derive(Clone, Debug, Default)]
pub struct Traits {
    /// Its state, or its flags.
    pub state: Box<[u8]>,
    /// Of a socket, its inode; 0 for none.
    inode: u64,
    /// Of what listens, the name of its program; empty if that is not known.
    program: Box<[u8]>,
    /// It is a socket without another end.
    listens: bool,
    /// It is a socket of tcp or udp, of which the kernel tells the end; the former is true for tcp.
    told: Option<bool>,
}

/// How much like a row another one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// They are the same by all that is known.
    Alike,
    /// They are the same.
    Same,
}

impl<'a> Identity<'a> {
    /// For the rows that `query` asks for, whose values look as `shown` has them.
    pub fn new(query: &'a Query, shown: Shown) -> Self {
        Identity {
            query,
            shown,
            hasher: RandomState::new(),
            table: None,
            parts: Vec::new(),
            text: Vec::new(),
        }
    }

    /// A number that all rows of a network namespace have which may be the same as this one, and, but for one in many millions of
    /// millions, no others; and what else tells them apart.
    pub fn of(
        &mut self,
        (namespace, table): (Option<&namespace::Identity>, Table),
        row: &dyn Fields,
    ) -> (u64, Traits) {
        if self.table != Some(table) {
            self.begin(table);
        }
        let Identity {
            query,
            shown,
            parts,
            text,
            ..
        } = self;
        let mut traits = Traits::default();
        // Sockets of IP have two ends, and a state that says little about that.
        let (mut has_ends, mut foreign) = (false, Vec::new());
        let mut program = Vec::new();
        text.clear();
        row.fields(query, &mut |name, value| {
            let part = parts.iter().find(|(named, _)| *named == name);
            let append = |text: &mut Vec<u8>| match value {
                Value::Name { address, .. } => shown::number(text, address),
                _ => drop(shown.append(text, value, query)),
            };
            match part {
                Some((_, Part::Identity)) => {
                    text.extend_from_slice(name.as_bytes());
                    text.push(b'=');
                    append(text);
                    text.push(0);
                }
                Some((_, Part::State)) => {
                    let mut state = Vec::new();
                    append(&mut state);
                    traits.state = state.into();
                }
                _ => {}
            }
            match (name, value) {
                ("proto", Value::Word("tcp" | "tcp6")) => traits.told = Some(true),
                ("proto", Value::Word("udp" | "udp6")) => traits.told = Some(false),
                ("foreign_ip", _) => {
                    has_ends = true;
                    append(&mut foreign);
                }
                ("inode", Value::Unsigned(inode)) => traits.inode = inode,
                ("program_name", _) => append(&mut program),
                ("kind", _) => append(text),
                _ => {}
            }
        });
        traits.listens = match has_ends {
            true => matches!(foreign.as_slice(), b"" | b"0.0.0.0" | b"::"),
            false => &*traits.state == b"LISTENING",
        };
        if traits.listens {
            traits.program = program.into();
        } else if !has_ends && traits.inode != 0 {
            // Many have no name, and that of the others is not theirs alone.
            text.clear();
            text.extend_from_slice(&traits.inode.to_ne_bytes());
        }
        (self.hasher.hash_one((namespace, text.as_slice())), traits)
    }

    fn begin(&mut self, table: Table) {
        let tables = table.fields();
        let numbered = field::of(tables).any(|field| field.kind == Kind::Address);
        let counts = |field: &&field::Field| {
            field.part != Part::None && !(numbered && field.kind == Kind::Host)
        };
        let parts = field::of(tables).filter(counts);
        self.parts = parts.map(|field| (&*field.name, field.part)).collect();
        self.table = Some(table);
    }
}

impl Traits {
    /// Whether a later row with the same number may be the same, and how surely.
    pub fn likeness(&self, later: &Traits) -> Option<Likeness> {
        if self.listens != later.listens {
            return None;
        }
        if self.listens {
            // A program that cannot be seen may be any.
            return match (&*self.program, &*later.program) {
                (one, other) if one == other => Some(Likeness::Same),
                (b"", _) | (_, b"") => Some(Likeness::Alike),
                _ => None,
            };
        }
        match (self.inode, later.inode) {
            (one, other) if one == other => {
                // What its process has left does not come to life again: that is another one with the same ends.
                let other = one == 0 && !self.is_opening() && later.is_opening();
                (!other).then_some(Likeness::Same)
            }
            (0, _) => self.is_opening().then_some(Likeness::Alike),
            (_, 0) => (!later.is_opening()).then_some(Likeness::Alike),
            _ => None,
        }
    }

    /// Whether it is a connection that no process has got yet, if none has it.
    fn is_opening(&self) -> bool {
        matches!(
            &*self.state,
            b"SYN_SENT" | b"SYN_RECV" | b"ESTABLISHED" | b"CLOSE_WAIT"
        )
    }

    /// Whether this may be what the kernel keeps of a connection whose socket has closed.
    pub fn is_remnant(&self) -> bool {
        self.told == Some(true)
            && self.inode == 0
            && matches!(&*self.state, b"TIME_WAIT" | b"FIN_WAIT2")
    }

    /// Whether it is a socket of whose end the kernel tells. Connections that are not complete are none yet, and those in TIME_WAIT none
    /// any more. What listens for tcp is not told from sockets that are only bound, which no table has.
    pub fn is_told(&self) -> bool {
        match self.told {
            Some(true) if self.listens => false,
            Some(true) => !matches!(&*self.state, b"SYN_RECV" | b"TIME_WAIT"),
            told => told.is_some(),
        }
    }

    /// Whether it is a tcp connection.
    pub fn is_tcp_connection(&self) -> bool {
        self.told == Some(true) && !self.listens
    }

    /// Whether it is a socket without another end.
    pub fn listens(&self) -> bool {
        self.listens
    }
}
