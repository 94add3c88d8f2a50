//! `/proc/net/{tcp,udp,udplite,raw}` and their `…6` twins: tcp, udp, udplite and raw sockets.
//!
//! The kernel writes all eight in one line format, so there is one parser and one loop; what differs between the protocols
//! is the data in [`Protocol`]'s tables.

pub mod details;
pub mod source;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Context;
use super::sock_diag::{Diagnostics, Next, Outcome, Request};
use crate::error::Error;
use crate::proc_root;
use crate::query::{Query, SockDiag, SocketQuery};
use crate::record::inet::{Endpoint, Family, InetSocket, Protocol, TcpState, Timer};
use crate::record::owner::Owners;
use crate::record::socket_detail::SocketDetail;
use crate::scan::{ByteOrder, LONG_DIGITS, Scanner, fixed_hex};
use source::{OtherFamily, Table};

/// What differs between the protocols.
struct Traits {
    /// The files below the proc root, IPv4 and IPv6.
    files: [&'static str; 2],
    /// The name in "no support for …".
    label: &'static str,
    /// The name in "got bogus … line".
    family_name: &'static str,
    /// Lines with fewer fields are bogus.
    fewest_fields: usize,
}

const TCP: Traits = Traits {
    files: ["net/tcp", "net/tcp6"],
    label: "AF INET (tcp)",
    family_name: "tcp",
    fewest_fields: 11,
};

const UDP: Traits = Traits {
    files: ["net/udp", "net/udp6"],
    label: "AF INET (udp)",
    family_name: "udp",
    fewest_fields: 10,
};

const UDP_LITE: Traits = Traits {
    files: ["net/udplite", "net/udplite6"],
    label: "AF INET (udplite)",
    family_name: "udp",
    fewest_fields: 10,
};

const RAW: Traits = Traits {
    files: ["net/raw", "net/raw6"],
    label: "AF INET (raw)",
    family_name: "raw",
    fewest_fields: 10,
};

impl Protocol {
    fn traits(self) -> &'static Traits {
        match self {
            Protocol::Tcp => &TCP,
            Protocol::Udp => &UDP,
            Protocol::UdpLite => &UDP_LITE,
            Protocol::Raw => &RAW,
        }
    }

    /// The table's file below the proc root.
    pub fn file(self, family: Family) -> &'static str {
        let [inet, inet6] = self.traits().files;
        match family {
            Family::Inet => inet,
            Family::Inet6 => inet6,
        }
    }
}

/// Lends the sockets of a protocol to the sink.
///
/// # Errors
/// The IPv4 file is absent and was asked for, or cannot be opened for another reason; what the sink said.
pub fn collect(
    context: &mut Context<'_>,
    sockets: &SocketQuery,
    protocol: Protocol,
) -> Result<(), Error> {
    let mut absent = false;
    // What the IPv4 table's source knew of the IPv6 table.
    let mut other = None;
    if sockets.shows(sockets.inet) {
        let traits = protocol.traits();
        match context.open_table(sockets, protocol.file(Family::Inet), traits.label)? {
            Some(lines) => {
                let both = sockets.shows(sockets.inet6);
                let table = Table::new(context, sockets, protocol, Family::Inet);
                other = table.read(lines, both, None)?;
            }
            None => absent = true,
        }
    }
    if sockets.shows(sockets.inet6)
        && !(protocol == Protocol::Tcp && other.is_none() && no_tcp6_sockets(context.query))
        && let Some(lines) = other
            .as_mut()
            .and_then(OtherFamily::file)
            .or_else(|| context.open_second_table(protocol.file(Family::Inet6)))
    {
        Table::new(context, sockets, protocol, Family::Inet6).read(lines, false, other)?;
    }
    context.require(sockets, absent)
}

/// Visits the connections of a protocol, over IPv4 and IPv6: from the diagnostics, or else from its files. What changes meanwhile may be
/// visited twice or not at all.
pub fn connections(query: &Query, protocol: Protocol, mut visit: impl FnMut(&InetSocket)) {
    let mut visit_connection = |socket: &InetSocket| {
        if !socket.is_listening() {
            visit(socket);
        }
    };
    let mut diagnostics = Diagnostics::default();
    for family in [Family::Inet, Family::Inet6] {
        let file = protocol.file(family);
        let Ok(mut lines) = query.proc_root.lines(file, proc_root::PIECE) else {
            continue;
        };
        if query.sock_diag != SockDiag::Never && query.proc_root.is_kernels_own(lines.input()) {
            let request = Request {
                protocol,
                family: Some(family),
                states: source::TCP_STATES & !(1 << TcpState::LISTEN.0),
                remote_port_zero: false,
                attributes: 0,
            };
            let outcome = diagnostics.dump(&request, |entry| {
                visit_connection(&entry.socket);
                Ok(Next::Continue)
            });
            if !matches!(outcome, Ok(Outcome::Broken)) {
                continue;
            }
        }
        let _ = lines.next_line();
        let order = query.proc_root.byte_order();
        while let Ok(Some(line)) = lines.next_line() {
            if let Some(socket) = parse_of(order, line, protocol, family) {
                visit_connection(&socket);
            }
        }
    }
}

