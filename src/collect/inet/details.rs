//! What the socket diagnostics know of tcp and udp sockets beyond the rows of their table.
//!
//! It is listed apart, before the table is read, and joined to the rows: which rows there are and what the reference shows of them
//! does not depend on it. Of a socket that is made in between nothing is known. Each takes some 500 bytes until its row is shown.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::collect::interface_names::InterfaceNames;
use crate::collect::sock_diag::{Diagnostics, INFO, InetEntry, Next, Request};
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState};
use crate::record::socket_detail::{SocketDetail, Subflow, TcpInfo};
use crate::sys::netlink;

/// `INET_DIAG_CONG`: a C string.
const CONGESTION: u16 = 4;
/// `INET_DIAG_SKMEMINFO`: words.
const MEMORY: u16 = 7;

/// `INET_DIAG_ULP_INFO`, asked for or not: attributes about the protocol between the socket and tcp.
const LAYER: u16 = 19;
/// Those of multipath tcp: `INET_ULP_INFO_MPTCP`, and in it the bits of `MPTCP_SUBFLOW_FLAG_…` (linux/mptcp.h).
const LAYER_NAME: u16 = 1;
const LAYER_MPTCP: u16 = 3;
const SUBFLOW_FLAGS: u16 = 8;
const CAPABLE: u32 = 1;
const JOIN: u32 = 1 << 2;

/// `INET_DIAG_CGROUP_ID`: 64 bits, whether asked for or not.
const GROUP: u16 = 21;

/// Places of words in `INET_DIAG_SKMEMINFO` (`SK_MEMINFO_*` in linux/sock_diag.h).
const RECEIVE_BUFFER: usize = 1;
const SEND_BUFFER: usize = 3;
const DROPS: usize = 8;

/// What tells a socket from all others: its inode, and of tcp, or without an inode, its two ends.
type Key = (u64, Option<(Endpoint, Endpoint)>);

/// The details of the sockets of a table.
#[derive(Debug, Default)]
pub(super) struct Details(HashMap<Key, Box<SocketDetail>>);

impl Details {
    /// Asks for those of tcp or udp; there are none of other protocols, or if the kernel has no diagnostics of these.
    pub(super) fn read(protocol: Protocol, family: Family) -> Self {
        let request = Request {
            protocol,
            family: Some(family),
            states: match protocol {
                Protocol::Tcp => super::source::TCP_STATES,
                Protocol::Udp | Protocol::UdpLite | Protocol::Raw => u32::MAX,
            },
            remote_port_zero: false,
            attributes: [INFO, CONGESTION, MEMORY]
                .iter()
                .fold(0, |bits, attribute| bits | 1 << (attribute - 1)),
        };
        let mut details = HashMap::new();
        let mut interfaces = InterfaceNames::default();
        let _ = Diagnostics::default().dump_attributes(&request, |entry, attributes| {
            let detail = detail(&entry, attributes, &mut interfaces);
            if detail != SocketDetail::default() {
                match details.entry(key(&entry.socket)) {
                    Entry::Vacant(place) => drop(place.insert(Box::new(detail))),
                    // Two with the same ends, on different interfaces: which is which is not known.
                    Entry::Occupied(place) if entry.socket.inode == 0 => drop(place.remove()),
                    // Listed again since others came or went.
                    Entry::Occupied(_) => {}
                }
            }
            Ok(Next::Continue)
        });
        Details(details)
    }

    /// Adds to a socket what is known of it.
    pub(super) fn add_to(&mut self, socket: &mut InetSocket) {
        if self.0.is_empty() {
            return;
        }
        if let Some(mut detail) = self.0.remove(&key(socket)) {
            // The file's number has 64 bits on newer kernels.
            if let Some(file) = &socket.detail {
                detail.drops = file.drops.or(detail.drops);
            }
            socket.detail = Some(detail);
        }
    }
}

fn key(socket: &InetSocket) -> Key {
    // The subflows of a multipath connection have one inode.
    let by_ends = socket.inode == 0 || socket.protocol == Protocol::Tcp;
    let ends = by_ends.then_some((socket.local, socket.remote));
    (socket.inode, ends)
}

fn detail(entry: &InetEntry, attributes: &[u8], interfaces: &mut InterfaceNames) -> SocketDetail {
    let listens = entry.socket.protocol == Protocol::Tcp && entry.socket.state == TcpState::LISTEN;
    SocketDetail {
        bound_interface: interfaces.name(entry.interface).cloned(),
        backlog_limit: listens.then_some(entry.socket.send_queue),
        ..parse(attributes, entry.socket.state)
    }
}

