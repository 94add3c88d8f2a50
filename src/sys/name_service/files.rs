//! Databases of the name service read from their files, for a C library that does not look into them: musl knows no networks, lists no
//! services, and has protocols of its own.

use std::net::Ipv4Addr;

use super::{NameError, Service};

/// The name of an IPv4 network in `/etc/networks`.
///
/// # Errors
/// There is no name, or none could be asked for.
pub fn network_name(network: Ipv4Addr) -> Result<Vec<u8>, NameError> {
    let text = std::fs::read("/etc/networks")
        .map_err(|error| NameError::of(error.raw_os_error().unwrap_or(0)))?;
    network_in(&text, network).ok_or(NameError::NoSuchName)
}

/// All entries of `/etc/services`, in its order.
pub fn services() -> Vec<Service> {
    services_in(&std::fs::read("/etc/services").unwrap_or_default())
}

/// All entries of `/etc/protocols`, in its order: official name and number.
pub fn protocols() -> Vec<(Vec<u8>, i32)> {
    protocols_in(&std::fs::read("/etc/protocols").unwrap_or_default())
}

/// The name, the value and the other names in each line that has the first two: `services(5)`, `networks(5)`, `protocols(5)`.
fn entries(text: &[u8]) -> impl Iterator<Item = (&[u8], &str, impl Iterator<Item = &[u8]>)> {
    text.split(|&byte| byte == b'\n').filter_map(|line| {
        let comment = memchr::memchr(b'#', line).unwrap_or(line.len());
        let mut words = line
            .get(..comment)?
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty());
        let (name, value) = (words.next()?, words.next()?);
        Some((name, std::str::from_utf8(value).ok()?, words))
    })
}

fn network_in(text: &[u8], network: Ipv4Addr) -> Option<Vec<u8>> {
    let is_meant = |value: &str| {
        // Parts at the end may be left out.
        let mut octets = [0; 4];
        let mut places = octets.iter_mut();
        let whole = value.split('.').all(|part| {
            let octet = places.next().zip(part.parse().ok());
            octet.map(|(place, octet)| *place = octet).is_some()
        });
        whole && Ipv4Addr::from(octets) == network
    };
    let (name, ..) = entries(text).find(|(_, value, _)| is_meant(value))?;
    Some(name.to_vec())
}

fn services_in(text: &[u8]) -> Vec<Service> {
    entries(text)
        .filter_map(|(name, value, aliases)| {
            let (port, protocol) = value.split_once('/')?;
            Some(Service {
                name: name.to_vec(),
                aliases: aliases.map(<[u8]>::to_vec).collect(),
                port: port.parse::<u32>().ok()? as u16,
                protocol: protocol.as_bytes().to_vec(),
            })
        })
        .collect()
}

fn protocols_in(text: &[u8]) -> Vec<(Vec<u8>, i32)> {
    entries(text)
        .filter_map(|(name, number, _)| Some((name.to_vec(), number.parse().ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_line_by_line() {
        let network = |network: [u8; 4]| {
            let text = b"# none\nloopback 127.0.0.0 lo\nten 10.9\nlate 10.9.0.0\nodd 1.2.3.4.5\nx\ny 300\n";
            network_in(text, network.into())
        };
        assert_eq!(network([127, 0, 0, 0]).as_deref(), Some(&b"loopback"[..]));
        assert_eq!(network([10, 9, 0, 0]).as_deref(), Some(&b"ten"[..]));
        assert_eq!(network([1, 2, 3, 4]), None);
        assert_eq!(network([0; 4]), None);

        let services = services_in(b"ssh\t22/tcp shell # login\n\nwrapped 66545/udp\nno 5\n");
        assert_eq!(services.len(), 2);
        assert_eq!((&services[0].name[..], services[0].port), (&b"ssh"[..], 22));
        assert_eq!(services[0].aliases, [b"shell"]);
        assert_eq!(services[0].protocol, b"tcp");
        assert_eq!(services[1].port, 1009);

        // Whatever is there.
        let network = Ipv4Addr::new(127, 0, 0, 0);
        assert_eq!(network_name(network), network_name(network));
        assert_eq!(super::services(), super::services());
        assert_eq!(super::protocols(), super::protocols());

        let protocols = protocols_in(b"ip 0 IP\ntcp 6 TCP # six\nword x\n");
        assert_eq!(protocols, [(b"ip".to_vec(), 0), (b"tcp".to_vec(), 6)]);
    }
}
