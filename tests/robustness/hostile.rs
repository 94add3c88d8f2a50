//! Input that somebody shaped: files of any bytes, and names on a live system that would steer a terminal or forge a row.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::program::{Ending, Outcome, Program, Run};
use crate::support::random::Random;
use crate::support::transcript::transcript;
use crate::support::tree::{Tree, copy};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Pid, SysconfVar, sysconf};

/// Every table there is, without looking up names.
const REPORTS: [&str; 32] = [
    "--json -anpe",
    "--json -rnC",
    "--json -ie",
    "--json -s",
    "--json-lines -anpeo",
    "--openmetrics -s",
    "--openmetrics -i",
    "-anpeeo",
    "-anW",
    "-tuwUSlnp",
    "-gn",
    "-xanp",
    "-s",
    "-s6",
    "-st6",
    "-rn",
    "-rne",
    "-rnee",
    "-rnC",
    "-rneeC",
    "-rn6",
    "-rnC6",
    "-rn -A ax25",
    "-rn -A netrom",
    "-rn -A rose",
    "-rn -A ipx",
    "-rn -A ddp",
    "-rn -A x25",
    "-an -A ipx,ax25,x25,netrom,rose",
    "-Mn",
    "-i",
    "-ie",
];

fn run(proc: &Path, args: &str) -> Outcome {
    Run::new(Program::Ours, args.split_whitespace())
        .proc(proc)
        .output()
}

/// Neither killed nor panicked, and no status but those of the reference.
pub fn ended_well(outcome: &Outcome) -> bool {
    matches!(outcome.ending, Ending::Exit(0 | 1 | 3 | 255))
        && !String::from_utf8_lossy(&outcome.stderr).contains("panicked")
}

/// What would steer a terminal: C0 controls but for the newline, DEL, C1 controls as characters or as single bytes.
pub fn controls(bytes: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid().chars();
        found.extend(
            valid
                .filter(|&c| c.is_control() && c != '\n')
                .map(|c| u8::try_from(u32::from(c)).unwrap()),
        );
        found.extend(chunk.invalid().iter().filter(|&&byte| byte < 0xa0));
    }
    found
}

fn fixtures() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut trees: Vec<_> = fs::read_dir(all)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("proc"))
        .filter(|proc| proc.is_dir())
        .collect();
    trees.sort();
    assert!(trees.len() > 30);
    trees
}

/// Runs `reports` reports on each fixture, changed by `change`.
fn on_changed_fixtures(
    seed: u64,
    reports: usize,
    change: impl Fn(&mut Random, Vec<u8>) -> Vec<u8>,
    check: impl Fn(&str, &Outcome) -> Result<(), String>,
) {
    let mut random = Random::new(seed);
    let mut runs = 0;
    for fixture in fixtures() {
        let directory = tempfile::tempdir().unwrap();
        copy(&fixture, &directory.path().join("proc"), &mut |_, bytes| {
            change(&mut random, bytes)
        });
        for _ in 0..reports {
            let args = REPORTS[random.below(REPORTS.len())];
            let outcome = run(&directory.path().join("proc"), args);
            let verdict = check(args, &outcome);
            assert!(
                ended_well(&outcome) && verdict.is_ok(),
                "{} {verdict:?} {}",
                fixture.display(),
                transcript(args, &outcome)
            );
            runs += 1;
        }
    }
    eprintln!("{runs} runs");
}

fn anything(_: &str, _: &Outcome) -> Result<(), String> {
    Ok(())
}

#[test]
fn control_bytes_in_any_file_come_out_as_dots() {
    let change = |random: &mut Random, mut bytes: Vec<u8>| {
        // One byte in eight, in words only, so that most lines still scan.
        for byte in bytes.iter_mut().filter(|byte| byte.is_ascii_alphabetic()) {
            if random.below(8) == 0 {
                *byte = match random.below(3) {
                    0 => [1, 7, 8, 0x0e, 0x1b, 0x1f, 0x7f][random.below(7)],
                    1 => 0x9b,
                    _ => 0x80 + u8::try_from(random.below(32)).unwrap(),
                };
            }
        }
        bytes
    };
    let check = |args: &str, outcome: &Outcome| match controls(&outcome.stdout)
        .iter()
        .chain(&controls(&outcome.stderr))
        .next()
    {
        // The names of counters are the kernel's own and come out as they are, as with the reference.
        Some(byte) if !args.starts_with("-s") => Err(format!("byte {byte:#x}")),
        _ => Ok(()),
    };
    on_changed_fixtures(1, 8, change, check);
}

