//! "Kernel Interface table" in its long form: a block of lines for each interface.

use std::net::Ipv4Addr;

use super::hardware::{self, HardwareName};
use super::{address, column};
use crate::collect::interfaces::dev::Counters;
use crate::collect::interfaces::inet6::Inet6Address;
use crate::collect::interfaces::{
    Details, DeviceMap, FLAG_NAMES, Flags, Hardware, InetAddress, Interface, IpxAddress, IpxFrame,
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

/// Appends the block of an interface, with the empty line that ends it.
pub fn block(row: &mut Vec<u8>, interface: &Interface<'_>) {
    let unknown = Details::default();
    let details = interface.details.as_ref().unwrap_or(&unknown);
    let flags = interface.flags.unwrap_or_default();
    let hardware = details.hardware.map(|hardware| {
        let name = hardware::name(hardware.kind);
        (hardware, name)
    });

    first_line(row, interface, details);
    if let Some(inet) = &details.inet {
        inet_line(row, inet, flags);
    }
    for inet6 in details.inet6 {
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
    if let Some(counters) = interface.counters {
        let compressed = hardware.is_some_and(|(_, name)| name.compresses);
        counter_lines(row, counters, compressed);
    }
    device_line(row, &details.map);
    row.push(b'\n');
}

fn line(row: &mut Vec<u8>, begin: &[u8]) {
    row.extend_from_slice(INDENT);
    row.extend_from_slice(begin);
}

fn first_line(row: &mut Vec<u8>, interface: &Interface<'_>, details: &Details<'_>) {
    column::printable(row, interface.name);
    row.extend_from_slice(b": flags=");
    match interface.flags {
        Some(flags) => words(row, flags),
        None => row.push(b'-'),
    }
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
    const COMPATIBLE: u32 = 0x80;
    line(row, b"inet6 ");
    address::number(row, inet6.address.into());
    row.extend_from_slice(b"  prefixlen ");
    column::signed(row, inet6.prefix_length.cast_signed().into());
    row.extend_from_slice(b"  scopeid 0x");
    column::hex(row, inet6.scope.into(), 1);
    let scope = inet6.scope & !COMPATIBLE;
    let mut separator = b'<';
    for (applies, word) in [
        (inet6.scope & COMPATIBLE != 0, "compat"),
        (scope == 0, "global"),
        (scope & 0x20 != 0, "link"),
        (scope & 0x40 != 0, "site"),
        (scope & 0x10 != 0, "host"),
    ] {
        if applies {
            row.push(separator);
            row.extend_from_slice(word.as_bytes());
            separator = b',';
        }
    }
    if separator == b',' {
        row.push(b'>');
    }
    row.push(b'\n');
}

fn ipx_line(row: &mut Vec<u8>, ipx: &IpxAddress) {
    line(
        row,
        match ipx.frame {
            IpxFrame::EthernetII => b"ipx Ethernet-II   ",
            IpxFrame::Snap => b"ipx Ethernet-SNAP ",
            IpxFrame::Ieee8022 => b"ipx Ethernet802.2 ",
            IpxFrame::Ieee8023 => b"ipx Ethernet802.3 ",
        },
    );
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
