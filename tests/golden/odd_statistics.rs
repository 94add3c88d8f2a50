//! Files of counters as no kernel writes them, against what the reference wrote.

use std::fmt::Write;

use crate::support::golden::golden_on;
use crate::support::tree::Tree;

/// Pairs of lines that each come out, however odd: none of them ends the file.
#[test]
fn odd_pairs() {
    let udp = "Udp: InDatagrams NoPorts InErrors";
    let mut snmp = Vec::new();
    for values in [
        "",
        "5",
        "5 6",
        "5 6 7 8",
        "5 abc 7",
        "5 12abc 7",
        "+5 010 0x10",
        "1.5 6",
        "-1 -0 -7",
        "- 7 8",
        "5 --6 7",
        "5 +-6 7",
        "5 -x 7",
        "5 6- 7",
        "5+6-7",
        "2147483648 4294967296 9223372036854775808",
        "18446744073709551615 18446744073709551616 99999999999999999999999",
        "-18446744073709551615 -18446744073709551616 -18446744073709551617",
        "-9223372036854775808 00000000000000000000000000000007 8",
        "5\x0b6\x0c7",
        "5\t\t6   \t 7   ",
        "\r5\r6\r",
        "5\0 6 7",
        "5 6 7\0",
        "5 \u{e9} 7",
    ] {
        writeln_bytes(&mut snmp, &[udp, "\nUdp: ", values]);
        writeln_bytes(&mut snmp, &[udp, "\nUdp:", values]);
    }
    for pair in [
        // Names.
        "Udp:InDatagrams NoPorts\nUdp:5 6",
        "Udp:\t\tInDatagrams  \tNoPorts \t\nUdp:\t\t5  6\t",
        "Udp: In:Datagrams NoPorts\nUdp: 5 6",
        "Udp: InDatagrams: NoPorts\nUdp: 5 6",
        "Udp: InDatagrams NoPorts\0 InErrors\nUdp: 5 6 7",
        "Udp: InDatagrams InDatagrams InDatagrams\nUdp: 5 0 7",
        "Udp: indatagrams INDATAGRAMS InDatagram InDatagramss\nUdp: 5 6 7 8",
        "Udp: %s %d %n %% \\n\nUdp: 5 6 7 8 9",
        "Udp: \u{e9}\nUdp: 8",
        // Titles.
        "Udp: InDatagrams\nTcp: 5",
        "Udp: InDatagrams\nx y z:5",
        "Udp: InDatagrams\n:5",
        "Udp::: InDatagrams\nUdp: 5",
        "Udp: InDatagrams\nUdp:: 5",
        " Udp: InDatagrams\n Udp: 5",
        "Udp : InDatagrams\nUdp : 5",
        "udp: InDatagrams\nudp: 5",
        ": A B\n: 1 2",
        ":\n:",
        "My Table: A\nx: 5",
        "%s%n: A\n%s: 5",
        "Foo: A B\nFoo: 0 0",
        "Foo:\nFoo:",
        "Udp:\nUdp:",
        "Udp: \nUdp: 5",
        "\n\n\nUdp: InDatagrams\nUdp: 5\n\n",
        "Udp6: Udp6InDatagrams\nUdp6: 5",
        "Ip6: Ip6InReceives\nIp6: 5",
        "Sctp: SctpAborteds SctpT1InitExpireds\nSctp: 5 6",
        "TcpExt: TW TCPTimeouts\nTcpExt: 5 6",
    ] {
        writeln_bytes(&mut snmp, &[pair]);
    }
    // The last line lacks its end.
    snmp.extend_from_slice(b"Ip: InReceives InDelivers\nIp: 5 6");
    let tree = Tree::new("odd-pairs")
        .file("net/snmp", &snmp)
        .file("net/netstat", &snmp)
        .file("net/snmp6", "");
    golden_on(&tree, "statistics-odd-pairs", &["-s", "-st", "-s6", "-s6u"]);
}

/// Characters above 0x7f become the one byte of that number.
fn writeln_bytes(file: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        file.extend(
            part.chars().map(|character| {
                u8::try_from(u32::from(character)).expect("a character of one byte")
            }),
        );
    }
    file.push(b'\n');
}

