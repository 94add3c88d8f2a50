//! Counters of `-s`.

use std::fmt::Write as _;
use std::io::BufReader;
use std::path::Path;

use netstat::collect::snmp::{Pair, Row6, parse_sctp};
use procfs::FromBufRead;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::hold;
use crate::values::long;

#[test]
fn statistics_are_read_back() {
    let table = vec(("[A-Z][A-Za-z0-9]{1,20}", long()), 0..30);
    hold(500, table, |table| {
        let (mut names, mut values) = ("TcpExt:".to_owned(), "TcpExt:".to_owned());
        for (name, value) in &table {
            write!(names, " {name}").unwrap();
            write!(values, " {value}").unwrap();
        }
        names.push('\n');
        values.push('\n');
        let pair = Pair::parse(names.as_bytes(), values.as_bytes()).unwrap();
        assert_eq!(pair.title, b"TcpExt");
        let expected: Vec<(&[u8], u64)> = table
            .iter()
            .map(|(name, value)| (name.as_bytes(), *value))
            .collect();
        assert_eq!(pair.counters().collect::<Vec<_>>(), expected);

        let mut row = Row6::default();
        for (name, value) in &table {
            row.read(format!("{name:<32}\t{value}\n").as_bytes())
                .unwrap();
            assert_eq!((row.name.as_slice(), row.value), (name.as_bytes(), *value));
            let line = format!("{name:<32}\t{value}\n");
            assert_eq!(parse_sctp(line.as_bytes()), Some((name.as_bytes(), *value)));
        }
    });
}

/// The counters that both know, in the files of a recent kernel with other numbers.
#[test]
fn procfs_agrees_on_statistics() {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/statistics-linux-6.1/proc/net");
    let snmp = std::fs::read_to_string(fixture.join("snmp")).unwrap();
    hold(200, vec(any::<u32>(), 200), |numbers| {
        let mut numbers = numbers.into_iter().cycle();
        let mut file = String::new();
        for (index, line) in snmp.lines().enumerate() {
            if index % 2 == 0 {
                file += line;
            } else {
                let mut words = line.split(' ');
                file += words.next().unwrap();
                for word in words {
                    // Those of the settings have few values that it takes.
                    if index == 1 && (word == "1" || word == "2" || word == "64")
                        || word == "-1"
                        || index == 7
                    {
                        write!(file, " {word}").unwrap();
                    } else {
                        write!(file, " {}", numbers.next().unwrap()).unwrap();
                    }
                }
            }
            file.push('\n');
        }
        let theirs = procfs::net::Snmp::from_buf_read(BufReader::new(file.as_bytes())).unwrap();
        let lines: Vec<&str> = file.lines().collect();
        let value = |title: &str, counter: &str| -> u64 {
            lines
                .chunks(2)
                .map(|pair| Pair::parse(pair[0].as_bytes(), pair[1].as_bytes()).unwrap())
                .filter(|pair| pair.title == title.as_bytes())
                .flat_map(Pair::counters)
                .find(|(name, _)| *name == counter.as_bytes())
                .unwrap()
                .1
        };
        assert_eq!(value("Ip", "InReceives"), theirs.ip_in_receives);
        assert_eq!(value("Ip", "FragCreates"), theirs.ip_frag_creates);
        assert_eq!(value("Icmp", "InMsgs"), theirs.icmp_in_msgs);
        assert_eq!(value("Icmp", "OutEchoReps"), theirs.icmp_out_echo_reps);
        assert_eq!(value("Udp", "InDatagrams"), theirs.udp_in_datagrams);
        assert_eq!(value("Udp", "SndbufErrors"), theirs.udp_sndbuf_errors);
    });
}
