//! Which lines of `/proc/net/unix` are rows of their own, and whether rows are missing.
//!
//! Anybody may bind a socket whose name contains newlines, and the kernel writes names as they are: the rest of the name can look like the
//! row of a socket that does not exist, or of somebody else's in a state it is not in. So, where the file is the running kernel's own,
//! lines are held against the kernel's list of sockets from the socket diagnostics (unix_diag), which gives inodes and names in binary
//! form. Names never change once they are given, and inodes are not used twice. The list is taken when it is first needed; a table without
//! names that one `read(2)` brings needs none. This is the rule:
//!
//! * Where a line certainly begins a record it is a row, whatever the list says, so that ordinary output is that of the file: sockets
//!   that came or went in the meantime are shown as the file shows them, but each once.
//! * It is certain where a `read(2)` begins (the kernel hands out whole records) and behind a record whose end is known: one without a
//!   name, one whose name and the next line together are longer than any name, or one whose name the list confirms. If that name has
//!   newlines, exactly the lines with the rest of it are dropped. A socket that is not on the list is asked for before
//!   anything is concluded: on its own a few times, then by taking the list once more.
//! * Where the end of a record is not known, because its socket is gone already or is a connection that nobody has accepted yet (these
//!   have no inode and are on no list), a line is in doubt if it begins within the length of the longest possible name. Such a line is a
//!   row if the kernel confirms its inode, name, type and state, once per socket. A connection not accepted yet must have the name of a
//!   listening socket and not be the rest of such a name. Other lines in doubt are dropped without a word.
//! * If sockets of the list were not in the file and a list taken afterwards still has them, the file is read once more for them: the
//!   kernel loses its place when sockets come and go between two reads (see [`passes`]).
//!
//! What is left to a forger needs a socket that is made or unmade, in time, between file and list: to show one more pending connection to
//! a listener that exists, or a socket that exists with a false reference count.
//!
//! Without diagnostics all lines are shown; what is said about them then is found out in [`blind`].

mod blind;
mod kernel_list;

use std::fs::File;

use super::UnixSocket;
use crate::collect::passes;
use crate::error::Warning;
use crate::proc_root::{self, Piece};
use crate::query::{Query, SockDiag};
use blind::{Blind, Row};
use kernel_list::KernelList;

/// The longest name in bytes (`sun_path`).
const LONGEST_NAME: usize = 108;

/// The file is read at most so many times.
const MOST_PASSES: u32 = 4;

/// Judges the lines of the file.
#[derive(Debug)]
pub struct Guard {
    source: Source,
    /// How often the file was read before.
    pass: u32,
    place: Place,
}

/// Where in the file we are.
#[derive(Debug, Default)]
struct Place {
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
}

