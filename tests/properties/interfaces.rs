//! Interfaces: their counters and the order of their names.

use std::io::BufReader;

use netstat::collect::interfaces::dev::{self, Layout};
use netstat::collect::interfaces::name::InterfaceName;
use netstat::record::interface::Counters;
use procfs::FromBufRead;
use proptest::prelude::*;

use crate::hold;
use crate::support::checks;
use crate::values::{interface, long};

const DEV_HEADINGS: [&str; 2] = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
];

fn dev_line(name: &str, n: &[u64; 16]) -> String {
    format!(
        "{name:>6}: {:7} {:7} {:4} {:4} {:4} {:5} {:10} {:9} {:8} {:7} {:4} {:4} {:4} {:5} {:7} {:10}\n",
        n[0],
        n[1],
        n[2],
        n[3],
        n[4],
        n[5],
        n[6],
        n[7],
        n[8],
        n[9],
        n[10],
        n[11],
        n[12],
        n[13],
        n[14],
        n[15]
    )
}

fn counter_values() -> impl Strategy<Value = [u64; 16]> {
    let number = prop_oneof![3 => Just(0), 3 => 0..100_000u64, 1 => long()];
    proptest::array::uniform16(number)
}

fn read_counters(line: &str) -> (Vec<u8>, Counters) {
    let mut counters = Counters::default();
    let (name, text) = dev::split(line.as_bytes());
    Layout::of_heading(DEV_HEADINGS[1].as_bytes()).read(text, &mut counters);
    (name.to_vec(), counters)
}

#[test]
fn interface_counters_are_read_back() {
    hold(1000, (interface(), counter_values()), |(name, n)| {
        let expected = Counters {
            rx_bytes: n[0],
            rx_packets: n[1],
            rx_errors: n[2],
            rx_dropped: n[3],
            rx_fifo: n[4],
            rx_frame: n[5],
            rx_compressed: n[6],
            rx_multicast: n[7],
            tx_bytes: n[8],
            tx_packets: n[9],
            tx_errors: n[10],
            tx_dropped: n[11],
            tx_fifo: n[12],
            tx_collisions: n[13],
            tx_carrier: n[14],
            tx_compressed: n[15],
        };
        assert_eq!(
            read_counters(&dev_line(&name, &n)),
            (name.into_bytes(), expected)
        );
    });
}

#[test]
fn procfs_agrees_on_interfaces() {
    // It keeps colons that are part of a name, and we take them for the end of it, as the reference does.
    hold(
        500,
        ("[a-z][a-z0-9.]{0,14}", counter_values()),
        |(name, n)| {
            let line = dev_line(&name, &n);
            let file = format!("{}\n{}\n{line}", DEV_HEADINGS[0], DEV_HEADINGS[1]);
            let theirs =
                procfs::net::InterfaceDeviceStatus::from_buf_read(BufReader::new(file.as_bytes()))
                    .unwrap()
                    .0;
            let theirs = &theirs[&name];
            let (read, ours) = read_counters(&line);
            assert_eq!(read, name.as_bytes());
            assert_eq!(
                ours,
                Counters {
                    rx_bytes: theirs.recv_bytes,
                    rx_packets: theirs.recv_packets,
                    rx_errors: theirs.recv_errs,
                    rx_dropped: theirs.recv_drop,
                    rx_fifo: theirs.recv_fifo,
                    rx_frame: theirs.recv_frame,
                    rx_compressed: theirs.recv_compressed,
                    rx_multicast: theirs.recv_multicast,
                    tx_bytes: theirs.sent_bytes,
                    tx_packets: theirs.sent_packets,
                    tx_errors: theirs.sent_errs,
                    tx_dropped: theirs.sent_drop,
                    tx_fifo: theirs.sent_fifo,
                    tx_collisions: theirs.sent_colls,
                    tx_carrier: theirs.sent_carrier,
                    tx_compressed: theirs.sent_compressed,
                }
            );
        },
    );
}

#[test]
fn interface_names_are_in_a_total_order() {
    let name = || "(eth|wlan|veth|br-|)[0-9]{0,11}(:[0-9]{0,3}|)";
    hold(2000, (name(), name(), name()), |(a, b, c)| {
        let [a, b, c] = [a, b, c].map(|name| InterfaceName::new(name.as_bytes()));
        for [a, b, c] in [
            [&a, &b, &c],
            [&a, &c, &b],
            [&b, &a, &c],
            [&b, &c, &a],
            [&c, &a, &b],
            [&c, &b, &a],
        ] {
            checks::order(a, b, c);
        }
    });
}
