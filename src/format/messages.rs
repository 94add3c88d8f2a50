//! The only writer to stderr.
//!
//! Messages are unbuffered, as the reference's are. Errors in writing them are ignored: there is nowhere left to say so, and
//! the reference's exit status does not change either.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use super::output::Stderr;
use super::text::{legacy, statistics};
use crate::printable;
use crate::query::Query;
use crate::record::{Message, Record};

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

/// What the reference complains about among its rows, for formats that have no place for it there.
pub fn complaint(record: &Record<'_>, query: &Query) -> Option<Message> {
    let mut text = Vec::new();
    match record {
        Record::NoStatistics(families) => statistics::refusal(&mut text, families),
        Record::Unreadable(line) => legacy::unreadable(&mut text, line, query),
        Record::Complaint(complaint) => text.extend_from_slice(complaint.as_bytes()),
        _ => return None,
    }
    let length = text.trim_ascii_end().len();
    text.truncate(length);
    Some(Message(text))
}
