//! The command line against the reference: stdout, stderr and exit status of every kind of argument list, fixed, complete
//! (every abbreviation) and random. Not here: what tables look like; one fixture with two rows a table, in a network namespace of
//! its own, serves to tell which tables and which columns an argument list asks for.
//!
//! Two questions are asked of each list. Does `netstat::cli::parse` understand it as the reference does: what it makes of the list,
//! spelled out plainly, must give the same report from the reference. And does the program print the same bytes.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use netstat::cli::{Args, Command, help, parse};

use crate::fixture::in_fixture;
use crate::lines::{Line, abbreviated_lines, fixed_lines};
use crate::random::random_lines;
use crate::support::long_options::{CONTEXT, LONG};
use crate::support::program::{Ending, Program, Run};

/// A program that still runs after this long hangs, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(120);

/// What a program did.
#[derive(PartialEq)]
struct Outcome {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: i32,
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome {
            stdout,
            stderr,
            status,
        } = self;
        let (stdout, stderr) = (stdout.escape_ascii(), stderr.escape_ascii());
        write!(f, "exit {status}\n  stdout {stdout}\n  stderr {stderr}")
    }
}

fn reference() -> PathBuf {
    let path = std::env::var_os("REFERENCE_NETSTAT");
    let path = PathBuf::from(path.unwrap_or_else(|| "/usr/bin/netstat".into()));
    assert!(path.exists(), "no reference at {}", path.display());
    path
}

fn under_test_is_reference() -> bool {
    std::env::var_os("NETSTAT_UNDER_TEST").is_some_and(|program| program == "reference")
}

fn under_test() -> PathBuf {
    if under_test_is_reference() {
        return reference();
    }
    PathBuf::from(env!("CARGO_BIN_EXE_netstat"))
}

fn run(program: &Path, line: &Line) -> Outcome {
    let mut command = process::Command::new(program);
    command.arg0(&line.argv[0]).args(&line.argv[1..]);
    command.env_clear().env("LC_ALL", "C");
    if line.posixly_correct {
        command.env("POSIXLY_CORRECT", "");
    }
    let mut command = assert_cmd::Command::from_std(command);
    let output = command.timeout(LIMIT).output().unwrap();
    let signal = output.status.signal();
    assert_ne!(signal, Some(9), "does not end: {line:?}");
    Outcome {
        stdout: output.stdout,
        stderr: output.stderr,
        status: output
            .status
            .code()
            .unwrap_or_else(|| 128 + signal.unwrap()),
    }
}

/// `args` in words that need no care: letters, one a word, and one family per -A.
fn spelled_out(args: &Args) -> Line {
    let flags = [
        ("-a", args.all),
        ("-l", args.listening),
        ("--numeric-hosts", args.numeric_hosts),
        ("--numeric-ports", args.numeric_ports),
        ("--numeric-users", args.numeric_users),
        ("-N", args.symbolic),
        ("-o", args.timers),
        ("-p", args.programs),
        ("-v", args.verbose),
        ("-W", args.wide),
        ("-c", args.continuous),
        ("-C", args.cache),
        ("-F", args.fib),
        ("-Z", args.context),
        ("-g", args.groups),
        ("-t", args.tcp),
        ("-u", args.udp),
        ("-U", args.udplite),
        ("-S", args.sctp),
        ("-w", args.raw),
        ("-2", args.l2cap),
        ("-f", args.rfcomm),
    ];
    let counts = [
        ("-e", args.extend),
        ("-r", args.route),
        ("-i", args.interfaces),
        ("-s", args.statistics),
        ("-M", args.masquerade),
    ];
    let mut words: Vec<&str> = Vec::new();
    words.extend(flags.iter().filter(|flag| flag.1).map(|flag| flag.0));
    for (word, times) in counts {
        words.extend((0..times).map(|_| word));
    }
    for family in &args.families {
        let word = match family.list_name() {
            "ec" => "econet",
            name => name,
        };
        words.extend(["-A", word]);
    }
    Line::new(&words)
}

