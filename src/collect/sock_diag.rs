//! Netlink socket diagnostics (`NETLINK_SOCK_DIAG`): a second, faster source of the records of [`inet`](super::inet)
//! (linux/inet_diag.h), and a second opinion about unix sockets (linux/unix_diag.h), whose use is explained in
//! [`unix::guard`](super::unix::guard).
//!
//! The kernel dumps the same sockets in the same order as `/proc/net/tcp` and `/proc/net/udp`, without formatting them, and for udp
//! without the quadratic search for its place after each page. It does not say everything, though: the send queue of a
//! listening socket is the limit of its backlog here, and the user of a socket in SYN_RECV is missing ([`ListenerUsers`] finds it). Which
//! rows may be taken from here is decided in [`inet::source`](super::inet::source).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;

use nix::sys::socket::SockProtocol;

use crate::error::Error;
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use crate::record::owner::Owners;
use crate::sys::netlink::{self, Netlink};

/// What is asked of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tcp or udp; the others have no diagnostics everywhere.
    pub protocol: Protocol,
    /// The sockets of one family, or of both, as the kernel has them. Only tcp can do the latter.
    pub family: Option<Family>,
    /// A bit for each wanted state, `1 << state`.
    pub states: u32,
    /// Only sockets whose remote port is 0.
    pub remote_port_zero: bool,
    /// A bit for each attribute that is wanted, `1 << (attribute - 1)`. Only for one family.
    pub attributes: u8,
}

/// How a dump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All sockets were visited. The kernel listed them in so many steps, between which some may have come or gone.
    Complete {
        /// One for each datagram with some of them.
        steps: u32,
    },
    /// The kernel refused or broke off, what it sent is malformed, or the visitor had enough; what was visited until then is as good as
    /// ever.
    Broken,
}

/// What a visitor wants next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next socket.
    Continue,
    /// No more; the socket just visited does not count as taken.
    Stop,
}

/// The type of requests and answers (linux/sock_diag.h).
const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// That of the older request for tcp alone, the only one that takes no family for all (`TCPDIAG_GETSOCK`, linux/inet_diag.h).
const TCPDIAG_GETSOCK: u16 = 18;

/// An attribute of a request: a program that chooses sockets (`INET_DIAG_REQ_BYTECODE`).
const BYTECODE: u16 = 1;
/// Its operation that compares the remote port (`INET_DIAG_BC_D_LE`).
const REMOTE_PORT_LE: u8 = 5;

/// What a unix socket has: its name (`UNIX_DIAG_NAME`), the inode of the other end (`UNIX_DIAG_PEER`), and its queues
/// (`UNIX_DIAG_RQLEN`, `struct unix_diag_rqlen`).
const UNIX_NAME: u16 = 0;
const UNIX_PEER: u16 = 2;
const UNIX_QUEUES: u16 = 4;

/// The requests for these (`UDIAG_SHOW_NAME` and so on).
pub const SHOW_NAME: u32 = 1;
/// See [`UnixEntry::peer`].
pub const SHOW_PEER: u32 = 1 << 2;
/// See [`UnixEntry::backlog_limit`].
pub const SHOW_QUEUES: u32 = 1 << 4;

/// The state of a listening socket, as tcp's states are numbered.
const LISTEN: u8 = 10;

/// A tcp or udp socket as the diagnostics know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InetEntry {
    /// What the file has too.
    pub socket: InetSocket,
    /// The interface that it is bound to, by its index; 0 for none.
    pub interface: u32,
}

/// Where the kernel is asked for lists: a netlink socket that is opened for the first and serves for those that follow, unless one was
/// broken off and its rest may still come.
#[derive(Debug, Default)]
pub struct Diagnostics(Option<Netlink>);

impl Diagnostics {
    /// Visits the sockets that `request` asks for in the kernel's order.
    ///
    /// # Errors
    /// What `visit` returned. Trouble with netlink is no error but [`Outcome::Broken`].
    pub fn dump(
        &mut self,
        request: &Request,
        mut visit: impl FnMut(InetEntry) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        self.dump_attributes(request, |entry, _| visit(entry))
    }

    /// The same with the attributes that follow each socket ([`netlink::attributes`]).
    ///
    /// # Errors
    /// As for [`dump`](Self::dump).
    pub fn dump_attributes(
        &mut self,
        request: &Request,
        mut visit: impl FnMut(InetEntry, &[u8]) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        let Some((kind, body)) = encode(request) else {
            return Ok(Outcome::Broken);
        };
        self.list(kind, &body, |body| match parse(body, request) {
            Some(entry) => visit(entry, body.get(MESSAGE..).unwrap_or_default()),
            None => Ok(Next::Stop),
        })
    }

