//! `/proc/net/rose`: ROSE sockets.

use super::super::Context;
use crate::error::Error;
use crate::query::{Query, SocketQuery};
use crate::record::{Fields, Record, Table, Value, Visitor};
use crate::scan::Scanner;

const FILE: &str = "net/rose";

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoseSocket<'a> {
    /// Their ROSE address, `*` if not connected.
    pub dest_address: &'a [u8],
    /// Their call sign, `*` if not connected.
    pub dest_call: &'a [u8],
    /// Our ROSE address.
    pub source_address: &'a [u8],
    /// Our call sign.
    pub source_call: &'a [u8],
    /// The interface.
    pub device: &'a [u8],
    /// Logical channel.
    pub lci: i32,
    /// Number of the neighbour.
    pub neighbour: i32,
    /// 0 to 3; their names are those of [`state_name`](Self::state_name).
    pub state: i32,
}

impl Fields for RoseSocket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("rose"));
        super::text("destination", self.dest_address, visit);
        super::text("destination_callsign", self.dest_call, visit);
        super::text("source", self.source_address, visit);
        super::text("source_callsign", self.source_call, visit);
        super::text("iface", self.device, visit);
        visit("lci", Value::Signed(self.lci.into()));
        visit("neighbour", Value::Signed(self.neighbour.into()));
        super::state(self.state_name(), self.state, visit);
        visit("kind", Value::Word("network"));
    }
}

impl RoseSocket<'_> {
    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        super::state_name(&super::CIRCUIT_STATES, self.state)
    }
}

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    match super::open(context, sockets, FILE, super::PIECE, "AF ROSE", Table::Rose)? {
        Some(lines) => super::read(context, FILE, lines, |context, line| match parse(line) {
            Some(socket) => context.sink.record(&Record::Rose(&socket)).map(|()| true),
            None => Ok(false),
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table; `None` if it cannot be read.
pub fn parse(line: &[u8]) -> Option<RoseSocket<'_>> {
    let mut scanner = Scanner::new(line);
    Some(RoseSocket {
        dest_address: scanner.word(usize::MAX)?,
        dest_call: scanner.word(usize::MAX)?,
        source_address: scanner.word(usize::MAX)?,
        source_call: scanner.word(usize::MAX)?,
        device: scanner.word(usize::MAX)?,
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
                dest_address: b"2080175520",
                dest_call: b"G4KLX-2",
                source_address: b"*",
                source_call: b"G4KLX-1",
                device: b"rose0",
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
