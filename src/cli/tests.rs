//! Command lines as a table: what is typed, and what comes out.

use std::cell::Cell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use proptest::strategy::Strategy as _;

use super::*;
use crate::scan::ByteOrder;

fn read_with(words: &[&str], posixly_correct: bool, selinux: bool) -> Parsed {
    let argv: Vec<OsString> = ["netstat"]
        .iter()
        .chain(words)
        .map(|word| OsString::from(*word))
        .collect();
    parse(&argv, posixly_correct, || selinux)
}

fn read(words: &[&str]) -> Parsed {
    read_with(words, false, false)
}

fn run(words: &[&str]) -> Args {
    let parsed = read(words);
    assert!(parsed.notices.is_empty(), "{words:?}: {parsed:?}");
    match parsed.command {
        Command::Run(args) => args,
        other => panic!("{words:?}: {other:?}"),
    }
}

fn fail(message: &str, status: u8) -> Command {
    Command::Fail {
        message: format!("{message}\n").into_bytes(),
        status,
    }
}

#[test]
fn clap_finds_the_table_sound() {
    command().debug_assert();
}

#[test]
fn every_option_sets_what_it_names() {
    use AddressFamily::*;
    let base = Args::default;
    let of = |families: &[AddressFamily]| Args {
        families: families.to_vec(),
        ..base()
    };
    #[rustfmt::skip] // a table: one row a line
    let table: Vec<(Vec<&str>, Args)> = vec![
        (vec![], base()),
        (vec!["-a", "--all"], Args { all: true, ..base() }),
        (vec!["-l", "--listening"], Args { listening: true, ..base() }),
        (vec!["-n", "--numeric"], Args { numeric_hosts: true, numeric_ports: true, numeric_users: true, ..base() }),
        (vec!["--numeric-hosts"], Args { numeric_hosts: true, ..base() }),
        (vec!["--numeric-ports"], Args { numeric_ports: true, ..base() }),
        (vec!["--numeric-users"], Args { numeric_users: true, ..base() }),
        (vec!["-N", "--symbolic"], Args { symbolic: true, ..base() }),
        (vec!["-e", "--extend", "-ee"], Args { extend: 4, ..base() }),
        (vec!["-o", "--timers"], Args { timers: true, ..base() }),
        (vec!["-p", "--programs"], Args { programs: true, ..base() }),
        (vec!["-v", "--verbose"], Args { verbose: true, ..base() }),
        (vec!["-W", "--wide"], Args { wide: true, ..base() }),
        (vec!["-c", "--continuous"], Args { continuous: true, ..base() }),
        (vec!["-C", "--cache"], Args { cache: true, ..base() }),
        (vec!["-F", "--fib"], Args { fib: true, ..base() }),
        (vec!["-g", "--groups"], Args { groups: true, ..base() }),
        (vec!["-d"], base()),
        (vec!["-r"], Args { route: 1, ..base() }),
        (vec!["--route"], Args { route: 1, ..base() }),
        (vec!["-i"], Args { interfaces: 1, ..base() }),
        (vec!["--interfaces"], Args { interfaces: 1, ..base() }),
        (vec!["-s"], Args { statistics: 1, ..base() }),
        (vec!["--statistics"], Args { statistics: 1, ..base() }),
        (vec!["-M"], Args { masquerade: 1, ..base() }),
        (vec!["--masquerade"], Args { masquerade: 1, ..base() }),
        (vec!["-t", "--tcp"], Args { tcp: true, ..base() }),
        (vec!["-u", "--udp"], Args { udp: true, ..base() }),
        (vec!["-U", "--udplite"], Args { udplite: true, ..base() }),
        (vec!["-S", "--sctp"], Args { sctp: true, ..base() }),
        (vec!["-w", "--raw"], Args { raw: true, ..base() }),
        (vec!["-2", "--l2cap"], Args { l2cap: true, ..base() }),
        (vec!["-f", "--rfcomm"], Args { rfcomm: true, ..base() }),
        (vec!["-x", "--unix"], of(&[Unix, Unix])),
        (vec!["-4", "--inet", "--ip", "--ine"], of(&[Inet, Inet, Inet, Inet])),
        (vec!["-64", "--inet6"], of(&[Inet6, Inet, Inet6])),
        (vec!["--ax25", "--x25", "--ipx"], of(&[Ax25, X25, Ipx])),
        (vec!["--appletalk", "--ddp"], of(&[Ddp, Ddp])),
        (vec!["--netrom", "--rose", "--bluetooth"], of(&[Netrom, Rose, Bluetooth])),
        (vec!["-A", "inet,ip,tcpip,inet6,ip6"], of(&[Inet, Inet, Inet, Inet6, Inet6])),
        (vec!["-Aunix,ipx", "--prot", "econet"], of(&[Unix, Ipx, Econet])),
        (vec!["--protocol=ash,appletalk"], of(&[Ash, Ddp])),
        (vec!["foo", "-t", "-", "bar"], Args { tcp: true, ..base() }),
        (vec!["-t", "--", "-u", "--bad"], Args { tcp: true, ..base() }),
    ];
    for (words, args) in table {
        assert_eq!(run(&words), args, "{words:?}");
    }
}

