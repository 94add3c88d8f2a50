//! The command line against the reference: stdout, stderr and exit status of every kind of argument list, fixed, complete
//! (every abbreviation) and random. Not here: what tables look like; one fixture with two rows a table, in a network namespace of
//! its own, serves to tell which tables and which columns an argument list asks for.
//!
//! Two questions are asked of each list. Does `netstat::cli::parse` understand it as the reference does: what it makes of the list,
//! spelled out plainly, must give the same report from the reference. And does the program print the same bytes.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use crate::support::long_options::{CONTEXT, LONG};
use netstat::cli::{Args, Command, help, parse};

/// One command line.
#[derive(Clone, Debug)]
struct Line {
    argv: Vec<OsString>,
    posixly_correct: bool,
}

impl Line {
    fn new<W: AsRef<OsStr>>(words: &[W]) -> Self {
        let program = OsString::from("netstat");
        let words = words.iter().map(|word| word.as_ref().to_os_string());
        Line {
            argv: [program].into_iter().chain(words).collect(),
            posixly_correct: false,
        }
    }

    /// A line typed with blanks between the words.
    fn typed(text: &str) -> Self {
        Line::new(&text.split_whitespace().collect::<Vec<_>>())
    }

    fn called(mut self, program: &[u8]) -> Self {
        self.argv[0] = OsStr::from_bytes(program).to_os_string();
        self
    }

    fn posix(mut self) -> Self {
        self.posixly_correct = true;
        self
    }

    fn understood(&self) -> netstat::cli::Parsed {
        parse(&self.argv, self.posixly_correct, || false)
    }

    /// Whether the reports never end.
    fn runs_on(&self) -> bool {
        matches!(self.understood().command, Command::Run(args) if args.continuous && args.statistics == 0)
    }
}

