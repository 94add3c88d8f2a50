//! `/proc/PID/fd` and `/proc/PID/cmdline`: which process holds which socket.
//!
//! One search goes through all processes, before the tables are read. If a socket that is shown has no owner then, a second one goes
//! through the threads that have descriptors of their own.

mod descriptors;
mod files;
mod holders;
mod program;
mod search;
mod threads;

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::sync::Arc;

use crate::collect::control_group::ControlGroups;
use crate::error::Warning;
use crate::proc_root::ProcRoot;
use crate::record::control_group::ControlGroup;
use crate::record::owner::{OwnerUnknown, Owners, Program};
use crate::scan::Scanner;
use descriptors::{CHUNK, Descriptors};
use files::Files;
use holders::Holders;
use search::{Scope, Search};
use threads::Threads;

/// What is wanted of the processes that hold sockets, beyond the first one's PID and name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Security contexts.
    pub context: bool,
    /// All processes that hold a socket, their command lines and the kernel's names for them; and why none is known.
    pub all: bool,
    /// What [`ProgramDetail`](crate::record::owner::ProgramDetail) has.
    pub detail: bool,
    /// Control groups.
    pub groups: bool,
}

/// The holders of sockets by the sockets' inodes.
#[derive(Default)]
pub struct ProgramTable(Option<Found>);

impl fmt::Debug for ProgramTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let programs = self
            .0
            .as_ref()
            .map(|found| found.in_processes.programs.len());
        f.debug_tuple("ProgramTable").field(&programs).finish()
    }
}

/// What is known about processes that were looked for.
struct Found {
    wanted: Wanted,
    root: ProcRoot,
    /// The directories of all processes, in the order of `/proc`; `None` if it cannot be opened.
    processes: Option<Arc<[CString]>>,
    in_processes: Known,
    /// What the search through threads added, once it was made.
    in_threads: Option<Known>,
    /// If they are wanted.
    groups: Option<ControlGroups<'static>>,
    gone: HashSet<u64>,
    /// Processes that did not let us list their descriptors.
    denied: Vec<u32>,
    /// Processes that refused us in another way.
    refused: Vec<u32>,
    vanished: bool,
    /// Why an owner may not be known, if that was found out.
    reason: Option<OwnerUnknown>,
}

/// The holders of sockets.
#[derive(Default)]
struct Known {
    holders: Arc<Holders>,
    /// By the places of their processes in the order of `/proc`.
    programs: HashMap<u32, Rc<Program>>,
    /// Lists of programs: the sockets of a server are often held by the same processes.
    lists: HashMap<Box<[u32]>, Rc<[Rc<Program>]>>,
}

impl ProgramTable {
    /// Looks through all processes below the root. The second value is what there is to complain about.
    pub fn read(root: &ProcRoot, wanted: Wanted) -> (Self, Option<Warning>) {
        let files = Files::new(root).ok().map(Arc::new);
        let processes = files.as_deref().map(search::list);
        let results = files
            .zip(processes.as_ref())
            .map(|(files, processes)| Search::run(&files, processes, wanted, Scope::Processes));
        let is_denied = results
            .as_ref()
            .is_none_or(|results| !results.denied.is_empty());
        let mut results = results.unwrap_or_default();
        let warning = match results.exhausted.take() {
            Some(error) => Some(Warning::ProcessesLeftOut(error)),
            None if !is_denied => None,
            None if !results.holders.is_empty() => Some(Warning::SomeProgramInfo),
            None => Some(Warning::NoProgramInfo(nix::unistd::geteuid().as_raw())),
        };
        let mut groups = wanted.groups.then(|| ControlGroups::below(root));
        let found = Found {
            wanted,
            root: root.clone(),
            processes,
            in_processes: Known::new(results.holders, results.programs, groups.as_mut()),
            in_threads: None,
            groups,
            gone: results.gone,
            denied: results.denied,
            refused: results.refused,
            vanished: results.vanished,
            reason: None,
        };
        (ProgramTable(Some(found)), warning)
    }

    /// The processes that hold a socket.
    pub fn owners(&mut self, inode: u64) -> Owners {
        self.0
            .as_mut()
            .map_or(Owners::NotSought, |found| found.owners(inode))
    }

