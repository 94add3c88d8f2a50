//! A `netstat` for Linux that prints the same bytes as net-tools 2.10, without its faults.
//!
//! [`cli`] turns the arguments into what was typed, [`query`] into what is meant, [`collect`] reads the kernel's tables and lends
//! their records to a [`record::Sink`], which [`format`] provides. [`run`] is the order of the tables and the loop of `-c`.

pub mod cli;
pub mod collect;
pub mod diagnostics;
pub mod error;
pub mod format;
pub mod names;
pub mod proc_root;
pub mod program;
pub mod query;
pub mod record;
pub mod scan;
pub mod selinux;
pub mod sys;

use cli::AddressFamily;
use collect::Context;
use collect::inet::{self, Protocol};
use collect::legacy_route::{self, LegacyFamily};
use collect::programs::ProgramTable;
use collect::{
    igmp, interfaces, ipv6_route, legacy, masquerade, neighbour, route, rt_cache, sctp, snmp, unix,
};
use diagnostics::Diagnostics;
use error::Error;
use query::{Query, Report, RouteQuery, SocketQuery};
use record::{Sink, Table};

/// Answers a query, again and again under `-c`, and returns the exit status.
///
/// Messages go to `diagnostics`, records to `sink`; an error ends the run after what was printed before it is written out.
pub fn run(query: &Query, sink: &mut dyn Sink, diagnostics: &mut Diagnostics) -> u8 {
    loop {
        if let Err(error) = pass(query, sink, diagnostics) {
            // Output that the reference still holds back when it says why it ends comes after the message.
            let _ = sink.before_message();
            diagnostics.fail(&error);
            let _ = sink.end_pass();
            return error.exit_code();
        }
        match query.interval {
            Some(interval) => std::thread::sleep(interval),
            None => return 0,
        }
    }
}

fn pass(query: &Query, sink: &mut dyn Sink, diagnostics: &mut Diagnostics) -> Result<(), Error> {
    sink.begin_pass()?;
    let mut context = Context {
        query,
        programs: ProgramTable::default(),
        sink,
        diagnostics,
    };
    match &query.report {
        Report::Sockets(sockets) => socket_tables(&mut context, sockets)?,
        Report::Routes(routes) => routing_tables(&mut context, routes)?,
        Report::Interfaces(query) => interfaces::collect(&mut context, *query)?,
        Report::Statistics(statistics) => snmp::collect(&mut context, statistics)?,
        Report::Masquerade => masquerade::collect(&mut context)?,
    }
    context.sink.end_pass()
}

/// The socket listing: which tables in which order.
fn socket_tables(context: &mut Context<'_>, sockets: &SocketQuery) -> Result<(), Error> {
    let internet = sockets.internet();
    if context.query.programs && (internet || sockets.shows(sockets.unix)) {
        let (programs, warning) =
            ProgramTable::read(&context.query.proc_root, context.query.context);
        context.programs = programs;
        if let Some(warning) = warning {
            context.warn(&warning)?;
        }
    }
    if internet {
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