/// What ends the reading of a file, and with what words.
#[test]
fn damaged_pairs() {
    let good = "Tcp: InSegs\nTcp: 5\n";
    for (name, damage) in [
        ("no-colon-in-names", "Udp InDatagrams\nUdp: 5\n"),
        ("no-colon-in-values", "Udp: InDatagrams\nUdp 5\n"),
        ("no-colon-at-all", "Udp InDatagrams\nUdp 5\n"),
        ("blank-values", "Udp: InDatagrams\n\nUdp: 5\n"),
        ("blank-with-a-blank", " \nUdp: InDatagrams\nUdp: 5\n"),
        ("carriage-return", "\r\nUdp: InDatagrams\nUdp: 5\n"),
        ("names-only", "Udp: InDatagrams\n"),
        ("names-without-end", "Udp: InDatagrams"),
        ("one-line-without-colon", "Udp InDatagrams\n"),
        ("nul-before-colon", "Udp\0: InDatagrams\nUdp: 5\n"),
        ("nul-line", "\0\nUdp: InDatagrams\nUdp: 5\n"),
        (
            "odd-number-of-lines",
            "Udp: InDatagrams\nUdp: 5\nIp: InReceives\n",
        ),
    ] {
        let damaged = format!("{good}{damage}");
        // What comes behind damage that swallows one line is read in pairs again.
        let middle = format!("{damaged}{good}");
        let tree = Tree::new(name)
            .file("net/snmp", &middle)
            .file("net/netstat", damaged)
            .file("net/snmp6", "Ip6InReceives 4\n")
            .file("net/sctp/snmp", "SctpAborteds 3\n");
        golden_on(
            &tree,
            &format!("statistics-damaged-{name}"),
            &["-s", "-s6", "-su"],
        );
    }
}

/// The state of indentation and histograms over titles that are known, hidden, unknown, and over files.
#[test]
fn histograms() {
    let pair = |title: &str, counters: &str| {
        let keys: Vec<&str> = counters.split_whitespace().collect();
        let values: String = keys
            .iter()
            .enumerate()
            .map(|(index, key)| {
                if key.starts_with('!') {
                    " 0".to_owned()
                } else {
                    format!(" {}", index + 1)
                }
            })
            .collect();
        format!("{title}: {}\n{title}:{values}\n", counters.replace('!', ""))
    };
    let snmp = [
        pair(
            "Icmp",
            "InDestUnreachs InCsumErrors InEchos InErrors InEchoReps OutEchos OutErrors OutEchoReps",
        ),
        pair(
            "Icmp",
            "!InDestUnreachs !InErrors !InEchoReps !OutEchos !OutErrors !OutEchoReps",
        ),
        pair(
            "Icmp",
            "OutEchos InEchos OutEchos Raw InEchos !Raw !OutErrors Raw !InEchos OutMsgs",
        ),
        pair("Icmp", "InEchos"),
        pair("IcmpMsg", "InType3 OutType8"),
        pair("Foo", "A"),
        pair("Ip", "Forwarding !FragFails InReceives"),
        pair("Icmp", "InEchos"),
        pair("Foo", "A"),
        pair("Udp", ""),
        pair("Foo", "A"),
        pair("Icmp", "Before !OutEchos After"),
        pair("Tcp", "MaxConn Raw"),
        pair("Foo", "A"),
        pair("Icmp", "InEchos"),
    ];
    let netstat = [
        pair("IpExt", "InOctets"),
        pair("TcpExt", "!TW Raw TW Raw"),
        pair("Icmp", "OutEchos"),
    ];
    let tree = Tree::new("histograms")
        .file("net/snmp", snmp.concat())
        .file("net/netstat", netstat.concat())
        .file("net/sctp/snmp", "Raw 1\nSctpAborteds 0\n");
    golden_on(
        &tree,
        "statistics-histograms",
        &["-s", "-st", "-su", "-sw", "-stw", "-sU", "-sS"],
    );

    let snmp6 = "Icmp6InEchos 1\nIcmp6OutErrors 2\nIcmp6OutEchos 0\nIcmp6InMsgs 3\nIcmp6OutEchos 4\nIcmp6InType6 5\n\
                 other 6\nIcmp6InEchos 7\nUdpLite6InErrors 8\nUdp6NoPorts 9\nUdpLite6InErrors 10\nIcmp6InEchos 11\n";
    let snmp = [
        pair("Icmp", "OutEchos"),
        pair("TcpZ", "A"),
        pair("Tcp", "Raw InSegs"),
        pair("TcpExt", "TW"),
    ];
    let tree = Tree::new("histograms6")
        .file("net/snmp6", snmp6)
        .file("net/snmp", snmp.concat());
    golden_on(
        &tree,
        "statistics-histograms6",
        &["-s6", "-s6t", "-s6u", "-s6w"],
    );
}

