//! Which lines of `/proc/net/unix` are rows of their own.
//!
//! Anybody may bind a socket whose name contains newlines, and the kernel writes names as they are: the rest of the name can look like the
//! row of a socket that does not exist, or of somebody else's in a state it is not in. So, where the file is the running kernel's own,
//! lines are held against the kernel's list of sockets from the socket diagnostics (unix_diag), which gives inodes and names in binary
//! form. Names never change once they are given, and inodes are not used twice. This is the rule:
//!
//! * Where a line certainly begins a record it is a row, whatever the list says, so that ordinary output is that of the file: sockets
//!   that came or went since the list was taken are shown as the file shows them.
//! * It is certain where a `read(2)` begins (the kernel hands out whole records) and behind a record whose end is known: one without a
//!   name, or one whose name the list confirms. If that name has newlines, exactly the lines with the rest of it are dropped. A
//!   socket that is not on the list is asked for on its own before anything is concluded.
//! * Where the end of a record is not known, because its socket is gone already or is a connection that nobody has accepted yet (these
//!   have no inode and are on no list), a line is in doubt if it begins within the length of the longest possible name. Such a line is a
//!   row if the kernel confirms its inode, name, type and state, once per socket. A connection not accepted yet must have the name of a
//!   listening socket and not be the rest of such a name. Other lines in doubt are dropped without a word.
//!
//! What is left to a forger needs a socket that is made and unmade, in time, between list and file: to show one more pending connection to
//! a listener that exists, or a socket that exists with a false reference count.
//!
//! Without diagnostics (a sandbox forbids them, no descriptor is left, the kernel is built without) all lines are shown, but it is said
//! if there are more of them than sockets by the count in `/proc/net/protocols`.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::ops::Range;

use super::UnixSocket;
use crate::collect::sock_diag::{self, Outcome, UnixEntry};
use crate::error::Warning;
use crate::proc_root::{self, Piece, ProcRoot};
use crate::query::{Query, SockDiag};
use crate::scan::Scanner;

/// The longest name in bytes (`sun_path`).
const LONGEST_NAME: usize = 108;

/// So many sockets are asked for on their own in a pass; the kernel goes through all of its sockets for each.
const MOST_QUESTIONS: u32 = 1024;

/// Judges the lines of one pass.
#[derive(Debug)]
pub struct Guard {
    source: Source,
    /// Where the next line begins, in bytes behind the heading.
    position: usize,
    /// Lines that begin before this are in doubt.
    doubt_until: usize,
    /// The rest of the name of a socket on the list, behind a newline: the next lines.
    rest: Option<Vec<u8>>,
    /// What was shown as the name of a connection not accepted yet, and what followed, as far as a listener's name begins like this.
    pending: Option<Vec<u8>>,
}

#[derive(Debug)]
enum Source {
    /// Not the running kernel's file: there is nothing to hold it against.
    Other,
    /// The kernel's list.
    List(KernelList),
    /// No list; the number of sockets before reading, and of lines so far.
    Count { sockets: u64, lines: u64 },
}

impl Guard {
    /// Takes the kernel's list if `file` is its own table.
    pub fn new(query: &Query, file: &File) -> Self {
        let source = if !query.proc_root.is_kernel() || !proc_root::is_own_procfs(file) {
            Source::Other
        } else if let Some(list) = (query.sock_diag != SockDiag::Never)
            .then(KernelList::take)
            .flatten()
        {
            Source::List(list)
        } else {
            Source::Count {
                sockets: sockets(&query.proc_root),
                lines: 0,
            }
        };
        Guard::with(source)
    }

    fn with(source: Source) -> Self {
        Guard {
            source,
            position: 0,
            doubt_until: 0,
            rest: None,
            pending: None,
        }
    }

