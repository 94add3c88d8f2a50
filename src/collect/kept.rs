//! A report that was kept as JSON lines (`--since`): the file is another source of records.
//!
//! Anybody may have written it. What is read of a line is no more than its row shows without `--show`; rows of tables that this does not
//! suffice for are refused.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::error::{Error, strerror};
use crate::field::Tables;
use crate::record::group::GroupMembership;
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use crate::record::interface::{Counters, Flags, Interface};
use crate::record::ipv6_route::Ipv6Route;
use crate::record::neighbour::{Neighbour, NeighbourState};
use crate::record::owner::{OwnerUnknown, Owners, Program};
use crate::record::route::Route;
use crate::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
use crate::record::unix::UnixSocket;
use crate::record::{Record, Table};
use crate::sys;

/// A longer line is none of ours.
const LONGEST_LINE: u64 = 1 << 20;

/// The rows of the last report in a file, each with its table, which must be one of `tables`. Memory is that of two reports.
///
/// # Errors
/// The file cannot be read, or is something else.
pub fn read(path: &Path, tables: Tables) -> Result<Vec<(Table, Record<'static>)>, Error> {
    let refuse = |number: u64, what: &str| {
        let path = path.display();
        Error::Extension(match number {
            0 => format!("option '--since': {path}: {what}"),
            line => format!("option '--since': {path}: line {line} {what}"),
        })
    };
    let unreadable = |error| refuse(0, &strerror(&error));
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let (mut rows, mut last) = (Vec::new(), None);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut limited = (&mut file).take(LONGEST_LINE);
        if limited.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            break;
        }
        let object = serde_json::from_slice::<Map<String, Value>>(&line);
        let object = object.map_err(|_| refuse(number, "is no object of '--json-lines'"))?;
        let row = Row(&object);
        let of = (row.text("time").to_owned(), row.unsigned("report"));
        if of.0.is_empty() || of.1 == 0 {
            return Err(refuse(number, "is no object of '--json-lines'"));
        }
        if object.contains_key("change") {
            return Err(refuse(number, "is a change, not a row of a report"));
        }
        let (table, record) = row
            .record()
            .ok_or_else(|| refuse(number, "is no row that can be compared"))?;
        if !table.fields().meet(tables) {
            return Err(refuse(number, "is of another report than is asked for"));
        }
        if last.as_ref() != Some(&of) {
            rows.clear();
            last = Some(of);
        }
        rows.push((table, record));
    }
    Ok(rows)
}

/// An object: what a row was printed as.
struct Row<'a>(&'a Map<String, Value>);

