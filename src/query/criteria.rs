//! `--port`, `--state`, `--pid` and `--address`: which sockets are wanted of those that the other options show.
//!
//! A filter only takes rows away: what `-a` or `-l` would have to add stays away. A socket must pass all filters; one that lacks
//! what a filter asks for (a unix socket has no port) does not pass.

use std::ffi::OsStr;
use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;

use crate::cli::{AddressFilter, Extensions};
use crate::error::Error;
use crate::sys::name_service::Service;

/// What the filters ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Ports in host byte order, any of which at any end will do.
    pub ports: Option<Vec<u16>>,
    /// Names of states in capitals, any of which will do.
    pub states: Option<Vec<Vec<u8>>>,
    /// The process that holds the socket, perhaps with others.
    pub pid: Option<u32>,
    /// A range that one of the socket's addresses is in.
    pub address: Option<AddressFilter>,
}

impl Filter {
    /// What was typed. Names of ports are looked for in the services database, which `services` reads.
    ///
    /// # Errors
    /// [`Error::Extension`]: no service has such a name.
    pub fn new(
        extensions: &Extensions,
        services: impl FnOnce() -> Vec<Service>,
    ) -> Result<Self, Error> {
        let states = &extensions.states;
        Ok(Filter {
            ports: ports(extensions, services)?,
            states: (!states.is_empty()).then(|| {
                states
                    .iter()
                    .map(|state| state.as_bytes().to_vec())
                    .collect()
            }),
            pid: extensions.pids,
            address: extensions.address,
        })
    }

    /// Whether every socket passes.
    pub fn is_empty(&self) -> bool {
        *self == Filter::default()
    }

    /// Whether a port will do, as what shows of it: its low 16 bits.
    pub fn keeps_port(&self, port: u16) -> bool {
        self.ports
            .as_ref()
            .is_none_or(|wanted| wanted.contains(&port))
    }

    /// Whether a state will do, in the words of the table.
    pub fn keeps_state(&self, state: &str) -> bool {
        self.states
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|wanted| wanted == state.as_bytes()))
    }

    /// Whether an address will do.
    pub fn keeps_address(&self, address: IpAddr) -> bool {
        self.address.is_none_or(|range| contains(range, address))
    }
}

/// The numbers of ports, `None` if all will do. A name stands for all numbers that any service of that name or alias has.
fn ports(
    extensions: &Extensions,
    services: impl FnOnce() -> Vec<Service>,
) -> Result<Option<Vec<u16>>, Error> {
    let words = &extensions.ports;
    if words.is_empty() {
        return Ok(None);
    }
    let number = |word: &OsStr| word.to_str()?.parse::<u16>().ok();
    let services = if words.iter().all(|word| number(word).is_some()) {
        Vec::new()
    } else {
        services()
    };
    let mut ports = Vec::new();
    for word in words {
        if let Some(number) = number(word) {
            ports.push(number);
            continue;
        }
        let before = ports.len();
        let name = word.as_bytes();
        let named = services.iter().filter(|service| {
            service.name == name || service.aliases.iter().any(|alias| alias == name)
        });
        ports.extend(named.map(|service| service.port));
        if ports.len() == before {
            return Err(Error::Extension(format!(
                "option '--port': there is no service '{}'",
                word.display()
            )));
        }
    }
    ports.sort_unstable();
    ports.dedup();
    Ok(Some(ports))
}

/// Whether an address is in a range. What is mapped to IPv6 is an IPv4 address, as it is where it is printed, on both sides.
fn contains(range: AddressFilter, address: IpAddr) -> bool {
    let AddressFilter {
        address: network,
        prefix_length,
    } = range;
    let (network, prefix_length) = match (network, prefix_length.checked_sub(96)) {
        (IpAddr::V6(_), Some(length)) if network.to_canonical().is_ipv4() => {
            (network.to_canonical(), length)
        }
        _ => (network, prefix_length),
    };
    let equal_bits = match (network, address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros()
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits()).leading_zeros()
        }
        _ => return false,
    };
    equal_bits >= prefix_length.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_services() -> Vec<Service> {
        panic!("the services database is read for numbers")
    }

    fn typed(option: &str, value: &str) -> Extensions {
        let words = ["netstat".into(), format!("--{option}={value}").into()];
        match crate::cli::parse(&words, false, || false).command {
            crate::cli::Command::Run(args) => args.extensions,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_of_ports_stand_for_all_their_numbers() {
        let service = |name: &str, aliases: &[&str], port| Service {
            name: name.into(),
            aliases: aliases.iter().map(|&alias| alias.into()).collect(),
            port,
            protocol: b"tcp".to_vec(),
        };
        let services = || {
            vec![
                service("http", &["www"], 80),
                service("http", &[], 8080),
                service("proxy", &["http", "www-proxy"], 3128),
            ]
        };
        let ports = |value: &str| {
            let filter = Filter::new(&typed("port", value), services)?;
            Ok::<_, Error>(filter.ports.unwrap())
        };
        assert_eq!(ports("http").unwrap(), [80, 3128, 8080]);
        assert_eq!(ports("www,22,80").unwrap(), [22, 80]);
        let message = ports("22,HTTP").unwrap_err().to_string();
        assert_eq!(
            message,
            "netstat: option '--port': there is no service 'HTTP'"
        );
    }

    #[test]
    fn without_filters_everything_passes() {
        let filter = Filter::new(&Extensions::default(), no_services).unwrap();
        assert!(filter.is_empty());
        assert!(
            !Filter::new(&typed("pid", "1"), no_services)
                .unwrap()
                .is_empty()
        );
    }
}
