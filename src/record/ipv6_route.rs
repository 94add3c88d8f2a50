//! IPv6 routes, of the table or the cache.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use super::route_flags::{self, CACHE};
use super::{Fields, Value, Visitor, owned};
use crate::query::Query;

/// An IPv6 route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv6Route<'a> {
    /// Host or network.
    pub destination: Ipv6Addr,
    /// How many bits of the destination count; kernels write 0 to 128.
    pub prefix_length: i32,
    /// The next router, or `::`.
    pub next_hop: Ipv6Addr,
    /// Priority: the lower wins. The reference prints it as a signed number, as the next two.
    pub metric: u32,
    /// References.
    pub references: u32,
    /// Look-ups.
    pub uses: u32,
    /// RTF_* bits; the letters are those of [`INET6`](super::route_flags::INET6).
    pub flags: u32,
    /// The interface it leads through.
    pub interface: Cow<'a, [u8]>,
}

impl Ipv6Route<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Ipv6Route<'static> {
        Ipv6Route {
            interface: owned(&self.interface),
            ..*self
        }
    }

    /// Whether it is a line of the cache rather than of the table.
    pub fn is_cached(&self) -> bool {
        self.flags & CACHE != 0
    }
}

impl Fields for Ipv6Route<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let destination = IpAddr::V6(self.destination);
        visit("destination", Value::host(destination));
        visit("destination_ip", Value::Address(destination));
        visit("prefix_length", Value::Signed(self.prefix_length.into()));
        visit("gateway", Value::host(IpAddr::V6(self.next_hop)));
        visit("gateway_ip", Value::Address(IpAddr::V6(self.next_hop)));
        let words = &route_flags::INET6_WORDS;
        route_flags::fields(self.flags, route_flags::INET6, words, visit);
        visit("metric", Value::Unsigned(self.metric.into()));
        visit("route_refs", Value::Unsigned(self.references.into()));
        visit("use", Value::Unsigned(self.uses.into()));
        visit("iface", Value::Text(&self.interface));
        let cached = self.is_cached();
        visit(
            "kind",
            Value::Word(if cached { "route_cache" } else { "route" }),
        );
        visit("network_protocol", Value::Word("ipv6"));
    }
}