/// What a program did.
#[derive(PartialEq)]
struct Outcome {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// `None` if it was still running at the end of its time.
    status: Option<i32>,
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Outcome {
            stdout,
            stderr,
            status,
        } = self;
        let (stdout, stderr) = (stdout.escape_ascii(), stderr.escape_ascii());
        write!(f, "exit {status:?}\n  stdout {stdout}\n  stderr {stderr}")
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

fn run_for(program: &Path, line: &Line, time: Duration) -> Outcome {
    let mut command = process::Command::new(program);
    command.arg0(&line.argv[0]).args(&line.argv[1..]);
    command.env_clear().env("LC_ALL", "C");
    if line.posixly_correct {
        command.env("POSIXLY_CORRECT", "");
    }
    let mut command = assert_cmd::Command::from_std(command);
    let output = command.timeout(time).output().unwrap();
    let status = match (output.status.code(), output.status.signal()) {
        (None, Some(9)) => None,
        (code, signal) => Some(code.unwrap_or_else(|| 128 + signal.unwrap())),
    };
    Outcome {
        stdout: output.stdout,
        stderr: output.stderr,
        status,
    }
}

fn run(program: &Path, line: &Line) -> Outcome {
    let outcome = run_for(program, line, Duration::from_secs(20));
    assert!(outcome.status.is_some(), "does not end: {line:?}");
    outcome
}

/// Two rows in each table that is listed without an option or by -g, so that -a, -l, -n, -e, -p and -o each show; a little for
/// the other modes.
fn write_fixture(root: &Path) {
    let net = root.join("net");
    fs::create_dir_all(&net).unwrap();
    let (any4, lo4) = ("00000000", "0100007F");
    let (any6, long6) = (
        "00000000000000000000000000000000",
        "B80D0120111111112222222233333333",
    );
    let mut inode = 1000;
    for (name, state) in [
        ("tcp", "01"),
        ("udp", "01"),
        ("udplite", "01"),
        ("raw", "07"),
    ] {
        for (suffix, any, own) in [("", any4, lo4), ("6", any6, long6)] {
            let listening = if name == "tcp" { "0A" } else { "07" };
            let mut text = String::from(
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n",
            );
            for (local, remote, state, uid) in [
                (format!("{any}:0016"), format!("{any}:0000"), listening, 0),
                (format!("{own}:0050"), format!("{own}:9C40"), state, 1),
            ] {
                inode += 1;
                text += &format!(
                    "   0: {local} {remote} {state} 00000001:00000002 02:00000100 00000000  {uid:4}        0 {inode} 2 0000000000000000 0\n"
                );
            }
            fs::write(net.join(format!("{name}{suffix}")), text).unwrap();
        }
    }
    let files = [
        (
            "unix",
            "Num       RefCount Protocol Flags    Type St Inode Path\n\
             0000000000000000: 00000002 00000000 00010000 0001 01 2001 /run/listening\n\
             0000000000000000: 00000003 00000000 00000000 0001 03 2002 @connected\n",
        ),
        (
            "igmp",
            "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n\
             1\tlo        :     1      V3\n\
             \t\t\t\t010000E0     1 0:00000000\t\t0\n",
        ),
        (
            "igmp6",
            "1    lo              ff020000000000000000000000000001     1 0000000C 0\n",
        ),
        (
            "route",
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
             lo\t00000000\t0100007F\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
             lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n",
        ),
        (
            "ipv6_route",
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
             00000000000000000000000000000000 00000100 00000001 00000000 00000001       lo\n",
        ),
        (
            "dev",
            "Inter-|   Receive                                                |  Transmit\n \
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
             lo:    3393      33    0    0    0     0          0         0     3393      33    0    0    0     0       0          0\n",
        ),
        (
            "snmp",
            "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 99\n\
             Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens\nTcp: 1 200 120000 -1 8\n\
             Udp: InDatagrams NoPorts\nUdp: 5 6\n",
        ),
        (
            "netstat",
            "TcpExt: SyncookiesSent\nTcpExt: 3\nIpExt: InNoRoutes\nIpExt: 4\n",
        ),
        (
            "snmp6",
            "Ip6InReceives                   \t7\nUdp6InDatagrams                 \t8\n",
        ),
    ];
    for (name, text) in files {
        fs::write(net.join(name), text).unwrap();
    }
    let process = root.join("4242");
    fs::create_dir_all(process.join("fd")).unwrap();
    fs::write(process.join("cmdline"), "server\0-x\0").unwrap();
    for (fd, inode) in [(3, 1001), (4, 1002), (5, 2001)] {
        let link = process.join("fd").join(fd.to_string());
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(format!("socket:[{inode}]"), link).unwrap();
    }
}

/// Runs `work` on a thread of its own with the fixture in the place of /proc and in an empty network namespace.
fn in_fixture(name: &str, work: impl FnOnce() + Send) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("cli")
        .join(name);
    write_fixture(&root);
    let mount = |args: &[&OsStr]| {
        let status = process::Command::new("mount").args(args).status().unwrap();
        assert!(status.success(), "mount {args:?}");
    };
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            use nix::sched::CloneFlags;
            nix::sched::unshare(
                CloneFlags::CLONE_FS | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET,
            )
            .expect("needs root");
            mount(&["--make-rprivate".as_ref(), "/".as_ref()]);
            mount(&["--bind".as_ref(), root.as_os_str(), "/proc".as_ref()]);
            work();
        });
        if let Err(panic) = worker.join() {
            std::panic::resume_unwind(panic);
        }
    });
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
            let mut stderr = message.map_or_else(Vec::new, |message| {
                [
                    message,
                    text(
                        "
",
                    ),
                ]
                .concat()
            });
            stderr.extend(text(help::USAGE_MAIN));
            stderr.extend(text(help::USAGE_FAMILIES));
            (Vec::new(), stderr, 3)
        }
        Command::Fail { message, status } => (Vec::new(), message, status.into()),
        Command::Run(args) => {
            let outcome = run(&reference(), &spelled_out(&args));
            (outcome.stdout, outcome.stderr, outcome.status.unwrap())
        }
    };
    Outcome {
        stdout,
        stderr: [parsed.notices, stderr].concat(),
        status: Some(status),
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

/// Asks the question of every line whose reports end, and says how many there were. Lines whose report the program says it does
/// not have yet are counted apart, and loudly.
fn compare(title: &str, question: Question, lines: &[Line]) {
    let (reference, under_test) = (reference(), under_test());
    let mut faults = Vec::new();
    let (mut compared, mut reports, mut missing) = (0, 0, 0);
    for line in lines.iter().filter(|line| !line.runs_on()) {
        let parsed = line.understood();
        compared += 1;
        reports += usize::from(matches!(parsed.command, Command::Run(_)));
        let theirs = run(&reference, line);
        let ours = match question {
            Question::Understood => expected(line),
            Question::Answered => run(&under_test, line),
        };
        if ours == theirs {
            continue;
        }
        let rest = ours.stderr.strip_prefix(parsed.notices.as_slice());
        let is_missing = rest.is_some_and(|rest| rest.starts_with(b"netstat: not implemented yet"));
        if is_missing && question == Question::Answered {
            missing += 1;
            continue;
        }
        faults.push(format!(
            "{line:?}\n expected {theirs:?}\n actual   {ours:?}"
        ));
    }
    let count = faults.len();
    eprintln!(
        "{title}: {compared} command lines compared ({reports} of them reports), {count} differ, {missing} not implemented yet"
    );
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli/{title}.txt"));
    fs::write(&all, faults.join("\n")).unwrap();
    let shown: Vec<_> = faults.iter().take(10).map(String::as_str).collect();
    assert!(
        faults.is_empty(),
        "{title}: {count} differ, all of them in {}; the first:\n{}",
        all.display(),
        shown.join("\n")
    );
}

fn fixed_lines() -> Vec<Line> {
    #[rustfmt::skip] // as they are typed
    let typed = [
        // Modes and what each option is alone.
        "", "-r", "-i", "-s", "-M", "-g", "-t", "-u", "-U", "-S", "-w", "-x", "-4", "-6", "-2", "-f", "-a", "-l", "-n", "-N",
        "-e", "-o", "-p", "-v", "-W", "-C", "-F", "-d", "-Z", "-V", "-h", "-?", "-A ddp", "-A ash", "-A econet",
        "-rn", "-rN", "-r --numeric-hosts", "-r --numeric-ports", "-r6", "-r6n", "-r6N", "-re", "-ree", "-ren", "-reen", "-rC", "-rF",
        "-rCF", "-rFC", "-al", "-la", "-ln", "-an", "-ae", "-aee", "-aeee", "-ao", "-ap", "-tulnp", "-tunap", "-lnt", "-plnt",
        "-nau", "-tnoe", "-tnoee", "-sw", "-st", "-su", "-sW", "-s6", "-s4", "-s46", "-s44", "-s64", "-s -A inet,inet", "-in", "-ie",
        "-iee", "-ia", "-iW", "-i foo", "-i -A ipx", "-i -A bad", "-Mn", "-Me", "-M -x", "-i -t -g", "-cs", "-c -s -t",
        // Order, operands, ends of options, clusters.
        "foo -V", "- -V", "-- -V", "-n -- -V", "foo bar -t", "-t foo -x bar", "-nQ", "-hQ", "-Qh", "-n-", "-n-a", "-T", "-I", "-1",
        "-:", "-n:", "-Ainet", "-nAinet", "-A=inet", "-A -n", "-A", "-nA", "-A --", "-foo", "-3", "-5", "-0", "-E", "-R", "-X", "-.", "-=",
        // Long options.
        "--foo=bar", "--ver=x", "--ver", "--help=x", "--hel=x", "--version=", "--protocol", "--prot", "--protocol inet", "--protocol=inet",
        "--prot=unix", "--prot unix", "--a", "--i", "--in", "--u", "--un", "--uni", "--uni=foo", "--inet=x", "--=", "--=x", "--ip6",
        "---V", "---", "----", "--=version", "--Version", "--VERSION", "--version --bad", "--bad --version", "--all --listening",
        "--numeric- -V", "--num", "--numerica", "--nume=", "--netstat", "--continuouss", "--sym -r", "--cac -r", "--fi -r",
        "--tcp --udp --raw --unix --numeric --all", "--ine", "--ap", "--ax", "--x", "--d", "--b", "--ne", "--ros", "--tcpi",
        "--al", "--m", "--w", "--g", "--f", "--h", "--e", "--ip", "--inet", "--tcp", "--udp", "--unix", "--numeric",
        // Immediate ends.
        "-q -V", "-V -q", "-A bad -V", "-V -A bad", "-h -V", "-V -h", "-Z -V", "-ZV", "--context", "--conte", "-V -Z", "-VZ",
        "-r -i -V", "-riV", "-MMh", "-r -i", "-rr", "-ii", "-ss", "-MM", "-rs", "-rM", "-is", "-iM", "-sM", "-risM", "-s -A bad -r",
        "-r -i -A bad", "-r -i -Q", "--route --route", "--route -i", "--tcpip", "--tcpip -V", "--tcpip -h", "--tcpip -Q", "--tcpip --tcpip",
        "--tcpip -t", "--tcpip -rr", "-? -V", "-?Q", "-Q?", "-n?",
        // Families.
        "-A bad", "-Abad", "--protocol=bad", "--protocol=", "-A inet,", "-A ,inet", "-A inet,,unix", "-A INET", "-A inet6=", "-A a,b",
        "-A inet -A unix", "-A inet,unix", "-A inet,inet6", "-A ip", "-A tcpip", "-A ip6", "-A inet6", "-A unix", "-A ipx", "-A ax25",
        "-A x25", "-A netrom", "-A rose", "-A bluetooth", "-A appletalk", "-A ec", "-A ,", "-A x", "--ax25", "--x25", "--ipx",
        "--appletalk", "--ddp", "--netrom", "--rose", "--bluetooth", "--ip", "--inet6", "-r44", "-r46", "-r64", "-r66", "-r -x", "-r -A inet,unix",
        "-r -A unix,inet", "-r -A ec", "-r -A econet", "-r -A ash", "-r -A bluetooth", "-r -A ddp", "-r -A ipx", "-r -A ax25", "-r -A x25",
        "-r -A netrom", "-r -A rose", "-r -A inet6,inet,rose", "-s -A unix", "-s -A ipx", "-s -A inet6,ipx",
        // Which tables.
        "-tu", "-tuw", "-tS", "-St", "-uS", "-6S", "-6Sv", "-4v", "-46", "-64", "-t4", "-t6", "-t46", "-u4", "-w6", "-U6", "-tx", "-xt",
        "-4x", "-x6", "-xl", "-xa", "-xv", "-ga", "-g -A ddp", "-g4", "-g6", "-gt", "-gx", "-gn", "-gv", "-gl", "-A ddp -x", "-A ash -t",
        "-A x25,ipx,ax25", "-4 -A ipx -A ax25", "-2f", "-2t", "-A bluetooth -t", "-2 -A bluetooth", "-2x", "-4f", "-av", "-lv", "-Sv",
        "-tv", "-xvp", "-Sa", "-Sl", "-Sal", "-Sav", "-S4", "-S6", "-tCFNd", "-aC", "-aN", "-teo", "-tep", "-txp", "-uae", "-wan",
        "-an --numeric-users", "-ae --numeric-users", "-a --numeric-hosts", "-a --numeric-ports",
    ];
    let mut lines: Vec<Line> = typed.iter().map(|text| Line::typed(text)).collect();

    let words: [&[&str]; 12] = [
        &["-A", ""],
        &["-A", " inet"],
        &["-A", "inet ", "-V"],
        &["-A", "--", "-V"],
        &["-A", "\n"],
        &["", "-V"],
        &["", ""],
        &[" -V"],
        &["- V"],
        &["--ver sion"],
        &["--protocol", ""],
        &["--protocol="],
    ];
    lines.extend(words.iter().map(|words| Line::new(words)));
    let odd: [&[u8]; 9] = [
        b"-\xff",
        b"-\xc3\xa4",
        b"-n\x01",
        b"-\n",
        b"--\xff=x",
        b"--all\x00xff",
        b"-A\xfe",
        b"\xff",
        b"--protocol=\xc3\xa4,x",
    ];
    for word in odd {
        // A word of argv ends at its first NUL.
        let word = word.split(|&byte| byte == 0).next().unwrap();
        lines.push(Line::new(&[OsStr::from_bytes(word)]));
    }
    // The two limits of -A.
    let long = |text: String| vec!["-A".to_owned(), text];
    lines.push(Line::new(&long("x".repeat(255))));
    lines.push(Line::new(&long("x".repeat(256))));
    lines.push(Line::new(&long("x".repeat(300))));
    lines.push(Line::new(&long("unix,".repeat(52))));
    lines.push(Line::new(&long("unix,".repeat(51))));
    lines.push(Line::new(&long("unix,".repeat(51) + "z")));
    lines.push(Line::new(&[format!("--protocol={}", "x".repeat(300))]));
    for times in [50, 51, 52, 53, 60] {
        let mut full = Line::new(&vec!["-x"; times]);
        lines.push(full.clone());
        full.argv
            .extend(long("inet6,bad".into()).into_iter().map(Into::into));
        lines.push(full.clone());
        full.argv.push("-r".into());
        lines.push(full.clone());
        full.argv.push("-Abad".into());
        lines.push(full);
    }
    for (family, times) in [
        ("econet", 86),
        ("inet", 52),
        ("bluetooth", 26),
        ("inet6", 43),
        ("ax25", 52),
        ("ddp", 64),
    ] {
        for times in [times - 2, times - 1, times, times + 1] {
            let words: Vec<_> = (0..times).flat_map(|_| ["-A", family]).collect();
            lines.push(Line::new(&words));
            lines.push(Line::new(&[words, vec!["-A", "x25,netrom", "-r"]].concat()));
        }
    }
    lines.push(Line::new(&["-e"; 300]));
    lines.push(Line::new(&["-r"; 300]));
    lines.push(Line::new(&["-re"; 2]));

    let calls: [&[u8]; 8] = [
        b"./x/foo",
        b"",
        b"a b",
        b"/usr/bin/netstat",
        b"-Q",
        b"\xff\x01",
        b"%s%n",
        b"route",
    ];
    for program in calls {
        for text in [
            "-Q",
            "--Q",
            "--a",
            "-A",
            "--prot",
            "--help=x",
            "-V",
            "-h",
            "-?",
            "-rr",
            "-A bad",
            "-Z",
            "-t",
            "-2",
            "--tcpip -x",
        ] {
            lines.push(Line::typed(text).called(program));
        }
    }
    for text in [
        "foo -V",
        "-n foo -V",
        "- -V",
        "-A foo -V",
        "-A inet foo -V",
        "-V foo",
        "-- -V",
        "--prot inet x -Q",
        "-t foo -x",
        "-tnA inet -V",
        "-Q",
    ] {
        lines.push(Line::typed(text).posix());
    }
    lines.push(Line::new(&["", "-V"]).posix());
    lines
}

/// Every beginning of every long option, alone, with an empty and with another value, before a word, and overshot by a letter.
fn abbreviated_lines() -> Vec<Line> {
    let command = netstat::cli::command();
    // Our own names have no meaning until they are complete.
    let own = command
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .filter(|name| !LONG.contains(name) && *name != CONTEXT);
    let own: Vec<&str> = own.collect();
    assert_eq!(own.len(), 10, "{own:?}");
    let mut beginnings: Vec<&str> = LONG
        .into_iter()
        .chain([CONTEXT])
        .flat_map(|name| (0..=name.len()).map(move |length| &name[..length]))
        .chain(
            own.iter()
                .flat_map(|name| (1..name.len()).map(move |length| &name[..length])),
        )
        .collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    let mut lines = Vec::new();
    for name in beginnings {
        if !name.is_empty() {
            lines.push(Line::new(&[format!("--{name}")]));
            lines.push(Line::new(&[format!("--{name}"), "-V".into()]));
            lines.push(Line::new(&[format!("--{name}"), "-s".into()]));
        }
        lines.push(Line::new(&[format!("--{name}=")]));
        lines.push(Line::new(&[format!("--{name}=x")]));
        lines.push(Line::new(&[format!("--{name}=inet"), "-n".into()]));
        lines.push(Line::new(&[format!("--{name}q")]));
        lines.push(Line::new(&[format!("-{name}")]));
    }
    lines
}

/// A generator with a state of 64 bits (splitmix64): the same lines from the same seed everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % u64::try_from(limit).unwrap())
            .try_into()
            .unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn letter(&mut self) -> u8 {
        const COMMON: &[u8] = b"gtuUSwx462faAlnneeopvWNCFd";
        const MODES: &[u8] = b"rrrisM";
        const RARE: &[u8] = b"VhZ?cQT1I-:=,. \x01\x80\xc3\xff";
        let from = match self.below(100) {
            0..=81 => COMMON,
            82..=91 => MODES,
            _ => RARE,
        };
        from[self.below(from.len())]
    }

    fn families(&mut self) -> Vec<u8> {
        const WORDS: [&str; 16] = [
            "inet",
            "ip",
            "tcpip",
            "inet6",
            "ip6",
            "unix",
            "ipx",
            "ax25",
            "x25",
            "netrom",
            "rose",
            "bluetooth",
            "ddp",
            "appletalk",
            "econet",
            "ash",
        ];
        const USUAL: [&str; 4] = ["inet", "inet6", "unix", "ip6"];
        const BAD: [&[u8]; 9] = [
            b"", b"INET", b" inet", b"ec", b"bad", b"-n", b"inet=", b"\xff", b"uni",
        ];
        let count = if self.chance(4) {
            40 + self.below(30)
        } else {
            1 + self.below(3)
        };
        let usual = self.chance(50);
        let mut list = Vec::new();
        for _ in 0..count {
            if !list.is_empty() {
                list.push(b',');
            }
            if self.chance(if count > 3 { 1 } else { 5 }) {
                list.extend_from_slice(BAD[self.below(BAD.len())]);
            } else if usual {
                list.extend_from_slice(self.pick(&USUAL).as_bytes());
            } else {
                list.extend_from_slice(self.pick(&WORDS).as_bytes());
            }
        }
        list
    }

    fn word(&mut self) -> Vec<Vec<u8>> {
        match self.below(100) {
            0..=49 => {
                let mut word = b"-".to_vec();
                for _ in 0..=self.below(4) {
                    let letter = self.letter();
                    word.push(letter);
                    if letter == b'A' {
                        if self.chance(50) {
                            word.extend(self.families());
                            return vec![word];
                        }
                        return vec![word, self.families()];
                    }
                }
                vec![word]
            }
            50..=79 => {
                let name = if self.chance(3) {
                    CONTEXT
                } else {
                    self.pick(&LONG)
                };
                let length = if self.chance(60) {
                    name.len()
                } else {
                    self.below(name.len() + 1)
                };
                let mut word = [b"--", &name.as_bytes()[..length]].concat();
                let protocol = name == "protocol";
                if self.chance(if protocol { 50 } else { 4 }) {
                    word.push(b'=');
                    word.extend(self.families());
                    vec![word]
                } else if protocol && self.chance(80) {
                    vec![word, self.families()]
                } else {
                    vec![word]
                }
            }
            80..=84 => vec![b"-A".to_vec(), self.families()],
            85..=94 => vec![
                self.pick(&[
                    &b"foo"[..],
                    b"-",
                    b"",
                    b"8080",
                    b"\xff",
                    b"inet",
                    b"a b",
                    b"=",
                ])
                .to_vec(),
            ],
            95 => vec![
                self.pick(&[
                    &b"---V"[..],
                    b"--=",
                    b"--foo",
                    b"--\x80",
                    b"--ip6",
                    b"--n=",
                    b"--all-",
                ])
                .to_vec(),
            ],
            96 => vec![b"--".to_vec()],
            _ => vec![b"-a".to_vec()],
        }
    }

    fn line(&mut self) -> Line {
        let mut words = Vec::new();
        for _ in 0..self.below(6) {
            words.extend(self.word());
        }
        let words: Vec<_> = words.into_iter().map(OsString::from_vec).collect();
        let mut line = Line::new(&words);
        if self.chance(10) {
            line = line.called(self.pick(&[
                &b"./x/foo"[..],
                b"",
                b"a b",
                b"\xff",
                b"-n",
                b"netstat.new",
            ]));
        }
        if self.chance(15) {
            line = line.posix();
        }
        line
    }
}

