//! The vocabulary, and `--show`: a field in a column must be what it is in JSON, and what is not named must cost nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use netstat::field::{self, Field, Kind, Tables};
use serde_json::{Map, Value};

use crate::support::program::{Ending, Program, Run};
use crate::support::tree::Tree;
use crate::support::world::in_new_world;
use crate::{assert_refused, ours, text};

pub type Object = Map<String, Value>;

/// What a run writes to stdout that ends well.
pub fn stdout(tree: &Tree, args: &str) -> String {
    let (stdout, stderr, ending) = text(&ours(args).proc(tree.proc()).output());
    assert_eq!(ending, Ending::Exit(0), "{args}: {stderr}");
    stdout
}

pub fn parsed(stdout: &str) -> Vec<Object> {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error} in {stdout}"))
}

pub fn records(tree: &Tree, args: &str) -> Vec<Object> {
    parsed(&stdout(tree, &format!("--json {args}")))
}

/// The tables of the committed trees that have a record for each line: tree, options, table, lines of headings.
#[rustfmt::skip] // a table: one row a line
const LISTS: [(&str, &str, Tables, usize); 29] = [
    ("busy-server", "-tan", Tables::INTERNET, 2),
    ("busy-server", "-uanp", Tables::INTERNET, 2),
    ("busy-server", "-wane", Tables::INTERNET, 2),
    ("busy-server", "-xanp", Tables::UNIX, 2),
    ("tcp-states-and-timers", "-tan", Tables::INTERNET, 2),
    ("udp-and-raw-timers", "-46an", Tables::INTERNET, 2),
    ("long-addresses", "-46an", Tables::INTERNET, 2),
    ("huge-numbers", "-46an", Tables::INTERNET, 2),
    ("odd-programs", "-tan", Tables::INTERNET, 2),
    ("unix-sockets", "-xan", Tables::UNIX, 2),
    ("unix-without-inodes", "-xan", Tables::UNIX, 2),
    ("groups", "-gn", Tables::GROUPS, 3),
    ("old-families", "--ipx -an", Tables::IPX, 2),
    ("old-families", "--ax25 -an", Tables::AX25, 2),
    ("old-families", "--x25 -an", Tables::X25, 2),
    ("old-families", "--netrom -an", Tables::NETROM, 2),
    ("old-families", "--rose -an", Tables::ROSE, 2),
    ("routes", "-rn", Tables::ROUTES, 2),
    ("routes", "-rne", Tables::ROUTES, 2),
    ("routes", "-rnee", Tables::ROUTES, 2),
    ("routes", "-r6n", Tables::IPV6_ROUTES, 2),
    ("route-cache-2.0", "-rCnee", Tables::ROUTE_CACHE, 2),
    ("route-cache-2.2", "-rCn", Tables::ROUTE_CACHE, 2),
    ("legacy-routes", "-r -A ax25", Tables::AX25_ROUTES, 2),
    ("legacy-routes", "-r -A netrom", Tables::NETROM_ROUTES, 2),
    ("legacy-routes", "-r -A rose", Tables::ROSE_ROUTES, 2),
    ("legacy-routes", "-r -A ipx", Tables::IPX_ROUTES, 2),
    ("legacy-routes", "-r -A ddp", Tables::DDP_ROUTES, 1),
    ("legacy-routes", "-r -A x25", Tables::X25_ROUTES, 2),
];

/// What stands in a column for a value of JSON.
pub fn in_column(value: &Value) -> String {
    fn word(value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(elements) => {
                let words: Vec<String> = elements.iter().map(word).collect();
                words.join(" ")
            }
            Value::Object(fields) => {
                // The first two fields of each kind of object.
                let pairs = [
                    ["gateway_ip", "iface"],
                    ["pid", "program"],
                    ["address", "netmask"],
                    ["address", "prefix_length"],
                    ["number", "callsign"],
                    ["frame", "network"],
                    ["network", "node"],
                    ["memory_start", "memory_end"],
                ];
                let pair = pairs
                    .iter()
                    .find(|pair| pair.iter().all(|name| fields.contains_key(*name)));
                let words = pair.unwrap().map(|name| in_column(&fields[name]));
                let weight = fields.get("weight").filter(|weight| **weight != 1);
                let weight = weight.map(|weight| format!("/{weight}"));
                words.join("/") + &weight.unwrap_or_default()
            }
            Value::Number(_) | Value::Bool(_) => value.to_string(),
        }
    }
    let shown: String = word(value)
        .chars()
        .map(|character| {
            if character.is_control() {
                '.'
            } else {
                character
            }
        })
        .collect();
    if shown.is_empty() {
        "-".to_owned()
    } else {
        shown
    }
}