#[derive(Debug)]
enum Source {
    /// Not the running kernel's file: there is nothing to hold it against.
    Other,
    /// The running kernel's; the list is not needed so far. The rows until now, all certain.
    Kernel(Vec<Row>),
    /// The kernel's list.
    List(Box<KernelList>),
    /// There is no list.
    Blind(Box<Blind>),
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
            if !query.proc_root.is_system() || !proc_root::is_own_procfs(file) {
                Source::Other
            } else if query.sock_diag == SockDiag::Never || !query.proc_root.is_kernel() {
                // The diagnostics speak of our own network only.
                Source::Blind(Box::default())
            } else {
                Source::Kernel(Vec::new())
            },
        )
    }

    fn with(source: Source) -> Self {
        Guard {
            source,
            pass: 0,
            place: Place::default(),
        }
    }

    /// Whether a line counts, as the row `row` with what stands behind its inode, or as a bogus line if it is none.
    pub fn admits(&mut self, line: Piece<'_>, row: Option<&(UnixSocket<'_>, &[u8])>) -> bool {
        if matches!(self.source, Source::Other) {
            return true;
        }
        let start = self.place.position;
        self.place.position += line.bytes.len();
        if line.begins_record {
            self.place = Place {
                position: self.place.position,
                doubt_until: start,
                ..Place::default()
            };
            if start > 0 {
                // What comes in several reads may be incomplete.
                self.list();
            }
        }
        let text = without_newline(line.bytes);
        if self.continues(text) {
            return false;
        }
        let goes_on = self.goes_on(text);
        let certain = start >= self.place.doubt_until;
        let Some((socket, behind)) = row else {
            let is_mentioned = certain || matches!(self.source, Source::Blind(_));
            return is_mentioned && !goes_on && self.pass == 0;
        };
        if socket.inode == 0 && goes_on {
            return false;
        }
        let behind = without_newline(behind);
        // The kernel writes one blank before a name, and nothing at all if there is none.
        let name = (!behind.is_empty()).then(|| behind.strip_prefix(b" ").unwrap_or(behind));
        let shown =
            (certain || self.is_confirmed(socket, name)) && self.show(text, socket, name, certain);
        if let Some(name) = name {
            self.place.owner = Some(Owner {
                inode: socket.inode,
                kind: socket.kind,
                name_start: self.place.position - name.len() - 1,
            });
            self.place.owner_name.clear();
            self.place.owner_name.extend_from_slice(name);
            if socket.inode == 0 && shown {
                self.place.pending = Some(key(socket.kind, name));
            }
        }
        shown
    }

    /// Notes a row and tells whether it is to be shown, which each is once.
    fn show(
        &mut self,
        text: &[u8],
        socket: &UnixSocket<'_>,
        name: Option<&[u8]>,
        certain: bool,
    ) -> bool {
        let row = || Row::new(text, socket, name, certain);
        match &mut self.source {
            Source::Other => true,
            Source::Kernel(rows) => {
                rows.push(row());
                true
            }
            Source::List(list) => list.show(socket.inode, self.pass),
            Source::Blind(blind) => blind.show(row(), self.pass),
        }
    }

    /// Ends a pass over the file, which took `reads` reads; if there is to be another, the size of its first read is returned.
    pub fn again(&mut self, reads: u32) -> Option<usize> {
        let (again, first_read) = match &mut self.source {
            Source::Other | Source::Kernel(_) => return None,
            Source::List(list) => (
                self.pass + 1 < MOST_PASSES && list.seeks_others(),
                usize::MAX,
            ),
            Source::Blind(blind) => (blind.passes.again(reads), blind.passes.first_read()),
        };
        self.pass += 1;
        self.place = Place::default();
        again.then_some(first_read)
    }

    /// What there is to say when all lines were read.
    pub fn finish(&self, query: &Query) -> Option<Warning> {
        match &self.source {
            Source::Blind(blind) => blind.warning(&query.proc_root),
            Source::Other | Source::Kernel(_) | Source::List(_) => None,
        }
    }

    /// Whether a line is certainly the rest of a name. If not, it may be in doubt from now on.
    fn continues(&mut self, text: &[u8]) -> bool {
        if let Some(rest) = self.place.rest.take() {
            return self.is_rest(&rest, text);
        }
        let Some(owner) = self.place.owner.take() else {
            return false;
        };
        if self.place.owner_name.len() + 1 + text.len() > LONGEST_NAME {
            return false;
        }
        let name = std::mem::take(&mut self.place.owner_name);
        let known = self
            .list()
            .and_then(|list| list.rest(owner, &name).map(|rest| rest.map(<[u8]>::to_vec)));
        self.place.owner_name = name;
        match known {
            Some(Some(rest)) => self.is_rest(&rest, text),
            Some(None) => false,
            None => {
                let end = owner.name_start + LONGEST_NAME + 1;
                self.place.doubt_until = self.place.doubt_until.max(end);
                false
            }
        }
    }

    /// Whether a line may be the rest of the name of a connection not accepted yet.
    fn goes_on(&mut self, text: &[u8]) -> bool {
        let Some(mut known) = self.place.pending.take() else {
            return false;
        };
        known.push(b'\n');
        known.extend_from_slice(text);
        let goes_on = self.list().is_some_and(|list| list.listens(&known));
        self.place.pending = goes_on.then_some(known);
        goes_on
    }

    fn is_rest(&mut self, rest: &[u8], text: &[u8]) -> bool {
        let (first, more) = split_line(rest);
        if first != text {
            return false;
        }
        self.place.rest = more.map(<[u8]>::to_vec);
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
        if let Source::Kernel(rows) = &mut self.source {
            let rows = std::mem::take(rows);
            self.source = match KernelList::take() {
                Some(mut list) => {
                    for row in rows {
                        list.show(row.inode, self.pass);
                    }
                    Source::List(Box::new(list))
                }
                None => {
                    let mut blind = Box::<Blind>::default();
                    for row in rows {
                        blind.show(row, self.pass);
                    }
                    Source::Blind(blind)
                }
            };
        }
        match &mut self.source {
            Source::List(list) => Some(list),
            Source::Other | Source::Kernel(_) | Source::Blind(_) => None,
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

/// What a connection shares with its listener: type and name.
fn key(kind: u32, name: &[u8]) -> Vec<u8> {
    let mut key = kind.to_ne_bytes().to_vec();
    key.extend_from_slice(name);
    key
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::kernel_list::{ESTABLISHED, LISTEN};
    use super::*;
    use crate::collect::sock_diag::UnixEntry;

    const HEADER: &str = "00000000e806524f: 00000002 00000000 ";

    /// A guard that knows these sockets (type, state, inode, name as bound) and can ask for no others.
    fn guard(sockets: &[(u8, u8, u32, Option<&[u8]>)]) -> Guard {
        let mut list = KernelList::default();
        for &(kind, state, inode, name) in sockets {
            let entry = list.entry(UnixEntry {
                kind,
                state,
                inode,
                name,
                ..UnixEntry::default()
            });
            list.entries.push(entry);
        }
        list.entries.sort_unstable_by_key(|entry| entry.inode);
        Guard::with(Source::List(Box::new(list)))
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
    fn certain_rows_are_shown_once() {
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[(1, ESTABLISHED, 11, None)];
        // One that is on the list, and one that is not.
        let text = row(NONE, 1, 3, 11, "") + &row(NONE, 1, 3, 12, "");
        let twice = text.repeat(2) + &row(NONE, 1, 2, 0, "").repeat(2);
        assert_eq!(admitted(&mut guard(sockets), &twice).len(), 4);
    }

    #[test]
    fn later_passes_show_what_was_missed() {
        let sockets: &[(u8, u8, u32, Option<&[u8]>)] = &[
            (1, ESTABLISHED, 11, None),
            (1, ESTABLISHED, 12, None),
            (1, ESTABLISHED, 13, None),
        ];
        let mut guard = guard(sockets);
        let rows = [11, 12, 13, 14].map(|inode| row(NONE, 1, 3, inode, ""));
        assert_eq!(admitted(&mut guard, &rows[0]).len(), 1);
        // The kernel still has one of the two that were not seen.
        let Source::List(list) = &mut guard.source else {
            unreachable!();
        };
        list.entries[1].sought = true;
        guard.pass = 1;
        guard.place = Place::default();
        let again = rows.concat() + &row(NONE, 1, 2, 0, "@a") + "bogus\n" + &rows[1];
        assert_eq!(admitted(&mut guard, &again), [rows[1].trim_end()]);
    }
}
