//! Sockets that close: the kernel tells of each tcp and udp socket of the network namespace at its end, with its last figures
//! (`sock_diag_broadcast_destroy` in net/core/sock_diag.c, Linux 4.4). Every user may listen.
//!
//! What it tells has neither inode nor user, and for tcp the state is always CLOSE (`inet_diag_handler_get_info` in
//! net/ipv4/inet_diag.c); a connection that goes on to TIME_WAIT is told of then.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockProtocol};

use super::sock_diag::{self, INFO, MESSAGE};
use crate::error::Error;
use crate::query::{Query, Report, SocketQuery};
use crate::record::Sink;
use crate::record::change::Event;
use crate::record::inet::{Family, InetSocket, Protocol};
use crate::record::owner::{OwnerUnknown, Owners};
use crate::record::socket_detail::{SocketDetail, TcpInfo};
use crate::sys::netlink::{self, Netlink};

/// The multicast groups: `SKNLGRP_INET_TCP_DESTROY` and so on (linux/sock_diag.h), as bits.
const GROUPS: [(Protocol, Family, u32); 4] = [
    (Protocol::Tcp, Family::Inet, 1),
    (Protocol::Udp, Family::Inet, 1 << 1),
    (Protocol::Tcp, Family::Inet6, 1 << 2),
    (Protocol::Udp, Family::Inet6, 1 << 3),
];

/// Room for what was not read yet, in bytes: some 7,000 sockets. Without the right to more, users get what `net.core.rmem_max` allows.
const BUFFER: usize = 8 << 20;

/// `INET_DIAG_PROTOCOL`: 8 bits.
const PROTOCOL: u16 = 10;

/// The port of name servers, and how long after names were looked up the sockets that did so are told of.
const DOMAIN: u16 = 53;
const ECHO: Duration = Duration::from_millis(250);

/// Hears of sockets that close.
pub struct Destroyed<'a> {
    netlink: Netlink,
    query: &'a Query,
    sockets: &'a SocketQuery,
    /// Until then, sockets that asked a name server may have been our own.
    echo: Option<Instant>,
}

/// How listening went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Everything was heard.
    All,
    /// There was more than room was for.
    Lost,
}

impl<'a> Destroyed<'a> {
    /// Begins to listen; `None` if no tcp or udp sockets are asked for, or not those of the network namespace we are in, or the kernel
    /// does not tell.
    pub fn listen(query: &'a Query) -> Option<Self> {
        let Report::Sockets(sockets) = &query.report else {
            return None;
        };
        if query.all_namespaces || !query.proc_root.is_kernel() {
            return None;
        }
        let shown = |protocol, family| {
            sockets.shows(match protocol {
                Protocol::Tcp => sockets.tcp,
                _ => sockets.udp,
            }) && sockets.shows(match family {
                Family::Inet => sockets.inet,
                Family::Inet6 => sockets.inet6,
            })
        };
        let groups = GROUPS.iter().filter(|group| shown(group.0, group.1));
        let groups = groups.fold(0, |bits, group| bits | group.2);
        if groups == 0 {
            return None;
        }
        let netlink = Netlink::open(SockProtocol::NetlinkSockDiag, groups).ok()?;
        netlink.make_room(BUFFER);
        Some(Destroyed {
            netlink,
            query,
            sockets,
            echo: None,
        })
    }

    /// Tells the sink of each socket that closes until that time, and has it written when no more is there to be told.
    ///
    /// # Errors
    /// What the sink said.
    pub fn hear(&mut self, until: Instant, sink: &mut dyn Sink) -> Result<Heard, Error> {
        let mut told = false;
        loop {
            let now = Instant::now();
            match self.receive() {
                Ok(sockets) => {
                    for socket in sockets {
                        if self.is_shown(&socket) {
                            told = true;
                            sink.event(&Event::Closed {
                                socket: &socket,
                                wanted: true,
                            })?;
                        }
                    }
                    // Whoever closes them faster than they can be told does not keep us from the next report.
                    if now.saturating_duration_since(until) < ECHO {
                        continue;
                    }
                }
                Err(netlink::Error::System(Errno::ENOBUFS)) => {
                    sink.end_pass()?;
                    return Ok(Heard::Lost);
                }
                Err(_) => {}
            }
            if std::mem::take(&mut told) {
                sink.end_pass()?;
                self.looked_up();
            }
            match until.checked_duration_since(Instant::now()) {
                Some(rest) if !rest.is_zero() => self.netlink.await_message(rest),
                _ => return Ok(Heard::All),
            }
        }
    }

