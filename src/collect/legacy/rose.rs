//! `/proc/net/rose`: ROSE sockets.

use super::super::Context;
use crate::error::Error;
use crate::query::SocketQuery;
use crate::record::legacy::rose::RoseSocket;
use crate::record::{Record, Table};
use crate::scan::Scanner;

const FILE: &str = "net/rose";

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    match super::open(context, sockets, FILE, super::PIECE, "AF ROSE", Table::Rose)? {
        Some(lines) => super::read(context, FILE, lines, |context, line| match parse(line) {
            Some(socket) => context.sink.record(&Record::Rose(socket)).map(|()| true),
            None => Ok(false),
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table; `None` if it cannot be read.
pub fn parse(line: &[u8]) -> Option<RoseSocket<'_>> {
    let mut scanner = Scanner::new(line);
    Some(RoseSocket {
        dest_address: scanner.word(usize::MAX)?.into(),
        dest_call: scanner.word(usize::MAX)?.into(),
        source_address: scanner.word(usize::MAX)?.into(),
        source_call: scanner.word(usize::MAX)?.into(),
        device: scanner.word(usize::MAX)?.into(),
        lci: scanner.integer32()?,
        neighbour: scanner.integer32()?,
        state: scanner.integer32()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_then_numbers() {
        let line = b"2080175520 G4KLX-2   *  G4KLX-1   rose0 012 00003  3  0\n";
        assert_eq!(
            parse(line),
            Some(RoseSocket {
                dest_address: b"2080175520".into(),
                dest_call: b"G4KLX-2".into(),
                source_address: b"*".into(),
                source_call: b"G4KLX-1".into(),
                device: b"rose0".into(),
                lci: 12,
                neighbour: 3,
                state: 3,
            })
        );
        // Channels above 159 are written in hexadecimal, which the reference does not read.
        assert_eq!(parse(b"a b c d e 0AB 2 3\n"), None);
        assert_eq!(parse(b"a b c d e 1 2\n"), None);
        assert_eq!(parse(b"\n"), None);
    }
}
