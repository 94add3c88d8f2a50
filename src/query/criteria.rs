//! What our own options say about rows and fields: which rows are wanted of those that the other options show (`--port`, `--state`,
//! `--pid`, `--address`, `--only`), with which fields more (`--show`), in which order (`--sort`), or only how many (`--count-by`).
//!
//! A filter only takes rows away: what `-a` or `-l` would have to add stays away. A row must pass all filters; one that lacks what a
//! filter asks for (a unix socket has no port) does not pass.

pub mod only;

use std::ffi::OsStr;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::os::unix::ffi::OsStrExt;

use crate::cli::{AddressFilter, Extensions};
use crate::error::Error;
use crate::field::{self, Field, Tables};
use crate::sys::name_service::Service;
use only::Only;

/// What is said about rows and fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Criteria {
    /// Ports in host byte order, any of which at any end will do.
    pub ports: Option<Vec<RangeInclusive<u16>>>,
    /// Names of states in capitals, any of which will do.
    pub states: Option<Vec<Vec<u8>>>,
    /// The process that holds the socket, perhaps with others.
    pub pid: Option<u32>,
    /// A range that one of the socket's addresses is in.
    pub address: Option<AddressFilter>,
    /// What must hold of single fields.
    pub only: Vec<Only>,
    /// The fields that are shown besides, each once.
    pub show: Vec<&'static Field>,
    /// All fields are shown.
    pub show_all: bool,
    /// What rows are sorted by, the most important first.
    pub sort: Vec<SortBy>,
    /// The fields by which rows are counted, each once. If there are any, counts take the place of the rows.
    pub count_by: Vec<&'static Field>,
}

/// A field that rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SortBy {
    /// The field.
    pub field: &'static Field,
    /// The largest come first.
    pub descending: bool,
}

/// The rows that a report has, in a word and by their tables.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// "sockets" and the like.
    pub word: &'static str,
    /// All tables that the report can have.
    pub tables: Tables,
}

impl Criteria {
    /// What was typed, of a report on `subject`. Names of ports are looked for in the services database, which `services` reads.
    ///
    /// # Errors
    /// [`Error::Extension`]: no service has such a name, or no field, or a field has no such values.
    pub fn new(
        extensions: &Extensions,
        subject: Subject,
        services: impl FnOnce() -> Vec<Service>,
    ) -> Result<Self, Error> {
        let mut criteria = Criteria {
            ports: ports(extensions, services)?,
            states: states(extensions),
            pid: extensions.pids,
            address: extensions.address,
            ..Criteria::default()
        };
        for words in &extensions.only {
            let field = find("only", &words.field, subject)?;
            criteria.only.push(Only::new(field, words)?);
        }
        for word in &extensions.show {
            if word == "all" {
                criteria.show_all = true;
            } else {
                add_once(&mut criteria.show, find("show", word, subject)?);
            }
        }
        for word in &extensions.count_by {
            let field = find("count-by", word, subject)?;
            if field.name == "kind" {
                let text = "option '--count-by': counts have a 'kind' of their own";
                return Err(Error::Extension(text.to_owned()));
            }
            add_once(&mut criteria.count_by, field);
        }
        for (word, descending) in &extensions.sort {
            criteria.sort.push(SortBy {
                field: criteria.sortable(word, subject)?,
                descending: *descending,
            });
        }
        Ok(criteria)
    }

    /// The field of `--sort` that is called `word`. Counts can be sorted by what they have.
    fn sortable(&self, word: &OsStr, subject: Subject) -> Result<&'static Field, Error> {
        if self.count_by.is_empty() {
            return find("sort", word, subject);
        }
        let counted = self.count_by.iter().copied();
        let mut fields = counted.chain(field::of(Tables::COUNTS));
        fields.find(|field| word == &*field.name).ok_or_else(|| {
            Error::Extension(format!(
                "option '--sort': '{}' is neither 'count' nor a field of '--count-by'",
                word.display()
            ))
        })
    }

    /// Whether some rows may not be wanted.
    pub fn choose_rows(&self) -> bool {
        self.ports.is_some()
            || self.states.is_some()
            || self.pid.is_some()
            || self.address.is_some()
            || !self.only.is_empty()
    }

    /// The fields that are named for any purpose but the columns of `--show all`, some perhaps more than once.
    pub fn named(&self) -> impl Iterator<Item = &'static Field> {
        let only = self.only.iter().map(|only| only.field);
        let sort = self.sort.iter().map(|sort| sort.field);
        let listed = self.show.iter().chain(&self.count_by).copied();
        listed.chain(only).chain(sort)
    }

    /// Whether a port will do, as what shows of it: its low 16 bits.
    pub fn keeps_port(&self, port: u16) -> bool {
        self.ports
            .as_ref()
            .is_none_or(|wanted| wanted.iter().any(|range| range.contains(&port)))
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

fn add_once(fields: &mut Vec<&'static Field>, field: &'static Field) {
    if !fields.contains(&field) {
        fields.push(field);
    }
}

/// The field that `option` calls `word`.
fn find(option: &str, word: &OsStr, subject: Subject) -> Result<&'static Field, Error> {
    let Subject { word: rows, tables } = subject;
    let name = word.to_str().unwrap_or_default();
    if let Some(field) = field::find(name, tables) {
        return Ok(field);
    }
    let name = word.display();
    let known = word
        .to_str()
        .and_then(|name| field::find(name, Tables::ANY));
    let mut text = match known {
        Some(_) => {
            format!("option '--{option}': {rows} have no field '{name}', see netstat-json(5)")
        }
        None => format!("option '--{option}': there is no field '{name}', see netstat-json(5)"),
    };
    if let (None, Some(near)) = (
        known,
        word.to_str().and_then(|name| field::nearest(name, tables)),
    ) {
        text += &format!("; did you mean '{}'?", near.name);
    }
    Err(Error::Extension(text))
}

