//! The kernel's list of unix sockets, and what of it was shown.

use std::collections::HashSet;

use super::{Owner, key, split_line};
use crate::collect::sock_diag::{self, Outcome, UnixEntry};
use crate::record::unix::UnixSocket;

/// So many sockets are asked for on their own in a pass; the kernel goes through all of its sockets for each.
const MOST_QUESTIONS: u32 = 4;

/// The kernel's sockets as the diagnostics list them.
#[derive(Debug, Default)]
pub struct KernelList {
    /// In the order of inodes.
    pub(super) entries: Vec<Entry>,
    /// Those asked for on their own, the last answer last.
    asked: Vec<Entry>,
    /// All names, as `/proc/net/unix` writes them.
    names: Vec<u8>,
    /// [`key`]s of the names of listening sockets: whole, and cut before each newline. Made when the first is asked for.
    listeners: Option<HashSet<Vec<u8>>>,
    /// How many questions about single sockets are left.
    questions: u32,
    /// How often the list may be taken once more.
    lists: u32,
    /// The inodes of rows that were shown though they are not on the list.
    others_shown: HashSet<u64>,
}

#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub(super) inode: u32,
    kind: u8,
    state: u8,
    /// Whether it has a name, and its place among the names.
    named: bool,
    name_length: u16,
    name_start: usize,
    /// Its row was shown.
    shown: bool,
    /// It was not, but is there, and the file is read once more for it.
    pub(super) sought: bool,
}

/// TCP's numbers for the states of sockets in the diagnostics.
pub(super) const ESTABLISHED: u8 = 1;
pub(super) const LISTEN: u8 = 10;

impl KernelList {
    pub(super) fn take() -> Option<Self> {
        let mut list = KernelList {
            questions: MOST_QUESTIONS,
            lists: 1,
            ..KernelList::default()
        };
        list.extend().then_some(list)
    }

    /// Adds all sockets that there are now, and tells whether the kernel listed them all. What was known of one of them before is
    /// replaced.
    fn extend(&mut self) -> bool {
        let mut news = Vec::new();
        let outcome = sock_diag::unix_sockets(sock_diag::SHOW_NAME, |socket| {
            let entry = self.entry(socket);
            news.push(entry);
        });
        for new in &mut news {
            if let Some(old) = self.listed(new.inode) {
                new.shown = old.shown;
                new.sought = old.sought;
            }
            new.shown |= self.others_shown.contains(&u64::from(new.inode));
        }
        // The sort is stable: of those with one inode the new one comes first.
        news.append(&mut self.entries);
        news.sort_by_key(|entry| entry.inode);
        news.dedup_by_key(|entry| entry.inode);
        self.entries = news;
        self.listeners = None;
        outcome != Outcome::Broken
    }

    pub(super) fn entry(&mut self, socket: UnixEntry<'_>) -> Entry {
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
            shown: false,
            sought: false,
        }
    }

    fn place(&self, inode: u32) -> Option<usize> {
        let place = self
            .entries
            .binary_search_by_key(&inode, |entry| entry.inode);
        place.ok()
    }

    fn listed(&self, inode: u32) -> Option<Entry> {
        self.entries.get(self.place(inode)?).copied()
    }

    /// Notes a row and tells whether it is to be shown: the first time, and after the first pass only if it was missed.
    pub(super) fn show(&mut self, inode: u64, pass: u32) -> bool {
        // Connections not accepted yet cannot be told apart.
        if inode == 0 {
            return pass == 0;
        }
        let place = u32::try_from(inode)
            .ok()
            .and_then(|inode| self.place(inode));
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some(entry) => {
                let is_wanted = pass == 0 || entry.sought;
                let shows = is_wanted && !entry.shown;
                entry.shown |= shows;
                shows
            }
            None => pass == 0 && self.others_shown.insert(inode),
        }
    }

    /// Whether the file is to be read once more, for sockets that the kernel listed before and after the file was read without their
    /// being in it.
    pub(super) fn seeks_others(&mut self) -> bool {
        if self.entries.iter().all(|entry| entry.shown) {
            return false;
        }
        let mut now = HashSet::new();
        if sock_diag::unix_sockets(sock_diag::SHOW_NAME, |socket| {
            now.insert(socket.inode);
        }) == Outcome::Broken
        {
            return false;
        }
        let mut seeks = false;
        for entry in self.entries.iter_mut().filter(|entry| !entry.shown) {
            entry.sought = now.contains(&entry.inode);
            seeks |= entry.sought;
        }
        seeks
    }

    /// What the kernel knows of a socket now.
    fn ask(&mut self, inode: u32) -> Option<Entry> {
        if let Some(left) = self.questions.checked_sub(1) {
            self.questions = left;
            let entry = sock_diag::unix_socket(inode, |socket| self.entry(socket))?;
            self.asked.push(entry);
            if entry.state == LISTEN
                && let Some(mut listeners) = self.listeners.take()
            {
                self.add_listener(&mut listeners, entry);
                self.listeners = Some(listeners);
            }
            return Some(entry);
        }
        self.lists = self.lists.checked_sub(1)?;
        self.extend();
        self.listed(inode)
    }

    fn name(&self, entry: Entry) -> Option<&[u8]> {
        let end = entry.name_start + usize::from(entry.name_length);
        self.names
            .get(entry.name_start..end)
            .filter(|_| entry.named)
    }

    /// The entry with an inode that `agrees`, asked for anew if that on the list does not.
    fn find(&mut self, inode: u64, agrees: impl Fn(&Self, Entry) -> bool) -> Option<Entry> {
        // Inode 0 is that of none.
        let inode = u32::try_from(inode).ok().filter(|&inode| inode > 0)?;
        self.listed(inode)
            .filter(|&entry| agrees(self, entry))
            .or_else(|| self.ask(inode).filter(|&entry| agrees(self, entry)))
    }

    /// What follows the first line `name` of a socket's name, if anything does; the outer `None` if the kernel knows of no such socket.
    pub(super) fn rest(&mut self, owner: Owner, name: &[u8]) -> Option<Option<&[u8]>> {
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
    pub(super) fn confirms(&mut self, socket: &UnixSocket<'_>, name: Option<&[u8]>) -> bool {
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
    pub(super) fn listens(&mut self, key: &[u8]) -> bool {
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
