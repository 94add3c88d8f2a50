//! IPX sockets.

use std::fmt::Write;

use crate::query::Query;
use crate::record::{Fields, Value, Visitor};

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpxEndpoint {
    /// Network, if it is not 0 or all ones, which mean none.
    pub network: Option<u32>,
    /// Node on the network; all 0 if the file names none.
    pub node: [u8; 6],
    /// Port in host byte order. The file has it in network byte order.
    pub port: u16,
}

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpxSocket {
    /// Our end.
    pub local: IpxEndpoint,
    /// Their end, if connected.
    pub remote: Option<IpxEndpoint>,
    /// Bytes sent and not gone yet.
    pub send_queue: u64,
    /// Bytes received and not read yet.
    pub recv_queue: u64,
    /// State; 1 is established, 7 closed.
    pub state: i32,
    /// Owner's user ID.
    pub uid: u32,
}

impl IpxEndpoint {
    /// "NETWORK:NODE" or "NETWORK" in hex digits; empty if it has no network.
    pub fn address(&self) -> String {
        let mut text = String::new();
        if let Some(network) = self.network {
            // 0 only for a file that says 2^32.
            if network != 0 {
                let _ = write!(text, "{network:08X}");
            }
            if self.node != [0; 6] {
                if network != 0 {
                    text.push(':');
                }
                for byte in self.node {
                    let _ = write!(text, "{byte:02X}");
                }
            }
        }
        text
    }
}

impl IpxSocket {
    /// The reference's name of the state, as the table has it.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            1 => "ESTAB",
            7 => "",
            _ => "UNK.",
        }
    }
}

/// One end, by the names of its fields. Ports are known by their hex digits.
fn end(names: [&'static str; 3], endpoint: Option<&IpxEndpoint>, visit: &mut Visitor<'_>) {
    let [address, port, port_num] = names;
    let text = endpoint.map(IpxEndpoint::address).unwrap_or_default();
    visit(address, Value::nonempty(text.as_bytes()));
    let digits = endpoint.map(|endpoint| format!("{:04X}", endpoint.port));
    visit(port, Value::word(digits.as_deref().unwrap_or_default()));
    let number = endpoint.map(|endpoint| endpoint.port.into());
    visit(port_num, number.map_or(Value::Null, Value::Unsigned));
}

impl Fields for IpxSocket {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word("ipx"));
        visit("recv_q", Value::Unsigned(self.recv_queue));
        visit("send_q", Value::Unsigned(self.send_queue));
        end(
            ["local_address", "local_port", "local_port_num"],
            Some(&self.local),
            visit,
        );
        let foreign = ["foreign_address", "foreign_port", "foreign_port_num"];
        end(foreign, self.remote.as_ref(), visit);
        super::state(self.state_name(), self.state, visit);
        visit("user", Value::User(self.uid));
        visit("uid", Value::Unsigned(self.uid.into()));
        visit("kind", Value::Word("network"));
    }
}
