//! "Kernel Interface table" in its long form: a block of lines for each interface.

use std::net::Ipv4Addr;

use super::hardware::{self, HardwareName};
use super::{address, column};
use crate::printable;
use crate::record::interface::Counters;
use crate::record::interface::Inet6Address;
use crate::record::interface::{
    Details, DeviceMap, FLAG_NAMES, Flags, Hardware, InetAddress, Interface, IpxAddress,
};

/// What every line but the first of a block begins with.
const INDENT: &[u8] = b"        ";

/// The media ports of the kernel (`IF_PORT_…`), by number.
const PORTS: [&str; 7] = [
    "unknown",
    "10base2",
    "10baseT",
    "AUI",
    "100baseT",
    "100baseTX",
    "100baseFX",
];

/// I/O ports below this are not shown.
const LOWEST_BASE: u16 = 0x100;

/// Appends the block of an interface, whose flags were `old` before if they have changed, with the empty line that ends it.
pub fn block(row: &mut Vec<u8>, interface: &Interface<'_>, old: Option<&[u8]>) {
    let unknown = Details::default();
    let details = interface.details.as_ref().unwrap_or(&unknown);
    let flags = interface.flags.unwrap_or_default();
    let hardware = details.hardware.map(|hardware| {
        let name = hardware::name(hardware.kind);
        (hardware, name)
    });

    first_line(row, interface, old, details);
    if let Some(inet) = &details.inet {
        inet_line(row, inet, flags);
    }
    for inet6 in &*details.inet6 {
        inet6_line(row, inet6);
    }
    for ipx in &details.ipx {
        ipx_line(row, ipx);
    }
    if let Some(appletalk) = details.appletalk {
        line(row, b"ddp ");
        column::unsigned(row, appletalk.network.into());
        row.push(b'/');
        column::unsigned(row, appletalk.node.into());
        row.push(b'\n');
    }
    if let Some(econet) = details.econet {
        line(row, b"ec ");
        column::unsigned(row, econet.network.into());
        row.push(b'.');
        column::unsigned(row, econet.station.into());
        row.push(b'\n');
    }
    if let Some((hardware, name)) = &hardware {
        hardware_line(row, hardware, name, details.queue_length);
    }
    if flags.contains(Flags::PORTSEL) {
        line(row, b"media ");
        // The reference reads past its table for ports that no kernel has.
        let port = PORTS.get(usize::from(details.map.port));
        row.extend_from_slice(port.unwrap_or(&"unknown").as_bytes());
        if flags.contains(Flags::AUTOMEDIA) {
            row.extend_from_slice(b"autoselect");
        }
        row.push(b'\n');
    }
    if let Some(counters) = interface.whole_counters() {
        let compressed = hardware.is_some_and(|(_, name)| name.compresses);
        counter_lines(row, &counters, compressed);
    }
    device_line(row, &details.map);
    row.push(b'\n');
}

fn line(row: &mut Vec<u8>, begin: &[u8]) {
    row.extend_from_slice(INDENT);
    row.extend_from_slice(begin);
}

fn first_line(
    row: &mut Vec<u8>,
    interface: &Interface<'_>,
    old: Option<&[u8]>,
    details: &Details<'_>,
) {
    printable::append(row, &interface.name);
    row.extend_from_slice(b": flags=");
    column::state(row, old, 0, |row| match interface.flags {
        Some(flags) => words(row, flags),
        None => row.push(b'-'),
    });
    row.extend_from_slice(b"  mtu ");
    match interface.mtu {
        Some(mtu) => column::signed(row, mtu.into()),
        None => row.push(b'-'),
    }
    if let Some(slip) = details.slip
        && (slip.outfill != 0 || slip.keepalive != 0)
    {
        row.extend_from_slice(b"  outfill ");
        column::signed(row, slip.outfill.into());
        row.extend_from_slice(b"  keepalive ");
        column::signed(row, slip.keepalive.into());
    }
    row.push(b'\n');
}

