//! Unix, SCTP, groups and the old families: where the reference crashes, prints memory it never wrote, or numbers that are
//! plainly false, and we differ on purpose: our own bytes.

use crate::support::program::Run;
use crate::support::transcript::lines;
use crate::support::tree::Tree;

/// The rows under `headings` lines of heading; nothing may be on stderr.
fn rows(tree: &Tree, args: &str, headings: usize) -> String {
    let outcome = Run::ours(tree, args).output();
    assert_eq!(lines(&outcome.stderr, ""), "");
    lines(&outcome.stdout, "")
        .lines()
        .skip(headings)
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The reference reads the IPv4 file as IPv6 from the second pass on.
#[test]
fn every_pass_over_the_groups_is_like_the_first() {
    let tree = Tree::committed("groups");
    let once = Run::ours(&tree, "-gn").output();
    let passes = Run::ours(&tree, "-gcn").passes(3);
    assert_eq!(passes.stderr, b"");
    assert_eq!(passes.stdout, once.stdout.repeat(3));
}

/// The reference runs over the end of its buffers and shows no destination, for the kernel's addresses have ten digits.
#[test]
fn rose_shows_all_addresses() {
    let tree = Tree::new("rose").file(
        "net/rose",
        "heading\n\
         2080175521 G4KLX-2   2080175520 G4KLX-1   rose0 012 00003  3  0\n\
         *          *         2080175520 GB7BPQ-15 rose10 000 00000  0  0\n\
         a b c d e 1 2 4\n",
    );
    assert_eq!(
        rows(&tree, "--rose", 2),
        "2080175521  G4KLX-2    2080175520  G4KLX-1   rose0  12     3   ESTABLISHED$\n\
         *           *          2080175520  GB7BPQ-15 rose10   0     0   LISTENING$\n\
         a           b          c           d         e       1     2   UNKNOWN$\n"
    );
}

/// The reference crashes where a list is missing, and shows stale memory for groups that are.
#[test]
fn sctp_lists_and_groups_may_be_missing() {
    let line = |tail: &str| format!("1 2 3 1 3 0 123 11 22 0 60002 36412 50000{tail}\n");
    let tree = Tree::new("sctp")
        .file(
            "net/sctp/assocs",
            [
                "heading\n".to_owned(),
                line(""),
                line("  <-> *1.2.3.4 1.2.3.5"),
                line(" 1.2.3.4"),
            ]
            .concat(),
        )
        .file(
            "net/sctp/eps",
            "heading\na b 2 7 29 22 0 20 2001:0db8:0001\na b 2 7 29 22 0 20 :1\n",
        );
    assert_eq!(
        rows(&tree, "-Sane", 2),
        format!(
            "sctp                2001:db8:1:::22                                 CLOSE       0          20        $\n\
             sctp                :::22                                           CLOSE       0          20        $\n \
             0          60002     $\n\
             sctp      22     11 {:23} 1.2.3.4:50000           ESTABLISHED$\n\
             {:44}1.2.3.5                             0          60002     $\n\
             sctp      22     11 1.2.3.4:36412           {:23} ESTABLISHED 0          60002     $\n",
            "", "", ""
        )
    );
}

/// The reference completes a short line with what the line before left in memory.
#[test]
fn short_lines_are_not_completed() {
    let tree = Tree::new("short")
        .file(
            "net/igmp",
            "Idx\tDevice    : Count Querier\tReporter\n\
             1\tlongest-of-all: 1      V3\n\
             2\tx:\n\
             \t\t\t\t010000E0     1 0:00000000\t\t0\n\
             3\tab\n\
             \t\t\t\t010000E0     1 0:00000000\t\t0\n",
        )
        .file(
            "net/igmp6",
            "1 lo ff020000000000000000000000000001 1 0000000C 0\n2 lo ff02 1 0000000C 0\n",
        )
        .file(
            "net/unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n\
             0: 2 0 10000 1 1 10001 /whole\n\
             0: 2 0 10000 1 1\n",
        )
        .file(
            "net/x25",
            "heading\n\
             2080175521 2080175520 lapb0 001  3  1  2  0   0   3 200 180 180    16    24 12345\n\
             2080175521 2080175520 lapb0 0AB  3  1  2  0   0   3 200 180 180    16    24 12345\n\
             short\n",
        )
        .file("net/nr", "heading\nshort\n")
        .file("net/ax25", "a b\na b c d\n")
        .file(
            "net/ipx/socket",
            "heading\n1:2:3 4:5:6 a b 7 5\n1:2:3 4:5:6 1\n",
        );
    assert_eq!(
        rows(&tree, "-gn", 3),
        "x               1      224.0.0.1$\n\
         ab              1      224.0.0.1$\n\
         lo              1      ff02::1$\n\
         lo              1      0:ff02::$\n"
    );
    assert_eq!(
        rows(&tree, "-xl", 2),
        "unix  2      [ ACC ]     STREAM     LISTENING     10001    /whole$\n\
         unix  2      [ ACC ]     STREAM     LISTENING     0        $\n"
    );
    assert_eq!(
        rows(&tree, "--x25 -a", 2),
        "2080175521      208017552       lapb0   1    ESTABLISHED  02/01  16      24    $\n\
         2080175521      208017552       lapb0   0    LISTENING    00/00  0       0     $\n\
         short                                   0    LISTENING    00/00  0       0     $\n"
    );
    assert_eq!(
        rows(&tree, "--netrom", 2),
        "Problem reading data from /proc/net/nr$\n"
    );
    assert_eq!(
        rows(&tree, "--ax25", 2),
        "problem reading data from /proc/net/ax25$\n".repeat(2)
    );
    // Ports are shown as they are in memory.
    let (local, remote) = (3u16.to_be(), 6u16.to_be());
    let ends = format!("00000001:200000000000:{local:04X} 00000004:500000000000:{remote:04X}");
    assert_eq!(
        rows(&tree, "--ipx -en", 2),
        format!(
            "IPX       10     11 {ends}       5         $\n\
             IPX        1      0 {ends} UNK.  0         $\n"
        )
    );
}

/// The reference reads beyond its tables of names.
#[test]
fn states_without_a_name_are_unknown() {
    let netrom = |state: i32| {
        format!(
            "A         B         C         nr0 1/2 3/4 {state} 5 6 7 1/2 3/4 5/6 7/8 9/10 11 12 13\n"
        )
    };
    let tree = Tree::new("states")
        .file(
            "net/ax25",
            "1 ax0 A B 5 1 2\n1 ax0 A B -1 1 2\n1 ax0 A B 4 1 2\n",
        )
        .file("net/x25", "heading\n1          2          x25 1 5 1 2\n")
        .file("net/nr", format!("heading\n{}{}", netrom(3), netrom(4)));
    assert_eq!(
        rows(&tree, "--ax25", 2),
        "B          A          ax0     UNKNOWN      002/001  0       0     $\n\
         B          A          ax0     UNKNOWN      002/001  0       0     $\n\
         B          A          ax0     RECOVERY     002/001  0       0     $\n"
    );
    assert_eq!(
        rows(&tree, "--x25", 2),
        "1               2               x25     1    UNKNOWN      02/01  0       0     $\n"
    );
    assert_eq!(
        rows(&tree, "--netrom", 2),
        "A          B          C          nr0     ESTABLISHED  006/005  12      13    $\n\
         A          B          C          nr0     UNKNOWN      006/005  12      13    $\n"
    );
}

/// Names that others choose cannot steer the terminal.
#[test]
fn control_bytes_are_dots() {
    let tree = Tree::new("control")
        .file(
            "net/unix",
            b"Inode\n0: 2 0 10000 1 1 10 /a\x1b[2J\x7f\x08\xc2\x9b1m\xc3\xa9\x9b\n".as_slice(),
        )
        .file("net/igmp6", "1 a\x1bb ff020000000000000000000000000001 1\n")
        .file("net/rose", "heading\na\x1b b c d e 1 2 3\n");
    assert_eq!(
        rows(&tree, "-xl", 2),
        "unix  2      [ ACC ]     STREAM     LISTENING     10       /a.[2J....1m\\xc3\\xa9.$\n"
    );
    assert_eq!(rows(&tree, "-g6n", 5), "a.b             1      ff02::1$\n");
    assert_eq!(
        rows(&tree, "--rose", 2),
        "a.          b          c           d         e       1     2   ESTABLISHED$\n"
    );
}

/// The reference never comes back from a directory.
#[test]
fn a_directory_in_place_of_a_table_is_empty() {
    let tree = ["net/unix", "net/igmp", "net/sctp/assocs"]
        .iter()
        .fold(Tree::new("directories"), |tree, name| tree.directory(name));
    assert_eq!(rows(&tree, "-x", 2), "");
    assert_eq!(rows(&tree, "-g", 3), "");
    assert_eq!(rows(&tree, "-S", 2), "");
}
