//! Addresses and ports: the words for "any", names or numbers, and the one shortening that `-W` turns off.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::column;
use crate::names::{NameResolver, Question, ServiceList};
use crate::printable;

/// Names of ports are cut to this many bytes.
const LONGEST_SERVICE: usize = 63;

/// Appends the text of an address: its name unless `numeric`, else its number.
///
/// The unspecified IPv4 address is always `0.0.0.0`, the IPv6 one `::` or, when names are asked for, `[::]`; neither is looked up.
pub fn host(row: &mut Vec<u8>, address: IpAddr, numeric: bool, resolver: &mut NameResolver) {
    if !numeric {
        let name = match address {
            IpAddr::V6(address) if address.is_unspecified() => Some(&b"[::]"[..]),
            _ => host_question(address).and_then(|question| resolver.name(question)),
        };
        if let Some(name) = name {
            printable::append(row, name);
            return;
        }
    }
    number(row, address);
}

/// What [`host`] asks the name service about an address; nothing about the unspecified ones.
pub fn host_question(address: IpAddr) -> Option<Question> {
    (!address.is_unspecified()).then(|| Question::about(address))
}

/// Appends the number of an address. IPv4-mapped IPv6 addresses are shown as the IPv4 address in them, as the reference does.
pub fn number(row: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => dotted_quad(row, address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => dotted_quad(row, mapped),
            None => colon_hex(row, address),
        },
    }
}

/// The digits of each octet from the left, and behind them how many there are.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler would refuse a wrong index"
)]
const OCTETS: [[u8; 4]; 256] = {
    let mut octets = [[0; 4]; 256];
    let mut octet: u8 = 0;
    loop {
        let [hundreds, tens, ones] = [
            octet / 100 + b'0',
            octet / 10 % 10 + b'0',
            octet % 10 + b'0',
        ];
        octets[octet as usize] = match octet {
            0..=9 => [ones, 0, 0, 1],
            10..=99 => [tens, ones, 0, 2],
            100.. => [hundreds, tens, ones, 3],
        };
        if octet == u8::MAX {
            break octets;
        }
        octet += 1;
    }
};

/// Appends an IPv4 address.
pub fn dotted_quad(row: &mut Vec<u8>, address: Ipv4Addr) {
    // Each octet is written with all three digits, and what is none overwritten by the next.
    let mut text = [b'.'; 16];
    let mut length = 0;
    for octet in address.octets() {
        let [a, b, c, digits] = OCTETS.get(usize::from(octet)).copied().unwrap_or_default();
        if let Some(place) = text.get_mut(length..length + 4) {
            place.copy_from_slice(&[a, b, c, b'.']);
        }
        length += usize::from(digits) + 1;
        if let Some(dot) = text.get_mut(length - 1) {
            *dot = b'.';
        }
    }
    // A copy of a fixed length takes fewer instructions than one of the length that is needed.
    let end = row.len() + length - 1;
    row.extend_from_slice(&text);
    row.truncate(end);
}

/// Appends an IPv6 address as glibc's `inet_ntop` writes it: the first longest run of two or more zero groups as `::`, and the last two
/// groups as a dotted quad if exactly the six before them are zero.
fn colon_hex(row: &mut Vec<u8>, address: Ipv6Addr) {
    let groups = address.segments();
    let (mut best_start, mut best_length) = (0, 0);
    let mut start = 0;
    for run in groups.chunk_by(|a, b| (*a == 0) == (*b == 0)) {
        if run.first() == Some(&0) && run.len() >= 2 && run.len() > best_length {
            (best_start, best_length) = (start, run.len());
        }
        start += run.len();
    }
    let mut index = 0;
    while let Some(&group) = groups.get(index) {
        if best_length > 0 && index == best_start {
            row.extend_from_slice(if best_start == 0 { b"::" } else { b":" });
            index += best_length;
            if index == 6 && best_start == 0 {
                let [.., a, b, c, d] = address.octets();
                dotted_quad(row, Ipv4Addr::new(a, b, c, d));
                return;
            }
            continue;
        }
        column::hex(row, group.into(), 1);
        index += 1;
        if index < groups.len() {
            row.push(b':');
        }
    }
}

