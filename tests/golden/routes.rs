//! Routing tables and masquerading: fixtures × command lines against what the reference wrote.

use std::os::unix::fs::symlink;

use crate::support::byte_order::address;
use crate::support::golden::{golden, golden_on, golden_with};
use crate::support::tree::Tree;

/// The families whose tables are gone from today's kernels.
const LEGACY: [&str; 6] = ["ax25", "netrom", "rose", "ipx", "ddp", "x25"];

/// With the tree's own names.
fn golden_named(tree: &str, command_lines: &[&str]) {
    let tree_on_disk = Tree::committed(tree);
    let etc = tree_on_disk.proc().with_file_name("etc");
    golden_with(tree, command_lines, |run| {
        run.etc(&etc).proc(tree_on_disk.proc())
    });
}

#[test]
fn routes_numeric() {
    golden_on(
        &Tree::committed("routes"),
        "routes-numeric",
        &[
            "-rn",
            "-rN",
            "-rne",
            "-rnee",
            "-rneee",
            "-rneeee",
            "-rneeeee",
            "-rneeeeee",
            "-rn6",
            "-rn6e",
            "-rnW6",
            "-rn46",
            "-rn64",
            "-rn44",
            "-rnC",
            "-rnCe",
            "-rnCee",
            "-rnCeee",
            "-rnFC",
            "-rnCF46",
            "-rn6C",
            "-rnx",
            "-rn46x4",
            "-rn -A inet,econet,inet6",
            "-rn -A inet,ash",
            "-rn4 --bluetooth",
            "-rn --ax25",
            "-rn4 --x25",
            "-rn4 --netrom",
            "-rn4 --rose",
            "-rn4 --ipx",
            "-rn4 --ddp",
            "-rn -A ip,ip6",
            "-rn --tcpip",
            "-rnatuwpov",
            "-i -r",
            "-rr",
            "-M",
            "-Mn",
        ],
    );
}

#[test]
#[ignore = "needs root"]
fn routes() {
    golden_named(
        "routes",
        &[
            "-r",
            "-re",
            "-ree",
            "-reee",
            "-r6",
            "-r6ee",
            "-r46",
            "-rFC46",
            "-r --numeric-hosts",
            "-r --numeric-ports",
            "-r --numeric-users",
            "-rN",
            "-rW",
        ],
    );
}

// Its oddest rows cannot be turned into the other byte order.
#[test]
#[cfg(target_endian = "little")]
fn odd_routes() {
    golden(
        "odd-routes",
        &[
            "-rn", "-rne", "-rnee", "-rneee", "-rn6", "-rn6C", "-rn6FC", "-rnC",
        ],
    );
}

#[test]
#[ignore = "needs root"]
fn cache_of_linux_2_2() {
    golden_named(
        "route-cache-2.2",
        &[
            "-rC",
            "-rCe",
            "-rCee",
            "-rCeee",
            "-rCeeee",
            "-rCn",
            "-rCne",
            "-rCnee",
            "-rFC",
            "-rFCn",
            "-rC --numeric-hosts",
            "-rCN",
            "-r6C",
            "-r6Ce",
            "-r6Cee",
            "-r6Ceee",
            "-r6Cn",
            "-r6Cne",
            "-r6FC",
            "-r6FCn",
            "-r46CFn",
        ],
    );
}

#[test]
fn cache_of_linux_2_0() {
    golden(
        "route-cache-2.0",
        &["-rCn", "-rCne", "-rCnee", "-rCneee", "-rC46n", "-r6Cn"],
    );
}

#[test]
fn legacy_routes() {
    let mut lines: Vec<String> = LEGACY.map(|family| format!("-r -A {family}")).into();
    for family in LEGACY {
        lines.push(format!("-r --{family} -neeFC"));
    }
    lines.push("-r -A ax25,netrom,ddp,x25,ipx,rose".to_owned());
    lines.push("-r -A netrom,ax25,netrom,unix".to_owned());
    lines.push("-r -A x25,inet,ipx".to_owned());
    lines.push("-r --appletalk".to_owned());
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    golden("legacy-routes", &lines);
}

/// The second of two places for a file, and files with a heading only.
#[test]
fn legacy_routes_elsewhere() {
    let tree = Tree::new("legacy-routes-elsewhere")
        .file("net/ipx_route", "heading\n1 2 3\n")
        .file(
            "net/x25_routes",
            "heading\n2080175520       10      lapb0\n",
        )
        .file("net/ax25_route", "heading\n")
        .file("net/nr_nodes", "")
        .file("net/nr_neigh", "")
        .file("net/rose_nodes", "heading\n")
        .file("net/rose_neigh", "")
        .file("net/atalk_route", "a b c d\n");
    let lines = LEGACY.map(|family| format!("-r -A {family}"));
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    golden_on(&tree, "legacy-routes-elsewhere", &lines);
}

