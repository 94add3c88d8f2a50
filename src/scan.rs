//! What all parsers share: the tolerance of C's `scanf` and `strtoull`, spelled out.
//!
//! A [`Scanner`] walks over one line. Its methods mirror the conversions that the reference's behaviour shows, each named for
//! what it reads; each returns `None` where `scanf` would stop, and a parser that sees `None` stops likewise. Nothing here
//! panics or allocates, whatever the bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// In which order a machine keeps the bytes of a number, and so how its kernel's tables print addresses: most print the four bytes of an
/// IPv4 address, which are in network order, as if they were one of the machine's numbers (`%08X` in the kernel's `net/ipv4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The first byte counts most: s390x, many MIPS.
    Big,
    /// The first byte counts least: x86, nearly all ARM.
    Little,
}

impl ByteOrder {
    /// That of the machine which this program runs on.
    pub const OWN: Self = if cfg!(target_endian = "big") {
        ByteOrder::Big
    } else {
        ByteOrder::Little
    };

    /// The bytes that a machine of this order prints as `word`.
    #[inline]
    pub fn bytes(self, word: u32) -> [u8; 4] {
        match self {
            ByteOrder::Big => word.to_be_bytes(),
            ByteOrder::Little => word.to_le_bytes(),
        }
    }

    /// The IPv4 address that a machine of this order prints as `word`.
    #[inline]
    pub fn ipv4(self, word: u32) -> Ipv4Addr {
        Ipv4Addr::from(self.bytes(word))
    }
}

/// A machine's tables are taken for those of this one if nothing else is said.
impl Default for ByteOrder {
    fn default() -> Self {
        ByteOrder::OWN
    }
}

/// What `address` is if it was read in the wrong byte order. Tables print IPv6 addresses as four words.
pub fn in_other_order(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => Ipv4Addr::from(u32::from(address).swap_bytes()).into(),
        IpAddr::V6(address) => {
            let mut octets = address.octets();
            for word in octets.chunks_exact_mut(4) {
                word.reverse();
            }
            Ipv6Addr::from(octets).into()
        }
    }
}

/// The bits of C's `long`, which on Linux is as wide as a pointer. The reference reads most numbers as such, so machines of 32 bits
/// saturate earlier; only counters are `long long`.
const LONG: u32 = usize::BITS;

/// The largest `unsigned long`.
pub const LARGEST_LONG: u64 = u64::MAX >> (u64::BITS - LONG);

/// So many decimal digits always fit a `long`.
pub const LONG_DIGITS: usize = if LONG == 32 { 9 } else { 18 };

