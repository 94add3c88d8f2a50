//! What a socket waits for.

use std::io::Write as _;

use super::column;
use crate::record::inet::{Protocol, Timer};
use crate::scan::long;

/// Appends the text of a timer; `ticks` are those of the kernel per second.
pub fn append(row: &mut Vec<u8>, protocol: Protocol, timer: &Timer, ticks: u64) {
    let start = row.len();
    let tcp = protocol == Protocol::Tcp;
    match timer.name(protocol) {
        Some(name) => row.extend_from_slice(name.as_bytes()),
        None => {
            row.extend_from_slice(b"unkn-");
            column::signed(row, timer.kind.cast_signed().into());
        }
    }
    row.extend_from_slice(b" (");
    if timer.kind == 0 {
        row.extend_from_slice(b"0.00");
    } else {
        seconds(row, timer.remaining, if tcp { ticks } else { 100 });
    }
    row.push(b'/');
    let retransmits = match protocol {
        Protocol::Tcp | Protocol::Raw => long(timer.retransmits),
        Protocol::Udp | Protocol::UdpLite => 0,
    };
    column::signed(row, retransmits);
    row.push(b'/');
    column::signed(row, timer.timeout.into());
    row.push(b')');
    row.truncate(start + 63);
}

/// `%2.2f` of a time in ticks.
fn seconds(row: &mut Vec<u8>, remaining: u64, ticks: u64) {
    if ticks == 100 && remaining < 1 << 40 {
        column::unsigned(row, remaining / 100);
        row.push(b'.');
        column::zero_padded(row, remaining % 100, 2);
        return;
    }
    #[expect(clippy::cast_precision_loss, reason = "the reference divides doubles")]
    let seconds = remaining as f64 / ticks as f64;
    let _ = write!(row, "{seconds:.2}");
}
