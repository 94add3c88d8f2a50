//! Where Docker's proxy forwards to, and which addresses and listeners a network namespace has.
//!
//! Sources: the options of docker-proxy; of the kernel, `net/ipv4/fib_trie.c` and `net/ipv6/addrconf.c` for the addresses, and
//! `Documentation/networking/proc_net_tcp.rst` for the sockets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::scan::{hex_digit, parsed};

/// What docker-proxy forwards to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// The protocol, if it is one with a table of sockets.
    pub transport: Option<Transport>,
    /// The address of the container.
    pub address: IpAddr,
    /// The port in the container.
    pub port: Option<u16>,
}

/// A protocol whose sockets are listed below `/proc/PID/net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// tcp
    Tcp,
    /// udp
    Udp,
}

impl Transport {
    /// Its tables below `net`, of IPv4 and IPv6.
    pub fn tables(self) -> [&'static str; 2] {
        match self {
            Transport::Tcp => ["tcp", "tcp6"],
            Transport::Udp => ["udp", "udp6"],
        }
    }

    /// The state of a socket that takes what comes, in hexadecimal digits.
    fn open_state(self) -> &'static [u8] {
        match self {
            Transport::Tcp => b"0A",
            Transport::Udp => b"07",
        }
    }
}

/// What docker-proxy forwards to, from its command line (arguments that end in NUL); `None` without an address.
pub fn forwarding(command_line: &[u8]) -> Option<Forwarding> {
    let mut address = None;
    let mut port = None;
    let mut transport = Some(Transport::Tcp);
    let mut arguments = command_line.split(|&byte| byte == 0);
    while let Some(argument) = arguments.next() {
        // One hyphen or two, and the value behind `=` or in the next argument: Go's package flag takes all.
        let Some(option) = argument.strip_prefix(b"-") else {
            continue;
        };
        let option = option.strip_prefix(b"-").unwrap_or(option);
        let mut value = |name: &[u8]| match option.strip_prefix(name)? {
            b"" => arguments.next(),
            [b'=', value @ ..] => Some(value),
            _ => None,
        };
        if let Some(text) = value(b"container-ip") {
            address = parsed(text);
        } else if let Some(text) = value(b"container-port") {
            port = parsed(text);
        } else if let Some(text) = value(b"proto") {
            transport = match text {
                b"tcp" => Some(Transport::Tcp),
                b"udp" => Some(Transport::Udp),
                _ => None,
            };
        }
    }
    Some(Forwarding {
        transport,
        address: address?,
        port,
    })
}

/// The inodes of the sockets in a table such as `net/tcp` that take connections or datagrams on a local port.
pub fn listeners(table: &[u8], transport: Transport, port: u16) -> impl Iterator<Item = u64> {
    table.split(|&byte| byte == b'\n').filter_map(move |line| {
        // sl, local_address, rem_address, st, …, inode as the tenth: what stands before are words without blanks.
        let mut words = line
            .split(|byte| byte.is_ascii_whitespace())
            .filter(|word| !word.is_empty());
        let local = words.nth(1)?;
        let state = words.nth(1)?;
        let digits = local.split_at_checked(local.len().checked_sub(4)?)?.1;
        let found = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if found != port || state != transport.open_state() {
            return None;
        }
        parsed(words.nth(5)?)
    })
}

/// The inode of the socket that a link in `/proc/PID/fd` leads to.
pub fn socket_inode(link: &[u8]) -> Option<u64> {
    parsed(link.strip_prefix(b"socket:[")?.strip_suffix(b"]")?)
}

/// The IPv4 addresses of a network namespace, from its `fib_trie`: a leaf `|-- ADDRESS` and below it `/32 host LOCAL`. The file has
/// each of them twice, and those of loopback.
pub fn ipv4_addresses(fib_trie: &[u8]) -> impl Iterator<Item = Ipv4Addr> {
    let mut leaf: &[u8] = b"";
    fib_trie
        .split(|&byte| byte == b'\n')
        .filter_map(move |line| {
            let line = line.trim_ascii_start();
            if let Some(address) = line.strip_prefix(b"|-- ") {
                leaf = address;
                return None;
            }
            if line.trim_ascii_end() != b"/32 host LOCAL" {
                return None;
            }
            parsed(leaf.trim_ascii_end())
        })
}

