//! What can be said about the lines of `/proc/net/unix` where the kernel's list of sockets cannot be had: a sandbox forbids netlink, no
//! descriptor is left, the kernel is built without unix_diag.
//!
//! All lines are shown then. A line that may be the rest of the name before it must be vouched for, or it is said that it is not. It is
//! vouched for if it is written as the kernel writes rows, no other row speaks of its socket, and a process holds the socket, as far as
//! processes can be looked into; a connection not accepted yet, if some row listens under its name. (The number of sockets in
//! `/proc/net/protocols` proves nothing: it counts sockets that are closed but have sent something that nobody has read yet.)
//!
//! A row that was not vouched for and is not in the file any more a moment later was that of a socket that is gone: these are ordinary.

use std::collections::{HashMap, HashSet};

use super::{key, passes, without_newline};
use crate::collect::owners::{ProgramTable, Wanted};
use crate::collect::passes::Passes;
use crate::error::Warning;
use crate::proc_root::{self, ProcRoot};
use crate::record::owner::Owners;
use crate::record::unix::UnixSocket;

/// A row as far as it is remembered.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its inode, 0 if it has none.
    pub inode: u64,
    /// All of it but for address and reference count.
    text: u64,
    /// What a connection shares with its listener, and whether this is one.
    name: Option<(Vec<u8>, bool)>,
    /// It certainly begins a record.
    certain: bool,
    /// The kernel may have written it.
    regular: bool,
}

impl Row {
    /// The row that `text` says, a line without its newline.
    pub fn new(text: &[u8], socket: &UnixSocket<'_>, name: Option<&[u8]>, certain: bool) -> Self {
        let listens = socket.is_listening();
        Row {
            inode: socket.inode,
            text: text_key(text),
            name: name
                .filter(|_| listens || socket.inode == 0)
                .map(|name| (key(socket.kind, name), listens)),
            certain,
            regular: certain || is_regular(text),
        }
    }
}

/// The rows so far.
#[derive(Debug, Default)]
pub struct Blind {
    /// Which were met.
    pub passes: Passes,
    /// Those of which it is not certain that they begin a record.
    doubtful: Vec<Row>,
    /// Names under which some row listens.
    listening: HashSet<Vec<u8>>,
    /// What the first row with an inode says.
    said: HashMap<u64, u64>,
    /// Inodes of which two rows say different things.
    contested: HashSet<u64>,
}

impl Blind {
    /// Notes a row and tells whether it is to be shown.
    pub fn show(&mut self, row: Row, pass: u32) -> bool {
        // Names may contain one and the same line.
        let stands_alone = row.inode > 0 && row.regular;
        if !self.passes.admits(row.text, stands_alone) || (pass > 0 && !stands_alone) {
            return false;
        }
        if row.inode > 0 && *self.said.entry(row.inode).or_insert(row.text) != row.text {
            self.contested.insert(row.inode);
        }
        if let Some((name, true)) = &row.name {
            self.listening.insert(name.clone());
        }
        if !row.certain {
            self.doubtful.push(row);
        }
        true
    }

    /// What there is to say when all rows were met.
    pub fn warning(&self, root: &ProcRoot) -> Option<Warning> {
        const WARNING: Warning = Warning::Plain(
            "warning, not every line of /proc/net/unix is known to stand for a socket: \
             some may be forged by names with newlines.",
        );
        if self.doubtful.is_empty() {
            return None;
        }
        if self.doubtful.iter().any(|row| !row.regular) {
            return Some(WARNING);
        }
        let (mut programs, _) = ProgramTable::read(root, Wanted::default());
        let mut is_held = |inode| !matches!(programs.owners(inode), Owners::Unknown(_));
        let listens = |row: &Row| match &row.name {
            Some((name, _)) => self.listening.contains(name),
            None => false,
        };
        let suspects: Vec<&Row> = self
            .doubtful
            .iter()
            .filter(|row| match row.inode {
                0 => !listens(row),
                inode => self.contested.contains(&inode) || !is_held(inode),
            })
            .collect();
        if suspects.is_empty() {
            return None;
        }
        let now = rows(root);
        suspects
            .iter()
            .any(|row| {
                let speakers = now.get(&row.inode).map(Vec::as_slice).unwrap_or_default();
                let is_alone = row.inode > 0 && is_held(row.inode) && speakers.len() == 1;
                speakers.contains(&row.text) && !is_alone
            })
            .then_some(WARNING)
    }
}