#[test]
fn posixly_correct_ends_the_options_at_the_first_operand() {
    let parsed = read_with(&["-t", "foo", "-V"], true, false);
    let args = Args {
        tcp: true,
        ..Args::default()
    };
    assert_eq!(parsed.command, Command::Run(args));
}

#[test]
fn the_first_word_that_ends_the_program_decides() {
    let usage = |message: &str| Command::Usage(Some(message.as_bytes().to_vec()));
    #[rustfmt::skip] // a table: one row a line
    let table: Vec<(&[&str], Command)> = vec![
        (&["-h"], Command::Help),
        (&["-V"], Command::Version),
        (&["-?"], Command::Usage(None)),
        (&["-?V"], Command::Usage(None)),
        (&["-h", "-V"], Command::Help),
        (&["-V", "-h"], Command::Version),
        (&["-hQ"], Command::Help),
        (&["-Qh"], usage("netstat: invalid option -- 'Q'")),
        (&["-q", "-V"], usage("netstat: invalid option -- 'q'")),
        (&["-V", "-q"], Command::Version),
        (&["-V", "-A", "bad"], Command::Version),
        (&["-r", "-i", "-V"], Command::Version),
        (&["-MMh"], Command::Help),
        (&["-Z", "-V"], fail("SELinux is not enabled on this machine.", 1)),
        (&["--conte"], fail("SELinux is not enabled on this machine.", 1)),
        (&["-VZ"], Command::Version),
        (&["-r", "-i"], Command::Usage(None)),
        (&["-rr"], Command::Usage(None)),
        (&["-ss"], Command::Usage(None)),
        (&["-Mi", "-4"], Command::Usage(None)),
        (&["-s", "-A", "bad", "-r"], fail("Unknown address family `bad'.", 1)),
        (&["-A", "inet,"], fail("Unknown address family `'.", 1)),
        (&["-A", ",inet"], fail("Unknown address family `'.", 1)),
        (&["-A", ""], fail("Unknown address family `'.", 1)),
        (&["--protocol="], fail("Unknown address family `'.", 1)),
        (&["-A=inet"], fail("Unknown address family `=inet'.", 1)),
        (&["-A", "INET"], fail("Unknown address family `INET'.", 1)),
        (&["-A", "ec"], fail("Unknown address family `ec'.", 1)),
        (&["-A", "-n"], fail("Unknown address family `-n'.", 1)),
        (&["-A"], usage("netstat: option requires an argument -- 'A'")),
        (&["--prot"], usage("netstat: option '--protocol' requires an argument")),
        // What one of ours refuses counts in its place, too.
        (&["--pid=x", "-V"], fail("netstat: option '--pid' takes the number of a process, not 'x'", 3)),
        (&["-V", "--pid=x"], Command::Version),
        (&["-q", "--pid=x"], usage("netstat: invalid option -- 'q'")),
    ];
    for (words, command) in table {
        assert_eq!(read(words).command, command, "{words:?}");
    }
}

