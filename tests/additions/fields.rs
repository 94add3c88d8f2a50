//! `--show`, `--only`, `--sort` and `--count-by`: what they make of tables and of JSON must be what can be made of the report without
//! them, by other means.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::process::{Command, Stdio};

use netstat::field::{self, Field, Kind, Tables};
use serde_json::{Map, Value};

use crate::support::program::{Ending, Outcome};
use crate::support::tree::Tree;
use crate::support::world::in_new_world;
use crate::{assert_refused, ours, text};

type Object = Map<String, Value>;

/// What a run writes to stdout that ends well.
fn stdout(tree: &Tree, args: &str) -> String {
    let (stdout, stderr, ending) = text(&ours(args).proc(tree.proc()).output());
    assert_eq!(ending, Ending::Exit(0), "{args}: {stderr}");
    stdout
}

fn parsed(stdout: &str) -> Vec<Object> {
    serde_json::from_str(stdout).unwrap_or_else(|error| panic!("{error} in {stdout}"))
}

fn records(tree: &Tree, args: &str) -> Vec<Object> {
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
fn in_column(value: &Value) -> String {
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
                words.join("/")
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
        let (sized, loose) = columns(&fields, |field| field.heading.to_owned());
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
                let value = record.get(field.name);
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
                seen.insert(field.name, field);
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
    // Every machine has `lo`, whose hardware is known.
    let (live, ..) = text(&ours("--json -ia --show all").output());
    look(parsed(&live));
    let never: Vec<&str> = field::of(Tables::ANY)
        .map(|field| field.name)
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
fn drops() -> Tree {
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
        .link("301/fd/5", "socket:[1001]")
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
    assert_eq!(
        stdout(
            &tree,
            "-u4ano --show owners,drops --show owner_unknown,drops --port 53,70"
        ),
        "Active Internet connections (servers and established)\n\
         Proto Recv-Q Send-Q Local Address           Foreign Address         State       Drops  No Owner      Timer  Owners\n\
         udp      768      0 0.0.0.0:53              0.0.0.0:*                               7  -             off (0.00/0/0)  300/named 301/helper: .[31m\n\
         udp        0      0 127.0.0.1:70            0.0.0.0:*                               -  not visible   off (0.00/0/0)  -\n"
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
            let (sized, loose) = columns(&fields, |field| in_column(&record[field.name]));
            assert!(line.ends_with(&(sized + &loose)), "{line}");
        }
        assert!(lines.contains("192.0.2.7/255.255.255.0"), "{lines}");
    });
}

/// The report without `--only`, less what the values in it say does not match.
#[track_caller]
fn chooses(tree: &Tree, options: &str, only: &str, keeps: impl Fn(&Object) -> bool) -> usize {
    let mut expected = records(tree, options);
    let all = expected.len();
    expected.retain(|record| keeps(record));
    let kept = records(tree, &format!("{options} {only}"));
    assert_eq!(kept, expected, "{} {options} {only}", tree.name());
    // In tables as in JSON.
    let lines = |options: &str| stdout(tree, options).lines().count();
    assert_eq!(
        lines(options) - lines(&format!("{options} {only}")),
        all - kept.len(),
        "{only}"
    );
    kept.len()
}

