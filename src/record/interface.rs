//! Interfaces and their aliases.

mod counters;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::rate;
use super::{Fields, Value, Visitor, owned, visit_objects};
use crate::query::Query;

pub use counters::{COUNTERS, Counters};

/// An interface or an alias of one.
#[derive(Clone, Debug)]
pub struct Interface<'a> {
    /// Name as the kernel has it: `eth0`, `eth0:1`.
    pub name: Cow<'a, [u8]>,
    /// `None` if it cannot be known.
    pub flags: Option<Flags>,
    /// Largest payload of a packet in bytes, 0 if the kernel gives none; `None` if it cannot be known.
    pub mtu: Option<i32>,
    /// Aliases have none.
    pub counters: Option<Counters>,
    /// The time in which `counters` were counted, if that is not all time: they are shown by the second then.
    pub time: Option<Duration>,
    /// The number by which the kernel knows it; `None` if nobody asked.
    pub index: Option<i32>,
    /// What only the long form asks for.
    pub details: Option<Details<'a>>,
    /// Every IPv4 address; of an alias, those that carry its name as their label. `None` if they were not asked for, or cannot be known.
    pub inet_addresses: Option<Box<[PrefixedAddress]>>,
}

/// The low 16 interface flags (`IFF_…`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// IFF_UP.
    pub const UP: Flags = Flags(0x1);
    /// IFF_BROADCAST.
    pub const BROADCAST: Flags = Flags(0x2);
    /// IFF_LOOPBACK.
    pub const LOOPBACK: Flags = Flags(0x8);
    /// IFF_POINTOPOINT.
    pub const POINTOPOINT: Flags = Flags(0x10);
    /// IFF_PORTSEL: the device map's port is meant.
    pub const PORTSEL: Flags = Flags(0x2000);
    /// IFF_AUTOMEDIA: the port was found automatically.
    pub const AUTOMEDIA: Flags = Flags(0x4000);

    /// Whether a bit of `other` is set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Appends their letters; the words of the reference if there are none.
    pub fn letters(self, row: &mut Vec<u8>) {
        if self.0 == 0 {
            row.extend_from_slice(b"[NO FLAGS]");
            return;
        }
        let mut letters = [0u8; FLAG_NAMES.len()];
        for flag in &FLAG_NAMES {
            if self.contains(flag.bit)
                && let Some(letter) = letters.get_mut(flag.place)
            {
                *letter = flag.letter;
            }
        }
        row.extend(letters.iter().filter(|&&letter| letter != 0));
    }
}

/// How a flag is shown.
#[derive(Clone, Copy, Debug)]
pub struct FlagName {
    /// The flag.
    pub bit: Flags,
    /// Its word in the long form.
    pub word: &'static str,
    /// Its letter in the short form.
    pub letter: u8,
    /// Its place among the letters, from 0.
    pub place: usize,
}

const fn flag(bit: u16, word: &'static str, letter: u8, place: usize) -> FlagName {
    FlagName {
        bit: Flags(bit),
        word,
        letter,
        place,
    }
}

/// The flags that have names, in the order of their words.
pub const FLAG_NAMES: [FlagName; 14] = [
    flag(0x1, "UP", b'U', 13),
    flag(0x2, "BROADCAST", b'B', 1),
    flag(0x4, "DEBUG", b'D', 2),
    flag(0x8, "LOOPBACK", b'L', 3),
    flag(0x10, "POINTOPOINT", b'P', 9),
    flag(0x20, "NOTRAILERS", b'N', 7),
    flag(0x40, "RUNNING", b'R', 12),
    flag(0x80, "NOARP", b'O', 8),
    flag(0x100, "PROMISC", b'P', 6),
    flag(0x200, "ALLMULTI", b'A', 0),
    flag(0x800, "SLAVE", b's', 10),
    flag(0x400, "MASTER", b'm', 11),
    flag(0x1000, "MULTICAST", b'M', 4),
    flag(0x8000, "DYNAMIC", b'd', 5),
];

