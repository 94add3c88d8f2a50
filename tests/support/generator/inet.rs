//! Internet sockets.

use netstat::scan::Scanner;

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn inet(&mut self) -> Case {
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
            scanner.hex_long().map(drop).map(&mut count)?;
            scanner.literal(b':')?;
            scanner.hex_long().map(drop).map(&mut count)?;
        }
        scanner.hex_long().map(drop).map(&mut count)?;
        for _number in ["user", "timeout", "inode"] {
            scanner.integer_long().map(drop).map(&mut count)?;
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