#[test]
fn rows_are_chosen_by_what_they_show() {
    fn string<'a>(record: &'a Object, name: &str) -> &'a str {
        record[name].as_str().unwrap_or("-")
    }
    let number = |record: &Object, name: &str| record[name].as_u64();
    // Quietly those that a tree has.
    let sockets = "-46anp";
    let mut kept = Vec::new();
    for name in [
        "busy-server",
        "tcp-states-and-timers",
        "unknown-states",
        "listening-dual-stack",
    ] {
        let tree = Tree::committed(name);
        let mut check = |only: &str, keeps: &dyn Fn(&Object) -> bool| {
            kept.push((only.to_owned(), chooses(&tree, sockets, only, keeps)));
        };
        check("--only state=LISTEN", &|row| {
            string(row, "state") == "LISTEN"
        });
        check("--only state=*WAIT*,SYN_????", &|row| {
            let state = string(row, "state");
            state.contains("WAIT") || ["SYN_SENT", "SYN_RECV"].contains(&state)
        });
        check("--only state!=LISTEN,-", &|row| {
            !["LISTEN", "-"].contains(&string(row, "state"))
        });
        check("--only state=-", &|row| row["state"].is_null());
        check("--only local_port=1..1024,3306", &|row| {
            let port: Option<u64> = string(row, "local_port").parse().ok();
            port.is_some_and(|port| (1..=1024).contains(&port) || port == 3306)
        });
        check("--only foreign_port_num!=1..1000", &|row| {
            !number(row, "foreign_port_num").is_some_and(|port| (1..=1000).contains(&port))
        });
        check("--only send_q=1.. --only proto=tcp*", &|row| {
            number(row, "send_q") > Some(0) && string(row, "proto").starts_with("tcp")
        });
        check("--only recv_q=..0 --only recv_q!=5", &|row| {
            number(row, "recv_q") == Some(0)
        });
        check("--only local_ip=10.0.0.0/8,127.*", &|row| {
            let ip = string(row, "local_ip");
            let of_ten = |ip: &str| ip.starts_with("10.");
            of_ten(ip) || ip.strip_prefix("::ffff:").is_some_and(of_ten) || ip.starts_with("127.")
        });
        check(
            "--only program_name=nginx*,*d --only pid=1..100000",
            &|row| {
                let name = string(row, "program_name");
                number(row, "pid").is_some() && (name.starts_with("nginx") || name.ends_with('d'))
            },
        );
        check("--only owners=*/sshd,402/*", &|row| {
            let mut owners = row["owners"].as_array().unwrap().iter();
            owners.any(|owner| owner["program"] == "sshd" || owner["pid"] == 402)
        });
    }
    let routes = Tree::committed("routes");
    let mut check = |options: &str, only: &str, keeps: &dyn Fn(&Object) -> bool| {
        kept.push((only.to_owned(), chooses(&routes, options, only, keeps)));
    };
    check("-rn", "--only route_flags_pretty=GATEWAY", &|row| {
        row["route_flags_pretty"]
            .as_array()
            .unwrap()
            .contains(&"GATEWAY".into())
    });
    check("-rn", "--only iface!=eth0 --only metric=0..100", &|row| {
        string(row, "iface") != "eth0" && number(row, "metric").is_some_and(|metric| metric <= 100)
    });
    check(
        "-r6n",
        "--only destination_ip=2001:db8::/32 --only prefix_length=48",
        &|row| string(row, "destination_ip").starts_with("2001:db8:") && row["prefix_length"] == 48,
    );
    let groups = Tree::committed("groups");
    kept.push((
        "groups".into(),
        chooses(&groups, "-gn", "--only group=ff02::/16,224.*", |row| {
            let group = string(row, "group");
            group.starts_with("ff02:") || group.starts_with("224.")
        }),
    ));
    // No criterion is one that nothing meets anywhere.
    for (only, _) in &kept {
        let of_all: usize = kept
            .iter()
            .filter(|(other, _)| other == only)
            .map(|(_, kept)| kept)
            .sum();
        assert!(of_all > 0, "{only}");
    }
}

/// How JSON's values are ordered: those that are none last, `descending` or not.
fn order(one: &Value, other: &Value, descending: bool) -> Ordering {
    let order = match (one, other) {
        (Value::Null, Value::Null) => return Ordering::Equal,
        (Value::Null, _) => return Ordering::Greater,
        (_, Value::Null) => return Ordering::Less,
        (Value::Number(one), Value::Number(other)) => {
            let exact = one
                .as_u64()
                .zip(other.as_u64())
                .map(|(one, other)| one.cmp(&other));
            exact.unwrap_or_else(|| one.as_f64().partial_cmp(&other.as_f64()).unwrap())
        }
        (Value::String(one), Value::String(other)) => {
            let address = |text: &str| {
                text.parse::<IpAddr>()
                    .ok()
                    .map(|address| address.to_canonical())
            };
            match (address(one), address(other)) {
                (Some(one), Some(other)) => one.cmp(&other),
                _ => one.cmp(other),
            }
        }
        _ => panic!("{one} {other}"),
    };
    if descending { order.reverse() } else { order }
}

