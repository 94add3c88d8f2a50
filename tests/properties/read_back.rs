//! Properties: what holds for any bytes, what is written as the kernel writes it is read back, and a second opinion from the
//! `procfs` crate. What must hold for any bytes is in `support/checks.rs`, which the fuzz targets share.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::BufReader;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::LazyLock;

use crate::support::checks;
use crate::support::long_options::{CONTEXT, LONG};
use netstat::cli;
use netstat::collect::igmp::{GroupParser, Line};
use netstat::collect::interfaces::dev::{self, Layout};
use netstat::collect::interfaces::name::InterfaceName;
use netstat::collect::snmp::{Pair, Row6, parse_sctp};
use netstat::collect::{inet, ipv6_route, masquerade, neighbour, route, sctp, unix};
use netstat::record::group::GroupMembership;
use netstat::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use netstat::record::interface::Counters;
use netstat::record::ipv6_route::Ipv6Route;
use netstat::record::masquerade::{MasqueradeProtocol, Masqueraded};
use netstat::record::neighbour::{Neighbour, NeighbourState};
use netstat::record::owner::Owners;
use netstat::record::route::Route;
use netstat::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
use netstat::record::unix::UnixSocket;
use procfs::{FromBufRead, FromBufReadSI};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Runs `test` on `cases` inputs, the same on every run.
fn hold<S: Strategy>(cases: u32, inputs: S, test: impl Fn(S::Value)) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    runner
        .run(&inputs, |input| {
            test(input);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

// Any bytes.

/// One change to a file.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    End(Index),
}

impl Edit {
    fn apply(self, bytes: &mut Vec<u8>) {
        let at = |index: Index, bytes: &[u8]| index.index(bytes.len() + 1);
        match self {
            Edit::Replace(index, with) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + with.len());
                bytes.splice(at..end, with);
            }
            Edit::Insert(index, with) => {
                let at = at(index, bytes);
                bytes.splice(at..at, with);
            }
            Edit::Remove(index, length) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + length);
                bytes.drain(at..end);
            }
            Edit::Repeat(index, length) => {
                let at = at(index, bytes);
                let end = bytes.len().min(at + length);
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            Edit::End(index) => bytes.truncate(at(index, bytes)),
        }
    }
}

/// What makes parsers stumble.
fn token() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(vec![
            &b""[..],
            b" ",
            b"\n",
            b"\t",
            b":",
            b"/",
            b"-",
            b"+",
            b"0x",
            b"\0",
            b"\r",
            b"\x0b",
            b"*",
            b"<->",
            b"(nil)",
            b"\xff",
            b"\xff\xff",
            b"\x9b",
            b"\xc2\x9b",
            b"\xe2\x82\xac",
            b"\x1b[2J",
            b"%s%n",
            b"-1",
            b"0",
            b"00000000",
            b"FFFFFFFF",
            b"80000000",
            b"18446744073709551615",
            b"18446744073709551616",
            b"-9223372036854775809",
            b"0.0.0.0",
            b"::",
            b"a-very-long-name-that-fits-no-column",
        ])
        .prop_map(<[u8]>::to_vec),
        vec(any::<u8>(), 1..8),
        (any::<u8>(), 1..3000usize).prop_map(|(byte, count)| vec![byte; count]),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => (any::<Index>(), token()).prop_map(|(at, with)| Edit::Replace(at, with)),
        4 => (any::<Index>(), token()).prop_map(|(at, with)| Edit::Insert(at, with)),
        2 => (any::<Index>(), 1..60usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (any::<Index>(), 1..200usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        1 => any::<Index>().prop_map(Edit::End),
    ]
}

