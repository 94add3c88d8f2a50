//! IPv4 routes.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use super::route_flags::{self, HOST};
use super::{Fields, Value, Visitor, owned, visit_objects};
use crate::names::Question;
use crate::query::Query;

/// An IPv4 route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// The interface it leads through; `*` if none.
    pub interface: Cow<'a, [u8]>,
    /// Host or network; 0.0.0.0 with mask 0.0.0.0 for the default route.
    pub destination: Ipv4Addr,
    /// The next router, or 0.0.0.0.
    pub gateway: Ipv4Addr,
    /// Which bits of the destination count.
    pub mask: Ipv4Addr,
    /// RTF_* bits; the letters are those of [`INET`](super::route_flags::INET).
    pub flags: u32,
    /// References; always 0 in today's kernels.
    pub references: i32,
    /// Look-ups; always 0 in today's kernels.
    pub uses: i32,
    /// Priority: the lower wins.
    pub metric: i32,
    /// What the kernel calls MTU: the advertised maximum segment size of TCP plus 40 bytes; 0 if not set.
    pub mtu: i32,
    /// TCP window, bytes; 0 if not set.
    pub window: i32,
    /// Initial round trip time; 0 if not set.
    pub irtt: i32,
    /// All next hops, of which the columns above show the first. `None` if they were not asked for, or cannot be known.
    pub next_hops: Option<Box<[NextHop]>>,
}

/// A next hop of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHop {
    /// The next router, which may be one of IPv6 (RFC 5549); `None` if the destination is on the link.
    pub gateway: Option<IpAddr>,
    /// The interface it leads through.
    pub interface: Rc<[u8]>,
    /// How large its share of the packets is, from 1 to 256: `rtnh_hops` + 1.
    pub weight: u16,
    /// RTNH_F_* bits.
    pub flags: u32,
}

/// Names of the bits of [`NextHop::flags`] (linux/rtnetlink.h).
const HOP_FLAGS: [(u32, &str); 7] = [
    (1, "dead"),
    (2, "pervasive"),
    (4, "onlink"),
    (8, "offload"),
    (16, "linkdown"),
    (32, "unresolved"),
    (64, "trap"),
];

impl Route<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Route<'static> {
        Route {
            interface: owned(&self.interface),
            next_hops: self.next_hops.clone(),
            ..*self
        }
    }

    /// What to ask the name service about the destination. Where there are bits beyond the mask, it is a host whatever the flags say.
    pub fn destination_question(&self) -> Option<Question> {
        let address = self.destination;
        if address.is_unspecified() {
            None
        } else if self.flags & HOST != 0 || address & !self.mask != Ipv4Addr::UNSPECIFIED {
            Some(Question::Host(IpAddr::V4(address)))
        } else {
            Some(Question::Network(address))
        }
    }
}

/// What to ask the name service about a gateway: always for a host.
pub fn gateway_question(gateway: Ipv4Addr) -> Option<Question> {
    (!gateway.is_unspecified()).then_some(Question::Host(IpAddr::V4(gateway)))
}

impl Fields for Route<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        let (destination, gateway) = (IpAddr::V4(self.destination), IpAddr::V4(self.gateway));
        let default = self.destination.is_unspecified() && self.mask.is_unspecified();
        visit(
            "destination",
            Value::Name {
                address: destination,
                question: self.destination_question(),
                word: default.then_some("default"),
            },
        );
        visit("destination_ip", Value::Address(destination));
        visit(
            "gateway",
            Value::Name {
                address: gateway,
                question: gateway_question(self.gateway),
                word: None,
            },
        );
        visit("gateway_ip", Value::Address(gateway));
        visit("genmask", Value::Address(IpAddr::V4(self.mask)));
        route_flags::fields(self.flags, route_flags::INET, &[], visit);
        // The kernel's number is unsigned; the reference's column is not.
        let metric = self.metric.cast_unsigned();
        visit("metric", Value::Unsigned(metric.into()));
        let mut number = |name, number: i32| visit(name, Value::Signed(number.into()));
        number("route_refs", self.references);
        number("use", self.uses);
        number("mss", self.mtu);
        number("window", self.window);
        number("irtt", self.irtt);
        visit("iface", Value::Text(&self.interface));
        if query.gather.next_hops {
            visit_objects("nexthops", self.next_hops.as_deref(), visit);
        }
        visit("kind", Value::Word("route"));
        visit("network_protocol", Value::Word("ipv4"));
    }
}

impl Fields for NextHop {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let gateway = self.gateway.map_or(Value::Null, Value::Address);
        visit("gateway_ip", gateway);
        visit("iface", Value::Text(&self.interface));
        visit("weight", Value::Unsigned(self.weight.into()));
        visit(
            "flags",
            Value::List(&|each| {
                for (bit, word) in HOP_FLAGS {
                    if self.flags & bit != 0 {
                        each(Value::Word(word));
                    }
                }
            }),
        );
    }

    fn in_short(&self) -> usize {
        if self.weight == 1 { 2 } else { 3 }
    }
}
