//! Reading a table again, because it changed while it was read.
//!
//! The kernel hands out a table in steps (a `read(2)` of a file, a datagram), and finds its place again by counting: how many sockets of
//! the same hash chain, for udp how many of the whole table, came before. If some of these have gone meanwhile, others are missed; if some
//! have come, others are seen twice. The second is easily put right, the first is not seen, but both happen equally often. So a table
//! that took several steps is read once more; if that brings new rows, a third time; and if any was seen twice, until nothing new comes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// At most so many times. Even if one row in twenty is missed each time, of a million none is missed so often.
const MOST: u32 = 6;

/// What was met in the passes over one table.
#[derive(Debug, Default)]
pub struct Passes {
    /// The last pass in which a row was met. (A hasher with a seed would ask the kernel for one.)
    met: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
    pass: u32,
    /// Some row of this pass was not met before.
    fresh: bool,
    /// Some row was met twice in a pass.
    repeated: bool,
}

impl Passes {
    /// Notes a row and tells whether it is met for the first time. If it `stands_alone`, there may not be another like it.
    pub fn admits(&mut self, key: u64, stands_alone: bool) -> bool {
        match self.met.insert(key, self.pass) {
            None => {
                self.fresh = true;
                true
            }
            Some(pass) if pass == self.pass => {
                self.repeated |= stands_alone;
                // Rows that nothing tells apart can only be left out when all of them were seen before.
                !stands_alone && self.pass == 0
            }
            Some(_) => false,
        }
    }

    /// How many rows were met so far, those that nothing tells apart taken for one.
    pub fn count(&self) -> usize {
        self.met.len()
    }

    /// Whether a row was met so far.
    pub fn has(&self, key: u64) -> bool {
        self.met.contains_key(&key)
    }

    /// Ends a pass that was made in `steps` steps, and tells whether another is to be made.
    pub fn again(&mut self, steps: u32) -> bool {
        let changes = self.pass == 0 || (self.fresh && (self.pass == 1 || self.repeated));
        self.pass += 1;
        self.fresh = false;
        steps > 1 && changes && self.pass < MOST
    }

    /// How many bytes the first `read(2)` of this pass is to bring, so that the table is cut in other places than before.
    pub fn first_read(&self) -> usize {
        const PAGE: usize = 4096;
        PAGE * usize::try_from(self.pass).unwrap_or(0) / usize::try_from(MOST).unwrap_or(1)
    }
}

/// What a row is known by if it is not a number already.
pub fn key(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    // Inodes have 32 bits.
    hasher.finish() | 1 << 63
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_one_step_is_read_once() {
        let mut passes = Passes::default();
        assert!(passes.admits(1, true));
        assert!(!passes.again(1));
    }

    #[test]
    fn a_table_that_does_not_change_is_read_twice() {
        let mut passes = Passes::default();
        assert!(passes.admits(1, true));
        assert!(passes.again(2));
        assert!(!passes.admits(1, true));
        assert!(!passes.again(2));
    }

    #[test]
    fn a_table_with_something_new_is_read_three_times() {
        let mut passes = Passes::default();
        for row in 1..3 {
            assert!(passes.admits(row, true));
            assert!(passes.again(2));
        }
        assert!(passes.admits(3, true));
        assert!(!passes.again(2));
    }

    #[test]
    fn a_table_with_repeated_rows_is_read_until_nothing_is_new() {
        let mut passes = Passes::default();
        assert!(passes.admits(1, true));
        assert!(!passes.admits(1, true));
        for row in 2..5 {
            assert!(passes.again(2));
            assert!(passes.admits(row, true));
        }
        assert!(passes.again(2));
        assert!(!passes.admits(1, true));
        assert!(!passes.again(2));
    }

    #[test]
    fn passes_end() {
        let mut passes = Passes::default();
        let mut count = 0;
        loop {
            count += 1;
            assert!(passes.admits(count, true));
            assert!(!passes.admits(count, true));
            if !passes.again(2) {
                break;
            }
            assert!((1..4096).contains(&passes.first_read()));
        }
        assert_eq!(count, u64::from(MOST));
    }

    #[test]
    fn rows_that_are_alike_are_all_shown_once() {
        let mut passes = Passes::default();
        assert!(passes.admits(1, false));
        assert!(passes.admits(1, false));
        assert!(passes.again(2));
        assert!(!passes.admits(1, false));
        assert!(!passes.admits(1, false));
    }
}
