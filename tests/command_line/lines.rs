//! Command lines: what they are, those that are fixed, and every abbreviation.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use netstat::cli::{Command, Parsed, command, parse};

use crate::support::long_options::{CONTEXT, LONG};

/// One command line.
#[derive(Clone, Debug)]
pub struct Line {
    pub argv: Vec<OsString>,
    pub posixly_correct: bool,
}

impl Line {
    pub fn new<W: AsRef<OsStr>>(words: &[W]) -> Self {
        let program = OsString::from("netstat");
        let words = words.iter().map(|word| word.as_ref().to_os_string());
        Line {
            argv: [program].into_iter().chain(words).collect(),
            posixly_correct: false,
        }
    }

    /// A line typed with blanks between the words.
    pub fn typed(text: &str) -> Self {
        Line::new(&text.split_whitespace().collect::<Vec<_>>())
    }

    pub fn called(mut self, program: &[u8]) -> Self {
        self.argv[0] = OsStr::from_bytes(program).to_os_string();
        self
    }

    pub fn posix(mut self) -> Self {
        self.posixly_correct = true;
        self
    }

    pub fn understood(&self) -> Parsed {
        parse(&self.argv, self.posixly_correct, || false)
    }

    /// Whether the reports never end.
    pub fn runs_on(&self) -> bool {
        matches!(self.understood().command, Command::Run(args) if args.continuous && args.statistics == 0)
    }
}

pub fn fixed_lines() -> Vec<Line> {
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
pub fn abbreviated_lines() -> Vec<Line> {
    let command = command();
    // Our own names have no meaning until they are complete.
    let own = command
        .get_arguments()
        .filter_map(|arg| arg.get_long())
        .filter(|name| !LONG.contains(name) && *name != CONTEXT);
    let own: Vec<&str> = own.collect();
    assert!(own.len() >= 13, "{own:?}");
    let mut beginnings: Vec<&str> = LONG
        .into_iter()
        .chain([CONTEXT])
        .flat_map(|name| (0..=name.len()).map(move |length| &name[..length]))
        .chain(
            own.iter()
                .flat_map(|name| (1..name.len()).map(move |length| &name[..length])),
        )
        // A beginning may be complete itself: `--json` begins `--json-lines`.
        .filter(|name| !own.contains(name))
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
