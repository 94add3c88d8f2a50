//! `/proc/net/nr`: NET/ROM sockets.

use super::super::Context;
use super::{fixed, pair};
use crate::error::Error;
use crate::query::{Query, SocketQuery};
use crate::record::{Fields, Record, Table, Value, Visitor};
use crate::scan::Scanner;

const FILE: &str = "net/nr";

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetromSocket<'a> {
    /// Call sign of the user, in a column of nine bytes.
    pub user: &'a [u8],
    /// Their call sign, likewise.
    pub dest: &'a [u8],
    /// Our call sign, likewise.
    pub source: &'a [u8],
    /// The interface.
    pub device: &'a [u8],
    /// 0 to 3; their names are those of [`state_name`](Self::state_name).
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

impl Fields for NetromSocket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("netrom"));
        super::text("user_callsign", self.user, visit);
        super::text("destination", self.dest, visit);
        super::text("source", self.source, visit);
        super::text("iface", self.device, visit);
        super::state(self.state_name(), self.state, visit);
        let (vr, vs) = (self.recv_sequence, self.send_sequence);
        super::counts([vr, vs, self.send_queue, self.recv_queue], visit);
        visit("kind", Value::Word("network"));
    }
}

impl NetromSocket<'_> {
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
    match super::open(
        context,
        sockets,
        FILE,
        super::PIECE,
        "AF NETROM",
        Table::Netrom,
    )? {
        Some(lines) => super::read(context, FILE, lines, |context, line| match parse(line) {
            Some(socket) => context.sink.record(&Record::Netrom(&socket)).map(|()| true),
            None => Ok(false),
        }),
        None => Ok(()),
    }
}

/// Parses a line of the table; `None` if it cannot be read.
pub fn parse(line: &[u8]) -> Option<NetromSocket<'_>> {
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
    Some(NetromSocket {
        user: fixed(line, 0, 9),
        dest: fixed(line, 10, 19),
        source: fixed(line, 20, 29),
        device,
        state,
        send_sequence,
        recv_sequence,
        send_queue: scanner.integer32()?,
        recv_queue: scanner.integer32()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_needed() {
        let line = b"G4KLX-15  GB7DEF-2  GB7ABC-1  nr0  0A/FF 03/0A  3  12 101   0   0/120  0/05   0/180   0/000  0/03   4    16    24 12345\n";
        let socket = NetromSocket {
            user: b"G4KLX-15 ",
            dest: b"GB7DEF-2 ",
            source: b"GB7ABC-1 ",
            device: b"nr0",
            state: 3,
            send_sequence: 12,
            recv_sequence: 101,
            send_queue: 16,
            recv_queue: 24,
        };
        assert_eq!(parse(line), Some(socket));
        let needed = line.len() - " 24 12345\n".len();
        for end in 0..needed {
            assert_eq!(parse(line.get(..end).unwrap()), None, "{end}");
        }
    }
}
