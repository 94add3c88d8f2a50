//! The counters that may mean trouble, from all files that have some: `snmp`, `netstat`, `snmp6`, `softnet_stat`, `sockstat`,
//! `sockstat6`, `stat/nf_conntrack` and `dev` below `/proc/net`, and the limits below `/proc/sys/net`.
//!
//! Files that are missing or damaged have no counters; what they mean is in [`record::problem`](crate::record::problem).

use std::collections::{BTreeMap, HashMap};
use std::fs::File;

use super::interfaces::dev::{self, Layout};
use super::snmp::{Pair, Row6};
use crate::proc_root::{self, ProcRoot};
use crate::record::interface::{COUNTERS, Counters};
use crate::record::problem::{
    CONNTRACK, INTERFACE, Problem, Rule, SOCKSTAT, SOFTNET, TROUBLES, Values, problems,
};
use crate::scan::Scanner;

/// The counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    values: HashMap<Name, u64>,
    interfaces: BTreeMap<Vec<u8>, InterfaceCounters>,
}

/// Table and name of a counter that is asked about.
type Name = (&'static str, &'static str);

/// The settings that limit what is in use: their files below `sys/net`, which of the numbers there counts, and where they belong.
const LIMITS: [(&str, usize, Name); 8] = [
    ("ipv4/tcp_max_orphans", 0, (SOCKSTAT, "tcp_max_orphans")),
    (
        "ipv4/tcp_max_tw_buckets",
        0,
        (SOCKSTAT, "tcp_max_tw_buckets"),
    ),
    ("ipv4/tcp_mem", 1, (SOCKSTAT, "tcp_mem pressure")),
    ("ipv4/udp_mem", 2, (SOCKSTAT, "udp_mem max")),
    (
        "ipv4/ipfrag_high_thresh",
        0,
        (SOCKSTAT, "ipfrag_high_thresh"),
    ),
    (
        "ipv6/ip6frag_high_thresh",
        0,
        (SOCKSTAT, "ip6frag_high_thresh"),
    ),
    ("nf_conntrack_max", 0, (CONNTRACK, "nf_conntrack_max")),
    (
        "netfilter/nf_conntrack_max",
        0,
        (CONNTRACK, "nf_conntrack_max"),
    ),
];

impl Readings {
    /// Reads all files below a root, of the network namespace we are in.
    pub fn read(root: &ProcRoot) -> Self {
        let read = |file: &str| root.read(file).unwrap_or_default();
        let mut readings = Readings::default();
        let mut known = Known::new(&mut readings.values);
        known.pairs(&read("net/snmp"));
        known.pairs(&read("net/netstat"));
        known.snmp6(&read("net/snmp6"));
        known.softnet(&read("net/softnet_stat"));
        known.sockstat(&read("net/sockstat"));
        known.sockstat(&read("net/sockstat6"));
        known.conntrack(&read("net/stat/nf_conntrack"));
        // Elsewhere than in a copy, the settings are always those of our own namespace.
        let foreign =
            !root.is_kernel() && File::open(root.directory()).is_ok_and(proc_root::is_procfs);
        if !foreign {
            for (file, place, name) in LIMITS {
                let text = read(&format!("sys/net/{file}"));
                let mut scanner = Scanner::new(&text);
                let number = (0..=place).map(|_| scanner.decimal64()).last().flatten();
                readings.values.extend(number.map(|number| (name, number)));
            }
        }
        readings.interfaces(&read("net/dev"));
        readings
    }

    /// Takes the counters of `dev`; its second line announces their layout.
    fn interfaces(&mut self, text: &[u8]) {
        let mut lines = text.split(|&byte| byte == b'\n').skip(1);
        let layout = Layout::of_heading(lines.next().unwrap_or_default());
        for line in lines {
            let (name, text) = dev::split(line);
            if !name.is_empty() {
                let mut counters = Counters::default();
                layout.read(text, &mut counters);
                self.interfaces
                    .insert(name.to_vec(), InterfaceCounters(counters));
            }
        }
    }

