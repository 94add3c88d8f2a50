//! Columns: padding and cutting by bytes as C's `%-23s`, `%6lu` and `%-15.15s` do.
//!
//! Everything appends to the row, a `Vec<u8>`.

use crate::printable;

/// Appends spaces until the column that began at `start` is `width` bytes wide.
pub fn pad(row: &mut Vec<u8>, start: usize, width: usize) {
    blanks(row, (start + width).saturating_sub(row.len()));
}

/// Appends so many spaces.
fn blanks(row: &mut Vec<u8>, count: usize) {
    const MANY: [u8; 32] = [b' '; 32];
    let end = row.len() + count;
    if count <= MANY.len() {
        // A copy of a fixed length takes fewer instructions than one of the length that is needed.
        row.extend_from_slice(&MANY);
        row.truncate(end);
    } else {
        row.resize(end, b' ');
    }
}

/// `%-WIDTHs`.
pub fn left(row: &mut Vec<u8>, text: &[u8], width: usize) {
    let start = row.len();
    row.extend_from_slice(text);
    pad(row, start, width);
}

/// `%-WIDTHs` of a state that `new` appends, behind the one that it was before, if it has changed: `OLD->NEW`.
pub fn state(row: &mut Vec<u8>, old: Option<&[u8]>, width: usize, new: impl FnOnce(&mut Vec<u8>)) {
    let start = row.len();
    if let Some(old) = old {
        printable::append(row, old);
        row.extend_from_slice(b"->");
    }
    new(row);
    pad(row, start, width);
}

/// `%WIDTHs`.
pub fn right(row: &mut Vec<u8>, text: &[u8], width: usize) {
    blanks(row, width.saturating_sub(text.len()));
    row.extend_from_slice(text);
}

/// The first `width` bytes, as in `%.WIDTHs`.
pub fn cut(text: &[u8], width: usize) -> &[u8] {
    text.get(..width).unwrap_or(text)
}

/// `%u` of any size.
pub fn unsigned(row: &mut Vec<u8>, value: u64) {
    Digits::of(value, false).append(row);
}

/// `%d` of any size.
pub fn signed(row: &mut Vec<u8>, value: i64) {
    Digits::of(value.unsigned_abs(), value < 0).append(row);
}

/// `%WIDTHu`.
pub fn right_unsigned(row: &mut Vec<u8>, value: u64, width: usize) {
    Digits::of(value, false).right(row, width);
}

/// `%WIDTHd`.
pub fn right_signed(row: &mut Vec<u8>, value: i64, width: usize) {
    Digits::of(value.unsigned_abs(), value < 0).right(row, width);
}

/// `%-WIDTHu`.
pub fn left_unsigned(row: &mut Vec<u8>, value: u64, width: usize) {
    Digits::of(value, false).left(row, width);
}

/// `%-WIDTHd`.
pub fn left_signed(row: &mut Vec<u8>, value: i64, width: usize) {
    Digits::of(value.unsigned_abs(), value < 0).left(row, width);
}

/// `%0WIDTHu`.
pub fn zero_padded(row: &mut Vec<u8>, value: u64, width: usize) {
    with_digits(value, false, |digits| {
        let end = row.len() + width.saturating_sub(digits.len());
        row.resize(end, b'0');
        row.extend_from_slice(digits);
    });
}

/// `%0WIDTHd`.
pub fn zero_padded_signed(row: &mut Vec<u8>, value: i64, width: usize) {
    if value < 0 {
        row.push(b'-');
    }
    let width = width.saturating_sub(usize::from(value < 0));
    zero_padded(row, value.unsigned_abs(), width);
}

