//! What only the running kernel knows about interfaces: flags, MTU, addresses, hardware, asked by name.

use std::io;
use std::net::Ipv4Addr;

use crate::error::Error;
use crate::proc_root::ProcRoot;
use crate::record::interface::{
    AppleTalkAddress, Details, DeviceMap, EconetAddress, Flags, Hardware, InetAddress, IpxAddress,
    IpxFrame, SlipTimers,
};
use crate::sys::interface_ioctl::{InterfaceAnswer, InterfaceRequest, InterfaceSocket};

/// Families whose sockets answer questions: the family, the type of its sockets, and the file that tells that the kernel has it. In
/// the reference's order, since why the last one failed is what a message says, but for IPv4, which nearly always suffices.
const FAMILIES: [(i32, i32, Option<&str>); 11] = [
    (libc::AF_INET, libc::SOCK_DGRAM, None),
    (libc::AF_UNIX, libc::SOCK_DGRAM, Some("net/unix")),
    (libc::AF_INET6, libc::SOCK_DGRAM, Some("net/if_inet6")),
    (libc::AF_AX25, libc::SOCK_DGRAM, Some("net/ax25")),
    (libc::AF_NETROM, libc::SOCK_SEQPACKET, Some("net/nr")),
    (libc::AF_ROSE, libc::SOCK_DGRAM, Some("net/rose")),
    (libc::AF_IPX, libc::SOCK_DGRAM, Some("net/ipx")),
    (libc::AF_APPLETALK, libc::SOCK_DGRAM, Some("net/appletalk")),
    (libc::AF_ECONET, libc::SOCK_DGRAM, Some("sys/net/econet")),
    (libc::AF_ASH, libc::SOCK_DGRAM, Some("sys/net/ash")),
    (libc::AF_X25, libc::SOCK_SEQPACKET, Some("net/x25")),
];

/// The sockets through which the kernel is asked.
#[derive(Debug)]
pub struct Kernel {
    /// For everything that does not depend on a family.
    any: InterfaceSocket,
    /// The family of `any`.
    family: i32,
    others: Vec<(i32, InterfaceSocket)>,
    /// Why there is no IPv4 socket.
    inet_error: Option<io::Error>,
}

impl Kernel {
    /// Opens the sockets: that of IPv4 if it answers all that is asked, otherwise (`long`, or in want of IPv4) those of all
    /// families.
    ///
    /// # Errors
    /// No family has any.
    pub fn open(root: &ProcRoot, long: bool) -> Result<Self, Error> {
        // Without /proc/net nothing is known, and every family is tried.
        let markers = root.readable("net").is_ok();
        let mut opened = Vec::new();
        let mut inet_error = None;
        let mut last_error = io::Error::from_raw_os_error(libc::EAFNOSUPPORT);
        for (family, kind, marker) in FAMILIES {
            let known = match marker {
                Some(marker) if markers => root.readable(marker),
                _ => Ok(()),
            };
            match known.and_then(|()| InterfaceSocket::open(family, kind)) {
                Ok(socket) => {
                    opened.push((family, socket));
                    if !long {
                        break;
                    }
                }
                Err(error) if family == libc::AF_INET => inet_error = Some(error),
                Err(error) => last_error = error,
            }
        }
        let mut opened = opened.into_iter();
        match opened.next() {
            Some((family, any)) => Ok(Kernel {
                any,
                family,
                others: opened.collect(),
                inet_error,
            }),
            None => Err(Error::NoAddressFamily(last_error)),
        }
    }

    /// Why there is no IPv4 socket, if there is none.
    pub fn inet_error(&self) -> Option<&io::Error> {
        self.inet_error.as_ref()
    }

    /// The names that have an IPv4 address. Any socket can tell.
    ///
    /// # Errors
    /// What `ioctl(2)` said.
    pub fn configured_names(&self) -> io::Result<Vec<Vec<u8>>> {
        self.any.configured_names()
    }

