//! Which network namespaces there are, and how to come to their tables.
//!
//! The way in is `setns(2)`, which is root's. Where that is refused, or under `--proc-root`, the tables of a namespace are read from the
//! directory of a process that lives there (`/proc/PID/net`), which the kernel lets everybody do.
//!
//! No namespace is held open while others are reported on, for there may be more of them than we may open files. So one can end before its
//! turn comes, which is no error, and what was found is looked at again before it is used.

pub mod mounts;
mod search;
mod way;

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;

use crate::error::{Error, Warning};
use crate::netns::{self, NAMED};
use crate::proc_root::{ProcRoot, Task};
use crate::record::namespace::Namespace;
use search::Search;
use way::{Tables, Way};
pub use way::{is_exhausted, is_refused};

/// A namespace that was found, and the ways there.
#[derive(Debug, Default)]
pub struct Found {
    /// What is known of it.
    pub namespace: Namespace,
    /// Its tables, as far as they had to be looked at.
    tables: Option<Tables>,
    /// Some ways, in the order in which they were found.
    ways: Vec<Way>,
    /// Who lives there, the first by number; a thread only if no process does.
    resident: Option<Task>,
}

/// Where to read the tables of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where they always are: the main thread has gone there.
    Here,
    /// In the directory of this task.
    Of(Task),
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct All {
    /// The namespaces: first the one in which the program was started, then those with names by name, then the others by the number
    /// of their first process.
    pub found: Vec<Found>,
    /// What there is to complain about.
    pub warnings: Vec<Warning>,
    /// How many namespaces are known only by the tables of a process. Others that are found and cannot be entered may be the same.
    pub nameless: usize,
    /// Something could not be looked at for want of descriptors or memory.
    pub exhausted: bool,
}

/// So many ways to a namespace are kept: processes end.
const MOST_WAYS: usize = 4;

/// Finds every namespace, each once. Below the system's `/proc` these are the ones that have a name in `/run/netns`, that a process or a
/// thread lives in, that a descriptor or a mount keeps alive, or that the kernel lists (`listns(2)`); below another, those of its processes
/// and their threads.
///
/// # Errors
/// [`Error::Namespace`]: the kernel has no network namespaces, or no `/proc`.
pub fn all(root: &ProcRoot) -> Result<All, Error> {
    let mut search = Search::new(root);
    search.home()?;
    if root.is_default() {
        search.names();
    }
    search.processes();
    if root.is_system() {
        search.listed();
    }
    Ok(search.finish())
}

