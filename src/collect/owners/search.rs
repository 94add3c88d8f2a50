//! The search through all processes: who takes part in it, and who waits for it.
//!
//! Nearly all of the time goes to the kernel, into listing descriptors and reading their links. So threads share the work: each takes the
//! next process in the order of `/proc`, and one that finds a large table of descriptors offers it to the others, which prefer such an
//! offer to a process of their own. Only command lines are not for the main thread: see [`naming`].

mod naming;

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Wanted;
use super::descriptors::{CHUNK, Descriptors};
use super::files::{self, Files};
use super::holders::Holders;
use super::program::Holding;
use super::threads::Threads;
use crate::record::owner::Program;
use crate::sys;
use naming::Naming;

/// Another thread must save the time that one takes for so many descriptors, which is about a millisecond and much more than its start costs.
const WORTH_A_THREAD: usize = 250;

/// Opening a process takes about as long as looking at so many descriptors.
const OPENING: usize = 4;

/// More threads than this would only wait for each other in the kernel.
const MOST_THREADS: usize = 8;

/// Each thread has a few descriptors open; with fewer of them than this for all, one thread is enough.
const FEW_DESCRIPTORS: libc::rlim_t = 64;

/// Where sockets are looked for.
pub(super) enum Scope {
    /// In the descriptors of all processes.
    Processes,
    /// In those of threads that have others than their process.
    Threads(Threads),
}

/// A search, shared by those who take part.
pub(super) struct Search {
    pub files: Arc<Files>,
    /// The directories of all processes, in the order of `/proc`.
    pub processes: Arc<[CString]>,
    pub wanted: Wanted,
    pub scope: Scope,
    work: Mutex<Work>,
    /// Signalled when a large process is on offer or the last thread ran out of processes.
    changed: Condvar,
    /// Signalled when something has happened that the main thread waits for.
    done: Condvar,
    /// Descriptors looked at so far, [`OPENING`] for each process.
    seen: AtomicUsize,
    results: Mutex<Results>,
}

#[derive(Default)]
struct Work {
    /// The next process to be taken.
    next: usize,
    large: Vec<Arc<Process>>,
    /// Threads that are looking at a process of which they do not know yet whether it is large.
    busy: usize,
    /// Threads that have nothing to do until the busy ones know.
    waiting: usize,
    /// Threads that take part besides the main thread, without those that nobody waits for any more.
    threads: usize,
    /// How many threads may take part, if that is known.
    most_threads: Option<usize>,
    /// Processes whose command lines the main thread leaves to others.
    unnamed: Vec<Holding>,
    /// Whose command lines are being read.
    naming: Vec<Naming>,
    /// The main thread waits until no more than so many processes are without a name.
    awaited: Option<usize>,
    /// The main thread has waited so long for command lines that take long.
    waited: Duration,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The main thread, which must not wait for a command line.
    Main,
    /// Any other.
    Other,
}

/// A process that is looked at.
struct Process {
    place: u32,
    directory: OwnedFd,
    descriptors: Descriptors,
}

/// What a thread does next.
enum Task {
    /// The next process, by its place in the order of `/proc`.
    Look(u32),
    /// The next chunk of a large one.
    Chunk(Arc<Process>),
    /// The command line of one that holds sockets.
    Name(Holding),
}

/// What a search found.
#[derive(Default)]
pub(super) struct Results {
    pub holders: Holders,
    /// The programs that hold sockets, by the places of their processes.
    pub programs: HashMap<u32, Program>,
    /// Sockets whose process ended before it had a name.
    pub gone: HashSet<u64>,
    /// Processes that did not let us list their descriptors, which the reference tells.
    pub denied: Vec<u32>,
    /// Processes that refused us in another way.
    pub refused: Vec<u32>,
    /// Some process was gone when we looked.
    pub vanished: bool,
    /// Some process could not be looked at for want of descriptors or memory. The reference does not say so.
    pub exhausted: Option<io::Error>,
}

