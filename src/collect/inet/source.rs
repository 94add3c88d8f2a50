//! From where the rows of a table are taken: from its file, or from the socket diagnostics, or from both.
//!
//! What is certainly the running kernel's own table is read no further than needed. /proc walks all of tcp's hash table with each
//! `read(2)`, ten times as slowly as the diagnostics do, and spends most of its time in formatting; for udp it searches its place anew in
//! each. But two things only the file says: the send queue of a listening socket, and timers exactly. So
//!
//! * tcp's listening sockets, which its table begins with, are taken from the file, and nothing else: the diagnostics, asked for both
//!   families at once, tell how many there are, and a `read(2)` that has room for no more ends behind them. With timers, all is taken from
//!   the file.
//! * udp's are taken from the file if one `read(2)` brings them all, or else from the diagnostics.
//! * Should the diagnostics fail, even half-way, the file has the rest.
//!
//! A table that is made in several steps may change between them. That no socket is missed or seen twice for that, [`Passes`] takes care.
//! For tcp the kernel finds its place in one hash chain, in most of which there are one or two sockets. Only where there are more, and the
//! diagnostics know a socket that the file left out, the file is read again; what they list themselves, in a tenth of the steps, is not
//! listed again. There, only what is seen twice is dropped.

mod listeners;
mod recent;

use std::fs::File;
use std::net::IpAddr;
use std::thread::{self, JoinHandle};

use super::details::Details;
use super::{detail, parse, parse_kernel, parse_of};
use crate::collect::Context;
use crate::collect::passes::{self, Passes};
use crate::collect::sock_diag::{Diagnostics, InetEntry, ListenerUsers, Next, Outcome, Request};
use crate::error::{Error, Warning};
use crate::proc_root::{self, Lines};
use crate::query::{Query, SockDiag, SocketFilter, SocketQuery};
use crate::record::Record;
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState};
use crate::scan::parsed;
use crate::sys;
use listeners::Listeners;
use recent::Recent;

/// One of the eight tables, which is to be read.
pub struct Table<'t, 'c> {
    context: &'t mut Context<'c>,
    sockets: &'t SocketQuery,
    protocol: Protocol,
    family: Family,
    diagnostics: Diagnostics,
    /// What the diagnostics know of its sockets beyond their rows, if that is asked for.
    details: Details,
}

/// What the diagnostics told about the table of tcp's other family by the way.
#[derive(Debug, Default)]
pub struct OtherFamily {
    listeners: Listeners,
    /// The other sockets; `None` if there are too many to be kept, or something is not known of them.
    others: Option<Vec<InetSocket>>,
    /// The table's file, whose listening sockets another thread reads.
    file: Option<JoinHandle<Lines<File>>>,
}

/// So many sockets of the other family are kept (300 KB); asking for them anew costs little more then.
const KEPT: usize = 2048;

/// A table with so many chains for each socket is not looked at twice: while ten thousand sockets a second come and go, one listing in
/// some thousands lacks a row.
const FEW: usize = 16;

/// A bit for each state that tcp's table has, from ESTABLISHED to CLOSING. Newer kernels know sockets beyond, which are only bound.
pub(super) const TCP_STATES: u32 = 0xffe;

impl<'t, 'c> Table<'t, 'c> {
    /// A table that was opened.
    pub fn new(
        context: &'t mut Context<'c>,
        sockets: &'t SocketQuery,
        protocol: Protocol,
        family: Family,
    ) -> Self {
        Table {
            context,
            sockets,
            protocol,
            family,
            diagnostics: Diagnostics::default(),
            details: Details::default(),
        }
    }

    /// Lends the rows to the sink. A heading is dropped unseen; a read error ends the table as the end of the file does.
    ///
    /// `both`: the table of the other family will be read next; for that, what is known of it is returned. `known`: what was returned.
    ///
    /// # Errors
    /// What the sink said.
    pub fn read(
        mut self,
        mut lines: Lines<File>,
        both: bool,
        known: Option<OtherFamily>,
    ) -> Result<Option<OtherFamily>, Error> {
        let query = self.context.query;
        // A file that is mounted over the kernel's is shown as it is.
        if !query.proc_root.is_system() || !proc_root::is_own_procfs(lines.input()) {
            let _ = lines.next_line();
            self.rows(&mut lines, Table::lend)?;
            return Ok(None);
        }
        lines.trust_short_reads();
        // The diagnostics speak of our own network only.
        let is_own = query.proc_root.is_kernel();
        if is_own && (query.gather.socket_details || query.gather.control_groups) {
            self.details = Details::read(self.protocol, self.family);
        }
        let diagnostics = query.sock_diag != SockDiag::Never && is_own;
        match self.protocol {
            Protocol::Tcp if diagnostics && !query.gather.timers => {
                return self.tcp(lines, both, known);
            }
            // Only the file has drops in a column.
            Protocol::Udp if diagnostics && !query.gather.socket_details => self.udp(lines)?,
            _ => {
                let _ = lines.next_line();
                self.passes(lines, Passes::default())?;
            }
        }
        Ok(None)
    }

