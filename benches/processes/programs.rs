//! The programs under measurement: where they are, what they write, how long they take, how much memory they need.

use std::ffi::OsStr;
use std::fs;
use std::io::{PipeReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, fcntl};
use tempfile::TempDir;

use crate::read_text;

/// The netstat of net-tools.
const REFERENCE: &str = "/usr/bin/netstat";

/// Where the other programs are searched.
const PATH: &str = "/usr/bin:/bin:/usr/sbin:/sbin";

/// A smallest pipe: one page.
const PIPE: u16 = 4096;

/// A command line.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    name: String,
    arguments: Vec<String>,
    locale: &'static str,
}

/// What is installed.
#[derive(Debug)]
pub struct Programs {
    pub ours: Program,
    pub reference: Option<Program>,
    /// Has copies of them, all written in the same way: how the page cache holds a file, in large pieces or small ones, decides about a tenth
    /// of the time that a short run takes.
    copies: TempDir,
}

impl Programs {
    /// Looks for the programs, and names those that are missing.
    pub fn find() -> Self {
        let copies = tempfile::tempdir().expect("a directory for copies");
        let reference = Path::new(REFERENCE).exists().then(|| Program {
            path: copy(Path::new(REFERENCE), &copies, "reference"),
            name: "netstat".to_owned(),
            arguments: Vec::new(),
            locale: "C",
        });
        if reference.is_none() {
            eprintln!("{REFERENCE} is missing: nothing is compared with it");
        }
        for name in ["cat", "ip", "ss", "true"] {
            if search(name).is_none() {
                eprintln!("{name} is missing: its columns stay empty");
            }
        }
        Programs {
            ours: Program {
                path: copy(Path::new(env!("CARGO_BIN_EXE_netstat")), &copies, "ours"),
                name: "netstat".to_owned(),
                arguments: Vec::new(),
                locale: "C",
            },
            reference,
            copies,
        }
    }

    /// Another program by its command line, split at blanks; `None` if it is not installed. Ours, if there are only options.
    pub fn other(&self, command: &str) -> Option<Program> {
        if command.starts_with('-') {
            return Some(self.ours.with(command, "C"));
        }
        let mut words = command.split_whitespace().map(str::to_owned);
        let name = words.next()?;
        Some(Program {
            path: copy(&search(&name)?, &self.copies, &name),
            name,
            arguments: words.collect(),
            locale: "C",
        })
    }
}

/// Copies a program, unless that was done before.
fn copy(program: &Path, copies: &TempDir, name: &str) -> PathBuf {
    let copy = copies.path().join(name);
    if !copy.exists() {
        fs::copy(program, &copy).expect("a copy of a program");
    }
    copy
}

fn search(name: &str) -> Option<PathBuf> {
    std::env::split_paths(OsStr::new(PATH))
        .map(|directory| directory.join(name))
        .find(|path| path.exists())
}

impl Program {
    /// The same program with these arguments, split at blanks, in this locale.
    pub fn with(&self, arguments: &str, locale: &'static str) -> Self {
        Program {
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            locale,
            ..self.clone()
        }
    }

