//! Which lines of `/proc/net/unix` are rows of their own.
//!
//! Anybody may bind a socket whose name contains newlines, and the kernel writes names as they are: the rest of the name can look like the
//! row of a socket that does not exist, or of somebody else's in a state it is not in. So, where the file is the running kernel's own,
//! lines are held against the kernel's list of sockets from the socket diagnostics (unix_diag), which gives inodes and names in binary
//! form. Names never change once they are given, and inodes are not used twice. The list is taken when it is first needed; a table without
//! names needs none. This is the rule:
//!
//! * Where a line certainly begins a record it is a row, whatever the list says, so that ordinary output is that of the file: sockets
//!   that came or went in the meantime are shown as the file shows them.
//! * It is certain where a `read(2)` begins (the kernel hands out whole records) and behind a record whose end is known: one without a
//!   name, one whose name and the next line together are longer than any name, or one whose name the list confirms. If that name has
//!   newlines, exactly the lines with the rest of it are dropped. A socket that is not on the list is asked for on its own before
//!   anything is concluded.
//! * Where the end of a record is not known, because its socket is gone already or is a connection that nobody has accepted yet (these
//!   have no inode and are on no list), a line is in doubt if it begins within the length of the longest possible name. Such a line is a
//!   row if the kernel confirms its inode, name, type and state, once per socket. A connection not accepted yet must have the name of a
//!   listening socket and not be the rest of such a name. Other lines in doubt are dropped without a word.
//!
//! What is left to a forger needs a socket that is made or unmade, in time, between file and list: to show one more pending connection to
//! a listener that exists, or a socket that exists with a false reference count.
//!
//! Without diagnostics (a sandbox forbids them, no descriptor is left, the kernel is built without) all lines are shown, but it is said
//! if there are more of them than sockets by the count in `/proc/net/protocols`.

use std::collections::HashSet;
use std::fs::File;

use crate::collect::sock_diag::{self, Outcome, UnixEntry};
use crate::error::Warning;
use crate::proc_root::{self, Piece, ProcRoot};
use crate::query::{Query, SockDiag};
use crate::record::unix::UnixSocket;
use crate::scan::Scanner;

/// The longest name in bytes (`sun_path`).
const LONGEST_NAME: usize = 108;

/// So many sockets are asked for on their own in a pass; the kernel goes through all of its sockets for each.
const MOST_QUESTIONS: u32 = 1024;

/// Judges the lines of one pass.
#[derive(Debug)]
pub struct Guard {
    source: Source,
    /// Lines so far.
    lines: u64,
    /// Where the next line begins, in bytes behind the heading.
    position: usize,
    /// Lines that begin before this are in doubt.
    doubt_until: usize,
    /// The row before, if it has a name whose end is not known yet.
    owner: Option<Owner>,
    /// Its name, as far as it was shown.
    owner_name: Vec<u8>,
    /// The rest of the name of a socket on the list, behind a newline: the next lines.
    rest: Option<Vec<u8>>,
    /// The [`key`] of the last connection not accepted yet, and the lines behind it, as far as a listener's name goes on like this.
    pending: Option<Vec<u8>>,
    shown: Inodes,
}

#[derive(Debug)]
enum Source {
    /// Not the running kernel's file: there is nothing to hold it against.
    Other,
    /// The running kernel's; the list is not needed so far.
    Kernel,
    /// The kernel's list.
    List(KernelList),
    /// There is no list; the number of sockets when that was found out.
    Count(u64),
}

/// A row with a name.
#[derive(Clone, Copy, Debug)]
struct Owner {
    inode: u64,
    kind: u32,
    /// Where its name begins, in bytes behind the heading.
    name_start: usize,
}

impl Guard {
    /// For the rows of `file`.
    pub fn new(query: &Query, file: &File) -> Self {
        Guard::with(
            if !query.proc_root.is_kernel() || !proc_root::is_own_procfs(file) {
                Source::Other
            } else if query.sock_diag == SockDiag::Never {
                Source::Count(sockets(&query.proc_root))
            } else {
                Source::Kernel
            },
        )
    }

    fn with(source: Source) -> Self {
        Guard {
            source,
            lines: 0,
            position: 0,
            doubt_until: 0,
            owner: None,
            owner_name: Vec::new(),
            rest: None,
            pending: None,
            shown: Inodes::default(),
        }
    }

