//! IPv6 routes and neighbours.

use super::Generator;
use crate::support::case::Case;

impl Generator {
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

    pub(super) fn ipv6_route(&mut self) -> Case {
        let file = self.ipv6_routes();
        self.case(
            vec![("net/ipv6_route", file)],
            &[
                "-r6n", "-r6ne", "-r6nee", "-r6N", "-r6nC", "-r6nF", "-r6nCF",
            ],
        )
    }

    pub(super) fn ndisc(&mut self) -> Case {
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
}
