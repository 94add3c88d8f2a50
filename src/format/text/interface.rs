//! "Kernel Interface table" in its short form: one line for each interface.

use super::column;
use crate::collect::interfaces::{FLAG_NAMES, Flags, Interface};

/// The title of both forms.
pub const TITLE: &[u8] = b"Kernel Interface table\n";

/// The column headings.
pub const HEADING: &[u8] =
    b"Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";

/// What an alias has instead of counters.
const NO_COUNTERS: &[u8] = b"     - no statistics available -";

/// Appends the row of an interface.
pub fn row(row: &mut Vec<u8>, interface: &Interface<'_>) {
    let start = row.len();
    column::printable(row, column::cut(interface.name, 15));
    column::pad(row, start, 16);
    match interface.mtu {
        Some(mtu) => column::right_signed(row, mtu.into(), 5),
        None => column::right(row, b"-", 5),
    }
    row.push(b' ');
    match interface.counters {
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
    match interface.flags {
        Some(flags) => letters(row, flags),
        None => row.push(b'-'),
    }
    row.push(b'\n');
}

fn letters(row: &mut Vec<u8>, flags: Flags) {
    if flags.0 == 0 {
        row.extend_from_slice(b"[NO FLAGS]");
        return;
    }
    let mut letters = [0u8; FLAG_NAMES.len()];
    for flag in &FLAG_NAMES {
        if flags.contains(flag.bit)
            && let Some(letter) = letters.get_mut(flag.place)
        {
            *letter = flag.letter;
        }
    }
    row.extend(letters.iter().filter(|&&letter| letter != 0));
}