impl Search {
    /// Looks through all that is in a scope.
    pub(super) fn run(
        files: &Arc<Files>,
        processes: &Arc<[CString]>,
        wanted: Wanted,
        scope: Scope,
    ) -> Results {
        let search = Arc::new(Search {
            files: Arc::clone(files),
            processes: Arc::clone(processes),
            wanted,
            scope,
            work: Mutex::default(),
            changed: Condvar::new(),
            done: Condvar::new(),
            seen: AtomicUsize::new(0),
            results: Mutex::default(),
        });
        search.take_part(Part::Main);
        search.await_others();
        std::mem::take(&mut search.results())
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn pid(&self, place: u32) -> &CStr {
        let place = usize::try_from(place).ok();
        place
            .and_then(|place| self.processes.get(place))
            .map_or(c"", CString::as_c_str)
    }

    /// Starts a thread that takes part, if one can be had.
    fn start_thread(self: &Arc<Self>, work: &mut Work) {
        let search = Arc::clone(self);
        let thread = std::thread::Builder::new().stack_size(256 * 1024);
        if thread.spawn(move || search.take_part(Part::Other)).is_ok() {
            work.threads += 1;
        }
    }

    /// Starts another thread where so much is left that it saves more than it costs.
    fn reinforce(self: &Arc<Self>, work: &mut Work) {
        let large = work.large.iter();
        let in_large: usize = large.map(|process| process.descriptors.left()).sum();
        let each = self.seen.load(Ordering::Relaxed) / work.next.max(1);
        let left = in_large + each * (self.processes.len() - work.next);
        let threads = work.threads + 1;
        // With one more, each does the n+1st part of what is left instead of the nth.
        if left >= WORTH_A_THREAD * threads * (threads + 1)
            && threads < *work.most_threads.get_or_insert_with(most_threads)
        {
            self.start_thread(work);
        }
    }

    /// Does what is to be done, until there is nothing left.
    fn take_part(self: &Arc<Self>, part: Part) {
        let mut buffer = vec![0; CHUNK];
        while let Some(task) = self.next_task(part) {
            let holding = match task {
                Task::Look(place) => self.look(place, part, &mut buffer),
                Task::Chunk(process) => self.go_on(process, &mut buffer),
                Task::Name(holding) => Some(holding),
            };
            let Some(holding) = holding.filter(|holding| !holding.sockets.is_empty()) else {
                continue;
            };
            match part {
                Part::Main => self.leave_to_others(holding),
                Part::Other if self.name(holding) => {}
                // Nobody waits for this thread any more.
                Part::Other => return,
            }
        }
        if part == Part::Other {
            let mut work = self.lock();
            work.threads -= 1;
            if work.threads == 0 {
                self.done.notify_one();
            }
        }
    }

    fn next_task(self: &Arc<Self>, part: Part) -> Option<Task> {
        let mut work = self.lock();
        self.reinforce(&mut work);
        loop {
            if part == Part::Other
                && let Some(holding) = work.unnamed.pop()
            {
                return Some(Task::Name(holding));
            }
            if let Some(process) = work.large.last() {
                return Some(Task::Chunk(Arc::clone(process)));
            }
            if let Ok(place) = u32::try_from(work.next)
                && work.next < self.processes.len()
            {
                work.next += 1;
                work.busy += 1;
                return Some(Task::Look(place));
            }
            if work.busy == 0 {
                return None;
            }
            work.waiting += 1;
            work = self
                .changed
                .wait(work)
                .unwrap_or_else(PoisonError::into_inner);
            work.waiting -= 1;
        }
    }

    /// Looks at a process, the first chunk of it if it is large. Returns its sockets if that is all.
    fn look(self: &Arc<Self>, place: u32, part: Part, buffer: &mut [u8]) -> Option<Holding> {
        let mut large = None;
        let holding = match &self.scope {
            Scope::Processes => self.open(place, part).and_then(|process| {
                let process = Arc::new(process);
                if self.chunk(&process, buffer) {
                    large = Some(process);
                    None
                } else {
                    self.finish(process)
                }
            }),
            Scope::Threads(threads) => threads.look(self, place, buffer),
        };
        let mut work = self.lock();
        work.busy -= 1;
        if work.waiting > 0 && (work.busy == 0 || large.is_some()) {
            self.changed.notify_all();
        }
        work.large.extend(large);
        holding
    }

    /// Looks at the next chunk of a large process. Returns its sockets if that was the last.
    fn go_on(&self, process: Arc<Process>, buffer: &mut [u8]) -> Option<Holding> {
        if !self.chunk(&process, buffer) {
            let mut work = self.lock();
            work.large.retain(|other| !Arc::ptr_eq(other, &process));
        }
        self.finish(process)
    }

    fn chunk(&self, process: &Process, buffer: &mut [u8]) -> bool {
        let chunk = process.descriptors.chunk(buffer);
        self.saw(chunk.met);
        chunk.more
    }

    /// Notes how much was looked at.
    pub(super) fn saw(&self, descriptors: usize) {
        self.seen.fetch_add(descriptors, Ordering::Relaxed);
    }

    fn open(self: &Arc<Self>, place: u32, part: Part) -> Option<Process> {
        self.saw(OPENING);
        let mut opened = self.try_open(place);
        // Processes that wait for their names take descriptors, which are missing where few may be open.
        if let Err(error) = &opened
            && exhaustion(error).is_some()
            && part == Part::Main
            && self.await_names(0)
        {
            opened = self.try_open(place);
        }
        let (directory, descriptors) = self.or_failed(place, opened)?;
        Some(Process {
            place,
            directory,
            descriptors: Descriptors::new(descriptors, self.files.is_procfs),
        })
    }

    fn try_open(&self, place: u32) -> io::Result<(OwnedFd, OwnedFd)> {
        let directory = self.files.directory(self.files.root(), self.pid(place))?;
        let descriptors = self.files.listing(directory.as_fd(), c"fd")?;
        Ok((directory, descriptors))
    }

    /// What was opened, or `None` where it is noted why it was not.
    pub(super) fn or_failed<T>(&self, place: u32, result: io::Result<T>) -> Option<T> {
        let error = match result {
            Ok(opened) => return Some(opened),
            Err(error) => error,
        };
        let mut results = self.results();
        match error.raw_os_error() {
            // The only one that the reference minds.
            Some(libc::EACCES) => results.denied.push(place),
            // A procfs with hidepid=1.
            Some(libc::EPERM) => results.refused.push(place),
            Some(libc::ENOENT | libc::ESRCH) => results.vanished = true,
            _ => results.exhaust(&error),
        }
        None
    }

    /// The sockets of a process that is looked at, once nobody else does.
    fn finish(&self, process: Arc<Process>) -> Option<Holding> {
        let process = Arc::into_inner(process)?;
        let place = process.place;
        if process.descriptors.is_refused() {
            self.results().refused.push(place);
        }
        Some(Holding {
            place,
            process: process.directory,
            thread: None,
            sockets: process.descriptors.into_sockets(),
        })
    }
}

impl Results {
    /// Notes a failure that is our own want rather than a process that is gone or not ours.
    fn exhaust(&mut self, error: &io::Error) {
        self.exhausted = self.exhausted.take().or(exhaustion(error));
    }
}

/// A failure for want of descriptors or memory.
fn exhaustion(error: &io::Error) -> Option<io::Error> {
    error
        .raw_os_error()
        .filter(|code| matches!(*code, libc::EMFILE | libc::ENFILE | libc::ENOMEM))
        .map(io::Error::from_raw_os_error)
}

/// How many threads may take part in a search.
fn most_threads() -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((descriptors, _)) if descriptors < FEW_DESCRIPTORS => 1,
        _ => sys::processors(MOST_THREADS),
    }
}

/// The names of the processes in a directory, in its order.
pub(super) fn list(files: &Files) -> Arc<[CString]> {
    let mut processes = Vec::new();
    files::names(files.root(), &mut vec![0; 2 * CHUNK], |name| {
        if files::is_number(name) {
            processes.push(name.to_owned());
        }
    });
    processes.into()
}
