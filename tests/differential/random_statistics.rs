//! Random files of statistics.

use std::fs;
use std::path::Path;

use crate::support::case::{Case, Entry};
use crate::support::random::Random;
use crate::support::random_files;
use crate::support::tree::Tree;

/// Sets of files, the same on every run unless `NETSTAT_SEED` says otherwise; each is read with two command lines.
const CASES: u64 = 2500;

const FILES: [&str; 4] = ["snmp", "netstat", "snmp6", "sctp/snmp"];

const COMMAND_LINES: [&str; 30] = [
    "-s", "-s", "-s", "-s", "-s6", "-s6", "-s6", "-st", "-su", "-sw", "-sS", "-sU", "-stu", "-suw",
    "-stw", "-swS", "-stS", "-s6t", "-s6u", "-s6w", "-s6S", "-s6U", "-s6tuw", "-s4", "-stuwSU",
    "-s46", "-sx", "-sanpv", "-s6v", "-sc",
];

#[test]
#[ignore = "needs root and net-tools"]
fn random_files() {
    let keys = Keys::read();
    let generate = |random| {
        let mut generator = Generator {
            random,
            keys: &keys,
        };
        let mut entries = vec![("net/sctp".to_owned(), Entry::Directory)];
        for file in FILES {
            let entry = generator.entry(file);
            entries.extend(entry.map(|entry| (format!("net/{file}"), entry)));
        }
        let command_lines = (0..2)
            .map(|_| (*generator.one_of(&COMMAND_LINES)).to_owned())
            .collect();
        Case {
            entries,
            command_lines,
        }
    };
    let with_counters = random_files::compare(random_files::seed(1), CASES, generate, |run| {
        run.stdout.windows(5).any(|window| window == b"\n    ")
    });
    // A generator whose files are all refused would prove nothing.
    assert!(
        with_counters > CASES,
        "{with_counters} outputs with a counter"
    );
}

/// Names that the kernel has, by table.
struct Keys {
    tables: Vec<(String, Vec<String>)>,
    snmp6: Vec<String>,
    sctp: Vec<String>,
}

impl Keys {
    fn read() -> Self {
        let tree = Tree::committed("statistics-every-counter");
        let text = |file: &str| fs::read_to_string(tree.proc().join("net").join(file)).unwrap();
        let words =
            |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
        let first_words = |file| -> Vec<String> {
            text(file)
                .lines()
                .map(|line| words(line).swap_remove(0))
                .collect()
        };
        Self {
            tables: (text("snmp") + &text("netstat"))
                .lines()
                .step_by(2)
                .map(|line| {
                    let (title, keys) = line.split_once(':').unwrap();
                    (title.to_owned(), words(keys))
                })
                .collect(),
            snmp6: first_words("snmp6"),
            sctp: first_words("sctp/snmp"),
        }
    }
}

struct Generator<'a> {
    random: Random,
    keys: &'a Keys,
}

