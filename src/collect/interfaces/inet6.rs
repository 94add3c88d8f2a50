//! `/proc/net/if_inet6`: the IPv6 addresses of each interface.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use crate::proc_root::{self, ProcRoot};
use crate::record::interface::Inet6Address;
use crate::scan::{Scanner, hex_digit};

/// The reference reads device names up to this many bytes.
const LONGEST_DEVICE: usize = 20;

/// The addresses of all interfaces, each list in the order of the file.
#[derive(Debug, Default)]
pub struct Inet6Addresses(HashMap<Vec<u8>, Vec<Inet6Address>>);

impl Inet6Addresses {
    /// Reads the file once; it may be missing, for any reason, without a word.
    pub fn read(root: &ProcRoot) -> Self {
        let mut all = Self::default();
        if let Ok(mut lines) = root.lines("net/if_inet6", proc_root::LONG_LINE) {
            while let Ok(Some(line)) = lines.next_line() {
                if let Some((device, address)) = parse(line) {
                    all.0.entry(device.to_vec()).or_default().push(address);
                }
            }
        }
        all
    }

    /// The addresses of the interface of exactly this name; an alias has none.
    pub fn of(&self, device: &[u8]) -> &[Inet6Address] {
        self.0.get(device).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Parses a line: address, interface index, prefix length, scope, flags, all hexadecimal, and the device. `None` if it does not scan
/// (the reference shows the line before once more).
fn parse(line: &[u8]) -> Option<(&[u8], Inet6Address)> {
    let mut scanner = Scanner::new(line);
    let mut groups = [0u16; 8];
    for group in &mut groups {
        *group = scanner.word(4)?.iter().try_fold(0u16, |value, &byte| {
            Some((value << 4) | u16::from(hex_digit(byte)?))
        })?;
    }
    scanner.hex32()?;
    let prefix_length = scanner.hex32()?;
    let scope = scanner.hex32()?;
    scanner.hex32()?;
    let device = scanner.word(LONGEST_DEVICE)?;
    Some((
        device,
        Inet6Address {
            address: Ipv6Addr::from(groups),
            prefix_length,
            scope,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(
            parse(b"fe800000000000000c558efffed0449b 02 40 20 80     eth2\n"),
            Some((
                &b"eth2"[..],
                Inet6Address {
                    address: "fe80::c55:8eff:fed0:449b".parse().unwrap(),
                    prefix_length: 64,
                    scope: 0x20
                }
            ))
        );
        for bad in [
            "",
            "\n",
            "zz800000000000000c558efffed0449b 02 40 20 80 eth2\n",
            "fe800000000000000c558efffed0449b 02 40 20 80\n",
            "fe800000000000000c558efffed0449b 02 40 xx 80 eth2\n",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
