//! The letters of route flags: for each kind of table which bit prints what, in the order of printing.

use crate::record::{Value, Visitor};

/// A flag and its letters.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    bit: u32,
    letters: &'static str,
    /// Takes the place of all letters before it instead of following them.
    replaces: bool,
}

const fn flag(bit: u32, letters: &'static str) -> Flag {
    Flag {
        bit,
        letters,
        replaces: false,
    }
}

const fn replacing(bit: u32, letters: &'static str) -> Flag {
    Flag {
        bit,
        letters,
        replaces: true,
    }
}

/// The route is usable (RTF_UP).
pub const UP: u32 = 0x1;

/// The route leads through a router (RTF_GATEWAY).
pub const GATEWAY: u32 = 0x2;

/// The route refuses packets (RTF_REJECT).
pub const REJECT: u32 = 0x200;

/// The route leads to a single host (RTF_HOST).
pub const HOST: u32 = 0x4;

/// The line is a clone in the cache of IPv6 routes (RTF_CACHE).
pub const CACHE: u32 = 0x100_0000;

/// `/proc/net/route`.
pub const INET: &[Flag] = &as_inet(replacing(REJECT, "!"));

/// `/proc/net/atalk_route`: as [`INET`], but "!" follows.
pub const APPLETALK: &[Flag] = &as_inet(flag(REJECT, "!"));

const fn as_inet(reject: Flag) -> [Flag; 20] {
    [
        flag(0x1, "U"),
        flag(0x2, "G"),
        reject,
        flag(0x4, "H"),
        flag(0x8, "R"),
        flag(0x10, "D"),
        flag(0x20, "M"),
        flag(0x1_0000, "d"),
        flag(0x2_0000, "a"),
        flag(0x4_0000, "c"),
        flag(0x20_0000, "o"),
        flag(0x40_0000, "e"),
        flag(0x100_0000, "c"),
        flag(0x200_0000, "f"),
        flag(0x400_0000, "p"),
        flag(0x8000_0000, "l"),
        flag(0x40, "u"),
        flag(0x80, "w"),
        flag(0x100, "i"),
        flag(0x400, "n"),
    ]
}

/// `/proc/net/rt_cache` of Linux 2.0.
pub const CACHE_2_0: &[Flag] = &[
    flag(0x1, "U"),
    flag(0x4, "H"),
    flag(0x2, "G"),
    replacing(REJECT, "!"),
    flag(0x8, "R"),
    flag(0x10, "D"),
    flag(0x20, "M"),
    flag(0x1_0000, "n"),
    flag(0x2_0000, "d"),
    flag(0x8_0000, "t"),
    flag(0x20_0000, "f"),
    flag(0x40_0000, "q"),
    flag(0x80_0000, "Ns"),
    flag(0x100_0000, "r"),
    flag(0x400_0000, "i"),
    flag(0x800_0000, "Nd"),
    flag(0x1000_0000, "b"),
    flag(0x2000_0000, "m"),
    flag(0x4000_0000, "#"),
    flag(0x8000_0000, "l"),
];

/// `/proc/net/rt_cache` of Linux 2.2 and later.
pub const CACHE_2_2: &[Flag] = &[
    flag(0x2, "G"),
    replacing(REJECT, "!"),
    flag(0x8, "R"),
    flag(0x10, "D"),
    flag(0x20, "M"),
    flag(0x1, "-"),
    flag(0x4, "o"),
    flag(0x1_0000, "n"),
    flag(0x2_0000, "d"),
    flag(0x8_0000, "t"),
    flag(0x20_0000, "f"),
    flag(0x40_0000, "q"),
    flag(0x80_0000, "Ns"),
    flag(0x100_0000, "r"),
    flag(0x400_0000, "i"),
    flag(0x800_0000, "Nd"),
    flag(0x1000_0000, "b"),
    flag(0x2000_0000, "m"),
    flag(0x4000_0000, "#"),
    flag(0x8000_0000, "l"),
];

