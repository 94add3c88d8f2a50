//! Which bytes may reach a terminal, of text that others choose: names of processes, sockets, hosts, interfaces.
//!
//! Text, JSON and messages ask this one place. Two kinds of characters are hidden:
//! - what a terminal obeys: bytes below 0x20, 0x7F, and the C1 controls 0x80 to 0x9F, as single bytes that are not part of valid UTF-8 or in
//!   their UTF-8 form (CVE-2024-58251, CVE-2022-28391);
//! - what hides text or turns it round, so that one name reads as another ([`deceives`]).
//!
//! Everything else stays as it is.

/// A stretch of text that is treated alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Printable characters.
    Plain(&'a str),
    /// A character that is not to reach a terminal.
    Hidden(char),
    /// Bytes that are not UTF-8.
    Invalid(&'a [u8]),
}

/// Whether a character changes how the text around it is shown without being seen itself: controls of the direction of writing (Unicode
/// Standard Annex 9), characters of no width, separators of lines and paragraphs, and tags.
fn deceives(character: char) -> bool {
    matches!(
        character,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Takes text apart.
pub fn pieces(text: &[u8], mut each: impl FnMut(Piece<'_>)) {
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some((at, character)) = rest
            .char_indices()
            .find(|&(_, character)| character.is_control() || deceives(character))
        {
            let (plain, from) = rest.split_at_checked(at).unwrap_or_default();
            if !plain.is_empty() {
                each(Piece::Plain(plain));
            }
            each(Piece::Hidden(character));
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        if !rest.is_empty() {
            each(Piece::Plain(rest));
        }
        if !chunk.invalid().is_empty() {
            each(Piece::Invalid(chunk.invalid()));
        }
    }
}

/// Appends text with a `.` for each byte that is not to reach a terminal. Lengths do not change, so columns keep their places.
pub fn append(row: &mut Vec<u8>, text: &[u8]) {
    if text.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
        row.extend_from_slice(text);
        return;
    }
    pieces(text, |piece| match piece {
        Piece::Plain(plain) => row.extend_from_slice(plain.as_bytes()),
        Piece::Hidden(character) => row.resize(row.len() + character.len_utf8(), b'.'),
        Piece::Invalid(bytes) => row.extend(
            bytes
                .iter()
                .map(|&byte| if byte < 0xa0 { b'.' } else { byte }),
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &[u8]) -> Vec<u8> {
        let mut row = Vec::new();
        append(&mut row, text);
        assert_eq!(row.len(), text.len());
        row
    }

    #[test]
    fn control_bytes_become_dots() {
        assert_eq!(shown(b"plain \xa0\xff"), b"plain \xa0\xff");
        assert_eq!(shown(b"\x1b[31m\x7f\0\n"), b".[31m...");
        assert_eq!(shown("é\u{85}ü€".as_bytes()), "é..ü€".as_bytes());
        assert_eq!(shown(b"\x9b31m"), b".31m");
        // 0x9f inside a valid character stays.
        assert_eq!(shown("😀\n".as_bytes()), "😀.".as_bytes());
    }

    #[test]
    fn what_hides_or_turns_text_becomes_dots() {
        let hidden = (0x202a..=0x202e)
            .chain(0x2066..=0x2069)
            .chain(0x200b..=0x200f)
            .chain(0xe0000..=0xe007f)
            .chain([0x61c, 0x2060, 0xfeff, 0x2028, 0x2029]);
        for code in hidden {
            let character = char::from_u32(code).unwrap();
            let text = format!("a{character}b");
            let dots = ".".repeat(character.len_utf8());
            assert_eq!(shown(text.as_bytes()), format!("a{dots}b").as_bytes());
        }
        for neighbour in [
            0x61b, 0x61d, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f, 0x2061, 0x2065, 0x206a, 0xfefe,
            0xff01, 0xdffff, 0xe0080,
        ] {
            let character = char::from_u32(neighbour).unwrap().to_string();
            assert_eq!(shown(character.as_bytes()), character.as_bytes());
        }
    }
}
