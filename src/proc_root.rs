//! Where the kernel's tables are read: `/proc`, or another directory laid out like it.
//!
//! The only opener of table files. What an absent file means is decided by the collectors, with
//! [`absent`] for the two errors that count as "this kernel has no such table".

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, readlinkat};
use nix::unistd::{AccessFlags, access};

use crate::error::Error;
pub use crate::lines::{LONG_LINE, Lines, PIECE, Piece};
use crate::scan::ByteOrder;
use crate::sys::open::{self, Purpose};
use crate::sys::status;

/// No table of any kernel is larger by far, and with this limit no file can take all memory.
const LARGEST_FILE: u64 = 64 << 20;

/// Room for the first bytes of a file: the few that most files have are read at once.
const SMALL_FILE: usize = 4096;

/// A process, or one of its threads, by the numbers that it has below a root. As text it is the path of its directory there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// The number of the process.
    pub process: u32,
    /// That of the thread; `None` for the process as a whole, whose first thread has the same number.
    pub thread: Option<u32>,
}

impl From<u32> for Task {
    fn from(process: u32) -> Self {
        Task {
            process,
            thread: None,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            None => write!(f, "{}", self.process),
            Some(thread) => write!(f, "{}/task/{thread}", self.process),
        }
    }
}

/// A directory in the layout of procfs.
///
/// Whoever names another one than `/proc` need not be allowed to read what we may read: `sudo` can let somebody run this program and no
/// other. Its files are therefore opened as if there was nothing outside ([`open::open_inside`]), and only files and directories count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcRoot {
    path: PathBuf,
    is_kernel: bool,
    /// Links below it may lead anywhere, and what is mounted over a file counts: it is the system's own `/proc`.
    trusted: bool,
    /// Whose tables of the network are meant; `None`: those under `net`.
    net_of: Option<Task>,
    /// That of the machine whose tables they are; `None` if nobody has said.
    order: Option<ByteOrder>,
}

impl Default for ProcRoot {
    fn default() -> Self {
        ProcRoot {
            trusted: true,
            ..ProcRoot::new(PathBuf::from("/proc"))
        }
    }
}

impl ProcRoot {
    /// Reads below `path`, which has its tables under `net`.
    pub fn new(path: PathBuf) -> Self {
        ProcRoot {
            is_kernel: path == Path::new("/proc"),
            trusted: false,
            net_of: None,
            order: None,
            path,
        }
    }

    /// The same root with the network of a task below it.
    pub fn with_net_of(&self, task: Task) -> Self {
        ProcRoot {
            net_of: Some(task),
            ..self.clone()
        }
    }

    /// Whose tables are read as a machine of this byte order prints them; `None` for this one's.
    pub fn of_order(self, order: Option<ByteOrder>) -> Self {
        ProcRoot { order, ..self }
    }

    /// The byte order of the machine whose tables they are.
    pub fn byte_order(&self) -> ByteOrder {
        self.order.unwrap_or_default()
    }

    /// Whether that was neither said nor is certain.
    pub fn assumes_byte_order(&self) -> bool {
        self.order.is_none() && !self.is_kernel
    }

    /// Makes sure that the directory is there, and finds out where it has the tables of the network.
    ///
    /// In procfs `net` is a link to `self/net`. In the procfs of other processes, such as a host's that is mounted into a container,
    /// that either leads nowhere or to the tables of this very process, which are the container's. Meant are those of the host, the
    /// network namespace of the first process there is. The same goes for a copy in which `self` is missing, or all links are, or have
    /// become files.
    ///
    /// # Errors
    /// [`Error::ProcRoot`]: there is no such directory, or the tables of its first process are hidden.
    pub fn locate(self) -> Result<Self, Error> {
        self.locate_net(true)
    }

    /// The same where only the tables of other processes are wanted: those of the first may be hidden.
    ///
    /// # Errors
    /// [`Error::ProcRoot`]: there is no such directory.
    pub fn locate_processes(self) -> Result<Self, Error> {
        self.locate_net(false)
    }

