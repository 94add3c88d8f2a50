//! IPv4 routes: `RTM_GETROUTE`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

use super::changes::Changes;
use super::{AF_INET, ipv4, word};
use crate::sys::netlink;

/// Types of messages.
pub(super) const RTM_NEWROUTE: u16 = 24;
pub(super) const RTM_DELROUTE: u16 = 25;
const RTM_GETROUTE: u16 = 26;

const AF_INET6: u8 = 10;

/// The table that `/proc/net/route` shows, too (`RT_TABLE_MAIN`).
const MAIN_TABLE: u8 = 254;

/// Attributes of a route.
const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;
const RTA_GATEWAY: u16 = 5;
const RTA_PRIORITY: u16 = 6;
const RTA_METRICS: u16 = 8;
const RTA_MULTIPATH: u16 = 9;
const RTA_TABLE: u16 = 15;
const RTA_VIA: u16 = 18;
const RTA_NH_ID: u16 = 30;

/// Attributes in `RTA_METRICS`.
const RTAX_WINDOW: u16 = 3;
const RTAX_RTT: u16 = 4;
const RTAX_ADVMSS: u16 = 8;

/// The type of a route (`RTN_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteType(pub u8);

impl RouteType {
    /// Packets to it go to a broadcast address.
    pub const BROADCAST: RouteType = RouteType(3);
    /// They go to a multicast group.
    pub const MULTICAST: RouteType = RouteType(5);
    /// They are dropped.
    pub const BLACKHOLE: RouteType = RouteType(6);
    /// They are refused, with ICMP's "host unreachable".
    pub const UNREACHABLE: RouteType = RouteType(7);
    /// They are refused, with ICMP's "communication administratively prohibited".
    pub const PROHIBIT: RouteType = RouteType(8);
}

/// A route. Numbers are 0 where the kernel has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry<'m> {
    /// The number of the table that it is in.
    pub table: u32,
    /// What it leads to.
    pub destination: Ipv4Addr,
    /// Length of the destination's prefix in bits, at most 32.
    pub prefix_length: u8,
    /// What becomes of packets.
    pub kind: RouteType,
    /// Priority: the lower wins.
    pub metric: u32,
    /// Advertised maximum segment size of TCP, bytes.
    pub advertised_mss: u32,
    /// TCP window, bytes.
    pub window: u32,
    /// Initial round trip time, eighths of a millisecond.
    pub round_trip_time: u32,
    /// The only next hop.
    hop: Hop,
    /// All of them, if there may be several.
    multipath: Option<&'m [u8]>,
}

/// A next hop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hop {
    /// The next router; `None` if there is none.
    pub gateway: Option<IpAddr>,
    /// The index of the interface; 0 for none.
    pub interface: u32,
    /// `rtnh_hops`: its weight less one.
    pub more_weight: u8,
    /// RTNH_F_* bits.
    pub flags: u32,
}

impl<'m> RouteEntry<'m> {
    /// The next hops, in the kernel's order; the last item is `None` if they are malformed. A route that leads nowhere has one, without
    /// gateway and interface.
    pub fn hops(&self) -> Hops<'m> {
        match self.multipath {
            Some(multipath) => Hops {
                single: None,
                multipath,
            },
            None => Hops {
                single: Some(self.hop),
                multipath: &[],
            },
        }
    }
}

/// See [`RouteEntry::hops`].
#[derive(Clone, Debug)]
pub struct Hops<'m> {
    single: Option<Hop>,
    /// Each a `struct rtnexthop` and attributes.
    multipath: &'m [u8],
}

impl Iterator for Hops<'_> {
    type Item = Option<Hop>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(hop) = self.single.take() {
            return Some(Some(hop));
        }
        let bytes = std::mem::take(&mut self.multipath);
        if bytes.is_empty() {
            return None;
        }
        let hop = split_hop(bytes).map(|(hop, rest)| {
            self.multipath = rest;
            hop
        });
        Some(hop)
    }
}

/// The first next hop and what follows it.
fn split_hop(bytes: &[u8]) -> Option<(Hop, &[u8])> {
    let &[a, b, flags, more_weight, c, d, e, f] = bytes.first_chunk::<8>()?;
    let length = usize::from(u16::from_ne_bytes([a, b]));
    let mut hop = Hop {
        gateway: None,
        interface: u32::from_ne_bytes([c, d, e, f]),
        more_weight,
        flags: flags.into(),
    };
    for attribute in netlink::attributes(bytes.get(8..length)?) {
        let (kind, value) = attribute.ok()?;
        hop.read(kind, value)?;
    }
    Some((
        hop,
        bytes.get(length.next_multiple_of(4)..).unwrap_or_default(),
    ))
}