    /// Lends a socket, if sockets of its kind are shown.
    fn lend(&mut self, mut socket: InetSocket) -> Result<(), Error> {
        if self.sockets.filter.keeps(socket.is_listening()) {
            socket.owners = self.context.programs.owners(socket.inode);
            self.details.add_to(&mut socket);
            if let Some(detail) = &mut socket.detail
                && socket
                    .owners
                    .first()
                    .is_none_or(|owner| owner.group.is_none())
            {
                let id = detail.group_id;
                detail.group = id.and_then(|id| self.context.programs.group(id));
            }
            if let Some(inode) = self.context.peers.other_end(&socket) {
                let detail = socket.detail.get_or_insert_default();
                detail.peer = Some(self.context.peer(inode));
            }
            self.context.sink.record(&Record::Inet(socket))?;
        }
        Ok(())
    }

    /// Visits the rows that the file has from here on.
    fn rows(
        &mut self,
        lines: &mut Lines<File>,
        mut visit: impl FnMut(&mut Self, InetSocket) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let order = self.context.query.proc_root.byte_order();
        while let Ok(Some(line)) = lines.next_line() {
            match parse_of(order, line, self.protocol, self.family) {
                Some(mut socket) => {
                    if self.context.query.gather.socket_details {
                        socket.detail = detail(line, self.protocol);
                    }
                    visit(self, socket)?;
                }
                None => self.bogus()?,
            }
        }
        Ok(())
    }

    fn bogus(&mut self) -> Result<(), Error> {
        let name = self.protocol.traits().family_name;
        self.context.warn(&Warning::BogusLine(name))
    }

    /// Lends the rows of the file from here on that were not met before, then those of further passes.
    fn passes(&mut self, mut lines: Lines<File>, mut passes: Passes) -> Result<(), Error> {
        loop {
            self.rows(&mut lines, |table, socket| {
                match admits(&mut passes, &socket) {
                    true => table.lend(socket),
                    false => Ok(()),
                }
            })?;
            if !passes.again(lines.reads()) || !self.may_lack_rows(&passes)? {
                return Ok(());
            }
            let root = &self.context.query.proc_root;
            let file = self.protocol.file(self.family);
            match root.lines(file, proc_root::PIECE) {
                Ok(again) => lines = again,
                Err(_) => return Ok(()),
            }
            lines.trust_short_reads();
            lines.set_room(passes.first_read());
            let _ = lines.next_line();
            lines.set_room(usize::MAX);
        }
    }

    /// Whether some socket may be missing among those that were met. Of tcp that is hardly so while sockets are fewer by far than chains, of
    /// which Linux tells the number since 6.1; else the diagnostics tell it, at a fifth of the price of reading the file again. What has no
    /// inode does not stay.
    fn may_lack_rows(&mut self, passes: &Passes) -> Result<bool, Error> {
        let query = self.context.query;
        if self.protocol != Protocol::Tcp
            || query.sock_diag == SockDiag::Never
            || !query.proc_root.is_kernel()
        {
            return Ok(true);
        }
        // Negative if other networks have theirs in the same table.
        let chains = query.proc_root.read("sys/net/ipv4/tcp_ehash_entries");
        let chains = chains.map_or(None, |text| parsed::<isize>(text.trim_ascii()));
        if chains.is_none_or(|chains| passes.count() * FEW < chains.unsigned_abs()) {
            return Ok(false);
        }
        let outcome = self.dump(false, TCP_STATES, |table, InetEntry { socket, .. }| {
            let is_known = socket.inode == 0
                || !table.sockets.filter.keeps(socket.is_listening())
                || passes.has(key(&socket));
            Ok(if is_known { Next::Continue } else { Next::Stop })
        })?;
        Ok(outcome == Outcome::Broken)
    }

