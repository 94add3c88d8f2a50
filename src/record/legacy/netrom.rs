//! NET/ROM sockets.

use std::borrow::Cow;

use crate::query::Query;
use crate::record::{Fields, Value, Visitor, owned};

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetromSocket<'a> {
    /// Call sign of the user, in a column of nine bytes.
    pub user: Cow<'a, [u8]>,
    /// Their call sign, likewise.
    pub dest: Cow<'a, [u8]>,
    /// Our call sign, likewise.
    pub source: Cow<'a, [u8]>,
    /// The interface.
    pub device: Cow<'a, [u8]>,
    /// 0 to 3; their names are those of [`state_name`](Self::state_name).
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

impl Fields for NetromSocket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("netrom"));
        super::text("user_callsign", &self.user, visit);
        super::text("destination", &self.dest, visit);
        super::text("source", &self.source, visit);
        super::text("iface", &self.device, visit);
        super::state(self.state_name(), self.state, visit);
        let (vr, vs) = (self.recv_sequence, self.send_sequence);
        super::counts([vr, vs, self.send_queue, self.recv_queue], visit);
        visit("kind", Value::Word("network"));
    }
}

impl NetromSocket<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> NetromSocket<'static> {
        NetromSocket {
            user: owned(&self.user),
            dest: owned(&self.dest),
            source: owned(&self.source),
            device: owned(&self.device),
            ..*self
        }
    }

    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        super::state_name(&super::CIRCUIT_STATES, self.state)
    }
}
