//! `/proc/net/sctp/{eps,assocs}` and `/proc/net/sctp6/…`: SCTP endpoints and associations.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Context;
use crate::error::{Error, Warning};
use crate::proc_root::Lines;
use crate::query::{SocketFilter, SocketQuery};
use crate::record::Record;
use crate::record::owner::Owners;
use crate::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
use crate::scan::{Scanner, hex_digit, is_space};

#[derive(Clone, Copy)]
enum List {
    Endpoints,
    Associations,
}

/// Lends endpoints (servers) and associations (connections) to the sink.
///
/// # Errors
/// A file of the first kind is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let (endpoints, associations) = match sockets.filter {
        SocketFilter::All => (true, true),
        SocketFilter::Listening => (true, false),
        SocketFilter::Connected => (false, true),
    };
    if endpoints {
        list(context, sockets, List::Endpoints)?;
    }
    if associations {
        list(context, sockets, List::Associations)?;
    }
    Ok(())
}

fn list(context: &mut Context<'_>, sockets: &SocketQuery, list: List) -> Result<(), Error> {
    let [inet, inet6] = match list {
        List::Endpoints => ["net/sctp/eps", "net/sctp6/eps"],
        List::Associations => ["net/sctp/assocs", "net/sctp6/assocs"],
    };
    let mut absent = false;
    if sockets.shows(sockets.inet) {
        match context.open_table(sockets, inet, "AF INET (sctp)")? {
            Some(lines) => read(context, list, lines)?,
            None => absent = true,
        }
    }
    if sockets.shows(sockets.inet6)
        && let Some(lines) = context.open_second_table(inet6)
    {
        read(context, list, lines)?;
    }
    context.require(sockets, absent)
}

fn read(context: &mut Context<'_>, list: List, mut lines: Lines<File>) -> Result<(), Error> {
    // The heading is dropped unseen.
    let _ = lines.next_line();
    while let Ok(Some(line)) = lines.next_line() {
        match list {
            List::Endpoints => match endpoint(line) {
                Some(mut endpoint) => {
                    endpoint.owners = context.programs.owners(endpoint.inode);
                    context.sink.record(&Record::SctpEndpoint(endpoint))?;
                }
                None => context.warn(&Warning::BogusLine("sctp eps"))?,
            },
            List::Associations => match association(line) {
                Some(mut association) => {
                    association.owners = context.programs.owners(association.inode);
                    context.sink.record(&Record::SctpAssociation(association))?;
                }
                None => context.warn(&Warning::BogusLine("sctp assoc"))?,
            },
        }
    }
    Ok(())
}

/// Parses a line of `eps`; `None` if it has fewer than eight fields.
pub fn endpoint(line: &[u8]) -> Option<SctpEndpoint> {
    let mut fields = Words { rest: line };
    let _endpoint = fields.next()?;
    let _socket = fields.next()?;
    let _style = fields.next()?;
    let state = fields.next()?;
    let _bucket = fields.next()?;
    let port = fields.next()?;
    let uid = fields.next()?;
    let inode = fields.next()?;
    let mut list = fields.rest;
    Some(SctpEndpoint {
        state: SctpState(number(state)),
        port: number(port),
        addresses: words_until(&mut list, b"\t\n").map(address).collect(),
        uid: number(uid).cast_unsigned(),
        inode: Scanner::new(inode).prefixed_long().unwrap_or(0),
        owners: Owners::NotSought,
    })
}

/// Parses a line of `assocs`; `None` if it has fewer than thirteen fields.
pub fn association(line: &[u8]) -> Option<SctpAssociation> {
    let mut fields = Words { rest: line };
    let _association = fields.next()?;
    let _socket = fields.next()?;
    let _style = fields.next()?;
    let state = fields.next()?;
    // The state of the association counts in numbers of SCTP's own, for which the reference has no names.
    let _association_state = fields.next()?;
    let _bucket = fields.next()?;
    let _id = fields.next()?;
    let send_queue = fields.next()?;
    let recv_queue = fields.next()?;
    let uid = fields.next()?;
    let inode = fields.next()?;
    let local_port = fields.next()?;
    let remote_port = fields.next()?;
    // "LOCAL… <-> REMOTE…" and a tab before the columns that follow.
    let mut lists = fields.rest;
    let local = address_list(&mut lists);
    let remote = address_list(&mut lists);
    Some(SctpAssociation {
        state: SctpState(number(state)),
        recv_queue: number(recv_queue).cast_unsigned(),
        send_queue: number(send_queue).cast_unsigned(),
        local_port: number(local_port),
        local,
        remote_port: number(remote_port),
        remote,
        uid: number(uid).cast_unsigned(),
        inode: Scanner::new(inode).prefixed_long().unwrap_or(0),
        owners: Owners::NotSought,
    })
}

/// The addresses of one side; a missing or empty list, on which the reference crashes, has none.
fn address_list(rest: &mut &[u8]) -> Vec<IpAddr> {
    words_until(rest, b"<->\t\n")
        // The primary path is starred.
        .map(|word| address(word.strip_prefix(b"*").unwrap_or(word)))
        .collect()
}

/// Skips delimiters and takes the words up to the next one.
fn words_until<'a>(rest: &mut &'a [u8], delimiters: &[u8]) -> Words<'a> {
    let delimiter = |byte: &u8| delimiters.contains(byte);
    let start = rest.iter().position(|byte| !delimiter(byte));
    let (_, list) = rest.split_at(start.unwrap_or(rest.len()));
    let end = list.iter().position(delimiter).unwrap_or(list.len());
    let (list, tail) = list.split_at(end);
    *rest = tail;
    Words { rest: list }
}

