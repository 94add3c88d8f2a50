//! `--netns` and `--all-netns`.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::gettid;

use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::world::{A_DAY, World, begun, in_new_world, standing_still, wait_for};
use crate::{assert_refused, ours, text};

/// A process that lives in a namespace and holds a server there.
pub struct Holder(pub Child);

impl Holder {
    /// Starts it in the namespace of the calling thread, under this name.
    pub fn start(name: &str, server: TcpListener) -> Self {
        Holder::start_as(name, server, 0)
    }

    /// The same for another user.
    pub fn start_as(name: &str, server: TcpListener, uid: u32) -> Self {
        let mut command = Command::new("/bin/sleep");
        command.arg0(name).arg(A_DAY).uid(uid).gid(uid);
        command.stdin(Stdio::from(OwnedFd::from(server)));
        Holder(begun(&mut command))
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    pub fn namespace(&self) -> PathBuf {
        format!("/proc/{}/ns/net", self.pid()).into()
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Does something on a thread that is gone then, and with it from the namespaces it went into.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let (result, thread) = thread::scope(|scope| {
        let thread = scope.spawn(|| (work(), gettid()));
        thread.join().unwrap()
    });
    // Its end is known a little before.
    let task = format!("/proc/self/task/{thread}");
    wait_for("the thread to be gone", || !Path::new(&task).exists());
    result
}

/// Does something in another namespace.
pub fn there<T: Send>(namespace: &Path, work: impl FnOnce() -> T + Send) -> T {
    apart(|| {
        setns(File::open(namespace).unwrap(), CloneFlags::CLONE_NEWNET).unwrap();
        work()
    })
}

/// A namespace without a name, with a server on that port and its holder.
pub fn nameless(name: &str, port: u16) -> Holder {
    apart(|| {
        unshare(CloneFlags::CLONE_NEWNET).unwrap();
        command("ip link set lo up");
        Holder::start(name, server(port))
    })
}

pub fn server(port: u16) -> TcpListener {
    TcpListener::bind(("127.0.0.1", port)).unwrap()
}

/// Runs a command, split at blanks, in the namespaces of the calling thread.
pub fn command(line: &str) {
    let mut words = line.split_whitespace();
    let status = Command::new(words.next().unwrap()).args(words).status();
    assert!(status.unwrap().success(), "{line}");
}

/// An empty /run, which is the world's own, with one namespace called `blue` in which lo is up.
pub fn name_blue(world: &mut World) -> PathBuf {
    command("mount -t tmpfs tmpfs /run");
    world.ip("netns add blue");
    world.ip("-n blue link set lo up");
    "/run/netns/blue".into()
}

pub fn reference(args: &str) -> Outcome {
    Run::new(Program::Reference, args.split_whitespace()).output()
}

const REPORTS: [&str; 16] = [
    "", "-an", "-tlnp", "-tan", "-uan", "-tuanep", "-anv", "-in", "-ien", "-iaen", "-rn", "-r6n",
    "-s", "-s6", "-gn", "-x",
];

#[test]
#[ignore = "needs root and net-tools"]
fn a_namespace_is_shown_as_the_reference_shows_it_from_within() {
    in_new_world(|world| {
        let blue = name_blue(world);
        world.ip("-n blue link add eth7 type veth peer name eth8");
        world.ip("-n blue addr add 10.9.8.7/24 dev eth7");
        world.ip("-n blue link set eth7 up");
        world.ip("-n blue link set eth8 up");
        let (holder, near, far) = there(&blue, || {
            let server = server(4711);
            let near = TcpStream::connect("127.0.0.1:4711").unwrap();
            let (far, _) = server.accept().unwrap();
            (Holder::start("blue-server", server), near, far)
        });
        let compare = |option: &str, report: &str| {
            let args = format!("{option} {report}");
            let (expected, outcome) = standing_still(
                &args,
                || there(&blue, || reference(report)),
                || ours(&args).output(),
            );
            assert!(
                outcome == expected,
                "{args}\n{:?}\n{:?}",
                text(&outcome),
                text(&expected)
            );
        };
        let pid = format!("--netns {}", holder.pid());
        for report in REPORTS {
            compare("--netns blue", report);
            compare(&pid, report);
        }
        let (stdout, ..) = text(&ours("--netns blue -tanp").output());
        assert!(
            stdout.contains("127.0.0.1:4711") && stdout.contains("blue-server"),
            "{stdout}"
        );
        // Large tables come from elsewhere.
        let always = ours("--netns blue -tan")
            .env("NETSTAT_SOCK_DIAG", "always")
            .output();
        assert_eq!(text(&always), text(&there(&blue, || reference("-tan"))));
        drop((near, far));
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn ones_own_namespace_needs_no_permission() {
    in_new_world(|_| {
        let own = Holder::start_as("own", server(4711), 65534);
        let args = format!("--netns {} -tln", own.pid());
        let expected = Run::new(Program::Reference, ["-tln"]).uid(65534).output();
        assert_eq!(text(&ours(&args).uid(65534).output()), text(&expected));
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn what_cannot_be_entered_is_refused() {
    in_new_world(|world| {
        name_blue(world);
        fs::write("/run/netns/stale", "").unwrap();
        let holder = nameless("held", 5);
        let pid = holder.pid();
        let refused = |args: &str, message: &str, status| {
            assert_refused(&ours(args).output(), message, status);
        };
        refused(
            "--netns red -t",
            "option '--netns': no 'red' in /run/netns",
            3,
        );
        refused(
            "--netns 999999999 -t",
            "option '--netns': no '999999999' in /run/netns and no such process",
            3,
        );
        for name in ["../netns/blue", "/run/netns/blue", ".", ".."] {
            refused(
                &format!("--netns {name}"),
                &format!("option '--netns': no '{name}' in /run/netns"),
                3,
            );
        }
        refused(
            "--netns stale",
            "network namespace /run/netns/stale: Not a network namespace",
            1,
        );
        let nobody = |args: &str, message: &str| {
            assert_refused(&ours(args).uid(65534).output(), message, 1);
        };
        nobody(
            "--netns blue -t",
            "network namespace /run/netns/blue: Operation not permitted",
        );
        // Where somebody lives whose tables may be read, these are.
        let there = ours(&format!("--netns {pid} -tln")).uid(65534).output();
        let (stdout, stderr, ending) = text(&there);
        assert!(stdout.contains("127.0.0.1:5 "), "{stdout}");
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
    });
}

/// A name that is a number is a name first.
#[test]
#[ignore = "needs root and net-tools"]
fn names_come_before_processes() {
    in_new_world(|world| {
        let blue = name_blue(world);
        let holder = nameless("held", 5);
        let pid = holder.pid();
        let _server = there(&blue, || server(6));
        let row = |port: u16| {
            format!(
                "tcp        0      0 127.0.0.1:{port}             0.0.0.0:*               LISTEN     \n"
            )
        };
        let rows = || text(&ours(&format!("--netns {pid} -tln")).output()).0;
        assert!(rows().ends_with(&row(5)), "{}", rows());
        fs::write(format!("/run/netns/{pid}"), "").unwrap();
        command(&format!("mount --bind /run/netns/blue /run/netns/{pid}"));
        assert!(rows().ends_with(&row(6)), "{}", rows());
    });
}

/// The headings of a report on all namespaces, without "Network namespace ", each with what stands under it.
pub fn sections(stdout: &str) -> Vec<(&str, &str)> {
    let rest = stdout.strip_prefix("Network namespace ").unwrap();
    let sections = rest.split("\nNetwork namespace ");
    sections
        .map(|section| section.split_once('\n').unwrap())
        .collect()
}

fn label_of_own() -> String {
    let link = fs::read_link("/proc/thread-self/ns/net").unwrap();
    link.to_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs root and net-tools"]
fn every_namespace_once() {
    in_new_world(|world| {
        let blue = name_blue(world);
        world.ip("netns add white");
        fs::write("/run/netns/also", "").unwrap();
        command("mount --bind /run/netns/blue /run/netns/also");
        fs::write("/run/netns/stale", "").unwrap();
        // As one that vanishes between being listed and being opened.
        symlink("/nonexistent", "/run/netns/vanished").unwrap();
        let own = Holder::start("own", server(1111));
        let named = there(&blue, || Holder::start("named", server(2222)));
        let first = nameless("first", 3333);
        let second = nameless("second", 4444);

        let headings = [
            (
                format!("{} (current, pid {} sleep)", label_of_own(), own.pid()),
                own.namespace(),
            ),
            (format!("also, blue (pid {} sleep)", named.pid()), blue),
            ("white".to_owned(), "/run/netns/white".into()),
        ];
        let nameless = [&first, &second].map(|holder| {
            let link = fs::read_link(holder.namespace()).unwrap();
            let label = link.to_str().unwrap();
            (
                format!("{label} (pid {} sleep)", holder.pid()),
                holder.namespace(),
            )
        });
        for report in REPORTS {
            let (stdout, stderr, ending) = text(&ours(&format!("--all-netns {report}")).output());
            // Where no interface ever was up, as in `white`, the reference has a status of 1 for routes.
            let status = i32::from(report == "-rn");
            assert_eq!(ending, Ending::Exit(status), "{report}: {stderr}");
            for left_out in [
                "stale is left out: Not a network namespace",
                "vanished is left out: No such file or directory",
            ] {
                let message = format!("netstat: network namespace /run/netns/{left_out}\n");
                assert!(stderr.contains(&message), "{report}: {stderr}");
            }
            let sections = sections(&stdout);
            // And the one in which the test was started.
            assert_eq!(sections.len(), headings.len() + nameless.len() + 1);
            for (place, (heading, namespace)) in headings.iter().chain(&nameless).enumerate() {
                let found: Vec<usize> = (0..sections.len())
                    .filter(|&at| sections[at].0 == heading)
                    .collect();
                let &[at] = found.as_slice() else {
                    panic!("{report}: {heading} at {found:?} of {stdout}")
                };
                if place < headings.len() {
                    assert_eq!(at, place, "{report}: {stdout}");
                }
                let (expected, ..) = text(&there(namespace, || reference(report)));
                assert_eq!(sections[at].1, expected, "{report}: {heading}");
            }
            let pids: Vec<u32> = sections[headings.len()..]
                .iter()
                .map(|(heading, _)| match heading.split_once("(pid ") {
                    Some((_, process)) => process.split(' ').next().unwrap().parse().unwrap(),
                    // Nobody lives there: somebody has it open or mounted.
                    None => u32::MAX,
                })
                .collect();
            assert!(pids.is_sorted(), "{pids:?}");
        }
    });
}

/// The second time, the program itself is in the last namespace of the first time.
#[test]
#[ignore = "needs root and net-tools"]
fn every_namespace_again() {
    in_new_world(|world| {
        let blue = name_blue(world);
        world.ip("netns add white");
        let own = Holder::start("own", server(1111));
        let named = there(&blue, || Holder::start("named", server(2222)));
        let outcome = ours("--all-netns -tlnp -c --count 3 --interval 0.01").output();
        let (stdout, _, ending) = text(&outcome);
        assert_eq!(ending, Ending::Exit(0));
        // A failure in one namespace, here `white`, ends nothing.
        let (routes, _, ending) =
            text(&ours("--all-netns -rn -c --count 2 --interval 0.01").output());
        assert_eq!(ending, Ending::Exit(1));
        assert_eq!(routes.matches("(current, ").count(), 2);
        let expected = [
            (
                format!("{} (current, pid {} sleep)", label_of_own(), own.pid()),
                "127.0.0.1:1111",
                "own",
            ),
            (
                format!("blue (pid {} sleep)", named.pid()),
                "127.0.0.1:2222",
                "named",
            ),
        ];
        let sections = sections(&stdout);
        for (heading, address, name) in expected {
            let found: Vec<_> = sections
                .iter()
                .filter(|section| section.0 == heading)
                .collect();
            assert_eq!(found.len(), 3, "{heading} in {stdout}");
            for (_, body) in found {
                assert!(
                    body.contains(address) && body.contains(&format!("/{name} ")),
                    "{body}"
                );
            }
        }
    });
}

/// What is missing in one namespace does not keep the others from their reports.
#[test]
#[ignore = "needs root and net-tools"]
fn an_error_ends_the_report_on_one_namespace() {
    in_new_world(|world| {
        name_blue(world);
        let expected = reference("-tn --rose");
        if expected.ending == Ending::Exit(0) {
            eprintln!("this kernel has ROSE");
            return;
        }
        let outcome = ours("--all-netns -tn --rose").output();
        let (stdout, stderr, ending) = text(&outcome);
        let sections = sections(&stdout);
        assert!(sections.len() > 1, "{stdout}");
        assert!(
            sections.iter().any(|section| section.0.starts_with("blue")),
            "{stdout}"
        );
        assert_eq!(ending, expected.ending);
        let message = text(&expected).1;
        assert_eq!(stderr.matches(&message).count(), sections.len(), "{stderr}");
    });
}

/// A name server at 127.0.0.1 of the calling thread's namespace, which calls every address `host-` and its last octet, and what it was
/// asked.
fn name_server() -> Arc<Mutex<Vec<String>>> {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    let questions = Arc::new(Mutex::new(Vec::new()));
    let asked = Arc::clone(&questions);
    thread::spawn(move || {
        let mut buffer = [0; 512];
        loop {
            let (length, client) = socket.recv_from(&mut buffer).unwrap();
            let question = &buffer[12..length];
            let mut labels = Vec::new();
            let mut at = 0;
            while question[at] > 0 {
                let end = at + 1 + usize::from(question[at]);
                labels.push(String::from_utf8(question[at + 1..end].to_vec()).unwrap());
                at = end;
            }
            let name = format!("host-{}", labels[0]);
            questions.lock().unwrap().push(labels.join("."));
            // One question and one answer: the name of the question, PTR, IN, for a minute.
            let mut answer = buffer[..2].to_vec();
            answer.extend([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
            answer.extend(&question[..at + 5]);
            answer.extend([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60]);
            let length = u8::try_from(name.len()).unwrap();
            answer.extend([0, length + 2, length]);
            answer.extend(name.as_bytes());
            answer.push(0);
            socket.send_to(&answer, client).unwrap();
        }
    });
    asked
}

/// /etc/resolv.conf speaks of the network in which the program was started; and what a filter takes away is not looked up.
#[test]
#[ignore = "needs root and net-tools"]
fn names_are_looked_up_where_we_come_from() {
    in_new_world(|world| {
        let blue = name_blue(world);
        world.ip("-n blue addr add 10.1.2.3/24 dev lo");
        world.ip("-n blue addr add 10.1.2.4/24 dev lo");
        let etc = tempfile::tempdir().unwrap();
        for (name, contents) in [
            (
                "nsswitch.conf",
                "passwd: files\nhosts: dns\nservices: files\n",
            ),
            (
                "resolv.conf",
                "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
            ),
            ("services", "web 4711/tcp\n"),
            ("passwd", "root:x:0:0::/:/bin/sh\n"),
        ] {
            fs::write(etc.path().join(name), contents).unwrap();
        }
        let _servers = there(&blue, || {
            ["10.1.2.3:4711", "10.1.2.4:4712"].map(|address| TcpListener::bind(address).unwrap())
        });
        let questions = name_server();
        let run = |args: &str| text(&ours(args).etc(etc.path()).output());

        let heading = "Active Internet connections (only servers)\n\
            Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n";
        let row = |local: &str| {
            format!("tcp        0      0 {local:23} 0.0.0.0:*               LISTEN     \n")
        };
        let (stdout, ..) = run("--netns blue -tl --port web");
        assert_eq!(stdout, format!("{heading}{}", row("host-3:web")));
        assert_eq!(*questions.lock().unwrap(), ["3.2.1.10.in-addr.arpa"]);
        let (stdout, ..) = run("--netns blue -tle");
        for expected in ["host-3:web ", "host-4:4712 ", " root "] {
            assert!(stdout.contains(expected), "{stdout}");
        }
        let (stdout, ..) = run("--all-netns -tl --address 10.1.2.0/24");
        let sections = sections(&stdout);
        let blue = sections
            .iter()
            .find(|section| section.0.starts_with("blue"))
            .unwrap();
        for expected in ["host-3:web ", "host-4:4712 "] {
            assert!(blue.1.contains(expected), "{stdout}");
        }
    });
}

/// The namespace is a field like any other.
#[test]
#[ignore = "needs root and net-tools"]
fn namespaces_are_fields() {
    in_new_world(|world| {
        let blue = name_blue(world);
        let _here = [server(1), server(2)];
        let _there = there(&blue, || [1, 2, 3].map(server));
        let shown = |args: &str| {
            let (stdout, stderr, ending) = text(&ours(&format!("--all-netns {args}")).output());
            assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)), "{args}");
            stdout
        };
        let records = |args: &str| -> Vec<serde_json::Value> {
            let stdout = shown(&format!("--json {args}"));
            // No key comes twice.
            for line in stdout.lines() {
                assert!(line.matches("\"netns\":").count() <= 1, "{line}");
            }
            serde_json::from_str(&stdout).unwrap()
        };
        let sorted = |args: &str| records(&format!("-tln --sort local_port {args}"));
        let all = sorted("");
        let (own, inode) = (all[0]["netns"].as_str().unwrap(), &all[0]["netns_inode"]);
        let pid = process::id();
        assert_eq!(all[0]["netns_pid"], pid);

        // In columns.
        let columns: Vec<String> = shown("-tln --show netns_pid,netns_inode,netns")
            .lines()
            .filter(|line| line.starts_with("tcp"))
            .map(|line| {
                line.split_whitespace()
                    .skip(6)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        let of_blue = format!("- {} blue", all[4]["netns_inode"]);
        let of_own = format!("{pid} {inode} {own}");
        assert_eq!(columns[..2], [of_own.as_str(); 2]);
        assert_eq!(columns[2..], [of_blue.as_str(); 3]);
        assert_eq!(sorted("--show netns,netns_inode"), all);
        let block = shown("-ie --show netns");
        assert!(block.contains("        netns blue\n"), "{block}");

        // Chosen.
        let kept = sorted("--only netns=blue");
        assert_eq!(kept, all[2..]);
        assert_eq!(sorted("--only netns!=blue"), all[..2]);
        assert_eq!(sorted(&format!("--only netns_inode={inode}")), all[..2]);
        assert_eq!(sorted("--only netns_pid=-"), all[2..]);

        // Sorted within the tables, which are those of one namespace each.
        assert_eq!(records("-tln --sort netns:desc,local_port"), all);

        // Counted in one table.
        assert_eq!(
            shown("-tln --count-by netns --sort netns:desc"),
            format!("  Count Netns\n      2 {own}\n      3 blue\n")
        );
        assert_eq!(
            shown("-tln --count-by netns,state"),
            format!(
                "  Count Netns             State\n      3 blue              LISTEN\n      2 {own:<16}  LISTEN\n"
            )
        );
        let counts = records("-tln --count-by netns_pid");
        let expected = serde_json::json!([
            {"count": 3, "netns_pid": null, "kind": "count"},
            {"count": 2, "netns_pid": pid, "kind": "count"},
        ]);
        assert_eq!(serde_json::Value::from(counts), expected);
        let metrics = shown("-tln --count-by netns --openmetrics");
        assert!(
            metrics.contains("netstat_sockets{netns=\"blue\"} 3\n"),
            "{metrics}"
        );
        // Every pass for itself.
        let twice = shown("-tln --count-by netns -c --count 2 --interval 0.01");
        assert_eq!(twice.matches("      3 blue\n").count(), 2, "{twice}");
        // Others are counted in each.
        let each = shown("-tln --count-by state");
        let tables = each.matches("Network namespace ").count();
        assert_eq!(each.matches("  Count State\n").count(), tables, "{each}");
        assert!(tables >= 2, "{each}");

        // Without the option there is none.
        let (stdout, ..) = text(&ours("-tln --count-by netns").output());
        assert_eq!(stdout, "  Count Netns\n      2 -\n");
        let (stdout, ..) = text(&ours("-tln --json --show netns").output());
        assert!(stdout.contains("\"netns\":null"), "{stdout}");
    });
}
