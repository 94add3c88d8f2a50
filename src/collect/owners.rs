//! `/proc/PID/fd` and `/proc/PID/cmdline`: which process holds which socket.
//!
//! Nearly all of the time goes to the kernel, into listing descriptors and reading their links. So links are read relative to
//! their directory, and once there are many, a second thread takes part ([`Scan`]).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::io::{self, Read, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::error::Warning;
use crate::proc_root::{self, ProcRoot};
use crate::record::owner::{OwnerUnknown, Owners, Program};
use crate::scan::Scanner;
use crate::sys::open::Purpose;
use crate::sys::{self, directory};

/// What is wanted of the processes that hold sockets, beyond the first one's PID and name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Security contexts.
    pub context: bool,
    /// All processes that hold a socket, and their command lines.
    pub all: bool,
}

/// The holders of sockets by the sockets' inodes.
#[derive(Debug, Default)]
pub struct ProgramTable {
    /// The programs that hold sockets, by the place of their process in `/proc`.
    programs: HashMap<u32, Rc<Program>>,
    by_inode: HashMap<u64, u32>,
    /// The places of all processes that hold a socket with others, in order, if all are wanted.
    shared: HashMap<u64, Vec<u32>>,
    /// Processes were looked for.
    sought: bool,
    /// Some could not be looked into.
    denied: bool,
    /// Some ended before they were looked into.
    vanished: bool,
}

impl ProgramTable {
    /// The processes that hold a socket.
    pub fn owners(&self, inode: u64) -> Owners {
        if !self.sought {
            return Owners::NotSought;
        }
        let program = |place| self.programs.get(place).map(Rc::clone);
        if let Some(places) = self.shared.get(&inode) {
            return Owners::Several(places.iter().filter_map(program).collect());
        }
        match self.by_inode.get(&inode).and_then(program) {
            Some(program) => Owners::One(program),
            None if inode == 0 => Owners::Unknown(OwnerUnknown::Kernel),
            None if self.denied => Owners::Unknown(OwnerUnknown::NoPermission),
            None if self.vanished => Owners::Unknown(OwnerUnknown::Gone),
            None => Owners::Unknown(OwnerUnknown::NotVisible),
        }
    }

    /// Looks through all processes below the root. The second value is what there is to complain about.
    pub fn read(root: &ProcRoot, wanted: Wanted) -> (Self, Option<Warning>) {
        let mut table = Self {
            sought: true,
            ..Self::default()
        };
        let scanned = Scan::start(root, wanted).map(|scan| {
            scan.run(&mut table);
            table.vanished = scan.vanished.into_inner();
            (scan.denied.into_inner(), scan.exhausted.into_inner())
        });
        table.denied = scanned.as_ref().map_or(true, |(denied, _)| *denied);
        let warning = match scanned {
            Ok((_, Some(error))) => Some(Warning::ProcessesLeftOut(error)),
            Ok((false, None)) => None,
            Ok((true, None)) if !table.by_inode.is_empty() => Some(Warning::SomeProgramInfo),
            _ => Some(Warning::NoProgramInfo(nix::unistd::geteuid().as_raw())),
        };
        (table, warning)
    }

    fn add(&mut self, inode: u64, place: u32, all: bool) {
        match self.by_inode.entry(inode) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            // Threads finish in any order; the first process of /proc wins all the same.
            Entry::Occupied(mut entry) => {
                let other = *entry.get();
                if all && other != place {
                    self.shared.entry(inode).or_default().extend([other, place]);
                }
                entry.insert(place.min(other));
            }
        }
    }
}

/// Kernels allow a program six MiB of arguments and environment (three quarters of eight MiB of stack). What is longer is no command
/// line, and must not take all memory.
const LONGEST_COMMAND_LINE: u64 = 8 << 20;

/// The reference reads so many bytes of a link.
const LINK: usize = 29;

