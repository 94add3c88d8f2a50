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

/// Whether an address is in a range. What is mapped to IPv6 is an IPv4 address, as it is where it is printed, on both sides.
fn contains(range: AddressFilter, address: IpAddr) -> bool {
    let AddressFilter {
        address: network,
        prefix_length,
    } = range;
    let (network, prefix_length) = match (network, prefix_length.checked_sub(96)) {
        (IpAddr::V6(_), Some(length)) if network.to_canonical().is_ipv4() => {
            (network.to_canonical(), length)
        }
        _ => (network, prefix_length),
    };
    let equal_bits = match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros()
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros()
        }
        _ => return false,
    };
    equal_bits >= prefix_length.into()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::inet;
    use crate::collect::legacy::ax25::Ax25Socket;
    use crate::collect::legacy::ipx::{IpxEndpoint, IpxSocket};
    use crate::collect::sctp::{SctpAssociation, SctpEndpoint, SctpState};
    use crate::collect::unix::UnixSocket;
    use crate::record::owner::Owners;

    /// Counts what comes through.
    #[derive(Default)]
    struct Counter(u32);

    impl Sink for Counter {
        fn begin(&mut self, _: Table) -> Result<(), Error> {
            Ok(())
        }

        fn begin_namespace(&mut self, _: &Namespace) -> Result<(), Error> {
            Ok(())
        }

        fn record(&mut self, _: &Record<'_>) -> Result<(), Error> {
            self.0 += 1;
            Ok(())
        }

        fn before_message(&mut self) -> Result<(), Error> {
            Ok(())
        }

        fn begin_pass(&mut self) -> Result<(), Error> {
            Ok(())
        }

        fn end_pass(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    fn no_services() -> Vec<Service> {
        panic!("the services database is read for numbers")
    }

    fn typed(option: &str, value: &str) -> Extensions {
        let words = ["netstat".into(), format!("--{option}={value}").into()];
        match crate::cli::parse(&words, false, || false).command {
            crate::cli::Command::Run(args) => args.extensions,
            other => panic!("{other:?}"),
        }
    }

    /// Whether a record comes through; a process has the inodes 5 and 7.
    fn keeps(option: &str, value: &str, record: &Record<'_>) -> bool {
        let filter = Filter::new(&typed(option, value), no_services).unwrap();
        let owned = filter.pid.map(|_| HashSet::from([5, 7]));
        let mut counter = Counter::default();
        let mut sink = FilterSink {
            filter: &filter,
            owned,
            sink: &mut counter,
        };
        sink.record(record).unwrap();
        counter.0 == 1
    }

    fn assert_kept(record: &Record<'_>, kept: &[(&str, &str)], dropped: &[(&str, &str)]) {
        for (option, value) in kept {
            assert!(keeps(option, value, record), "--{option} {value}");
        }
        for (option, value) in dropped {
            assert!(!keeps(option, value, record), "--{option} {value}");
        }
    }

    #[test]
    fn internet_sockets_have_everything() {
        let line =
            b"0: 0100007F:0016 0200000A:9C40 01 00000000:00000000 00:00000000 00000000 0 0 5";
        let socket = inet::parse(line, Protocol::Tcp, inet::Family::Inet).unwrap();
        assert_kept(
            &Record::Inet(&socket),
            &[
                ("port", "22"),
                ("port", "1,40000"),
                ("state", "established"),
                ("state", "LISTEN,Established"),
                ("pid", "1"),
                ("address", "127.0.0.0/8"),
                ("address", "10.0.0.2"),
                ("address", "::ffff:10.0.0.3/127"),
                ("address", "0.0.0.0/0"),
            ],
            &[
                ("port", "23,0"),
                ("state", "LISTEN"),
                ("address", "10.0.0.3"),
                ("address", "::/0"),
                ("address", "::ffff:10.0.0.3"),
            ],
        );
        let other = inet::InetSocket { inode: 6, ..socket };
        assert!(!keeps("pid", "1", &Record::Inet(&other)));
    }

    /// What a raw socket shows in the place of ports and state are numbers of other things.
    #[test]
    fn raw_sockets_have_neither_ports_nor_states() {
        let line =
            b"1: 00000000:0001 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5";
        let socket = inet::parse(line, Protocol::Raw, inet::Family::Inet).unwrap();
        assert_kept(
            &Record::Inet(&socket),
            &[("pid", "1"), ("address", "0.0.0.0")],
            &[("port", "0,1,7"), ("state", "CLOSE,UNKNOWN")],
        );
    }

    #[test]
    fn every_address_of_an_association_counts() {
        let addresses = |texts: [&str; 2]| texts.map(|text| text.parse().unwrap()).to_vec();
        let association = SctpAssociation {
            state: SctpState(1),
            recv_queue: 0,
            send_queue: 0,
            local_port: 36412,
            local: addresses(["10.0.0.1", "2001:db8::1"]),
            remote_port: 0x1_0050,
            remote: addresses(["10.0.0.2", "2001:db8::2"]),
            uid: 0,
            inode: 7,
            owners: Owners::default(),
        };
        assert_kept(
            &Record::SctpAssociation(&association),
            &[
                ("port", "36412"),
                ("port", "80"),
                ("state", "ESTABLISHED"),
                ("pid", "1"),
                ("address", "2001:db8::2"),
                ("address", "10.0.0.1"),
            ],
            &[("port", "81"), ("state", "LISTEN"), ("address", "::1")],
        );
        let endpoint = SctpEndpoint {
            state: SctpState(99),
            port: 36412,
            addresses: addresses(["10.0.0.1", "2001:db8::1"]),
            uid: 0,
            inode: 8,
            owners: Owners::default(),
        };
        assert_kept(
            &Record::SctpEndpoint(&endpoint),
            &[("port", "36412"), ("address", "2001:db8::1")],
            &[("port", "0"), ("state", "UNKNOWN"), ("pid", "1")],
        );
    }

    #[test]
    fn unix_sockets_have_states_and_owners() {
        let mut socket = UnixSocket {
            references: 2,
            protocol: 0,
            flags: UnixSocket::ACCEPTING,
            kind: 1,
            state: 1,
            has_inode: true,
            inode: 7,
            path: b"/run/x",
            owners: Owners::default(),
        };
        assert_kept(
            &Record::Unix(&socket),
            &[("state", "listening"), ("pid", "1")],
            &[("state", "LISTEN"), ("port", "0"), ("address", "::/0")],
        );
        // What old kernels have in that place is no inode.
        socket.has_inode = false;
        assert!(!keeps("pid", "1", &Record::Unix(&socket)));
    }

    #[test]
    fn old_families_have_states() {
        let socket = IpxSocket {
            local: IpxEndpoint {
                network: None,
                node: [0; 6],
                port: 80,
            },
            remote: None,
            send_queue: 0,
            recv_queue: 0,
            state: 1,
            uid: 0,
        };
        let others = [("pid", "1"), ("port", "80"), ("address", "0.0.0.0/0")];
        let record = Record::Ipx(&socket);
        assert_kept(&record, &[("state", "estab")], &[("state", "established")]);
        assert_kept(&record, &[], &others);
        let socket = Ax25Socket {
            dest: b"*",
            source: b"CALL",
            device: b"ax0",
            state: 1,
            send_sequence: 0,
            recv_sequence: 0,
            send_queue: 0,
            recv_queue: 0,
        };
        let record = Record::Ax25(&socket);
        assert_kept(
            &record,
            &[("state", "sabm sent")],
            &[("state", "SABM_SENT")],
        );
        assert_kept(&record, &[], &others);
    }

    #[test]
    fn names_of_ports_stand_for_all_their_numbers() {
        let service = |name: &str, aliases: &[&str], port| Service {
            name: name.into(),
            aliases: aliases.iter().map(|&alias| alias.into()).collect(),
            port,
            protocol: b"tcp".to_vec(),
        };
        let services = || {
            vec![
                service("http", &["www"], 80),
                service("http", &[], 8080),
                service("proxy", &["http", "www-proxy"], 3128),
            ]
        };
        let ports = |value: &str| {
            let filter = Filter::new(&typed("port", value), services)?;
            Ok::<_, Error>(filter.ports.unwrap())
        };
        assert_eq!(ports("http").unwrap(), [80, 3128, 8080]);
        assert_eq!(ports("www,22,80").unwrap(), [22, 80]);
        let message = ports("22,HTTP").unwrap_err().to_string();
        assert_eq!(
            message,
            "netstat: option '--port': there is no service 'HTTP'"
        );
    }

    #[test]
    fn without_filters_everything_passes() {
        let filter = Filter::new(&Extensions::default(), no_services).unwrap();
        assert!(filter.is_empty());
        assert!(
            !Filter::new(&typed("pid", "1"), no_services)
                .unwrap()
                .is_empty()
        );
    }
}
