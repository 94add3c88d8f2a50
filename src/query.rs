//! What the options mean: [`Query::new`] turns the typed [`Args`] into a [`Query`].
//!
//! All implications between options live here, in one pure function: which report, which tables and families, which rows, which
//! columns. Nothing here opens a file or prints.

pub mod criteria;

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{AddressFamily, Args};
use crate::error::Error;
use crate::field::{self, Field, Kind, Tables, When};
use crate::proc_root::ProcRoot;
use crate::sys::name_service::Service;
use criteria::only::Only;
use criteria::{Criteria, Subject};

/// A question to the kernel, settled.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which tables are asked for.
    pub report: Report,
    /// Where they are read.
    pub proc_root: ProcRoot,
    /// How often `-e` was given.
    pub extend: u32,
    /// `-n`, `--numeric-hosts`: addresses are not looked up.
    pub numeric_hosts: bool,
    /// `-n`, `--numeric-ports`.
    pub numeric_ports: bool,
    /// `-n`, `--numeric-users`.
    pub numeric_users: bool,
    /// `-N`: no effect on most tables, but routes and SCTP take it for "numeric".
    pub symbolic: bool,
    /// `-W`: addresses are not cut to their column.
    pub wide: bool,
    /// `-o`: a timer column.
    pub timers: bool,
    /// `-p` or `-Z`: a program column.
    pub programs: bool,
    /// `-Z`: a security context column.
    pub context: bool,
    /// `-v`: tables that the kernel lacks are mentioned.
    pub verbose: bool,
    /// Whether tables of sockets may come from the kernel's socket diagnostics, and that of IPv4 routes from rtnetlink. Only tests choose
    /// anything but the default.
    pub sock_diag: SockDiag,
    /// `--json` or `--json-lines`: records are wanted with all that can be known of them.
    pub json: bool,
    /// `--json-lines`: each record is an object by itself, with time and number of its report.
    pub json_lines: bool,
    /// `--openmetrics`: the report is for Prometheus and its kin.
    pub openmetrics: bool,
    /// `--per-second`: counts are those since the last report, by the second.
    pub per_second: bool,
    /// `-c`: the pause between two passes; `None` for a single pass.
    pub interval: Option<Duration>,
    /// `--count`: the number of passes; `None` for no end.
    pub count: Option<u64>,
    /// `--changes`: after the first report, only what differs.
    pub changes: bool,
    /// `--since`: only what differs from the last report in this file.
    pub since: Option<PathBuf>,
    /// `--all-netns`: the report is made on every network namespace.
    pub all_namespaces: bool,
    /// Which rows are shown of those that the options above show, and what else is done by their fields. Found out apart
    /// ([`Query::choose`]), since names of ports must be looked up.
    pub criteria: Criteria,
    /// What must be gathered for all this.
    pub gather: Gather,
}

/// What is gathered only for those who ask for it, by an option of its own or by the name of a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gather {
    /// Timers of sockets, exactly.
    pub timers: bool,
    /// The user of every socket.
    pub users: bool,
    /// The processes that hold sockets: the first of each.
    pub owners: bool,
    /// All of them, with all that is known of them.
    pub every_owner: bool,
    /// Their security contexts.
    pub contexts: bool,
    /// Control groups of first owners, or of sockets.
    pub control_groups: bool,
    /// What is told of the first owner alone.
    pub owner_details: bool,
    /// What [`SocketDetail`](crate::record::socket_detail::SocketDetail) has.
    pub socket_details: bool,
    /// How many connections may wait, of listening unix sockets, too.
    pub backlog_limits: bool,
    /// The other ends of sockets.
    pub peers: bool,
    /// All next hops of a route.
    pub next_hops: bool,
    /// Every IPv4 address of an interface.
    pub inet_addresses: bool,
}

/// When tables come from netlink instead of /proc. The rows are the same either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SockDiag {
    /// For tcp, for udp tables too large to come with the first read of their file, and for what is left of a table of routes after
    /// several.
    #[default]
    Large,
    /// Never.
    Never,
    /// For tables of any size.
    Always,
}

/// Which tables are asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// The socket listing, the default.
    Sockets(SocketQuery),
    /// `-r`: routing tables.
    Routes(RouteQuery),
    /// `-i`: interfaces.
    Interfaces(InterfaceQuery),
    /// `-s`: statistics.
    Statistics(StatisticsQuery),
    /// `-s --problems`: the counters that mean trouble.
    Problems,
    /// `-M`: masqueraded connections.
    Masquerade,
}