    /// Names have been looked up, if any are wanted: sockets of ours have closed.
    pub fn looked_up(&mut self) {
        if self.query.wanted_names().any() {
            self.echo = Some(Instant::now() + ECHO);
        }
    }

    /// The sockets of the next datagram.
    fn receive(&mut self) -> Result<Vec<InetSocket>, netlink::Error> {
        let messages = self.netlink.receive(MsgFlags::MSG_DONTWAIT)?;
        let messages = messages.map_while(Result::ok);
        Ok(messages
            .filter_map(|message| parse(message.body))
            .map(|socket| InetSocket {
                owners: match self.query.gather.owners {
                    true => Owners::Unknown(OwnerUnknown::Gone),
                    false => Owners::NotSought,
                },
                ..socket
            })
            .collect())
    }

    /// Whether its table shows it.
    fn is_shown(&mut self, socket: &InetSocket) -> bool {
        let listens = socket.is_listening();
        let is_echo =
            socket.remote.port() == DOMAIN && self.echo.is_some_and(|echo| Instant::now() < echo);
        // Whoever has no port was in no table. What has listened for tcp is told of as what was only bound is: the state is CLOSE, and no
        // other figure differs.
        socket.local.port() != 0
            && !is_echo
            && !(socket.protocol == Protocol::Tcp && listens)
            && self.sockets.filter.keeps(listens)
    }
}

/// A socket that was closed. Its user is `(uid_t) -1`, which is nobody's.
fn parse(body: &[u8]) -> Option<InetSocket> {
    let mut socket = sock_diag::parse_message(body)?.socket;
    let mut detail = None;
    for attribute in netlink::attributes(body.get(MESSAGE..)?) {
        match attribute.ok()? {
            (PROTOCOL, [protocol]) => {
                socket.protocol = match *protocol {
                    sock_diag::IPPROTO_TCP => Protocol::Tcp,
                    sock_diag::IPPROTO_UDP => Protocol::Udp,
                    _ => return None,
                }
            }
            (INFO, info) if !info.is_empty() => {
                detail = Some(Box::new(SocketDetail {
                    tcp: Some(TcpInfo(info.into())),
                    ..SocketDetail::default()
                }));
            }
            _ => {}
        }
    }
    // Nothing waits in a closed socket, whatever these count at the end.
    (socket.recv_queue, socket.send_queue) = (0, 0);
    (socket.uid, socket.inode) = (u32::MAX, 0);
    socket.detail = detail;
    Some(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    /// What Linux 6.18 tells of a tcp connection of 127.0.0.1, port 38940 to 42533, without most of its figures.
    fn message(protocol: u8) -> Vec<u8> {
        let mut message = vec![2, 7, 0, 0];
        message.extend(38940u16.to_be_bytes());
        message.extend(42533u16.to_be_bytes());
        for _ in 0..2 {
            message.extend([127, 0, 0, 1]);
            message.extend([0; 12]);
        }
        // Interface, cookie, expiry, queues, user, inode.
        for word in [0, 25_979_550, 0, 0, 1, u32::MAX, 0, 0] {
            message.extend(word.to_ne_bytes());
        }
        let length = 4 + 208u16;
        for (length, kind) in [(5, PROTOCOL), (length, INFO)] {
            message.extend(length.to_ne_bytes());
            message.extend(kind.to_ne_bytes());
            if kind == PROTOCOL {
                message.extend([protocol, 0, 0, 0]);
            }
        }
        message.extend([0; 200]);
        message.extend(4821u64.to_ne_bytes());
        message
    }

    #[test]
    fn closed_sockets_have_ends_and_figures() {
        let closed = parse(&message(6)).unwrap();
        assert_eq!(closed.protocol, Protocol::Tcp);
        assert_eq!((closed.local.port(), closed.remote.port()), (38940, 42533));
        assert_eq!((closed.recv_queue, closed.send_queue), (0, 0));
        assert_eq!((closed.uid, closed.inode), (u32::MAX, 0));
        let info = closed.detail.unwrap().tcp.unwrap();
        assert!(matches!(info.field("bytes_sent"), Value::Unsigned(4821)));
        assert!(matches!(info.field("bytes_retransmitted"), Value::Null));
        assert_eq!(parse(&message(17)).unwrap().protocol, Protocol::Udp);
        // Of UDP-Lite there are no groups.
        assert!(parse(&message(136)).is_none());
    }

    #[test]
    fn no_length_is_too_short() {
        let whole = message(6);
        for length in 0..whole.len() {
            let cut = parse(whole.get(..length).unwrap());
            assert!(cut.is_none() || length >= MESSAGE);
        }
    }
}