impl Hop {
    /// Takes over what an attribute says of a next hop; `None` if that is malformed.
    fn read(&mut self, kind: u16, value: &[u8]) -> Option<()> {
        match kind {
            RTA_OIF => self.interface = word(value)?,
            RTA_GATEWAY => self.gateway = Some(ipv4(value)?.into()),
            // A gateway of another family, which comes first.
            RTA_VIA => {
                let (&family, address) = value.split_first_chunk::<2>()?;
                if u16::from_ne_bytes(family) != u16::from(AF_INET6) {
                    return None;
                }
                let address: [u8; 16] = address.try_into().ok()?;
                self.gateway = Some(Ipv6Addr::from(address).into());
            }
            _ => {}
        }
        Some(())
    }
}

/// Visits the routes of the main table in the kernel's order, until the visitor breaks off, and tells whether these were all.
///
/// Between two datagrams the kernel finds its place by the address of a route and, among those of this address, by counting them. Should
/// one of these come or go meanwhile, another one would be missing or doubled. If any did between the last route of a datagram and the
/// first of the next, the list is broken off before that.
pub fn list(mut visit: impl FnMut(&RouteEntry<'_>) -> ControlFlow<()>) -> bool {
    let Ok(mut changes) = Changes::watch() else {
        return false;
    };
    // struct rtmsg: of the table alone something is said.
    let request = [AF_INET, 0, 0, 0, MAIN_TABLE, 0, 0, 0, 0, 0, 0, 0];
    let mut last: Option<Ipv4Addr> = None;
    let complete = super::list(RTM_GETROUTE, RTM_NEWROUTE, &request, |message| {
        let Some(route) = parse(message.body) else {
            return ControlFlow::Break(());
        };
        if message.is_first && last.is_some_and(|last| changes.concern(last..=route.destination)) {
            return ControlFlow::Break(());
        }
        last = Some(route.destination);
        // Kernels that do not heed the request list all tables.
        match route.table == u32::from(MAIN_TABLE) {
            true => visit(&route),
            false => ControlFlow::Continue(()),
        }
    });
    complete && !last.is_some_and(|last| changes.concern(last..=Ipv4Addr::BROADCAST))
}

/// Parses a `struct rtmsg` and its attributes; `None` if that is no whole route of IPv4.
#[doc(hidden)] // for tests
pub fn parse(body: &[u8]) -> Option<RouteEntry<'_>> {
    let (header, attributes) = body.split_first_chunk::<12>()?;
    let &[family, prefix_length, _, _, table, _, _, kind, a, b, c, d] = header;
    if family != AF_INET || prefix_length > 32 {
        return None;
    }
    let mut destination = None;
    let mut is_object = false;
    let mut route = RouteEntry {
        table: table.into(),
        destination: Ipv4Addr::UNSPECIFIED,
        prefix_length,
        kind: RouteType(kind),
        metric: 0,
        advertised_mss: 0,
        window: 0,
        round_trip_time: 0,
        hop: Hop {
            // Its flags are the low bits of the route's.
            flags: u32::from_ne_bytes([a, b, c, d]) & 0xff,
            ..Hop::default()
        },
        multipath: None,
    };
    for attribute in netlink::attributes(attributes) {
        let (kind, value) = attribute.ok()?;
        match kind {
            RTA_DST => destination = Some(ipv4(value)?),
            RTA_TABLE => route.table = word(value)?,
            RTA_PRIORITY => route.metric = word(value)?,
            RTA_METRICS => route.metrics(value)?,
            RTA_MULTIPATH => route.multipath = Some(value),
            RTA_NH_ID => is_object = true,
            _ => route.hop.read(kind, value)?,
        }
    }
    match destination {
        Some(destination) => route.destination = destination,
        None if prefix_length > 0 => return None,
        None => {}
    }
    // With net.ipv4.nexthop_compat_mode off, only the number of the next hop's object is said; and one that is a black hole stands in
    // the place of the route's own type.
    let is_hidden =
        route.hop.interface == 0 && route.multipath.is_none() || route.kind == RouteType::BLACKHOLE;
    (!(is_object && is_hidden)).then_some(route)
}