#[test]
fn selinux_is_asked_only_when_the_option_is_met() {
    let asked = Cell::new(0);
    let ask = || {
        asked.set(asked.get() + 1);
        true
    };
    parse(&["netstat".into(), "-V".into(), "-Z".into()], false, ask);
    assert_eq!(asked.get(), 0);
    let parsed = parse(&["netstat".into(), "-Zt".into()], false, ask);
    let args = Args {
        context: true,
        tcp: true,
        ..Args::default()
    };
    assert_eq!(parsed.command, Command::Run(args));
    assert_eq!(asked.get(), 1);
}

#[test]
fn tcpip_complains_and_goes_on() {
    let notice = b"netstat.c: Internal Error `longopts 1 range'.\n";
    let parsed = read(&["--tcpip", "-V"]);
    assert_eq!(parsed.notices, notice);
    assert_eq!(parsed.command, Command::Version);
    let parsed = read(&["--tcpi"]);
    assert_eq!(parsed.notices, notice);
    assert_eq!(parsed.command, Command::Run(Args::default()));
}

#[test]
fn the_family_list_holds_255_bytes() {
    let notice = b"Too much address family arguments.\n";
    let unix = |times: usize| vec!["-x"; times];
    let families = |parsed: &Parsed| match &parsed.command {
        Command::Run(args) => args.families.len(),
        other => panic!("{other:?}"),
    };

    let parsed = read(&unix(51));
    assert_eq!(
        (parsed.notices.as_slice(), families(&parsed)),
        (&b""[..], 51)
    );
    let parsed = read(&unix(53));
    assert_eq!(parsed.notices, notice.repeat(2));
    assert_eq!(families(&parsed), 51);
    // The rest of a list is not checked once it is full, a new list is.
    let parsed = read(&[unix(51), vec!["-A", "inet6,bad"]].concat());
    assert_eq!(
        (parsed.notices.as_slice(), families(&parsed)),
        (&notice[..], 51)
    );
    let parsed = read(&[unix(52), vec!["-A", "bad"]].concat());
    assert_eq!(parsed.notices, notice);
    assert_eq!(parsed.command, fail("Unknown address family `bad'.", 1));
    // Of one list, 255 bytes count.
    let parsed = read(&["-A", &"x".repeat(300)]);
    let message = format!("Unknown address family `{}'.", "x".repeat(255));
    assert_eq!(parsed.command, fail(&message, 1));
    let parsed = read(&["-A", &"unix,".repeat(52)]);
    assert_eq!(parsed.command, fail("Unknown address family `'.", 1));
}

#[test]
fn counts_stop_at_255() {
    assert_eq!(run(&["-e"; 300]).extend, 255);
    assert_eq!(read(&["-r"; 256]).command, Command::Usage(None));
}

fn extensions(words: &[&str]) -> Extensions {
    run(words).extensions
}

