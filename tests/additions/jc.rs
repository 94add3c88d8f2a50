//! `--json` and `jc --netstat`, which reads text: where it has a name for something, ours is the same, and so is the value.

use std::net::{SocketAddr, TcpListener, UdpSocket};

use rustix::net::SocketType;
use serde_json::Value;

use super::json::{Object, parsed, records};
use super::read_by;
use crate::support::program::{Program, Run};
use crate::support::sockets::{pair_to, socket};
use crate::support::tree::Tree;
use crate::support::world::{in_new_world, standing_still, wait_for};

/// What `jc --netstat` makes of a table; the program is that in the variable JC, or in the path.
fn jc(text: &[u8]) -> Vec<Object> {
    serde_json::from_slice(&read_by("JC", "jc", &["--netstat"], text)).unwrap()
}

/// What the text's 19 bytes leave of the name of a program, which is all that jc sees.
fn shown_program(pid: &Value, name: Value) -> Value {
    let Some(text) = name.as_str() else {
        return name;
    };
    let column = format!("{pid}/{text}");
    let shown = column.get(..19).unwrap_or(&column);
    shown.split_once('/').unwrap().1.trim_end().into()
}

fn is_refusing(route: &Object) -> bool {
    let words = route["route_flags_pretty"].as_array().unwrap();
    words.iter().any(|word| word == "REJECT")
}

/// Every field that jc finds in the text is in our record, with the same value.
fn agrees_with_jc(what: &str, text: &[u8], ours: &[Object]) -> usize {
    let theirs = jc(text);
    assert_eq!(theirs.len(), ours.len(), "{what}");
    for (theirs, ours) in theirs.iter().zip(ours) {
        for (name, value) in theirs {
            let mut expected = ours.get(name).cloned();
            if name == "program_name" {
                expected = expected.map(|name| shown_program(&ours["pid"], name));
            }
            // The reference's tables show the upper half of the kernel's numbers as negative ones.
            if name == "metric" {
                let low32 = |metric: Value| u32::try_from(metric.as_u64().unwrap()).unwrap();
                expected = expected.map(|metric| low32(metric).cast_signed().into());
            }
            // Six bytes are all that this layout has for it.
            if name == "iface" && what.starts_with("-r") && what.ends_with("ee") {
                let cut = |name: &str| name.chars().take(6).collect::<String>();
                expected = expected.map(|name| cut(name.as_str().unwrap()).into());
            }
            // Where packets are refused, the table shows dashes in the place of what the kernel says.
            let dash = value.is_null() || value == "-";
            if !(dash && ours["kind"] == "route" && is_refusing(ours)) {
                assert_eq!(
                    expected.as_ref(),
                    Some(value),
                    "{what}: {name} of {theirs:?}"
                );
            }
        }
    }
    theirs.len()
}

#[test]
#[ignore = "needs jc"]
fn jc_finds_the_same_in_fixtures() {
    let mut compared = 0;
    for (tree, args) in [
        ("busy-server", "-anW"),
        ("busy-server", "-tuwnepW"),
        ("busy-server", "-tneoW"),
        ("busy-server", "-xa"),
        ("listening-dual-stack", "-lnW"),
        ("listening-dual-stack", "-lnepW"),
        ("long-addresses", "-atnW"),
        ("tcp-states-and-timers", "-ant"),
        ("tcp-states-and-timers", "-anteo"),
        ("udp-and-raw-timers", "-anuo"),
        ("udp-and-raw-timers", "-anuUe"),
        ("routes", "-rn"),
        ("routes", "-rne"),
        ("routes", "-rnee"),
    ] {
        let tree = Tree::committed(tree);
        let text = Run::new(Program::Ours, args.split_whitespace())
            .proc(tree.proc())
            .output();
        let ours = records(&tree, args);
        compared += agrees_with_jc(args, &text.stdout, &ours);
    }
    assert!(compared > 50, "{compared}");
}

/// The reference's own output of live sockets, routes and interfaces.
#[test]
#[ignore = "needs root and net-tools, needs jc"]
fn jc_finds_the_same_in_the_reference() {
    in_new_world(|world| {
        let listener = TcpListener::bind("127.0.0.1:80").unwrap();
        let address: SocketAddr = "127.0.0.1:80".parse().unwrap();
        let (near, far) = pair_to(&listener, address);
        // Each with one owner: what another test is about to start holds for a moment what we hold.
        world.holder("near", near);
        world.holder("far", far);
        world.holder("server", listener);
        world.holder("sshd: admin", TcpListener::bind("[::]:22").unwrap());
        world.holder("udp", UdpSocket::bind("[::1]:53").unwrap());
        world.holder("udp", UdpSocket::bind("0.0.0.0:5000").unwrap());
        let any_port = "127.0.0.1:0".parse().unwrap();
        let raw = socket(SocketType::RAW, 1, Some(any_port), None);
        world.holder("raw", raw);
        world.ip("link add eth7 type veth peer name eth8");
        world.ip("addr add 192.0.2.7/24 dev eth7");
        world.ip("link set eth7 up");
        world.ip("link set eth8 up");
        world.ip("route add 198.51.100.0/24 via 192.0.2.1 metric 7 mtu 1280");
        world.ip("route add default via 192.0.2.1");
        wait_for("the holders", || {
            let outcome = Run::new(Program::Reference, ["-tuwanp"]).output();
            let text = String::from_utf8_lossy(&outcome.stdout);
            let names = ["/near", "/far", "/server", "/sshd: admin", "/udp", "/raw"];
            names.iter().all(|name| text.contains(name))
        });
        let mut compared = 0;
        for args in [
            "-anW", "-aW", "-anepW", "-aeW", "-lnW", "-lepW", "-tneW", "-rn", "-r", "-rne",
            "-rnee", "-re", "-i", "-ia",
        ] {
            let (reference, ours) = standing_still(
                args,
                || Run::new(Program::Reference, args.split_whitespace()).output(),
                || Run::new(Program::Ours, ["--json", args]).output(),
            );
            let ours = parsed(&ours.stdout, args);
            compared += agrees_with_jc(args, &reference.stdout, &ours);
        }
        assert!(compared > 50, "{compared}");
    });
}
