//! `/proc/PID/task/TID/fd`: sockets that a process holds without its first thread.
//!
//! A thread can leave the table of descriptors that it shares with the others (`unshare(2)` with `CLONE_FILES`), and the first thread of a
//! process can end before the others do. `/proc/PID/fd` shows the first thread's descriptors alone.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, OnceLock};

use super::descriptors::{CHUNK, Descriptors};
use super::files::{self, Files};
use super::holders::Holders;
use super::program::Holding;
use super::search::Search;
use crate::proc_root::ProcRoot;
use crate::sys::descriptor_tables;

/// The search through threads.
pub(super) struct Threads {
    /// What is known already.
    known: Arc<Holders>,
    /// Processes that did not let us list their descriptors, in order.
    denied: Vec<u32>,
    /// Processes that refused us in another way, in order.
    refused: Vec<u32>,
    /// Our effective user ID.
    uid: u32,
    /// Threads have the numbers by which system calls know them, if that was found out.
    our_numbers: OnceLock<bool>,
}

impl Threads {
    pub(super) fn new(known: Arc<Holders>, denied: &[u32], refused: &[u32]) -> Self {
        let sorted = |places: &[u32]| {
            let mut places = places.to_vec();
            places.sort_unstable();
            places
        };
        Threads {
            known,
            denied: sorted(denied),
            refused: sorted(refused),
            uid: nix::unistd::geteuid().as_raw(),
            our_numbers: OnceLock::new(),
        }
    }

    /// Looks for sockets that nobody is known to hold in the threads of a process.
    pub(super) fn look(&self, search: &Search, place: u32, buffer: &mut [u8]) -> Option<Holding> {
        search.saw(1);
        let files = &search.files;
        let pid = search.pid(place);
        let threads = files.threads(pid).filter(|threads| threads.several)?;
        // A process refuses us with all of its threads, except that the kernel makes root the owner of a first thread's files once it has
        // ended, so that our own process denies us its list.
        let has = |places: &[u32]| places.binary_search(&place).is_ok();
        if has(&self.refused) || (has(&self.denied) && threads.uid != self.uid) {
            return None;
        }
        let our_numbers = *self.our_numbers.get_or_init(|| files.has_our_numbers());
        let process = files.directory(files.root(), pid).ok()?;
        let mut sockets = Vec::new();
        let mut holder = None;
        for_each_table(
            files,
            pid,
            process.as_fd(),
            our_numbers,
            |thread, listing| {
                let Some(listing) = search.or_failed(place, listing) else {
                    return;
                };
                let descriptors = Descriptors::new(listing, files.is_procfs);
                search.saw(descriptors.look_at_all(buffer));
                if descriptors.is_refused() {
                    search.results().refused.push(place);
                }
                let mut found = descriptors.into_sockets();
                found.retain(|&inode| self.known.first(inode).is_none());
                if !found.is_empty() {
                    sockets.append(&mut found);
                    holder.get_or_insert(thread);
                }
            },
        );
        // Tables that once were one hold the same sockets.
        sockets.sort_unstable();
        sockets.dedup();
        Some(Holding {
            place,
            process,
            thread: Some(holder?),
            sockets,
        })
    }
}

/// Calls `each` for one thread of each table of descriptors that a process has besides its first thread's: with the thread's directory and
/// what came of opening the list of its descriptors.
fn for_each_table(
    files: &Files,
    pid: &CStr,
    process: BorrowedFd<'_>,
    our_numbers: bool,
    mut each: impl FnMut(OwnedFd, io::Result<OwnedFd>),
) {
    let Ok(tasks) = files.listing(process, c"task") else {
        return;
    };
    let mut threads: Vec<CString> = Vec::new();
    files::names(tasks.as_fd(), &mut vec![0; CHUNK], |name| {
        if files::is_number(name) && name != pid {
            threads.push(name.to_owned());
        }
    });
    let mut tables = Tables::new(pid);
    for thread in threads {
        if our_numbers && !tables.is_new(&thread) {
            continue;
        }
        if let Ok(directory) = files.directory(tasks.as_fd(), &thread) {
            let listing = files.listing(directory.as_fd(), c"fd");
            each(directory, listing);
        }
    }
}

/// One thread of each table of descriptors, in the kernel's order of tables.
struct Tables(Vec<i32>);

impl Tables {
    fn new(first_thread: &CStr) -> Self {
        Tables(number(first_thread).into_iter().collect())
    }

    /// Whether a thread has a table that no other before it had. What cannot be compared counts as new: that costs time, no truth.
    fn is_new(&mut self, thread: &CStr) -> bool {
        let Some(thread) = number(thread) else {
            return true;
        };
        let place = self.0.binary_search_by(|&other| {
            // Of a thread that has ended the order is not known any more.
            descriptor_tables::compare(other, thread).unwrap_or(Ordering::Less)
        });
        match place {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, thread);
                true
            }
        }
    }
}

fn number(name: &CStr) -> Option<i32> {
    name.to_str().ok()?.parse().ok()
}

/// The inodes of the sockets that one process holds, whichever of its threads does.
///
/// # Errors
/// There is no such process (ENOENT), or it does not let us look.
pub(super) fn sockets_of(root: &ProcRoot, pid: u32) -> io::Result<HashSet<u64>> {
    let files = Files::new(root)?;
    let name = CString::new(pid.to_string())?;
    let process = files
        .directory(files.root(), &name)
        .map_err(|error| hidden(root, pid, error))?;
    let mut buffer = vec![0; CHUNK];
    let mut sockets = HashSet::new();
    let mut failure = None;
    let mut is_seen = false;
    let mut look = |listing: io::Result<OwnedFd>| match listing {
        Ok(listing) => {
            let descriptors = Descriptors::new(listing, files.is_procfs);
            descriptors.look_at_all(&mut buffer);
            if descriptors.is_refused() {
                let refusal = || io::Error::from_raw_os_error(libc::EACCES);
                failure.get_or_insert_with(refusal);
            } else {
                is_seen = true;
                sockets.extend(descriptors.into_sockets());
            }
        }
        Err(error) => {
            failure.get_or_insert(error);
        }
    };
    look(files.listing(process.as_fd(), c"fd"));
    if files.threads(&name).is_some_and(|threads| threads.several) {
        let our_numbers = files.has_our_numbers();
        for_each_table(&files, &name, process.as_fd(), our_numbers, |_, listing| {
            look(listing);
        });
    }
    match failure {
        Some(error) if !is_seen => Err(hidden(root, pid, error)),
        _ => Ok(sockets),
    }
}

/// A procfs with hidepid=2 says that there is no such process, where it means that it is none of ours.
fn hidden(root: &ProcRoot, pid: u32, error: io::Error) -> io::Error {
    let is_there = || {
        let pid = i32::try_from(pid).ok().filter(|&pid| pid > 0);
        pid.is_some_and(|pid| nix::unistd::getpgid(Some(nix::unistd::Pid::from_raw(pid))).is_ok())
    };
    if error.kind() == io::ErrorKind::NotFound && root.is_system() && is_there() {
        io::Error::from_raw_os_error(libc::EACCES)
    } else {
        error
    }
}