    /// Whether a line counts, as the row `row` with what stands behind its inode, or as a bogus line if it is none.
    pub fn admits(&mut self, line: Piece<'_>, row: Option<&(UnixSocket<'_>, &[u8])>) -> bool {
        let list = match &mut self.source {
            Source::Other => return true,
            Source::Count { lines, .. } => {
                *lines += 1;
                return true;
            }
            Source::List(list) => list,
        };
        let start = self.position;
        self.position += line.bytes.len();
        if line.begins_record {
            self.doubt_until = start;
            self.rest = None;
            self.pending = None;
        }
        let text = without_newline(line.bytes);
        if let Some(rest) = self.rest.take() {
            let (first, more) = split_line(&rest);
            if first == text {
                self.rest = more.map(<[u8]>::to_vec);
                return false;
            }
        }
        let certain = start >= self.doubt_until;
        if let Some(mut known) = self.pending.take() {
            known.push(b'\n');
            known.extend_from_slice(text);
            if list.listens(&known) {
                self.pending = Some(known);
            }
        }
        let Some((socket, behind)) = row else {
            return certain;
        };
        let behind = without_newline(behind);
        // The kernel writes one blank before a name, and nothing at all if there is none.
        let name = (!behind.is_empty()).then(|| behind.strip_prefix(b" ").unwrap_or(behind));
        let (shown, end_known) = if socket.inode == 0 {
            let continues = self.pending.is_some();
            let known = name.map(|name| key(socket.kind, name));
            let listens = known.as_deref().is_some_and(|known| list.listens(known));
            let connecting = (socket.protocol, socket.flags, socket.state) == (0, 0, CONNECTING);
            let shown = certain || (!continues && listens && connecting);
            if shown && listens {
                self.pending = known;
            }
            (shown, name.is_none())
        } else if certain && name.is_none() {
            list.show_unnamed(socket.inode);
            (true, true)
        } else {
            match list.confirm(socket, name) {
                Some(entry) => {
                    let again = entry.shown;
                    let shown = if certain {
                        // Twice in the file: it was given a name while the file was read, and moved. The reference shows both.
                        !entry.shown_in_doubt
                    } else {
                        entry.shown_in_doubt |= !again;
                        !again
                    };
                    entry.shown = true;
                    let range = entry.name.clone();
                    self.rest = range
                        .and_then(|range| split_line(list.name(range)).1)
                        .map(<[u8]>::to_vec);
                    (shown, true)
                }
                None => (certain, name.is_none()),
            }
        };
        if !end_known {
            let name_start = self.position - name.map_or(0, <[u8]>::len) - 1;
            self.doubt_until = self.doubt_until.max(name_start + LONGEST_NAME + 1);
        }
        shown
    }

    /// What there is to say when all lines were read.
    pub fn finish(&self, query: &Query) -> Option<Warning> {
        match self.source {
            // Counted twice, since sockets come and go.
            Source::Count {
                sockets: before,
                lines,
            } if lines > before => (lines > sockets(&query.proc_root)).then_some(Warning::Plain(
                "warning, more lines in /proc/net/unix than there are sockets: \
                     some may be forged by names with newlines.",
            )),
            _ => None,
        }
    }
}

/// The state of a connection not accepted yet: the kernel's `SS_CONNECTING`.
const CONNECTING: u32 = 2;

/// A text up to its first newline, and what follows that.
fn split_line(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'\n', text).and_then(|newline| text.split_at_checked(newline)) {
        Some((first, more)) => (first, more.get(1..)),
        None => (text, None),
    }
}

