//! Network namespaces that the kernel lists and opens by number, and whether threads share their descriptors.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use libc::{c_int, c_long};

/// `listns(2)`, Linux 6.19. New system calls have one number on all machines, but for an offset that some have.
const SYS_LISTNS: c_long = libc::SYS_openat2 + (470 - 437);

/// `FD_NSFS_ROOT` of `linux/fcntl.h`: stands for nsfs, which is mounted nowhere.
const NSFS_ROOT: RawFd = -10003;

/// `FILEID_NSFS` of `linux/exportfs.h`.
const FILEID_NSFS: c_int = 0xf1;

/// `struct ns_id_req` of `linux/nsfs.h`.
#[repr(C)]
struct Request {
    size: u32,
    spare: u32,
    /// List those behind this one.
    id: u64,
    kind: u32,
    spare2: u32,
    /// Of any user namespace that we may look into.
    user: u64,
}

/// `struct file_handle` with a `struct nsfs_file_handle` in it.
#[repr(C)]
struct Handle {
    bytes: u32,
    handle_type: c_int,
    id: u64,
    kind: u32,
    inode: u32,
}

/// Lists network namespaces by the kernel's numbers for them (which are no inodes), in order, from the one behind `after`. Returns how many
/// there are in `ids` now.
///
/// # Errors
/// What `listns(2)` said; ENOSYS before Linux 6.19.
pub fn list_network_namespaces(after: u64, ids: &mut [u64]) -> io::Result<usize> {
    let request = Request {
        size: size_of::<Request>() as u32,
        spare: 0,
        id: after,
        kind: libc::CLONE_NEWNET as u32,
        spare2: 0,
        user: 0,
    };
    // SAFETY: the request is laid out as the kernel wants it and as long as it says; `ids` is valid for its length.
    let count = unsafe {
        libc::syscall(
            SYS_LISTNS,
            &raw const request,
            ids.as_mut_ptr(),
            ids.len(),
            0,
        )
    };
    match usize::try_from(count) {
        Ok(count) => Ok(count.min(ids.len())),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

/// Opens the network namespace that the kernel has under a number, and that has this inode; 0: whichever it has (Linux 6.19).
///
/// # Errors
/// What `open_by_handle_at(2)` said; ESTALE if there is none.
pub fn open_network_namespace(id: u64, inode: u32) -> io::Result<OwnedFd> {
    const HEADER: usize = 8;
    let mut handle = Handle {
        bytes: (size_of::<Handle>() - HEADER) as u32,
        handle_type: FILEID_NSFS,
        id,
        kind: libc::CLONE_NEWNET as u32,
        inode,
    };
    // SAFETY: the handle is laid out as struct file_handle, with as many bytes behind its header as it says; a descriptor that the call
    // returns is nobody else's.
    unsafe {
        let descriptor = libc::syscall(
            libc::SYS_open_by_handle_at,
            NSFS_ROOT,
            &raw mut handle,
            libc::O_RDONLY | libc::O_CLOEXEC,
        );
        match RawFd::try_from(descriptor) {
            Ok(descriptor @ 0..) => Ok(OwnedFd::from_raw_fd(descriptor)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// Whether two tasks share their descriptors, by their numbers in our own PID namespace; `None` if the kernel does not say.
pub fn share_descriptors(one: u32, other: u32) -> Option<bool> {
    /// `KCMP_FILES` of `linux/kcmp.h`.
    const FILES: c_int = 2;
    // SAFETY: kcmp takes numbers only.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, one, other, FILES, 0, 0) };
    (order >= 0).then_some(order == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::MetadataExt;

    /// As the kernel itself names a namespace: the handle and the number of our own (`NS_GET_ID`, Linux 6.18).
    #[test]
    #[cfg_attr(miri, ignore = "no model of namespaces")]
    fn a_namespace_is_opened_by_number() {
        use std::os::fd::AsRawFd;
        const NS_GET_ID: libc::c_ulong = 0x8008_b70d;
        let own = File::open("/proc/self/ns/net").unwrap();
        let inode = own.metadata().unwrap().ino();
        let mut id = 0u64;
        // SAFETY: the kernel writes a number of 64 bits.
        let known = unsafe { libc::ioctl(own.as_raw_fd(), NS_GET_ID as _, &raw mut id) };
        if known != 0 {
            return;
        }
        match open_network_namespace(id, u32::try_from(inode).unwrap()) {
            Ok(opened) => assert_eq!(File::from(opened).metadata().unwrap().ino(), inode),
            // By those who may not, or before there were handles.
            Err(error) => assert!(
                matches!(
                    error.raw_os_error(),
                    Some(libc::EPERM | libc::EBADF | libc::ESTALE | libc::EOPNOTSUPP)
                ),
                "{error}"
            ),
        }
        assert!(open_network_namespace(u64::MAX, 0).is_err());
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of namespaces")]
    fn namespaces_are_listed_where_the_kernel_can() {
        let mut ids = [0; 64];
        match list_network_namespaces(0, &mut ids) {
            Ok(count) => {
                let ids = ids.get(..count).unwrap();
                assert!(ids.is_sorted());
                let inodes: Vec<u64> = ids
                    .iter()
                    .filter_map(|&id| open_network_namespace(id, 0).ok())
                    .map(|opened| File::from(opened).metadata().unwrap().ino())
                    .collect();
                let own = fs::metadata("/proc/self/ns/net").unwrap().ino();
                assert!(count == 64 || inodes.is_empty() || inodes.contains(&own));
            }
            Err(error) => assert_eq!(error.raw_os_error(), Some(libc::ENOSYS), "{error}"),
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "no model of kcmp")]
    fn threads_share_their_descriptors_until_they_do_not() {
        let own = std::process::id();
        if share_descriptors(own, own).is_none() {
            return;
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // SAFETY: gettid takes nothing.
                let thread = unsafe { libc::gettid() }.cast_unsigned();
                assert_eq!(share_descriptors(own, thread), Some(true));
                nix::sched::unshare(nix::sched::CloneFlags::CLONE_FILES).unwrap();
                assert_eq!(share_descriptors(own, thread), Some(false));
            });
        });
        assert_eq!(share_descriptors(own, u32::MAX), None);
    }
}
