//! Going from one network namespace to another, and home.
//!
//! A namespace belongs to a thread. The main thread goes from one to the next, because `/proc/net` follows it; the name service is always
//! asked where the program was started ([`at_home`]), since that is what `/etc/resolv.conf` speaks of.

use crate::error::Error;
use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where `ip netns` keeps namespaces by name.
pub const NAMED: &str = "/run/netns";

/// The namespace of the main thread.
pub const OWN: &str = "/proc/self/ns/net";

/// The namespace in which the program was started, once the main thread has left it.
static HOME: OnceLock<File> = OnceLock::new();

/// Takes the main thread to a namespace, unless it is there already.
///
/// # Errors
/// What `setns(2)` said.
pub fn go(namespace: &File) -> io::Result<()> {
    let own = File::open(OWN)?;
    if identity(&own)? == identity(namespace)? {
        return Ok(());
    }
    HOME.get_or_init(|| own);
    Ok(setns(namespace, CloneFlags::CLONE_NEWNET)?)
}

/// What tells namespaces apart: device and inode of their files.
///
/// # Errors
/// What `fstat(2)` said.
pub fn identity(namespace: &File) -> io::Result<(u64, u64)> {
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

/// Opens the file that stands for a namespace.
///
/// # Errors
/// What `open(2)` said.
pub fn open(path: &Path) -> io::Result<File> {
    // Whatever else lies there must not make us wait.
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
}

/// Makes sure that a file stands for a namespace. An ordinary one is what is left of a namespace that was mounted in another mount
/// namespace.
///
/// # Errors
/// It is none, or cannot be told.
pub fn check(file: &File) -> io::Result<()> {
    if fstatfs(file)?.filesystem_type() == NSFS_MAGIC {
        Ok(())
    } else {
        Err(io::Error::other("Not a network namespace"))
    }
}

/// The namespace in which the program was started.
///
/// # Errors
/// The kernel has no network namespaces, or there is no /proc.
pub fn home() -> io::Result<File> {
    match HOME.get() {
        Some(home) => home.try_clone(),
        None => File::open(OWN),
    }
}