/// The columns with a width of their own, and those without.
fn columns(fields: &[&Field], text: impl Fn(&Field) -> String) -> (String, String) {
    let (mut sized, mut loose) = (String::new(), String::new());
    let mut blanks = " ";
    for (index, field) in fields.iter().filter(|field| field.width > 0).enumerate() {
        let (text, width) = (text(field), field.width);
        let _ = match field.kind {
            Kind::Number => write!(sized, "{blanks}{text:>width$}"),
            // Nothing follows that the column would have to be filled up for.
            _ if index + 1 == fields.len() => write!(sized, "{blanks}{text}"),
            // Columns count bytes.
            _ => {
                let filling = " ".repeat(width.saturating_sub(text.len()));
                write!(sized, "{blanks}{text}{filling}")
            }
        };
        blanks = "  ";
    }
    for field in fields.iter().filter(|field| field.width == 0) {
        let _ = write!(loose, "{blanks}{}", text(field));
        blanks = "  ";
    }
    (sized, loose)
}

/// All fields of a table, in columns as in JSON.
#[test]
fn every_field_in_text_is_that_of_json() {
    let mut values = 0;
    for (name, options, table, headings) in LISTS {
        let tree = Tree::committed(name);
        let what = format!("{name} {options}");
        let records = records(&tree, &format!("{options} --show all"));
        let text = stdout(&tree, &format!("{options} --show all"));
        let lines: Vec<&str> = text.lines().collect();
        let fields: Vec<&Field> = field::of(table).collect();
        assert_eq!(lines.len(), records.len() + headings, "{what}");
        let (sized, loose) = columns(&fields, |field| field.heading.to_string());
        // The path of a unix socket stands between them; it fills the last column with a width up.
        let is_put = |line: &str, sized: &str, loose: &str| {
            let put = line
                .strip_suffix(loose)
                .unwrap_or_else(|| panic!("{what}: {line}\n{loose}"));
            match table {
                Tables::UNIX => put.contains(sized.trim_end()),
                _ => put.trim_end().ends_with(sized.trim_end()),
            }
        };
        assert!(
            is_put(lines[headings.min(2) - 1], &sized, &loose),
            "{what}: {sized}"
        );
        for (line, record) in lines[headings..].iter().zip(&records) {
            values += fields.len();
            // Bytes that are not UTF-8 are other ones in either form.
            if record
                .keys()
                .any(|key| key.ends_with("_bytes") && field::find(key, table).is_none())
            {
                continue;
            }
            let (sized, loose) = columns(&fields, |field| {
                let value = record.get(&*field.name);
                in_column(value.unwrap_or(&Value::Null))
            });
            assert!(
                is_put(line, &sized, &loose),
                "{what}:\n{line}\n{sized}|{loose}"
            );
        }
    }
    assert!(values > 3000, "{values}");
}

/// A field says what it says beside all others when it is the only one that is named, for which less is gathered.
#[test]
fn fields_say_the_same_alone() {
    for options in ["-tan", "-xan"] {
        let tree = Tree::committed("odd-programs");
        let records = records(&tree, &format!("{options} --show all"));
        for name in records[0].keys().filter(|name| *name != "kind") {
            // Others are the bytes of the field before.
            if field::find(name, Tables::OF_SOCKETS).is_none() {
                continue;
            }
            let mut expected = BTreeMap::new();
            for record in &records {
                let value = in_column(&record[name]).trim().to_owned();
                *expected.entry(value).or_insert(0) += 1;
            }
            let text = stdout(&tree, &format!("{options} --count-by {name}"));
            let counted: BTreeMap<String, u64> = (text.lines().skip(1))
                .map(|line| {
                    let (count, value) = line.split_at(8);
                    (value.trim().to_owned(), count.trim().parse().unwrap())
                })
                .collect();
            // Bytes that are not UTF-8 are other ones in either form.
            if records
                .iter()
                .any(|record| record.contains_key(&format!("{name}_bytes")))
            {
                assert_eq!(counted.len(), expected.len(), "{name}");
            } else {
                assert_eq!(counted, expected, "{name}");
            }
        }
    }
}