static SEEDS: LazyLock<Vec<checks::Seed>> =
    LazyLock::new(|| checks::seeds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")));

/// Damaged seeds of a check, and bytes that were never anything.
fn inputs(name: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let seeds: Vec<&'static [u8]> = SEEDS
        .iter()
        .filter(|seed| seed.check == name)
        .map(|seed| seed.input.as_slice())
        .collect();
    assert!(!seeds.is_empty(), "{name} has no seeds");
    prop_oneof![
        1 => vec(any::<u8>(), 0..600),
        2 => vec(token(), 0..60).prop_map(|tokens| tokens.concat()),
        6 => (select(seeds), any::<u8>(), vec(edit(), 1..8)).prop_map(|(seed, choice, edits)| {
            let mut bytes = seed.to_vec();
            for edit in edits {
                edit.apply(&mut bytes);
            }
            // The first byte chooses the command line.
            if let Some(first) = bytes.first_mut() {
                *first = choice;
            }
            bytes
        }),
    ]
}

fn any_bytes(name: &'static str) {
    hold(160, inputs(name), |input| checks::check(name, &input));
}

macro_rules! any_bytes {
    ($($name:ident)*) => {
        mod any_bytes {
            $(
                #[test]
                fn $name() {
                    super::any_bytes(stringify!($name));
                }
            )*

            /// Every table is among them.
            #[test]
            fn all_tables() {
                let tested = [$(stringify!($name)),*];
                for tables in super::checks::TABLES {
                    assert!(tested.contains(&tables.name), "{}", tables.name);
                }
            }
        }
    };
}

any_bytes! {
    inet unix igmp sctp legacy_sockets route rt_cache ipv6_route masquerade legacy_routes interfaces statistics
    programs lines text datagram command_line
}

/// Lines of 64 KiB, numbers of a million digits, a hundred thousand words.
#[test]
fn size_is_no_trouble() {
    for tables in checks::TABLES {
        let heading = SEEDS
            .iter()
            .find(|seed| seed.check == tables.name)
            .and_then(|seed| {
                seed.input[1..]
                    .split_inclusive(|&byte| byte == b'\n')
                    .next()
            })
            .unwrap_or_default();
        for body in [
            vec![b'x'; 64 * 1024],
            vec![b' '; 64 * 1024],
            vec![0; 64 * 1024],
            [b"1: ".to_vec(), vec![b'9'; 1_000_000]].concat(),
            b"1 ".repeat(100_000),
            b"1:1 ".repeat(50_000),
            b"\n".repeat(20_000),
        ] {
            let file = [heading, &body].concat();
            let input = [
                &[0][..],
                &vec![file; tables.files.len()].join(checks::SEPARATOR),
            ]
            .concat();
            checks::tables(tables, &input);
        }
    }
}

// Written as the kernel writes it, read back.

fn ipv4() -> impl Strategy<Value = Ipv4Addr> {
    prop_oneof![
        Just(Ipv4Addr::UNSPECIFIED),
        Just(Ipv4Addr::LOCALHOST),
        any::<u32>().prop_map(Ipv4Addr::from),
    ]
}

fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    prop_oneof![
        Just(Ipv6Addr::UNSPECIFIED),
        Just(Ipv6Addr::LOCALHOST),
        ipv4().prop_map(|mapped| mapped.to_ipv6_mapped()),
        any::<u128>().prop_map(Ipv6Addr::from),
    ]
}

/// What the kernel takes for the name of an interface, without bytes that are not printable.
fn interface() -> impl Strategy<Value = String> {
    "[!-.0-9;-~]{1,15}"
}

/// Words in host byte order.
fn socket_address(address: IpAddr) -> String {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets
        .chunks(4)
        .map(|word| format!("{:08X}", u32::from_ne_bytes(word.try_into().unwrap())))
        .collect()
}

/// 32 digits in network order, as `%pi6` has them.
fn pi6(address: Ipv6Addr) -> String {
    format!("{:032x}", u128::from(address))
}

fn endpoint(family: Family) -> BoxedStrategy<Endpoint> {
    let address = match family {
        Family::Inet => ipv4().prop_map(IpAddr::V4).boxed(),
        Family::Inet6 => ipv6().prop_map(IpAddr::V6).boxed(),
    };
    (address, any::<u16>())
        .prop_map(|(address, port)| Endpoint {
            address,
            port: port.into(),
        })
        .boxed()
}

fn inet_socket() -> impl Strategy<Value = InetSocket> {
    let protocol = select(vec![
        Protocol::Tcp,
        Protocol::Udp,
        Protocol::UdpLite,
        Protocol::Raw,
    ]);
    let family = select(vec![Family::Inet, Family::Inet6]);
    (protocol, family).prop_flat_map(|(protocol, family)| {
        let timer = (0..5u32, any::<u32>(), any::<u32>(), any::<i32>());
        let counts = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u64>());
        (endpoint(family), endpoint(family), 1..13u32, timer, counts).prop_map(
            move |(local, remote, state, (kind, remaining, retransmits, timeout), counts)| {
                let (recv_queue, send_queue, uid, inode) = counts;
                InetSocket {
                    protocol,
                    family,
                    local,
                    remote,
                    state: TcpState(state),
                    recv_queue: recv_queue.into(),
                    send_queue: send_queue.into(),
                    timer: Timer {
                        kind,
                        remaining: remaining.into(),
                        retransmits: retransmits.into(),
                        timeout,
                    },
                    uid,
                    inode,
                    owners: Owners::NotSought,
                    detail: None,
                }
            },
        )
    })
}

