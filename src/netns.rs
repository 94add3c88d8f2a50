//! Network namespaces: which ones there are, and how to go there.
//!
//! A namespace belongs to a thread. The main thread goes from one to the next, because `/proc/net` follows it; the name service is always
//! asked where the program was started ([`at_home`]), since that is what `/etc/resolv.conf` speaks of.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};

use crate::error::{Error, Warning};
use crate::query::Query;
use crate::record::{Fields, Value, Visitor};

/// Where `ip netns` keeps namespaces by name.
const NAMED: &str = "/run/netns";

/// The namespace of the main thread.
const OWN: &str = "/proc/self/ns/net";

/// The namespace in which the program was started, once the main thread has left it.
static HOME: OnceLock<File> = OnceLock::new();

/// A network namespace.
#[derive(Debug)]
pub struct Namespace {
    /// Its names in /run/netns, sorted.
    pub names: Vec<Vec<u8>>,
    /// The number by which the kernel knows it: that in `net:[4026531840]`.
    pub inode: u64,
    /// The first process in it, by number; this one does not count.
    pub process: Option<Process>,
    /// Whether the program was started in it.
    pub is_current: bool,
    file: File,
}

/// A process that lives in a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name as the kernel has it, at most 15 bytes.
    pub name: Vec<u8>,
}

impl Namespace {
    /// What to call it: its names, or `net:[INODE]`.
    pub fn label(&self) -> Vec<u8> {
        if self.names.is_empty() {
            format!("net:[{}]", self.inode).into_bytes()
        } else {
            self.names.join(&b", "[..])
        }
    }

    /// Takes the main thread there.
    ///
    /// # Errors
    /// What `setns(2)` said.
    pub fn enter(&self) -> io::Result<()> {
        go(&self.file)
    }
}

/// The fields that each record read in it gets.
impl Fields for Namespace {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("netns", Value::Text(&self.label()));
        visit("netns_inode", Value::Unsigned(self.inode));
        let pid = self.process.as_ref().map(|process| process.pid.into());
        visit("netns_pid", pid.map_or(Value::Null, Value::Unsigned));
    }
}

/// Takes the main thread to a namespace, unless it is there already.
fn go(namespace: &File) -> io::Result<()> {
    let own = File::open(OWN)?;
    if identity(&own)? == identity(namespace)? {
        return Ok(());
    }
    HOME.get_or_init(|| own);
    Ok(setns(namespace, CloneFlags::CLONE_NEWNET)?)
}

/// What tells namespaces apart: device and inode of their files.
fn identity(namespace: &File) -> io::Result<(u64, u64)> {
    let status = namespace.metadata()?;
    Ok((status.dev(), status.ino()))
}

/// Takes this thread, which is not the main thread, to where the program was started. Failing that it stays where it is.
pub fn go_home() {
    if let Some(home) = HOME.get() {
        let _ = setns(home, CloneFlags::CLONE_NEWNET);
    }
}

/// Asks a question in the namespace in which the program was started: on a thread of its own if the main thread has left it. (The
/// main thread itself could not be sure of the permission to come back.)
pub fn at_home<T: Send>(ask: impl FnOnce() -> T + Send) -> Option<T> {
    if HOME.get().is_none() {
        return Some(ask());
    }
    let (mut ask, mut answer) = (Some(ask), None);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(256 * 1024);
        let _ = thread.spawn_scoped(scope, || {
            go_home();
            answer = ask.take().map(|ask| ask());
        });
    });
    // Without a thread it is asked here.
    answer.or_else(|| ask.take().map(|ask| ask()))
}

/// Takes the main thread to the namespace that `--netns` names: that name in /run/netns or, if there is none and it is a number,
/// that of the process. Must be done before there are other threads.
///
/// # Errors
/// [`Error::Extension`] if there is no such namespace, [`Error::Namespace`] if it cannot be entered.
pub fn enter(wanted: &OsStr) -> Result<(), Error> {
    let (path, file) = find(wanted)?;
    let error = |source| Error::Namespace {
        name: path.display().to_string(),
        source,
    };
    let file = file.map_err(error)?;
    check(&file).and_then(|()| go(&file)).map_err(error)
}

/// Which file is meant, and what came of opening it.
fn find(wanted: &OsStr) -> Result<(PathBuf, io::Result<File>), Error> {
    let bytes = wanted.as_bytes();
    if !bytes.contains(&b'/') && bytes != b"." && bytes != b".." {
        let path = Path::new(NAMED).join(wanted);
        let file = open(&path);
        if !is_missing(&file) {
            return Ok((path, file));
        }
    }
    let is_number = bytes.iter().all(u8::is_ascii_digit);
    if is_number {
        let path = Path::new("/proc").join(wanted).join("ns/net");
        let file = open(&path);
        if !is_missing(&file) {
            return Ok((path, file));
        }
    }
    let or_process = if is_number {
        " and no such process"
    } else {
        ""
    };
    Err(Error::Extension(format!(
        "option '--netns': no '{}' in {NAMED}{or_process}",
        wanted.display()
    )))
}