/// `snmp6`: what makes a title, a name, a value.
#[test]
fn odd_lines_of_snmp6() {
    let lines = [
        "Ip6InReceives 5",
        "Udp6NoPorts\t\t 6",
        "UdpLite6InErrors 0",
        "Tcp6InSegs 4",
        "ActiveOpens 3",
        "Ip6InReceives 5",
        "",
        "Udp6NoPorts 6",
        " \t \x0b",
        "Ip6InReceives 5",
        "Ip6InDelivers",
        "Ip6InDelivers abc",
        "Ip6InReceives 5 6 7",
        "Ip6InDelivers 12abc",
        "Ip6OutRequests -1",
        "Ip6OutRequests 18446744073709551616",
        "Ip6OutRequests -18446744073709551616",
        "Ip6OutRequests +4",
        "Ip6OutRequests 010",
        "Ip6OutRequests 0x10",
        "Ip6OutRequests - 9",
        "Ip6OutRequests -",
        "Ip6OutRequests\x0b9",
        "Ip6OutRequests\r\n",
        "Ip6OutRequests \r8\r",
        "Foo 5",
        "FooBar 6",
        "Bar 7",
        "Foo 0",
        "Ip6InReceives 5",
        "Udp6NoPorts 6",
        "Ip6InDelivers 5",
        "XXIp6Foo 1",
        "UdpLite6A 2",
        "Lite6X 3",
        "Icmp6InType6 5",
        "Icmp6OutType136 6",
        "6foo 5",
        "Ip6InReceives 3",
        "66 5",
        "   Ip6InReceives 5",
        "Ip6InReceives:5",
        "Ip6InDelivers: 6",
        "%s%n 7",
        "Ip6%d 8",
        "Ip 10",
        "Icmp 11",
        "Tcp 12",
        "Udp 13",
        "InReceives 14",
        "ip6InReceives 15",
        "Ip6InReceives\0 99",
        "Udp6InDatagrams 4\0 2",
    ];
    let tree = Tree::new("snmp6")
        .file("net/snmp6", lines.join("\n"))
        .file("net/snmp", "");
    golden_on(&tree, "statistics-snmp6", &["-s6", "-s6t", "-s6u", "-s6w"]);
}

#[test]
fn odd_lines_of_sctp() {
    let lines = [
        "SctpAborteds 4",
        "Foo 5",
        "Foo 0",
        "SctpShutdowns\t\t-1",
        "Bar 18446744073709551616",
        "010 010",
        "hex 0x10",
        "SctpAborteds",
        "SctpShutdowns ",
        "",
        " ",
        " 5",
        "\t \t6",
        "SctpFoo 4 5",
        "SctpBaz 3x",
        "SctpAborteds: 5",
        "SctpAborteds x",
        "SctpAborteds - 5",
        "SctpAborteds\x0b5",
        "SctpAborteds \x0b5",
        "Foo \r\r7",
        "sctpaborteds 1",
        "%s%n 2",
        "Foo \0 9",
        "Foo 5\09",
    ];
    let mut sctp = lines.join("\n").into_bytes();
    // 1100 bytes are two pieces, the first of which has nothing behind its name.
    sctp.extend_from_slice(b"\n");
    sctp.extend_from_slice(&[b'X'; 1100]);
    sctp.extend_from_slice(b" 5\nSctpCurrEstab");
    sctp.extend_from_slice(&[b' '; 1020]);
    sctp.extend_from_slice(b"6\nLast 7");
    let tree = Tree::new("sctp")
        .file("net/snmp", "")
        .file("net/sctp/snmp", sctp);
    golden_on(&tree, "statistics-sctp", &["-s", "-sS", "-st", "-s6"]);
}

/// Names and lines longer than any buffer.
#[test]
fn long() {
    let long = "K".repeat(5000);
    let keys: String = (0..20_000).fold(String::new(), |mut keys, index| {
        write!(keys, " Key{index}").unwrap();
        keys
    });
    let values: String = (0..20_000).fold(String::new(), |mut values, index| {
        // One in a hundred, or the snapshot would be megabytes long.
        write!(values, " {}", if index % 100 == 0 { index } else { 0 }).unwrap();
        values
    });
    let snmp = format!(
        "Udp: {long} InDatagrams\nUdp: 5 6\n{long}: A\n{long}: 7\nMany:{keys}\nMany:{values}\n\
         Udp: InDatagrams{blanks}NoPorts\nUdp: 5{blanks}6\n",
        blanks = " ".repeat(9000)
    );
    let tree = Tree::new("long").file("net/snmp", snmp).file("net/snmp6", {
        let mut snmp6 = String::new();
        for length in [40, 49] {
            writeln!(snmp6, "{} 5", "N".repeat(length)).unwrap();
        }
        // A newline that comes 1023 bytes behind the beginning is a piece of its own.
        let blanks = " ".repeat(1023 - "Ip6InReceives5".len());
        writeln!(snmp6, "Ip6InReceives{blanks}5").unwrap();
        writeln!(snmp6, "Ip6InDelivers{}7", " ".repeat(1015)).unwrap();
        snmp6
    });
    golden_on(&tree, "statistics-long", &["-s", "-s6"]);
}
