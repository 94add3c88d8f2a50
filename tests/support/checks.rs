//! What must hold whatever the bytes: one function for each part of the program that reads what others wrote. The property tests
//! call them with random bytes, the fuzz targets with those that coverage leads to.

// The fuzz targets are another crate, and each of the two takes what it needs.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::rc::Rc;

use netstat::cli::{self, Command};
use netstat::collect::interfaces::name::InterfaceName;
use netstat::collect::{inet, ipv6_route, route, sock_diag};
use netstat::format::messages::Messages;
use netstat::format::output::Output;
use netstat::format::text::{address, column};
use netstat::lines::Lines;
use netstat::query::Query;
use netstat::record::inet::{Family, Protocol};
use netstat::sys::netlink;
use netstat::{printable, program};
use tempfile::TempDir;

/// Between the files of an input.
pub const SEPARATOR: &[u8] = b"\xff\xff";

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

pub const INET: Tables = Tables {
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

pub const UNIX: Tables = Tables {
    name: "unix",
    files: &["net/unix"],
    command_lines: &["-xan", "-xn", "-xlnp", "-xanv"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

pub const IGMP: Tables = Tables {
    name: "igmp",
    files: &["net/igmp", "net/igmp6"],
    command_lines: &["-gn", "-g4n", "-g6n", "-gxnv"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

pub const SCTP: Tables = Tables {
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

pub const LEGACY_SOCKETS: Tables = Tables {
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

pub const ROUTE: Tables = Tables {
    name: "route",
    files: &["net/route"],
    command_lines: &["-rn", "-rne", "-rnee", "-rneee", "-rnN", "-rn4F"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

pub const RT_CACHE: Tables = Tables {
    name: "rt_cache",
    files: &["net/rt_cache"],
    command_lines: &["-rCn", "-rCne", "-rCnee", "-rCneee"],
    rows: 1,
    open_end: false,
    verbatim: false,
};

pub const IPV6_ROUTE: Tables = Tables {
    name: "ipv6_route",
    files: &["net/ipv6_route", "net/ndisc"],
    command_lines: &["-r6n", "-r6ne", "-r6Cn", "-r6Cnee", "-r6CFn"],
    rows: 2,
    open_end: false,
    verbatim: false,
};

pub const MASQUERADE: Tables = Tables {
    name: "masquerade",
    files: &["net/ip_masquerade"],
    command_lines: &["-Mn", "-Mne", "-Mnee"],
    rows: 4096,
    open_end: false,
    verbatim: false,
};

pub const LEGACY_ROUTES: Tables = Tables {
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

pub const INTERFACES: Tables = Tables {
    name: "interfaces",
    files: &["net/dev", "net/if_inet6"],
    command_lines: &["-in", "-ian", "-ien", "-iaen"],
    // An interface with a few addresses.
    rows: 16,
    open_end: false,
    verbatim: false,
};

pub const STATISTICS: Tables = Tables {
    name: "statistics",
    files: &["net/snmp", "net/netstat", "net/snmp6", "net/sctp/snmp"],
    command_lines: &["-s", "-s6", "-st", "-su", "-sw", "-sS", "-s6u", "-stuw"],
    // A counter has one, and a table a title.
    rows: 4096,
    open_end: false,
    verbatim: true,
};

/// An input that a check makes sense of.
#[derive(Clone, Debug)]
pub struct Seed {
    pub check: &'static str,
    pub name: String,
    pub input: Vec<u8>,
}

/// Files that no fixture has: what kernels with SCTP, IPX, AX.25, X.25, NET/ROM and ROSE write, and one with interfaces.
const MORE_FILES: [(&str, &str); 12] = [
    (
        "net/sctp/eps",
        " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n\
         ffff8880 ffff8881 2   10  29   11111    0 19533 10.1.2.3 127.0.0.1 \n",
    ),
    (
        "net/sctp6/eps",
        " ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS\n\
         0 0 2 10 29 11112 1000 19534 2001:0db8:0000:0000:0000:0000:0000:0001 \n",
    ),
    (
        "net/sctp/assocs",
        " ASSOC     SOCK   STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT\n\
         ffff8880 ffff8881 2   1   3  97     2        0       42       0 19535 11111 40000  10.1.2.3 10.1.2.4 <-> *10.9.9.9 10.9.9.8 \t 7500 1\n",
    ),
    (
        "net/sctp6/assocs",
        "heading\n0 0 2 1 3 97 2 0 42 0 19536 11112 40000 \
         2001:0db8:0000:0000:0000:0000:0000:0001 <-> *0000:0000:0000:0000:0000:ffff:0a01:0203 \t 7500\n",
    ),
    (
        "net/ipx/socket",
        "Local_Address Remote_Address Tx_Queue Rx_Queue State Uid\n\
         00001234:00A0C9AABBCC:4000 00005678:000000000001:0451 00000000 0000002A 01 000\n\
         00001234:4001 Not_Connected 00000000 00000000 07 1000\n",
    ),
    (
        "net/ax25",
        "c0ffee00 ax0 G4KLX-1 GB7BPQ-15,M0XYZ* 3 1 2 3 0 4000 0 3000 0 180000 0 300000 0 0 0 10 7 256 0 12 12345\n",
    ),
    (
        "net/x25",
        "dest_addr  src_addr   dev   lci st vs vr va   t  t2 t21 t22 t23 Snd-Q Rcv-Q inode\n\
         *          2080175521 lapb0 001  3  1  2  3   0   3 200 180 180     0    12 12345\n",
    ),
    (
        "net/nr",
        "user_addr dest_node src_node  dev    my  your  st  vs  vr  va    t1     t2     t4      idle   n2  wnd Snd-Q Rcv-Q inode\n\
         G4KLX-1   GB7BPQ-15 M0XYZ     nr0    01/02 03/04  3   1   2   3   0/120   0/5     0/180   0/20  0/3 4 0 12 12345\n",
    ),
    (
        "net/rose",
        "dest_addr  dest_call src_addr   src_call  dev   lci neigh st vs vr va   t  t1  t2  t3  hb    idle Snd-Q Rcv-Q inode\n\
         2080175520 G4KLX-1   208017552  GB7BP-15  rose0 012 00003  3  1  2  3   0 200   5 180   5   0/000     0     0 12345\n",
    ),
    (
        "net/dev",
        "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo \
         frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n\
         \x20   lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0\n\
         \x20eth0: 123456789 1000 1 2 3 4 5 6 987654321 2000 7 8 9 10 11 12\n",
    ),
    (
        "net/if_inet6",
        "00000000000000000000000000000001 01 80 10 80       lo\n20010db8000000000000000000000002 02 40 00 80     eth0\n",
    ),
    (
        "net/ndisc",
        "20010db8000000000000000000000001 01 80 01 02 00000001 00001000 00002000 0300 0001 0080     eth0 00a0c9aabbcc\n",
    ),
];

/// Inputs for all checks: for those of tables one for each fixture and command line.
pub fn seeds(fixtures: &Path) -> Vec<Seed> {
    let mut seeds: Vec<Seed> = [
        (
            "programs",
            &b"socket:[12]\xff/usr/sbin/nginx\0-g\0\xffsystem_u:system_r:httpd_t:s0\n"[..],
        ),
        ("programs", b"[0000]:12\xff-bash\0\xff"),
        ("command_line", b"\0netstat\0-tulpen"),
        (
            "command_line",
            b"\0netstat\0--tcp\0--numeric-hosts\0--protocol=inet,unix\0--\0x",
        ),
        (
            "command_line",
            b"\x01netstat\0--json\0--interval\x005\0-c\0--port\x0022",
        ),
        ("command_line", b"\0\0-A\0foo\0--nu\0--t=1\0-?"),
        (
            "lines",
            b"\x0f\x03one\ntwo\0three\nmuch longer than a piece\n\nend",
        ),
        (
            "datagram",
            b"\x14\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
              \x28\0\0\0\x14\0\x02\0\0\0\0\0\0\0\0\0\x01\x01\x0a\0\x39\x30\0\0\0\0\0\0\0\0\0\0\x08\0\0\0/run\0\0\0\0",
        ),
        (
            "text",
            b"\x17\x08eth0:1\neth10\nwlan\xc3\xa9\xc2\x9b\x1b[31m",
        ),
    ]
    .into_iter()
    .enumerate()
    .map(|(number, (check, input))| Seed {
        check,
        name: number.to_string(),
        input: input.to_vec(),
    })
    .collect();
    let mut fixtures: Vec<_> = fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    fixtures.sort();
    fixtures.push("none".into());
    for tables in TABLES {
        for fixture in &fixtures {
            let more = |file| MORE_FILES.iter().find(|(name, _)| *name == file);
            let files: Vec<Vec<u8>> = tables
                .files
                .iter()
                .map(|&file| match fs::read(fixture.join("proc").join(file)) {
                    Ok(contents) => contents,
                    Err(_) => more(file).map_or(Vec::new(), |(_, text)| text.as_bytes().to_vec()),
                })
                .collect();
            if files.iter().all(Vec::is_empty) {
                continue;
            }
            let files: Vec<&[u8]> = files.iter().map(|file| start(file)).collect();
            let choices = (0..0x80).take(tables.command_lines.len());
            for choice in choices.chain([0x80]) {
                seeds.push(Seed {
                    check: tables.name,
                    name: format!("{}-{choice}", fixture.file_name().unwrap().display()),
                    input: [&[choice][..], &files.join(SEPARATOR)].concat(),
                });
            }
        }
    }
    seeds
}

/// The first bytes of a file, in whole lines if there is one: short inputs are quick.
fn start(file: &[u8]) -> &[u8] {
    let start = &file[..file.len().min(600)];
    match memchr::memrchr(b'\n', start) {
        Some(newline) if start.len() < file.len() => &start[..=newline],
        _ => start,
    }
}

/// What a run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: u8,
}

/// A proc root that is written anew for each run, and the queries about it.
struct Bench {
    directory: TempDir,
    queries: Vec<Query>,
}

impl Bench {
    fn new(command_lines: &[&str]) -> Self {
        // In memory where possible.
        let parent = [Path::new("/dev/shm"), &std::env::temp_dir()]
            .into_iter()
            .find_map(|parent| {
                tempfile::Builder::new()
                    .prefix("netstat-")
                    .tempdir_in(parent)
                    .ok()
            });
        let directory = parent.expect("a temporary directory");
        let queries = command_lines
            .iter()
            .map(|line| query(line, directory.path()))
            .collect();
        Bench { directory, queries }
    }

    fn file(&self, name: &str, contents: Option<&[u8]>) {
        let path = self.directory.path().join(name);
        match contents {
            Some(contents) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
            None => {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// What a command line means, with another directory for /proc.
pub fn query(args: &str, proc_root: &Path) -> Query {
    let mut argv = vec![OsString::from("netstat"), OsString::from("--proc-root")];
    argv.push(proc_root.into());
    argv.extend(args.split_whitespace().map(OsString::from));
    match cli::parse(&argv, false, || true).command {
        Command::Run(parsed) => Query::new(&parsed),
        other => panic!("{args}: {other:?}"),
    }
}

/// Answers a query in this process.
pub fn written(query: &Query) -> Written {
    let mut stdout = Vec::new();
    let stderr = Rc::new(RefCell::new(Vec::new()));
    let messages = Messages::kept_in(Rc::clone(&stderr));
    let status = program::answer(query, Output::new(&mut stdout, false), messages, 100);
    Written {
        stdout,
        stderr: stderr.take(),
        status,
    }
}

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
fn sane(written: &Written, open_end: bool, verbatim: bool) {
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

/// Where a byte other than a newline could steer a terminal.
fn control_byte(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() && character != '\n' {
                return Some(at);
            }
            at += character.len_utf8();
        }
        // A character that was cut at the end of its column is no control byte, whatever its last byte.
        if chunk.invalid().first().is_some_and(|&byte| byte < 0xa0) {
            return Some(at);
        }
        at += chunk.invalid().len();
    }
    None
}

/// The two parsers of socket lines agree.
pub fn inet_lines(data: &[u8]) {
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        for protocol in [
            Protocol::Tcp,
            Protocol::Udp,
            Protocol::UdpLite,
            Protocol::Raw,
        ] {
            for family in [Family::Inet, Family::Inet6] {
                assert_eq!(
                    inet::parse(line, protocol, family),
                    inet::parse_tolerant(line, protocol, family),
                    "{}",
                    line.escape_ascii()
                );
            }
        }
    }
}

/// The two parsers of IPv4 routes agree, row after row.
pub fn route_lines(data: &[u8]) {
    let mut lines = data.split_inclusive(|&byte| byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let (Ok(mut fast), Ok(mut tolerant)) = (route::Parser::new(header), route::Parser::new(header))
    else {
        return;
    };
    for line in lines {
        let expected = tolerant.parse_without_shortcut(line);
        assert_eq!(fast.parse(line), expected, "{}", line.escape_ascii());
    }
}

/// The two parsers of IPv6 routes agree.
pub fn ipv6_route_lines(data: &[u8]) {
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        assert_eq!(
            ipv6_route::parse(line),
            ipv6_route::parse_tolerant(line),
            "{}",
            line.escape_ascii()
        );
    }
}

/// The pieces of a file make the file, less what stands behind NULs, however little a read returns.
pub fn lines(data: &[u8]) {
    let Some((&[limit, step], file)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (limit, step) = (1 + usize::from(limit), 1 + usize::from(step));
    let mut expected = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let window = &rest[..rest.len().min(limit)];
        let end = memchr::memchr(b'\n', window).map_or(window.len(), |newline| newline + 1);
        let (piece, next) = rest.split_at(end);
        expected.push(piece.split(|&byte| byte == 0).next().unwrap_or_default());
        rest = next;
    }
    let mut pieces = Lines::new(Slowly { rest: file, step }, limit);
    for piece in expected {
        assert_eq!(pieces.next_line().unwrap(), Some(piece));
    }
    assert_eq!(pieces.next_line().unwrap(), None);
    assert_eq!(pieces.next_line().unwrap(), None);
}

/// Reads `step` bytes at a time.
struct Slowly<'a> {
    rest: &'a [u8],
    step: usize,
}

impl std::io::Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let (now, rest) = self
            .rest
            .split_at(self.step.min(self.rest.len()).min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.rest = rest;
        Ok(now.len())
    }
}

/// Takes a datagram of socket diagnostics apart, and each message into attributes.
pub fn datagram(data: &[u8]) {
    let mut left = data.len();
    for message in netlink::messages(data) {
        let Ok(netlink::Message { body, .. }) = message else {
            // Nothing comes behind what is malformed.
            left = 0;
            continue;
        };
        assert!(body.len() < left);
        left -= body.len() + 1;
        for family in [Some(Family::Inet), Some(Family::Inet6), None] {
            let request = sock_diag::Request {
                protocol: Protocol::Tcp,
                family,
                states: u32::MAX,
                remote_port_zero: false,
            };
            if let Some(entry) = sock_diag::parse(body, &request) {
                assert!(body.len() >= 72);
                assert_eq!(entry.socket.family, family.unwrap_or(entry.socket.family));
            }
        }
        if let Some(name) = sock_diag::parse_unix(body).and_then(|socket| socket.name) {
            assert!(name.len() < body.len());
        }
        let mut left = body.len();
        for attribute in netlink::attributes(body) {
            let length = attribute.map_or(0, |(_, value)| value.len());
            assert!(length <= left);
            left -= length;
        }
    }
}

/// Reads a command line whose words end with NULs, twice, and settles what it means.
pub fn command_line(data: &[u8]) {
    let (posixly_correct, data) = match data.split_first() {
        Some((flag, data)) => (flag & 1 == 1, data),
        None => (false, data),
    };
    let argv: Vec<OsString> = data
        .split(|&byte| byte == 0)
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect();
    let parsed = cli::parse(&argv, posixly_correct, || false);
    let again = cli::parse(&argv, posixly_correct, || false);
    assert_eq!(parsed.notices, again.notices);
    assert_eq!(parsed.command, again.command);
    match parsed.command {
        Command::Run(args) => {
            let query = Query::new(&args);
            assert_eq!(query, Query::new(&args));
            assert!(query.interval.is_none_or(|pause| !pause.is_zero()));
        }
        Command::Fail { message, status } => {
            assert!(matches!(status, 1 | 3));
            assert_eq!(message.last(), Some(&b'\n'));
        }
        Command::Usage(_) | Command::Help | Command::Version => {}
    }
}

/// Columns keep every byte, `printable` keeps the length and what is printable, names have an order, addresses read back.
pub fn text(data: &[u8]) {
    let Some((&[width, cut], data)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (width, cut) = (usize::from(width), usize::from(cut));

    let mut shown = b"before".to_vec();
    printable::append(&mut shown, data);
    let shown = shown.strip_prefix(b"before").expect("what was in the row");
    assert_eq!(shown.len(), data.len());
    assert!(control_byte(shown).is_none() && !shown.contains(&b'\n'));
    for (&shown, &byte) in shown.iter().zip(data) {
        assert!(shown == byte || (shown == b'.' && !(0x20..0x7f).contains(&byte)));
    }
    let mut again = Vec::new();
    printable::append(&mut again, shown);
    assert_eq!(again, shown);
    if std::str::from_utf8(data).is_ok_and(|text| !text.contains(char::is_control)) {
        assert_eq!(shown, data);
    }

    let (mut left, mut right) = (Vec::new(), Vec::new());
    column::left(&mut left, data, width);
    column::right(&mut right, data, width);
    assert!(left.starts_with(data) && right.ends_with(data));
    assert_eq!(
        (left.len(), right.len()),
        (width.max(data.len()), width.max(data.len()))
    );
    assert!(
        left[data.len()..]
            .iter()
            .chain(&right[..right.len() - data.len()])
            .all(|&byte| byte == b' ')
    );
    assert!(data.starts_with(column::cut(data, cut)));

    fit(data, cut);
    if let Some(octets) = data.first_chunk::<16>() {
        number(IpAddr::V6(Ipv6Addr::from(*octets)));
        let [a, b, c, d, ..] = *octets;
        number(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
    }
    let mut names = data
        .split(|&byte| byte == b'\n')
        .take(3)
        .map(InterfaceName::new);
    if let (Some(a), Some(b), Some(c)) = (names.next(), names.next(), names.next()) {
        order(&a, &b, &c);
    }
}

/// An address that is not cut is read back as the same.
fn number(given: IpAddr) {
    let mut row = Vec::new();
    address::number(&mut row, given);
    let read: IpAddr = std::str::from_utf8(&row).unwrap().parse().unwrap();
    assert_eq!(read, given.to_canonical());
}

/// Host and port share a column: each is cut at its end, and neither more than needed.
fn fit(data: &[u8], at: usize) {
    let (host, port) = data.split_at(at.min(data.len()));
    for wide in [false, true] {
        let mut row = [b"before ", host, b":", port].concat();
        let start = b"before ".len();
        address::fit(&mut row, start, start + host.len(), wide);
        let shown = row.strip_prefix(b"before ").expect("what was in the row");
        let whole = [host, b":", port].concat();
        if wide {
            assert_eq!(shown, &whole[..whole.len().min(127)]);
            continue;
        }
        if host.len() + port.len() <= 22 {
            assert_eq!(shown, whole);
            continue;
        }
        let port = &port[..port.len().min(18)];
        let host = &host[..host.len().min(22 - port.len())];
        assert_eq!(shown, [host, b":", port].concat());
    }
}

/// The laws of a total order that agrees with equality.
pub fn order(a: &InterfaceName, b: &InterfaceName, c: &InterfaceName) {
    assert_eq!(a.cmp(b), b.cmp(a).reverse());
    assert_eq!(a.cmp(b).is_eq(), a == b);
    if a <= b && b <= c {
        assert!(a <= c);
    }
}

/// The check of the given name: whole tables or parts.
pub fn check(name: &str, data: &[u8]) {
    match name {
        "lines" => lines(data),
        "command_line" => command_line(data),
        "text" => text(data),
        "datagram" => datagram(data),
        "programs" => programs(data),
        "inet" => {
            inet_lines(data);
            tables(&INET, data);
        }
        "route" => {
            route_lines(data.get(1..).unwrap_or_default());
            tables(&ROUTE, data);
        }
        "ipv6_route" => {
            ipv6_route_lines(data);
            tables(&IPV6_ROUTE, data);
        }
        _ => {
            let known = TABLES.into_iter().find(|tables| tables.name == name);
            tables(known.expect("a check of this name"), data);
        }
    }
}
