//! tcp's listening sockets as the diagnostics list them, which tells how far their rows in the file go.

use super::key;
use crate::record::inet::{Family, InetSocket};

/// The listening sockets of one family, in the order of the table.
#[derive(Debug, Default)]
pub struct Listeners {
    sockets: Vec<Listener>,
    /// How many of them were not met in the file yet.
    pub missing: usize,
    /// The place in the order where the next one is expected.
    next: usize,
}

#[derive(Clone, Copy, Debug)]
struct Listener {
    key: u64,
    /// Digits of its inode and user, beyond those that the table has columns for.
    digits: usize,
    met: bool,
}

impl Listeners {
    pub fn add(&mut self, socket: &InetSocket) {
        let digits = |number: u64| usize::try_from(number.max(1).ilog10()).unwrap_or(0) + 1;
        self.sockets.push(Listener {
            key: key(socket),
            digits: digits(socket.inode) + digits(socket.uid.into()).saturating_sub(5),
            met: false,
        });
        self.missing += 1;
    }

    /// How many bytes the heading and the rows of these sockets take, but for the end of the last row: as much as does not matter
    /// leaves room for mistakes, since one row more costs a walk through the hash table.
    pub fn room(&self, family: Family) -> usize {
        // Behind the inode come a reference count, a pointer, and five numbers that no row has shorter.
        const END: usize = " 1 0000000000000000 100 0 0 10 0\n".len();
        let digits: usize = self.sockets.iter().map(|socket| socket.digits).sum();
        let count = self.sockets.len();
        let all = match family {
            // All lines are filled up with blanks.
            Family::Inet => 150 + 150 * count,
            Family::Inet6 => 145 + (139 + END) * count + digits,
        };
        all - END / 2
    }

    fn find(&mut self, key: u64) -> Option<&mut Listener> {
        let behind = self.sockets.iter().skip(self.next);
        let ahead = self.sockets.iter().take(self.next);
        let place = behind
            .chain(ahead)
            .position(|listener| listener.key == key)?;
        let place = (self.next + place) % self.sockets.len();
        self.next = place;
        self.sockets.get_mut(place)
    }

    /// Notes a row of the file and tells whether it is the first of its socket.
    pub fn meet(&mut self, socket: &InetSocket) -> bool {
        let Some(listener) = self.find(key(socket)) else {
            // It has begun to listen since.
            return true;
        };
        let first = !std::mem::replace(&mut listener.met, true);
        self.next += 1;
        self.missing -= usize::from(first);
        first
    }

    pub fn is_met(&mut self, socket: &InetSocket) -> bool {
        self.find(key(socket)).is_some_and(|listener| listener.met)
    }

    /// Whether a socket is the only one still missing.
    pub fn is_last(&mut self, socket: &InetSocket) -> bool {
        self.missing == 1 && self.find(key(socket)).is_some_and(|listener| !listener.met)
    }
}
