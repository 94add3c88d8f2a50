//! Where the kernel's tables are read: `/proc`, or another directory laid out like it.
//!
//! The only opener of table files. What an absent file means is decided by the collectors, with
//! [`absent`] for the two errors that count as "this kernel has no such table".

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::Error;
pub use crate::lines::{LONG_LINE, Lines, PIECE, Piece};

/// No table of any kernel is larger by far, and with this limit no file can take all memory.
const LARGEST_FILE: u64 = 64 << 20;

/// A directory in the layout of procfs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcRoot {
    path: PathBuf,
    is_kernel: bool,
    /// The tables of the network are those of its first process.
    net_of_init: bool,
}

impl Default for ProcRoot {
    fn default() -> Self {
        ProcRoot::new(PathBuf::from("/proc"))
    }
}

impl ProcRoot {
    /// Reads below `path`, which has its tables under `net`.
    pub fn new(path: PathBuf) -> Self {
        ProcRoot {
            is_kernel: path == Path::new("/proc"),
            net_of_init: false,
            path,
        }
    }

    /// Makes sure that the directory is there, and finds out where it has the tables of the network.
    ///
    /// In procfs `net` is a link to `self/net`. In the procfs of other processes, such as a host's that is mounted into a container,
    /// that either leads nowhere or to the tables of this very process, which are the container's. Meant are those of the host, the
    /// network namespace of the first process there is. The same goes for a copy in which `self` is missing.
    ///
    /// # Errors
    /// [`Error::ProcRoot`]: there is no such directory, or the tables of its first process are hidden.
    pub fn locate(mut self) -> Result<Self, Error> {
        let error = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::ProcRoot { path, source }
        };
        let directory = fs::metadata(&self.path).map_err(error(&self.path))?;
        if !directory.is_dir() {
            let source = io::Error::from_raw_os_error(libc::ENOTDIR);
            return Err(error(&self.path)(source));
        }
        // A link to /proc, or the same mounted elsewhere.
        self.is_kernel |= fs::metadata("/proc")
            .is_ok_and(|kernel| (kernel.dev(), kernel.ino()) == (directory.dev(), directory.ino()));
        if self.is_kernel {
            return Ok(self);
        }
        let (net, of_init) = (self.path.join("net"), self.path.join("1/net"));
        let is_link = fs::read_link(&net).is_ok_and(|target| target == Path::new("self/net"));
        if is_procfs_directory(&self.path) {
            // A directory called net is the one of a process.
            if is_link || fs::symlink_metadata(&net).is_err() {
                fs::metadata(&of_init).map_err(error(&of_init))?;
                self.net_of_init = true;
            }
        } else if is_link && fs::metadata(&net).is_err() {
            self.net_of_init = fs::metadata(&of_init).is_ok();
        }
        Ok(self)
    }

    /// Whether this is the `/proc` of the running kernel, so that interface queries and netlink speak of the same world.
    pub fn is_kernel(&self) -> bool {
        self.is_kernel
    }

    /// The directory itself.
    pub fn directory(&self) -> &Path {
        &self.path
    }

    /// The path of a file below the root, such as `net/tcp`, as it is named in messages.
    pub fn path(&self, relative: &str) -> PathBuf {
        let of_network = relative == "net" || relative.starts_with("net/");
        if of_network && self.net_of_init {
            self.path.join("1").join(relative)
        } else {
            self.path.join(relative)
        }
    }

    /// Opens a file below the root for reading.
    ///
    /// A FIFO in the file's place opens at once and reads as empty: without `O_NONBLOCK` it would hang.
    ///
    /// So does a device, which may never end; `/dev/null` over a table is how containers hide it.
    ///
    /// # Errors
    /// What `open(2)` said.
    pub fn open(&self, relative: &str) -> io::Result<File> {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(self.path(relative))?;
        let kind = file.metadata()?.file_type();
        if kind.is_char_device() || kind.is_block_device() {
            return File::open("/dev/null");
        }
        Ok(file)
    }

    /// Reads a whole file, for the tables that are a stream of words rather than lines. An error in reading ends the file, as does a
    /// size that no kernel's table has.
    ///
    /// # Errors
    /// What `open(2)` said.
    pub fn read(&self, relative: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let _ = self
            .open(relative)?
            .take(LARGEST_FILE)
            .read_to_end(&mut bytes);
        Ok(bytes)
    }

    /// Opens a file below the root and reads it in pieces of at most `limit` bytes (see [`Lines`]).
    pub fn lines(&self, relative: &str, limit: usize) -> io::Result<Lines<File>> {
        Ok(Lines::new(self.open(relative)?, limit))
    }
}

/// Whether a directory belongs to a procfs, whichever.
fn is_procfs_directory(directory: &Path) -> bool {
    use nix::sys::statfs::{PROC_SUPER_MAGIC, statfs};
    statfs(directory).is_ok_and(|status| status.filesystem_type() == PROC_SUPER_MAGIC)
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
