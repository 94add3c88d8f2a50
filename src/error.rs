//! Every message that can reach stderr, and the exit status it leads to.
//!
//! The `Display` text of each variant is the whole message, without the final newline. What ends the run is an
//! [`Error`], what is said on the way is a [`Warning`]. Messages that belong into a table (the reference prints some
//! complaints to stdout) live with the table's layout instead.

use std::io;
use std::path::PathBuf;

/// What ends the run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table that was asked for by name and that this kernel does not offer.
    #[error("netstat: no support for `{0}' on this system.")]
    Unsupported(&'static str),
    /// Bluetooth was asked for; Debian's build of the reference has none either.
    #[error(
        "netstat: feature `AF BLUETOOTH' not supported.\n\
         Please recompile `net-tools' with newer kernel source or full configuration."
    )]
    Bluetooth,
    /// A file that could not be opened for a reason that is not tolerated; the text is `perror`'s.
    #[error("{}: {}", path.display(), strerror(source))]
    Open {
        /// The file as it is named to the user.
        path: PathBuf,
        /// What `open(2)` said.
        source: io::Error,
    },
    /// A table that the reference gives up on, in its words.
    #[error("netstat.c: Internal Error `{0}'.")]
    Internal(&'static str),
    /// Messages were already given where they arose; only the exit status is left.
    #[error("")]
    Ended(u8),
    /// Output could not be written. The reference does not notice; this is one of the stated differences.
    #[error("netstat: write error: {}", strerror(.0))]
    Write(io::Error),
    /// One of our own options cannot be obeyed.
    #[error("netstat: {0}")]
    Extension(String),
}

impl Error {
    /// The exit status of the program when this error ends it.
    pub fn exit_code(&self) -> u8 {
        match self {
            // A reader that leaves is no failure. Usually SIGPIPE ends the program before; this is for callers that ignore it.
            Error::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Error::Unsupported(_) | Error::Bluetooth | Error::Write(_) => 1,
            Error::Open { .. } | Error::Internal(_) => 255,
            Error::Ended(status) => *status,
            Error::Extension(_) => 3,
        }
    }

    /// Whether the error is ended with in silence: its messages were given where they arose, or nobody wants them.
    pub fn is_silent(&self) -> bool {
        match self {
            Error::Ended(_) => true,
            Error::Write(error) => error.kind() == io::ErrorKind::BrokenPipe,
            _ => false,
        }
    }

    /// An [`Error::Open`] for `path`.
    pub fn open(path: PathBuf, source: io::Error) -> Self {
        Error::Open { path, source }
    }
}

/// The C library's English text for an I/O error, as `perror` prints it.
pub fn strerror(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => crate::sys::strerror(code),
        None => error.to_string(),
    }
}

/// What is worth a line on stderr but does not end the run nor change its exit status.
#[derive(Debug, thiserror::Error)]
pub enum Warning {
    /// A line of a socket table that does not scan; the name is that of the protocol ("tcp", "udp", "raw", "unix", "sctp eps", …).
    #[error("warning, got bogus {0} line.")]
    BogusLine(&'static str),
    /// A line of a group table that does not scan, counted from 0 for the first line of the file.
    #[error("warning, got bogus {table} line {line}.")]
    BogusGroupLine {
        /// "igmp" or "igmp6".
        table: &'static str,
        /// Number of the line in its file.
        line: u64,
    },
    /// A table that this kernel does not offer, mentioned under `-v` or when asked for by name.
    #[error("netstat: no support for `{0}' on this system.")]
    Unsupported(&'static str),
    /// No socket could be attributed to any process.
    #[error("(No info could be read for \"-p\": geteuid()={0} but you should be root.)")]
    NoProgramInfo(u32),
    /// Some processes could not be looked into.
    #[error(
        "(Not all processes could be identified, non-owned process info\n \
         will not be shown, you would have to be root to see it all.)"
    )]
    SomeProgramInfo,
    /// `perror`'s text for a file that could not be opened or read.
    #[error("{}: {}", path.display(), strerror(source))]
    File {
        /// The file as it is named to the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of statistics that could not be opened.
    #[error("cannot open {}: {}", path.display(), strerror(source))]
    CannotOpen {
        /// The file as it is named to the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of statistics whose lines do not go together.
    #[error("Problem while parsing {}", .0.display())]
    Damaged(PathBuf),
    /// A sentence with no parts that vary.
    #[error("{0}")]
    Plain(&'static str),
    /// A sentence made for the occasion.
    #[error("{0}")]
    Text(String),
}
