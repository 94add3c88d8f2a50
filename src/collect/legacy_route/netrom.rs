//! `/proc/net/nr_nodes` and `/proc/net/nr_neigh`.

use std::collections::HashMap;

use super::{PIECE, column, column_from, for_each_row};
use crate::collect::Context;
use crate::error::{Error, Warning};
use crate::record::Record;
use crate::record::legacy_route::{LegacyFamily, LegacyRoute, NetromNeighbour, NetromRoute};
use crate::scan::atoi;
use crate::sys;

const NODES: &str = "net/nr_nodes";

const NEIGHBOURS: &str = "net/nr_neigh";

/// The callsign and device columns of each neighbour, by number; the first with a number counts.
type Neighbours = HashMap<i32, (Vec<u8>, Vec<u8>)>;

/// Parses the row of a node and finds its neighbour.
fn parse<'a>(line: &'a [u8], neighbours: &'a Neighbours) -> NetromRoute<'a> {
    // Which of the ways that follow is preferred, from 1. The reference does not look whether there is one.
    let way = usize::try_from(atoi(column_from(line, 19)))
        .ok()
        .and_then(|which| which.checked_sub(1))
        .and_then(|index| index.checked_mul(15));
    let number = |at: usize| {
        let start = way?.checked_add(at)?;
        (start < line.len()).then(|| atoi(column_from(line, start)))
    };
    NetromRoute {
        callsign: column(line, 0, 9).into(),
        mnemonic: column(line, 10, 17).into(),
        quality: number(24).unwrap_or(0),
        neighbour: number(32).and_then(|number| neighbours.get(&number)).map(
            |(callsign, device)| NetromNeighbour {
                callsign: callsign.into(),
                device: device.into(),
            },
        ),
    }
}

fn add_neighbour(neighbours: &mut Neighbours, line: &[u8]) {
    neighbours
        .entry(atoi(line))
        .or_insert_with(|| (column(line, 6, 15).to_vec(), column(line, 16, 20).to_vec()));
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let root = &context.query.proc_root;
    let (nodes, mut neighbour_lines) =
        match (root.lines(NODES, PIECE), root.lines(NEIGHBOURS, PIECE)) {
            (Ok(nodes), Ok(neighbours)) => (nodes, neighbours),
            (Err(error), Ok(_)) => return not_configured(context, NODES, error),
            (Ok(_), Err(error)) => return not_configured(context, NEIGHBOURS, error),
            (Err(_), Err(error)) => {
                // The reference opens both before it says anything, so that the first message has the second's error. Saying it
                // changes the error in turn, unless the C library may read from stderr.
                let code = error.raw_os_error().unwrap_or(libc::ENOENT);
                context.warn(&Warning::File {
                    path: root.path(NODES),
                    source: error,
                })?;
                let code = if sys::stderr_is_readable() {
                    code
                } else {
                    libc::EINVAL
                };
                let error = std::io::Error::from_raw_os_error(code);
                return not_configured(context, NEIGHBOURS, error);
            }
        };
    let mut neighbours = Neighbours::new();
    let _ = neighbour_lines.next_line();
    while let Ok(Some(line)) = neighbour_lines.next_line() {
        add_neighbour(&mut neighbours, line);
    }
    for_each_row(context, LegacyFamily::Netrom, nodes, |context, line| {
        let route = LegacyRoute::Netrom(parse(line, &neighbours));
        context.sink.record(&Record::LegacyRoute(route))
    })
}

fn not_configured(
    context: &mut Context<'_>,
    file: &str,
    error: std::io::Error,
) -> Result<(), Error> {
    context.not_configured(file, error, "NET/ROM not configured in this system.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_way_counts() {
        let mut neighbours = Neighbours::new();
        for line in [
            &b"00001 G4KLX-1   ax0   192    0     1      0\n"[..],
            b"00002 G4XYZ-15  ax1   100    0     1      0\n",
            b"00001 SECOND    ax2   100    0     1      0\n",
        ] {
            add_neighbour(&mut neighbours, line);
        }
        let shown = |line| {
            let route = parse(line, &neighbours);
            (
                route.quality,
                route.neighbour.map(|to| (to.callsign, to.device)),
            )
        };
        let first = Some((b"G4KLX-1  ".into(), b"ax0 ".into()));
        let second = Some((b"G4XYZ-15 ".into(), b"ax1 ".into()));
        for (line, expected) in [
            (
                &b"GB7DEF-2  *        2 2  192   6 00001  100   5 00002\n"[..],
                (100, second),
            ),
            (
                b"GB7DEF-2  *        1 2  192   6 00001  100   5 00002\n",
                (192, first),
            ),
            (b"GB7GHI-3  GHI      1 1   50   6 00009\n", (50, None)),
            // The reference reads elsewhere in its memory.
            (b"GB7GHI-3  GHI      0 1   50   6 00001\n", (0, None)),
            (b"GB7GHI-3  GHI      3 1   50   6 00001\n", (0, None)),
            (b"GB7GHI-3  GHI      2147483647 1\n", (0, None)),
            (b"\n", (0, None)),
        ] {
            assert_eq!(shown(line), expected);
        }
    }
}
