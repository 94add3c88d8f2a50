//! Fixtures × command lines against what the reference wrote (fixtures/README.md says how to record).

use std::fmt::Write;
use std::os::unix::fs::symlink;

use crate::support::golden::{golden, golden_on, golden_with};
use crate::support::transcript::lines;
use crate::support::tree::Tree;

/// What people ask of Internet sockets, all with `-n`: names are the machine's, see [`names`].
const USUAL: [&str; 26] = [
    "-n", "-an", "-ln", "-tn", "-tan", "-tln", "-un", "-uan", "-uln", "-Un", "-Uan", "-Uln", "-wn",
    "-wan", "-wln", "-tulnp", "-tunap", "-ane", "-anee", "-ano", "-aneo", "-anp", "-aneop", "-anW",
    "-an4", "-an6",
];

/// Every member of `first` with every member of `second` and of `third`.
fn product(first: &[&str], second: &[&str], third: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for one in first {
        for two in second {
            for three in third {
                all.push(
                    ["-n", one, two, three]
                        .into_iter()
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(" "),
                );
            }
        }
    }
    all
}

fn golden_product(tree: &str, snapshot: &str, first: &[&str], second: &[&str], third: &[&str]) {
    let all = product(first, second, third);
    golden_on(
        &Tree::committed(tree),
        snapshot,
        &all.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

#[test]
fn transcripts_show_every_byte() {
    assert_eq!(
        lines(b"a \nb$\n\\c\xc3\xa9\t\0", "> "),
        "> a $\n> b$$\n> \\\\c\\xc3\\xa9\\t\\x00\\c\n"
    );
    assert_eq!(lines(b"", "> "), "");
}

const PROTOCOLS: [&str; 16] = [
    "",
    "-t",
    "-u",
    "-U",
    "-w",
    "-x",
    "-tu",
    "-4",
    "-6",
    "-t4",
    "-u6",
    "-4x",
    "-A inet,unix",
    "-twx",
    "--inet6 --raw",
    "-46",
];
const COLUMNS: [&str; 6] = ["", "-e", "-o", "-p", "-W", "-eopW"];

#[test]
fn busy_server_connected() {
    golden_product(
        "busy-server",
        "busy-server-connected",
        &[""],
        &PROTOCOLS,
        &COLUMNS,
    );
}

#[test]
fn busy_server_listening() {
    golden_product(
        "busy-server",
        "busy-server-listening",
        &["-l"],
        &PROTOCOLS,
        &COLUMNS,
    );
}

#[test]
fn busy_server_all() {
    golden_product(
        "busy-server",
        "busy-server-all",
        &["-a"],
        &PROTOCOLS,
        &COLUMNS,
    );
}

/// The same question in other words: order, repetition, long options, options without effect.
#[test]
fn busy_server_spelled_otherwise() {
    golden(
        "busy-server",
        &[
            "-plnt",
            "-tnoe",
            "-nau",
            "-lnt",
            "-natu",
            "-antp4",
            "-46tn",
            "-na -l",
            "-l -a -n -t",
            "-tt -nn -aa",
            "-tnv",
            "-anv",
            "-tnN",
            "-tnd",
            "-tnC",
            "-tnF",
            "foo -tn bar",
            "-tn -- -x",
            "--tcp --numeric",
            "--udp --all --numeric --extend",
            "--tcp --listening --numeric --programs --timers --wide",
            "--numeric-hosts --numeric-ports --numeric-users -te",
            "-A inet -tn",
            "-A inet6 -tn",
            "-A inet,inet6 -un",
            "-A ip -tn",
            "-A tcpip -tn",
            "-A ip6 -un",
            "--ip -tn",
            "--inet -tn",
            "--inet6 -tn",
            "--tcpip -tn",
            "-A ddp -tn",
            "--ddp -wn",
            "-A ash -Un",
            "-A econet -wn",
            "--unix -n",
            "-A unix -ln",
            "-tn -A unix",
            "-xn6",
            "--tc -n",
            "--un -n",
            "--tcp=x -n",
            "-tnQ",
            "-A inet,foo -n",
            "-tn -A",
            "-2n",
            "-tfn",
            "-Sn",
            "-Sna",
            "-tSn",
            "-uSn",
            "-4Sn",
            "-6Sn",
            "-nS4v",
            "-nvS6",
            "-n -A ipx",
            "-n4 -A ipx",
            "-tn -A ax25",
            "-n -A x25",
            "-n --netrom",
            "-n --rose",
            "-tn -Z",
            "-tZn",
            "-tpn -x",
            "-p -n -x",
            "-pn -w",
            "--cont -tn",
        ],
    );
}

#[test]
fn listening_dual_stack() {
    golden(
        "listening-dual-stack",
        &[
            &USUAL[..],
            &["-tulnep", "-t46ln", "-t6ln", "-u4lnW", "-lnv"],
        ]
        .concat(),
    );
}

#[test]
fn tcp_states_and_timers() {
    golden(
        "tcp-states-and-timers",
        &[
            "-tn", "-tan", "-tln", "-tano", "-tn4o", "-tn6o", "-tlno", "-taneop", "-tanW",
        ],
    );
}

#[test]
fn udp_and_raw_timers() {
    golden(
        "udp-and-raw-timers",
        &[
            "-no", "-ano", "-uno", "-Uneo", "-wno", "-uanop", "-wn6eo", "-lno",
        ],
    );
}

#[test]
fn long_addresses() {
    golden(
        "long-addresses",
        &[
            "-tn", "-tnW", "-tan", "-tanW", "-tn4", "-tn6We", "-tln", "-tlnWo", "-un", "-unW",
            "-wn", "-wnW", "-wnWe",
        ],
    );
}

#[test]
fn bogus_lines() {
    golden(
        "bogus-lines",
        &[
            "-tn", "-tneo", "-tln", "-tan", "-tn4", "-tn6", "-un", "-uneo", "-uln", "-Un", "-Ulan",
            "-wn", "-wneo", "-wln", "-tuwUn", "-an", "-neop",
        ],
    );
}

#[test]
fn no_header() {
    golden(
        "no-header",
        &["-n", "-tn", "-tan4", "-un", "-wn", "-xn", "-tn6", "-anv"],
    );
}

#[test]
fn unknown_states() {
    golden(
        "unknown-states",
        &[
            "-n", "-tn", "-tan", "-un", "-uane", "-Un", "-Uan", "-wn", "-wano", "-wln",
        ],
    );
}

#[test]
fn remote_port_or_address() {
    golden_product(
        "remote-port-or-address",
        "remote-port-or-address",
        &["", "-l", "-a", "-al"],
        &["-t", "-u", "-U", "-w"],
        &["", "-4", "-6", "-W"],
    );
}

#[test]
fn huge_numbers() {
    golden(
        "huge-numbers",
        &[
            "-tn", "-tne", "-tno", "-tneo", "-un", "-une", "-uno", "-Uneo", "-wne", "-wno",
            "-tneop",
        ],
    );
}

/// The table of process names; which links count as sockets; which directories as processes.
#[test]
fn odd_programs() {
    golden(
        "odd-programs",
        &[
            "-tnp", "-tnap", "-tlnp", "-tnpeo", "-unap", "-lnxp", "-xnp", "-np", "-gp", "-gtnp",
            "-wnp",
        ],
    );
}

/// Which messages come for missing files, and what they end.
fn missing_files(tree: &str) {
    let protocols = [
        "",
        "-t",
        "-u",
        "-U",
        "-w",
        "-S",
        "-x",
        "-g",
        "-tu",
        "-ut",
        "-tx",
        "-gt",
        "-gx",
        "-4",
        "-6",
        "-46",
        "-4t",
        "-6t",
        "-46t",
        "-4x",
        "-6g",
        "-4g",
        "-4S",
        "-A ipx",
        "-A ax25",
        "-A x25",
        "-A netrom",
        "-A rose",
        "-4 -A ipx",
        "-A inet,ipx",
        "-A ddp",
        "-2",
        "-2t",
        "-f",
        "-A bluetooth",
        "-4 -2",
    ];
    golden_product(
        tree,
        &format!("missing-files-{tree}"),
        &["", "-v"],
        &["", "-a", "-l"],
        &protocols,
    );
}

#[test]
fn missing_files_no_net() {
    missing_files("no-net");
}

#[test]
fn missing_files_empty_net() {
    missing_files("empty-net");
}

#[test]
fn missing_files_only_v4() {
    missing_files("only-v4-files");
}

#[test]
fn missing_files_only_v6() {
    missing_files("only-v6-files");
}

#[test]
fn missing_files_only_udp_and_unix() {
    missing_files("only-udp-and-unix");
}

/// The default listing and names are only the machine's where there is something to name.
#[test]
fn nothing_to_name() {
    golden(
        "empty-net",
        &[
            "", "-a", "-l", "-al", "-e", "-ee", "-p", "-o", "-eop", "-pe", "-W", "-v", "-t", "-g",
            "-x", "-xp", "-c -t",
        ],
    );
}

const TCP_HEADER: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

/// A line is handed over in pieces of 8191 bytes, and piece 0, not line 0, is the header.
// The rows that begin within a line cannot be turned into the other byte order.
#[test]
#[cfg(target_endian = "little")]
fn long_lines() {
    let row =
        |port: u32| format!("0: 0100007F:0016 0200000A:{port:04X} 01 3:5 0:10 2 1000 7 {port}");
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
        .file("net/tcp", tcp)
        .file("net/udp", udp)
        .file("net/raw", raw);
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

/// Names of hosts, networks, services, protocols and users, from files mounted over the machine's.
#[test]
#[ignore = "needs root"]
fn names() {
    let tree = Tree::committed("names");
    let etc = tree.proc().with_file_name("etc");
    golden_with(
        "names",
        &[
            "-t",
            "-ta",
            "-tl",
            "-te",
            "-tae",
            "-taW",
            "-ta4",
            "-ta6",
            "-ta6W",
            "-tn",
            "-tan",
            "-tane",
            "-u",
            "-ua",
            "-uaW",
            "-uae",
            "-U",
            "-Ua",
            "-w",
            "-wa",
            "-wae",
            "-g",
            "-gn",
            "-g4",
            "-g6",
            "-g --numeric-hosts",
            "-g --numeric-ports",
            "-gW",
            "-ta --numeric-hosts",
            "-ta --numeric-ports",
            "-tae --numeric-users",
            "-taW --numeric-hosts",
            "-taW --numeric-ports",
            "-tae --numeric-hosts --numeric-ports",
            "-tae --numeric-hosts --numeric-users",
            "-taN",
            "-uaN",
            "-wa --numeric-ports",
            "-wa --numeric-hosts",
            "-tuwUaeopW",
            "",
            "-a",
            "-l",
        ],
        |run| run.etc(&etc).proc(tree.proc()),
    );
}

/// What somebody else than root is told about files and processes that are closed to him.
#[test]
#[ignore = "needs root"]
fn as_nobody() {
    let row = |inode: u32| format!("0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 1000 0 {inode}\n");
    let base = |name| {
        Tree::new(name)
            .file("net/tcp", format!("{TCP_HEADER}{}{}", row(1001), row(1002)))
            .file(
                "net/unix",
                "Num       RefCount Protocol Flags    Type St Inode Path\n",
            )
    };
    let open = |tree: Tree| {
        tree.file("100/cmdline", "/bin/mine\0")
            .link("100/fd/3", "socket:[1001]")
    };
    let closed = |tree: Tree| {
        tree.file("200/cmdline", "/bin/others\0")
            .link("200/fd/3", "socket:[1002]")
            .mode("200/fd", 0)
    };
    let program_lines = ["-tnp", "-tnap", "-xp", "-gp", "-p -n", "-tn", "-p -V"];
    for tree in [
        open(base("own-process")),
        closed(base("foreign-process")),
        closed(open(base("own-and-foreign-process"))),
        closed(
            base("own-process-without-sockets")
                .file("100/cmdline", "/bin/mine\0")
                .link("100/fd/3", "/dev/null"),
        ),
        closed(
            base("own-process-unreadable-cmdline")
                .file("100/cmdline", "x")
                .mode("100/cmdline", 0)
                .link("100/fd/3", "socket:[1001]"),
        ),
        base("unreadable-process")
            .file("300/cmdline", "x")
            .link("300/fd/3", "socket:[1001]")
            .mode("300", 0),
        base("process-without-fd").file("300/cmdline", "x"),
        open(base("unreadable-proc")).mode("", 0o311),
    ] {
        golden_with(
            &format!("as-nobody-{}", tree.name()),
            &program_lines,
            |run| run.proc(tree.proc()).uid(65534),
        );
    }

    let files = [
        "-n",
        "-nv",
        "-tn",
        "-4n",
        "-6n",
        "-46tn",
        "-tuan",
        "-xn",
        "-gn",
        "-n -A ax25",
        "-S",
        "-un",
    ];
    let tree = base("unreadable-file")
        .mode("net/tcp", 0)
        .file("net/tcp6", TCP_HEADER)
        .file("net/udp", "x\n");
    golden_with("as-nobody-unreadable-file", &files, |run| {
        run.proc(tree.proc()).uid(65534)
    });
    let tree = base("unsearchable-net").mode("net", 0o600);
    golden_with("as-nobody-unsearchable-net", &files, |run| {
        run.proc(tree.proc()).uid(65534)
    });
    let tree = base("unreadable-ax25")
        .file("net/ax25", "")
        .mode("net/ax25", 0);
    golden_with("as-nobody-unreadable-ax25", &files, |run| {
        run.proc(tree.proc()).uid(65534)
    });
}