/// What the reference does if it understands `line` as we do.
fn expected(line: &Line) -> Outcome {
    let parsed = line.understood();
    let text = |text: &str| text.as_bytes().to_vec();
    let (stdout, stderr, status) = match parsed.command {
        Command::Help => (text(help::USAGE_MAIN), text(help::USAGE_FAMILIES), 0),
        Command::Version => (text(help::VERSION), Vec::new(), 0),
        Command::Additions | Command::About => panic!("the reference has no such option"),
        Command::Usage(message) => {
            let mut stderr =
                message.map_or_else(Vec::new, |message| [message, text("\n")].concat());
            stderr.extend(text(help::USAGE_MAIN));
            stderr.extend(text(help::USAGE_FAMILIES));
            (Vec::new(), stderr, 3)
        }
        Command::Fail { message, status } => (Vec::new(), message, status.into()),
        Command::Run(args) => {
            let outcome = run(&reference(), &spelled_out(&args));
            (outcome.stdout, outcome.stderr, outcome.status)
        }
    };
    Outcome {
        stdout,
        stderr: [parsed.notices, stderr].concat(),
        status,
    }
}

/// What is asked of a command line.
#[derive(Clone, Copy, PartialEq)]
enum Question {
    /// Is it understood as the reference understands it?
    Understood,
    /// Does the program under test do the same?
    Answered,
}

/// Asks the question of every line whose reports end, and says how many there were.
fn compare(question: Question, lines: &[Line]) {
    let (reference, under_test) = (reference(), under_test());
    let mut faults = Vec::new();
    let (mut compared, mut reports) = (0, 0);
    for line in lines.iter().filter(|line| !line.runs_on()) {
        compared += 1;
        reports += usize::from(matches!(line.understood().command, Command::Run(_)));
        let theirs = run(&reference, line);
        let ours = match question {
            Question::Understood => expected(line),
            Question::Answered => run(&under_test, line),
        };
        if ours != theirs {
            faults.push(format!(
                "{line:?}\n expected {theirs:?}\n actual   {ours:?}"
            ));
        }
    }
    let shown: Vec<_> = faults.iter().take(10).map(String::as_str).collect();
    assert!(
        faults.is_empty(),
        "{} of {compared} differ; the first:\n{}",
        faults.len(),
        shown.join("\n")
    );
    eprintln!("{compared} command lines compared ({reports} of them reports), all equal");
}

/// What begins one long option only is that option.
#[test]
fn long_options_can_be_shortened() {
    let read = |word: &str| {
        let argv = ["netstat".into(), format!("--{word}").into(), "inet".into()];
        let parsed = parse(&argv, false, || false);
        (parsed.notices, parsed.command)
    };
    // Those of ours must be spelled in full.
    let names: Vec<&str> = LONG.into_iter().chain([CONTEXT]).collect();
    let mut shortened = 0;
    for &name in &names {
        for length in 1..name.len() {
            let short = &name[..length];
            let others = names
                .iter()
                .filter(|other| other.starts_with(short))
                .count();
            if others == 1 {
                assert_eq!(read(short), read(name), "--{short} for --{name}");
                shortened += 1;
            }
        }
    }
    assert!(shortened > 130, "{shortened}");
}

#[test]
#[ignore = "needs root and net-tools"]
fn fixed_command_lines_are_understood() {
    in_fixture(|| compare(Question::Understood, &fixed_lines()));
}

#[test]
#[ignore = "needs root and net-tools"]
fn fixed_command_lines_are_answered() {
    in_fixture(|| compare(Question::Answered, &fixed_lines()));
}

#[test]
#[ignore = "needs root and net-tools"]
fn every_abbreviation_is_understood() {
    in_fixture(|| compare(Question::Understood, &abbreviated_lines()));
}

#[test]
#[ignore = "needs root and net-tools"]
fn every_abbreviation_is_answered() {
    in_fixture(|| compare(Question::Answered, &abbreviated_lines()));
}

#[test]
#[ignore = "needs root and net-tools"]
fn random_command_lines_are_understood() {
    in_fixture(|| compare(Question::Understood, &random_lines()));
}