/// A line of `/proc/net/tcp` (padded to 149 columns) or one of the others (to 127).
fn inet_line(socket: &InetSocket) -> String {
    let end =
        |endpoint: Endpoint| format!("{}:{:04X}", socket_address(endpoint.address), endpoint.port);
    let (width, slot, rest) = match socket.protocol {
        Protocol::Tcp => (149, "   7", " 1 ffff8880040a0000 100 0 0 10 0"),
        _ => (127, "   77", " 2 ffff8880040a0000 0"),
    };
    let line = format!(
        "{slot}: {} {} {:02X} {:08X}:{:08X} {:02X}:{:08X} {:08X} {:5} {:8} {}{rest}",
        end(socket.local),
        end(socket.remote),
        socket.state.0,
        socket.send_queue,
        socket.recv_queue,
        socket.timer.kind,
        socket.timer.remaining,
        socket.timer.retransmits,
        socket.uid,
        socket.timer.timeout,
        socket.inode,
    );
    format!("{line:width$}\n")
}

#[test]
fn sockets_are_read_back() {
    hold(2000, inet_socket(), |socket| {
        let line = inet_line(&socket);
        assert_eq!(
            inet::parse(line.as_bytes(), socket.protocol, socket.family),
            Some(socket.clone())
        );
        checks::inet_lines(line.as_bytes());
    });
}

/// Lines that are nearly the kernel's.
#[test]
fn socket_parsers_agree() {
    hold(
        4000,
        (inet_socket(), vec(edit(), 1..3)),
        |(socket, edits)| {
            let mut line = inet_line(&socket).into_bytes();
            for edit in edits {
                edit.apply(&mut line);
            }
            checks::inet_lines(&line);
        },
    );
}

#[derive(Clone, Debug)]
struct OwnedUnix {
    references: u32,
    flags: u32,
    kind: u16,
    state: u8,
    inode: u32,
    path: String,
}

fn unix_socket() -> impl Strategy<Value = OwnedUnix> {
    let path = prop_oneof![Just(String::new()), "[@/!-~]{1,107}", "@[a-zé€😀]{1,20}"];
    let flags = select(vec![0u32, 1 << 16, 1 << 17, 3 << 16]);
    (any::<u32>(), flags, 1..6u16, 1..5u8, any::<u32>(), path).prop_map(
        |(references, flags, kind, state, inode, path)| OwnedUnix {
            references,
            flags,
            kind,
            state,
            inode,
            path,
        },
    )
}

fn unix_line(socket: &OwnedUnix) -> String {
    let OwnedUnix {
        references,
        flags,
        kind,
        state,
        inode,
        path,
    } = socket;
    let blank = if path.is_empty() { "" } else { " " };
    format!(
        "00000000c0ffee00: {references:08X} {:08X} {flags:08X} {kind:04X} {state:02X} {inode:5}{blank}{path}\n",
        0
    )
}

#[test]
fn unix_sockets_are_read_back() {
    hold(2000, unix_socket(), |socket| {
        assert_eq!(
            unix::parse(unix_line(&socket).as_bytes(), true),
            Some(UnixSocket {
                references: socket.references.into(),
                protocol: 0,
                flags: socket.flags.into(),
                kind: socket.kind.into(),
                state: socket.state.into(),
                has_inode: true,
                inode: socket.inode.into(),
                path: socket.path.as_bytes().into(),
                owners: Owners::NotSought,
            })
        );
    });
}

#[test]
fn group_memberships_are_read_back() {
    let devices = vec(("[!-9;-~]{1,15}", vec((ipv4(), 0..i32::MAX), 0..4)), 0..4);
    hold(500, devices, |devices| {
        let mut parser = GroupParser::default();
        let heading = b"Idx\tDevice    : Count Querier\tReporter\n";
        assert_eq!(parser.line(0, heading), Line::Nothing);
        for (device, groups) in devices {
            let line = format!("7\t{device:<10}: {:5} {:>7}\n", groups.len(), "V3");
            assert_eq!(parser.line(1, line.as_bytes()), Line::Nothing);
            for (group, references) in groups {
                let line = format!(
                    "\t\t\t\t{} {references:5} 0:{:08X}\t\t0\n",
                    socket_address(group.into()),
                    0
                );
                assert_eq!(
                    parser.line(2, line.as_bytes()),
                    Line::Membership(GroupMembership {
                        // The reference reads 15 bytes of name and colon together.
                        interface: Cow::Borrowed(device.as_bytes()),
                        references,
                        group: group.into(),
                    })
                );
            }
        }
    });
    hold(
        1000,
        (interface(), ipv6(), 0..i32::MAX),
        |(device, group, references)| {
            let mut parser = GroupParser::default();
            let line = format!(
                "{:<4} {device:<15} {} {references:5} {:08X} 0\n",
                2,
                pi6(group),
                4
            );
            assert_eq!(
                parser.line(0, line.as_bytes()),
                Line::Membership(GroupMembership {
                    interface: Cow::Borrowed(device.as_bytes()),
                    references,
                    group: group.into(),
                })
            );
        },
    );
}

