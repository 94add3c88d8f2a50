//! Files like the kernel's, and not quite like them, for every table but the statistics.
//!
//! Whatever is made here has a defined meaning to the reference: where it would read memory that it never wrote, or that an
//! earlier line left behind, nothing is made or the line is left out (what we do there is said in `differences/`).

mod igmp;
mod inet;
mod ipv6_route;
mod legacy_routes;
mod legacy_sockets;
mod masquerade;
mod route;
mod sctp;
mod unix;

use netstat::scan::low32;

use super::case::{Case, Entry};
use super::random::Random;

/// A table and the command lines that show it.
pub struct Table {
    pub name: &'static str,
    pub case: fn(&mut Generator) -> Case,
}

/// All tables that are made here.
#[rustfmt::skip] // a table: one row a line
pub const TABLES: [Table; 20] = [
    Table { name: "inet", case: Generator::inet },
    Table { name: "unix", case: Generator::unix },
    Table { name: "igmp", case: Generator::igmp },
    Table { name: "sctp", case: Generator::sctp },
    Table { name: "ipx", case: Generator::ipx },
    Table { name: "ax25", case: Generator::ax25 },
    Table { name: "x25", case: Generator::x25 },
    Table { name: "netrom", case: Generator::netrom },
    Table { name: "rose", case: Generator::rose },
    Table { name: "route", case: Generator::route },
    Table { name: "rt_cache", case: Generator::rt_cache },
    Table { name: "ipv6_route", case: Generator::ipv6_route },
    Table { name: "ndisc", case: Generator::ndisc },
    Table { name: "masquerade", case: Generator::masquerade },
    Table { name: "ax25_route", case: Generator::ax25_route },
    Table { name: "nr_nodes", case: Generator::nr_nodes },
    Table { name: "rose_nodes", case: Generator::rose_nodes },
    Table { name: "ipx_route", case: Generator::ipx_route },
    Table { name: "atalk_route", case: Generator::atalk_route },
    Table { name: "x25_route", case: Generator::x25_route },
];

/// Makes files.
pub struct Generator {
    random: Random,
    /// Only what a kernel would write.
    strict: bool,
}

impl Generator {
    pub fn new(random: Random, strict: bool) -> Self {
        Self { random, strict }
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.random.below(choices.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    /// Never if only what a kernel writes is wanted.
    fn odd(&mut self, percent: usize) -> bool {
        !self.strict && self.percent(percent)
    }

    /// A number of so many bits, or of fewer.
    fn bits(&mut self, bits: u32) -> u64 {
        let number = match self.random.below(8) {
            0 => 0,
            1 => 1,
            2 => u64::MAX,
            3 => self.random.number() % 100,
            _ => self.random.number(),
        };
        number & (u64::MAX >> (64 - bits))
    }

    /// `%0WIDTHX` of a number of that many digits.
    fn hex(&mut self, width: u32) -> String {
        let number = self.bits(4 * width);
        format!("{number:0width$X}", width = width as usize)
    }

    fn lower_hex(&mut self, width: u32) -> String {
        self.hex(width).to_lowercase()
    }

    fn word32(&mut self) -> u32 {
        low32(self.bits(32))
    }

    /// A signed number of 32 bits.
    fn int(&mut self) -> i32 {
        self.word32().cast_signed()
    }

    /// A hexadecimal number as C reads them.
    fn odd_hex(&mut self) -> String {
        match self.random.below(9) {
            0 => format!("-{:X}", self.bits(20)),
            1 => format!("0x{:x}", self.bits(20)),
            2 => "+1".to_owned(),
            3 => "F".repeat(15 + self.random.below(6)),
            4 => "9".repeat(15 + self.random.below(11)),
            5 => format!("-{:x}", self.bits(64)),
            6 => "0x".to_owned(),
            _ => format!("{:X}", self.bits(64)),
        }
    }

    fn odd_decimal(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("-{}", self.bits(40)),
            1 => "+5".to_owned(),
            2 => "007".to_owned(),
            3 => "4294967295".to_owned(),
            4 => "2147483648".to_owned(),
            5 => "9".repeat(15 + self.random.below(11)),
            6 => format!("-{}", "9".repeat(15 + self.random.below(11))),
            _ => self.bits(64).to_string(),
        }
    }

    /// What does not scan.
    fn rubbish(&mut self) -> &'static str {
        self.one_of(&["", "x", "-", ":", "*", "g", "(", "\u{e9}"])
    }

    fn blank(&mut self) -> &'static str {
        if self.odd(10) {
            self.one_of(&["  ", "\t", "   ", "\x0b", "\r", "\x0c", " \t "])
        } else {
            " "
        }
    }

    /// Letters such as names have.
    fn word(&mut self) -> String {
        let length = [1, 2, 3, 5, 8, 9, 15, 16, 30, 60][self.random.below(10)];
        (0..length)
            .map(|_| char::from(b"abcxyz0129@/._-:,"[self.random.below(17)]))
            .collect()
    }

    /// A line, or what a slip of the pen makes of it.
    fn mutated(&mut self, mut line: String) -> String {
        if !line.is_ascii() || line.is_empty() {
            return line;
        }
        let at = self.random.below(line.len());
        match self.random.below(16) {
            0 if !self.strict => line.truncate(at),
            1 if !self.strict => line.insert_str(
                at,
                ["0", " ", ":", "\t", "x", "-", "(", ",", "*", "<", ">"][self.random.below(11)],
            ),
            2 if !self.strict => drop(line.remove(at)),
            _ => {}
        }
        line
    }

    fn lines(&mut self, most: usize, line: impl Fn(&mut Self) -> String) -> String {
        let mut file = String::new();
        for _ in 0..self.random.below(most + 1) {
            file += &line(self);
            file.push('\n');
        }
        if self.odd(5) {
            file.pop();
        }
        file
    }

    /// Files with a process that holds the sockets 10, 12, 77, 50001 and 60002.
    fn case(&mut self, files: Vec<(&str, String)>, command_lines: &[&str]) -> Case {
        let mut entries = vec![(
            "123/cmdline".to_owned(),
            Entry::File(b"/usr/bin/prog\0-x".to_vec()),
        )];
        for (descriptor, inode) in [10, 12, 77, 50001, 60002].into_iter().enumerate() {
            entries.push((
                format!("123/fd/{descriptor}"),
                Entry::Link(format!("socket:[{inode}]").into()),
            ));
        }
        for (name, text) in files {
            // A character of Latin-1 is a byte.
            let bytes = text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).unwrap())
                .collect();
            entries.push((name.to_owned(), Entry::File(bytes)));
        }
        Case {
            entries,
            command_lines: vec![self.one_of(command_lines).to_owned()],
        }
    }

    fn inode(&mut self) -> String {
        if self.percent(30) {
            self.one_of(&["10", "12", "77", "50001", "60002"])
                .to_owned()
        } else if self.odd(10) {
            self.odd_decimal()
        } else {
            self.bits(32).to_string()
        }
    }
}
