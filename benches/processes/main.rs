//! Whole processes: netstat against net-tools' netstat, `ss`, `cat`, in network namespaces made for it. Needs root.
//!
//! ```text
//! cargo bench --bench processes                                     everything, some 15 minutes on two cores
//! cargo bench --bench processes -- --quick                          small tables, few rounds: does it still work?
//! cargo bench --bench processes -- --markdown > table.md            the table for benches/README.md; progress goes to stderr
//! cargo bench --bench processes -- --scale 0.2 '-tan,' '-tln,'      smaller tables, cases with one of these words in their name
//! cargo bench --bench processes -- --seconds 5                      time for the rounds of a case, 20 unless told; at least 3 rounds
//! cargo bench --bench processes -- --list                           the names
//! ```
//!
//! Each case runs all its programs in a world of its own: real sockets, routes or interfaces in a fresh network namespace,
//! nothing but loopback. Before anything is timed, stdout, stderr and exit status of ours and of the reference are compared; a case
//! in which they differ is not timed, and makes the benchmark fail. Then come rounds; in each, every program runs once with stdout
//! to /dev/null, in turn first to last and last to first, timed from spawn to wait by the monotonic clock.
//!
//! The columns:
//!
//! - **case**: the options and the world. Half of the rows of a tcp world are the client ends, half the server ends of loopback
//!   connections, 9,000 connections to a process; "100k sockets" are so many open in processes. The locale is C unless another is named.
//! - **ours**, **reference**: median wall time, or median peak of resident memory (`VmHWM` when the last bytes are being written).
//! - **/ reference**: the median of the ratios ours/reference *within each round*. What else the machine does hits both runs of a pair,
//!   so this moves less than the times.
//! - **/ other**: the same for the others: median wall time of the other program, and ratio. `cat` reads only one of the two files
//!   that `-t` and `-u` print.
//! - **bytes**: "same" if the comparison was made and found no difference. None is made of what the reference does not have: there it
//!   makes the report without our own options, and so do we in the next column, where the other program is only options.
//! - **rounds**: how many pairs the medians are of.
//!
//! Without `--markdown`, targets stand behind the ratios: what was set out for, in parentheses what was hoped for, and "missed" where a
//! ratio is above. They are for full-sized worlds. A program that is not installed is named, and its columns stay empty. All processes
//! live in a PID namespace whose first process dies with the benchmark, however that ends.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "results go to stdout, progress to stderr"
)]
#![allow(
    clippy::expect_used,
    reason = "a benchmark that cannot go on says why and ends"
)]

mod cases;
mod names;
mod netlink;
mod programs;
mod table;
mod world;

use std::io::Read;
use std::os::fd::AsFd;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use nix::sys::signal::Signal;

use cases::{Case, Measure};
use programs::{Comparison, Program};
use table::{Line, Other};
use world::World;

/// Set for the process that does the work, in its namespaces.
const INSIDE: &str = "NETSTAT_BENCH_INSIDE";

/// Descriptors a process may have: 9,000 connections with both ends, and some.
const DESCRIPTORS: rlim_t = 20_000;

/// More rounds say no more.
const MOST_ROUNDS: usize = 81;

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    quick: bool,
    markdown: bool,
    list: bool,
    /// Factor on the size of all worlds.
    scale: f64,
    /// Time for the rounds of a case; see [`fewest`](Options::fewest).
    budget: Duration,
    /// A case runs if its name contains one of these, or if there are none.
    wanted: Vec<String>,
}

impl Options {
    /// Rounds that are made even if there is no time for them.
    fn fewest(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo says how it runs us: a test of all targets does not want to wait for a benchmark.
    if !arguments.iter().any(|argument| argument == "--bench") {
        eprintln!("not measured: run by `cargo bench --bench processes`");
        return ExitCode::SUCCESS;
    }
    arguments.retain(|argument| argument != "--bench");
    let options = match options(arguments) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if options.list {
        for (_, cases) in cases::all(options.scale, options.quick) {
            for case in cases {
                println!("{}", case.name);
            }
        }
        ExitCode::SUCCESS
    } else if std::env::var_os(INSIDE).is_some() {
        inside(&options)
    } else {
        outside()
    }
}

fn options(arguments: Vec<String>) -> Result<Options, String> {
    let mut options = Options {
        quick: false,
        markdown: false,
        list: false,
        scale: 1.0,
        budget: Duration::ZERO,
        wanted: Vec::new(),
    };
    let mut scale = None;
    let mut seconds = None;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--markdown" => options.markdown = true,
            "--list" => options.list = true,
            "--scale" | "--seconds" => {
                let value = arguments.next().and_then(|value| value.parse::<f64>().ok());
                // Beyond these lie worlds that no machine holds.
                let value = value.filter(|&value| value > 0.0 && value <= 1000.0);
                if value.is_none() {
                    return Err(format!("{argument} needs a number above 0"));
                }
                match argument.as_str() {
                    "--scale" => scale = value,
                    _ => seconds = value,
                }
            }
            // Cases are named for netstat's options, which begin with a single hyphen.
            unknown if unknown.starts_with("--") => {
                return Err(format!(
                    "{unknown}: not one of --quick --markdown --list --scale FACTOR --seconds TIME"
                ));
            }
            _ => options.wanted.push(argument),
        }
    }
    let (small, short) = if options.quick {
        (0.02, 0.5)
    } else {
        (1.0, 20.0)
    };
    options.scale = scale.unwrap_or(small);
    options.budget = Duration::from_secs_f64(seconds.unwrap_or(short));
    Ok(options)
}

