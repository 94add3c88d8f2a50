//! What the tables of sockets and of routes have in common.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

/// What fits the `long` that C reads an `int` as: machines of 32 bits saturate beyond.
pub fn int() -> impl Strategy<Value = u32> {
    0..=u32::try_from(isize::MAX).unwrap_or(u32::MAX)
}

/// What fits an `unsigned long`.
pub fn long() -> impl Strategy<Value = u64> {
    any::<usize>().prop_map(|number| u64::try_from(number).unwrap())
}

pub fn ipv4() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        Just(Ipv4Addr::UNSPECIFIED),
        Just(Ipv4Addr::LOCALHOST),
        any::<u32>().prop_map(Ipv4Addr::from),
    ]
}

pub fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    prop_oneof![
        Just(Ipv6Addr::UNSPECIFIED),
        Just(Ipv6Addr::LOCALHOST),
        ipv4().prop_map(|mapped| mapped.to_ipv6_mapped()),
        any::<u128>().prop_map(Ipv6Addr::from),
    ]
}

/// What the kernel takes for the name of an interface, without bytes that are not printable.
pub fn interface() -> impl Strategy<Value = String> {
    "[!-.0-9;-~]{1,15}"
}

/// 32 digits in network order, as `%pi6` has them.
pub fn pi6(address: Ipv6Addr) -> String {
    format!("{:032x}", u128::from(address))
}

/// Words in host byte order.
pub fn socket_address(address: IpAddr) -> String {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets
        .chunks(4)
        .map(|word| format!("{:08X}", u32::from_ne_bytes(word.try_into().unwrap())))
        .collect()
}