/// What the long form adds.
#[derive(Clone, Debug, Default)]
pub struct Details<'a> {
    /// `None` if it cannot be known.
    pub hardware: Option<Hardware>,
    /// Only SLIP devices have these.
    pub slip: Option<SlipTimers>,
    /// Packets that wait for transmission at most; `None` if the kernel gives none.
    pub queue_length: Option<i32>,
    /// Where the device sits in the machine.
    pub map: DeviceMap,
    /// The first IPv4 address that carries exactly this name as its label.
    pub inet: Option<InetAddress>,
    /// In the order of the file.
    pub inet6: Cow<'a, [Inet6Address]>,
    /// One for each frame type in use.
    pub ipx: Vec<IpxAddress>,
    /// AppleTalk.
    pub appletalk: Option<AppleTalkAddress>,
    /// Econet.
    pub econet: Option<EconetAddress>,
}

/// Hardware type and address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hardware {
    /// The kernel's ARPHRD number.
    pub kind: u16,
    /// The address, filled up with zeros. How long it is depends on the type.
    pub address: [u8; 14],
}

impl Hardware {
    /// ARPHRD_VOID, "nothing is known".
    pub const UNKNOWN: u16 = 0xffff;

    /// Whether this is one of the serial line types (SLIP, CSLIP, SLIP6, CSLIP6, ADAPT).
    pub fn is_slip(&self) -> bool {
        matches!(self.kind, 256..=259 | 264)
    }
}

/// Timers of a serial line in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlipTimers {
    /// How often an idle line is filled; 0: never.
    pub outfill: i32,
    /// After how long without a packet the line counts as dead; 0: never.
    pub keepalive: i32,
}

/// `struct ifmap`; zeros stand for "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceMap {
    /// First address of shared memory.
    pub memory_start: u64,
    /// End of shared memory.
    pub memory_end: u64,
    /// I/O port.
    pub base_address: u16,
    /// Interrupt.
    pub irq: u8,
    /// DMA channel.
    pub dma: u8,
    /// Media port (`IF_PORT_…`).
    pub port: u8,
}

/// An IPv4 address of an interface; `None` stands for what the kernel refused to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InetAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// The mask of its network.
    pub netmask: Option<Ipv4Addr>,
    /// The broadcast address, zero if unset.
    pub broadcast: Option<Ipv4Addr>,
    /// The other end of a point-to-point link.
    pub destination: Option<Ipv4Addr>,
}

/// An IPv4 address as rtnetlink knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixedAddress {
    /// The address: IFA_LOCAL.
    pub address: Ipv4Addr,
    /// Length of the prefix in bits: of the address, or of the other end's if there is one.
    pub prefix_length: u8,
    /// The broadcast address: IFA_BROADCAST.
    pub broadcast: Option<Ipv4Addr>,
    /// The other end of a point-to-point link: IFA_ADDRESS where it is another one.
    pub destination: Option<Ipv4Addr>,
    /// The name of the interface, or of an alias of it: IFA_LABEL.
    pub label: Box<[u8]>,
}

/// Ethernet frame types of IPX.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpxFrame {
    /// Ethernet II.
    EthernetII,
    /// 802.2 with SNAP.
    Snap,
    /// 802.2.
    Ieee8022,
    /// Novell's raw 802.3.
    Ieee8023,
}

impl IpxFrame {
    /// In the order of listing.
    pub const ALL: [IpxFrame; 4] = [
        IpxFrame::EthernetII,
        IpxFrame::Snap,
        IpxFrame::Ieee8022,
        IpxFrame::Ieee8023,
    ];

