//! `/proc/net/ax25`: AX.25 sockets, in the layout of kernels from 2.1.8 on or the one before.

use super::super::Context;
use super::{UnreadableLine, fixed, pair};
use crate::error::Error;
use crate::query::SocketQuery;
use crate::record::legacy::circuit::{CircuitProtocol, CircuitSocket};
use crate::record::{Record, Table};
use crate::scan::Scanner;

const FILE: &str = "net/ax25";

/// Lends the sockets to the sink.
///
/// # Errors
/// The file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let opened = super::open(context, sockets, FILE, super::PIECE, "AF AX25", Table::Ax25)?;
    let Some(mut lines) = opened else {
        return Ok(());
    };
    let mut first = true;
    let mut columns = false;
    while let Ok(Some(line)) = lines.next_line() {
        // Only the old layout has a heading.
        if std::mem::take(&mut first) && line.starts_with(b"dest_addr") {
            columns = true;
            continue;
        }
        let socket = if columns {
            parse_columns(line)
        } else {
            parse(line)
        };
        context.sink.record(&match socket {
            Some(socket) => Record::Circuit(socket),
            None => Record::Unreadable(UnreadableLine {
                file: FILE,
                lower_case: !columns,
            }),
        })?;
    }
    Ok(())
}

/// Parses a line of today's layout: words with one blank between; `None` if it cannot be read.
pub fn parse(line: &[u8]) -> Option<CircuitSocket<'_>> {
    let mut words = line.splitn(5, |&byte| byte == b' ');
    let _address = words.next()?;
    let device = words.next()?;
    let source = words.next()?;
    let dest = words.next()?;
    let dest = dest.split(|&byte| byte == b',').next()?;
    let mut scanner = Scanner::new(words.next()?);
    let sequence = sequence(&mut scanner)?;
    let ignored = (0..14).try_for_each(|_| scanner.integer32().map(drop));
    socket([dest, source, device], sequence, ignored, &mut scanner)
}

/// Parses a line of the old layout: fixed columns; `None` if it cannot be read.
pub fn parse_columns(line: &[u8]) -> Option<CircuitSocket<'_>> {
    let mut scanner = Scanner::new(fixed(line, 20, usize::MAX));
    let device = scanner.word(usize::MAX)?;
    let sequence = sequence(&mut scanner)?;
    let mut ignored = || {
        scanner.integer32()?;
        for _timer in ["t1", "t2", "t3", "idle", "n2"] {
            pair(&mut scanner, Scanner::integer32)?;
        }
        (0..3).try_for_each(|_| scanner.integer32().map(drop))
    };
    let ignored = ignored();
    let names = [fixed(line, 0, 9), fixed(line, 10, 19), device];
    socket(names, sequence, ignored, &mut scanner)
}

/// State and sequence numbers.
fn sequence(scanner: &mut Scanner<'_>) -> Option<[i32; 3]> {
    Some([
        scanner.integer32()?,
        scanner.integer32()?,
        scanner.integer32()?,
    ])
}

/// Reads the queues if all fields before them were there. Neither queue is fine, one alone is not.
fn socket<'a>(
    [dest, source, device]: [&'a [u8]; 3],
    [state, send_sequence, recv_sequence]: [i32; 3],
    ignored: Option<()>,
    scanner: &mut Scanner<'_>,
) -> Option<CircuitSocket<'a>> {
    let (send_queue, recv_queue) = match ignored.and_then(|()| scanner.integer32()) {
        Some(send_queue) => (send_queue, scanner.integer32()?),
        None => (0, 0),
    };
    Some(CircuitSocket {
        protocol: CircuitProtocol::Ax25,
        dest: dest.into(),
        source: source.into(),
        device: device.into(),
        state,
        send_sequence,
        recv_sequence,
        send_queue,
        recv_queue,
        ..CircuitSocket::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_layout() {
        let socket = parse(
            b"5b3e8000 ax0 G8ABC-0 G4KLX-1,WIDE1 3 1 2 3 0 10 0 3 0 0 0 180 0 10 5 2 256 12 34 5678\n",
        );
        assert_eq!(
            socket,
            Some(CircuitSocket {
                protocol: CircuitProtocol::Ax25,
                dest: b"G4KLX-1".into(),
                source: b"G8ABC-0".into(),
                device: b"ax0".into(),
                state: 3,
                send_sequence: 1,
                recv_sequence: 2,
                send_queue: 12,
                recv_queue: 34,
                ..CircuitSocket::default()
            })
        );
        let columns =
            b"G4KLX-1   G8ABC-0   ax0  3   1   2   5 01/10 0/3 0/300 0/0 0/10 2 256 7 12 34\n";
        assert_eq!(
            parse_columns(columns).map(|old| (old.state, old.send_queue, old.recv_queue)),
            Some((3, 12, 34))
        );
        let fourteen = "0 ".repeat(14);
        for (line, queues) in [
            ("a b c d 1 2 3".to_owned(), Some((0, 0))),
            (format!("a b c d 1 2 3 {fourteen}* * *"), Some((0, 0))),
            (format!("a b c d 1 2 3 {fourteen}5 6"), Some((5, 6))),
            (format!("a b c d 1 2 3 {fourteen}5 *"), None),
            ("a b c d 1 2".to_owned(), None),
            ("a  b c d 1 2 3".to_owned(), None),
            ("a b c d".to_owned(), None),
            (String::new(), None),
        ] {
            let socket = parse(line.as_bytes());
            assert_eq!(
                socket.map(|new| (new.send_queue, new.recv_queue)),
                queues,
                "{line}"
            );
        }
    }
}