fn without_newline(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

/// How many unix sockets the network namespace has by its own count; without bound if it does not tell.
fn sockets(root: &ProcRoot) -> u64 {
    let text = std::fs::read(root.path("net/protocols")).unwrap_or_default();
    text.split(|&byte| byte == b'\n')
        .filter_map(|line| {
            let mut scanner = Scanner::new(line);
            // Name, size of a socket, number of sockets. Streams are counted apart by newer kernels.
            match scanner.word(usize::MAX)? {
                b"UNIX" | b"UNIX-STREAM" => {}
                _ => return None,
            }
            scanner.decimal64()?;
            scanner.decimal64()
        })
        .reduce(u64::saturating_add)
        .unwrap_or(u64::MAX)
}

/// The kernel's sockets as the diagnostics list them.
#[derive(Debug)]
struct KernelList {
    entries: HashMap<u32, Entry>,
    /// All names, as `/proc/net/unix` writes them.
    names: Vec<u8>,
    /// [`key`]s of the names of listening sockets: whole, and cut before each newline. Made when the first is asked for.
    listeners: Option<HashSet<Vec<u8>>>,
    /// How many questions about single sockets are left.
    questions: u32,
}

#[derive(Debug, Default)]
struct Entry {
    kind: u8,
    state: u8,
    /// Its place among the names, if it has one.
    name: Option<Range<usize>>,
    /// A row was shown.
    shown: bool,
    /// It was in doubt; the certain one may follow.
    shown_in_doubt: bool,
}

/// TCP's numbers for the states of sockets in the diagnostics.
const ESTABLISHED: u8 = 1;
const LISTEN: u8 = 10;

impl KernelList {
    fn take() -> Option<Self> {
        let mut list = KernelList {
            entries: HashMap::new(),
            names: Vec::new(),
            listeners: None,
            questions: MOST_QUESTIONS,
        };
        match sock_diag::unix_sockets(|entry| list.insert(entry)) {
            Outcome::Complete => Some(list),
            Outcome::Broken => None,
        }
    }

    fn insert(&mut self, socket: UnixEntry<'_>) {
        let name = socket.name.map(|name| {
            let start = self.names.len();
            // The NUL behind a path is not written, all others become "@".
            let name = match name {
                [0, ..] => name,
                path => path.strip_suffix(&[0]).unwrap_or(path),
            };
            let written = name.iter().map(|&byte| if byte == 0 { b'@' } else { byte });
            self.names.extend(written);
            start..self.names.len()
        });
        if socket.state == LISTEN
            && let Some(listeners) = &mut self.listeners
            && let Some(name) = &name
        {
            add_listener(
                listeners,
                socket.kind,
                self.names.get(name.clone()).unwrap_or_default(),
            );
        }
        let entry = self.entries.entry(socket.inode).or_default();
        (entry.kind, entry.state, entry.name) = (socket.kind, socket.state, name);
    }

    fn name(&self, range: Range<usize>) -> &[u8] {
        self.names.get(range).unwrap_or_default()
    }

    /// Notes that a certain row of a socket without name was shown.
    fn show_unnamed(&mut self, inode: u64) {
        if let Some(entry) = u32::try_from(inode)
            .ok()
            .and_then(|inode| self.entries.get_mut(&inode))
        {
            entry.shown = true;
        }
    }

    /// The entry that agrees with a row, `name` being its first line; asked for anew if the list's does not.
    fn confirm(&mut self, socket: &UnixSocket<'_>, name: Option<&[u8]>) -> Option<&mut Entry> {
        let inode = u32::try_from(socket.inode).ok()?;
        if !self.agrees(inode, socket, name) {
            self.questions = self.questions.checked_sub(1)?;
            sock_diag::unix_socket(inode, |entry| self.insert(entry))?;
            if !self.agrees(inode, socket, name) {
                return None;
            }
        }
        self.entries.get_mut(&inode)
    }

    fn agrees(&self, inode: u32, socket: &UnixSocket<'_>, name: Option<&[u8]>) -> bool {
        let Some(entry) = self.entries.get(&inode) else {
            return false;
        };
        // Unconnected (1) or connected (3). A datagram socket may become either any number of times.
        let state = match entry.state {
            LISTEN => (UnixSocket::ACCEPTING, 1),
            ESTABLISHED => (0, 3),
            _ => (0, 1),
        };
        let row = (socket.flags, socket.state);
        let datagram = entry.kind == DATAGRAM && matches!(row, (0, 1 | 3));
        let known = entry
            .name
            .clone()
            .map(|range| split_line(self.name(range)).0);
        known == name
            && u32::from(entry.kind) == socket.kind
            && (row == state || datagram)
            && socket.protocol == 0
    }

    /// Whether a listening socket has the name in a [`key`], or a name that goes on with a newline behind it.
    fn listens(&mut self, key: &[u8]) -> bool {
        let listeners = self.listeners.get_or_insert_with(|| {
            let mut listeners = HashSet::new();
            for entry in self.entries.values().filter(|entry| entry.state == LISTEN) {
                if let Some(range) = &entry.name {
                    let name = self.names.get(range.clone()).unwrap_or_default();
                    add_listener(&mut listeners, entry.kind, name);
                }
            }
            listeners
        });
        listeners.contains(key)
    }
}

/// `SOCK_DGRAM`.
const DATAGRAM: u8 = 2;

/// What a connection shares with its listener: type and name.
fn key(kind: u32, name: &[u8]) -> Vec<u8> {
    let mut key = kind.to_ne_bytes().to_vec();
    key.extend_from_slice(name);
    key
}

fn add_listener(listeners: &mut HashSet<Vec<u8>>, kind: u8, name: &[u8]) {
    for newline in memchr::memchr_iter(b'\n', name) {
        listeners.insert(key(kind.into(), name.get(..newline).unwrap_or_default()));
    }
    listeners.insert(key(kind.into(), name));
}