/// Whether the kernel counts no tcp socket over IPv6 in the network namespace whose tables these are, so that walking its whole hash table
/// once more can be spared. Connections in TIME_WAIT are counted apart and for both families together.
fn no_tcp6_sockets(query: &Query) -> bool {
    let counts = |file: &str, start: &[u8], count: &[u8]| {
        let text = query.proc_root.read(file).unwrap_or_default();
        text.split(|&byte| byte == b'\n')
            .filter_map(|line| line.strip_prefix(start))
            .any(|rest| {
                let mut words = rest.split(|&byte| byte == b' ');
                words.any(|word| word == count) && words.next() == Some(b"0")
            })
    };
    query.proc_root.is_system()
        && query.sock_diag != SockDiag::Never
        && counts("net/sockstat6", b"TCP6: ", b"inuse")
        && counts("net/sockstat", b"TCP: ", b"tw")
        && query
            .proc_root
            .open("net/tcp6")
            .is_ok_and(|file| proc_root::is_own_procfs(&file))
}

/// What a line says beyond the row that the reference shows. Kernels before 2.6.27 say nothing.
fn detail(line: &[u8], protocol: Protocol) -> Option<Box<SocketDetail>> {
    if protocol == Protocol::Tcp {
        return None;
    }
    // Behind the inode: references, a pointer, drops.
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let mut drops = Scanner::new(words.nth(12)?);
    Some(Box::new(SocketDetail {
        drops: Some(drops.decimal64()?),
        ..SocketDetail::default()
    }))
}

/// Parses a line of this machine's table; `None` if it is bogus.
pub fn parse(line: &[u8], protocol: Protocol, family: Family) -> Option<InetSocket> {
    parse_of(ByteOrder::OWN, line, protocol, family)
}

/// Parses a line of the table of a machine of this byte order; `None` if it is bogus.
pub fn parse_of(
    order: ByteOrder,
    line: &[u8],
    protocol: Protocol,
    family: Family,
) -> Option<InetSocket> {
    parse_kernel_of(order, line, protocol, family)
        .or_else(|| parse_tolerant_of(order, line, protocol, family))
}

/// Parses a line of this machine's table exactly as today's kernels print it, by position; `None` if anything is unusual.
fn parse_kernel(line: &[u8], protocol: Protocol, family: Family) -> Option<InetSocket> {
    parse_kernel_of(ByteOrder::OWN, line, protocol, family)
}

/// The same for a machine of this byte order.
fn parse_kernel_of(
    order: ByteOrder,
    line: &[u8],
    protocol: Protocol,
    family: Family,
) -> Option<InetSocket> {
    let slot_end = line.iter().position(|&byte| byte == b':')?;
    let (slot, rest) = line.split_at_checked(slot_end)?;
    let digits = slot.trim_ascii_start();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (local, rest) = kernel_endpoint(order, rest.strip_prefix(b": ")?, family)?;
    let (remote, rest) = kernel_endpoint(order, rest.strip_prefix(b" ")?, family)?;
    let rest = rest.strip_prefix(b" ")?;
    // "ST TTTTTTTT:RRRRRRRR KK:WWWWWWWW NNNNNNNN", each of fixed width.
    let (fixed, rest) = rest.split_at_checked(41)?;
    let field = |from: usize, to: usize| fixed.get(from..to).and_then(fixed_hex);
    let separators = [(2, b' '), (11, b':'), (20, b' '), (23, b':'), (32, b' ')];
    if separators
        .iter()
        .any(|&(at, byte)| fixed.get(at) != Some(&byte))
    {
        return None;
    }
    let (uid, rest) = kernel_decimal(rest)?;
    let (timeout, rest) = kernel_decimal(rest)?;
    let (inode, _) = kernel_decimal(rest)?;
    Some(InetSocket {
        protocol,
        family,
        local,
        remote,
        state: TcpState(field(0, 2)?),
        send_queue: field(3, 11)?.into(),
        recv_queue: field(12, 20)?.into(),
        timer: Timer {
            kind: field(21, 23)?,
            remaining: field(24, 32)?.into(),
            retransmits: field(33, 41)?.into(),
            timeout: i32::try_from(timeout).ok()?,
        },
        uid: u32::try_from(uid).ok()?,
        inode,
        owners: Owners::NotSought,
        detail: None,
    })
}