    fn udp(&mut self, mut lines: Lines<File>) -> Result<(), Error> {
        let _ = lines.next_line();
        let mut passes = Passes::default();
        if lines.is_finished() && self.context.query.sock_diag != SockDiag::Always {
            return self.passes(lines, passes);
        }
        let request = Request {
            protocol: self.protocol,
            family: Some(self.family),
            states: u32::MAX,
            remote_port_zero: false,
            attributes: 0,
        };
        let mut diagnostics = Diagnostics::default();
        loop {
            let outcome = diagnostics.dump(&request, |InetEntry { socket, .. }| {
                if admits(&mut passes, &socket) {
                    self.lend(socket)?;
                }
                Ok(Next::Continue)
            })?;
            match outcome {
                Outcome::Complete { steps } if passes.again(steps) => {}
                Outcome::Complete { .. } => return Ok(()),
                Outcome::Broken => return self.passes(lines, passes),
            }
        }
    }

    fn tcp(
        &mut self,
        mut lines: Lines<File>,
        both: bool,
        known: Option<OtherFamily>,
    ) -> Result<Option<OtherFamily>, Error> {
        let (mut listeners, others) = match known {
            Some(known) => (Some(known.listeners), known.others),
            None => (None, None),
        };
        let mut other = OtherFamily::default();
        if listeners.is_none() {
            let mut found = Listeners::default();
            let outcome = self.dump(both, 1 << TcpState::LISTEN.0, |table, entry| {
                let socket = &entry.socket;
                if table.sockets.filter.keeps(socket.is_listening()) {
                    let listeners = match socket.family == table.family {
                        true => &mut found,
                        false => &mut other.listeners,
                    };
                    listeners.add(socket);
                }
                Ok(Next::Continue)
            })?;
            if outcome != Outcome::Broken {
                other.read_ahead(self.context.query);
                listeners = Some(found);
            }
        }
        let Some(mut listeners) = listeners else {
            let _ = lines.next_line();
            self.passes(lines, Passes::default())?;
            return Ok(None);
        };
        // What was read of the file beyond the listening sockets.
        let beyond = self.listeners(&mut lines, &mut listeners)?;
        if let Some(others) = others {
            for socket in others {
                self.lend(socket)?;
            }
            return Ok(None);
        }
        let mut recent = Recent::default();
        let mut users = ListenerUsers::default();
        let shows_users = self.context.query.gather.users;
        other.others = Some(Vec::new());
        let states = TCP_STATES & !(1 << TcpState::LISTEN.0);
        let outcome = self.dump(both, states, |table, entry| {
            let is_ours = entry.socket.family == table.family;
            let mut uid = Some(entry.socket.uid);
            if entry.socket.state == TcpState::SYN_RECV && shows_users {
                uid = users.of(&entry);
            }
            let socket = uid.map(|uid| InetSocket {
                uid,
                ..entry.socket
            });
            match socket {
                Some(socket) if is_ours => {
                    if !recent.repeats(&socket) {
                        table.lend(socket)?;
                    }
                }
                None if is_ours => return Ok(Next::Stop),
                socket => other.keep(socket),
            }
            Ok(Next::Continue)
        })?;
        if outcome != Outcome::Broken {
            return Ok(both.then_some(other));
        }
        lines.set_room(usize::MAX);
        if lines.reads() == 0 {
            let _ = lines.next_line();
        }
        let mut shown = recent.into_shown();
        let mut lend_rest = |table: &mut Self, socket: InetSocket| {
            let is_shown = match socket.state {
                TcpState::LISTEN => listeners.is_met(&socket),
                _ => shown.has(&socket),
            };
            if is_shown {
                return Ok(());
            }
            table.lend(socket)
        };
        if let Some(socket) = beyond {
            lend_rest(self, socket)?;
        }
        self.rows(&mut lines, lend_rest)?;
        Ok(None)
    }

    /// Visits the tcp sockets in one of `states`, of one or both families, as far as the filter may keep them.
    fn dump(
        &mut self,
        both: bool,
        states: u32,
        mut visit: impl FnMut(&mut Self, InetEntry) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        let request = Request {
            protocol: Protocol::Tcp,
            family: (!both).then_some(self.family),
            states,
            remote_port_zero: self.sockets.filter == SocketFilter::Listening,
            attributes: 0,
        };
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        let outcome = diagnostics.dump(&request, |entry| visit(self, entry));
        self.diagnostics = diagnostics;
        outcome
    }