    /// Asks for a list and hands the body of each message of it to `visit`. One whose form `visit` does not know stops it, so that the file
    /// is read instead.
    fn list(
        &mut self,
        kind: u16,
        request: &[u8],
        mut visit: impl FnMut(&[u8]) -> Result<Next, Error>,
    ) -> Result<Outcome, Error> {
        let Some(mut netlink) = self.0.take().or_else(open) else {
            return Ok(Outcome::Broken);
        };
        let end = netlink.dump(kind, request, |message| {
            // Answers are of the request's type.
            if message.kind != kind {
                return ControlFlow::Break(Ok(()));
            }
            match visit(message.body) {
                Ok(Next::Continue) => ControlFlow::Continue(()),
                Ok(Next::Stop) => ControlFlow::Break(Ok(())),
                Err(error) => ControlFlow::Break(Err(error)),
            }
        });
        match end {
            Ok(ControlFlow::Continue(steps)) => {
                self.0 = Some(netlink);
                Ok(Outcome::Complete { steps })
            }
            Ok(ControlFlow::Break(result)) => result.map(|()| Outcome::Broken),
            Err(_) => Ok(Outcome::Broken),
        }
    }
}

/// Finds the users of sockets in SYN_RECV. /proc says that of the listening socket which got the request, the diagnostics say none; so
/// the kernel is asked which socket listens for what comes from the same host to the same place.
///
/// A listener with a port of its own that gets other ports' connections (`IP_TRANSPARENT`) is not found.
#[derive(Debug, Default)]
pub struct ListenerUsers {
    netlink: Option<Netlink>,
    /// Sockets may share an address only if they are one user's or bound to different interfaces.
    known: Vec<(Endpoint, u32, u32)>,
}

impl ListenerUsers {
    /// The user; `None` if the kernel does not tell.
    pub fn of(&mut self, request: &InetEntry) -> Option<u32> {
        let local = request.socket.local;
        let known = self
            .known
            .iter()
            .find(|known| (known.0, known.1) == (local, request.interface));
        if let Some(&(_, _, uid)) = known {
            return Some(uid);
        }
        let uid = self.ask(request)?;
        self.known.push((local, request.interface, uid));
        Some(uid)
    }

    fn ask(&mut self, request: &InetEntry) -> Option<u32> {
        let netlink = match &mut self.netlink {
            Some(netlink) => netlink,
            none => none.insert(open()?),
        };
        // From the port of a connection that exists already, the answer would be that connection.
        (0..4).find_map(|port| {
            let body = encode_lookup(request, port);
            let answer = netlink.get(SOCK_DIAG_BY_FAMILY, &body, |message| {
                parse_message(message.body)
            });
            let socket = answer.ok()??.socket;
            (socket.state == TcpState::LISTEN).then_some(socket.uid)
        })
    }
}

/// A unix socket as the diagnostics know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnixEntry<'a> {
    /// `SOCK_STREAM` = 1 and so on.
    pub kind: u8,
    /// As tcp's states are numbered: 1 connected, 7 not connected, 10 listening.
    pub state: u8,
    /// Inode; sockets without one (connections that nobody has accepted yet) are not dumped.
    pub inode: u32,
    /// The whole address, a NUL byte in front if it is abstract, one behind it if it is a path; `None` if it has none.
    pub name: Option<&'a [u8]>,
    /// The inode of the other end, whatever namespace that is in; 0 if it was closed or is not accepted yet. `None` if there is none, or
    /// it was not asked for.
    pub peer: Option<u32>,
    /// Of a listening socket: how many connections may wait to be accepted, if that was asked for.
    pub backlog_limit: Option<u32>,
}

