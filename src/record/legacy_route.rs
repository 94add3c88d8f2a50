//! Routes of AX.25, NET/ROM, ROSE, IPX, DDP and X.25.

use std::borrow::Cow;

use super::{Fields, Value, Visitor, owned, route_flags};
use crate::query::Query;

/// The families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyFamily {
    /// Amateur radio AX.25.
    Ax25,
    /// Amateur radio NET/ROM.
    Netrom,
    /// Amateur radio ROSE.
    Rose,
    /// Novell IPX.
    Ipx,
    /// AppleTalk DDP.
    Ddp,
    /// CCITT X.25.
    X25,
}

/// A row of one of these tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyRoute<'a> {
    /// AX.25.
    Ax25(Ax25Route<'a>),
    /// NET/ROM.
    Netrom(NetromRoute<'a>),
    /// ROSE.
    Rose(RoseRoute<'a>),
    /// IPX.
    Ipx(IpxRoute),
    /// DDP.
    Ddp(DdpRoute<'a>),
    /// X.25.
    X25(X25Route<'a>),
}

impl LegacyRoute<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> LegacyRoute<'static> {
        match self {
            LegacyRoute::Ax25(route) => LegacyRoute::Ax25(Ax25Route {
                callsign: owned(&route.callsign),
                device: owned(&route.device),
                ..*route
            }),
            LegacyRoute::Netrom(route) => LegacyRoute::Netrom(NetromRoute {
                callsign: owned(&route.callsign),
                mnemonic: owned(&route.mnemonic),
                quality: route.quality,
                neighbour: route.neighbour.as_ref().map(|neighbour| NetromNeighbour {
                    callsign: owned(&neighbour.callsign),
                    device: owned(&neighbour.device),
                }),
            }),
            LegacyRoute::Rose(route) => LegacyRoute::Rose(RoseRoute {
                address: owned(&route.address),
                neighbours: route
                    .neighbours
                    .iter()
                    .map(|neighbour| RoseNeighbour {
                        number: neighbour.number,
                        entries: Cow::Owned(neighbour.entries.to_vec()),
                    })
                    .collect(),
            }),
            LegacyRoute::Ipx(route) => LegacyRoute::Ipx(*route),
            LegacyRoute::Ddp(route) => LegacyRoute::Ddp(DdpRoute {
                destination: owned(&route.destination),
                router: owned(&route.router),
                device: owned(&route.device),
                ..*route
            }),
            LegacyRoute::X25(route) => LegacyRoute::X25(X25Route {
                prefix: owned(&route.prefix),
                device: owned(&route.device),
                ..*route
            }),
        }
    }

    fn family(&self) -> &'static str {
        match self {
            LegacyRoute::Ax25(_) => "ax25",
            LegacyRoute::Netrom(_) => "netrom",
            LegacyRoute::Rose(_) => "rose",
            LegacyRoute::Ipx(_) => "ipx",
            LegacyRoute::Ddp(_) => "ddp",
            LegacyRoute::X25(_) => "x25",
        }
    }
}

impl Fields for LegacyRoute<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        match self {
            LegacyRoute::Ax25(route) => {
                text("destination", &route.callsign, visit);
                text("iface", &route.device, visit);
                visit("use", Value::Signed(route.uses.into()));
            }
            LegacyRoute::Netrom(route) => {
                text("destination", &route.callsign, visit);
                text("mnemonic", &route.mnemonic, visit);
                visit("quality", Value::Signed(route.quality.into()));
                let neighbour = route.neighbour.as_ref();
                let callsign = neighbour.map(|neighbour| &*neighbour.callsign);
                text("neighbour", callsign.unwrap_or_default(), visit);
                let device = neighbour.map(|neighbour| &*neighbour.device);
                text("iface", device.unwrap_or_default(), visit);
            }
            LegacyRoute::Rose(route) => {
                text("destination", &route.address, visit);
                visit(
                    "neighbours",
                    Value::List(&|each| {
                        for neighbour in &route.neighbours {
                            for entry in &*neighbour.entries {
                                each(Value::Object(entry));
                            }
                        }
                    }),
                );
            }
            LegacyRoute::Ipx(route) => {
                network("destination", route.destination, visit);
                network("router_network", route.router_network, visit);
                let node = route.router_node;
                let node =
                    (node != [0; 6]).then(|| node.map(|byte| format!("{byte:02X}")).concat());
                visit(
                    "router_node",
                    Value::word(node.as_deref().unwrap_or_default()),
                );
            }
            LegacyRoute::Ddp(route) => {
                text("destination", &route.destination, visit);
                text("gateway", &route.router, visit);
                route_flags::fields(route.flags, route_flags::APPLETALK, &[], visit);
                text("iface", &route.device, visit);
            }
            LegacyRoute::X25(route) => {
                text("destination", &route.prefix, visit);
                visit("digits", Value::Unsigned(route.digits.into()));
                text("iface", &route.device, visit);
            }
        }
        visit("kind", Value::Word("route"));
        visit("network_protocol", Value::Word(self.family()));
    }
}

