//! The only writer to stderr.
//!
//! Messages are unbuffered, as the reference's are. Errors in writing them are ignored: there is nowhere left to say so, and
//! the reference's exit status does not change either.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use super::output::Stderr;
use crate::printable;
use crate::record::Message;

/// Writes messages, one write for each.
#[derive(Debug, Default)]
pub struct Messages {
    line: Vec<u8>,
    /// Where messages go instead of stderr.
    kept: Option<Rc<RefCell<Vec<u8>>>>,
}

impl Messages {
    /// A writer to stderr.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer to memory, for tests that run many queries in one process.
    #[doc(hidden)]
    pub fn kept_in(kept: Rc<RefCell<Vec<u8>>>) -> Self {
        Messages {
            line: Vec::new(),
            kept: Some(kept),
        }
    }

    /// Writes a message. It may quote names that others chose: interfaces, files under another proc root.
    pub fn say(&mut self, Message(text): &Message) {
        self.line.clear();
        for (index, part) in text.split(|&byte| byte == b'\n').enumerate() {
            if index > 0 {
                self.line.push(b'\n');
            }
            printable::append(&mut self.line, part);
        }
        self.line.push(b'\n');
        let line = std::mem::take(&mut self.line);
        self.raw(&line);
        self.line = line;
    }

    /// Writes bytes as they are: usage texts and the option parser's messages.
    pub fn raw(&mut self, bytes: &[u8]) {
        match &self.kept {
            Some(kept) => kept.borrow_mut().extend_from_slice(bytes),
            None => {
                let _ = Stderr.write_all(bytes);
            }
        }
    }
}
