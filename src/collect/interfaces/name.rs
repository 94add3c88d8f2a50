//! Interface names in their natural order: `eth2` before `eth10`, an interface before its aliases.

use std::cmp::Ordering;

/// Longest name of an interface, alias part included: `IFNAMSIZ` less the final NUL.
pub const LONGEST: usize = 15;

/// A name, taken apart once so that comparing is cheap.
#[derive(Clone, Debug)]
pub struct InterfaceName {
    bytes: Vec<u8>,
    /// Length of the name without its alias part.
    base: usize,
    /// Length of the base up to and including its last byte that is no digit.
    stem: usize,
    /// The digits between stem and base; none count as 0.
    number: i32,
    /// The digits behind the colon; -1 if there is no alias part.
    alias: i32,
}

impl InterfaceName {
    /// Takes `name` apart. An alias part is a colon and at least one digit at its end.
    pub fn new(name: &[u8]) -> Self {
        let mut base = name.len();
        let mut alias = -1;
        if let [prefix @ .., b':'] = name.trim_ascii_digits_end()
            && prefix.len() + 1 < name.len()
        {
            base = prefix.len();
            alias = number(name.get(base + 1..).unwrap_or_default());
        }
        let without_alias = name.get(..base).unwrap_or_default();
        let stem = without_alias.trim_ascii_digits_end().len();
        InterfaceName {
            number: number(without_alias.get(stem..).unwrap_or_default()),
            bytes: name.to_vec(),
            base,
            stem,
            alias,
        }
    }

    /// The name as the kernel writes it, alias part included.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn first(&self, length: usize) -> &[u8] {
        self.bytes.get(..length).unwrap_or_default()
    }
}

impl Ord for InterfaceName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.first(self.stem)
            .cmp(other.first(other.stem))
            .then(self.number.cmp(&other.number))
            .then_with(|| self.first(self.base).cmp(other.first(other.base)))
            .then(self.alias.cmp(&other.alias))
            // The bases are equal, so this compares the digits of the aliases: 2 and 02.
            .then_with(|| self.bytes.cmp(&other.bytes))
    }
}

impl PartialOrd for InterfaceName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for InterfaceName {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for InterfaceName {}

trait TrimDigits {
    /// What is left when the digits at the end are taken away.
    fn trim_ascii_digits_end(&self) -> &Self;
}

impl TrimDigits for [u8] {
    fn trim_ascii_digits_end(&self) -> &[u8] {
        let mut rest = self;
        while let [head @ .., b'0'..=b'9'] = rest {
            rest = head;
        }
        rest
    }
}

/// The value of decimal digits, of which the low 32 bits are kept, as a signed number, as in the reference: x2147483648 is a
/// negative one and comes before x0.
fn number(digits: &[u8]) -> i32 {
    digits
        .iter()
        .fold(0u32, |value, &byte| {
            value
                .wrapping_mul(10)
                .wrapping_add(u32::from(byte.wrapping_sub(b'0')))
        })
        .cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_order_is_the_reference_s() {
        // As the reference listed these names.
        let listed = "20 100 Z a a100 b1b2 b1b12 br-0a1b10 br-0a1b2c docker0 eth eth0 eth0:02 eth0:2 eth0:10 eth01 eth01:1 \
                      eth1 eth1:1 eth2 eth10 eth1.20 eth1.100 eth1a wlan0 wlp3s0 wlp3s0f1 x2147483648 x4294967296 x5 z_";
        let mut names: Vec<InterfaceName> = listed
            .split_whitespace()
            .rev()
            .map(|name| InterfaceName::new(name.as_bytes()))
            .collect();
        names.sort();
        let sorted: Vec<&str> = names
            .iter()
            .map(|name| std::str::from_utf8(name.as_bytes()).unwrap())
            .collect();
        assert_eq!(sorted.join(" "), listed);
    }

    #[test]
    fn an_alias_needs_digits() {
        assert_eq!(InterfaceName::new(b"eth4:").alias, -1);
        assert_eq!(InterfaceName::new(b"eth4:1").alias, 1);
        assert_eq!(InterfaceName::new(b":1").base, 0);
        assert_eq!(InterfaceName::new(b"").stem, 0);
        assert_eq!(InterfaceName::new(b"7").number, 7);
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(
            proptest::sample::select(b"aZ.:-0012359\x80".as_slice()),
            0..9,
        )
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in name(), b in name(), c in name()) {
            let [a, b, c] = [&a, &b, &c].map(|name| InterfaceName::new(name));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            prop_assert_eq!(a.cmp(&b) == Ordering::Equal, a == b);
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }

        #[test]
        fn numbers_order_by_value(stem in "[a-z]{1,4}", one: u16, other: u16) {
            let named = |number: u16| InterfaceName::new(format!("{stem}{number}").as_bytes());
            prop_assert_eq!(named(one).cmp(&named(other)), one.cmp(&other));
            let alias = |number: u16| InterfaceName::new(format!("{stem}:{number}").as_bytes());
            prop_assert_eq!(alias(one).cmp(&alias(other)), one.cmp(&other));
            prop_assert!(InterfaceName::new(stem.as_bytes()) < alias(one));
        }
    }
}
