//! Counts by the second: what was counted in some time, where one is given. Where none is, a count is one since the start.

use std::time::Duration;

use super::Value;

/// A count as a whole number. By the second it is the nearest, but nothing that was counted at all is 0.
pub fn whole(count: u64, time: Option<Duration>) -> u64 {
    time.map_or(count, |time| {
        per_second(count, time, 1).max(u64::from(count > 0))
    })
}

/// A count as it is or, by the second, to the nearest millionth.
pub fn exact(count: u64, time: Option<Duration>) -> Value<'static> {
    match time {
        None => Value::Unsigned(count),
        Some(time) => Value::Millionths(per_second(count, time, 1_000_000)),
    }
}

/// The time itself.
pub fn interval(time: Option<Duration>) -> Value<'static> {
    time.map_or(Value::Null, |time| {
        Value::Nanoseconds(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    })
}

/// How many a second, to the nearest of so many parts of one. What is beyond 2^64-1 is that.
fn per_second(count: u64, time: Duration, parts: u128) -> u64 {
    const NANOSECONDS: u128 = 1_000_000_000;
    let time = time.as_nanos().max(1);
    // Below 2^114.
    let count = u128::from(count) * NANOSECONDS * parts;
    u64::try_from((count + time / 2) / time).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_divided_by_their_time() {
        let second = Duration::from_secs(1);
        for (count, time, expected, millionths) in [
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
            assert_eq!(whole(count, Some(time)), expected, "{count} {time:?}");
            let exact = exact(count, Some(time));
            assert!(
                matches!(exact, Value::Millionths(found) if found == millionths),
                "{count} {time:?}"
            );
        }
        assert_eq!(whole(7, None), 7);
        assert!(matches!(exact(7, None), Value::Unsigned(7)));
    }
}
