//! The few requests of rtnetlink that build a world: many routes or interfaces at once, far faster than one `ip` for each.

use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};

const NLMSG_ERROR: u16 = 2;
const RTM_NEWLINK: u16 = 16;
const RTM_NEWROUTE: u16 = 24;

/// `NLM_F_REQUEST`, and what else a request may carry.
const REQUEST: u16 = 0x1;
const ACKNOWLEDGE: u16 = 0x4;
const CREATE_NEW: u16 = 0x600;

const IFF_UP: u32 = 1;
const IFLA_IFNAME: u16 = 3;
const IFLA_LINKINFO: u16 = 18;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const VETH_INFO_PEER: u16 = 1;

const RTA_DST: u16 = 1;
const RTA_OIF: u16 = 4;

/// Loopback is always the first interface of a namespace.
const LOOPBACK: u32 = 1;

/// Requests sent with one `send`.
const BATCH: usize = 256;

/// Takes `lo` up in the calling thread's namespace.
pub fn loopback_up() {
    ask(std::iter::once((RTM_NEWLINK, 0, link(LOOPBACK, IFF_UP))));
}

/// Makes pairs of interfaces, all of them up: `eth0` and `peer0`, `eth1` and `peer1`, …
pub fn interface_pairs(count: usize) {
    ask((0..count).map(|number| {
        // It cannot go up before it has a peer itself.
        let mut peer = link(0, 0);
        attribute(&mut peer, IFLA_IFNAME, format!("peer{number}\0").as_bytes());
        let mut data = Vec::new();
        attribute(&mut data, VETH_INFO_PEER, &peer);
        let mut information = Vec::new();
        attribute(&mut information, IFLA_INFO_KIND, b"veth");
        attribute(&mut information, IFLA_INFO_DATA, &data);
        let mut body = link(0, IFF_UP);
        attribute(&mut body, IFLA_IFNAME, format!("eth{number}\0").as_bytes());
        attribute(&mut body, IFLA_LINKINFO, &information);
        (RTM_NEWLINK, CREATE_NEW, body)
    }));
    ask((0..count).map(|number| {
        let mut body = link(0, IFF_UP);
        attribute(&mut body, IFLA_IFNAME, format!("peer{number}\0").as_bytes());
        (RTM_NEWLINK, 0, body)
    }));
}

/// Makes routes to networks of 256 addresses from 10.0.0.0 on, through `lo`.
pub fn routes(count: usize) {
    let first = u32::from_be_bytes([10, 0, 0, 0]);
    ask((first..).step_by(256).take(count).map(|destination| {
        // struct rtmsg: AF_INET, /24, table main, protocol static, scope link, unicast.
        let mut body = vec![2, 24, 0, 0, 254, 4, 253, 1, 0, 0, 0, 0];
        attribute(&mut body, RTA_DST, &destination.to_be_bytes());
        attribute(&mut body, RTA_OIF, &LOOPBACK.to_ne_bytes());
        (RTM_NEWROUTE, CREATE_NEW, body)
    }));
}

/// `struct ifinfomsg` of an interface, 0 for one that is new or named by an attribute, with flags to set.
fn link(index: u32, flags: u32) -> Vec<u8> {
    let mut body = vec![0; 4];
    body.extend(index.to_ne_bytes());
    // The flags, and which of them to change.
    body.extend(flags.to_ne_bytes());
    body.extend(flags.to_ne_bytes());
    body
}

fn attribute(body: &mut Vec<u8>, kind: u16, value: &[u8]) {
    let length = u16::try_from(4 + value.len()).expect("a short attribute");
    body.extend(length.to_ne_bytes());
    body.extend(kind.to_ne_bytes());
    body.extend(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Sends requests (kind, flags, body) and waits until the kernel has answered all. Panics if it refuses one.
fn ask(requests: impl Iterator<Item = (u16, u16, Vec<u8>)>) {
    let netlink = socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )
    .expect("a netlink socket");
    let mut requests = requests.peekable();
    let mut batch = Vec::new();
    let mut held = 0;
    while let Some((kind, flags, body)) = requests.next() {
        held += 1;
        // Errors are always told; success only of the last one.
        let last = held == BATCH || requests.peek().is_none();
        let flags = REQUEST | flags | if last { ACKNOWLEDGE } else { 0 };
        let length = u32::try_from(16 + body.len()).expect("a short request");
        batch.extend(length.to_ne_bytes());
        batch.extend(kind.to_ne_bytes());
        batch.extend(flags.to_ne_bytes());
        // Sequence number and port.
        batch.extend([0; 8]);
        batch.extend(body);
        if last {
            send(netlink.as_raw_fd(), &batch, MsgFlags::empty()).expect("netlink takes requests");
            acknowledged(&netlink);
            batch.clear();
            held = 0;
        }
    }
}

fn acknowledged(netlink: &OwnedFd) {
    let mut answer = [0; 4096];
    let length = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::empty()).expect("an answer");
    // struct nlmsghdr (16 bytes, the kind at 4), then struct nlmsgerr, which begins with the error: 0, or its number negated.
    let answer = answer.get(..length).unwrap_or_default();
    let kind = answer.get(4..6).and_then(|bytes| bytes.first_chunk());
    let error = answer.get(16..20).and_then(|bytes| bytes.first_chunk());
    assert_eq!(
        (
            kind.copied().map(u16::from_ne_bytes),
            error.copied().map(i32::from_ne_bytes)
        ),
        (Some(NLMSG_ERROR), Some(0)),
        "the kernel refuses"
    );
}