    /// The problems of the machine, then those of each interface with its name. With `before`, only what moved since counts.
    pub fn problems(&self, before: Option<&Readings>) -> Vec<(Option<&[u8]>, Problem)> {
        let earlier: &dyn Values = match before {
            Some(before) => before,
            None => &(),
        };
        let of_machine = problems(self, earlier).map(|problem| (None, problem));
        let of_interfaces = self.interfaces.iter().flat_map(|(name, counters)| {
            let earlier: &dyn Values = match before.and_then(|before| before.interfaces.get(name)) {
                Some(before) => before,
                None => &(),
            };
            problems(counters, earlier).map(|problem| (Some(name.as_slice()), problem))
        });
        of_machine.chain(of_interfaces).collect()
    }
}

impl Values for Readings {
    fn value(&self, table: &str, counter: &str) -> Option<u64> {
        self.values.get(&(table, counter)).copied()
    }
}

/// The counters of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InterfaceCounters(Counters);

impl Values for InterfaceCounters {
    fn value(&self, table: &str, counter: &str) -> Option<u64> {
        // The names are those of the fields of an interface's record.
        let (_, place) = COUNTERS.iter().find(|(name, _)| *name == counter)?;
        (table == INTERFACE).then(|| *place(&mut self.0.clone()))
    }
}

/// Takes the counters that are asked about from the files; others are passed over, whatever a file holds.
struct Known<'a> {
    names: HashMap<(&'static [u8], &'static [u8]), Name>,
    values: &'a mut HashMap<Name, u64>,
}

impl<'a> Known<'a> {
    fn new(values: &'a mut HashMap<Name, u64>) -> Self {
        let names = TROUBLES.iter().flat_map(|trouble| {
            let others = match &trouble.rule {
                Rule::Ratio { of, .. } => of.as_slice(),
                Rule::Any | Rule::Level { .. } => &[],
            };
            others
                .iter()
                .flatten()
                .map(|(table, counter)| (&**table, &**counter))
                .chain([(&*trouble.table, &*trouble.counter)])
        });
        Known {
            names: names
                .map(|name| ((name.0.as_bytes(), name.1.as_bytes()), name))
                .collect(),
            values,
        }
    }

    /// Adds to a counter: some are counted by each CPU.
    fn add(&mut self, table: &[u8], counter: &[u8], value: u64) {
        if let Some(&name) = self.names.get(&(table, counter)) {
            let sum = self.values.entry(name).or_default();
            *sum = sum.saturating_add(value);
        }
    }

    /// `snmp` and `netstat`.
    fn pairs(&mut self, text: &[u8]) {
        let mut lines = text
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty());
        while let (Some(names), Some(values)) = (lines.next(), lines.next()) {
            let Some(pair) = Pair::parse(names, values) else {
                return;
            };
            for (counter, value) in pair.counters() {
                self.add(pair.title, counter, value);
            }
        }
    }

    /// `snmp6`.
    fn snmp6(&mut self, text: &[u8]) {
        let mut row = Row6::default();
        for line in text.split(|&byte| byte == b'\n') {
            if !line.is_empty() && row.read(line).is_some() {
                self.add(&row.title, &row.name, row.value);
            }
        }
    }

    /// `softnet_stat`: a line of hexadecimal numbers for each CPU, without a heading.
    fn softnet(&mut self, text: &[u8]) {
        for line in text.split(|&byte| byte == b'\n') {
            for (place, value) in hexadecimal(line).enumerate() {
                let counter: &[u8] = match place {
                    0 => b"processed",
                    1 => b"dropped",
                    2 => b"time_squeeze",
                    10 => b"flow_limit_count",
                    _ => continue,
                };
                self.add(SOFTNET.as_bytes(), counter, value);
            }
        }
    }

    /// `sockstat` and `sockstat6`: `PROTOCOL: NAME NUMBER NAME NUMBER …`.
    fn sockstat(&mut self, text: &[u8]) {
        for line in text.split(|&byte| byte == b'\n') {
            let Some(colon) = memchr::memchr(b':', line) else {
                continue;
            };
            let (protocol, rest) = line.split_at_checked(colon).unwrap_or_default();
            let mut words = words(rest.strip_prefix(b":").unwrap_or_default());
            while let (Some(name), Some(number)) = (words.next(), words.next()) {
                if let Some(value) = Scanner::new(number).decimal64() {
                    self.add(SOCKSTAT.as_bytes(), &[protocol, b" ", name].concat(), value);
                }
            }
        }
    }

    /// `stat/nf_conntrack`: a heading, and below it a line of hexadecimal numbers for each CPU.
    fn conntrack(&mut self, text: &[u8]) {
        let mut lines = text.split(|&byte| byte == b'\n');
        let names: Vec<&[u8]> = words(lines.next().unwrap_or_default()).collect();
        for (cpu, line) in lines.enumerate() {
            for (name, value) in names.iter().zip(hexadecimal(line)) {
                // All CPUs together have so many entries, and each line says so.
                if *name != b"entries" || cpu == 0 {
                    self.add(CONNTRACK.as_bytes(), name, value);
                }
            }
        }
    }
}

