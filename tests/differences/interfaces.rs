//! Interfaces with names of fifteen bytes and more.

use std::fs;

use crate::support::program::{Program, Run};
use crate::support::tree::{Tree, proc_net_dev};
use crate::support::world::{in_new_world, wait_for};

/// The reference shows zeros for interfaces whose name has the full 15 bytes.
#[test]
#[ignore = "needs root and net-tools"]
fn fifteen_bytes_are_a_name_with_counters() {
    in_new_world(|world| {
        world.ip("link add abcdefghijklmno type veth peer name abcdefghijklmn");
        world.ip("link set abcdefghijklmno up");
        world.ip("link set abcdefghijklmn up");
        // The kernel announces the link-local address.
        wait_for("packets", || dev_packets("abcdefghijklmno") > 0);
        let shown = || {
            let outcome = Run::new(Program::Ours, ["-i"]).output();
            let text = String::from_utf8(outcome.stdout).unwrap();
            let row = text
                .lines()
                .find(|line| line.starts_with("abcdefghijklmno "))
                .unwrap()
                .split_whitespace()
                .nth(2)
                .unwrap()
                .to_owned();
            row.parse::<u64>().unwrap()
        };
        let before = dev_packets("abcdefghijklmno");
        let shown = shown();
        assert!((before..=dev_packets("abcdefghijklmno")).contains(&shown));
    });
}

/// Packets received, as the kernel says.
fn dev_packets(name: &str) -> u64 {
    // The thread's own /proc: /proc/net is that of the process.
    fs::read_to_string("/proc/thread-self/net/dev")
        .unwrap()
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(name)?.strip_prefix(':'))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}

/// Names that cannot be the kernel's are cut, and where their counters start is anybody's guess.
#[test]
fn longer_names_have_no_counters() {
    let tree = Tree::new("dev").file(
        "net/dev",
        proc_net_dev("pbcdefghijklmnop: 1 2 3\nubcdefghijk:12345: 1 2 3\n"),
    );
    let outcome = Run::new(Program::Ours, ["-i"]).proc(tree.proc()).output();
    assert_eq!(
        String::from_utf8(outcome.stdout).unwrap(),
        "Kernel Interface table\n\
         Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n\
         pbcdefghijklmno     -        0      0      0 0             0      0      0      0 -\n\
         ubcdefghijk:123     -        0      0      0 0             0      0      0      0 -\n"
    );
}
