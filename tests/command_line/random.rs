//! Random command lines.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::lines::Line;
use crate::support::long_options::{CONTEXT, LONG};
use crate::support::random::Random;

/// CLI_SEED and CLI_LINES choose others.
pub fn random_lines() -> Vec<Line> {
    let number = |name: &str| {
        let text = std::env::var(name).ok();
        text.map(|text| text.parse::<u64>().unwrap())
    };
    let seed = number("CLI_SEED").unwrap_or(20_261_122);
    let count = number("CLI_LINES").unwrap_or(1500);
    eprintln!("random: seed {seed}, {count} lines");
    let mut typist = Typist(Random::new(seed));
    (0..count).map(|_| typist.line()).collect()
}

/// Types what people type, and what they do not.
struct Typist(Random);

impl Typist {
    fn chance(&mut self, percent: usize) -> bool {
        self.0.below(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.0.below(from.len())]
    }

    fn letter(&mut self) -> u8 {
        const COMMON: &[u8] = b"gtuUSwx462faAlnneeopvWNCFd";
        const MODES: &[u8] = b"rrrisM";
        const RARE: &[u8] = b"VhZ?cQT1I-:=,. \x01\x80\xc3\xff";
        let from = match self.0.below(100) {
            0..=81 => COMMON,
            82..=91 => MODES,
            _ => RARE,
        };
        from[self.0.below(from.len())]
    }

    fn families(&mut self) -> Vec<u8> {
        const WORDS: [&str; 16] = [
            "inet",
            "ip",
            "tcpip",
            "inet6",
            "ip6",
            "unix",
            "ipx",
            "ax25",
            "x25",
            "netrom",
            "rose",
            "bluetooth",
            "ddp",
            "appletalk",
            "econet",
            "ash",
        ];
        const USUAL: [&str; 4] = ["inet", "inet6", "unix", "ip6"];
        const BAD: [&[u8]; 9] = [
            b"", b"INET", b" inet", b"ec", b"bad", b"-n", b"inet=", b"\xff", b"uni",
        ];
        let count = if self.chance(4) {
            40 + self.0.below(30)
        } else {
            1 + self.0.below(3)
        };
        let usual = self.chance(50);
        let mut list = Vec::new();
        for _ in 0..count {
            if !list.is_empty() {
                list.push(b',');
            }
            if self.chance(if count > 3 { 1 } else { 5 }) {
                list.extend_from_slice(BAD[self.0.below(BAD.len())]);
            } else if usual {
                list.extend_from_slice(self.pick(&USUAL).as_bytes());
            } else {
                list.extend_from_slice(self.pick(&WORDS).as_bytes());
            }
        }
        list
    }

    fn word(&mut self) -> Vec<Vec<u8>> {
        match self.0.below(100) {
            0..=49 => {
                let mut word = b"-".to_vec();
                for _ in 0..=self.0.below(4) {
                    let letter = self.letter();
                    word.push(letter);
                    if letter == b'A' {
                        if self.chance(50) {
                            word.extend(self.families());
                            return vec![word];
                        }
                        return vec![word, self.families()];
                    }
                }
                vec![word]
            }
            50..=79 => {
                let name = if self.chance(3) {
                    CONTEXT
                } else {
                    self.pick(&LONG)
                };
                let length = if self.chance(60) {
                    name.len()
                } else {
                    self.0.below(name.len() + 1)
                };
                let mut word = [b"--", &name.as_bytes()[..length]].concat();
                let protocol = name == "protocol";
                if self.chance(if protocol { 50 } else { 4 }) {
                    word.push(b'=');
                    word.extend(self.families());
                    vec![word]
                } else if protocol && self.chance(80) {
                    vec![word, self.families()]
                } else {
                    vec![word]
                }
            }
            80..=84 => vec![b"-A".to_vec(), self.families()],
            85..=94 => vec![
                self.pick(&[
                    &b"foo"[..],
                    b"-",
                    b"",
                    b"8080",
                    b"\xff",
                    b"inet",
                    b"a b",
                    b"=",
                ])
                .to_vec(),
            ],
            95 => vec![
                self.pick(&[
                    &b"---V"[..],
                    b"--=",
                    b"--foo",
                    b"--\x80",
                    b"--ip6",
                    b"--n=",
                    b"--all-",
                ])
                .to_vec(),
            ],
            96 => vec![b"--".to_vec()],
            _ => vec![b"-a".to_vec()],
        }
    }

    fn line(&mut self) -> Line {
        let mut words = Vec::new();
        for _ in 0..self.0.below(6) {
            words.extend(self.word());
        }
        let words: Vec<_> = words.into_iter().map(OsString::from_vec).collect();
        let mut line = Line::new(&words);
        if self.chance(10) {
            line = line.called(self.pick(&[
                &b"./x/foo"[..],
                b"",
                b"a b",
                b"\xff",
                b"-n",
                b"netstat.new",
            ]));
        }
        if self.chance(15) {
            line = line.posix();
        }
        line
    }
}