/// Visits a column without the blanks that fill it.
fn text(name: &'static str, column: &[u8], visit: &mut Visitor<'_>) {
    visit(name, Value::nonempty(column.trim_ascii()));
}

/// Visits the number of an IPX network, which is known by its hex digits.
fn network(name: &'static str, number: Option<u32>, visit: &mut Visitor<'_>) {
    let digits = number.map(|number| format!("{number:08X}"));
    visit(name, Value::word(digits.as_deref().unwrap_or_default()));
}

/// A route to an AX.25 station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ax25Route<'a> {
    /// Callsign, or `default`; padded with blanks.
    pub callsign: Cow<'a, [u8]>,
    /// Device; padded with blanks.
    pub device: Cow<'a, [u8]>,
    /// Look-ups. Kernels since 2.2 print the IP mode there, a letter or `*`, which counts as 0.
    pub uses: i32,
}

/// A route to an AppleTalk network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DdpRoute<'a> {
    /// Network and node, as the kernel writes them.
    pub destination: Cow<'a, [u8]>,
    /// Network and node of the router.
    pub router: Cow<'a, [u8]>,
    /// RTF_* bits; the letters are those of [`APPLETALK`](route_flags::APPLETALK).
    pub flags: u32,
    /// Device.
    pub device: Cow<'a, [u8]>,
}

/// A route to an IPX network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpxRoute {
    /// The network, if it has a number other than 0 and 0xFFFFFFFF.
    pub destination: Option<u32>,
    /// The network the router is in, likewise.
    pub router_network: Option<u32>,
    /// The router's node there; all zero for none.
    pub router_node: [u8; 6],
}

/// A route to a NET/ROM node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetromRoute<'a> {
    /// The node's callsign, padded with blanks.
    pub callsign: Cow<'a, [u8]>,
    /// Its mnemonic, padded with blanks.
    pub mnemonic: Cow<'a, [u8]>,
    /// Quality of the way through the preferred neighbour.
    pub quality: i32,
    /// The preferred neighbour; `None` if it is not in the table of neighbours.
    pub neighbour: Option<NetromNeighbour<'a>>,
}

/// A neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetromNeighbour<'a> {
    /// Callsign, padded with blanks.
    pub callsign: Cow<'a, [u8]>,
    /// Device, padded with blanks.
    pub device: Cow<'a, [u8]>,
}

/// A route to a ROSE node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoseRoute<'a> {
    /// The node's address, padded with blanks; `*` for all.
    pub address: Cow<'a, [u8]>,
    /// The neighbours it is reached through, at most three.
    pub neighbours: Vec<RoseNeighbour<'a>>,
}

/// A neighbour of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoseNeighbour<'a> {
    /// Its number.
    pub number: i32,
    /// Every entry of the table of neighbours with this number.
    pub entries: Cow<'a, [RoseEntry]>,
}

/// An entry of the table of neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoseEntry {
    /// The number of the neighbour it belongs to.
    pub number: i32,
    /// Callsign, padded with blanks.
    pub callsign: Vec<u8>,
    /// Device, padded with blanks.
    pub device: Vec<u8>,
}

impl Fields for RoseEntry {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("number", Value::Signed(self.number.into()));
        visit("callsign", Value::nonempty(self.callsign.trim_ascii()));
        visit("iface", Value::nonempty(self.device.trim_ascii()));
    }
}

/// A route to X.25 addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct X25Route<'a> {
    /// The digits that addresses begin with.
    pub prefix: Cow<'a, [u8]>,
    /// How many digits count; 0 for every address, at most 15.
    pub digits: u8,
    /// Device, padded with blanks.
    pub device: Cow<'a, [u8]>,
}
