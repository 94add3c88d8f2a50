//! The stage that lets no other rows through than those that `--port`, `--state`, `--pid`, `--address` and `--only` ask for.

use std::collections::HashSet;

use crate::error::Error;
use crate::names::ServiceList;
use crate::query::Query;
use crate::query::criteria::only::{Only, Pattern};
use crate::record::change::Event;
use crate::record::namespace::{Namespace, Within};
use crate::record::{Fields, Message, Record, Sink, Table, Value};
use crate::shown::{self, Shown};

/// The inodes of the sockets of the process that is asked for, if one is: found out anew in each pass.
pub type Owned<'a> = dyn Fn() -> Result<Option<HashSet<u64>>, Error> + 'a;

/// Lets the records through that the query's criteria keep, and all that is no record of the kernel's.
pub struct FilterStage<'a, S> {
    query: &'a Query,
    shown: Shown,
    /// What is looked at here of `--only`.
    only: Vec<&'a Only>,
    /// `None` where only `--only` is looked at.
    owned: Option<Box<Owned<'a>>>,
    sockets: Option<HashSet<u64>>,
    /// What the records are of.
    namespace: Option<Namespace>,
    sink: S,
}

/// Which criteria a record meets. Those that nobody asked for are met.
struct Met {
    port: bool,
    state: bool,
    process: bool,
    address: bool,
}

impl<'a, S: Sink> FilterStage<'a, S> {
    /// Passes on to `sink` what meets the criteria of `query`; in front of the stage that looks names up, those that can be told without.
    /// What values look like comes from `shown`, the sockets of the process that is asked for from `owned`.
    pub fn new(query: &'a Query, shown: Shown, owned: Box<Owned<'a>>, sink: S) -> Self {
        let only = query.criteria.only.iter();
        FilterStage {
            query,
            shown,
            only: only.filter(|only| !query.asks_for_names(only)).collect(),
            owned: Some(owned),
            sockets: None,
            namespace: None,
            sink,
        }
    }

    /// The same for the rest of the criteria, behind the stage that looks names up.
    pub fn by_names(query: &'a Query, shown: Shown, sink: S) -> Self {
        let only = query.criteria.only.iter();
        FilterStage {
            query,
            shown,
            only: only.filter(|only| query.asks_for_names(only)).collect(),
            owned: None,
            sockets: None,
            namespace: None,
            sink,
        }
    }

    fn keeps(&self, fields: &dyn Fields) -> bool {
        let within = Within {
            record: fields,
            namespace: self.namespace.as_ref(),
        };
        (self.owned.is_none() || self.is_wanted(fields)) && self.meets_only(&within)
    }

    /// Whether a socket is one of those that `--port` and the like ask for.
    fn is_wanted(&self, fields: &dyn Fields) -> bool {
        let criteria = &self.query.criteria;
        let mut met = Met {
            port: criteria.ports.is_none(),
            state: criteria.states.is_none(),
            process: self.sockets.is_none(),
            address: criteria.address.is_none(),
        };
        fields.fields(self.query, &mut |name, value| match value {
            // The numbers of raw sockets are those of protocols.
            Value::Port(Some(ServiceList::Raw), _) => {}
            Value::Port(_, port) => met.port |= criteria.keeps_port(port),
            Value::Word(state) if name == "state" => met.state |= criteria.keeps_state(state),
            Value::Unsigned(inode) if name == "inode" => {
                let mut owned = self.sockets.iter();
                met.process |= owned.any(|owned| owned.contains(&inode));
            }
            Value::Address(address) => met.address |= criteria.keeps_address(address),
            Value::List(elements) => elements(&mut |element| {
                if let Value::Address(address) = element {
                    met.address |= criteria.keeps_address(address);
                }
            }),
            _ => {}
        });
        met.port && met.state && met.process && met.address
    }

    /// Whether all criteria of `--only` are met. Each needs a visit of its own: they are few.
    fn meets_only(&self, fields: &dyn Fields) -> bool {
        self.only.iter().all(|only| {
            // A field that the record does not have is one without a value.
            let mut has = only.patterns.iter().any(Pattern::is_none);
            fields.fields(self.query, &mut |name, value| {
                if only.field.name == name {
                    has = only
                        .patterns
                        .iter()
                        .any(|pattern| self.fits(pattern, value));
                }
            });
            has != only.negated
        })
    }

