//! How the directories and files of processes are opened.

use std::ffi::{CStr, CString};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use crate::proc_root::{self, ProcRoot};
use crate::scan::Scanner;
use crate::sys::open::Purpose;
use crate::sys::{directory, status};

/// A directory of processes.
pub(super) struct Files {
    place: ProcRoot,
    root: OwnedFd,
    /// It is a procfs, not a copy of one.
    pub is_procfs: bool,
    boot_time: OnceLock<Option<u64>>,
}

/// What the directory of a process's threads tells before it is opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tasks {
    /// There may be more than one.
    pub several: bool,
    /// The effective user ID of the process, whatever it hides.
    pub uid: u32,
}

impl Files {
    /// # Errors
    /// The root cannot be opened.
    pub(super) fn new(root: &ProcRoot) -> io::Result<Self> {
        let directory = root.open_directory(c"", Purpose::List)?;
        Ok(Files {
            is_procfs: proc_root::is_procfs(&directory),
            place: root.clone(),
            root: directory,
            boot_time: OnceLock::new(),
        })
    }

    /// The root, to list it.
    pub(super) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// Opens a directory to open what is in it.
    pub(super) fn directory(&self, parent: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
        self.place.open_at(parent, name, Purpose::Search)
    }

    /// Opens a directory to list it.
    pub(super) fn listing(&self, parent: BorrowedFd<'_>, name: &CStr) -> io::Result<OwnedFd> {
        self.place.open_at(parent, name, Purpose::List)
    }

    /// The first bytes of a file, at most `limit`, of one read: files of procfs give all they have, and the reference asks no further.
    pub(super) fn start(
        &self,
        parent: BorrowedFd<'_>,
        name: &CStr,
        limit: usize,
    ) -> io::Result<Vec<u8>> {
        let mut file = self.place.open_file_at(parent, name)?;
        let mut text = vec![0; limit];
        loop {
            match file.read(&mut text) {
                Ok(length) => {
                    text.truncate(length);
                    return Ok(text);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// When the system was started, in seconds since 1970: `btime` in `/proc/stat`, behind a line for each processor and one with a number
    /// for each interrupt.
    pub(super) fn boot_time(&self) -> Option<u64> {
        const MOST: usize = 4 << 20;
        *self.boot_time.get_or_init(|| {
            let text = self.start(self.root(), c"stat", MOST).ok()?;
            let mut lines = text.split(|&byte| byte == b'\n');
            let time = lines.find_map(|line| line.strip_prefix(b"btime "))?;
            Scanner::new(time).decimal64()
        })
    }

    /// Asks about the threads of a process; `None` if it is gone, or none can be told.
    pub(super) fn threads(&self, pid: &CStr) -> Option<Tasks> {
        let mut path = pid.to_bytes().to_vec();
        path.extend_from_slice(b"/task");
        let path = CString::new(path).ok()?;
        let status = status::at(&self.root, &path).ok()?;
        Some(Tasks {
            // A directory has a link more for each directory in it, and procfs keeps to that (`proc_task_getattr` in fs/proc/base.c).
            // Filesystems that do not count have 1.
            several: status.st_nlink == 1 || status.st_nlink > 3,
            uid: status.st_uid,
        })
    }

    /// Whether the processes have the numbers here by which system calls know them: the root shows our own PID namespace.
    pub(super) fn has_our_numbers(&self) -> bool {
        // All numbers that this process has, from the root's namespace down to its own.
        let is_ours = |status: &[u8]| {
            let mut lines = status.split(|&byte| byte == b'\n');
            let numbers = lines.find_map(|line| line.strip_prefix(b"NSpid:"));
            numbers.is_some_and(|numbers| {
                numbers.trim_ascii() == std::process::id().to_string().as_bytes()
            })
        };
        self.place.is_system()
            && self.is_procfs
            && self
                .start(self.root(), c"self/status", 4096)
                .is_ok_and(|status| is_ours(&status))
    }
}

/// Calls `each` for the names in a directory; an error later on ends the list.
pub(super) fn names(listed: BorrowedFd<'_>, buffer: &mut [u8], mut each: impl FnMut(&CStr)) {
    let _ = directory::for_each_name(listed, buffer, |name| {
        each(name);
        ControlFlow::Continue(())
    });
}

/// Whether a name is a process's or a thread's.
pub(super) fn is_number(name: &CStr) -> bool {
    name.to_bytes().iter().all(u8::is_ascii_digit)
}