/// What the attributes of a socket in that state tell ([`netlink::attributes`]).
pub fn parse(attributes: &[u8], state: TcpState) -> SocketDetail {
    let listens = state == TcpState::LISTEN;
    let mut detail = SocketDetail::default();
    for attribute in netlink::attributes(attributes) {
        match attribute {
            // Of a listening socket some numbers in it mean something else.
            Ok((INFO, info)) if !listens && !info.is_empty() => {
                detail.tcp = Some(TcpInfo(info.into()));
            }
            Ok((CONGESTION, name)) => {
                let name = name.strip_suffix(b"\0").unwrap_or(name);
                detail.congestion_control = Some(name.into());
            }
            Ok((MEMORY, words)) => {
                let word = |place: usize| {
                    let bytes = words.get(place * 4..)?.first_chunk()?;
                    Some(u32::from_ne_bytes(*bytes).into())
                };
                detail.recv_buffer = word(RECEIVE_BUFFER);
                detail.send_buffer = word(SEND_BUFFER);
                detail.drops = word(DROPS);
            }
            Ok((LAYER, layer)) => detail.mptcp = subflow(layer, state),
            Ok((GROUP, id)) => {
                detail.group_id = id.first_chunk().map(|id| u64::from_ne_bytes(*id));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    detail
}

/// The part that a socket with this layer plays in a multipath connection, if that is what it is for.
fn subflow(layer: &[u8], state: TcpState) -> Option<Subflow> {
    let find = |attributes, wanted| {
        let mut found = netlink::attributes(attributes).map_while(Result::ok);
        found.find_map(|(kind, value)| (kind == wanted).then_some(value))
    };
    if !find(layer, LAYER_NAME)?.starts_with(b"mptcp") {
        return None;
    }
    let flags = find(layer, LAYER_MPTCP).and_then(|subflow| find(subflow, SUBFLOW_FLAGS));
    let flags = flags.and_then(|flags| flags.first_chunk().copied());
    if state == TcpState::LISTEN {
        return Some(Subflow::Listener);
    }
    // The bits that the other end has agreed to.
    let flags = u32::from_ne_bytes(flags?);
    if flags & CAPABLE != 0 {
        Some(Subflow::Capable)
    } else if flags & JOIN != 0 {
        Some(Subflow::Join)
    } else {
        let is_settled = !matches!(state, TcpState::SYN_SENT | TcpState::SYN_RECV);
        is_settled.then_some(Subflow::Fallback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::ByteOrder;
    use std::net::{IpAddr, Ipv4Addr};

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len() + 4).unwrap();
        let mut bytes = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// As Linux 6.18 sends it of a socket that connected (`flags` in the order of its bits: capable and asked to be, to join and asked to).
    fn mptcp(flags: Option<u32>) -> Vec<u8> {
        let subflow = flags.map(|flags| {
            let token = attribute(2, &0x1c2b_e350_u32.to_ne_bytes());
            let flags = attribute(SUBFLOW_FLAGS, &flags.to_ne_bytes());
            attribute(LAYER_MPTCP | 0x8000, &[token, flags].concat())
        });
        let name = attribute(LAYER_NAME, b"mptcp\0");
        [name, subflow.unwrap_or_default()].concat()
    }

    #[test]
    fn subflows_play_a_part() {
        const ESTABLISHED: TcpState = TcpState(1);
        for (state, flags, part) in [
            (TcpState::LISTEN, None, Some(Subflow::Listener)),
            (ESTABLISHED, Some(0b1100_0011), Some(Subflow::Capable)),
            (ESTABLISHED, Some(0b1100_0001), Some(Subflow::Capable)),
            (ESTABLISHED, Some(0b1100_1100), Some(Subflow::Join)),
            (ESTABLISHED, Some(0b1000_0010), Some(Subflow::Fallback)),
            (TcpState::SYN_SENT, Some(0b0000_0010), None),
            (ESTABLISHED, None, None),
        ] {
            assert_eq!(subflow(&mptcp(flags), state), part, "{flags:?}");
        }
        let tls = attribute(LAYER_NAME, b"tls\0");
        assert_eq!(subflow(&tls, ESTABLISHED), None);
        let whole = mptcp(Some(1));
        for length in 0..whole.len() {
            let _ = subflow(&whole[..length], ESTABLISHED);
        }
    }

    #[test]
    fn attributes_of_any_length_are_read() {
        let end = Endpoint {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 80,
        };
        let line = b"   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0";
        let socket =
            super::super::parse_of(ByteOrder::Little, line, Protocol::Tcp, Family::Inet).unwrap();
        assert_eq!(socket.local, end);
        let of = |state: u32, attributes: &[u8]| {
            let mut socket = socket.clone();
            socket.state = TcpState(state);
            socket.send_queue = 128;
            let entry = InetEntry {
                socket,
                interface: 0,
            };
            detail(&entry, attributes, &mut InterfaceNames::default())
        };
        let words: Vec<u8> = (0..9u32)
            .flat_map(|word| (word * 10).to_ne_bytes())
            .collect();
        let all = [
            attribute(MEMORY, &words),
            attribute(INFO, &[0; 232]),
            attribute(CONGESTION, b"cubic\0"),
        ]
        .concat();
        let connection = of(1, &all);
        assert_eq!(
            (
                connection.recv_buffer,
                connection.send_buffer,
                connection.drops
            ),
            (Some(10), Some(30), Some(80))
        );
        assert_eq!(
            connection.congestion_control.as_deref(),
            Some(&b"cubic"[..])
        );
        assert!(connection.tcp.is_some() && connection.backlog_limit.is_none());
        let listener = of(10, &all);
        assert!(listener.tcp.is_none() && listener.backlog_limit == Some(128));
        // Kernels before 4.6 have no drops there.
        let old = of(1, &attribute(MEMORY, &words[..32]));
        assert_eq!((old.send_buffer, old.drops), (Some(30), None));
        for length in 0..all.len() {
            of(1, &all[..length]);
        }
    }
}
