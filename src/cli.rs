//! From `argv` to [`Args`]: what was typed, typed. The one table of options lives here; clap is built from it, checks values and
//! collects them, and completions are generated from the same [`command`]. Not here: what options imply (`query`), the order in
//! which getopt_long reads words (`abbrev`), the rows and values of our own options (`extensions`), the fixed texts (`help`), and
//! anything that prints or exits.

use std::error::Error as _;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, ValueHint};

mod abbrev;
mod extensions;
pub mod help;

use abbrev::{Getopt, Recognized, Rejection};
use extensions::EXTENSIONS;
pub use extensions::{AddressFilter, Extensions, OnlyWords};

use crate::printable;

/// What was typed, typed. Decides nothing about networking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// `-a`
    pub all: bool,
    /// `-l`
    pub listening: bool,
    /// `-n` or `--numeric-hosts`
    pub numeric_hosts: bool,
    /// `-n` or `--numeric-ports`
    pub numeric_ports: bool,
    /// `-n` or `--numeric-users`
    pub numeric_users: bool,
    /// `-N`
    pub symbolic: bool,
    /// How often `-e` was given, up to 255.
    pub extend: u32,
    /// `-o`
    pub timers: bool,
    /// `-p`; not set by `-Z`, which implies it.
    pub programs: bool,
    /// `-v`
    pub verbose: bool,
    /// `-W`
    pub wide: bool,
    /// `-c`, or an option that implies it.
    pub continuous: bool,
    /// `-C`
    pub cache: bool,
    /// `-F`
    pub fib: bool,
    /// `-Z`; only ever set where SELinux is enabled.
    pub context: bool,
    /// `-g`
    pub groups: bool,
    /// How often `-r` was given: 0 or 1, as are the next three, of which at most one is 1.
    pub route: u32,
    /// How often `-i` was given.
    pub interfaces: u32,
    /// How often `-s` was given.
    pub statistics: u32,
    /// How often `-M` was given.
    pub masquerade: u32,
    /// `-t`
    pub tcp: bool,
    /// `-u`
    pub udp: bool,
    /// `-U`
    pub udplite: bool,
    /// `-S`
    pub sctp: bool,
    /// `-w`
    pub raw: bool,
    /// `-2`
    pub l2cap: bool,
    /// `-f`
    pub rfcomm: bool,
    /// The family list: every accepted family in the order typed, repetitions kept.
    pub families: Vec<AddressFamily>,
    /// Our own options.
    pub extensions: Extensions,
}

/// An address family of `-A`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AddressFamily {
    /// IPv4
    Inet,
    /// IPv6
    Inet6,
    /// UNIX domain
    Unix,
    /// Novell IPX
    Ipx,
    /// Amateur radio AX.25
    Ax25,
    /// CCITT X.25
    X25,
    /// Amateur radio NET/ROM
    Netrom,
    /// Amateur radio ROSE
    Rose,
    /// Bluetooth
    Bluetooth,
    /// AppleTalk DDP
    Ddp,
    /// Acorn Econet
    Econet,
    /// Ash
    Ash,
}

/// The words that `-A` accepts, in any number separated by commas; case matters.
const FAMILY_WORDS: [(&str, AddressFamily); 16] = [
    ("inet", AddressFamily::Inet),
    ("ip", AddressFamily::Inet),
    ("tcpip", AddressFamily::Inet),
    ("inet6", AddressFamily::Inet6),
    ("ip6", AddressFamily::Inet6),
    ("unix", AddressFamily::Unix),
    ("ipx", AddressFamily::Ipx),
    ("ax25", AddressFamily::Ax25),
    ("x25", AddressFamily::X25),
    ("netrom", AddressFamily::Netrom),
    ("rose", AddressFamily::Rose),
    ("bluetooth", AddressFamily::Bluetooth),
    ("ddp", AddressFamily::Ddp),
    ("appletalk", AddressFamily::Ddp),
    ("econet", AddressFamily::Econet),
    ("ash", AddressFamily::Ash),
];

impl AddressFamily {
    /// The name under which the reference keeps the family in its list, and calls it in messages about routing.
    pub fn list_name(self) -> &'static str {
        match self {
            AddressFamily::Inet => "inet",
            AddressFamily::Inet6 => "inet6",
            AddressFamily::Unix => "unix",
            AddressFamily::Ipx => "ipx",
            AddressFamily::Ax25 => "ax25",
            AddressFamily::X25 => "x25",
            AddressFamily::Netrom => "netrom",
            AddressFamily::Rose => "rose",
            AddressFamily::Bluetooth => "bluetooth",
            AddressFamily::Ddp => "ddp",
            AddressFamily::Econet => "ec",
            AddressFamily::Ash => "ash",
        }
    }

    /// The family called `word` (a word of `-A`, not a list name).
    fn from_word(word: &[u8]) -> Option<(&'static str, AddressFamily)> {
        FAMILY_WORDS
            .into_iter()
            .find(|(name, _)| name.as_bytes() == word)
    }
}

