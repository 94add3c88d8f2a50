//! What files say of themselves.
//!
//! nix and the `stat` of C keep to 32 bits on machines of that width, and fail for an inode that has more (EOVERFLOW).

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};

pub use libc::stat64 as Status;

/// What an open file says.
///
/// # Errors
/// What `fstat(2)` said.
pub fn of(file: impl AsFd) -> io::Result<Status> {
    let mut status = MaybeUninit::uninit();
    // SAFETY: the structure is valid to be written to, and filled on success.
    unsafe {
        match libc::fstat64(file.as_fd().as_raw_fd(), status.as_mut_ptr()) {
            0 => Ok(status.assume_init()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// What a file in a directory says, or a link itself.
///
/// # Errors
/// What `fstatat(2)` said.
pub fn at(directory: impl AsFd, name: &CStr) -> io::Result<Status> {
    let directory = directory.as_fd().as_raw_fd();
    let mut status = MaybeUninit::uninit();
    // SAFETY: the name is a C string; for the rest see `of`.
    unsafe {
        match libc::fstatat64(
            directory,
            name.as_ptr(),
            status.as_mut_ptr(),
            libc::AT_SYMLINK_NOFOLLOW,
        ) {
            0 => Ok(status.assume_init()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
