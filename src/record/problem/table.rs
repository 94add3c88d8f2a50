//! The counters, their sentences and where they come from.

use super::{Rule, Trouble};
use crate::inline::Inline;

/// `softnet_stat`, the sums over all CPUs of the machine.
pub const SOFTNET: &str = "softnet";
/// `sockstat` and `sockstat6`: `PROTOCOL NAME`, with the settings that limit them.
pub const SOCKSTAT: &str = "sockstat";
/// `stat/nf_conntrack`, the sums over all CPUs, with `nf_conntrack_max`.
pub const CONNTRACK: &str = "conntrack";
/// The counters of one interface, by the names of its record's fields.
pub const INTERFACE: &str = "interface";

const ANY: Rule = Rule::Any;

/// Connections that were opened from either side.
const OPENED: &[(&str, &str)] = &[("Tcp", "ActiveOpens"), ("Tcp", "PassiveOpens")];

const fn ratio(of: &[(&str, &str)], one_in: u64) -> Rule {
    let of = match *of {
        [one] => [Some(other(one)), None],
        [one, two] => [Some(other(one)), Some(other(two))],
        _ => panic!("one other counter, or two"),
    };
    Rule::Ratio { of, one_in }
}

const fn other((table, counter): (&str, &str)) -> (Inline<9>, Inline<25>) {
    (Inline::new(table), Inline::new(counter))
}

const fn level(limit: &str, percent: u64) -> Rule {
    Rule::Level {
        limit: Inline::new(limit),
        percent,
    }
}

const fn trouble(
    (table, counter): (&str, &str),
    rule: Rule,
    meaning: &str,
    hint: &str,
    source: &str,
) -> Trouble {
    Trouble {
        table: Inline::new(table),
        counter: Inline::new(counter),
        rule,
        meaning: Inline::new(meaning),
        hint: Inline::new(hint),
        source: Inline::new(source),
    }
}

/// `Documentation/networking/snmp_counter.rst` of the kernel.
const COUNTERS: &str = "snmp_counter.rst";
/// `Documentation/networking/ip-sysctl.rst`.
const SETTINGS: &str = "ip-sysctl.rst";
/// `include/net/dropreason-core.h`.
const REASONS: &str = "dropreason-core.h";
/// `include/uapi/linux/if_link.h`; `net/core/net-procfs.c` for what `/proc/net/dev` adds up.
const LINKS: &str = "if_link.h, net-procfs.c";
/// The MIB that the kernel follows.
const IP_MIB: &str = "RFC 4293";
/// `net/netfilter/nf_conntrack_core.c`; `conntrack(8)` shows the same counters and does not explain them.
const TRACKING: &str = "nf_conntrack_core.c";

const HEADER: &str =
    "packets were dropped because their header was wrong or their hops were used up";
const NO_ROUTE: &str = "packets could not be sent because there was no route to their destination";
const NO_ROUTE_IN: &str = "packets were dropped on receipt because no route was found for them";
const TRUNCATED: &str = "packets were dropped because they were shorter than their header says";
const IN_DISCARDS: &str =
    "packets without a fault were dropped on receipt, such as for want of memory";
const OUT_DISCARDS: &str =
    "packets without a fault were dropped on their way out, such as for want of memory";
const REASSEMBLY: &str =
    "times fragments could not be put together: some were missing for too long, or wrong";
const FRAGMENTATION: &str =
    "packets were dropped because they were too large for a link and could not be fragmented";
const RECEIVE_BUFFER: &str = "datagrams were dropped because a receive buffer was full";
const SEND_BUFFER: &str =
    "datagrams were not sent because a send buffer was full or the kernel's memory short";
const UDP_CHECKSUM: &str = "datagrams were dropped because their checksum was wrong";
const UDP_MEMORY: &str =
    "datagrams were dropped because all udp sockets together had used the memory allowed";
const ICMP_CHECKSUM: &str = "ICMP messages were dropped because their checksum was wrong";