/// What the rows of the file say by their inodes.
fn rows(root: &ProcRoot) -> HashMap<u64, Vec<u64>> {
    let mut rows = HashMap::<_, Vec<_>>::new();
    if let Ok(mut lines) = root.lines(super::super::FILE, proc_root::PIECE) {
        while let Ok(Some(line)) = lines.next_line() {
            if let Some(socket) = super::super::parse(line, true) {
                let text = text_key(without_newline(line));
                let said = rows.entry(socket.inode).or_default();
                if !said.contains(&text) {
                    said.push(text);
                }
            }
        }
    }
    rows
}

/// What a line is known by: the address is no address, and the reference count changes.
fn text_key(text: &[u8]) -> u64 {
    passes::key(&text.splitn(3, |&byte| byte == b' ').nth(2).unwrap_or(text))
}

/// Whether a line is written as the kernel writes rows: "%pK: %08X %08X %08X %04X %02X %5lu" and, behind a blank, the name
/// (`unix_seq_show` in af_unix.c).
fn is_regular(text: &[u8]) -> bool {
    let mut words = text.splitn(8, |&byte| byte == b' ');
    let mut hexadecimal = |lengths: &[usize], end: &[u8]| {
        let word = words.next().and_then(|word| word.strip_suffix(end));
        word.is_some_and(|word| {
            lengths.contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit)
        })
    };
    if !(hexadecimal(&[8, 16], b":")
        && [8, 8, 8, 4, 2]
            .iter()
            .all(|&length| hexadecimal(&[length], b"")))
    {
        return false;
    }
    // What is left begins with the inode, filled up to five places, unless it has more.
    let rest: Vec<&[u8]> = words.collect();
    let rest = rest.join(&b' ');
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    let digits = rest
        .iter()
        .skip(blanks)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let width = blanks + digits;
    digits > 0
        && (width == 5 || (blanks == 0 && width > 5))
        && matches!(rest.get(width), None | Some(b' '))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::unix::parse;

    const REGULAR: &str = "00000000e806524f: 00000002 00000000 00010000 0001 01 10001 /run/a";

    fn row(text: &str, certain: bool) -> Row {
        let socket = parse(text.as_bytes(), true).unwrap();
        let name = socket.path.clone();
        let name = (!name.is_empty()).then_some(&*name);
        Row::new(text.as_bytes(), &socket, name, certain)
    }

    #[test]
    fn rows_of_the_kernel_are_regular() {
        for regular in [
            REGULAR,
            "e806524f: 00000002 00000000 00010000 0001 01 10001",
            "00000000e806524f: 00000002 00000000 00010000 0001 01    17 @ a  b",
            "00000000e806524f: 00000002 00000000 00010000 0001 01 1234567890 ",
        ] {
            assert!(is_regular(regular.as_bytes()), "{regular}");
        }
        for irregular in [
            "0: 2 0 0 1 1 6666 /run/forged",
            "00000000e806524f: 00000002 00000000 00010000 0001 01 6666 /run/forged",
            "00000000e806524f: 00000002 00000000 00010000 0001 01  10001 /run/a",
            "00000000e806524f: 00000002 00000000 00010000 0001 01 10001/run/a",
            "00000000e806524f: 00000002 00000000 00010000 0001 01 ",
            "00000000e806524f: 00000002 00000000 00010000 0001 1 10001",
            " 00000000e806524f: 00000002 00000000 00010000 0001 01 10001",
            "00000000e806524f: 00000002  00000000 00010000 0001 01 10001",
            "",
        ] {
            assert!(!is_regular(irregular.as_bytes()), "{irregular}");
        }
    }

    #[test]
    fn a_row_is_shown_once_whatever_its_reference_count() {
        let mut blind = Blind::default();
        assert!(blind.show(row(REGULAR, true), 0));
        let more = REGULAR.replacen("00000002", "00000003", 1);
        assert!(!blind.show(row(&more, true), 0));
        assert!(blind.contested.is_empty());
        // The same socket in another state: both are shown, and one of them is not true.
        let forged = REGULAR.replacen(" 01 10001", " 03 10001", 1);
        assert!(blind.show(row(&forged, false), 0));
        assert!(blind.contested.contains(&10001));
        // Rows without inode are alike.
        let pending = REGULAR.replacen(" 01 10001", " 02     0", 1);
        assert!(blind.show(row(&pending, true), 0));
        assert!(blind.show(row(&pending, true), 0));
        assert!(!blind.show(row(&pending, true), 1));
    }

    #[test]
    fn certain_rows_need_nobody_to_vouch_for_them() {
        let nowhere = ProcRoot::new("/nonexistent".into());
        let mut blind = Blind::default();
        blind.show(row(REGULAR, true), 0);
        assert!(blind.warning(&nowhere).is_none());
        // One that the kernel cannot have written is enough.
        blind.show(row("0: 2 0 0 1 1 6666 /run/forged", false), 0);
        assert!(blind.warning(&nowhere).is_some());
    }
}
