//! X.25 sockets.

use std::borrow::Cow;

use crate::query::Query;
use crate::record::{Fields, Value, Visitor, owned};

/// A socket as the kernel lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct X25Socket<'a> {
    /// Their address, in a column of ten bytes.
    pub dest: Cow<'a, [u8]>,
    /// Our address, likewise.
    pub source: Cow<'a, [u8]>,
    /// The interface.
    pub device: Cow<'a, [u8]>,
    /// Logical channel; 0 if not connected.
    pub lci: i32,
    /// 0 to 4; their names are those of [`state_name`](Self::state_name).
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

impl Fields for X25Socket<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("x25"));
        super::text("destination", &self.dest, visit);
        super::text("source", &self.source, visit);
        super::text("iface", &self.device, visit);
        visit("lci", Value::Signed(self.lci.into()));
        super::state(self.state_name(), self.state, visit);
        let (vr, vs) = (self.recv_sequence, self.send_sequence);
        super::counts([vr, vs, self.send_queue, self.recv_queue], visit);
        visit("kind", Value::Word("network"));
    }
}

impl X25Socket<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> X25Socket<'static> {
        X25Socket {
            dest: owned(&self.dest),
            source: owned(&self.source),
            device: owned(&self.device),
            ..*self
        }
    }

    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        super::state_name(
            &[
                "LISTENING",
                "SABM_SENT",
                "DISC_SENT",
                "ESTABLISHED",
                "RECOVERY",
            ],
            self.state,
        )
    }
}
