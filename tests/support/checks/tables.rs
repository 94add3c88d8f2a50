//! Whole tables: files in, a report out.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use super::bench::{Bench, Written, written};
use super::text::control_byte;

/// Files, and command lines that show what is in them.
#[derive(Debug)]
pub struct Tables {
    /// The name of the check and of its fuzz target.
    pub name: &'static str,
    /// Below the proc root, in the order in which an input has their contents. What an input lacks, the proc root lacks.
    pub files: &'static [&'static str],
    /// Without names that are looked up. The first byte of an input chooses; with its highest bit it asks for JSON.
    pub command_lines: &'static [&'static str],
    /// Lines of output for a line of input, at most: more would be forged.
    pub rows: usize,
    /// Output may end within a line, where the reference's does too.
    pub open_end: bool,
    /// Text is shown as it is: the kernel's own words, not names that others choose.
    pub verbatim: bool,
}

/// All checks of whole tables.
pub const TABLES: [&Tables; 12] = [
    &INET,
    &UNIX,
    &IGMP,
    &SCTP,
    &LEGACY_SOCKETS,
    &ROUTE,
    &RT_CACHE,
    &IPV6_ROUTE,
    &MASQUERADE,
    &LEGACY_ROUTES,
    &INTERFACES,
    &STATISTICS,
];

