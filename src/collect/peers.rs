//! The other ends of tcp, udp and udplite sockets that are on this machine: the sockets with the reversed addresses.
//!
//! All connections are listed before the first table is shown, whatever of them is shown then. Each takes 64 bytes until the pass is over,
//! and as many again while the list grows. A connection that is made in between is not found.

use std::net::IpAddr;

use super::inet;
use crate::query::{Query, SocketFilter, SocketQuery};
use crate::record::inet::{Endpoint, InetSocket, Protocol};

/// The connections of one network namespace or of several.
#[derive(Debug, Default)]
pub struct Peers {
    /// Sorted, once [`list`](Self::list) is done.
    connections: Vec<Connection>,
    /// Whose tables are shown.
    namespace: u32,
}

/// A connection as one of its ends has it. In the order of these members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Connection {
    ends: Ends,
    /// The place of its namespace among those that were listed.
    namespace: u32,
    inode: u64,
}

/// What connections share only with their other ends: protocol, this end, that end.
type Ends = (Protocol, (IpAddr, u16), (IpAddr, u16));

impl Peers {
    /// Adds the connections of the network namespace at hand, of the protocols that are shown. Nothing is said of tables that cannot be
    /// read: that is done where they are shown.
    pub fn list(&mut self, query: &Query, sockets: &SocketQuery, namespace: u32) {
        // Servers have no other ends.
        if sockets.filter == SocketFilter::Listening {
            return;
        }
        for (protocol, selected) in [
            (Protocol::Tcp, sockets.tcp),
            (Protocol::Udp, sockets.udp),
            (Protocol::UdpLite, sockets.udplite),
        ] {
            if sockets.shows(selected) {
                inet::connections(query, protocol, |socket| {
                    self.connections.push(Connection {
                        ends: (protocol, end(socket.local), end(socket.remote)),
                        namespace,
                        inode: socket.inode,
                    });
                });
            }
        }
    }

    /// Ends the list.
    pub fn sort(&mut self) {
        self.connections.sort_unstable();
        // What changed while it was listed may be there twice.
        self.connections.dedup();
        self.connections.shrink_to_fit();
    }

    /// From now on, sockets of this namespace are shown.
    pub fn go_to(&mut self, namespace: u32) {
        self.namespace = namespace;
    }

    /// The inode of a socket's other end. That of its own namespace counts; if there is none, that of the only other namespace that has
    /// one. `None` as well if the other end has no inode, as in TIME_WAIT.
    pub fn other_end(&self, socket: &InetSocket) -> Option<u64> {
        if self.connections.is_empty() {
            return None;
        }
        let wanted: Ends = (socket.protocol, end(socket.remote), end(socket.local));
        // Containers that are alike have the same ends, each in a namespace of its own.
        let from = |namespace| {
            let wanted = (wanted, namespace);
            let connections = &self.connections;
            let first = connections.partition_point(|other| (other.ends, other.namespace) < wanted);
            let found = connections.iter().skip(first);
            found.take_while(move |other| other.ends == wanted.0)
        };
        let here = from(self.namespace);
        let mut here = here
            .take_while(|other| other.namespace == self.namespace)
            .peekable();
        let connection = if here.peek().is_some() {
            only(here)
        } else if wanted.1.0.is_loopback() {
            // Every namespace has a loopback of its own.
            None
        } else {
            only(from(0))
        };
        connection
            .map(|connection| connection.inode)
            .filter(|&inode| inode > 0)
    }
}

/// Sockets of IPv6 have the addresses of IPv4 in a form of their own.
fn end(end: Endpoint) -> (IpAddr, u16) {
    (end.address.to_canonical(), end.port())
}