#[test]
fn one_of_two_files_is_missing() {
    let missing = |present: &str| Tree::new(present).file(&format!("net/{present}"), "heading\n");
    for (present, family) in [
        ("nr_nodes", "netrom"),
        ("nr_neigh", "netrom"),
        ("rose_neigh", "rose"),
    ] {
        golden_on(
            &missing(present),
            &format!("only-{present}"),
            &[&format!("-r -A {family}")],
        );
    }
}

#[test]
fn no_tables() {
    let mut lines: Vec<String> = [
        "-r",
        "-rn",
        "-rC",
        "-rFC",
        "-r6",
        "-r6C",
        "-r6FC",
        "-r46",
        "-r64",
        "-rneee",
        "-rc",
        "-r6c",
        "-M",
        "-Mc",
        "-Mn",
        "-M -A ipx",
    ]
    .map(str::to_owned)
    .into();
    for family in LEGACY {
        lines.push(format!("-r -A {family}"));
        lines.push(format!("-r -A {family},unix"));
    }
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    golden_on(&Tree::committed("no-net"), "no-routing-tables", &lines);
}

/// Directories in the place of tables: they open, but cannot be read.
#[test]
fn directories() {
    let mut tree = Tree::new("directories");
    for file in [
        "route",
        "rt_cache",
        "ipv6_route",
        "ax25_route",
        "nr_nodes",
        "nr_neigh",
        "rose_nodes",
        "rose_neigh",
        "ipx/route",
        "x25/route",
        "ip_masquerade",
    ] {
        tree = tree.directory(&format!("net/{file}"));
    }
    golden_on(
        &tree,
        "routing-tables-are-directories",
        &[
            "-rn",
            "-rnC",
            "-rnFC",
            "-rn6",
            "-rn6C",
            "-rn6FC",
            "-rn64",
            "-r --ax25",
            "-r --netrom",
            "-r --rose",
            "-r --ipx",
            "-r --x25",
            "-M",
        ],
    );
}

/// Command lines that ask for every table of routes, and of masquerading.
fn every_table() -> Vec<String> {
    ["-rn", "-rnC", "-rn6", "-rn6C", "-M", "-Mc"]
        .map(str::to_owned)
        .into_iter()
        .chain(LEGACY.map(|family| format!("-r -A {family}")))
        .collect()
}

/// Files that fail to open for another reason than being absent.
#[test]
fn links_to_themselves() {
    let tree = Tree::new("links").directory("net/ipx").directory("net/x25");
    for file in [
        "route",
        "rt_cache",
        "ipv6_route",
        "ndisc",
        "ax25_route",
        "nr_nodes",
        "nr_neigh",
        "rose_nodes",
        "atalk_route",
        "ipx_route",
        "x25_routes",
        "ip_masquerade",
    ] {
        symlink(file, tree.proc().join("net").join(file)).unwrap();
    }
    let lines = every_table();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    golden_on(&tree, "routing-tables-are-links-to-themselves", &lines);
}

const HEADER: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT";

#[test]
fn headers() {
    // Addresses are in other places than usual, too.
    let (network, mask) = (address([192, 168, 0, 0]), address([255, 255, 255, 0]));
    let row = format!("eth0 {network} 00000000 0001 1 2 3 {mask} 4 5 6\n");
    for (name, header) in [
        ("extra", "Iface Destination Gateway Extra Flags RefCnt | Use Metric Mask Foo|MTU Window IRTT More\n".to_owned()),
        ("order", "Iface Gateway Destination Flags RefCnt Use Metric Mask MTU Window IRTT\n".to_owned()),
        ("case", HEADER.replace("Use", "use") + "\n"),
        ("carriage-return", HEADER.to_owned() + "\r\n"),
        (
            "other-white-space",
            HEADER.replace("Gateway", "|\u{b}|\u{c} \rGateway") + "\n",
        ),
        ("none", String::new()),
        ("blank", "\n".to_owned()),
        ("long", " ".repeat(440) + HEADER + "\n"),
        ("too-long", " ".repeat(441) + HEADER + "\n"),
        ("116-more", "x ".repeat(116) + HEADER + "\n"),
        ("117-more", "x ".repeat(117) + HEADER + "\n"),
        ("126-others", "x ".repeat(126) + "\n"),
        ("127-others", "x ".repeat(127) + "\n"),
    ] {
        let contents = match name {
            "none" => String::new(),
            "extra" => {
                format!("{header}eth0 {network} 00000000 zz 0001 1 2 3 {mask} ff 4 5 6 more\n")
            }
            "116-more" => header + &"7 ".repeat(116) + &row,
            _ => header + &row,
        };
        let tree = Tree::new(name).exact_file("net/route", contents);
        golden_on(&tree, &format!("route-header-{name}"), &["-rnee", "-rn"]);
    }
}

#[test]
fn cache_headers() {
    for (name, header) in [
        (
            "missing",
            "Destination Gateway Flags RefCnt Use Metric Source MTU Window IRTT TOS HHRef HHUptod SpecDst\n",
        ),
        ("irtt", "Iface IRTT\n"),
        ("tos", "Iface TOS\n"),
        ("words-only", "IRTT HH ARP\n"),
        ("none", ""),
    ] {
        let tree = Tree::new(name).file("net/rt_cache", header);
        golden_on(
            &tree,
            &format!("cache-header-{name}"),
            &["-rCn", "-rCne", "-rCnee", "-rCneee"],
        );
    }
}

