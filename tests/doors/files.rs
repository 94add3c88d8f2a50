//! What is read below `--proc-root`: nothing outside it, whatever a link says, and nothing but files.

use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::thread;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use rustix::mount::{MountFlags, mount};

use crate::support::program::{Ending, Outcome, Program, Run, mount_over, private_mounts};
use crate::support::transcript::transcript;
use crate::support::tree::Tree;

/// Every file that a table comes from, files that have it, and a report that shows it.
const TABLES: [(&str, &str, &str); 41] = [
    ("net/tcp", "busy-server", "-tan"),
    ("net/tcp6", "busy-server", "-tan"),
    ("net/udp", "busy-server", "-uanv"),
    ("net/udp6", "busy-server", "-uan"),
    ("net/udplite", "udp-and-raw-timers", "-Uan"),
    ("net/udplite6", "udp-and-raw-timers", "-Uan"),
    ("net/raw", "udp-and-raw-timers", "-wan"),
    ("net/raw6", "udp-and-raw-timers", "-wan"),
    ("net/sctp/eps", "sctp", "-San"),
    ("net/sctp/assocs", "sctp", "-San"),
    ("net/sctp6/eps", "sctp-six-files", "-San"),
    ("net/igmp", "groups", "-gn"),
    ("net/igmp6", "groups", "-gn"),
    ("net/unix", "unix-sockets", "-xan"),
    ("net/ipx/socket", "old-families", "--ipx -an"),
    ("net/ax25", "old-families", "--ax25 -an"),
    ("net/x25", "old-families", "--x25 -an"),
    ("net/nr", "old-families", "--netrom -an"),
    ("net/rose", "old-families", "--rose -an"),
    ("net/snmp", "statistics-linux-6.18", "-s"),
    ("net/netstat", "statistics-linux-6.18", "-s"),
    ("net/sctp/snmp", "sctp-counters", "-s"),
    ("net/snmp6", "statistics-linux-6.18", "-s6"),
    ("net/route", "routes", "-rn"),
    ("net/rt_cache", "route-cache-2.2", "-rnC"),
    ("net/ipv6_route", "routes", "-rn6"),
    ("net/ipv6_route", "routes", "-rn6C"),
    ("net/ndisc", "route-cache-2.2", "-rn6C"),
    ("net/ipx/route", "legacy-routes", "-rn -A ipx"),
    ("net/ipx_route", "legacy-routes-elsewhere", "-rn -A ipx"),
    ("net/ax25_route", "legacy-routes", "-rn -A ax25"),
    ("net/nr_nodes", "legacy-routes", "-rn -A netrom"),
    ("net/nr_neigh", "legacy-routes", "-rn -A netrom"),
    ("net/rose_nodes", "legacy-routes", "-rn -A rose"),
    ("net/rose_neigh", "legacy-routes", "-rn -A rose"),
    ("net/x25/route", "legacy-routes", "-rn -A x25"),
    ("net/x25_routes", "legacy-routes-elsewhere", "-rn -A x25"),
    ("net/atalk_route", "legacy-routes", "-rn -A ddp"),
    ("net/ip_masquerade", "masquerade", "-Mn"),
    ("net/dev", "interfaces", "-ia"),
    ("net/if_inet6", "interfaces", "-iae"),
];

type Files = Vec<(String, Vec<u8>)>;

/// The tables of a committed fixture, or of none.
fn files(name: &str) -> Files {
    let committed = |name: &str| {
        let tree = Tree::committed(name);
        let root = tree.proc();
        let mut files = Files::new();
        let mut directories = vec![root.join("net")];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                    files.push((name.to_owned(), fs::read(&path).unwrap()));
                }
            }
        }
        files
    };
    let made = |files: &[(&str, &str)]| {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        files.iter().map(owned).collect()
    };
    match name {
        "interfaces" => made(&[
            (
                "net/dev",
                "1\n2\n eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
            ),
            (
                "net/if_inet6",
                "fe800000000000000000000000000001 02 40 20 80 eth0\n",
            ),
        ]),
        "sctp-counters" => made(&[("net/snmp", ""), ("net/sctp/snmp", "SctpCurrEstab 5\n")]),
        "legacy-routes-elsewhere" => {
            let mut files = committed("legacy-routes");
            for (name, _) in &mut files {
                match name.as_str() {
                    "net/ipx/route" => *name = "net/ipx_route".to_owned(),
                    "net/x25/route" => *name = "net/x25_routes".to_owned(),
                    _ => {}
                }
            }
            files
        }
        _ => committed(name),
    }
}