/// What there is, if it is one.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::inet::Family;

    const HERE: u32 = 1;

    /// A connection of IPv4 with these ends, or of IPv6 with the same addresses in its form.
    fn connection(family: Family, local: &str, remote: &str, inode: u64) -> InetSocket {
        let line = b"   0: 0100007F:0050 0100007F:0051 01 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0";
        let end = |text: &str| {
            let (address, port) = text.split_once('/').unwrap();
            let address: IpAddr = address.parse().unwrap();
            Endpoint {
                address: match (family, address) {
                    (Family::Inet6, IpAddr::V4(address)) => address.to_ipv6_mapped().into(),
                    _ => address,
                },
                port: port.parse().unwrap(),
            }
        };
        InetSocket {
            family,
            local: end(local),
            remote: end(remote),
            inode,
            ..inet::parse(line, Protocol::Tcp, Family::Inet).unwrap()
        }
    }

    /// What is found as the other end of a socket with these ends, among these sockets, each behind its namespace.
    fn found(listed: &[(u32, &str, &str, u64)], local: &str, remote: &str) -> Option<u64> {
        let mut peers = Peers::default();
        for &(namespace, local, remote, inode) in listed {
            let socket = connection(Family::Inet, local, remote, inode);
            peers.connections.push(Connection {
                ends: (Protocol::Tcp, end(socket.local), end(socket.remote)),
                namespace,
                inode,
            });
        }
        peers.sort();
        peers.go_to(HERE);
        let by = |family| peers.other_end(&connection(family, local, remote, 7));
        assert_eq!(by(Family::Inet), by(Family::Inet6));
        let udp = InetSocket {
            protocol: Protocol::Udp,
            ..connection(Family::Inet, local, remote, 7)
        };
        assert_eq!(peers.other_end(&udp), None);
        by(Family::Inet)
    }

    #[test]
    fn the_other_end_has_the_reversed_addresses() {
        let (a, b) = ("192.0.2.1/80", "192.0.2.2/5000");
        let there = HERE + 1;
        for (what, listed, expected) in [
            ("none", &[][..], None),
            ("itself", &[(HERE, a, b, 7)], None),
            ("here", &[(HERE, a, b, 7), (HERE, b, a, 8)], Some(8)),
            ("in another", &[(there, b, a, 9)], Some(9)),
            ("here first", &[(0, b, a, 9), (HERE, b, a, 8)], Some(8)),
            ("in TIME_WAIT", &[(HERE, b, a, 0)], None),
            ("in TIME_WAIT first", &[(HERE, b, a, 0), (0, b, a, 9)], None),
            ("in two others", &[(0, b, a, 9), (there, b, a, 10)], None),
            // On interfaces that each have the address.
            ("twice here", &[(HERE, b, a, 8), (HERE, b, a, 9)], None),
            ("listed twice", &[(HERE, b, a, 8), (HERE, b, a, 8)], Some(8)),
        ] {
            assert_eq!(found(listed, a, b), expected, "{what}");
        }
        // Connected to itself.
        assert_eq!(found(&[(HERE, a, a, 7)], a, a), Some(7));
    }

    #[test]
    fn loopback_ends_in_its_own_namespace() {
        let (a, b) = ("127.0.0.1/80", "127.0.0.1/5000");
        assert_eq!(found(&[(HERE, b, a, 8)], a, b), Some(8));
        assert_eq!(found(&[(0, b, a, 8)], a, b), None);
    }

    /// Very many namespaces with the same ends in each: none is compared with all the others.
    #[test]
    fn containers_that_are_alike_do_not_slow_each_other_down() {
        const NAMESPACES: u32 = 300_000;
        let (a, b) = ("127.0.0.1/80", "127.0.0.1/5000");
        let socket = connection(Family::Inet, a, b, 7);
        let mut peers = Peers {
            connections: (0..NAMESPACES)
                .map(|namespace| Connection {
                    ends: (Protocol::Tcp, end(socket.remote), end(socket.local)),
                    namespace,
                    inode: u64::from(namespace) + 1,
                })
                .collect(),
            ..Peers::default()
        };
        peers.sort();
        for namespace in 0..NAMESPACES {
            peers.go_to(namespace);
            assert_eq!(peers.other_end(&socket), Some(u64::from(namespace) + 1));
        }
    }

    #[test]
    fn a_connection_is_small() {
        assert!(size_of::<Connection>() <= 64);
    }
}
