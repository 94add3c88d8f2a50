//! Routes in the IPv4 cache, in either of the formats that kernels have written.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use memchr::memmem;

use super::route_flags::{self, Flag};
use super::{Fields, Value, Visitor, owned};
use crate::query::Query;

/// The file below the proc root.
pub const FILE: &str = "net/rt_cache";

/// The formats that kernels have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheFormat {
    /// Linux 2.0: HH and ARP at the end.
    V2_0,
    /// Linux 2.2 and later: TOS, HHRef, HHUptod, SpecDst at the end.
    V2_2,
}

/// What the first line says of the table's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheHeading {
    /// There is no first line, or it cannot be read.
    Unreadable,
    /// It contains some of the names that tell the formats apart.
    Names(Names),
}

/// Which of seven names a first line contains, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names(pub u32);

impl CacheFormat {
    /// The letters of its flags.
    pub fn flags(self) -> &'static [Flag] {
        match self {
            CacheFormat::V2_0 => route_flags::CACHE_2_0,
            CacheFormat::V2_2 => route_flags::CACHE_2_2,
        }
    }
}

impl Names {
    const IRTT: u32 = 1;
    const TOS: u32 = 2;
    const ALL: [(&'static str, u32); 7] = [
        ("IRTT", Self::IRTT),
        ("TOS", Self::TOS),
        ("HHRef", 4),
        ("HHUptod", 8),
        ("SpecDst", 16),
        ("HH", 32),
        ("ARP", 64),
    ];
    const OF_2_0: u32 = Self::IRTT | 32 | 64;
    const OF_2_2: u32 = Self::IRTT | Self::TOS | 4 | 8 | 16 | 32;

    /// Those that a first line contains.
    pub fn of(header: &[u8]) -> Self {
        Names(
            Self::ALL
                .iter()
                .filter(|(name, _)| memmem::find(header, name.as_bytes()).is_some())
                .map(|(_, bit)| bit)
                .sum(),
        )
    }

    /// Whether they are those of a format; otherwise the reference complains.
    pub fn are_known(self) -> bool {
        matches!(self.0, Self::OF_2_0 | Self::OF_2_2)
    }

    /// The format to read the table in. The reference takes the sums 1 and 2 for the numbers by which it calls its formats.
    pub fn format(self) -> Option<CacheFormat> {
        match self.0 {
            Self::OF_2_0 | Self::IRTT => Some(CacheFormat::V2_0),
            Self::OF_2_2 | Self::TOS => Some(CacheFormat::V2_2),
            _ => None,
        }
    }
}

/// A route in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedRoute<'a> {
    /// The interface it leads through.
    pub interface: Cow<'a, [u8]>,
    /// Where packets come from.
    pub source: Ipv4Addr,
    /// Where they go to.
    pub destination: Ipv4Addr,
    /// The next router.
    pub gateway: Ipv4Addr,
    /// Bits of RTF_* and RTCF_*.
    pub flags: u32,
    /// References.
    pub references: i32,
    /// Look-ups.
    pub uses: i32,
    /// Priority.
    pub metric: i32,
    /// MTU or MSS, bytes.
    pub mtu: i32,
    /// TCP window, bytes.
    pub window: i32,
    /// Initial round trip time.
    pub irtt: i32,
    /// What the formats have beyond this.
    pub rest: CacheRest,
}

impl CachedRoute<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> CachedRoute<'static> {
        CachedRoute {
            interface: owned(&self.interface),
            ..*self
        }
    }
}

impl Fields for CachedRoute<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        for (name, ip, address) in [
            ("source", "source_ip", self.source),
            ("destination", "destination_ip", self.destination),
            ("gateway", "gateway_ip", self.gateway),
        ] {
            visit(name, Value::host(IpAddr::V4(address)));
            visit(ip, Value::Address(IpAddr::V4(address)));
        }
        route_flags::fields(self.flags, self.rest.format().flags(), &[], visit);
        // The kernel's number is unsigned; the reference's column is not.
        let metric = self.metric.cast_unsigned();
        visit("metric", Value::Unsigned(metric.into()));
        let mut number = |name, number: i32| visit(name, Value::Signed(number.into()));
        number("route_refs", self.references);
        number("use", self.uses);
        number("mss", self.mtu);
        number("window", self.window);
        number("irtt", self.irtt);
        match self.rest {
            CacheRest::V2_0 { hh, arp } => {
                number("hh", hh);
                number("arp", arp);
            }
            CacheRest::V2_2 {
                tos,
                hh_references,
                hh_up_to_date,
                specific_destination,
            } => {
                number("tos", tos);
                number("hh_ref", hh_references);
                number("hh_uptod", hh_up_to_date);
                let address = IpAddr::V4(specific_destination);
                visit("spec_dst", Value::host(address));
                visit("spec_dst_ip", Value::Address(address));
            }
        }
        visit("iface", Value::Text(&self.interface));
        visit("kind", Value::Word("route_cache"));
        visit("network_protocol", Value::Word("ipv4"));
    }
}

/// The last columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheRest {
    /// [`CacheFormat::V2_0`].
    V2_0 {
        /// References to the hardware header.
        hh: i32,
        /// Whether the hardware header is valid.
        arp: i32,
    },
    /// [`CacheFormat::V2_2`].
    V2_2 {
        /// Type of service, whose hexadecimal digits the reference reads as decimal ones.
        tos: i32,
        /// References to the hardware header.
        hh_references: i32,
        /// Whether the hardware header is valid.
        hh_up_to_date: i32,
        /// The address that answers come from.
        specific_destination: Ipv4Addr,
    },
}

impl CacheRest {
    /// The format it is of.
    pub fn format(self) -> CacheFormat {
        match self {
            CacheRest::V2_0 { .. } => CacheFormat::V2_0,
            CacheRest::V2_2 { .. } => CacheFormat::V2_2,
        }
    }
}
