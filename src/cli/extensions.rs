//! Our own long options: their rows, what values they take, and which of them go together. Not here: how the command line is
//! read, and what a filter or a namespace does.

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Arg, ArgAction};
use thiserror::Error;

use super::{Args, Effect, Given, OptionRow};
use crate::scan::ByteOrder;

/// Our own long options: they match only when spelled in full and are never named as possibilities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extensions {
    /// `--json`
    pub json: bool,
    /// `--json-lines`; never with `--json`.
    pub json_lines: bool,
    /// `--openmetrics`; with `-s`, `-i` or `--count-by`, never with another form or `-c`.
    pub openmetrics: bool,
    /// `--proc-root DIR`; not checked for existence.
    pub proc_root: Option<PathBuf>,
    /// `--byte-order big|little`
    pub byte_order: Option<ByteOrder>,
    /// `--netns NAME|PID`
    pub netns: Option<OsString>,
    /// `--all-netns`
    pub all_netns: bool,
    /// The words of every `--port`, split at commas: a number that fits 16 bits, two such with a `-` between of which the first is not
    /// the larger, or what may be a service's name. None empty.
    pub ports: Vec<OsString>,
    /// The words of every `--state`, split at commas, in capitals: names of states as the tables print them.
    pub states: Vec<OsString>,
    /// `--pid N`
    pub pids: Option<u32>,
    /// `--address ADDR[/PREFIX]`
    pub address: Option<AddressFilter>,
    /// Every `--only`.
    pub only: Vec<OnlyWords>,
    /// The words of every `--show`, split at commas: what may be names of fields. None empty.
    pub show: Vec<OsString>,
    /// The words of every `--sort` likewise, with whether each is followed by `:desc`.
    pub sort: Vec<(OsString, bool)>,
    /// The words of every `--count-by` likewise.
    pub count_by: Vec<OsString>,
    /// `--interval SECONDS`: never zero.
    pub interval: Option<Duration>,
    /// `--count N`: never zero.
    pub count: Option<u64>,
    /// `--problems`; with `-s`, and with `--interval` or `--count` as if `-c` were given.
    pub problems: bool,
    /// `--per-second`; with `-s` or `-i`, and as if `-c` were given.
    pub per_second: bool,
    /// `--changes`; implies `-c`.
    pub changes: bool,
    /// `--since FILE`
    pub since: Option<PathBuf>,
}

/// The addresses that `--address` keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AddressFilter {
    /// The address as typed; bits after the prefix may be set.
    pub address: IpAddr,
    /// Length of the prefix in bits, at most 32 for IPv4 and 128 for IPv6, and just that if none was typed.
    pub prefix_length: u8,
}

impl AddressFilter {
    /// An address, or a network as an address and the length of its prefix with a `/` between.
    pub fn from_text(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix_length = match prefix {
            Some(prefix) => decimal(OsStr::new(prefix)).filter(|&length: &u8| length <= longest)?,
            None => longest,
        };
        Some(AddressFilter {
            address,
            prefix_length,
        })
    }
}

/// The value of an `--only`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OnlyWords {
    /// What may be the name of a field; not empty.
    pub field: OsString,
    /// Whether there is a `!` before the `=`.
    pub negated: bool,
    /// What follows, split at commas; none empty.
    pub values: Vec<OsString>,
}

impl Extensions {
    /// What clap kept of our options, by name.
    pub(super) fn collect(given: Given<'_>) -> Self {
        let lists = |name| given.lists::<OsString>(name);
        Extensions {
            json: given.any("json"),
            json_lines: given.any("json-lines"),
            openmetrics: given.any("openmetrics"),
            proc_root: given.value("proc-root"),
            byte_order: given.value("byte-order"),
            netns: given.value("netns"),
            all_netns: given.any("all-netns"),
            ports: lists("port"),
            states: lists("state"),
            pids: given.value("pid"),
            address: given.value("address"),
            only: given.values("only").cloned().collect(),
            show: lists("show"),
            sort: given.lists("sort"),
            count_by: lists("count-by"),
            interval: given.value("interval"),
            count: given.value("count"),
            problems: given.any("problems"),
            per_second: given.any("per-second"),
            changes: given.any("changes"),
            since: given.value("since"),
        }
    }
}