const ROUTE_HEADING: &str =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

fn ipv4_route() -> impl Strategy<Value = Route<'static>> {
    let counts = (any::<u16>(), any::<u16>(), any::<u32>());
    let tcp = (any::<u32>(), any::<u32>(), any::<u32>());
    let ends = (ipv4(), ipv4(), ipv4());
    (interface(), ends, any::<u16>(), counts, tcp).prop_map(
        |(interface, (destination, gateway, mask), flags, (references, uses, metric), tcp)| Route {
            interface: Cow::Owned(interface.into_bytes()),
            destination,
            gateway,
            mask,
            // Others are not shown.
            flags: u32::from(flags) | 1,
            references: references.into(),
            uses: uses.into(),
            metric: metric.cast_signed(),
            mtu: tcp.0.cast_signed(),
            window: tcp.1.cast_signed(),
            irtt: tcp.2.cast_signed(),
        },
    )
}

fn route_line(route: &Route<'_>) -> String {
    let line = format!(
        "{}\t{}\t{}\t{:04X}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        std::str::from_utf8(&route.interface).unwrap(),
        socket_address(route.destination.into()),
        socket_address(route.gateway.into()),
        route.flags,
        route.references,
        route.uses,
        route.metric.cast_unsigned(),
        socket_address(route.mask.into()),
        route.mtu.cast_unsigned(),
        route.window.cast_unsigned(),
        route.irtt.cast_unsigned(),
    );
    format!("{line:127}\n")
}

#[test]
fn routes_are_read_back() {
    hold(2000, vec(ipv4_route(), 1..4), |routes| {
        let mut parser = route::Parser::new(ROUTE_HEADING.as_bytes()).unwrap();
        for route in routes {
            assert_eq!(parser.parse(route_line(&route).as_bytes()), Some(route));
        }
    });
}

#[test]
fn route_parsers_agree() {
    let inputs = (vec(ipv4_route(), 1..5), vec(edit(), 1..4));
    hold(1500, inputs, |(routes, edits)| {
        let mut rows: Vec<u8> = routes
            .iter()
            .flat_map(|route| route_line(route).into_bytes())
            .collect();
        for edit in edits {
            edit.apply(&mut rows);
        }
        checks::route_lines(&[ROUTE_HEADING.as_bytes(), b"\n", &rows].concat());
    });
}

fn ipv6_route() -> impl Strategy<Value = Ipv6Route<'static>> {
    let numbers = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
    (interface(), ipv6(), ipv6(), 0..129i32, numbers).prop_map(
        |(interface, destination, next_hop, prefix_length, numbers)| Ipv6Route {
            interface: Cow::Owned(interface.into_bytes()),
            destination,
            prefix_length,
            next_hop,
            metric: numbers.0,
            references: numbers.1,
            uses: numbers.2,
            flags: numbers.3,
        },
    )
}

fn ipv6_route_line(route: &Ipv6Route<'_>) -> String {
    format!(
        "{} {:02x} {} 00 {} {:08x} {:08x} {:08x} {:08x} {:>8}\n",
        pi6(route.destination),
        route.prefix_length,
        pi6(Ipv6Addr::UNSPECIFIED),
        pi6(route.next_hop),
        route.metric,
        route.references,
        route.uses,
        route.flags,
        std::str::from_utf8(&route.interface).unwrap(),
    )
}

#[test]
fn ipv6_routes_are_read_back() {
    hold(2000, ipv6_route(), |route| {
        assert_eq!(
            ipv6_route::parse(ipv6_route_line(&route).as_bytes()),
            Some(route)
        );
    });
    hold(1500, (ipv6_route(), vec(edit(), 1..3)), |(route, edits)| {
        let mut line = ipv6_route_line(&route).into_bytes();
        for edit in edits {
            edit.apply(&mut line);
        }
        checks::ipv6_route_lines(&line);
    });
}

