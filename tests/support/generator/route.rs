//! IPv4 routes and the cache of routes.

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn route(&mut self) -> Case {
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

    pub(super) fn rt_cache(&mut self) -> Case {
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
}