#[test]
fn files_end_anywhere() {
    on_changed_fixtures(
        2,
        5,
        |random, mut bytes| {
            let end = random.below(bytes.len() + 1);
            bytes.truncate(end);
            bytes
        },
        anything,
    );
}

#[test]
fn files_have_any_bytes_in_any_place() {
    on_changed_fixtures(
        3,
        5,
        |random, mut bytes| {
            for _ in 0..bytes.len() / 20 {
                let place = random.below(bytes.len());
                bytes[place] = u8::try_from(random.below(256)).unwrap();
            }
            bytes
        },
        anything,
    );
    on_changed_fixtures(
        4,
        2,
        |random, bytes| {
            (0..bytes.len())
                .map(|_| u8::try_from(random.below(256)).unwrap())
                .collect()
        },
        anything,
    );
}

#[test]
fn lines_have_too_many_too_few_and_other_fields() {
    on_changed_fixtures(
        5,
        6,
        |random, bytes| {
            let mut words: Vec<&[u8]> = bytes
                .split_inclusive(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b':'))
                .collect();
            for _ in 0..1 + words.len() / 10 {
                let count = words.len().max(1);
                let (place, other) = (random.below(count), random.below(count));
                match random.below(4) {
                    _ if words.is_empty() => {}
                    0 => drop(words.remove(place)),
                    1 => words.insert(place, words[other]),
                    2 => words.swap(place, other),
                    _ => {
                        words[place] = [
                            &b"\0"[..],
                            b"\n",
                            b"-1 ",
                            b"99999999999999999999999999999999 ",
                            b"-99999999999999999999999999999999 ",
                            b"0x",
                            b"\xff\xfe ",
                            b"%n%s ",
                        ][random.below(8)];
                    }
                }
            }
            words.concat()
        },
        anything,
    );
}

#[test]
fn numbers_have_a_million_digits_and_lines_64_kib() {
    let long = vec![b'9'; 65_536];
    let million = vec![b'7'; 1_000_000];
    for (seed, number) in [(6, &long), (7, &million)] {
        on_changed_fixtures(
            seed,
            2,
            |random, bytes| {
                let digits: Vec<usize> = (0..bytes.len())
                    .filter(|&place| bytes[place].is_ascii_digit())
                    .collect();
                if digits.is_empty() {
                    return bytes;
                }
                let place = digits[random.below(digits.len())];
                [&bytes[..place], number, &bytes[place..]].concat()
            },
            anything,
        );
    }
}

