//! `--port`, `--state`, `--pid` and `--address`: which sockets they keep, and the [`Sink`] that lets no others through.
//!
//! A filter only takes rows away: what `-a` or `-l` would have to add stays away. A socket must pass all filters; one that lacks
//! what a filter asks for (a unix socket has no port) does not pass.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;

use crate::cli::{AddressFilter, Extensions};
use crate::collect::inet::Protocol;
use crate::error::Error;
use crate::netns::Namespace;
use crate::record::{Record, Sink, Table};
use crate::sys::Service;

/// What the filters ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Ports in host byte order, any of which at any end will do.
    ports: Option<Vec<u16>>,
    /// Names of states in capitals, any of which will do.
    states: Option<Vec<Vec<u8>>>,
    /// The process that holds the socket, perhaps with others.
    pub pid: Option<u32>,
    /// A range that one of the socket's addresses is in.
    address: Option<AddressFilter>,
}

impl Filter {
    /// What was typed. Names of ports are looked for in the services database, which `services` reads.
    ///
    /// # Errors
    /// [`Error::Extension`]: no service has such a name.
    pub fn new(
        extensions: &Extensions,
        services: impl FnOnce() -> Vec<Service>,
    ) -> Result<Self, Error> {
        let states = &extensions.states;
        Ok(Filter {
            ports: ports(extensions, services)?,
            states: (!states.is_empty()).then(|| {
                states
                    .iter()
                    .map(|state| state.as_bytes().to_vec())
                    .collect()
            }),
            pid: extensions.pids,
            address: extensions.address,
        })
    }

    /// Whether every socket passes.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    fn keeps_port(&self, ports: &[u32]) -> bool {
        self.ports.as_ref().is_none_or(|wanted| {
            // The low 16 bits are what shows.
            ports.iter().any(|port| {
                wanted
                    .iter()
                    .any(|&wanted| port & 0xffff == u32::from(wanted))
            })
        })
    }

    fn keeps_state(&self, state: Option<&str>) -> bool {
        self.states.as_ref().is_none_or(|wanted| {
            state.is_some_and(|state| wanted.iter().any(|wanted| wanted == state.as_bytes()))
        })
    }

    fn keeps_address(&self, addresses: &[&[IpAddr]]) -> bool {
        self.address.is_none_or(|range| {
            let mut addresses = addresses.iter().copied().flatten();
            addresses.any(|&address| contains(range, address))
        })
    }
}

/// The numbers of ports, `None` if all will do. A name stands for all numbers that any service of that name or alias has.
fn ports(
    extensions: &Extensions,
    services: impl FnOnce() -> Vec<Service>,
) -> Result<Option<Vec<u16>>, Error> {
    let words = &extensions.ports;
    if words.is_empty() {
        return Ok(None);
    }
    let number = |word: &OsStr| word.to_str()?.parse::<u16>().ok();
    let services = if words.iter().all(|word| number(word).is_some()) {
        Vec::new()
    } else {
        services()
    };
    let mut ports = Vec::new();
    for word in words {
        if let Some(number) = number(word) {
            ports.push(number);
            continue;
        }
        let before = ports.len();
        let name = word.as_bytes();
        let named = services.iter().filter(|service| {
            service.name == name || service.aliases.iter().any(|alias| alias == name)
        });
        ports.extend(named.map(|service| service.port));
        if ports.len() == before {
            return Err(Error::Extension(format!(
                "option '--port': there is no service '{}'",
                word.display()
            )));
        }
    }
    ports.sort_unstable();
    ports.dedup();
    Ok(Some(ports))
}

