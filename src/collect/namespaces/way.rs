//! The ways to a network namespace, and what tells namespaces apart.

use std::ffi::{CStr, CString, OsStr};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::netns::{self, NAMED};
use crate::proc_root::{self, ProcRoot, Task};
use crate::sys::open::{self, Purpose};
use crate::sys::{directory, namespace, status};

/// A way to a namespace.
#[derive(Clone, Debug)]
pub enum Way {
    /// The program was started there; below another root than the system's `/proc`: the tables are those under `net`.
    Home,
    /// It has this name in `/run/netns`.
    Name(Vec<u8>),
    /// This task lives there.
    Task(Task),
    /// This task has it open under this number.
    Descriptor(Task, u32),
    /// It is mounted on this path.
    Path(CString),
    /// It is mounted, as this task sees it, on this path from the root directory, which begins without a slash.
    Mount(Task, CString),
    /// The kernel has it under this number (no inode).
    Listed(u64),
}

impl Way {
    /// Opens the file that stands for the namespace, below the system's `/proc`.
    ///
    /// Only what is certainly such a file is opened: behind a descriptor or on a path something else may be by now, which makes us wait.
    pub fn open(&self) -> io::Result<File> {
        match self {
            Way::Home => netns::home(),
            Way::Name(_) | Way::Task(_) => netns::open(&self.path()),
            Way::Descriptor(..) => {
                let path = CString::new(self.path().as_os_str().as_bytes())?;
                netns::open_held(&open::hold(&path)?)
            }
            Way::Path(path) => netns::open_held(&open::hold(path)?),
            Way::Mount(task, path) => {
                let root = open::hold(&CString::new(format!("/proc/{task}/root"))?)?;
                netns::open_held(&open::hold_in_memory(root.as_fd(), path)?)
            }
            Way::Listed(id) => namespace::open_network_namespace(*id, 0).map(File::from),
        }
    }

    /// The file as it is named in messages; empty if there is none.
    pub fn path(&self) -> PathBuf {
        match self {
            Way::Home => PathBuf::from(netns::OWN),
            Way::Name(name) => Path::new(NAMED).join(OsStr::from_bytes(name)),
            Way::Task(task) => PathBuf::from(format!("/proc/{task}/ns/net")),
            Way::Descriptor(task, number) => PathBuf::from(format!("/proc/{task}/fd/{number}")),
            Way::Path(path) => PathBuf::from(OsStr::from_bytes(path.to_bytes())),
            Way::Mount(task, path) => {
                PathBuf::from(format!("/proc/{task}/root")).join(OsStr::from_bytes(path.to_bytes()))
            }
            Way::Listed(_) => PathBuf::new(),
        }
    }

    /// Who lives there.
    pub fn resident(&self) -> Option<Task> {
        match *self {
            Way::Task(task) => Some(task),
            _ => None,
        }
    }

    /// Whose directory it leads through.
    pub fn through(&self) -> Option<Task> {
        match *self {
            Way::Task(task) | Way::Descriptor(task, _) | Way::Mount(task, _) => Some(task),
            Way::Home | Way::Name(_) | Way::Path(_) | Way::Listed(_) => None,
        }
    }
}

/// The tables of a namespace, by device and inode: in procfs of a file that every namespace has, elsewhere of their directory.
pub type Tables = (u64, u64);

/// Which tables a task has, or the root under `net`. Everybody may know.
///
/// # Errors
/// There is no such task any more, or it may not be looked at.
pub fn tables_of(root: &ProcRoot, task: Option<Task>) -> io::Result<Tables> {
    let task = task.or(root.net_of());
    let path = task.map_or_else(|| "net".to_owned(), |task| format!("{task}/net"));
    let directory = root.open_directory(&CString::new(path)?, Purpose::Search)?;
    // In procfs, `net` itself belongs to the process.
    let status = if proc_root::is_procfs(&directory) {
        status::at(&directory, c"dev")?
    } else {
        status::of(&directory)?
    };
    Ok((status.st_dev, status.st_ino))
}

/// The inode of the namespace that a task lives in.
///
/// # Errors
/// There is no such task any more, or this is not for us to know (EACCES).
pub fn inode_of(root: &ProcRoot, task: Task) -> io::Result<u64> {
    let links = root.open_directory(&CString::new(format!("{task}/ns"))?, Purpose::Search)?;
    linked(&links, c"net", b"net")
}

/// The inode of the namespace of a kind that a link stands for, such as 4026531840 for `net:[4026531840]`.
pub fn linked(links: impl AsFd, name: &CStr, kind: &[u8]) -> io::Result<u64> {
    let mut text = [0; 32];
    let text = directory::read_link_at(links.as_fd(), name, &mut text)?;
    inode_in(text, kind).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// The inode in what the kernel calls a namespace of a kind.
pub fn inode_in(text: &[u8], kind: &[u8]) -> Option<u64> {
    let digits = text.strip_prefix(kind)?.strip_prefix(b":[")?;
    let digits = digits.strip_suffix(b"]")?;
    // Rust's own parser also takes a sign.
    let digits = std::str::from_utf8(digits).ok()?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// Whether a task is there at all.
pub fn exists(root: &ProcRoot, task: Task) -> bool {
    CString::new(task.to_string())
        .is_ok_and(|path| root.open_directory(&path, Purpose::Search).is_ok())
}

/// Whether an error says that a process, or what it had, is there no longer. (A process that has ended without having been waited for
/// lives nowhere.)
pub fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOENT | libc::ESRCH | libc::ESTALE)
    ) || error.kind() == io::ErrorKind::NotFound
}

/// Whether an error says that we may not.
pub fn is_refused(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EACCES | libc::EPERM))
}

/// Whether an error says that there are not enough descriptors or not enough memory.
pub fn is_exhausted(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_inodes() {
        assert_eq!(inode_in(b"net:[4026531840]", b"net"), Some(4_026_531_840));
        for text in [
            "mnt:[4026531840]",
            "net:[4026531840",
            "net:4026531840]",
            "net:[]",
            "net:[-1]",
            "net:[ 1]",
            "net:[1]x",
            "net:[99999999999999999999]",
            "socket:[1]",
            "",
        ] {
            assert_eq!(inode_in(text.as_bytes(), b"net"), None, "{text}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of procfs")]
    fn tables_tell_namespaces_apart_as_links_do() {
        let root = ProcRoot::default();
        let own = Task::from(std::process::id());
        let tables = tables_of(&root, Some(own)).unwrap();
        assert_eq!(tables_of(&root, None).unwrap(), tables);
        assert_eq!(tables_of(&root.with_net_of(own), None).unwrap(), tables);
        assert!(inode_of(&root, own).is_ok());
        assert!(exists(&root, own));
        let nobody = Task::from(u32::MAX);
        assert!(is_gone(&tables_of(&root, Some(nobody)).unwrap_err()));
        assert!(is_gone(&inode_of(&root, nobody).unwrap_err()));
        assert!(!exists(&root, nobody));
    }

    /// A refusal would make us say that root sees more.
    #[test]
    #[cfg_attr(miri, ignore = "no model of procfs")]
    fn a_process_that_has_ended_refuses_nothing() {
        let root = ProcRoot::default();
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let task = Task::from(child.id());
        let path = CString::new(format!("{task}/ns")).unwrap();
        let links = root.open_directory(&path, Purpose::Search).unwrap();
        assert!(linked(&links, c"net", b"net").is_ok());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&linked(&links, c"net", b"net").unwrap_err()));
        assert!(is_gone(&tables_of(&root, Some(task)).unwrap_err()));
        assert!(!exists(&root, task));
    }
}