/// "AAAAAAAA:PPPP" or the same with 32 digits of address.
fn kernel_endpoint(order: ByteOrder, bytes: &[u8], family: Family) -> Option<(Endpoint, &[u8])> {
    let length = match family {
        Family::Inet => 8,
        Family::Inet6 => 32,
    };
    let (address, rest) = bytes.split_at_checked(length)?;
    let (port, rest) = rest.strip_prefix(b":")?.split_at_checked(4)?;
    let address = match family {
        Family::Inet => IpAddr::V4(order.ipv4(fixed_hex(address)?)),
        Family::Inet6 => {
            let mut octets = [0u8; 16];
            for (word, digits) in octets.chunks_exact_mut(4).zip(address.chunks_exact(8)) {
                word.copy_from_slice(&order.bytes(fixed_hex(digits)?));
            }
            IpAddr::V6(Ipv6Addr::from(octets))
        }
    };
    Some((
        Endpoint {
            address,
            port: fixed_hex(port)?,
        },
        rest,
    ))
}

/// Blanks and a number with so few digits that it cannot overflow.
fn kernel_decimal(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let bytes = bytes.strip_prefix(b" ")?;
    let blanks = bytes.iter().position(|&byte| byte != b' ')?;
    let (_, bytes) = bytes.split_at_checked(blanks)?;
    let length = bytes
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(bytes.len());
    if !(1..=LONG_DIGITS).contains(&length) {
        return None;
    }
    let (digits, rest) = bytes.split_at_checked(length)?;
    Some((
        digits
            .iter()
            .fold(0, |value, &byte| value * 10 + u64::from(byte - b'0')),
        rest,
    ))
}

/// Parses a line as the reference's `sscanf` does, with all its tolerance.
#[doc(hidden)] // for tests
pub fn parse_tolerant(line: &[u8], protocol: Protocol, family: Family) -> Option<InetSocket> {
    parse_tolerant_of(ByteOrder::OWN, line, protocol, family)
}

/// The same for a machine of this byte order.
fn parse_tolerant_of(
    order: ByteOrder,
    line: &[u8],
    protocol: Protocol,
    family: Family,
) -> Option<InetSocket> {
    let mut scanner = Scanner::new(line);
    let mut socket = InetSocket {
        protocol,
        family,
        local: Endpoint {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port: 0,
        },
        remote: Endpoint {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            port: 0,
        },
        state: TcpState(0),
        recv_queue: 0,
        send_queue: 0,
        timer: Timer::default(),
        uid: 0,
        inode: 0,
        owners: Owners::NotSought,
        detail: None,
    };
    let fields = scan(order, &mut scanner, &mut socket);
    (fields >= protocol.traits().fewest_fields).then_some(socket)
}

/// Fills `socket` from field to field and returns how many fields there were; missing ones keep their zeros.
fn scan(order: ByteOrder, scanner: &mut Scanner<'_>, socket: &mut InetSocket) -> usize {
    let mut fields = 0;
    let mut local: &[u8] = &[];
    let mut remote: &[u8] = &[];
    // A closure so that `?` can stop the scan at the first field that does not fit, as sscanf does.
    let mut scan = || -> Option<()> {
        let mut count = |_: ()| fields += 1;
        scanner.integer32().map(drop).map(&mut count)?;
        scanner.literal(b':')?;
        local = scanner.hex_word(64)?;
        count(());
        scanner.literal(b':')?;
        socket.local.port = scanner.hex32()?;
        count(());
        remote = scanner.hex_word(64)?;
        count(());
        scanner.literal(b':')?;
        socket.remote.port = scanner.hex32()?;
        count(());
        socket.state = TcpState(scanner.hex32()?);
        count(());
        socket.send_queue = scanner.hex_long()?;
        count(());
        scanner.literal(b':')?;
        socket.recv_queue = scanner.hex_long()?;
        count(());
        socket.timer.kind = scanner.hex32()?;
        count(());
        scanner.literal(b':')?;
        socket.timer.remaining = scanner.hex_long()?;
        count(());
        socket.timer.retransmits = scanner.hex_long()?;
        count(());
        socket.uid = scanner.integer32()?.cast_unsigned();
        count(());
        socket.timer.timeout = scanner.integer32()?;
        count(());
        socket.inode = scanner.decimal_long()?;
        count(());
        Some(())
    };
    let _ = scan();
    // The length of the *local* address tells the family of both, whatever the file.
    if local.len() > 8 {
        socket.local.address = words(order, local);
        socket.remote.address = words(order, remote);
    } else {
        socket.local.address = word(order, local);
        socket.remote.address = word(order, remote);
    }
    fields
}

/// An IPv4 address: one word; more than 16 digits saturate.
fn word(order: ByteOrder, digits: &[u8]) -> IpAddr {
    let value = Scanner::new(digits).hex32().unwrap_or(0);
    IpAddr::V4(order.ipv4(value))
}

/// An IPv6 address: four words of up to eight digits, missing ones 0, the rest ignored.
fn words(order: ByteOrder, digits: &[u8]) -> IpAddr {
    let mut octets = [0u8; 16];
    for (word, digits) in octets.chunks_exact_mut(4).zip(digits.chunks(8)) {
        word.copy_from_slice(&order.bytes(fixed_hex(digits).unwrap_or(0)));
    }
    IpAddr::V6(Ipv6Addr::from(octets))
}
