//! The order of the tables, the loop of `-c`, and one network namespace after the other.

mod changes;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io;

use crate::cli::AddressFamily;
use crate::collect::inet;
use crate::collect::legacy_route;
use crate::collect::namespaces::Place;
use crate::collect::owners::{self, ProgramTable, Wanted};
use crate::collect::peers::Peers;
use crate::collect::problems::Readings;
use crate::collect::{
    Context, igmp, interfaces, ipv6_route, legacy, masquerade, namespaces, neighbour, route,
    rt_cache, sctp, snmp, unix,
};
use crate::error::{Error, Warning};
use crate::query::{Query, Report, RouteQuery, SocketQuery};
use crate::record::inet::Protocol;
use crate::record::legacy_route::LegacyFamily;
use crate::record::namespace::{self, Namespace};
use crate::record::problem::ProblemRow;
use crate::record::{Message, Record, Sink, Table};

/// The counters at the last report of each network namespace; one that is called nothing is that at hand.
type Looks = BTreeMap<namespace::Identity, Option<Readings>>;

/// Answers a query, again and again under `-c`, and returns the exit status.
///
/// An error ends the run after what was printed before it is written out.
pub fn run(query: &Query, sink: &mut dyn Sink) -> u8 {
    if query.changes || query.since.is_some() {
        return changes::run(query, sink);
    }
    let mut left = query.count;
    let mut status = 0;
    let mut looks = Looks::new();
    if let Some(interval) = query.interval
        && query.looks_first()
    {
        // Rates are worked out behind us, where the first look is kept from being seen.
        let looked = if query.per_second {
            pass(query, sink, &mut looks)
        } else {
            pass(query, &mut Nowhere, &mut looks)
        };
        // What ends the run does so at once, in the report.
        if looked.is_ok() {
            std::thread::sleep(interval);
        }
    }
    loop {
        match pass(query, sink, &mut looks) {
            Ok(of_pass) => status = status.max(of_pass),
            Err(error) => {
                // Output that the reference still holds back when it says why it ends comes after the message.
                let _ = fail(sink, &error);
                let _ = sink.end_pass();
                return error.exit_code();
            }
        }
        left = left.map(|left| left.saturating_sub(1));
        match query.interval {
            Some(interval) if left != Some(0) => std::thread::sleep(interval),
            _ => return status,
        }
    }
}

/// A report, and the exit status if it is the last.
fn pass(query: &Query, sink: &mut dyn Sink, looks: &mut Looks) -> Result<u8, Error> {
    sink.begin_pass()?;
    let mut context = Context {
        query,
        programs: ProgramTable::default(),
        peers: Peers::default(),
        sink,
        said_of_interfaces: false,
    };
    programs(&mut context)?;
    let status = if query.all_namespaces {
        every_namespace(&mut context, looks)?
    } else {
        list_peers(&mut context.peers, query, 0);
        context.peers.sort();
        report(&mut context, looks.entry(Err(Vec::new())).or_default())?
    };
    context.sink.end_pass()?;
    Ok(status)
}

/// Says why the run ends, if that is worth a word.
fn fail(sink: &mut dyn Sink, error: &Error) -> Result<(), Error> {
    if error.is_silent() {
        Ok(())
    } else {
        sink.message(&Message::from(error))
    }
}

/// The inodes of the sockets that the process of `--pid` holds, if that was given.
///
/// # Errors
/// There is no such process, or it does not let us look.
pub fn owned(query: &Query) -> Result<Option<HashSet<u64>>, Error> {
    let Some(pid) = query.criteria.pid else {
        return Ok(None);
    };
    match owners::sockets_of(&query.proc_root, pid) {
        Ok(sockets) => Ok(Some(sockets)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Extension(format!(
            "option '--pid': there is no process {pid}"
        ))),
        Err(source) => Err(Error::Process { pid, source }),
    }
}

/// Looks for the owners of sockets, if they are shown: once for all tables and namespaces.
fn programs(context: &mut Context<'_>) -> Result<(), Error> {
    let query = context.query;
    let Report::Sockets(sockets) = &query.report else {
        return Ok(());
    };
    if query.gather.owners && (sockets.internet() || sockets.shows(sockets.unix)) {
        let wanted = Wanted {
            context: query.gather.contexts,
            all: query.gather.every_owner,
            detail: query.gather.owner_details,
            groups: query.gather.control_groups,
        };
        let (programs, warning) = ProgramTable::read(&query.proc_root, wanted);
        context.programs = programs;
        if let Some(warning) = warning {
            context.warn(&warning)?;
        }
    }
    Ok(())
}