    /// Whether a line counts, as the row `row` with what stands behind its inode, or as a bogus line if it is none.
    pub fn admits(&mut self, line: Piece<'_>, row: Option<&(UnixSocket<'_>, &[u8])>) -> bool {
        self.lines += 1;
        if matches!(self.source, Source::Other | Source::Count(_)) {
            return true;
        }
        let start = self.position;
        self.position += line.bytes.len();
        if line.begins_record {
            self.doubt_until = start;
            self.owner = None;
            self.rest = None;
            self.pending = None;
        }
        let text = without_newline(line.bytes);
        if self.continues(text) {
            return false;
        }
        let goes_on = self.goes_on(text);
        let certain = start >= self.doubt_until;
        let Some((socket, behind)) = row else {
            return certain && !goes_on;
        };
        if socket.inode == 0 && goes_on {
            return false;
        }
        let behind = without_newline(behind);
        // The kernel writes one blank before a name, and nothing at all if there is none.
        let name = (!behind.is_empty()).then(|| behind.strip_prefix(b" ").unwrap_or(behind));
        let shown = certain || self.is_confirmed(socket, name);
        let shown = shown && self.shown.admit(socket.inode, certain);
        if let Some(name) = name {
            self.owner = Some(Owner {
                inode: socket.inode,
                kind: socket.kind,
                name_start: self.position - name.len() - 1,
            });
            self.owner_name.clear();
            self.owner_name.extend_from_slice(name);
            if socket.inode == 0 && shown {
                self.pending = Some(key(socket.kind, name));
            }
        }
        shown
    }

    /// Whether a line is certainly the rest of a name. If not, it may be in doubt from now on.
    fn continues(&mut self, text: &[u8]) -> bool {
        if let Some(rest) = self.rest.take() {
            return self.is_rest(&rest, text);
        }
        let Some(owner) = self.owner.take() else {
            return false;
        };
        if self.owner_name.len() + 1 + text.len() > LONGEST_NAME {
            return false;
        }
        let name = std::mem::take(&mut self.owner_name);
        let known = self
            .list()
            .and_then(|list| list.rest(owner, &name).map(|rest| rest.map(<[u8]>::to_vec)));
        self.owner_name = name;
        match known {
            Some(Some(rest)) => self.is_rest(&rest, text),
            Some(None) => false,
            None => {
                let end = owner.name_start + LONGEST_NAME + 1;
                self.doubt_until = self.doubt_until.max(end);
                false
            }
        }
    }

    /// Whether a line may be the rest of the name of a connection not accepted yet.
    fn goes_on(&mut self, text: &[u8]) -> bool {
        let Some(mut known) = self.pending.take() else {
            return false;
        };
        known.push(b'\n');
        known.extend_from_slice(text);
        let goes_on = self.list().is_some_and(|list| list.listens(&known));
        self.pending = goes_on.then_some(known);
        goes_on
    }

    fn is_rest(&mut self, rest: &[u8], text: &[u8]) -> bool {
        let (first, more) = split_line(rest);
        if first != text {
            return false;
        }
        self.rest = more.map(<[u8]>::to_vec);
        true
    }

    /// Whether a row in doubt is what the kernel knows.
    fn is_confirmed(&mut self, socket: &UnixSocket<'_>, name: Option<&[u8]>) -> bool {
        let Some(list) = self.list() else {
            return true;
        };
        if socket.inode != 0 {
            return list.confirms(socket, name);
        }
        name.is_some_and(|name| list.listens(&key(socket.kind, name)))
            && (socket.protocol, socket.flags, socket.state) == (0, 0, CONNECTING)
    }

    /// The kernel's list; `None` if there is none.
    fn list(&mut self) -> Option<&mut KernelList> {
        if matches!(self.source, Source::Kernel) {
            self.source = match KernelList::take() {
                Some(list) => Source::List(list),
                None => Source::Count(sockets(&ProcRoot::default())),
            };
        }
        match &mut self.source {
            Source::List(list) => Some(list),
            Source::Other | Source::Kernel | Source::Count(_) => None,
        }
    }

    /// What there is to say when all lines were read.
    pub fn finish(&self, query: &Query) -> Option<Warning> {
        match self.source {
            // Counted twice, since sockets come and go.
            Source::Count(before) if self.lines > before => {
                (self.lines > sockets(&query.proc_root)).then_some(Warning::Plain(
                    "warning, more lines in /proc/net/unix than there are sockets: \
                     some may be forged by names with newlines.",
                ))
            }
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
    let text = root.read("net/protocols").unwrap_or_default();
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

/// The inodes of rows that were shown. Only rows in doubt are searched in it, so it is put in order only for them.
#[derive(Debug, Default)]
struct Inodes {
    recent: Vec<u64>,
    known: HashSet<u64>,
    /// Those shown when in doubt; the certain row may follow.
    doubtful: HashSet<u64>,
}

impl Inodes {
    /// Notes a row and tells whether it is to be shown: not if that is the second time for a row in doubt.
    ///
    /// Certain rows are shown each time. A socket that gets a name while the table is read moves to another place of the table, and
    /// the reference shows both.
    fn admit(&mut self, inode: u64, certain: bool) -> bool {
        if inode == 0 {
            return true;
        }
        if certain {
            self.recent.push(inode);
            return self.doubtful.is_empty() || !self.doubtful.contains(&inode);
        }
        self.known.extend(self.recent.drain(..));
        let first = self.known.insert(inode);
        if first {
            self.doubtful.insert(inode);
        }
        first
    }
}

/// The kernel's sockets as the diagnostics list them.
#[derive(Debug)]
struct KernelList {
    /// In the order of inodes.
    entries: Vec<Entry>,
    /// Those asked for on their own, the last answer last.
    asked: Vec<Entry>,
    /// All names, as `/proc/net/unix` writes them.
    names: Vec<u8>,
    /// [`key`]s of the names of listening sockets: whole, and cut before each newline. Made when the first is asked for.
    listeners: Option<HashSet<Vec<u8>>>,
    /// How many questions about single sockets are left.
    questions: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    inode: u32,
    kind: u8,
    state: u8,
    /// Whether it has a name, and its place among the names.
    named: bool,
    name_length: u16,
    name_start: usize,
}

/// TCP's numbers for the states of sockets in the diagnostics.
const ESTABLISHED: u8 = 1;

const LISTEN: u8 = 10;

impl KernelList {
    fn take() -> Option<Self> {
        let mut list = KernelList {
            entries: Vec::new(),
            asked: Vec::new(),
            names: Vec::new(),
            listeners: None,
            questions: MOST_QUESTIONS,
        };
        match sock_diag::unix_sockets(|socket| {
            let entry = list.entry(socket);
            list.entries.push(entry);
        }) {
            Outcome::Complete => {
                list.entries.sort_unstable_by_key(|entry| entry.inode);
                Some(list)
            }
            Outcome::Broken => None,
        }
    }

    fn entry(&mut self, socket: UnixEntry<'_>) -> Entry {
        let name_start = self.names.len();
        // The NUL behind a path is not written, all others become "@".
        let name = match socket.name.unwrap_or_default() {
            name @ [0, ..] => name,
            path => path.strip_suffix(&[0]).unwrap_or(path),
        };
        let written = name.iter().map(|&byte| if byte == 0 { b'@' } else { byte });
        self.names.extend(written);
        Entry {
            inode: socket.inode,
            kind: socket.kind,
            state: socket.state,
            named: socket.name.is_some(),
            name_length: u16::try_from(name.len()).unwrap_or(u16::MAX),
            name_start,
        }
    }

    /// Asks the kernel for one socket.
    fn ask(&mut self, inode: u32) -> Option<Entry> {
        self.questions = self.questions.checked_sub(1)?;
        let entry = sock_diag::unix_socket(inode, |socket| self.entry(socket))?;
        self.asked.push(entry);
        if entry.state == LISTEN
            && let Some(mut listeners) = self.listeners.take()
        {
            self.add_listener(&mut listeners, entry);
            self.listeners = Some(listeners);
        }
        Some(entry)
    }

    fn name(&self, entry: Entry) -> Option<&[u8]> {
        let end = entry.name_start + usize::from(entry.name_length);
        self.names
            .get(entry.name_start..end)
            .filter(|_| entry.named)
    }

    /// The entry with an inode that `agrees`, asked for anew if that on the list does not.
    fn find(&mut self, inode: u64, agrees: impl Fn(&Self, Entry) -> bool) -> Option<Entry> {
        let inode = u32::try_from(inode).ok()?;
        let listed = self
            .entries
            .binary_search_by_key(&inode, |entry| entry.inode)
            .ok()
            .and_then(|place| self.entries.get(place).copied());
        listed
            .filter(|&entry| agrees(self, entry))
            .or_else(|| self.ask(inode).filter(|&entry| agrees(self, entry)))
    }

    /// What follows the first line `name` of a socket's name, if anything does; the outer `None` if the kernel knows of no such socket.
    fn rest(&mut self, owner: Owner, name: &[u8]) -> Option<Option<&[u8]>> {
        let entry = self.find(owner.inode, |list, entry| {
            list.begins_with(entry, owner.kind, Some(name))
        })?;
        Some(self.name(entry).and_then(|name| split_line(name).1))
    }

    /// Whether a socket is of this type and the first line of its name is this.
    fn begins_with(&self, entry: Entry, kind: u32, name: Option<&[u8]>) -> bool {
        u32::from(entry.kind) == kind && self.name(entry).map(|name| split_line(name).0) == name
    }

    /// Whether all that a row says, but for the number of references, is so.
    fn confirms(&mut self, socket: &UnixSocket<'_>, name: Option<&[u8]>) -> bool {
        let found = self.find(socket.inode, |list, entry| {
            // Unconnected (1) or connected (3). A datagram socket may become either any number of times.
            let expected = match entry.state {
                LISTEN => (UnixSocket::ACCEPTING, 1),
                ESTABLISHED => (0, 3),
                _ => (0, 1),
            };
            let state = (socket.flags, socket.state);
            let datagram = entry.kind == DATAGRAM && matches!(state, (0, 1 | 3));
            list.begins_with(entry, socket.kind, name) && (state == expected || datagram)
        });
        found.is_some() && socket.protocol == 0
    }

    /// Whether a listening socket has the name in a [`key`], or a name that goes on with a newline behind it.
    fn listens(&mut self, key: &[u8]) -> bool {
        let listeners = self.listeners.take().unwrap_or_else(|| {
            let mut listeners = HashSet::new();
            for &entry in self.entries.iter().chain(&self.asked) {
                if entry.state == LISTEN {
                    self.add_listener(&mut listeners, entry);
                }
            }
            listeners
        });
        self.listeners.insert(listeners).contains(key)
    }

    fn add_listener(&self, listeners: &mut HashSet<Vec<u8>>, entry: Entry) {
        let kind = entry.kind.into();
        let name = self.name(entry).unwrap_or_default();
        for newline in memchr::memchr_iter(b'\n', name) {
            listeners.insert(key(kind, name.get(..newline).unwrap_or_default()));
        }
        listeners.insert(key(kind, name));
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

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    const HEADER: &str = "00000000e806524f: 00000002 00000000 ";

    /// A guard that knows these sockets (type, state, inode, name as bound) and can ask for no others.
    fn guard(sockets: &[(u8, u8, u32, Option<&[u8]>)]) -> Guard {
        let mut list = KernelList {
            entries: Vec::new(),
            asked: Vec::new(),
            names: Vec::new(),
            listeners: None,
            questions: 0,
        };
        for &(kind, state, inode, name) in sockets {
            let entry = list.entry(UnixEntry {
                kind,
                state,
                inode,
                name,
            });
            list.entries.push(entry);
        }
        list.entries.sort_unstable_by_key(|entry| entry.inode);
        Guard::with(Source::List(list))
    }

    /// The lines of `text` that count; the first begins a read.
    fn admitted<'a>(guard: &mut Guard, text: &'a str) -> Vec<&'a str> {
        let mut begins_record = true;
        let mut all = Vec::new();
        for line in text.split_inclusive('\n') {
            let bytes = line.as_bytes();
            let piece = Piece {
                bytes,
                begins_record: std::mem::take(&mut begins_record),
            };
            if guard.admits(piece, scan(bytes, true).as_ref()) {
                all.push(line.trim_end_matches('\n'));
            }
        }
        all
    }

    fn row(flags: &str, kind: u8, state: u8, inode: u32, name: &str) -> String {
        let blank = if name.is_empty() { "" } else { " " };
        format!("{HEADER}{flags} {kind:04} {state:02} {inode:5}{blank}{name}\n")
    }

    const NONE: &str = "00000000";
    const ACC: &str = "00010000";

    #[test]
    fn rows_of_known_sockets_count() {
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[
            (1, LISTEN, 10, Some(b"/run/a\0")),
            (1, ESTABLISHED, 11, Some(b"/run/a\0")),
            (1, ESTABLISHED, 12, None),
            (2, 7, 13, Some(b"\0a\0b\0")),
        ];
        let text = row(ACC, 1, 1, 10, "/run/a")
            + &row(NONE, 1, 3, 11, "/run/a")
            + &row(NONE, 1, 3, 12, "")
            + &row(NONE, 2, 1, 13, "@a@b@")
            + &row(NONE, 1, 2, 0, "/run/a")
            + &row(NONE, 1, 2, 0, "/run/a");
        assert_eq!(admitted(&mut guard(sockets), &text).len(), 6);
    }

    #[test]
    fn the_rest_of_a_name_is_no_row() {
        let forged = "0:2 0 0 1 1 9 /run/forged";
        let name = format!("\0x\n{forged}\n\ny\n");
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[
            (1, LISTEN, 10, Some(name.as_bytes())),
            (1, ESTABLISHED, 11, None),
        ];
        let owner = row(ACC, 1, 1, 10, &format!("@x\n{forged}\n\ny\n"));
        let text = owner.clone() + &row(NONE, 1, 3, 11, "");
        assert_eq!(
            admitted(&mut guard(sockets), &text),
            [
                owner.lines().next().unwrap(),
                row(NONE, 1, 3, 11, "").trim_end()
            ]
        );
        // A connection to it that nobody has accepted has the same name.
        let pending = row(NONE, 1, 2, 0, &format!("@x\n{forged}\n\ny\n"));
        let text = pending.clone() + &row(NONE, 1, 3, 11, "");
        assert_eq!(
            admitted(&mut guard(sockets), &text),
            [
                pending.lines().next().unwrap(),
                row(NONE, 1, 3, 11, "").trim_end()
            ]
        );
    }

    #[test]
    fn behind_a_socket_that_is_gone_only_the_confirmed_count() {
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[
            (1, LISTEN, 10, Some(b"\0a")),
            (1, ESTABLISHED, 11, None),
            (1, ESTABLISHED, 12, None),
        ];
        let gone = row(NONE, 1, 1, 99, "@gone");
        for (line, counts) in [
            (row(NONE, 1, 3, 11, ""), true),
            (row(ACC, 1, 1, 10, "@a"), true),
            // Wrong in state, type, name or inode.
            (row(NONE, 1, 1, 11, ""), false),
            (row(NONE, 2, 3, 11, ""), false),
            (row(NONE, 1, 1, 10, "@a"), false),
            (row(ACC, 1, 1, 10, "@b"), false),
            (row(NONE, 1, 3, 98, ""), false),
            ("garbage\n".to_owned(), false),
            (row(NONE, 1, 2, 0, "@a"), true),
            (row(NONE, 1, 2, 0, "@b"), false),
            (row(NONE, 1, 3, 0, "@a"), false),
        ] {
            let text = gone.clone() + &line;
            let expected = 1 + usize::from(counts);
            assert_eq!(
                admitted(&mut guard(sockets), &text).len(),
                expected,
                "{line}"
            );
            // Too long for the name of the socket that is gone, or at the start of a read, it counts anyway.
            let far = row(NONE, 1, 1, 99, &"x".repeat(90)) + &line;
            let expected = if line.len() > 18 { 2 } else { expected };
            assert_eq!(
                admitted(&mut guard(sockets), &far).len(),
                expected,
                "{line}"
            );
        }
        // A true row counts once, whoever wrote it.
        let twice =
            gone.clone() + "0:7 0 0 1 3 11\n" + &row(NONE, 1, 3, 12, "") + &row(NONE, 1, 3, 11, "");
        assert_eq!(
            admitted(&mut guard(sockets), &twice),
            [
                gone.trim_end(),
                "0:7 0 0 1 3 11",
                row(NONE, 1, 3, 12, "").trim_end()
            ]
        );
        let before = row(NONE, 1, 3, 11, "") + &gone + "0:7 0 0 1 3 11\n";
        assert_eq!(admitted(&mut guard(sockets), &before).len(), 2);
    }

    #[test]
    fn bogus_lines_at_certain_places_are_mentioned() {
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[(1, LISTEN, 10, Some(b"\0a"))];
        assert_eq!(admitted(&mut guard(sockets), "bogus\n"), ["bogus"]);
        let text = row(ACC, 1, 1, 10, "@a") + "bogus\n";
        assert_eq!(admitted(&mut guard(sockets), &text).len(), 2);
    }

    #[test]
    fn sockets_are_counted_in_both_lines() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("net")).unwrap();
        let root = ProcRoot::new(directory.path().to_owned());
        let count = |text: &str| {
            std::fs::write(directory.path().join("net/protocols"), text).unwrap();
            sockets(&root)
        };
        assert_eq!(
            count("protocol size sockets\nUNIX-STREAM 1152 5 -1 NI\nTCP 1 9\nUNIX 1152 3 -1"),
            8
        );
        assert_eq!(count("UNIX 1 2\n"), 2);
        assert_eq!(count("UNIX x\n"), u64::MAX);
        std::fs::remove_file(directory.path().join("net/protocols")).unwrap();
        assert_eq!(sockets(&root), u64::MAX);
    }
}
