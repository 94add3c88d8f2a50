//! The end of a test's threads.

use std::sync::atomic::{AtomicBool, Ordering};

/// Ends the threads of a test however it ends: those that look whether this is set.
pub struct StopOnDrop<'a>(pub &'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