    /// Empty stdin, and an environment that holds nothing but the locale and where programs are.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .arg0(&self.name)
            .args(&self.arguments)
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", self.locale)
            .stdin(Stdio::null());
        command
    }

    fn output(&self) -> (Output, Duration) {
        let started = Instant::now();
        let output = self
            .command()
            .output()
            .unwrap_or_else(|error| self.give_up(&error));
        let took = started.elapsed();
        let ending = (output.status.code(), output.status.signal());
        (
            Output {
                stdout: output.stdout,
                stderr: output.stderr,
                ending,
            },
            took,
        )
    }

    /// Wall time from spawn to wait, with stdout to /dev/null.
    pub fn time(&self) -> Duration {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = Instant::now();
        let status = command.status();
        let took = started.elapsed();
        status.unwrap_or_else(|error| self.give_up(&error));
        took
    }

    /// Peak of resident memory in KiB, when the last bytes are being written; `None` if less than a page is written.
    ///
    /// Not `ru_maxrss`, which also counts what the process that starts a program had at that moment. `VmHWM` does not, but
    /// must be read while the program lives: it is kept waiting in its last write, by a pipe with too little room.
    pub fn peak_memory(&self) -> Option<f64> {
        let length = self.output().0.stdout.len();
        let before_last = length.checked_sub(usize::from(PIPE) + 1)?;
        let (mut reader, writer) = std::io::pipe().ok()?;
        fcntl(&writer, FcntlArg::F_SETPIPE_SZ(PIPE.into())).ok()?;
        let mut child = self
            .command()
            .stdout(writer)
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| self.give_up(&error));
        let mut asleep = 0;
        if skip(&mut reader, before_last).is_none() {
            // It wrote less than the first time.
            child.wait().ok()?;
            return None;
        }
        let directory = format!("/proc/{}", child.id());
        while asleep < 5 {
            let stat = read_text(&format!("{directory}/stat"));
            // "PID (NAME) STATE ..."
            let state = stat.rsplit_once(") ").map(|(_, rest)| rest.as_bytes());
            asleep = match state {
                Some([b'S', ..]) => asleep + 1,
                _ => 0,
            };
            sleep(Duration::from_millis(1));
        }
        let peak = read_text(&format!("{directory}/status"))
            .lines()
            .find_map(|line| {
                let kibibytes = line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?;
                kibibytes.trim().parse().ok()
            });
        while skip(&mut reader, 1).is_some() {}
        child.wait().ok()?;
        peak
    }

    fn give_up(&self, error: &std::io::Error) -> ! {
        panic!("{}: {error}", self.path.display())
    }
}

/// Reads and forgets so many bytes; `None` if there are fewer.
fn skip(reader: &mut PipeReader, count: usize) -> Option<()> {
    let mut buffer = [0; 65536];
    let mut rest = count;
    while rest > 0 {
        let wanted = rest.min(buffer.len());
        match reader.read(buffer.get_mut(..wanted)?) {
            Ok(0) | Err(_) => return None,
            Ok(count) => rest -= count,
        }
    }
    Some(())
}

#[derive(Debug, PartialEq, Eq)]
struct Output {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Exit status, signal.
    ending: (Option<i32>, Option<i32>),
}

/// What came of comparing bytes.
#[derive(Debug)]
pub struct Comparison {
    /// How ours differs, if it does.
    pub difference: Option<String>,
    pub our_time: Duration,
    /// `None` if there is no reference.
    pub reference_time: Option<Duration>,
}

impl Comparison {
    /// Time of both.
    pub fn total(&self) -> Duration {
        self.our_time + self.reference_time.unwrap_or_default()
    }
}

/// Runs both and compares all that they write. Counters move, so that a difference counts only if it stays.
pub fn compare(ours: &Program, reference: Option<&Program>) -> Comparison {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let (our_output, our_time) = ours.output();
        let Some(reference) = reference else {
            return Comparison {
                difference: None,
                our_time,
                reference_time: None,
            };
        };
        let (reference_output, reference_time) = reference.output();
        let difference = difference(&our_output, &reference_output);
        if difference.is_none() || attempts == 3 {
            return Comparison {
                difference,
                our_time,
                reference_time: Some(reference_time),
            };
        }
    }
}

fn difference(ours: &Output, reference: &Output) -> Option<String> {
    if ours == reference {
        return None;
    }
    for (stream, ours, reference) in [
        ("stdout", &ours.stdout, &reference.stdout),
        ("stderr", &ours.stderr, &reference.stderr),
    ] {
        let mut lines = ours.split(|&byte| byte == b'\n');
        let mut reference_lines = reference.split(|&byte| byte == b'\n');
        for number in 1.. {
            let pair = (lines.next(), reference_lines.next());
            match pair {
                (None, None) => break,
                (ours, reference) if ours != reference => {
                    let show = |line: Option<&[u8]>| {
                        line.map_or_else(
                            || "nothing".to_owned(),
                            |line| format!("{:?}", String::from_utf8_lossy(line)),
                        )
                    };
                    return Some(format!(
                        "{stream} line {number}: {}, reference {}",
                        show(ours),
                        show(reference)
                    ));
                }
                _ => {}
            }
        }
    }
    Some(format!(
        "exit status {:?}, reference {:?}",
        ours.ending, reference.ending
    ))
}