/// Whether an address is in a range. IPv4 addresses are the same as those mapped to IPv6, on both sides.
fn contains(range: AddressFilter, address: IpAddr) -> bool {
    let AddressFilter {
        address: network,
        prefix_length,
    } = range;
    let within = |network: IpAddr, length: u8, address: IpAddr| match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= length.into()
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differing = network.to_bits() ^ address.to_bits();
            differing.leading_zeros() >= length.into()
        }
        _ => false,
    };
    // ::ffff:0:0/96 holds the IPv4 addresses.
    let canonical = match (network.to_canonical(), prefix_length.checked_sub(96)) {
        (IpAddr::V4(network), Some(length)) => (IpAddr::V4(network), length),
        _ => (network, prefix_length),
    };
    within(network, prefix_length, address)
        || within(canonical.0, canonical.1, address.to_canonical())
}

/// Lets the records through that a filter keeps, and all else.
pub struct FilterSink<'a> {
    /// What is asked for.
    pub filter: &'a Filter,
    /// The inodes of the sockets of the process that is asked for.
    pub owned: Option<HashSet<u64>>,
    /// Where they go.
    pub sink: &'a mut dyn Sink,
}

impl FilterSink<'_> {
    fn keeps_inode(&self, inode: Option<u64>) -> bool {
        self.owned
            .as_ref()
            .is_none_or(|owned| inode.is_some_and(|inode| owned.contains(&inode)))
    }

    fn keeps(&self, record: &Record<'_>) -> bool {
        let filter = self.filter;
        // Sockets with neither ports nor inodes nor IP addresses.
        let has_only = |state| {
            filter.keeps_port(&[])
                && filter.keeps_state(Some(state))
                && self.keeps_inode(None)
                && filter.keeps_address(&[])
        };
        match record {
            Record::Inet(socket) => {
                let ports = [socket.local.port, socket.remote.port];
                // The numbers of raw sockets are those of protocols.
                let ports: &[u32] = if socket.protocol == Protocol::Raw {
                    &[]
                } else {
                    &ports
                };
                filter.keeps_port(ports)
                    && filter.keeps_state(socket.state_name())
                    && self.keeps_inode(Some(socket.inode))
                    && filter.keeps_address(&[&[socket.local.address, socket.remote.address]])
            }
            Record::SctpEndpoint(endpoint) => {
                filter.keeps_port(&[endpoint.port.cast_unsigned()])
                    && filter.keeps_state(endpoint.state.name())
                    && self.keeps_inode(Some(endpoint.inode))
                    && filter.keeps_address(&[&endpoint.addresses])
            }
            Record::SctpAssociation(association) => {
                let ports = [association.local_port, association.remote_port];
                filter.keeps_port(&ports.map(i32::cast_unsigned))
                    && filter.keeps_state(association.state.name())
                    && self.keeps_inode(Some(association.inode))
                    && filter.keeps_address(&[&association.local, &association.remote])
            }
            Record::Unix(socket) => {
                filter.keeps_port(&[])
                    && filter.keeps_state(Some(socket.state_name()))
                    && self.keeps_inode(socket.has_inode.then_some(socket.inode))
                    && filter.keeps_address(&[])
            }
            Record::Ipx(socket) => has_only(socket.state_name()),
            Record::Ax25(socket) => has_only(socket.state_name()),
            Record::X25(socket) => has_only(socket.state_name()),
            Record::Netrom(socket) => has_only(socket.state_name()),
            Record::Rose(socket) => has_only(socket.state_name()),
            // Complaints; and what no filter can be asked for.
            Record::Interface(_)
            | Record::Statistic(_)
            | Record::NoStatistics(_)
            | Record::Group(_)
            | Record::Unreadable(_)
            | Record::Route(_)
            | Record::CachedRoute(_)
            | Record::Ipv6Route(_)
            | Record::Neighbour(_)
            | Record::LegacyRoute(_)
            | Record::Masqueraded(_)
            | Record::Complaint(_) => true,
        }
    }
}

impl Sink for FilterSink<'_> {
    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.sink.begin(table)
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.sink.begin_namespace(namespace)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if self.keeps(record) {
            self.sink.record(record)
        } else {
            Ok(())
        }
    }

    fn before_message(&mut self) -> Result<(), Error> {
        self.sink.before_message()
    }

    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.sink.end_pass()
    }
}
