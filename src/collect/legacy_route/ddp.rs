//! `/proc/net/atalk_route`.

use crate::collect::Context;
use crate::error::{Error, Warning, strerror};
use crate::record::legacy_route::{DdpRoute, LegacyFamily, LegacyRoute};
use crate::record::{Record, Table};
use crate::scan::{Scanner, atoi};

const FILE: &str = "net/atalk_route";

/// The next record of a stream of words whose lines do not matter; `None` at an incomplete one.
fn next_route<'a>(scanner: &mut Scanner<'a>) -> Option<DdpRoute<'a>> {
    let mut word = || scanner.word(usize::MAX);
    Some(DdpRoute {
        destination: word()?.into(),
        router: word()?.into(),
        flags: atoi(word()?).cast_unsigned(),
        device: word()?.into(),
    })
}

pub(super) fn collect(context: &mut Context<'_>) -> Result<(), Error> {
    let root = &context.query.proc_root;
    let bytes = match root.read(FILE) {
        Ok(bytes) => bytes,
        Err(error) => {
            let opening = format!(
                "Error opening {}: {}",
                root.path(FILE).display(),
                strerror(&error)
            );
            context.warn(&Warning::Text(opening))?;
            context.warn(&Warning::Plain(
                "DDP (AppleTalk) not configured on this system.",
            ))?;
            return Err(Error::Ended(1));
        }
    };
    context.sink.begin(Table::LegacyRoutes(LegacyFamily::Ddp))?;
    let mut scanner = Scanner::new(&bytes);
    // The heading is a record like the others. Where there is none, the reference crashes.
    let _ = next_route(&mut scanner);
    while let Some(route) = next_route(&mut scanner) {
        let route = LegacyRoute::Ddp(route);
        context.sink.record(&Record::LegacyRoute(route))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_four_words() {
        let mut scanner = Scanner::new(b"65280:0       0:0\n 515 eth0 0:0 200:3\nff  eth1 1 2 3\n");
        let first = next_route(&mut scanner).unwrap();
        assert_eq!(*first.destination, *b"65280:0");
        assert_eq!(*first.router, *b"0:0");
        assert_eq!((first.flags, &*first.device), (515, &b"eth0"[..]));
        let second = next_route(&mut scanner).unwrap();
        assert_eq!((second.flags, &*second.device), (0, &b"eth1"[..]));
        assert_eq!(next_route(&mut scanner), None);
    }
}