/// The words that a value called `kind` in the option table is made of, if they are known beforehand: for completions.
pub fn value_words(kind: &str) -> Vec<&'static str> {
    match kind {
        "FAMILY" => FAMILY_WORDS.iter().map(|(word, _)| *word).collect(),
        "STATE" => extensions::STATES.to_vec(),
        _ => Vec::new(),
    }
}

/// What a command line asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Lines for stderr before anything else, each with its newline.
    pub notices: Vec<u8>,
    /// What to do.
    pub command: Command,
}

/// What a command line asks for, notices aside.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "made once in a run")]
pub enum Command {
    /// Report.
    Run(Args),
    /// [`help::USAGE_MAIN`] on stdout, [`help::USAGE_FAMILIES`] on stderr, exit 0.
    Help,
    /// [`help::VERSION`] on stdout, exit 0.
    Version,
    /// [`help::additions`] on stdout, exit 0.
    Additions,
    /// [`help::about`] on stdout, exit 0.
    About,
    /// The message, if any (without newline), then both parts of the usage, all on stderr; exit 3.
    Usage(Option<Vec<u8>>),
    /// A message on stderr and nothing else.
    Fail {
        /// The message, newline included.
        message: Vec<u8>,
        /// The exit status: 1 for an unknown family or `-Z` without SELinux, 3 for misuse of our own options.
        status: u8,
    },
}

/// One option: a row of [`OPTIONS`] or [`EXTENSIONS`].
#[derive(Debug)]
struct OptionRow {
    short: Option<char>,
    /// The long name; for an option without one, what clap calls it.
    name: &'static str,
    has_long: bool,
    /// What the value is called in completions; `None` for an option that takes none.
    value: Option<&'static str>,
    effect: Effect,
    /// For completions: our own words.
    help: &'static str,
}

/// What an option does when it is met.
#[derive(Clone, Copy, Debug)]
enum Effect {
    /// It is counted.
    Flag,
    /// Long form of a family: the same as `-A` with this word. All of them share one code in getopt_long's eyes.
    Family(&'static str),
    /// A family option of whose word the reference knows nothing: it complains about itself and goes on.
    Tcpip,
    /// `-x`: the same as `-A unix` once more, under a code of its own.
    Unix,
    /// `-A LIST`
    Protocol,
    /// Ends the program unless SELinux is enabled.
    Context,
    Help,
    Version,
    /// `--additions`, one of ours.
    Additions,
    /// `--about`, one of ours.
    About,
    /// `-?`
    Usage,
    /// One of ours: clap checks the value and stores it, as this function tells it.
    Extension(fn(Arg) -> Arg),
}

impl OptionRow {
    const fn new(
        short: Option<char>,
        long: &'static str,
        effect: Effect,
        help: &'static str,
    ) -> Self {
        OptionRow {
            short,
            name: long,
            has_long: true,
            value: None,
            effect,
            help,
        }
    }

    const fn letter(short: char, name: &'static str, effect: Effect, help: &'static str) -> Self {
        OptionRow {
            short: Some(short),
            name,
            has_long: false,
            value: None,
            effect,
            help,
        }
    }

    const fn flag(short: char, long: &'static str, help: &'static str) -> Self {
        OptionRow::new(Some(short), long, Effect::Flag, help)
    }

    const fn family(
        short: Option<char>,
        long: &'static str,
        word: &'static str,
        help: &'static str,
    ) -> Self {
        OptionRow::new(short, long, Effect::Family(word), help)
    }

    const fn extension(
        long: &'static str,
        value: Option<&'static str>,
        build: fn(Arg) -> Arg,
        help: &'static str,
    ) -> Self {
        OptionRow {
            short: None,
            name: long,
            has_long: true,
            value,
            effect: Effect::Extension(build),
            help,
        }
    }

    fn takes_value(&self) -> bool {
        self.value.is_some()
    }

    fn is_named(&self, long: &[u8]) -> bool {
        self.has_long && self.name.as_bytes() == long
    }

    /// How the option is written for clap, value aside.
    fn canonical(&self) -> String {
        if self.has_long {
            format!("--{}", self.name)
        } else {
            ['-'].into_iter().chain(self.short).collect()
        }
    }

