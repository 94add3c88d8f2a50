//! Who holds a socket, and why nobody is known to.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::fuse::Unanswered;
use crate::support::program::{Ending, Program, Run};
use crate::support::reaped::Reaped;
use crate::support::tree::Tree;
use crate::support::world::{A_DAY, in_new_world, wait_for};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

pub const NETSTAT: &str = env!("CARGO_BIN_EXE_netstat");

pub fn ours(args: &str) -> Run {
    Run::new(Program::Ours, args.split_whitespace())
}

/// The records of a run that must end well.
pub fn records(run: &Run) -> Vec<Value> {
    let outcome = run.output();
    assert_eq!(outcome.ending, Ending::Exit(0), "{run:?} {outcome:?}");
    serde_json::from_slice(&outcome.stdout).unwrap()
}

/// The record of the socket with this local port.
pub fn at(records: &[Value], port: u16) -> &Value {
    let mut records = records.iter();
    records
        .find(|record| record["local_port_num"] == port)
        .unwrap_or_else(|| panic!("no socket of port {port}"))
}

pub fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().unwrap().port()
}

/// A process of root that holds a socket, and alone does.
pub fn holder(socket: impl Into<OwnedFd>) -> Reaped {
    let mut command = Command::new("/bin/sleep");
    command
        .arg(A_DAY)
        .stdin(Stdio::from(socket.into()))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Reaped(command.spawn().unwrap())
}

/// A row of `net/tcp` for a listener on this port with this inode.
pub fn row(port: u16, inode: u64) -> String {
    format!(
        "0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 {inode} 1\n"
    )
}

#[test]
fn sockets_of_threads_in_a_copy() {
    let tree = Tree::new("threads")
        .file(
            "net/tcp",
            format!(
                "header\n{}{}{}",
                row(80, 1001),
                row(81, 1002),
                row(82, 1003)
            ),
        )
        // Its first thread has ended.
        .directory("10/fd")
        .file("10/cmdline", "")
        .file("10/comm", "leader\n")
        .directory("10/task/10/fd")
        .file("10/task/11/cmdline", "/bin/server\0-v\0")
        .file("10/task/11/comm", "worker\n")
        .link("10/task/11/fd/5", "socket:[1001]")
        // Only the socket that nobody else holds is looked for.
        .file("20/cmdline", "other\0")
        .link("20/fd/3", "socket:[1002]")
        .file("30/cmdline", "third\0")
        .link("30/task/30/fd/3", "socket:[1002]")
        .link("30/task/31/fd/3", "socket:[1002]")
        .link("30/task/32/fd/3", "socket:[1002]")
        .link("30/task/32/fd/4", "socket:[1002]");
    let text = ours("-tlnp").proc(tree.proc()).output();
    let text = String::from_utf8(text.stdout).unwrap();
    let programs: Vec<&str> = text
        .lines()
        .skip(2)
        .map(|row| row.split_whitespace().nth(6).unwrap())
        .collect();
    assert_eq!(programs, ["10/server", "20/other", "-"]);

    let records = records(&ours("-tlnp --json --show command").proc(tree.proc()));
    let owners = json!([{"pid": 10, "program": "server", "comm": "leader", "cmdline": ["/bin/server", "-v"]}]);
    assert_eq!(at(&records, 80)["owners"], owners);
    assert_eq!(at(&records, 81)["owners"][0]["pid"], 20);
    assert_eq!(at(&records, 81)["owners_total"], 1);
    assert_eq!(at(&records, 82)["owners"], json!([]));

    for (pid, ports) in [(10, vec![80]), (20, vec![81]), (30, vec![81])] {
        let records = self::records(&ours(&format!("-tln --json --pid {pid}")).proc(tree.proc()));
        let found: Vec<u64> = records
            .iter()
            .map(|record| record["local_port_num"].as_u64().unwrap())
            .collect();
        assert_eq!(found, ports, "{pid}");
    }
}

#[test]
fn owners_are_bounded() {
    let mut tree = Tree::new("many").file("net/tcp", format!("header\n{}", row(80, 1001)));
    for pid in 100..200 {
        tree = tree
            .file(
                &format!("{pid}/cmdline"),
                [&b"/bin/server\0"[..], &[b'x'; 6000]].concat(),
            )
            .file(&format!("{pid}/comm"), "server-with-a-long-name\n")
            .link(&format!("{pid}/fd/3"), "socket:[1001]")
            .link(&format!("{pid}/fd/4"), "socket:[1001]");
    }
    let records = records(&ours("-tlnp --json --show command").proc(tree.proc()));
    let record = at(&records, 80);
    assert_eq!(record["owners_total"], 100);
    let owners = record["owners"].as_array().unwrap();
    assert_eq!(owners.len(), 64);
    let pids: HashSet<u64> = owners
        .iter()
        .map(|owner| owner["pid"].as_u64().unwrap())
        .collect();
    assert_eq!(pids.len(), 64);
    for owner in owners {
        assert_eq!(owner["comm"], "server-with-a-l");
        assert_eq!(owner["cmdline_truncated"], true);
        let arguments = owner["cmdline"].as_array().unwrap();
        let length: usize = arguments
            .iter()
            .map(|argument| argument.as_str().unwrap().len() + 1)
            .sum();
        assert_eq!(length, 4097);
    }
}

