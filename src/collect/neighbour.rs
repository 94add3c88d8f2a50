//! `/proc/net/ndisc`: the IPv6 neighbour cache of Linux 2.2, which the reference prefers to the route cache where it exists.

use std::borrow::Cow;

use super::Context;
use super::ipv6_route::scan_address;
use crate::error::Error;
use crate::proc_root::Lines;
use crate::record::neighbour::{Neighbour, NeighbourState};
use crate::record::{Record, Table};
use crate::scan::Scanner;

/// The file below the proc root.
pub const FILE: &str = "net/ndisc";

/// Lines are read in pieces of this many bytes.
const PIECE: usize = 1023;

/// Parses a line; `None` if it is too short, where the reference shows parts of other lines.
pub fn parse(line: &[u8]) -> Option<Neighbour<'_>> {
    let mut scanner = Scanner::new(line);
    let address = scan_address(&mut scanner)?;
    let _location = scanner.hex_within(2)?;
    let prefix_length = scanner.hex_within(2)?.cast_signed();
    let _type = scanner.hex_within(2)?;
    let state = NeighbourState(scanner.hex_within(2)?);
    let _expires = scanner.hex_within(8)?;
    let used = scanner.hex_within(8)?;
    let reachable = scanner.hex_within(8)?;
    let collectable = scanner.hex_within(4)?;
    let references = scanner.hex_within(4)?.cast_signed();
    let flags = scanner.hex_within(4)?;
    // The reference takes eight bytes of the name, and the rest for the hardware address.
    let interface = scanner.word(usize::MAX)?;
    let hardware_address = scanner.word(12).unwrap_or_default();
    Some(Neighbour {
        address: address.parse()?,
        prefix_length,
        interface: Cow::Borrowed(interface),
        hardware_address: Cow::Borrowed(hardware_address),
        flags,
        references,
        state,
        used,
        reachable,
        collectable,
    })
}

/// Opens the table; `None` if the kernel has none, as all since Linux 2.4.
pub fn open(context: &Context<'_>) -> Option<Lines<std::fs::File>> {
    context.query.proc_root.lines(FILE, PIECE).ok()
}

/// Lends the neighbours to the sink.
///
/// # Errors
/// What the sink said.
pub fn collect(context: &mut Context<'_>, mut lines: Lines<std::fs::File>) -> Result<(), Error> {
    context.sink.begin(Table::Neighbours)?;
    while let Ok(Some(line)) = lines.next_line() {
        if let Some(neighbour) = parse(line) {
            context.sink.record(&Record::Neighbour(neighbour))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_parsed_whole() {
        let neighbour = parse(b"20010db8000000000000000000000001 01 80 01 02 00000000 000003e8 00001388 2328 0003 008e     eth0 00a0c9aabbcc\n").unwrap();
        assert_eq!(neighbour.address.to_string(), "2001:db8::1");
        assert_eq!(neighbour.prefix_length, 128);
        assert_eq!(neighbour.state.name(), Some("REACHABLE"));
        assert_eq!((neighbour.stale(), neighbour.unused()), (4000, 8000));
        assert_eq!((neighbour.references, neighbour.flags), (3, 0x8e));
        assert_eq!(neighbour.interface, &b"eth0"[..]);
        assert_eq!(neighbour.hardware_address, &b"00a0c9aabbcc"[..]);
    }

    #[test]
    fn long_names_and_short_addresses_do_not_spoil_each_other() {
        let neighbour = parse(b"20010db8000000000000000000000001 01 80 01 04 0 00001388 000003e8 0000 0003 0000 averylongname0 00a0\n").unwrap();
        assert_eq!(neighbour.interface, &b"averylongname0"[..]);
        assert_eq!(neighbour.hardware_address, &b"00a0"[..]);
        assert_eq!((neighbour.stale(), neighbour.unused()), (0, 0));
        assert_eq!(
            parse(b"20010db8000000000000000000000001 01 80 01 02\n"),
            None
        );
    }
}
