//! `--proc-root`. That it reads everything below the directory is what the golden tests rest on.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sched::{CloneFlags, unshare};

use crate::support::program::{Ending, Outcome};
use crate::support::transcript::transcript;
use crate::support::tree::{Tree, proc_net_dev};
use crate::support::world::in_new_world;
use crate::{assert_refused, ours, text};

#[test]
fn a_directory_that_is_none_is_refused() {
    for (directory, reason) in [
        ("/nonexistent/proc", "No such file or directory"),
        ("/etc/passwd", "Not a directory"),
        ("/etc/passwd/net", "Not a directory"),
    ] {
        let message = format!("option '--proc-root': {directory}: {reason}");
        for report in ["-t", "-r", "-i", "-s", "-M", ""] {
            let outcome = ours(&format!("--proc-root {directory} {report}")).output();
            assert_refused(&outcome, &message, 3);
        }
    }
}

fn tcp_table(port: u16) -> String {
    format!(
        "heading\n   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1\n"
    )
}

/// The ports of the rows of `-tln`.
fn ports(outcome: &Outcome) -> Vec<String> {
    let (stdout, stderr, ending) = text(outcome);
    assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
    let rows = stdout.lines().filter_map(|line| line.strip_prefix("tcp "));
    rows.map(|row| {
        row.split_whitespace()
            .nth(2)
            .unwrap()
            .rsplit_once(':')
            .unwrap()
            .1
            .to_owned()
    })
    .collect()
}

/// A copy of a /proc keeps `net -> self/net`, perhaps without what it leads to.
#[test]
fn a_copy_without_self_has_the_tables_of_its_first_process() {
    let tree = || {
        Tree::new("copy")
            .link("net", "self/net")
            .file("1/net/tcp", tcp_table(111))
    };
    let run = |tree: &Tree| ports(&ours("-tln").proc(tree.proc()).output());
    assert_eq!(run(&tree()), ["111"]);
    assert_eq!(run(&tree().link("self", "77")), ["111"]);
    let complete = tree().link("self", "77").file("77/net/tcp", tcp_table(777));
    assert_eq!(run(&complete), ["777"]);
    let other = Tree::new("copy")
        .file("net/tcp", tcp_table(5))
        .file("1/net/tcp", tcp_table(111));
    assert_eq!(run(&other), ["5"]);
}

/// Messages name the file that was read.
#[test]
fn messages_name_the_file_of_the_first_process() {
    let tree = Tree::new("copy").link("net", "self/net").directory("1/net");
    let outcome = ours("-rn").proc(tree.proc()).output();
    let (_, stderr, ending) = text(&outcome);
    assert_eq!(stderr, "/proc/1/net/route: No such file or directory\n");
    assert_eq!(ending, Ending::Exit(1));
}

#[test]
fn the_directory_may_be_relative() {
    let tree = Tree::committed("busy-server");
    let absolute = ours("-tulnp").proc(tree.proc()).output();
    let relative = Command::new(env!("CARGO_BIN_EXE_netstat"))
        .args(["--proc-root", "./proc", "-tulnp"])
        .current_dir(tree.proc().parent().unwrap())
        .output()
        .unwrap();
    assert_eq!(relative.stdout, absolute.stdout);
    assert_eq!(relative.stderr, absolute.stderr);
}

/// /proc by another name is still the running kernel's, of which interfaces can be asked.
#[test]
#[ignore = "needs root and net-tools"]
fn another_name_of_proc() {
    in_new_world(|world| {
        world.ip("link add eth7 type veth peer name eth8");
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        symlink("/proc", &link).unwrap();
        for report in ["-ian", "-iae", "-tan", "-rn"] {
            let expected = ours(report).output();
            let args = format!("--proc-root {} {report}", link.display());
            assert_eq!(text(&ours(&args).output()), text(&expected), "{report}");
        }
    });
}