#[test]
fn a_whole_command_line_is_not_called_truncated() {
    for (length, truncated) in [(4096, false), (4097, true)] {
        let tree = Tree::new("length")
            .file("net/tcp", format!("header\n{}", row(80, 1001)))
            .file("10/cmdline", vec![b'x'; length])
            .link("10/fd/3", "socket:[1001]");
        let records = records(&ours("-tlnp --json --show command").proc(tree.proc()));
        let owner = &records[0]["owners"][0];
        assert_eq!(owner["cmdline"][0].as_str().unwrap().len(), 4096);
        assert_eq!(owner.get("cmdline_truncated").is_some(), truncated);
    }
}

/// The text shows nothing, as the reference does; JSON has the kernel's name.
#[test]
fn an_empty_command_line() {
    let tree = Tree::new("empty")
        .file("net/tcp", format!("header\n{}", row(80, 1001)))
        .file("10/cmdline", "")
        .file("10/comm", "a name\n")
        .link("10/fd/3", "socket:[1001]");
    let text = ours("-tlnp").proc(tree.proc()).output().stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.ends_with(" LISTEN      10/                 \n"),
        "{text}"
    );
    let records = records(&ours("-tlnp --json --show command").proc(tree.proc()));
    assert_eq!(records[0]["program_name"], "a name");
    let owners = json!([{"pid": 10, "program": "a name", "comm": "a name", "cmdline": []}]);
    assert_eq!(records[0]["owners"], owners);
}

/// Records of unix sockets have the same fields with and without a column of inodes.
#[test]
fn unix_sockets_without_inodes() {
    let table = |heading: &str, row: &str| {
        Tree::new("unix").file(
            "net/unix",
            format!("Num RefCount Protocol Flags Type St {heading}\n0: 2 0 10000 1 01 {row}\n"),
        )
    };
    let fields = |tree: &Tree, args: &str| {
        let records = records(&ours(args).proc(tree.proc()));
        let record = records[0].as_object().unwrap();
        let names: Vec<String> = record.keys().cloned().collect();
        (names, record["path"].clone(), record["inode"].clone())
    };
    for args in ["-xa --json", "-xap --json"] {
        let (with, path, inode) = fields(&table("Inode Path", "7 /dev/log"), args);
        assert_eq!((path, inode), (json!("/dev/log"), json!(7)));
        for row in ["/dev/log", "7 /dev/log"] {
            let (without, path, inode) = fields(&table("Path", row), args);
            assert_eq!(without, with, "{args}");
            assert_eq!((path, inode), (json!("/dev/log"), Value::Null));
        }
    }
}

/// What follows is on the live system.
#[test]
#[ignore = "needs root and net-tools"]
fn a_thread_with_descriptors_of_its_own() {
    in_new_world(|_| {
        let (send, receive) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                unshare(CloneFlags::CLONE_FILES).unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                send.send(port(&listener)).unwrap();
                let _ = stopped.recv();
            });
            let port = receive.recv().unwrap();
            let pid = std::process::id();
            let records = records(&ours("-tlnp --json"));
            assert_eq!(at(&records, port)["pid"], pid);
            assert_eq!(at(&records, port)["owner_unknown"], Value::Null);
            let text = String::from_utf8(ours("-tlnp").output().stdout).unwrap();
            assert!(text.contains(&format!(" {pid}/")), "{text}");
            let records = self::records(&ours(&format!("-tln --json --pid {pid}")));
            at(&records, port);
            drop(stop);
        });
    });
}

