//! Fields of routes and interfaces that rtnetlink tells: what they say must be what `ip` says of the same routes and interfaces.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::fields::{self, Object, in_column, parsed};
use crate::namespaces::{command, name_blue, there};
use crate::support::program::{Ending, Outcome, Run};
use crate::support::tree::{Tree, proc_net_dev};
use crate::support::world::{World, in_new_world, standing_still};
use crate::{ours, text};

/// Routes with one next hop, several or none, some of them of IPv6, and some of the kinds that no table shows.
const ROUTES: [&str; 32] = [
    "link add eth0 type veth peer name eth0peer",
    "link add a-long-name-15b type veth peer name veth9a",
    "link set eth0 up",
    "link set eth0peer up",
    "link set a-long-name-15b up",
    "link set veth9a up",
    "addr add 10.1.0.2/24 dev eth0",
    "addr add 172.16.0.1/30 dev a-long-name-15b",
    "route add default via 10.1.0.1 metric 100",
    "route add default via 10.1.0.4 metric 200",
    "route add 10.2.0.0/16 via inet6 fe80::1 dev eth0",
    "route add 10.2.1.0/24 via inet6 ::5 dev eth0 onlink",
    "route add 10.7.0.0/16 nexthop via 10.1.0.1 weight 3 nexthop via 172.16.0.2 weight 256",
    "route add 10.7.1.0/24 nexthop via inet6 fe80::2 dev eth0 nexthop via 172.16.0.2",
    "route add 10.7.2.0/24 nexthop via 172.16.0.2 nexthop via inet6 fe80::2 dev eth0",
    "route add 10.7.3.0/24 nexthop dev eth0 nexthop dev a-long-name-15b nexthop via 10.1.0.9",
    "route add 10.8.0.0/16 via 10.250.0.1 dev eth0 onlink",
    "route add 10.8.0.0/16 dev eth0 tos 0x10",
    "route add 10.8.0.0/16 dev eth0 metric 7",
    "route add unreachable 10.30.0.0/16",
    "route add blackhole 10.31.0.0/16",
    "route add prohibit 10.32.0.0/16 metric 12345678",
    "route add throw 10.33.0.0/16",
    "route add local 10.34.0.1 dev lo table main",
    "route add broadcast 10.34.0.255 dev eth0 table main",
    "route add multicast 224.1.0.0/16 dev eth0",
    "route add 10.35.0.0/16 dev eth0 table 100",
    "nexthop add id 1 via 10.1.0.7 dev eth0",
    "nexthop add id 2 via fe80::77 dev eth0",
    "nexthop add id 3 group 1,5/2,7",
    "route add 10.40.0.0/16 nhid 3",
    "route add 10.41.0.0/16 nhid 2",
];