/// The bytes that C's `isspace` accepts in the C locale.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// The value of a hexadecimal digit of either case.
pub fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// A cursor over one line.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte of `line`.
    pub fn new(line: &'a [u8]) -> Self {
        Scanner { rest: line }
    }

    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Skips white space, possibly none.
    pub fn skip_space(&mut self) {
        while let Some((&byte, rest)) = self.rest.split_first() {
            if !is_space(byte) {
                break;
            }
            self.rest = rest;
        }
    }

    /// The byte `expected`, standing right here.
    pub fn literal(&mut self, expected: u8) -> Option<()> {
        match self.rest.split_first() {
            Some((&byte, rest)) if byte == expected => {
                self.rest = rest;
                Some(())
            }
            _ => None,
        }
    }

    /// As many bytes as `wanted` accepts, at most `limit`, at least one. White space is not skipped first.
    pub fn run(&mut self, limit: usize, wanted: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let end = self
            .rest
            .iter()
            .take(limit)
            .position(|&byte| !wanted(byte))
            .unwrap_or(self.rest.len().min(limit));
        if end == 0 {
            return None;
        }
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(taken)
    }

    /// `%Ns`: white space, then a run of other bytes, at most `limit` of them.
    pub fn word(&mut self, limit: usize) -> Option<&'a [u8]> {
        self.skip_space();
        self.run(limit, |byte| !is_space(byte))
    }

    /// White space, then 1 to `limit` hexadecimal digits (`%64[0-9A-Fa-f]`): no sign, no prefix.
    pub fn hex_word(&mut self, limit: usize) -> Option<&'a [u8]> {
        self.skip_space();
        self.run(limit, |byte| hex_digit(byte).is_some())
    }

    /// `%lx`: white space, sign, optional `0x`, digits. Saturates at the largest `unsigned long`; a minus sign negates modulo 2^[`LONG`].
    pub fn hex_long(&mut self) -> Option<u64> {
        self.skip_space();
        let negative = self.sign();
        let mut digits = self.rest;
        let mut any = false;
        if let [b'0', b'x' | b'X', tail @ ..] = digits {
            // `scanf` takes a lone "0x" for zero.
            digits = tail;
            any = true;
        }
        let mut value = 0u64;
        let mut overflow = false;
        while let Some((&byte, rest)) = digits.split_first() {
            let Some(digit) = hex_digit(byte) else { break };
            overflow |= value >> 60 != 0;
            value = (value << 4) | u64::from(digit);
            any = true;
            digits = rest;
        }
        self.finish_unsigned(LONG, any, digits, value, overflow, negative)
    }

    /// `%x`: as [`hex_long`](Self::hex_long), of which the low 32 bits are kept.
    pub fn hex32(&mut self) -> Option<u32> {
        self.hex_long().map(low32)
    }

    /// `%p`: as [`hex_long`](Self::hex_long), or `(nil)` in either case for the null pointer.
    pub fn pointer(&mut self) -> Option<u64> {
        self.skip_space();
        match self.rest.split_at_checked(5) {
            Some((word, rest)) if word.eq_ignore_ascii_case(b"(nil)") => {
                self.rest = rest;
                Some(0)
            }
            _ => self.hex_long(),
        }
    }

    /// `%Nx`: as [`hex_long`](Self::hex_long), with sign, prefix and digits in at most `width` bytes, of which the low 32 bits are kept.
    pub fn hex_within(&mut self, width: usize) -> Option<u32> {
        self.skip_space();
        let (window, _) = self
            .rest
            .split_at_checked(width)
            .unwrap_or((self.rest, &[]));
        let mut scanner = Scanner::new(window);
        let value = scanner.hex32()?;
        let (_, rest) = self
            .rest
            .split_at_checked(window.len() - scanner.rest.len())?;
        self.rest = rest;
        Some(value)
    }

    /// `%lu`: white space, sign, decimal digits. Saturates at the largest `unsigned long`; a minus sign negates modulo 2^[`LONG`].
    pub fn decimal_long(&mut self) -> Option<u64> {
        self.decimal_within(LONG)
    }

    /// `%llu`: the same with 64 bits everywhere.
    pub fn decimal64(&mut self) -> Option<u64> {
        self.decimal_within(u64::BITS)
    }

    fn decimal_within(&mut self, bits: u32) -> Option<u64> {
        self.skip_space();
        let negative = self.sign();
        let (value, overflow, any, digits) = decimal_digits(self.rest);
        self.finish_unsigned(bits, any, digits, value, overflow, negative)
    }

    /// C's `strtoul` with base 0: as [`decimal_long`](Self::decimal_long), but hexadecimal behind `0x` and octal behind `0`.
    pub fn prefixed_long(&mut self) -> Option<u64> {
        self.skip_space();
        let negative = self.sign();
        let (mut rest, radix) = match self.rest {
            [b'0', b'x' | b'X', digits @ ..]
                if digits.first().is_some_and(u8::is_ascii_hexdigit) =>
            {
                (digits, 16)
            }
            digits @ [b'0', ..] => (digits, 8),
            digits => (digits, 10),
        };
        let (mut value, mut overflow, mut any) = (0u64, false, false);
        while let Some((&byte, tail)) = rest.split_first() {
            let Some(digit) = hex_digit(byte)
                .map(u64::from)
                .filter(|&digit| digit < radix)
            else {
                break;
            };
            match value
                .checked_mul(radix)
                .and_then(|value| value.checked_add(digit))
            {
                Some(sum) => value = sum,
                None => overflow = true,
            }
            any = true;
            rest = tail;
        }
        self.finish_unsigned(LONG, any, rest, value, overflow, negative)
    }

    /// `%ld`: white space, sign, decimal digits; saturates at the ends of what a `long` holds.
    pub fn integer_long(&mut self) -> Option<i64> {
        self.skip_space();
        let negative = self.sign();
        let (value, overflow, any, digits) = decimal_digits(self.rest);
        if !any {
            return None;
        }
        self.rest = digits;
        // What is beyond 64 bits is beyond a `long`.
        let size = i128::from(value) + i128::from(overflow) * i128::from(u64::MAX);
        let value = if negative { -size } else { size };
        let (least, most) = (isize::MIN as i128, isize::MAX as i128);
        i64::try_from(value.clamp(least, most)).ok()
    }

    /// `%d`: a signed 64-bit number that saturates, of which the low 32 bits are kept.
    pub fn integer32(&mut self) -> Option<i32> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "scanf stores the low half of the saturated number"
        )]
        self.integer_long().map(|value| value as i32)
    }

    fn sign(&mut self) -> bool {
        match self.rest.split_first() {
            Some((b'-', rest)) => {
                self.rest = rest;
                true
            }
            Some((b'+', rest)) => {
                self.rest = rest;
                false
            }
            _ => false,
        }
    }

    /// Ends the reading of an unsigned number of so many bits.
    fn finish_unsigned(
        &mut self,
        bits: u32,
        any: bool,
        rest: &'a [u8],
        value: u64,
        overflow: bool,
        negative: bool,
    ) -> Option<u64> {
        if !any {
            return None;
        }
        self.rest = rest;
        let most = u64::MAX >> (u64::BITS - bits);
        Some(match (overflow || value > most, negative) {
            (true, _) => most,
            (false, true) => value.wrapping_neg() & most,
            (false, false) => value,
        })
    }
}