/// A process whose first thread has ended while another one lives, with the listener and nothing else open.
#[expect(
    unsafe_code,
    reason = "only C ends one thread of a process; the child of a process with threads does nothing else"
)]
fn without_first_thread(listener: TcpListener) -> Pid {
    use std::os::fd::AsRawFd;
    // SAFETY: the child closes descriptors, starts a thread that sleeps, and ends its own.
    match unsafe { nix::unistd::fork() }.unwrap() {
        nix::unistd::ForkResult::Parent { child } => child,
        nix::unistd::ForkResult::Child => {
            for descriptor in 0..4096 {
                if descriptor != listener.as_raw_fd() {
                    let _ = nix::unistd::close(descriptor);
                }
            }
            let _ = thread::Builder::new().spawn(|| {
                loop {
                    thread::sleep(Duration::from_secs(600));
                }
            });
            // SAFETY: ends this thread; nothing of it is used by the other one.
            unsafe { libc::syscall(libc::SYS_exit, 0) };
            unreachable!()
        }
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_process_whose_first_thread_has_ended() {
    in_new_world(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port(&listener);
        let child = without_first_thread(listener);
        let pid = child.as_raw();
        wait_for("the first thread's end", || {
            let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            status.contains(") Z ")
        });
        let records = records(&ours("-tlnp --json --show command"));
        let record = at(&records, port).clone();
        let filtered = self::records(&ours(&format!("-tln --json --pid {pid}")));
        let text = String::from_utf8(ours("-tlnp").output().stdout).unwrap();
        kill(child, Signal::SIGKILL).unwrap();
        nix::sys::wait::waitpid(child, None).unwrap();
        assert_eq!(record["pid"], pid, "{record}");
        assert_ne!(record["owners"][0]["cmdline"], json!([]));
        at(&filtered, port);
        assert!(text.contains(&format!(" {pid}/")), "{text}");
    });
}

/// What comes and goes in a process with many descriptors.
#[derive(Clone, Copy, Debug)]
enum Churn {
    /// So many sockets at once, on numbers below those that stay.
    Sockets(usize),
    /// Connections that a proxy accepts.
    Connections,
}

/// All sockets that stay have their owner in all runs, or in those that ten seconds take on a busy machine.
fn every_socket_has_its_owner(churn: Churn, steady: usize, runs: usize) {
    let room = match churn {
        Churn::Sockets(count) => count,
        Churn::Connections => 0,
    };
    let open = || UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut below: Vec<UdpSocket> = (0..room).map(|_| open()).collect();
    let above: Vec<UdpSocket> = (0..steady).map(|_| open()).collect();
    let ports: HashSet<u64> = above
        .iter()
        .map(|socket| socket.local_addr().unwrap().port().into())
        .collect();
    below.clear();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (running, listener) = (|| !stop.load(Ordering::Relaxed), &listener);
        scope.spawn(move || match churn {
            Churn::Sockets(count) => {
                while running() {
                    let sockets: Vec<UdpSocket> = (0..count).map(|_| open()).collect();
                    drop(sockets);
                }
            }
            Churn::Connections => {
                let mut kept: Vec<TcpStream> = Vec::new();
                while running() {
                    let Ok(near) = TcpStream::connect(address) else {
                        continue;
                    };
                    kept.push(near);
                    kept.push(listener.accept().unwrap().0);
                    if kept.len() > 200 {
                        kept.clear();
                    }
                }
            }
        });
        let begin = Instant::now();
        for number in 0..runs {
            if begin.elapsed() > Duration::from_secs(10) {
                eprintln!("{churn:?}, {steady}: {number} runs");
                break;
            }
            let records = records(&ours("-uanp --json"));
            let of_steady = records.iter().filter(|record| {
                let port = record["local_port_num"].as_u64();
                port.is_some_and(|port| ports.contains(&port))
            });
            let without = of_steady
                .filter(|record| record["pid"] != std::process::id())
                .count();
            if without > 0 {
                stop.store(true, Ordering::Relaxed);
                panic!("{churn:?}, {steady}, run {number}: {without} without an owner");
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// How many descriptors lie in the last step of numbers that are tried decides how often one is missed that is not looked for behind them.
#[test]
#[ignore = "needs root and net-tools"]
fn large_processes_that_open_others_meanwhile() {
    in_new_world(|_| {
        for (passing, steady) in [(300, 1300), (600, 1500), (600, 2000), (1200, 2600)] {
            every_socket_has_its_owner(Churn::Sockets(passing), steady, 40);
        }
        every_socket_has_its_owner(Churn::Connections, 1500, 40);
    });
}

/// A process that holds its memory lock for ever: the loader maps a library from a file whose server does not answer.
fn hung(file: &Unanswered, listener: TcpListener) -> Reaped {
    let mut command = Command::new("/bin/sleep");
    command
        .arg0("a-title")
        .arg(A_DAY)
        .env("LD_PRELOAD", file.file())
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Reaped(command.spawn().unwrap())
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_command_line_that_never_comes() {
    in_new_world(|world| {
        let libc = fs::read_to_string("/proc/self/maps").unwrap();
        let libc = libc.lines().find_map(|line| {
            line.split_whitespace()
                .nth(5)
                .filter(|path| path.contains("libc"))
        });
        let libc = fs::read(libc.expect("a C library to load")).unwrap();
        let Some(file) = Unanswered::mount(libc) else {
            return;
        };
        let path = file.file();
        let reader = Command::new("/bin/cat")
            .arg(&path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let reader = Reaped(reader);
        wait_for("the reader", || file.is_waited_for());
        let bind = || TcpListener::bind("127.0.0.1:0").unwrap();
        let listeners = [bind(), bind(), bind()];
        let ports = listeners.each_ref().map(port);
        let ordinary = bind();
        let of_ordinary = port(&ordinary);
        world.holder("ordinary", ordinary);
        let holders = listeners.map(|listener| hung(&file, listener));
        for holder in &holders {
            let pid = holder.pid();
            // It waits for the page and does not for any signal.
            wait_for("the lock", || {
                let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
                status.contains("(sleep) D ")
            });
        }
        let timed = |args: &str| {
            let begin = Instant::now();
            let outcome = ours(args).output();
            (outcome, begin.elapsed())
        };
        let (outcome, time) = timed("-tlnp");
        let (_, time_of_json) = timed("-tlnp --json --show command");
        let records = records(&ours("-tlnp --json --show command"));
        let (passes, time_of_passes) = timed("-tlnp -c --count 100 --interval 0.01");
        drop(file);
        drop(reader);

        let text = String::from_utf8(outcome.stdout).unwrap();
        for (holder, port) in holders.iter().zip(ports) {
            let pid = holder.pid();
            assert!(text.contains(&format!(" {pid}/sleep ")), "{text}");
            let owners =
                json!([{"pid": pid, "program": "sleep", "comm": "sleep", "cmdline": null}]);
            assert_eq!(at(&records, port)["owners"], owners);
        }
        assert!(text.contains("/ordinary "), "{text}");
        assert_eq!(at(&records, of_ordinary)["program_name"], "ordinary");
        // A second and whatever a busy machine adds to it.
        let most = Duration::from_secs(60);
        assert!(time < most, "{time:?}");
        assert!(time_of_json < most, "{time_of_json:?}");
        // Who was waited for once is not waited for again, which would take more than a second for each of them.
        assert!(time_of_passes < most, "{time_of_passes:?}");
        eprintln!("{time:?}, JSON {time_of_json:?}, a hundred passes {time_of_passes:?}");
        let passes = String::from_utf8(passes.stdout).unwrap();
        assert_eq!(passes.matches("/sleep ").count(), 300, "{passes}");
    });
}

/// 400 processes hold a socket, each with a command line of two megabytes.
#[test]
#[ignore = "needs root and net-tools"]
fn memory_for_many_owners() {
    in_new_world(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port(&listener);
        let fifo = tempfile::tempdir().unwrap();
        let fifo = fifo.path().join("fifo");
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let script = "exec 5<&0 </dev/null; i=0; \
            while [ $i -lt 400 ]; do ( read x <\"$0\" ) & i=$((i+1)); done; wait";
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", script])
            .arg(&fifo)
            .args(vec!["x".repeat(100_000); 20])
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .process_group(0);
        let parent = Reaped(command.spawn().unwrap());
        // It holds the listener, too.
        drop(command);
        let pid = parent.pid();
        wait_for("the children", || {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
            children.unwrap().split_whitespace().count() == 400
        });

        // It writes more than the pipe takes, and waits with the row in memory.
        let mut netstat = Reaped(
            Command::new(NETSTAT)
                .args(["-tlnp", "--json", "--show", "command"])
                .env("LC_ALL", "C")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let status = format!("/proc/{}/status", netstat.pid());
        let field = |name: &str| {
            let status = fs::read_to_string(&status).unwrap();
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim().to_owned()
        };
        let mut stdout = netstat.0.stdout.take().unwrap();
        let mut first = [0];
        stdout.read_exact(&mut first).unwrap();
        wait_for("the row", || field("State:").starts_with('S'));
        let peak = field("VmHWM:");
        let mut json = first.to_vec();
        stdout.read_to_end(&mut json).unwrap();

        let records: Vec<Value> = serde_json::from_slice(&json).unwrap();
        let record = at(&records, port);
        assert_eq!(record["owners_total"], 401);
        assert_eq!(record["owners"].as_array().unwrap().len(), 64);
        assert_eq!(record["owners"][0]["pid"], pid);
        assert_eq!(record["owners"][0]["cmdline_truncated"], true);
        assert!(json.len() < 400_000, "{}", json.len());
        let kibibytes: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
        eprintln!("peak {peak}, {} bytes", json.len());
        assert!(kibibytes <= 20 << 10, "{peak}");
    });
}