impl Report {
    /// What its rows are.
    pub fn subject(&self) -> Subject {
        let (word, tables) = match self {
            Report::Sockets(_) => ("sockets", Tables::OF_SOCKETS),
            Report::Routes(_) => ("routes", Tables::OF_ROUTES),
            Report::Interfaces(_) => ("interfaces", Tables::INTERFACES),
            // Their options cannot be used with those that name fields.
            Report::Statistics(_) | Report::Problems | Report::Masquerade => ("rows", Tables::ANY),
        };
        Subject { word, tables }
    }
}

/// Which socket tables are shown, and which of their rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketQuery {
    /// Some table was asked for; otherwise all are shown and the missing ones are no error.
    pub explicit: bool,
    /// The protocols follow from a family alone: their absence is neither mentioned nor an error.
    pub quiet: bool,
    /// `-t`.
    pub tcp: bool,
    /// `-S`.
    pub sctp: bool,
    /// `-u`.
    pub udp: bool,
    /// `-U`.
    pub udplite: bool,
    /// `-w`.
    pub raw: bool,
    /// The files of IPv4 are read (when explicit).
    pub inet: bool,
    /// The files of IPv6 are read (when explicit).
    pub inet6: bool,
    /// `-g`: multicast groups; never shown by default.
    pub groups: bool,
    /// `-x`.
    pub unix: bool,
    /// `--ipx`.
    pub ipx: bool,
    /// `--ax25`.
    pub ax25: bool,
    /// `--x25`.
    pub x25: bool,
    /// `--netrom`.
    pub netrom: bool,
    /// `--rose`.
    pub rose: bool,
    /// `-2`, `-f`, `--bluetooth`: always refused.
    pub bluetooth: bool,
    /// Which rows.
    pub filter: SocketFilter,
}

impl SocketQuery {
    /// Whether a table or family is shown, given whether it was selected.
    pub fn shows(&self, selected: bool) -> bool {
        !self.explicit || selected
    }

    /// Whether the Internet heading is shown.
    pub fn internet(&self) -> bool {
        self.shows(self.tcp || self.sctp || self.udp || self.udplite || self.raw)
    }

    /// Whether a table that cannot be opened is mentioned, `verbose` being `-v`.
    pub fn mentions_absent(&self, verbose: bool) -> bool {
        !self.quiet && (self.explicit || verbose)
    }

    /// Whether a table that cannot be opened ends the run.
    pub fn requires_present(&self) -> bool {
        !self.quiet && self.explicit
    }
}

/// Which sockets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketFilter {
    /// Neither `-a` nor `-l`: connections.
    Connected,
    /// `-l`: servers.
    Listening,
    /// `-a`: all.
    All,
}

impl SocketFilter {
    /// Whether a socket that is or is not a server's is shown. What makes a server differs from table to table.
    pub fn keeps(self, listening: bool) -> bool {
        match self {
            SocketFilter::Connected => !listening,
            SocketFilter::Listening => listening,
            SocketFilter::All => true,
        }
    }
}

/// Which routing tables are shown, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteQuery {
    /// The families in the order they were given, repetitions included; never empty.
    pub families: Vec<AddressFamily>,
    /// The forwarding table: the default, or `-F`.
    pub fib: bool,
    /// The cache: `-C`.
    pub cache: bool,
}

/// Which names the name service is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedNames {
    /// Of hosts and networks.
    pub hosts: bool,
    /// Of ports and protocols.
    pub ports: bool,
    /// Of users.
    pub users: bool,
}

impl WantedNames {
    /// Whether there are any.
    pub fn any(self) -> bool {
        self.hosts || self.ports || self.users
    }

    /// Whether they are those of fields of a kind.
    pub fn of(self, kind: Kind) -> bool {
        match kind {
            Kind::Host => self.hosts,
            Kind::Port => self.ports,
            Kind::User => self.users,
            Kind::Number | Kind::Text | Kind::Address | Kind::List => false,
        }
    }
}

/// How the IPv4 tables of routes are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteLayout {
    /// No column at all.
    TitleOnly,
    /// Metric, references and uses.
    Metric,
    /// MSS, window and initial round trip time.
    Tcp,
    /// All of them.
    Both,
}

