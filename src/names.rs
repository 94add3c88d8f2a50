//! Names of hosts, networks, services and users, as the system's name service knows them.
//!
//! The resolver answers "which name, if any"; what stands in a column when there is none (a dotted quad, `*`, `default`, a
//! number) is the layout's business. Answers are cached: IPv4 names and service lists for the whole run, IPv6 and user names
//! for a pass, as in the reference.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::sys;

/// Names longer than this are cut (IPv4) or not used (IPv6), as in the reference.
pub const LONGEST_HOST: usize = 127;

/// More cached addresses than this are forgotten and looked up again, so that no run grows without bound.
const MOST_CACHED: usize = 1 << 16;

/// Which service list names a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceList {
    /// Services over tcp.
    Tcp,
    /// Services over udp; UDP-Lite uses them too.
    Udp,
    /// Protocol numbers, for raw sockets.
    Raw,
}

/// Looks names up and remembers them.
#[derive(Debug, Default)]
pub struct NameResolver {
    hosts: HashMap<Ipv4Addr, Option<Vec<u8>>>,
    networks: HashMap<Ipv4Addr, Option<Vec<u8>>>,
    hosts6: HashMap<Ipv6Addr, Option<Vec<u8>>>,
    users: HashMap<u32, Option<Vec<u8>>>,
    services: Option<Services>,
}

#[derive(Debug, Default)]
struct Services {
    tcp: HashMap<u16, Vec<u8>>,
    udp: HashMap<u16, Vec<u8>>,
    raw: HashMap<u16, Vec<u8>>,
}

impl NameResolver {
    /// A resolver that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what the reference asks anew in each pass.
    pub fn begin_pass(&mut self) {
        self.hosts6.clear();
        self.users.clear();
    }

    /// The name of a host.
    pub fn host(&mut self, address: IpAddr) -> Option<&[u8]> {
        match address {
            IpAddr::V4(address) => cached(&mut self.hosts, address, || {
                let mut name = sys::host_name(IpAddr::V4(address))?;
                name.truncate(LONGEST_HOST);
                Some(name)
            }),
            IpAddr::V6(address) => cached(&mut self.hosts6, address, || {
                sys::host_name(IpAddr::V6(address)).filter(|name| name.len() <= LONGEST_HOST)
            }),
        }
    }

    /// The name of an IPv4 network.
    pub fn network(&mut self, network: Ipv4Addr) -> Option<&[u8]> {
        cached(&mut self.networks, network, || {
            let mut name = sys::network_name(network)?;
            name.truncate(LONGEST_HOST);
            Some(name)
        })
    }

    /// The name of an address of which it is not known whether it is a host or a network.
    ///
    /// The reference means to look at the host bits under a class C mask but forgets the byte order, so on little-endian
    /// machines the *first* octet decides: 0.x.y.z is a network, everything else a host.
    pub fn host_or_network(&mut self, address: Ipv4Addr) -> Option<&[u8]> {
        let [first, _, _, last] = address.octets();
        let host_bits = if cfg!(target_endian = "little") {
            first
        } else {
            last
        };
        if host_bits == 0 {
            self.network(address)
        } else {
            self.host(IpAddr::V4(address))
        }
    }

    /// The name of a user.
    pub fn user(&mut self, uid: u32) -> Option<&[u8]> {
        cached(&mut self.users, uid, || sys::user_name(uid))
    }

    /// The name of a port, or of a protocol number in the list of raw sockets.
    pub fn service(&mut self, list: ServiceList, port: u16) -> Option<&[u8]> {
        let services = self.services.get_or_insert_with(Services::read);
        let list = match list {
            ServiceList::Tcp => &services.tcp,
            ServiceList::Udp => &services.udp,
            ServiceList::Raw => &services.raw,
        };
        list.get(&port).map(Vec::as_slice)
    }
}

impl Services {
    /// Reads both databases. The last entry with a number wins, and protocols beat services over "raw".
    fn read() -> Self {
        let mut lists = Services::default();
        for service in sys::services() {
            let list = match service.protocol.as_slice() {
                b"tcp" => &mut lists.tcp,
                b"udp" => &mut lists.udp,
                b"raw" => &mut lists.raw,
                _ => continue,
            };
            list.insert(service.port, service.name);
        }
        for (name, number) in sys::protocols() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "numbers count modulo 65536"
            )]
            lists.raw.insert(number as u16, name);
        }
        lists
    }
}

fn cached<K: std::hash::Hash + Eq>(
    cache: &mut HashMap<K, Option<Vec<u8>>>,
    key: K,
    look_up: impl FnOnce() -> Option<Vec<u8>>,
) -> Option<&[u8]> {
    if cache.len() >= MOST_CACHED && !cache.contains_key(&key) {
        cache.clear();
    }
    cache.entry(key).or_insert_with(look_up).as_deref()
}