    /// The reference's name.
    pub fn name(self) -> &'static str {
        match self {
            IpxFrame::EthernetII => "Ethernet-II",
            IpxFrame::Snap => "Ethernet-SNAP",
            IpxFrame::Ieee8022 => "Ethernet802.2",
            IpxFrame::Ieee8023 => "Ethernet802.3",
        }
    }

    /// The kernel's number for it (`IPX_FRAME_…`).
    pub fn number(self) -> u8 {
        match self {
            IpxFrame::Snap => 1,
            IpxFrame::Ieee8022 => 2,
            IpxFrame::EthernetII => 3,
            IpxFrame::Ieee8023 => 4,
        }
    }
}

/// An IPX address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpxAddress {
    /// For this frame type.
    pub frame: IpxFrame,
    /// Network.
    pub network: u32,
    /// Node.
    pub node: [u8; 6],
}

/// An AppleTalk address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppleTalkAddress {
    /// Network.
    pub network: u16,
    /// Node.
    pub node: u8,
}

/// An Econet address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EconetAddress {
    /// Network.
    pub network: u8,
    /// Station.
    pub station: u8,
}

impl Interface<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Interface<'static> {
        Interface {
            name: owned(&self.name),
            details: self.details.as_ref().map(|details| Details {
                inet6: Cow::Owned(details.inet6.to_vec()),
                ipx: details.ipx.clone(),
                ..*details
            }),
            inet_addresses: self.inet_addresses.clone(),
            ..*self
        }
    }

    /// Its counters, or how many a second, as whole numbers.
    pub fn whole_counters(&self) -> Option<Counters> {
        let mut counters = self.counters?;
        if self.time.is_some() {
            for (_, place) in COUNTERS {
                let count = place(&mut counters);
                *count = rate::whole(*count, self.time);
            }
        }
        Some(counters)
    }
}

impl Fields for Interface<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("iface", Value::Text(&self.name));
        visit("mtu", Value::signed(self.mtu));
        let mut counters = self.counters;
        for (name, place) in COUNTERS {
            let count = counters.as_mut().map(place);
            visit(
                name,
                count.map_or(Value::Null, |count| rate::exact(*count, self.time)),
            );
        }
        if query.per_second {
            visit("interval_seconds", rate::interval(self.time));
        }
        match self.flags {
            Some(flags) => {
                let mut letters = Vec::new();
                flags.letters(&mut letters);
                visit("flg", Value::Text(&letters));
                visit(
                    "flg_pretty",
                    Value::List(&|each| {
                        for flag in &FLAG_NAMES {
                            if flags.contains(flag.bit) {
                                each(Value::Word(flag.word));
                            }
                        }
                    }),
                );
                visit("flg_num", Value::Unsigned(flags.0.into()));
            }
            None => {
                for name in ["flg", "flg_pretty", "flg_num"] {
                    visit(name, Value::Null);
                }
            }
        }
        if let Some(details) = &self.details {
            details.visit(self.flags.unwrap_or_default(), visit);
        }
        if query.gather.inet_addresses {
            visit_objects("inet_all", self.inet_addresses.as_deref(), visit);
        }
        visit("kind", Value::Word("interface"));
    }
}

impl Details<'_> {
    /// Visits them as fields of the interface that has `flags`.
    fn visit(&self, flags: Flags, visit: &mut Visitor<'_>) {
        match &self.hardware {
            Some(hardware) => {
                visit("hardware", Value::HardwareName(hardware));
                visit("hardware_type", Value::Unsigned(hardware.kind.into()));
                visit("hardware_address", Value::HardwareAddress(hardware));
            }
            None => {
                for name in ["hardware", "hardware_type", "hardware_address"] {
                    visit(name, Value::Null);
                }
            }
        }
        visit("txqueuelen", Value::signed(self.queue_length));
        let inet = self.inet.map(|inet| InetAddress {
            // The kernel answers with some address to either question.
            broadcast: inet.broadcast.filter(|_| flags.contains(Flags::BROADCAST)),
            destination: inet
                .destination
                .filter(|_| flags.contains(Flags::POINTOPOINT)),
            ..inet
        });
        visit("inet", Value::object(inet.as_ref()));
        visit(
            "inet6",
            Value::List(&|each| {
                for address in &*self.inet6 {
                    each(Value::Object(address));
                }
            }),
        );
        visit(
            "ipx",
            Value::List(&|each| {
                for address in &self.ipx {
                    each(Value::Object(address));
                }
            }),
        );
        visit("appletalk", Value::object(self.appletalk.as_ref()));
        visit("econet", Value::object(self.econet.as_ref()));
        visit("slip", Value::object(self.slip.as_ref()));
        visit("device", Value::Object(&self.map));
    }
}

