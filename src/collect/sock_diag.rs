//! Netlink socket diagnostics (`NETLINK_SOCK_DIAG`): a second, faster source of the records of [`inet`](super::inet)
//! (linux/inet_diag.h), and a second opinion about unix sockets (linux/unix_diag.h), whose use is explained in
//! [`unix::guard`](super::unix::guard).
//!
//! The kernel dumps the same sockets in the same order as `/proc/net/tcp` and `/proc/net/udp`, without formatting them, and for udp
//! without the quadratic search for its place after each page. It does not say everything, though: the send queue of a
//! listening socket is the limit of its backlog here, and the user of a socket in SYN_RECV is missing. Which rows may be taken from
//! here is decided in [`inet`](super::inet).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};

use crate::error::Error;
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use crate::record::owner::Owners;

/// What is asked of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Tcp or udp; the others have no diagnostics everywhere.
    pub protocol: Protocol,
    /// The sockets of one family at a time.
    pub family: Family,
    /// A bit for each wanted state, `1 << state`.
    pub states: u32,
    /// Only sockets whose remote port is 0.
    pub remote_port_zero: bool,
}

/// How a dump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All sockets were visited.
    Complete,
    /// The kernel refused or broke off, or the visitor had enough; what was visited until then is as good as ever.
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

/// The kernel fills at most 32 KiB of it at a time.
const BUFFER: usize = 64 * 1024;

const SOCK_DIAG_BY_FAMILY: u16 = 20;

/// `NLM_F_REQUEST`.
const REQUEST: u16 = 1;

/// `NLM_F_REQUEST | NLM_F_DUMP`.
const REQUEST_DUMP: u16 = 0x301;

/// The table changed so much during the dump that it may not be complete.
const DUMP_INTERRUPTED: u16 = 0x10;

/// `NLMSG_NOOP` and `NLMSG_DONE`.
const NOOP: u16 = 1;

const DONE: u16 = 3;

/// Bytes of `struct nlmsghdr`.
const HEADER: usize = 16;

/// Visits the sockets that `request` asks for in the kernel's order.
///
/// # Errors
/// What `visit` returned. Trouble with netlink is no error but [`Outcome::Broken`].
pub fn dump(
    request: &Request,
    mut visit: impl FnMut(&InetSocket) -> Result<Next, Error>,
) -> Result<Outcome, Error> {
    let Some(netlink) = encode(request).and_then(|message| ask(&message)) else {
        return Ok(Outcome::Broken);
    };
    answers(&netlink, |body| {
        parse(body, request).map_or(Ok(Next::Stop), |socket| visit(&socket))
    })
}

/// A unix socket as the diagnostics know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnixEntry<'a> {
    /// `SOCK_STREAM` = 1 and so on.
    pub kind: u8,
    /// As tcp's states are numbered: 1 connected, 7 not connected, 10 listening.
    pub state: u8,
    /// Inode; sockets without one (connections that nobody has accepted yet) are not dumped.
    pub inode: u32,
    /// The whole address, a NUL byte in front if it is abstract, one behind it if it is a path; `None` if it has none.
    pub name: Option<&'a [u8]>,
}

