//! "Kernel Interface table" in its short form: one line for each interface.

use super::column;
use crate::printable;
use crate::record::interface::Interface;

/// The title of both forms.
pub const TITLE: &[u8] = b"Kernel Interface table\n";

/// The column headings.
pub const HEADING: &[u8] =
    b"Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

/// What an alias has instead of counters.
const NO_COUNTERS: &[u8] = b"     - no statistics available -";

/// Appends the row of an interface, whose flags were `old` before if they have changed.
pub fn row(row: &mut Vec<u8>, interface: &Interface<'_>, old: Option<&[u8]>) {
    let start = row.len();
    printable::append(row, &interface.name);
    row.truncate(start + 15);
    column::pad(row, start, 16);
    match interface.mtu {
        Some(mtu) => column::right_signed(row, mtu.into(), 5),
        None => column::right(row, b"-", 5),
    }
    row.push(b' ');
    match interface.whole_counters() {
        Some(counters) => {
            column::right_unsigned(row, counters.rx_packets, 8);
            row.push(b' ');
            column::right_unsigned(row, counters.rx_errors, 6);
            row.push(b' ');
            column::right_unsigned(row, counters.rx_dropped, 6);
            row.push(b' ');
            // "%-6lu": the one counter that is aligned to the left.
            column::left_unsigned(row, counters.rx_fifo, 6);
            row.push(b' ');
            column::right_unsigned(row, counters.tx_packets, 8);
            for value in [counters.tx_errors, counters.tx_dropped, counters.tx_fifo] {
                row.push(b' ');
                column::right_unsigned(row, value, 6);
            }
            row.push(b' ');
        }
        None => column::left(row, NO_COUNTERS, 56),
    }
    column::state(row, old, 0, |row| match interface.flags {
        Some(flags) => flags.letters(row),
        None => row.push(b'-'),
    });
    row.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::interface::Counters;
    use crate::record::interface::{FLAG_NAMES, Flags};

    fn shown(name: &str, mtu: i32, counters: Option<Counters>, flags: u16) -> String {
        let mut bytes = Vec::new();
        row(
            &mut bytes,
            &Interface {
                name: name.as_bytes().into(),
                flags: Some(Flags(flags)),
                mtu: Some(mtu),
                counters,
                time: None,
                index: None,
                details: None,
                inet_addresses: None,
            },
            None,
        );
        String::from_utf8(bytes).unwrap()
    }

    /// Rows of the reference.
    #[test]
    fn rows() {
        let counters = Some(Counters {
            rx_packets: 200,
            rx_errors: 300,
            rx_dropped: 400,
            rx_fifo: 500,
            tx_packets: 1000,
            tx_errors: 1100,
            tx_dropped: 1200,
            tx_fifo: 1300,
            ..Counters::default()
        });
        let many = Some(Counters {
            rx_packets: u64::MAX,
            rx_errors: u64::MAX,
            rx_dropped: 1_234_567,
            rx_fifo: 1_234_567,
            tx_packets: u64::MAX,
            tx_errors: 1_234_567,
            tx_dropped: 12_345_678,
            tx_fifo: 123_456,
            ..Counters::default()
        });
        let none = Some(Counters::default());
        for (name, mtu, counters, flags, expected) in [
            (
                "lo",
                65536,
                none,
                0x49,
                "lo              65536        0      0      0 0             0      0      0      0 LRU\n",
            ),
            (
                "veth0:10",
                1500,
                None,
                0x1243,
                "veth0:10         1500      - no statistics available -                        ABMRU\n",
            ),
            (
                "eth0",
                1500,
                counters,
                0x1043,
                "eth0             1500      200    300    400 500        1000   1100   1200   1300 BMRU\n",
            ),
            (
                "eth0",
                123_456,
                counters,
                0x1,
                "eth0            123456      200    300    400 500        1000   1100   1200   1300 U\n",
            ),
            (
                "big",
                1500,
                many,
                0x1,
                "big              1500 18446744073709551615 18446744073709551615 1234567 1234567 18446744073709551615 1234567 12345678 123456 U\n",
            ),
            (
                "z0",
                1500,
                none,
                0,
                "z0               1500        0      0      0 0             0      0      0      0 [NO FLAGS]\n",
            ),
        ] {
            assert_eq!(shown(name, mtu, counters, flags), expected);
        }
    }

    #[test]
    fn letters_of_all_flags() {
        for (flags, expected) in [
            (0xffff, "ABDLMdPNOPsmRU"),
            (0x6000, ""),
            (0x2000, ""),
            (0, "[NO FLAGS]"),
            (0x100, "P"),
            (0x10, "P"),
            (0x8c00, "dsm"),
            (0x800, "s"),
        ] {
            let mut row = Vec::new();
            Flags(flags).letters(&mut row);
            assert_eq!(String::from_utf8(row).unwrap(), expected);
        }
        let places: std::collections::BTreeSet<_> =
            FLAG_NAMES.iter().map(|flag| flag.place).collect();
        assert!(places.into_iter().eq(0..FLAG_NAMES.len()));
    }

    /// Ours: what another proc root does not tell.
    #[test]
    fn unknown_values_are_dashes() {
        let mut bytes = Vec::new();
        let counters = Counters::default();
        row(
            &mut bytes,
            &Interface {
                name: b"a\x1bb".into(),
                flags: None,
                mtu: None,
                counters: Some(counters),
                time: None,
                index: None,
                details: None,
                inet_addresses: None,
            },
            None,
        );
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "a.b                 -        0      0      0 0             0      0      0      0 -\n"
        );
    }
}
