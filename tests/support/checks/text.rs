//! What text becomes on its way into a row.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use netstat::collect::interfaces::name::InterfaceName;
use netstat::printable;
use netstat::shown::{address, column};

/// Whether a character is to be shown as dots: it is a control character, or one that hides text or turns it round, as
/// docs/differences.md lists them.
fn is_dotted(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}')
        || matches!(char, '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns keep every byte, `printable` keeps the length and what is printable, names have an order, addresses read back.
pub fn text(data: &[u8]) {
    let Some((&[width, cut], data)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (width, cut) = (usize::from(width), usize::from(cut));

    let mut shown = b"before".to_vec();
    printable::append(&mut shown, data);
    let shown = shown.strip_prefix(b"before").expect("what was in the row");
    assert_eq!(shown.len(), data.len());
    assert!(control_byte(shown).is_none() && !shown.contains(&b'\n'));
    for (&shown, &byte) in shown.iter().zip(data) {
        assert!(shown == byte || (shown == b'.' && !(0x20..0x7f).contains(&byte)));
    }
    let mut again = Vec::new();
    printable::append(&mut again, shown);
    assert_eq!(again, shown);
    if let Ok(text) = std::str::from_utf8(data) {
        let dots = |char: char| ".".repeat(char.len_utf8());
        let expected = text.chars().map(|char| match is_dotted(char) {
            true => dots(char),
            false => char.into(),
        });
        assert_eq!(shown, expected.collect::<String>().as_bytes());
    }

    let (mut left, mut right) = (Vec::new(), Vec::new());
    column::left(&mut left, data, width);
    column::right(&mut right, data, width);
    assert!(left.starts_with(data) && right.ends_with(data));
    assert_eq!(
        (left.len(), right.len()),
        (width.max(data.len()), width.max(data.len()))
    );
    assert!(
        left[data.len()..]
            .iter()
            .chain(&right[..right.len() - data.len()])
            .all(|&byte| byte == b' ')
    );
    assert!(data.starts_with(column::cut(data, cut)));

    fit(data, cut);
    if let Some(octets) = data.first_chunk::<16>() {
        number(IpAddr::V6(Ipv6Addr::from(*octets)));
        let [a, b, c, d, ..] = *octets;
        number(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
    }
    let mut names = data
        .split(|&byte| byte == b'\n')
        .take(3)
        .map(InterfaceName::new);
    if let (Some(a), Some(b), Some(c)) = (names.next(), names.next(), names.next()) {
        order(&a, &b, &c);
    }
}

/// An address that is not cut is read back as the same.
fn number(given: IpAddr) {
    let mut row = Vec::new();
    address::number(&mut row, given);
    let read: IpAddr = std::str::from_utf8(&row).unwrap().parse().unwrap();
    assert_eq!(read, given.to_canonical());
}

/// Host and port share a column: each is cut at its end, and neither more than needed.
fn fit(data: &[u8], at: usize) {
    let (host, port) = data.split_at(at.min(data.len()));
    for wide in [false, true] {
        let mut row = [b"before ", host, b":", port].concat();
        let start = b"before ".len();
        address::fit(&mut row, start, start + host.len(), wide);
        let shown = row.strip_prefix(b"before ").expect("what was in the row");
        let whole = [host, b":", port].concat();
        if wide {
            assert_eq!(shown, &whole[..whole.len().min(127)]);
            continue;
        }
        if host.len() + port.len() <= 22 {
            assert_eq!(shown, whole);
            continue;
        }
        let port = &port[..port.len().min(18)];
        let host = &host[..host.len().min(22 - port.len())];
        assert_eq!(shown, [host, b":", port].concat());
    }
}

/// The laws of a total order that agrees with equality.
pub fn order(a: &InterfaceName, b: &InterfaceName, c: &InterfaceName) {
    assert_eq!(a.cmp(b), b.cmp(a).reverse());
    assert_eq!(a.cmp(b).is_eq(), a == b);
    if a <= b && b <= c {
        assert!(a <= c);
    }
}

/// Where a byte other than a newline could steer a terminal.
pub(super) fn control_byte(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\n' {
                return Some(at);
            }
            at += character.len_utf8();
        }
        // A character that was cut at the end of its column is no control byte, whatever its last byte.
        if chunk.invalid().first().is_some_and(|&byte| byte < 0xa0) {
            return Some(at);
        }
        at += chunk.invalid().len();
    }
    None
}
