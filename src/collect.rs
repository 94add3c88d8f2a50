//! One module per table of the kernel: the parser of its lines, and the reader that lends its records to a [`Sink`]. Nothing here prints a
//! table.

pub mod control_group;
pub mod destroyed;
pub mod header;
pub mod igmp;
pub mod inet;
pub mod interface_names;
pub mod interfaces;
pub mod ipv6_route;
pub mod kept;
pub mod legacy;
pub mod legacy_route;
pub mod masquerade;
pub mod namespaces;
pub mod neighbour;
pub mod owners;
mod passes;
pub mod peers;
pub mod problems;
pub mod route;
pub mod rt_cache;
pub mod rtnetlink;
pub mod sctp;
pub mod snmp;
pub mod sock_diag;
pub mod unix;

use std::fs::File;

use crate::error::{Error, Warning};
use crate::proc_root::{self, Lines};
use crate::query::{Query, SocketQuery};
use crate::record::peer::Peer;
use crate::record::{Message, Record, Sink};
use owners::ProgramTable;
use peers::Peers;

/// What every collector needs.
pub struct Context<'a> {
    /// What is asked for.
    pub query: &'a Query,
    /// Who owns which socket; empty unless programs are shown.
    pub programs: ProgramTable,
    /// The other ends of connections; empty unless they are asked for.
    pub peers: Peers,
    /// Where the records and messages go.
    pub sink: &'a mut dyn Sink,
    /// It was said that not all is known of interfaces, which is said once in a pass.
    pub said_of_interfaces: bool,
}

impl Context<'_> {
    /// Says a warning, after the rows that the reference would have written by then.
    ///
    /// # Errors
    /// What writing those rows brought.
    pub fn warn(&mut self, warning: &Warning) -> Result<(), Error> {
        self.sink.message(&Message::from(warning))
    }

    /// The socket with this inode, as the other end of one that is shown.
    pub fn peer(&mut self, inode: u64) -> Peer {
        let owners = self.programs.owners(inode);
        Peer { inode, owners }
    }

    /// Opens the first (IPv4, unix) file of a socket table. `None`: it is absent, which was said if it had to be.
    ///
    /// # Errors
    /// It exists but cannot be opened.
    pub fn open_table(
        &mut self,
        sockets: &SocketQuery,
        file: &str,
        label: &'static str,
    ) -> Result<Option<Lines<File>>, Error> {
        match self.query.proc_root.lines(file, proc_root::PIECE) {
            Ok(lines) => Ok(Some(lines)),
            Err(error) if proc_root::absent(&error) => {
                if sockets.mentions_absent(self.query.verbose) {
                    self.warn(&Warning::Unsupported(label))?;
                }
                Ok(None)
            }
            Err(error) => Err(Error::open(self.query.proc_root.path(file), error)),
        }
    }

    /// Ends the run because a table of routes cannot be opened: says why, and on stdout what that means.
    ///
    /// # Errors
    /// [`Error::Ended`] with status 1; what the sink said.
    pub fn not_configured(
        &mut self,
        file: &str,
        source: std::io::Error,
        complaint: &'static str,
    ) -> Result<(), Error> {
        let path = self.query.proc_root.path(file);
        self.warn(&Warning::File { path, source })?;
        self.sink.record(&Record::Complaint(complaint.into()))?;
        Err(Error::Ended(1))
    }

    /// Opens the second (IPv6) file of a socket table, which may be missing for any reason without a word.
    pub fn open_second_table(&self, file: &str) -> Option<Lines<File>> {
        self.query.proc_root.lines(file, proc_root::PIECE).ok()
    }

    /// Ends the run if the first file of a table was absent and had to be there. Called once the second file is read.
    ///
    /// # Errors
    /// [`Error::Ended`] with status 1.
    pub fn require(&self, sockets: &SocketQuery, absent: bool) -> Result<(), Error> {
        if absent && sockets.requires_present() {
            Err(Error::Ended(1))
        } else {
            Ok(())
        }
    }
}