/// The names of states, `None` if all will do.
fn states(extensions: &Extensions) -> Option<Vec<Vec<u8>>> {
    let typed = extensions.states.iter();
    let mut states: Vec<Vec<u8>> = typed.map(|state| state.as_bytes().to_vec()).collect();
    // Who asks for what listens means tcp's sockets, too, for which the table has another word.
    if states.iter().any(|state| state == b"LISTENING") {
        states.push(b"LISTEN".to_vec());
    }
    (!states.is_empty()).then_some(states)
}

/// The numbers of ports, `None` if all will do. A name stands for all numbers that any service of that name or alias has.
fn ports(
    extensions: &Extensions,
    services: impl FnOnce() -> Vec<Service>,
) -> Result<Option<Vec<RangeInclusive<u16>>>, Error> {
    let words = &extensions.ports;
    if words.is_empty() {
        return Ok(None);
    }
    let numbers = |word: &OsStr| {
        let text = word.to_str()?;
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some(first.parse::<u16>().ok()?..=last.parse::<u16>().ok()?)
    };
    let services = if words.iter().all(|word| numbers(word).is_some()) {
        Vec::new()
    } else {
        services()
    };
    let mut ports = Vec::new();
    for word in words {
        if let Some(numbers) = numbers(word) {
            ports.push(numbers);
            continue;
        }
        let before = ports.len();
        let name = word.as_bytes();
        let named = services.iter().filter(|service| {
            service.name == name || service.aliases.iter().any(|alias| alias == name)
        });
        ports.extend(named.map(|service| service.port..=service.port));
        if ports.len() == before {
            return Err(Error::Extension(format!(
                "option '--port': there is no service '{}'",
                word.display()
            )));
        }
    }
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

    const SOCKETS: Subject = Subject {
        word: "sockets",
        tables: Tables::OF_SOCKETS,
    };

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
            let criteria = Criteria::new(&typed("port", value), SOCKETS, services)?;
            Ok::<_, Error>(criteria.ports.unwrap())
        };
        assert_eq!(ports("http").unwrap(), [80..=80, 8080..=8080, 3128..=3128]);
        assert_eq!(ports("www,22,1-9").unwrap(), [80..=80, 22..=22, 1..=9]);
        let message = ports("22,HTTP").unwrap_err().to_string();
        assert_eq!(
            message,
            "netstat: option '--port': there is no service 'HTTP'"
        );
    }

    fn criteria(option: &str, value: &str) -> Result<Criteria, String> {
        let typed = typed(option, value);
        Criteria::new(&typed, SOCKETS, no_services).map_err(|error| error.to_string())
    }

    #[test]
    fn without_filters_everything_passes() {
        assert!(!Criteria::default().choose_rows());
        assert!(!criteria("show", "drops").unwrap().choose_rows());
        assert!(criteria("pid", "1").unwrap().choose_rows());
        assert!(criteria("only", "drops=1..").unwrap().choose_rows());
    }

    #[test]
    fn what_listens_is_called_by_either_word() {
        let kept = |value: &str, state: &str| criteria("state", value).unwrap().keeps_state(state);
        assert!(kept("listening", "LISTEN") && kept("listening", "LISTENING"));
        assert!(kept("listen", "LISTEN") && !kept("listen", "LISTENING"));
    }

    #[test]
    fn fields_are_found_by_their_names() {
        let shown = criteria("show", "state,drops,state").unwrap().show;
        let names: Vec<&str> = shown.iter().map(|field| &*field.name).collect();
        assert_eq!(names, ["state", "drops"]);
        assert!(criteria("show", "all").unwrap().show_all);
        let sort = criteria("sort", "recv_q:desc,state").unwrap().sort;
        let sort: Vec<_> = sort
            .iter()
            .map(|sort| (&*sort.field.name, sort.descending))
            .collect();
        assert_eq!(sort, [("recv_q", true), ("state", false)]);
        for (option, value, message) in [
            (
                "show",
                "drop",
                "there is no field 'drop', see netstat-json(5); did you mean 'drops'?",
            ),
            (
                "count-by",
                "xyz",
                "there is no field 'xyz', see netstat-json(5)",
            ),
            (
                "count-by",
                "state,kind",
                "counts have a 'kind' of their own",
            ),
            (
                "sort",
                "mtu",
                "sockets have no field 'mtu', see netstat-json(5)",
            ),
            (
                "only",
                "all=1",
                "there is no field 'all', see netstat-json(5)",
            ),
            (
                "only",
                "pid=x",
                "'pid' takes numbers, ranges such as 1..100, and '-' for none, not 'x'",
            ),
        ] {
            let message = format!("netstat: option '--{option}': {message}");
            assert_eq!(criteria(option, value), Err(message));
        }
    }

    #[test]
    fn counts_are_sorted_by_what_they_have() {
        let typed = |sort: &str| Extensions {
            count_by: vec!["state".into()],
            sort: vec![(sort.into(), true)],
            ..Extensions::default()
        };
        for sort in ["state", "count"] {
            let criteria = Criteria::new(&typed(sort), SOCKETS, no_services).unwrap();
            assert_eq!(criteria.sort.first().unwrap().field.name, sort);
        }
        let error = Criteria::new(&typed("recv_q"), SOCKETS, no_services).unwrap_err();
        assert_eq!(
            error.to_string(),
            "netstat: option '--sort': 'recv_q' is neither 'count' nor a field of '--count-by'"
        );
    }
}