    /// The flags of an interface.
    ///
    /// # Errors
    /// What `ioctl(2)` said; ENODEV if there is no such interface.
    pub fn flags(&self, name: &[u8]) -> io::Result<Flags> {
        let answer = self.any.ask(InterfaceRequest::Flags, name, [0; 24])?;
        let [low, high, ..] = answer;
        Ok(Flags(u16::from_ne_bytes([low, high])))
    }

    /// The MTU of an interface in bytes, 0 if the kernel gives none.
    pub fn mtu(&self, name: &[u8]) -> i32 {
        self.ask(&self.any, InterfaceRequest::Mtu, name)
            .map_or(0, |answer| int(&answer))
    }

    /// The number by which the kernel knows an interface.
    pub fn index(&self, name: &[u8]) -> Option<i32> {
        self.ask(&self.any, InterfaceRequest::Index, name)
            .map(|answer| int(&answer))
    }

    /// Everything the long form adds, but the IPv6 addresses.
    pub fn details(&self, name: &[u8]) -> Details<'static> {
        let hardware = self
            .ask(&self.any, InterfaceRequest::Hardware, name)
            .map(|answer| {
                let [low, high, address @ .., _, _, _, _, _, _, _, _] = answer;
                Hardware {
                    kind: u16::from_ne_bytes([low, high]),
                    address,
                }
            })
            // The type is unknown then; the reference takes what is left of the question before.
            .unwrap_or(Hardware {
                kind: Hardware::UNKNOWN,
                address: [0; 14],
            });
        Details {
            slip: hardware.is_slip().then(|| self.slip_timers(name)),
            hardware: Some(hardware),
            queue_length: self
                .ask(&self.any, InterfaceRequest::QueueLength, name)
                .map(|answer| int(&answer))
                .filter(|&length| length != -1),
            map: self
                .ask(&self.any, InterfaceRequest::Map, name)
                .map(|answer| device_map(&answer))
                .unwrap_or_default(),
            inet: self.inet_address(name),
            inet6: (&[]).into(),
            ipx: self.ipx_addresses(name),
            appletalk: self.appletalk_address(name),
            econet: self.econet_address(name),
        }
    }

    fn socket(&self, family: i32) -> Option<&InterfaceSocket> {
        if family == self.family {
            return Some(&self.any);
        }
        self.others
            .iter()
            .find(|(of, _)| *of == family)
            .map(|(_, socket)| socket)
    }

    fn ask(
        &self,
        socket: &InterfaceSocket,
        request: InterfaceRequest,
        name: &[u8],
    ) -> Option<InterfaceAnswer> {
        socket.ask(request, name, [0; 24]).ok()
    }

    fn slip_timers(&self, name: &[u8]) -> SlipTimers {
        let timer = |request| {
            self.ask(&self.any, request, name)
                .map_or(0, |answer| int(&answer))
        };
        SlipTimers {
            outfill: timer(InterfaceRequest::Outfill),
            keepalive: timer(InterfaceRequest::KeepAlive),
        }
    }

    fn inet_address(&self, name: &[u8]) -> Option<InetAddress> {
        let socket = self.socket(libc::AF_INET)?;
        let ask = |request| {
            let answer = self.ask(socket, request, name)?;
            // struct sockaddr_in: family, port, address.
            let [_, _, _, _, a, b, c, d, ..] = answer;
            Some(Ipv4Addr::new(a, b, c, d))
        };
        Some(InetAddress {
            address: ask(InterfaceRequest::Address)?,
            netmask: ask(InterfaceRequest::Netmask),
            broadcast: ask(InterfaceRequest::Broadcast),
            destination: ask(InterfaceRequest::Destination),
        })
    }

    fn ipx_addresses(&self, name: &[u8]) -> Vec<IpxAddress> {
        let Some(socket) = self.socket(libc::AF_IPX) else {
            return Vec::new();
        };
        IpxFrame::ALL
            .into_iter()
            .filter_map(|frame| {
                // struct sockaddr_ipx: family, port, network, node, frame type, a zero. The type is part of the question.
                let mut question = [0; 24];
                if let Some(slot) = question.get_mut(14) {
                    *slot = frame.number();
                }
                let answer = socket.ask(InterfaceRequest::Address, name, question).ok()?;
                let [_, _, _, _, n0, n1, n2, n3, a, b, c, d, e, f, ..] = answer;
                Some(IpxAddress {
                    frame,
                    network: u32::from_be_bytes([n0, n1, n2, n3]),
                    node: [a, b, c, d, e, f],
                })
            })
            .collect()
    }

    fn appletalk_address(&self, name: &[u8]) -> Option<AppleTalkAddress> {
        let socket = self.socket(libc::AF_APPLETALK)?;
        // struct sockaddr_at: family, port, a hole, network, node.
        let [_, _, _, _, high, low, node, ..] =
            self.ask(socket, InterfaceRequest::Address, name)?;
        Some(AppleTalkAddress {
            network: u16::from_be_bytes([high, low]),
            node,
        })
    }

    fn econet_address(&self, name: &[u8]) -> Option<EconetAddress> {
        let socket = self.socket(libc::AF_ECONET)?;
        // struct sockaddr_ec: family, port, control, type, station, network.
        let [_, _, _, _, _, station, network, ..] =
            self.ask(socket, InterfaceRequest::Address, name)?;
        Some(EconetAddress { network, station })
    }
}