// Of a row that is cut, the rest is a row only if its mask begins with a digit, which it does in this byte order alone.
#[test]
#[cfg(target_endian = "little")]
fn long_lines() {
    let line = "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 \
                00000000000000000000000000000000 00000100 00000001 00000002 00000001     eth0\n";
    let row = "eth0 0000A8C0 00000000 0001 1 2 3 00FFFFFF 4 5 6";
    let long_word = "1".repeat(120);
    let route: String = [974, 975, 1016, 1021, 1022, 2044]
        .map(|blanks| " ".repeat(blanks) + row + "\n")
        .concat();
    let tree = Tree::new("long-route-lines")
        .file(
            "net/route",
            HEADER.to_owned()
                + "\n"
                + &route
                + &row.replace("0000A8C0", &format!("0000A8C0{}", &long_word[1..]))
                + "\n"
                + &row.replace("0000A8C0", &format!("0000A8C0{long_word}"))
                + "\n",
        )
        .file("net/ipv6_route", " ".repeat(872) + line)
        .file(
            "net/ipx/route",
            "heading\n".to_owned()
                + &(" ".repeat(1017) + "1 2 3\n")
                + &(" ".repeat(1018) + "4 5 6\n"),
        )
        .file(
            "net/ax25_route",
            format!(
                "heading\nG4KLX-1   ax0   {}\nG4KLX-2   ax0   3\n",
                "1".repeat(1000)
            ),
        );
    golden_on(
        &tree,
        "long-route-lines",
        &["-rn", "-rn6", "-r --ipx", "-r --ax25"],
    );
}

#[test]
#[ignore = "needs root"]
fn masquerade() {
    golden_named(
        "masquerade",
        &[
            "-M",
            "-Me",
            "-Mee",
            "-Mn",
            "-Mne",
            "-MN",
            "-M --numeric-hosts",
            "-M --numeric-ports",
            "-M --numeric-users",
            "-MW",
            "-M -A inet6",
            "-M --ipx -e",
        ],
    );
}

#[test]
fn masquerade_files() {
    let header = "Prc FromIP FPrt ToIP TPrt Masq Init-seq Delta PDelta Expires\n";
    let old = "Prc FromIP FPrt ToIP TPrt Masq Init-seq Delta Expires\n";
    let record = "TCP 0A000007:0400 C0A80001:0050 F001 00001234 5 4 90012\n";
    for (name, contents) in [
        ("nine-fields", old.to_owned() + &record.replace(" 4 ", " ")),
        ("ten-fields-for-nine", old.to_owned() + record),
        (
            "nine-fields-for-ten",
            header.to_owned() + &record.replace(" 4 ", " "),
        ),
        (
            "one-line",
            header.to_owned() + &record.repeat(3).replace('\n', " "),
        ),
        ("short", header.to_owned() + record + "TCP 0A000007:0400"),
        (
            "unknown",
            header.to_owned() + record + &record.replace("TCP", "SCTP"),
        ),
        (
            "lower-case",
            header.to_owned() + record + &record.replace("TCP", "tcp"),
        ),
        (
            "blank-before-colon",
            header.to_owned() + &record.replace(":0050", " :0050"),
        ),
        (
            "blank-after-colon",
            header.to_owned() + &record.replace(":0050", ": 0050"),
        ),
        ("heading-only", header.to_owned()),
        ("empty", String::new()),
        ("long-heading", " ".repeat(240) + header + record),
    ] {
        let tree = Tree::new(name).file("net/ip_masquerade", contents);
        golden_on(&tree, &format!("masquerade-{name}"), &["-Mn", "-Mne"]);
    }
}

/// Names of interfaces are bytes.
#[test]
fn names_of_interfaces() {
    let route =
        format!("{HEADER}\n\u{e9}th0\u{20ac} 0000A8C0 00000000 0001 1 2 3 00FFFFFF 4 5 6\n");
    let tree = Tree::new("route-interface-names").file("net/route", route);
    golden_on(&tree, "route-interface-names", &["-rn", "-rnee"]);
}

/// Files that exist but may not be read.
#[test]
#[ignore = "needs root"]
fn unreadable_files() {
    let mut tree = Tree::new("unreadable");
    for file in [
        "route",
        "rt_cache",
        "ipv6_route",
        "ndisc",
        "ax25_route",
        "nr_nodes",
        "nr_neigh",
        "rose_nodes",
        "atalk_route",
        "ipx/route",
        "x25/route",
        "ip_masquerade",
    ] {
        let path = format!("net/{file}");
        tree = tree.file(&path, "heading\n").mode(&path, 0);
    }
    let lines = every_table();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    golden_with("routing-tables-unreadable", &lines, |run| {
        run.uid(65534).proc(tree.proc())
    });
}