/// Which of the options given do not go together, in words.
pub(super) fn conflict(args: &Args) -> Option<String> {
    let own = &args.extensions;
    let together = [
        ("json", own.json, "json-lines", own.json_lines),
        ("openmetrics", own.openmetrics, "json", own.json),
        ("openmetrics", own.openmetrics, "json-lines", own.json_lines),
        ("openmetrics", own.openmetrics, "problems", own.problems),
        // Who scrapes works rates out.
        ("openmetrics", own.openmetrics, "per-second", own.per_second),
        // It has samples instead of rows.
        ("show", !own.show.is_empty(), "openmetrics", own.openmetrics),
        ("problems", own.problems, "per-second", own.per_second),
        // The format has one end.
        (
            "openmetrics",
            own.openmetrics,
            "continuous",
            args.continuous,
        ),
        ("netns", own.netns.is_some(), "all-netns", own.all_netns),
        // Of two reports there is nothing more to wait for.
        ("since", own.since.is_some(), "changes", own.changes),
        ("since", own.since.is_some(), "continuous", args.continuous),
        // Rows of a file do not tell of which they are.
        ("since", own.since.is_some(), "all-netns", own.all_netns),
        // Counts stand in the place of the rows that would have more columns.
        (
            "show",
            !own.show.is_empty(),
            "count-by",
            !own.count_by.is_empty(),
        ),
    ];
    let repeated = args.continuous || own.per_second || own.problems;
    let continuous = ("continuous", repeated);
    let needing = [
        (
            "byte-order",
            own.byte_order.is_some(),
            ("proc-root", own.proc_root.is_some()),
        ),
        ("interval", own.interval.is_some(), continuous),
        ("count", own.count.is_some(), continuous),
        (
            "problems",
            own.problems,
            ("statistics", args.statistics > 0),
        ),
    ];
    let filters = [
        ("port", !own.ports.is_empty()),
        ("state", !own.states.is_empty()),
        ("pid", own.pids.is_some()),
        ("address", own.address.is_some()),
    ];
    // Filters choose among sockets.
    let others = [
        ("route", args.route > 0),
        ("interfaces", args.interfaces > 0),
        ("statistics", args.statistics > 0),
        ("masquerade", args.masquerade > 0),
        ("groups", args.groups),
    ];
    let compared = [("changes", own.changes), ("since", own.since.is_some())];
    // What changes is a row that can be known again.
    let incomparable = [
        ("openmetrics", own.openmetrics),
        ("per-second", own.per_second),
        ("count-by", !own.count_by.is_empty()),
        ("masquerade", args.masquerade > 0),
    ];
    let without_fields = [
        ("statistics", args.statistics > 0),
        ("masquerade", args.masquerade > 0),
    ];
    // Fields are those of sockets, groups, routes and interfaces.
    let fields = [
        ("only", !own.only.is_empty()),
        ("show", !own.show.is_empty()),
        ("sort", !own.sort.is_empty()),
        ("count-by", !own.count_by.is_empty()),
    ];
    let not_with = |options: &[(&'static str, bool)], others: &[(&'static str, bool)]| {
        let pairs = options.iter().flat_map(|&(option, given)| {
            let pair = move |&(other, other_given)| (option, given, other, other_given);
            others.iter().map(pair)
        });
        pairs.collect::<Vec<_>>()
    };
    // Those that imply `-c` come first, so that what was typed is named.
    let apart = not_with(&compared, &incomparable)
        .into_iter()
        .chain(together)
        .chain(not_with(&filters, &others))
        .chain(not_with(&fields, &without_fields))
        .find(|(_, given, _, other_given)| *given && *other_given)
        .map(|(one, _, other, _)| format!("option '--{one}' cannot be used with '--{other}'"));
    let alone = needing
        .into_iter()
        .find(|(_, given, (_, needed))| *given && !needed)
        .map(|(name, _, (needed, _))| format!("option '--{name}' needs '--{needed}'"));
    let counted = args.statistics > 0 || args.interfaces > 0;
    let countable = counted || !own.count_by.is_empty();
    let uncountable = if own.openmetrics && !countable {
        Some("option '--openmetrics' needs '--statistics', '--interfaces' or '--count-by'")
    } else if own.per_second && !counted {
        Some("option '--per-second' needs '--statistics' or '--interfaces'")
    } else {
        None
    };
    apart
        .or(alone)
        .or(uncountable.map(str::to_owned))
        .or_else(|| incomparable_form(args))
}

/// What `--changes` and `--since` cannot be used with though another option would do.
fn incomparable_form(args: &Args) -> Option<String> {
    let own = &args.extensions;
    let option = match (own.changes, &own.since) {
        (true, _) => "changes",
        (false, Some(_)) => "since",
        (false, None) => return None,
    };
    if args.statistics > 0 {
        return Some(format!(
            "option '--{option}' cannot be used with '--statistics'; for counters there is '--per-second'"
        ));
    }
    // An array that never ends is nothing to read while it grows.
    own.json.then(|| {
        format!("option '--{option}' cannot be used with '--json'; there is '--json-lines'")
    })
}