/// A tree of these files without the one of this name.
fn tree_without(name: &str, files: &Files) -> Tree {
    // The directory is there, or it would be the missing thing.
    let directory = Path::new(name).parent().unwrap();
    let mut tree = Tree::new("doors").directory(directory.to_str().unwrap());
    for (other, contents) in files.iter().filter(|(other, _)| other != name) {
        tree = tree.file(other, contents);
    }
    tree
}

fn run(tree: &Tree, args: &str) -> Outcome {
    Run::new(Program::Ours, args.split_whitespace())
        .proc(tree.proc())
        .output()
}

/// Calls `check` with each table: its name, its contents, a tree without it, and what its reports say of a tree.
fn for_each_table(check: impl Fn(&str, &[u8], &dyn Fn() -> Tree, &dyn Fn(&Tree) -> String)) {
    for (name, fixture, args) in TABLES {
        let files = files(fixture);
        let contents = files.iter().find(|(other, _)| other == name);
        let (_, contents) = contents.unwrap_or_else(|| panic!("{fixture} has no {name}"));
        let without = || tree_without(name, &files);
        let reports = |tree: &Tree| {
            let json = format!("{args} --json");
            let report = |args| transcript(args, &run(tree, args));
            report(args) + &report(&json)
        };
        check(name, contents, &without, &reports);
    }
}

/// A file that is none of the root's business.
struct Outside {
    directory: tempfile::TempDir,
}

impl Outside {
    fn new(name: &str, contents: &[u8]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, contents).unwrap();
        Outside { directory }
    }

    fn absolute(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    /// From anywhere that is not very deep.
    fn relative(&self, name: &str) -> String {
        format!("{}{}", "../".repeat(30), self.absolute(name))
    }
}

#[test]
fn a_link_to_a_file_outside_is_no_table() {
    for_each_table(|name, contents, without, reports| {
        let absent = reports(&without());
        let present = reports(&without().file(name, contents));
        assert_ne!(present, absent, "{name} is not read");
        let outside = Outside::new(name, contents);
        for target in [outside.absolute(name), outside.relative(name)] {
            let link = without().link(name, &target);
            assert_eq!(reports(&link), absent, "{name} -> {target}");
        }
        // What is saved inside may be anywhere.
        let inside = without().file("saved", contents);
        let up = "../".repeat(name.matches('/').count());
        let inside = inside.link(name, &format!("{up}saved"));
        assert_eq!(reports(&inside), present, "{name} -> saved");
        let inside = without().file("saved", contents).link(name, "/saved");
        assert_eq!(reports(&inside), present, "{name} -> /saved");
    });
}

/// As in a copy of a /proc: `net -> self/net`.
#[test]
fn nor_is_one_through_the_directory_of_a_process() {
    for_each_table(|name, contents, without, reports| {
        let through = |tree: Tree| {
            let place = tree.proc();
            fs::create_dir(place.join("77")).unwrap();
            fs::rename(place.join("net"), place.join("77/net")).unwrap();
            tree.link("net", "self/net").link("self", "77")
        };
        let absent = reports(&through(without()));
        let present = reports(&through(without().file(name, contents)));
        assert_ne!(present, absent, "{name} is not read");
        let outside = Outside::new(name, contents);
        for target in [outside.absolute(name), outside.relative(name)] {
            let link = through(without().link(name, &target));
            assert_eq!(reports(&link), absent, "{name} -> {target}");
        }
    });
}

#[test]
fn nor_is_one_in_a_directory_outside() {
    for_each_table(|name, contents, _, reports| {
        let outside = Outside::new(&format!("77/{name}"), contents);
        let absent = reports(&Tree::new("without"));
        for (link, target) in [("net", "77/net"), ("self", "77"), ("77", "77")] {
            for target in [outside.absolute(target), outside.relative(target)] {
                let mut tree = Tree::new("directory").link(link, &target);
                if link != "net" {
                    tree = tree.link("net", "self/net");
                }
                if link == "77" {
                    tree = tree.link("self", "77");
                }
                assert_eq!(reports(&tree), absent, "{name}: {link} -> {target}");
            }
        }
    });
}