/// Value, overflow, whether there was a digit, and what follows the digits.
fn decimal_digits(bytes: &[u8]) -> (u64, bool, bool, &[u8]) {
    let mut rest = bytes;
    let mut value = 0u64;
    let mut overflow = false;
    while let Some((&byte, tail)) = rest.split_first() {
        if !byte.is_ascii_digit() {
            break;
        }
        match value
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(byte - b'0')))
        {
            Some(sum) => value = sum,
            None => overflow = true,
        }
        rest = tail;
    }
    (value, overflow, rest.len() != bytes.len(), rest)
}

/// C's `atoi`: a signed 64-bit number that saturates, of which the low 32 bits are kept; 0 where there is none.
pub fn atoi(bytes: &[u8]) -> i32 {
    Scanner::new(bytes).integer32().unwrap_or(0)
}

/// What a text says, if it says all of it in the way that Rust writes it.
pub fn parsed<T: FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The value of up to eight hexadecimal digits that fill `digits`; 0 for none.
pub fn fixed_hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |value, &byte| {
        Some((value << 4) | u32::from(hex_digit(byte)?))
    })
}

/// A `long`, of which the bits are in `value`, as C's `%ld` shows it.
pub fn long(value: u64) -> i64 {
    if LONG == u32::BITS {
        low32(value).cast_signed().into()
    } else {
        value.cast_signed()
    }
}

/// The low half of a number, as C's conversion to a 32-bit type keeps it.
pub fn low32(value: u64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "this is the purpose")]
    {
        value as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_scanf_reads_them() {
        const MOST: u64 = LARGEST_LONG;
        // What an `int` keeps of the largest and the least `long`.
        let (most, least) = match LONG {
            u32::BITS => (i32::MAX, i32::MIN),
            _ => (-1, 0),
        };

        let decimal = |text: &[u8]| Scanner::new(text).decimal64();
        assert_eq!(decimal(b"  12abc"), Some(12));
        assert_eq!(decimal(b"-1"), Some(u64::MAX));
        assert_eq!(decimal(b"+7"), Some(7));
        assert_eq!(decimal(b"-"), None);
        assert_eq!(decimal(b"x"), None);
        assert_eq!(decimal(b""), None);
        assert_eq!(decimal(b"18446744073709551616"), Some(u64::MAX));
        assert_eq!(decimal(b"-18446744073709551616"), Some(u64::MAX));
        assert_eq!(decimal(b"4294967296"), Some(1 << 32));
        let decimal = |text: &[u8]| Scanner::new(text).decimal_long();
        let beyond = if LONG == u32::BITS { MOST } else { 1 << 32 };
        assert_eq!(decimal(b"4294967296"), Some(beyond));
        assert_eq!(decimal(b"-1"), Some(MOST));
        assert_eq!(decimal(b"-18446744073709551616"), Some(MOST));

        let prefixed = |text: &[u8]| Scanner::new(text).prefixed_long();
        assert_eq!(prefixed(b" 0x20g"), Some(32));
        assert_eq!(prefixed(b"020"), Some(16));
        assert_eq!(prefixed(b"09"), Some(0));
        assert_eq!(prefixed(b"0xg"), Some(0));
        assert_eq!(prefixed(b"-5"), Some(MOST - 4));
        assert_eq!(prefixed(b"99999999999999999999"), Some(MOST));
        assert_eq!(prefixed(b"g"), None);

        let integer = |text: &[u8]| Scanner::new(text).integer32();
        assert_eq!(integer(b"4294967295"), Some(most));
        assert_eq!(integer(b"99999999999999999999"), Some(most));
        assert_eq!(integer(b"-99999999999999999999"), Some(least));
        assert_eq!(integer(b"08"), Some(8));

        let hex = |text: &[u8]| Scanner::new(text).hex_long();
        assert_eq!(hex(b" 0x1F"), Some(31));
        assert_eq!(hex(b"-1"), Some(MOST));
        assert_eq!(hex(b"10000000000000000"), Some(MOST));
        assert_eq!(hex(b"g"), None);
        assert_eq!(Scanner::new(b"-1").hex32(), Some(u32::MAX));

        let within = |text, width| {
            let mut scanner = Scanner::new(text);
            (scanner.hex_within(width), scanner.rest().len())
        };
        assert_eq!(within(b" 12345", 2), (Some(0x12), 3));
        assert_eq!(within(b"0x40", 2), (Some(0), 2));
        assert_eq!(within(b"0x40", 4), (Some(0x40), 0));
        assert_eq!(within(b"-1", 2), (Some(u32::MAX), 0));
        assert_eq!(within(b"zz", 2), (None, 2));
        assert_eq!(atoi(b" -7x"), -7);
        assert_eq!(
            atoi(b"-99999999999"),
            if most < 0 { -1_215_752_191 } else { least }
        );
        assert_eq!(atoi(b"*"), 0);
    }

    #[test]
    fn words_and_literals() {
        let mut scanner = Scanner::new(b"  abc:def\n");
        assert_eq!(scanner.word(2), Some(&b"ab"[..]));
        assert_eq!(scanner.literal(b':'), None);
        assert_eq!(scanner.run(9, |byte| byte != b':'), Some(&b"c"[..]));
        assert_eq!(scanner.literal(b':'), Some(()));
        assert_eq!(scanner.word(9), Some(&b"def"[..]));
        assert_eq!(scanner.word(9), None);
    }
}