fn is_missing(file: &io::Result<File>) -> bool {
    file.as_ref()
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn open(path: &Path) -> io::Result<File> {
    // Whatever else lies there must not make us wait.
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// Makes sure that a file stands for a namespace. An ordinary one is what is left of a namespace that was mounted in another mount
/// namespace.
fn check(file: &File) -> io::Result<()> {
    if fstatfs(file)?.filesystem_type() == NSFS_MAGIC {
        Ok(())
    } else {
        Err(io::Error::other("Not a network namespace"))
    }
}

/// Finds every namespace that has a name in /run/netns or a process in /proc, each once: first the one in which the program was
/// started, then those with names by name, then the others by the number of their first process. They cannot vanish any more.
/// The second value is what there is to complain about.
///
/// # Errors
/// [`Error::Namespace`]: the kernel has no network namespaces, or no /proc.
pub fn all() -> Result<(Vec<Namespace>, Vec<Warning>), Error> {
    allow_many_files();
    let mut search = Search::default();
    let own = match HOME.get() {
        Some(home) => home.try_clone(),
        None => File::open(OWN),
    };
    own.and_then(|own| search.add(own))
        .map_err(|source| Error::Namespace {
            name: OWN.to_owned(),
            source,
        })?;
    search.names();
    search.processes();
    let Search {
        mut found,
        mut warnings,
        denied,
        ..
    } = search;
    if denied {
        warnings.push(Warning::HiddenNamespaces);
    }
    if let Some(current) = found.first_mut() {
        current.is_current = true;
    }
    Ok((found, warnings))
}

/// Lifts the limit of open files as far as we may: there is one for each namespace.
fn allow_many_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

#[derive(Default)]
struct Search {
    found: Vec<Namespace>,
    places: HashMap<(u64, u64), usize>,
    warnings: Vec<Warning>,
    /// Some process did not let us look.
    denied: bool,
}

impl Search {
    /// Adds a namespace unless it is known.
    fn add(&mut self, file: File) -> io::Result<&mut Namespace> {
        let identity = identity(&file)?;
        let place = *self.places.entry(identity).or_insert(self.found.len());
        if place == self.found.len() {
            self.found.push(Namespace {
                names: Vec::new(),
                inode: identity.1,
                process: None,
                is_current: false,
                file,
            });
        }
        self.found
            .get_mut(place)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Adds those that have names.
    fn names(&mut self) {
        let entries = fs::read_dir(NAMED).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let path = Path::new(NAMED).join(&name);
            let file = open(&path).and_then(|file| check(&file).map(|()| file));
            match file.and_then(|file| self.add(file)) {
                Ok(namespace) => namespace.names.push(name.into_vec()),
                Err(source) => self.leave_out(&path, source),
            }
        }
    }

    /// Adds those that have processes.
    fn processes(&mut self) {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut pids: Vec<u32> = entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            // This process need not be where it was started.
            .filter(|&pid| pid != std::process::id())
            .collect();
        pids.sort_unstable();
        for pid in pids {
            let directory = PathBuf::from(format!("/proc/{pid}"));
            let path = directory.join("ns/net");
            // Far fewer namespaces than processes: opened are only those that are new.
            let status = match fs::metadata(&path) {
                Ok(status) => status,
                Err(error) => {
                    // The others are processes that have ended.
                    self.denied |= error.kind() == io::ErrorKind::PermissionDenied;
                    continue;
                }
            };
            let known = self.places.get(&(status.dev(), status.ino()));
            let namespace = match known.and_then(|&place| self.found.get_mut(place)) {
                Some(namespace) => namespace,
                None => match open(&path).and_then(|file| self.add(file)) {
                    Ok(namespace) => namespace,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(source) => {
                        self.leave_out(&path, source);
                        continue;
                    }
                },
            };
            if namespace.process.is_none() {
                let mut name = fs::read(directory.join("comm")).unwrap_or_default();
                if name.last() == Some(&b'\n') {
                    name.pop();
                }
                namespace.process = Some(Process { pid, name });
            }
        }
    }

    fn leave_out(&mut self, path: &Path, source: io::Error) {
        self.warnings.push(Warning::NamespaceLeftOut {
            name: path.display().to_string(),
            source,
        });
    }
}
