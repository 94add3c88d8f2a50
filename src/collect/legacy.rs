//! The sockets of old protocol families: IPX, AX.25, X.25, NET/ROM and ROSE.
//!
//! What they share is here: opening their files, fixed columns, and the complaint about a line that cannot be read, which the
//! reference prints among the rows. Their routes are elsewhere.

pub mod ax25;
pub mod ipx;
pub mod netrom;
pub mod rose;
pub mod x25;

use std::fs::File;
use std::io;

use super::Context;
use crate::error::{Error, Warning};
use crate::proc_root::Lines;
use crate::query::SocketQuery;
use crate::record::legacy::UnreadableLine;
use crate::record::{Record, Table};
use crate::scan::Scanner;

/// The reference reads these tables in pieces of this many bytes.
const PIECE: usize = 255;

/// Opens the file of a family and begins its table. `None`: there is no such file, which was said if it had to be.
fn open(
    context: &mut Context<'_>,
    sockets: &SocketQuery,
    file: &str,
    limit: usize,
    label: &'static str,
    table: Table,
) -> Result<Option<Lines<File>>, Error> {
    let lines = match context.query.proc_root.lines(file, limit) {
        Ok(lines) => lines,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Unlike the other tables, these do not keep quiet when families are asked for.
            if sockets.explicit || context.query.verbose {
                context.warn(&Warning::Unsupported(label))?;
            }
            return if sockets.explicit {
                Err(Error::Ended(1))
            } else {
                Ok(None)
            };
        }
        Err(error) => return Err(Error::open(context.query.proc_root.path(file), error)),
    };
    context.sink.begin(table)?;
    Ok(Some(lines))
}

/// Lends the rows that `parse` finds to the sink, complaining about lines where it finds none. The heading is dropped unseen.
fn read(
    context: &mut Context<'_>,
    file: &'static str,
    mut lines: Lines<File>,
    mut row: impl FnMut(&mut Context<'_>, &[u8]) -> Result<bool, Error>,
) -> Result<(), Error> {
    let _ = lines.next_line();
    while let Ok(Some(line)) = lines.next_line() {
        if !row(context, line)? {
            context.sink.record(&Record::Unreadable(UnreadableLine {
                file,
                lower_case: false,
            }))?;
        }
    }
    Ok(())
}

/// The bytes `from..to` of a line, as far as it has them. The reference would go on with what the previous line left in memory.
fn fixed(line: &[u8], from: usize, to: usize) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.get(from..to.min(line.len())).unwrap_or_default()
}

/// "V/V": two numbers with a slash, each read by `number`.
fn pair<'a, T>(
    scanner: &mut Scanner<'a>,
    number: impl Fn(&mut Scanner<'a>) -> Option<T>,
) -> Option<()> {
    number(scanner)?;
    scanner.literal(b'/')?;
    number(scanner)?;
    Some(())
}
