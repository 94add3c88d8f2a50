//! The files below a directory, as far as names of containers are looked up in them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::sys::open;

/// An entry of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Whether it is a directory itself; a link to one is none.
    pub is_directory: bool,
}

/// What is known of a file without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its inode.
    pub inode: u64,
    /// How many names it has. A directory has its own, ".", and one in each directory in it, except in filesystems that do not count
    /// them and always say 1.
    pub links: u64,
}

/// Files below a directory, by their paths from there without a slash before them.
///
/// What lies outside is out of reach only as far as the implementation keeps links from leading there.
pub trait Files {
    /// Reads a regular file of at most `limit` bytes. A kernel's file counts as regular.
    ///
    /// # Errors
    /// It is missing, not readable, something else than a file, or longer.
    fn read(&self, path: &[u8], limit: u64) -> io::Result<Vec<u8>>;

    /// Visits the entries of a directory, "." and ".." left out, until `visit` breaks off.
    ///
    /// # Errors
    /// It is missing or not readable.
    fn entries(
        &self,
        path: &[u8],
        visit: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> io::Result<()>;

    /// Asks about a file or directory; a link is not followed.
    ///
    /// # Errors
    /// It is missing or out of reach.
    fn status(&self, path: &[u8]) -> io::Result<Status>;

    /// Where a link points to.
    ///
    /// # Errors
    /// It is missing, not readable, or no link.
    fn link(&self, path: &[u8]) -> io::Result<Vec<u8>>;
}

/// A path without slashes before it.
pub(super) fn relative(path: &[u8]) -> &[u8] {
    let start = path.iter().take_while(|&&byte| byte == b'/').count();
    path.get(start..).unwrap_or_default()
}

/// All of a file of at most `limit` bytes.
pub(super) fn read_whole(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(bytes)
}

/// A directory of a system that is trusted with its links: they are followed.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The files below `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Directory(path.into())
    }

    fn at(&self, path: &[u8]) -> PathBuf {
        self.0.join(OsStr::from_bytes(relative(path)))
    }
}

impl Files for Directory {
    fn read(&self, path: &[u8], limit: u64) -> io::Result<Vec<u8>> {
        let file = open::open_file(&self.at(path))?;
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        read_whole(file, limit)
    }

    fn entries(
        &self,
        path: &[u8],
        visit: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(self.at(path))? {
            let entry = entry?;
            let flow = visit(Entry {
                name: entry.file_name().as_bytes(),
                is_directory: entry.file_type().is_ok_and(|kind| kind.is_dir()),
            });
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn status(&self, path: &[u8]) -> io::Result<Status> {
        let metadata = fs::symlink_metadata(self.at(path))?;
        Ok(Status {
            inode: metadata.ino(),
            links: metadata.nlink(),
        })
    }

    fn link(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        Ok(fs::read_link(self.at(path))?.into_os_string().into_vec())
    }
}