/// Visits all unix sockets of the network namespace, in the kernel's order.
pub fn unix_sockets(mut visit: impl FnMut(UnixEntry<'_>)) -> Outcome {
    let Some(netlink) = ask(&encode_unix(REQUEST_DUMP, 0)) else {
        return Outcome::Broken;
    };
    answers(&netlink, |body| {
        Ok(match parse_unix(body) {
            Some(entry) => {
                visit(entry);
                Next::Continue
            }
            None => Next::Stop,
        })
    })
    .unwrap_or(Outcome::Broken)
}

/// Asks for the one unix socket with an inode, and returns what `visit` makes of it; `None` if there is none (or no answer).
pub fn unix_socket<T>(inode: u32, visit: impl FnOnce(UnixEntry<'_>) -> T) -> Option<T> {
    // Inode 0 is that of none.
    if inode == 0 {
        return None;
    }
    let netlink = ask(&encode_unix(REQUEST, inode))?;
    let mut buffer = [0u8; 1024];
    let length = receive(&netlink, &mut buffer)?;
    match next_message(buffer.get(..length)?)? {
        (header, body, _) if header.kind == SOCK_DIAG_BY_FAMILY => parse_unix(body).map(visit),
        _ => None,
    }
}

/// Hands the answers to a dump's request to `visit`.
fn answers(
    netlink: &OwnedFd,
    mut visit: impl FnMut(&[u8]) -> Result<Next, Error>,
) -> Result<Outcome, Error> {
    let mut buffer = vec![0u8; BUFFER];
    loop {
        let Some(mut messages) =
            receive(netlink, &mut buffer).and_then(|length| buffer.get(..length))
        else {
            return Ok(Outcome::Broken);
        };
        while let Some((header, body, rest)) = next_message(messages) {
            messages = rest;
            if header.flags & DUMP_INTERRUPTED != 0 {
                return Ok(Outcome::Broken);
            }
            match header.kind {
                SOCK_DIAG_BY_FAMILY => {
                    if visit(body)? == Next::Stop {
                        return Ok(Outcome::Broken);
                    }
                }
                DONE => {
                    let failed = body
                        .first_chunk()
                        .is_some_and(|&code| i32::from_ne_bytes(code) < 0);
                    return Ok(if failed {
                        Outcome::Broken
                    } else {
                        Outcome::Complete
                    });
                }
                NOOP => {}
                _ => return Ok(Outcome::Broken),
            }
        }
    }
}

/// Waits for the next datagram and returns its length, which is 1 at least; `None` if there is an error or it does not fit.
fn receive(netlink: &OwnedFd, buffer: &mut [u8]) -> Option<usize> {
    loop {
        // With MSG_TRUNC the whole length of a message is returned even if it did not fit.
        match recv(netlink.as_raw_fd(), buffer, MsgFlags::MSG_TRUNC) {
            Ok(length) => return (1..=buffer.len()).contains(&length).then_some(length),
            Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// Opens a socket and sends a request.
fn ask(message: &[u8]) -> Option<OwnedFd> {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkSockDiag,
    )
    .ok()?;
    let sent = send(netlink.as_raw_fd(), message, MsgFlags::empty()).ok()?;
    (sent == message.len()).then_some(netlink)
}

/// `struct nlmsghdr`, `struct inet_diag_req_v2` and, if needed, the filter program.
fn encode(request: &Request) -> Option<Vec<u8>> {
    let protocol = match request.protocol {
        Protocol::Tcp => libc::IPPROTO_TCP,
        Protocol::Udp => libc::IPPROTO_UDP,
        Protocol::UdpLite | Protocol::Raw => return None,
    };
    let family = match request.family {
        Family::Inet => libc::AF_INET,
        Family::Inet6 => libc::AF_INET6,
    };
    let mut message = vec![0u8; HEADER];
    message.extend([
        u8::try_from(family).ok()?,
        u8::try_from(protocol).ok()?,
        0,
        0,
    ]);
    message.extend(request.states.to_ne_bytes());
    // struct inet_diag_sockid: no particular socket.
    message.extend([0u8; 48]);
    if request.remote_port_zero {
        // An attribute INET_DIAG_REQ_BYTECODE (1) of 4 + 8 bytes with one comparison of two words: INET_DIAG_BC_D_LE (5), "if
        // true go on 8 bytes further, which is the end and accepts; if not, 12 bytes, which is past the end and refuses", then the port.
        let mut attribute = [0u8; 12];
        for (place, half) in
            attribute
                .chunks_exact_mut(2)
                .zip([12u16, 1, u16::from_ne_bytes([5, 8]), 12, 0, 0])
        {
            place.copy_from_slice(&half.to_ne_bytes());
        }
        message.extend(attribute);
    }
    fill_header(&mut message, REQUEST_DUMP);
    Some(message)
}

/// `struct nlmsghdr` and `struct unix_diag_req`, asking for names (`UDIAG_SHOW_NAME`). Inode 0 stands for all sockets.
fn encode_unix(flags: u16, inode: u32) -> Vec<u8> {
    let mut message = vec![0u8; HEADER];
    // AF_UNIX, no protocol.
    message.extend([1u8, 0, 0, 0]);
    // All states, the inode, what to show, and no cookie.
    for word in [u32::MAX, inode, 1, u32::MAX, u32::MAX] {
        message.extend(word.to_ne_bytes());
    }
    fill_header(&mut message, flags);
    message
}

/// Fills in the `struct nlmsghdr` that a message begins with.
fn fill_header(message: &mut [u8], flags: u16) {
    let length = u32::try_from(message.len()).unwrap_or(0);
    let Some(header) = message.first_chunk_mut::<HEADER>() else {
        return;
    };
    let (size, rest) = header.split_at_mut(4);
    size.copy_from_slice(&length.to_ne_bytes());
    for (place, half) in rest.chunks_exact_mut(2).zip([SOCK_DIAG_BY_FAMILY, flags]) {
        place.copy_from_slice(&half.to_ne_bytes());
    }
}

#[doc(hidden)] // for tests
#[derive(Debug)]
pub struct Header {
    kind: u16,
    flags: u16,
}

/// The first message of a datagram: header, body, and what follows it.
#[doc(hidden)] // for tests
pub fn next_message(bytes: &[u8]) -> Option<(Header, &[u8], &[u8])> {
    let header = bytes.first_chunk::<HEADER>()?;
    let &[a, b, c, d, e, f, g, h, ..] = header;
    let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).ok()?;
    let body = bytes.get(HEADER..length)?;
    let rest = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((
        Header {
            kind: u16::from_ne_bytes([e, f]),
            flags: u16::from_ne_bytes([g, h]),
        },
        body,
        rest,
    ))
}

/// Parses a `struct inet_diag_msg`, which attributes may follow; `None` if it is too short.
pub fn parse(message: &[u8], request: &Request) -> Option<InetSocket> {
    let message = message.first_chunk::<72>()?;
    let (&[_, state, kind, retransmits], rest) = message.split_first_chunk::<4>()?;
    let (&sport, rest) = rest.split_first_chunk::<2>()?;
    let (&dport, rest) = rest.split_first_chunk::<2>()?;
    let (&source, rest) = rest.split_first_chunk::<16>()?;
    let (&destination, rest) = rest.split_first_chunk::<16>()?;
    // Interface and cookie.
    let (_, rest) = rest.split_first_chunk::<12>()?;
    let mut words = rest
        .chunks_exact(4)
        .filter_map(|word| word.first_chunk().copied().map(u32::from_ne_bytes));
    let endpoint = |address: [u8; 16], port: [u8; 2]| Endpoint {
        address: match request.family {
            Family::Inet => {
                let [a, b, c, d, ..] = address;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::Inet6 => IpAddr::V6(Ipv6Addr::from(address)),
        },
        port: u16::from_be_bytes(port).into(),
    };
    let (expires, recv_queue, send_queue) = (words.next()?, words.next()?, words.next()?);
    Some(InetSocket {
        protocol: request.protocol,
        family: request.family,
        local: endpoint(source, sport),
        remote: endpoint(destination, dport),
        state: TcpState(state.into()),
        recv_queue: recv_queue.into(),
        send_queue: send_queue.into(),
        // Not exact (milliseconds, and no probes), hence never asked for when timers are shown.
        timer: Timer {
            kind: kind.into(),
            remaining: u64::from(expires) / 10,
            retransmits: retransmits.into(),
            timeout: 0,
        },
        uid: words.next()?,
        inode: words.next()?.into(),
        owners: Owners::NotSought,
    })
}

/// `struct unix_diag_msg` and its attributes.
#[doc(hidden)] // for tests
pub fn parse_unix(message: &[u8]) -> Option<UnixEntry<'_>> {
    const NAME: u16 = 0;
    let (&[_, kind, state, _], rest) = message.split_first_chunk::<4>()?;
    let (&inode, rest) = rest.split_first_chunk::<4>()?;
    // A cookie of two words.
    let (_, mut attributes) = rest.split_first_chunk::<8>()?;
    let mut entry = UnixEntry {
        kind,
        state,
        inode: u32::from_ne_bytes(inode),
        name: None,
    };
    // struct nlattr: length with itself, type.
    while let Some(&[low, high, kind_low, kind_high]) = attributes.first_chunk::<4>() {
        let length = usize::from(u16::from_ne_bytes([low, high]));
        if u16::from_ne_bytes([kind_low, kind_high]) == NAME {
            entry.name = Some(attributes.get(4..length)?);
        }
        attributes = attributes
            .get(length.max(4).next_multiple_of(4)..)
            .unwrap_or_default();
    }
    Some(entry)
}
