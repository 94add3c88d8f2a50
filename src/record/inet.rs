//! tcp, udp, udplite and raw sockets: the rows of "Active Internet connections".

use std::net::IpAddr;

use super::owner::Owners;
use super::peer;
use super::socket_detail::SocketDetail;
use super::{Fields, Value, Visitor};
use crate::names::ServiceList;
use crate::query::Query;

/// The protocols whose sockets are listed in the common line format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// Transmission Control Protocol.
    Tcp,
    /// User Datagram Protocol.
    Udp,
    /// UDP-Lite, RFC 3828.
    UdpLite,
    /// Raw IP.
    Raw,
}

/// Internet Protocol version: that of the file, not necessarily of the addresses in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
}

impl Protocol {
    /// The text of the Proto column: "tcp6", "udpl", …
    pub fn name(self, family: Family) -> &'static str {
        let [inet, inet6] = match self {
            Protocol::Tcp => ["tcp", "tcp6"],
            Protocol::Udp => ["udp", "udp6"],
            Protocol::UdpLite => ["udpl", "udpl6"],
            Protocol::Raw => ["raw", "raw6"],
        };
        match family {
            Family::Inet => inet,
            Family::Inet6 => inet6,
        }
    }

    /// The protocol without the version of IP, unless it is none of its own (raw sockets).
    pub fn transport(self) -> Option<&'static str> {
        match self {
            Protocol::Tcp => Some("tcp"),
            Protocol::Udp | Protocol::UdpLite => Some("udp"),
            Protocol::Raw => None,
        }
    }

    /// Which list names its ports.
    pub fn services(self) -> ServiceList {
        match self {
            Protocol::Tcp => ServiceList::Tcp,
            Protocol::Udp | Protocol::UdpLite => ServiceList::Udp,
            Protocol::Raw => ServiceList::Raw,
        }
    }
}

impl Family {
    /// "ipv4" or "ipv6".
    pub fn name(self) -> &'static str {
        match self {
            Family::Inet => "ipv4",
            Family::Inet6 => "ipv6",
        }
    }

    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Family::Inet,
            IpAddr::V6(_) => Family::Inet6,
        }
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Address; mapped IPv4 addresses stay IPv6.
    pub address: IpAddr,
    /// Port in host byte order. Kernels write 16 bits; what a file has beyond them decides whether the port is zero but never
    /// shows. For raw sockets, the protocol number.
    pub port: u32,
}

/// A socket state as the kernel numbers them (`TCP_ESTABLISHED` = 1 and so on), used by udp and raw sockets too.
///
/// Not an enum: a kernel may know states that we do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpState(pub u32);

impl TcpState {
    /// A connection that is being set up from here.
    pub const SYN_SENT: TcpState = TcpState(2);

    /// A connection that is being set up from outside.
    pub const SYN_RECV: TcpState = TcpState(3);

    /// A server's socket.
    pub const LISTEN: TcpState = TcpState(10);

    /// The reference's name of a tcp state: empty for 0, `None` beyond the last one known.
    pub fn name(self) -> Option<&'static str> {
        const NAMES: [&str; 12] = [
            "",
            "ESTABLISHED",
            "SYN_SENT",
            "SYN_RECV",
            "FIN_WAIT1",
            "FIN_WAIT2",
            "TIME_WAIT",
            "CLOSE",
            "CLOSE_WAIT",
            "LAST_ACK",
            "LISTEN",
            "CLOSING",
        ];
        NAMES.get(usize::try_from(self.0).ok()?).copied()
    }
}

/// What the socket waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timer {
    /// 0 none, 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero window probe.
    pub kind: u32,
    /// Time left, in ticks of the kernel's user-visible clock (100 a second in practice).
    pub remaining: u64,
    /// Retransmissions so far.
    pub retransmits: u64,
    /// Unanswered probes so far.
    pub timeout: i32,
}

impl Timer {
    /// The reference's word for what runs; `None` for what no kernel has.
    pub fn name(&self, protocol: Protocol) -> Option<&'static str> {
        let tcp = protocol == Protocol::Tcp;
        Some(match self.kind {
            0 => "off",
            1 if tcp => "on",
            1 => "on1",
            2 if tcp => "keepalive",
            2 => "on2",
            3 if tcp => "timewait",
            4 if tcp => "probe",
            _ => return None,
        })
    }
}

