//! Texts that tables hold in place.
//!
//! A pointer in a table is something that the dynamic loader must fill in, at every start and whether the table is used or not; and each
//! page of memory with pointers in it must be copied for that. So tables that most runs do not use have none.

use std::fmt;
use std::ops::Deref;

/// A text of at most `N` bytes, less than 256, in place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inline<const N: usize> {
    bytes: [u8; N],
    length: u8,
}

impl<const N: usize> Inline<N> {
    /// For tables: a text that is too long for them does not compile.
    pub const fn new(text: &str) -> Self {
        assert!(text.len() <= N && N < 256, "the table has no room for it");
        let mut bytes = [0; N];
        bytes
            .split_at_mut(text.len())
            .0
            .copy_from_slice(text.as_bytes());
        #[expect(clippy::cast_possible_truncation, reason = "it was asserted")]
        let length = text.len() as u8;
        Inline { bytes, length }
    }

    /// Its bytes, for comparisons: that they are a text need not be checked for those.
    pub fn as_bytes(&self) -> &[u8] {
        let length = usize::from(self.length);
        self.bytes.get(..length).unwrap_or_default()
    }
}

impl<const N: usize> Deref for Inline<N> {
    type Target = str;

    fn deref(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl<const N: usize> PartialEq<str> for Inline<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> PartialEq<&str> for Inline<N> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl<const N: usize> fmt::Display for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl<const N: usize> fmt::Debug for Inline<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_it_was_made_of() {
        for text in ["", "a", "ab\u{e9}"] {
            let inline = Inline::<4>::new(text);
            assert_eq!(inline, text);
            assert_eq!(format!("{inline} {inline:?}"), format!("{text} {text:?}"));
        }
        assert!(std::panic::catch_unwind(|| Inline::<4>::new("abcde")).is_err());
    }
}