#[test]
#[ignore = "needs root and net-tools"]
fn random_command_lines_are_answered() {
    in_fixture(|| compare(Question::Answered, &random_lines()));
}

/// What the comparisons rest on: on this fixture, no option goes unnoticed.
#[test]
#[ignore = "needs root and net-tools"]
fn the_fixture_tells_options_apart() {
    in_fixture(|| {
        let pairs = [
            ("-a", ""),
            ("-l", ""),
            ("-l", "-a"),
            ("-t --numeric-hosts", "-t"),
            ("-t --numeric-ports", "-t"),
            ("-te --numeric-users", "-te"),
            ("-r --numeric-hosts", "-r"),
            ("-rN", "-r"),
            ("-te", "-t"),
            ("-re", "-r"),
            ("-ree", "-re"),
            ("-to", "-t"),
            ("-tp", "-t"),
            ("-v", ""),
            ("-tnW", "-tn"),
            ("-rC", "-r"),
            ("-rCF", "-rC"),
            ("-g", ""),
            ("-tg", "-t"),
            ("-tu", "-t"),
            ("-tU", "-t"),
            ("-tw", "-t"),
            ("-tS", "-t"),
            ("-tx", "-t"),
            ("-t2", "-t"),
            ("-tf", "-t"),
            ("-i", ""),
            ("-s", ""),
            ("-M", ""),
            ("-r44", "-r4"),
            ("-r46", "-r64"),
        ];
        for (one, other) in pairs {
            let [one, other] = [one, other].map(Line::typed);
            assert_ne!(
                run(&reference(), &one),
                run(&reference(), &other),
                "{one:?} {other:?}"
            );
        }
    });
}

#[test]
#[ignore = "needs root and net-tools"]
fn continuous_reports_go_on() {
    in_fixture(|| {
        // The reference reads the groups of IPv4 wrongly from the second report on.
        for (text, reports) in [
            ("-c", 2),
            ("--conti -t", 2),
            ("--continuous -x", 2),
            ("-cgn", 1),
            ("-antpec", 2),
        ] {
            assert!(Line::typed(text).runs_on(), "{text}");
            let [theirs, ours] = [Program::Reference, Program::under_test()]
                .map(|program| Run::new(program, text.split_whitespace()).passes(reports));
            assert_eq!(theirs.ending, Ending::Stopped, "{text}");
            assert_ne!(theirs.stdout, b"", "{text}");
            assert_eq!(ours, theirs, "{text}");
        }
        // A status ends it.
        for text in ["-cS", "-c2"] {
            let line = Line::typed(text);
            let theirs = run(&reference(), &line);
            assert_eq!(theirs.status, 1, "{line:?}");
            assert_eq!(run(&under_test(), &line), theirs, "{line:?}");
        }
    });
}

/// Ours alone: the reference knows none of these.
#[test]
#[ignore = "needs root and net-tools"]
fn misuse_of_our_own_options() {
    if under_test_is_reference() {
        return;
    }
    for (text, message) in [
        ("--json=x", "option '--json' doesn't allow an argument"),
        ("--port", "option '--port' requires an argument"),
        (
            "--pid 0",
            "option '--pid' takes the number of a process, not '0'",
        ),
        (
            "--pid x -V",
            "option '--pid' takes the number of a process, not 'x'",
        ),
        ("--count 1", "option '--count' needs '--continuous'"),
        (
            "--openmetrics -r",
            "option '--openmetrics' needs '--statistics', '--interfaces' or '--count-by'",
        ),
        (
            "--json --json-lines",
            "option '--json' cannot be used with '--json-lines'",
        ),
        (
            "--netns a --all-netns",
            "option '--netns' cannot be used with '--all-netns'",
        ),
    ] {
        let line = Line::typed(text).called(b"./somewhere/else");
        let outcome = Outcome {
            stdout: Vec::new(),
            stderr: format!("netstat: {message}\n").into_bytes(),
            status: 3,
        };
        assert_eq!(run(&under_test(), &line), outcome, "{text}");
    }
}
