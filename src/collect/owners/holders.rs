//! Which processes hold which sockets.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// So many processes of a socket are remembered. A server can have thousands of children, and each holds all of its sockets.
const MOST: usize = 64;

/// The holders of sockets by the sockets' inodes. Processes are known by their places in the order of `/proc`.
#[derive(Debug, Default)]
pub(super) struct Holders {
    first: HashMap<u64, u32>,
    /// Of sockets that several hold, if all are wanted.
    shared: HashMap<u64, Shared>,
}

/// The processes of a socket that several hold.
#[derive(Debug)]
pub(super) struct Shared {
    /// The first of them, in order.
    pub places: Vec<u32>,
    /// How many they are.
    pub total: usize,
}

impl Holders {
    /// Adds a holder, of all or else of the first one, once.
    pub(super) fn add(&mut self, inode: u64, place: u32, all: bool) {
        match self.first.entry(inode) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            Entry::Occupied(mut entry) => {
                // Threads finish in any order; the first process of /proc wins all the same.
                let other = entry.insert(place.min(*entry.get()));
                if all {
                    let shared = self.shared.entry(inode).or_insert_with(|| Shared {
                        places: vec![other],
                        total: 1,
                    });
                    shared.add(place);
                }
            }
        }
    }

    /// The first holder of a socket.
    pub(super) fn first(&self, inode: u64) -> Option<u32> {
        self.first.get(&inode).copied()
    }

    /// The holders of a socket that several hold.
    pub(super) fn shared(&self, inode: u64) -> Option<&Shared> {
        self.shared.get(&inode)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }
}

impl Shared {
    fn add(&mut self, place: u32) {
        self.total += 1;
        let at = self.places.partition_point(|&other| other < place);
        if at < MOST {
            self.places.truncate(MOST - 1);
            self.places.insert(at, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_holders_are_kept_in_order() {
        let mut holders = Holders::default();
        // Each number below 199 once, in no order.
        for step in 0..199u32 {
            let place = step * 83 % 199;
            holders.add(7, place, true);
            holders.add(8, place, false);
        }
        holders.add(9, 3, true);
        assert_eq!(holders.first(7), Some(0));
        let shared = holders.shared(7).unwrap();
        assert_eq!(shared.total, 199);
        assert_eq!(shared.places, (0..64).collect::<Vec<_>>());
        assert_eq!(holders.first(8), Some(0));
        assert!(holders.shared(8).is_none());
        assert_eq!(holders.first(9), Some(3));
        assert!(holders.shared(9).is_none());
    }
}