/// CLI_SEED and CLI_LINES choose others.
fn random_lines() -> Vec<Line> {
    let number = |name: &str| {
        let text = std::env::var(name).ok();
        text.map(|text| text.parse::<u64>().unwrap())
    };
    let seed = number("CLI_SEED").unwrap_or(20_261_122);
    let count = number("CLI_LINES").unwrap_or(1500);
    eprintln!("random: seed {seed}, {count} lines");
    let mut random = Random(seed);
    (0..count).map(|_| random.line()).collect()
}

fn ask(name: &str, question: Question, lines: fn() -> Vec<Line>) {
    in_fixture(name, || compare(name, question, &lines()));
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
    ask("fixed-understood", Question::Understood, fixed_lines);
}

#[test]
#[ignore = "needs root and net-tools"]
fn fixed_command_lines_are_answered() {
    ask("fixed-answered", Question::Answered, fixed_lines);
}

#[test]
#[ignore = "needs root and net-tools"]
fn every_abbreviation_is_understood() {
    ask(
        "abbreviated-understood",
        Question::Understood,
        abbreviated_lines,
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn every_abbreviation_is_answered() {
    ask(
        "abbreviated-answered",
        Question::Answered,
        abbreviated_lines,
    );
}

#[test]
#[ignore = "needs root and net-tools"]
fn random_command_lines_are_understood() {
    ask("random-understood", Question::Understood, random_lines);
}

#[test]
#[ignore = "needs root and net-tools"]
fn random_command_lines_are_answered() {
    ask("random-answered", Question::Answered, random_lines);
}

/// What the comparisons rest on: on this fixture, no option goes unnoticed.
#[test]
#[ignore = "needs root and net-tools"]
fn the_fixture_tells_options_apart() {
    in_fixture("apart", || {
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

/// Half a second is the time of the first report.
#[test]
#[ignore = "needs root and net-tools"]
fn continuous_reports_go_on() {
    in_fixture("continuous", || {
        let half = Duration::from_millis(500);
        for text in ["-c", "--conti -t", "--continuous -x", "-cgn", "-antpec"] {
            let line = Line::typed(text);
            assert!(line.runs_on(), "{line:?}");
            let theirs = run_for(&reference(), &line, half);
            assert_eq!(theirs.status, None, "{line:?}");
            assert_eq!(run_for(&under_test(), &line, half), theirs, "{line:?}");
        }
        // A status ends it.
        for text in ["-cS", "-c2"] {
            let line = Line::typed(text);
            let theirs = run(&reference(), &line);
            assert_eq!(theirs.status, Some(1), "{line:?}");
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
            "--netns a --all-netns",
            "option '--netns' cannot be used with '--all-netns'",
        ),
    ] {
        let line = Line::typed(text).called(b"./somewhere/else");
        let outcome = Outcome {
            stdout: Vec::new(),
            stderr: format!("netstat: {message}\n").into_bytes(),
            status: Some(3),
        };
        assert_eq!(run(&under_test(), &line), outcome, "{text}");
    }
}
