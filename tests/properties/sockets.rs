//! Sockets, group memberships and masqueraded connections.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::BufReader;
use std::net::{IpAddr, SocketAddr};

use netstat::collect::igmp::{GroupParser, Line};
use netstat::collect::{inet, masquerade, sctp, unix};
use netstat::record::group::GroupMembership;
use netstat::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use netstat::record::masquerade::{MasqueradeProtocol, Masqueraded};
use netstat::record::owner::Owners;
use netstat::record::sctp::{SctpAssociation, SctpEndpoint, SctpState};
use netstat::record::unix::UnixSocket;
use procfs::{FromBufRead, FromBufReadSI};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::any_bytes::edit;
use crate::hold;
use crate::support::checks;
use crate::values::{int, interface, ipv4, ipv6, long, pi6, socket_address};

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
        let counts = (any::<u32>(), any::<u32>(), int(), long());
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
                backlog_limit: None,
                peer: None,
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
        (int(), any::<u32>()),
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