impl Fields for InetAddress {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        for (name, address) in [
            ("address", Some(self.address)),
            ("netmask", self.netmask),
            ("broadcast", self.broadcast),
            ("destination", self.destination),
        ] {
            let address = address.map(IpAddr::V4);
            visit(name, address.map_or(Value::Null, Value::Address));
        }
    }
}

impl Fields for PrefixedAddress {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let address = |address: Option<Ipv4Addr>| {
            address.map_or(Value::Null, |address| Value::Address(address.into()))
        };
        visit("address", address(Some(self.address)));
        visit("prefix_length", Value::Unsigned(self.prefix_length.into()));
        visit("broadcast", address(self.broadcast));
        visit("destination", address(self.destination));
        visit("label", Value::nonempty(&self.label));
    }
}

impl Fields for Inet6Address {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("address", Value::Address(self.address.into()));
        visit("prefix_length", Value::Unsigned(self.prefix_length.into()));
        visit(
            "scope",
            Value::List(&|each| self.scope_words().for_each(|word| each(Value::Word(word)))),
        );
        visit("scope_num", Value::Unsigned(self.scope.into()));
    }
}

impl Fields for IpxAddress {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("frame", Value::Word(self.frame.name()));
        visit("network", Value::Word(&format!("{:08X}", self.network)));
        let node = self.node.map(|byte| format!("{byte:02X}")).concat();
        visit("node", Value::Word(&node));
    }
}

impl Fields for AppleTalkAddress {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("network", Value::Unsigned(self.network.into()));
        visit("node", Value::Unsigned(self.node.into()));
    }
}

impl Fields for EconetAddress {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("network", Value::Unsigned(self.network.into()));
        visit("station", Value::Unsigned(self.station.into()));
    }
}

impl Fields for SlipTimers {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("outfill", Value::Signed(self.outfill.into()));
        visit("keepalive", Value::Signed(self.keepalive.into()));
    }
}

impl Fields for DeviceMap {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        for (name, value) in [
            ("memory_start", self.memory_start),
            ("memory_end", self.memory_end),
            ("base_address", self.base_address.into()),
            ("irq", self.irq.into()),
            ("dma", self.dma.into()),
            ("port", self.port.into()),
        ] {
            visit(name, Value::Unsigned(value));
        }
    }
}

/// An IPv6 address of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inet6Address {
    /// The address.
    pub address: Ipv6Addr,
    /// Length of its network's prefix in bits.
    pub prefix_length: u32,
    /// The kernel's scope bits (`include/net/ipv6.h`): 0x10 host, 0x20 link, 0x40 site, 0x80 IPv4-compatible.
    pub scope: u32,
}

impl Inet6Address {
    /// The scope in the reference's words.
    pub fn scope_words(&self) -> impl Iterator<Item = &'static str> {
        const COMPATIBLE: u32 = 0x80;
        let scope = self.scope & !COMPATIBLE;
        let words = [
            (self.scope & COMPATIBLE != 0, "compat"),
            (scope == 0, "global"),
            (scope & 0x20 != 0, "link"),
            (scope & 0x40 != 0, "site"),
            (scope & 0x10 != 0, "host"),
        ];
        let words = words.into_iter().filter(|&(applies, _)| applies);
        words.map(|(_, word)| word)
    }
}