#[test]
fn our_options_keep_their_values() {
    let base = Extensions::default;
    let os = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    let net = |address: &str, prefix_length| {
        Some(AddressFilter {
            address: address.parse().unwrap(),
            prefix_length,
        })
    };
    let only = |field: &str, negated, values: &[&str]| OnlyWords {
        field: field.into(),
        negated,
        values: os(values),
    };
    #[rustfmt::skip] // a table: one row a line
    let table: Vec<(&[&str], Extensions)> = vec![
        (&["--json", "--json"], Extensions { json: true, ..base() }),
        (&["--json-lines"], Extensions { json_lines: true, ..base() }),
        (&["--openmetrics", "-s"], Extensions { openmetrics: true, ..base() }),
        (&["--proc-root", "/host/proc"], Extensions { proc_root: Some(PathBuf::from("/host/proc")), ..base() }),
        (&["--proc-root=a=b"], Extensions { proc_root: Some(PathBuf::from("a=b")), ..base() }),
        (&["--proc-root=a", "--byte-order=big", "--byte-order", "little"], Extensions { proc_root: Some(PathBuf::from("a")), byte_order: Some(ByteOrder::Little), ..base() }),
        (&["--netns", "-x"], Extensions { netns: Some("-x".into()), ..base() }),
        (&["--all-netns"], Extensions { all_netns: true, ..base() }),
        (&["--port=22,ssh", "--port", "0,65535"], Extensions { ports: os(&["22", "ssh", "0", "65535"]), ..base() }),
        (&["--port=8000-8100,http-alt,0-0"], Extensions { ports: os(&["8000-8100", "http-alt", "0-0"]), ..base() }),
        (&["--only=state=A,B", "--only", "recv_q!=1..,=x"], Extensions { only: vec![only("state", false, &["A", "B"]), only("recv_q", true, &["1..", "=x"])], ..base() }),
        (&["--show=drops,unit", "--show", "all"], Extensions { show: os(&["drops", "unit", "all"]), ..base() }),
        (&["--sort=state,recv_q:desc", "--sort=x"], Extensions { sort: vec![("state".into(), false), ("recv_q".into(), true), ("x".into(), false)], ..base() }),
        (&["--count-by=state", "--count-by=proto,user"], Extensions { count_by: os(&["state", "proto", "user"]), ..base() }),
        (&["--state=listen,Time_Wait", "--state", "LISTENING"], Extensions { states: os(&["LISTEN", "TIME_WAIT", "LISTENING"]), ..base() }),
        (&["--pid=1", "--pid=4194304"], Extensions { pids: Some(4_194_304), ..base() }),
        (&["--address=10.1.2.3"], Extensions { address: net("10.1.2.3", 32), ..base() }),
        (&["--address=10.1.2.3/8"], Extensions { address: net("10.1.2.3", 8), ..base() }),
        (&["--address=0.0.0.0/0"], Extensions { address: net("0.0.0.0", 0), ..base() }),
        (&["--address", "::1"], Extensions { address: net("::1", 128), ..base() }),
        (&["--address", "fe80::/64"], Extensions { address: net("fe80::", 64), ..base() }),
        (&["-c", "--interval", "0.25"], Extensions { interval: Some(Duration::from_millis(250)), ..base() }),
        (&["--interval=2", "-c"], Extensions { interval: Some(Duration::from_secs(2)), ..base() }),
        (&["-c", "--interval=.5", "--interval=10."], Extensions { interval: Some(Duration::from_secs(10)), ..base() }),
        (&["-c", "--count", "3"], Extensions { count: Some(3), ..base() }),
    ];
    for (words, expected) in table {
        assert_eq!(extensions(words), expected, "{words:?}");
    }
}

