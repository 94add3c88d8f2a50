//! Opening files relative to a directory, wherever their names lead or only inside it.

use std::collections::VecDeque;
use std::ffi::{CStr, CString};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat, openat2, readlinkat};
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

/// Opens `path` for reading, wherever its links lead. Whatever stands in the file's place neither blocks nor becomes the terminal.
///
/// # Errors
/// What `open(2)` said.
pub fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
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

/// Takes hold of what `path` leads to, wherever that is, without opening it: whatever it is, it neither waits nor notices.
///
/// # Errors
/// What `open(2)` said.
pub fn hold(path: &CStr) -> io::Result<OwnedFd> {
    Ok(uninterrupted(|| {
        openat(
            AT_FDCWD,
            path,
            OFlag::O_PATH | OFlag::O_CLOEXEC,
            Mode::empty(),
        )
    })?)
}

/// The same from `directory` on, if the kernel has all of the path in memory, as it has the places where something is mounted. No file system
/// is asked, which might never answer: those of FUSE are programs of their users.
///
/// # Errors
/// What `openat2(2)` said. EAGAIN: it would have to ask. ENOSYS, EINVAL: before Linux 5.12 there is no such promise.
pub fn hold_in_memory(directory: BorrowedFd<'_>, path: &CStr) -> io::Result<OwnedFd> {
    /// `RESOLVE_CACHED` of `linux/openat2.h`.
    const CACHED: ResolveFlag = ResolveFlag::from_bits_retain(0x20);
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
        .resolve(CACHED);
    Ok(uninterrupted(|| openat2(directory, path, how))?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// A directory `root` beside one whose file is none of its business.
    fn tree() -> TempDir {
        let tree = tempfile::tempdir().unwrap();
        let place = |name: &str| tree.path().join(name);
        fs::create_dir_all(place("root/77/net")).unwrap();
        fs::create_dir(place("outside")).unwrap();
        fs::write(place("outside/secret"), "secret").unwrap();
        fs::write(place("root/file"), "inside").unwrap();
        fs::write(place("root/77/net/tcp"), "table").unwrap();
        let outside = place("outside");
        let outside = outside.to_str().unwrap();
        for (name, target) in [
            ("net", "self/net"),
            ("self", "77"),
            ("absolute", "/file"),
            ("up", "../../../../file"),
            ("77/up", "../file"),
            ("out-absolute", &format!("{outside}/secret")),
            ("out", "../outside/secret"),
            ("77/net/out", "../../../outside/secret"),
            ("directory-out", "../outside"),
            ("directory-out-absolute", outside),
            ("loop", "loop"),
            ("link-00", "file"),
        ] {
            symlink(target, place(&format!("root/{name}"))).unwrap();
        }
        for number in 1..50 {
            let target = format!("link-{:02}", number - 1);
            symlink(target, place(&format!("root/link-{number:02}"))).unwrap();
        }
        tree
    }

    type Opener = fn(BorrowedFd<'_>, &CStr, Purpose) -> io::Result<OwnedFd>;

    /// What opening gave: text, or an error number.
    fn read(open: Opener, root: &File, path: &CStr) -> Result<String, i32> {
        let error = |error: io::Error| error.raw_os_error().unwrap();
        let opened = open(root.as_fd(), path, Purpose::Read).map_err(error)?;
        let mut text = String::new();
        File::from(opened)
            .read_to_string(&mut text)
            .map_err(error)?;
        Ok(text)
    }

    #[track_caller]
    fn nothing_outside_is_reached(open: Opener) {
        let tree = tree();
        let root = File::open(tree.path().join("root")).unwrap();
        for (path, expected) in [
            (c"file", Ok("inside")),
            (c"/file", Ok("inside")),
            (c"./77//../file", Ok("inside")),
            (c"../file", Ok("inside")),
            (c"absolute", Ok("inside")),
            (c"up", Ok("inside")),
            (c"77/up", Ok("inside")),
            (c"net/tcp", Ok("table")),
            (c"net/../net/tcp", Ok("table")),
            (c"net/../../file", Ok("inside")),
            (c"link-39", Ok("inside")),
            (c"link-40", Err(libc::ELOOP)),
            (c"loop", Err(libc::ELOOP)),
            (c"loop/x", Err(libc::ELOOP)),
            (c"out-absolute", Err(libc::ENOENT)),
            (c"out", Err(libc::ENOENT)),
            (c"net/out", Err(libc::ENOENT)),
            (c"../outside/secret", Err(libc::ENOENT)),
            (c"directory-out/secret", Err(libc::ENOENT)),
            (c"directory-out-absolute/secret", Err(libc::ENOENT)),
            (c"nothing", Err(libc::ENOENT)),
            (c"file/x", Err(libc::ENOTDIR)),
            (c"file/../file", Err(libc::ENOTDIR)),
            (c"77", Err(libc::EISDIR)),
            (c".", Err(libc::EISDIR)),
            (c"..", Err(libc::EISDIR)),
        ] {
            let expected = expected.map(str::to_owned);
            assert_eq!(read(open, &root, path), expected, "{path:?}");
        }
        for purpose in [Purpose::List, Purpose::Search] {
            let opened = |path| {
                let opened = open(root.as_fd(), path, purpose);
                opened.map(drop).map_err(|error| error.raw_os_error())
            };
            for path in [c"77", c"net", c"net/..", c"."] {
                assert_eq!(opened(path), Ok(()), "{path:?}");
            }
            for path in [c"file", c"absolute", c"net/tcp"] {
                assert_eq!(opened(path), Err(Some(libc::ENOTDIR)), "{path:?}");
            }
            for path in [c"directory-out", c"directory-out-absolute", c"nothing"] {
                assert_eq!(opened(path), Err(Some(libc::ENOENT)), "{path:?}");
            }
        }
        // Links of procfs that lead anywhere: to an open file, to the root of all.
        let proc = File::open("/proc").unwrap();
        let secret = File::open(tree.path().join("outside/secret")).unwrap();
        let descriptor = format!("self/fd/{}", secret.as_raw_fd());
        for path in [descriptor.as_str(), "self/root/etc/passwd", "self/exe"] {
            let path = CString::new(path).unwrap();
            assert_eq!(read(open, &proc, &path), Err(libc::ENOENT), "{path:?}");
        }
        assert!(read(open, &proc, c"self/status").is_ok());
        assert!(read(open, &proc, c"net/dev").is_ok());
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of openat2")]
    fn links_lead_nowhere_else() {
        nothing_outside_is_reached(open_inside);
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of openat")]
    fn nor_do_they_name_by_name() {
        nothing_outside_is_reached(|root, path, purpose| Ok(walk(root, path, purpose)?));
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of openat")]
    fn elsewhere_they_lead_anywhere() {
        let tree = tree();
        let root = File::open(tree.path().join("root")).unwrap();
        for path in [c"out", c"out-absolute", c"directory-out/secret"] {
            assert_eq!(read(open_at, &root, path).as_deref(), Ok("secret"));
        }
    }

    /// As in an older kernel, or under a filter that came before the system call.
    #[test]
    #[cfg_attr(miri, ignore = "no model of seccomp")]
    fn openat2_may_be_missing() {
        for errno in [libc::ENOSYS, libc::EPERM] {
            // A filter holds for its thread and for good.
            std::thread::spawn(move || {
                if !forbid(libc::SYS_openat2, errno) {
                    eprintln!("not run: system calls cannot be forbidden here");
                    return;
                }
                let how = OpenHow::new().flags(OFlag::O_PATH);
                let refused = openat2(nix::fcntl::AT_FDCWD, c"/", how).unwrap_err();
                assert_eq!(refused as i32, errno);
                nothing_outside_is_reached(open_inside);
            })
            .join()
            .unwrap();
        }
    }

    /// Makes a system call fail in this thread; false if nothing can, as under qemu-user.
    fn forbid(call: libc::c_long, errno: i32) -> bool {
        let line = |code: u32, jump_if_false: u8, k: u32| libc::sock_filter {
            code: code as u16,
            jt: 0,
            jf: jump_if_false,
            k,
        };
        // The number of the system call is the first word of struct seccomp_data.
        let mut program = [
            line(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
            line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call as u32),
            line(
                libc::BPF_RET | libc::BPF_K,
                0,
                libc::SECCOMP_RET_ERRNO | errno as u32,
            ),
            line(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
        ];
        let program = libc::sock_fprog {
            len: program.len() as u16,
            filter: program.as_mut_ptr(),
        };
        let (none, one): (libc::c_ulong, libc::c_ulong) = (0, 1);
        let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
        // SAFETY: `program` points to a filter of the length that it tells, which the kernel copies.
        let status = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, none, none, none)
                | libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program)
        };
        let refused = status != 0 && nix::errno::Errno::last() == nix::errno::Errno::EINVAL;
        assert!(status == 0 || refused);
        status == 0
    }
}