    fn arg(&self) -> Arg {
        let mut arg = Arg::new(self.name).help(self.help);
        if let Some(short) = self.short {
            arg = arg.short(short);
        }
        if self.has_long {
            arg = arg.long(self.name);
        }
        if let Some(value) = self.value {
            // Completion offers directories, or nothing rather than files.
            let hint = match value {
                "DIR" => ValueHint::DirPath,
                "FILE" => ValueHint::FilePath,
                _ => ValueHint::Other,
            };
            arg = arg.value_name(value).value_hint(hint);
        }
        match self.effect {
            Effect::Protocol => arg.action(ArgAction::Append).value_parser(family_parser()),
            Effect::Extension(build) => build(arg),
            _ => arg.action(ArgAction::Count),
        }
    }
}

/// The reference's options. Those with a long name are in getopt_long's order, which decides which one an abbreviation means
/// and how an ambiguous one is answered; `unix` stands there twice.
#[rustfmt::skip] // a table: one row a line
static OPTIONS: [OptionRow; 47] = [
    OptionRow::family(None, "ax25", "ax25", "AX.25 sockets"),
    OptionRow::family(None, "x25", "x25", "X.25 sockets"),
    OptionRow::family(None, "ip", "inet", "IPv4, as --inet"),
    OptionRow::family(None, "ipx", "ipx", "IPX sockets"),
    OptionRow::family(None, "appletalk", "appletalk", "AppleTalk, as --ddp"),
    OptionRow::family(None, "netrom", "netrom", "NET/ROM sockets"),
    OptionRow::family(Some('4'), "inet", "inet", "IPv4"),
    OptionRow::family(Some('6'), "inet6", "inet6", "IPv6"),
    OptionRow::family(None, "ddp", "ddp", "AppleTalk (with --route)"),
    OptionRow::family(None, "rose", "rose", "ROSE sockets"),
    OptionRow::family(None, "unix", "unix", "UNIX domain sockets"),
    OptionRow::family(None, "bluetooth", "bluetooth", "Bluetooth sockets (not supported)"),
    OptionRow::new(None, "tcpip", Effect::Tcpip, "no effect but a complaint"),
    OptionRow::new(Some('V'), "version", Effect::Version, "print the version"),
    OptionRow::flag('i', "interfaces", "interface table"),
    OptionRow::new(Some('h'), "help", Effect::Help, "print the usage"),
    OptionRow::flag('r', "route", "routing table"),
    OptionRow::flag('M', "masquerade", "masqueraded connections"),
    OptionRow {
        short: Some('A'),
        name: "protocol",
        has_long: true,
        value: Some("FAMILY"),
        effect: Effect::Protocol,
        help: "address families, separated by commas",
    },
    OptionRow::flag('t', "tcp", "TCP sockets"),
    OptionRow::flag('S', "sctp", "SCTP sockets"),
    OptionRow::flag('u', "udp", "UDP sockets"),
    OptionRow::flag('U', "udplite", "UDP-Lite sockets"),
    OptionRow::flag('w', "raw", "raw sockets"),
    OptionRow::new(Some('x'), "unix", Effect::Unix, "UNIX domain sockets"),
    OptionRow::flag('2', "l2cap", "Bluetooth L2CAP sockets (not supported)"),
    OptionRow::flag('f', "rfcomm", "Bluetooth RFCOMM sockets (not supported)"),
    OptionRow::flag('l', "listening", "only listening sockets"),
    OptionRow::flag('a', "all", "listening and other sockets"),
    OptionRow::flag('o', "timers", "timers of sockets"),
    OptionRow::flag('c', "continuous", "report again every second"),
    OptionRow::flag('e', "extend", "more columns; twice: still more"),
    OptionRow::flag('p', "programs", "process that owns each socket"),
    OptionRow::flag('v', "verbose", "say which tables are missing"),
    OptionRow::flag('s', "statistics", "counters of each protocol"),
    OptionRow::flag('W', "wide", "do not cut addresses and names"),
    OptionRow::flag('n', "numeric", "numbers instead of names"),
    OptionRow::new(None, "numeric-hosts", Effect::Flag, "addresses instead of host names"),
    OptionRow::new(None, "numeric-ports", Effect::Flag, "numbers instead of service names"),
    OptionRow::new(None, "numeric-users", Effect::Flag, "numbers instead of user names"),
    OptionRow::flag('N', "symbolic", "with --route: as --numeric"),
    OptionRow::flag('C', "cache", "with --route: the routing cache"),
    OptionRow::flag('F', "fib", "with --route: the forwarding table (default)"),
    OptionRow::flag('g', "groups", "multicast group memberships"),
    OptionRow::new(Some('Z'), "context", Effect::Context, "SELinux context of the owner"),
    OptionRow::letter('d', "d", Effect::Flag, "no effect"),
    OptionRow::letter('?', "usage", Effect::Usage, "print the usage as after an error"),
];

/// Takes one word: a list is split before clap sees it, because of the reference's rules about its length.
fn family_parser() -> impl TypedValueParser<Value = AddressFamily> {
    PossibleValuesParser::new(FAMILY_WORDS.map(|(word, _)| word)).try_map(|word| {
        AddressFamily::from_word(word.as_bytes())
            .map(|(_, family)| family)
            .ok_or("netstat: unknown address family")
    })
}

/// The option table as clap knows it, for parsing and for completions. Its own help, version and messages are never used.
pub fn command() -> clap::Command {
    command_of(OPTIONS.iter().chain(&EXTENSIONS))
}

/// A clap command with some rows of the table. Where several have one name (`unix` stands twice in getopt_long's list) it gets the last.
fn command_of<'a>(rows: impl Iterator<Item = &'a OptionRow> + Clone) -> clap::Command {
    let later = |index| rows.clone().skip(index + 1);
    let last = rows
        .clone()
        .enumerate()
        .filter(|(index, row)| !later(*index).any(|other| other.name == row.name));
    clap::Command::new("netstat")
        .about("Print network connections, routing tables, interface statistics, masquerade connections, and multicast memberships")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(last.map(|(_, row)| row.arg()))
}

