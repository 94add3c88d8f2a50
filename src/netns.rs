//! Going from one network namespace to another, and home.
//!
//! A namespace belongs to a thread. The main thread goes from one to the next, because `/proc/net` follows it; the name service is always
//! asked where the program was started ([`at_home`]), since that is what `/etc/resolv.conf` speaks of.

use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{NSFS_MAGIC, fstatfs};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

use crate::sys::open::open_file;

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
    if inode(&own)? == inode(namespace)? {
        return Ok(());
    }
    HOME.get_or_init(|| own);
    Ok(setns(namespace, CloneFlags::CLONE_NEWNET)?)
}

/// What tells namespaces apart: the inode of their files, all of which are in one file system (nsfs).
///
/// # Errors
/// What `fstat(2)` said.
pub fn inode(namespace: &File) -> io::Result<u64> {
    Ok(namespace.metadata()?.ino())
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

/// Opens the file that stands for a namespace.
///
/// # Errors
/// What `open(2)` said.
pub fn open(path: &Path) -> io::Result<File> {
    // Whatever else lies there must not make us wait.
    open_file(path)
}

/// Makes sure that a file stands for a namespace. An ordinary one is what is left of a namespace that was mounted in another mount
/// namespace.
///
/// # Errors
/// It is none, or cannot be told.
pub fn check(file: impl AsFd) -> io::Result<()> {
    if fstatfs(file)?.filesystem_type() == NSFS_MAGIC {
        Ok(())
    } else {
        Err(io::Error::other("Not a network namespace"))
    }
}

/// Opens what was [held](crate::sys::open::hold), if it stands for a namespace.
///
/// # Errors
/// It stands for none, or cannot be opened.
pub fn open_held(held: &OwnedFd) -> io::Result<File> {
    check(held)?;
    File::open(format!("/proc/self/fd/{}", held.as_raw_fd()))
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
