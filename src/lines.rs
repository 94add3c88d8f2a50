//! Lines of a file as C's `fgets` reads them, which is how the reference sees every table.

use std::fs::File;
use std::io;

use crate::sys::read::read_behind;

/// The reference reads the tables of tcp, udp, raw, sctp, igmp and unix in pieces of this many bytes.
pub const PIECE: usize = 8191;

/// What [`Lines`] hands out.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The piece with its newline, up to the first NUL byte in it.
    pub bytes: &'a [u8],
    /// In a procfs file, it is certainly the start of a record, whatever bytes are around it: the kernel hands out whole records, and only
    /// a `read(2)` that was filled to the brim leaves part of one to the next.
    pub begins_record: bool,
}

/// For the tables that the reference reads in lines of any length: the kernel writes no line that is longer by far, and with this limit
/// no file can take all memory.
pub const LONG_LINE: usize = 16 << 20;

/// What [`Lines`] are read from.
pub trait Input {
    /// Appends what one `read(2)` of at most `most` bytes brings, as far as `buffer` has room for it, and returns how many bytes came.
    ///
    /// # Errors
    /// What `read(2)` said.
    fn read_behind(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize>;
}

impl Input for File {
    fn read_behind(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
        read_behind(self, buffer, most)
    }
}

/// A file in memory.
impl Input for &[u8] {
    fn read_behind(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
        let room = buffer.capacity() - buffer.len();
        let count = most.min(room).min(self.len());
        let (now, rest) = self.split_at(count);
        buffer.extend_from_slice(now);
        *self = rest;
        Ok(count)
    }
}

/// Reads a file in the pieces that C's `fgets` makes of it: each ends behind a newline if there is one within `limit` bytes.
///
/// One buffer is reused for all pieces; it grows only as far as the longest piece needs.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    limit: usize,
    buffer: Vec<u8>,
    start: usize,
    finished: bool,
    short_read_ends: bool,
    /// Where in the buffer the bytes of the last `read(2)` begin.
    last_read: usize,
    /// What the last `read(2)` returned was less than it was asked for, and the same of the one before it.
    last_read_short: bool,
    previous_read_short: bool,
    /// How many bytes may still be read.
    room: usize,
    /// How many `read(2)` have brought something.
    reads: u32,
}

/// A `read(2)` of a procfs file returns as many records as fit into a page (or more, where pages are larger). The socket tables'
/// records are far shorter than 256 bytes, so fewer bytes than this mean that there were no more records.
const FULL_READ: usize = 4096 - 256;

impl<R: Input> Lines<R> {
    /// Reads `input` in pieces of at most `limit` bytes; [`LONG_LINE`] for lines of any length.
    pub fn new(input: R, limit: usize) -> Self {
        Lines {
            input,
            limit,
            buffer: Vec::with_capacity(16 * 1024),
            start: 0,
            finished: false,
            short_read_ends: false,
            last_read: 0,
            last_read_short: true,
            previous_read_short: true,
            room: usize::MAX,
            reads: 0,
        }
    }

    /// What is read from.
    pub fn input(&self) -> &R {
        &self.input
    }