    fn locate_net(mut self, wanted: bool) -> Result<Self, Error> {
        let error = |path: PathBuf| move |source| Error::ProcRoot { path, source };
        let directory = self
            .open_directory(c"", Purpose::Search)
            .map_err(error(self.path.clone()))?;
        // A link to /proc, or the same mounted elsewhere.
        self.is_kernel |= match (fs::metadata("/proc"), status::of(&directory)) {
            (Ok(kernel), Ok(directory)) => {
                (kernel.dev(), kernel.ino()) == (directory.st_dev, directory.st_ino)
            }
            _ => false,
        };
        if self.is_kernel {
            return Ok(self);
        }
        let net = self.open_directory(c"net", Purpose::Search);
        let net_of_init = || self.open_directory(c"1/net", Purpose::Search);
        if is_procfs(&directory) {
            let link = readlinkat(&directory, c"net");
            // A directory called net is the one of a process.
            if link.is_ok_and(|target| target == "self/net") || net.is_err() {
                if wanted {
                    net_of_init().map_err(error(self.path.join("1/net")))?;
                }
                self.net_of = Some(Task::from(1));
            }
        } else if net.is_err_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            )
        }) && net_of_init().is_ok()
        {
            self.net_of = Some(Task::from(1));
        }
        Ok(self)
    }

    /// Whether the tables are those of our own network, so that interface queries and netlink speak of the same world.
    pub fn is_kernel(&self) -> bool {
        self.is_kernel && self.net_of.is_none()
    }

    /// Whether an open table is the kernel's of our own network, neither a copy nor a file mounted over it, so that netlink tells of it, too.
    pub fn is_kernels_own(&self, table: &File) -> bool {
        self.is_kernel() && is_own_procfs(table)
    }

    /// Whether this is the system's own `/proc`, whoever's network is meant.
    pub fn is_system(&self) -> bool {
        self.is_kernel
    }

    /// Whether this is the system's own `/proc` because nobody named another.
    pub fn is_default(&self) -> bool {
        self.trusted
    }

    /// Whose tables of the network are meant; `None`: those under `net`.
    pub fn net_of(&self) -> Option<Task> {
        self.net_of
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.path
    }

    /// The root directory of the system whose `/proc` this is, as far as names tell: the directory that it is in, if it is called so.
    pub fn system(&self) -> Option<ProcRoot> {
        let is_proc = self.path.file_name().is_some_and(|name| name == "proc");
        let above = self.path.parent().filter(|_| is_proc)?;
        Some(ProcRoot::new(Path::new(".").join(above)))
    }

    /// The path of a file below the root, such as `net/tcp`, as it is named in messages. Not for opening it.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.path.join(&*self.place(relative))
    }

    /// Where a file is, relative to the root.
    fn place<'a>(&self, relative: &'a str) -> Cow<'a, str> {
        match self.net_of {
            Some(task) if relative == "net" || relative.starts_with("net/") => {
                Cow::Owned(format!("{task}/{relative}"))
            }
            _ => Cow::Borrowed(relative),
        }
    }

    /// Opens a file below the root for reading.
    ///
    /// What may never end, or is none of a kernel's tables, is not read. A FIFO or a device is no file, except that in `/proc` itself a
    /// device reads as empty: containers hide tables under `/dev/null`.
    ///
    /// # Errors
    /// What `open(2)` said. ENOENT: the file is none, or a link to it leads out of the root.
    pub fn open(&self, relative: &str) -> io::Result<File> {
        if self.trusted {
            let file = open::open_file(&self.path(relative))?;
            let kind = file.metadata()?.file_type();
            return if kind.is_char_device() || kind.is_block_device() {
                File::open("/dev/null")
            } else if kind.is_fifo() {
                Err(absent_file())
            } else {
                Ok(file)
            };
        }
        let directory = self.open_directory(c"", Purpose::Search)?;
        self.open_file_at(
            directory.as_fd(),
            &CString::new(self.place(relative).as_bytes())?,
        )
    }

    /// Opens a directory below the root, such as that of a process; the root itself if `relative` is empty.
    ///
    /// # Errors
    /// What `open(2)` said.
    pub fn open_directory(&self, relative: &CStr, purpose: Purpose) -> io::Result<OwnedFd> {
        if self.trusted || relative.is_empty() {
            let relative = OsStr::from_bytes(relative.to_bytes());
            let path = CString::new(self.path.join(relative).into_os_string().into_vec())?;
            return open::open_at(AT_FDCWD, &path, purpose);
        }
        let root = self.open_directory(c"", Purpose::Search)?;
        self.open_at(root.as_fd(), relative, purpose)
    }

    /// Opens what is in a directory that was opened below this root.
    ///
    /// # Errors
    /// What `openat(2)` said.
    pub fn open_at(
        &self,
        directory: BorrowedFd<'_>,
        name: &CStr,
        purpose: Purpose,
    ) -> io::Result<OwnedFd> {
        if self.trusted {
            open::open_at(directory, name, purpose)
        } else {
            open::open_inside(directory, name, purpose)
        }
    }

    /// Opens a file in a directory that was opened below this root, for reading.
    ///
    /// # Errors
    /// What `openat(2)` said. ENOENT: see [`open`](Self::open).
    pub fn open_file_at(&self, directory: BorrowedFd<'_>, name: &CStr) -> io::Result<File> {
        let opened = self.open_at(directory, name, Purpose::Read);
        if self.trusted {
            return opened.map(File::from);
        }
        match opened {
            Ok(opened) => {
                let file = File::from(opened);
                let kind = file.metadata()?.file_type();
                // Reading a directory fails as it does in the reference.
                if kind.is_file() || kind.is_dir() {
                    Ok(file)
                } else {
                    Err(absent_file())
                }
            }
            // A socket, or a device without a driver.
            Err(error) if error.raw_os_error() == Some(libc::ENXIO) => Err(absent_file()),
            Err(error) => Err(error),
        }
    }

    /// Whether a file or directory below the root may be read.
    ///
    /// # Errors
    /// What `access(2)` or `open(2)` said.
    pub fn readable(&self, relative: &str) -> io::Result<()> {
        if self.trusted {
            Ok(access(&self.path(relative), AccessFlags::R_OK)?)
        } else {
            self.open(relative).map(drop)
        }
    }

    /// Reads a whole file, for the tables that are a stream of words rather than lines. An error in reading ends the file, as does a
    /// size that no kernel's table has.
    ///
    /// # Errors
    /// What `open(2)` said.
    pub fn read(&self, relative: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(SMALL_FILE);
        let _ = self
            .open(relative)?
            .take(LARGEST_FILE)
            .read_to_end(&mut bytes);
        Ok(bytes)
    }

    /// Opens a file below the root and reads it in pieces of at most `limit` bytes (see [`Lines`]).
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn lines(&self, relative: &str, limit: usize) -> io::Result<Lines<File>> {
        Ok(Lines::new(self.open(relative)?, limit))
    }
}

fn absent_file() -> io::Error {
    io::Error::from_raw_os_error(libc::ENOENT)
}

/// Whether an open file belongs to a procfs.
pub fn is_procfs(file: impl AsFd) -> bool {
    use nix::sys::statfs::{PROC_SUPER_MAGIC, fstatfs};
    fstatfs(file).is_ok_and(|status| status.filesystem_type() == PROC_SUPER_MAGIC)
}

/// Whether an open file belongs to the procfs that describes this process, as opposed to a file mounted over it.
pub fn is_own_procfs(file: &File) -> bool {
    is_procfs(file)
        && match (file.metadata(), fs::metadata("/proc/self/net")) {
            (Ok(file), Ok(own)) => file.dev() == own.dev(),
            _ => false,
        }
}

/// Whether a failure to open means that the kernel has no such table (ENOENT) or hides it (EACCES).
pub fn absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
    )
}