/// The table of the record, by what the record says.
fn table_of(record: &Object) -> Option<Tables> {
    let word = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    Some(match (word("kind"), word("network_protocol")) {
        ("socket", _) => Tables::UNIX,
        ("network", _) => match word("proto") {
            "ipx" => Tables::IPX,
            "ax25" => Tables::AX25,
            "x25" => Tables::X25,
            "netrom" => Tables::NETROM,
            "rose" => Tables::ROSE,
            _ => Tables::INTERNET,
        },
        ("group", _) => Tables::GROUPS,
        ("route_cache", "ipv4") => Tables::ROUTE_CACHE,
        ("route" | "route_cache", "ipv6") => Tables::IPV6_ROUTES,
        ("route", "ipv4") => Tables::ROUTES,
        ("route", "ax25") => Tables::AX25_ROUTES,
        ("route", "netrom") => Tables::NETROM_ROUTES,
        ("route", "rose") => Tables::ROSE_ROUTES,
        ("route", "ipx") => Tables::IPX_ROUTES,
        ("route", "ddp") => Tables::DDP_ROUTES,
        ("route", "x25") => Tables::X25_ROUTES,
        ("neighbour", _) => Tables::NEIGHBOURS,
        ("interface", _) => Tables::INTERFACES,
        ("statistic" | "masquerade", _) => return None,
        other => panic!("{other:?}"),
    })
}

/// Whatever is a key in JSON can be named, and what can be named is a key.
#[test]
fn the_vocabulary_is_that_of_json() {
    let mut seen: BTreeMap<&str, &Field> = BTreeMap::new();
    let mut look = |records: Vec<Object>| {
        for record in records {
            let table = table_of(&record).unwrap();
            for (key, value) in &record {
                let Some(field) = field::find(key, table) else {
                    assert!(key.ends_with("_bytes"), "{key} of {record:?}");
                    continue;
                };
                let fits = match field.kind {
                    Kind::Number => value.is_number(),
                    Kind::List => value.is_array() || value.is_object(),
                    Kind::Text | Kind::Address | Kind::Host | Kind::Port | Kind::User => {
                        value.is_string()
                    }
                };
                assert!(fits || value.is_null(), "{key} of {record:?}");
                seen.insert(&*field.name, field);
            }
        }
    };
    for (name, options, ..) in LISTS {
        look(records(
            &Tree::committed(name),
            &format!("{options} --show all"),
        ));
    }
    for (name, options) in [("sctp", "-San"), ("route-cache-2.2", "-r6Cn")] {
        look(records(
            &Tree::committed(name),
            &format!("{options} --show all"),
        ));
    }
    look(records(
        &Tree::new("interfaces").file("net/dev", DEV),
        "-ia --show all",
    ));
    // Every machine has `lo`, whose hardware is known, in some namespace.
    let (live, ..) = text(&ours("--json -ia --show all --all-netns").output());
    look(parsed(&live));
    let never: Vec<&str> = field::of(Tables::ANY)
        .map(|field| &*field.name)
        .filter(|name| !seen.contains_key(name) && *name != "count")
        .collect();
    assert!(never.is_empty(), "{never:?}");
}

const UDP: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n";

const DEV: &str = "Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3393      33    0    0    0     0          0         0     3393      33    0    0    0     0       0          0
  eth0:    1200      12    1    2    3     4          5         6     7000      70    7    8    9    10      11         12
";