/// A socket as the kernel lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InetSocket {
    /// The table it is in.
    pub protocol: Protocol,
    /// The table it is in.
    pub family: Family,
    /// Our end.
    pub local: Endpoint,
    /// Their end; all zero if not connected.
    pub remote: Endpoint,
    /// State.
    pub state: TcpState,
    /// Bytes received and not read yet; for a listening socket, connections not accepted yet.
    pub recv_queue: u64,
    /// Bytes sent and not acknowledged yet.
    pub send_queue: u64,
    /// Timer.
    pub timer: Timer,
    /// Owner's user ID. The reference prints it as a signed number when it has no name.
    pub uid: u32,
    /// Inode of the socket, 0 if no process holds it.
    pub inode: u64,
    /// The processes that hold it.
    pub owners: Owners,
    /// What else was asked for and is known.
    pub detail: Option<Box<SocketDetail>>,
}

impl InetSocket {
    /// The reference's name of the state; empty for sockets that are not connected. `None` for raw sockets: their states are numbers.
    pub fn state_name(&self) -> Option<&'static str> {
        match self.protocol {
            // The reference reads past its table for states that no kernel has.
            Protocol::Tcp => Some(self.state.name().unwrap_or("UNKNOWN")),
            Protocol::Udp | Protocol::UdpLite => Some(match self.state.0 {
                1 => "ESTABLISHED",
                7 => "",
                _ => "UNKNOWN",
            }),
            Protocol::Raw => None,
        }
    }

    /// Whether this counts as a server's socket: a tcp socket without remote *port*, any other without remote *address*. The
    /// state plays no part, as in the reference.
    pub fn is_listening(&self) -> bool {
        match self.protocol {
            Protocol::Tcp => self.remote.port == 0,
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw => {
                self.remote.address.is_unspecified()
            }
        }
    }
}

impl Endpoint {
    /// The port. What the file has beyond 16 bits never shows.
    pub fn port(self) -> u16 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the low 16 bits are a port"
        )]
        {
            self.port as u16
        }
    }
}

impl Fields for InetSocket {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("proto", Value::Word(self.protocol.name(self.family)));
        visit("recv_q", Value::Unsigned(self.recv_queue));
        visit("send_q", Value::Unsigned(self.send_queue));
        let services = Some(self.protocol.services());
        let (local, remote) = (self.local, self.remote);
        visit("local_address", Value::host(local.address));
        visit("local_ip", Value::Address(local.address));
        visit("local_port", Value::Port(services, local.port()));
        visit("local_port_num", port_number(local.port()));
        visit("foreign_address", Value::host(remote.address));
        visit("foreign_ip", Value::Address(remote.address));
        visit("foreign_port", Value::Port(services, remote.port()));
        visit("foreign_port_num", port_number(remote.port()));
        match self.state_name() {
            Some(name) => visit("state", Value::word(name)),
            None => visit("state", Value::Word(&self.state.0.to_string())),
        }
        visit("state_num", Value::Unsigned(self.state.0.into()));
        ownership(self.uid, self.inode, visit);
        if query.gather.timers {
            let timer = &self.timer;
            visit("timer", Value::Timer(self.protocol, timer));
            let kind = timer.name(self.protocol).unwrap_or_default();
            visit("timer_kind", Value::word(kind));
            visit(
                "timer_seconds",
                match self.protocol {
                    _ if timer.kind == 0 => Value::Ticks(0),
                    Protocol::Tcp => Value::Ticks(timer.remaining),
                    Protocol::Udp | Protocol::UdpLite | Protocol::Raw => {
                        Value::Hundredths(timer.remaining)
                    }
                },
            );
            visit("timer_retransmits", Value::Unsigned(timer.retransmits));
            visit("timer_probes", Value::Signed(timer.timeout.into()));
        }
        let detail = self.detail.as_ref();
        let group = detail.and_then(|detail| detail.group.as_deref());
        self.owners.fields_in(group, query, visit);
        if query.gather.socket_details {
            match &self.detail {
                Some(detail) => detail.fields(query, visit),
                None => SocketDetail::default().fields(query, visit),
            }
        }
        peer::fields(detail.and_then(|detail| detail.peer.as_ref()), query, visit);
        visit("kind", Value::Word("network"));
        let transport = self.protocol.transport().unwrap_or_default();
        visit("transport_protocol", Value::word(transport));
        visit("network_protocol", Value::Word(self.family.name()));
    }
}

/// The number of a port, or nothing for 0, which stands for any or none.
pub fn port_number(port: u16) -> Value<'static> {
    match port {
        0 => Value::Null,
        port => Value::Unsigned(port.into()),
    }
}

/// Visits what all sockets have.
pub fn ownership(uid: u32, inode: u64, visit: &mut Visitor<'_>) {
    visit("user", Value::User(uid));
    visit("uid", Value::Unsigned(uid.into()));
    visit("inode", Value::Unsigned(inode));
}
