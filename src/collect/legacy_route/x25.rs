//! `/proc/net/x25/route`, formerly `/proc/net/x25_routes`.

use super::{PIECE, column, column_from, either, for_each_row};
use crate::collect::Context;
use crate::error::Error;
use crate::record::Record;
use crate::record::legacy_route::{LegacyFamily, LegacyRoute, X25Route};
use crate::scan::atoi;

const FILE: &str = "net/x25/route";

const OLD_FILE: &str = "net/x25_routes";

/// An X.25 address has at most this many digits.
const MOST_DIGITS: u8 = 15;

/// Parses a row.
pub fn parse(line: &[u8]) -> X25Route<'_> {
    let digits = u8::try_from(atoi(column_from(line, 17)))
        .unwrap_or(MOST_DIGITS)
        .min(MOST_DIGITS);
    X25Route {
        prefix: column(line, 0, digits.into()).into(),
        digits,
        device: column(line, 25, 35).into(),
    }
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    match either(context, FILE, OLD_FILE, PIECE) {
        Ok(lines) => for_each_row(context, LegacyFamily::X25, lines, |context, line| {
            let route = LegacyRoute::X25(parse(line));
            context.sink.record(&Record::LegacyRoute(route))
        }),
        Err(_) => {
            // Unlike for all other families, the error itself is not said.
            let complaint = Record::Complaint("X.25 not configured in this system.".into());
            context.sink.record(&complaint)?;
            Err(Error::Ended(1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bounded() {
        for (line, prefix, digits, device) in [
            (
                &b"2080175520       10      lapb0\n"[..],
                &b"2080175520"[..],
                10,
                &b"lapb0"[..],
            ),
            (
                b"20801            3       averyverylong\n",
                b"208",
                3,
                b"averyveryl",
            ),
            (b"                 0       x2   \n", b"", 0, b"x2   "),
            (
                b"20801            16      x2\n",
                b"20801          ",
                15,
                b"x2",
            ),
            (
                b"20801            -1      x2\n",
                b"20801          ",
                15,
                b"x2",
            ),
            (b"208\n", b"", 0, b""),
        ] {
            let expected = X25Route {
                prefix: prefix.into(),
                digits,
                device: device.into(),
            };
            assert_eq!(parse(line), expected);
        }
    }
}
