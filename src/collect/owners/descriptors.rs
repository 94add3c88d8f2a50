//! `/proc/PID/fd`: the sockets in a table of descriptors.

use std::ffi::CStr;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use crate::scan::{LARGEST_LONG, Scanner};
use crate::sys::{directory, status};

/// Room for some 500 descriptors: what one thread takes from a large table at a time.
pub(super) const CHUNK: usize = 16 * 1024;

/// So many numbers are tried at a time.
const STEP: usize = 512;

/// The reference reads so many bytes of a link.
const LINK: usize = 29;

/// A table of descriptors. Several threads may look through it, each a chunk at a time.
pub(super) struct Descriptors {
    directory: File,
    is_procfs: bool,
    /// If there are many.
    numbers: Option<Numbers>,
    sockets: Mutex<Vec<u64>>,
    /// So many descriptors were met, some perhaps twice.
    met: AtomicUsize,
    /// We may not see what they stand for.
    refused: AtomicBool,
}

/// The first descriptors of a large table are found by trying numbers, because listing them costs the kernel a look-up more for each. The
/// directory is listed from where that ends.
struct Numbers {
    /// So many were open at first.
    open: usize,
    /// The next number to try.
    next: AtomicUsize,
    /// The directory stands where the numbers end.
    ended: Once,
}

/// What a look at a chunk came to.
pub(super) struct Chunk {
    /// So many descriptors were met.
    pub met: usize,
    /// There may be more.
    pub more: bool,
}

enum Link {
    Socket(u64),
    Other,
    Absent,
    Refused,
}

impl Numbers {
    /// For a directory of descriptors, which says as its size how many there are (before Linux 6.2: 0). `None` if they are few.
    fn of(directory: &File) -> Option<Self> {
        let size = status::of(directory).ok()?.st_size;
        let open = usize::try_from(size).ok().filter(|&open| open > 2 * STEP)?;
        Some(Numbers {
            open,
            next: AtomicUsize::new(0),
            ended: Once::new(),
        })
    }

    /// The first of the numbers to try next; `None` if as many as there were are met, or the numbers have too many gaps. Then the directory
    /// goes on where the numbers end.
    fn claim(&self, met: usize, mut directory: &File) -> Option<usize> {
        let next = self.next.load(Ordering::Relaxed);
        let worthwhile = met < self.open && next <= self.open + self.open / 4 + STEP;
        if worthwhile && !self.ended.is_completed() {
            return Some(self.next.fetch_add(STEP, Ordering::Relaxed));
        }
        // Others may have come meanwhile and stand in front of some that were there, so a number is not enough to stop at. The place of
        // a descriptor in procfs is its number behind "." and ".." (`proc_readfd_common` in fs/proc/fd.c).
        self.ended.call_once(|| {
            let end = self.next.load(Ordering::Relaxed) + 2;
            let _ = directory.seek(SeekFrom::Start(end.try_into().unwrap_or(u64::MAX)));
        });
        None
    }

    fn left(&self) -> usize {
        self.open.saturating_sub(self.next.load(Ordering::Relaxed))
    }
}

impl Descriptors {
    /// Those in a directory that was opened to be listed. Only in a procfs sizes of directories mean something, and refusals.
    pub(super) fn new(directory: OwnedFd, is_procfs: bool) -> Self {
        let directory = File::from(directory);
        Descriptors {
            numbers: is_procfs.then(|| Numbers::of(&directory)).flatten(),
            directory,
            is_procfs,
            sockets: Mutex::default(),
            met: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
        }
    }

    /// Looks at the next descriptors, about a chunk of them.
    pub(super) fn chunk(&self, buffer: &mut [u8]) -> Chunk {
        let mut sockets = Vec::new();
        let met = self.met.load(Ordering::Relaxed);
        let numbers = self.numbers.as_ref();
        let chunk = match numbers.and_then(|numbers| numbers.claim(met, &self.directory)) {
            Some(start) => self.try_numbers(start, &mut sockets),
            None => self.list(buffer, &mut sockets),
        };
        self.met.fetch_add(chunk.met, Ordering::Relaxed);
        let mut all = self.sockets.lock().unwrap_or_else(PoisonError::into_inner);
        all.append(&mut sockets);
        chunk
    }

    /// Looks at all of them, and returns how many were met.
    pub(super) fn look_at_all(&self, buffer: &mut [u8]) -> usize {
        while self.chunk(buffer).more {}
        self.met.load(Ordering::Relaxed)
    }

    fn try_numbers(&self, start: usize, sockets: &mut Vec<u64>) -> Chunk {
        let mut text = Vec::new();
        let mut met = 0;
        for number in start..start + STEP {
            text.clear();
            let _ = write!(text, "{number}\0");
            let Ok(name) = CStr::from_bytes_with_nul(&text) else {
                continue;
            };
            match self.link(name) {
                Link::Socket(inode) => sockets.push(inode),
                Link::Other => {}
                Link::Absent => continue,
                Link::Refused => return Chunk { met, more: false },
            }
            met += 1;
        }
        Chunk { met, more: true }
    }

    fn list(&self, buffer: &mut [u8], sockets: &mut Vec<u64>) -> Chunk {
        let size = buffer.len();
        let mut met = 0;
        while let Ok(entries) = directory::read_entries(self.directory.as_fd(), buffer)
            && !entries.is_empty()
        {
            for name in directory::entry_names(entries)
                .filter(|name| name.to_bytes().first().is_some_and(u8::is_ascii_digit))
            {
                met += 1;
                match self.link(name) {
                    Link::Socket(inode) => sockets.push(inode),
                    Link::Other | Link::Absent => {}
                    Link::Refused => return Chunk { met, more: false },
                }
            }
            // With room for another entry left this is most likely the end.
            if size - entries.len() < 512 {
                return Chunk { met, more: true };
            }
        }
        Chunk { met, more: false }
    }

    fn link(&self, name: &CStr) -> Link {
        let mut link = [0u8; LINK];
        match directory::read_link_at(self.directory.as_fd(), name, &mut link) {
            Ok(link) => socket_inode(link).map_or(Link::Other, Link::Socket),
            // The kernel judges by the process alone (`proc_pid_readlink` in fs/proc/base.c): its other links are refused, too.
            Err(error) if self.is_procfs && error.raw_os_error() == Some(libc::EACCES) => {
                self.refused.store(true, Ordering::Relaxed);
                Link::Refused
            }
            Err(_) => Link::Absent,
        }
    }

    /// About so many descriptors are still to be looked at.
    pub(super) fn left(&self) -> usize {
        self.numbers.as_ref().map_or(0, Numbers::left)
    }

    /// Whether we may not see what the descriptors stand for.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// The inodes of the sockets among those looked at, each once.
    pub(super) fn into_sockets(self) -> Vec<u64> {
        let mut sockets = self
            .sockets
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        sockets.sort_unstable();
        sockets.dedup();
        sockets
    }
}

/// The inode that a link's text names: `socket:[N]` with at least two digits, or `[0000]:N`, as the reference has it.
fn socket_inode(link: &[u8]) -> Option<u64> {
    let digits = if let Some(rest) = link.strip_prefix(b"socket:[") {
        rest.strip_suffix(b"]").filter(|digits| digits.len() >= 2)?
    } else {
        link.strip_prefix(b"[0000]:")
            .filter(|digits| !digits.is_empty())?
    };
    let mut scanner = Scanner::new(digits);
    let inode = scanner.prefixed_long()?;
    (scanner.rest().is_empty() && inode != LARGEST_LONG).then_some(inode)
}
