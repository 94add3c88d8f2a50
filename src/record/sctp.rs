//! SCTP endpoints and associations.

use std::net::IpAddr;

use super::inet::{Family, TcpState, ownership, port_number};
use super::owner::Owners;
use super::{Fields, Value, Visitor};
use crate::query::Query;

/// A state as the kernel numbers it in these files: like [`TcpState`](super::inet::TcpState), but signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SctpState(pub i32);

impl SctpState {
    /// The reference's name of the state, `None` beyond the last one known.
    pub fn name(self) -> Option<&'static str> {
        TcpState(u32::try_from(self.0).ok()?).name()
    }
}

/// A socket that can accept associations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SctpEndpoint {
    /// State of the socket.
    pub state: SctpState,
    /// Port in host byte order; what the file has beyond 16 bits never shows.
    pub port: i32,
    /// The addresses it is bound to.
    pub addresses: Vec<IpAddr>,
    /// Owner's user ID.
    pub uid: u32,
    /// Inode of the socket.
    pub inode: u64,
    /// The processes that hold it.
    pub owners: Owners,
}

/// An association with a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SctpAssociation {
    /// State of its socket.
    pub state: SctpState,
    /// Bytes received and not read yet.
    pub recv_queue: u32,
    /// Bytes sent and not acknowledged yet.
    pub send_queue: u32,
    /// Our port, as in [`SctpEndpoint`].
    pub local_port: i32,
    /// Our addresses.
    pub local: Vec<IpAddr>,
    /// Their port.
    pub remote_port: i32,
    /// Their addresses.
    pub remote: Vec<IpAddr>,
    /// Owner's user ID.
    pub uid: u32,
    /// Inode of the socket.
    pub inode: u64,
    /// The processes that hold it.
    pub owners: Owners,
}

/// What stands in the text of a port: it has no name.
fn port_of(number: i32) -> u16 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "only the low 16 bits are a port"
    )]
    {
        number as u16
    }
}

/// One side, by the names of its fields. An association has several addresses on a side, of which the first stands for all.
fn side(
    names: [&'static str; 5],
    addresses: &[IpAddr],
    port: Option<u16>,
    visit: &mut Visitor<'_>,
) {
    let [host, ip, ips, port_text, port_num] = names;
    let first = addresses.first().copied();
    visit(host, first.map_or(Value::Null, Value::host));
    visit(ip, first.map_or(Value::Null, Value::Address));
    visit(
        ips,
        Value::List(&|each| {
            for &address in addresses {
                each(Value::Address(address));
            }
        }),
    );
    let text = port.map_or(Value::Null, |port| Value::Port(None, port));
    visit(port_text, text);
    visit(port_num, port.map_or(Value::Null, port_number));
}

const LOCAL: [&str; 5] = [
    "local_address",
    "local_ip",
    "local_ips",
    "local_port",
    "local_port_num",
];

const FOREIGN: [&str; 5] = [
    "foreign_address",
    "foreign_ip",
    "foreign_ips",
    "foreign_port",
    "foreign_port_num",
];

/// What follows the addresses.
fn rest(
    state: SctpState,
    (uid, inode): (u32, u64),
    owners: &Owners,
    addresses: &[IpAddr],
    query: &Query,
    visit: &mut Visitor<'_>,
) {
    let name = state.name().unwrap_or("UNKNOWN");
    visit("state", Value::word(name));
    visit("state_num", Value::Signed(state.0.into()));
    ownership(uid, inode, visit);
    owners.fields(query, visit);
    visit("kind", Value::Word("network"));
    visit("transport_protocol", Value::Word("sctp"));
    let family = addresses.first().map(|&address| Family::of(address).name());
    visit("network_protocol", Value::word(family.unwrap_or_default()));
}

/// The same fields as those of an association.
impl Fields for SctpEndpoint {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("sctp"));
        visit("recv_q", Value::Null);
        visit("send_q", Value::Null);
        side(LOCAL, &self.addresses, Some(port_of(self.port)), visit);
        side(FOREIGN, &[], None, visit);
        let owner = (self.uid, self.inode);
        rest(
            self.state,
            owner,
            &self.owners,
            &self.addresses,
            query,
            visit,
        );
    }
}

impl Fields for SctpAssociation {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("sctp"));
        visit("recv_q", Value::Unsigned(self.recv_queue.into()));
        visit("send_q", Value::Unsigned(self.send_queue.into()));
        side(LOCAL, &self.local, Some(port_of(self.local_port)), visit);
        side(
            FOREIGN,
            &self.remote,
            Some(port_of(self.remote_port)),
            visit,
        );
        let owner = (self.uid, self.inode);
        rest(self.state, owner, &self.owners, &self.local, query, visit);
    }
}
