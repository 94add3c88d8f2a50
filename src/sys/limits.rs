//! What a process may still use: address space, descriptors.

use libc::c_int;

/// Lets all threads share one heap. glibc would reserve 64 MiB of address space for each thread that allocates, which counts
/// against limits on virtual memory.
pub fn share_heap() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt only sets a parameter; failure is harmless.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Whether there is address space for `bytes` more: within the limits on it (`ulimit -v`, `ulimit -d`), and where the kernel does not
/// promise more than it has.
pub fn has_address_space(bytes: usize) -> bool {
    // SAFETY: a new mapping wherever the kernel likes, which nobody has seen when it is taken away again.
    unsafe {
        let place = libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        place != libc::MAP_FAILED && libc::munmap(place, bytes) == 0
    }
}

/// How many descriptors can be opened yet, counted up to `enough`.
pub fn free_descriptors(enough: usize) -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    // Hardly anybody opens hundreds before us; to count them would take as many calls.
    const ROOMY: libc::rlim_t = 1024;
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((limit, _)) if limit < ROOMY => {
            // SAFETY: F_GETFD takes no pointers, and fails for a descriptor that is free.
            let is_free = |&fd: &c_int| unsafe { libc::fcntl(fd, libc::F_GETFD) == -1 };
            (0..limit as c_int).filter(is_free).take(enough).count()
        }
        _ => enough,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "no model of limits")]
    fn space_is_limited_and_descriptors_are_counted() {
        assert!(has_address_space(1 << 20));
        assert!(!has_address_space(usize::MAX / 16 * 15));
        assert_eq!(free_descriptors(7), 7);
    }
}
