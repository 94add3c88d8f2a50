//! The only unsafe code: calls of the C library and the kernel that std and nix lack. Safe functions outward.
//!
//! What belongs here is the call and the check of its result; what the result means belongs to the caller.
#![expect(unsafe_code, reason = "this module is the one place for it")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "C's constants and lengths come in the wrong widths; each cast is of a small known number"
)]

pub mod descriptor_tables;
pub mod directory;
pub mod interface_ioctl;
pub mod limits;
pub mod name_service;
pub mod namespace;
pub mod netlink;
pub mod open;
pub mod read;
pub mod status;

use std::ffi::CStr;

use libc::c_char;

/// Opens /dev/null in the place of any of the three standard descriptors that is closed, or a table that is opened later could take its
/// number and receive the output. In the place of stdout it cannot be written to: that the output is lost must be noticed.
pub fn open_standard_descriptors() {
    for descriptor in 0..3 {
        let mode = match descriptor {
            libc::STDOUT_FILENO => libc::O_RDONLY,
            _ => libc::O_RDWR,
        };
        // SAFETY: fcntl and open take no pointers but a C string; open gives out the lowest free number, which is `descriptor`.
        unsafe {
            if libc::fcntl(descriptor, libc::F_GETFD) == -1 {
                libc::open(c"/dev/null".as_ptr(), mode);
            }
        }
    }
}

/// Whether the kernel gave the program rights that whoever started it need not have: it is set-user-ID or set-group-ID, its file has
/// capabilities, or a security module said so (`AT_SECURE`, see `getauxval(3)`).
pub fn has_rights_of_its_own() -> bool {
    // SAFETY: getauxval only looks at what the kernel left on the stack.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Forgets the environment if the program [has rights of its own](has_rights_of_its_own), for whoever chose it may not have them. What
/// is left is `POSIXLY_CORRECT`, which only decides how options are read. To be called before any thread is started.
pub fn distrust_environment() {
    if !has_rights_of_its_own() {
        return;
    }
    const KEPT: &CStr = c"POSIXLY_CORRECT";
    // SAFETY: no other thread reads the environment, for there is none; names and values are C strings.
    unsafe {
        let kept = !libc::getenv(KEPT.as_ptr()).is_null();
        libc::clearenv();
        if kept {
            libc::setenv(KEPT.as_ptr(), c"1".as_ptr(), 1);
        }
    }
}

/// The C library's text for an error number. English: the program never calls `setlocale`.
pub fn strerror(code: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: the buffer is valid for its length, which leaves room for the NUL that strerror_r writes.
    unsafe {
        libc::strerror_r(code, text.as_mut_ptr().cast::<c_char>(), text.len());
    }
    match CStr::from_bytes_until_nul(&text) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("Unknown error {code}"),
    }
}

/// Whether stderr is open for reading too, as a terminal is.
pub fn stderr_is_readable() -> bool {
    nix::fcntl::fcntl(std::io::stderr(), nix::fcntl::FcntlArg::F_GETFL)
        .is_ok_and(|flags| flags & libc::O_ACCMODE == libc::O_RDWR)
}

/// Kernel clock ticks per second (`_SC_CLK_TCK`), the unit of the timers in `/proc/net/tcp`. The C library has them from the kernel too,
/// which leaves them on the stack (`AT_CLKTCK`, see `getauxval(3)`).
pub fn clock_ticks_per_second() -> u64 {
    // SAFETY: getauxval only looks at what the kernel left on the stack.
    match unsafe { libc::getauxval(libc::AT_CLKTCK) as u64 } {
        0 => 100,
        ticks => ticks,
    }
}

/// Hour, minute and second of the day in local time, at so many seconds since 1970; `None` if the year does not fit C's `int`.
pub fn local_time(seconds: i64) -> Option<[u8; 3]> {
    let seconds = libc::time_t::try_from(seconds).ok()?;
    // SAFETY: an all-zero `tm` is a valid one; localtime_r fills it, and no pointer outlives the call but that to the name of the zone,
    // which nobody follows.
    let time = unsafe {
        let mut time = std::mem::zeroed::<libc::tm>();
        if libc::localtime_r(&raw const seconds, &raw mut time).is_null() {
            return None;
        }
        time
    };
    Some([time.tm_hour as u8, time.tm_min as u8, time.tm_sec as u8])
}

/// On how many processors at a time this process may run, counted up to `most`. std's count would read the limits of control groups from
/// files.
pub fn processors(most: usize) -> usize {
    use nix::sched::{CpuSet, sched_getaffinity};
    let Ok(set) = sched_getaffinity(nix::unistd::Pid::from_raw(0)) else {
        return 1;
    };
    let processors =
        (0..CpuSet::count()).filter(|&processor| set.is_set(processor).unwrap_or(false));
    processors.take(most).count()
}

/// Run under Miri too (`cargo +nightly miri test --lib sys::`, with `-Zmiri-disable-isolation`): the calls it has no model of are left
/// out there, and are what AddressSanitizer and valgrind see.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_texts() {
        // Miri has texts of its own.
        if !cfg!(miri) {
            assert_eq!(strerror(libc::ENOENT), "No such file or directory");
            assert_eq!(strerror(-1), "Unknown error -1");
        }
        assert!(strerror(libc::ENOENT).starts_with("No such file or directory"));
        assert!(clock_ticks_per_second() > 0);
    }
}