/// Which interfaces are shown, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceQuery {
    /// `-a`: those that are down too.
    pub all: bool,
    /// What the long form (`-e`) shows is gathered. JSON has all that either form shows.
    pub long: bool,
}

/// Which statistics are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticsQuery {
    /// The families as they were given; `inet` if none was. Only `inet` and `inet6` alone have statistics.
    pub families: Vec<AddressFamily>,
    /// `-t`, or no protocol at all.
    pub tcp: bool,
    /// `-u`, or no protocol at all.
    pub udp: bool,
    /// `-w`, or no protocol at all.
    pub raw: bool,
    /// `-S`, or no protocol at all.
    pub sctp: bool,
}

impl Query {
    /// What `args` ask for.
    pub fn new(args: &Args) -> Self {
        let json = args.extensions.json || args.extensions.json_lines;
        let report = report(args, json);
        let how_often = args.extensions.interval.is_some() || args.extensions.count.is_some();
        // In the reference, statistics are never repeated. Here they are for those who say how often.
        let once = matches!(report, Report::Statistics(_) | Report::Problems);
        let per_second = args.extensions.per_second;
        let continuous = args.continuous || report == Report::Problems;
        let repeated = per_second || continuous && (how_often || !once);
        Query {
            proc_root: args
                .extensions
                .proc_root
                .clone()
                .map_or_else(ProcRoot::default, ProcRoot::new)
                .of_order(args.extensions.byte_order),
            extend: args.extend,
            numeric_hosts: args.numeric_hosts,
            numeric_ports: args.numeric_ports,
            numeric_users: args.numeric_users,
            symbolic: args.symbolic,
            wide: args.wide,
            timers: args.timers,
            programs: args.programs || args.context,
            context: args.context,
            verbose: args.verbose,
            sock_diag: SockDiag::default(),
            json,
            json_lines: args.extensions.json_lines,
            openmetrics: args.extensions.openmetrics,
            per_second,
            interval: repeated.then(|| args.extensions.interval.unwrap_or(Duration::from_secs(1))),
            count: args.extensions.count,
            changes: args.extensions.changes,
            since: args.extensions.since.clone(),
            all_namespaces: args.extensions.all_netns,
            criteria: Criteria::default(),
            gather: Gather {
                timers: args.timers,
                users: args.extend > 0 || json,
                owners: args.programs || args.context,
                every_owner: json,
                contexts: args.context,
                control_groups: false,
                owner_details: false,
                socket_details: false,
                backlog_limits: false,
                peers: false,
                next_hops: false,
                inet_addresses: false,
            },
            report,
        }
    }

    /// Takes over what `args` say about rows and fields. `services` reads the database of services.
    ///
    /// # Errors
    /// As for [`Criteria::new`].
    pub fn choose(
        &mut self,
        args: &Args,
        services: impl FnOnce() -> Vec<Service>,
    ) -> Result<(), Error> {
        let subject = self.report.subject();
        self.criteria = Criteria::new(&args.extensions, subject, services)?;
        self.gather = Gather {
            timers: self.gather.timers || self.wants_any(When::Timers),
            users: self.gather.users || self.wants("user") || self.wants("uid"),
            owners: self.gather.owners
                || self.wants_any(When::Programs)
                || self.wants_any(When::Context)
                || self.wants_any(When::FirstOwner)
                || self.wants_any(When::ControlGroup)
                || self.wants("peer"),
            // Fields say the same whether or not they are asked for in JSON, which has all owners; the command line of docker-proxy tells
            // where it leads.
            every_owner: self.gather.every_owner
                || self.wants_any(When::Programs)
                || self.wants("peer")
                || self.wants("command")
                || self.wants_any(When::ControlGroup),
            contexts: self.gather.contexts || self.wants_any(When::Context),
            control_groups: self.wants_any(When::ControlGroup),
            owner_details: self.wants_any(When::FirstOwner),
            socket_details: self.wants_any(When::Named),
            backlog_limits: self.wants("backlog_limit"),
            peers: self.wants_any(When::Peer),
            next_hops: self.wants("nexthops"),
            inet_addresses: self.wants("inet_all"),
        };
        let long = self.wants_any(When::LongForm);
        if let Report::Interfaces(interfaces) = &mut self.report {
            interfaces.long |= long;
        }
        Ok(())
    }