/// Appends a port: `*` for 0, else its name unless `numeric`, else its number.
pub fn port(
    row: &mut Vec<u8>,
    port: u16,
    numeric: bool,
    list: ServiceList,
    resolver: &mut NameResolver,
) {
    if port == 0 {
        row.push(b'*');
    } else if let Some(name) = (!numeric).then(|| resolver.service(list, port)).flatten() {
        let start = row.len();
        printable::append(row, name);
        row.truncate(start + LONGEST_SERVICE);
    } else {
        column::unsigned(row, port.into());
    }
}

/// How many bytes of host and port an address column holds, without the colon.
const COLUMN: usize = 22;

/// What the port may take at most of a column that is too narrow for both.
const PORT: usize = 18;

/// With `-W`, host, colon and port are cut to this many bytes together.
const WIDE: usize = 127;

/// Joins the host text that begins at `start` and the port text that begins at `colon + 1`, as they stand in the row with the colon
/// between them: cuts them to the column, the host first, so that the port survives.
pub fn fit(row: &mut Vec<u8>, start: usize, colon: usize, wide: bool) {
    let host = colon - start;
    let port = row.len() - colon - 1;
    if wide || host + port <= COLUMN {
        row.truncate(start + WIDE);
        return;
    }
    let port = port.min(PORT);
    let host = host.min(COLUMN - port);
    row.truncate(colon + 1 + port);
    row.drain(start + host..colon);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_inet_ntop() {
        for (text, expected) in [
            ("::", "::"),
            ("::1", "::1"),
            ("::4.3.2.1", "::4.3.2.1"),
            ("::1:0", "::0.1.0.0"),
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::ffff:0.0.0.0", "0.0.0.0"),
            ("1::", "1::"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("fe80:0:0:0:abcd::", "fe80::abcd:0:0:0"),
            ("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"),
            ("::ffff:0:0:0", "::ffff:0:0:0"),
        ] {
            let mut row = Vec::new();
            number(&mut row, text.parse().unwrap());
            assert_eq!(String::from_utf8(row).unwrap(), expected);
        }
    }

    #[test]
    fn every_octet_has_its_digits() {
        for octet in 0..=u8::MAX {
            let address = Ipv4Addr::new(octet, 255 - octet, octet, octet);
            let mut row = b"at ".to_vec();
            dotted_quad(&mut row, address);
            assert_eq!(String::from_utf8(row).unwrap(), format!("at {address}"));
        }
    }

    #[test]
    fn host_and_port_share_the_column() {
        for (host, port, expected) in [
            ("fe80::107a:1bff:265a:4efe", "22", "fe80::107a:1bff:265a:22"),
            ("host-two.example.com", "second", "host-two.example:second"),
            (
                "host-two.example.com",
                "eighteen-chars-xxy",
                "host:eighteen-chars-xxy",
            ),
            (
                "localhost",
                "a-service-name-of-28-chars-x",
                "loca:a-service-name-of-",
            ),
            (
                "zn5",
                "a-service-name-of-28-chars-x",
                "zn5:a-service-name-of-",
            ),
            ("2001:db8:5678:1234::1", "1", "2001:db8:5678:1234::1:1"),
        ] {
            let mut row = b"before ".to_vec();
            let start = row.len();
            row.extend_from_slice(host.as_bytes());
            let colon = row.len();
            row.push(b':');
            row.extend_from_slice(port.as_bytes());
            fit(&mut row, start, colon, false);
            assert_eq!(
                String::from_utf8(row).unwrap(),
                format!("before {expected}")
            );
        }
    }
}
