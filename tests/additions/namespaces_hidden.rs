//! Namespaces that no process lives in, or not for long, and runs that must not lose any.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use nix::sched::{CloneFlags, unshare};

use crate::namespaces::{command, sections, server};
use crate::own_processes::{Processes, USER, among_own_processes, label_of, namespace_of, pid_of};
use crate::support::program::Ending;
use crate::{ours, text};

/// A namespace with a server on that port, and the inode of it. It lasts as long as the file and the server.
fn kept_by_a_file(processes: &Processes, port: u16) -> (File, std::net::TcpListener) {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // /proc shows the children of this thread, not the thread.
            unshare(CloneFlags::CLONE_NEWNET).unwrap();
            command("ip link set lo up");
            let server = server(port);
            let resident = processes.sleeper("maker", 0);
            let file = File::open(namespace_of("maker")).unwrap();
            drop(resident);
            (file, server)
        });
        thread.join().unwrap()
    })
}

fn label(file: &File) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("net:[{}]", file.metadata().unwrap().ino())
}

/// Asserts that exactly one section has this heading, and that a socket on the port is in it.
#[track_caller]
fn assert_shown(stdout: &str, heading: &str, port: u16) {
    let sections = sections(stdout);
    let found: Vec<_> = sections
        .iter()
        .filter(|section| section.0 == heading)
        .collect();
    assert_eq!(found.len(), 1, "{heading} in {stdout}");
    assert!(
        found[0].1.contains(&format!("127.0.0.1:{port} ")),
        "{stdout}"
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_descriptor_keeps_a_namespace() {
    among_own_processes(|_, processes| {
        let (file, _server) = kept_by_a_file(processes, 4711);
        let label = label(&file);
        // The test itself is not seen in this /proc.
        let (stdout, ..) = text(&processes.ours("--all-netns -tln").output());
        assert!(!stdout.contains(&label), "{stdout}");
        let mut command = Command::new("/bin/sleep");
        command
            .arg0("keeper")
            .arg("600")
            .stdin(Stdio::from(OwnedFd::from(file)));
        let _keeper = processes.spawn(&mut command);
        pid_of("keeper");
        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").output());
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        assert_shown(&stdout, &label, 4711);
    });
}

/// Wherever it is mounted, and even where a user's own file system would have to be asked for the way.
#[test]
#[ignore = "needs root and net-tools"]
fn a_mount_keeps_a_namespace() {
    among_own_processes(|_, processes| {
        let (own, _own_server) = kept_by_a_file(processes, 4711);
        let (other, _other_server) = kept_by_a_file(processes, 4712);
        let labels = [&own, &other].map(label);
        let keep = |file: File, name: &str| {
            let mut command = Command::new("/bin/sleep");
            command
                .arg0(name)
                .arg("600")
                .stdin(Stdio::from(OwnedFd::from(file)));
            processes.spawn(&mut command)
        };
        command("mount -t tmpfs tmpfs /run");
        fs::create_dir("/run/a place").unwrap();
        fs::write("/run/a place/\\own", "").unwrap();
        let keeper = keep(own, "keeper");
        let source = format!("/proc/{}/fd/0", pid_of("keeper"));
        let mounted = Command::new("mount")
            .args(["--bind", &source, "/run/a place/\\own"])
            .status();
        assert!(mounted.unwrap().success());
        drop(keeper);

        let keeper = keep(other, "keeper");
        let script = r#"
            mount -t tmpfs tmpfs /tmp && mkdir -p /tmp/deep/er && touch /tmp/deep/er/ns &&
            mount --bind "$1" /tmp/deep/er/ns && exec -a elsewhere sleep 600
        "#;
        let source = format!("/proc/{}/fd/0", pid_of("keeper"));
        let mut elsewhere = Command::new("unshare");
        elsewhere.args(["--mount", "bash", "-c", script, "bash", &source]);
        let _elsewhere = processes.spawn(&mut elsewhere);
        pid_of("elsewhere");
        drop(keeper);

        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").output());
        assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
        assert_shown(&stdout, &labels[0], 4711);
        assert_shown(&stdout, &labels[1], 4712);

        // An ordinary user learns that they are there, and is told.
        let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").uid(USER).output());
        assert_eq!(ending, Ending::Exit(0));
        assert_eq!(sections(&stdout).len(), 1, "{stdout}");
        assert!(
            stderr.starts_with("(Not all network namespaces could be found"),
            "{stderr}"
        );
    });
}

/// In the calling process, thus seen only in the /proc of all.
#[test]
#[ignore = "needs root and net-tools"]
fn a_thread_keeps_a_namespace() {
    crate::support::world::in_new_world(|_| {
        let (ready, is_ready) = channel();
        let (done, is_done) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                unshare(CloneFlags::CLONE_NEWNET).unwrap();
                command("ip link set lo up");
                let server = server(4711);
                let link = fs::read_link("/proc/thread-self/ns/net").unwrap();
                ready.send(link.to_str().unwrap().to_owned()).unwrap();
                let _ = is_done.recv();
                drop(server);
            });
            let label: String = is_ready.recv().unwrap();
            let comm = fs::read_to_string("/proc/self/comm").unwrap();
            let heading = format!("{label} (pid {} {})", std::process::id(), comm.trim());
            let (stdout, ..) = text(&ours("--all-netns -tln").output());
            assert_shown(&stdout, &heading, 4711);

            let (stdout, ..) = text(&ours("--all-netns -tln").uid(USER).output());
            let sections = sections(&stdout);
            let start = format!("/proc/{}/task/", std::process::id());
            let shown = sections.iter().any(|(heading, body)| {
                heading.starts_with(&start) && body.contains("127.0.0.1:4711 ")
            });
            assert!(shown, "{stdout}");
            drop(done);
        });
    });
}

