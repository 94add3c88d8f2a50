//! Masqueraded connections.

use super::Generator;
use crate::support::case::Case;

impl Generator {
    pub(super) fn masquerade(&mut self) -> Case {
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
}