impl<'a> Row<'a> {
    fn text(&self, name: &str) -> &'a str {
        let text = self.0.get(name).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// Text whose bytes may be any: if they are not UTF-8, a second field has them in hexadecimal.
    fn bytes(&self, name: &str) -> Vec<u8> {
        let digits = self.text(&format!("{name}_bytes"));
        let byte = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        match bytes {
            Some(bytes) if !bytes.is_empty() => bytes,
            _ => self.text(name).as_bytes().to_vec(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    fn unsigned(&self, name: &str) -> u64 {
        let number = self.0.get(name).and_then(Value::as_u64);
        number.unwrap_or_default()
    }

    fn word(&self, name: &str) -> u32 {
        u32::try_from(self.unsigned(name)).unwrap_or(u32::MAX)
    }

    fn signed(&self, name: &str) -> i32 {
        let number = self.0.get(name).and_then(Value::as_i64);
        i32::try_from(number.unwrap_or_default()).unwrap_or(i32::MAX)
    }

    fn address(&self, name: &str) -> Option<IpAddr> {
        self.text(name).parse().ok()
    }

    fn ipv4(&self, name: &str) -> Option<Ipv4Addr> {
        self.text(name).parse().ok()
    }

    fn ipv6(&self, name: &str) -> Option<Ipv6Addr> {
        self.text(name).parse().ok()
    }

    fn list(&self, name: &str) -> &'a [Value] {
        let list = self.0.get(name).and_then(Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let addresses = self.list(name).iter().filter_map(Value::as_str);
        addresses.filter_map(|text| text.parse().ok()).collect()
    }

    fn record(&self) -> Option<(Table, Record<'static>)> {
        let table = match (self.text("kind"), self.text("network_protocol")) {
            ("network", _) => Table::Internet,
            ("socket", _) => Table::Unix,
            ("group", _) => Table::Groups,
            ("interface", _) => Table::Interfaces,
            ("route", "ipv4") => Table::Routes,
            ("route", "ipv6") => Table::Ipv6Routes,
            ("route_cache", "ipv6") => Table::Ipv6RouteCache,
            ("neighbour", _) => Table::Neighbours,
            _ => return None,
        };
        let record = match table {
            Table::Internet if self.text("proto") == "sctp" => self.sctp(),
            Table::Internet => Record::Inet(self.inet()?),
            Table::Unix => Record::Unix(self.unix()),
            Table::Groups => Record::Group(self.group()?),
            Table::Interfaces => Record::Interface(Box::new(self.interface())),
            Table::Routes => Record::Route(self.route()?),
            Table::Neighbours => Record::Neighbour(self.neighbour()?),
            _ => Record::Ipv6Route(self.ipv6_route()?),
        };
        Some((table, record))
    }

    fn inet(&self) -> Option<InetSocket> {
        let proto = self.text("proto");
        let protocols = [
            Protocol::Tcp,
            Protocol::Udp,
            Protocol::UdpLite,
            Protocol::Raw,
        ];
        let mut known = protocols
            .iter()
            .flat_map(|&protocol| [Family::Inet, Family::Inet6].map(|family| (protocol, family)));
        let (protocol, family) =
            known.find(|(protocol, family)| protocol.name(*family) == proto)?;
        let end = |address, port| {
            Some(Endpoint {
                address: self.address(address)?,
                port: self.word(port),
            })
        };
        Some(InetSocket {
            protocol,
            family,
            local: end("local_ip", "local_port_num")?,
            remote: end("foreign_ip", "foreign_port_num")?,
            state: TcpState(self.word("state_num")),
            recv_queue: self.unsigned("recv_q"),
            send_queue: self.unsigned("send_q"),
            timer: self.timer(protocol),
            uid: self.word("uid"),
            inode: self.unsigned("inode"),
            owners: self.owners(),
            detail: None,
        })
    }

    fn timer(&self, protocol: Protocol) -> Timer {
        let name = self.text("timer_kind");
        let mut timer = Timer {
            kind: 0,
            remaining: 0,
            retransmits: self.unsigned("timer_retransmits"),
            timeout: self.signed("timer_probes"),
        };
        let kinds = 1..=4;
        let with = |kind| Timer { kind, ..timer };
        let found = kinds
            .map(with)
            .find(|timer| timer.name(protocol) == Some(name));
        // Kinds that no kernel has are numbers in the text of the timer.
        let unknown = || {
            let rest = self.text("timer").strip_prefix("unkn-")?;
            rest.split(' ').next()?.parse::<i32>().ok()
        };
        timer.kind = match found {
            Some(timer) => timer.kind,
            None => unknown().unwrap_or_default().cast_unsigned(),
        };
        // The parts of a second that each protocol's timers have.
        let parts = match protocol {
            Protocol::Tcp => sys::clock_ticks_per_second(),
            Protocol::Udp | Protocol::UdpLite | Protocol::Raw => 100,
        };
        let seconds = self.0.get("timer_seconds").and_then(Value::as_f64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a cast of a float saturates"
        )]
        {
            timer.remaining = (seconds.unwrap_or_default() * parts as f64).round() as u64;
        }
        timer
    }

    fn owners(&self) -> Owners {
        if !self.0.contains_key("owners") {
            return Owners::NotSought;
        }
        let programs = self.list("owners").iter().filter_map(Value::as_object);
        let programs: Vec<_> = programs
            .map(|owner| Rc::new(Row(owner).program()))
            .collect();
        let total = usize::try_from(self.unsigned("owners_total")).unwrap_or_default();
        match programs.as_slice() {
            [] => {
                let unknown = self.text("owner_unknown");
                let reasons = [
                    OwnerUnknown::Kernel,
                    OwnerUnknown::NoPermission,
                    OwnerUnknown::Gone,
                ];
                let reason = reasons.into_iter().find(|reason| reason.name() == unknown);
                Owners::Unknown(reason.unwrap_or(OwnerUnknown::NotVisible))
            }
            [program] if total <= 1 => Owners::One(Rc::clone(program)),
            _ => Owners::Several {
                total: total.max(programs.len()),
                programs: programs.into(),
            },
        }
    }

    fn program(&self) -> Program {
        let context = self.has("security_context");
        Program {
            pid: self.unsigned("pid").to_string().into_bytes(),
            name: self.bytes("program"),
            comm: self.has("comm").then(|| self.bytes("comm")),
            context: context.then(|| self.bytes("security_context")),
            ..Program::default()
        }
    }

    fn sctp(&self) -> Record<'static> {
        let state = SctpState(self.signed("state_num"));
        let (uid, inode) = (self.word("uid"), self.unsigned("inode"));
        let owners = self.owners();
        // An endpoint has no other end, and no queues.
        if !self.has("recv_q") {
            return Record::SctpEndpoint(SctpEndpoint {
                state,
                port: self.signed("local_port_num"),
                addresses: self.addresses("local_ips"),
                uid,
                inode,
                owners,
            });
        }
        Record::SctpAssociation(SctpAssociation {
            state,
            recv_queue: self.word("recv_q"),
            send_queue: self.word("send_q"),
            local_port: self.signed("local_port_num"),
            local: self.addresses("local_ips"),
            remote_port: self.signed("foreign_port_num"),
            remote: self.addresses("foreign_ips"),
            uid,
            inode,
            owners,
        })
    }

    fn unix(&self) -> UnixSocket<'static> {
        let typed = self.text("type");
        let kind = (1..=5).find(|&kind| UnixSocket::name_of_kind(kind) == typed);
        let flags = self
            .text("flags")
            .split(' ')
            .filter_map(|word| (UnixSocket::FLAG_NAMES.iter()).find(|(_, name)| *name == word));
        UnixSocket {
            references: self.unsigned("refcnt"),
            protocol: u64::from(self.text("proto") != "unix"),
            flags: flags.fold(0, |bits, (flag, _)| bits | flag),
            kind: kind.unwrap_or_default(),
            state: self.word("state_num"),
            has_inode: self.has("inode"),
            inode: self.unsigned("inode"),
            path: self.bytes("path").into(),
            owners: self.owners(),
            backlog_limit: None,
            peer: None,
        }
    }