/// As Linux 2.2 wrote `/proc/net/ndisc`.
#[test]
fn neighbours_are_read_back() {
    let times = (any::<u32>(), any::<u32>(), any::<u16>());
    let inputs = (
        ipv6(),
        "[a-z0-9]{1,8}",
        "[0-9a-f]{12}",
        0..256u32,
        times,
        0..0x8000i32,
        any::<u16>(),
    );
    hold(
        1000,
        inputs,
        |(address, interface, hardware, state, times, references, flags)| {
            let line = format!(
                "{} 01 80 01 {state:02x} 00000000 {:08x} {:08x} {:04x} {references:04x} {flags:04x} {interface:>8} {hardware}\n",
                pi6(address),
                times.0,
                times.1,
                times.2,
            );
            assert_eq!(
                neighbour::parse(line.as_bytes()),
                Some(Neighbour {
                    address,
                    prefix_length: 128,
                    interface: Cow::Borrowed(interface.as_bytes()),
                    hardware_address: Cow::Borrowed(hardware.as_bytes()),
                    flags: flags.into(),
                    references,
                    state: NeighbourState(state),
                    used: times.0,
                    reachable: times.1,
                    collectable: times.2.into(),
                })
            );
        },
    );
}

/// As Linux 2.2 wrote `/proc/net/ip_masquerade`.
#[test]
fn masqueraded_connections_are_read_back() {
    let protocol = select(vec![
        MasqueradeProtocol::Tcp,
        MasqueradeProtocol::Udp,
        MasqueradeProtocol::Icmp,
    ]);
    let ports = (any::<u16>(), any::<u16>(), any::<u16>());
    let deltas = (any::<u32>(), any::<i16>(), any::<i16>());
    let connection = (protocol, ipv4(), ipv4(), ports, deltas, any::<u32>()).prop_map(
        |(protocol, source, destination, ports, deltas, expires)| Masqueraded {
            protocol,
            source,
            source_port: ports.0,
            destination,
            destination_port: ports.1,
            masquerade_port: ports.2,
            initial_sequence: deltas.0.into(),
            delta: deltas.1,
            previous_delta: Some(deltas.2),
            expires: expires.into(),
        },
    );
    hold(500, vec(connection, 0..6), |connections| {
        let heading = "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires (free=40960,40960,40960)";
        let mut file = format!("{heading:127}\n");
        for connection in &connections {
            let line = format!(
                "{} {:08X}:{:04X} {:08X}:{:04X} {:04X} {:08X} {:6} {:6} {:7}",
                connection.protocol.name().to_uppercase(),
                u32::from(connection.source),
                connection.source_port,
                u32::from(connection.destination),
                connection.destination_port,
                connection.masquerade_port,
                connection.initial_sequence,
                connection.delta,
                connection.previous_delta.unwrap(),
                connection.expires,
            );
            writeln!(file, "{line:127}").unwrap();
        }
        assert_eq!(masquerade::parse(file.as_bytes()).unwrap(), connections);
    });
}

/// An address as SCTP's files have them: `%pI4` or `%pI6`, all groups in full.
fn sctp_address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{address} "),
        IpAddr::V6(address) => {
            let groups: Vec<String> = address
                .segments()
                .iter()
                .map(|group| format!("{group:04x}"))
                .collect();
            groups.join(":") + " "
        }
    }
}

#[test]
fn sctp_sockets_are_read_back() {
    let list = || {
        vec(
            prop_oneof![ipv4().prop_map(IpAddr::V4), ipv6().prop_map(IpAddr::V6)],
            1..5,
        )
    };
    let inputs = (
        list(),
        list(),
        0..11i32,
        any::<u16>(),
        any::<u16>(),
        (any::<u32>(), any::<u32>()),
    );
    hold(
        1000,
        inputs,
        |(local, remote, state, port, remote_port, (uid, inode))| {
            let addresses: String = local.iter().copied().map(sctp_address).collect();
            let line = format!(
                "{:>8} {:>8} {:<3} {state:<3} {:<4} {port:<5} {uid:5} {inode:5} {addresses}\n",
                "c0ffee", "c0ffee", 2, 97
            );
            assert_eq!(
                sctp::endpoint(line.as_bytes()),
                Some(SctpEndpoint {
                    state: SctpState(state),
                    port: port.into(),
                    addresses: local.clone(),
                    uid,
                    inode: inode.into(),
                    owners: Owners::NotSought,
                })
            );
            let remote_addresses: String = remote.iter().copied().map(sctp_address).collect();
            let line = format!(
                "{:>8} {:>8} {:<3} {state:<3} {:<2} {:<4} {:4} {:8} {:8} {uid:7} {inode:5} {port:<5} {remote_port:<5} \
             {addresses}<-> *{remote_addresses}\t{:8} {:5} {:5} {:4} {:4} {:4} {:8} {:8} {:8} {:8}\n",
                "c0ffee", "c0ffee", 2, 3, 97, 1, 17, 18, 7500, 10, 10, 10, 0, 0, 0, 1, 0, 212_992,
            );
            assert_eq!(
                sctp::association(line.as_bytes()),
                Some(SctpAssociation {
                    state: SctpState(state),
                    recv_queue: 18,
                    send_queue: 17,
                    local_port: port.into(),
                    local,
                    remote_port: remote_port.into(),
                    remote,
                    uid,
                    inode: inode.into(),
                    owners: Owners::NotSought,
                })
            );
        },
    );
}

