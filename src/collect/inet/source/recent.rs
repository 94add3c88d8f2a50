//! The last rows that were lent: so that none is twice, and another source can go on where one has failed.

use super::key;
use crate::record::inet::InetSocket;

/// The last rows, in no order.
#[derive(Debug, Default)]
pub struct Recent {
    keys: Vec<u64>,
    /// Rows so far.
    count: usize,
}

impl Recent {
    const MOST: usize = 1024;

    /// How many sockets there are at most in a chain of tcp's hash table, roughly. A row that is seen twice is so within it.
    const CHAIN: usize = 8;

    /// Notes a row and tells whether it is the same as one of the last few.
    pub fn repeats(&mut self, socket: &InetSocket) -> bool {
        let key = key(socket);
        let last = self.count.saturating_sub(Self::CHAIN)..self.count;
        let mut last = last.filter_map(|count| self.keys.get(count % Self::MOST));
        if socket.inode > 0 && last.any(|&other| other == key) {
            return true;
        }
        match self.keys.get_mut(self.count % Self::MOST) {
            Some(place) => *place = key,
            None => self.keys.push(key),
        }
        self.count += 1;
        false
    }

    /// What was shown, for another source to go on.
    pub fn into_shown(mut self) -> Shown {
        self.keys.sort_unstable();
        Shown {
            keys: self.keys,
            met: self.count <= Self::MOST,
        }
    }
}

/// The end of what one source has shown, for another with the same order that is read from the beginning.
pub struct Shown {
    /// In order.
    keys: Vec<u64>,
    /// One of these was met, so that what comes is not before them.
    met: bool,
}

impl Shown {
    /// Whether the next row of the other source was shown already.
    pub fn has(&mut self, socket: &InetSocket) -> bool {
        let known = self.keys.binary_search(&key(socket)).is_ok();
        self.met |= known;
        known || !self.met
    }
}
