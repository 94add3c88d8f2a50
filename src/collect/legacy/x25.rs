//! `/proc/net/x25`: X.25 sockets.

use super::super::Context;
use super::fixed;
use crate::error::Error;
use crate::query::{Query, SocketFilter, SocketQuery};
use crate::record::{Fields, Record, Table, Value, Visitor};
use crate::scan::Scanner;

const FILE: &str = "net/x25";

/// A socket as the kernel lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct X25Socket<'a> {
    /// Their address, in a column of ten bytes.
    pub dest: &'a [u8],
    /// Our address, likewise.
    pub source: &'a [u8],
    /// The interface.
    pub device: &'a [u8],
    /// Logical channel; 0 if not connected.
    pub lci: i32,
    /// 0 to 4; their names are those of [`state_name`](Self::state_name).
    pub state: i32,
    /// Send sequence number.
    pub send_sequence: i32,
    /// Receive sequence number.
    pub recv_sequence: i32,
    /// Bytes sent and not acknowledged yet.
    pub send_queue: i32,
    /// Bytes received and not read yet.
    pub recv_queue: i32,
}

impl Fields for X25Socket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("x25"));
        super::text("destination", self.dest, visit);
        super::text("source", self.source, visit);
        super::text("iface", self.device, visit);
        visit("lci", Value::Signed(self.lci.into()));
        super::state(self.state_name(), self.state, visit);
        let (vr, vs) = (self.recv_sequence, self.send_sequence);
        super::counts([vr, vs, self.send_queue, self.recv_queue], visit);
        visit("kind", Value::Word("network"));
    }
}

impl X25Socket<'_> {
    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        super::state_name(
            &[
                "LISTENING",
                "SABM_SENT",
                "DISC_SENT",
                "ESTABLISHED",
                "RECOVERY",
            ],
            self.state,
        )
    }
}

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
                context.sink.record(&Record::X25(&socket))?;
            }
            Ok(true)
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table. What is missing is empty or 0; the reference shows the previous line's.
pub fn parse(line: &[u8]) -> X25Socket<'_> {
    let mut socket = X25Socket {
        dest: fixed(line, 0, 10),
        source: fixed(line, 11, 21),
        ..X25Socket::default()
    };
    let mut scanner = Scanner::new(fixed(line, 22, usize::MAX));
    let mut scan = || -> Option<()> {
        socket.device = scanner.word(usize::MAX)?;
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
        let whole = X25Socket {
            dest: b"2080175521",
            source: b"2080175520",
            device: b"lapb0",
            lci: 12,
            state: 3,
            send_sequence: 1,
            recv_sequence: 2,
            send_queue: 16,
            recv_queue: 24,
        };
        assert_eq!(parse(line), whole);
        assert_eq!(
            parse(b"2080175521 2080175520 lapb0 0AB  3  1\n"),
            X25Socket {
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
            X25Socket {
                dest: b"20",
                ..X25Socket::default()
            }
        );
        assert_eq!(parse(b""), X25Socket::default());
    }
}
