//! A seeded sample: the same on every run and every machine.

/// SplitMix64.
pub struct Random(u64, Vec<u8>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed, Vec::new())
    }

    /// Numbers made of the bytes of `input`, as far as there are any: for a fuzzer, which changes what it pleases.
    pub fn of_input(input: &[u8]) -> Self {
        Self(0, input.iter().rev().copied().collect())
    }

    pub fn number(&mut self) -> u64 {
        if !self.1.is_empty() {
            return (0..8).fold(0, |number, _| {
                number << 8 | self.1.pop().map_or(0, u64::from)
            });
        }
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        // One byte is enough for most choices.
        if let 1..256 = end
            && let Some(byte) = self.1.pop()
        {
            return usize::from(byte) % end;
        }
        usize::try_from(self.number() % u64::try_from(end).unwrap()).unwrap()
    }

    /// `count` command lines of one to `longest` members of `options`, in any order, each at most once in a line.
    pub fn command_lines(&mut self, options: &[&str], longest: usize, count: usize) -> Vec<String> {
        let line = |random: &mut Self| {
            let mut left = options.to_vec();
            let length = 1 + random.below(longest);
            let taken: Vec<&str> = (0..length)
                .map(|_| left.swap_remove(random.below(left.len())))
                .collect();
            taken.join(" ")
        };
        (0..count).map(|_| line(self)).collect()
    }
}
