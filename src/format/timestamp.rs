//! Points in time as RFC 3339 writes them.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Appends a time in UTC with milliseconds, as in `2026-11-28T10:02:03.045Z`. A clock before 1970, which the kernel does not allow, is
/// taken for one that has just started.
pub fn append(row: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, seconds) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let millis = since.subsec_millis();
    // A Vec takes everything.
    let _ = write!(
        row,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
    );
}

/// Year, month and day of the month (both from 1) of a day counted from 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    /// Days of 400 years, after which the calendar repeats.
    const ERA: u64 = 146_097;
    // Counted from the first of March in the year 0, so that a leap day is the last day of its year.
    let days = days + 719_468;
    let (era, day) = (days / ERA, days % ERA);
    // The years of the era before this day, without the days that leap years had more: every 4 years but not every 100, and none at
    // the end of the era.
    let year = (day - day / 1460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // From March on, five months have 153 days, whichever of them comes first.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5;
    let (month, january) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (400 * era + year + january, month, day + 1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn shown(millis: u64) -> String {
        let mut row = Vec::new();
        append(&mut row, UNIX_EPOCH + Duration::from_millis(millis));
        String::from_utf8(row).unwrap()
    }

    #[test]
    fn times_are_those_of_rfc_3339() {
        // Seconds as `date -u -d TIME +%s` has them.
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00"),
            (68_169_599, "1972-02-28T23:59:59"),
            (68_169_600, "1972-02-29T00:00:00"),
            (68_256_000, "1972-03-01T00:00:00"),
            (951_782_400, "2000-02-29T00:00:00"),
            (1_795_860_123, "2026-11-28T10:02:03"),
            (4_107_542_400, "2100-03-01T00:00:00"),
            (4_107_542_399, "2100-02-28T23:59:59"),
            (253_402_300_799, "9999-12-31T23:59:59"),
        ] {
            assert_eq!(shown(seconds * 1000 + 45), format!("{expected}.045Z"));
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        // Past 2000 and 2100, of which only the first is a leap year.
        for days in 0..60_000 {
            assert_eq!(date(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + u64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
