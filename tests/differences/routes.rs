//! Routing tables where the reference crashes or prints memory it never wrote, and we differ on purpose: our own bytes.

use crate::support::tree::Tree;
use crate::{ours, rows};

/// The reference shows what the stack held as the addresses of the first row.
#[test]
fn addresses_missing_in_the_first_row_are_zero() {
    let tree = Tree::new("addresses").file(
        "net/route",
        "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
         eth0 zz zz 1 2 3 4 zz 5 6 7\n\
         eth0 01020304 05060708 1 2 3 4 FFFFFFFF 5 6 7\n\
         eth0 zz zz 1 2 3 4 zz 5 6 7\n",
    );
    assert_eq!(
        rows(&tree, "-rn"),
        "  0.0.0.0         0.0.0.0         0.0.0.0         U         5 6          7 eth0$\n  \
           4.3.2.1         8.7.6.5         255.255.255.255 U         5 6          7 eth0$\n  \
           4.3.2.1         8.7.6.5         255.255.255.255 U         5 6          7 eth0$\n"
    );
}

/// The reference prints a row of memory it never wrote for each line.
#[test]
fn a_cache_of_unknown_format_has_no_rows() {
    let tree = Tree::new("cache").file("net/rt_cache", "IRTT TOS\nrow\nrow\n");
    assert_eq!(
        ours(&tree, "-rCn"),
        "$ netstat -rCn\n  \
           Kernel IP routing cache$\n  \
           ERROR: proc_guess_fmt(/proc/net/rt_cache,... returned: 3$\n  \
           Source          Destination     Gateway         Flags   MSS Window  irtt Iface$\n"
    );
    assert_eq!(
        rows(&tree, "-rCnee"),
        "",
        "this layout has no heading without a format"
    );
}

/// The reference repeats parts of the line before.
#[test]
fn what_is_no_ipv6_route_is_skipped() {
    let zero = "0".repeat(32);
    let line = format!(
        "20010db8000000000000000000000000 40 {zero} 00 {zero} 00000100 00000001 00000002 00000001 eth0\n"
    );
    let tree = Tree::new("ipv6").file(
        "net/ipv6_route",
        format!(
            "\ngarbage\n{line}\n{}{}",
            line.replace("2001", "zz01"),
            line.replace(" eth0", "")
        ),
    );
    assert_eq!(
        rows(&tree, "-rn6"),
        "  2001:db8::/64                  ::                         U    256 1      2 eth0$\n"
    );
}

/// The reference takes the end of the name for the hardware address.
#[test]
fn neighbours_on_long_names_keep_their_address() {
    let neighbour =
        "20010db8000000000000000000000001 01 80 01 02 00000000 000003e8 00001388 2328 0003 008e";
    let tree = Tree::new("ndisc").file(
        "net/ndisc",
        format!("{neighbour} a-longer-name 00a0c9aabbcc\n{neighbour} eth0 00a0c9\n{neighbour} lo\n{neighbour}\n\n"),
    );
    assert_eq!(
        rows(&tree, "-rn6C"),
        "  2001:db8::1/128                             00:a0:c9:aa:bb:cc a-longer-name RxhP  3   REACHABLE       $\n  \
           2001:db8::1/128                             00:a0:c9          eth0     RxhP  3   REACHABLE       $\n  \
           2001:db8::1/128                                               lo       RxhP  3   REACHABLE       $\n"
    );
}

/// The reference shows the rest of longer lines, with their newlines.
#[test]
fn lines_shorter_than_their_columns_end_there() {
    let tree = Tree::new("short")
        .file("net/ax25_route", "heading\nG4KLX-1   ax0  12\nshort\n\n")
        .file("net/x25/route", "heading\n2080\n\n")
        .file("net/nr_nodes", "heading\nshort\n")
        .file("net/nr_neigh", "heading\n00001 G4KLX-1\n")
        .file(
            "net/rose_nodes",
            "heading\n208\n2080175520 0010 1 00001\n2080175520 0010 9 00001\n",
        )
        .file("net/rose_neigh", "heading\n00001 RSLOOP-0\n");
    assert_eq!(
        rows(&tree, "-r --ax25"),
        "  G4KLX-1      ax0       12$\n  short                   0$\n                          0$\n"
    );
    assert_eq!(
        rows(&tree, "-r --x25"),
        "  *                         $\n  *                         $\n"
    );
    assert_eq!(rows(&tree, "-r --netrom"), "  short                  \\c\n");
    assert_eq!(
        rows(&tree, "-r --rose"),
        "  208          $\n  \
           2080175520   00001  RSLOOP-0         $\n  \
           2080175520   00001  RSLOOP-0         00000  00000  $\n"
    );
}

/// The reference reads outside of the line.
#[test]
fn netrom_ways_that_are_not_there_have_no_neighbour() {
    let nodes: String = ["0", "2", "-1", "99999999999", "2147483647"]
        .map(|which| format!("GB7DEF-2  *        {which} 1  192   6 00001\n"))
        .concat();
    let tree = Tree::new("ways")
        .file("net/nr_nodes", format!("heading\n{nodes}"))
        .file("net/nr_neigh", "heading\n00001 G4KLX-1   ax0\n");
    assert_eq!(
        rows(&tree, "-r --netrom"),
        format!("  {}\\c\n", "GB7DEF-2     *         ".repeat(5))
    );
}

/// The reference crashes.
#[test]
fn nothing_crashes() {
    let tree = Tree::new("crashes")
        .file("net/rose_nodes", "heading\n2080175520 0010 2 00001 00002\n")
        .file("net/atalk_route", "");
    assert_eq!(rows(&tree, "-r --rose"), "  2080175520   00001  00002  $\n");
    assert_eq!(
        ours(&tree, "-r --ddp"),
        "$ netstat -r --ddp\n  Destination     Gateway         Device          Flags$\n"
    );
    let tree = Tree::new("crashes").file(
        "net/ip_masquerade",
        format!("heading\n{} 1:1 1:1 1 1 1 1 1\n", "TCP".repeat(10_000)),
    );
    assert_eq!(
        ours(&tree, "-M"),
        "$ netstat -M\nexit 255\n! masq_info.c: Internal Error `ip_masquerade unknown type'.$\n"
    );
}

/// Names of interfaces come from whoever made them; the reference copies them to the terminal.
#[test]
fn control_bytes_become_dots() {
    let tree = Tree::new("control")
        .file(
            "net/route",
            "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
             \x1b[31m\u{85}\u{e9} 00000000 00000000 1 2 3 4 00000000 5 6 7\n",
        )
        .file("net/ax25_route", "heading\nG4\x1b[31m-1 ax0\x07 12\n");
    assert_eq!(
        rows(&tree, "-rn"),
        "  0.0.0.0         0.0.0.0         0.0.0.0         U         5 6          7 .[31m..\\xc3\\xa9$\n"
    );
    assert_eq!(rows(&tree, "-r --ax25"), "  G4.[31m-1    ax0.      12$\n");
}