/// Our own options. None is an abbreviation of one of the reference's, so none takes a meaning away.
#[rustfmt::skip] // a table: one row a line
pub(super) static EXTENSIONS: [OptionRow; 23] = [
    OptionRow::extension("json", None, |arg| arg.action(ArgAction::Count), "print JSON"),
    OptionRow::extension("json-lines", None, |arg| arg.action(ArgAction::Count), "print JSON, one object a line"),
    OptionRow::extension("openmetrics", None, |arg| arg.action(ArgAction::Count), "print OpenMetrics, for Prometheus"),
    OptionRow::extension("proc-root", Some("DIR"), proc_root, "read this directory instead of /proc"),
    OptionRow::extension("byte-order", Some("ORDER"), byte_order, "byte order of the machine that the directory is from"),
    OptionRow::extension("netns", Some("NAME|PID"), netns, "report on this network namespace"),
    OptionRow::extension("all-netns", None, |arg| arg.action(ArgAction::Count), "report on every network namespace"),
    OptionRow::extension("port", Some("PORT"), port, "only sockets with one of these ports at either end"),
    OptionRow::extension("state", Some("STATE"), state, "only sockets in one of these states"),
    OptionRow::extension("pid", Some("PID"), pid, "only sockets of this process"),
    OptionRow::extension("address", Some("ADDRESS"), address, "only sockets with an address in ADDR[/PREFIX]"),
    OptionRow::extension("only", Some("FIELD=VALUE"), only, "only rows in which a field has one of these values"),
    OptionRow::extension("show", Some("FIELD"), show, "a column more for each of these fields"),
    OptionRow::extension("sort", Some("FIELD"), sort, "sort the rows of each table by these fields"),
    OptionRow::extension("count-by", Some("FIELD"), count_by, "count the rows that have the same in these fields"),
    OptionRow::extension("interval", Some("SECONDS"), interval, "pause between reports"),
    OptionRow::extension("count", Some("N"), count, "number of reports"),
    OptionRow::extension("problems", None, |arg| arg.action(ArgAction::Count), "only counters that mean trouble, explained"),
    OptionRow::extension("per-second", None, |arg| arg.action(ArgAction::Count), "counts by the second, since the last report"),
    OptionRow::extension("changes", None, |arg| arg.action(ArgAction::Count), "report once, then only what changes"),
    OptionRow::extension("since", Some("FILE"), since, "what has changed since a report in JSON lines"),
    OptionRow::new(None, "additions", Effect::Additions, "list the options that net-tools does not have"),
    OptionRow::new(None, "about", Effect::About, "say which program this is"),
];

/// The states that some table prints, in capitals. A state that a table prints as a number (raw) is no name.
pub(super) const STATES: [&str; 25] = [
    "ESTABLISHED",
    "SYN_SENT",
    "SYN_RECV",
    "FIN_WAIT1",
    "FIN_WAIT2",
    "TIME_WAIT",
    "CLOSE",
    "CLOSE_WAIT",
    "LAST_ACK",
    "LISTEN",
    "CLOSING",
    "UNKNOWN",
    "FREE",
    "LISTENING",
    "CONNECTING",
    "CONNECTED",
    "DISCONNECTING",
    "SABM SENT",
    "SABM_SENT",
    "DISC SENT",
    "DISC_SENT",
    "CONN SENT",
    "RECOVERY",
    "ESTAB",
    "UNK.",
];

/// The longest pause that `--interval` accepts, in seconds: some 136 years.
const LONGEST_INTERVAL: f64 = u32::MAX as f64;

/// A value that one of our own options does not take. The text is the whole message.
#[derive(Debug, Error)]
#[error("netstat: option '--{option}' takes {expected}, not '{}'", .value.display())]
struct ValueError {
    option: &'static str,
    expected: &'static str,
    value: OsString,
}

/// Lets clap check values with `check`, and keep every one.
fn each<T: Clone + Send + Sync + 'static>(
    arg: Arg,
    option: &'static str,
    expected: &'static str,
    check: fn(&OsStr) -> Option<T>,
) -> Arg {
    arg.action(ArgAction::Append)
        .value_parser(OsStringValueParser::new().try_map(move |value| {
            check(&value).ok_or(ValueError {
                option,
                expected,
                value,
            })
        }))
}

/// The same, but the last value counts if the option is repeated.
fn last<T: Clone + Send + Sync + 'static>(
    arg: Arg,
    option: &'static str,
    expected: &'static str,
    check: fn(&OsStr) -> Option<T>,
) -> Arg {
    each(arg, option, expected, check)
        .action(ArgAction::Set)
        .overrides_with(option)
}

fn proc_root(arg: Arg) -> Arg {
    last(arg, "proc-root", "a directory", |value| {
        (!value.is_empty()).then(|| PathBuf::from(value))
    })
}

fn since(arg: Arg) -> Arg {
    last(arg, "since", "a file of '--json-lines'", |value| {
        (!value.is_empty()).then(|| PathBuf::from(value))
    })
}

