//! The routing tables of the families that Linux has dropped or is about to: AX.25, NET/ROM, ROSE, IPX, DDP, X.25.
//!
//! All but DDP's are tables whose first line is skipped unread. The reference takes most columns by position; where a line is too
//! short for them it shows what it has left of other lines, we nothing.

pub mod ax25;
pub mod ddp;
pub mod ipx;
pub mod netrom;
pub mod rose;
pub mod x25;

use std::fs::File;
use std::io;

use super::Context;
use crate::error::Error;
use crate::proc_root::Lines;
use crate::record::Table;
use crate::record::legacy_route::LegacyFamily;

/// Lines are read in pieces of this many bytes, except IPX's.
const PIECE: usize = 255;

/// Lends the routes of a family to the sink.
///
/// # Errors
/// The table is absent; what the sink said.
pub fn collect(context: &mut Context<'_>, family: LegacyFamily) -> Result<(), Error> {
    match family {
        LegacyFamily::Ax25 => ax25::collect(context),
        LegacyFamily::Netrom => netrom::collect(context),
        LegacyFamily::Rose => rose::collect(context),
        LegacyFamily::Ipx => ipx::collect(context),
        LegacyFamily::Ddp => ddp::collect(context),
        LegacyFamily::X25 => x25::collect(context),
    }
}

/// The bytes of `line` from `from` up to, not including, `to` or the end of the line. Blanks stay: they are printed.
fn column(line: &[u8], from: usize, to: usize) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.get(from..to.min(line.len())).unwrap_or_default()
}

/// What `line` has from `from` on.
fn column_from(line: &[u8], from: usize) -> &[u8] {
    column(line, from, usize::MAX)
}

/// Begins the table and calls `row` for every line but the first.
fn for_each_row(
    context: &mut Context<'_>,
    family: LegacyFamily,
    mut lines: Lines<File>,
    mut row: impl FnMut(&mut Context<'_>, &[u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    context.sink.begin(Table::LegacyRoutes(family))?;
    let _ = lines.next_line();
    while let Ok(Some(line)) = lines.next_line() {
        row(context, line)?;
    }
    Ok(())
}

/// Opens the first of two files that is there.
///
/// # Errors
/// Why the second cannot be opened.
fn either(
    context: &Context<'_>,
    first: &str,
    second: &str,
    piece: usize,
) -> io::Result<Lines<File>> {
    let root = &context.query.proc_root;
    root.lines(first, piece)
        .or_else(|_| root.lines(second, piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_with_the_line() {
        assert_eq!(column(b"0123456789\n", 2, 5), b"234");
        assert_eq!(column(b"0123456789\n", 8, 20), b"89");
        assert_eq!(column(b"0123456789\n", 10, 20), b"");
        assert_eq!(column(b"0123456789\n", 30, 40), b"");
        assert_eq!(column_from(b"01234", 3), b"34");
    }
}
