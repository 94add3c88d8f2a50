//! `/proc/net/ipx/route`, formerly `/proc/net/ipx_route`.

use super::{either, for_each_row};
use crate::collect::Context;
use crate::error::{Error, Warning, strerror};
use crate::record::Record;
use crate::record::legacy_route::{IpxRoute, LegacyFamily, LegacyRoute};
use crate::scan::{Scanner, hex_digit, low32};

const FILE: &str = "net/ipx/route";

const OLD_FILE: &str = "net/ipx_route";

/// Lines are read in pieces of this many bytes.
const PIECE: usize = 1022;

/// Parses a row; `None` if it has fewer than three words. What is no number in them, such as "Directly Connected", counts as far
/// as it looks like one.
pub fn parse(line: &[u8]) -> Option<IpxRoute> {
    let mut scanner = Scanner::new(line);
    let destination = scanner.word(usize::MAX)?;
    let router_network = scanner.word(usize::MAX)?;
    let router_node = scanner.word(usize::MAX)?;
    Some(IpxRoute {
        destination: network(destination),
        router_network: network(router_network),
        router_node: node(router_node),
    })
}

/// A number too long for 32 bits counts by the low ones, but is not mistaken for 0xFFFFFFFF.
fn network(word: &[u8]) -> Option<u32> {
    let number = Scanner::new(word).hex_long()?;
    Some(low32(number)).filter(|&low| low != 0 && number != u64::from(u32::MAX))
}

/// Up to twelve digits; the first other character ends them.
fn node(word: &[u8]) -> [u8; 6] {
    let mut node = [0u8; 6];
    for (byte, digits) in node.iter_mut().zip(word.chunks(2)) {
        let mut digits = digits.iter().map(|&digit| hex_digit(digit));
        let (Some(high), low) = (digits.next().flatten(), digits.next().flatten()) else {
            break;
        };
        *byte = high << 4 | low.unwrap_or(0);
        if low.is_none() {
            break;
        }
    }
    node
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    match either(context, FILE, OLD_FILE, PIECE) {
        Ok(lines) => for_each_row(
            context,
            LegacyFamily::Ipx,
            lines,
            |context, line| match parse(line) {
                Some(route) => context
                    .sink
                    .record(&Record::LegacyRoute(LegacyRoute::Ipx(route))),
                None => Ok(()),
            },
        ),
        Err(error) => {
            // perror without a name.
            context.warn(&Warning::Text(strerror(&error)))?;
            let root = &context.query.proc_root;
            let complaint = format!(
                "IPX routing not in file {} or {} found.",
                root.path(FILE).display(),
                root.path(OLD_FILE).display()
            );
            context.sink.record(&Record::Complaint(complaint.into()))?;
            Err(Error::Ended(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_as_far_as_they_are_numbers() {
        // A `long` of 32 bits saturates at 0xFFFFFFFF.
        let if_wide = |low: u32| (usize::BITS == 64).then_some(low);
        for (line, destination, router_network, router_node) in [
            (
                &b"00000001   Directly     Connected\n"[..],
                Some(1),
                Some(0xd),
                [0xc0, 0, 0, 0, 0, 0],
            ),
            (
                b"1234ABCD   1234ABCD     00a0c9aabbcc extra\n",
                Some(0x1234_abcd),
                Some(0x1234_abcd),
                [0, 0xa0, 0xc9, 0xaa, 0xbb, 0xcc],
            ),
            (
                b"123456789ab -1 00:a0:c9\n",
                if_wide(0x4567_89ab),
                if_wide(u32::MAX),
                [0, 0, 0, 0, 0, 0],
            ),
            (
                b"100000000 FFFFFFFF 000000000001\n",
                None,
                None,
                [0, 0, 0, 0, 0, 1],
            ),
            (b"x 0x12 ag\n", None, Some(0x12), [0xa0, 0, 0, 0, 0, 0]),
        ] {
            let expected = IpxRoute {
                destination,
                router_network,
                router_node,
            };
            assert_eq!(parse(line), Some(expected));
        }
        assert_eq!(parse(b"00000001 00000002\n"), None);
        assert_eq!(parse(b"\n"), None);
    }
}