    fn group(&self) -> Option<GroupMembership<'static>> {
        Some(GroupMembership {
            interface: self.bytes("iface").into(),
            references: self.signed("refcnt"),
            group: self.address("group_ip")?,
        })
    }

    fn route(&self) -> Option<Route<'static>> {
        Some(Route {
            interface: self.bytes("iface").into(),
            destination: self.ipv4("destination_ip")?,
            gateway: self.ipv4("gateway_ip")?,
            mask: self.ipv4("genmask")?,
            flags: self.word("route_flags_num"),
            references: self.signed("route_refs"),
            uses: self.signed("use"),
            // The column is signed.
            metric: self.word("metric").cast_signed(),
            mtu: self.signed("mss"),
            window: self.signed("window"),
            irtt: self.signed("irtt"),
            next_hops: None,
        })
    }

    fn ipv6_route(&self) -> Option<Ipv6Route<'static>> {
        Some(Ipv6Route {
            destination: self.ipv6("destination_ip")?,
            prefix_length: self.signed("prefix_length"),
            next_hop: self.ipv6("gateway_ip")?,
            metric: self.word("metric"),
            references: self.word("route_refs"),
            uses: self.word("use"),
            flags: self.word("route_flags_num"),
            interface: self.bytes("iface").into(),
        })
    }

    /// The times that a neighbour has left are not in its fields as the table has them.
    fn neighbour(&self) -> Option<Neighbour<'static>> {
        let hardware = self.text("hardware_address").bytes();
        Some(Neighbour {
            address: self.ipv6("address_ip")?,
            prefix_length: self.signed("prefix_length"),
            interface: self.bytes("iface").into(),
            hardware_address: hardware.filter(|&byte| byte != b':').collect(),
            flags: 0,
            references: self.signed("refcnt"),
            state: NeighbourState(self.word("state_num")),
            used: 0,
            reachable: 0,
            collectable: 0,
        })
    }

    fn interface(&self) -> Interface<'static> {
        let number = |name| self.unsigned(name);
        let flags = u16::try_from(number("flg_num")).unwrap_or_default();
        Interface {
            name: self.bytes("iface").into(),
            flags: self.has("flg_num").then_some(Flags(flags)),
            mtu: self.has("mtu").then(|| self.signed("mtu")),
            counters: self.has("rx_ok").then(|| Counters {
                rx_bytes: number("rx_bytes"),
                rx_packets: number("rx_ok"),
                rx_errors: number("rx_err"),
                rx_dropped: number("rx_drp"),
                rx_fifo: number("rx_ovr"),
                rx_frame: number("rx_frame"),
                rx_compressed: number("rx_compressed"),
                rx_multicast: number("rx_multicast"),
                tx_bytes: number("tx_bytes"),
                tx_packets: number("tx_ok"),
                tx_errors: number("tx_err"),
                tx_dropped: number("tx_drp"),
                tx_fifo: number("tx_ovr"),
                tx_collisions: number("tx_collisions"),
                tx_carrier: number("tx_carrier"),
                tx_compressed: number("tx_compressed"),
            }),
            time: None,
            index: None,
            details: None,
            inet_addresses: None,
        }
    }
}