    /// The next piece with its newline, up to the first NUL byte in it; `None` at the end of the file, or of the
    /// [room](Self::set_room).
    ///
    /// # Errors
    /// What `read(2)` said; the end of the file is reported from then on.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        Ok(self.next_piece()?.map(|piece| piece.bytes))
    }

    /// The same, and whether it certainly begins a record.
    ///
    /// # Errors
    /// As for [`next_line`](Self::next_line).
    pub fn next_piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        let mut searched = 0;
        let length = loop {
            let pending = self.pending();
            let window = pending.len().min(self.limit);
            let unsearched = pending.get(searched..window).unwrap_or_default();
            if let Some(newline) = memchr::memchr(b'\n', unsearched) {
                break searched + newline + 1;
            }
            if window == self.limit || (self.finished && window > 0) {
                break window;
            }
            if self.finished || self.room == 0 {
                return Ok(None);
            }
            searched = window;
            self.fill()?;
        };
        let piece = self.start..self.start + length;
        let begins_record = self.previous_read_short && self.start == self.last_read;
        self.start += length;
        let piece = self.buffer.get(piece).unwrap_or_default();
        let bytes = match memchr::memchr(0, piece) {
            Some(nul) => piece.get(..nul).unwrap_or_default(),
            None => piece,
        };
        Ok(Some(Piece {
            bytes,
            begins_record,
        }))
    }

    /// Takes a read of clearly less than a page for the end of the file, without asking once more.
    ///
    /// Right for the socket tables of procfs alone. It matters there: each read, also the one that finds the end, walks the kernel's
    /// whole hash table.
    pub fn trust_short_reads(&mut self) {
        self.short_read_ends = true;
    }

    /// Whether all that the file has is in memory already.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Reads at most so many bytes more, until more room is made; a piece that ends there is not handed out yet
    /// ([`pending`](Self::pending) is what there is of it).
    ///
    /// In a procfs file the kernel stops behind the record that fills the room: it does not search for the next one but to learn that there
    /// is one.
    pub fn set_room(&mut self, room: usize) {
        self.room = room;
    }

    /// What was read and not handed out yet.
    pub fn pending(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// How many `read(2)` have brought something so far. Between two of them a table may change.
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// Reads pieces of at most `limit` bytes from now on: the heading of some tables is read in shorter ones than the rows.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let mut free = self.buffer.capacity() - self.buffer.len();
        if free == 0 {
            free = self.buffer.capacity();
            self.buffer.reserve_exact(free);
        }
        let wanted = free.min(self.room);
        self.last_read = self.buffer.len();
        loop {
            match self.input.read_behind(&mut self.buffer, wanted) {
                Ok(0) => self.finished = true,
                Ok(count) => {
                    self.previous_read_short = self.last_read_short;
                    self.last_read_short = count < wanted;
                    self.reads += 1;
                    if self.room != usize::MAX {
                        self.room = self.room.saturating_sub(count);
                    }
                    self.finished = self.short_read_ends && count < wanted.min(FULL_READ);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.finished = true;
                    return Err(error);
                }
            }
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8], limit: usize) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(text, limit);
        let mut all = Vec::new();
        while let Some(piece) = lines.next_line().unwrap() {
            all.push(piece.to_vec());
        }
        all
    }

    #[test]
    fn pieces_are_those_of_fgets() {
        assert_eq!(pieces(b"", 8), Vec::<Vec<u8>>::new());
        assert_eq!(pieces(b"ab\ncd", 8), [&b"ab\n"[..], b"cd"]);
        assert_eq!(
            pieces(b"abcdef\ng\n", 3),
            [&b"abc"[..], b"def", b"\n", b"g\n"]
        );
        assert_eq!(pieces(b"a\0b\nc", 8), [&b"a"[..], b"c"]);
        let long = vec![b'x'; 100_000];
        assert_eq!(pieces(&long, LONG_LINE), [long.as_slice()]);
        assert_eq!(pieces(&long, 8191).len(), 13);

        let mut lines = Lines::new(&b"abcdef\ng\n"[..], 3);
        assert_eq!(lines.next_line().unwrap(), Some(&b"abc"[..]));
        lines.set_limit(8);
        assert_eq!(lines.next_line().unwrap(), Some(&b"def\n"[..]));
    }

    /// Hands out some bytes at a time, and an error behind the last.
    struct Failing(Vec<&'static [u8]>);

    impl Input for Failing {
        fn read_behind(&mut self, buffer: &mut Vec<u8>, most: usize) -> io::Result<usize> {
            match self.0.pop() {
                Some(b"") => Err(io::Error::from(io::ErrorKind::Interrupted)),
                Some(mut bytes) => bytes.read_behind(buffer, most),
                None => Err(io::Error::from_raw_os_error(libc::EIO)),
            }
        }
    }

    #[test]
    fn an_error_ends_the_file_behind_its_whole_lines() {
        let mut lines = Lines::new(Failing(vec![b"half", b"", b"b\nc\n", b"", b"a"]), 8191);
        let mut next = || lines.next_line().map(|line| line.map(<[u8]>::to_vec));
        assert_eq!(next().unwrap().unwrap(), b"ab\n");
        assert_eq!(next().unwrap().unwrap(), b"c\n");
        assert_eq!(next().unwrap_err().raw_os_error(), Some(libc::EIO));
    }

    #[test]
    fn no_more_is_read_than_there_is_room_for() {
        let mut lines = Lines::new(&b"heading\none\ntwo\nthree\n"[..], 8191);
        lines.trust_short_reads();
        lines.set_room(14);
        assert_eq!(lines.next_line().unwrap(), Some(&b"heading\n"[..]));
        assert_eq!(lines.next_line().unwrap(), Some(&b"one\n"[..]));
        assert_eq!(lines.next_line().unwrap(), None);
        assert_eq!(lines.pending(), b"tw");
        assert!(!lines.is_finished());
        assert_eq!(lines.reads(), 1);
        lines.set_room(usize::MAX);
        assert_eq!(lines.next_line().unwrap(), Some(&b"two\n"[..]));
        assert_eq!(lines.next_line().unwrap(), Some(&b"three\n"[..]));
        // The second read was short.
        assert_eq!(lines.next_line().unwrap(), None);
        assert!(lines.is_finished());
        assert_eq!(lines.reads(), 2);
        // More room than there are bytes.
        let mut lines = Lines::new(&b"one\n"[..], 8191);
        lines.trust_short_reads();
        lines.set_room(14);
        assert_eq!(lines.next_line().unwrap(), Some(&b"one\n"[..]));
        assert!(lines.is_finished());
    }

    #[test]
    fn records_begin_where_reads_begin() {
        let mut lines = Lines::new(Failing(vec![b"d\ne", b"c\n", b"a\nb\n"]), 8191);
        let mut next = || {
            let piece = lines.next_piece().unwrap().unwrap();
            (piece.bytes.to_vec(), piece.begins_record)
        };
        for (bytes, begins_record) in [
            (b"a\n", true),
            (b"b\n", false),
            (b"c\n", true),
            (b"d\n", true),
        ] {
            assert_eq!(next(), (bytes.to_vec(), begins_record));
        }
        // A read that filled all the room leaves it open where the next one begins.
        let full = vec![b'\n'; 16 * 1024];
        let text = [full.as_slice(), b"x\n"].concat();
        let mut lines = Lines::new(text.as_slice(), 8191);
        let mut begins = Vec::new();
        while let Some(piece) = lines.next_piece().unwrap() {
            begins.push(piece.begins_record);
        }
        assert!(begins[0]);
        assert!(begins[1..].iter().all(|begins| !begins));
    }
}
