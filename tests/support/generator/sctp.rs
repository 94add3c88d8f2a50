//! SCTP endpoints and associations.

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn sctp(&mut self) -> Case {
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
}
