//! `/proc/net/ip_masquerade`: the connections that Linux 2.0 and 2.2 masqueraded.

use std::net::Ipv4Addr;

use memchr::memmem;

use super::Context;
use crate::error::Error;
use crate::record::masquerade::{MasqueradeProtocol, Masqueraded};
use crate::record::{Record, Table};
use crate::scan::{Scanner, low32};

/// The file below the proc root.
pub const FILE: &str = "net/ip_masquerade";

/// The first line is read in a piece of this many bytes; the rest of a longer one belongs to the records.
const HEADER_PIECE: usize = 255;

/// Scans the next record of the stream; `Ok(None)` at its end.
fn next_record(
    scanner: &mut Scanner<'_>,
    has_previous_delta: bool,
) -> Result<Option<Masqueraded>, Error> {
    let Some(protocol) = scanner.word(usize::MAX) else {
        return Ok(None);
    };
    // A closure so that `?` can stop at the first field that does not fit, as fscanf does.
    let mut scan = || {
        let (source, source_port) = end(scanner)?;
        let (destination, destination_port) = end(scanner)?;
        Some(Masqueraded {
            // Checked below: the reference looks at the number of fields first.
            protocol: MasqueradeProtocol::Ip,
            source,
            source_port,
            destination,
            destination_port,
            masquerade_port: low16(scanner.hex_long()?),
            initial_sequence: scanner.hex_long()?,
            delta: low16(scanner.integer_long()?.cast_unsigned()).cast_signed(),
            previous_delta: if has_previous_delta {
                Some(low16(scanner.integer_long()?.cast_unsigned()).cast_signed())
            } else {
                None
            },
            expires: scanner.decimal_long()?,
        })
    };
    let record = scan().ok_or(Error::Internal("masq_info.c", "ip_masquerade format error"))?;
    let protocol = MasqueradeProtocol::from_word(protocol)
        .ok_or(Error::Internal("masq_info.c", "ip_masquerade unknown type"))?;
    Ok(Some(Masqueraded { protocol, ..record }))
}

/// `%lx:%hx`: unlike in all other tables, the digits of the address are in network order.
fn end(scanner: &mut Scanner<'_>) -> Option<(Ipv4Addr, u16)> {
    let address = Ipv4Addr::from(low32(scanner.hex_long()?));
    scanner.literal(b':')?;
    Some((address, low16(scanner.hex_long()?)))
}

fn low16(value: u64) -> u16 {
    #[expect(clippy::cast_possible_truncation, reason = "as %hx and %hd keep it")]
    {
        value as u16
    }
}

/// Parses a whole file.
///
/// # Errors
/// There is no first line, or a record is bad: then the reference shows none at all.
pub fn parse(bytes: &[u8]) -> Result<Vec<Masqueraded>, Error> {
    if bytes.is_empty() {
        return Err(Error::Internal("masq_info", "fgets() failed"));
    }
    let piece = bytes.get(..HEADER_PIECE).unwrap_or(bytes);
    let length = memchr::memchr(b'\n', piece).map_or(piece.len(), |newline| newline + 1);
    let (header, stream) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
    let header = header.split(|&byte| byte == 0).next().unwrap_or_default();
    let has_previous_delta = memmem::find(header, b"PDelta").is_some();
    let mut scanner = Scanner::new(stream);
    let mut records = Vec::new();
    while let Some(record) = next_record(&mut scanner, has_previous_delta)? {
        records.push(record);
    }
    Ok(records)
}

/// Lends the connections to the sink.
///
/// # Errors
/// The table is absent or malformed; what the sink said.
pub fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let bytes = match context.query.proc_root.read(FILE) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::Unsupported("ip_masquerade"));
        }
        Err(error) => return Err(Error::open(context.query.proc_root.path(FILE), error)),
    };
    let records = parse(&bytes)?;
    if records.is_empty() {
        return Ok(());
    }
    context.sink.begin(Table::Masquerade)?;
    for record in records {
        context.sink.record(&Record::Masqueraded(record))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires (free=40960,40960,40960)\n";

    #[test]
    fn records_are_a_stream_of_words() {
        let text = HEADER.to_owned()
            + "TCP 0A000007:0400 C0A80001:0050\nF001 00001234      5      4   90012 "
            + "ESP 0A000008:11388 -1:-1 0050 FFFFFFFFFFFFFFFFFF  98765 -32769 -1";
        let records = parse(text.as_bytes()).unwrap();
        assert_eq!(
            records[0],
            Masqueraded {
                protocol: MasqueradeProtocol::Tcp,
                source: Ipv4Addr::new(10, 0, 0, 7),
                source_port: 1024,
                destination: Ipv4Addr::new(192, 168, 0, 1),
                destination_port: 80,
                masquerade_port: 0xf001,
                initial_sequence: 0x1234,
                delta: 5,
                previous_delta: Some(4),
                expires: 90012,
            }
        );
        assert_eq!(
            records[1],
            Masqueraded {
                protocol: MasqueradeProtocol::Esp,
                source: Ipv4Addr::new(10, 0, 0, 8),
                source_port: 0x1388,
                destination: Ipv4Addr::BROADCAST,
                destination_port: 0xffff,
                masquerade_port: 80,
                initial_sequence: u64::try_from(usize::MAX).unwrap(),
                delta: -32307,
                previous_delta: Some(32767),
                expires: u64::try_from(usize::MAX).unwrap(),
            }
        );
        assert_eq!(records.len(), 2);
    }

    #[test]
    fn the_first_line_tells_the_number_of_fields() {
        let nine = "Delta Expires\nUDP 1:1 1:1 1 1 5 600\n";
        let records = parse(nine.as_bytes()).unwrap();
        assert_eq!((records[0].previous_delta, records[0].expires), (None, 600));
        assert_eq!(parse(HEADER.as_bytes()).unwrap(), []);
        // The rest of a long first line is a record, and the name in it is not seen.
        let long = " ".repeat(250) + "PDelta\n";
        assert!(matches!(
            parse(long.as_bytes()),
            Err(Error::Internal("masq_info.c", _))
        ));
    }

    #[test]
    fn one_bad_record_spoils_all() {
        let good = HEADER.to_owned() + "TCP 1:1 1:1 1 1 1 1 1\n";
        let message = |text: String| parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            message(good.clone() + "TCP 1:1 1:1 1 1 1 1"),
            "masq_info.c: Internal Error `ip_masquerade format error'."
        );
        assert_eq!(
            message(good.clone() + "TCP 1 :1 1:1 1 1 1 1 1"),
            "masq_info.c: Internal Error `ip_masquerade format error'."
        );
        assert_eq!(
            message(good + "tcp 1:1 1:1 1 1 1 1 1"),
            "masq_info.c: Internal Error `ip_masquerade unknown type'."
        );
        assert_eq!(
            message(String::new()),
            "masq_info: Internal Error `fgets() failed'."
        );
    }
}
