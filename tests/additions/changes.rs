//! `--changes`: one report, and then only what differs.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::json_schema::assert_fits;
use super::{assert_refused, ours, text};
use crate::support::name_server::{Conduct, NameServer, asking_etc, name_of};
use crate::support::program::mount_over;
use crate::support::running::Running;
use crate::support::sockets;
use crate::support::tree::Tree;
use crate::support::world::{A_DAY, begun, in_new_world, wait_for};
use netstat::stage::changes::GRACE;

/// The program while it watches.
struct Watch(Running);

impl Deref for Watch {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.0
    }
}

impl Watch {
    fn start(args: &str) -> Self {
        Watch(Running::start(args))
    }

    /// The changes without their times, blanks at their ends and figures.
    fn changes(&self) -> Vec<String> {
        let lines = self.lines();
        let changes = lines.iter().filter_map(|line| change(line));
        changes.map(|line| plain(line).to_owned()).collect()
    }

    /// Waits until this change has come as often as `count`.
    #[track_caller]
    fn await_change(&self, change: &str, count: usize) {
        let seen = || self.changes().iter().filter(|line| *line == change).count() == count;
        let begin = Instant::now();
        while !seen() {
            assert!(
                begin.elapsed() < Duration::from_secs(60),
                "waited in vain for {change:?}: {:#?}",
                self.lines()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Takes the room for what the kernel tells from the program.
    fn leave_no_room(&self) {
        let pid = i32::try_from(self.pid()).unwrap();
        let process = Pid::from_raw(pid).unwrap();
        let process = pidfd_open(process, PidfdFlags::empty()).unwrap();
        let mut left = 0;
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).unwrap() {
            let entry = entry.unwrap();
            let number = entry.file_name().to_str().unwrap().parse().unwrap();
            let is_socket = fs::read_link(entry.path())
                .is_ok_and(|link| link.to_string_lossy().starts_with("socket:"));
            if is_socket {
                let socket = pidfd_getfd(&process, number, PidfdGetfdFlags::empty()).unwrap();
                set_socket_recv_buffer_size(&socket, 1).unwrap();
                left += 1;
            }
        }
        assert_eq!(left, 1, "sockets while it waits");
    }
}

/// What follows the time of a line, if it is that of a change.
fn change(line: &str) -> Option<&str> {
    let (time, change) = line.split_at_checked(13)?;
    let digits = |byte: u8| {
        if byte.is_ascii_digit() {
            '0'
        } else {
            byte.into()
        }
    };
    let form: String = time.bytes().map(digits).collect();
    (form == "00:00:00.000 ").then_some(change)
}

fn plain(change: &str) -> &str {
    change.split(" sent ").next().unwrap().trim_end()
}

/// A row of the text format.
fn row(protocol: &str, local: SocketAddr, remote: Option<SocketAddr>, state: &str) -> String {
    let any = if local.is_ipv4() { "0.0.0.0:*" } else { ":::*" };
    let end = |address: SocketAddr| format!("{}:{}", address.ip(), address.port());
    let remote = remote.map_or_else(|| any.to_owned(), end);
    let text = format!(
        "{protocol:<6}     0      0 {:<23} {remote:<23} {state}",
        end(local)
    );
    text.trim_end().to_owned()
}

const LOCAL: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

#[test]
#[ignore = "needs root and net-tools"]
fn every_socket_that_opens_and_closes_is_told_of() {
    in_new_world(|_| {
        let watch = Watch::start("--changes -tuan --interval 0.3");
        watch.await_lines(2);
        let listener = TcpListener::bind(LOCAL).unwrap();
        let server = listener.local_addr().unwrap();
        let listens = row("tcp", server, None, "LISTEN");
        watch.await_change(&format!("+ {listens}"), 1);
        let (mut near, mut far) = sockets::pair_to(&listener, server);
        let client = near.local_addr().unwrap();
        let [there, here] = [(client, server), (server, client)]
            .map(|(local, remote)| row("tcp", local, Some(remote), "ESTABLISHED"));
        watch.await_change(&format!("+ {there}"), 1);
        watch.await_change(&format!("+ {here}"), 1);
        near.write_all(&[7; 4821]).unwrap();
        far.read_exact(&mut [0; 4821]).unwrap();
        far.write_all(&[7; 99]).unwrap();
        near.read_exact(&mut [0; 99]).unwrap();
        // It is told of when its socket is no more, though TIME_WAIT stays. No look meets it on its way there.
        let close = |socket: TcpStream| {
            watch.while_stopped(|| {
                let before = told();
                drop(socket);
                wait_for("word of it", || told() != before);
            });
        };
        close(near);
        watch.await_change(&format!("- {there}"), 1);
        let half_closed = row("tcp", server, Some(client), "ESTABLISHED->CLOSE_WAIT");
        // The end of the stream waits to be read.
        let half_closed = half_closed.replacen("     0", "     1", 1);
        watch.await_change(&format!("~ {half_closed}"), 1);
        close(far);
        let closed = half_closed.replace("ESTABLISHED->", "");
        watch.await_change(&format!("- {closed}"), 1);

        let datagrams = UdpSocket::bind(LOCAL).unwrap();
        let bound = row("udp", datagrams.local_addr().unwrap(), None, "");
        watch.await_change(&format!("+ {bound}"), 1);
        drop(datagrams);
        watch.await_change(&format!("- {bound}"), 1);
        let datagrams = UdpSocket::bind(LOCAL).unwrap();
        let local = datagrams.local_addr().unwrap();
        datagrams.connect(server).unwrap();
        let connected = row("udp", local, Some(server), "ESTABLISHED");
        watch.await_change(&format!("+ {connected}"), 1);
        drop(datagrams);
        watch.await_change(&format!("- {connected}"), 1);
        drop(listener);
        watch.await_change(&format!("- {listens}"), 1);

        let lines = watch.lines();
        assert_eq!(watch.changes().len(), 11, "{lines:#?}");
        let figures: Vec<&str> = lines
            .iter()
            .filter_map(|line| Some(line.split_once(" sent ")?.1))
            .collect();
        assert_eq!(figures.len(), 2, "{lines:#?}");
        for (figures, sent, received) in [
            // The last byte is the other end's last word.
            (figures[0], "4821", ["99", "100"]),
            (figures[1], "99", ["4821", "4822"]),
        ] {
            let words: Vec<&str> = figures.split(' ').collect();
            assert_eq!(
                [words[0], words[1], words[3], words[5]],
                [sent, "received", "retransmitted", "rtt"],
                "{figures}"
            );
            assert!(received.contains(&words[2]), "{figures}");
            let (_, thousandths) = words[6].split_once('.').unwrap();
            assert!(words.len() == 7 && thousandths.len() == 3, "{figures}");
        }
        assert_eq!(watch.messages(), [""; 0]);
    });
}

/// A process called `name` that holds a socket.
fn service(name: &str, listener: TcpListener) -> Child {
    begun(
        Command::new("/bin/sleep")
            .arg0(name)
            .arg(A_DAY)
            .stdin(Stdio::from(OwnedFd::from(listener))),
    )
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_service_that_is_started_anew_is_no_change() {
    in_new_world(|_| {
        let listener = TcpListener::bind(LOCAL).unwrap();
        let address = listener.local_addr().unwrap();
        let mut process = service("service", listener);
        let mut udp = Some(UdpSocket::bind(LOCAL).unwrap());
        let datagrams = udp.as_ref().unwrap().local_addr().unwrap();
        let watch = Watch::start("--changes -tulanp --interval 0.2");
        watch.await_lines(4);
        let mut marks = Vec::new();
        let mut expected = 0;
        for name in ["service", "service", "other"] {
            let old = process.id();
            let (row, mark) = watch.while_stopped(|| {
                process.kill().unwrap();
                process.wait().unwrap();
                process = service(name, TcpListener::bind(address).unwrap());
                drop(udp.take());
                udp.replace(UdpSocket::bind(datagrams).unwrap());
                let mark = TcpListener::bind(LOCAL).unwrap();
                let row = row("tcp", mark.local_addr().unwrap(), None, "LISTEN");
                (row, service("mark", mark))
            });
            watch.await_change(&format!("+ {row}      {}/mark", mark.id()), 1);
            marks.push(mark);
            expected += 1;
            if name == "other" {
                let listens = |sign, pid, name| {
                    let row = self::row("tcp", address, None, "LISTEN");
                    format!("{sign} {row}      {pid}/{name}")
                };
                watch.await_change(&listens('-', old, "service"), 1);
                watch.await_change(&listens('+', process.id(), name), 1);
                expected += 2;
            }
        }
        // Nor is there anything to come.
        thread::sleep(GRACE * 3);
        assert_eq!(watch.changes().len(), expected, "{:#?}", watch.lines());
        for mut process in marks.into_iter().chain([process]) {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    });
}

/// Each is told of once at either end, though most were never in a report.
#[test]
#[ignore = "needs root and net-tools"]
fn short_connections_are_told_of_once() {
    const CONNECTIONS: usize = 2000;
    in_new_world(|_| {
        let watch = Watch::start("--changes -tn --interval 0.1");
        watch.await_lines(2);
        let listener = TcpListener::bind(LOCAL).unwrap();
        let server = listener.local_addr().unwrap();
        let gone = || {
            let mut gone: BTreeMap<(SocketAddr, SocketAddr), usize> = BTreeMap::new();
            for line in watch.changes().iter().filter(|line| line.starts_with('-')) {
                let words: Vec<&str> = line.split_whitespace().collect();
                let ends = (words[4].parse().unwrap(), words[5].parse().unwrap());
                *gone.entry(ends).or_insert(0) += 1;
            }
            gone
        };
        let mut expected = BTreeMap::new();
        for number in 0..CONNECTIONS {
            let (near, far) = sockets::pair_to(&listener, server);
            let client = near.local_addr().unwrap();
            *expected.entry((client, server)).or_insert(0) += 1;
            *expected.entry((server, client)).or_insert(0) += 1;
            // Either end goes first, and some stay for a while.
            match number % 3 {
                0 => drop((near, far)),
                1 => drop((far, near)),
                _ => {
                    drop(far);
                    thread::sleep(Duration::from_millis(3));
                    drop(near);
                }
            }
            // On a busy machine the program may come to its turn late, and the kernel keeps but so much for it.
            if number % 250 == 249 {
                let begin = Instant::now();
                while gone() != expected && begin.elapsed() < Duration::from_secs(60) {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
        // None is told of later.
        thread::sleep(GRACE * 3);
        let gone = gone();
        let wrong: Vec<_> = expected
            .iter()
            .filter(|(ends, count)| gone.get(ends) != Some(count))
            .collect();
        let of_wrong: Vec<String> = wrong
            .iter()
            .flat_map(|((local, _), _)| {
                let lines = watch.lines();
                let local = format!(" {local} ");
                lines.into_iter().filter(move |line| line.contains(&local))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}: {of_wrong:#?}");
        assert_eq!(gone, expected);
        assert_eq!(watch.messages(), [""; 0]);
        // What was told of the other way was each new once and changed its state.
        for line in watch.changes() {
            assert!(line.starts_with(['+', '-', '~']), "{line}");
        }
    });
}

/// What the sockets of netlink in this network namespace hold and have lost.
#[derive(PartialEq)]
struct Told {
    bytes: u64,
    losses: u64,
}

fn told() -> Told {
    let table = fs::read_to_string("/proc/thread-self/net/netlink").unwrap();
    let sum = |column| {
        let words = table.lines().skip(1).map(|line| {
            let word = line.split_whitespace().nth(column).unwrap();
            word.parse::<u64>().unwrap()
        });
        words.sum()
    };
    Told {
        bytes: sum(4),
        losses: sum(8),
    }
}

/// More than there is room for, while the program cannot listen.
#[test]
#[ignore = "needs root and net-tools"]
fn what_was_lost_is_said() {
    in_new_world(|_| {
        let stays = UdpSocket::bind(LOCAL).unwrap();
        let goes = UdpSocket::bind(LOCAL).unwrap();
        let watch = Watch::start("--changes -uan --interval 30");
        watch.await_lines(4);
        let row_of = |socket: &UdpSocket| row("udp", socket.local_addr().unwrap(), None, "");
        let (gone, there) = (row_of(&goes), row_of(&stays));
        let new = watch.while_stopped(|| {
            watch.leave_no_room();
            // The kernel tells a while after the fact: each by itself until one is lost, and with it all that come later.
            while told().losses == 0 {
                let before = told();
                drop(UdpSocket::bind(LOCAL).unwrap());
                wait_for("word of it", || told() != before);
            }
            let more = 50;
            for _ in 0..more {
                drop(UdpSocket::bind(LOCAL).unwrap());
            }
            let new = UdpSocket::bind(LOCAL).unwrap();
            drop(goes);
            wait_for("all losses", || told().losses == 1 + more + 1);
            new
        });
        // The table is read anew long before it is time.
        watch.await_change(&format!("- {gone}"), 1);
        watch.await_change(&format!("+ {}", row_of(&new)), 1);
        assert_eq!(
            watch.messages(),
            ["netstat: more sockets closed than could be heard of; the tables are read anew."]
        );
        assert!(!watch.changes().iter().any(|line| line.ends_with(&there)));
        // They go on being told of.
        let late = UdpSocket::bind(LOCAL).unwrap();
        let (local, remote) = (late.local_addr().unwrap(), stays.local_addr().unwrap());
        late.connect(remote).unwrap();
        drop(late);
        let late = row("udp", local, Some(remote), "ESTABLISHED");
        watch.await_change(&format!("- {late}"), 1);
    });
}

/// Anybody may listen; filters and fields mean what they mean in reports.
#[test]
#[ignore = "needs root and net-tools"]
fn filters_choose_among_what_closes() {
    in_new_world(|_| {
        let listener = TcpListener::bind(LOCAL).unwrap();
        let other = TcpListener::bind(LOCAL).unwrap();
        let port = listener.local_addr().unwrap().port();
        let options = [
            (format!("-tan --port {port}"), 10),
            (format!("-tan --only local_port_num={port}"), 5),
            ("-tln".to_owned(), 0),
            ("-uan".to_owned(), 0),
            ("-tan6".to_owned(), 0),
            ("-tan --state LISTEN".to_owned(), 0),
            ("-tan --json-lines --show bytes_sent,drops".to_owned(), 20),
            ("-tane --sort local_port".to_owned(), 20),
        ];
        let watches = options.map(|(options, expected)| {
            let args = format!("--changes --interval 0.2 {options}");
            let watch = Watch(Running::start_as(&args, 65534));
            (options, watch, expected)
        });
        for (_, watch, _) in &watches {
            watch.await_lines(1);
        }
        for _ in 0..5 {
            for listener in [&listener, &other] {
                let address = listener.local_addr().unwrap();
                let (mut near, far) = sockets::pair_to(listener, address);
                near.write_all(b"x").unwrap();
                drop((far, near));
            }
        }
        let gone = |watch: &Watch| {
            let is_gone = |line: &&String| {
                line.contains(r#""change":"gone""#)
                    || change(line).is_some_and(|line| line.starts_with('-'))
            };
            watch.lines().iter().filter(is_gone).count()
        };
        for (options, watch, expected) in &watches {
            wait_for(options, || gone(watch) >= *expected);
        }
        thread::sleep(GRACE * 3);
        for (options, watch, expected) in &watches {
            assert_eq!(gone(watch), *expected, "{options}: {:#?}", watch.lines());
            for line in watch.lines().iter().filter(|line| line.starts_with('{')) {
                assert_fits(&serde_json::from_str(line).unwrap(), line);
                assert_eq!(line.matches("bytes_sent").count(), 1, "{line}");
            }
        }
    });
}

/// Of a socket that no look has seen the kernel tells neither user nor inode, and no column makes them up.
#[test]
#[ignore = "needs root and net-tools"]
fn what_nobody_has_told_is_not_shown() {
    in_new_world(|_| {
        let watch = Watch::start("--changes -tan --interval 100 --show uid,user,inode");
        watch.await_lines(2);
        let listener = TcpListener::bind(LOCAL).unwrap();
        drop(sockets::pair_to(&listener, listener.local_addr().unwrap()));
        watch.await_lines(4);
        for change in watch.changes() {
            let (_, columns) = change.split_once(" CLOSE ").unwrap();
            let columns: Vec<&str> = columns.split_whitespace().collect();
            assert_eq!(columns, ["-"; 3], "{change}");
        }
    });
}

/// A table of tcp: the number of the port in hexadecimal, the state, the inode.
fn tcp(rows: &[(&str, &str, u64)]) -> String {
    let mut table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n".to_owned();
    for (index, (ends, state, inode)) in rows.iter().enumerate() {
        table += &format!(
            "{index:4}: {ends} {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0000000000000000 100 0 0 10 0\n"
        );
    }
    table
}

const LISTENER: &str = "0100007F:0050 00000000:0000";
const CONNECTION: &str = "0100007F:0050 0100007F:9C40";

/// Replaces a file as a whole.
fn replace(directory: &Path, contents: &str) {
    let new = directory.join("new");
    fs::write(&new, contents).unwrap();
    fs::rename(new, directory.join("net/tcp")).unwrap();
}

/// Below another root only reports count; what they have in common decides.
#[test]
fn reports_are_compared_row_by_row() {
    let [served, connected] = [
        "tcp        0      0 127.0.0.1:80            0.0.0.0:*               LISTEN",
        "tcp        0      0 127.0.0.1:80            127.0.0.1:40000         ",
    ];
    for (before, after, expected) in [
        // The inode of what listens is not what it is known by, and how many there are counts.
        (
            &[(LISTENER, "0A", 5)][..],
            &[(LISTENER, "0A", 6)][..],
            vec![],
        ),
        (
            &[(LISTENER, "0A", 5), (LISTENER, "0A", 6)],
            &[(LISTENER, "0A", 7)],
            vec![format!("- {served}")],
        ),
        (
            &[(LISTENER, "0A", 7)],
            &[(LISTENER, "0A", 5), (LISTENER, "0A", 6)],
            vec![format!("+ {served}")],
        ),
        // A connection is known by its ends and its inode.
        (
            &[(CONNECTION, "01", 5)],
            &[(CONNECTION, "08", 5)],
            vec![format!("~ {connected}ESTABLISHED->CLOSE_WAIT")],
        ),
        (
            &[(CONNECTION, "01", 5)],
            &[(CONNECTION, "01", 6)],
            vec![
                format!("+ {connected}ESTABLISHED"),
                format!("- {connected}ESTABLISHED"),
            ],
        ),
        // It has no inode before it is accepted, and none any more when its process has left it.
        (&[(CONNECTION, "01", 0)], &[(CONNECTION, "01", 5)], vec![]),
        (
            &[(CONNECTION, "03", 0)],
            &[(CONNECTION, "01", 5)],
            vec![format!("~ {connected}SYN_RECV->ESTABLISHED")],
        ),
        (
            &[(CONNECTION, "01", 5)],
            &[(CONNECTION, "06", 0)],
            vec![format!("~ {connected}ESTABLISHED->TIME_WAIT")],
        ),
        // Where there is one again, it is another.
        (
            &[(CONNECTION, "06", 0)],
            &[(CONNECTION, "01", 5)],
            vec![
                format!("+ {connected}ESTABLISHED"),
                format!("- {connected}TIME_WAIT"),
            ],
        ),
        (
            &[(CONNECTION, "01", 5)],
            &[(CONNECTION, "03", 0)],
            vec![
                format!("+ {connected}SYN_RECV"),
                format!("- {connected}ESTABLISHED"),
            ],
        ),
        (
            &[(LISTENER, "0A", 5), (CONNECTION, "01", 6)],
            &[],
            vec![format!("- {served}"), format!("- {connected}ESTABLISHED")],
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("net")).unwrap();
        replace(directory.path(), &tcp(before));
        let root = directory.path().display();
        let watch = Watch::start(&format!(
            "--changes -tan4 --interval 0.01 --proc-root {root}"
        ));
        watch.await_lines(2 + before.len());
        replace(directory.path(), &tcp(after));
        // What comes last tells that the rest has come.
        let end = "0100007F:0001 00000000:0000";
        let last = [after, &[(end, "0A", 9)]].concat();
        thread::sleep(Duration::from_millis(50));
        replace(directory.path(), &tcp(&last));
        watch.await_change(
            "+ tcp        0      0 127.0.0.1:1             0.0.0.0:*               LISTEN",
            1,
        );
        let lines = 2 + before.len() + expected.len() + 1;
        watch.await_lines(lines);
        let mut changes = watch.changes();
        // On a busy machine both come with the same look.
        changes.retain(|change| !change.contains(" 127.0.0.1:1 "));
        assert_eq!(changes, expected, "{before:?} {after:?}");
        assert_eq!(watch.lines().len(), lines);
    }
}

/// Counters, timers, references and the order of rows are no change, nor is any message repeated.
#[test]
fn what_stays_is_not_told_of() {
    for (tree, options) in [
        ("busy-server", "-an"),
        ("busy-server", "-anp --sort local_port"),
        ("routes", "-rn46"),
        ("groups", "-gn"),
        ("unix-sockets", "-xa"),
        ("old-families", "-an"),
        ("legacy-routes", "-rA ddp"),
    ] {
        let tree = Tree::committed(tree);
        let proc = tree.proc();
        let once = ours(options).proc(proc).output();
        let watched = ours(&format!("{options} --changes --count 3 --interval 0.01"))
            .proc(proc)
            .output();
        assert_eq!(text(&watched), text(&once), "{} {options}", tree.name());
    }
}

/// Look-ups of names make sockets, too.
#[test]
#[ignore = "needs root and net-tools"]
fn our_own_sockets_are_not_told_of() {
    in_new_world(|_| {
        let etc = asking_etc("", "timeout:5 attempts:2");
        mount_over(etc.path(), Path::new("/etc"));
        let _server = NameServer::start(Conduct::default());
        let watch = Watch::start("--changes -tuaW --numeric-ports --interval 0.3");
        watch.await_lines(3);
        for last in 2..6 {
            let there = Ipv4Addr::new(127, 0, 0, last);
            let listener = TcpListener::bind((there, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            drop(sockets::pair_to(&listener, address));
            let named = format!("{}:{}", name_of(there), address.port());
            wait_for("both ends", || {
                let changes = watch.changes();
                let gone = changes.iter().filter(|line| line.starts_with('-'));
                gone.filter(|line| line.contains(&named)).count() >= 2
            });
        }
        thread::sleep(GRACE * 3);
        let asked: Vec<String> = watch.changes();
        let asked: Vec<&String> = asked.iter().filter(|line| line.contains(":53 ")).collect();
        assert!(asked.is_empty(), "{asked:#?}");
    });
}

/// A reader that leaves ends the program at the next change, without a word.
#[test]
#[ignore = "needs root and net-tools"]
fn a_reader_may_leave() {
    in_new_world(|_| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_netstat"))
            .args(["--changes", "-tan"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        drop(stdout);
        let listener = TcpListener::bind(LOCAL).unwrap();
        drop(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    });
}

#[test]
fn misuse_is_refused() {
    for (args, message) in [
        (
            "--changes -s",
            "option '--changes' cannot be used with '--statistics'; for counters there is '--per-second'",
        ),
        (
            "--changes -M",
            "option '--changes' cannot be used with '--masquerade'",
        ),
        (
            "--changes --json",
            "option '--changes' cannot be used with '--json'; there is '--json-lines'",
        ),
        (
            "--changes --count-by state",
            "option '--changes' cannot be used with '--count-by'",
        ),
        (
            "--changes -i --openmetrics",
            "option '--changes' cannot be used with '--openmetrics'",
        ),
        (
            "--changes --since x",
            "option '--since' cannot be used with '--changes'",
        ),
        (
            "-c --since x",
            "option '--since' cannot be used with '--continuous'",
        ),
        (
            "--all-netns --since x",
            "option '--since' cannot be used with '--all-netns'",
        ),
        (
            "--since x -s",
            "option '--since' cannot be used with '--statistics'; for counters there is '--per-second'",
        ),
        (
            "--since x --json",
            "option '--since' cannot be used with '--json'; there is '--json-lines'",
        ),
        (
            "--since=",
            "option '--since' takes a file of '--json-lines', not ''",
        ),
    ] {
        assert_refused(&ours(args).output(), message, 3);
    }
}
