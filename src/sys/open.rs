//! Opening files relative to a directory, wherever their names lead or only inside it.

use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
use nix::sys::stat::Mode;

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To read a file, or whatever is in its place.
    Read,
    /// To list a directory.
    List,
    /// To open what is in a directory.
    Search,
}

impl Purpose {
    fn flags(self) -> OFlag {
        OFlag::O_CLOEXEC
            | match self {
                // Without O_NONBLOCK the open would wait for the writer of a FIFO.
                Purpose::Read => OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY,
                Purpose::List => OFlag::O_RDONLY | OFlag::O_DIRECTORY,
                Purpose::Search => OFlag::O_PATH | OFlag::O_DIRECTORY,
            }
    }
}

/// Opens `path`, from `directory` unless it begins with a slash, and follows its links wherever they lead.
///
/// # Errors
/// What `openat(2)` said.
pub fn open_at(directory: BorrowedFd<'_>, path: &CStr, purpose: Purpose) -> io::Result<OwnedFd> {
    Ok(uninterrupted(|| {
        openat(directory, path, purpose.flags(), Mode::empty())
    })?)
}

/// Opens `path` as if `directory` were the root of all files: absolute links begin there, and no `..` leads further up. Nothing outside
/// can be reached, unless something is mounted inside.
///
/// # Errors
/// What `openat2(2)` said, or would say.
pub fn open_inside(
    directory: BorrowedFd<'_>,
    path: &CStr,
    purpose: Purpose,
) -> io::Result<OwnedFd> {
    let how = OpenHow::new()
        .flags(purpose.flags())
        .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    let opened = uninterrupted(|| openat2(directory, path, how));
    Ok(match opened {
        // Linux before 5.6; a filter of system calls that does not know it, or says so with EPERM.
        Err(Errno::ENOSYS | Errno::EPERM) => walk(directory, path, purpose),
        // Something was renamed meanwhile, and `..` could have led anywhere.
        Err(Errno::EAGAIN) => walk(directory, path, purpose),
        // Links without end, or a link of procfs that stands for an open file. What such a link says is a path like any other.
        Err(Errno::ELOOP) => walk(directory, path, purpose),
        opened => opened,
    }?)
}

/// The kernel follows so many links in one path (`MAXSYMLINKS` in `linux/namei.h`).
const MOST_LINKS: usize = 40;

/// [`open_inside`] without `openat2(2)`: one name after the other, each from the directory before, and links are followed by reading them.
fn walk(root: BorrowedFd<'_>, path: &CStr, purpose: Purpose) -> nix::Result<OwnedFd> {
    /// What a path has between its slashes, except what leads nowhere.
    fn names(path: &[u8]) -> impl DoubleEndedIterator<Item = CString> {
        path.split(|&byte| byte == b'/')
            .filter(|name| !matches!(*name, b"" | b"."))
            .filter_map(|name| CString::new(name).ok())
    }
    let mut ahead: VecDeque<CString> = names(path.to_bytes()).collect();
    // The directories from below the root down to where we are.
    let mut way: Vec<OwnedFd> = Vec::new();
    let mut links = 0;
    while let Some(name) = ahead.pop_front() {
        if name.as_bytes() == b".." {
            way.pop();
            continue;
        }
        let here = way.last().map_or(root, AsFd::as_fd);
        let is_last = ahead.is_empty();
        let flags = if is_last { purpose } else { Purpose::Search }.flags();
        let opened = uninterrupted(|| {
            openat(
                here,
                name.as_c_str(),
                flags | OFlag::O_NOFOLLOW,
                Mode::empty(),
            )
        });
        match opened {
            Ok(opened) if is_last => return Ok(opened),
            Ok(opened) => way.push(opened),
            // So says O_NOFOLLOW of a link, and with O_DIRECTORY of a link as of anything else that is no directory.
            Err(error @ (Errno::ELOOP | Errno::ENOTDIR)) => {
                let target = readlinkat(here, name.as_c_str()).map_err(|_| error)?;
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::ELOOP);
                }
                let target = target.into_vec();
                if target.first() == Some(&b'/') {
                    way.clear();
                }
                for name in names(&target).rev() {
                    ahead.push_front(name);
                }
            }
            Err(error) => return Err(error),
        }
    }
    let here = way.last().map_or(root, AsFd::as_fd);
    openat(here, c".", purpose.flags(), Mode::empty())
}

fn uninterrupted<T>(mut call: impl FnMut() -> nix::Result<T>) -> nix::Result<T> {
    loop {
        match call() {
            Err(Errno::EINTR) => {}
            result => return result,
        }
    }
}
