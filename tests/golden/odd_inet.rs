//! Files of sockets as no kernel writes them, against what the reference wrote.

use std::fmt::Write;
use std::os::unix::fs::symlink;

use crate::inet::TCP_HEADER;
use crate::support::byte_order::address;
use crate::support::golden::golden_on;
use crate::support::tree::Tree;

/// A line is handed over in pieces of 8191 bytes, and piece 0, not line 0, is the header.
#[test]
fn long_lines() {
    // Some rows begin within a line.
    let local = address([127, 0, 0, 1]);
    let remote = address([10, 0, 0, 2]);
    let row =
        |port: u32| format!("0: {local}:0016 {remote}:{port:04X} 01 3:5 0:10 2 1000 7 {port}");
    let mut tcp = TCP_HEADER.to_owned();
    for (port, length) in [
        (1, 8190),
        (2, 8191),
        (3, 8192),
        (4, 8193),
        (5, 16382),
        (6, 16383),
        (7, 60_000),
    ] {
        writeln!(tcp, "{:<length$}", row(port)).unwrap();
    }
    // A second row that begins exactly where a piece does.
    writeln!(tcp, "{:<8191}{}", row(8), row(9)).unwrap();
    let udp = format!("{:<9000}\n{}\n{:>8250}\n", "header", row(1), row(2));
    let raw = format!("{:<8191}{}\n", "header", row(3));
    let tree = Tree::new("long-lines")
        .exact_file("net/tcp", tcp)
        .exact_file("net/udp", udp)
        .exact_file("net/raw", raw);
    golden_on(&tree, "long-lines", &["-tn4", "-tne4", "-un4", "-wn4"]);
}

/// NUL ends the text of a line, not the line; the last line needs no newline; carriage returns are blanks.
#[test]
fn line_ends() {
    let row = "0: 0100007F:0016 0200000A:0050 01 3:5 0:10 2 1000 7 9";
    let tree = Tree::new("line-ends")
        .file(
            "net/tcp",
            format!("\0header\n{row}\0{row}\n\0{row}\n{row}\r\n{row}"),
        )
        .file("net/udp", format!("header\n{row}\n\0"))
        .file(
            "net/raw",
            format!("header\0\n{row}\x0c\n\x0b{row}\n{row} \0"),
        )
        .file("net/udplite", "header without newline")
        .file("net/tcp6", "\0");
    golden_on(
        &tree,
        "line-ends",
        &["-tn", "-tne", "-un", "-wn", "-Un", "-an"],
    );
}

/// Everything but "no such file" and "permission denied" ends the program with 255, at once.
#[test]
fn unopenable_files() {
    let tree = Tree::new("net-is-a-file").file("net", "");
    golden_on(
        &tree,
        "net-is-a-file",
        &[
            "",
            "-n",
            "-v",
            "-tn",
            "-6tn",
            "-un",
            "-4n",
            "-6n",
            "-xn",
            "-gn",
            "-n -A ax25",
            "-S",
            "-x6n",
        ],
    );

    for name in ["tcp", "udp", "udplite", "raw", "unix", "ax25", "tcp6"] {
        let tree = Tree::new("link-to-itself").directory("net");
        symlink(name, tree.proc().join("net").join(name)).unwrap();
        golden_on(
            &tree,
            &format!("link-to-itself-{name}"),
            &[
                "",
                "-v",
                "-tn",
                "-un",
                "-wn",
                "-Un",
                "-4n",
                "-6n",
                "-xn",
                "-n -A ax25",
                "-tn6",
            ],
        );
    }
}