impl RouteEntry<'_> {
    fn metrics(&mut self, attributes: &[u8]) -> Option<()> {
        for attribute in netlink::attributes(attributes) {
            let (kind, value) = attribute.ok()?;
            match kind {
                RTAX_WINDOW => self.window = word(value)?,
                RTAX_RTT => self.round_trip_time = word(value)?,
                RTAX_ADVMSS => self.advertised_mss = word(value)?,
                _ => {}
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::attribute;
    use super::*;

    fn number(kind: u16, value: u32) -> Vec<u8> {
        attribute(kind, &value.to_ne_bytes())
    }

    fn message(prefix_length: u8, kind: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
        let header = [2, prefix_length, 0, 0, 254, 3, 0, kind, 0, 0, 0, 0];
        [&header[..], &attributes.concat()].concat()
    }

    fn hop(more_weight: u8, interface: u32, attributes: &[Vec<u8>]) -> Vec<u8> {
        let attributes = attributes.concat();
        let length = u16::try_from(attributes.len() + 8).unwrap();
        let [a, b] = length.to_ne_bytes();
        let start = [[a, b, 16, more_weight], interface.to_ne_bytes()].concat();
        [start, attributes].concat()
    }

    fn via6(last: u8) -> Vec<u8> {
        let mut value = u16::from(AF_INET6).to_ne_bytes().to_vec();
        value.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
        attribute(RTA_VIA, &value)
    }

    #[test]
    fn routes_are_taken_apart() {
        let metrics = [
            number(RTAX_ADVMSS, 1360),
            number(RTAX_WINDOW, 32000),
            number(RTAX_RTT, 800),
            number(2, 1400),
        ];
        let all = message(
            16,
            1,
            &[
                number(RTA_TABLE, 254),
                attribute(RTA_DST, &[10, 2, 0, 0]),
                number(RTA_PRIORITY, 100),
                attribute(RTA_METRICS, &metrics.concat()),
                attribute(RTA_GATEWAY, &[10, 1, 0, 1]),
                number(RTA_OIF, 7),
                attribute(7, &[10, 1, 0, 2]),
            ],
        );
        let route = parse(&all).unwrap();
        assert_eq!(route.destination, Ipv4Addr::new(10, 2, 0, 0));
        assert_eq!(
            (route.table, route.prefix_length, route.metric),
            (254, 16, 100)
        );
        let tcp = (route.advertised_mss, route.window, route.round_trip_time);
        assert_eq!(tcp, (1360, 32000, 800));
        let expected = Hop {
            gateway: Some(Ipv4Addr::new(10, 1, 0, 1).into()),
            interface: 7,
            more_weight: 0,
            flags: 0,
        };
        assert_eq!(route.hops().collect::<Vec<_>>(), [Some(expected)]);
        // Whatever is cut off, nothing is made up.
        for length in 0..all.len() {
            if let Some(cut) = parse(&all[..length]) {
                assert!(length >= 12 + 16, "{length}");
                assert_eq!(cut.destination, route.destination);
            }
        }
        assert_eq!(parse(&message(33, 1, &[])), None);
        assert_eq!(parse(&message(8, 1, &[])), None);
        assert!(parse(&message(0, 1, &[])).is_some());
    }

    #[test]
    fn next_hops_are_all_or_an_error() {
        let hops = [
            hop(2, 7, &[attribute(RTA_GATEWAY, &[10, 1, 0, 1])]),
            hop(255, 8, &[via6(5)]),
            hop(0, 9, &[]),
        ]
        .concat();
        let of = |hops: &[u8]| -> Vec<Option<(Option<String>, u32, u8)>> {
            let message = message(0, 1, &[attribute(RTA_MULTIPATH, hops)]);
            let route = parse(&message).unwrap();
            let shown = |hop: Hop| {
                let gateway = hop.gateway.map(|gateway| gateway.to_string());
                (gateway, hop.interface, hop.more_weight)
            };
            route.hops().map(|hop| hop.map(shown)).collect()
        };
        let expected = [
            Some((Some("10.1.0.1".to_owned()), 7, 2)),
            Some((Some("fe80::5".to_owned()), 8, 255)),
            Some((None, 9, 0)),
        ];
        assert_eq!(of(&hops), expected);
        assert_eq!(of(&[]), []);
        for length in 1..hops.len() {
            let cut = of(&hops[..length]);
            let is_whole = [16, 16 + 32].contains(&length);
            assert_eq!(
                cut.iter().all(Option::is_some),
                is_whole,
                "{length}: {cut:?}"
            );
        }
    }

    #[test]
    fn what_is_not_said_is_not_guessed() {
        let gateway = attribute(RTA_GATEWAY, &[10, 1, 0, 1]);
        let object = number(RTA_NH_ID, 1);
        let interface = number(RTA_OIF, 7);
        for (what, bad) in [
            (
                "an object without its next hop",
                message(0, 1, std::slice::from_ref(&object)),
            ),
            (
                "a black hole that may be the object's",
                message(0, 6, &[object.clone(), interface.clone()]),
            ),
            (
                "a gateway of an unknown family",
                message(0, 1, &[attribute(RTA_VIA, &[9, 0, 1, 2, 3, 4])]),
            ),
            (
                "half a gateway",
                message(0, 1, &[attribute(RTA_GATEWAY, &[10, 1])]),
            ),
            (
                "half a number",
                message(0, 1, &[attribute(RTA_OIF, &[7, 0])]),
            ),
        ] {
            assert_eq!(parse(&bad), None, "{what}");
        }
        let known = message(0, 1, &[object.clone(), gateway, interface]);
        assert!(parse(&known).is_some());
        let multipath = attribute(RTA_MULTIPATH, &hop(0, 7, &[]));
        assert!(parse(&message(0, 1, &[object, multipath])).is_some());
    }
}
