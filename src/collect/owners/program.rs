//! What is told of a process that holds a socket: `/proc/PID/cmdline`, `comm`, `attr/current`.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

use nix::fcntl::readlinkat;

use super::Wanted;
use super::files::Files;
use crate::record::owner::{CommandLine, Program, ProgramDetail};
use crate::scan::Scanner;
use crate::sys;

/// The reference reads so many bytes of a command line.
const NAME: usize = 511;

/// So many bytes of a command line are kept. The kernel takes millions.
const LONGEST_COMMAND_LINE: usize = 4096;

/// So many bytes of all command lines are kept together: where there are very many processes, each gets an even share.
const ALL_COMMAND_LINES: usize = 32 << 20;

/// A process that holds sockets.
pub(super) struct Holding {
    /// Its place in the order of `/proc`.
    pub place: u32,
    /// Its directory.
    pub process: OwnedFd,
    /// The directory of the thread that holds them, if it is not the first one.
    pub thread: Option<OwnedFd>,
    /// The inodes of the sockets, each once.
    pub sockets: Vec<u64>,
}

impl Holding {
    /// Where its command line is. What has ended has none.
    fn directory(&self) -> BorrowedFd<'_> {
        self.thread.as_ref().unwrap_or(&self.process).as_fd()
    }

    /// Reads the start of its command line, which may wait for ever.
    ///
    /// # Errors
    /// It is gone, or does not let us.
    pub(super) fn command_line(
        &self,
        files: &Files,
        wanted: Wanted,
        processes: usize,
    ) -> io::Result<CommandLine> {
        let limit = if wanted.all {
            let share = ALL_COMMAND_LINES / processes.max(1);
            share.clamp(NAME, LONGEST_COMMAND_LINE)
        } else {
            NAME
        };
        // One byte more tells whether there are more; the reference's limit says nothing of that.
        let mut text = files.start(
            self.directory(),
            c"cmdline",
            limit + usize::from(wanted.all),
        )?;
        let truncated = text.len() > limit;
        text.truncate(limit);
        Ok(CommandLine { text, truncated })
    }

    /// Describes the process; without a command line by the kernel's name for it.
    pub(super) fn program(
        &self,
        pid: &CStr,
        command_line: Option<CommandLine>,
        files: &Files,
        wanted: Wanted,
    ) -> Program {
        let comm = if wanted.all || command_line.is_none() {
            self.comm(files)
        } else {
            None
        };
        let name = match &command_line {
            Some(line) => program_name(&line.text),
            None => comm.as_deref().unwrap_or_default(),
        };
        let context = wanted
            .context
            .then(|| files.start(self.directory(), c"attr/current", 4095));
        Program {
            pid: pid.to_bytes().to_vec(),
            name: name.to_vec(),
            context: context.and_then(Result::ok).and_then(security_context),
            command_line: command_line.filter(|_| wanted.all),
            comm: comm.filter(|_| wanted.all),
            group: None,
            detail: wanted.detail.then(|| Box::new(self.detail(files))),
        }
    }

    fn detail(&self, files: &Files) -> ProgramDetail {
        let process = self.process.as_fd();
        let read = |name, limit| files.start(process, name, limit).unwrap_or_default();
        let exe = readlinkat(process, c"exe").ok();
        let ticks = start_ticks(&read(c"stat", 1024));
        let since_boot = ticks.map(|ticks| ticks / sys::clock_ticks_per_second());
        ProgramDetail {
            exe: exe.map(OsStringExt::into_vec),
            uid: effective_user(&read(c"status", 4096)),
            started: since_boot.and_then(|seconds| files.boot_time()?.checked_add(seconds)),
        }
    }

    fn comm(&self, files: &Files) -> Option<Vec<u8>> {
        /// `TASK_COMM_LEN` without the NUL.
        const LONGEST: usize = 15;
        let mut comm = files.start(self.process.as_fd(), c"comm", 64).ok()?;
        if comm.last() == Some(&b'\n') {
            comm.pop();
        }
        comm.truncate(LONGEST);
        Some(comm)
    }
}

/// The effective user ID in `/proc/PID/status`: `Uid:`, then the real one, then it.
fn effective_user(status: &[u8]) -> Option<u32> {
    let mut lines = status.split(|&byte| byte == b'\n');
    let numbers = lines.find_map(|line| line.strip_prefix(b"Uid:"))?;
    let mut numbers = Scanner::new(numbers);
    numbers.decimal64()?;
    u32::try_from(numbers.decimal64()?).ok()
}

/// When a process was started, in clock ticks since the system was: the 20th word behind the name in `/proc/PID/stat`.
fn start_ticks(status: &[u8]) -> Option<u64> {
    let end = memchr::memrchr(b')', status)?;
    let behind_name = status.get(end + 1..)?.trim_ascii_start();
    let word = behind_name.split(|&byte| byte == b' ').nth(19)?;
    Scanner::new(word).decimal64()
}

/// The name of a program: its command line up to a NUL, without directories if it begins with one.
///
/// Titles with blanks stay whole (`nginx: master process …`), which is why it is the *last* slash of all that counts.
fn program_name(command_line: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, command_line).unwrap_or(command_line.len());
    let (name, _) = command_line.split_at(end);
    if name.first() == Some(&b'/') {
        name.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    } else {
        name
    }
}

/// The context of a process: a C string, which other security modules than SELinux end with a newline.
///
/// A file without any byte, on which the reference crashes, holds none.
fn security_context(mut text: Vec<u8>) -> Option<Vec<u8>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_context_is_none() {
        assert_eq!(security_context(Vec::new()), None);
        for (text, context) in [
            ("\n", ""),
            ("a:b\0c", "a:b"),
            ("unconfined\n", "unconfined"),
        ] {
            let found = security_context(text.into()).unwrap();
            assert_eq!(found, context.as_bytes());
        }
    }

    #[test]
    fn files_of_processes_are_read_leniently() {
        for (status, uid) in [
            (
                "Name:\tsh\nUid:\t1000\t0\t0\t0\nGid:\t5\t5\t5\t5\n",
                Some(0),
            ),
            ("Uid:\t0\t4294967294\t0\t0\n", Some(4_294_967_294)),
            ("Uid:\t0\n", None),
            ("Uid:\t0\t4294967296\n", None),
            ("Name:\tUid: 1 2\n", None),
            ("", None),
        ] {
            assert_eq!(effective_user(status.as_bytes()), uid, "{status}");
        }
        let stat = "7 (a) 1 (b) S 1 7 7 0 -1 4194560 107 0 0 0 0 0 0 0 20 0 1 0 8231 2875392 ";
        assert_eq!(start_ticks(stat.as_bytes()), Some(8231));
        for cut in ["", "7 (sh", "7 (sh) S 1 7 7 0"] {
            assert_eq!(start_ticks(cut.as_bytes()), None, "{cut}");
        }
    }
}
