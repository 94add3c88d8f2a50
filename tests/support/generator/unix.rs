//! Unix sockets.

use netstat::scan::Scanner;

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn unix(&mut self) -> Case {
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
}

/// Whether a unix socket's line has its inode, or too little to be shown at all.
fn unix_has_inode_or_is_bogus(line: &str) -> bool {
    let mut scanner = Scanner::new(line.as_bytes());
    let mut scan = || -> Option<bool> {
        scanner.pointer()?;
        scanner.literal(b':')?;
        for _ in 0..5 {
            scanner.hex_long()?;
        }
        Some(scanner.decimal64().is_some())
    };
    scan().unwrap_or(true)
}
