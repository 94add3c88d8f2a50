//! Whether threads share one table of descriptors.

use std::cmp::Ordering;
use std::io;

use libc::{c_int, c_long};

/// Compares the tables of descriptors of two threads: `Equal` if it is one table. The order of others means nothing but stays the same as
/// long as the threads live.
///
/// # Errors
/// What `kcmp(2)` said: ESRCH if a thread has ended, EPERM if it may not be looked into, ENOSYS if the kernel is built without.
pub fn compare(one: c_int, other: c_int) -> io::Result<Ordering> {
    /// `enum kcmp_type` in `linux/kcmp.h`.
    const KCMP_FILES: c_int = 2;
    const NO_INDEX: c_long = 0;
    // SAFETY: takes numbers only.
    let answer =
        unsafe { libc::syscall(libc::SYS_kcmp, one, other, KCMP_FILES, NO_INDEX, NO_INDEX) };
    match answer {
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Less),
        2 => Ok(Ordering::Greater),
        // 3: different, and in no order. No kernel says so of tables.
        3 => Err(io::Error::from_raw_os_error(libc::EOPNOTSUPP)),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "no model of kcmp")]
    fn threads_share_a_table_until_they_unshare_it() {
        let own = nix::unistd::gettid().as_raw();
        // Some sandboxes forbid it.
        if compare(own, own).is_err() {
            return;
        }
        assert_eq!(compare(own, own).unwrap(), Ordering::Equal);
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                let thread = nix::unistd::gettid().as_raw();
                let shared = compare(own, thread).unwrap();
                nix::sched::unshare(nix::sched::CloneFlags::CLONE_FILES).unwrap();
                let one = compare(own, thread).unwrap();
                let other = compare(thread, own).unwrap();
                (shared, one, other)
            });
            let (shared, one, other) = thread.join().unwrap();
            assert_eq!(shared, Ordering::Equal);
            assert_ne!(one, Ordering::Equal);
            assert_eq!(one, other.reverse());
        });
    }
}