/// What stands between blanks.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
}

/// The hexadecimal numbers of a line, up to the first word that is none.
fn hexadecimal(line: &[u8]) -> impl Iterator<Item = u64> {
    words(line).map_while(|word| Scanner::new(word).hex_long())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(read: impl FnOnce(&mut Known<'_>)) -> Vec<String> {
        let mut values = HashMap::new();
        read(&mut Known::new(&mut values));
        let mut all: Vec<String> = values
            .iter()
            .map(|((table, counter), value)| format!("{table} {counter}={value}"))
            .collect();
        all.sort();
        all
    }

    #[test]
    fn counters_that_nobody_asks_about_are_passed_over() {
        let text = b"Tcp: RetransSegs Foo OutSegs\nTcp: 5 6 7\n\nBar: RetransSegs\nBar: 8\nUdp: RcvbufErrors\nUdp: -1\n";
        assert_eq!(
            values(|known| known.pairs(text)),
            [
                "Tcp OutSegs=7",
                "Tcp RetransSegs=5",
                "Udp RcvbufErrors=18446744073709551615"
            ]
        );
        assert_eq!(
            values(|known| known
                .snmp6(b"Ip6InReceives 5\nIp6OutNoRoutes \t 6\nUdp6RcvbufErrors 7\nFoo 8\n")),
            [
                "Ip6 Ip6InReceives=5",
                "Ip6 Ip6OutNoRoutes=6",
                "Udp6 Udp6RcvbufErrors=7"
            ]
        );
        assert_eq!(
            values(|known| {
                known.sockstat(
                b"sockets: used 17\nTCP: inuse 1 orphan 2 tw 3 alloc 4 mem 5\nUDP: inuse 6 mem x\nFRAG6: inuse 0 memory 7\nbad\n: a 1\n"
            )
            }),
            [
                "sockstat FRAG6 memory=7",
                "sockstat TCP mem=5",
                "sockstat TCP orphan=2",
                "sockstat TCP tw=3"
            ]
        );
    }

    #[test]
    fn what_each_cpu_counts_is_added_up() {
        let text = b"00000014 00000001 0000000a 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000002 00000000 00000000\n\
            00000412 00000002\nx\n";
        assert_eq!(
            values(|known| known.softnet(text)),
            [
                "softnet dropped=3",
                "softnet flow_limit_count=2",
                "softnet processed=1062",
                "softnet time_squeeze=10"
            ]
        );
        let text = b"entries  clashres found new insert insert_failed drop early_drop icmp_error\n\
            0000000a  00000000 00000001 00000000 00000000 00000002 00000003 00000004 00000005\n\
            0000000a  00000000 00000001 00000000 00000000 00000010 00000000 00000000 00000000\n";
        assert_eq!(
            values(|known| known.conntrack(text)),
            [
                "conntrack drop=3",
                "conntrack early_drop=4",
                "conntrack entries=10",
                "conntrack insert_failed=18"
            ]
        );
        assert!(values(|known| known.conntrack(b"")).is_empty());
    }

    #[test]
    fn limits_belong_to_levels() {
        for trouble in TROUBLES {
            if let Rule::Level { limit, .. } = trouble.rule {
                let name = (&*trouble.table, &*limit);
                assert!(LIMITS.iter().any(|(.., known)| *known == name), "{name:?}");
            }
        }
    }

    #[test]
    fn every_counter_of_an_interface_has_a_value() {
        let counters = InterfaceCounters(Counters::default());
        for trouble in TROUBLES.iter().filter(|trouble| trouble.table == INTERFACE) {
            assert_eq!(counters.value(INTERFACE, &trouble.counter), Some(0));
        }
        assert_eq!(counters.value(INTERFACE, "rx_ok"), Some(0));
        assert_eq!(counters.value("Tcp", "rx_ok"), None);
    }
}