    /// The control group with an ID, if groups are wanted.
    pub fn group(&mut self, id: u64) -> Option<Arc<ControlGroup>> {
        self.0.as_mut()?.groups.as_mut()?.of_id(id)
    }

    /// The same for a socket whose inode the kernel does not tell.
    pub fn owners_without_inode(&self) -> Owners {
        match self.0 {
            Some(_) => Owners::Unknown(OwnerUnknown::NotVisible),
            None => Owners::NotSought,
        }
    }
}

impl Known {
    fn new(
        holders: Holders,
        mut programs: HashMap<u32, Program>,
        groups: Option<&mut ControlGroups<'_>>,
    ) -> Self {
        if let Some(groups) = groups {
            for program in programs.values_mut() {
                program.group = group(program, groups);
            }
        }
        let programs = programs.into_iter();
        Known {
            holders: Arc::new(holders),
            programs: programs
                .map(|(place, program)| (place, Rc::new(program)))
                .collect(),
            lists: HashMap::new(),
        }
    }

    fn owners(&mut self, inode: u64) -> Option<Owners> {
        let program = |place: &u32| self.programs.get(place).map(Rc::clone);
        let Some(shared) = self.holders.shared(inode) else {
            let first = self.holders.first(inode)?;
            return program(&first).map(Owners::One);
        };
        let programs = match self.lists.get(shared.places.as_slice()) {
            Some(programs) => Rc::clone(programs),
            None => {
                let programs: Rc<[_]> = shared.places.iter().filter_map(program).collect();
                let places = shared.places.clone().into_boxed_slice();
                self.lists.insert(places, Rc::clone(&programs));
                programs
            }
        };
        Some(Owners::Several {
            programs,
            total: shared.total,
        })
    }
}

impl Found {
    fn owners(&mut self, inode: u64) -> Owners {
        if let Some(owners) = self.in_processes.owners(inode) {
            return owners;
        }
        if inode == 0 {
            return Owners::Unknown(OwnerUnknown::Kernel);
        }
        if self.in_threads.is_none() {
            self.in_threads = Some(self.search_threads().unwrap_or_default());
        }
        let in_threads = self.in_threads.as_mut();
        in_threads
            .and_then(|known| known.owners(inode))
            .unwrap_or_else(|| Owners::Unknown(self.reason(inode)))
    }

    /// Looks through the threads that have descriptors of their own.
    fn search_threads(&mut self) -> Option<Known> {
        let processes = self.processes.as_ref()?;
        let files = Arc::new(Files::new(&self.root).ok()?);
        let scope = Scope::Threads(Threads::new(
            Arc::clone(&self.in_processes.holders),
            &self.denied,
            &self.refused,
        ));
        let results = Search::run(&files, processes, self.wanted, scope);
        self.gone.extend(results.gone);
        self.denied.extend(results.denied);
        self.refused.extend(results.refused);
        let groups = self.groups.as_mut();
        Some(Known::new(results.holders, results.programs, groups))
    }

    /// Why nobody is known to hold a socket that has an inode.
    fn reason(&mut self, inode: u64) -> OwnerUnknown {
        // Only formats that show all owners tell why there are none.
        if !self.wanted.all {
            return OwnerUnknown::NotVisible;
        }
        if self.gone.contains(&inode) {
            return OwnerUnknown::Gone;
        }
        let reason = self.reason.unwrap_or_else(|| self.likely_reason());
        self.reason = Some(reason);
        reason
    }

    /// Why nobody may be known to hold a socket that nobody was ever seen to hold.
    fn likely_reason(&self) -> OwnerUnknown {
        let Ok(files) = Files::new(&self.root) else {
            return OwnerUnknown::NoPermission;
        };
        let mut places = self.denied.iter().chain(&self.refused);
        let is_refused = |&place: &u32| {
            let pid = self.pid(place);
            pid.is_some_and(|pid| refuses(&files, pid).unwrap_or_default())
        };
        if self.hides_processes(&files) || places.any(is_refused) {
            OwnerUnknown::NoPermission
        } else if self.vanished && !files.is_procfs {
            // In a living /proc, what a process had that ended is closed, or another one has it.
            OwnerUnknown::Gone
        } else {
            OwnerUnknown::NotVisible
        }
    }

