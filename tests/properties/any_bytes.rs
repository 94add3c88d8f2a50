//! What holds for any bytes.

use std::path::Path;
use std::sync::LazyLock;

use netstat::collect::igmp::GroupParser;
use netstat::collect::legacy::{ax25, ipx, netrom, rose, x25};
use netstat::collect::{sctp, unix};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::hold;
use crate::support::checks;

/// One change to a file.
#[derive(Clone, Debug)]
pub enum Edit {
    Replace(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    End(Index),
}

impl Edit {
    pub fn apply(self, bytes: &mut Vec<u8>) {
        let at = |index: Index, bytes: &[u8]| index.index(bytes.len() + 1);
        match self {
            Edit::Replace(index, with) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + with.len());
                bytes.splice(at..end, with);
            }
            Edit::Insert(index, with) => {
                let at = at(index, bytes);
                bytes.splice(at..at, with);
            }
            Edit::Remove(index, length) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + length);
                bytes.drain(at..end);
            }
            Edit::Repeat(index, length) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + length);
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            Edit::End(index) => bytes.truncate(at(index, bytes)),
        }
    }
}

/// What makes parsers stumble.
fn token() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(vec![
            &b""[..],
            b" ",
            b"\n",
            b"\t",
            b":",
            b"/",
            b"-",
            b"+",
            b"0x",
            b"\0",
            b"\r",
            b"\x0b",
            b"*",
            b"<->",
            b"(nil)",
            b"\xff",
            b"\xff\xff",
            b"\x9b",
            b"\xc2\x9b",
            b"\xe2\x82\xac",
            b"\x1b[2J",
            b"%s%n",
            b"-1",
            b"0",
            b"00000000",
            b"FFFFFFFF",
            b"80000000",
            b"18446744073709551615",
            b"18446744073709551616",
            b"-9223372036854775809",
            b"0.0.0.0",
            b"::",
            b"a-very-long-name-that-fits-no-column",
        ])
        .prop_map(<[u8]>::to_vec),
        vec(any::<u8>(), 1..8),
        (any::<u8>(), 1..3000usize).prop_map(|(byte, count)| vec![byte; count]),
    ]
}

pub fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<Index>(), token()).prop_map(|(at, with)| Edit::Replace(at, with)),
        4 => (any::<Index>(), token()).prop_map(|(at, with)| Edit::Insert(at, with)),
        2 => (any::<Index>(), 1..60usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (any::<Index>(), 1..200usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        1 => any::<Index>().prop_map(Edit::End),
    ]
}

static SEEDS: LazyLock<Vec<checks::Seed>> =
    LazyLock::new(|| checks::seeds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")));

/// Damaged seeds of a check, and bytes that were never anything.
fn inputs(name: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds: Vec<&'static [u8]> = SEEDS
        .iter()
        .filter(|seed| seed.check == name)
        .map(|seed| seed.input.as_slice())
        .collect();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    prop_oneof![
        1 => vec(any::<u8>(), 0..600),
        2 => vec(token(), 0..60).prop_map(|tokens| tokens.concat()),
        6 => (select(seeds), any::<u8>(), vec(edit(), 1..8)).prop_map(|(seed, choice, edits)| {
            let mut bytes = seed.to_vec();
            for edit in edits {
                edit.apply(&mut bytes);
            }
            // The first byte chooses the command line.
            if let Some(first) = bytes.first_mut() {
                *first = choice;
            }
            bytes
        }),
    ]
}

fn checked(name: &'static str) {
    hold(160, inputs(name), |input| checks::check(name, &input));
}

macro_rules! checked {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                checked(stringify!($name));
            }
        )*

        #[test]
        fn all_tables() {
            let checked = [$(stringify!($name)),*];
            for tables in checks::TABLES {
                assert!(checked.contains(&tables.name), "{}", tables.name);
            }
        }
    };
}

checked! {
    inet unix igmp sctp legacy_sockets route rt_cache ipv6_route masquerade legacy_routes interfaces statistics
    programs control_groups mounts lines text datagram command_line
}

/// Lines of 64 KiB, numbers of a million digits, a hundred thousand words.
#[test]
fn size_is_no_trouble() {
    for tables in checks::TABLES {
        let heading = SEEDS
            .iter()
            .find(|seed| seed.check == tables.name)
            .and_then(|seed| {
                seed.input[1..]
                    .split_inclusive(|&byte| byte == b'\n')
                    .next()
            })
            .unwrap_or_default();
        for body in [
            vec![b'x'; 64 * 1024],
            vec![b' '; 64 * 1024],
            vec![0; 64 * 1024],
            [b"1: ".to_vec(), vec![b'9'; 1_000_000]].concat(),
            b"1 ".repeat(100_000),
            b"1:1 ".repeat(50_000),
            b"\n".repeat(20_000),
        ] {
            let file = [heading, &body].concat();
            let input = [
                &[0][..],
                &vec![file; tables.files.len()].join(checks::SEPARATOR),
            ]
            .concat();
            checks::tables(tables, &input);
        }
    }
}

/// Bytes at random, and bytes that scanners look for.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let likely = select(b"0123456789abcdefABCDEF xX+-:/.,<>*()nil\t\n\0".to_vec());
    vec(prop_oneof![8 => likely, 1 => any::<u8>()], 0..200)
}

/// The parsers of unix, SCTP, groups and the old families.
#[test]
fn parsers_do_not_panic() {
    hold(256, (line(), line()), |(line, second)| {
        let _ = unix::parse(&line, true);
        let _ = sctp::endpoint(&line);
        let _ = sctp::association(&line);
        let _ = ax25::parse(&line);
        let _ = ax25::parse_columns(&line);
        let _ = ipx::parse(&line);
        let _ = netrom::parse(&line);
        let _ = rose::parse(&line);
        let _ = x25::parse(&line);
        let heading = [b"Idx\tDevice".as_slice(), &second].concat();
        for first in [&second, &heading] {
            let mut groups = GroupParser::default();
            let _ = groups.line(0, first);
            let _ = groups.line(1, &line);
            let _ = groups.line(2, &second);
        }
    });
}

/// The words of an SCTP line are enough to make addresses of: eight fields, thirteen fields and what follows.
#[test]
fn sctp_addresses_do_not_panic() {
    hold(256, line(), |tail| {
        for fields in ["1 2 3 4 5 6 7 8 ", "1 2 3 4 5 6 7 8 9 10 11 12 13 "] {
            let line = [fields.as_bytes(), &tail].concat();
            assert!(sctp::endpoint(&line).is_some());
            let _ = sctp::association(&line);
        }
    });
}