/// Lists the connections of the network namespace at hand, if the other ends of sockets are shown.
fn list_peers(peers: &mut Peers, query: &Query, namespace: u32) {
    if let Report::Sockets(sockets) = &query.report
        && query.gather.peers
    {
        peers.list(query, sockets, namespace);
    }
}

/// So often in a pass it is looked who else lives in a namespace, if those who did have ended.
const MOST_SECOND_LOOKS: u32 = 16;

/// The report on each network namespace. One that cannot be reached is left out; what would end the run in one does not keep the
/// others from theirs, and the highest exit status counts in the end.
fn every_namespace(context: &mut Context<'_>, looks: &mut Looks) -> Result<u8, Error> {
    let root = &context.query.proc_root;
    let all = namespaces::all(root)?;
    for warning in &all.warnings {
        context.warn(warning)?;
    }
    if context.query.gather.peers {
        // The other end of a connection may be in a namespace whose turn comes later.
        for (number, found) in (0..).zip(&all.found) {
            if let Ok(Some(place)) = found.reach(root) {
                let query = query_at(context.query, place);
                list_peers(&mut context.peers, &query, number);
            }
        }
        context.peers.sort();
    }
    let mut status = u8::from(all.exhausted);
    // Refused without a name, each of them may be among those of which only the tables are known.
    let mut hidden = 0;
    let mut second_looks = 0;
    for (number, found) in (0..).zip(&all.found) {
        context.peers.go_to(number);
        let reached = match found.reach(root) {
            Ok(None) if second_looks < MOST_SECOND_LOOKS => {
                second_looks += 1;
                found.reach_anew(root)
            }
            reached => reached,
        };
        let place = match reached {
            Ok(Some(place)) => place,
            Ok(None) => continue,
            Err(source) => {
                let exhausted = namespaces::is_exhausted(&source);
                status = status.max(exhausted.into());
                let refused = namespaces::is_refused(&source);
                if refused && found.namespace.names.is_empty() {
                    hidden += 1;
                    continue;
                }
                let name = String::from_utf8_lossy(&found.namespace.label()).into_owned();
                context.warn(&if refused && all.nameless > 0 {
                    Warning::NamespaceNotTold { name, source }
                } else {
                    Warning::NamespaceLeftOut { name, source }
                })?;
                continue;
            }
        };
        context.sink.begin_namespace(&found.namespace)?;
        let look = looks.entry(found.namespace.identity()).or_default();
        match report_on(context, place, look) {
            Err(error) if error.is_of_one_namespace() => {
                fail(context.sink, &error)?;
                status = status.max(error.exit_code());
            }
            result => status = status.max(result?),
        }
    }
    // Those that come and go leave nothing behind.
    let found = all.found.iter().map(|found| found.namespace.identity());
    let found: HashSet<namespace::Identity> = found.collect();
    looks.retain(|namespace, _| found.contains(namespace));
    if hidden > all.nameless {
        context.warn(&Warning::HiddenNamespaces)?;
    }
    Ok(status)
}

/// What is asked for, of a network namespace, and the exit status if nothing else happens. `look` is the last one there.
fn report_on(
    context: &mut Context<'_>,
    place: Place,
    look: &mut Option<Readings>,
) -> Result<u8, Error> {
    let query = query_at(context.query, place);
    let Cow::Owned(query) = query else {
        return report(context, look);
    };
    let mut there = Context {
        query: &query,
        programs: std::mem::take(&mut context.programs),
        peers: std::mem::take(&mut context.peers),
        sink: context.sink,
        said_of_interfaces: context.said_of_interfaces,
    };
    let reported = report(&mut there, look);
    context.said_of_interfaces = there.said_of_interfaces;
    context.programs = there.programs;
    context.peers = there.peers;
    reported
}

/// The query for the tables in a place.
fn query_at(query: &Query, place: Place) -> Cow<'_, Query> {
    match place {
        Place::Here => Cow::Borrowed(query),
        Place::Of(task) => Cow::Owned(Query {
            proc_root: query.proc_root.with_net_of(task),
            ..query.clone()
        }),
    }
}

/// The same of the network namespace we are in.
fn report(context: &mut Context<'_>, look: &mut Option<Readings>) -> Result<u8, Error> {
    let query = context.query;
    match &query.report {
        Report::Problems => return problems(context, look),
        Report::Sockets(sockets) => socket_tables(context, sockets),
        Report::Routes(routes) => routing_tables(context, routes),
        Report::Interfaces(query) => interfaces::collect(context, *query),
        Report::Statistics(statistics) => snmp::collect(context, statistics),
        Report::Masquerade => masquerade::collect(context),
    }?;
    Ok(0)
}

