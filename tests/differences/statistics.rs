//! Where the reference reads memory it never wrote, and we differ on purpose: our own bytes.

use crate::support::program::Run;
use crate::support::transcript::lines;
use crate::support::tree::Tree;

/// What our program writes to stdout, having nothing to say on stderr.
fn ours(tree: &Tree, args: &str) -> String {
    let outcome = Run::ours(tree, args).output();
    assert_eq!(outcome.stderr, b"");
    lines(&outcome.stdout, "")
}

/// The reference takes what the stack holds for the name of the first counter.
#[test]
fn no_counter_yet() {
    let tree = Tree::new("nameless")
        .file("net/snmp", "")
        .file("net/snmp6", "\n \t\n\nIp6InReceives 5\n\n");
    assert_eq!(
        ours(&tree, "-s6"),
        "Ip6:$\n    5 total packets received$\n    5 total packets received$\n"
    );
}

/// The reference takes what the stack holds for the value.
#[test]
fn no_value_yet() {
    let tree = Tree::new("valueless").file("net/snmp", "").file(
        "net/snmp6",
        "Ip6InReceives\nIp6InDelivers x\nIp6InDelivers 4\n",
    );
    assert_eq!(
        ours(&tree, "-s6"),
        "Ip6:$\n    0 total packets received$\n    0 incoming packets delivered$\n    \
         4 incoming packets delivered$\n"
    );
}

/// The reference writes them to the terminal as they are.
#[test]
fn control_bytes_in_names() {
    let tree = Tree::new("control")
        .file(
            "net/snmp",
            b"Udp: InDatagrams\x0bNoPorts\x0cInErrors \x1b[31m \x07 \x85 \xe9 \x7f\nUdp: 5 6 7 8 9 4\n\
              Udp: InDatagrams NoPorts\r\nUdp: 5 6\r\n\x1b[31m: A\n: 5\n",
        )
        .file("net/sctp/snmp", "Sctp\r 5\n\x1b[31m 3\n")
        .file("net/snmp6", "Ip6\x1b[31m 9\n");
    assert_eq!(
        ours(&tree, "-s"),
        "Udp:$\n    InDatagrams.NoPorts.InErrors: 5$\n    .[31m: 6$\n    .: 7$\n    .: 8$\n    \\xe9: 9$\n    .: 4$\n\
         Udp:$\n    5 packets received$\n    NoPorts.: 6$\n.[31m:$\n    A: 5$\n\
         Sctp:$\n    Sctp.: 5$\n    .[31m: 3$\n"
    );
    assert_eq!(ours(&tree, "-s6u"), "");
    assert_eq!(ours(&tree, "-s6"), "Ip6:$\n    Ip6.[31m: 9$\n");
}

/// The reference writes names beyond 49 bytes over its stack.
#[test]
fn names_of_any_length() {
    let name = |length: usize| format!("Ip6{}", "N".repeat(length - 3));
    let tree = Tree::new("long-names")
        .file("net/snmp", "")
        .file("net/snmp6", format!("{} 5\n{} 6\n", name(50), name(1000)));
    assert_eq!(
        ours(&tree, "-s6"),
        format!("Ip6:$\n    {}: 5$\n    {}: 6$\n", name(50), name(1000))
    );
}

/// Behind a name that nothing ends, the reference reads on in what an earlier line left there.
#[test]
fn sctp_counters_that_nothing_ends() {
    let tree = Tree::new("endless")
        .file("net/snmp", "")
        .file("net/sctp/snmp", "Foo 12345\nFoo\0 7\nFoo");
    assert_eq!(ours(&tree, "-s"), "Sctp:$\n    Foo: 12345$\n");
}

/// The reference would wait for a writer.
#[test]
fn a_fifo_is_no_table() {
    let tree = Tree::new("fifo").file("net/snmp", "Tcp: InSegs\nTcp: 5\n");
    for file in ["net/netstat", "net/snmp6"] {
        nix::unistd::mkfifo(
            &tree.proc().join(file),
            nix::sys::stat::Mode::from_bits_truncate(0o644),
        )
        .unwrap();
    }
    assert_eq!(ours(&tree, "-st"), "Tcp:$\n    5 segments received$\n");
    let outcome = Run::ours(&tree, "-s6").output();
    assert_eq!(
        lines(&outcome.stderr, ""),
        "cannot open /proc/net/snmp6: No such file or directory$\n"
    );
    assert_eq!(lines(&outcome.stdout, ""), "");
}