/// A thread may have descriptors of its own.
#[test]
#[ignore = "needs root and net-tools"]
fn a_descriptor_of_a_thread_keeps_a_namespace() {
    crate::support::world::in_new_world(|_| {
        let (ready, is_ready) = channel();
        let (done, is_done) = channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                unshare(CloneFlags::CLONE_FILES).unwrap();
                unshare(CloneFlags::CLONE_NEWNET).unwrap();
                let first = File::open("/proc/thread-self/ns/net").unwrap();
                unshare(CloneFlags::CLONE_NEWNET).unwrap();
                ready.send(label(&first)).unwrap();
                let _ = is_done.recv();
            });
            let label: String = is_ready.recv().unwrap();
            let (stdout, ..) = text(&ours("--all-netns -tln").output());
            let headings: Vec<_> = sections(&stdout).iter().map(|section| section.0).collect();
            assert!(headings.contains(&label.as_str()), "{headings:?}");
            drop(done);
        });
    });
}

/// A namespace costs no descriptor.
#[test]
#[ignore = "needs root and net-tools"]
fn few_descriptors_are_enough_for_many_namespaces() {
    among_own_processes(|_, processes| {
        let residents: Vec<_> = (0..40).map(|_| processes.resident("resident", 0)).collect();
        let run = |limit: u32, args: &str| {
            let script = format!("ulimit -n {limit}; exec \"$NETSTAT\" --all-netns {args}");
            let mut bash = Command::new("bash");
            bash.env("NETSTAT", env!("CARGO_BIN_EXE_netstat"));
            let output = processes.output(bash.args(["-c", &script]));
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (
                text(&output.stdout),
                text(&output.stderr),
                output.status.code(),
            )
        };
        for args in ["-tln", "-tlnp", "-in"] {
            let (stdout, stderr, status) = run(30, args);
            assert_eq!((stderr.as_str(), status), ("", Some(0)), "{args}");
            assert_eq!(sections(&stdout).len(), 41, "{args}: {stdout}");
        }
        // With too few for anything it is said, and the status tells.
        let mut failed = 0;
        for limit in 4..12 {
            let (stdout, stderr, status) = run(limit, "-tln");
            if status == Some(0) {
                assert_eq!(
                    (stderr.as_str(), sections(&stdout).len()),
                    ("", 41),
                    "{limit}"
                );
            } else {
                failed += 1;
                assert_eq!(status, Some(1), "{limit}: {stderr}");
                assert!(stderr.contains("Too many open files"), "{limit}: {stderr}");
            }
        }
        assert!((1..8).contains(&failed), "{failed}");
        drop(residents);
    });
}

/// Under the /proc of another PID namespace the program has another number than it believes: here that of the only process in a namespace.
#[test]
#[ignore = "needs root and net-tools"]
fn an_old_proc_has_other_numbers() {
    among_own_processes(|_, processes| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--net", "--pid", "--fork", env!("CARGO_BIN_EXE_netstat")]);
        let output = processes.output(unshare.args(["--all-netns", "-tln"]));
        let stdout = String::from_utf8(output.stdout).unwrap();
        let headings: Vec<_> = sections(&stdout).iter().map(|section| section.0).collect();
        assert_eq!(headings.len(), 2, "{stdout}");
        // The process that waits for it.
        assert!(headings[0].contains(" (current, pid ") && headings[0].ends_with(" unshare)"));
        assert_eq!(headings[1], format!("{} (pid 1 sleep)", label_of("first")));
    });
}

/// Processes that end while they are looked at do not make root be told that root would see more.
#[test]
#[ignore = "needs root and net-tools"]
fn processes_that_end_refuse_nothing() {
    among_own_processes(|_, processes| {
        // With a namespace to each, for a moment.
        let script = "while :; do sh -c : & unshare --net true; done";
        let _restless = processes.spawn(Command::new("bash").args(["-c", script]));
        let said: BTreeSet<_> = (0..200)
            .map(|_| {
                let (_, stderr, ending) = text(&processes.ours("--all-netns -tln").output());
                (stderr, format!("{ending}"))
            })
            .collect();
        let expected = BTreeSet::from([(String::new(), "exit 0".to_owned())]);
        assert_eq!(said, expected);
    });
}

/// Who lives in it changes all the time; somebody always does.
#[test]
#[ignore = "needs root and net-tools"]
fn a_namespace_whose_processes_come_and_go_stays() {
    among_own_processes(|_, processes| {
        // Each starts the next, and ends.
        let script = "step() { sleep 0.3; step & }; step & exec -a ready sleep 600";
        let mut restless = Command::new("unshare");
        let first = processes.spawn(restless.args(["--net", "bash", "-c", script]));
        pid_of("ready");
        drop(first);
        for _ in 0..30 {
            let (stdout, stderr, ending) = text(&processes.ours("--all-netns -tln").output());
            assert_eq!((stderr.as_str(), ending), ("", Ending::Exit(0)));
            assert_eq!(sections(&stdout).len(), 2, "{stdout}");
        }
    });
}
