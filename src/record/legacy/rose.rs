//! ROSE sockets.

use std::borrow::Cow;

use crate::query::Query;
use crate::record::{Fields, Value, Visitor, owned};

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoseSocket<'a> {
    /// Their ROSE address, `*` if not connected.
    pub dest_address: Cow<'a, [u8]>,
    /// Their call sign, `*` if not connected.
    pub dest_call: Cow<'a, [u8]>,
    /// Our ROSE address.
    pub source_address: Cow<'a, [u8]>,
    /// Our call sign.
    pub source_call: Cow<'a, [u8]>,
    /// The interface.
    pub device: Cow<'a, [u8]>,
    /// Logical channel.
    pub lci: i32,
    /// Number of the neighbour.
    pub neighbour: i32,
    /// 0 to 3; their names are those of [`state_name`](Self::state_name).
    pub state: i32,
}

impl Fields for RoseSocket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("rose"));
        super::text("destination", &self.dest_address, visit);
        super::text("destination_callsign", &self.dest_call, visit);
        super::text("source", &self.source_address, visit);
        super::text("source_callsign", &self.source_call, visit);
        super::text("iface", &self.device, visit);
        visit("lci", Value::Signed(self.lci.into()));
        visit("neighbour", Value::Signed(self.neighbour.into()));
        super::state(self.state_name(), self.state, visit);
        visit("kind", Value::Word("network"));
    }
}

impl RoseSocket<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> RoseSocket<'static> {
        RoseSocket {
            dest_address: owned(&self.dest_address),
            dest_call: owned(&self.dest_call),
            source_address: owned(&self.source_address),
            source_call: owned(&self.source_call),
            device: owned(&self.device),
            ..*self
        }
    }

    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        super::state_name(&super::STATES, self.state)
    }
}
