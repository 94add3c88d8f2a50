//! `/proc/PID/fd` and `/proc/PID/cmdline`: which process holds which socket.

use std::collections::HashMap;
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::error::Warning;
use crate::proc_root::ProcRoot;
use crate::sys;

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Process ID, as the name of its directory.
    pub pid: Vec<u8>,
    /// The name the reference shows: the first argument of the command line, without its directories.
    pub name: Vec<u8>,
    /// Security context, if it was asked for and could be read.
    pub context: Option<Vec<u8>>,
}

/// The holders of sockets by the sockets' inodes.
#[derive(Debug, Default)]
pub struct ProgramTable {
    programs: Vec<Program>,
    by_inode: HashMap<u64, u32>,
}

impl ProgramTable {
    /// The process that holds a socket: the first one in the order of `/proc`.
    pub fn owner(&self, inode: u64) -> Option<&Program> {
        if self.by_inode.is_empty() {
            return None;
        }
        self.programs
            .get(usize::try_from(*self.by_inode.get(&inode)?).ok()?)
    }

    /// Looks through all processes below the root. The second value is what there is to complain about.
    pub fn read(root: &ProcRoot, context: bool) -> (Self, Option<Warning>) {
        let mut scan = Scan {
            table: Self::default(),
            denied: false,
            context,
            buffer: vec![0; 32 * 1024],
        };
        let unreadable = scan.processes(root).is_err();
        let warning = if unreadable || (scan.denied && scan.table.by_inode.is_empty()) {
            Some(Warning::NoProgramInfo(nix::unistd::geteuid().as_raw()))
        } else if scan.denied {
            Some(Warning::SomeProgramInfo)
        } else {
            None
        };
        (scan.table, warning)
    }
}

struct Scan {
    table: ProgramTable,
    /// Some process did not let us look.
    denied: bool,
    context: bool,
    buffer: Vec<u8>,
}

impl Scan {
    fn processes(&mut self, root: &ProcRoot) -> io::Result<()> {
        let directory = File::open(root.directory())?;
        let mut processes = Vec::new();
        // A process that ends while /proc is read is simply not met; an error later on ends the list.
        let _ = sys::for_each_entry(directory.as_fd(), &mut self.buffer, |name| {
            if name.to_bytes().iter().all(u8::is_ascii_digit) {
                processes.push(name.to_owned());
            }
        });
        for process in &processes {
            self.process(directory.as_fd(), process);
        }
        Ok(())
    }

    fn process(&mut self, root: BorrowedFd<'_>, pid: &CStr) {
        let Ok(process) = sys::open_at(root, pid, libc::O_DIRECTORY | libc::O_PATH) else {
            return;
        };
        let descriptors = match sys::open_at(process.as_fd(), c"fd", libc::O_DIRECTORY) {
            Ok(descriptors) => descriptors,
            Err(error) => {
                self.denied |= error.raw_os_error() == Some(libc::EACCES);
                return;
            }
        };
        let mut index = None;
        let Scan {
            table,
            context,
            buffer,
            ..
        } = self;
        let _ = sys::for_each_entry(descriptors.as_fd(), buffer, |name| {
            if !name.to_bytes().first().is_some_and(u8::is_ascii_digit) {
                return;
            }
            // The reference reads 29 bytes of the link.
            let mut link = [0u8; 29];
            let Ok(link) = sys::read_link_at(descriptors.as_fd(), name, &mut link) else {
                return;
            };
            let Some(inode) = socket_inode(link) else {
                return;
            };
            if table.by_inode.contains_key(&inode) {
                return;
            }
            if index.is_none() {
                let Some(name) = program_name(&process) else {
                    return;
                };
                let context = if *context {
                    security_context(&process)
                } else {
                    None
                };
                index = u32::try_from(table.programs.len()).ok();
                table.programs.push(Program {
                    pid: pid.to_bytes().to_vec(),
                    name,
                    context,
                });
            }
            if let Some(index) = index {
                table.by_inode.insert(inode, index);
            }
        });
    }
}

/// The inode that a link's text names: `socket:[N]` with at least two digits, or `[0000]:N`, as the reference has it.
fn socket_inode(link: &[u8]) -> Option<u64> {
    let digits = if let Some(rest) = link.strip_prefix(b"socket:[") {
        rest.strip_suffix(b"]").filter(|digits| digits.len() >= 2)?
    } else {
        link.strip_prefix(b"[0000]:")
            .filter(|digits| !digits.is_empty())?
    };
    number_of_any_base(digits).filter(|&inode| inode != u64::MAX)
}

/// C's `strtoul` with base 0, which must use all of the text.
fn number_of_any_base(text: &[u8]) -> Option<u64> {
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
        digits => (digits, 10),
    };
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

/// The name of a program: the first 511 bytes of its command line up to a NUL, without directories if it begins with one.
///
/// Titles with blanks stay whole (`nginx: master process …`), which is why it is the *last* slash of all that counts.
fn program_name(process: &OwnedFd) -> Option<Vec<u8>> {
    let mut text = read_start(process, c"cmdline", 511)?;
    if let Some(end) = memchr::memchr(0, &text) {
        text.truncate(end);
    }
    if text.first() == Some(&b'/')
        && let Some(slash) = memchr::memrchr(b'/', &text)
    {
        text.drain(..=slash);
    }
    Some(text)
}

/// The context of a process: a C string, which other security modules than SELinux end with a newline.
///
/// A file without any byte, on which the reference crashes, holds none.
fn security_context(process: &OwnedFd) -> Option<Vec<u8>> {
    let mut text = read_start(process, c"attr/current", 4095)?;
    if text.is_empty() {
        return None;
    }
    if let Some(end) = memchr::memchr(0, &text) {
        text.truncate(end);
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    Some(text)
}

/// The first bytes of a file of a process, or `None` if it cannot be read.
fn read_start(process: &OwnedFd, name: &CStr, limit: u64) -> Option<Vec<u8>> {
    let file = File::from(sys::open_at(process.as_fd(), name, 0).ok()?);
    let mut text = Vec::new();
    file.take(limit).read_to_end(&mut text).ok()?;
    Some(text)
}