#[test]
fn our_options_refuse_what_they_cannot_use() {
    let refused: &[(&str, &str, &[&str])] = &[
        ("proc-root", "a directory", &[""]),
        (
            "byte-order",
            "big or little",
            &["", "Big", "little,big", "be"],
        ),
        (
            "netns",
            "the name of a network namespace or the number of a process",
            &[""],
        ),
        (
            "port",
            "port numbers up to 65535, ranges of them such as 8000-8100, or names of services",
            &[
                "",
                "65536",
                "22,",
                ",22",
                "22,,23",
                "99999999999999999999",
                "2-1",
                "1-65536",
                "1-",
                "-1",
            ],
        ),
        (
            "only",
            "FIELD=VALUE or FIELD!=VALUE, with more values behind commas",
            &["", "state", "=x", "!=x", "state=", "state=a,", "state!="],
        ),
        ("show", "names of fields, or 'all'", &["", "a,", ",a"]),
        ("count-by", "names of fields", &["", "a,,b"]),
        (
            "sort",
            "names of fields, each with or without ':desc'",
            &["", "a,", ":desc", "a:asc", "a:desc:desc"],
        ),
        (
            "state",
            "states as the tables print them, such as LISTEN or TIME_WAIT",
            &["", "LISTEN,", "OPEN", "LISTEN CLOSE"],
        ),
        (
            "pid",
            "the number of a process",
            &["", "0", "-1", "+1", "1,2", "4294967296", "x"],
        ),
        (
            "address",
            "an IPv4 or IPv6 address with or without '/' and the length of a prefix",
            &[
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/+8",
                "::/129",
                "::/256",
                "10.1",
                "localhost",
                "fe80::1%lo",
            ],
        ),
        (
            "interval",
            "a positive number of seconds",
            &[
                "",
                ".",
                "0",
                "0.0",
                "-1",
                "+1",
                "1e3",
                "inf",
                "nan",
                "0.0000000000001",
                "99999999999",
                "1.2.3",
                "1s",
            ],
        ),
        (
            "count",
            "a positive number",
            &["", "0", "-1", "+1", "1.5", "18446744073709551616"],
        ),
    ];
    for (option, expected, values) in refused {
        for value in *values {
            let message = format!("netstat: option '--{option}' takes {expected}, not '{value}'");
            let words = ["-c".to_owned(), format!("--{option}={value}")];
            let words = [words[0].as_str(), words[1].as_str()];
            assert_eq!(read(&words).command, fail(&message, 3));
        }
    }
    let table: &[(&[&str], &str)] = &[
        (&["--json=1"], "option '--json' doesn't allow an argument"),
        (
            &["--all-netns="],
            "option '--all-netns' doesn't allow an argument",
        ),
        (&["--port"], "option '--port' requires an argument"),
        (
            &["--netns=a", "--all-netns"],
            "option '--netns' cannot be used with '--all-netns'",
        ),
        (
            &["--json-lines", "--json"],
            "option '--json' cannot be used with '--json-lines'",
        ),
        (
            &["--openmetrics", "-i", "--json-lines"],
            "option '--openmetrics' cannot be used with '--json-lines'",
        ),
        (
            &["-sc", "--openmetrics"],
            "option '--openmetrics' cannot be used with '--continuous'",
        ),
        (
            &["--openmetrics", "-tan"],
            "option '--openmetrics' needs '--statistics', '--interfaces' or '--count-by'",
        ),
        (
            &["--port=1", "-rc"],
            "option '--port' cannot be used with '--route'",
        ),
        (
            &["-i", "--state=LISTEN"],
            "option '--state' cannot be used with '--interfaces'",
        ),
        (
            &["-s", "--pid=1"],
            "option '--pid' cannot be used with '--statistics'",
        ),
        (
            &["--address=::", "-M"],
            "option '--address' cannot be used with '--masquerade'",
        ),
        (
            &["--address=::", "-tg"],
            "option '--address' cannot be used with '--groups'",
        ),
        (
            &["--byte-order=big"],
            "option '--byte-order' needs '--proc-root'",
        ),
        (
            &["-s", "--show=a"],
            "option '--show' cannot be used with '--statistics'",
        ),
        (
            &["--only=a=b", "-M"],
            "option '--only' cannot be used with '--masquerade'",
        ),
        (
            &["--sort=a", "-s"],
            "option '--sort' cannot be used with '--statistics'",
        ),
        (
            &["--count-by=a", "-M"],
            "option '--count-by' cannot be used with '--masquerade'",
        ),
        (
            &["--count-by=a", "--show=b"],
            "option '--show' cannot be used with '--count-by'",
        ),
        (
            &["--interval=1"],
            "option '--interval' needs '--continuous'",
        ),
        (&["--count=1"], "option '--count' needs '--continuous'"),
    ];
    for (words, message) in table {
        let command = fail(&format!("netstat: {message}"), 3);
        assert_eq!(read(words).command, command, "{words:?}");
    }
}

#[test]
fn a_value_need_not_be_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(b"\xff\xfe".to_vec());
    let argv = ["netstat".into(), "--netns".into(), odd.clone()];
    let parsed = parse(&argv, false, || false);
    let Command::Run(args) = parsed.command else {
        panic!("{parsed:?}");
    };
    assert_eq!(args.extensions.netns, Some(odd));
}

proptest::proptest! {
    /// Any bytes at all: an answer, never a panic.
    #[test]
    fn no_command_line_panics(
        words in proptest::collection::vec(
            proptest::prop_oneof![
                proptest::collection::vec(proptest::num::u8::ANY, 0..12),
                "--?(json|json-lines|openmetrics|proc-root|byte-order|port|state|pid|address|only|show|sort|count-by|interval|count|A|protocol|[a-z]{1,4})(=[-0-9a-z,./:=!*]{0,9})?"
                    .prop_map(String::into_bytes),
            ],
            0..6,
        ),
        posixly_correct in proptest::bool::ANY,
        selinux in proptest::bool::ANY,
    ) {
        use std::os::unix::ffi::OsStringExt;
        let argv: Vec<OsString> = words.into_iter().map(OsString::from_vec).collect();
        parse(&argv, posixly_correct, || selinux);
    }
}
