//! `/proc/net/ax25_route`.

use super::{PIECE, column, column_from, for_each_row};
use crate::collect::Context;
use crate::error::Error;
use crate::record::Record;
use crate::record::legacy_route::{Ax25Route, LegacyFamily, LegacyRoute};
use crate::scan::atoi;

const FILE: &str = "net/ax25_route";

/// Parses a row.
pub fn parse(line: &[u8]) -> Ax25Route<'_> {
    Ax25Route {
        callsign: column(line, 0, 9).into(),
        device: column(line, 10, 14).into(),
        uses: atoi(column_from(line, 15)),
    }
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    match context.query.proc_root.lines(FILE, PIECE) {
        Ok(lines) => for_each_row(context, LegacyFamily::Ax25, lines, |context, line| {
            let route = LegacyRoute::Ax25(parse(line));
            context.sink.record(&Record::LegacyRoute(route))
        }),
        Err(error) => context.not_configured(FILE, error, "AX.25 not configured in this system."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_by_position() {
        for (line, callsign, device, uses) in [
            (
                &b"G4KLX-1   ax0   *   \n"[..],
                &b"G4KLX-1  "[..],
                &b"ax0 "[..],
                0,
            ),
            (b"default   ax0  12   \n", b"default  ", b"ax0 ", 12),
            (b"ABCDEFGHIJKLMNO-12 7\n", b"ABCDEFGHI", b"KLMN", -12),
            (b"short\n", b"short", b"", 0),
            (b"\n", b"", b"", 0),
        ] {
            let expected = Ax25Route {
                callsign: callsign.into(),
                device: device.into(),
                uses,
            };
            assert_eq!(parse(line), expected);
        }
    }
}
