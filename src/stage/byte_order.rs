//! The stage that notices tables from a machine of the other byte order (`--proc-root` without `--byte-order`).

use std::net::IpAddr;

use crate::error::{Error, Warning};
use crate::record::change::Event;
use crate::record::namespace::Namespace;
use crate::record::{Message, Record, Sink, Table};
use crate::scan::{ByteOrder, in_other_order};

/// Passes everything on, and says at the end of a pass if the sockets of a table have loopback addresses only in the other byte order.
pub struct ByteOrderStage<S> {
    /// Of the table at hand: some local address is a loopback address as it was read, or in the other order.
    as_read: bool,
    reversed: bool,
    /// Some table of this pass is to be read in the other order.
    doubted: bool,
    sink: S,
}

impl<S: Sink> ByteOrderStage<S> {
    /// Passes on to `sink`.
    pub fn new(sink: S) -> Self {
        ByteOrderStage {
            as_read: false,
            reversed: false,
            doubted: false,
            sink,
        }
    }

    /// Judges the table that ends here.
    fn end_table(&mut self) {
        self.doubted |= self.reversed && !self.as_read;
        (self.as_read, self.reversed) = (false, false);
    }
}

/// 127.0.0.0/8, ::1, and the former mapped into IPv6.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether the bytes of an address are surely in the wrong order: the other makes it 127.0.0.x, or a loopback address of IPv6, of which
/// there are no doubles. 10.0.0.127 may be just that.
fn is_reversed_loopback(address: IpAddr) -> bool {
    let other = in_other_order(address);
    match (address, other.to_canonical()) {
        (IpAddr::V4(address), IpAddr::V4(other)) => {
            matches!(other.octets(), [127, 0, 0, _]) && !address.is_private()
        }
        (_, other) => other.is_loopback(),
    }
}

impl<S: Sink> Sink for ByteOrderStage<S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.end_table();
        self.sink.begin_namespace(namespace)
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.end_table();
        self.sink.begin(table)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if let Record::Inet(socket) = record {
            self.as_read |= is_loopback(socket.local.address);
            self.reversed |= is_reversed_loopback(socket.local.address);
        }
        self.sink.record(record)
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.sink.message(message)
    }

    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.sink.event(event)
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.end_table();
        let said = if std::mem::take(&mut self.doubted) {
            let other = match ByteOrder::OWN {
                ByteOrder::Big => "little",
                ByteOrder::Little => "big",
            };
            let warning = Warning::OtherByteOrder(other);
            self.sink.message(&Message::from(&warning))
        } else {
            Ok(())
        };
        let ended = self.sink.end_pass();
        said.and(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_tell_the_order() {
        let read = |text: &str| {
            let address = text.parse().unwrap();
            (is_loopback(address), is_reversed_loopback(address))
        };
        for own in [
            "127.0.0.1",
            "127.0.0.53",
            "127.1.2.3",
            "::1",
            "::ffff:127.0.0.1",
        ] {
            assert_eq!(read(own), (true, false), "{own}");
        }
        for other in ["1.0.0.127", "53.0.0.127", "::100:0", "::ffff:0:100:7f"] {
            assert_eq!(read(other), (false, true), "{other}");
        }
        // A network's host number 127, and what is the same either way.
        for either in [
            "10.0.0.127",
            "1.2.3.127",
            "0.0.0.0",
            "::",
            "::ffff:1.2.3.4",
            "fe80::1",
        ] {
            assert_eq!(read(either), (false, false), "{either}");
        }
        assert_eq!(read("127.0.0.127"), (true, true));
    }
}
