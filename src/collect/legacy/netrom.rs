//! `/proc/net/nr`: NET/ROM sockets.

use super::super::Context;
use super::{fixed, pair};
use crate::error::Error;
use crate::query::SocketQuery;
use crate::record::legacy::circuit::{CircuitProtocol, CircuitSocket};
use crate::record::{Record, Table};
use crate::scan::Scanner;

const FILE: &str = "net/nr";

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    match super::open(
        context,
        sockets,
        FILE,
        super::PIECE,
        "AF NETROM",
        Table::Netrom,
    )? {
        Some(lines) => super::read(context, FILE, lines, |context, line| match parse(line) {
            Some(socket) => context.sink.record(&Record::Circuit(socket)).map(|()| true),
            None => Ok(false),
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table; `None` if it cannot be read.
pub fn parse(line: &[u8]) -> Option<CircuitSocket<'_>> {
    let mut scanner = Scanner::new(fixed(line, 30, usize::MAX));
    let device = scanner.word(usize::MAX)?;
    // Circuits: "my/id your/id" in hex.
    pair(&mut scanner, Scanner::hex32)?;
    pair(&mut scanner, Scanner::hex32)?;
    let state = scanner.integer32()?;
    let send_sequence = scanner.integer32()?;
    let recv_sequence = scanner.integer32()?;
    let _acknowledged = scanner.integer32()?;
    for _timer in ["t1", "t2", "t4", "idle", "n2"] {
        pair(&mut scanner, Scanner::integer32)?;
    }
    let _window = scanner.integer32()?;
    Some(CircuitSocket {
        protocol: CircuitProtocol::Netrom,
        user: fixed(line, 0, 9).into(),
        dest: fixed(line, 10, 19).into(),
        source: fixed(line, 20, 29).into(),
        device: device.into(),
        state,
        send_sequence,
        recv_sequence,
        send_queue: scanner.integer32()?,
        recv_queue: scanner.integer32()?,
        ..CircuitSocket::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_needed() {
        let line = b"G4KLX-15  GB7DEF-2  GB7ABC-1  nr0  0A/FF 03/0A  3  12 101   0   0/120  0/05   0/180   0/000  0/03   4    16    24 12345\n";
        let socket = CircuitSocket {
            protocol: CircuitProtocol::Netrom,
            user: b"G4KLX-15 ".into(),
            dest: b"GB7DEF-2 ".into(),
            source: b"GB7ABC-1 ".into(),
            device: b"nr0".into(),
            state: 3,
            send_sequence: 12,
            recv_sequence: 101,
            send_queue: 16,
            recv_queue: 24,
            ..CircuitSocket::default()
        };
        assert_eq!(parse(line), Some(socket));
        let needed = line.len() - " 24 12345\n".len();
        for end in 0..needed {
            assert_eq!(parse(line.get(..end).unwrap()), None, "{end}");
        }
    }
}
