//! The stages of a row, one by one and together, from memory: no kernel, no files, no other programs.
//!
//! ```text
//! cargo bench --bench stages               all of them; times are for one row or line unless the name says otherwise
//! cargo bench --bench stages -- tcp        those with "tcp" in their name
//! ```
//!
//! What these take is little beside what the kernel takes to produce the same lines; `cargo bench --bench processes` measures that.
//! Compare a stage before and after a change of it.
#![allow(
    clippy::expect_used,
    reason = "the inputs are right here, and must be understood"
)]

use std::ffi::OsString;
use std::io;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

use netstat::cli::{self, Command};
use netstat::collect::interfaces::dev::{self, Layout};
use netstat::collect::interfaces::name::InterfaceName;
use netstat::collect::snmp::Pair;
use netstat::collect::{inet, route, sock_diag, unix};
use netstat::format::messages::Messages;
use netstat::format::output::Output;
use netstat::format::text::statistics::Statistics;
use netstat::format::text::{
    TextFormat, inet as layout, route as route_layout, unix as unix_layout,
};
use netstat::lines::{Lines, PIECE};
use netstat::names::{NameResolver, SharedResolver};
use netstat::query::Query;
use netstat::record::counter::{Counter, CounterTable, KnownTable, Statistic};
use netstat::record::inet::{Family, InetSocket, Protocol};
use netstat::record::interface::Counters;
use netstat::record::unix::UnixSocket;
use netstat::record::{Record, Sink, Table};

fn main() {
    divan::main();
}

/// Kernel clock ticks per second.
const TICKS: u64 = 100;

/// How often a stage that takes nanoseconds runs between two looks at the clock.
const SHORT: u32 = 1000;

/// As the kernel writes it.
const TCP: &[u8] = b"  12: 0100007F:1F90 0101007F:C350 01 0000001A:00000000 00:00000000 00000000  1000        0 1234567 1 ffff8d3a4a2e1180 20 4 30 10 -1\n";

/// The same with a sign and blanks that no kernel writes, but that the reference's `sscanf` takes.
const TCP_UNUSUAL: &[u8] = b"  +12: 0100007F:1F90  0101007F:C350 01 0000001A:00000000 00:00000000 00000000  1000  0 1234567\n";

const TCP6: &[u8] = b"   3: 0000000000000000FFFF00000100007F:1F90 B80D0120000000000000000001000000:C350 01 00000000:00000000 02:00000A3B 00000000     0        0 1234567 2 ffff8d3a4a2e1180 20 4 30 10 -1\n";

fn query(options: &str) -> Query {
    let argv: Vec<OsString> = ["netstat", options].map(OsString::from).into();
    match cli::parse(&argv, false, || false).command {
        Command::Run(args) => Query::new(&args),
        _ => panic!("{options} is a question"),
    }
}

#[divan::bench(sample_size = 10)]
fn command_line() {
    let argv: Vec<OsString> = ["netstat", "-tulnp"].map(OsString::from).into();
    let _ = black_box(cli::parse(black_box(&argv), false, || false));
}

#[divan::bench(sample_size = SHORT)]
fn tcp_line() -> Option<InetSocket> {
    inet::parse(black_box(TCP), Protocol::Tcp, Family::Inet)
}

#[divan::bench(sample_size = SHORT)]
fn tcp_line_tolerant() -> Option<InetSocket> {
    inet::parse(black_box(TCP_UNUSUAL), Protocol::Tcp, Family::Inet)
}

#[divan::bench(sample_size = SHORT)]
fn tcp6_line() -> Option<InetSocket> {
    inet::parse(black_box(TCP6), Protocol::Tcp, Family::Inet6)
}

/// `struct inet_diag_msg` of an established connection.
#[divan::bench(sample_size = SHORT)]
fn tcp_diagnostics_message(bencher: Bencher<'_, '_>) {
    let mut message = [0u8; 72];
    let head = [2, 1, 0, 0, 0x1f, 0x90, 0xc3, 0x50, 127, 0, 0, 1];
    for (place, byte) in message.iter_mut().zip(head) {
        *place = byte;
    }
    let request = sock_diag::Request {
        protocol: Protocol::Tcp,
        family: Some(Family::Inet),
        states: u32::MAX,
        remote_port_zero: false,
        attributes: 0,
    };
    bencher.bench(|| sock_diag::parse(black_box(&message), black_box(&request)));
}

/// Laying out a row in a buffer that is used again.
#[divan::bench(args = ["-tan", "-tanp", "-tane", "-tano"], sample_size = SHORT)]
fn tcp_row(bencher: Bencher<'_, '_>, options: &str) {
    row(bencher, options, TCP, Family::Inet);
}

#[divan::bench(sample_size = SHORT)]
fn tcp6_row(bencher: Bencher<'_, '_>) {
    row(bencher, "-tan", TCP6, Family::Inet6);
}

fn row(bencher: Bencher<'_, '_>, options: &str, line: &[u8], family: Family) {
    let query = query(options);
    let socket = inet::parse(line, Protocol::Tcp, family).expect("a good line");
    let mut resolver = NameResolver::new();
    let mut row = Vec::with_capacity(256);
    bencher.bench_local(|| {
        row.clear();
        layout::row(
            &mut row,
            black_box(&socket),
            None,
            &query,
            &mut resolver,
            TICKS,
        );
        row.len()
    });
}

