//! Masqueraded connections.

use std::net::{IpAddr, Ipv4Addr};

use super::inet::port_number;
use super::{Fields, Value, Visitor};
use crate::names::ServiceList;
use crate::query::Query;

/// The protocols that can be masqueraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasqueradeProtocol {
    /// IP itself.
    Ip,
    /// Transmission Control Protocol.
    Tcp,
    /// User Datagram Protocol.
    Udp,
    /// Internet Control Message Protocol.
    Icmp,
    /// Generic Routing Encapsulation.
    Gre,
    /// Encapsulating Security Payload.
    Esp,
}

impl MasqueradeProtocol {
    /// The protocol that the kernel's word stands for.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"IP" => MasqueradeProtocol::Ip,
            b"TCP" => MasqueradeProtocol::Tcp,
            b"UDP" => MasqueradeProtocol::Udp,
            b"ICMP" => MasqueradeProtocol::Icmp,
            b"GRE" => MasqueradeProtocol::Gre,
            b"ESP" => MasqueradeProtocol::Esp,
            _ => return None,
        })
    }

    /// The reference's word for it.
    pub fn name(self) -> &'static str {
        match self {
            MasqueradeProtocol::Ip => "ip",
            MasqueradeProtocol::Tcp => "tcp",
            MasqueradeProtocol::Udp => "udp",
            MasqueradeProtocol::Icmp => "icmp",
            MasqueradeProtocol::Gre => "gre",
            MasqueradeProtocol::Esp => "esp",
        }
    }

    /// Which list names its ports; `None`: they stay numbers.
    pub fn services(self) -> Option<ServiceList> {
        match self {
            MasqueradeProtocol::Tcp => Some(ServiceList::Tcp),
            MasqueradeProtocol::Udp => Some(ServiceList::Udp),
            MasqueradeProtocol::Ip
            | MasqueradeProtocol::Icmp
            | MasqueradeProtocol::Gre
            | MasqueradeProtocol::Esp => None,
        }
    }
}

/// A masqueraded connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masqueraded {
    /// Protocol.
    pub protocol: MasqueradeProtocol,
    /// The host behind us.
    pub source: Ipv4Addr,
    /// Its port, host byte order.
    pub source_port: u16,
    /// The host it talks to.
    pub destination: Ipv4Addr,
    /// The port there, host byte order.
    pub destination_port: u16,
    /// The port of ours that stands for the source, host byte order.
    pub masquerade_port: u16,
    /// Sequence number from which the deltas count.
    pub initial_sequence: u64,
    /// By how much sequence numbers are shifted.
    pub delta: i16,
    /// By how much they were before; Linux 2.0 does not say.
    pub previous_delta: Option<i16>,
    /// Until it is forgotten, in hundredths of a second.
    pub expires: u64,
}

impl Fields for Masqueraded {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let services = self.protocol.services();
        visit("proto", Value::Word(self.protocol.name()));
        visit("expire_seconds", Value::Hundredths(self.expires));
        visit("source", Value::host(IpAddr::V4(self.source)));
        visit("source_ip", Value::Address(IpAddr::V4(self.source)));
        visit("source_port", Value::Port(services, self.source_port));
        visit("source_port_num", port_number(self.source_port));
        let (destination, port) = (IpAddr::V4(self.destination), self.destination_port);
        visit("destination", Value::host(destination));
        visit("destination_ip", Value::Address(destination));
        visit("destination_port", Value::Port(services, port));
        visit("destination_port_num", port_number(port));
        let port = self.masquerade_port;
        visit("masquerade_port", Value::Port(services, port));
        visit("masquerade_port_num", port_number(port));
        visit("initial_sequence", Value::Unsigned(self.initial_sequence));
        visit("delta", Value::Signed(self.delta.into()));
        let previous_delta = self.previous_delta.map(i32::from);
        visit("previous_delta", Value::signed(previous_delta));
        visit("kind", Value::Word("masquerade"));
        visit("network_protocol", Value::Word("ipv4"));
    }
}