const DEV_HEADINGS: [&str; 2] = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
];

fn dev_line(name: &str, n: &[u64; 16]) -> String {
    format!(
        "{name:>6}: {:7} {:7} {:4} {:4} {:4} {:5} {:10} {:9} {:8} {:7} {:4} {:4} {:4} {:5} {:7} {:10}\n",
        n[0],
        n[1],
        n[2],
        n[3],
        n[4],
        n[5],
        n[6],
        n[7],
        n[8],
        n[9],
        n[10],
        n[11],
        n[12],
        n[13],
        n[14],
        n[15]
    )
}

fn counter_values() -> impl Strategy<Value = [u64; 16]> {
    let number = prop_oneof![3 => Just(0), 3 => 0..100_000u64, 1 => any::<u64>()];
    proptest::array::uniform16(number)
}

fn read_counters(line: &str) -> (Vec<u8>, Counters) {
    let mut counters = Counters::default();
    let (name, text) = dev::split(line.as_bytes());
    Layout::of_heading(DEV_HEADINGS[1].as_bytes()).read(text, &mut counters);
    (name.to_vec(), counters)
}

#[test]
fn interface_counters_are_read_back() {
    hold(1000, (interface(), counter_values()), |(name, n)| {
        let expected = Counters {
            rx_bytes: n[0],
            rx_packets: n[1],
            rx_errors: n[2],
            rx_dropped: n[3],
            rx_fifo: n[4],
            rx_frame: n[5],
            rx_compressed: n[6],
            rx_multicast: n[7],
            tx_bytes: n[8],
            tx_packets: n[9],
            tx_errors: n[10],
            tx_dropped: n[11],
            tx_fifo: n[12],
            tx_collisions: n[13],
            tx_carrier: n[14],
            tx_compressed: n[15],
        };
        assert_eq!(
            read_counters(&dev_line(&name, &n)),
            (name.into_bytes(), expected)
        );
    });
}

#[test]
fn statistics_are_read_back() {
    let table = vec(("[A-Z][A-Za-z0-9]{1,20}", any::<u64>()), 0..30);
    hold(500, table, |table| {
        let (mut names, mut values) = ("TcpExt:".to_owned(), "TcpExt:".to_owned());
        for (name, value) in &table {
            write!(names, " {name}").unwrap();
            write!(values, " {value}").unwrap();
        }
        names.push('\n');
        values.push('\n');
        let pair = Pair::parse(names.as_bytes(), values.as_bytes()).unwrap();
        assert_eq!(pair.title, b"TcpExt");
        let expected: Vec<(&[u8], u64)> = table
            .iter()
            .map(|(name, value)| (name.as_bytes(), *value))
            .collect();
        assert_eq!(pair.counters().collect::<Vec<_>>(), expected);

        let mut row = Row6::default();
        for (name, value) in &table {
            row.read(format!("{name:<32}\t{value}\n").as_bytes())
                .unwrap();
            assert_eq!((row.name.as_slice(), row.value), (name.as_bytes(), *value));
            let line = format!("{name:<32}\t{value}\n");
            assert_eq!(parse_sctp(line.as_bytes()), Some((name.as_bytes(), *value)));
        }
    });
}

// A second opinion.

fn of(address: SocketAddr) -> Endpoint {
    Endpoint {
        address: address.ip(),
        port: address.port().into(),
    }
}

