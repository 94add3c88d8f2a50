//! Group memberships.

use netstat::scan::Scanner;

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn igmp(&mut self) -> Case {
        let mut files = Vec::new();
        if self.percent(93) {
            files.push(("net/igmp", self.igmp4()));
        }
        if self.percent(90) {
            files.push(("net/igmp6", self.igmp6()));
        }
        self.case(files, &["-gn", "-g4n", "-g6n", "-gan", "-gxn"])
    }
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
