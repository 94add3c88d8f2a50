//! Counts by the second.

use std::time::Duration;

use super::Value;

/// What was counted in some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How much.
    pub count: u64,
    /// In which time.
    pub time: Duration,
}

/// A number has so many millionths.
const MILLION: u128 = 1_000_000;

impl Rate {
    /// How many a second, in whole numbers: the nearest, but nothing that was counted at all is 0.
    pub fn whole(self) -> u64 {
        self.per_second(1).max(u64::from(self.count > 0))
    }

    /// How many a second, to the nearest millionth.
    pub fn exact(self) -> Value<'static> {
        Value::Millionths(self.per_second(MILLION))
    }

    /// How many a second, to the nearest of so many parts of one. What is beyond 2^64-1 is that.
    fn per_second(self, parts: u128) -> u64 {
        const NANOSECONDS: u128 = 1_000_000_000;
        let time = self.time.as_nanos().max(1);
        // Below 2^114.
        let count = u128::from(self.count) * NANOSECONDS * parts;
        u64::try_from((count + time / 2) / time).unwrap_or(u64::MAX)
    }
}

/// The time in which something was counted; nothing if nothing was.
pub fn interval(time: Option<Duration>) -> Value<'static> {
    time.map_or(Value::Null, |time| {
        Value::Nanoseconds(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_divided_by_their_time() {
        let second = Duration::from_secs(1);
        for (count, time, whole, millionths) in [
            (0, second, 0, 0),
            (12, second, 12, 12_000_000),
            (1, 3 * second, 1, 333_333),
            (2, 3 * second, 1, 666_667),
            (5, 2 * second, 3, 2_500_000),
            (7, 5 * second, 1, 1_400_000),
            // Less than half is not nothing.
            (1, 3600 * second, 1, 278),
            (1, second / 4, 4, 4_000_000),
            (u64::MAX, second, u64::MAX, u64::MAX),
            (u64::MAX, Duration::MAX, 1, 1_000_000),
            (1, Duration::ZERO, 1_000_000_000, 1_000_000_000_000_000),
        ] {
            let rate = Rate { count, time };
            assert_eq!(rate.whole(), whole, "{rate:?}");
            assert!(
                matches!(rate.exact(), Value::Millionths(found) if found == millionths),
                "{rate:?}"
            );
        }
    }
}
