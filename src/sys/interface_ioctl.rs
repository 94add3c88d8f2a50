//! Questions about interfaces that only a socket's `ioctl(2)` answers (`netdevice(7)`).

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use libc::{c_char, c_int};

/// What can be asked about an interface by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterfaceRequest {
    /// `SIOCGIFFLAGS`: a short.
    Flags,
    /// `SIOCGIFMTU`: an int.
    Mtu,
    /// `SIOCGIFINDEX`: an int.
    Index,
    /// `SIOCGIFTXQLEN`: an int.
    QueueLength,
    /// `SIOCGIFHWADDR`: a `sockaddr` whose family is the hardware type.
    Hardware,
    /// `SIOCGIFMAP`: a `struct ifmap`.
    Map,
    /// `SIOCGIFADDR`: a `sockaddr` of the socket's family.
    Address,
    /// `SIOCGIFNETMASK`: likewise.
    Netmask,
    /// `SIOCGIFBRDADDR`: likewise.
    Broadcast,
    /// `SIOCGIFDSTADDR`: likewise.
    Destination,
    /// SLIP's `SIOCGKEEPALIVE`: an unsigned long.
    KeepAlive,
    /// SLIP's `SIOCGOUTFILL`: an unsigned long.
    Outfill,
}

impl InterfaceRequest {
    fn code(self) -> libc::c_ulong {
        match self {
            InterfaceRequest::Flags => libc::SIOCGIFFLAGS,
            InterfaceRequest::Mtu => libc::SIOCGIFMTU,
            InterfaceRequest::Index => libc::SIOCGIFINDEX,
            InterfaceRequest::QueueLength => libc::SIOCGIFTXQLEN,
            InterfaceRequest::Hardware => libc::SIOCGIFHWADDR,
            InterfaceRequest::Map => libc::SIOCGIFMAP,
            InterfaceRequest::Address => libc::SIOCGIFADDR,
            InterfaceRequest::Netmask => libc::SIOCGIFNETMASK,
            InterfaceRequest::Broadcast => libc::SIOCGIFBRDADDR,
            InterfaceRequest::Destination => libc::SIOCGIFDSTADDR,
            // The kernel's linux/if_slip.h counts from SIOCDEVPRIVATE.
            InterfaceRequest::KeepAlive => 0x89F1,
            InterfaceRequest::Outfill => 0x89F3,
        }
    }
}

/// What the kernel wrote behind the interface's name: the union of `struct ifreq`, whose largest member (`struct ifmap`) has 24
/// bytes. Numbers in it are in host byte order unless they are addresses.
pub type InterfaceAnswer = [u8; 24];

/// A socket of any family, to ask the kernel about interfaces with.
#[derive(Debug)]
pub struct InterfaceSocket(OwnedFd);

impl InterfaceSocket {
    /// Opens a socket of an address family and a type (`SOCK_DGRAM`, say).
    ///
    /// # Errors
    /// What `socket(2)` said, which tells whether the kernel has the family.
    pub fn open(family: c_int, kind: c_int) -> io::Result<Self> {
        // SAFETY: socket takes numbers only.
        let fd = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just opened and nobody else owns it.
        Ok(InterfaceSocket(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Asks about the interface `name`, of which at most 15 bytes count. `answer` goes in too: some families want a detail there.
    ///
    /// # Errors
    /// What `ioctl(2)` said.
    pub fn ask(
        &self,
        request: InterfaceRequest,
        name: &[u8],
        answer: InterfaceAnswer,
    ) -> io::Result<InterfaceAnswer> {
        #[repr(C, align(8))]
        struct Request {
            name: [u8; libc::IFNAMSIZ],
            answer: InterfaceAnswer,
        }
        const { assert!(size_of::<Request>() >= size_of::<libc::ifreq>()) };
        let mut block = Request {
            name: [0; libc::IFNAMSIZ],
            answer,
        };
        for (slot, &byte) in block.name.iter_mut().zip(name.iter().take(15)) {
            *slot = byte;
        }
        // SAFETY: every request of InterfaceRequest reads and writes one struct ifreq, which is not larger than `block`, and
        // follows no pointer in it. The two of SLIP mean something else to other drivers, to which `block` holds a null pointer.
        let status = unsafe {
            libc::ioctl(
                self.0.as_raw_fd(),
                request.code() as libc::Ioctl,
                &raw mut block,
            )
        };
        if status < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(block.answer)
    }

    /// The names that have an IPv4 address, alias labels among them, in the kernel's order (`SIOCGIFCONF`).
    ///
    /// # Errors
    /// What `ioctl(2)` said.
    pub fn configured_names(&self) -> io::Result<Vec<Vec<u8>>> {
        const ENTRY: usize = size_of::<libc::ifreq>();
        let mut buffer = vec![0u8; 64 * ENTRY];
        let length = loop {
            let mut block = libc::ifconf {
                ifc_len: c_int::try_from(buffer.len()).unwrap_or(c_int::MAX),
                ifc_ifcu: libc::__c_anonymous_ifc_ifcu {
                    ifcu_buf: buffer.as_mut_ptr().cast::<c_char>(),
                },
            };
            // SAFETY: `block` points to `buffer` and tells its length; the kernel writes whole entries into it.
            let status = unsafe {
                libc::ioctl(
                    self.0.as_raw_fd(),
                    libc::SIOCGIFCONF as libc::Ioctl,
                    &raw mut block,
                )
            };
            if status < 0 {
                return Err(io::Error::last_os_error());
            }
            let length = usize::try_from(block.ifc_len).unwrap_or(0);
            // A list that fills the buffer may have been cut.
            if length < buffer.len() || buffer.len() >= 1 << 30 {
                break length;
            }
            buffer.resize(buffer.len() * 2, 0);
        };
        Ok(buffer
            .get(..length)
            .unwrap_or_default()
            .chunks_exact(ENTRY)
            .map(|entry| {
                entry
                    .iter()
                    .take(libc::IFNAMSIZ)
                    .take_while(|&&byte| byte != 0)
                    .copied()
                    .collect()
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "no model of sockets' ioctls")]
    fn interfaces_answer_or_refuse() {
        let socket = InterfaceSocket::open(libc::AF_INET, libc::SOCK_DGRAM).unwrap();
        let long = [b'x'; 300];
        for name in [&b"lo"[..], b"", b"no-such", &long, b"a\0b"] {
            for request in [
                InterfaceRequest::Flags,
                InterfaceRequest::Mtu,
                InterfaceRequest::Index,
                InterfaceRequest::QueueLength,
                InterfaceRequest::Hardware,
                InterfaceRequest::Map,
                InterfaceRequest::Address,
                InterfaceRequest::Netmask,
                InterfaceRequest::Broadcast,
                InterfaceRequest::Destination,
            ] {
                let answer = socket.ask(request, name, [0xff; 24]);
                if name != b"lo" {
                    assert!(answer.is_err(), "{name:?} {request:?}");
                }
            }
        }
        assert!(socket.ask(InterfaceRequest::Flags, b"lo", [0; 24]).is_ok());
        let names = socket.configured_names().unwrap();
        assert!(names.iter().all(|name| (1..=15).contains(&name.len())));
        assert!(InterfaceSocket::open(-1, 0).is_err());
    }
}