/// What `ip -j ARGS` lists.
fn ip(args: &str) -> Vec<Object> {
    let output = Command::new("ip")
        .arg("-j")
        .args(args.split_whitespace())
        .output()
        .expect("iproute2 is installed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The records of a run, all in order.
fn live(args: &str) -> Vec<Object> {
    parsed(&said(&ours(&format!("--json {args}")).output()))
}

fn said(outcome: &Outcome) -> String {
    let (stdout, stderr, ending) = text(outcome);
    assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
    stdout
}

/// The next hops of a route of `ip`, as our program has them.
fn next_hops(route: &Object) -> Value {
    let hop = |hop: &Object| {
        let gateway = hop.get("gateway").or_else(|| hop.get("via")?.get("host"));
        let mut flags = hop["flags"].clone();
        // In the order of their bits.
        let order = ["dead", "onlink", "linkdown"];
        let place = |flag: &Value| order.iter().position(|word| flag == word).unwrap();
        flags.as_array_mut().unwrap().sort_by_key(place);
        json!({
            "gateway_ip": gateway,
            "iface": hop["dev"],
            "weight": hop.get("weight").unwrap_or(&json!(1)),
            "flags": flags,
        })
    };
    match route.get("nexthops") {
        Some(hops) => hops
            .as_array()
            .unwrap()
            .iter()
            .map(|each| hop(each.as_object().unwrap()))
            .collect(),
        None if route.contains_key("dev") => json!([hop(route)]),
        None => json!([]),
    }
}

fn make(world: &mut World, lines: &[&str]) {
    for line in lines {
        world.ip(line);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn next_hops_are_those_of_ip() {
    in_new_world(|world| {
        make(world, &ROUTES);
        let theirs = || -> Vec<Object> {
            let shown = |route: &Object| {
                let kind = route.get("type").and_then(Value::as_str);
                !matches!(kind, Some("broadcast" | "multicast"))
            };
            let routes = ip("route show table main").into_iter();
            routes.filter(shown).collect()
        };
        let compare = || {
            // The kernel takes its time to tell that a link is down.
            let (ours, theirs) = loop {
                let before = theirs();
                let ours = live("-rn --show nexthops");
                if theirs() == before {
                    break (ours, before);
                }
            };
            assert_eq!(ours.len(), theirs.len());
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours["nexthops"], next_hops(theirs), "{ours:?}\n{theirs:?}");
                assert_eq!(ours["metric"], *theirs.get("metric").unwrap_or(&json!(0)));
            }
            ours
        };
        let all = compare();
        let hops = |destination: &str| -> Vec<String> {
            all.iter()
                .filter(|route| route["destination_ip"] == destination)
                .map(|route| in_column(&route["nexthops"]))
                .collect()
        };
        assert_eq!(hops("0.0.0.0"), ["10.1.0.1/eth0", "10.1.0.4/eth0"]);
        assert_eq!(hops("10.2.0.0"), ["fe80::1/eth0"]);
        assert_eq!(
            hops("10.7.0.0"),
            ["10.1.0.1/eth0/3 172.16.0.2/a-long-name-15b/256"]
        );
        assert_eq!(hops("10.40.0.0"), ["10.1.0.7/eth0/5 fe80::77/eth0/7"]);
        assert_eq!(hops("10.8.0.0").len(), 3);
        assert_eq!(hops("10.31.0.0"), ["-"]);
        // In a table the same, and the rows are those without.
        for options in ["-rn", "-rne", "-rnee", "-rn46"] {
            // Routes of IPv6 come and are used while interfaces come up.
            let (plain, shown) = standing_still(
                options,
                || said(&ours(options).output()),
                || said(&ours(&format!("{options} --show nexthops")).output()),
            );
            let mut records = all.iter();
            for (plain, shown) in plain.lines().zip(shown.lines()) {
                let plain = plain.trim_end();
                let added = shown.strip_prefix(plain).unwrap().trim_start();
                if shown.starts_with(|first: char| first.is_ascii_digit()) && !plain.contains(':') {
                    let hops = &records.next().unwrap()["nexthops"];
                    assert_eq!(added, in_column(hops), "{shown}");
                }
            }
            assert_eq!(records.next(), None);
        }
        let chosen = live("-rn --only nexthops=*fe80::2/*");
        assert_eq!(chosen.len(), 2);
        assert!(!chosen[0].contains_key("nexthops"));
        // A link that is down takes its next hops with it.
        world.ip("link set veth9a down");
        let is_down = |route: &Object| {
            let hops = route["nexthops"].as_array().unwrap();
            hops.iter().any(|hop| hop["flags"] == json!(["linkdown"]))
        };
        while !compare().iter().any(is_down) {}
    });
}

/// Routes whose next hop is an object that the kernel shows the number of alone, and what follows them, come from the file.
#[test]
#[ignore = "needs root and net-tools"]
fn what_rtnetlink_hides_is_null() {
    in_new_world(|world| {
        make(world, &ROUTES);
        let without = |mut records: Vec<Object>| {
            for record in &mut records {
                record.remove("nexthops").unwrap();
            }
            records
        };
        let known = |records: &[Object]| {
            let hops = records.iter().map(|record| &record["nexthops"]);
            hops.take_while(|hops| !hops.is_null()).count()
        };
        let plain = live("-rn");
        let object = plain
            .iter()
            .position(|route| route["destination_ip"] == "10.40.0.0")
            .unwrap();
        fs::write("/proc/sys/net/ipv4/nexthop_compat_mode", "0").unwrap();
        let hidden = live("-rn --show nexthops");
        assert_eq!(known(&hidden), object);
        assert!(
            hidden[object..]
                .iter()
                .all(|route| route["nexthops"].is_null())
        );
        assert_eq!(without(hidden), plain);
        fs::write("/proc/sys/net/ipv4/nexthop_compat_mode", "1").unwrap();
        make(
            world,
            &[
                "nexthop add id 9 blackhole",
                "route add 10.39.0.0/16 nhid 9",
            ],
        );
        let hidden = live("-rn --show nexthops");
        assert_eq!(known(&hidden), object);
        assert_eq!(without(hidden), live("-rn"));
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn addresses_are_those_of_ip() {
    in_new_world(|world| {
        make(world, &ROUTES);
        make(
            world,
            &[
                "addr add 10.1.0.3/24 dev eth0 label eth0:1",
                "addr add 10.1.0.4/25 brd + dev eth0 label eth0:1",
                "addr add 10.1.0.5/24 brd 10.1.0.77 dev eth0",
                "addr add 10.9.0.1 peer 10.9.0.2/31 dev veth9a",
                "addr add 10.9.0.3/0 dev veth9a label veth9a:any",
            ],
        );
        let records = live("-ia --show inet_all");
        let of = |name: &str| {
            let record = records.iter().find(|record| record["iface"] == name);
            record.unwrap()["inet_all"].clone()
        };
        let theirs = |interface: &Object| -> Value {
            let addresses = interface["addr_info"].as_array().unwrap().iter();
            addresses
                .map(|address| {
                    json!({
                        "address": address["local"],
                        "prefix_length": address["prefixlen"],
                        "broadcast": address["broadcast"],
                        "destination": address["address"],
                        "label": address["label"],
                    })
                })
                .collect()
        };
        let interfaces = ip("-4 addr");
        assert_eq!(interfaces.len(), 4);
        for interface in &interfaces {
            assert_eq!(of(interface["ifname"].as_str().unwrap()), theirs(interface));
        }
        assert_eq!(of("eth0peer"), json!([]));
        let column = |name| in_column(&of(name));
        assert_eq!(
            column("eth0"),
            "10.1.0.2/24 10.1.0.4/25 10.1.0.3/24 10.1.0.5/24"
        );
        assert_eq!(column("eth0:1"), "10.1.0.4/25 10.1.0.3/24");
        assert_eq!(column("veth9a:any"), "10.9.0.3/0");
        assert_eq!(column("veth9a"), "10.9.0.1/31 10.9.0.3/0");
        let table = said(&ours("-ia --show inet_all").output());
        for record in &records {
            let name = record["iface"].as_str().unwrap();
            let line = table
                .lines()
                .find(|line| line.split_whitespace().next() == Some(name));
            assert!(
                line.unwrap().ends_with(&format!("  {}", column(name))),
                "{line:?}"
            );
        }
    });
}

/// Rtnetlink speaks of our own network: of no other one, and of no copy.
#[test]
fn of_a_copy_nothing_is_known() {
    for record in fields::records(&Tree::committed("routes"), "-rn --show nexthops") {
        assert!(record["nexthops"].is_null());
    }
    let lo = "    lo: 1 2 0 0 0 0 0 0 1 2 0 0 0 0 0 0\n";
    let tree = Tree::new("interfaces").file("net/dev", proc_net_dev(lo));
    let (stdout, ..) = text(&Run::ours(&tree, "--json -i --show inet_all").output());
    let records = parsed(&stdout);
    assert!(records[0]["inet_all"].is_null() && records.len() == 1);
}

#[test]
#[ignore = "needs root and net-tools"]
fn of_another_namespace_its_own_are_known() {
    in_new_world(|world| {
        let blue = name_blue(world);
        there(&blue, || {
            for line in ROUTES {
                command(&format!("ip {line}"));
            }
        });
        for args in ["-rn --show nexthops", "-ia --show inet_all"] {
            let inside = || there(&blue, || said(&ours(args).output()));
            assert!(inside().contains("172.16.0."), "{}", inside());
            let outside = || said(&ours(&format!("--netns blue {args}")).output());
            let (inside, outside) = standing_still(args, inside, outside);
            assert_eq!(outside, inside);
        }
    });
}
