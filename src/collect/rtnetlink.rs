//! Rtnetlink (`NETLINK_ROUTE`, linux/rtnetlink.h): the routes of IPv4's main table, and the IPv4 addresses of interfaces.
//!
//! What a message does not say in a form known here is not guessed: the list counts as incomplete then.

pub mod addresses;
mod changes;
pub mod routes;

use std::net::Ipv4Addr;
use std::ops::ControlFlow;

use nix::sys::socket::SockProtocol;

use crate::sys::netlink::{Message, Netlink};

const AF_INET: u8 = 2;

/// Asks for a list and hands each message of it to `visit`, until it breaks off. Tells whether the list was visited whole.
fn list(
    kind: u16,
    answer: u16,
    request: &[u8],
    mut visit: impl FnMut(&Message<'_>) -> ControlFlow<()>,
) -> bool {
    let Ok(mut netlink) = Netlink::open(SockProtocol::NetlinkRoute, 0) else {
        return false;
    };
    // Without it more is listed than was asked for, on older kernels.
    let _ = netlink.check_strictly();
    let end = netlink.dump(kind, request, |message| match message.kind == answer {
        true => visit(message),
        false => ControlFlow::Break(()),
    });
    matches!(end, Ok(ControlFlow::Continue(_)))
}

fn word(value: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(value.try_into().ok()?))
}

fn ipv4(value: &[u8]) -> Option<Ipv4Addr> {
    Some(<[u8; 4]>::try_from(value).ok()?.into())
}

#[cfg(test)]
mod tests {
    /// An attribute as the kernel has it.
    pub fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(value.len() + 4).unwrap();
        let mut bytes = [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), value].concat();
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }
}
