//! What the socket diagnostics know of tcp and udp sockets beyond the rows of their table.
//!
//! It is listed apart, before the table is read, and joined to the rows: which rows there are and what the reference shows of them
//! does not depend on it. Of a socket that is made in between nothing is known. Each takes some 500 bytes until its row is shown.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use nix::net::if_::if_indextoname;

use crate::collect::sock_diag::{self, InetEntry, Next, Request};
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState};
use crate::record::socket_detail::{SocketDetail, TcpInfo};
use crate::sys::netlink;

/// `INET_DIAG_INFO`: `struct tcp_info`.
const INFO: u16 = 2;
/// `INET_DIAG_CONG`: a C string.
const CONGESTION: u16 = 4;
/// `INET_DIAG_SKMEMINFO`: words.
const MEMORY: u16 = 7;

/// `INET_DIAG_CGROUP_ID`: 64 bits, whether asked for or not.
const GROUP: u16 = 21;

/// Places of words in `INET_DIAG_SKMEMINFO` (`SK_MEMINFO_*` in linux/sock_diag.h).
const RECEIVE_BUFFER: usize = 1;
const SEND_BUFFER: usize = 3;
const DROPS: usize = 8;

/// What tells a socket from all others: its inode, or without one its two ends.
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
        let mut interfaces = Interfaces::default();
        let _ = sock_diag::dump_attributes(&request, |entry, attributes| {
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
    let ends = (socket.inode == 0).then_some((socket.local, socket.remote));
    (socket.inode, ends)
}

fn detail(entry: &InetEntry, attributes: &[u8], interfaces: &mut Interfaces) -> SocketDetail {
    let mut detail = SocketDetail {
        bound_interface: interfaces.name(entry.interface),
        ..SocketDetail::default()
    };
    let listens = entry.socket.protocol == Protocol::Tcp && entry.socket.state == TcpState::LISTEN;
    if listens {
        detail.backlog_limit = Some(entry.socket.send_queue);
    }
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
            Ok((GROUP, id)) => {
                detail.group_id = id.first_chunk().map(|id| u64::from_ne_bytes(*id));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    detail
}

/// Names of interfaces by their indexes, each asked for once.
#[derive(Default)]
struct Interfaces(HashMap<u32, Option<Rc<[u8]>>>);

impl Interfaces {
    fn name(&mut self, index: u32) -> Option<Rc<[u8]>> {
        if index == 0 {
            return None;
        }
        let ask = || Some(if_indextoname(index).ok()?.to_bytes().into());
        self.0.entry(index).or_insert_with(ask).clone()
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
            detail(&entry, attributes, &mut Interfaces::default())
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