#[test]
fn nor_is_anything_that_is_no_file() {
    for_each_table(|name, _, without, reports| {
        let absent = reports(&without());
        let fifo = without();
        mkfifo(&fifo.proc().join(name), Mode::S_IRUSR).unwrap();
        assert_eq!(reports(&fifo), absent, "{name}: a FIFO");
        let socket = without();
        let _listener = UnixListener::bind(socket.proc().join(name)).unwrap();
        assert_eq!(reports(&socket), absent, "{name}: a socket");
    });
}

/// Calls `test` in a thread with mounts of its own.
fn with_mounts<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            private_mounts();
            test()
        });
        match running.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

#[test]
#[ignore = "needs root and net-tools"]
fn nor_is_a_device() {
    with_mounts(|| {
        for_each_table(|name, contents, without, reports| {
            let absent = reports(&without());
            for device in ["/dev/null", "/dev/zero"] {
                let tree = without().file(name, contents);
                mount_over(Path::new(device), &tree.proc().join(name));
                assert_eq!(reports(&tree), absent, "{name}: {device}");
                let place = tree.proc().join(name);
                rustix::mount::unmount(place, rustix::mount::UnmountFlags::DETACH).unwrap();
            }
        });
    });
}

/// The counts that spare tcp6 a reading are read only of the running kernel's own /proc, or what is mounted there.
#[test]
#[ignore = "needs root and net-tools"]
fn counts_that_do_not_end_do_not_hang_anything() {
    let run = |tree: &Tree| {
        Run::new(Program::Mounted, ["-tn"])
            .proc(tree.proc())
            .output()
    };
    let tree = || {
        Tree::new("sockstat")
            .file(
                "net/tcp",
                "header\n0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 0\n",
            )
            .file("net/tcp6", "header\n")
    };
    let expected = run(&tree());
    assert_eq!(expected.ending, Ending::Exit(0));
    let zero = "TCP6: inuse 0\nTCP: tw 0\n";
    for file in ["net/sockstat", "net/sockstat6"] {
        let counted = || {
            let tree = tree()
                .file("net/sockstat", zero)
                .file("net/sockstat6", zero);
            fs::remove_file(tree.proc().join(file)).unwrap();
            tree
        };
        let fifo = counted();
        mkfifo(&fifo.proc().join(file), Mode::S_IRUSR).unwrap();
        assert_eq!(run(&fifo), expected, "{file}");
        assert_eq!(run(&counted().link(file, "/dev/zero")), expected, "{file}");
    }
}

const SECRET: &str = "root:$6$SECRET";

/// Whatever the file is, and however it is asked for.
#[test]
fn no_report_quotes_a_file_outside() {
    // Takes the shape of every table's lines in one place or another.
    let secret = format!(
        "{SECRET}: SECRET SECRET\n{SECRET}: 1 2\n{SECRET} 5\nSECRET 5 6 7 8 9 10 11 12 13 14 15 16 17\n\
         0: 2 0 10000 1 1 7 SECRET\n SECRET: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
    );
    let outside = Outside::new("shadow", secret.as_bytes());
    let trees = [outside.absolute("shadow"), outside.relative("shadow")].map(|target| {
        let mut tree = Tree::new("secrets");
        let mut names: Vec<&str> = TABLES.iter().map(|(name, ..)| *name).collect();
        names.extend(["net/protocols", "net/sockstat", "net/sockstat6", "net/unix"]);
        names.sort_unstable();
        names.dedup();
        // There is a file of the name of its directory.
        names.retain(|name| *name != "net/x25/route");
        for name in names {
            tree = tree.link(name, &target);
        }
        tree.link("7/cmdline", &target)
            .link("7/comm", &target)
            .link("7/fd/3", "socket:[7]")
    });
    for tree in &trees {
        for args in [
            "",
            "-a",
            "-anp",
            "-anpv",
            "-xap",
            "-g",
            "-s",
            "-s6",
            "-st",
            "-r",
            "-r6",
            "-rC",
            "-r6C",
            "-M",
            "-i",
            "-ia",
            "-iae",
            "-S",
            "-U",
            "--ax25",
            "--rose",
            "--ipx",
            "--x25",
            "--netrom",
            "-r -A ipx",
            "-r -A ax25",
            "-r -A netrom",
            "-r -A rose",
            "-r -A x25",
            "-r -A ddp",
            "-xa --pid 7",
        ] {
            for more in ["", "--json"] {
                let outcome = run(tree, &format!("{args} {more}"));
                let text = transcript(args, &outcome);
                assert!(!text.contains("SECRET"), "{text}");
            }
        }
    }
}

