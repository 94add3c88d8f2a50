//! IPv4 addresses of interfaces: `RTM_GETADDR`.

use std::net::Ipv4Addr;
use std::ops::ControlFlow;

use super::{AF_INET, ipv4};
use crate::sys::netlink;

/// Types of messages.
const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;

/// Attributes of an address.
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
const IFA_BROADCAST: u16 = 4;

/// An IPv4 address of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressEntry<'m> {
    /// The index of the interface.
    pub interface: u32,
    /// Length of the prefix in bits.
    pub prefix_length: u8,
    /// This end.
    pub address: Ipv4Addr,
    /// The other end; the same address if there is none.
    pub peer: Ipv4Addr,
    /// The broadcast address.
    pub broadcast: Option<Ipv4Addr>,
    /// The name of the interface, or of an alias of it.
    pub label: &'m [u8],
}

/// Visits the IPv4 addresses in the kernel's order: interface by interface. Tells whether these were all.
pub fn list(mut visit: impl FnMut(&AddressEntry<'_>)) -> bool {
    // struct ifaddrmsg: of all interfaces.
    let request = [AF_INET, 0, 0, 0, 0, 0, 0, 0];
    super::list(RTM_GETADDR, RTM_NEWADDR, &request, |message| {
        match parse(message.body) {
            Some(address) => {
                visit(&address);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    })
}

/// Parses a `struct ifaddrmsg` and its attributes; `None` if that is no whole IPv4 address.
#[doc(hidden)] // for tests
pub fn parse(body: &[u8]) -> Option<AddressEntry<'_>> {
    let (header, attributes) = body.split_first_chunk::<8>()?;
    let &[family, prefix_length, _, _, a, b, c, d] = header;
    let (mut local, mut peer, mut broadcast, mut label) = (None, None, None, &[][..]);
    for attribute in netlink::attributes(attributes) {
        let (kind, value) = attribute.ok()?;
        match kind {
            IFA_LOCAL => local = Some(ipv4(value)?),
            IFA_ADDRESS => peer = Some(ipv4(value)?),
            IFA_BROADCAST => broadcast = Some(ipv4(value)?),
            IFA_LABEL => label = value.strip_suffix(b"\0").unwrap_or(value),
            _ => {}
        }
    }
    let address = local?;
    (family == AF_INET).then_some(AddressEntry {
        interface: u32::from_ne_bytes([a, b, c, d]),
        prefix_length,
        address,
        peer: peer.unwrap_or(address),
        broadcast,
        label,
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::attribute;
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let header = [2, 24, 0, 0, 7, 0, 0, 0];
        let attributes = [
            attribute(IFA_ADDRESS, &[10, 9, 0, 2]),
            attribute(IFA_LOCAL, &[10, 9, 0, 1]),
            attribute(IFA_BROADCAST, &[10, 9, 0, 255]),
            attribute(IFA_LABEL, b"eth0:1\0"),
        ];
        let body = |attributes: &[Vec<u8>]| [&header[..], &attributes.concat()].concat();
        let all = body(&attributes);
        let address = parse(&all).unwrap();
        assert_eq!(address.interface, u32::from_ne_bytes([7, 0, 0, 0]));
        assert_eq!((address.prefix_length, address.label), (24, &b"eth0:1"[..]));
        assert_eq!(address.address, Ipv4Addr::new(10, 9, 0, 1));
        assert_eq!(address.peer, Ipv4Addr::new(10, 9, 0, 2));
        assert_eq!(address.broadcast, Some(Ipv4Addr::new(10, 9, 0, 255)));
        let alone = body(&attributes[1..2]);
        let alone = parse(&alone).unwrap();
        assert_eq!((alone.peer, alone.broadcast), (alone.address, None));
        assert_eq!(parse(&body(&attributes[..1])), None);
        for length in 0..all.len() {
            let cut = parse(&all[..length]);
            assert!(cut.is_none_or(|cut| cut.address == address.address));
        }
    }
}