/// The counters that mean trouble, or under `-c` those of them that have moved, and whether there were any.
fn problems(context: &mut Context<'_>, look: &mut Option<Readings>) -> Result<u8, Error> {
    let readings = Readings::read(&context.query.proc_root);
    let mut status = 0;
    for (interface, problem) in readings.problems(look.as_ref()) {
        let interface = interface.map(Cow::Borrowed);
        let row = ProblemRow { interface, problem };
        context.sink.record(&Record::Problem(row))?;
        status = 1;
    }
    *look = context.query.interval.map(|_| readings);
    Ok(status)
}

/// Takes what nobody is to see.
struct Nowhere;

impl Sink for Nowhere {
    fn begin_pass(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn begin_namespace(&mut self, _namespace: &Namespace) -> Result<(), Error> {
        Ok(())
    }

    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, _record: &Record<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn message(&mut self, _message: &Message) -> Result<(), Error> {
        Ok(())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// The socket listing: which tables in which order.
fn socket_tables(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    if sockets.internet() {
        context.sink.begin(Table::Internet)?;
        internet_tables(context, sockets)?;
    }
    // Unlike all others, groups are shown only when asked for.
    if sockets.groups {
        context.sink.begin(Table::Groups)?;
        igmp::collect(context, sockets)?;
    }
    if sockets.shows(sockets.unix) {
        context.sink.begin(Table::Unix)?;
        unix::collect(context, sockets)?;
    }
    if sockets.shows(sockets.ipx) {
        legacy::ipx::collect(context, sockets)?;
    }
    if sockets.shows(sockets.ax25) {
        legacy::ax25::collect(context, sockets)?;
    }
    if sockets.shows(sockets.x25) {
        legacy::x25::collect(context, sockets)?;
    }
    if sockets.shows(sockets.netrom) {
        legacy::netrom::collect(context, sockets)?;
    }
    if sockets.shows(sockets.rose) {
        legacy::rose::collect(context, sockets)?;
    }
    if sockets.bluetooth {
        return Err(Error::Bluetooth);
    }
    Ok(())
}

/// The tables under the heading "Active Internet connections".
fn internet_tables(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    if sockets.shows(sockets.tcp) {
        inet::collect(context, sockets, Protocol::Tcp)?;
    }
    if sockets.shows(sockets.sctp) {
        sctp::collect(context, sockets)?;
    }
    for (protocol, selected) in [
        (Protocol::Udp, sockets.udp),
        (Protocol::UdpLite, sockets.udplite),
        (Protocol::Raw, sockets.raw),
    ] {
        if sockets.shows(selected) {
            inet::collect(context, sockets, protocol)?;
        }
    }
    Ok(())
}

/// The routing tables, family by family as they were given; the first that fails ends the run.
fn routing_tables(context: &mut Context<'_>, routes: &RouteQuery) -> Result<(), Error> {
    for &family in &routes.families {
        match family {
            AddressFamily::Inet => {
                if routes.fib {
                    route::collect(context)?;
                }
                if routes.cache {
                    rt_cache::collect(context)?;
                }
            }
            AddressFamily::Inet6 => {
                if routes.fib {
                    ipv6_route::collect(context, false)?;
                }
                if routes.cache {
                    match neighbour::open(context) {
                        Some(lines) => neighbour::collect(context, lines)?,
                        None => ipv6_route::collect(context, true)?,
                    }
                }
            }
            AddressFamily::Ax25 => legacy_route::collect(context, LegacyFamily::Ax25)?,
            AddressFamily::Netrom => legacy_route::collect(context, LegacyFamily::Netrom)?,
            AddressFamily::Rose => legacy_route::collect(context, LegacyFamily::Rose)?,
            AddressFamily::Ipx => legacy_route::collect(context, LegacyFamily::Ipx)?,
            AddressFamily::Ddp => legacy_route::collect(context, LegacyFamily::Ddp)?,
            AddressFamily::X25 => legacy_route::collect(context, LegacyFamily::X25)?,
            AddressFamily::Unix | AddressFamily::Ash | AddressFamily::Econet => {
                return Err(Error::NoRouting(family.list_name()));
            }
            AddressFamily::Bluetooth => {
                return Err(Error::UnsupportedFamily(family.list_name()));
            }
        }
    }
    Ok(())
}
