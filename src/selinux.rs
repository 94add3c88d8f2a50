//! Whether SELinux is on, which is what `-Z` asks first: the answer of libselinux, without the library.
//!
//! The contexts of processes are read in [`collect::programs`](crate::collect::programs).

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::sys::statfs::{self, FsType, SELINUX_MAGIC};
use nix::sys::statvfs::FsFlags;

/// Whether SELinux is on: its filesystem is mounted, writable, and it is configured.
pub fn enabled() -> bool {
    enabled_below(Path::new("/"), SELINUX_MAGIC)
}

/// The same for the system whose files are below `root` and whose SELinux filesystem is of type `magic`.
fn enabled_below(root: &Path, magic: FsType) -> bool {
    let below = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let usable = |mount: &Path| is_mounted(&below(mount), magic);
    // A kernel with SELinux but a system without its configuration counts as off.
    fs::exists(below(Path::new("/etc/selinux/config"))).unwrap_or(false)
        && (usable(Path::new("/sys/fs/selinux"))
            || usable(Path::new("/selinux"))
            || mounted_elsewhere(&below(Path::new("/proc")), usable))
}

/// Whether a filesystem of the type is mounted at `path`, for writing.
fn is_mounted(path: &Path, magic: FsType) -> bool {
    statfs::statfs(path).is_ok_and(|filesystem| {
        filesystem.filesystem_type() == magic && !filesystem.flags().contains(FsFlags::ST_RDONLY)
    })
}

/// Whether the kernel knows SELinux and the first place where it is mounted is usable.
fn mounted_elsewhere(proc: &Path, usable: impl Fn(&Path) -> bool) -> bool {
    let lines = |file: &str| fs::read(proc.join(file)).unwrap_or_default();
    if memchr::memmem::find(&lines("filesystems"), b"selinuxfs").is_none() {
        return false;
    }
    lines("mounts")
        .split(|&byte| byte == b'\n')
        .map(|line| line.split(|&byte| byte == b' ').collect::<Vec<_>>())
        .find_map(|fields| match fields.as_slice() {
            [_, mount, b"selinuxfs", ..] => Some(usable(Path::new(OsStr::from_bytes(mount)))),
            _ => None,
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::statfs::PROC_SUPER_MAGIC;

    /// No test can mount SELinux: another filesystem takes its part.
    #[test]
    fn a_mount_and_a_configuration_make_it_enabled() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir_all(root.join("etc/selinux")).unwrap();
        fs::create_dir_all(root.join("proc")).unwrap();
        let here = statfs::statfs(root).unwrap().filesystem_type();
        let enabled = || enabled_below(root, here);
        let config = root.join("etc/selinux/config");

        assert!(!enabled());
        fs::write(&config, "").unwrap();
        assert!(!enabled());
        fs::create_dir_all(root.join("selinux")).unwrap();
        assert!(enabled());
        assert!(!enabled_below(root, PROC_SUPER_MAGIC));
        fs::remove_dir(root.join("selinux")).unwrap();
        fs::create_dir_all(root.join("sys/fs/selinux")).unwrap();
        assert!(enabled());
        fs::remove_file(&config).unwrap();
        assert!(!enabled());
        fs::write(&config, "").unwrap();

        fs::remove_dir(root.join("sys/fs/selinux")).unwrap();
        fs::create_dir_all(root.join("mnt")).unwrap();
        fs::write(
            root.join("proc/mounts"),
            "none /x tmpfs rw 0 0\nnone /mnt selinuxfs rw 0 0\n",
        )
        .unwrap();
        assert!(!enabled());
        fs::write(
            root.join("proc/filesystems"),
            "nodev\ttmpfs\nnodev\tselinuxfs\n",
        )
        .unwrap();
        assert!(enabled());
    }
}
