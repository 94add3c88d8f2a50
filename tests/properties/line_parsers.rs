//! No bytes, whatever they are, make the parsers of unix, SCTP, groups and the old families panic.

use netstat::collect::igmp::GroupParser;
use netstat::collect::legacy::{ax25, ipx, netrom, rose, x25};
use netstat::collect::{sctp, unix};
use proptest::prelude::*;

/// Bytes at random, and bytes that scanners look for.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let likely =
        proptest::sample::select(b"0123456789abcdefABCDEF xX+-:/.,<>*()nil\t\n\0".to_vec());
    proptest::collection::vec(prop_oneof![8 => likely, 1 => any::<u8>()], 0..200)
}

proptest! {
    #[test]
    fn parsers_do_not_panic(line in line(), second in line()) {
        let _ = unix::parse(&line, true);
        let _ = sctp::endpoint(&line);
        let _ = sctp::association(&line);
        let _ = ax25::parse(&line);
        let _ = ax25::parse_columns(&line);
        let _ = ipx::parse(&line);
        let _ = netrom::parse(&line);
        let _ = rose::parse(&line);
        let _ = x25::parse(&line);
        let heading = [b"Idx\tDevice".as_slice(), &second].concat();
        for first in [&second, &heading] {
            let mut groups = GroupParser::default();
            let _ = groups.line(0, first);
            let _ = groups.line(1, &line);
            let _ = groups.line(2, &second);
        }
    }

    /// The words of an SCTP line are enough to make addresses of: eight fields, thirteen fields and what follows.
    #[test]
    fn sctp_addresses_do_not_panic(tail in line()) {
        for fields in ["1 2 3 4 5 6 7 8 ", "1 2 3 4 5 6 7 8 9 10 11 12 13 "] {
            let line = [fields.as_bytes(), &tail].concat();
            prop_assert!(sctp::endpoint(&line).is_some());
            let _ = sctp::association(&line);
        }
    }
}