    /// Whether a value is one that a pattern stands for. Where a name is shown, its number will do, too; of a list, any element.
    fn fits(&self, pattern: &Pattern, value: Value<'_>) -> bool {
        match value {
            Value::Null | Value::Text([]) => return pattern.is_none(),
            Value::Word(word) => return pattern.matches_text(word.as_bytes()),
            Value::Text(text) => return pattern.matches_text(text),
            Value::List(elements) => {
                let (mut fits, mut empty) = (false, true);
                elements(&mut |element| {
                    empty = false;
                    fits |= self.fits(pattern, element);
                });
                return fits || empty && pattern.is_none();
            }
            _ => {}
        }
        let number = self.shown.number(value);
        let address = shown::address_of(value);
        let fits = number
            .and_then(|number| pattern.matches_number(number))
            .or_else(|| address.and_then(|address| pattern.matches_address(address)));
        if let Some(fits) = fits {
            return fits;
        }
        let named = self
            .shown
            .known_name(value, |name| pattern.matches_text(name));
        named == Some(true) || {
            let mut text = Vec::new();
            if named.is_some() {
                self.shown.plain(&mut text, value);
            } else {
                self.shown.append(&mut text, value, self.query);
            }
            pattern.matches_text(&text)
        }
    }
}

impl<S: Sink> Sink for FilterStage<'_, S> {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.sink.begin_pass()?;
        if let Some(owned) = &self.owned {
            self.sockets = owned()?;
        }
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.namespace = Some(namespace.clone());
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

    fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        match *event {
            Event::Closed { socket, wanted } => self.sink.event(&Event::Closed {
                socket,
                wanted: wanted && self.keeps(socket),
            }),
            _ => self.sink.event(event),
        }
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.sink.end_pass()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::SharedResolver;
    use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
    use crate::record::legacy::circuit::CircuitSocket;
    use crate::record::legacy::ipx::{IpxEndpoint, IpxSocket};
    use crate::record::owner::Owners;
    use crate::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
    use crate::record::unix::UnixSocket;
    use crate::stage::tests::{Recorder, query};

    /// Whether a record comes through; a process has the inodes 5 and 7.
    fn keeps(option: &str, value: &str, record: &Record<'_>) -> bool {
        let query = query(&[&format!("--{option}={value}")]);
        let shown = Shown::new(&query, SharedResolver::default(), 100);
        let owned = || Ok(query.criteria.pid.map(|_| HashSet::from([5, 7])));
        let recorder = Recorder::default();
        let mut stage = FilterStage::new(&query, shown, Box::new(owned), recorder.clone());
        stage.begin_pass().unwrap();
        stage.record(record).unwrap();
        recorder.0.borrow().len() == 2
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
            detail: None,
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
                ("port", "20-22"),
                ("port", "1-5,39999-40001"),
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
                ("port", "23-39999"),
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
            backlog_limit: None,
            peer: None,
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
    fn fields_have_values_or_none() {
        let socket = InetSocket {
            local: endpoint("::ffff:127.0.0.1", 22),
            remote: endpoint("2001:db8::1", 40000),
            state: TcpState(1),
            recv_queue: 7,
            uid: 1000,
            ..inet_socket(Protocol::Tcp)
        };
        let record = Record::Inet(socket);
        for kept in [
            "state=ESTABLISHED",
            "state=LISTEN,ESTAB*",
            "state=*",
            "state!=LISTEN",
            "state!=-",
            "recv_q=7",
            "recv_q=1..",
            "recv_q=..7",
            "recv_q=0..6,7..7",
            "recv_q!=8..,..6",
            "local_port=22",
            "local_port=20..30",
            "local_port_num=22",
            "user=1000",
            "user=999..1001",
            "local_ip=127.0.0.0/8",
            "local_ip=::ffff:127.*",
            "local_address=127.0.0.1",
            "foreign_address=2001:db8::/32",
            "foreign_ip=2001:*",
            "pid=-",
            "owners=-",
            "path=-",
            "path!=*",
            "drops=-",
        ] {
            assert!(keeps("only", kept, &record), "{kept}");
        }
        for dropped in [
            "state=established",
            "state=LISTEN",
            "state!=ESTABLISHED",
            "state=-",
            "recv_q=8..",
            "recv_q!=7",
            "recv_q=-",
            "local_port=23..",
            "local_ip=10.0.0.0/8",
            "local_ip!=127.0.0.1",
            "foreign_address=2001:db9::/32",
            "path=*",
            "pid=1..",
        ] {
            assert!(!keeps("only", dropped, &record), "{dropped}");
        }
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