/// Reads a command line: `argv` with the program's name first (it may be empty altogether). `posixly_correct` says whether the
/// variable of that name is set, to whatever; `selinux` whether SELinux is enabled, asked only when `-Z` is met.
pub fn parse(argv: &[OsString], posixly_correct: bool, selinux: impl Fn() -> bool) -> Parsed {
    let mut expansion = Expansion::default();
    let mut ending = None;
    for item in Getopt::new(argv, posixly_correct) {
        ending = match item {
            Ok(option) => expansion.take(&option, &selinux),
            Err(Rejection::Getopt(message)) => Some(Command::Usage(Some(message))),
            Err(Rejection::Extension(message)) => Some(misuse(message)),
        };
        if ending.is_some() {
            break;
        }
    }
    // clap sees what came before the end, so that a value refused there counts as the earlier error.
    let command = match command_of(expansion.rows.iter().copied())
        .no_binary_name(true)
        .try_get_matches_from(expansion.words)
    {
        Ok(matches) => ending.unwrap_or_else(|| settle(Given(&matches))),
        Err(error) => misuse(
            error
                .source()
                .map_or_else(|| format!("netstat: {}", error.kind()), ToString::to_string),
        ),
    };
    Parsed {
        notices: expansion.notices,
        command,
    }
}

/// The message is one line, whatever it quotes of what was typed.
fn misuse(message: String) -> Command {
    let mut line = Vec::new();
    printable::append(&mut line, message.as_bytes());
    line.push(b'\n');
    Command::Fail {
        message: line,
        status: 3,
    }
}

/// How many bytes of one LIST of `-A` count: the reference copies it into a buffer of 256.
const FAMILY_LIST_BYTES: usize = 255;

/// The command line in the plain form that clap gets: one word per option, long names in full, values behind `=`, one family
/// per `--protocol`.
#[derive(Default)]
struct Expansion {
    words: Vec<OsString>,
    /// The rows of the table that the words belong to. clap gets no others: building them all would take longer than many a run.
    rows: Vec<&'static OptionRow>,
    notices: Vec<u8>,
    /// Length in bytes of the reference's family list: names with a comma between.
    family_list: usize,
}

impl Expansion {
    /// Takes the next option over; `Some` if it ends the program there and then.
    fn take(&mut self, option: &Recognized, selinux: impl Fn() -> bool) -> Option<Command> {
        let row = option.row;
        match row.effect {
            Effect::Flag => self.push(row, row.canonical().into()),
            Effect::Family(word) => return self.families(word.as_bytes()),
            Effect::Unix => return self.families(b"unix"),
            Effect::Protocol => return self.families(option.value.as_bytes()),
            Effect::Tcpip => self
                .notices
                .extend_from_slice(b"netstat.c: Internal Error `longopts 1 range'.\n"),
            Effect::Context if selinux() => self.push(row, row.canonical().into()),
            Effect::Context => {
                return Some(Command::Fail {
                    message: b"SELinux is not enabled on this machine.\n".to_vec(),
                    status: 1,
                });
            }
            Effect::Help => return Some(Command::Help),
            Effect::Version => return Some(Command::Version),
            Effect::Additions => return Some(Command::Additions),
            Effect::About => return Some(Command::About),
            Effect::Usage => return Some(Command::Usage(None)),
            Effect::Extension(_) => {
                let mut word = OsString::from(row.canonical());
                if row.takes_value() {
                    word.push("=");
                    word.push(&option.value);
                }
                self.push(row, word);
            }
        }
        None
    }

