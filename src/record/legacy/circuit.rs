//! AX.25, NET/ROM and X.25 sockets: ends of a connection that a pair of names makes.

use std::borrow::Cow;

use crate::query::Query;
use crate::record::{Fields, Value, Visitor, owned};

/// The protocols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CircuitProtocol {
    /// Amateur radio AX.25.
    #[default]
    Ax25,
    /// Amateur radio NET/ROM.
    Netrom,
    /// CCITT X.25.
    X25,
}

/// A socket as the kernel lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CircuitSocket<'a> {
    /// The table it is in.
    pub protocol: CircuitProtocol,
    /// Call sign of the user, in a column of nine bytes; NET/ROM alone has it.
    pub user: Cow<'a, [u8]>,
    /// Their call sign, without the digipeaters on the way, or address. `*` if not connected. In a column of nine bytes in NET/ROM, of
    /// ten in X.25.
    pub dest: Cow<'a, [u8]>,
    /// Our call sign or address, likewise.
    pub source: Cow<'a, [u8]>,
    /// The interface.
    pub device: Cow<'a, [u8]>,
    /// Logical channel, 0 if not connected; X.25 alone has it.
    pub lci: i32,
    /// 0 to 3 or 4; their names are those of [`state_name`](Self::state_name).
    pub state: i32,
    /// Send sequence number.
    pub send_sequence: i32,
    /// Receive sequence number.
    pub recv_sequence: i32,
    /// Bytes sent and not acknowledged yet.
    pub send_queue: i32,
    /// Bytes received and not read yet.
    pub recv_queue: i32,
}

impl CircuitSocket<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> CircuitSocket<'static> {
        CircuitSocket {
            user: owned(&self.user),
            dest: owned(&self.dest),
            source: owned(&self.source),
            device: owned(&self.device),
            ..*self
        }
    }

    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        let names: &[&str] = match self.protocol {
            CircuitProtocol::Ax25 => &[
                "LISTENING",
                "SABM SENT",
                "DISC SENT",
                "ESTABLISHED",
                "RECOVERY",
            ],
            CircuitProtocol::Netrom => &super::STATES,
            CircuitProtocol::X25 => &[
                "LISTENING",
                "SABM_SENT",
                "DISC_SENT",
                "ESTABLISHED",
                "RECOVERY",
            ],
        };
        super::state_name(names, self.state)
    }
}

impl Fields for CircuitSocket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let protocol = match self.protocol {
            CircuitProtocol::Ax25 => "ax25",
            CircuitProtocol::Netrom => "netrom",
            CircuitProtocol::X25 => "x25",
        };
        visit("proto", Value::Word(protocol));
        if self.protocol == CircuitProtocol::Netrom {
            super::text("user_callsign", &self.user, visit);
        }
        super::text("destination", &self.dest, visit);
        super::text("source", &self.source, visit);
        super::text("iface", &self.device, visit);
        if self.protocol == CircuitProtocol::X25 {
            visit("lci", Value::Signed(self.lci.into()));
        }
        super::state(self.state_name(), self.state, visit);
        for (name, count) in [
            ("vr", self.recv_sequence),
            ("vs", self.send_sequence),
            ("send_q", self.send_queue),
            ("recv_q", self.recv_queue),
        ] {
            visit(name, Value::Signed(count.into()));
        }
        visit("kind", Value::Word("network"));
    }
}
