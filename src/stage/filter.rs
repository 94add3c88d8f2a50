//! The stage that lets no other sockets through than those that `--port`, `--state`, `--pid` and `--address` ask for.

use std::collections::HashSet;

use crate::error::Error;
use crate::names::ServiceList;
use crate::query::Query;
use crate::record::namespace::Namespace;
use crate::record::{Fields, Message, Record, Sink, Table, Value};

/// Lets the records through that the query's filter keeps, and all that is no record of the kernel's.
pub struct FilterStage<'a> {
    /// What is asked for.
    pub query: &'a Query,
    /// The inodes of the sockets of the process that is asked for.
    pub owned: Option<HashSet<u64>>,
    /// Where they go.
    pub sink: &'a mut dyn Sink,
}

/// Which criteria a socket meets. Those that nobody asked for are met.
struct Met {
    port: bool,
    state: bool,
    process: bool,
    address: bool,
}

impl FilterStage<'_> {
    fn keeps(&self, fields: &dyn Fields) -> bool {
        let filter = &self.query.filter;
        let mut met = Met {
            port: filter.ports.is_none(),
            state: filter.states.is_none(),
            process: self.owned.is_none(),
            address: filter.address.is_none(),
        };
        fields.fields(self.query, &mut |name, value| match value {
            // The numbers of raw sockets are those of protocols.
            Value::Port(Some(ServiceList::Raw), _) => {}
            Value::Port(_, port) => met.port |= filter.keeps_port(port),
            Value::Word(state) if name == "state" => met.state |= filter.keeps_state(state),
            Value::Unsigned(inode) if name == "inode" => {
                let mut owned = self.owned.iter();
                met.process |= owned.any(|owned| owned.contains(&inode));
            }
            Value::Address(address) => met.address |= filter.keeps_address(address),
            Value::List(elements) => elements(&mut |element| {
                if let Value::Address(address) = element {
                    met.address |= filter.keeps_address(address);
                }
            }),
            _ => {}
        });
        met.port && met.state && met.process && met.address
    }
}

impl Sink for FilterStage<'_> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.sink.begin_namespace(namespace)
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.sink.begin(table)
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if record.fields().is_none_or(|fields| self.keeps(fields)) {
            self.sink.record(record)
        } else {
            Ok(())
        }
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.sink.message(message)
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.sink.end_pass()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::criteria::Filter;
    use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
    use crate::record::legacy::circuit::CircuitSocket;
    use crate::record::legacy::ipx::{IpxEndpoint, IpxSocket};
    use crate::record::owner::Owners;
    use crate::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
    use crate::record::unix::UnixSocket;

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

        fn message(&mut self, _: &Message) -> Result<(), Error> {
            Ok(())
        }

        fn begin_pass(&mut self) -> Result<(), Error> {
            Ok(())
        }

        fn end_pass(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    fn query(option: &str, value: &str) -> Query {
        let words = ["netstat".into(), format!("--{option}={value}").into()];
        let crate::cli::Command::Run(args) = crate::cli::parse(&words, false, || false).command
        else {
            panic!("--{option}={value}");
        };
        let mut query = Query::new(&args);
        query.filter = Filter::new(&args.extensions, Vec::new).unwrap();
        query
    }

    /// Whether a record comes through; a process has the inodes 5 and 7.
    fn keeps(option: &str, value: &str, record: &Record<'_>) -> bool {
        let query = query(option, value);
        let owned = query.filter.pid.map(|_| HashSet::from([5, 7]));
        let mut counter = Counter::default();
        let mut sink = FilterStage {
            query: &query,
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

    fn endpoint(address: &str, port: u32) -> Endpoint {
        Endpoint {
            address: address.parse().unwrap(),
            port,
        }
    }

    fn inet_socket(protocol: Protocol) -> InetSocket {
        InetSocket {
            protocol,
            family: Family::Inet,
            local: endpoint("0.0.0.0", 0),
            remote: endpoint("0.0.0.0", 0),
            state: TcpState(0),
            recv_queue: 0,
            send_queue: 0,
            timer: Timer::default(),
            uid: 0,
            inode: 5,
            owners: Owners::default(),
        }
    }

    #[test]
    fn internet_sockets_have_everything() {
        let socket = InetSocket {
            local: endpoint("127.0.0.1", 22),
            remote: endpoint("10.0.0.2", 40000),
            state: TcpState(1),
            ..inet_socket(Protocol::Tcp)
        };
        assert_kept(
            &Record::Inet(socket.clone()),
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
        let other = InetSocket { inode: 6, ..socket };
        assert!(!keeps("pid", "1", &Record::Inet(other.clone())));
    }

    /// What a raw socket shows in the place of ports and state are numbers of other things.
    #[test]
    fn raw_sockets_have_neither_ports_nor_states() {
        let socket = InetSocket {
            local: endpoint("0.0.0.0", 1),
            state: TcpState(7),
            ..inet_socket(Protocol::Raw)
        };
        assert_kept(
            &Record::Inet(socket.clone()),
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
            &Record::SctpAssociation(association.clone()),
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
            &Record::SctpEndpoint(endpoint.clone()),
            &[
                ("port", "36412"),
                ("address", "2001:db8::1"),
                ("state", "UNKNOWN"),
            ],
            &[("port", "0"), ("state", "ESTABLISHED"), ("pid", "1")],
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
            path: b"/run/x".into(),
            owners: Owners::default(),
        };
        assert_kept(
            &Record::Unix(socket.clone()),
            &[("state", "listening"), ("pid", "1")],
            &[("state", "LISTEN"), ("port", "0"), ("address", "::/0")],
        );
        // What old kernels have in that place is no inode.
        socket.has_inode = false;
        assert!(!keeps("pid", "1", &Record::Unix(socket.clone())));
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
        let record = Record::Ipx(socket.clone());
        assert_kept(&record, &[("state", "estab")], &[("state", "established")]);
        assert_kept(&record, &[], &others);
        let socket = CircuitSocket {
            dest: b"*".into(),
            source: b"CALL".into(),
            device: b"ax0".into(),
            state: 1,
            send_sequence: 0,
            recv_sequence: 0,
            send_queue: 0,
            recv_queue: 0,
            ..CircuitSocket::default()
        };
        let record = Record::Circuit(socket.clone());
        assert_kept(
            &record,
            &[("state", "sabm sent")],
            &[("state", "SABM_SENT")],
        );
        assert_kept(&record, &[], &others);
    }
}
