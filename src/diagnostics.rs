//! The only writer to stderr.
//!
//! Messages are unbuffered, as the reference's are. Errors in writing them are ignored: there is nowhere left to say so, and
//! the reference's exit status does not change either.

use std::io::Write;

use crate::error::{Error, Warning};
use crate::format::output::Stderr;
use crate::format::text::column;

/// Writes warnings and errors, one write per message.
#[derive(Debug, Default)]
pub struct Diagnostics {
    line: Vec<u8>,
    /// Where messages go instead of stderr.
    kept: Option<Vec<u8>>,
}

impl Diagnostics {
    /// A writer to stderr.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer to memory, for tests that run many queries in one process.
    #[doc(hidden)]
    pub fn keeping() -> Self {
        Diagnostics {
            line: Vec::new(),
            kept: Some(Vec::new()),
        }
    }

    /// What [`keeping`](Self::keeping) has kept since it was asked last.
    #[doc(hidden)]
    pub fn take(&mut self) -> Vec<u8> {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Says a warning.
    pub fn warn(&mut self, warning: &Warning) {
        self.say(&warning.text());
    }

    /// Says why the run ends, if that is worth a word.
    pub fn fail(&mut self, error: &Error) {
        if !error.is_silent() {
            self.say(error.to_string().as_bytes());
        }
    }

    /// Writes bytes as they are: usage texts and the option parser's messages.
    pub fn raw(&mut self, bytes: &[u8]) {
        match &mut self.kept {
            Some(kept) => kept.extend_from_slice(bytes),
            None => {
                let _ = Stderr.write_all(bytes);
            }
        }
    }

    fn say(&mut self, text: &[u8]) {
        self.line.clear();
        // Messages can quote names that others chose (interfaces, files under another proc root).
        for (index, part) in text.split(|&byte| byte == b'\n').enumerate() {
            if index > 0 {
                self.line.push(b'\n');
            }
            column::printable(&mut self.line, part);
        }
        self.line.push(b'\n');
        let line = std::mem::take(&mut self.line);
        self.raw(&line);
        self.line = line;
    }
}