/// The int at the start of an answer.
fn int(answer: &InterfaceAnswer) -> i32 {
    let [a, b, c, d, ..] = *answer;
    i32::from_ne_bytes([a, b, c, d])
}

/// A `struct ifmap`: two unsigned longs, an unsigned short, three unsigned chars.
fn device_map(answer: &InterfaceAnswer) -> DeviceMap {
    const LONG: usize = size_of::<libc::c_ulong>();
    let (start, rest) = answer.split_at(LONG);
    let (end, rest) = rest.split_at(LONG);
    let [low, high, irq, dma, port, ..] = *rest else {
        return DeviceMap::default();
    };
    let long = |bytes: &[u8]| {
        let mut word = [0u8; 8];
        if cfg!(target_endian = "little") {
            word.iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from);
        } else {
            let by = bytes.iter().rev();
            word.iter_mut()
                .rev()
                .zip(by)
                .for_each(|(to, from)| *to = *from);
        }
        u64::from_ne_bytes(word)
    };
    DeviceMap {
        memory_start: long(start),
        memory_end: long(end),
        base_address: u16::from_ne_bytes([low, high]),
        irq,
        dma,
        port,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn device_maps_are_taken_apart() {
        let mut answer = [0; 24];
        answer[..8].copy_from_slice(&0xfebc_0000u64.to_ne_bytes());
        answer[8..16].copy_from_slice(&0xfebe_0000u64.to_ne_bytes());
        answer[16..18].copy_from_slice(&0xd000u16.to_ne_bytes());
        answer[18..21].copy_from_slice(&[11, 3, 6]);
        assert_eq!(
            device_map(&answer),
            DeviceMap {
                memory_start: 0xfebc_0000,
                memory_end: 0xfebe_0000,
                base_address: 0xd000,
                irq: 11,
                dma: 3,
                port: 6
            }
        );
    }

    #[test]
    fn loopback_answers() {
        let kernel = Kernel::open(&ProcRoot::default(), true).unwrap();
        assert!(kernel.flags(b"lo").unwrap().contains(Flags::LOOPBACK));
        assert!(kernel.mtu(b"lo") > 0);
        assert_eq!(kernel.details(b"lo").hardware.unwrap().kind, 772);
        let error = kernel.flags(b"no-such-one").unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENODEV));
        assert_eq!(kernel.mtu(b"no-such-one"), 0);
        assert_eq!(kernel.details(b"no-such-one").queue_length, None);
    }
}
