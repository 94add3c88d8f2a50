//! Sockets that are hard to come by: every tcp state, full queues, protocols std does not open. All in the namespace of
//! the calling thread.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

use rustix::net::{
    AddressFamily, Protocol, RawProtocol, SendFlags, SocketFlags, SocketType, bind, connect,
    listen, sendto, socket_with,
};

use super::world::{World, wait_for};

/// IPPROTO_RAW: what is sent brings its own IP header.
const OWN_HEADER: u32 = 255;

/// The number by which the tables know a socket.
pub fn inode(socket: &OwnedFd) -> u64 {
    let file = File::from(socket.try_clone().unwrap());
    file.metadata().unwrap().ino()
}
/// IPPROTO_MPTCP.
pub const MPTCP: u32 = 262;

/// A socket of any protocol, bound to `local`, connected to `remote`.
pub fn socket(
    kind: SocketType,
    protocol: u32,
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
) -> OwnedFd {
    let address = local.or(remote).expect("an address, to know the family");
    let socket = open(address, kind, protocol);
    if let Some(local) = local {
        bind(&socket, &local).unwrap_or_else(|error| panic!("bind to {local}: {error}"));
    }
    if let Some(remote) = remote {
        connect(&socket, &remote).unwrap_or_else(|error| panic!("connect to {remote}: {error}"));
    }
    socket
}

fn open(address: SocketAddr, kind: SocketType, protocol: u32) -> OwnedFd {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let protocol = RawProtocol::new(protocol).map(Protocol::from_raw);
    socket_with(family, kind, SocketFlags::CLOEXEC, protocol).unwrap()
}

/// A tcp socket that listens with room for `backlog` + 1 connections that nobody has accepted.
pub fn listener(address: SocketAddr, backlog: i32, v6_only: bool) -> OwnedFd {
    let socket = open(address, SocketType::STREAM, 0);
    if v6_only {
        rustix::net::sockopt::set_ipv6_v6only(&socket, true).unwrap();
    }
    bind(&socket, &address).unwrap();
    listen(&socket, backlog).unwrap();
    socket
}

/// A connection to `listener`, known as `address`: the side that connected, the side that accepted.
pub fn pair_to(listener: &TcpListener, address: SocketAddr) -> (TcpStream, TcpStream) {
    let near = TcpStream::connect(address).unwrap();
    (near, listener.accept().unwrap().0)
}

/// Sends until the peer, who does not read, takes no more: bytes wait here and there, and the probe timer runs.
pub fn fill(stream: &TcpStream) {
    stream.set_nonblocking(true).unwrap();
    let mut stream = stream;
    loop {
        match stream.write(&[b'x'; 65536]) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) => panic!("{error}"),
        }
    }
}

/// One connection to `listener`, at `address`, for each state that both sides can be brought to, and held in: ESTABLISHED (idle, with unread
/// bytes, with a full send queue), FIN_WAIT1, FIN_WAIT2 and CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT, and a FIN_WAIT2 nobody owns.
pub fn tcp_states(listener: &TcpListener, address: SocketAddr) -> Vec<TcpStream> {
    let mut kept = Vec::new();
    let mut keep = |(near, far)| kept.extend([near, far]);

    keep(pair_to(listener, address));

    let unread = pair_to(listener, address);
    (&unread.0).write_all(b"seven bytes").unwrap();
    keep(unread);

    let full = pair_to(listener, address);
    fill(&full.1);
    keep(full);

    let alive = pair_to(listener, address);
    rustix::net::sockopt::set_socket_keepalive(&alive.0, true).unwrap();
    keep(alive);

    // Its FIN waits behind bytes the peer does not take.
    let fin_wait1 = pair_to(listener, address);
    fill(&fin_wait1.0);
    fin_wait1.0.shutdown(Shutdown::Write).unwrap();
    keep(fin_wait1);

    let fin_wait2 = pair_to(listener, address);
    fin_wait2.0.shutdown(Shutdown::Write).unwrap();
    keep(fin_wait2);

    // Both have closed, one has not seen its FIN acknowledged.
    let closing = pair_to(listener, address);
    fill(&closing.0);
    closing.0.shutdown(Shutdown::Write).unwrap();
    closing.1.shutdown(Shutdown::Write).unwrap();
    keep(closing);

    let last_ack = pair_to(listener, address);
    fill(&last_ack.1);
    last_ack.0.shutdown(Shutdown::Write).unwrap();
    last_ack.1.shutdown(Shutdown::Write).unwrap();
    keep(last_ack);

    let (near, far) = pair_to(listener, address);
    drop(near);
    drop(far);

    let (near, far) = pair_to(listener, address);
    drop(near);
    kept.push(far);
    kept
}