const SEE_ROUTES: &str = "netstat -rn";
const SEE_ROUTES6: &str = "netstat -6rn";
const SEE_INTERFACES: &str = "netstat -i";
const SEE_DEVICE: &str = "ethtool -S DEVICE";
const SEE_LISTENERS: &str = "netstat -tln --show backlog_limit,drops";
const SEE_RECEIVERS: &str = "netstat -tan --show drops,recv_buffer";
const SEE_UDP: &str = "netstat -uan --show drops,recv_buffer";
const SEE_TCP_MEMORY: &str = "sysctl net.ipv4.tcp_mem; cat /proc/net/sockstat";
const SEE_MD5: &str = "the keys of both ends (TCP_MD5SIG)";

/// All of them, in the order in which they are shown.
pub const TROUBLES: &[Trouble] = &[
    trouble(
        ("Ip", "InHdrErrors"),
        ratio(&[("Ip", "InReceives")], 1000),
        HEADER,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(("Ip", "InDiscards"), ANY, IN_DISCARDS, "free", IP_MIB),
    trouble(
        ("Ip", "OutDiscards"),
        ANY,
        OUT_DISCARDS,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(("Ip", "OutNoRoutes"), ANY, NO_ROUTE, SEE_ROUTES, COUNTERS),
    trouble(
        ("Ip", "ReasmFails"),
        ANY,
        REASSEMBLY,
        "sysctl net.ipv4.ipfrag_time net.ipv4.ipfrag_high_thresh",
        IP_MIB,
    ),
    trouble(
        ("Ip", "FragFails"),
        ANY,
        FRAGMENTATION,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(
        ("IpExt", "InNoRoutes"),
        ANY,
        NO_ROUTE_IN,
        SEE_ROUTES,
        COUNTERS,
    ),
    trouble(
        ("IpExt", "InTruncatedPkts"),
        ANY,
        TRUNCATED,
        SEE_DEVICE,
        COUNTERS,
    ),
    trouble(
        ("IpExt", "InCsumErrors"),
        ANY,
        "packets were dropped because the checksum of their header was wrong",
        SEE_DEVICE,
        REASONS,
    ),
    trouble(
        ("Icmp", "InCsumErrors"),
        ANY,
        ICMP_CHECKSUM,
        SEE_DEVICE,
        COUNTERS,
    ),
    trouble(
        ("Tcp", "RetransSegs"),
        ratio(&[("Tcp", "OutSegs")], 100),
        "segments had to be sent again, more than 1 for 100 sent: they or their acknowledgements were lost or late",
        "netstat -tn --show retransmits_total,rtt_ms",
        "RFC 4022",
    ),
    trouble(
        ("Tcp", "AttemptFails"),
        ratio(OPENED, 10),
        "connections failed while they were being opened, more than 1 for 10 opened",
        "netstat -tan",
        "RFC 4022",
    ),
    trouble(
        ("Tcp", "InErrs"),
        ANY,
        "segments were received in error, such as with a wrong checksum",
        SEE_DEVICE,
        "RFC 4022",
    ),
    trouble(
        ("Tcp", "InCsumErrors"),
        ANY,
        "segments were dropped because their checksum was wrong",
        SEE_DEVICE,
        REASONS,
    ),
    trouble(
        ("TcpExt", "ListenOverflows"),
        ANY,
        "connections were dropped because a listen queue was full",
        SEE_LISTENERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "ListenDrops"),
        ANY,
        "packets to listening sockets were dropped, because a queue was full or for another reason",
        SEE_LISTENERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPReqQFullDrop"),
        ANY,
        "connection requests were dropped because a queue of half-open connections was full",
        "sysctl net.ipv4.tcp_max_syn_backlog net.core.somaxconn net.ipv4.tcp_syncookies",
        "ip-sysctl.rst, tcp_input.c",
    ),
    trouble(
        ("TcpExt", "TCPReqQFullDoCookies"),
        ANY,
        "connection requests were answered with SYN cookies, because a queue of half-open connections was full or tcp_syncookies is 2",
        "sysctl net.ipv4.tcp_max_syn_backlog net.core.somaxconn net.ipv4.tcp_syncookies",
        "ip-sysctl.rst, tcp_input.c",
    ),
    trouble(
        ("TcpExt", "TCPFastOpenListenOverflow"),
        ANY,
        "Fast Open requests were refused because too many were pending",
        "the queue length that the server gives TCP_FASTOPEN",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPSynRetrans"),
        ratio(OPENED, 10),
        "segments that open a connection had to be sent again, more than 1 for 10 connections",
        "netstat -tan",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPAbortOnTimeout"),
        ratio(OPENED, 100),
        "connections were given up because a timer had expired, more than 1 for 100 opened",
        "netstat -tano",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPBacklogDrop"),
        ANY,
        "segments were dropped because too many waited for a socket that its program was just using",
        SEE_RECEIVERS,
        "dropreason-core.h, tcp_ipv4.c",
    ),
    trouble(
        ("TcpExt", "TCPRcvQDrop"),
        ANY,
        "segments were dropped because a receive queue could get no more memory",
        SEE_RECEIVERS,
        "tcp_input.c",
    ),
    trouble(
        ("TcpExt", "TCPZeroWindowDrop"),
        ANY,
        "segments were dropped because they came while the receive window was closed",
        SEE_RECEIVERS,
        REASONS,
    ),
    trouble(
        ("TcpExt", "TCPToZeroWindowAdv"),
        ratio(&[("Tcp", "InSegs")], 1000),
        "times a receive window was closed, more than 1 for 1000 segments received",
        SEE_RECEIVERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "PruneCalled"),
        ANY,
        "times memory had to be reclaimed from the receive queues of a socket",
        SEE_RECEIVERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "RcvPruned"),
        ANY,
        "times a socket held more than it may even after memory was reclaimed from its receive queues",
        SEE_RECEIVERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "OfoPruned"),
        ANY,
        "times segments that had come out of order were thrown away to reclaim memory",
        SEE_RECEIVERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPOFODrop"),
        ANY,
        "segments that came out of order were dropped for want of memory",
        SEE_RECEIVERS,
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPMemoryPressures"),
        ANY,
        "times TCP came under memory pressure, as when its sockets use more than the second value of tcp_mem",
        SEE_TCP_MEMORY,
        SETTINGS,
    ),
    trouble(
        ("TcpExt", "TCPAbortOnMemory"),
        ANY,
        "closed connections were reset because there were too many of them or too little memory for TCP",
        "sysctl net.ipv4.tcp_max_orphans net.ipv4.tcp_mem; cat /proc/net/sockstat",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPAbortFailed"),
        ANY,
        "connections could not be reset because of an error in the kernel",
        "dmesg",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPTimeWaitOverflow"),
        ANY,
        "connections were closed without TIME_WAIT because there were too many or memory was short",
        "sysctl net.ipv4.tcp_max_tw_buckets",
        "ip-sysctl.rst, tcp_minisocks.c",
    ),
    trouble(
        ("TcpExt", "TCPWqueueTooBig"),
        ANY,
        "times a segment was not split because the send queue held far more than the send buffer allows",
        "netstat -tan --show send_buffer",
        "tcp_output.c",
    ),
    trouble(
        ("TcpExt", "TCPRetransFail"),
        ANY,
        "retransmissions failed because a layer below TCP returned an error",
        "netstat -i; tc -s qdisc",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPSpuriousRtxHostQueues"),
        ANY,
        "retransmissions were given up because the first copy was still in a queue of this machine",
        "tc -s qdisc",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "TCPSACKReneging"),
        ANY,
        "times the other end seemed to have thrown away data that it had acknowledged selectively",
        "netstat -tn --show retransmits_total",
        COUNTERS,
    ),
    trouble(
        ("TcpExt", "PFMemallocDrop"),
        ANY,
        "packets were dropped because memory was so short that only its reserves were left",
        "free; sysctl vm.min_free_kbytes",
        "net/core/filter.c",
    ),
    trouble(
        ("TcpExt", "IPReversePathFilter"),
        ANY,
        "packets were dropped by rp_filter: no route leads back to their source, or none by the way they came",
        "netstat -rn; sysctl net.ipv4.conf.all.rp_filter",
        SETTINGS,
    ),
    trouble(
        ("TcpExt", "TCPMD5NotFound"),
        ANY,
        "segments were dropped because they lacked an MD5 signature where one was expected",
        SEE_MD5,
        REASONS,
    ),
    trouble(
        ("TcpExt", "TCPMD5Unexpected"),
        ANY,
        "segments were dropped because they had an MD5 signature where none was expected",
        SEE_MD5,
        REASONS,
    ),
    trouble(
        ("TcpExt", "TCPMD5Failure"),
        ANY,
        "segments were dropped because their MD5 signature was wrong",
        SEE_MD5,
        REASONS,
    ),
    trouble(
        ("Udp", "RcvbufErrors"),
        ANY,
        RECEIVE_BUFFER,
        SEE_UDP,
        "net/ipv4/udp.c",
    ),
    trouble(
        ("Udp", "SndbufErrors"),
        ANY,
        SEND_BUFFER,
        "netstat -uan --show send_buffer",
        "net/ipv4/udp.c",
    ),
    trouble(
        ("Udp", "InCsumErrors"),
        ANY,
        UDP_CHECKSUM,
        SEE_DEVICE,
        REASONS,
    ),
    trouble(
        ("Udp", "MemErrors"),
        ANY,
        UDP_MEMORY,
        "sysctl net.ipv4.udp_mem; cat /proc/net/sockstat",
        "net/ipv4/udp.c",
    ),
    trouble(
        ("Ip6", "Ip6InHdrErrors"),
        ratio(&[("Ip6", "Ip6InReceives")], 1000),
        HEADER,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(
        ("Ip6", "Ip6InTooBigErrors"),
        ANY,
        "packets were not forwarded because they were larger than the next link takes",
        SEE_INTERFACES,
        "RFC 2465",
    ),
    trouble(
        ("Ip6", "Ip6InNoRoutes"),
        ANY,
        NO_ROUTE_IN,
        SEE_ROUTES6,
        IP_MIB,
    ),
    trouble(
        ("Ip6", "Ip6InTruncatedPkts"),
        ANY,
        TRUNCATED,
        SEE_DEVICE,
        IP_MIB,
    ),
    trouble(("Ip6", "Ip6InDiscards"), ANY, IN_DISCARDS, "free", IP_MIB),
    trouble(
        ("Ip6", "Ip6OutDiscards"),
        ANY,
        OUT_DISCARDS,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(
        ("Ip6", "Ip6OutNoRoutes"),
        ANY,
        NO_ROUTE,
        SEE_ROUTES6,
        IP_MIB,
    ),
    trouble(
        ("Ip6", "Ip6ReasmFails"),
        ANY,
        REASSEMBLY,
        "sysctl net.ipv6.ip6frag_time net.ipv6.ip6frag_high_thresh",
        IP_MIB,
    ),
    trouble(
        ("Ip6", "Ip6FragFails"),
        ANY,
        FRAGMENTATION,
        SEE_INTERFACES,
        IP_MIB,
    ),
    trouble(
        ("Icmp6", "Icmp6InCsumErrors"),
        ANY,
        ICMP_CHECKSUM,
        SEE_DEVICE,
        REASONS,
    ),
    trouble(
        ("Udp6", "Udp6RcvbufErrors"),
        ANY,
        RECEIVE_BUFFER,
        SEE_UDP,
        "net/ipv6/udp.c",
    ),
    trouble(
        ("Udp6", "Udp6SndbufErrors"),
        ANY,
        SEND_BUFFER,
        "netstat -uan --show send_buffer",
        "net/ipv6/udp.c",
    ),
    trouble(
        ("Udp6", "Udp6InCsumErrors"),
        ANY,
        UDP_CHECKSUM,
        SEE_DEVICE,
        REASONS,
    ),
    trouble(
        ("Udp6", "Udp6MemErrors"),
        ANY,
        UDP_MEMORY,
        "sysctl net.ipv4.udp_mem; cat /proc/net/sockstat",
        "net/ipv6/udp.c",
    ),
    trouble(
        (SOFTNET, "dropped"),
        ANY,
        "received packets were dropped because the queue of a CPU was full, or by its flow limit",
        "sysctl net.core.netdev_max_backlog",
        REASONS,
    ),
    trouble(
        (SOFTNET, "flow_limit_count"),
        ANY,
        "received packets of large flows were dropped because the queue of a CPU was more than half full",
        "sysctl net.core.flow_limit_cpu_bitmap net.core.netdev_max_backlog",
        "scaling.rst",
    ),
    trouble(
        (SOFTNET, "time_squeeze"),
        ratio(&[(SOFTNET, "processed")], 1000),
        "times a CPU ran out of its time or share for received packets, more than 1 for 1000 packets",
        "sysctl net.core.netdev_budget net.core.netdev_budget_usecs",
        "sysctl/net.rst, net/core/dev.c",
    ),
    trouble(
        (SOCKSTAT, "TCP orphan"),
        level("tcp_max_orphans", 90),
        "tcp sockets belong to no program any more, 90 % or more of what is allowed; beyond, they are reset",
        "sysctl net.ipv4.tcp_max_orphans",
        SETTINGS,
    ),
    trouble(
        (SOCKSTAT, "TCP tw"),
        level("tcp_max_tw_buckets", 90),
        "tcp sockets are in TIME_WAIT, 90 % or more of what is allowed; beyond, they are destroyed at once",
        "sysctl net.ipv4.tcp_max_tw_buckets",
        SETTINGS,
    ),
    trouble(
        (SOCKSTAT, "TCP mem"),
        level("tcp_mem pressure", 100),
        "pages of memory are used by TCP, at least as many as it may before it is held back",
        "sysctl net.ipv4.tcp_mem; netstat -tan",
        SETTINGS,
    ),
    trouble(
        (SOCKSTAT, "UDP mem"),
        level("udp_mem max", 90),
        "pages of memory are used by udp sockets, 90 % or more of what is allowed",
        "sysctl net.ipv4.udp_mem; netstat -uan",
        SETTINGS,
    ),
    trouble(
        (SOCKSTAT, "FRAG memory"),
        level("ipfrag_high_thresh", 90),
        "bytes of memory are used by fragments of IPv4 packets, 90 % or more of what is allowed",
        "sysctl net.ipv4.ipfrag_high_thresh",
        SETTINGS,
    ),
    trouble(
        (SOCKSTAT, "FRAG6 memory"),
        level("ip6frag_high_thresh", 90),
        "bytes of memory are used by fragments of IPv6 packets, 90 % or more of what is allowed",
        "sysctl net.ipv6.ip6frag_high_thresh",
        SETTINGS,
    ),
    trouble(
        (CONNTRACK, "entries"),
        level("nf_conntrack_max", 90),
        "connections are tracked, 90 % or more of what is allowed",
        "sysctl net.netfilter.nf_conntrack_max",
        "nf_conntrack-sysctl.rst",
    ),
    trouble(
        (CONNTRACK, "drop"),
        ANY,
        "packets were dropped because tracking their connection failed",
        "sysctl net.netfilter.nf_conntrack_max; dmesg",
        TRACKING,
    ),
    trouble(
        (CONNTRACK, "early_drop"),
        ANY,
        "tracked connections were forgotten early to make room for new ones",
        "sysctl net.netfilter.nf_conntrack_max",
        TRACKING,
    ),
    trouble(
        (CONNTRACK, "insert_failed"),
        ANY,
        "connections could not be entered into the tracking table, such as when the same one was there already",
        "conntrack -S",
        TRACKING,
    ),
    trouble(
        (INTERFACE, "rx_err"),
        ANY,
        "bad packets were received",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "rx_drp"),
        ratio(&[(INTERFACE, "rx_ok")], 1000),
        "received packets were dropped, more than 1 in 1000: want of buffers, or nothing here takes their protocol",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "rx_ovr"),
        ANY,
        "times a receive queue overflowed, or a packet of a GRE tunnel came out of sequence",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "rx_frame"),
        ANY,
        "packets were received with a wrong length, checksum or alignment, or did not fit into a buffer",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "tx_err"),
        ANY,
        "packets could not be transmitted",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "tx_drp"),
        ANY,
        "packets were dropped on their way to transmission, such as for want of resources",
        "tc -s qdisc; ethtool -S DEVICE",
        LINKS,
    ),
    trouble(
        (INTERFACE, "tx_ovr"),
        ANY,
        "packets failed because the device did not get them to the transmitter in time",
        SEE_DEVICE,
        LINKS,
    ),
    trouble(
        (INTERFACE, "tx_carrier"),
        ANY,
        "packets failed because the carrier was lost, for collisions, or because the device discarded them",
        SEE_DEVICE,
        LINKS,
    ),
];