/// Sockets that have dropped datagrams or do not tell, with owners or without.
pub fn drops() -> Tree {
    Tree::new("drops")
        .file(
            "net/udp",
            format!(
                "{UDP}\
                 \x20  1: 00000000:0035 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 1001 2 0000000000000000 7\n\
                 \x20  2: 0100007F:0045 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1002 2 0000000000000000 0         \n\
                 \x20  3: 0100007F:0046 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1003\n\
                 \x20  4: 0100007F:0047 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1004 2 0000000000000000 12345678901\n"
            ),
        )
        .file("300/cmdline", "/usr/sbin/named\0-4\0")
        .link("300/fd/4", "socket:[1001]")
        .file("301/cmdline", "helper: \x1b[31m\0")
        .link("301/fd/6", "socket:[1002]")
}

#[test]
fn columns_of_fields_follow_the_others() {
    let tree = drops();
    assert_eq!(
        stdout(&tree, "-u4an --show drops"),
        "Active Internet connections (servers and established)\n\
         Proto Recv-Q Send-Q Local Address           Foreign Address         State       Drops\n\
         udp      768      0 0.0.0.0:53              0.0.0.0:*                               7\n\
         udp        0      0 127.0.0.1:69            0.0.0.0:*                               0\n\
         udp        0      0 127.0.0.1:70            0.0.0.0:*                               -\n\
         udp        0      0 127.0.0.1:71            0.0.0.0:*                           12345678901\n"
    );
    // Owners come last, behind a timer too; several --show add up, and what is named twice is shown once.
    let shared = tree.link("301/fd/5", "socket:[1001]");
    // In the order of the directory, which need not be that of numbers.
    let owners = fs::read_dir(shared.proc()).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name();
        let owners = [("300", "300/named"), ("301", "301/helper: .[31m")];
        owners.into_iter().find(|(pid, _)| name == *pid)
    });
    let owners: Vec<&str> = owners.map(|(_, owner)| owner).collect();
    let owners = owners.join(" ");
    assert_eq!(
        stdout(
            &shared,
            "-u4ano --show owners,drops --show owner_unknown,drops --port 53,70"
        ),
        format!(
            "Active Internet connections (servers and established)\n\
         Proto Recv-Q Send-Q Local Address           Foreign Address         State       Drops  No Owner      Timer  Owners\n\
         udp      768      0 0.0.0.0:53              0.0.0.0:*                               7  -             off (0.00/0/0)  {owners}\n\
         udp        0      0 127.0.0.1:70            0.0.0.0:*                               -  not visible   off (0.00/0/0)  -\n"
        )
    );
    let unix = Tree::committed("busy-server");
    let (plain, shown) = (
        stdout(&unix, "-xan"),
        stdout(&unix, "-xan --show refcnt,type"),
    );
    for (plain, shown) in plain.lines().zip(shown.lines()).skip(2) {
        let path = plain.get(58..).unwrap();
        assert!(shown.starts_with(plain.get(..58).unwrap()), "{shown}");
        // A column is not filled up if no path follows.
        let length = plain.len() + 7 + 11;
        assert!(shown.ends_with(path.trim_end()), "{shown}");
        assert!(
            shown.len() == length || path.trim_end().is_empty(),
            "{shown}"
        );
    }
}

#[test]
fn fields_are_added_to_the_record() {
    let tree = drops();
    let plain = stdout(&tree, "--json -u4an");
    let shown = stdout(&tree, "--json -u4an --show drops,uid,path");
    assert_eq!(parsed(&plain).len(), 4);
    // Fields that are there anyway keep their places.
    let without: String = shown
        .split_inclusive('\n')
        .zip([
            "",
            "\"drops\":7,",
            "\"drops\":0,",
            "\"drops\":null,",
            "\"drops\":12345678901,",
            "",
        ])
        .map(|(line, drops)| {
            assert!(line.contains(drops), "{line}");
            line.replace(drops, "").replace(",\"path\":null", "")
        })
        .collect();
    assert_eq!(without, plain);
    // What is gathered to choose or sort by is not shown for that.
    for options in [
        "--only drops=-,0..",
        "--sort proto,owners,timer_kind",
        "--only pid!=9",
    ] {
        assert_eq!(
            stdout(&tree, &format!("--json -u4an {options}")),
            plain,
            "{options}"
        );
    }
    let [with_owner] = &records(&tree, "-u4an --show pid --only pid=300")[..] else {
        panic!();
    };
    assert_eq!(with_owner["pid"], 300);
    assert!(!with_owner.contains_key("owners") && !with_owner.contains_key("program_name"));
}

