//! What changes while routes are listed.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, SockProtocol};

use super::routes::{self, RTM_DELROUTE, RTM_NEWROUTE};
use crate::sys::netlink::{self, Message, Netlink};

/// The multicast groups that tell of changes to interfaces, IPv4 addresses, IPv4 routes and next hops that are objects: `RTNLGRP_LINK`,
/// `RTNLGRP_IPV4_IFADDR`, `RTNLGRP_IPV4_ROUTE`, `RTNLGRP_NEXTHOP`, each a bit.
const GROUPS: u32 = 1 | 1 << 4 | 1 << 6 | 1 << 31;

/// What changes while routes are listed.
#[derive(Debug)]
pub(super) struct Changes {
    netlink: Netlink,
    /// The addresses of routes that came or went.
    addresses: BTreeSet<Ipv4Addr>,
    /// Any route may have gone: with its interface, address or next hop, of which each route is not told; or there was too much to tell.
    any: bool,
}

impl Changes {
    /// From now on.
    ///
    /// # Errors
    /// As for [`Netlink::open`].
    pub(super) fn watch() -> Result<Self, netlink::Error> {
        Ok(Changes {
            netlink: Netlink::open(SockProtocol::NetlinkRoute, GROUPS)?,
            addresses: BTreeSet::new(),
            any: false,
        })
    }

    /// Whether routes of these addresses may have changed since the beginning.
    pub(super) fn concern(&mut self, addresses: RangeInclusive<Ipv4Addr>) -> bool {
        let all_told = loop {
            match self.netlink.receive(MsgFlags::MSG_DONTWAIT) {
                Ok(messages) => {
                    for message in messages {
                        match message.ok().as_ref().and_then(changed_route) {
                            Some(address) => drop(self.addresses.insert(address)),
                            None => self.any = true,
                        }
                    }
                }
                Err(error) => break error == netlink::Error::System(Errno::EAGAIN),
            }
        };
        self.any |= !all_told;
        self.any || self.addresses.range(addresses).next().is_some()
    }
}

/// The address of a route that came or went; `None` if the message tells of something else.
fn changed_route(message: &Message<'_>) -> Option<Ipv4Addr> {
    matches!(message.kind, RTM_NEWROUTE | RTM_DELROUTE)
        .then(|| routes::parse(message.body))
        .flatten()
        .map(|route| route.destination)
}