/// The words between blanks, tabs and newlines; the one that ends a word is no longer part of the rest.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let separator = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n');
        let start = self.rest.iter().position(|byte| !separator(byte))?;
        let (_, word) = self.rest.split_at(start);
        let end = word.iter().position(separator).unwrap_or(word.len());
        let (word, rest) = word.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        Some(word)
    }
}

/// C's `atoi`: 0 if there is no number.
fn number(word: &[u8]) -> i32 {
    Scanner::new(word).integer32().unwrap_or(0)
}

/// An address: IPv6 if there is a colon in it, else IPv4 in the tolerant notation of `inet_addr`, 255.255.255.255 if it is unreadable.
fn address(word: &[u8]) -> IpAddr {
    if word.contains(&b':') {
        IpAddr::V6(groups(word))
    } else {
        IpAddr::V4(inet_addr(word).unwrap_or(Ipv4Addr::BROADCAST))
    }
}

/// Eight groups of up to four digits; those that are missing or malformed, which the reference leaves to chance, are 0.
fn groups(word: &[u8]) -> Ipv6Addr {
    let mut segments = [0u16; 8];
    let mut rest = word;
    for segment in &mut segments {
        let digits = rest
            .iter()
            .take(4)
            .take_while(|byte| hex_digit(**byte).is_some())
            .count();
        if digits == 0 {
            break;
        }
        let (group, tail) = rest.split_at(digits);
        *segment = group
            .iter()
            .filter_map(|&byte| hex_digit(byte))
            .fold(0, |value, digit| (value << 4) | u16::from(digit));
        match tail.split_first() {
            Some((b':', tail)) => rest = tail,
            _ => break,
        }
    }
    Ipv6Addr::from(segments)
}

/// One to four numbers with dots between, each decimal, octal or hexadecimal by its prefix; the last fills the bytes that are left.
fn inet_addr(word: &[u8]) -> Option<Ipv4Addr> {
    let end = word
        .iter()
        .position(|&byte| is_space(byte))
        .unwrap_or(word.len());
    let (word, _) = word.split_at(end);
    let mut leading = 0u32;
    let mut shift = 32u32;
    let mut parts = word.split(|&byte| byte == b'.').peekable();
    while let Some(part) = parts.next() {
        let value = inet_number(part)?;
        if parts.peek().is_none() {
            let room = u64::from(u32::MAX) >> (32 - shift);
            let value = u32::try_from(value).ok().filter(|_| value <= room)?;
            return Some(Ipv4Addr::from(leading | value));
        }
        shift = shift.checked_sub(8).filter(|&shift| shift > 0)?;
        leading |= u32::from(u8::try_from(value).ok()?) << shift;
    }
    None
}

/// A number that begins with a digit and ends with the text.
fn inet_number(text: &[u8]) -> Option<u64> {
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
        digits => (digits, 10),
    };
    if !digits.first()?.is_ascii_hexdigit() {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_inet_addr() {
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("1.2.3", "1.2.0.3"),
            ("0x1.2", "1.0.0.2"),
            ("010.1.1.1", "8.1.1.1"),
            ("1.65536", "1.1.0.0"),
            ("4294967295", "255.255.255.255"),
            ("0", "0.0.0.0"),
            ("1.2.3.4\r", "1.2.3.4"),
            ("1.2.3.4.5", "255.255.255.255"),
            ("256.1.1.1", "255.255.255.255"),
            ("1.2.3.256", "255.255.255.255"),
            ("1.2.", "255.255.255.255"),
            ("08.1", "255.255.255.255"),
            ("0x", "255.255.255.255"),
            ("+1", "255.255.255.255"),
            ("4294967296", "255.255.255.255"),
            ("*1.2.3.4", "255.255.255.255"),
            ("", "255.255.255.255"),
            ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("2001:0db8", "2001:db8::"),
            ("20011:0db8", "2001::"),
            (":1", "::"),
        ] {
            assert_eq!(
                address(text.as_bytes()),
                expected.parse::<IpAddr>().unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn lists_may_be_missing() {
        let line = |tail: &str| {
            let line = format!("1 2 3 4 3 0 123 11 22 0 60002 36412 50000{tail}\n");
            let association = association(line.as_bytes()).unwrap();
            let texts = |list: Vec<IpAddr>| {
                list.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            (texts(association.local), texts(association.remote))
        };
        let both = ("1.2.3.4".to_owned(), "5.6.7.8 9.9.9.9".to_owned());
        assert_eq!(line(" 1.2.3.4 <-> *5.6.7.8 9.9.9.9 \t 7500 5"), both);
        assert_eq!(line("\t\t1.2.3.4\t\t5.6.7.8 *9.9.9.9\t\t"), both);
        assert_eq!(line("  <-> 1.2.3.4"), (String::new(), "1.2.3.4".to_owned()));
        assert_eq!(line(" 1.2.3.4 <-> "), ("1.2.3.4".to_owned(), String::new()));
        assert_eq!(line(""), (String::new(), String::new()));
        assert_eq!(association(b"1 2 3 4 3 0 123 11 22 0 60002 36412\n"), None);
        assert_eq!(endpoint(b"a b 2 10 29 1 2\n"), None);
    }
}
