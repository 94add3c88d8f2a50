//! IPv6 neighbours.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use super::{Fields, Value, Visitor, owned, route_flags};
use crate::query::Query;
use crate::scan::long;

/// An IPv6 neighbour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour<'a> {
    /// Its address.
    pub address: Ipv6Addr,
    /// How many bits of the address count.
    pub prefix_length: i32,
    /// The interface it is behind.
    pub interface: Cow<'a, [u8]>,
    /// Six bytes of two characters each, as the kernel writes them; fewer if the line is shorter.
    pub hardware_address: Cow<'a, [u8]>,
    /// The letters are those of [`NEIGHBOUR`](super::route_flags::NEIGHBOUR).
    pub flags: u32,
    /// References.
    pub references: i32,
    /// NUD_* state.
    pub state: NeighbourState,
    /// When it was last used, in ticks.
    pub used: u32,
    /// Until when it counts as reachable, in ticks.
    pub reachable: u32,
    /// When it may be dropped, in ticks.
    pub collectable: u32,
}

/// A state as the kernel numbers them (NUD_*). Not an enum: a kernel may know states that we do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeighbourState(pub u32);

impl NeighbourState {
    /// Known to be there.
    pub const REACHABLE: NeighbourState = NeighbourState(2);

    /// The reference's name; `None` for others and for sets of states.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "NONE",
            1 => "INCOMPLETE",
            2 => "REACHABLE",
            4 => "STALE",
            8 => "DELAY",
            0x10 => "PROBE",
            0x20 => "FAILED",
            0x40 => "NOARP",
            0x80 => "PERM",
            _ => return None,
        })
    }
}

impl Neighbour<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Neighbour<'static> {
        Neighbour {
            interface: owned(&self.interface),
            hardware_address: owned(&self.hardware_address),
            ..*self
        }
    }

    /// For how long it has not been confirmed, in ticks; 0 unless it counts as reachable.
    pub fn stale(&self) -> u32 {
        if self.state == NeighbourState::REACHABLE {
            passed(self.used, self.reachable)
        } else {
            0
        }
    }

    /// For how long it has been unused, in ticks.
    pub fn unused(&self) -> u32 {
        passed(self.used, self.collectable)
    }
}

/// How many ticks one time is after another, 0 if it is before: a difference of C's `long`s.
fn passed(from: u32, to: u32) -> u32 {
    let difference = long(to.into()).wrapping_sub(long(from.into()));
    u32::try_from(long(difference.cast_unsigned())).unwrap_or(0)
}

impl Fields for Neighbour<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("address", Value::host(IpAddr::V6(self.address)));
        visit("address_ip", Value::Address(IpAddr::V6(self.address)));
        visit("prefix_length", Value::Signed(self.prefix_length.into()));
        let bytes: Vec<&[u8]> = self.hardware_address.chunks(2).collect();
        let hardware_address = bytes.join(&b':');
        visit("hardware_address", Value::nonempty(&hardware_address));
        visit("iface", Value::Text(&self.interface));
        let mut flags = Vec::new();
        route_flags::append(&mut flags, self.flags, route_flags::NEIGHBOUR);
        visit("flags", Value::nonempty(&flags));
        visit("refcnt", Value::Signed(self.references.into()));
        let state = self.state.name().unwrap_or("UNKNOWN");
        visit("state", Value::Word(state));
        visit("state_num", Value::Unsigned(self.state.0.into()));
        visit("stale_seconds", Value::Ticks(self.stale().into()));
        // One that is in use is not dropped.
        let unused = (self.references == 0).then(|| self.unused().into());
        visit("delete_seconds", unused.map_or(Value::Null, Value::Ticks));
        visit("kind", Value::Word("neighbour"));
        visit("network_protocol", Value::Word("ipv6"));
    }
}
