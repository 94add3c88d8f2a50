//! `/proc/net/ipx/socket`: IPX sockets.

use super::super::Context;
use crate::error::Error;
use crate::query::SocketQuery;
use crate::record::legacy::ipx::{IpxEndpoint, IpxSocket};
use crate::record::{Record, Table};
use crate::scan::{Scanner, hex_digit, low32};

/// One byte less than for the other families.
const PIECE: usize = 254;

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
        context.sink.record(&Record::Ipx(socket))?;
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
        socket.send_queue = scanner.hex_long()?;
        socket.recv_queue = scanner.hex_long()?;
        socket.state = scanner.integer32()?;
        socket.uid = low32(scanner.decimal_long()?);
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
        .hex_long()
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
    let port = Scanner::new(port).hex_long().unwrap_or(0);
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
            Some((Some(0x1234), node, u16::from_be(0x4002)))
        );
        assert_eq!(
            parsed("1:2:3"),
            Some((Some(1), [0x20, 0, 0, 0, 0, 0], u16::from_be(3)))
        );
        assert_eq!(parsed("1:2"), Some((Some(1), [0; 6], u16::from_be(2))));
        assert_eq!(
            parsed("FFFFFFFF:0451"),
            Some((None, [0; 6], u16::from_be(0x0451)))
        );
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
