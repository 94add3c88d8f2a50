//! The files of a copy of `/proc`, and of the system it was made on, which whoever wrote it must not lead out of it.

use std::ffi::CString;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;

use nix::fcntl::readlinkat;

use super::files::{Entry, Files, Status, read_whole, relative};
use crate::proc_root::ProcRoot;
use crate::sys::open::Purpose;
use crate::sys::{directory, status};

/// A directory below a root, as if there was nothing outside of the root.
pub(super) struct Inside {
    root: ProcRoot,
    /// With a slash at its end, or empty.
    below: &'static [u8],
}

impl Inside {
    pub(super) fn new(root: &ProcRoot, below: &'static [u8]) -> Self {
        Inside {
            root: root.clone(),
            below,
        }
    }

    /// A path from the root, without slashes before it.
    fn path(&self, path: &[u8]) -> io::Result<CString> {
        Ok(CString::new([self.below, relative(path)].concat())?)
    }
}

impl Files for Inside {
    fn read(&self, path: &[u8], limit: u64) -> io::Result<Vec<u8>> {
        let directory = self.root.open_directory(c"", Purpose::Search)?;
        let file = self
            .root
            .open_file_at(directory.as_fd(), &self.path(path)?)?;
        read_whole(file, limit)
    }

    fn entries(
        &self,
        path: &[u8],
        visit: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let listed = self.root.open_directory(&self.path(path)?, Purpose::List)?;
        let mut buffer = vec![0; 32 << 10];
        directory::for_each_name(listed.as_fd(), &mut buffer, |name| {
            if matches!(name.to_bytes(), b"." | b"..") {
                return ControlFlow::Continue(());
            }
            let status = status::at(&listed, name);
            let kind = status.map_or(0, |status| status.st_mode & libc::S_IFMT);
            visit(Entry {
                name: name.to_bytes(),
                is_directory: kind == libc::S_IFDIR,
            })
        })
    }

    fn status(&self, path: &[u8]) -> io::Result<Status> {
        let (parent, name) = split(path);
        let parent = self
            .root
            .open_directory(&self.path(parent)?, Purpose::Search)?;
        let status = status::at(&parent, &CString::new(name)?)?;
        #[allow(clippy::useless_conversion, reason = "it has 32 bits on some machines")]
        Ok(Status {
            inode: status.st_ino,
            links: status.st_nlink.into(),
        })
    }

    fn link(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        let (parent, name) = split(path);
        let parent = self
            .root
            .open_directory(&self.path(parent)?, Purpose::Search)?;
        Ok(readlinkat(&parent, &*CString::new(name)?)?.into_vec())
    }
}

/// The directory that something is in, and its name there.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', path).and_then(|slash| path.split_at_checked(slash)) {
        Some((parent, name)) => (parent, name.get(1..).unwrap_or_default()),
        None => (b"", path),
    }
}
