//! `--only FIELD=VALUE`: what must hold of a field, and which values do.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;

use super::contains;
use crate::cli::{AddressFilter, OnlyWords};
use crate::error::Error;
use crate::field::{Field, Kind};

/// Numbers are compared as multiples of a billionth, so that those with fractions can be compared, too, and exactly.
pub const UNIT: i128 = 1_000_000_000;

/// What must hold of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Only {
    /// The field.
    pub field: &'static Field,
    /// None of the values may be there, rather than one of them must.
    pub negated: bool,
    /// The values.
    pub patterns: Vec<Pattern>,
}

/// Values that will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As it was typed: `*` stands for any bytes, `?` for one, `-` alone for no value.
    text: Vec<u8>,
    /// If it is a number or a range of numbers: those, in [`UNIT`]s.
    numbers: Option<RangeInclusive<i128>>,
    /// If it is an address or a network.
    addresses: Option<AddressFilter>,
}

impl Only {
    /// What was typed about `field`.
    ///
    /// # Errors
    /// [`Error::Extension`]: the field is a number, and a value cannot be one; or a range has no number in it.
    pub fn new(field: &'static Field, words: &OnlyWords) -> Result<Self, Error> {
        let texts = words.values.iter().map(|value| value.as_bytes());
        let patterns: Vec<Pattern> = texts.map(Pattern::new).collect();
        let expected = match field.kind {
            Kind::Number => Some("numbers"),
            Kind::Port | Kind::User => Some("names, numbers"),
            Kind::Text | Kind::Address | Kind::Host | Kind::List => None,
        };
        let is_in_vain = |pattern: &&Pattern| match &pattern.numbers {
            Some(numbers) => numbers.is_empty(),
            None => field.kind == Kind::Number && !pattern.is_none() && !pattern.has_wildcards(),
        };
        if let Some(expected) = expected
            && let Some(pattern) = patterns.iter().find(is_in_vain)
        {
            return Err(Error::Extension(format!(
                "option '--only': '{}' takes {expected}, ranges such as 1..100, and '-' for none, not '{}'",
                field.name,
                String::from_utf8_lossy(&pattern.text)
            )));
        }
        Ok(Only {
            field,
            negated: words.negated,
            patterns,
        })
    }

    /// Whether names must be known to tell what holds.
    pub fn needs_names(&self) -> bool {
        self.field.is_name()
            && self.patterns.iter().any(|pattern| {
                pattern.numbers.is_none() && pattern.addresses.is_none() && !pattern.is_none()
            })
    }
}

impl Pattern {
    fn new(text: &[u8]) -> Self {
        let word = std::str::from_utf8(text).ok();
        Pattern {
            text: text.to_vec(),
            numbers: word.and_then(numbers),
            addresses: word.and_then(AddressFilter::from_text),
        }
    }

    /// Whether it stands for no value.
    pub fn is_none(&self) -> bool {
        self.text == b"-"
    }

    fn has_wildcards(&self) -> bool {
        self.text.iter().any(|byte| matches!(byte, b'*' | b'?'))
    }

    /// Whether a number will do, in [`UNIT`]s; `None` if the pattern is no number.
    pub fn matches_number(&self, number: i128) -> Option<bool> {
        Some(self.numbers.as_ref()?.contains(&number))
    }

    /// Whether an address will do; `None` if the pattern is no address.
    pub fn matches_address(&self, address: IpAddr) -> Option<bool> {
        Some(contains(self.addresses?, address))
    }

    /// Whether a text will do.
    pub fn matches_text(&self, text: &[u8]) -> bool {
        matches(&self.text, text)
    }
}

/// `N`, `N..M`, `N..` or `..M`.
fn numbers(text: &str) -> Option<RangeInclusive<i128>> {
    match text.split_once("..") {
        None => number(text).map(|number| number..=number),
        Some(("", "")) => None,
        Some((first, "")) => Some(number(first)?..=i128::MAX),
        Some(("", last)) => Some(i128::MIN..=number(last)?),
        Some((first, last)) => Some(number(first)?..=number(last)?),
    }
}

/// Digits, perhaps with a sign, and with up to nine more behind a point.
fn number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || whole.is_empty() || fraction.len() > 9 {
        return None;
    }
    // More than 20 digits are more than any field has.
    let whole: i128 = whole.parse().ok().filter(|_| whole.len() <= 20)?;
    let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
    Some(sign * (whole * UNIT + fraction))
}

/// Whether `text` is what `pattern` stands for, `*` being any bytes and `?` any one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    // Where to go on if the last star stands for a byte more.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        match (pattern.split_first(), text.split_first()) {
            (Some((b'*', after)), _) => {
                retry = Some((after, text));
                pattern = after;
                continue;
            }
            (Some((expected, after)), Some((byte, rest)))
                if *expected == b'?' || expected == byte =>
            {
                (pattern, text) = (after, rest);
                continue;
            }
            (None, None) => return true,
            _ => {}
        }
        match retry.and_then(|(after, rest)| Some((after, rest.get(1..)?))) {
            Some((after, rest)) => {
                retry = Some((after, rest));
                (pattern, text) = (after, rest);
            }
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_bytes_and_question_marks_for_one() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "abc", true),
            ("?", "", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*.com", "a.com.com", true),
            ("*.com", "a.com.", false),
            ("a*b*c", "axxbxxbxxc", true),
            ("a*b*c", "axxbxx", false),
            ("**a", "a", true),
            ("SYN_*", "SYN_RECV", true),
            ("syn_*", "SYN_RECV", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
        // As many ways to go wrong as possible take no more than the product of the lengths.
        let text = vec![b'a'; 20_000];
        assert!(!matches(b"*a*a*a*a*a*a*a*ab", &text));
    }

    #[test]
    fn numbers_and_ranges() {
        let unit = |number: i128| number * UNIT;
        for (text, expected) in [
            ("5", Some(unit(5)..=unit(5))),
            ("-1", Some(unit(-1)..=unit(-1))),
            ("1..10", Some(unit(1)..=unit(10))),
            ("1..", Some(unit(1)..=i128::MAX)),
            ("..10", Some(i128::MIN..=unit(10))),
            ("0.5..2.25", Some(UNIT / 2..=unit(9) / 4)),
            (
                "18446744073709551615",
                Some(unit(u64::MAX.into())..=unit(u64::MAX.into())),
            ),
            ("", None),
            ("..", None),
            ("-", None),
            ("1.", Some(unit(1)..=unit(1))),
            (".5", None),
            ("1e3", None),
            ("+1", None),
            ("1...2", None),
            ("0.0000000001", None),
            ("999999999999999999999", None),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }
}