    /// Whether a field must be gathered since it is named.
    pub fn wants(&self, name: &str) -> bool {
        self.criteria.show_all || self.criteria.named().any(|field| field.name == name)
    }

    /// Whether one of those must be.
    fn wants_any(&self, when: When) -> bool {
        self.criteria.show_all || self.criteria.named().any(|field| field.when == when)
    }

    /// The fields that records have only since rows are chosen or sorted by them.
    pub fn hidden(&self) -> impl Iterator<Item = &'static Field> {
        let named = self
            .criteria
            .named()
            .next()
            .map(|_| self.report.subject().tables);
        let fields = field::of(named.unwrap_or(Tables::NONE));
        fields.filter(|field| !self.shows(field))
    }

    /// The fields that records are shown with since they are named, whether they have them or not. Those of network namespaces are added to
    /// all records where there are several.
    pub fn named_alone(&self) -> impl Iterator<Item = &'static Field> {
        let Criteria { show, show_all, .. } = &self.criteria;
        let is_of_namespace = |field: &&Field| field.when == When::AllNamespaces;
        let all = field::of(Tables::ANY).filter(|_| *show_all);
        let named = all.filter(is_of_namespace).chain(show.iter().copied());
        named.filter(move |field| !is_of_namespace(field) || !self.all_namespaces)
    }

    /// Whether records show a field: it is always there, or with an option that was given, or it is named to be shown.
    pub fn shows(&self, field: &Field) -> bool {
        let criteria = &self.criteria;
        match field.when {
            When::Always | When::LongForm => true,
            When::Timers if self.timers => true,
            When::Programs if self.programs => true,
            When::Context if self.context => true,
            When::AllNamespaces if self.all_namespaces => true,
            _ => {
                let mut shown = criteria.show.iter().chain(&criteria.count_by);
                criteria.show_all || shown.any(|&shown| shown == field)
            }
        }
    }

    /// The layout of routes that the number of `-e` chooses: the reference takes one more than it for a number, modulo 4, except that
    /// none is 2 and one is 1.
    pub fn route_layout(&self) -> RouteLayout {
        match self.extend {
            0 => RouteLayout::Tcp,
            1 => RouteLayout::Metric,
            more => match more % 4 {
                0 => RouteLayout::Metric,
                1 => RouteLayout::Tcp,
                2 => RouteLayout::Both,
                _ => RouteLayout::TitleOnly,
            },
        }
    }

    /// Which names are shown, or must be known to choose rows.
    pub fn wanted_names(&self) -> WantedNames {
        let sockets = matches!(self.report, Report::Sockets(_));
        let hosts = match self.report {
            Report::Sockets(_) | Report::Masquerade => !self.numeric_hosts,
            Report::Routes(_) => !self.numeric_routes(),
            Report::Interfaces(_) | Report::Statistics(_) | Report::Problems => false,
        };
        let ports = (sockets || self.report == Report::Masquerade) && !self.numeric_ports;
        let users = sockets && !self.numeric_users;
        // Counts show no names but those they are counted by.
        let rows = self.criteria.count_by.is_empty();
        let named = |kind| {
            let Criteria { show, count_by, .. } = &self.criteria;
            let mut shown = show.iter().chain(count_by);
            let mut only = self.criteria.only.iter();
            shown.any(|field| field.kind == kind)
                || only.any(|only| only.field.kind == kind && only.needs_names())
        };
        WantedNames {
            hosts: hosts && (rows || named(Kind::Host)),
            ports: ports && (rows || named(Kind::Port)),
            users: users
                && (rows && (self.extend > 0 || self.json || self.criteria.show_all)
                    || named(Kind::User)),
        }
    }

    /// Whether what moved is seen only at a second look, so that the first is none to report.
    pub fn looks_first(&self) -> bool {
        self.per_second || self.report == Report::Problems
    }

    /// Whether names must be known to tell what a criterion keeps.
    pub fn asks_for_names(&self, only: &Only) -> bool {
        only.needs_names() && self.wanted_names().of(only.field.kind)
    }

    /// Whether names must be known before rows are chosen or counted.
    pub fn names_come_first(&self) -> bool {
        let wanted = self.wanted_names();
        let Criteria { only, count_by, .. } = &self.criteria;
        only.iter().any(|only| self.asks_for_names(only))
            || count_by.iter().any(|field| wanted.of(field.kind))
    }

    /// Whether the owners of sockets are shown with their command lines: they are long, many sockets have the same, and they can have
    /// secrets in them, so not for those who only choose or sort by them.
    pub fn wants_command_lines(&self) -> bool {
        let Criteria { show, show_all, .. } = &self.criteria;
        *show_all || show.iter().any(|field| field.name == "command")
    }

    /// Whether routes show no names: `-n`, `--numeric-hosts` and, here alone, `-N`.
    pub fn numeric_routes(&self) -> bool {
        self.numeric_hosts || self.symbolic
    }
}

