//! Files like the kernel's, and not quite like them, for every table but the statistics.
//!
//! Whatever is made here has a defined meaning to the reference: where it would read memory that it never wrote, or that an
//! earlier line left behind, nothing is made or the line is left out (what we do there is said in `differences*.rs`).

use netstat::scan::{Scanner, low32};

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

    // Sockets.

    fn socket_address(&mut self, v6: bool) -> String {
        let mut word = || match self.random.below(10) {
            0..3 => "00000000".to_owned(),
            3 => "0000FFFF".to_owned(),
            4 => "FFFF0000".to_owned(),
            5 => "0100007F".to_owned(),
            6 => "B80D0120".to_owned(),
            7 => "01000000".to_owned(),
            _ => self.hex(8),
        };
        if v6 {
            (0..4).map(|_| word()).collect()
        } else {
            word()
        }
    }

    /// `%0WIDTHX`, or not quite.
    fn field(&mut self, width: u32) -> String {
        if self.odd(15) {
            self.odd_hex()
        } else {
            self.hex(width)
        }
    }

    fn inet_line(&mut self, v6: bool) -> String {
        let state = self.one_of(&[
            "01", "02", "03", "04", "05", "06", "07", "08", "09", "0A", "0B",
        ]);
        let timer = self.one_of(&["00", "01", "02", "03", "04"]);
        let number = if self.odd(10) {
            self.odd_decimal()
        } else {
            self.random.below(99999).to_string()
        };
        let remote_port = if self.percent(30) {
            "0000".to_owned()
        } else {
            self.field(4)
        };
        let (local, remote) = (self.socket_address(v6), self.socket_address(v6));
        let mut parts: Vec<String> = vec![
            format!("{number:>4}"),
            ": ".into(),
            local,
            ":".into(),
            self.field(4),
        ];
        parts.extend([
            " ".into(),
            remote,
            ":".into(),
            remote_port,
            " ".into(),
            state.into(),
            " ".into(),
        ]);
        parts.extend([
            self.field(8),
            ":".into(),
            self.field(8),
            " ".into(),
            timer.into(),
            ":".into(),
        ]);
        parts.extend([self.field(8), " ".into(), self.field(8), " ".into()]);
        let uid = if self.odd(10) {
            self.odd_decimal()
        } else {
            self.bits(32).to_string()
        };
        let timeout = if self.odd(10) {
            self.odd_decimal()
        } else {
            self.random.below(20).to_string()
        };
        parts.extend([
            format!("{uid:>5}"),
            " ".into(),
            format!("{timeout:>8}"),
            " ".into(),
            self.inode(),
        ]);
        // What is missing from the eleventh field on is what the line before had.
        let kept = parts.len() - 8;
        match self.random.below(20) {
            0 if !self.strict => {
                parts[self.random.below(kept)] = self
                    .one_of(&["", " ", ":", "  ", "\t", "zz", "\x0b"])
                    .to_owned()
            }
            1 if !self.strict => drop(parts.remove(self.random.below(kept))),
            2 if !self.strict => parts.truncate(self.random.below(kept - 4)),
            _ => parts.push(
                self.one_of(&["", " 1 ffff8880040a0000 100 0 0 10 0", " x"])
                    .to_owned(),
            ),
        }
        parts.concat()
    }

    fn inet(&mut self) -> Case {
        let mut files = Vec::new();
        for name in [
            "net/tcp",
            "net/tcp6",
            "net/udp",
            "net/udp6",
            "net/udplite",
            "net/udplite6",
            "net/raw",
            "net/raw6",
        ] {
            if !self.percent(90) {
                continue;
            }
            let v6 = name.ends_with('6');
            let mut file = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned();
            for _ in 0..self.random.below(6) {
                let line = self.inet_line(v6);
                if inet_line_is_whole_or_bogus(&line) {
                    file += &line;
                    file.push('\n');
                }
            }
            files.push((name, file));
        }
        self.case(
            files,
            &[
                "-tuUwan",
                "-tuUwn",
                "-tuUwln",
                "-tuUwanW",
                "-tan",
                "-tuUwanv",
                "-tuUwan4",
                "-tuUwan6",
                "-tuUwlnW6",
                "-tuUwaneo",
                "-tuUwanpo",
                "-n",
                "-lne",
            ],
        )
    }

    fn unix_line(&mut self) -> String {
        let number = |generator: &mut Self, choices: &[&str]| {
            if generator.odd(4) {
                generator.rubbish().to_owned()
            } else if generator.odd(15) {
                generator.odd_hex()
            } else {
                generator.one_of(choices).to_owned()
            }
        };
        let mut line = if self.odd(20) {
            self.one_of(&[
                "(nil)", "(NIL)", "0xabc", "(nill)", " (nil)", "12", "+1", "-(nil)",
            ])
            .to_owned()
        } else {
            "0000000000000000".to_owned()
        };
        line += if self.odd(8) {
            self.one_of(&[" :", "::", ""])
        } else {
            ":"
        };
        line += self.blank();
        for choices in [
            &["00000002", "00000003", "00000000", "FFFFFFFF"][..],
            &["00000000"],
            &["00000000", "00010000", "00020000", "00030000", "00040000"],
            &["0001", "0002", "0003", "0004", "0005", "0006", "0007"],
            &["00", "01", "02", "03", "04", "05"],
        ] {
            line += &number(self, choices);
            line += if self.odd(10) {
                self.one_of(&["  ", "\t"])
            } else {
                " "
            };
        }
        line += &format!("{:>5}", self.inode());
        if self.percent(70) {
            line += self.blank();
            line += &match self.random.below(4) {
                0 => format!("/run/{}", self.word()),
                1 => format!("@{}", self.word()),
                2 if !self.strict => format!("{} {}", self.word(), self.word()),
                _ => format!("/tmp/{}", self.word()),
            };
        }
        self.mutated(line)
    }

    fn unix(&mut self) -> Case {
        let heading = "Num       RefCount Protocol Flags    Type St Inode Path\n";
        let heading = if self.odd(20) {
            self.one_of(&[
                "Num RefCount Protocol Flags Type St Path\n",
                "xInodex\n",
                "\n",
            ])
        } else {
            heading
        };
        let mut file = heading.to_owned();
        for _ in 0..self.random.below(8) {
            let line = self.unix_line();
            // Without an inode the one of the line before is shown.
            if unix_has_inode_or_is_bogus(&line) {
                file += &line;
                file.push('\n');
            }
        }
        self.case(
            vec![("net/unix", file)],
            &[
                "-x", "-xa", "-xl", "-xp", "-xae", "-xoW", "-xlv", "-n", "-an",
            ],
        )
    }

    fn device(&mut self) -> String {
        if self.percent(15) {
            return self.word();
        }
        self.one_of(&[
            "lo",
            "eth0",
            "eth1.100",
            "wlan0",
            "aaaaaaaaaaaaaaa",
            "aaaaaaaaaaaaaa",
            "abc:def",
            "x:y:z",
            "verylonginterface0",
        ])
        .to_owned()
    }

    fn igmp4(&mut self) -> String {
        let mut file = if self.odd(25) {
            self.one_of(&[
                "Device    : Count\n",
                "xDevice\n",
                " IdxDevice\n",
                "IdxDevice\n",
            ])
        } else {
            "Idx\tDevice    : Count Querier\tReporter\n"
        }
        .to_owned();
        let indexed = file.starts_with("Idx");
        for _ in 0..self.random.below(8) {
            if self.percent(40) {
                let index = if self.odd(5) {
                    self.rubbish().to_owned()
                } else {
                    self.random.below(20).to_string()
                };
                let index = if indexed || self.odd(10) {
                    index + self.one_of(&["\t", " ", "\t\t", "  "])
                } else {
                    self.one_of(&["", "  "]).to_owned()
                };
                let line = format!(
                    "{index}{:<10}: {:5}      V3",
                    self.device(),
                    self.random.below(9)
                );
                // A short line leaves some of the name before.
                if line.len() >= 26 {
                    file += &line;
                    file.push('\n');
                }
            } else {
                let group = if self.odd(20) {
                    "A".repeat(1 + self.random.below(12))
                } else {
                    self.hex(8)
                };
                let users = if self.odd(10) {
                    self.odd_decimal()
                } else {
                    self.random.below(9).to_string()
                };
                let line = format!("\t\t\t\t{group} {users:>5} 0:00000000\t\t0");
                let line = self.mutated(line);
                if !line.starts_with('\t') && line.len() < 26 {
                    // It is one of a device, and short.
                    continue;
                }
                file += &line;
                file.push('\n');
            }
        }
        file
    }

    fn igmp6(&mut self) -> String {
        let mut file = String::new();
        for _ in 0..self.random.below(8) {
            let group = match self.random.below(6) {
                0 => format!("ff02{}{}", "0".repeat(24), self.lower_hex(4)),
                1 if !self.strict => self.lower_hex(8).repeat(4 + self.random.below(4)),
                2 => format!("{}ffff{}", "0".repeat(20), self.lower_hex(8)),
                _ => (0..4).map(|_| self.lower_hex(8)).collect(),
            };
            let users = if self.odd(10) {
                self.odd_decimal()
            } else {
                self.random.below(9).to_string()
            };
            let index = if self.odd(10) {
                self.odd_decimal()
            } else {
                self.random.below(9).to_string()
            };
            let line = format!(
                "{index:<4} {:<15} {group} {users:>5} 0000000C 0",
                self.device()
            );
            let line = self.mutated(line);
            if igmp6_is_whole_or_bogus(&line) {
                file += &line;
                file.push('\n');
            }
        }
        file
    }

    fn igmp(&mut self) -> Case {
        let mut files = Vec::new();
        if self.percent(93) {
            files.push(("net/igmp", self.igmp4()));
        }
        if self.percent(90) {
            files.push(("net/igmp6", self.igmp6()));
        }
        self.case(files, &["-gn", "-g4n", "-g6n", "-gan", "-gxn"])
    }

    fn sctp_address(&mut self) -> String {
        if self.odd(25) {
            return self
                .one_of(&[
                    "1.2.3",
                    "10",
                    "0x7f.1",
                    "010.1.1.1",
                    "256.1.1.1",
                    "1.2.3.4.5",
                    "4294967296",
                    "1.65536",
                    "1..2",
                    ".1",
                    "1.",
                    "0x",
                    "-1",
                    "+1",
                ])
                .to_owned();
        }
        if self.percent(70) {
            let [a, b, c, d] = self.word32().to_be_bytes();
            return format!("{a}.{b}.{c}.{d}");
        }
        let mut group = || {
            if self.percent(60) {
                "0000".to_owned()
            } else {
                self.lower_hex(4)
            }
        };
        let groups: Vec<String> = (0..8).map(|_| group()).collect();
        groups.join(":")
    }

    fn sctp_number(&mut self) -> String {
        if self.odd(20) {
            self.one_of(&[
                "x",
                "abc",
                "0x20",
                "020",
                "09",
                "0xg",
                "99999999999999999999",
                "+7",
                "-5",
            ])
            .to_owned()
        } else {
            self.bits(31).to_string()
        }
    }

    fn sctp_addresses(&mut self, primary: bool) -> String {
        let mut list = String::new();
        for _ in 0..1 + self.random.below(3) {
            if primary && self.percent(30) {
                list.push('*');
            }
            list += &self.sctp_address();
            list.push(' ');
        }
        list
    }

    fn sctp(&mut self) -> Case {
        let mut files = Vec::new();
        for (name, associations) in [
            ("net/sctp/eps", false),
            ("net/sctp6/eps", false),
            ("net/sctp/assocs", true),
            ("net/sctp6/assocs", true),
        ] {
            if self.percent(20) {
                continue;
            }
            let mut file = "heading\n".to_owned();
            for _ in 0..self.random.below(6) {
                let state = self
                    .one_of(&["0", "1", "2", "3", "7", "10", "11", "12"])
                    .to_owned();
                let mut words = vec!["ffff".to_owned(), "aaaa".to_owned(), "2".to_owned(), state];
                let rest = if associations { 9 } else { 4 };
                words.extend((0..rest).map(|_| self.sctp_number()));
                let mut line = words.join(self.blank());
                if self.odd(6) {
                    let most = words.len();
                    line = words[..1 + self.random.below(most - 1)].join(" ");
                } else if associations {
                    line += &format!(
                        " {}<-> {}\t    7500     1",
                        self.sctp_addresses(false),
                        self.sctp_addresses(true)
                    );
                } else {
                    line += &format!(" {}", self.sctp_addresses(false));
                }
                file += &line;
                file.push('\n');
            }
            files.push((name, file));
        }
        self.case(
            files,
            &[
                "-Sn",
                "-San",
                "-Sln",
                "-S4aneop",
                "-S6ane",
                "-SanW",
                "-Sano",
                "-SaN --numeric-ports",
                "-an",
                "-Salnp",
            ],
        )
    }

    fn ipx_address(&mut self) -> String {
        match self.random.below(8) {
            0 => format!("{}:{}", self.hex(8), self.hex(4)),
            1 if !self.strict => self
                .one_of(&[
                    "00000000:A0C9AABBCCDD:0451",
                    "FFFFFFFF:0451",
                    "0:0",
                    "1:0:1",
                    "1:2:3:4",
                    "1:g:2",
                    "-1:1:-2",
                    "0x1:0x2:0x3",
                    "12g4:5:6",
                ])
                .to_owned(),
            _ => format!("{}:{}:{}", self.hex(8), self.hex(12), self.hex(4)),
        }
    }

    fn ipx(&mut self) -> Case {
        let lines = self.lines(6, |generator| {
            let local = generator.ipx_address();
            let remote = if generator.percent(30) {
                "Not_Connected".to_owned()
            } else {
                generator.ipx_address()
            };
            let state = generator.one_of(&["01", "07"]);
            let uid = generator.bits(16);
            format!(
                "{local} {remote} {} {} {state} {uid:03}",
                generator.hex(8),
                generator.hex(8)
            )
        });
        self.case(
            vec![(
                "net/ipx/socket",
                format!("Local_Address  Remote_Address Tx_Queue  Rx_Queue  State  Uid\n{lines}"),
            )],
            &["-n --ipx", "-n --ipx -e", "-en --ipx", "-eean --ipx", "-na"],
        )
    }

    fn callsign(&mut self) -> &'static str {
        self.one_of(&["G4KLX-1", "GB7BPQ-15", "*", "M0XYZ", "A-0", "G8ABC-7*"])
    }

    /// A small number.
    fn small(&mut self) -> String {
        if self.odd(10) {
            self.one_of(&["-1", "-12", "03", "+3"]).to_owned()
        } else {
            let bits = [2, 4, 8, 16][self.random.below(4)];
            self.bits(bits).to_string()
        }
    }

    fn small_numbers(&mut self, count: usize) -> String {
        let numbers: Vec<String> = (0..count).map(|_| self.small()).collect();
        numbers.join(" ")
    }

    fn ax25(&mut self) -> Case {
        let mut lines = String::new();
        for _ in 0..1 + self.random.below(5) {
            let state = self.random.below(5);
            let tail = if self.odd(20) {
                self.one_of(&["* * *", "5", ""]).to_owned()
            } else {
                format!("{} 12345", self.small_numbers(2))
            };
            lines += &format!(
                "{} {} {} {} {state} {} {} {tail}\n",
                self.lower_hex(8),
                self.one_of(&["ax0", "ax1", "bpq0", "averylongdev"]),
                self.callsign(),
                self.one_of(&["GB7BPQ-15", "G4KLX-1,M0XYZ*", "*"]),
                self.small_numbers(2),
                self.small_numbers(14),
            );
        }
        self.case(
            vec![("net/ax25", lines)],
            &["--ax25", "--ax25 -a", "--ax25 -neop", "-n"],
        )
    }

    fn x25(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let small: Vec<String> = (0..10).map(|_| generator.small()).collect();
            format!(
                "{:<10.10} {:<10.10} {:<5} {:>3}  {} {:>2} {:>2} {:>2} {:>2} {:>3} {:>3} {:>3} {:>3} {:>5} {:>5} 12345",
                generator.one_of(&["*", "208017552", "2080175521"]),
                generator.one_of(&["208017552", "*"]),
                generator.one_of(&["???", "lapb0", "x25", "longdevice"]),
                generator.one_of(&["000", "001", "012", "1"]),
                generator.random.below(5),
                small[0], small[1], small[2], small[3], small[4], small[5], small[6], small[7], small[8], small[9],
            )
        });
        let heading =
            "dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/x25", format!("{heading}{lines}"))],
            &["--x25", "--x25 -a", "--x25 -l", "-na"],
        )
    }

    fn netrom(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let pairs: Vec<String> = (0..5)
                .map(|_| format!("{}/{}", generator.small(), generator.small()))
                .collect();
            format!(
                "{:<9} {:<9} {:<9} {} {}/{} {}/{} {} {} {} {} {} 12345",
                generator.callsign(),
                generator.callsign(),
                generator.callsign(),
                generator.one_of(&["nr0 ", "nr1 ", "nrlongdevice"]),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.lower_hex(2),
                generator.random.below(4),
                generator.small_numbers(3),
                pairs.join(" "),
                generator.small(),
                generator.small_numbers(2),
            )
        });
        let heading = "user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/nr", format!("{heading}{lines}"))],
            &["--netrom", "--netrom -a", "-n"],
        )
    }

    /// Longer words than these run into one another in the reference.
    fn rose(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{:<10} {:<9} {:<10} {:<9} {:<5} {} {:05} {}  0   0   0 200   5 180   5   0/000     0     0 12345",
                generator.one_of(&["*", "208017552", "2080175521"]),
                generator.one_of(&["*", "G4KLX-1", "GB7BP-15"]),
                generator.one_of(&["*", "208017552", "20801755"]),
                generator.one_of(&["*", "G4KLX-1", "GB7BP-15"]),
                generator.one_of(&["rose0", "r0", "x"]),
                generator.one_of(&["000", "012", "999"]),
                generator.bits(16),
                generator.random.below(4),
            )
        });
        let heading = "dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode\n";
        self.case(
            vec![("net/rose", format!("{heading}{lines}"))],
            &["--rose", "--rose -a", "-n"],
        )
    }

    // Routes.

    fn route_address(&mut self) -> String {
        if self.odd(8) {
            return match self.random.below(4) {
                0 => self.hex(8) + &self.hex(4),
                1 => "x".repeat(1 + self.random.below(200)),
                _ => self
                    .one_of(&[
                        "zz",
                        "0",
                        "1234567",
                        "0x123456",
                        "123456zz",
                        "*",
                        "1234567g9",
                    ])
                    .to_owned(),
            };
        }
        if self.percent(60) {
            self.one_of(&[
                "00000000", "0100A8C0", "0000A8C0", "0000000A", "0700000A", "0000007F", "FFFFFFFF",
                "00FFFFFF", "0000FFFF",
            ])
            .to_owned()
        } else {
            self.hex(8)
        }
    }

    fn route_flags(&mut self) -> String {
        match self.random.below(8) {
            0 if !self.strict => self
                .one_of(&["0x3", "FFFFFFFF", "-1", "+1", "100000001", "g", ""])
                .to_owned(),
            1 => format!("{:X}", self.bits(32) | 1),
            2 => format!("{:04X}", self.bits(11)),
            _ => format!("{:04X}", self.bits(11) | 1),
        }
    }

    fn route_number(&mut self) -> String {
        if self.odd(5) {
            self.one_of(&["x", "0x10", "1a", "-", "+", "--1", "5.5"])
                .to_owned()
        } else if self.odd(12) {
            self.odd_decimal()
        } else {
            self.bits(31).to_string()
        }
    }

    fn interface(&mut self) -> String {
        self.one_of(&[
            "eth0",
            "lo",
            "*",
            "averylongiface0",
            "abcdefghijklmnop",
            "eth0:1",
            "a",
            "veth1234",
        ])
        .to_owned()
    }

    /// A table with these columns. The first row is whole: what others lack, they have from the row before.
    fn columns(&mut self, columns: &[&str]) -> String {
        let separator = if self.strict {
            "\t"
        } else {
            self.one_of(&["\t", " ", "  "])
        };
        let mut columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        if self.odd(30) {
            for _ in 0..1 + self.random.below(3) {
                let at = self.random.below(columns.len() + 1);
                columns.insert(
                    at,
                    self.one_of(&["Foo", "x", "iface", "IRTTx", "MTU", "Iface"])
                        .to_owned(),
                );
            }
        }
        if self.odd(5) {
            let at = self.random.below(columns.len());
            columns.remove(at);
        }
        if self.odd(5) {
            let (one, other) = (
                self.random.below(columns.len()),
                self.random.below(columns.len()),
            );
            columns.swap(one, other);
        }
        let mut file = columns.join(separator);
        file += if self.odd(10) {
            self.one_of(&["   \n", " \t\n"])
        } else {
            "\n"
        };
        for row in 0..self.random.below(7) {
            let was_strict = self.strict;
            self.strict = was_strict || row == 0 || self.percent(70);
            let mut fields: Vec<String> = columns
                .iter()
                .map(|column| match column.as_str() {
                    // What does not fit is read as the next column, and the last ones of a first row would be missing.
                    "Iface" if row == 0 => "eth0".to_owned(),
                    "Iface" => self.interface(),
                    "Destination" | "Gateway" | "Mask" | "Source" | "SpecDst" => {
                        self.route_address()
                    }
                    "Flags" if row == 0 => "0001".to_owned(),
                    "Flags" => self.route_flags(),
                    _ => self.route_number(),
                })
                .collect();
            self.strict = was_strict;
            if row > 0 && self.odd(10) {
                let kept = self.random.below(fields.len());
                fields.truncate(kept);
            }
            let mut line = fields.join(separator);
            if row > 0 && self.odd(20) {
                line = match self.random.below(6) {
                    0 => line + "   extra stuff",
                    1 => "   ".to_owned() + &line,
                    2 => line + "\r",
                    3 => "\n".to_owned() + &line,
                    4 => " ".repeat(900 + self.random.below(200)) + &line,
                    _ => self.one_of(&["garbage", "", "   ", "eth0"]).to_owned(),
                };
            }
            file += &line;
            file.push('\n');
        }
        file
    }

    fn route(&mut self) -> Case {
        let columns = [
            "Iface",
            "Destination",
            "Gateway",
            "Flags",
            "RefCnt",
            "Use",
            "Metric",
            "Mask",
            "MTU",
            "Window",
            "IRTT",
        ];
        let file = self.columns(&columns);
        self.case(
            vec![("net/route", file)],
            &[
                "-rn",
                "-rne",
                "-rnee",
                "-rneee",
                "-rneeee",
                "-rN",
                "-r --numeric-hosts",
            ],
        )
    }

    fn rt_cache(&mut self) -> Case {
        let common = [
            "Iface",
            "Destination",
            "Gateway",
            "Flags",
            "RefCnt",
            "Use",
            "Metric",
            "Source",
            "MTU",
            "Window",
            "IRTT",
        ];
        let rest: &[&str] = if self.percent(70) {
            &["TOS", "HHRef", "HHUptod", "SpecDst"]
        } else {
            &["HH", "ARP"]
        };
        let file = self.columns(&[&common[..], rest].concat());
        // A heading of neither format is followed by rows of memory that was never written.
        let known = ["IRTT", "TOS", "HHRef", "HHUptod", "SpecDst"];
        let heading = file.lines().next().unwrap_or_default();
        let has = |name: &&str| heading.split([' ', '\t']).any(|column| column == *name);
        let sum = known.iter().filter(|name| has(name)).count();
        let old = ["HH", "ARP"].iter().filter(|name| has(name)).count();
        let whole = (sum == 5 && old == 0) || (sum == 1 && has(&"IRTT") && old == 2);
        let files = if whole {
            vec![("net/rt_cache", file)]
        } else {
            Vec::new()
        };
        self.case(files, &["-rCn", "-rCne", "-rCnee", "-rCneee", "-rCFn"])
    }

    fn pi6(&mut self) -> String {
        if self.percent(60) {
            self.one_of(&[
                "00000000000000000000000000000000",
                "20010db8000000000000000000000000",
                "fe800000000000000000000000000001",
                "00000000000000000000ffff0a000008",
                "00000000000000000000ffff00000000",
                "0000000000000000000000000a000001",
                "ffffffffffffffffffffffffffffffff",
            ])
            .to_owned()
        } else {
            (0..8)
                .map(|_| {
                    if self.percent(50) {
                        "0000".to_owned()
                    } else {
                        self.lower_hex(4)
                    }
                })
                .collect()
        }
    }

    fn ipv6_routes(&mut self) -> String {
        self.lines(6, |generator| {
            let mut number = || {
                if generator.odd(15) {
                    generator.one_of(&["0", "1", "0x1", "-1", "+ff"]).to_owned()
                } else {
                    generator.lower_hex(8)
                }
            };
            let [metric, references, uses] = [number(), number(), number()];
            let flags = if generator.percent(30) {
                generator.lower_hex(8)
            } else {
                generator
                    .one_of(&[
                        "00000001", "00000003", "01000001", "80200001", "00200200", "00000005",
                    ])
                    .to_owned()
            };
            format!(
                "{} {:02x} {} 00 {} {metric} {references} {uses} {flags} {:>8}",
                generator.pi6(),
                generator.random.below(129),
                generator.pi6(),
                generator.pi6(),
                generator.one_of(&[
                    "eth0",
                    "lo",
                    "abcdefghijklmno",
                    "abcdefghijklmnop",
                    "eth0 more"
                ]),
            )
        })
    }

    fn ipv6_route(&mut self) -> Case {
        let file = self.ipv6_routes();
        self.case(
            vec![("net/ipv6_route", file)],
            &[
                "-r6n", "-r6ne", "-r6nee", "-r6N", "-r6nC", "-r6nF", "-r6nCF",
            ],
        )
    }

    fn ndisc(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{} 01 {} 01 {} {} {} {} {} {} {} {:>8} {}",
                generator.pi6(),
                generator.one_of(&["80", "40", "00"]),
                generator.one_of(&[
                    "00", "01", "02", "04", "08", "10", "20", "40", "80", "03", "ff"
                ]),
                generator.lower_hex(8),
                generator.lower_hex(8),
                generator.lower_hex(8),
                generator.lower_hex(4),
                generator.one_of(&["0000", "0001", "0002", "ffff"]),
                generator.one_of(&["0000", "0080", "008e", "ffff", "0002"]),
                generator.one_of(&["eth0", "lo", "abcdefgh", "a"]),
                generator.one_of(&["00a0c9aabbcc", "000000000000"]),
            )
        });
        let routes = self.ipv6_routes();
        self.case(
            vec![("net/ndisc", lines), ("net/ipv6_route", routes)],
            &["-r6nC", "-r6nCe", "-r6nCee", "-r6nCF"],
        )
    }

    fn masquerade(&mut self) -> Case {
        let previous = self.percent(70);
        let lines = self.lines(6, |generator| {
            let protocol = generator.one_of(&["TCP", "UDP", "ICMP", "ESP", "GRE", "IP"]);
            let port = |generator: &mut Self| {
                if generator.odd(15) {
                    generator.odd_hex()
                } else {
                    generator.hex(4)
                }
            };
            let [source, destination, masqueraded] =
                [port(generator), port(generator), port(generator)];
            let delta = |generator: &mut Self| {
                if generator.odd(15) {
                    generator.odd_decimal()
                } else {
                    (generator.int() % 40000).to_string()
                }
            };
            let mut deltas = delta(generator);
            if previous {
                deltas += &format!(" {:>6}", delta(generator));
            }
            let expires = if generator.odd(10) {
                generator.odd_decimal()
            } else {
                generator.bits(24).to_string()
            };
            if generator.odd(2) {
                return generator
                    .one_of(&["x", "tcp 1:1", "TCP 1 :1", "TCP 1:1 1:1 1"])
                    .to_owned();
            }
            format!(
                "{protocol} {}:{source} {}:{destination} {masqueraded} {} {deltas:>6} {expires:>7}",
                generator.hex(8),
                generator.hex(8),
                generator.hex(8)
            )
        });
        let heading = if previous {
            "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires (free=40960,40960,40960)\n"
        } else {
            "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta Expires (free=4096,4096,4096)\n"
        };
        self.case(
            vec![("net/ip_masquerade", format!("{heading}{lines}"))],
            &["-Mn", "-Mne", "-Mnee", "-M --numeric-hosts"],
        )
    }

    fn ax25_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{:<9} {:<4} {}",
                generator.one_of(&["G4KLX-1", "default", "GB7DEF-15", "*", "A"]),
                generator.one_of(&["ax0", "sl12", "a"]),
                generator.one_of(&["*   ", " 12  ", "   7", "-5  ", "G4KLX-7"]),
            )
        });
        self.case(
            vec![(
                "net/ax25_route",
                format!("callsign  dev  mode digipeaters\n{lines}"),
            )],
            &["-r -A ax25", "-rn --ax25"],
        )
    }

    fn neighbour_number(&mut self) -> &'static str {
        self.one_of(&["00001", "00002", "00003", "00009", "12345"])
    }

    fn neighbours(&mut self) -> String {
        let lines = self.lines(5, |generator| {
            format!(
                "{} {:<9} {:<4}  {:3}    {}   {:3}    x",
                generator.neighbour_number(),
                generator.callsign(),
                generator.one_of(&["ax0", "ax12"]),
                192,
                0,
                1
            )
        });
        format!("addr  callsign  dev  qual lock count failed digipeaters\n{lines}")
    }

    fn nr_nodes(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let count = 1 + generator.random.below(3);
            let mut line = format!(
                "{:<9} {:<7}  {} {count}",
                generator.callsign(),
                generator.one_of(&["*", "GHI", "SEVENXX"]),
                1 + generator.random.below(count)
            );
            for _ in 0..count {
                line += &format!(
                    "  {:>3}   {} {}",
                    generator.one_of(&["0", "192", "255", "50"]),
                    generator.one_of(&["0", "6"]),
                    generator.neighbour_number()
                );
            }
            line
        });
        let neighbours = self.neighbours();
        self.case(
            vec![
                (
                    "net/nr_nodes",
                    format!("callsign  mnemonic w n qual obs neigh\n{lines}"),
                ),
                ("net/nr_neigh", neighbours),
            ],
            &["-r -A netrom", "-rn --netrom"],
        )
    }

    fn rose_nodes(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let count = generator.random.below(4);
            let mut line = format!(
                "{:<10} {:04} {count}",
                generator.one_of(&["2080175520", "*", "208"]),
                generator.random.below(11)
            );
            for _ in 0..count {
                line += &format!(" {}", generator.neighbour_number());
            }
            line
        });
        let neighbours = self.lines(5, |generator| {
            format!(
                "{} {:<9} {:<4}   {:3} {:3}  DTE",
                generator.neighbour_number(),
                generator.callsign(),
                generator.one_of(&["ax0", "r1"]),
                generator.random.below(100),
                1
            )
        });
        self.case(
            vec![
                ("net/rose_nodes", format!("address    mask n neigh neigh neigh\n{lines}")),
                ("net/rose_neigh", format!("addr  callsign  dev  count use mode restart  t0  tf digipeaters\n{neighbours}")),
            ],
            &["-r -A rose", "-rn --rose"],
        )
    }

    fn ipx_route(&mut self) -> Case {
        let lines = self.lines(6, |generator| {
            let mut word = |choices: &[&str]| {
                if generator.odd(20) {
                    generator
                        .one_of(&[
                            "0x12",
                            "-1",
                            "+7",
                            "123456789abc",
                            "99999999999999999999",
                            "0",
                            "g",
                            "00:11",
                            "a",
                            "0x",
                            "-",
                            "12345678901",
                        ])
                        .to_owned()
                } else if generator.percent(50) {
                    generator.hex(8)
                } else {
                    generator.one_of(choices).to_owned()
                }
            };
            let [network, router] = [
                word(&["00001234", "FFFFFFFF"]),
                word(&["Directly", "00000000"]),
            ];
            let node = if generator.percent(50) {
                "Connected".to_owned()
            } else {
                generator.hex(12)
            };
            format!("{network}   {router}     {node}")
        });
        let name = self.one_of(&["net/ipx/route", "net/ipx_route"]);
        self.case(
            vec![(
                name,
                format!("Network    Router_Net   Router_Node\n{lines}"),
            )],
            &["-r -A ipx", "-rn --ipx"],
        )
    }

    fn atalk_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            format!(
                "{} {} {} {}",
                generator.one_of(&["65280:0", "0:0", "averyveryverylongword", "1"]),
                generator.one_of(&["0:0", "200:3"]),
                generator.one_of(&["1", "3", "515", "5", "4294967295"]),
                generator.one_of(&["eth0", "lt0", "a-device-with-a-long-name"]),
            )
        });
        self.case(
            vec![(
                "net/atalk_route",
                format!("Target        Router  Flags Dev\n{lines}"),
            )],
            &["-r -A ddp", "-rn --ddp"],
        )
    }

    fn x25_route(&mut self) -> Case {
        let lines = self.lines(5, |generator| {
            let line = format!(
                "{:<15}  {:<6}  {:<5}",
                generator.one_of(&["2080175520", "", "208", "123456789012345"]),
                generator.one_of(&["0", "3", "10", "15"]),
                generator.one_of(&["lapb0", "x2", "averyverylong"]),
            );
            format!("{line:<40}")
        });
        let name = self.one_of(&["net/x25/route", "net/x25_routes"]);
        self.case(
            vec![(name, format!("Address          Digits  Device\n{lines}"))],
            &["-r -A x25", "-rn --x25"],
        )
    }
}