impl Generator<'_> {
    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.random.below(choices.len())]
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    /// A file, or something that is not a file, or nothing.
    fn entry(&mut self, file: &str) -> Option<Entry> {
        let likely = match file {
            "sctp/snmp" => 75,
            "netstat" => 88,
            _ => 95,
        };
        if self.percent(likely) {
            Some(Entry::File(match file {
                "snmp6" => self.snmp6(),
                "sctp/snmp" => self.sctp(),
                _ => self.pairs(),
            }))
        } else if self.percent(30) {
            Some(Entry::Directory)
        } else if self.percent(30) {
            // To itself.
            Some(Entry::Link(Path::new(file).file_name().unwrap().into()))
        } else {
            None
        }
    }

    /// A value as the kernel writes it.
    fn number(&mut self) -> String {
        let number = self.random.number();
        match number % 8 {
            0..3 => "0".to_owned(),
            3 => "1".to_owned(),
            4 | 5 => (self.random.number() % 100_000).to_string(),
            6 => (self.random.number() >> 32).to_string(),
            _ => self.random.number().to_string(),
        }
    }

    fn odd_number(&mut self) -> String {
        let odd = [
            "-1",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999",
            "-18446744073709551615",
            "-18446744073709551616",
            "9223372036854775808",
            "+5",
            "010",
            "0x10",
            "abc",
            "12abc",
            "-",
            "+",
            "--3",
            "+-3",
            "- 7",
            "1.5",
            "\x0b5",
            "6\x0c7",
            "\r",
            "",
        ];
        (*self.one_of(&odd)).to_owned()
    }

    fn blank(&mut self) -> &'static str {
        if self.percent(95) {
            " "
        } else {
            ["  ", "\t", " \t ", "   "][self.random.below(4)]
        }
    }

    fn odd_key(&mut self) -> Vec<u8> {
        let odd: [&[u8]; 12] = [
            b"A",
            b"InType8",
            b"Icmp6OutType143",
            b"In:Bar",
            b"%s%n",
            b"k\x01\x1b",
            b"k\x0bz",
            b"k\xe9\x85",
            b"\r",
            b"Key\r",
            b"6",
            b"Udp",
        ];
        if self.percent(10) {
            let length = 1 + self.random.below(3000);
            return vec![b'K'; length];
        }
        self.one_of(&odd).to_vec()
    }

    fn key(&mut self, title: &str) -> Vec<u8> {
        let keys = self.keys;
        let table = keys.tables.iter().find(|(known, _)| known == title);
        let own: &[String] = match table {
            Some((_, own)) => own,
            None if title == "Sctp" => &keys.sctp,
            None => &keys.snmp6,
        };
        if self.percent(85) {
            self.one_of(own).as_bytes().to_vec()
        } else if self.percent(60) {
            let (_, others) = self.one_of(&keys.tables);
            self.one_of(others).as_bytes().to_vec()
        } else {
            self.odd_key()
        }
    }

    fn title(&mut self) -> String {
        let keys = self.keys;
        if self.percent(40) {
            self.one_of(&keys.tables).0.clone()
        } else if self.percent(50) {
            (*self.one_of(&["Icmp", "Icmp", "Icmp", "Ip", "Tcp", "Udp"])).to_owned()
        } else {
            let odd = [
                "Foo", "TcpZ", "TcpFoo", "Sctp", "Ip6", "Icmp6", "Udp6", "", " Ip", "Ip ",
                "My Table", "ip", "%s", "\x1b[31m",
            ];
            (*self.one_of(&odd)).to_owned()
        }
    }

    /// `snmp` or `netstat`.
    fn pairs(&mut self) -> Vec<u8> {
        let mut file = Vec::new();
        // Most files have no damage, so that what comes late in them is seen.
        let damaged = self.percent(25);
        for _ in 0..self.random.below(7) {
            let title = self.title();
            let count = *self.one_of(&[0, 1, 2, 3, 5, 8, 30]);
            let odd = self.percent(30);
            let damage = |generator: &mut Self| damaged && generator.percent(8);

            file.extend_from_slice(title.as_bytes());
            if !damage(self) {
                file.push(b':');
            }
            for _ in 0..count {
                file.extend_from_slice(self.blank().as_bytes());
                file.extend_from_slice(&self.key(&title));
            }
            file.extend_from_slice(match self.random.below(40) {
                0 => b"\r\n",
                1 => b" \n",
                2 => b"\0 InReceives\n",
                3 if damaged => b"\n\n",
                4 if damaged => b"\n \n",
                _ => b"\n",
            });

            if self.percent(90) {
                file.extend_from_slice(title.as_bytes());
            }
            if !damage(self) {
                file.push(b':');
            }
            let values = match self.random.below(12) {
                0 => count + 2,
                1 => count / 2,
                _ => count,
            };
            for _ in 0..values {
                file.extend_from_slice(self.blank().as_bytes());
                let value = if odd && self.percent(20) {
                    self.odd_number()
                } else {
                    self.number()
                };
                file.extend_from_slice(value.as_bytes());
            }
            file.extend_from_slice(match self.random.below(40) {
                0 => b"\r\n",
                1 => b" 7 \n",
                2 => b"\0 7\n",
                3 | 4 => b"\n\n\n",
                5 if damaged => b"\n \n",
                _ => b"\n",
            });
        }
        self.cut(&mut file, damaged);
        file
    }

    fn snmp6(&mut self) -> Vec<u8> {
        let mut file = Vec::new();
        for line in 0..self.random.below(25) {
            let name = if self.percent(90) {
                let keys = self.keys;
                self.one_of(&keys.snmp6).clone()
            } else {
                let odd = [
                    "Foo", "FooBar", "Bar", "6foo", "66", "XXIp6Foo", "Ip", "Icmp", "Tcp",
                    "Lite6X", "Ip6a%s", "Ip6\x07", "Ip6:",
                ];
                (*self.one_of(&odd)).to_owned()
            };
            let name = name.as_bytes();
            let number = self.number();
            let odd = self.odd_number();
            let blanks = 990 + self.random.below(80);
            // The reference has no name before the first, and room for 49 bytes of one.
            let first = line == 0;
            match self.random.below(30) {
                0 if !first => {}
                1 if !first => file.extend_from_slice(b" \t\x0b"),
                2 if !first => file.extend_from_slice(name),
                3 if !first => file.extend([name, b"\0 5"].concat()),
                4 if !first => file.extend([name, &vec![b' '; blanks], number.as_bytes()].concat()),
                5 if !first => file.extend([name, b" ", odd.as_bytes(), b" 9"].concat()),
                6 if !first => file.extend([name, b"\x0b", odd.as_bytes()].concat()),
                7 => file.extend([b" \x0b".as_slice(), name, b"\r", number.as_bytes()].concat()),
                8 => {
                    let length = 1 + self.random.below(49);
                    file.extend([&vec![b'N'; length], b" ".as_slice(), number.as_bytes()].concat());
                }
                _ => {
                    file.extend(format!("{:<32}\t{number}", String::from_utf8_lossy(name)).bytes())
                }
            }
            file.push(b'\n');
        }
        if self.percent(10) {
            file.pop();
        }
        file
    }

    fn sctp(&mut self) -> Vec<u8> {
        let mut file = Vec::new();
        for _ in 0..self.random.below(12) {
            let key = self.key("Sctp");
            // Longer ones fill a piece, and nothing ends them.
            let key = &key[..key.len().min(900)];
            let number = self.number();
            let odd = self.odd_number();
            let blanks = 990 + self.random.below(80);
            match self.random.below(20) {
                0 => {}
                1 => file.extend_from_slice(b" 5"),
                2 => file.extend_from_slice(key),
                3 => file.extend([key, b" \0 5"].concat()),
                4 => file.extend([key, &vec![b' '; blanks], number.as_bytes()].concat()),
                5 | 6 => file.extend([key, b"\t \t", odd.as_bytes()].concat()),
                _ => file.extend([key, b" ", number.as_bytes()].concat()),
            }
            file.push(b'\n');
        }
        file
    }

    /// Ends a file early: without its last newline, or anywhere.
    fn cut(&mut self, file: &mut Vec<u8>, damaged: bool) {
        if self.percent(10) {
            file.pop();
        }
        if damaged && self.percent(20) {
            let end = self.random.below(file.len() + 1);
            file.truncate(end);
        }
    }
}