fn report(args: &Args, json: bool) -> Report {
    if args.masquerade > 0 {
        Report::Masquerade
    } else if args.extensions.problems {
        Report::Problems
    } else if args.statistics > 0 {
        Report::Statistics(statistics(args))
    } else if args.route > 0 {
        Report::Routes(routes(args))
    } else if args.interfaces > 0 {
        Report::Interfaces(InterfaceQuery {
            all: args.all,
            long: args.extend > 0 || json,
        })
    } else {
        Report::Sockets(sockets(args))
    }
}

fn sockets(args: &Args) -> SocketQuery {
    let family = |wanted| args.families.contains(&wanted);
    let (mut inet, mut inet6) = (family(AddressFamily::Inet), family(AddressFamily::Inet6));
    let (mut tcp, mut sctp, mut udp, mut udplite, mut raw) =
        (args.tcp, args.sctp, args.udp, args.udplite, args.raw);
    let any_protocol = tcp || sctp || udp || udplite || raw;

    let quiet = (inet || inet6) && !any_protocol;
    if quiet {
        (tcp, sctp, udp, udplite, raw) = (true, true, true, true, true);
    }
    if (any_protocol || quiet || args.groups) && !inet && !inet6 {
        (inet, inet6) = (true, true);
    }
    let mut query = SocketQuery {
        explicit: false,
        quiet,
        tcp,
        sctp,
        udp,
        udplite,
        raw,
        inet,
        inet6,
        groups: args.groups,
        unix: family(AddressFamily::Unix),
        ipx: family(AddressFamily::Ipx),
        ax25: family(AddressFamily::Ax25),
        x25: family(AddressFamily::X25),
        netrom: family(AddressFamily::Netrom),
        rose: family(AddressFamily::Rose),
        bluetooth: args.l2cap || args.rfcomm || family(AddressFamily::Bluetooth),
        filter: match (args.all, args.listening) {
            (true, _) => SocketFilter::All,
            (false, true) => SocketFilter::Listening,
            (false, false) => SocketFilter::Connected,
        },
    };
    // The families inet and inet6 count through the protocols they imply; ddp, econet and ash select nothing.
    query.explicit = any_protocol
        || quiet
        || query.groups
        || query.unix
        || query.ipx
        || query.ax25
        || query.x25
        || query.netrom
        || query.rose
        || query.bluetooth;
    query
}

fn routes(args: &Args) -> RouteQuery {
    RouteQuery {
        families: families_or_inet(args),
        fib: args.fib || !args.cache,
        cache: args.cache,
    }
}

fn statistics(args: &Args) -> StatisticsQuery {
    let every = !(args.tcp || args.udp || args.raw || args.sctp || args.udplite);
    StatisticsQuery {
        families: families_or_inet(args),
        tcp: every || args.tcp,
        udp: every || args.udp,
        raw: every || args.raw,
        sctp: every || args.sctp,
    }
}

