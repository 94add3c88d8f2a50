//! What stands around the row of a record that differs from what was reported before.

use std::time::{SystemTime, UNIX_EPOCH};

use super::column;
use crate::record::Value;
use crate::record::change::{Change, FIGURES};
use crate::sys;

/// Appends the local time to the millisecond and the sign.
pub fn begin(row: &mut Vec<u8>, change: &Change<'_>) {
    clock(row, change.time);
    row.extend_from_slice(&[b' ', change.kind.sign(), b' ']);
}

/// Appends the last figures of a connection to its row, if they are known: bytes, and the round trip time in milliseconds.
pub fn end(row: &mut Vec<u8>, change: &Change<'_>) {
    let mut words = FIGURES.iter();
    change.figures(&mut |_, value| {
        if row.last() == Some(&b'\n') {
            row.pop();
        }
        row.push(b' ');
        row.extend_from_slice(words.next().map_or("", |(word, _)| word).as_bytes());
        row.push(b' ');
        match value {
            Value::Unsigned(number) => column::unsigned(row, number),
            Value::Microseconds(time) => {
                column::unsigned(row, time / 1000);
                row.push(b'.');
                column::zero_padded(row, time % 1000, 3);
            }
            _ => row.push(b'-'),
        }
    });
    if row.last() != Some(&b'\n') {
        row.push(b'\n');
    }
}

/// `HH:MM:SS.mmm`.
fn clock(row: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let parts = sys::local_time(seconds).unwrap_or_default();
    for (part, end) in parts.into_iter().zip(*b"::.") {
        column::zero_padded(row, part.into(), 2);
        row.push(end);
    }
    column::zero_padded(row, since.subsec_millis().into(), 3);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// In whatever time zone the test runs, seconds and milliseconds are those of UTC.
    #[test]
    fn times_have_milliseconds() {
        let mut row = Vec::new();
        clock(
            &mut row,
            UNIX_EPOCH + Duration::from_millis(1_795_860_123_007),
        );
        assert_eq!(row.len(), "09:14:02.318".len());
        assert_eq!(row.get(5..), Some(&b":03.007"[..]));
    }
}
