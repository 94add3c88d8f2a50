//! Routes and neighbours.

use std::borrow::Cow;
use std::io::BufReader;
use std::net::Ipv6Addr;

use netstat::collect::{ipv6_route, neighbour, route};
use netstat::record::ipv6_route::Ipv6Route;
use netstat::record::neighbour::{Neighbour, NeighbourState};
use netstat::record::route::Route;
use procfs::FromBufRead;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::any_bytes::edit;
use crate::hold;
use crate::support::checks;
use crate::values::{int, interface, ipv4, ipv6, pi6, socket_address};

const ROUTE_HEADING: &str =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";

fn ipv4_route() -> impl Strategy<Value = Route<'static>> {
    let counts = (any::<u16>(), any::<u16>(), int());
    let tcp = (int(), int(), int());
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
            next_hops: None,
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
                next_hops: None,
            };
            assert_eq!(ours, theirs);
        }
    });
}
