//! stdout, buffered so that what others can observe is the same as with the C library's buffering.
//!
//! The reference's stdio holds back output in blocks of 4096 bytes unless stdout is a terminal, where each line goes out at
//! once. Where stdout and stderr are one file, that decides where messages land between the rows. We write far larger blocks,
//! but before a message ([`Output::settle`]) everything is written that the reference would have written by then.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::error::Error;

/// Size of the blocks in which the C library writes to files and pipes.
const BLOCK: usize = 4096;

/// Rows are collected until there are about this many bytes.
const CAPACITY: usize = 64 * 1024;

/// stdout without the line buffering of std's handle, which would cut blocks elsewhere than the C library.
#[derive(Debug)]
pub struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(io::stdout(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// stderr, without buffering.
#[derive(Debug)]
pub struct Stderr;

impl Write for Stderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(io::stderr(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes as many bytes as there is room for, and waits for room if there is none. That a descriptor does not block (`O_NONBLOCK`) is
/// known to all programs that share it, and may have been the wish of another one.
fn write(descriptor: impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match nix::unistd::write(&descriptor, bytes) {
            Err(Errno::EAGAIN) => {
                let mut room = [PollFd::new(descriptor.as_fd(), PollFlags::POLLOUT)];
                match poll(&mut room, PollTimeout::NONE) {
                    Ok(_) | Err(Errno::EINTR) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(Errno::EINTR) => {}
            written => return Ok(written?),
        }
    }
}

/// A buffered writer to stdout (or, in tests, to anything).
#[derive(Debug)]
pub struct Output<W> {
    writer: W,
    buffer: Vec<u8>,
    /// How many bytes there may be before something is to be done about them.
    most: usize,
    line_buffered: bool,
}

impl<W: Write> Output<W> {
    /// Writes to `writer`, line by line if it is a terminal.
    pub fn new(writer: W, line_buffered: bool) -> Self {
        Output {
            writer,
            buffer: Vec::with_capacity(BLOCK),
            most: BLOCK - BLOCK / 8,
            line_buffered,
        }
    }

    /// Where a row is to be appended; [`row_done`](Self::row_done) follows.
    pub fn row(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// A row was appended.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn row_done(&mut self) -> Result<(), Error> {
        if self.line_buffered {
            self.flush()
        } else if self.buffer.len() < self.most {
            Ok(())
        } else if self.most < CAPACITY {
            // Short reports do with the memory that they began with.
            self.most = CAPACITY;
            self.buffer
                .reserve_exact((CAPACITY + BLOCK).saturating_sub(self.buffer.len()));
            Ok(())
        } else {
            self.settle()
        }
    }

    /// Writes the blocks that the C library would have written by now.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn settle(&mut self) -> Result<(), Error> {
        // A full block is held back until the next byte comes.
        let blocks = self.buffer.len().saturating_sub(1) / BLOCK * BLOCK;
        if blocks > 0 {
            let written = self
                .writer
                .write_all(self.buffer.get(..blocks).unwrap_or_default());
            self.buffer.drain(..blocks);
            self.check(written)?;
        }
        Ok(())
    }

    /// Writes everything.
    ///
    /// # Errors
    /// [`Error::Write`].
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self
            .writer
            .write_all(&self.buffer)
            .and_then(|()| self.writer.flush());
        self.buffer.clear();
        self.check(written)
    }

    fn check(&mut self, written: io::Result<()>) -> Result<(), Error> {
        written.map_err(|error| {
            // Nothing more is tried, or the message would come twice.
            self.buffer.clear();
            Error::Write(error)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_reports_take_more_memory_once() {
        let mut output = Output::new(Vec::new(), false);
        let row = [b'x'; 100];
        let mut capacities = Vec::new();
        for _ in 0..2000 {
            output.row().extend_from_slice(&row);
            output.row_done().unwrap();
            capacities.push(output.buffer.capacity());
        }
        capacities.dedup();
        assert_eq!(capacities, [BLOCK, CAPACITY + BLOCK]);
        output.flush().unwrap();
        assert_eq!(output.writer.len(), 2000 * row.len());
    }

    #[test]
    fn settling_leaves_the_last_block_to_the_buffer() {
        let mut output = Output::new(Vec::new(), false);
        output.row().extend_from_slice(&[b'x'; BLOCK]);
        output.settle().unwrap();
        assert_eq!(output.writer.len(), 0);
        output.row().extend_from_slice(&[b'x'; BLOCK + 1]);
        output.settle().unwrap();
        assert_eq!(output.writer.len(), 2 * BLOCK);
        output.flush().unwrap();
        assert_eq!(output.writer.len(), 2 * BLOCK + 1);
    }
}