fn byte_order(arg: Arg) -> Arg {
    last(arg, "byte-order", "big or little", |value| {
        match value.as_bytes() {
            b"big" => Some(ByteOrder::Big),
            b"little" => Some(ByteOrder::Little),
            _ => None,
        }
    })
}

fn netns(arg: Arg) -> Arg {
    last(
        arg,
        "netns",
        "the name of a network namespace or the number of a process",
        |value| (!value.is_empty()).then(|| value.to_os_string()),
    )
}

fn port(arg: Arg) -> Arg {
    each(
        arg,
        "port",
        "port numbers up to 65535, ranges of them such as 8000-8100, or names of services",
        |value| {
            words(value, |word| {
                let number = |text: &str| text.parse::<u16>().ok();
                let fits = match word.to_str().and_then(|text| text.split_once('-')) {
                    Some((first, last))
                        if is_decimal(first.as_ref()) && is_decimal(last.as_ref()) =>
                    {
                        number(first)? <= number(last)?
                    }
                    _ => !is_decimal(word) || number(word.to_str()?).is_some(),
                };
                fits.then(|| word.to_os_string())
            })
        },
    )
}

fn only(arg: Arg) -> Arg {
    each(
        arg,
        "only",
        "FIELD=VALUE or FIELD!=VALUE, with more values behind commas",
        |value| {
            let value = value.as_bytes();
            let (field, values) = value.split_at_checked(memchr::memchr(b'=', value)?)?;
            let (field, negated) = match field.strip_suffix(b"!") {
                Some(field) => (field, true),
                None => (field, false),
            };
            let values = names(OsStr::from_bytes(values.get(1..)?))?;
            (!field.is_empty()).then(|| OnlyWords {
                field: OsStr::from_bytes(field).to_os_string(),
                negated,
                values,
            })
        },
    )
}

fn show(arg: Arg) -> Arg {
    each(arg, "show", "names of fields, or 'all'", names)
}

fn count_by(arg: Arg) -> Arg {
    each(arg, "count-by", "names of fields", names)
}

/// The words of a list, whatever they are.
fn names(list: &OsStr) -> Option<Vec<OsString>> {
    words(list, |word| Some(word.to_os_string()))
}

fn sort(arg: Arg) -> Arg {
    each(
        arg,
        "sort",
        "names of fields, each with or without ':desc'",
        |value| {
            words(value, |word| {
                let word = word.as_bytes();
                let (field, descending) = match word.strip_suffix(b":desc") {
                    Some(field) => (field, true),
                    None => (word, false),
                };
                let is_name = !field.is_empty() && !field.contains(&b':');
                is_name.then(|| (OsStr::from_bytes(field).to_os_string(), descending))
            })
        },
    )
}

fn state(arg: Arg) -> Arg {
    each(
        arg,
        "state",
        "states as the tables print them, such as LISTEN or TIME_WAIT",
        |value| {
            words(value, |word| {
                let word = word.to_ascii_uppercase();
                STATES.iter().any(|state| word == *state).then_some(word)
            })
        },
    )
}

fn pid(arg: Arg) -> Arg {
    last(arg, "pid", "the number of a process", |value| {
        decimal(value).filter(|&pid: &u32| pid > 0)
    })
}

fn address(arg: Arg) -> Arg {
    last(
        arg,
        "address",
        "an IPv4 or IPv6 address with or without '/' and the length of a prefix",
        |value| AddressFilter::from_text(value.to_str()?),
    )
}

fn interval(arg: Arg) -> Arg {
    last(arg, "interval", "a positive number of seconds", |value| {
        let text = value.to_str()?;
        // f64's own parser also takes "inf", "1e9", "-1" and "+1".
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return None;
        }
        let seconds: f64 = text
            .parse()
            .ok()
            .filter(|&seconds| seconds <= LONGEST_INTERVAL)?;
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|pause| !pause.is_zero())
    })
}

fn count(arg: Arg) -> Arg {
    last(arg, "count", "a positive number", |value| {
        decimal(value).filter(|&count: &u64| count > 0)
    })
}

/// The words of a list, none of them empty, each as `check` returns it.
fn words<T>(list: &OsStr, check: impl Fn(&OsStr) -> Option<T>) -> Option<Vec<T>> {
    list.as_bytes()
        .split(|&byte| byte == b',')
        .map(OsStr::from_bytes)
        .map(|word| if word.is_empty() { None } else { check(word) })
        .collect()
}

fn is_decimal(word: &OsStr) -> bool {
    word.as_bytes().iter().all(u8::is_ascii_digit)
}

/// A number in digits only: Rust's own parser also takes a sign.
fn decimal<T: std::str::FromStr>(word: &OsStr) -> Option<T> {
    word.to_str().filter(|_| is_decimal(word))?.parse().ok()
}