/// A process whose files are not its own is as one without them.
#[test]
fn nothing_is_told_of_processes_outside() {
    let outside = Outside::new("7/cmdline", format!("{SECRET}\0SECRET\0").as_bytes());
    fs::create_dir(outside.directory.path().join("7/fd")).unwrap();
    std::os::unix::fs::symlink("socket:[4711]", outside.directory.path().join("7/fd/3")).unwrap();
    let table = || {
        Tree::new("processes").file(
            "net/unix",
            "Inode\n0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/x\n",
        )
    };
    let descriptor = |tree: Tree| tree.link("7/fd/3", "socket:[4711]");
    let reports = |tree: &Tree| {
        let report = |args| transcript(args, &run(tree, args));
        ["-xlp", "-xlp --json", "-xl --pid 7"].map(report).concat()
    };
    let whole = descriptor(table()).file("7/cmdline", "name");
    assert!(reports(&whole).contains("7/name"));

    let absent = reports(&descriptor(table()));
    let fifo = descriptor(table());
    mkfifo(&fifo.proc().join("7/cmdline"), Mode::S_IRUSR).unwrap();
    assert_eq!(reports(&fifo), absent);
    for target in [outside.absolute("7/cmdline"), outside.relative("7/cmdline")] {
        let link = descriptor(table()).link("7/cmdline", &target);
        assert_eq!(reports(&link), absent, "cmdline -> {target}");
    }
    // A link from one process to another leads out of it, too.
    let other = descriptor(table()).file("8/cmdline", SECRET);
    assert_eq!(reports(&other.link("7/cmdline", "../8/cmdline")), absent);

    let absent = reports(&table().file("7/cmdline", "name"));
    for target in [outside.absolute("7/fd"), outside.relative("7/fd")] {
        let link = table().file("7/cmdline", "name").link("7/fd", &target);
        assert_eq!(reports(&link), absent, "fd -> {target}");
    }
    let absent = reports(&table());
    for target in [outside.absolute("7"), outside.relative("7")] {
        let link = table().link("7", &target);
        let told = reports(&link);
        assert!(!told.contains("SECRET"), "{told}");
        assert!(told.contains("there is no process 7"), "{told}");
        // Its directory is seen; in text there is no difference.
        let text = |tree: &Tree| run(tree, "-xlp").stdout;
        assert_eq!(text(&link), text(&table()), "{absent}");
    }
}

/// A procfs below the root has links that lead anywhere. They are taken for what they say.
#[test]
#[ignore = "needs root and net-tools"]
fn links_of_a_procfs_do_not_lead_out() {
    let outside = Outside::new("shadow", format!("{SECRET}: A\n{SECRET}: 1\n").as_bytes());
    let secret = outside.absolute("shadow");
    let report = with_mounts(|| {
        let tree = Tree::new("chroot").directory("proc");
        let place = tree.proc().join("proc");
        mount("proc", &place, "proc", MountFlags::empty(), None).unwrap();
        let process = std::process::id();
        let tree = tree
            .link("net/snmp", &format!("/proc/{process}/root{secret}"))
            .link("net/snmp6", &format!("/proc/self/root{secret}"))
            .link("net/netstat", &format!("../proc/{process}/cwd/{secret}"));
        let reports = ["-s", "-s6", "-s --json"].map(|args| transcript(args, &run(&tree, args)));
        rustix::mount::unmount(place, rustix::mount::UnmountFlags::DETACH).unwrap();
        reports.concat()
    });
    assert!(!report.contains("SECRET"), "{report}");
    assert!(
        report.contains("cannot open /proc/net/snmp: No such file or directory"),
        "{report}"
    );
}

/// A copy made without links has the tables of its processes, and no `net`.
#[test]
fn a_copy_without_links_has_the_tables_of_its_first_process() {
    let table = files("busy-server");
    let mut whole = Tree::new("whole");
    let mut copy = Tree::new("copy");
    for (name, contents) in &table {
        whole = whole.file(name, contents);
        copy = copy.file(&format!("1/{name}"), contents);
    }
    for args in ["-tan", "-uan", "-xan --json"] {
        let expected = run(&whole, args);
        assert!(expected.stdout.len() > 500);
        assert_eq!(run(&copy, args), expected, "{args}");
    }
}
