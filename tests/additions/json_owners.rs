//! `--json`: who holds a socket.

use std::net::TcpListener;

use serde_json::json;

use crate::json::{Object, TCP, UNIX, parsed, records};
use crate::support::program::{Program, Run};
use crate::support::tree::Tree;
use crate::support::world::{in_new_world, wait_for};

/// All processes that hold a socket, in the order of /proc, each once.
#[test]
fn every_owner() {
    let rows = |inodes: &[u32]| -> String {
        let row = |inode| {
            format!(
                "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 {inode} 1\n"
            )
        };
        TCP.to_owned() + &inodes.iter().map(row).collect::<String>()
    };
    let tree = Tree::new("owners")
        .file("net/tcp", rows(&[1001, 1002, 0, 1003]))
        .file("10/cmdline", b"parent\0")
        .link("10/fd/3", "socket:[1001]")
        .link("10/fd/4", "socket:[1001]")
        .file("20/cmdline", b"child\0--one\0")
        .link("20/fd/3", "socket:[1001]")
        .link("20/fd/4", "socket:[1002]")
        .file("30/cmdline", b"child\0--two\0")
        .link("30/fd/0", "socket:[1001]")
        .link("30/fd/3", "socket:[1001]");
    let records = records(&tree, "-lntp");
    let pids = |record: &Object| -> Vec<u64> {
        let owners = record["owners"].as_array().unwrap();
        let mut pids: Vec<u64> = owners
            .iter()
            .map(|owner| owner["pid"].as_u64().unwrap())
            .collect();
        assert_eq!(record["pid"].as_u64(), pids.first().copied());
        assert_eq!(record["owner_unknown"].is_null(), !pids.is_empty());
        pids.sort_unstable();
        pids
    };
    assert_eq!(pids(&records[0]), [10, 20, 30]);
    assert_eq!(pids(&records[1]), [20]);
    assert_eq!(pids(&records[2]), [0; 0]);
    assert_eq!(records[2]["owner_unknown"], "kernel");
    assert_eq!(records[3]["owner_unknown"], "not visible");

    // A process without descriptors to look at has ended.
    let tree = Tree::new("gone")
        .file("net/tcp", rows(&[1001]))
        .directory("10");
    assert_eq!(self::records(&tree, "-lntp")[0]["owner_unknown"], "gone");
}

/// Command lines can have secrets in them: they are for those who ask to see them, not for those who choose or sort by them.
#[test]
fn command_lines_are_there_if_they_are_to_be_shown() {
    let tree = Tree::new("secrets")
        .file(
            "net/tcp",
            format!(
                "{TCP}   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1001 1\n"
            ),
        )
        .file("10/cmdline", b"server\0--key=secret\0")
        .link("10/fd/3", "socket:[1001]");
    for (args, shown) in [
        ("-p", false),
        ("--show owners", false),
        ("-p --only command=server* --sort command,exe", false),
        ("-p --show command", true),
        ("--show owners,command", true),
        ("--show all", true),
    ] {
        let records = records(&tree, &format!("-lnt {args}"));
        let owner = records[0]["owners"][0].as_object().unwrap();
        assert_eq!(owner.contains_key("cmdline"), shown, "{args}");
        assert_eq!(records[0].contains_key("command"), shown, "{args}");
    }
}

/// What stands for a command line need not end.
#[test]
fn endless_command_line() {
    let tree = Tree::new("endless")
        .file(
            "net/unix",
            format!("{UNIX}0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/x\n"),
        )
        .file("7/cmdline", "")
        .link("7/fd/3", "socket:[4711]");
    let cmdline = std::fs::File::options()
        .write(true)
        .open(tree.proc().join("7/cmdline"))
        .unwrap();
    cmdline.set_len(1 << 40).unwrap();
    let records = records(&tree, "-xlp");
    assert_eq!(
        records[0]["owners"],
        json!([{"pid": 7, "program": "", "comm": null}])
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn an_owner_may_not_be_looked_for() {
    in_new_world(|world| {
        world.holder("of-root", TcpListener::bind("127.0.0.1:4000").unwrap());
        let listener = TcpListener::bind("127.0.0.1:4001").unwrap();
        std::os::unix::fs::fchown(&listener, Some(1234), None).unwrap();
        world.holder_as("own", listener, 1234);
        wait_for("the holders", || {
            let outcome = Run::new(Program::Ours, ["--json", "-lntp"]).output();
            let records = parsed(&outcome.stdout, "-lntp");
            records.iter().all(|record| {
                record["program_name"] == "of-root" || record["program_name"] == "own"
            })
        });
        let outcome = Run::new(Program::Ours, ["--json", "-ltp"])
            .uid(1234)
            .output();
        let records = parsed(&outcome.stdout, "-lntp");
        let at = |port| {
            let mut records = records.iter();
            records
                .find(|record| record["local_port_num"] == port)
                .unwrap()
        };
        assert_eq!(at(4000)["owner_unknown"], "no permission");
        assert_eq!(at(4000)["user"], "root");
        assert_eq!(at(4001)["program_name"], "own");
        assert!(outcome.stderr.starts_with(b"(Not all processes"));
    });
}