/// From the bytes of the file to the bytes of the output, with so many rows.
#[divan::bench(args = [100, 10_000])]
fn tcp_table(bencher: Bencher<'_, '_>, rows: usize) {
    let table = TCP.repeat(rows);
    let query = query("-tan");
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        let output = Output::new(io::sink(), false);
        let names = SharedResolver::default();
        let mut format = TextFormat::new(query.clone(), names, output, Messages::new(), TICKS);
        format.begin_pass().expect("a sink takes everything");
        format.begin(Table::Internet).expect("likewise");
        let mut lines = Lines::new(black_box(table.as_slice()), PIECE);
        while let Ok(Some(line)) = lines.next_line() {
            let socket = inet::parse(line, Protocol::Tcp, Family::Inet).expect("a good line");
            format.record(&Record::Inet(socket)).expect("likewise");
        }
        format.end_pass().expect("likewise");
    });
}

/// As the kernel writes it.
const UNIX: &[u8] =
    b"0000000000000000: 00000003 00000000 00000000 0001 03 1234567 /run/systemd/journal/stdout\n";

#[divan::bench(sample_size = SHORT)]
fn unix_line() -> Option<UnixSocket<'static>> {
    unix::parse(black_box(UNIX), true)
}

#[divan::bench(sample_size = SHORT)]
fn unix_row(bencher: Bencher<'_, '_>) {
    let query = query("-xan");
    let socket = unix::parse(UNIX, true).expect("a good line");
    let mut row = Vec::with_capacity(256);
    bencher.bench_local(|| {
        row.clear();
        unix_layout::row(&mut row, black_box(&socket), None, &query);
        row.len()
    });
}

/// As the kernel writes it.
const ROUTE_HEADING: &[u8] = b"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n";
const ROUTE: &[u8] = b"eth0\t0002000A\t0100A8C0\t0003\t0\t0\t100\t00FFFFFF\t0\t0\t0                                                                             \n";

#[divan::bench(sample_size = SHORT)]
fn route_line(bencher: Bencher<'_, '_>) {
    let mut parser = route::Parser::new(ROUTE_HEADING).expect("the kernel's columns");
    bencher.bench_local(move || parser.parse(black_box(ROUTE)));
}

#[divan::bench(sample_size = SHORT)]
fn route_row(bencher: Bencher<'_, '_>) {
    let query = query("-rn");
    let mut parser = route::Parser::new(ROUTE_HEADING).expect("the kernel's columns");
    let route = parser.parse(ROUTE).expect("a good line");
    let mut resolver = NameResolver::new();
    let mut row = Vec::with_capacity(256);
    bencher.bench_local(|| {
        row.clear();
        route_layout::row(&mut row, black_box(&route), None, &query, &mut resolver);
        row.len()
    });
}

/// Name and counters of a line of `/proc/net/dev`.
#[divan::bench(sample_size = SHORT)]
fn interface_line(bencher: Bencher<'_, '_>) {
    const HEADING: &[u8] = b" face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
    const LINE: &[u8] = b"  eth0: 123456789  987654    0   12    0     0          0       345 98765432   87654    0    0    0     0       0          0\n";
    let layout = Layout::of_heading(HEADING);
    bencher.bench(|| {
        let (name, text) = dev::split(black_box(LINE));
        let mut counters = Counters::default();
        layout.read(text, &mut counters);
        (name, counters)
    });
}

/// Bringing so many interfaces into their order.
#[divan::bench(args = [10, 2_000])]
fn interface_order(bencher: Bencher<'_, '_>, count: usize) {
    // The kernel lists interfaces in the order of their making; here, thoroughly mixed.
    let names: Vec<InterfaceName> = (0..count)
        .map(|number| InterfaceName::new(format!("veth{}", number * 7919 % count).as_bytes()))
        .collect();
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| names.clone())
        .bench_local_refs(|names| names.sort());
}

/// The counters of a pair of lines of `/proc/net/snmp`, and their sentences.
#[divan::bench(sample_size = 100)]
fn statistics_table(bencher: Bencher<'_, '_>) {
    const NAMES: &[u8] = b"Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n";
    const VALUES: &[u8] =
        b"Tcp: 1 200 120000 -1 123456 654321 123 45 678 123456789 234567890 12345 6 7890 0\n";
    let table = CounterTable {
        title: b"Tcp".into(),
        known: Some(KnownTable::Tcp),
        shown: true,
    };
    let mut row = Vec::with_capacity(4096);
    bencher.bench_local(|| {
        row.clear();
        let mut statistics = Statistics::default();
        statistics.row(&mut row, &Statistic::Title(table.clone()));
        let pair = Pair::parse(black_box(NAMES), black_box(VALUES)).expect("good lines");
        for (name, value) in pair.counters() {
            let counter = Counter {
                table: table.clone(),
                name: name.into(),
                value,
                time: None,
            };
            statistics.row(&mut row, &Statistic::Counter(counter));
        }
        row.len()
    });
}
