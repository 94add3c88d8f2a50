//! `--netns` and `--all-netns` with `--proc-root`: the processes of another /proc, or of a copy, and their tables.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::namespaces::{command, sections, server, there};
use crate::own_processes::{USER, among_own_processes, label_of, name_blue, namespace_of, pid_of};
use crate::support::program::{Ending, copy_ours};
use crate::support::tree::Tree;
use crate::{assert_refused, ours, text};

/// As in a container into which the host's /proc is mounted: which pod listens on a port?
#[test]
#[ignore = "needs root and net-tools"]
fn the_namespaces_of_a_host_in_a_container() {
    among_own_processes(|world, processes| {
        world.keep(server(1111));
        let _one = processes.resident("pod-one", 0);
        let _two = processes.resident("pod-two", USER);
        let _servers = [("pod-one", 2222), ("pod-two", 3333)].map(|(name, port)| {
            there(&namespace_of(name), || {
                processes.server(&format!("{name}-server"), server(port), 0)
            })
        });
        let expected =
            |name: &str| text(&there(&namespace_of(name), || processes.reference("-tlnp"))).0;
        // The reference's own process is no longer there, and all others stay.
        let headings = ["first", "pod-one", "pod-two"]
            .map(|name| (label_of(name), pid_of(name), expected(name)));
        let directory = tempfile::tempdir().unwrap();
        let host = directory.path().join("proc");
        fs::create_dir(&host).unwrap();
        copy_ours(&directory.path().join("netstat"));
        command(&format!("chmod -R a+rX {}", directory.path().display()));
        let run = |container: &[&str], script: &str| {
            let script = format!(
                "mount --rbind /proc {host} && exec unshare {} sh -c '{script}'",
                container.join(" "),
                host = host.display(),
            );
            let mut unshare = Command::new("unshare");
            unshare.args(["--mount", "sh", "-c", &script]);
            let output = processes.output(unshare.current_dir(directory.path()));
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (
                text(&output.stdout),
                text(&output.stderr),
                output.status.code(),
            )
        };
        let container = ["--net", "--pid", "--fork", "--mount-proc"];

        // Our program is one of the host's processes; its own namespace is shown, and is not another's.
        let (stdout, stderr, status) =
            run(&container, "./netstat --proc-root proc --all-netns -tlnp");
        assert_eq!((stderr.as_str(), status), ("", Some(0)));
        let shown = sections(&stdout);
        for (label, pid, expected) in &headings {
            let heading = format!("{label} (pid {pid} sleep)");
            let found: Vec<_> = shown
                .iter()
                .filter(|section| section.0 == heading)
                .collect();
            assert_eq!(found.len(), 1, "{heading} in {stdout}");
            assert_eq!(found[0].1, expected, "{heading}");
        }
        let current: Vec<_> = shown
            .iter()
            .filter(|section| section.0.contains("(current"))
            .collect();
        assert_eq!((shown.len(), current.len()), (4, 1), "{stdout}");
        assert!(!current[0].1.contains("LISTEN"), "{stdout}");

        for (_, pid, expected) in &headings {
            let (stdout, stderr, status) = run(
                &container,
                &format!("./netstat --proc-root proc --netns {pid} -tlnp"),
            );
            assert_eq!((&stdout, stderr.as_str(), status), (expected, "", Some(0)));
        }

        // Without a right to look at anybody.
        let user = format!(
            "setpriv --reuid {USER} --regid {USER} --clear-groups ./netstat --proc-root proc"
        );
        let (stdout, _, status) = run(&container, &format!("{user} --all-netns -tln --json"));
        assert_eq!(status, Some(0));
        let records: Vec<Value> = serde_json::from_str(&stdout).unwrap();
        let place = |port: u64| {
            let mut of_port = records
                .iter()
                .filter(|record| record["local_port_num"] == port);
            let record = of_port.next().unwrap();
            assert!(of_port.next().is_none());
            (
                record["netns_pid"].as_u64().unwrap(),
                record["netns_inode"].clone(),
            )
        };
        assert_eq!(place(1111), (1, Value::Null));
        assert_eq!(place(2222), (pid_of("pod-one").into(), Value::Null));
        let (pid, inode) = place(3333);
        assert_eq!(pid, u64::from(pid_of("pod-two")));
        assert_eq!(format!("net:[{inode}]"), headings[2].0);

        // Flags and addresses of interfaces are nobody's, said once.
        let (stdout, stderr, _) = run(&container, "./netstat --proc-root proc --all-netns -in");
        assert_eq!(sections(&stdout).len(), 4);
        assert_eq!(
            stderr.matches("not among the files of proc").count(),
            1,
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    });
}

/// By another name /proc is still the system's; only names in /run/netns do not count.
#[test]
#[ignore = "needs root and net-tools"]
fn another_name_of_proc_has_the_same_namespaces() {
    among_own_processes(|_, processes| {
        name_blue(processes);
        let _other = processes.resident("other", 0);
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        symlink("/proc", &link).unwrap();
        let link = link.display();
        let pid = pid_of("other");
        let (stdout, stderr, ending) = text(
            &processes
                .ours(&format!("--proc-root {link} --all-netns -in"))
                .output(),
        );
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        // `blue` is mounted, and thus found, but has no name.
        assert_eq!(sections(&stdout).len(), 3, "{stdout}");
        assert!(!stdout.contains("blue"), "{stdout}");
        let args = format!("--proc-root {link} --netns {pid} -in");
        let expected = there(&namespace_of("other"), || processes.reference("-in"));
        assert_eq!(text(&processes.ours(&args).output()), text(&expected));
        assert_refused(
            &processes
                .ours(&format!("--proc-root {link} --netns blue -t"))
                .output(),
            "option '--netns': no 'blue' here: with '--proc-root' it is the number of a process",
            3,
        );
        assert_refused(
            &processes
                .ours(&format!("--proc-root {link} --netns 99999 -t"))
                .output(),
            &format!("option '--netns': no '99999' among the processes of {link}"),
            3,
        );
    });
}

fn tcp_table(port: u16) -> String {
    format!(
        "heading\n   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1\n"
    )
}

/// The headings of a report on all namespaces of a copy, each with the ports listened on.
fn namespaces(tree: &Tree) -> (Vec<(String, Vec<String>)>, String) {
    let outcome = ours("-tln --all-netns").proc(tree.proc()).output();
    let (stdout, stderr, ending) = text(&outcome);
    assert_eq!(ending, Ending::Exit(0), "{stderr}");
    let sections = sections(&stdout);
    let ports = |body: &str| {
        let rows = body.lines().filter(|line| line.starts_with("tcp "));
        rows.map(|row| {
            row.split_whitespace()
                .nth(3)
                .unwrap()
                .split(':')
                .nth(1)
                .unwrap()
                .to_owned()
        })
        .collect()
    };
    let found = sections
        .iter()
        .map(|(heading, body)| ((*heading).to_owned(), ports(body)))
        .collect();
    (found, stderr)
}

fn expected(sections: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    sections
        .iter()
        .map(|(heading, ports)| {
            (
                (*heading).to_owned(),
                ports.iter().map(|&port| port.to_owned()).collect(),
            )
        })
        .collect()
}

#[test]
fn a_copy_has_the_namespaces_that_its_links_name() {
    let tree = Tree::new("copy")
        .link("net", "self/net")
        .link("self", "77")
        .file("1/net/tcp", tcp_table(111))
        .file("1/comm", "init\n")
        .link("1/ns/net", "net:[4026531840]")
        .file("77/net/tcp", tcp_table(111))
        .link("77/ns/net", "net:[4026531840]")
        .file("5/net/tcp", tcp_table(555))
        .file("5/comm", "pod\n")
        .link("5/ns/net", "net:[4026532999]")
        // Links without tables show nothing.
        .link("6/ns/net", "net:[4026532998]");
    let (found, stderr) = namespaces(&tree);
    assert_eq!(
        found,
        expected(&[
            ("net:[4026531840] (pid 1 init)", &["111"]),
            ("net:[4026532999] (pid 5 pod)", &["555"]),
        ])
    );
    assert_eq!(
        stderr,
        "netstat: processes below /proc whose network is not known: 1\n"
    );
    let outcome = ours("-tln --netns 5").proc(tree.proc()).output();
    assert!(text(&outcome).0.contains("127.0.0.1:555 "));
}

/// All links were lost, as in most copies that are to be had: one network is known, that of `net` or of the first process.
#[test]
fn a_copy_without_links_has_the_network_of_its_first_process() {
    let tree = || {
        Tree::new("copy")
            .file("1/net/tcp", tcp_table(111))
            .file("1/comm", "init\n")
    };
    let ports = |args: &str, tree: &Tree| text(&ours(args).proc(tree.proc()).output());
    for tree in [tree(), tree().file("net", "self/net")] {
        let (stdout, stderr, _) = ports("-tln", &tree);
        assert!(stdout.contains("127.0.0.1:111 "), "{stdout}");
        assert_eq!(stderr, "");
        let (found, stderr) = namespaces(&tree);
        assert_eq!(found, expected(&[("/proc/1/net (pid 1 init)", &["111"])]));
        assert_eq!(stderr, "");
    }
    let more = tree().file("5/net/tcp", tcp_table(555)).file("6/stat", "");
    let (found, stderr) = namespaces(&more);
    assert_eq!(found, expected(&[("/proc/1/net (pid 1 init)", &["111"])]));
    assert_eq!(
        stderr,
        "netstat: processes below /proc whose network is not known: 2\n"
    );
    assert!(ports("-tln --netns 5", &more).0.contains("127.0.0.1:555 "));
    // What is under `net` comes first.
    let net = tree().file("net/tcp", tcp_table(5));
    assert_eq!(namespaces(&net).0, expected(&[("/proc/net", &["5"])]));
    let alone = Tree::new("copy").file("net/tcp", tcp_table(5));
    assert_eq!(
        namespaces(&alone),
        (expected(&[("/proc/net", &["5"])]), String::new())
    );
}

/// A link in a copy leads nowhere else, whatever it says.
#[test]
fn links_of_a_copy_lead_nowhere() {
    for target in [
        "/proc/1/ns/net",
        "net:[4026531840",
        "net:[]",
        "net:[-1]",
        "mnt:[1]",
        "net:[1]x",
        "/etc",
    ] {
        let tree = Tree::new("copy")
            .file("net/tcp", tcp_table(5))
            .file("9/net/tcp", tcp_table(9))
            .link("9/ns/net", target);
        let (found, _) = namespaces(&tree);
        assert_eq!(found, expected(&[("/proc/net", &["5"])]), "{target}");
    }
    let tree = Tree::new("copy")
        .file("net/tcp", tcp_table(5))
        .link("9/ns/net", "net:[3]")
        .link("9/net", "/proc/self/net")
        .link("10/ns", "/proc/self/ns")
        .link("10/net", "/proc/self/net");
    assert_eq!(namespaces(&tree).0, expected(&[("/proc/net", &["5"])]));
    for pid in [9, 10] {
        assert_refused(
            &ours(&format!("-tln --netns {pid}"))
                .proc(tree.proc())
                .output(),
            &format!("option '--netns': no '{pid}' among the processes of /proc"),
            3,
        );
    }
}

/// Below a host's /proc, thread by thread and with hidden processes.
#[test]
#[ignore = "needs root and net-tools"]
fn hidden_processes_of_a_host() {
    among_own_processes(|_, processes| {
        let _own = processes.resident("own", USER);
        let directory = tempfile::tempdir().unwrap();
        command(&format!("chmod a+rx {}", directory.path().display()));
        let host = directory.path().join("proc");
        fs::create_dir(&host).unwrap();
        processes.mount(host.to_str().unwrap(), "hidepid=2");
        let args = format!("--proc-root {} -tln", host.display());
        let (_, stderr, ending) = text(&processes.ours(&args).uid(USER).output());
        assert_eq!(ending, Ending::Exit(3), "{stderr}");
        let args = format!("{args} --all-netns");
        let (stdout, stderr, ending) = text(&processes.ours(&args).uid(USER).output());
        assert_eq!(ending, Ending::Exit(0), "{stderr}");
        assert!(
            stderr.starts_with("(Not all network namespaces could be found"),
            "{stderr}"
        );
        let heading = format!("(pid {} sleep)", pid_of("own"));
        assert!(
            sections(&stdout)
                .iter()
                .any(|section| section.0.ends_with(&heading)),
            "{stdout}"
        );
    });
}