/// `/proc/net/ipv6_route`.
pub const INET6: &[Flag] = &[
    flag(0x1, "U"),
    flag(REJECT, "!"),
    flag(0x2, "G"),
    flag(0x4, "H"),
    flag(0x1_0000, "D"),
    flag(0x4_0000, "A"),
    flag(CACHE, "C"),
    flag(0x2_0000, "a"),
    flag(0x40_0000, "e"),
    flag(0x20, "m"),
    flag(0x20_0000, "n"),
    flag(0x200_0000, "f"),
];

/// `/proc/net/ndisc`: flags of neighbours, not of routes.
pub const NEIGHBOUR: &[Flag] = &[
    flag(0x80, "R"),
    flag(0x04, "x"),
    flag(0x02, "h"),
    flag(0x08, "P"),
];

/// The words that jc has for letters, by the flags that they stand for in all tables of routes.
const WORDS: [(u32, &str); 7] = [
    (UP, "UP"),
    (0x2, "GATEWAY"),
    (HOST, "HOST"),
    (0x8, "REINSTATE"),
    (0x10, "DYNAMIC"),
    (0x20, "MODIFIED"),
    (REJECT, "REJECT"),
];

/// The words for flags of IPv6 alone: those of linux/ipv6_route.h.
pub const INET6_WORDS: [(u32, &str); 7] = [
    (0x1_0000, "DEFAULT"),
    (0x2_0000, "ALLONLINK"),
    (0x4_0000, "ADDRCONF"),
    (0x20_0000, "NONEXTHOP"),
    (0x40_0000, "EXPIRES"),
    (CACHE, "CACHE"),
    (0x200_0000, "FLOW"),
];

/// Visits `flags` as letters, as words, and as a number. `more_words` are those of the flags that only this table has.
pub fn fields(
    flags: u32,
    table: &[Flag],
    more_words: &[(u32, &'static str)],
    visit: &mut Visitor<'_>,
) {
    let mut letters = Vec::new();
    append(&mut letters, flags, table);
    visit("route_flags", Value::Text(&letters));
    // Words go with letters: a flag that takes the place of others does so here too.
    let shown = table.iter().filter(|flag| flags & flag.bit != 0);
    let last = shown
        .clone()
        .enumerate()
        .filter(|(_, flag)| flag.replaces)
        .last();
    let shown = shown.skip(last.map_or(0, |(place, _)| place));
    visit(
        "route_flags_pretty",
        Value::List(&|each| {
            for flag in shown.clone() {
                let words = WORDS.iter().chain(more_words);
                for (_, word) in words.filter(|(bit, _)| *bit == flag.bit) {
                    each(Value::Word(word));
                }
            }
        }),
    );
    visit("route_flags_num", Value::Unsigned(flags.into()));
}

/// Appends the letters of `flags`.
pub fn append(text: &mut Vec<u8>, flags: u32, table: &[Flag]) {
    let start = text.len();
    // A route has few flags, and most of those are at the beginning of the table.
    let mut left = flags;
    for flag in table {
        if left == 0 {
            break;
        }
        left &= !flag.bit;
        if flags & flag.bit != 0 {
            if flag.replaces {
                text.truncate(start);
            }
            text.extend_from_slice(flag.letters.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_come_in_the_order_of_the_reference() {
        for (table, flags, expected) in [
            (INET, 0, ""),
            (INET, 0x3, "UG"),
            (INET, 0x205, "!H"),
            (INET, 0xffff_ffff, "!HRDMdacoecfpluwin"),
            (INET, 0xffff_fdff, "UGHRDMdacoecfpluwin"),
            (APPLETALK, 0x203, "UG!"),
            (CACHE_2_0, 0x5, "UH"),
            (CACHE_2_0, 0xffff_ffff, "!RDMndtfqNsriNdbm#l"),
            (CACHE_2_2, 0xffff_ffff, "!RDM-ondtfqNsriNdbm#l"),
            (INET6, 0x8020_0001, "Un"),
            (INET6, 0xffff_ffff, "U!GHDACaemnf"),
            (NEIGHBOUR, 0xff, "RxhP"),
        ] {
            let mut text = b"before ".to_vec();
            append(&mut text, flags, table);
            assert_eq!(
                String::from_utf8(text).unwrap(),
                format!("before {expected}")
            );
        }
    }
}
