//! `--json`: valid for any input, whole, with the names and values of `jc --netstat` where that has them.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::json_schema::assert_fits;
use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::tree::Tree;
use serde_json::{Map, Value};

pub type Object = Map<String, Value>;

/// Runs `netstat --json ARGS`, split at blanks, on a tree.
pub fn run_on(tree: &Tree, args: &str) -> Outcome {
    let args = ["--json"].into_iter().chain(args.split_whitespace());
    Run::new(Program::Ours, args).proc(tree.proc()).output()
}

/// The records of a run that must end well.
pub fn records(tree: &Tree, args: &str) -> Vec<Object> {
    let outcome = run_on(tree, args);
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    assert_eq!(outcome.ending, Ending::Exit(0), "{args}: {stderr}");
    parsed(&outcome.stdout, args)
}

/// The records of one array, which must be laid out one a line and contain nothing that a terminal obeys.
pub fn parsed(stdout: &[u8], what: &str) -> Vec<Object> {
    let text = harmless(stdout, what);
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| {
        panic!("{what}: {error} in {text}");
    });
    assert_fits(&document, what);
    let array: Vec<Object> = serde_json::from_value(document).unwrap();
    if array.is_empty() {
        assert_eq!(text, "[]\n", "{what}");
        return array;
    }
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.first(), Some(&"["), "{what}");
    assert_eq!(lines.last(), Some(&"]"), "{what}");
    assert_eq!(lines.len(), array.len() + 2, "{what}: one record a line");
    for (line, record) in lines[1..].iter().zip(&array) {
        let alone = line.strip_suffix(',').unwrap_or(line);
        assert_eq!(&record_on(alone, what), record, "{what}");
    }
    array
}

/// Output as text, in which a terminal finds nothing to obey.
pub fn harmless<'a>(stdout: &'a [u8], what: &str) -> &'a str {
    let text = std::str::from_utf8(stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
    let control = text
        .chars()
        .find(|&character| character != '\n' && character.is_control());
    assert_eq!(control, None, "{what}");
    text
}

/// The record on a line of its own.
pub fn record_on(line: &str, what: &str) -> Object {
    let record: Object = serde_json::from_str(line).unwrap_or_else(|error| {
        panic!("{what}: {error} in {line}");
    });
    for name in record.keys() {
        assert!(
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        );
    }
    // Parsers keep the last of two fields of a name.
    assert_eq!(top_level_fields(line), record.len(), "{what}: {line}");
    record
}

/// How many fields an object has, counted in its text.
fn top_level_fields(text: &str) -> usize {
    let (mut depth, mut colons, mut in_string, mut escaped) = (0, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => colons += 1,
            _ => {}
        }
    }
    colons
}

fn committed_trees() -> Vec<Tree> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> = fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("proc").is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() > 20);
    names.iter().map(|name| Tree::committed(name)).collect()
}

pub const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
pub const UNIX: &str = "Num       RefCount Protocol Flags    Type St Inode Path\n";

/// Whatever is read, and however the run ends: one array that any parser takes.
#[test]
fn every_fixture_in_every_mode() {
    let modes = [
        "-an",
        "-anp",
        "-anpoee",
        "-anp --show all",
        "-ln",
        "-n",
        "-tuwSUn",
        "-xanp",
        "-gn",
        "-rn",
        "-rnee",
        "-r6n",
        "-rnC",
        "-r6nC",
        "-in",
        "-ian",
        "-ine",
        "-sn",
        "-s6n",
        "-Mn",
        "-Mne",
        "--ax25 --x25 --netrom --rose --ipx -an",
        "-n --rose -a",
        "-r --ax25 -n",
        "-r --netrom -n",
        "-r --rose -n",
        "-r --ipx -n",
        "-r --ddp -n",
        "-r --x25 -n",
        "-s -A ipx",
    ];
    let mut filled = 0;
    for tree in committed_trees() {
        for mode in modes {
            let what = format!("{} {mode}", tree.name());
            let outcome = run_on(&tree, mode);
            let records = parsed(&outcome.stdout, &what);
            filled += usize::from(!records.is_empty());
            for record in records {
                assert!(record["kind"].is_string(), "{what}");
            }
        }
    }
    assert!(filled > 100, "{filled}");
}

