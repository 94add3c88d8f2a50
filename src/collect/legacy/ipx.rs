//! `/proc/net/ipx/socket`: IPX sockets.

use super::super::Context;
use crate::error::Error;
use crate::query::SocketQuery;
use crate::record::{Record, Table};
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