const INET: Tables = Tables {
    name: "inet",
    files: &[
        "net/tcp",
        "net/tcp6",
        "net/udp",
        "net/udp6",
        "net/udplite",
        "net/udplite6",
        "net/raw",
        "net/raw6",
    ],
    command_lines: &[
        "-tuUwan",
        "-tuUwaneeo",
        "-tuUwnW",
        "-tuUwlno",
        "-anp",
        "-t6an",
        "-u4an",
        "-nv",
    ],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const UNIX: Tables = Tables {
    name: "unix",
    files: &["net/unix"],
    command_lines: &["-xan", "-xn", "-xlnp", "-xanv"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const IGMP: Tables = Tables {
    name: "igmp",
    files: &["net/igmp", "net/igmp6"],
    command_lines: &["-gn", "-g4n", "-g6n", "-gxnv"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const SCTP: Tables = Tables {
    name: "sctp",
    files: &[
        "net/sctp/eps",
        "net/sctp6/eps",
        "net/sctp/assocs",
        "net/sctp6/assocs",
    ],
    command_lines: &["-San", "-Sneop", "-Sln", "-SanW"],
    // Each further address has a line of its own.
    rows: 4096,
    open_end: false,
    verbatim: false,
};

const LEGACY_SOCKETS: Tables = Tables {
    name: "legacy_sockets",
    files: &[
        "net/ipx/socket",
        "net/ax25",
        "net/x25",
        "net/nr",
        "net/rose",
    ],
    command_lines: &[
        "-an",
        "-n --ipx",
        "-n --ax25",
        "-n --x25",
        "-n --netrom",
        "-n --rose",
        "-lneop --ipx --ax25",
        "-anv --x25 --netrom --rose",
    ],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const ROUTE: Tables = Tables {
    name: "route",
    files: &["net/route"],
    command_lines: &["-rn", "-rne", "-rnee", "-rneee", "-rnN", "-rn4F"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const RT_CACHE: Tables = Tables {
    name: "rt_cache",
    files: &["net/rt_cache"],
    command_lines: &["-rCn", "-rCne", "-rCnee", "-rCneee"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

const IPV6_ROUTE: Tables = Tables {
    name: "ipv6_route",
    files: &["net/ipv6_route", "net/ndisc"],
    command_lines: &["-r6n", "-r6ne", "-r6Cn", "-r6Cnee", "-r6CFn"],
    rows: 2,
    open_end: false,
    verbatim: false,
};

const MASQUERADE: Tables = Tables {
    name: "masquerade",
    files: &["net/ip_masquerade"],
    command_lines: &["-Mn", "-Mne", "-Mnee"],
    rows: 4096,
    open_end: false,
    verbatim: false,
};

const LEGACY_ROUTES: Tables = Tables {
    name: "legacy_routes",
    files: &[
        "net/ax25_route",
        "net/nr_nodes",
        "net/nr_neigh",
        "net/rose_nodes",
        "net/rose_neigh",
        "net/ipx/route",
        "net/ipx_route",
        "net/atalk_route",
        "net/x25/route",
        "net/x25_routes",
    ],
    command_lines: &[
        "-rn -A ax25",
        "-rn -A netrom",
        "-rn -A rose",
        "-rn -A ipx",
        "-rn -A ddp",
        "-rn -A x25",
        "-rn -A ax25,netrom,rose,ipx,ddp,x25",
    ],
    rows: 4096,
    open_end: true,
    verbatim: false,
};

const INTERFACES: Tables = Tables {
    name: "interfaces",
    files: &["net/dev", "net/if_inet6"],
    command_lines: &["-in", "-ian", "-ien", "-iaen"],
    // An interface with a few addresses.
    rows: 16,
    open_end: false,
    verbatim: false,
};

const STATISTICS: Tables = Tables {
    name: "statistics",
    files: &["net/snmp", "net/netstat", "net/snmp6", "net/sctp/snmp"],
    command_lines: &["-s", "-s6", "-st", "-su", "-sw", "-sS", "-s6u", "-stuw"],
    // A counter has one, and a table a title.
    rows: 4096,
    open_end: false,
    verbatim: true,
};

/// Between the files of an input.
pub const SEPARATOR: &[u8] = b"\xff\xff";

/// Shows what an input has for files: it ends, in whole lines without control bytes, none of them forged.
pub fn tables(tables: &'static Tables, data: &[u8]) -> Option<Written> {
    thread_local! {
        static BENCHES: RefCell<HashMap<&'static str, Bench>> = RefCell::default();
    }
    let (&choice, data) = data.split_first()?;
    BENCHES.with_borrow_mut(|benches| {
        let bench = benches
            .entry(tables.name)
            .or_insert_with(|| Bench::new(tables.command_lines));
        let mut rest = Some(data);
        let mut lines = 0;
        for name in tables.files {
            let (file, next) = match rest {
                Some(rest) => match memchr::memmem::find(rest, SEPARATOR) {
                    Some(end) => (Some(&rest[..end]), Some(&rest[end + SEPARATOR.len()..])),
                    None => (Some(rest), None),
                },
                None => (None, None),
            };
            rest = next;
            bench.file(name, file);
            if let Some(file) = file {
                // Long lines are read in pieces, none of which is shorter than this unless it is the last.
                lines += 1 + file.len() / 510 + memchr::memchr_iter(b'\n', file).count();
            }
        }
        let mut query = bench.queries[usize::from(choice & 0x7f) % bench.queries.len()].clone();
        query.json = choice & 0x80 != 0;
        let written = written(&query);
        if query.json {
            sane(&written, false, false);
            let documents = serde_json::Deserializer::from_slice(&written.stdout);
            for document in documents.into_iter::<serde_json::Value>() {
                assert!(document.expect("JSON").is_array());
            }
        } else {
            sane(&written, tables.open_end, tables.verbatim);
            let rows = memchr::memchr_iter(b'\n', &written.stdout).count();
            assert!(
                rows <= 50 + lines * tables.rows,
                "{rows} rows of {lines} lines"
            );
        }
        Some(written)
    })
}

/// Shows a process whose link, command line and context are the sections of an input.
pub fn programs(data: &[u8]) {
    thread_local! {
        static BENCH: RefCell<Bench> = RefCell::new(Bench::new(&["-xanp"]));
    }
    BENCH.with_borrow_mut(|bench| {
        let mut sections = data.splitn(3, |&byte| byte == 0xff);
        let mut section = || sections.next().unwrap_or_default();
        let link = section();
        let link = &link[..link.len().min(255)];
        bench.file(
            "net/unix",
            Some(b"Inode\n0: 1 0 0 1 1 12 /a\n0: 1 0 0 1 1 1 /b\n0: 1 0 0 1 1 0 /c\n"),
        );
        bench.file("100/cmdline", Some(section()));
        let context = section();
        bench.file("100/attr/current", Some(context));
        if is_cut_within_a_character(context) {
            return;
        }
        let descriptors = bench.directory.path().join("100/fd");
        let _ = fs::remove_dir_all(&descriptors);
        fs::create_dir(&descriptors).unwrap();
        if !link.is_empty() && !link.contains(&0) {
            symlink(OsStr::from_bytes(link), descriptors.join("3")).unwrap();
        }
        let mut query = bench.queries[0].clone();
        query.context = true;
        let written = written(&query);
        sane(&written, false, false);
        assert_eq!(memchr::memchr_iter(b'\n', &written.stdout).count(), 2 + 3);
    });
}

/// Whether the 48 bytes that are shown of a long security context begin with the end of a character: they stay the reference's, though
/// one of them alone might be taken for a control byte.
fn is_cut_within_a_character(file: &[u8]) -> bool {
    let file = &file[..file.len().min(4095)];
    let context = file.split(|&byte| byte == 0).next().unwrap_or_default();
    let context = context.strip_suffix(b"\n").unwrap_or(context);
    context.len() >= 50 && (0x80..0xc0).contains(&context[context.len() - 48])
}

/// Nothing that could steer a terminal, whole lines, an exit status that the program has.
pub(super) fn sane(written: &Written, open_end: bool, verbatim: bool) {
    for (text, open_end, verbatim) in [
        (&written.stdout, open_end, verbatim),
        (&written.stderr, false, false),
    ] {
        if let Some(bad) = control_byte(text).filter(|_| !verbatim) {
            panic!("{}", text[bad.saturating_sub(40)..].escape_ascii());
        }
        assert!(open_end || text.last().is_none_or(|&byte| byte == b'\n'));
    }
    assert!(
        matches!(written.status, 0 | 1 | 3 | 255),
        "{}",
        written.status
    );
}