#[test]
fn the_long_form_of_interfaces_gets_a_line_of_fields() {
    let tree = Tree::new("interfaces").file("net/dev", DEV);
    let (plain, shown) = (
        stdout(&tree, "-iae"),
        stdout(&tree, "-iae --show rx_bytes,kind,mtu"),
    );
    let lines: Vec<&str> = shown.lines().collect();
    let added: Vec<&&str> = lines
        .iter()
        .filter(|line| line.contains("kind interface"))
        .collect();
    assert!(
        !added.is_empty() && added[0].starts_with("        rx_bytes "),
        "{shown}"
    );
    assert!(added[0].ends_with("  kind interface  mtu -"), "{shown}");
    let rest: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| !line.contains("kind interface"))
        .collect();
    assert_eq!(rest, plain.lines().collect::<Vec<_>>());
}

/// Two runs see the same interfaces in a namespace of their own.
#[test]
#[ignore = "needs root and net-tools"]
fn fields_of_interfaces() {
    in_new_world(|world| {
        world.ip("link add eth7 type veth peer name eth8");
        world.ip("address add 192.0.2.7/24 dev eth7");
        let run = |args: &str| text(&ours(args).output()).0;
        let records = parsed(&run("--json -ia --show all"));
        let lines = run("-ia --show all");
        let fields: Vec<&Field> = field::of(Tables::INTERFACES).collect();
        assert_eq!(records.len(), 3);
        for (line, record) in lines.lines().skip(2).zip(&records) {
            let (sized, loose) = columns(&fields, |field| in_column(&record[&*field.name]));
            assert!(line.ends_with(&(sized + &loose)), "{line}");
        }
        assert!(lines.contains("192.0.2.7/255.255.255.0"), "{lines}");
    });
}

#[test]
fn misuse_is_told() {
    for (args, message) in [
        (
            "-t --show drop",
            "option '--show': there is no field 'drop', see netstat-json(5); did you mean 'drops'?",
        ),
        (
            "-t --show state,xyz",
            "option '--show': there is no field 'xyz', see netstat-json(5)",
        ),
        (
            "-r --show drops",
            "option '--show': routes have no field 'drops', see netstat-json(5)",
        ),
        (
            "-i --only state=UP",
            "option '--only': interfaces have no field 'state', see netstat-json(5)",
        ),
        (
            "-t --sort stat:desc",
            "option '--sort': there is no field 'stat', see netstat-json(5); did you mean 'state'?",
        ),
        (
            "-t --count-by all",
            "option '--count-by': there is no field 'all', see netstat-json(5)",
        ),
        (
            "-t --only inode=x",
            "option '--only': 'inode' takes numbers, ranges such as 1..100, and '-' for none, not 'x'",
        ),
        (
            "-t --only inode=5..1",
            "option '--only': 'inode' takes numbers, ranges such as 1..100, and '-' for none, not '5..1'",
        ),
        (
            "-t --only local_port!=22,90..80",
            "option '--only': 'local_port' takes names, numbers, ranges such as 1..100, and '-' for none, not '90..80'",
        ),
        (
            "-i --openmetrics --show rx_bytes",
            "option '--show' cannot be used with '--openmetrics'",
        ),
        (
            "-t --count-by state --sort inode",
            "option '--sort': 'inode' is neither 'count' nor a field of '--count-by'",
        ),
        (
            "-s --show state",
            "option '--show' cannot be used with '--statistics'",
        ),
        (
            "-M --show state",
            "option '--show' cannot be used with '--masquerade'",
        ),
        (
            "-t --count-by state --show inode",
            "option '--show' cannot be used with '--count-by'",
        ),
        (
            "--show ,",
            "option '--show' takes names of fields, or 'all', not ','",
        ),
        (
            "--port 9-1",
            "option '--port' takes port numbers up to 65535, ranges of them such as 8000-8100, or names of services, not '9-1'",
        ),
    ] {
        assert_refused(&ours(args).output(), message, 3);
    }
}