/// Starts this program again as the first process of a PID namespace, and waits for it.
fn outside() -> ExitCode {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("needs root, to make namespaces");
        return ExitCode::FAILURE;
    }
    unshare(CloneFlags::CLONE_NEWPID).expect("a PID namespace");
    let mut child = Command::new("/proc/self/exe")
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1")
        .stdin(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    // Held open as long as we live.
    let _alive = child.stdin.take();
    let status = child.wait().expect("the child is ours to wait for");
    if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Does the work. The kernel ends all processes in the namespace when this one ends.
fn inside(options: &Options) -> ExitCode {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).expect("to die with the parent");
    let stdin = std::io::stdin();
    let mut alive = [PollFd::new(stdin.as_fd(), PollFlags::empty())];
    poll(&mut alive, PollTimeout::ZERO).expect("poll of a pipe");
    if alive
        .iter()
        .any(|end| end.revents().is_some_and(|events| !events.is_empty()))
    {
        // The parent died before it could be told to take us along.
        return ExitCode::FAILURE;
    }

    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace");
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).expect("mounts of our own");
    let proc = Some("proc");
    mount(proc, "/proc", proc, MsFlags::empty(), None::<&str>).expect("/proc of our namespace");
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit of descriptors");
    setrlimit(Resource::RLIMIT_NOFILE, DESCRIPTORS, most.max(DESCRIPTORS))
        .expect("more descriptors");

    let programs = programs::Programs::find();
    let mut lines = Vec::new();
    let mut world: Option<World> = None;
    for (scene, mut cases) in cases::all(options.scale, options.quick) {
        cases.retain(|case| {
            options.wanted.is_empty()
                || options
                    .wanted
                    .iter()
                    .any(|wanted| case.name.contains(wanted))
        });
        if cases.is_empty() {
            continue;
        }
        let started = Instant::now();
        let built = match world.take() {
            Some(smaller) if smaller.can_become(&scene) => smaller.grown(&scene),
            other => {
                drop(other);
                World::new(&scene)
            }
        };
        eprintln!(
            "# {scene:?}: made in {:.1} s",
            started.elapsed().as_secs_f64()
        );
        world = Some(built);
        for case in cases {
            eprint!("{} ... ", case.name);
            let line = run(&case, &programs, options);
            eprintln!("{}", line.summary());
            lines.push(line);
        }
    }
    drop(world);
    if lines.is_empty() {
        eprintln!("no case has such a name; --list shows them");
        return ExitCode::FAILURE;
    }
    print!("{}", table::render(&lines, options.markdown));
    if lines.iter().any(Line::failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Compares and measures one case in the world as it stands.
fn run(case: &Case, programs: &programs::Programs, options: &Options) -> Line {
    let ours = programs.ours.with(&case.arguments, case.locale);
    let reference = programs
        .reference
        .as_ref()
        .zip(case.reference.as_ref())
        .map(|(program, arguments)| program.with(arguments, case.locale));
    let same = case.reference.as_ref() == Some(&case.arguments);
    let comparison = programs::compare(&ours, reference.as_ref().filter(|_| same));
    let mut line = Line::new(case, &comparison);
    if line.failed() {
        return line;
    }
    let others: Vec<(&cases::Other, Program)> = case
        .others
        .iter()
        .filter_map(|other| Some((other, programs.other(&other.command)?)))
        .collect();
    let all: Vec<&Program> = std::iter::once(&ours)
        .chain(reference.as_ref())
        .chain(others.iter().map(|(_, program)| program))
        .collect();
    let rounds = match case.measure {
        Measure::Time => time(&all, &comparison, options),
        Measure::Memory => memory(&all),
    };

    let column = |at: usize| -> Vec<f64> {
        rounds
            .iter()
            .filter_map(|round| round.get(at).copied())
            .collect()
    };
    let ours = column(0);
    let mut next = 1;
    line.rounds = rounds.len();
    line.ours = table::median(&ours);
    if reference.is_some() {
        line.reference = Some(Other::new(&ours, &column(next), "", case.target));
        next += 1;
    }
    line.others = others
        .iter()
        .zip(next..)
        .map(|((other, _), at)| Other::new(&ours, &column(at), &other.command, other.target))
        .collect();
    line
}

/// Seconds of each program, for each round.
fn time(programs: &[&Program], comparison: &Comparison, options: &Options) -> Vec<Vec<f64>> {
    // Where the reference needs a minute, the comparison was the measurement.
    if let (Some(reference), true) = (
        comparison.reference_time,
        programs.len() == 2 && comparison.total() > options.budget,
    ) {
        return vec![vec![
            comparison.our_time.as_secs_f64(),
            reference.as_secs_f64(),
        ]];
    }
    let mut rounds = Vec::new();
    let started = Instant::now();
    while rounds.len() < options.fewest()
        || (rounds.len() < MOST_ROUNDS && started.elapsed() < options.budget)
    {
        let mut round = vec![0.0; programs.len()];
        let mut turns: Vec<_> = round.iter_mut().zip(programs).collect();
        if rounds.len() % 2 == 1 {
            turns.reverse();
        }
        for (seconds, program) in turns {
            *seconds = program.time().as_secs_f64();
        }
        rounds.push(round);
    }
    rounds
}

/// Peak resident memory of each program in KiB, for each round.
fn memory(programs: &[&Program]) -> Vec<Vec<f64>> {
    (0..3)
        .map(|_| {
            programs
                .iter()
                .map(|program| program.peak_memory())
                .collect::<Option<Vec<f64>>>()
                .unwrap_or_default()
        })
        .collect()
}

/// The contents of a file of procfs as text; empty if it cannot be read.
fn read_text(path: &str) -> String {
    let mut text = String::new();
    if let Ok(mut file) = std::fs::File::open(path) {
        let _ = file.read_to_string(&mut text);
    }
    text
}
