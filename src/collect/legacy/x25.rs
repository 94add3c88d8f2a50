//! `/proc/net/x25`: X.25 sockets.

use super::super::Context;
use super::fixed;
use crate::error::Error;
use crate::query::{SocketFilter, SocketQuery};
use crate::record::legacy::circuit::{CircuitProtocol, CircuitSocket};
use crate::record::{Record, Table};
use crate::scan::Scanner;

const FILE: &str = "net/x25";

/// Lends the sockets to the sink: those with a channel, or all with `-a`.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let all = sockets.filter == SocketFilter::All;
    match super::open(context, sockets, FILE, super::PIECE, "AF X25", Table::X25)? {
        Some(lines) => super::read(context, FILE, lines, |context, line| {
            let socket = parse(line);
            if all || socket.lci != 0 {
                context.sink.record(&Record::Circuit(socket))?;
            }
            Ok(true)
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table. What is missing is empty or 0; the reference shows the previous line's.
pub fn parse(line: &[u8]) -> CircuitSocket<'_> {
    let mut socket = CircuitSocket {
        protocol: CircuitProtocol::X25,
        dest: fixed(line, 0, 10).into(),
        source: fixed(line, 11, 21).into(),
        ..CircuitSocket::default()
    };
    let mut scanner = Scanner::new(fixed(line, 22, usize::MAX));
    let mut scan = || -> Option<()> {
        socket.device = scanner.word(usize::MAX)?.into();
        socket.lci = scanner.integer32()?;
        socket.state = scanner.integer32()?;
        socket.send_sequence = scanner.integer32()?;
        socket.recv_sequence = scanner.integer32()?;
        for _ignored in 0..6 {
            scanner.integer32()?;
        }
        socket.send_queue = scanner.integer32()?;
        socket.recv_queue = scanner.integer32()?;
        Some(())
    };
    let _ = scan();
    socket
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_then_numbers() {
        let line =
            b"2080175521 2080175520 lapb0 012  3  1  2  0   0   3 200 180 180    16    24 12345\n";
        let whole = CircuitSocket {
            protocol: CircuitProtocol::X25,
            dest: b"2080175521".into(),
            source: b"2080175520".into(),
            device: b"lapb0".into(),
            lci: 12,
            state: 3,
            send_sequence: 1,
            recv_sequence: 2,
            send_queue: 16,
            recv_queue: 24,
            ..CircuitSocket::default()
        };
        assert_eq!(parse(line), whole);
        assert_eq!(
            parse(b"2080175521 2080175520 lapb0 0AB  3  1\n"),
            CircuitSocket {
                lci: 0,
                state: 0,
                send_sequence: 0,
                recv_sequence: 0,
                send_queue: 0,
                recv_queue: 0,
                ..whole
            }
        );
        assert_eq!(
            parse(b"20\n"),
            CircuitSocket {
                protocol: CircuitProtocol::X25,
                dest: b"20".into(),
                ..CircuitSocket::default()
            }
        );
        assert_eq!(
            parse(b""),
            CircuitSocket {
                protocol: CircuitProtocol::X25,
                ..CircuitSocket::default()
            }
        );
    }
}