/// A connection that stays in SYN_SENT: `address` listens, with a queue that is full. Give it the listener of [`listener`]
/// with a backlog of 0 and one connection nobody accepts. Or nobody answers there.
pub fn syn_sent(local: Option<SocketAddr>, address: SocketAddr) -> OwnedFd {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = socket_with(
        family,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )
    .unwrap();
    if let Some(local) = local {
        bind(&socket, &local).unwrap();
    }
    assert_eq!(
        connect(&socket, &address),
        Err(rustix::io::Errno::INPROGRESS)
    );
    socket
}

/// A multipath connection with a subflow that joined it, both to 10.9.0.1 and from there and 10.9.0.2, which `lo` gets. Tells whether this
/// kernel has such connections.
pub fn multipath(world: &mut World) -> bool {
    let protocol = RawProtocol::new(MPTCP).map(Protocol::from_raw);
    let open = || {
        let kind = SocketType::STREAM;
        socket_with(AddressFamily::INET, kind, SocketFlags::CLOEXEC, protocol)
    };
    let (Ok(server), Ok(near)) = (open(), open()) else {
        return false;
    };
    for line in [
        "addr add 10.9.0.1/32 dev lo",
        "addr add 10.9.0.2/32 dev lo",
        "mptcp limits set subflows 2",
    ] {
        world.ip(line);
    }
    let end = |port| SocketAddr::from(([10, 9, 0, 1], port));
    bind(&server, &end(5000)).unwrap();
    listen(&server, 4).unwrap();
    bind(&near, &end(5100)).unwrap();
    connect(&near, &end(5000)).unwrap();
    let far = rustix::net::accept(&server).unwrap();
    // Others may join once each end has heard the other, and not earlier.
    for (from, to) in [(&near, &far), (&far, &near)] {
        rustix::net::send(from, b"x", SendFlags::empty()).unwrap();
        rustix::io::read(to, &mut [0u8; 1][..]).unwrap();
    }
    world.ip("mptcp endpoint add 10.9.0.2 dev lo subflow");
    // Both ends of it, from or to 10.9.0.2, in ESTABLISHED.
    wait_for("the second subflow", || {
        let table = std::fs::read_to_string("/proc/thread-self/net/tcp").unwrap();
        let joined = |line: &&str| line.contains("0200090A:") && line.contains(" 01 ");
        table.lines().filter(joined).count() == 2
    });
    for socket in [server, near, far] {
        world.keep(socket);
    }
    true
}

/// Leaves a SYN_RECV behind: a SYN to the listener `to` from `from`, an address where nobody answers.
pub fn syn_received(from: SocketAddrV4, to: SocketAddrV4) {
    let mut segment = Vec::new();
    segment.extend(from.port().to_be_bytes());
    segment.extend(to.port().to_be_bytes());
    segment.extend([0, 0, 0, 1]); // sequence number
    segment.extend([0, 0, 0, 0]); // acknowledged
    segment.extend([5 << 4, 0x02, 0x40, 0x00]); // header length in words, SYN, window
    segment.extend([0, 0, 0, 0]); // checksum, urgent pointer
    let mut pseudo_header = Vec::new();
    pseudo_header.extend(from.ip().octets());
    pseudo_header.extend(to.ip().octets());
    pseudo_header.extend([0, 6, 0, 20]); // protocol, length of the segment
    let sum = checksum(&[pseudo_header, segment.clone()].concat());
    segment[16..18].copy_from_slice(&sum.to_be_bytes());

    let mut packet = vec![0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0];
    packet.extend(from.ip().octets());
    packet.extend(to.ip().octets());
    packet.extend(segment);
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let raw = open(any, SocketType::RAW, OWN_HEADER);
    sendto(
        &raw,
        &packet,
        SendFlags::empty(),
        &SocketAddrV4::new(*to.ip(), 0),
    )
    .unwrap();
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}