/// The IPv6 addresses of a network namespace, from its `if_inet6`: each line begins with 32 hexadecimal digits.
pub fn ipv6_addresses(if_inet6: &[u8]) -> impl Iterator<Item = Ipv6Addr> {
    if_inet6.split(|&byte| byte == b'\n').filter_map(|line| {
        let (digits, _) = line.split_at_checked(32)?;
        let number = digits.iter().try_fold(0u128, |number, &byte| {
            Some(number << 4 | u128::from(hex_digit(byte)?))
        })?;
        Some(Ipv6Addr::from_bits(number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_says_where_it_forwards_to() {
        for (line, expected) in [
            (
                "/usr/bin/docker-proxy -proto udp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80 -use-listen-fd",
                Some("Some(Udp) 172.17.0.2 Some(80)"),
            ),
            (
                "p --container-ip=fd00::2 -container-port=443",
                Some("Some(Tcp) fd00::2 Some(443)"),
            ),
            (
                "p -container-ip 10.0.0.2 -proto sctp -container-port 70000",
                Some("None 10.0.0.2 None"),
            ),
            ("p -container-ip ", None),
            ("p -container-ip web", None),
            ("p -container-ip", None),
            ("p -container-ipx 172.17.0.2", None),
            ("p container-ip 172.17.0.2", None),
            ("p -container-port 80", None),
            ("", None),
        ] {
            let line = line.replace(' ', "\0");
            let found = forwarding(line.as_bytes())
                .map(|found| format!("{:?} {} {:?}", found.transport, found.address, found.port));
            assert_eq!(found.as_deref(), expected, "{line:?}");
        }
    }

    #[test]
    fn listeners_are_found_by_their_port() {
        let tcp = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 020011AC:0050 010011AC:B2C4 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 00000000:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
   3: 00000000:0050 00000000:0000 0A
   4: 0:50
";
        let found = |table: &[u8], transport, port| -> Vec<u64> {
            listeners(table, transport, port).collect()
        };
        assert_eq!(found(tcp, Transport::Tcp, 80), [4711]);
        assert_eq!(found(tcp, Transport::Tcp, 81), [4713]);
        assert_eq!(found(tcp, Transport::Udp, 80), [0; 0]);
        let udp6 = b"  5: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 07 0:0 00:0 0 0 0 12 2 0 0\n";
        assert_eq!(found(udp6, Transport::Udp, 53), [12]);
        assert_eq!(socket_inode(b"socket:[4711]"), Some(4711));
        assert_eq!(socket_inode(b"pipe:[4711]"), None);
        assert_eq!(socket_inode(b"socket:[4711"), None);
    }

    #[test]
    fn addresses_are_the_local_leaves() {
        let trie = b"Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 172.17.0.0/30 2 0 2
        |-- 172.17.0.0
           /16 link UNICAST
        |-- 172.17.0.2
           /32 host LOCAL
Local:
     |-- 127.0.0.1
        /8 host LOCAL
        /32 host LOCAL
     |-- 172.17.255.255
        /32 link BROADCAST
     |-- nonsense
        /32 host LOCAL
";
        let found: Vec<String> = ipv4_addresses(trie)
            .map(|address| address.to_string())
            .collect();
        assert_eq!(found, ["172.17.0.2", "127.0.0.1"]);
        assert_eq!(ipv4_addresses(b"/32 host LOCAL").count(), 0);

        let interfaces = b"00000000000000000000000000000001 01 80 10 80       lo
fd00000000000000000000000000000a 02 40 00 80     eth0
xd000000000000000000000000000002 02 40 00 80     eth0
fd00
";
        let found: Vec<String> = ipv6_addresses(interfaces)
            .map(|address| address.to_string())
            .collect();
        assert_eq!(found, ["::1", "fd00::a"]);
    }
}
