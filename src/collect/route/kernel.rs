//! The rows of `/proc/net/route` made of what rtnetlink says, as `fib_route_seq_show` in fib_trie.c makes them.
//!
//! Both walk the same trie in the same order, and end in the same columns:
//!
//! * The file leaves out routes to broadcast addresses and multicast groups. Those of the table "local" are in neither, though they are
//!   in the same trie as long as there are no rules for routing.
//! * Gateway and interface are those of the first next hop. An IPv6 gateway (`RTA_VIA`) counts as none there, but for the flag G, which
//!   the kernel takes from its first four bytes.
//! * "MTU" is `RTAX_ADVMSS` + 40, the initial round trip time is in milliseconds, references and uses are always 0.
//! * What a next hop's flags say (dead, link down), a route's scope, protocol, preferred source and type of service, is not in the file.
//!
//! Rtnetlink does not say all if `net.ipv4.nexthop_compat_mode` is off, and not the route's own type if its next hop is an object that
//! is a black hole; an interface may be gone by the time its name is asked for. Such a route ends the list, as does a change right where
//! the kernel has to find its place again, and the file has the rest.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;

use super::Progress;
use crate::collect::Context;
use crate::collect::interface_names::InterfaceNames;
use crate::collect::rtnetlink::routes::{self, Hop, RouteEntry, RouteType};
use crate::error::Error;
use crate::record::Record;
use crate::record::route::{NextHop, Route};
use crate::record::route_flags::{GATEWAY, HOST, REJECT, UP};

/// What the file adds to the maximum segment size.
const HEADERS: u32 = 40;

/// Lends the routes that were not shown before to the sink, and tells whether these were all.
///
/// # Errors
/// What the sink said.
pub(super) fn rest(context: &mut Context<'_>, progress: &mut Progress) -> Result<bool, Error> {
    let mut names = InterfaceNames::default();
    let with_hops = context.query.gather.next_hops;
    let mut result = Ok(());
    let complete = routes::list(|entry| {
        if matches!(entry.kind, RouteType::BROADCAST | RouteType::MULTICAST) {
            return ControlFlow::Continue(());
        }
        let next_hops = if with_hops {
            next_hops(entry, &mut names)
        } else {
            None
        };
        let Some(route) = route(entry, next_hops, &mut names) else {
            return ControlFlow::Break(());
        };
        if progress.admits(&route) {
            result = context.sink.record(&Record::Route(route));
        }
        match result {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    result.map(|()| complete)
}

/// The row of the file; `None` if it is not known.
fn route<'n>(
    entry: &RouteEntry<'_>,
    next_hops: Option<Box<[NextHop]>>,
    names: &'n mut InterfaceNames,
) -> Option<Route<'n>> {
    let first = entry.hops().next()??;
    let interface = match first.interface {
        0 => b"*",
        index => &**names.name(index)?,
    };
    let (gateway, first_word) = match first.gateway {
        Some(IpAddr::V4(gateway)) => (gateway, gateway.octets()),
        Some(IpAddr::V6(gateway)) => {
            let [a, b, c, d, ..] = gateway.octets();
            (Ipv4Addr::UNSPECIFIED, [a, b, c, d])
        }
        None => (Ipv4Addr::UNSPECIFIED, [0; 4]),
    };
    let refuses = matches!(entry.kind, RouteType::UNREACHABLE | RouteType::PROHIBIT);
    let flag = |bit, is_set| if is_set { bit } else { 0 };
    let number = |number: u32| number.cast_signed();
    let left_over = 32 - u32::from(entry.prefix_length);
    Some(Route {
        interface: Cow::Borrowed(interface),
        destination: entry.destination,
        gateway,
        mask: u32::MAX.checked_shl(left_over).unwrap_or(0).into(),
        flags: UP
            | flag(GATEWAY, first_word != [0; 4])
            | flag(HOST, left_over == 0)
            | flag(REJECT, refuses),
        references: 0,
        uses: 0,
        metric: number(entry.metric),
        mtu: number(match entry.advertised_mss {
            0 => 0,
            bytes => bytes.wrapping_add(HEADERS),
        }),
        window: number(entry.window),
        irtt: number(entry.round_trip_time >> 3),
        next_hops,
    })
}

/// All next hops; `None` if they are not known. That a route has which leads nowhere is none.
fn next_hops(entry: &RouteEntry<'_>, names: &mut InterfaceNames) -> Option<Box<[NextHop]>> {
    let hops = entry.hops().filter(|hop| *hop != Some(Hop::default()));
    hops.map(|hop| {
        let hop = hop?;
        Some(NextHop {
            gateway: hop.gateway,
            interface: names.name(hop.interface)?.clone(),
            weight: u16::from(hop.more_weight) + 1,
            flags: hop.flags,
        })
    })
    .collect()
}