#[test]
fn rows_of_each_table_are_sorted() {
    for name in [
        "busy-server",
        "tcp-states-and-timers",
        "long-addresses",
        "unknown-states",
    ] {
        let tree = Tree::committed(name);
        for fields in [
            "recv_q",
            "recv_q:desc",
            "local_ip",
            "foreign_ip:desc,local_port_num",
            "foreign_address",
            "state,send_q:desc,inode",
            "state:desc",
            "local_port_num:desc",
            "pid,uid",
            "timer_seconds:desc",
            "program_name,timer_kind:desc",
        ] {
            let mut expected = records(&tree, "-46anpo");
            expected.sort_by(|one, other| {
                let orders = fields.split(',').map(|field| {
                    let (name, descending) = match field.strip_suffix(":desc") {
                        Some(name) => (name, true),
                        None => (field, false),
                    };
                    order(&one[name], &other[name], descending)
                });
                orders.fold(Ordering::Equal, Ordering::then)
            });
            let sorted = records(&tree, &format!("-46anpo --sort {fields}"));
            assert!(sorted.len() > 2);
            assert!(sorted == expected, "{name} {fields}");
        }
        // Several tables, with their headings: each has its own rows.
        let (plain, sorted) = (
            stdout(&tree, "-an"),
            stdout(&tree, "-an --sort state,local_port"),
        );
        let tables = |text: &str| {
            let tables = text.split("Active ").skip(1);
            tables
                .map(|table| {
                    let mut lines: Vec<String> = table.lines().map(str::to_owned).collect();
                    lines[2..].sort();
                    lines
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(tables(&plain), tables(&sorted));
    }
    // Ports by number, whatever they are called.
    let ports: Vec<u64> = records(
        &Tree::committed("busy-server"),
        "-tal --numeric-hosts --sort local_port",
    )
    .iter()
    .map(|record| record["local_port_num"].as_u64().unwrap())
    .collect();
    assert!(ports.is_sorted() && ports.len() > 4, "{ports:?}");
}

/// What a pipeline of the shell makes of a text.
fn piped(pipeline: &str, text: &str) -> String {
    let mut shell = Command::new("sh")
        .args(["-c", pipeline])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut shell.stdin.take().unwrap(), text.as_bytes()).unwrap();
    String::from_utf8(shell.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn counts_are_those_of_awk() {
    for name in [
        "busy-server",
        "tcp-states-and-timers",
        "unknown-states",
        "long-addresses",
    ] {
        let tree = Tree::committed(name);
        for (options, fields, print) in [
            ("-tan", "state", "$6"),
            ("-tn", "state", "$6"),
            ("-tln", "state", "$6"),
            ("-46anW", "proto", "$1"),
            ("-tan", "proto,state", "$1, $6"),
            ("-tan", "state,proto,recv_q", "$6, $1, $2"),
        ] {
            let listed = stdout(&tree, options);
            let pipeline = format!("awk 'NR > 2 {{ print {print} }}' | sort | uniq -c");
            let mut expected: Vec<(u64, Vec<String>)> = piped(&pipeline, &listed)
                .lines()
                .map(|line| {
                    let mut words = line.split_whitespace().map(str::to_owned);
                    let count = words.next().unwrap().parse().unwrap();
                    (count, words.collect())
                })
                .collect();
            let counted = stdout(&tree, &format!("{options} --count-by {fields}"));
            let rows: Vec<(u64, Vec<String>)> = counted
                .lines()
                .skip(1)
                .map(|line| {
                    assert_eq!(line.as_bytes()[7], b' ', "{line}");
                    let mut words = line.split_whitespace().map(str::to_owned);
                    (words.next().unwrap().parse().unwrap(), words.collect())
                })
                .collect();
            assert!(
                rows.is_sorted_by(|one, other| one.0 >= other.0),
                "{counted}"
            );
            // Where the table has nothing, awk finds nothing.
            let mut sorted = rows.clone();
            for (_, words) in &mut sorted {
                words.retain(|word| word != "-");
            }
            expected.sort();
            sorted.sort();
            assert_eq!(sorted, expected, "{name} {options} {fields}");
            // The same in JSON, in the same order.
            let from_json: Vec<(u64, Vec<String>)> =
                records(&tree, &format!("{options} --count-by {fields}"))
                    .iter()
                    .map(|record| {
                        assert_eq!(record["kind"], "count");
                        let values = fields.split(',').map(|field| in_column(&record[field]));
                        (record["count"].as_u64().unwrap(), values.collect())
                    })
                    .collect();
            assert_eq!(from_json, rows, "{name} {options} {fields}");
        }
    }
}

#[test]
fn a_table_of_counts() {
    let tree = drops();
    assert_eq!(
        stdout(&tree, "-u4an --count-by local_ip,drops"),
        "  Count Local IP         Drops\n\
         \x20     1 0.0.0.0              7\n\
         \x20     1 127.0.0.1            0\n\
         \x20     1 127.0.0.1        12345678901\n\
         \x20     1 127.0.0.1            -\n"
    );
    assert_eq!(
        stdout(&tree, "--json -u4an --count-by local_ip --sort count"),
        "[\n{\"count\":1,\"local_ip\":\"0.0.0.0\",\"kind\":\"count\"},\n{\"count\":3,\"local_ip\":\"127.0.0.1\",\"kind\":\"count\"}\n]\n"
    );
    // All tables in one, none if there is none.
    let server = Tree::committed("busy-server");
    let both: u64 = records(&server, "-an --count-by kind")
        .iter()
        .map(|record| record["count"].as_u64().unwrap())
        .sum();
    assert_eq!(both, records(&server, "-an").len() as u64);
    assert_eq!(stdout(&tree, "-u6an --count-by state"), "  Count State\n");
    assert_eq!(stdout(&tree, "--json -u6an --count-by state"), "[]\n");
    let (stdout, _, ending) = text(&ours("-tan --count-by state").proc(tree.proc()).output());
    assert_eq!(
        (stdout.as_str(), ending),
        ("  Count State\n", Ending::Exit(1))
    );
    // Each pass counts anew.
    let run = "-u4anc --interval 0.01 --count 3 --count-by drops --only drops=7";
    assert_eq!(
        self::stdout(&tree, run),
        "  Count Drops\n      1     7\n".repeat(3)
    );
}

/// Names are known before rows are chosen or counted by them.
#[test]
#[ignore = "needs root and net-tools"]
fn names_in_the_place_of_numbers() {
    in_new_world(|world| {
        for port in [80, 5000] {
            world.keep(std::net::TcpListener::bind(("127.0.0.1", port)).unwrap());
            world.keep(std::net::TcpListener::bind(("127.0.0.9", port)).unwrap());
        }
        world.keep(std::net::UdpSocket::bind("127.0.0.1:80").unwrap());
        let run = |args: &str| text(&ours(args).output()).0;
        assert_eq!(
            run("-tul4 --count-by local_port"),
            "  Count Local Port\n      3 http\n      2 an-eighteen-letter-x\n"
        );
        assert_eq!(
            run("-tul4n --count-by local_port"),
            "  Count Local Port\n      3 80\n      2 5000\n"
        );
        let of = |args: &str| parsed(&run(&format!("--json {args}"))).len();
        for (only, kept) in [
            ("local_port=http", 3),
            ("local_port=80", 3),
            ("local_port=an-*", 2),
            ("local_port!=http,an-*", 0),
            ("local_address=localhost", 3),
            ("local_address=127.0.0.9", 2),
            ("local_address=*.example.com", 2),
            ("local_address=127.0.0.0/29", 3),
            ("user=root", 5),
            ("user=0", 5),
            ("user=bin", 0),
        ] {
            assert_eq!(of(&format!("-tul4 --only {only}")), kept, "{only}");
        }
        assert_eq!(of("-tul4n --only local_port=http"), 0);
        assert_eq!(of("-tul4n --only local_address=127.0.0.1"), 3);
        assert_eq!(
            run("-tul4 --count-by local_address,user --sort local_address:desc"),
            "  Count Local Host       User\n      2 a-rather-long-host-name.example.com  root\n      3 localhost        root\n"
        );
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

/// The system calls of a run: names, and the files of those that name one.
fn system_calls(args: &str) -> Vec<String> {
    let output = Command::new("strace")
        // How much memory is asked for, and when, varies.
        .args(["-f", "-e", "trace=!mmap,munmap,brk,mprotect,write,execve"])
        .args(["-o", "/dev/stdout", env!("CARGO_BIN_EXE_netstat")])
        .args(args.split_whitespace())
        .env_clear()
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let call = |line: &str| {
        // "1234  openat(AT_FDCWD, "/proc/net/tcp", O_RDONLY|O_CLOEXEC) = 3"; other lines are the report's.
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
        for options in ["-tuwan", "-xan", "-gn", "-rn", "-ian"] {
            let plain = system_calls(options);
            for named in [
                "--show kind",
                "--sort kind",
                "--count-by kind",
                "--only kind=x",
            ] {
                let calls = system_calls(&format!("{options} {named}"));
                assert_eq!(calls, plain, "{options} {named}");
            }
        }
        let owners = |args: &str| {
            let calls = system_calls(args);
            calls
                .iter()
                .any(|call| call.ends_with("/fd") || call.contains("cmdline"))
        };
        assert!(!owners("-tan") && owners("-tan --show owners") && owners("-tan --only pid=1.."));
    });
}

/// A run's outcome does not depend on where the kernel's tables are read from.
#[test]
#[ignore = "needs root and net-tools"]
fn sources_agree_on_fields() {
    in_new_world(|world| {
        world.keep(std::net::TcpListener::bind("127.0.0.1:5001").unwrap());
        let stream = std::net::TcpStream::connect("127.0.0.1:5001").unwrap();
        world.keep(stream);
        world.keep(std::net::UdpSocket::bind("127.0.0.1:5001").unwrap());
        for args in [
            "-tuan --count-by proto,state",
            "-tuan --sort local_port:desc,foreign_port",
            "-tuan --show drops,uid,timer_kind,inode",
            "-tuan --only state=ESTABLISHED",
        ] {
            let run =
                |source: &str| -> Outcome { ours(args).env("NETSTAT_SOCK_DIAG", source).output() };
            assert_eq!(text(&run("always")), text(&run("never")), "{args}");
            assert!(run("never").stdout.len() > 20);
        }
    });
}
