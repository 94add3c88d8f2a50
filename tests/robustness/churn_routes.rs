//! Routes that stay, among thousands a second that come and go: each is shown once, from whichever source.
//!
//! `NETSTAT_CHURN_RUNS` is the number of runs for each source, 25 if it is not set.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::churn::{SOURCES, runs};
use super::support::program::{Program, Run};
use super::support::stop::StopOnDrop;
use super::support::world::{World, in_new_world};

/// How many addresses have routes that stay. The table takes many times what the kernel hands out at once.
const ADDRESSES: u32 = 3000;

/// How many routes of different metrics one address has before them: more than the kernel hands out at once.
const METRICS: u32 = 1500;
const CROWDED: Ipv4Addr = Ipv4Addr::new(19, 0, 0, 0);

/// The metrics of what comes and goes at an address, before, between and behind those that stay.
const PASSING: [u32; 3] = [5, 15, 25];

fn address(number: u32) -> Ipv4Addr {
    (0x1400_0000 + (number << 8)).into()
}

/// A process that does what it is told to the routes.
fn ip() -> Child {
    let mut command = Command::new("ip");
    command
        .args(["-force", "-batch", "-"])
        .stdin(Stdio::piped());
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().expect("iproute2 is installed")
}

/// Several routes of different metrics and masks at each address, all of which are in one leaf of the kernel's trie; every third has
/// but one.
fn staying(world: &mut World) -> Vec<String> {
    let (mut batch, mut rows) = (String::new(), Vec::new());
    let mut add = |address: Ipv4Addr, length: u32, metric: u32| {
        let order = format!("route add {address}/{length} dev eth0 metric {metric}");
        writeln!(batch, "{order}").unwrap();
        let mask = Ipv4Addr::from(u32::MAX << (32 - length));
        rows.push(format!("{address} 0.0.0.0 {mask} U {metric} 0 0 eth0"));
    };
    for number in 0..METRICS {
        add(CROWDED, 24, 10 + number);
    }
    for number in 0..ADDRESSES {
        let kinds: &[(u32, u32)] = match number % 3 {
            0 => &[(24, 10)],
            _ => &[(24, 10), (24, 20), (25, 10), (28, 10)],
        };
        for &(length, metric) in kinds {
            add(address(number), length, metric);
        }
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), batch).unwrap();
    world.ip(&format!("-batch {}", file.path().display()));
    rows
}

#[test]
#[ignore = "needs root and net-tools"]
fn routes() {
    in_new_world(|world| {
        world.ip("link add eth0 type veth peer name eth1");
        world.ip("link set eth0 up");
        let staying = staying(world);
        let (stop, changes) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            let _stop = StopOnDrop(&stop);
            for number in 0..2 {
                let (stop, changes) = (&stop, &changes);
                scope.spawn(move || {
                    let mut ip = ip();
                    let mut orders = ip.stdin.take().unwrap();
                    // Neither thread waits for the other, nor do they meet at an address.
                    for step in (0u32..).map(|step| step * 7919 % ADDRESSES) {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let address = address(step / 2 * 2 + number);
                        for what in ["add", "del"] {
                            for metric in PASSING {
                                writeln!(
                                    orders,
                                    "route {what} {address}/24 dev eth0 metric {metric}"
                                )
                                .unwrap();
                            }
                            writeln!(orders, "route {what} {address}/30 dev eth0").unwrap();
                            writeln!(orders, "route {what} {CROWDED}/24 dev eth0 metric {number}")
                                .unwrap();
                        }
                        changes.fetch_add(10, Ordering::Relaxed);
                        // At most 5,000 a second by each thread.
                        thread::sleep(Duration::from_micros(2000));
                    }
                    drop(orders);
                    ip.wait().unwrap();
                });
            }
            let mut unclean = Vec::new();
            let programs = SOURCES.map(|source| (Program::Ours, source));
            let reference = [(Program::Reference, "")];
            for (program, source) in programs.into_iter().chain(reference) {
                let (mut missing, mut doubled) = (0, 0);
                let before = changes.load(Ordering::Relaxed);
                for _ in 0..runs() {
                    let run = Run::new(program, ["-rne"]).env("NETSTAT_SOCK_DIAG", source);
                    let mut seen: HashMap<String, usize> = HashMap::new();
                    for line in String::from_utf8_lossy(&run.output().stdout).lines() {
                        let words: Vec<&str> = line.split_whitespace().collect();
                        *seen.entry(words.join(" ")).or_default() += 1;
                    }
                    let counts = staying
                        .iter()
                        .map(|row| seen.get(row).copied().unwrap_or(0));
                    for count in counts {
                        missing += usize::from(count == 0);
                        doubled += usize::from(count > 1);
                    }
                }
                let changes = changes.load(Ordering::Relaxed) - before;
                let said = format!(
                    "{program:?} {source}: {} runs, {} that stay, {changes} changes: {missing} missing, {doubled} doubled",
                    runs(),
                    staying.len()
                );
                eprintln!("{said}");
                if program == Program::Ours && missing + doubled > 0 {
                    unclean.push(said);
                }
            }
            assert!(unclean.is_empty(), "{unclean:#?}");
        });
    });
}