/// Appends the flags as a number and in words. Without any flag the bracket stays open, as in the reference.
fn words(row: &mut Vec<u8>, flags: Flags) {
    column::signed(row, flags.0.cast_signed().into());
    if flags.0 == 0 {
        row.push(b'<');
        return;
    }
    let mut separator = b'<';
    for flag in FLAG_NAMES.iter().filter(|flag| flags.contains(flag.bit)) {
        row.push(separator);
        row.extend_from_slice(flag.word.as_bytes());
        separator = b',';
    }
    if separator == b',' {
        row.push(b'>');
    }
}

fn inet_line(row: &mut Vec<u8>, inet: &InetAddress, flags: Flags) {
    let mut field = |name: &[u8], address: Option<Ipv4Addr>| {
        row.extend_from_slice(name);
        match address {
            Some(address) => address::dotted_quad(row, address),
            None => row.extend_from_slice(b"[NONE SET]"),
        }
    };
    field(b"        inet ", Some(inet.address));
    field(b"  netmask ", inet.netmask);
    if flags.contains(Flags::BROADCAST) {
        field(b"  broadcast ", inet.broadcast);
    }
    if flags.contains(Flags::POINTOPOINT) {
        field(b"  destination ", inet.destination);
    }
    row.push(b'\n');
}

fn inet6_line(row: &mut Vec<u8>, inet6: &Inet6Address) {
    line(row, b"inet6 ");
    address::number(row, inet6.address.into());
    row.extend_from_slice(b"  prefixlen ");
    column::signed(row, inet6.prefix_length.cast_signed().into());
    row.extend_from_slice(b"  scopeid 0x");
    column::hex(row, inet6.scope.into(), 1);
    let mut separator = b'<';
    for word in inet6.scope_words() {
        row.push(separator);
        row.extend_from_slice(word.as_bytes());
        separator = b',';
    }
    if separator == b',' {
        row.push(b'>');
    }
    row.push(b'\n');
}

fn ipx_line(row: &mut Vec<u8>, ipx: &IpxAddress) {
    line(row, b"ipx ");
    column::left(row, ipx.frame.name().as_bytes(), 14);
    let node_set = ipx.node.iter().any(|&byte| byte != 0);
    if ipx.network != 0 {
        column::upper_hex(row, ipx.network.into(), 8);
        if node_set {
            row.push(b':');
        }
    }
    if node_set {
        for byte in ipx.node {
            column::upper_hex(row, byte.into(), 2);
        }
    }
    row.push(b'\n');
}

fn hardware_line(
    row: &mut Vec<u8>,
    hardware: &Hardware,
    name: &HardwareName,
    queue_length: Option<i32>,
) {
    line(row, name.word.as_bytes());
    hardware::address(row, hardware, name);
    if let Some(length) = queue_length {
        row.extend_from_slice(b"  txqueuelen ");
        column::signed(row, length.into());
    }
    row.extend_from_slice(b"  (");
    row.extend_from_slice(name.title.as_bytes());
    row.extend_from_slice(b")\n");
}

fn counter_lines(row: &mut Vec<u8>, counters: &Counters, compressed: bool) {
    packets(row, b"RX", counters.rx_packets, counters.rx_bytes);
    if compressed {
        line(row, b"RX compressed:");
        column::unsigned(row, counters.rx_compressed);
        row.push(b'\n');
    }
    line(row, b"RX");
    for (name, value) in [
        (&b" errors "[..], counters.rx_errors),
        (b"  dropped ", counters.rx_dropped),
        (b"  overruns ", counters.rx_fifo),
        (b"  frame ", counters.rx_frame),
    ] {
        row.extend_from_slice(name);
        column::unsigned(row, value);
    }
    row.push(b'\n');
    packets(row, b"TX", counters.tx_packets, counters.tx_bytes);
    if compressed {
        line(row, b"TX compressed ");
        column::unsigned(row, counters.tx_compressed);
        row.push(b'\n');
    }
    line(row, b"TX");
    for (name, value) in [
        (&b" errors "[..], counters.tx_errors),
        (b"  dropped ", counters.tx_dropped),
        // One blank, unlike the same column of RX.
        (b" overruns ", counters.tx_fifo),
        (b"  carrier ", counters.tx_carrier),
        (b"  collisions ", counters.tx_collisions),
    ] {
        row.extend_from_slice(name);
        column::unsigned(row, value);
    }
    row.push(b'\n');
}