#[test]
fn procfs_agrees_on_sockets() {
    let sockets = vec(inet_socket(), 0..8);
    hold(500, sockets, |sockets| {
        for (protocol, family) in [
            (Protocol::Tcp, Family::Inet),
            (Protocol::Tcp, Family::Inet6),
            (Protocol::Udp, Family::Inet),
            (Protocol::Udp, Family::Inet6),
        ] {
            let mut file = "heading\n".to_owned();
            for socket in &sockets {
                if (socket.protocol, socket.family) != (protocol, family) {
                    continue;
                }
                let mut socket = socket.clone();
                if protocol == Protocol::Udp {
                    // It knows no others.
                    socket.state = TcpState(if socket.state.0 > 6 { 7 } else { 1 });
                }
                file += &inet_line(&socket);
            }
            let ours: Vec<_> = file
                .split_inclusive('\n')
                .skip(1)
                .map(|line| inet::parse(line.as_bytes(), protocol, family).unwrap())
                .map(|socket| {
                    (
                        [socket.local, socket.remote],
                        socket.state.0,
                        [socket.recv_queue, socket.send_queue],
                        socket.uid,
                        socket.inode,
                    )
                })
                .collect();
            let system = procfs::current_system_info();
            let theirs: Vec<_> = if protocol == Protocol::Tcp {
                procfs::net::TcpNetEntries::from_buf_read(BufReader::new(file.as_bytes()), system)
                    .unwrap()
                    .0
                    .into_iter()
                    .map(|entry| {
                        (
                            [of(entry.local_address), of(entry.remote_address)],
                            entry.state.to_u8().into(),
                            [entry.rx_queue.into(), entry.tx_queue.into()],
                            entry.uid,
                            entry.inode,
                        )
                    })
                    .collect()
            } else {
                procfs::net::UdpNetEntries::from_buf_read(BufReader::new(file.as_bytes()), system)
                    .unwrap()
                    .0
                    .into_iter()
                    .map(|entry| {
                        (
                            [of(entry.local_address), of(entry.remote_address)],
                            entry.state.to_u8().into(),
                            [entry.rx_queue.into(), entry.tx_queue.into()],
                            entry.uid,
                            entry.inode,
                        )
                    })
                    .collect()
            };
            assert_eq!(ours, theirs);
        }
    });
}

#[test]
fn procfs_agrees_on_unix_sockets() {
    hold(500, vec(unix_socket(), 0..8), |sockets| {
        let file: String = sockets.iter().map(unix_line).collect();
        let theirs = procfs::net::UnixNetEntries::from_buf_read(BufReader::new(
            ("heading\n".to_owned() + &file).as_bytes(),
        ))
        .unwrap()
        .0;
        let ours: Vec<_> = file
            .split_inclusive('\n')
            .map(|line| unix::parse(line.as_bytes(), true).unwrap())
            .collect();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            assert_eq!(ours.references, u64::from(theirs.ref_count));
            assert_eq!(ours.kind, u32::from(theirs.socket_type));
            assert_eq!(ours.state, u32::from(theirs.state.to_u8()));
            assert_eq!(ours.inode, theirs.inode);
            let path = theirs.path.unwrap_or_default();
            assert_eq!(ours.path, path.as_os_str().as_encoded_bytes());
        }
    });
}

#[test]
fn procfs_agrees_on_routes() {
    hold(500, vec(ipv4_route(), 0..8), |routes| {
        let rows: String = routes.iter().map(route_line).collect();
        let file = format!("{ROUTE_HEADING:127}\n{rows}");
        let theirs = procfs::net::RouteEntries::from_buf_read(BufReader::new(file.as_bytes()))
            .unwrap()
            .0;
        let mut parser = route::Parser::new(ROUTE_HEADING.as_bytes()).unwrap();
        let ours: Vec<_> = rows
            .split_inclusive('\n')
            .map(|row| parser.parse(row.as_bytes()).unwrap())
            .collect();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.into_iter().zip(theirs) {
            let theirs = Route {
                interface: Cow::Owned(theirs.iface.into_bytes()),
                destination: theirs.destination,
                gateway: theirs.gateway,
                mask: theirs.mask,
                flags: theirs.flags.into(),
                references: theirs.refcnt.into(),
                uses: theirs.in_use.into(),
                metric: theirs.metrics.cast_signed(),
                mtu: theirs.mtu.cast_signed(),
                window: theirs.window.cast_signed(),
                irtt: theirs.irtt.cast_signed(),
            };
            assert_eq!(ours, theirs);
        }
    });
}

