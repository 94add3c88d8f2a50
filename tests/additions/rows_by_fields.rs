//! `--only`, `--sort` and `--count-by`: what they make of a report must be what can be made of the report without them, by other means.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::fields::{Object, drops, in_column, parsed, records, stdout};
use crate::support::program::{Ending, Outcome};
use crate::support::tree::Tree;
use crate::support::world::in_new_world;
use crate::{ours, text};

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
    let both: u64 = records(&server, "-an --count-by proto")
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
