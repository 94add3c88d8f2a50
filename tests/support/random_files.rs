//! Files that no kernel wrote, and the reference's opinion of them.

use std::path::Path;
use std::thread;

use super::case::{Case, Entry, fill, without_control_bytes};
use super::program::{Ending, Outcome, Program, Run, mount_over, private_mounts};
use super::random::Random;
use super::transcript::{lines, transcript};
use super::tree::Tree;

/// Threads that share the cases: the programs' start is most of the time.
const WORKERS: u64 = 2;

/// The number of a case to begin with: what `NETSTAT_SEED` says, which repeats a run, or the default.
pub fn seed(default: u64) -> u64 {
    match std::env::var("NETSTAT_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => default,
    }
}

/// Runs both programs on each case. They must write the same and end alike, but for what we do on purpose: control bytes in text from
/// files are shown as dots. Where the reference crashes there is nothing to compare. Returns how many runs of it satisfied `tells`.
pub fn compare(
    first: u64,
    cases: u64,
    generate: impl Fn(Random) -> Case + Sync,
    tells: impl Fn(&Outcome) -> bool + Sync,
) -> u64 {
    eprintln!("the first of {cases} cases is NETSTAT_SEED={first}");
    let worker = |start: u64| -> u64 {
        let tree = Tree::new("random");
        // One mount for all cases: it belongs to the thread, and the processes that it starts inherit it.
        private_mounts();
        mount_over(tree.proc(), Path::new("/proc"));
        let mut telling = 0;
        for seed in (start..first + cases).step_by(usize::try_from(WORKERS).unwrap()) {
            let case = generate(Random::new(seed));
            fill(tree.proc(), &case.entries);
            for args in &case.command_lines {
                match run(args) {
                    Ok(reference) => telling += u64::from(tells(&reference)),
                    Err(difference) => {
                        panic!("NETSTAT_SEED={seed} differs\n{}{difference}", shown(&case))
                    }
                }
            }
        }
        telling
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (first..first + WORKERS)
            .map(|start| scope.spawn(move || worker(start)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    })
}

fn run(args: &str) -> Result<Outcome, String> {
    let run = |program| Run::new(program, args.split_whitespace()).output();
    let reference = run(Program::Reference);
    if matches!(reference.ending, Ending::Signal(_)) {
        return Ok(reference);
    }
    let ours = run(match Program::under_test() {
        Program::Reference => Program::Reference,
        Program::Ours | Program::Mounted => Program::Mounted,
    });
    if ours == reference || ours == printable(&reference) {
        return Ok(reference);
    }
    Err(format!(
        "reference: {}ours: {}",
        transcript(args, &reference),
        transcript(args, &ours)
    ))
}

/// A run as it would be without control bytes.
fn printable(outcome: &Outcome) -> Outcome {
    Outcome {
        stdout: without_control_bytes(&outcome.stdout),
        stderr: without_control_bytes(&outcome.stderr),
        ending: outcome.ending,
    }
}

fn shown(case: &Case) -> String {
    case.entries
        .iter()
        .map(|(name, entry)| match entry {
            Entry::File(contents) => lines(contents, &format!("{name}> ")),
            Entry::Directory => format!("{name}/\n"),
            Entry::Link(target) => format!("{name} -> {}\n", target.display()),
        })
        .collect()
}