/// Text that others choose: every byte comes through, and none as it is if it could do harm.
#[test]
fn hostile_names() {
    let paths: [&[u8]; 8] = [
        b"/run/\x1b]0;title\x07",
        b"@\xff\xfe not utf-8",
        "/run/\u{9b}31m \u{85} \u{7f}".as_bytes(),
        b"/run/\"quoted\\\" {\"proto\":\"forged\"}",
        b"  /two blanks ",
        "/run/\u{2028}é€😀".as_bytes(),
        b"\xc2",
        b"\r",
    ];
    let mut unix = UNIX.as_bytes().to_vec();
    for (index, path) in paths.iter().enumerate() {
        write!(
            unix,
            "0000000000000000: 00000002 00000000 00010000 0001 01 {} ",
            5000 + index
        )
        .unwrap();
        unix.extend_from_slice(path);
        unix.push(b'\n');
    }
    let command = b"/opt/ev\xff\x1b[31m\nil\0an\x9bargument\0\0last\x7f\0\0\0\0";
    let mut tree = Tree::new("hostile")
        .file("net/unix", unix)
        .file("66/cmdline", command);
    for index in 0..paths.len() {
        tree = tree.link(
            &format!("66/fd/{index}"),
            &format!("socket:[{}]", 5000 + index),
        );
    }
    let records = records(&tree, "-xap");
    assert_eq!(records.len(), paths.len());
    for (path, record) in paths.iter().zip(&records) {
        let shown = record["path"].as_str().unwrap();
        assert_eq!(shown, String::from_utf8_lossy(path));
        let bytes = record.get("path_bytes");
        match std::str::from_utf8(path) {
            Ok(_) => assert_eq!(bytes, None),
            Err(_) => assert_eq!(bytes.unwrap(), &hexadecimal(path)),
        }
        assert_eq!(record["program_name"], "ev\u{fffd}\u{1b}[31m\nil");
        assert_eq!(
            record["program_name_bytes"],
            hexadecimal(b"ev\xff\x1b[31m\nil")
        );
        let owner = record["owners"][0].as_object().unwrap();
        assert_eq!(owner["pid"], 66);
        assert_eq!(owner["program_bytes"], hexadecimal(b"ev\xff\x1b[31m\nil"));
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What columns cut is whole.
#[test]
fn nothing_is_cut() {
    let long = "a-very-long-name-of-a-program-with-more-than-nineteen-bytes ".repeat(20);
    let tree = Tree::new("long")
        .file("net/tcp6", format!("{TCP}   0: B80D0120000000000000000001000000:D431 B80D0120010000000200000003000000:01BB 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1\n"))
        .file("net/dev", "Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\na-name-of-15-by: 18446744073709551615 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n")
        .file("7/cmdline", &long)
        .link("7/fd/3", "socket:[4711]");
    let records = records(&tree, "-np");
    assert_eq!(records[0]["local_address"], "2001:db8::1");
    assert_eq!(records[0]["foreign_address"], "2001:db8:0:1:0:2:0:3");
    assert_eq!(records[0]["program_name"], long);
    let records = self::records(&tree, "-ia");
    assert_eq!(records[0]["iface"], "a-name-of-15-by");
    assert_eq!(records[0]["rx_bytes"], u64::MAX);
    assert_eq!(records[0]["rx_multicast"], 7);
    // What this tree cannot tell.
    assert_eq!(records[0]["mtu"], Value::Null);
    assert_eq!(records[0]["flg"], Value::Null);
}

/// Arrays follow one another, and each is complete.
#[test]
fn passes() {
    let tree = Tree::committed("busy-server");
    for args in [
        "-ant -c --count 3 --interval 0.01",
        "-xan -c --count 2 --interval 0.01",
    ] {
        let outcome = run_on(&tree, args);
        let arrays: Vec<Vec<Object>> = serde_json::Deserializer::from_slice(&outcome.stdout)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(arrays.len(), if args.contains('3') { 3 } else { 2 });
        assert!(arrays.iter().all(|array| array == &arrays[0]));
    }
}

/// Messages go to stderr, also those that the text mode prints among its rows, and the array ends all the same.
#[test]
fn messages_are_not_records() {
    let tree = Tree::new("messages")
        .file("net/tcp", format!("{TCP}bogus\n"))
        .file("net/rose", "heading\nbogus\n");
    for (args, stderr, exit) in [
        ("-ant4", "warning, got bogus tcp line.\n", 0),
        ("--rose", "Problem reading data from /proc/net/rose\n", 0),
        (
            "-s -A ipx",
            "netstat: No statistics support for specified address family: ipx\n",
            1,
        ),
        (
            "-M",
            "netstat: no support for `ip_masquerade' on this system.\n",
            1,
        ),
        (
            "-S",
            "netstat: no support for `AF INET (sctp)' on this system.\n",
            1,
        ),
        (
            "-s",
            "cannot open /proc/net/snmp: No such file or directory\n",
            0,
        ),
    ] {
        let outcome = run_on(&tree, args);
        assert_eq!(String::from_utf8_lossy(&outcome.stdout), "[]\n", "{args}");
        assert_eq!(String::from_utf8_lossy(&outcome.stderr), stderr, "{args}");
        assert_eq!(outcome.ending, Ending::Exit(exit), "{args}");
    }
}

#[test]
fn full_disk() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let tree = Tree::committed("busy-server");
    let output = Command::new(env!("CARGO_BIN_EXE_netstat"))
        .arg("--proc-root")
        .arg(tree.proc())
        .args(["--json", "-an"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        output.stderr,
        b"netstat: write error: No space left on device\n"
    );
}
