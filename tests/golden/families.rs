//! Fixtures × command lines against what the reference wrote: unix, SCTP, groups, the old families, and which tables are
//! listed in which order (fixtures/README.md says how to record).

use std::os::unix::fs::symlink;

use crate::support::golden::{golden, golden_on, golden_with};
use crate::support::tree::Tree;

/// Every member of `first` with every member of `second`.
fn product(first: &[&str], second: &[&str]) -> Vec<String> {
    first
        .iter()
        .flat_map(|one| second.iter().map(move |two| format!("{one} {two}")))
        .map(|line| line.trim().to_owned())
        .collect()
}

fn golden_product(tree: &str, first: &[&str], second: &[&str]) {
    let lines = product(first, second);
    golden(tree, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

const SOCKET_COLUMNS: [&str; 9] = ["", "-e", "-ee", "-p", "-n", "-v", "-o", "-W", "-neopW"];

#[test]
fn unix() {
    golden_product(
        "unix-sockets",
        &["-x", "-xa", "-xl", "-xal", "--unix -l", "-A unix", ""],
        &SOCKET_COLUMNS,
    );
}

#[test]
fn unix_odd() {
    golden_product(
        "unix-without-inodes",
        &["-x", "-xa", "-xl"],
        &["", "-p", "-e"],
    );
    golden_product("unix-bogus-lines", &["-x", "-xa", "-xl"], &["", "-p", "-v"]);
}

/// A path may be as long as a line, whatever the reference's buffer.
#[test]
fn unix_long_lines() {
    let heading = "Num       RefCount Protocol Flags    Type St Inode Path\n";
    let row =
        |path: &str| format!("0000000000000000: 00000002 00000000 00010000 0001 01 10001 {path}\n");
    let tree = Tree::new("unix-long-lines").file(
        "net/unix",
        [
            heading.to_owned(),
            row(&"x".repeat(4000)),
            row(&format!(
                "/a{}",
                " ".repeat(8191 - 62) + &row("/second piece")
            )),
            row("/after"),
        ]
        .concat(),
    );
    golden_on(&tree, "unix-long-lines", &["-xl", "-x"]);
}

const GROUP_LINES: [&str; 18] = [
    "-gn",
    "-g4n",
    "-g6n",
    "-g46n",
    "-gan",
    "-gln",
    "-gvn",
    "-geopWn",
    "-gxn",
    "-gxan",
    "-gtn",
    "-gtan",
    "-gnN",
    "-ng -A ddp",
    "-g --numeric-hosts",
    "-gS --numeric-hosts",
    "-gn -A inet",
    "-gnp",
];

const ODD_GROUP_LINES: [&str; 4] = ["-gn", "-g4n", "-g6n", "-gxn"];

#[test]
fn groups() {
    golden("groups", &GROUP_LINES);
    golden("groups-old-layout", &GROUP_LINES);
    golden("groups-bogus-lines", &ODD_GROUP_LINES);
}

// The reference completes short addresses of igmp6 with memory that it never wrote. It is zero, as in our answer, only elsewhere.
#[test]
#[cfg(target_endian = "little")]
fn groups_without_heading() {
    golden("groups-without-heading", &ODD_GROUP_LINES);
}

#[test]
fn sctp() {
    golden_product(
        "sctp",
        &["-Sn", "-San", "-Sln", "-Saln"],
        &["", "-4", "-6", "-46", "-e", "-p", "-o", "-W", "-v", "-eopW"],
    );
    // Numbers of any kind make numeric hosts.
    let lines = product(
        &["-Sa", "-Sl"],
        &[
            "--numeric-hosts",
            "--numeric-ports",
            "--numeric-users -e",
            "-N",
            "-Ne --numeric-users",
            "-nt",
            "-nu",
        ],
    );
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    golden_on(&Tree::committed("sctp"), "sctp-numeric-hosts", &lines);
}

#[test]
fn sctp_odd() {
    golden_product(
        "sctp-six-files",
        &[
            "-San", "-San4", "-San6", "-Sn6", "-Sln6", "-an", "-a6n", "-anv", "-6Sanv",
        ],
        &["", "-eop"],
    );
    golden_product(
        "sctp-bogus-lines",
        &["-Sn", "-Sln", "-San"],
        &["", "-e", "-neop"],
    );
}

const FAMILIES: [&str; 16] = [
    "",
    "-a",
    "-l",
    "-v",
    "-n",
    "--ipx",
    "--ax25",
    "--x25",
    "--netrom",
    "--rose",
    "-A ipx,x25",
    "-A rose,netrom,ax25",
    "--x25 -a",
    "--x25 -l",
    "--ipx -x",
    "-4 --rose",
];

#[test]
fn old_families() {
    golden_product("old-families", &FAMILIES, &["", "-en", "-nopW", "-een"]);
    golden_product("old-ax25-layout", &["--ax25", ""], &["", "-a"]);
    golden_product(
        "old-families-bogus-lines",
        &[
            "-en",
            "-ean",
            "--ax25",
            "--x25 -a",
            "--netrom",
            "--rose",
            "--ipx -en",
            "--ipx",
        ],
        &[""],
    );
}

/// An address without a port ends the listing.
#[test]
fn ipx_without_ports() {
    for (name, line) in [
        ("source", "a b 1 2 1 0"),
        ("destination", "1:2 b 1 2 1 0"),
        ("not-connected-source", "Not_Connected 1:2 1 2 1 0"),
        ("almost-not-connected", "1:2 Not_Connectedx 1 2 1 0"),
        ("blank", ""),
        ("one-word", "1:1"),
    ] {
        let tree = Tree::new(name)
            .file(
                "net/ipx/socket",
                format!("head\n{line}\n1:2:3 4:5:6 1 2 1 0\n"),
            )
            .file("net/rose", "head\n");
        golden_on(
            &tree,
            &format!("ipx-without-port-{name}"),
            &["--ipx", "-n", "-nv", "--ipx --rose"],
        );
    }
}

#[test]
fn every_table_empty() {
    golden_product(
        "every-table-empty",
        &[
            "",
            "-a",
            "-l",
            "-x",
            "-g",
            "-S",
            "-Sa",
            "-4",
            "-6",
            "--ipx",
            "-A ipx,ax25,x25,netrom,rose",
            "-gxtuwUS --ipx --rose",
            "-2",
            "-2x",
            "-f --ax25",
            "-A bluetooth -t",
        ],
        &["", "-v", "-eop"],
    );
}

/// The tables as the reference tells them apart, with the options that ask for each.
const TABLES: [(&str, &[&str], &str); 12] = [
    ("tcp", &["net/tcp", "net/tcp6"], "-t"),
    ("sctp", &["net/sctp/eps", "net/sctp/assocs"], "-S"),
    ("udp", &["net/udp"], "-u"),
    ("udplite", &["net/udplite"], "-U"),
    ("raw", &["net/raw"], "-w"),
    ("igmp", &["net/igmp"], "-g"),
    ("unix", &["net/unix"], "-x"),
    ("ipx", &["net/ipx/socket"], "--ipx"),
    ("ax25", &["net/ax25"], "--ax25"),
    ("x25", &["net/x25"], "--x25"),
    ("netrom", &["net/nr"], "--netrom"),
    ("rose", &["net/rose"], "--rose"),
];

/// One table alone is missing, or alone is there: what is said, what ends the run, what is still printed.
#[test]
fn one_table_missing_or_alone() {
    let everything: String = TABLES
        .iter()
        .map(|(_, _, option)| format!("{option} "))
        .collect();
    for (name, _, option) in TABLES {
        for missing in [true, false] {
            let mut tree = Tree::new("tables").directory("net");
            for (other, files, _) in TABLES {
                if (other == name) != missing {
                    for file in files {
                        // Today's ax25 has no heading.
                        let heading = if other == "ax25" { "" } else { "heading\n" };
                        tree = tree.file(file, heading);
                    }
                }
            }
            let lines = [
                "", "-v", "-a", "-va", "-l", "-vl", "-4", "-6", "-4v", "-4x", "-x6",
            ];
            let mut lines: Vec<String> = lines.map(str::to_owned).to_vec();
            for extra in ["", "-a", "-v", "-4", "-6", "-2"] {
                lines.push(format!("{option} {extra}").trim().to_owned());
            }
            lines.push(everything.trim().to_owned());
            lines.push(format!("{everything}-a"));
            lines.push(format!("{everything}-4"));
            let kind = if missing { "without" } else { "only" };
            golden_on(
                &tree,
                &format!("tables-{kind}-{name}"),
                &lines.iter().map(String::as_str).collect::<Vec<_>>(),
            );
        }
    }
}

/// Files of the second kind may be missing for any reason; those of the old families for one only.
#[test]
fn unopenable_files() {
    for name in [
        "igmp",
        "igmp6",
        "sctp/eps",
        "sctp/assocs",
        "sctp6/eps",
        "ipx/socket",
        "x25",
        "nr",
        "rose",
    ] {
        let tree = Tree::new("loop")
            .file("net/sctp/x", "")
            .file("net/sctp6/x", "")
            .file("net/ipx/x", "");
        let link = tree.proc().join("net").join(name);
        symlink(link.file_name().unwrap(), &link).unwrap();
        golden_on(
            &tree,
            &format!("link-to-itself-{}", name.replace('/', "-")),
            &[
                "",
                "-v",
                "-a",
                "-g",
                "-S",
                "-Sa",
                "-Sl",
                "-6S",
                "-gx",
                "-4x",
                "--ipx",
                "-A x25,netrom",
                "--rose",
            ],
        );
    }
    let tree = Tree::new("ipx-is-a-file").file("net/ipx", "head\n1:2:3 4:5:6 1 2 1 0\n");
    golden_on(&tree, "ipx-is-a-file", &["", "-v", "--ipx", "-x --ipx"]);
    let tree = Tree::new("ipx-without-socket").directory("net/ipx");
    golden_on(&tree, "ipx-without-socket", &["", "-v", "--ipx"]);
}

/// Directories stand for the old families' tables on kernels that have moved them.
#[test]
fn directories() {
    let tree = ["ax25", "x25", "nr", "rose", "ipx/socket"]
        .iter()
        .fold(Tree::new("directories"), |tree, name| {
            tree.directory(&format!("net/{name}"))
        });
    golden_on(
        &tree,
        "directories",
        &["", "-v", "-A ipx,ax25,x25,netrom,rose", "--x25 -a"],
    );
}

/// Names of hosts and users where these tables show them, from files mounted over the machine's.
#[test]
#[ignore = "needs root"]
fn names_of_hosts_and_users() {
    let names = Tree::committed("names");
    let etc = names.proc().with_file_name("etc");
    for name in ["sctp", "groups", "old-families"] {
        let tree = Tree::committed(name);
        golden_with(
            &format!("{name}-names"),
            &[
                "-S",
                "-Sa",
                "-Sae",
                "-SaeW",
                "-SaN",
                "-Sa --numeric-users",
                "-g",
                "-g4",
                "-g6",
                "-g --numeric-ports",
                "-gN",
                "--ipx -e",
                "--ipx -eN",
                "--ipx -e --numeric-users",
                "--ipx -e --numeric-hosts",
                "-ae",
            ],
            |run| run.etc(&etc).proc(tree.proc()),
        );
    }
}

/// Somebody else than root is told which files are closed to him.
#[test]
#[ignore = "needs root"]
fn files_closed_to_others() {
    for name in [
        "igmp",
        "unix",
        "sctp/eps",
        "sctp/assocs",
        "ipx/socket",
        "x25",
        "nr",
        "rose",
    ] {
        let tree = Tree::new("closed")
            .file("net/igmp6", "")
            .file(&format!("net/{name}"), "")
            .mode(&format!("net/{name}"), 0);
        golden_with(
            &format!("as-nobody-closed-{}", name.replace('/', "-")),
            &[
                "",
                "-v",
                "-va",
                "-g",
                "-x",
                "-S",
                "-Sa",
                "-4x",
                "-A ipx,x25,netrom,rose",
                "--x25",
                "--netrom",
                "--rose",
            ],
            |run| run.proc(tree.proc()).uid(65534),
        );
    }
}