fn families_or_inet(args: &Args) -> Vec<AddressFamily> {
    if args.families.is_empty() {
        vec![AddressFamily::Inet]
    } else {
        args.families.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Command, parse};

    fn query(options: &str) -> Query {
        let argv: Vec<_> = std::iter::once("netstat")
            .chain(options.split(' '))
            .map(Into::into)
            .collect();
        match parse(&argv, false, || true).command {
            Command::Run(args) => Query::new(&args),
            other => panic!("{options}: {other:?}"),
        }
    }

    /// The socket tables that are shown, in the order of the options that select them.
    fn tables(options: &str) -> String {
        let Report::Sockets(sockets) = query(options).report else {
            panic!("{options}")
        };
        let families = match (sockets.shows(sockets.inet), sockets.shows(sockets.inet6)) {
            (true, true) => "46",
            (true, false) => "4",
            (false, true) => "6",
            (false, false) => "",
        };
        let shown: String = [
            (sockets.shows(sockets.tcp), 't'),
            (sockets.shows(sockets.sctp), 'S'),
            (sockets.shows(sockets.udp), 'u'),
            (sockets.shows(sockets.udplite), 'U'),
            (sockets.shows(sockets.raw), 'w'),
            (sockets.groups, 'g'),
            (sockets.shows(sockets.unix), 'x'),
            (sockets.shows(sockets.ax25), 'a'),
            (sockets.bluetooth, 'b'),
        ]
        .iter()
        .filter_map(|&(shown, letter)| shown.then_some(letter))
        .collect();
        format!(
            "{shown}{families}{}",
            if sockets.quiet { " quiet" } else { "" }
        )
    }

    #[test]
    fn options_select_tables() {
        for (options, expected) in [
            ("-a", "tSuUwxa46"),
            ("--ddp", "tSuUwxa46"),
            ("-t", "t46"),
            ("-t6", "t6"),
            ("-6S", "S6"),
            ("-4", "tSuUw4 quiet"),
            ("-46", "tSuUw46 quiet"),
            ("-4x", "tSuUwx4 quiet"),
            ("-x", "x"),
            ("-tx", "tx46"),
            ("-g", "g46"),
            ("-g4", "tSuUwg4 quiet"),
            ("-gt", "tg46"),
            ("-A ax25", "a"),
            ("-2", "b"),
            ("-A bluetooth -t", "tb46"),
        ] {
            assert_eq!(tables(options), expected, "{options}");
        }
    }

    #[test]
    fn all_beats_listening() {
        for (options, expected) in [
            ("-n", SocketFilter::Connected),
            ("-l", SocketFilter::Listening),
            ("-a", SocketFilter::All),
            ("-al", SocketFilter::All),
            ("-la", SocketFilter::All),
        ] {
            let Report::Sockets(sockets) = query(options).report else {
                panic!("{options}")
            };
            assert_eq!(sockets.filter, expected, "{options}");
        }
    }

    #[test]
    fn routes_turn_the_extension_level_around() {
        for (options, layout) in [
            ("-r", RouteLayout::Tcp),
            ("-re", RouteLayout::Metric),
            ("-ree", RouteLayout::Both),
            ("-reee", RouteLayout::TitleOnly),
            ("-reeee", RouteLayout::Metric),
            ("-reeeee", RouteLayout::Tcp),
        ] {
            assert_eq!(query(options).route_layout(), layout, "{options}");
        }
        for (options, fib, cache) in [
            ("-r", true, false),
            ("-rF", true, false),
            ("-rC", false, true),
            ("-rFC", true, true),
        ] {
            let Report::Routes(routes) = query(options).report else {
                panic!("{options}")
            };
            assert_eq!((routes.fib, routes.cache), (fib, cache), "{options}");
        }
        for (options, numeric) in [
            ("-r", false),
            ("-rN", true),
            ("-r --numeric-hosts", true),
            ("-r --numeric-ports", false),
        ] {
            assert_eq!(query(options).numeric_routes(), numeric, "{options}");
        }
    }

    #[test]
    fn protocols_select_statistics() {
        for (options, expected) in [
            ("-s", [true; 4]),
            ("-st", [true, false, false, false]),
            ("-suw", [false, true, true, false]),
            ("-sS", [false, false, false, true]),
            ("-sU", [false; 4]),
        ] {
            let Report::Statistics(shown) = query(options).report else {
                panic!("{options}")
            };
            assert_eq!(
                [shown.tcp, shown.udp, shown.raw, shown.sctp],
                expected,
                "{options}"
            );
        }
    }

    #[test]
    fn statistics_are_never_repeated() {
        assert_eq!(query("-sc").interval, None);
        assert_eq!(query("-rc").interval, Some(Duration::from_secs(1)));
        assert_eq!(query("-t").interval, None);
    }

    #[test]
    fn a_context_column_brings_the_programs() {
        assert!(query("-Z").programs);
        assert!(!query("-t").programs);
    }
}