/// As in a container into which the host's /proc is mounted: other processes, another network. There `self` is we and `self/net` our own
/// network; the host's is what must be shown.
#[test]
#[ignore = "needs root and net-tools"]
fn the_proc_of_a_host_in_a_container() {
    in_new_world(|world| {
        let server = std::net::TcpListener::bind("127.0.0.1:4711").unwrap();
        let directory = tempfile::tempdir().unwrap();
        let host = directory.path().join("proc");
        fs::create_dir(&host).unwrap();
        world.ip("link add eth7 type veth peer name eth8");
        // Our next child is the first process of the "host", in this world's network, and holds the server.
        unshare(CloneFlags::CLONE_NEWPID).unwrap();
        let script = r#"
            mount -t proc proc /proc && mount --rbind /proc "$HOST" || exit
            unshare --mount --net --pid --fork --mount-proc bash -c '
                set -e
                "$NETSTAT" -tlnp
                echo ==
                "$NETSTAT" --proc-root "$HOST" -tlnp
                echo ==
                "$NETSTAT" --proc-root "$HOST" -in
                echo ==
                cd "$HOST/.." && "$NETSTAT" --proc-root proc -s | grep -c .
            '
        "#;
        let output = Command::new("bash")
            .arg0("host")
            .args(["-c", script])
            .env("NETSTAT", env!("CARGO_BIN_EXE_netstat"))
            .env("HOST", &host)
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(server)))
            .output()
            .unwrap();
        let (stdout, stderr) = (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        );
        let parts: Vec<&str> = stdout.split("==\n").collect();
        let heading = "Active Internet connections (only servers)\n\
             Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name    \n";
        let row = "tcp        0      0 127.0.0.1:4711          0.0.0.0:*               LISTEN      1/host              \n";
        assert_eq!(parts[0], heading, "{stderr}");
        assert_eq!(parts[1], format!("{heading}{row}"), "{stderr}");
        let interfaces = |name: &str| parts[2].lines().any(|line| line.starts_with(name));
        assert!(interfaces("eth7 ") && interfaces("lo "), "{stdout}");
        let said = format!("not among the files of {}; shown as '-'", host.display());
        assert!(stderr.contains(&said), "{stderr}");
        assert!(parts[3].trim().parse::<u32>().unwrap() > 20, "{stdout}");
    });
}

/// Under another proc root, what only the running kernel knows is not asked for.
#[test]
fn interfaces_of_another_root() {
    let tree = Tree::new("dev")
        .file(
            "net/dev",
            proc_net_dev(
                "    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n  \
                 eth10:  2048 2 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n   eth\x1b: 0 0\n",
            ),
        )
        .file(
            "net/if_inet6",
            "fe800000000000000c558efffed0449b 02 40 20 80    eth10\n",
        );
    let shown = |tree: &Tree, args: &str| transcript(args, &ours(args).proc(tree.proc()).output());
    let warning = "! netstat: flags, MTUs, IPv4 addresses and hardware of interfaces are not among the files of /proc; \
                   shown as '-' or left out.$\n";
    assert_eq!(
        shown(&tree, "-i"),
        shown(&tree, "-ia").replacen("-ia", "-i", 1)
    );
    let short = shown(&tree, "-i");
    assert!(short.contains(warning), "{short}");
    for row in [
        "  eth.                -        0      0      0 0             0      0      0      0 -$\n",
        "  eth10               -        2      0      0 0             0      0      0      0 -$\n",
        "  lo                  -        2      3      4 5            10     11     12     13 -$\n",
    ] {
        assert!(short.contains(row), "{short}");
    }
    let long = shown(&tree, "-ie");
    assert!(
        long.contains(
            "  eth10: flags=-  mtu -$\n          \
             inet6 fe80::c55:8eff:fed0:449b  prefixlen 64  scopeid 0x20<link>$\n          \
             RX packets 2  bytes 2048 (2.0 KiB)$\n"
        ),
        "{long}"
    );
    assert!(long.contains(warning), "{long}");

    let missing = shown(&Tree::new("nothing"), "-i");
    assert!(missing.contains("exit 1"), "{missing}");
    assert!(
        missing.contains(
            "! Warning: cannot open /proc/net/dev (No such file or directory). Limited output.$\n\
             ! missing interface information: No such file or directory$\n"
        ),
        "{missing}"
    );
}
