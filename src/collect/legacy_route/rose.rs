//! `/proc/net/rose_nodes` and `/proc/net/rose_neigh`.

use super::{PIECE, column, for_each_row};
use crate::collect::Context;
use crate::error::{Error, Warning};
use crate::record::Record;
use crate::record::legacy_route::{LegacyFamily, LegacyRoute, RoseEntry, RoseNeighbour, RoseRoute};
use crate::scan::atoi;

const NODES: &str = "net/rose_nodes";

const NEIGHBOURS: &str = "net/rose_neigh";

/// Kernels print at most this many neighbours of a node.
const MOST_NEIGHBOURS: usize = 3;

/// All entries, those of a number together and in the order of the file.
#[derive(Debug, Default)]
struct Neighbours(Vec<RoseEntry>);

impl Neighbours {
    fn add(&mut self, line: &[u8]) {
        self.0.push(RoseEntry {
            number: atoi(line),
            callsign: column(line, 6, 15).to_vec(),
            device: column(line, 16, 21).to_vec(),
        });
    }

    fn sort(&mut self) {
        self.0.sort_by_key(|entry| entry.number);
    }

    fn with_number(&self, number: i32) -> &[RoseEntry] {
        let start = self.0.partition_point(|entry| entry.number < number);
        let end = self.0.partition_point(|entry| entry.number <= number);
        self.0.get(start..end).unwrap_or_default()
    }
}

/// Parses the row of a node.
fn parse<'a>(line: &'a [u8], neighbours: &'a Neighbours) -> RoseRoute<'a> {
    let count = usize::try_from(atoi(column(line, 16, 17))).unwrap_or(0);
    let neighbour = |index| {
        let start = 18 + 6 * index;
        let number = atoi(column(line, start, start + 5));
        RoseNeighbour {
            number,
            entries: neighbours.with_number(number).into(),
        }
    };
    RoseRoute {
        address: column(line, 0, 10).into(),
        neighbours: (0..count.min(MOST_NEIGHBOURS)).map(neighbour).collect(),
    }
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let root = &context.query.proc_root;
    let nodes = match root.lines(NODES, PIECE) {
        Ok(nodes) => nodes,
        Err(source) => {
            let path = root.path(NODES);
            context.warn(&Warning::File { path, source })?;
            context.warn(&Warning::Plain("ROSE not configured in this system."))?;
            return Err(Error::Ended(1));
        }
    };
    let mut neighbours = Neighbours::default();
    // Without this file the reference crashes.
    if let Ok(mut lines) = root.lines(NEIGHBOURS, PIECE) {
        let _ = lines.next_line();
        while let Ok(Some(line)) = lines.next_line() {
            neighbours.add(line);
        }
    }
    neighbours.sort();
    for_each_row(context, LegacyFamily::Rose, nodes, |context, line| {
        let route = LegacyRoute::Rose(parse(line, &neighbours));
        context.sink.record(&Record::LegacyRoute(route))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_by_number() {
        let mut neighbours = Neighbours::default();
        for line in [
            &b"00002 G4KLX-12  rose0      1   0  DTE     yes   0   0\n"[..],
            b"00001 RSLOOP-0  ax0      2   0  DTE     yes   0   0\n",
            b"00002 RSLOOP-1  ax1      2   0  DTE     yes   0   0\n",
        ] {
            neighbours.add(line);
        }
        neighbours.sort();
        let shown = |line| {
            let route = parse(line, &neighbours);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            route
                .neighbours
                .iter()
                .map(|neighbour| {
                    let entries: Vec<_> = neighbour
                        .entries
                        .iter()
                        .map(|entry| text(&entry.callsign) + &text(&entry.device))
                        .collect();
                    (neighbour.number, entries.join("|"))
                })
                .collect::<Vec<_>>()
        };
        let is = |expected: &[(i32, &str)]| -> Vec<(i32, String)> {
            expected
                .iter()
                .map(|&(number, text)| (number, text.to_owned()))
                .collect()
        };
        assert_eq!(
            shown(b"2080175520 0010 2 00001 00002\n"),
            is(&[(1, "RSLOOP-0 ax0  "), (2, "G4KLX-12 rose0|RSLOOP-1 ax1  ")])
        );
        assert_eq!(shown(b"*          0000 0\n"), is(&[]));
        assert_eq!(shown(b"2080179999 0010 1 00007\n"), is(&[(7, "")]));
        // The reference reads beyond the line.
        assert_eq!(
            shown(b"2080179999 0010 9 00007\n"),
            is(&[(7, ""), (0, ""), (0, "")])
        );
        assert_eq!(shown(b"2080179999 0010 x 00007\n"), is(&[]));
        assert_eq!(shown(b"\n"), is(&[]));
    }
}