    fn push(&mut self, row: &'static OptionRow, word: OsString) {
        self.rows.push(row);
        self.words.push(word);
    }

    /// Takes one LIST over, with the reference's two limits: of the list itself and of what all of them add up to.
    fn families(&mut self, list: &[u8]) -> Option<Command> {
        let list = list.get(..FAMILY_LIST_BYTES).unwrap_or(list);
        for word in list.split(|&byte| byte == b',') {
            let Some((word, family)) = AddressFamily::from_word(word) else {
                return Some(Command::Fail {
                    message: [b"Unknown address family `", word, b"'.\n"].concat(),
                    status: 1,
                });
            };
            let name = family.list_name().len();
            if name + self.family_list + 1 >= 256 {
                // The rest of this list is not even checked, and the program goes on.
                self.notices
                    .extend_from_slice(b"Too much address family arguments.\n");
                return None;
            }
            self.family_list += name + usize::from(self.family_list > 0);
            let protocol = OPTIONS
                .iter()
                .find(|row| matches!(row.effect, Effect::Protocol));
            self.rows.extend(protocol);
            self.words.push(format!("--protocol={word}").into());
        }
        None
    }
}

/// A command line without errors so far: what can only be judged when all of it is known.
fn settle(given: Given<'_>) -> Command {
    let args = collect(given);
    if args.route + args.interfaces + args.statistics + args.masquerade > 1 {
        return Command::Usage(None);
    }
    match extensions::conflict(&args) {
        Some(conflict) => misuse(format!("netstat: {conflict}")),
        None => Command::Run(args),
    }
}

/// What clap counted and kept, by the names of the options. It knows only those that were typed.
#[derive(Clone, Copy)]
struct Given<'a>(&'a ArgMatches);

impl<'a> Given<'a> {
    /// How often an option was typed that takes no value.
    fn count(self, name: &str) -> u32 {
        self.value::<u8>(name).map_or(0, u32::from)
    }

    /// Whether it was typed at all.
    fn any(self, name: &str) -> bool {
        self.count(name) > 0
    }

    /// The value of an option, the last one if there are several.
    fn value<T: Clone + Send + Sync + 'static>(self, name: &str) -> Option<T> {
        self.0.try_get_one(name).ok().flatten().cloned()
    }

    /// All values of an option in the order typed.
    fn values<T: Clone + Send + Sync + 'static>(
        self,
        name: &str,
    ) -> impl Iterator<Item = &'a T> + use<'a, T> {
        self.0
            .try_get_many(name)
            .ok()
            .flatten()
            .into_iter()
            .flatten()
    }

    /// The elements of all its values, where each is a list.
    fn lists<T: Clone + Send + Sync + 'static>(self, name: &str) -> Vec<T> {
        self.values::<Vec<T>>(name).flatten().cloned().collect()
    }
}

fn collect(options: Given<'_>) -> Args {
    let count = |name| options.count(name);
    let given = |name| options.any(name);
    let numeric = given("numeric");
    Args {
        all: given("all"),
        listening: given("listening"),
        numeric_hosts: numeric || given("numeric-hosts"),
        numeric_ports: numeric || given("numeric-ports"),
        numeric_users: numeric || given("numeric-users"),
        symbolic: given("symbolic"),
        extend: count("extend"),
        timers: given("timers"),
        programs: given("programs"),
        verbose: given("verbose"),
        wide: given("wide"),
        continuous: given("continuous") || given("changes"),
        cache: given("cache"),
        fib: given("fib"),
        context: given("context"),
        groups: given("groups"),
        route: count("route"),
        interfaces: count("interfaces"),
        statistics: count("statistics"),
        masquerade: count("masquerade"),
        tcp: given("tcp"),
        udp: given("udp"),
        udplite: given("udplite"),
        sctp: given("sctp"),
        raw: given("raw"),
        l2cap: given("l2cap"),
        rfcomm: given("rfcomm"),
        families: options.values("protocol").copied().collect(),
        extensions: Extensions::collect(options),
    }
}

#[cfg(test)]
mod tests;