/// The inodes of the sockets that one process holds.
///
/// # Errors
/// There is no such process, or it does not let us look.
pub fn sockets_of(root: &ProcRoot, pid: u32) -> io::Result<HashSet<u64>> {
    let descriptors = root.open_directory(&CString::new(format!("{pid}/fd"))?, Purpose::List)?;
    let mut sockets = HashSet::new();
    let mut buffer = vec![0; 2 * CHUNK];
    loop {
        let entries = directory::read_entries(descriptors.as_fd(), &mut buffer)?;
        if entries.is_empty() {
            return Ok(sockets);
        }
        for name in directory::entry_names(entries) {
            let mut link = [0u8; LINK];
            // Names that are no links are "." and "..".
            let link = directory::read_link_at(descriptors.as_fd(), name, &mut link);
            sockets.extend(link.ok().and_then(socket_inode));
        }
    }
}

/// The descriptors that one thread can look at in the time that starting another takes, generously.
const WORTH_A_THREAD: usize = 2000;

/// Room for some 500 descriptors: what one thread takes from a large process at a time.
const CHUNK: usize = 16 * 1024;

/// The search through all processes, shared by the threads that take part.
///
/// Each takes the next process in the order of `/proc`. One that finds a process with more descriptors than fit into a chunk offers it to
/// the others, which prefer such an offer to a process of their own.
struct Scan<'a> {
    root: &'a ProcRoot,
    directory: OwnedFd,
    /// The root is a procfs, so that sizes of directories mean something.
    procfs: bool,
    processes: Vec<CString>,
    wanted: Wanted,
    work: Mutex<Work>,
    /// Signalled when a large process is on offer or the last thread ran out of processes.
    changed: Condvar,
    /// Descriptors looked at so far.
    seen: AtomicUsize,
    /// Some process did not let us look.
    denied: AtomicBool,
    /// Some process was gone when we looked.
    vanished: AtomicBool,
    /// Some process could not be looked at for want of descriptors or memory. The reference does not say so.
    exhausted: OnceLock<io::Error>,
}

#[derive(Default)]
struct Work {
    /// The next process to be taken.
    next: usize,
    large: Vec<Arc<Process>>,
    /// Threads that are looking at a process of which they do not know yet whether it is large.
    busy: usize,
}

struct Process {
    /// Its place in the order of `/proc`.
    place: u32,
    directory: OwnedFd,
    descriptors: OwnedFd,
    /// If it has many descriptors.
    numbers: Option<Numbers>,
    /// Set when its first socket is met.
    program: OnceLock<Program>,
}

/// Descriptors of a large process, found by trying numbers.
struct Numbers {
    /// How many are open.
    open: usize,
    /// The next number to try.
    next: AtomicUsize,
    /// How many were met so far.
    met: AtomicUsize,
}

/// So many numbers are tried at a time.
const STEP: usize = 512;

impl Numbers {
    /// For a directory of descriptors, which says as its size how many there are (before Linux 6.2: 0). `None` if they are few.
    fn of(descriptors: &OwnedFd) -> Option<Self> {
        let size = nix::sys::stat::fstat(descriptors).ok()?.st_size;
        let open = usize::try_from(size).ok().filter(|&open| open > 2 * STEP)?;
        Some(Numbers {
            open,
            next: AtomicUsize::new(0),
            met: AtomicUsize::new(0),
        })
    }
}

/// What a thread found: sockets with the places of their processes, and programs.
#[derive(Default)]
struct Found {
    sockets: Vec<(u64, u32)>,
    programs: Vec<(u32, Program)>,
}

impl<'a> Scan<'a> {
    fn start(root: &'a ProcRoot, wanted: Wanted) -> io::Result<Self> {
        let directory = root.open_directory(c"", Purpose::List)?;
        let mut processes = Vec::new();
        let mut buffer = vec![0; 2 * CHUNK];
        // An error later on ends the list of processes.
        while let Ok(entries) = directory::read_entries(directory.as_fd(), &mut buffer) {
            if entries.is_empty() {
                break;
            }
            let numbers = directory::entry_names(entries)
                .filter(|name| name.to_bytes().iter().all(u8::is_ascii_digit));
            processes.extend(numbers.map(CStr::to_owned));
        }
        Ok(Scan {
            procfs: proc_root::is_procfs(&directory),
            root,
            directory,
            processes,
            wanted,
            work: Mutex::default(),
            changed: Condvar::new(),
            seen: AtomicUsize::new(0),
            denied: AtomicBool::new(false),
            vanished: AtomicBool::new(false),
            exhausted: OnceLock::new(),
        })
    }