/// Misuse is one line that does nothing to a terminal, whatever was typed.
#[test]
fn what_was_typed_is_quoted_harmlessly() {
    for (option, message) in [
        (
            "--show",
            "option '--show': there is no field 'a.[31m.b', see netstat-json(5)",
        ),
        (
            "--only",
            "option '--only' takes FIELD=VALUE or FIELD!=VALUE, with more values behind commas, not 'a.[31m.b'",
        ),
        ("--port", "option '--port': there is no service 'a.[31m.b'"),
        (
            "--state",
            "option '--state' takes states as the tables print them, such as LISTEN or TIME_WAIT, not 'a.[31m.b'",
        ),
        ("--netns", "option '--netns': no 'a.[31m.b' in /run/netns"),
        (
            "--proc-root",
            "option '--proc-root': a.[31m.b: No such file or directory",
        ),
    ] {
        let run = Run::new(Program::Ours, [option, "a\x1b[31m\nb"]);
        assert_refused(&run.output(), message, 3);
    }
}

/// The system calls of a run: names, and the files of those that name one.
pub fn system_calls(args: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("calls");
    let status = Command::new("strace")
        // How much memory is asked for, and when, varies.
        .args(["-f", "-e", "trace=!mmap,munmap,brk,mprotect,write,execve"])
        .arg("-o")
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_netstat"))
        .args(args.split_whitespace())
        .env_clear()
        .env("LC_ALL", "C")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code().is_some());
    let text = fs::read_to_string(&log).unwrap();
    let call = |line: &str| {
        // "1234  openat(AT_FDCWD, "/proc/net/tcp", O_RDONLY|O_CLOEXEC) = 3"; other lines are signals, and the rest of calls.
        let (pid, call) = line.split_once(' ')?;
        let (name, arguments) = call.trim_start().split_once('(')?;
        let is_word = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_call = is_word && pid.parse::<u32>().is_ok();
        let names_file = ["open", "stat", "link", "access"]
            .iter()
            .any(|part| name.contains(part));
        let file = arguments.split('"').nth(1).filter(|_| names_file);
        is_call.then(|| format!("{name} {}", file.unwrap_or_default()))
    };
    let calls: Vec<String> = text.lines().filter_map(call).collect();
    assert!(calls.len() > 10, "{text}");
    calls
}

/// What is in the tables anyway costs no look at anything else.
#[test]
#[ignore = "needs root and net-tools, strace"]
fn fields_that_are_there_cost_no_system_call() {
    in_new_world(|_| {
        for (options, field) in [
            ("-tuwan", "state"),
            ("-xan", "inode"),
            ("-gn", "group_ip"),
            ("-rn", "metric"),
            ("-ian", "mtu"),
        ] {
            let plain = system_calls(options);
            for named in ["--show {}", "--sort {}", "--count-by {}", "--only {}=1"] {
                let named = named.replace("{}", field);
                let calls = system_calls(&format!("{options} {named}"));
                assert_eq!(calls, plain, "{options} {named}");
            }
        }
        let owners = |args: &str| {
            let calls = system_calls(args);
            calls
                .iter()
                .any(|call| call.ends_with("fd") || call.contains("cmdline"))
        };
        // Addresses and next hops are asked for once they are named.
        for (options, named) in [("-rn", "nexthops"), ("-in", "inet_all")] {
            let plain = system_calls(options);
            let asks = |calls: &[String]| calls.iter().any(|call| call.starts_with("recvfrom"));
            assert!(!asks(&plain), "{plain:?}");
            assert!(asks(&system_calls(&format!("{options} --show {named}"))));
        }
        assert!(!owners("-tan") && owners("-tan --show owners") && owners("-tan --only pid=1.."));
    });
}
