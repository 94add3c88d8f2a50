//! `/proc/net/ipx/socket`: IPX sockets.

use std::fmt::Write;

use super::super::Context;
use crate::error::Error;
use crate::query::{Query, SocketQuery};
use crate::record::{Fields, Record, Table, Value, Visitor};
use crate::scan::{Scanner, hex_digit, low32};

/// One byte less than for the other families.
const PIECE: usize = 254;

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpxEndpoint {
    /// Network, if it is not 0 or all ones, which mean none.
    pub network: Option<u32>,
    /// Node on the network; all 0 if the file names none.
    pub node: [u8; 6],
    /// Port in host byte order. The file has it in network byte order.
    pub port: u16,
}

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpxSocket {
    /// Our end.
    pub local: IpxEndpoint,
    /// Their end, if connected.
    pub remote: Option<IpxEndpoint>,
    /// Bytes sent and not gone yet.
    pub send_queue: u64,
    /// Bytes received and not read yet.
    pub recv_queue: u64,
    /// State; 1 is established, 7 closed.
    pub state: i32,
    /// Owner's user ID.
    pub uid: u32,
}

impl IpxEndpoint {
    /// "NETWORK:NODE" or "NETWORK" in hex digits; empty if it has no network.
    pub fn address(&self) -> String {
        let mut text = String::new();
        if let Some(network) = self.network {
            // 0 only for a file that says 2^32.
            if network != 0 {
                let _ = write!(text, "{network:08X}");
            }
            if self.node != [0; 6] {
                if network != 0 {
                    text.push(':');
                }
                for byte in self.node {
                    let _ = write!(text, "{byte:02X}");
                }
            }
        }
        text
    }
}

impl IpxSocket {
    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            1 => "ESTAB",
            7 => "",
            _ => "UNK.",
        }
    }
}

/// One end, by the names of its fields. Ports are known by their hex digits.
fn end(names: [&'static str; 3], endpoint: Option<&IpxEndpoint>, visit: &mut Visitor<'_>) {
    let [address, port, port_num] = names;
    let text = endpoint.map(IpxEndpoint::address).unwrap_or_default();
    visit(address, Value::nonempty(text.as_bytes()));
    let digits = endpoint.map(|endpoint| format!("{:04X}", endpoint.port));
    visit(port, Value::word(digits.as_deref().unwrap_or_default()));
    let number = endpoint.map(|endpoint| endpoint.port.into());
    visit(port_num, number.map_or(Value::Null, Value::Unsigned));
}

impl Fields for IpxSocket {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("ipx"));
        visit("recv_q", Value::Unsigned(self.recv_queue));
        visit("send_q", Value::Unsigned(self.send_queue));
        end(
            ["local_address", "local_port", "local_port_num"],
            Some(&self.local),
            visit,
        );
        let foreign = ["foreign_address", "foreign_port", "foreign_port_num"];
        end(foreign, self.remote.as_ref(), visit);
        super::state(self.state_name(), self.state, visit);
        visit("user", Value::User(self.uid));
        visit("uid", Value::Unsigned(self.uid.into()));
        visit("kind", Value::Word("network"));
    }
}

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; a line without ports; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let opened = super::open(
        context,
        sockets,
        "net/ipx/socket",
        PIECE,
        "AF IPX",
        Table::Ipx,
    )?;
    let Some(mut lines) = opened else {
        return Ok(());
    };
    let _ = lines.next_line();
    while let Ok(Some(line)) = lines.next_line() {
        let socket = parse(line)?;
        context.sink.record(&Record::Ipx(&socket))?;
    }
    Ok(())
}

/// Parses a line of the table. Numbers that are missing, for which the reference repeats the previous line's, are 0.
///
/// # Errors
/// An address without a colon, which ends the reference.
pub fn parse(line: &[u8]) -> Result<IpxSocket, Error> {
    let mut scanner = Scanner::new(line);
    let local = endpoint(scanner.word(usize::MAX).unwrap_or_default()).ok_or(Error::Internal(
        "netstat.c",
        "ipx socket format error in source port",
    ))?;
    let remote = match scanner.word(usize::MAX).unwrap_or_default() {
        b"Not_Connected" => None,
        word => Some(endpoint(word).ok_or(Error::Internal(
            "netstat.c",
            "ipx socket format error in destination port",
        ))?),
    };
    let mut socket = IpxSocket {
        local,
        remote,
        send_queue: 0,
        recv_queue: 0,
        state: 0,
        uid: 0,
    };
    let mut scan = || -> Option<()> {
        socket.send_queue = scanner.hex64()?;
        socket.recv_queue = scanner.hex64()?;
        socket.state = scanner.integer32()?;
        socket.uid = low32(scanner.decimal64()?);
        Some(())
    };
    let _ = scan();
    Ok(socket)
}

/// "NETWORK:NODE:PORT" or "NETWORK:PORT", all hex; `None` without any colon.
fn endpoint(word: &[u8]) -> Option<IpxEndpoint> {
    let colon = memchr::memrchr(b':', word)?;
    let (address, port) = (word.get(..colon)?, word.get(colon + 1..)?);
    let mut scanner = Scanner::new(address);
    let network = scanner
        .hex64()
        .filter(|network| !matches!(network, 0 | 0xffff_ffff))
        .map(low32);
    let mut node = [0u8; 6];
    if let [b':', digits @ ..] = scanner.rest() {
        let digits = digits.iter().map_while(|&byte| hex_digit(byte));
        for (index, digit) in digits.enumerate() {
            // The digits fill the node from its left.
            if let Some(byte) = node.get_mut(index / 2) {
                *byte |= if index % 2 == 0 { digit << 4 } else { digit };
            }
        }
    }
    let port = Scanner::new(port).hex64().unwrap_or(0);
    #[expect(clippy::cast_possible_truncation, reason = "ports have 16 bits")]
    let port = u16::from_be(port as u16);
    Some(IpxEndpoint {
        network,
        node,
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_ports() {
        let parsed = |text: &str| {
            endpoint(text.as_bytes())
                .map(|endpoint| (endpoint.network, endpoint.node, endpoint.port))
        };
        let node = [0x00, 0xa0, 0xc9, 0xaa, 0xbb, 0xcc];
        assert_eq!(
            parsed("00001234:00A0C9AABBCC:4002"),
            Some((Some(0x1234), node, 0x0240))
        );
        assert_eq!(
            parsed("1:2:3"),
            Some((Some(1), [0x20, 0, 0, 0, 0, 0], 0x0300))
        );
        assert_eq!(parsed("1:2"), Some((Some(1), [0; 6], 0x0200)));
        assert_eq!(parsed("FFFFFFFF:0451"), Some((None, [0; 6], 0x5104)));
        assert_eq!(parsed(":"), Some((None, [0; 6], 0)));
        assert_eq!(parsed("1"), None);
    }

    #[test]
    fn lines_end_early() {
        let socket = parse(b"1:2 Not_Connected 10 20 07 1000\n").unwrap();
        assert_eq!((socket.remote, socket.state, socket.uid), (None, 7, 1000));
        assert_eq!((socket.send_queue, socket.recv_queue), (16, 32));
        let socket = parse(b"1:2 3:4 10\n").unwrap();
        assert_eq!((socket.send_queue, socket.state, socket.uid), (16, 0, 0));
        assert_eq!(
            parse(b"\n").unwrap_err().to_string(),
            "netstat.c: Internal Error `ipx socket format error in source port'."
        );
        assert_eq!(parse(b"1:2 x\n").unwrap_err().exit_code(), 255);
    }
}