    /// Lends the listening sockets at the beginning of the file, if there are any, and returns the first row of another kind if one was
    /// read. The rows are the file's own; what the diagnostics know of them tells how far to read.
    fn listeners(
        &mut self,
        lines: &mut Lines<File>,
        listeners: &mut Listeners,
    ) -> Result<Option<InetSocket>, Error> {
        if listeners.missing == 0 {
            return Ok(None);
        }
        if lines.reads() == 0 {
            lines.set_room(listeners.room(self.family));
            let _ = lines.next_line();
        }
        while listeners.missing > 0 {
            let row = match lines.next_line() {
                Ok(Some(line)) => Some(parse(line, self.protocol, self.family)),
                Ok(None) => None,
                Err(_) => break,
            };
            let socket = match row {
                Some(socket) => socket,
                None if lines.is_finished() => break,
                // The room is used up, as it should be, within the last row.
                None => {
                    lines.set_room(usize::MAX);
                    let last = self.beginning(lines.pending());
                    match last.filter(|socket| listeners.is_last(socket)) {
                        None => continue,
                        last => last,
                    }
                }
            };
            match socket {
                Some(socket) if socket.state != TcpState::LISTEN => return Ok(Some(socket)),
                Some(socket) => {
                    if listeners.meet(&socket) {
                        self.lend(socket)?;
                    }
                }
                None => self.bogus()?,
            }
        }
        Ok(None)
    }

    /// Parses a row whose end was not read; `None` if it ends before or within the inode.
    fn beginning(&self, line: &[u8]) -> Option<InetSocket> {
        let end = memchr::memrchr(b' ', line)?;
        parse_kernel(line.get(..end)?, self.protocol, self.family)
    }
}

impl OtherFamily {
    /// The table's file if its beginning was read already.
    pub fn file(&mut self) -> Option<Lines<File>> {
        self.file.take()?.join().ok()
    }

    /// Has another thread read the listening sockets, as long as there are any: if there is nothing else in the table, that takes all of a
    /// walk through the kernel's.
    fn read_ahead(&mut self, query: &Query) {
        if self.listeners.missing == 0 || sys::processors(2) < 2 {
            return;
        }
        let file = Protocol::Tcp.file(Family::Inet6);
        let Ok(mut lines) = query.proc_root.lines(file, proc_root::PIECE) else {
            return;
        };
        if !proc_root::is_own_procfs(lines.input()) {
            return;
        }
        lines.trust_short_reads();
        lines.set_room(self.listeners.room(Family::Inet6));
        // The buffer is there: the thread needs no memory, for which it would have to have a heap made.
        let read = move || {
            let _ = lines.next_line();
            lines
        };
        let thread = thread::Builder::new().stack_size(64 * 1024);
        self.file = thread.spawn(read).ok();
    }

    fn keep(&mut self, socket: Option<InetSocket>) {
        self.others = match (self.others.take(), socket) {
            (Some(mut others), Some(socket)) if others.len() < KEPT => {
                others.push(socket);
                Some(others)
            }
            _ => None,
        };
    }
}

/// What tells a socket from all others: its inode, and of tcp its two ends besides, since the subflows of a multipath connection have one
/// inode; without an inode its two ends alone, which sockets on different interfaces may share.
#[inline(always)]
fn key(socket: &InetSocket) -> u64 {
    if socket.inode == 0 {
        return passes::key(&(socket.local, socket.remote));
    }
    match socket.protocol {
        // Inodes have 32 bits, and the topmost one is that of sockets without.
        Protocol::Tcp => {
            let ends = mixed(&socket.local) ^ mixed(&socket.remote).rotate_left(16);
            socket.inode ^ (ends >> 33 << 32)
        }
        Protocol::Udp | Protocol::UdpLite | Protocol::Raw => socket.inode,
    }
}

/// A number whose upper half depends on all bits of an end. A hasher would take as long as much of the row.
#[inline(always)]
fn mixed(end: &Endpoint) -> u64 {
    let address = match &end.address {
        IpAddr::V4(address) => u32::from_ne_bytes(address.octets()).into(),
        IpAddr::V6(address) => {
            let bits = u128::from_ne_bytes(address.octets());
            u64::try_from((bits ^ bits >> 61) & u128::from(u64::MAX)).unwrap_or(0)
        }
    };
    (address ^ u64::from(end.port) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn admits(passes: &mut Passes, socket: &InetSocket) -> bool {
    passes.admits(key(socket), socket.inode > 0)
}
