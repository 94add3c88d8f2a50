//! Whether there is a name server at all.
//!
//! A server that cannot say (SERVFAIL) and a host where no server listens look the same to those who ask the C library for a name. But
//! where the one answers for other addresses, nobody does where the other is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;
use std::{fs, io};

/// How long a server may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many servers are asked by glibc (`MAXNS` of `<resolv.h>`).
const MOST: usize = 3;

/// Asks for the name of 127.0.0.1, which every server knows or at least refuses (RFC 6303): a header that wants recursion, and one
/// question for the PTR record of class IN (RFC 1035, section 4.1).
const QUESTION: &[u8] =
    b"NS\x01\0\0\x01\0\0\0\0\0\0\x011\x010\x010\x03127\x07in-addr\x04arpa\0\0\x0c\0\x01";

/// Whether any server of resolv.conf(5) answers, whatever it says. Opens a socket for each.
pub fn any_answers() -> bool {
    let configuration = fs::read("/etc/resolv.conf").unwrap_or_default();
    servers(&String::from_utf8_lossy(&configuration))
        .into_iter()
        .any(|server| answers(server).is_ok())
}

/// The addresses in a resolv.conf, IPv6 ones with their scopes. Without any the C library asks this machine.
fn servers(configuration: &str) -> Vec<&str> {
    let mut servers: Vec<_> = configuration
        .lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let keyword = words.next()?;
            let address = words.next()?;
            // Anything else would be looked up.
            let is_address = address.split('%').next()?.parse::<IpAddr>().is_ok();
            (keyword == "nameserver" && is_address).then_some(address)
        })
        .take(MOST)
        .collect();
    if servers.is_empty() {
        servers.push("127.0.0.1");
    }
    servers
}

fn answers(server: &str) -> io::Result<()> {
    let mut addresses = (server, 53).to_socket_addrs()?;
    let address = addresses.next().ok_or(io::ErrorKind::NotFound)?;
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect(address)?;
    socket.send(QUESTION)?;
    socket.recv(&mut [0; 512])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_those_of_the_configuration() {
        let written = "# nameserver 192.0.2.9\n\
            domain example.com\n\
            nameserver 192.0.2.1\n\
            nameserver\t2001:db8::1 # the second\n\
            nameserver elsewhere\n\
            nameserver fe80::1%eth0\n\
            nameserver 192.0.2.4\n";
        let expected = ["192.0.2.1", "2001:db8::1", "fe80::1%eth0"];
        assert_eq!(servers(written), expected);
        assert_eq!(servers("search example.com\n"), ["127.0.0.1"]);
    }
}