#[test]
fn procfs_agrees_on_interfaces() {
    // It keeps colons that are part of a name, and we take them for the end of it, as the reference does.
    hold(
        500,
        ("[a-z][a-z0-9.]{0,14}", counter_values()),
        |(name, n)| {
            let line = dev_line(&name, &n);
            let file = format!("{}\n{}\n{line}", DEV_HEADINGS[0], DEV_HEADINGS[1]);
            let theirs =
                procfs::net::InterfaceDeviceStatus::from_buf_read(BufReader::new(file.as_bytes()))
                    .unwrap()
                    .0;
            let theirs = &theirs[&name];
            let (read, ours) = read_counters(&line);
            assert_eq!(read, name.as_bytes());
            assert_eq!(
                ours,
                Counters {
                    rx_bytes: theirs.recv_bytes,
                    rx_packets: theirs.recv_packets,
                    rx_errors: theirs.recv_errs,
                    rx_dropped: theirs.recv_drop,
                    rx_fifo: theirs.recv_fifo,
                    rx_frame: theirs.recv_frame,
                    rx_compressed: theirs.recv_compressed,
                    rx_multicast: theirs.recv_multicast,
                    tx_bytes: theirs.sent_bytes,
                    tx_packets: theirs.sent_packets,
                    tx_errors: theirs.sent_errs,
                    tx_dropped: theirs.sent_drop,
                    tx_fifo: theirs.sent_fifo,
                    tx_collisions: theirs.sent_colls,
                    tx_carrier: theirs.sent_carrier,
                    tx_compressed: theirs.sent_compressed,
                }
            );
        },
    );
}

/// The counters that both know, in the files of a recent kernel with other numbers.
#[test]
fn procfs_agrees_on_statistics() {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/statistics-linux-6.1/proc/net");
    let snmp = std::fs::read_to_string(fixture.join("snmp")).unwrap();
    hold(200, vec(any::<u32>(), 200), |numbers| {
        let mut numbers = numbers.into_iter().cycle();
        let mut file = String::new();
        for (index, line) in snmp.lines().enumerate() {
            if index % 2 == 0 {
                file += line;
            } else {
                let mut words = line.split(' ');
                file += words.next().unwrap();
                for word in words {
                    // Those of the settings have few values that it takes.
                    if index == 1 && (word == "1" || word == "2" || word == "64")
                        || word == "-1"
                        || index == 7
                    {
                        write!(file, " {word}").unwrap();
                    } else {
                        write!(file, " {}", numbers.next().unwrap()).unwrap();
                    }
                }
            }
            file.push('\n');
        }
        let theirs = procfs::net::Snmp::from_buf_read(BufReader::new(file.as_bytes())).unwrap();
        let lines: Vec<&str> = file.lines().collect();
        let value = |title: &str, counter: &str| -> u64 {
            lines
                .chunks(2)
                .map(|pair| Pair::parse(pair[0].as_bytes(), pair[1].as_bytes()).unwrap())
                .filter(|pair| pair.title == title.as_bytes())
                .flat_map(Pair::counters)
                .find(|(name, _)| *name == counter.as_bytes())
                .unwrap()
                .1
        };
        assert_eq!(value("Ip", "InReceives"), theirs.ip_in_receives);
        assert_eq!(value("Ip", "FragCreates"), theirs.ip_frag_creates);
        assert_eq!(value("Icmp", "InMsgs"), theirs.icmp_in_msgs);
        assert_eq!(value("Icmp", "OutEchoReps"), theirs.icmp_out_echo_reps);
        assert_eq!(value("Udp", "InDatagrams"), theirs.udp_in_datagrams);
        assert_eq!(value("Udp", "SndbufErrors"), theirs.udp_sndbuf_errors);
    });
}

// Order, columns, options.

#[test]
fn interface_names_are_in_a_total_order() {
    let name = || "(eth|wlan|veth|br-|)[0-9]{0,11}(:[0-9]{0,3}|)";
    hold(2000, (name(), name(), name()), |(a, b, c)| {
        let [a, b, c] = [a, b, c].map(|name| InterfaceName::new(name.as_bytes()));
        for [a, b, c] in [
            [&a, &b, &c],
            [&a, &c, &b],
            [&b, &a, &c],
            [&b, &c, &a],
            [&c, &a, &b],
            [&c, &b, &a],
        ] {
            checks::order(a, b, c);
        }
    });
}

/// What begins one long option only is that option.
#[test]
fn long_options_can_be_shortened() {
    let parse = |word: &str| {
        let argv = ["netstat".into(), format!("--{word}").into(), "inet".into()];
        let parsed = cli::parse(&argv, false, || false);
        (parsed.notices, parsed.command)
    };
    // Those of ours must be spelled in full.
    let names: Vec<&str> = LONG.into_iter().chain([CONTEXT]).collect();
    let mut shortened = 0;
    for &name in &names {
        for length in 1..name.len() {
            let short = &name[..length];
            let others = names
                .iter()
                .filter(|other| other.starts_with(short))
                .count();
            if others == 1 {
                assert_eq!(parse(short), parse(name), "--{short} for --{name}");
                shortened += 1;
            }
        }
    }
    assert!(shortened > 130, "{shortened}");
}