fn packets(row: &mut Vec<u8>, direction: &[u8], packets: u64, bytes: u64) {
    line(row, direction);
    row.extend_from_slice(b" packets ");
    column::unsigned(row, packets);
    row.extend_from_slice(b"  bytes ");
    column::unsigned(row, bytes);
    row.extend_from_slice(b" (");
    scaled(row, bytes);
    row.extend_from_slice(b")\n");
}

/// Appends a number of bytes in the largest unit that it exceeds, with one digit after the point, rounded down.
fn scaled(row: &mut Vec<u8>, bytes: u64) {
    // In tenths of the unit: ten times the bytes would overflow for EiB, where the reference divides by a tenth of the unit instead.
    const EXBI: u64 = 1 << 60;
    let (tenths, unit) = if bytes > EXBI {
        (bytes / (EXBI / 10), "EiB")
    } else {
        [
            (1 << 50, "PiB"),
            (1 << 40, "TiB"),
            (1 << 30, "GiB"),
            (1 << 20, "MiB"),
            (1 << 10, "KiB"),
        ]
        .into_iter()
        .find(|&(limit, _)| bytes > limit)
        .map_or((bytes * 10, "B"), |(limit, unit)| {
            (bytes * 10 / limit, unit)
        })
    };
    column::unsigned(row, tenths / 10);
    row.push(b'.');
    column::unsigned(row, tenths % 10);
    row.push(b' ');
    row.extend_from_slice(unit.as_bytes());
}

