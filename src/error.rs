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
    /// No socket of any address family can be opened to ask about interfaces.
    #[error("No usable address families found.\nsocket: {}", strerror(.0))]
    NoAddressFamily(io::Error),
    /// There is no list of interfaces, or one of its interfaces is gone.
    #[error("missing interface information: {}", strerror(.0))]
    NoInterfaces(io::Error),
    /// A family that has no routing tables.
    #[error("No routing for address family `{0}'.")]
    NoRouting(&'static str),
    /// A family that Debian's build of the reference does not know.
    #[error("Address family `{0}' not supported.")]
    UnsupportedFamily(&'static str),
    /// A file whose contents make no sense: where the reference noticed, and what.
    #[error("{0}: Internal Error `{1}'.")]
    Internal(&'static str, &'static str),
    /// Messages were already given where they arose; only the exit status is left.
    #[error("")]
    Ended(u8),
    /// Output could not be written. The reference does not notice; this is one of the stated differences.
    #[error("netstat: write error: {}", strerror(.0))]
    Write(io::Error),
    /// One of our own options cannot be obeyed.
    #[error("netstat: {0}")]
    Extension(String),
    /// The directory that is to be read instead of /proc is none, or hides the tables of its network.
    #[error("netstat: option '--proc-root': {}: {}", path.display(), strerror(source))]
    ProcRoot {
        /// What is missing.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The process of `--pid` does not let us see its sockets.
    #[error(
        "netstat: cannot list the sockets of process {pid}: {}",
        strerror(source)
    )]
    Process {
        /// Its number.
        pid: u32,
        /// What the system said.
        source: io::Error,
    },
    /// A network namespace that cannot be entered.
    #[error("netstat: network namespace {name}: {}", strerror(source))]
    Namespace {
        /// What it is called, or the file that stands for it.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// The exit status of the program when this error ends it.
    pub fn exit_code(&self) -> u8 {
        match self {
            // A reader that leaves is no failure. Usually SIGPIPE ends the program before; this is for callers that ignore it.
            Error::Write(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Error::Unsupported(_)
            | Error::Bluetooth
            | Error::NoAddressFamily(_)
            | Error::NoInterfaces(_)
            | Error::Write(_) => 1,
            Error::Open { .. } | Error::Internal(..) => 255,
            Error::Ended(status) => *status,
            Error::Process { .. } | Error::Namespace { .. } => 1,
            Error::NoRouting(_)
            | Error::UnsupportedFamily(_)
            | Error::Extension(_)
            | Error::ProcRoot { .. } => 3,
        }
    }

    /// Whether the error says nothing about other network namespaces than the one it was met in.
    pub fn is_of_one_namespace(&self) -> bool {
        matches!(
            self,
            Error::Open { .. } | Error::Internal(..) | Error::NoInterfaces(_) | Error::Ended(_)
        )
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

impl Warning {
    /// The message with the bytes of names that need not be UTF-8 as they are, where `Display` has to replace them.
    pub fn text(&self) -> Vec<u8> {
        let shown = self.to_string();
        match self {
            Warning::Interface { name, .. } => {
                let (_, rest) = shown
                    .split_at_checked(String::from_utf8_lossy(name).len())
                    .unwrap_or_default();
                [name, rest.as_bytes()].concat()
            }
            _ => shown.into_bytes(),
        }
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
    /// Programs are missing because no more files could be opened. One of the stated differences: the reference does not say so.
    #[error("warning, not all processes could be looked at: {}", strerror(.0))]
    ProcessesLeftOut(io::Error),
    /// Names are missing because no name server answers, or not in time. One of the stated differences: the reference waits for each.
    #[error("warning, not all names could be looked up: {0}.")]
    NamesLeftOut(&'static str),
    /// `perror`'s text for a file that could not be opened or read.
    #[error("{}: {}", path.display(), strerror(source))]
    File {
        /// The file as it is named to the user.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The table of interfaces cannot be opened.
    #[error("Warning: cannot open {} ({}). Limited output.", path.display(), strerror(source))]
    LimitedOutput {
        /// The file as it is named to the user.
        path: PathBuf,
        /// What `open(2)` said.
        source: io::Error,
    },
    /// There is no IPv4 socket to ask for aliases.
    #[error("warning: no inet socket available: {}", strerror(.0))]
    NoInetSocket(io::Error),
    /// The list of interfaces with IPv4 addresses cannot be had.
    #[error("SIOCGIFCONF: {}", strerror(.0))]
    InterfaceList(io::Error),
    /// An interface that is listed cannot be asked about. ENODEV has a wording of its own.
    #[error(
        "{}: error fetching interface information: {}",
        String::from_utf8_lossy(name),
        if source.raw_os_error() == Some(libc::ENODEV) { "Device not found".to_owned() } else { strerror(source) }
    )]
    Interface {
        /// Its name as the kernel has it.
        name: Vec<u8>,
        /// What `ioctl(2)` said.
        source: io::Error,
    },
    /// Ours: interfaces of another proc root are listed from files alone.
    #[error(
        "netstat: flags, MTUs, IPv4 addresses and hardware of interfaces are not among the files of {}; shown as '-' or left out.",
        .0.display()
    )]
    InterfacesOfFile(PathBuf),
    /// Ours: a table of another proc root has loopback addresses only if it is read in the other byte order.
    #[error(
        "netstat: these tables seem to be from a {0}-endian machine; option '--byte-order {0}' reads them so."
    )]
    OtherByteOrder(&'static str),
    /// Ours: sockets closed of which nothing was heard.
    #[error("netstat: more sockets closed than could be heard of; the tables are read anew.")]
    EventsLost,
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
    /// A network namespace that is left out.
    #[error("netstat: network namespace {name} is left out: {}", strerror(source))]
    NamespaceLeftOut {
        /// What it is called, or the file that stands for it.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// A network namespace of which it is not known whether it is among those that are shown.
    #[error(
        "netstat: network namespace {name} cannot be entered and may be one of those shown without a name: {}",
        strerror(source)
    )]
    NamespaceNotTold {
        /// What it is called.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// There are network namespaces in which no process lives that we may look at.
    #[error(
        "(Not all network namespaces could be found: some processes do not let us see\n \
         theirs, you would have to be root to see them all.)"
    )]
    HiddenNamespaces,
    /// Network namespaces may be missing because no more files could be opened.
    #[error("netstat: not all network namespaces could be looked for: {}", strerror(.0))]
    NamespacesNotSought(io::Error),
    /// A table whose first line does not name a column that it must have.
    #[error("warning: {} does not contain required field {name}", path.display())]
    MissingColumn {
        /// The file as it is named to the user.
        path: PathBuf,
        /// The first name that is missing or out of order.
        name: &'static str,
    },
    /// A table with more columns than the reference can hold.
    #[error("warning: format buffer overflow in {}", .0.display())]
    TooManyColumns(PathBuf),
    /// A sentence with no parts that vary.
    #[error("{0}")]
    Plain(&'static str),
    /// A sentence made for the occasion.
    #[error("{0}")]
    Text(String),
}
