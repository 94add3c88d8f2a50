//! A file on a filesystem in user space, spoken to the kernel directly (`linux/fuse.h`, version 7.31). Who opens it first and reads waits for
//! ever, and pages of the file stay locked; who opens it after that gets what is in it, until it maps the file: that waits for the pages and
//! holds the memory lock of the process meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use tempfile::TempDir;

/// The filesystem, in the mount namespace of the thread that made it. Its end ends all waiting.
pub struct Unanswered {
    directory: TempDir,
    /// Reads that wait.
    waiting: Arc<AtomicUsize>,
}

impl Unanswered {
    /// A filesystem with `contents` in its only file. `None`, said aloud, where the kernel has no FUSE.
    pub fn mount(contents: Vec<u8>) -> Option<Self> {
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
        let device = match device {
            Ok(device) => device,
            Err(error) => {
                eprintln!("SKIPPED: no FUSE here: /dev/fuse: {error}");
                return None;
            }
        };
        let directory = tempfile::Builder::new()
            .prefix("netstat-")
            .tempdir()
            .unwrap();
        let options = format!(
            "fd={},rootmode=40755,user_id=0,group_id=0",
            device.as_raw_fd()
        );
        let mounted = mount(
            Some("unanswered"),
            directory.path(),
            Some("fuse"),
            MsFlags::empty(),
            Some(options.as_str()),
        );
        if let Err(error) = mounted {
            eprintln!("SKIPPED: no FUSE here: mount: {error}");
            return None;
        }
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        std::thread::spawn(move || serve(device, &contents, &counter));
        Some(Unanswered { directory, waiting })
    }

    pub fn file(&self) -> PathBuf {
        self.directory.path().join("file")
    }

    /// Whether somebody waits.
    pub fn is_waited_for(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let directory: &Path = self.directory.path();
        umount2(directory, MntFlags::MNT_FORCE | MntFlags::MNT_DETACH).unwrap();
    }
}

/// Answers until the filesystem is gone.
fn serve(mut device: File, contents: &[u8], waiting: &AtomicUsize) {
    const INIT: u32 = 26;
    const LOOKUP: u32 = 1;
    const GETATTR: u32 = 3;
    const OPEN: u32 = 14;
    const READ: u32 = 15;
    const RELEASE: u32 = 18;
    const FLUSH: u32 = 25;
    const OPENDIR: u32 = 27;
    const RELEASEDIR: u32 = 29;
    const WITHOUT_ANSWER: [u32; 3] = [2, 36, 42]; // FORGET, INTERRUPT, BATCH_FORGET
    const DIRECT_IO: u32 = 1;
    const KEEP_CACHE: u32 = 2;
    const UNKNOWN: i32 = -38; // ENOSYS
    const DIRECTORY: u64 = 1;
    const FILE: u64 = 2;

    let mut opened = 0u64;
    let mut request = vec![0; 1 << 20];
    while let Ok(length) = device.read(&mut request) {
        let number = |at: usize| u64::from_ne_bytes(request[at..at + 8].try_into().unwrap());
        let half = |at: usize| u32::from_ne_bytes(request[at..at + 4].try_into().unwrap());
        assert!(length >= 40);
        let (operation, unique, node) = (half(4), number(8), number(16));
        let mut answer = Vec::new();
        let mut error = 0;
        match operation {
            _ if WITHOUT_ANSWER.contains(&operation) => continue,
            INIT => {
                // Version, read-ahead, flags; the rest may be zero but for the size of writes.
                for word in [7u32, 31, 65536, 0, 0, 4096] {
                    answer.extend(word.to_ne_bytes());
                }
                answer.resize(64, 0);
            }
            LOOKUP => {
                answer.extend(FILE.to_ne_bytes());
                answer.resize(16, 0);
                answer.extend(3600u64.to_ne_bytes()); // how long the entry and its attributes hold
                answer.extend(3600u64.to_ne_bytes());
                answer.resize(40, 0);
                attributes(&mut answer, FILE, contents.len());
            }
            GETATTR => {
                answer.extend(3600u64.to_ne_bytes());
                answer.resize(16, 0);
                let size = if node == DIRECTORY { 0 } else { contents.len() };
                attributes(&mut answer, node, size);
            }
            OPEN | OPENDIR => {
                let is_first = opened == 0;
                opened += u64::from(operation == OPEN);
                answer.extend(opened.to_ne_bytes());
                let flags = if is_first { 0 } else { DIRECT_IO | KEEP_CACHE };
                answer.extend(flags.to_ne_bytes());
                answer.resize(16, 0);
            }
            READ if number(40) == 1 => {
                waiting.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            READ => {
                let offset = usize::try_from(number(48)).unwrap();
                let size = usize::try_from(half(56)).unwrap();
                let rest = contents.get(offset..).unwrap_or_default();
                answer.extend_from_slice(&rest[..size.min(rest.len())]);
            }
            RELEASE | FLUSH | RELEASEDIR => {}
            _ => error = UNKNOWN,
        }
        let mut message = Vec::new();
        message.extend(u32::try_from(16 + answer.len()).unwrap().to_ne_bytes());
        message.extend(error.to_ne_bytes());
        message.extend(unique.to_ne_bytes());
        message.append(&mut answer);
        // Who asked may be gone.
        let _ = device.write(&message);
    }
}

/// Appends a `struct fuse_attr`.
fn attributes(answer: &mut Vec<u8>, node: u64, size: usize) {
    let size = u64::try_from(size).unwrap();
    for number in [node, size, size.div_ceil(512), 0, 0, 0] {
        answer.extend(number.to_ne_bytes());
    }
    let mode = if node == 1 { 0o40755u32 } else { 0o100_755 };
    // Nanoseconds, mode, links, owner, group, device, size of blocks, flags.
    for word in [0, 0, 0, mode, 1, 0, 0, 0, 4096, 0] {
        answer.extend(word.to_ne_bytes());
    }
}