fn device_line(row: &mut Vec<u8>, map: &DeviceMap) {
    if map.irq == 0 && map.memory_start == 0 && map.dma == 0 && map.base_address < LOWEST_BASE {
        return;
    }
    line(row, b"device ");
    if map.irq != 0 {
        row.extend_from_slice(b"interrupt ");
        column::unsigned(row, map.irq.into());
        row.extend_from_slice(b"  ");
    }
    if map.base_address >= LOWEST_BASE {
        row.extend_from_slice(b"base 0x");
        column::hex(row, map.base_address.into(), 1);
        row.extend_from_slice(b"  ");
    }
    if map.memory_start != 0 {
        row.extend_from_slice(b"memory 0x");
        column::hex(row, map.memory_start, 1);
        row.extend_from_slice(b"-");
        column::hex(row, map.memory_end, 1);
        row.extend_from_slice(b"  ");
    }
    if map.dma != 0 {
        row.extend_from_slice(b"  dma 0x");
        column::hex(row, map.dma.into(), 1);
    }
    row.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::interface::{AppleTalkAddress, EconetAddress, IpxFrame, SlipTimers};

    fn text(make: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut row = Vec::new();
        make(&mut row);
        String::from_utf8(row).unwrap()
    }

    #[test]
    fn units() {
        for (bytes, expected) in [
            (0, "0.0 B"),
            (1, "1.0 B"),
            (1024, "1024.0 B"),
            (1025, "1.0 KiB"),
            (1126, "1.0 KiB"),
            (1127, "1.1 KiB"),
            (1_048_575, "1023.9 KiB"),
            (1_048_576, "1024.0 KiB"),
            (1_048_577, "1.0 MiB"),
            (1 << 30, "1024.0 MiB"),
            ((1 << 30) + 1, "1.0 GiB"),
            ((1 << 40) + 1, "1.0 TiB"),
            ((1 << 50) + 1, "1.0 PiB"),
            (1 << 60, "1024.0 PiB"),
            ((1 << 60) + 1, "1.0 EiB"),
            (2_000_000_000_000_000_000, "1.7 EiB"),
            ((1 << 63) + 1, "8.0 EiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(text(|row| scaled(row, bytes)), expected, "{bytes}");
        }
    }

    #[test]
    fn flags_in_words() {
        for (flags, expected) in [
            (73, "73<UP,LOOPBACK,RUNNING>"),
            (0, "0<"),
            (0x2000, "8192"),
            (0x4000, "16384"),
            (0x8000, "-32768<DYNAMIC>"),
            (
                0xffff,
                "-1<UP,BROADCAST,DEBUG,LOOPBACK,POINTOPOINT,NOTRAILERS,RUNNING,NOARP,PROMISC,ALLMULTI,SLAVE,MASTER,MULTICAST,DYNAMIC>",
            ),
        ] {
            assert_eq!(text(|row| words(row, Flags(flags))), expected);
        }
    }

    #[test]
    fn inet6_scopes() {
        for (address, prefix_length, scope, expected) in [
            (
                "2001:db8::1",
                64,
                0,
                "2001:db8::1  prefixlen 64  scopeid 0x0<global>",
            ),
            ("::1", 128, 0x10, "::1  prefixlen 128  scopeid 0x10<host>"),
            (
                "fec0::1",
                64,
                0x40,
                "fec0::1  prefixlen 64  scopeid 0x40<site>",
            ),
            (
                "::10.0.0.1",
                96,
                0x80,
                "::10.0.0.1  prefixlen 96  scopeid 0x80<compat,global>",
            ),
            (
                "2001:db8::2",
                0,
                0xf0,
                "2001:db8::2  prefixlen 0  scopeid 0xf0<compat,link,site,host>",
            ),
            (
                "2001:db8::4",
                0,
                0x1,
                "2001:db8::4  prefixlen 0  scopeid 0x1",
            ),
            (
                "::ffff:1.2.3.4",
                0,
                0,
                "1.2.3.4  prefixlen 0  scopeid 0x0<global>",
            ),
        ] {
            let inet6 = Inet6Address {
                address: address.parse().unwrap(),
                prefix_length,
                scope,
            };
            assert_eq!(
                text(|row| inet6_line(row, &inet6)),
                format!("        inet6 {expected}\n")
            );
        }
    }

    #[test]
    fn device_lines() {
        let all = DeviceMap {
            irq: 11,
            base_address: 0xd000,
            memory_start: 0xfebc_0000,
            memory_end: 0xfebe_0000,
            dma: 3,
            port: 1,
        };
        let none = DeviceMap::default();
        for (map, expected) in [
            (none, ""),
            (
                DeviceMap {
                    base_address: 0xff,
                    port: 9,
                    memory_end: 1,
                    ..none
                },
                "",
            ),
            (
                DeviceMap { irq: 11, ..none },
                "        device interrupt 11  \n",
            ),
            (
                DeviceMap {
                    base_address: 0x100,
                    ..none
                },
                "        device base 0x100  \n",
            ),
            (
                DeviceMap {
                    irq: 0,
                    base_address: 0,
                    dma: 0,
                    ..all
                },
                "        device memory 0xfebc0000-febe0000  \n",
            ),
            (DeviceMap { dma: 3, ..none }, "        device   dma 0x3\n"),
            (
                all,
                "        device interrupt 11  base 0xd000  memory 0xfebc0000-febe0000    dma 0x3\n",
            ),
        ] {
            assert_eq!(text(|row| device_line(row, &map)), expected);
        }
    }

    #[test]
    fn blocks() {
        let counters = Counters {
            rx_bytes: 100,
            rx_packets: 200,
            rx_errors: 300,
            rx_dropped: 400,
            rx_fifo: 500,
            rx_frame: 600,
            rx_compressed: 700,
            rx_multicast: 800,
            tx_bytes: 900,
            tx_packets: 1000,
            tx_errors: 1100,
            tx_dropped: 1200,
            tx_fifo: 1300,
            tx_collisions: 1400,
            tx_carrier: 1500,
            tx_compressed: 1600,
        };
        let node = [0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0];
        let ipx = |frame, network, node| IpxAddress {
            frame,
            network,
            node,
        };
        let everything = Interface {
            name: b"m".into(),
            flags: Some(Flags(0x2000 | 0x4000 | 0x13)),
            mtu: Some(-5),
            counters: Some(counters),
            time: None,
            index: None,
            details: Some(Details {
                hardware: Some(Hardware {
                    kind: 259,
                    address: [0; 14],
                }),
                slip: Some(SlipTimers {
                    outfill: 5,
                    keepalive: 7,
                }),
                queue_length: Some(10),
                map: DeviceMap {
                    port: 2,
                    ..DeviceMap::default()
                },
                inet: Some(InetAddress {
                    address: Ipv4Addr::new(1, 2, 3, 4),
                    netmask: None,
                    broadcast: Some(Ipv4Addr::UNSPECIFIED),
                    destination: None,
                }),
                inet6: (&[]).into(),
                ipx: vec![
                    ipx(IpxFrame::EthernetII, 0, node),
                    ipx(IpxFrame::Snap, 0x1234, node),
                    ipx(IpxFrame::Ieee8022, 0x1234, [0; 6]),
                    ipx(IpxFrame::Ieee8023, 0, [0; 6]),
                ],
                appletalk: Some(AppleTalkAddress {
                    network: 65280,
                    node: 12,
                }),
                econet: Some(EconetAddress {
                    network: 1,
                    station: 2,
                }),
            }),
            inet_addresses: None,
        };
        assert_eq!(
            text(|row| block(row, &everything, None)),
            "m: flags=24595<UP,BROADCAST,POINTOPOINT>  mtu -5  outfill 5  keepalive 7
        inet 1.2.3.4  netmask [NONE SET]  broadcast 0.0.0.0  destination [NONE SET]
        ipx Ethernet-II   A0B0C0D0E0F0
        ipx Ethernet-SNAP 00001234:A0B0C0D0E0F0
        ipx Ethernet802.2 00001234
        ipx Ethernet802.3 \n        ddp 65280/12
        ec 1.2
        cslip6  txqueuelen 10  (VJ 6-bit Serial Line IP)
        media 10baseTautoselect
        RX packets 200  bytes 100 (100.0 B)
        RX compressed:700
        RX errors 300  dropped 400  overruns 500  frame 600
        TX packets 1000  bytes 900 (900.0 B)
        TX compressed 1600
        TX errors 1100  dropped 1200 overruns 1300  carrier 1500  collisions 1400

"
        );

        // Ours: what another proc root does not tell.
        let unknown = Interface {
            name: b"eth0".into(),
            flags: None,
            mtu: None,
            counters: Some(counters),
            time: None,
            index: None,
            details: Some(Details::default()),
            inet_addresses: None,
        };
        assert_eq!(
            text(|row| block(row, &unknown, None)),
            "eth0: flags=-  mtu -
        RX packets 200  bytes 100 (100.0 B)
        RX errors 300  dropped 400  overruns 500  frame 600
        TX packets 1000  bytes 900 (900.0 B)
        TX errors 1100  dropped 1200 overruns 1300  carrier 1500  collisions 1400

"
        );

        // The reference prints the text at a null pointer for port 7, and whatever lies behind its table above.
        let odd_port = Details {
            map: DeviceMap {
                port: 7,
                ..DeviceMap::default()
            },
            ..Details::default()
        };
        let odd = Interface {
            flags: Some(Flags(0x2000)),
            mtu: Some(0),
            counters: None,
            time: None,
            index: None,
            details: Some(odd_port),
            ..unknown
        };
        assert_eq!(
            text(|row| block(row, &odd, None)),
            "eth0: flags=8192  mtu 0\n        media unknown\n\n"
        );
    }
}