/// "00" to "99", one behind the other: two digits come with one division.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the compiler would refuse a wrong index; digits fit into a byte"
)]
const PAIRS: [u8; 200] = {
    let mut pairs = [b'0'; 200];
    let mut number = 0;
    while number < 100 {
        pairs[2 * number] = b'0' + (number / 10) as u8;
        pairs[2 * number + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
};

/// A number in decimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Digits {
    /// They end at [`Digits::LONGEST`]. The room behind them lets as many bytes be copied from wherever they start.
    text: [u8; 2 * Digits::LONGEST],
    start: usize,
}

impl Digits {
    /// 20 digits and a sign.
    const LONGEST: usize = 21;

    /// Those of a number, with a sign before them if it is negative.
    #[inline(always)]
    pub fn of(value: u64, negative: bool) -> Self {
        let mut text = [0; 2 * Self::LONGEST];
        let mut rest = value;
        let mut start = Self::LONGEST;
        while rest >= 10 {
            let pair = usize::try_from(rest % 100).unwrap_or(0);
            rest /= 100;
            start -= 2;
            if let (Some(slot), Some(digits)) = (
                text.get_mut(start..start + 2),
                PAIRS.get(2 * pair..2 * pair + 2),
            ) {
                slot.copy_from_slice(digits);
            }
        }
        // What is left is a digit, or nothing of a number with an even number of them.
        if rest > 0 || value == 0 {
            start -= 1;
            if let Some(slot) = text.get_mut(start) {
                *slot = b'0' + (rest % 10) as u8;
            }
        }
        if negative {
            start = start.saturating_sub(1);
            if let Some(slot) = text.get_mut(start) {
                *slot = b'-';
            }
        }
        Digits { text, start }
    }

    /// Appends them. A copy of a fixed length takes fewer instructions than one of the length that is needed.
    #[inline(always)]
    pub fn append(&self, row: &mut Vec<u8>) {
        let text = self.text.get(self.start..).unwrap_or_default();
        if let Some(text) = text.first_chunk::<{ Digits::LONGEST }>() {
            let end = row.len() + Digits::LONGEST - self.start;
            row.extend_from_slice(text);
            row.truncate(end);
        }
    }

    fn right(&self, row: &mut Vec<u8>, width: usize) {
        blanks(row, width.saturating_sub(Self::LONGEST - self.start));
        self.append(row);
    }

    fn left(&self, row: &mut Vec<u8>, width: usize) {
        let start = row.len();
        self.append(row);
        pad(row, start, width);
    }
}

fn with_digits<T>(value: u64, negative: bool, show: impl FnOnce(&[u8]) -> T) -> T {
    let digits = Digits::of(value, negative);
    let text = digits.text.get(digits.start..Digits::LONGEST);
    show(text.unwrap_or_default())
}

/// `%x` with lower-case digits and at least `width` of them.
pub fn hex(row: &mut Vec<u8>, value: u64, width: usize) {
    hex_digits(row, value, width, b"0123456789abcdef");
}

/// `%X` with at least `width` digits.
pub fn upper_hex(row: &mut Vec<u8>, value: u64, width: usize) {
    hex_digits(row, value, width, b"0123456789ABCDEF");
}

fn hex_digits(row: &mut Vec<u8>, value: u64, width: usize, alphabet: &[u8; 16]) {
    let needed = (64 - value.leading_zeros()).div_ceil(4).max(1);
    let needed = usize::try_from(needed).unwrap_or(16);
    let end = row.len() + width.saturating_sub(needed);
    row.resize(end, b'0');
    for place in (0..needed).rev() {
        let digit = usize::try_from((value >> (4 * place)) & 15).unwrap_or(0);
        row.extend(alphabet.get(digit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(make: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut row = Vec::new();
        make(&mut row);
        String::from_utf8_lossy(&row).into_owned()
    }

    #[test]
    fn every_number_has_its_digits() {
        let numbers = (0..100_000)
            .chain((0..20).flat_map(|power| {
                let power = 10_u64.pow(power);
                [power - 1, power, power + 1, power.saturating_mul(9)]
            }))
            .chain((0..100_000).map(|step| step * 1_000_003))
            .chain((0..64).map(|shift| u64::MAX >> shift));
        for number in numbers {
            assert_eq!(made(|row| unsigned(row, number)), number.to_string());
        }
        for number in [i64::MIN, -100_000_000, -1, 0, 1, i64::MAX] {
            assert_eq!(made(|row| signed(row, number)), number.to_string());
        }
    }

    #[test]
    fn columns_pad_and_never_cut() {
        assert_eq!(made(|row| left(row, b"ab", 4)), "ab  ");
        assert_eq!(made(|row| left(row, b"abcde", 4)), "abcde");
        assert_eq!(made(|row| right(row, b"ab", 4)), "  ab");
        assert_eq!(made(|row| right_signed(row, -12, 6)), "   -12");
        assert_eq!(
            made(|row| right_signed(row, i64::MIN, 6)),
            "-9223372036854775808"
        );
        assert_eq!(
            made(|row| left_unsigned(row, u64::MAX, 6)),
            "18446744073709551615"
        );
        assert_eq!(made(|row| zero_padded(row, 7, 3)), "007");
        assert_eq!(made(|row| zero_padded(row, 1234, 3)), "1234");
        assert_eq!(made(|row| zero_padded_signed(row, -7, 3)), "-07");
        assert_eq!(made(|row| zero_padded_signed(row, 7, 3)), "007");
        assert_eq!(made(|row| hex(row, 0xbeef, 8)), "0000beef");
        assert_eq!(made(|row| upper_hex(row, 0, 1)), "0");
        assert_eq!(made(|row| upper_hex(row, u64::MAX, 1)), "FFFFFFFFFFFFFFFF");
    }
}