    /// Looks at all processes, with a second thread once that is worth it.
    fn run(&self, table: &mut ProgramTable) {
        let mut found = Vec::new();
        std::thread::scope(|scope| {
            let mut helper = None;
            let mut own = Found::default();
            self.take_part(&mut own, || {
                if helper.is_none()
                    && self.seen.load(Ordering::Relaxed) >= WORTH_A_THREAD
                    && sys::has_several_cores()
                {
                    let thread = std::thread::Builder::new().stack_size(256 * 1024);
                    helper = thread
                        .spawn_scoped(scope, || {
                            let mut found = Found::default();
                            self.take_part(&mut found, || {});
                            found
                        })
                        .ok();
                }
            });
            found.push(own);
            found.extend(helper.and_then(|helper| helper.join().ok()));
        });
        table
            .by_inode
            .reserve(found.iter().map(|found| found.sockets.len()).sum());
        for found in found {
            for (inode, place) in found.sockets {
                table.add(inode, place, self.wanted.all);
            }
            let programs = found.programs.into_iter();
            table
                .programs
                .extend(programs.map(|(place, program)| (place, Rc::new(program))));
        }
        for places in table.shared.values_mut() {
            places.sort_unstable();
            places.dedup();
        }
    }

    /// Takes processes until there are none; `between` is called after each chunk of descriptors.
    fn take_part(&self, found: &mut Found, mut between: impl FnMut()) {
        let mut buffer = vec![0; CHUNK];
        let mut work = self.lock();
        loop {
            if let Some(process) = work.large.last().cloned() {
                drop(work);
                let more = self.chunk(&process, &mut buffer, found);
                between();
                work = self.lock();
                if !more {
                    work.large.retain(|other| other.place != process.place);
                }
            } else if let Some(pid) = self.processes.get(work.next) {
                let place = work.next;
                work.next += 1;
                work.busy += 1;
                drop(work);
                let large = self
                    .open(place, pid)
                    .filter(|process| self.chunk(process, &mut buffer, found));
                between();
                work = self.lock();
                work.busy -= 1;
                work.large.extend(large.map(Arc::new));
                self.changed.notify_all();
            } else if work.busy > 0 {
                work = self
                    .changed
                    .wait(work)
                    .unwrap_or_else(PoisonError::into_inner);
            } else {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, place: usize, pid: &CStr) -> Option<Process> {
        let directory = self
            .root
            .open_at(self.directory.as_fd(), pid, Purpose::Search);
        let opened = self.note(directory).and_then(|directory| {
            let descriptors = self.root.open_at(directory.as_fd(), c"fd", Purpose::List);
            let descriptors = self.note(descriptors);
            match &descriptors {
                Err(error) if error.raw_os_error() == Some(libc::EACCES) => {
                    self.denied.store(true, Ordering::Relaxed);
                }
                _ => {}
            }
            Ok((directory, descriptors?))
        });
        match opened {
            Ok((directory, descriptors)) => Some(Process {
                place: u32::try_from(place).ok()?,
                numbers: self.procfs.then(|| Numbers::of(&descriptors)).flatten(),
                directory,
                descriptors,
                program: OnceLock::new(),
            }),
            Err(error) => {
                if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) {
                    self.vanished.store(true, Ordering::Relaxed);
                }
                None
            }
        }
    }

    /// Notes whether a failure is our own want rather than a process that is gone or not ours.
    fn note<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            if let Some(code @ (libc::EMFILE | libc::ENFILE | libc::ENOMEM)) = error.raw_os_error()
            {
                let _ = self.exhausted.set(io::Error::from_raw_os_error(code));
            }
        })
    }

    /// Looks at the next descriptors of a process, about a chunk of them; `false` if there are no more.
    fn chunk(&self, process: &Process, buffer: &mut [u8], found: &mut Found) -> bool {
        let numbers = process.numbers.as_ref();
        if let Some(more) = numbers.and_then(|numbers| self.numbers(process, numbers, found)) {
            return more;
        }
        let size = buffer.len();
        while let Ok(entries) = directory::read_entries(process.descriptors.as_fd(), buffer)
            && !entries.is_empty()
        {
            self.descriptors(process, entries, found);
            // With room for another entry left this is most likely the end.
            if size - entries.len() < 512 {
                return true;
            }
        }
        false
    }

    /// The same by trying the next numbers instead of listing the directory, which costs the kernel a look-up more for each. `None` if the
    /// numbers have too many gaps for that.
    fn numbers(&self, process: &Process, numbers: &Numbers, found: &mut Found) -> Option<bool> {
        let start = numbers.next.fetch_add(STEP, Ordering::Relaxed);
        if numbers.met.load(Ordering::Relaxed) >= numbers.open {
            return Some(false);
        }
        if start > numbers.open + numbers.open / 4 + STEP {
            return None;
        }
        let mut text = Vec::new();
        let mut met = 0;
        for number in start..start + STEP {
            text.clear();
            let _ = write!(text, "{number}\0");
            if let Ok(name) = CStr::from_bytes_with_nul(&text) {
                met += usize::from(self.descriptor(process, name, found));
            }
        }
        self.seen.fetch_add(met, Ordering::Relaxed);
        let before = numbers.met.fetch_add(met, Ordering::Relaxed);
        Some(before + met < numbers.open)
    }

    fn descriptors(&self, process: &Process, entries: &[u8], found: &mut Found) {
        let mut seen = 0;
        for name in directory::entry_names(entries)
            .filter(|name| name.to_bytes().first().is_some_and(u8::is_ascii_digit))
        {
            seen += 1;
            self.descriptor(process, name, found);
        }
        self.seen.fetch_add(seen, Ordering::Relaxed);
    }

    /// Looks at a descriptor, if there is one of that name.
    fn descriptor(&self, process: &Process, name: &CStr, found: &mut Found) -> bool {
        let mut link = [0u8; LINK];
        let Ok(link) = directory::read_link_at(process.descriptors.as_fd(), name, &mut link) else {
            return false;
        };
        let Some(inode) = socket_inode(link) else {
            return true;
        };
        if process.program.get().is_none() {
            let Some(program) = self.program(process) else {
                self.vanished.store(true, Ordering::Relaxed);
                return true;
            };
            if process.program.set(program.clone()).is_ok() {
                found.programs.push((process.place, program));
            }
        }
        found.sockets.push((inode, process.place));
        true
    }

    fn program(&self, process: &Process) -> Option<Program> {
        let directory = process.directory.as_fd();
        // The reference reads 511 bytes of it.
        let limit = if self.wanted.all {
            LONGEST_COMMAND_LINE
        } else {
            511
        };
        let command_line = self.read_start(directory, c"cmdline", limit)?;
        Some(Program {
            pid: self
                .processes
                .get(usize::try_from(process.place).ok()?)?
                .to_bytes()
                .to_vec(),
            name: program_name(&command_line).to_vec(),
            context: if self.wanted.context {
                self.read_start(directory, c"attr/current", 4095)
                    .and_then(security_context)
            } else {
                None
            },
            command_line: self.wanted.all.then_some(command_line),
        })
    }

    /// The first bytes of a file of a process, or `None` if it cannot be read.
    fn read_start(&self, process: BorrowedFd<'_>, name: &CStr, limit: u64) -> Option<Vec<u8>> {
        let file = self.note(self.root.open_file_at(process, name)).ok()?;
        let mut text = Vec::new();
        self.note(file.take(limit).read_to_end(&mut text)).ok()?;
        Some(text)
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
    let inode = scanner.prefixed64()?;
    (scanner.rest().is_empty() && inode != u64::MAX).then_some(inode)
}

/// The name of a program: its command line up to a NUL, without directories if it begins with one.
///
/// Titles with blanks stay whole (`nginx: master process …`), which is why it is the *last* slash of all that counts.
fn program_name(command_line: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, command_line).unwrap_or(command_line.len());
    let (name, _) = command_line.split_at(end);
    if name.first() == Some(&b'/') {
        name.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    } else {
        name
    }
}

/// The context of a process: a C string, which other security modules than SELinux end with a newline.
///
/// A file without any byte, on which the reference crashes, holds none.
fn security_context(mut text: Vec<u8>) -> Option<Vec<u8>> {
    if text.is_empty() {
        return None;
    }
    if let Some(end) = memchr::memchr(0, &text) {
        text.truncate(end);
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Some(text)
}