/// What a run takes of the processors, whatever else the machine does meanwhile; to ten milliseconds.
fn time(proc: &Path, args: &str) -> Duration {
    let mut child = Command::new(env!("CARGO_BIN_EXE_netstat"))
        .arg("--proc-root")
        .arg(proc)
        .args(args.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Ended, but not yet waited for: its accounts are still there, those of its threads among them.
    let pid = i32::try_from(child.id()).unwrap();
    waitid(
        Id::Pid(Pid::from_raw(pid)),
        WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT,
    )
    .unwrap();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    assert!(child.wait().unwrap().code().is_some(), "{args}");
    // proc(5): utime and stime are the 14th and 15th field, the second is a name in brackets.
    let ticks: u64 = stat[stat.rfind(')').unwrap()..]
        .split(' ')
        .skip(12)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    let per_second = sysconf(SysconfVar::CLK_TCK).unwrap().unwrap();
    Duration::from_millis(ticks * 1000 / u64::try_from(per_second).unwrap())
}

/// Four times the input may take about four times the time, where sixteen times would be quadratic.
#[test]
fn no_table_takes_quadratic_time() {
    fn repeated(line: &str, count: usize) -> Vec<u8> {
        line.repeat(count).into_bytes()
    }
    fn numbered(count: usize, line: impl Fn(usize) -> String) -> Vec<u8> {
        (0..count).flat_map(|n| line(n).into_bytes()).collect()
    }
    type Make = fn(usize) -> Vec<u8>;
    let cases: [(&str, &str, Make); 18] = [
        ("net/tcp", "-tanp", |n| {
            numbered(n, |n| {
                format!("0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 {n}\n")
            })
        }),
        ("net/tcp", "-tan", |n| repeated("bogus\n", n)),
        ("net/tcp", "-tan", |n| repeated("x", 50 * n)),
        ("net/tcp", "-tan", |n| repeated("9", 50 * n)),
        ("net/tcp", "-tan", |n| repeated("\0\n", 4 * n)),
        ("net/unix", "-xan", |n| {
            numbered(n, |n| format!("0: 2 0 10000 1 1 {n} /run/{n}\n"))
        }),
        ("net/igmp6", "-gn6", |n| {
            numbered(n, |n| {
                format!("{n} eth{n} ff020000000000000000000000000001 1 4 0\n")
            })
        }),
        ("net/sctp/assocs", "-San", |n| {
            numbered(n / 4, |n| {
                format!("0 0 2 1 4 1 {n} 0 0 0 {n} 1 2 10.0.0.1 *10.0.0.2 <-> 10.0.0.3\n")
            })
        }),
        ("net/snmp", "-s", |n| {
            let names = repeated(" Name", n);
            let values = repeated(" 17", n);
            [&b"Ip:"[..], &names, b"\nIp:", &values, b"\n"].concat()
        }),
        ("net/snmp", "-s", |n| {
            [&b"Ip: A\nIp: "[..], &repeated("9", 50 * n), b"\n"].concat()
        }),
        ("net/snmp", "-s", |n| repeated("Ip: A\nIp: 1\n", n)),
        ("net/snmp6", "-s6", |n| repeated("Ip6InReceives 1\n", n)),
        ("net/dev", "-i", |n| {
            let rows = numbered(n / 4, |n| {
                format!("eth{n}: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n")
            });
            [&b"|x\n|bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed\n"[..], &rows].concat()
        }),
        ("net/route", "-rn", |n| {
            let rows = repeated("eth0 00000000 0100000A 0003 0 0 0 00000000 0 0 0\n", n / 2);
            [
                &b"Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"[..],
                &rows,
            ]
            .concat()
        }),
        ("net/ipv6_route", "-rn6", |n| {
            repeated(
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 00000400 00000001 00000000 00000001 lo\n",
                n / 2,
            )
        }),
        ("net/ip_masquerade", "-Mn", |n| {
            [
                &b"Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires\n"[..],
                &repeated("TCP 0100000A:0016 0200000A:0050 F000 1 0 0 100\n", n),
            ]
            .concat()
        }),
        ("net/atalk_route", "-rn -A ddp", |n| {
            repeated("a b c d ", 4 * n)
        }),
        ("net/if_inet6", "-ie", |n| {
            numbered(n, |n| {
                format!(
                    "00000000000000000000000000000001 01 80 10 80 eth{}\n",
                    n % 5
                )
            })
        }),
    ];
    for (file, args, make) in cases {
        let tree = |count| {
            let tree = Tree::new("growth").file("net/dev", "h\nh\n  eth0: 1 2 3\n");
            tree.file(file, make(count))
        };
        let (few, many) = (tree(20_000), tree(80_000));
        // Caches that others fill cost time too: the least of three runs counts.
        let mut times = Vec::new();
        let bounded = (0..3).any(|_| {
            times.push((time(few.proc(), args), time(many.proc(), args)));
            let small = times.iter().map(|times| times.0).min().unwrap();
            let large = times.iter().map(|times| times.1).min().unwrap();
            large < small * 10 + Duration::from_millis(50) && large < Duration::from_secs(20)
        });
        eprintln!("{file} {args}: {times:?}");
        assert!(bounded, "{file} {args}: {times:?}");
    }
}