    fn pid(&self, place: u32) -> Option<&CStr> {
        let place = usize::try_from(place).ok()?;
        self.processes.as_ref()?.get(place).map(CString::as_c_str)
    }

    /// Whether processes are missing in the list: a PID namespace always has a first one, and procfs leaves out only what is none of ours
    /// (hidepid=2 and 4).
    fn hides_processes(&self, files: &Files) -> bool {
        let mut processes = self.processes.iter().flat_map(|all| all.iter());
        files.is_procfs && !processes.any(|pid| pid.as_c_str() == c"1")
    }
}

/// The control group of a process; of Docker's proxy, with the container that it forwards to.
fn group(program: &Program, groups: &mut ControlGroups<'_>) -> Option<Arc<ControlGroup>> {
    let pid = Scanner::new(&program.pid).decimal64()?;
    let pid = u32::try_from(pid).ok()?;
    match &program.command_line {
        Some(line) if program.name == b"docker-proxy" => groups.of_docker_proxy(pid, &line.text),
        _ => groups.of_process(pid),
    }
}

/// Whether a process that refused us once still does. One that is about to end does, too, but holds nothing any more.
fn refuses(files: &Files, pid: &CStr) -> Option<bool> {
    let process = files.directory(files.root(), pid).ok()?;
    let listing = match files.listing(process.as_fd(), c"fd") {
        Ok(listing) => listing,
        Err(error) => return Some(is_refusal(&error) && !has_ended(files, pid, process.as_fd())),
    };
    let descriptors = Descriptors::new(listing, files.is_procfs);
    descriptors.chunk(&mut vec![0; CHUNK]);
    let command_line = || files.start(process.as_fd(), c"cmdline", 0);
    Some(descriptors.is_refused() || command_line().is_err_and(|error| is_refusal(&error)))
}

/// Whether no thread of a process is left, but for those that were looked at because the process is ours.
fn has_ended(files: &Files, pid: &CStr, process: BorrowedFd<'_>) -> bool {
    let own = nix::unistd::geteuid().as_raw();
    let ends = match files.start(process, c"stat", 512) {
        Ok(status) => is_ending(&status),
        // It went away meanwhile.
        Err(error) => matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)),
    };
    ends && files
        .threads(pid)
        .is_none_or(|threads| !threads.several || threads.uid == own)
}

/// Whether `/proc/PID/stat` is of a first thread that has ended or is about to. It has given its memory back then, which makes its files
/// root's.
fn is_ending(status: &[u8]) -> bool {
    /// In `linux/sched.h`.
    const PF_EXITING: u64 = 4;
    // The name can hold anything. State, parent, process group, session, terminal and its process group come before the flags.
    let name_end = memchr::memrchr(b')', status).and_then(|end| status.get(end + 1..));
    let mut scanner = Scanner::new(name_end.unwrap_or_default());
    if matches!(scanner.word(1), Some(b"Z" | b"X")) {
        return true;
    }
    let flags = (0..6).map(|_| scanner.word(20)).last().flatten();
    flags
        .and_then(|flags| Scanner::new(flags).decimal64())
        .is_some_and(|flags| flags & PF_EXITING != 0)
}

fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// The inodes of the sockets that one process holds.
///
/// # Errors
/// There is no such process (ENOENT), or it does not let us look.
pub fn sockets_of(root: &ProcRoot, pid: u32) -> io::Result<HashSet<u64>> {
    threads::sockets_of(root, pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_end_are_told_by_state_and_flags() {
        for (status, ending) in [
            ("7 (sleep) S 1 7 7 0 -1 4194304 118 0", false),
            ("7 (sleep) R 1 7 7 0 -1 4194308 118 0", true),
            ("7 (a) Z 1) S 1 7 7 34816 7 4194560 118", false),
            ("7 (sleep) Z 1 7 7 0 -1 4194560 118 0", true),
            ("7 (sleep) X 1 7 7 0 -1 4194560", true),
            ("7 (sleep) S 1 7", false),
            ("7 (sleep", false),
            ("", false),
        ] {
            assert_eq!(is_ending(status.as_bytes()), ending, "{status}");
        }
    }
}
