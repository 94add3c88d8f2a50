//! Directories: their entries and the links in them.

use std::ffi::CStr;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsRawFd, BorrowedFd};

use libc::c_char;

/// Reads the next entries of a directory into `buffer`, in the kernel's order; empty at the end. [`entry_names`] takes them apart.
///
/// std would allocate for each entry and read with buffers of its own size.
///
/// # Errors
/// What `getdents64(2)` said.
pub fn read_entries<'a>(directory: BorrowedFd<'_>, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    loop {
        // SAFETY: the buffer is valid for its length; the kernel writes whole records into it.
        let count = unsafe {
            libc::syscall(
                libc::SYS_getdents64,
                directory.as_raw_fd(),
                buffer.as_mut_ptr(),
                buffer.len(),
            )
        };
        match usize::try_from(count) {
            Ok(count) => return Ok(buffer.get(..count).unwrap_or_default()),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

/// The names in what [`read_entries`] read.
pub fn entry_names(mut entries: &[u8]) -> impl Iterator<Item = &CStr> {
    // struct linux_dirent64: inode (8), offset (8), record length (2), type (1), name.
    const NAME: usize = 19;
    std::iter::from_fn(move || {
        let &[low, high] = entries.get(16..18)?.first_chunk::<2>()?;
        let (record, rest) =
            entries.split_at_checked(usize::from(u16::from_ne_bytes([low, high])))?;
        entries = rest;
        CStr::from_bytes_until_nul(record.get(NAME..)?).ok()
    })
}

/// Calls `each` for the names in a directory, read by way of `buffer`, until it breaks off.
///
/// # Errors
/// What `getdents64(2)` said; names may have come before.
pub fn for_each_name(
    directory: BorrowedFd<'_>,
    buffer: &mut [u8],
    mut each: impl FnMut(&CStr) -> ControlFlow<()>,
) -> io::Result<()> {
    loop {
        let entries = read_entries(directory, buffer)?;
        if entries.is_empty() || entry_names(entries).try_for_each(&mut each).is_break() {
            return Ok(());
        }
    }
}

/// Reads a symbolic link in a directory into `buffer` and returns the part of it that was filled; longer text is cut.
///
/// # Errors
/// What `readlinkat(2)` said.
pub fn read_link_at<'a>(
    directory: BorrowedFd<'_>,
    name: &CStr,
    buffer: &'a mut [u8],
) -> io::Result<&'a [u8]> {
    // SAFETY: name is a C string and the buffer is valid for its length.
    let count = unsafe {
        libc::readlinkat(
            directory.as_raw_fd(),
            name.as_ptr(),
            buffer.as_mut_ptr().cast::<c_char>(),
            buffer.len(),
        )
    };
    match usize::try_from(count) {
        Ok(count) => Ok(buffer.get(..count).unwrap_or_default()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::open::{Purpose, open_at};
    use std::ffi::CString;
    use std::fs::{self, File};
    use std::os::fd::AsFd;

    /// Records of struct linux_dirent64 as the kernel packs them.
    fn records(names: &[&[u8]]) -> Vec<u8> {
        let mut all = Vec::new();
        for name in names {
            let length = (19 + name.len() + 1).next_multiple_of(8);
            let start = all.len();
            all.extend([0; 16]);
            all.extend(u16::try_from(length).unwrap().to_ne_bytes());
            all.push(0);
            all.extend_from_slice(name);
            all.resize(start + length, 0);
        }
        all
    }

    #[test]
    fn entries_are_taken_apart_whatever_they_are() {
        let names =
            |bytes: &[u8]| -> Vec<CString> { entry_names(bytes).map(CStr::to_owned).collect() };
        let packed = records(&[b".", b"17", b"", b"a name of more than eight bytes"]);
        assert_eq!(
            names(&packed),
            [c".", c"17", c"", c"a name of more than eight bytes"].map(CStr::to_owned)
        );
        // Cut anywhere, and with any length in place of the first.
        for end in 0..packed.len() {
            assert!(names(&packed[..end]).len() <= 3);
        }
        for length in 0..300u16 {
            let mut changed = packed.clone();
            changed[16..18].copy_from_slice(&length.to_ne_bytes());
            // A length of 0 must not be an endless list.
            assert!(names(&changed).len() <= 20);
        }
        assert_eq!(names(&[0xff; 40]), Vec::<CString>::new());
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of getdents64 and readlinkat")]
    fn directories_are_read_in_buffers_of_any_size() {
        let directory = tempfile::tempdir().unwrap();
        for n in 0..100 {
            let link = directory.path().join(format!("link-{n:03}"));
            std::os::unix::fs::symlink(format!("target-{n}"), link).unwrap();
        }
        let mut expected: Vec<String> = fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .chain([".".to_owned(), "..".to_owned()])
            .collect();
        expected.sort();
        for size in [32, 40, 64, 1000, 65536] {
            let open = File::open(directory.path()).unwrap();
            let mut buffer = vec![0; size];
            let mut found = Vec::new();
            loop {
                let entries = read_entries(open.as_fd(), &mut buffer).unwrap();
                if entries.is_empty() {
                    break;
                }
                for name in entry_names(entries) {
                    found.push(name.to_str().unwrap().to_owned());
                }
            }
            found.sort();
            assert_eq!(found, expected, "{size}");
            // Not even one entry fits.
            let mut tiny = [0; 8];
            let open = File::open(directory.path()).unwrap();
            let refused = read_entries(open.as_fd(), &mut tiny).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EINVAL));

            let mut text = vec![0; size];
            let link = read_link_at(open.as_fd(), c"link-042", &mut text).unwrap();
            assert_eq!(link, b"target-42");
            let link = read_link_at(open.as_fd(), c"link-042", &mut text[..3]).unwrap();
            assert_eq!(link, b"tar");
            assert!(read_link_at(open.as_fd(), c"nothing", &mut text).is_err());
            assert!(read_link_at(open.as_fd(), c"link-042", &mut []).is_err());
            assert!(open_at(open.as_fd(), c".", Purpose::List).is_ok());
            assert!(open_at(open.as_fd(), c"link-042", Purpose::Read).is_err());
        }
    }
}