/// Whether an Internet socket's line has all fields and all words of its addresses, or too little to be shown at all. Otherwise the
/// reference fills the gaps with what it finds in memory.
fn inet_line_is_whole_or_bogus(line: &str) -> bool {
    let mut scanner = Scanner::new(line.as_bytes());
    let mut fields = 0;
    let mut digits = Vec::new();
    let mut scan = || -> Option<()> {
        let mut count = |_: ()| fields += 1;
        scanner.integer32().map(drop).map(&mut count)?;
        scanner.literal(b':')?;
        for _end in ["local", "remote"] {
            let address = scanner.hex_word(64)?;
            count(());
            digits.push(address.len());
            scanner.literal(b':')?;
            scanner.hex32().map(drop).map(&mut count)?;
        }
        scanner.hex32().map(drop).map(&mut count)?;
        for _pair in ["queues", "timer"] {
            scanner.hex64().map(drop).map(&mut count)?;
            scanner.literal(b':')?;
            scanner.hex64().map(drop).map(&mut count)?;
        }
        scanner.hex64().map(drop).map(&mut count)?;
        for _number in ["user", "timeout", "inode"] {
            scanner.integer64().map(drop).map(&mut count)?;
        }
        Some(())
    };
    let _ = scan();
    let whole = match digits[..] {
        [local, remote] => local <= 8 || (local >= 32 && remote >= 32),
        _ => true,
    };
    fields < 10 || (fields == 14 && whole)
}

/// Whether a unix socket's line has its inode, or too little to be shown at all.
fn unix_has_inode_or_is_bogus(line: &str) -> bool {
    let mut scanner = Scanner::new(line.as_bytes());
    let mut scan = || -> Option<bool> {
        scanner.pointer()?;
        scanner.literal(b':')?;
        for _ in 0..5 {
            scanner.hex64()?;
        }
        Some(scanner.decimal64().is_some())
    };
    scan().unwrap_or(true)
}

/// Whether a membership's line has all words of its address, or too little to be shown at all.
fn igmp6_is_whole_or_bogus(line: &str) -> bool {
    let mut scanner = Scanner::new(line.as_bytes());
    let mut scan = || -> Option<bool> {
        scanner.integer32()?;
        scanner.word(15)?;
        Some(scanner.hex_word(64)?.len() > 24)
    };
    scan().unwrap_or(true)
}