/// Visits all unix sockets of the network namespace, in the kernel's order. `show` has the bits of what is asked for.
pub fn unix_sockets(show: u32, mut visit: impl FnMut(UnixEntry<'_>)) -> Outcome {
    let visited = Diagnostics::default().list(SOCK_DIAG_BY_FAMILY, &encode_unix(0, show), |body| {
        Ok(match parse_unix(body) {
            Some(entry) => {
                visit(entry);
                Next::Continue
            }
            None => Next::Stop,
        })
    });
    visited.unwrap_or(Outcome::Broken)
}

/// Asks for the one unix socket with an inode, and returns what `visit` makes of it; `None` if there is none (or no answer).
pub fn unix_socket<T>(inode: u32, visit: impl FnOnce(UnixEntry<'_>) -> T) -> Option<T> {
    // Inode 0 is that of none.
    if inode == 0 {
        return None;
    }
    open()?
        .get(
            SOCK_DIAG_BY_FAMILY,
            &encode_unix(inode, SHOW_NAME),
            |message| parse_unix(message.body).map(visit),
        )
        .ok()?
}

fn open() -> Option<Netlink> {
    Netlink::open(SockProtocol::NetlinkSockDiag, 0).ok()
}

/// The type of the request and its body: `struct inet_diag_req_v2`, or for both families the older `struct inet_diag_req`, and the
/// filter program if one is needed.
fn encode(request: &Request) -> Option<(u16, Vec<u8>)> {
    let protocol = match request.protocol {
        Protocol::Tcp => IPPROTO_TCP,
        Protocol::Udp => IPPROTO_UDP,
        Protocol::UdpLite | Protocol::Raw => return None,
    };
    let mut body = Vec::with_capacity(80);
    // struct inet_diag_sockid: no particular socket.
    let any = [0u8; 48];
    let kind = match request.family {
        Some(family) => {
            body.extend([address_family(family), protocol, request.attributes, 0]);
            body.extend(request.states.to_ne_bytes());
            body.extend(any);
            SOCK_DIAG_BY_FAMILY
        }
        None if request.protocol == Protocol::Tcp => {
            body.extend([0u8; 4]);
            body.extend(any);
            body.extend(request.states.to_ne_bytes());
            // No use was ever made of the last word.
            body.extend([0u8; 4]);
            TCPDIAG_GETSOCK
        }
        None => return None,
    };
    if request.remote_port_zero {
        // One comparison of two words (struct inet_diag_bc_op twice): "if true go on 8 bytes further, which is the end and accepts; if not,
        // 12 bytes, which is past the end and refuses", then the port.
        let length: u16 = 12;
        body.extend(length.to_ne_bytes());
        body.extend(BYTECODE.to_ne_bytes());
        body.extend([REMOTE_PORT_LE, 8]);
        body.extend(12u16.to_ne_bytes());
        body.extend([0u8; 4]);
    }
    Some((kind, body))
}

/// Bytes of `struct inet_diag_msg`.
pub(super) const MESSAGE: usize = 72;

pub(super) const IPPROTO_TCP: u8 = 6;
pub(super) const IPPROTO_UDP: u8 = 17;

/// `INET_DIAG_INFO`: `struct tcp_info`.
pub(super) const INFO: u16 = 2;

/// `AF_INET`, `AF_INET6`.
fn address_family(family: Family) -> u8 {
    match family {
        Family::Inet => 2,
        Family::Inet6 => 10,
    }
}

/// `struct inet_diag_req_v2` for the socket that gets what comes from the remote address of `request` and `remote_port`.
fn encode_lookup(request: &InetEntry, remote_port: u16) -> Vec<u8> {
    let InetSocket {
        family,
        local,
        remote,
        ..
    } = request.socket;
    let mut body = vec![address_family(family), IPPROTO_TCP, 0, 0];
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(local.port().to_be_bytes());
    body.extend(remote_port.to_be_bytes());
    for end in [local, remote] {
        let mut address = [0u8; 16];
        match end.address {
            IpAddr::V4(v4) => {
                let [a, b, c, d, ..] = &mut address;
                [*a, *b, *c, *d] = v4.octets();
            }
            IpAddr::V6(v6) => address = v6.octets(),
        }
        body.extend(address);
    }
    body.extend(request.interface.to_ne_bytes());
    // INET_DIAG_NOCOOKIE, twice.
    body.extend([0xff; 8]);
    body
}

/// `struct unix_diag_req`. Inode 0 stands for all sockets.
fn encode_unix(inode: u32, show: u32) -> Vec<u8> {
    // AF_UNIX, no protocol.
    let mut body = vec![1u8, 0, 0, 0];
    // All states, the inode, what to show, and no cookie.
    for word in [u32::MAX, inode, show, u32::MAX, u32::MAX] {
        body.extend(word.to_ne_bytes());
    }
    body
}

/// Parses a `struct inet_diag_msg`, which attributes may follow; `None` if it is too short or of a family not asked for.
pub fn parse(message: &[u8], request: &Request) -> Option<InetEntry> {
    let mut entry = parse_message(message)?;
    entry.socket.protocol = request.protocol;
    let family = request.family.unwrap_or(entry.socket.family);
    (family == entry.socket.family).then_some(entry)
}

/// The same, of tcp.
pub(super) fn parse_message(message: &[u8]) -> Option<InetEntry> {
    let message = message.first_chunk::<MESSAGE>()?;
    let (&[family, state, kind, retransmits], rest) = message.split_first_chunk::<4>()?;
    let (&sport, rest) = rest.split_first_chunk::<2>()?;
    let (&dport, rest) = rest.split_first_chunk::<2>()?;
    let (&source, rest) = rest.split_first_chunk::<16>()?;
    let (&destination, rest) = rest.split_first_chunk::<16>()?;
    let (&interface, rest) = rest.split_first_chunk::<4>()?;
    // A cookie of two words.
    let (_, rest) = rest.split_first_chunk::<8>()?;
    let mut words = rest
        .chunks_exact(4)
        .filter_map(|word| word.first_chunk().copied().map(u32::from_ne_bytes));
    let family = [Family::Inet, Family::Inet6]
        .into_iter()
        .find(|&known| address_family(known) == family)?;
    let endpoint = |address: [u8; 16], port: [u8; 2]| Endpoint {
        address: match family {
            Family::Inet => {
                let [a, b, c, d, ..] = address;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::Inet6 => IpAddr::V6(Ipv6Addr::from(address)),
        },
        port: u16::from_be_bytes(port).into(),
    };
    let (expires, recv_queue, send_queue) = (words.next()?, words.next()?, words.next()?);
    let socket = InetSocket {
        protocol: Protocol::Tcp,
        family,
        local: endpoint(source, sport),
        remote: endpoint(destination, dport),
        state: TcpState(state.into()),
        recv_queue: recv_queue.into(),
        send_queue: send_queue.into(),
        // Not exact for tcp (milliseconds, and no probes), hence not asked for when its timers are shown; udp has none.
        timer: Timer {
            kind: kind.into(),
            remaining: u64::from(expires) / 10,
            retransmits: retransmits.into(),
            timeout: 0,
        },
        uid: words.next()?,
        inode: words.next()?.into(),
        owners: Owners::NotSought,
        detail: None,
    };
    Some(InetEntry {
        socket,
        interface: u32::from_ne_bytes(interface),
    })
}

/// `struct unix_diag_msg` and its attributes; `None` if it is too short or they are malformed.
#[doc(hidden)] // for tests
pub fn parse_unix(message: &[u8]) -> Option<UnixEntry<'_>> {
    let (&[_, kind, state, _], rest) = message.split_first_chunk::<4>()?;
    let (&inode, rest) = rest.split_first_chunk::<4>()?;
    // A cookie of two words.
    let (_, attributes) = rest.split_first_chunk::<8>()?;
    let mut entry = UnixEntry {
        kind,
        state,
        inode: u32::from_ne_bytes(inode),
        ..UnixEntry::default()
    };
    let word = |value: &[u8], at| {
        let bytes = value.get(at..)?.first_chunk()?;
        Some(u32::from_ne_bytes(*bytes))
    };
    for attribute in netlink::attributes(attributes) {
        match attribute.ok()? {
            (UNIX_NAME, value) => entry.name = Some(value),
            (UNIX_PEER, value) => entry.peer = word(value, 0),
            // Behind what waits; of other sockets it is what they have sent.
            (UNIX_QUEUES, value) if state == LISTEN => entry.backlog_limit = word(value, 4),
            _ => {}
        }
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_unix_sockets() {
        let message = |state: u8, attributes: &[(u16, &[u8])]| {
            let mut message = vec![1, 1, state, 0];
            message.extend(1001u32.to_ne_bytes());
            message.extend([0; 8]);
            for (kind, value) in attributes {
                let length = u16::try_from(4 + value.len()).unwrap();
                message.extend(length.to_ne_bytes());
                message.extend(kind.to_ne_bytes());
                message.extend(*value);
                message.resize(message.len().next_multiple_of(4), 0);
            }
            message
        };
        let peer = 1002u32.to_ne_bytes();
        let queues = [3u32.to_ne_bytes(), 7u32.to_ne_bytes()].concat();
        let all: &[(u16, &[u8])] = &[
            (UNIX_NAME, b"/run/a\0"),
            (UNIX_PEER, &peer),
            (UNIX_QUEUES, &queues),
        ];
        let connected = message(1, all);
        let entry = UnixEntry {
            kind: 1,
            state: 1,
            inode: 1001,
            name: Some(b"/run/a\0"),
            peer: Some(1002),
            backlog_limit: None,
        };
        assert_eq!(parse_unix(&connected), Some(entry));
        let listens = message(LISTEN, all);
        let entry = parse_unix(&listens).unwrap();
        assert_eq!(entry.backlog_limit, Some(7));
        // Too short for what they are.
        let short = message(
            LISTEN,
            &[(UNIX_PEER, &peer[..3]), (UNIX_QUEUES, &queues[..7])],
        );
        let entry = parse_unix(&short).unwrap();
        assert_eq!((entry.peer, entry.backlog_limit), (None, None));
    }
}