impl Found {
    /// Takes the main thread there, or finds out in whose directory the tables are. `None`: there is no such namespace any more.
    ///
    /// # Errors
    /// Why it could not be entered, if nobody lives there either.
    pub fn reach(&self, root: &ProcRoot) -> io::Result<Option<Place>> {
        let mut refusal = None;
        for way in &self.ways {
            let reached = match way {
                Way::Home if !root.is_system() => return Ok(Some(Place::Here)),
                _ if !root.is_system() => continue,
                way => way.open().and_then(|file| self.enter(&file)),
            };
            match reached {
                Ok(()) => return Ok(Some(Place::Here)),
                Err(error) if way::is_gone(&error) => {}
                // The kernel also says so of a process that has just ended.
                Err(error)
                    if way::is_refused(&error)
                        && way.through().is_some_and(|task| !way::exists(root, task)) => {}
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        let tasks = self.ways.iter().filter_map(Way::resident);
        let mut tasks = tasks.chain(self.resident);
        if let Some(task) = tasks.find(|&task| self.is_home_of(root, task)) {
            return Ok(Some(Place::Of(task)));
        }
        refusal.map_or(Ok(None), Err)
    }

    /// The same, and if those who lived there have all ended, or none is known, looks whether another process lives there.
    ///
    /// # Errors
    /// As for [`reach`](Self::reach).
    pub fn reach_anew(&self, root: &ProcRoot) -> io::Result<Option<Place>> {
        let reached = self.reach(root);
        if matches!(reached, Ok(Some(_))) {
            return reached;
        }
        let pids = search::processes(root).unwrap_or_default();
        let mut tasks = pids.into_iter().map(Task::from);
        match tasks.find(|&task| self.is_home_of(root, task)) {
            Some(task) => Found {
                namespace: self.namespace.clone(),
                tables: self.tables,
                ways: vec![Way::Task(task)],
                resident: None,
            }
            .reach(root),
            None => reached,
        }
    }

    /// Goes there, if the file still stands for this namespace.
    fn enter(&self, file: &File) -> io::Result<()> {
        netns::check(file)?;
        if Some(netns::inode(file)?) != self.namespace.inode {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        netns::go(file)
    }

    /// Whether a task lives there now.
    fn is_home_of(&self, root: &ProcRoot, task: Task) -> bool {
        match (way::inode_of(root, task), self.namespace.inode) {
            // Below a copy there may be links without tables.
            (Ok(inode), Some(own)) => inode == own && way::tables_of(root, Some(task)).is_ok(),
            _ => self.tables.is_some() && way::tables_of(root, Some(task)).ok() == self.tables,
        }
    }

    /// Notes that a task lives there.
    fn add_resident(&mut self, task: Task) {
        let counts_before = |other: Task| {
            (task.thread.is_some(), task.process) < (other.thread.is_some(), other.process)
        };
        if self.resident.is_none_or(counts_before) {
            self.resident = Some(task);
        }
        self.add_way(|| Way::Task(task));
    }

    fn add_way(&mut self, way: impl FnOnce() -> Way) {
        if self.ways.len() < MOST_WAYS {
            self.ways.push(way());
        }
    }
}

/// Takes the main thread to the namespace that `--netns` names, or finds out in whose directory its tables are: that name in `/run/netns`
/// or, if there is none and it is a number, that of the process. Below another root than the default there are only processes. Must be done
/// before there are other threads.
///
/// # Errors
/// [`Error::Extension`] if there is no such namespace, [`Error::Namespace`] if it cannot be entered and nobody is seen to live there.
pub fn go_to(root: &ProcRoot, wanted: &OsStr) -> Result<Place, Error> {
    let bytes = wanted.as_bytes();
    let may_be_name = !bytes.contains(&b'/') && bytes != b"." && bytes != b"..";
    if root.is_default() && may_be_name {
        let way = Way::Name(bytes.to_vec());
        let refused = |source| Error::Namespace {
            name: way.path().display().to_string(),
            source,
        };
        match way.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            file => {
                let file = file.map_err(refused)?;
                let inode = netns::check(&file).and_then(|()| netns::inode(&file));
                let found = Found {
                    namespace: Namespace {
                        inode: Some(inode.map_err(refused)?),
                        ..Namespace::default()
                    },
                    ways: vec![way.clone()],
                    ..Found::default()
                };
                let gone = || refused(io::Error::from_raw_os_error(libc::ENOENT));
                let place = found.reach_anew(root).map_err(refused)?;
                return place.ok_or_else(gone);
            }
        }
    }
    let process = wanted.to_str().and_then(|number| number.parse().ok());
    if let Some(process) = process.filter(|_| bytes.iter().all(u8::is_ascii_digit))
        && let Some(place) = go_to_process(root, process)?
    {
        return Ok(place);
    }
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    let what = match (root.is_default(), is_number) {
        (true, true) => format!("in {NAMED} and no such process"),
        (true, false) => format!("in {NAMED}"),
        (false, true) => format!("among the processes of {}", root.directory().display()),
        (false, false) => "here: with '--proc-root' it is the number of a process".to_owned(),
    };
    Err(Error::Extension(format!(
        "option '--netns': no '{}' {what}",
        wanted.display()
    )))
}

/// The same for a process; `None` if there is none.
fn go_to_process(root: &ProcRoot, process: u32) -> Result<Option<Place>, Error> {
    let task = Task::from(process);
    let (inode, refusal) = match way::inode_of(root, task) {
        Ok(inode) => (Some(inode), None),
        Err(error) => (None, Some(error)),
    };
    let found = Found {
        namespace: Namespace {
            inode,
            ..Namespace::default()
        },
        // If the link may not be read, the tables are what is asked for.
        tables: way::tables_of(root, Some(task)).ok(),
        ways: vec![Way::Task(task)],
        ..Found::default()
    };
    let reached = found.reach(root);
    let refused = |source| Error::Namespace {
        name: Way::Task(task).path().display().to_string(),
        source,
    };
    match (reached.map_err(refused)?, refusal) {
        (None, Some(source)) if !way::is_gone(&source) && way::exists(root, task) => {
            Err(refused(source))
        }
        (place, _) => Ok(place),
    }
}
