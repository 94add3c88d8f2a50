//! `/proc/net/ipv6_route`: IPv6 routes, and their clones in the cache.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::Context;
use crate::error::Error;
use crate::record::ipv6_route::Ipv6Route;
use crate::record::{Record, Table};
use crate::scan::{Scanner, fixed_hex, is_space, parsed};

/// The file below the proc root.
pub const FILE: &str = "net/ipv6_route";

/// What is said on stdout when it is absent.
pub const NOT_CONFIGURED: &str = "INET6 (IPv6) not configured in this system.";

/// Lines are read in pieces of this many bytes.
const PIECE: usize = 1023;

/// Parses a line; `None` if it is too short or has no addresses, where the reference shows those of other lines.
pub fn parse(line: &[u8]) -> Option<Ipv6Route<'_>> {
    parse_kernel(line).or_else(|| parse_tolerant(line))
}

/// Parses a line exactly as kernels print it, by position; `None` if anything is unusual.
fn parse_kernel(line: &[u8]) -> Option<Ipv6Route<'_>> {
    const SEPARATORS: [usize; 9] = [32, 35, 68, 71, 104, 113, 122, 131, 140];
    let (fixed, name) = line.split_at_checked(141)?;
    if SEPARATORS.iter().any(|&at| fixed.get(at) != Some(&b' ')) {
        return None;
    }
    let field = |from: usize, to: usize| fixed.get(from..to);
    let number = |from, to| field(from, to).and_then(fixed_hex);
    // The source is not shown, but a line without one is no route.
    fixed_address(field(36, 68)?)?;
    number(69, 71)?;
    let start = name.iter().position(|&byte| byte != b' ')?;
    let (_, name) = name.split_at_checked(start)?;
    let end = name.iter().position(|&byte| is_space(byte))?;
    if !(1..=15).contains(&end) {
        return None;
    }
    Some(Ipv6Route {
        destination: fixed_address(field(0, 32)?)?,
        prefix_length: number(33, 35)?.cast_signed(),
        next_hop: fixed_address(field(72, 104)?)?,
        metric: number(105, 113)?,
        references: number(114, 122)?,
        uses: number(123, 131)?,
        flags: number(132, 140)?,
        interface: Cow::Borrowed(name.get(..end)?),
    })
}

/// 32 digits in network order.
fn fixed_address(digits: &[u8]) -> Option<Ipv6Addr> {
    let mut octets = [0u8; 16];
    for (word, digits) in octets.chunks_exact_mut(4).zip(digits.chunks_exact(8)) {
        word.copy_from_slice(&fixed_hex(digits)?.to_be_bytes());
    }
    Some(Ipv6Addr::from(octets))
}

/// Parses a line as the reference's `sscanf` does, with all its tolerance.
#[doc(hidden)] // for tests
pub fn parse_tolerant(line: &[u8]) -> Option<Ipv6Route<'_>> {
    let mut scanner = Scanner::new(line);
    let destination = scan_address(&mut scanner)?;
    let prefix_length = scanner.hex_within(2)?.cast_signed();
    // The source is not shown and may be anything.
    for _ in 0..8 {
        scanner.word(4)?;
    }
    scanner.hex_within(2)?;
    let next_hop = scan_address(&mut scanner)?;
    Some(Ipv6Route {
        metric: scanner.hex_within(8)?,
        references: scanner.hex_within(8)?,
        uses: scanner.hex_within(8)?,
        flags: scanner.hex_within(8)?,
        interface: Cow::Borrowed(scanner.word(15)?),
        destination: destination.parse()?,
        prefix_length,
        next_hop: next_hop.parse()?,
    })
}

/// The text of an address in eight groups of up to four characters, between which there may be blanks.
#[derive(Clone, Copy, Debug)]
pub struct AddressGroups<'a>([&'a [u8]; 8]);

impl AddressGroups<'_> {
    /// The address that the groups make when joined by colons; `None` if it is none.
    pub fn parse(&self) -> Option<Ipv6Addr> {
        let mut text = [0u8; 8 * 5];
        let mut length = 0;
        for group in self.0 {
            if length > 0 {
                *text.get_mut(length)? = b':';
                length += 1;
            }
            text.get_mut(length..length + group.len())?
                .copy_from_slice(group);
            length += group.len();
        }
        parsed(text.get(..length)?)
    }
}

/// Scans eight groups of up to four characters each.
pub fn scan_address<'a>(scanner: &mut Scanner<'a>) -> Option<AddressGroups<'a>> {
    let mut groups: [&[u8]; 8] = [&[]; 8];
    for group in &mut groups {
        *group = scanner.word(4)?;
    }
    Some(AddressGroups(groups))
}

/// Lends the routes, or those that are `cached`, to the sink.
///
/// # Errors
/// The table is absent; what the sink said.
pub fn collect(context: &mut Context<'_>, cached: bool) -> Result<(), Error> {
    let mut lines = match context.query.proc_root.lines(FILE, PIECE) {
        Ok(lines) => lines,
        Err(error) => return context.not_configured(FILE, error, NOT_CONFIGURED),
    };
    context.sink.begin(if cached {
        Table::Ipv6RouteCache
    } else {
        Table::Ipv6Routes
    })?;
    while let Ok(Some(line)) = lines.next_line() {
        if let Some(route) = parse(line)
            && route.is_cached() == cached
        {
            context.sink.record(&Record::Ipv6Route(route))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parsers_agree_on_what_kernels_write() {
        for line in [
            &b"20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000002 00000001     eth0\n"[..],
            b"00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe80000000000000000000000000abcd ffffffff 80000003 00000000 00200003 abcdefghijklmno\n",
            b"20010db8000000000000000000000001 80 20010db8000000000000000000000000 40 00000000000000000000000000000000 00000000 00000004 00000000 81200001       lo\n",
        ] {
            let fast = parse_kernel(line).unwrap();
            assert_eq!(parse_tolerant(line), Some(fast));
        }
    }

    #[test]
    fn blanks_may_stand_between_groups() {
        let line = b"2001 db8 0 0 0 0 0 1 4 00000000000000000000000000000000 00 0 0 0 0 0 0 0 a 0x10 -1 2 +1 abcdefghijklmnop";
        assert_eq!(parse_kernel(line), None);
        let route = parse(line).unwrap();
        assert_eq!(route.destination.to_string(), "2001:db8::1");
        assert_eq!(route.next_hop.to_string(), "::a");
        assert_eq!((route.prefix_length, route.metric), (4, 16));
        assert_eq!((route.references, route.flags), (u32::MAX, 1));
        assert_eq!(route.interface, &b"abcdefghijklmno"[..]);
    }

    #[test]
    fn what_is_no_route_is_skipped() {
        for line in [
            &b"\n"[..],
            b"garbage\n",
            b"zz010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000002 00000001     eth0\n",
            b"20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000002 00000001\n",
        ] {
            assert_eq!(parse(line), None);
        }
    }
}
