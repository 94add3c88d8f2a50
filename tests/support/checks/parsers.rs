//! Parsers by themselves.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use netstat::cli::{self, Command};
use netstat::collect::inet::{self, details};
use netstat::collect::namespaces::mounts::mounted;
use netstat::collect::{ipv6_route, route, rtnetlink, sock_diag};
use netstat::lines::{Input, Lines};
use netstat::query::Query;
use netstat::record::Fields as _;
use netstat::record::inet::{Family, Protocol, TcpState};
use netstat::sys::netlink;

use super::bench::query;

/// The two parsers of socket lines agree.
pub fn inet_lines(data: &[u8]) {
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        for protocol in [
            Protocol::Tcp,
            Protocol::Udp,
            Protocol::UdpLite,
            Protocol::Raw,
        ] {
            for family in [Family::Inet, Family::Inet6] {
                assert_eq!(
                    inet::parse(line, protocol, family),
                    inet::parse_tolerant(line, protocol, family),
                    "{}",
                    line.escape_ascii()
                );
            }
        }
    }
}

/// The two parsers of IPv4 routes agree, row after row.
pub fn route_lines(data: &[u8]) {
    let mut lines = data.split_inclusive(|&byte| byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let (Ok(mut fast), Ok(mut tolerant)) = (route::Parser::new(header), route::Parser::new(header))
    else {
        return;
    };
    for line in lines {
        let expected = tolerant.parse_without_shortcut(line);
        assert_eq!(fast.parse(line), expected, "{}", line.escape_ascii());
    }
}

/// The two parsers of IPv6 routes agree.
pub fn ipv6_route_lines(data: &[u8]) {
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        assert_eq!(
            ipv6_route::parse(line),
            ipv6_route::parse_tolerant(line),
            "{}",
            line.escape_ascii()
        );
    }
}

/// The pieces of a file make the file, less what stands behind NULs, however little a read returns.
pub fn lines(data: &[u8]) {
    let Some((&[limit, step], file)) = data.split_first_chunk::<2>() else {
        return;
    };
    let (limit, step) = (1 + usize::from(limit), 1 + usize::from(step));
    let mut expected = Vec::new();
    let mut rest = file;
    while !rest.is_empty() {
        let window = &rest[..rest.len().min(limit)];
        let end = memchr::memchr(b'\n', window).map_or(window.len(), |newline| newline + 1);
        let (piece, next) = rest.split_at(end);
        expected.push(piece.split(|&byte| byte == 0).next().unwrap_or_default());
        rest = next;
    }
    let mut pieces = Lines::new(Slowly { rest: file, step }, limit);
    for piece in expected {
        assert_eq!(pieces.next_line().unwrap(), Some(piece));
    }
    assert_eq!(pieces.next_line().unwrap(), None);
    assert_eq!(pieces.next_line().unwrap(), None);
}

/// Reads `step` bytes at a time.
struct Slowly<'a> {
    rest: &'a [u8],
    step: usize,
}

impl Input for Slowly<'_> {
    fn read_behind(&mut self, buffer: &mut Vec<u8>, most: usize) -> std::io::Result<usize> {
        self.rest.read_behind(buffer, most.min(self.step))
    }
}

thread_local! {
    /// Any: it changes no value.
    static QUERY: Query = query("-t", Path::new("/proc"));
}

/// Takes a datagram of netlink apart, and each message into attributes, as socket diagnostics and as rtnetlink.
pub fn datagram(data: &[u8]) {
    let mut left = data.len();
    for message in netlink::messages(data) {
        let Ok(netlink::Message { body, .. }) = message else {
            // Nothing comes behind what is malformed.
            left = 0;
            continue;
        };
        assert!(body.len() < left);
        left -= body.len() + 1;
        for family in [Some(Family::Inet), Some(Family::Inet6), None] {
            let request = sock_diag::Request {
                protocol: Protocol::Tcp,
                family,
                states: u32::MAX,
                remote_port_zero: false,
                attributes: 0,
            };
            if let Some(entry) = sock_diag::parse(body, &request) {
                assert!(body.len() >= 72);
                assert_eq!(entry.socket.family, family.unwrap_or(entry.socket.family));
            }
        }
        if let Some(name) = sock_diag::parse_unix(body).and_then(|socket| socket.name) {
            assert!(name.len() < body.len());
        }
        for state in [1, 2, 10] {
            // Their order, and that there are any, is the kernel's business; each value has a name of its own.
            let detail = details::parse(body, TcpState(state));
            let mut names = HashSet::new();
            QUERY.with(|query| {
                detail.fields(query, &mut |name, _| assert!(names.insert(name), "{name}"));
            });
        }
        if let Some(route) = rtnetlink::routes::parse(body) {
            assert!(route.prefix_length <= 32);
            // Nothing comes behind a next hop that is malformed.
            let hops: Vec<bool> = route.hops().map(|hop| hop.is_some()).collect();
            assert!(hops.iter().rev().skip(1).all(|is_whole| *is_whole));
            assert!(hops.len() <= 1 + body.len() / 8);
        }
        if let Some(address) = rtnetlink::addresses::parse(body) {
            assert!(address.label.len() < body.len());
        }
        let mut left = body.len();
        for attribute in netlink::attributes(body) {
            let length = attribute.map_or(0, |(_, value)| value.len());
            assert!(length <= left);
            left -= length;
        }
    }
}

/// Finds the namespaces in a table of mounts: as many as lines at most, each on an absolute path that its line has room for.
pub fn mounts(data: &[u8]) {
    for line in data.split(|&byte| byte == b'\n') {
        if let Some((_, path)) = mounted(line) {
            assert!(path.starts_with(b"/"));
            assert!(path.len() < line.len(), "{}", line.escape_ascii());
            // A path without escapes stands there as it is.
            assert!(
                line.contains(&b'\\') || memchr::memmem::find(line, &path).is_some(),
                "{}",
                line.escape_ascii()
            );
        }
    }
}

/// Reads a command line whose words end with NULs, twice, and settles what it means.
pub fn command_line(data: &[u8]) {
    let (posixly_correct, data) = match data.split_first() {
        Some((flag, data)) => (flag & 1 == 1, data),
        None => (false, data),
    };
    let argv: Vec<OsString> = data
        .split(|&byte| byte == 0)
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect();
    let parsed = cli::parse(&argv, posixly_correct, || false);
    let again = cli::parse(&argv, posixly_correct, || false);
    assert_eq!(parsed.notices, again.notices);
    assert_eq!(parsed.command, again.command);
    match parsed.command {
        Command::Run(args) => {
            let query = Query::new(&args);
            assert_eq!(query, Query::new(&args));
            assert!(query.interval.is_none_or(|pause| !pause.is_zero()));
        }
        Command::Fail { message, status } => {
            assert!(matches!(status, 1 | 3));
            assert_eq!(message.last(), Some(&b'\n'));
        }
        Command::Usage(_)
        | Command::Help
        | Command::Version
        | Command::Additions
        | Command::About => {}
    }
}
