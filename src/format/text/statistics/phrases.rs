//! What the counters are called on the screen: one row per counter that has a sentence.
//!
//! The sentences are the reference's, as it was seen to print them; some are oddly spelt or end in a blank. Counters that are not listed come
//! out raw, under the kernel's name. The reference has sentences for some of those too, such as `Ip Forwarding` or `TcpExt TCPTimeouts`,
//! but searches for them in lists that are out of order and never finds them. Nobody must "complete" this table.

use Kind::{Hidden, IcmpIn, IcmpOut, Number, NumberIfNonzero};

use crate::collect::snmp::KnownTable as T;

/// Where the number stands in a sentence.
pub const VALUE: &str = "{}";

/// When and where a counter is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Never: a setting, not a counter.
    Hidden,
    /// Always.
    Number,
    /// Unless it is 0.
    NumberIfNonzero,
    /// Unless it is 0, in the histogram of what came in.
    IcmpIn,
    /// Unless it is 0, in the histogram of what went out.
    IcmpOut,
}

/// The kind and the sentence of a counter.
pub fn find(table: T, name: &[u8]) -> Option<(Kind, &'static str)> {
    let found = PHRASES
        .binary_search_by(|&(other, counter, ..)| (other, counter.as_bytes()).cmp(&(table, name)));
    let &(_, _, kind, text) = PHRASES.get(found.ok()?)?;
    Some((kind, text))
}

/// Table, counter, kind, sentence; in the order of the tables and of the counters' bytes.
#[rustfmt::skip]
const PHRASES: [(T, &str, Kind, &str); 187] = [
    (T::Ip, "DefaultTTL", Hidden, ""),
    (T::Ip, "ForwDatagrams", Number, "{} forwarded"),
    (T::Ip, "FragCreates", NumberIfNonzero, "{} fragments created"),
    (T::Ip, "FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    (T::Ip, "FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    (T::Ip, "InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    (T::Ip, "InDelivers", Number, "{} incoming packets delivered"),
    (T::Ip, "InDiscards", Number, "{} incoming packets discarded"),
    (T::Ip, "InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    (T::Ip, "InReceives", Number, "{} total packets received"),
    (T::Ip, "InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    (T::Ip, "OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    (T::Ip, "OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    (T::Ip, "OutRequests", Number, "{} requests sent out"),
    (T::Ip, "ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    (T::Ip, "ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    (T::Ip, "ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    (T::Ip, "ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    (T::Icmp, "InAddrMaskReps", IcmpIn, "address mask replies: {}"),
    (T::Icmp, "InAddrMasks", IcmpIn, "address mask request: {}"),
    (T::Icmp, "InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    (T::Icmp, "InEchoReps", IcmpIn, "echo replies: {}"),
    (T::Icmp, "InEchos", IcmpIn, "echo requests: {}"),
    (T::Icmp, "InErrors", Number, "{} input ICMP message failed"),
    (T::Icmp, "InMsgs", Number, "{} ICMP messages received"),
    (T::Icmp, "InParmProbs", IcmpIn, "wrong parameters: {}"),
    (T::Icmp, "InRedirects", IcmpIn, "redirects: {}"),
    (T::Icmp, "InSrcQuenchs", IcmpIn, "source quenches: {}"),
    (T::Icmp, "InTimeExcds", IcmpIn, "timeout in transit: {}"),
    (T::Icmp, "InTimestampReps", IcmpIn, "timestamp reply: {}"),
    (T::Icmp, "InTimestamps", IcmpIn, "timestamp request: {}"),
    (T::Icmp, "OutAddrMaskReps", IcmpOut, "address mask replies: {}"),
    (T::Icmp, "OutAddrMasks", IcmpOut, "address mask requests: {}"),
    (T::Icmp, "OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    (T::Icmp, "OutEchoReps", IcmpOut, "echo replies: {}"),
    (T::Icmp, "OutEchos", IcmpOut, "echo requests: {}"),
    (T::Icmp, "OutErrors", Number, "{} ICMP messages failed"),
    (T::Icmp, "OutMsgs", Number, "{} ICMP messages sent"),
    (T::Icmp, "OutParmProbs", IcmpOut, "wrong parameters: {}"),
    (T::Icmp, "OutRedirects", IcmpOut, "redirect: {}"),
    (T::Icmp, "OutSrcQuenchs", IcmpOut, "source quench: {}"),
    (T::Icmp, "OutTimeExcds", IcmpOut, "time exceeded: {}"),
    (T::Icmp, "OutTimestampReps", IcmpOut, "timestamp replies: {}"),
    (T::Icmp, "OutTimestamps", IcmpOut, "timestamp requests: {}"),
    (T::Tcp, "ActiveOpens", Number, "{} active connection openings"),
    (T::Tcp, "AttemptFails", Number, "{} failed connection attempts"),
    (T::Tcp, "CurrEstab", Number, "{} connections established"),
    (T::Tcp, "EstabResets", Number, "{} connection resets received"),
    (T::Tcp, "InErrs", Number, "{} bad segments received"),
    (T::Tcp, "InSegs", Number, "{} segments received"),
    (T::Tcp, "MaxConn", Hidden, ""),
    (T::Tcp, "OutRsts", Number, "{} resets sent"),
    (T::Tcp, "OutSegs", Number, "{} segments sent out"),
    (T::Tcp, "PassiveOpens", Number, "{} passive connection openings"),
    (T::Tcp, "RetransSegs", Number, "{} segments retransmitted"),
    (T::Tcp, "RtoAlgorithm", Hidden, ""),
    (T::Tcp, "RtoMax", Hidden, ""),
    (T::Tcp, "RtoMin", Hidden, ""),
    (T::Udp, "InDatagrams", Number, "{} packets received"),
    (T::Udp, "InErrors", Number, "{} packet receive errors"),
    (T::Udp, "NoPorts", Number, "{} packets to unknown port received"),
    (T::Udp, "OutDatagrams", Number, "{} packets sent"),
    (T::Udp, "RcvbufErrors", Number, "{} receive buffer errors"),
    (T::Udp, "SndbufErrors", Number, "{} send buffer errors"),
    (T::TcpExt, "DelayedACKLocked", NumberIfNonzero, "{} delayed acks further delayed because of locked socket"),
    (T::TcpExt, "DelayedACKLost", NumberIfNonzero, "Quick ack mode was activated {} times"),
    (T::TcpExt, "DelayedACKs", NumberIfNonzero, "{} delayed acks sent"),
    (T::TcpExt, "EmbryonicRsts", NumberIfNonzero, "{} resets received for embryonic SYN_RECV sockets"),
    (T::TcpExt, "ListenDrops", NumberIfNonzero, "{} SYNs to LISTEN sockets dropped"),
    (T::TcpExt, "ListenOverflows", NumberIfNonzero, "{} times the listen queue of a socket overflowed"),
    (T::TcpExt, "LockDroppedIcmps", NumberIfNonzero, "{} ICMP packets dropped because socket was locked"),
    (T::TcpExt, "OfoPruned", NumberIfNonzero, "{} packets dropped from out-of-order queue because of socket buffer overrun"),
    (T::TcpExt, "OutOfWindowIcmps", NumberIfNonzero, "{} ICMP packets dropped because they were out-of-window"),
    (T::TcpExt, "PAWSActive", NumberIfNonzero, "{} active connections rejected because of time stamp"),
    (T::TcpExt, "PAWSEstab", NumberIfNonzero, "{} packets rejected in established connections because of timestamp"),
    (T::TcpExt, "PAWSPassive", NumberIfNonzero, "{} passive connections rejected because of time stamp"),
    (T::TcpExt, "PruneCalled", NumberIfNonzero, "{} packets pruned from receive queue because of socket buffer overrun"),
    (T::TcpExt, "RcvPruned", NumberIfNonzero, "{} packets pruned from receive queue"),
    (T::TcpExt, "SockMallocOOM", NumberIfNonzero, "Ran {} times out of system memory during packet sending"),
    (T::TcpExt, "SyncookiesFailed", NumberIfNonzero, "{} invalid SYN cookies received"),
    (T::TcpExt, "SyncookiesRecv", NumberIfNonzero, "{} SYN cookies received"),
    (T::TcpExt, "SyncookiesSent", NumberIfNonzero, "{} SYN cookies sent"),
    (T::TcpExt, "TCPAbortFailed", NumberIfNonzero, "{} times unable to send RST due to no memory"),
    (T::TcpExt, "TCPAbortOnClose", NumberIfNonzero, "{} connections reset due to early user close"),
    (T::TcpExt, "TCPAbortOnData", NumberIfNonzero, "{} connections reset due to unexpected data"),
    (T::TcpExt, "TCPAbortOnLinger", NumberIfNonzero, "{} connections aborted after user close in linger timeout"),
    (T::TcpExt, "TCPAbortOnMemory", NumberIfNonzero, "{} connections aborted due to memory pressure"),
    (T::TcpExt, "TCPAbortOnSyn", NumberIfNonzero, "{} connections reset due to unexpected SYN"),
    (T::TcpExt, "TCPAbortOnTimeout", NumberIfNonzero, "{} connections aborted due to timeout"),
    (T::TcpExt, "TCPDirectCopyFromBacklog", NumberIfNonzero, "{} bytes directly in process context from backlog"),
    (T::TcpExt, "TCPFACKReorder", NumberIfNonzero, "Detected reordering {} times using FACK"),
    (T::TcpExt, "TCPFastRetrans", NumberIfNonzero, "{} fast retransmits"),
    (T::TcpExt, "TCPForwardRetrans", NumberIfNonzero, "{} forward retransmits"),
    (T::TcpExt, "TCPFullUndo", NumberIfNonzero, "{} congestion windows fully recovered without slow start"),
    (T::TcpExt, "TCPHPAcks", NumberIfNonzero, "{} predicted acknowledgments"),
    (T::TcpExt, "TCPHPHits", Number, "{} packet headers predicted"),
    (T::TcpExt, "TCPHPHitsToUser", NumberIfNonzero, "{} packet headers predicted and directly queued to user"),
    (T::TcpExt, "TCPLossFailures", NumberIfNonzero, "{} timeouts in loss state"),
    (T::TcpExt, "TCPLossUndo", NumberIfNonzero, "{} congestion windows recovered without slow start after partial ack"),
    (T::TcpExt, "TCPLostRetransmits", NumberIfNonzero, "{} retransmits lost"),
    (T::TcpExt, "TCPMemoryPressures", NumberIfNonzero, "TCP ran low on memory {} times"),
    (T::TcpExt, "TCPPartialUndo", NumberIfNonzero, "{} congestion windows partially recovered using Hoe heuristic"),
    (T::TcpExt, "TCPPrequeued", NumberIfNonzero, "{} packets directly queued to recvmsg prequeue"),
    (T::TcpExt, "TCPPureAcks", NumberIfNonzero, "{} acknowledgments not containing data payload received"),
    (T::TcpExt, "TCPRcvCollapsed", NumberIfNonzero, "{} packets collapsed in receive queue due to low socket buffer"),
    (T::TcpExt, "TCPRenoFailures", NumberIfNonzero, "{} timeouts after reno fast retransmit"),
    (T::TcpExt, "TCPRenoRecovery", NumberIfNonzero, "{} times recovered from packet loss due to fast retransmit"),
    (T::TcpExt, "TCPRenoReorder", NumberIfNonzero, "Detected reordering {} times using reno fast retransmit"),
    (T::TcpExt, "TCPSACKReorder", NumberIfNonzero, "Detected reordering {} times using SACK"),
    (T::TcpExt, "TCPSchedulerFailed", NumberIfNonzero, "{} times receiver scheduled too late for direct processing"),
    (T::TcpExt, "TCPSlowStartRetrans", NumberIfNonzero, "{} retransmits in slow start"),
    (T::TcpExt, "TCPTSReorder", NumberIfNonzero, "Detected reordering {} times using time stamp"),
    (T::TcpExt, "TW", NumberIfNonzero, "{} TCP sockets finished time wait in fast timer"),
    (T::TcpExt, "TWRecycled", NumberIfNonzero, "{} time wait sockets recycled by time stamp"),
    (T::Sctp, "SctpAborteds", Number, "{} Number of Aborteds "),
    (T::Sctp, "SctpActiveEstabs", Number, "{} Active Associations"),
    (T::Sctp, "SctpChecksumErrors", Number, "{} Number of Packets with invalid Checksum"),
    (T::Sctp, "SctpCurrEstab", Number, "{} Current Associations"),
    (T::Sctp, "SctpFragUsrMsgs", Number, "{} Number of messages fragmented"),
    (T::Sctp, "SctpInCtrlChunks", Number, "{} Number of control chunks received"),
    (T::Sctp, "SctpInOrderChunks", Number, "{} Number of ordered chunks received"),
    (T::Sctp, "SctpInSCTPPacks", Number, "{} Number of SCTP packets received"),
    (T::Sctp, "SctpInUnorderChunks", Number, "{} Number of Unordered chunks received"),
    (T::Sctp, "SctpOutCtrlChunks", Number, "{} Number of control chunks sent"),
    (T::Sctp, "SctpOutOfBlues", Number, "{} Number of Out of Blue packets"),
    (T::Sctp, "SctpOutOrderChunks", Number, "{} Number of ordered chunks sent"),
    (T::Sctp, "SctpOutSCTPPacks", Number, "{} Number of SCTP packets sent"),
    (T::Sctp, "SctpOutUnorderChunks", Number, "{} Number of Unordered chunks sent"),
    (T::Sctp, "SctpPassiveEstabs", Number, "{} Passive Associations"),
    (T::Sctp, "SctpReasmUsrMsgs", Number, "{} Number of messages reassembled "),
    (T::Sctp, "SctpShutdowns", Number, "{} Number of Graceful Terminations"),
    (T::Ip6, "Ip6FragCreates", NumberIfNonzero, "{} fragments created"),
    (T::Ip6, "Ip6FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    (T::Ip6, "Ip6FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    (T::Ip6, "Ip6InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    (T::Ip6, "Ip6InDelivers", Number, "{} incoming packets delivered"),
    (T::Ip6, "Ip6InDiscards", Number, "{} incoming packets discarded"),
    (T::Ip6, "Ip6InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    (T::Ip6, "Ip6InMcastPkts", NumberIfNonzero, "{} incoming multicast packets"),
    (T::Ip6, "Ip6InNoRoutes", NumberIfNonzero, "{} incoming packets with no route"),
    (T::Ip6, "Ip6InReceives", Number, "{} total packets received"),
    (T::Ip6, "Ip6InTooBigErrors", NumberIfNonzero, "{} with packets too big"),
    (T::Ip6, "Ip6InTruncatedPkts", NumberIfNonzero, "{} with truncated packets"),
    (T::Ip6, "Ip6InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    (T::Ip6, "Ip6OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    (T::Ip6, "Ip6OutForwDatagrams", Number, "{} forwarded"),
    (T::Ip6, "Ip6OutMcastPkts", NumberIfNonzero, "{} outgoing multicast packets"),
    (T::Ip6, "Ip6OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    (T::Ip6, "Ip6OutRequests", Number, "{} requests sent out"),
    (T::Ip6, "Ip6ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    (T::Ip6, "Ip6ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    (T::Ip6, "Ip6ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    (T::Ip6, "Ip6ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    (T::Icmp6, "Icmp6InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    (T::Icmp6, "Icmp6InEchoReplies", IcmpIn, "echo replies: {}"),
    (T::Icmp6, "Icmp6InEchos", IcmpIn, "echo requests: {}"),
    (T::Icmp6, "Icmp6InErrors", Number, "{} input ICMP message failed"),
    (T::Icmp6, "Icmp6InGroupMembQueries", IcmpIn, "group member queries: {}"),
    (T::Icmp6, "Icmp6InGroupMembReductions", IcmpIn, "group member reductions: {}"),
    (T::Icmp6, "Icmp6InGroupMembResponses", IcmpIn, "group member responses: {}"),
    (T::Icmp6, "Icmp6InMsgs", Number, "{} ICMP messages received"),
    (T::Icmp6, "Icmp6InNeighborAdvertisements", IcmpIn, "neighbour advertisement: {}"),
    (T::Icmp6, "Icmp6InNeighborSolicits", IcmpIn, "neighbour solicits: {}"),
    (T::Icmp6, "Icmp6InParmProblems", IcmpIn, "parameter problem: {}"),
    (T::Icmp6, "Icmp6InPktTooBigs", IcmpIn, "packets too big: {}"),
    (T::Icmp6, "Icmp6InRedirects", IcmpIn, "redirects: {}"),
    (T::Icmp6, "Icmp6InRouterAdvertisements", IcmpIn, "router advertisement: {}"),
    (T::Icmp6, "Icmp6InRouterSolicits", IcmpIn, "router solicits: {}"),
    (T::Icmp6, "Icmp6InTimeExcds", IcmpIn, "received ICMPv6 time exceeded: {}"),
    (T::Icmp6, "Icmp6OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    (T::Icmp6, "Icmp6OutEchoReplies", IcmpOut, "echo replies: {}"),
    (T::Icmp6, "Icmp6OutEchos", IcmpOut, "echo requests: {}"),
    (T::Icmp6, "Icmp6OutGroupMembQueries", IcmpOut, "group member queries: {}"),
    (T::Icmp6, "Icmp6OutGroupMembReductions", IcmpOut, "group member reductions: {}"),
    (T::Icmp6, "Icmp6OutGroupMembResponses", IcmpOut, "group member responses: {}"),
    (T::Icmp6, "Icmp6OutMsgs", Number, "{} ICMP messages sent"),
    (T::Icmp6, "Icmp6OutNeighborAdvertisements", IcmpOut, "neighbor advertisements: {}"),
    (T::Icmp6, "Icmp6OutNeighborSolicits", IcmpOut, "neighbor solicits: {}"),
    (T::Icmp6, "Icmp6OutParmProblems", IcmpOut, "parameter problem: {}"),
    (T::Icmp6, "Icmp6OutPktTooBigs", IcmpOut, "packets too big: {}"),
    (T::Icmp6, "Icmp6OutRedirects", IcmpOut, "redirects: {}"),
    (T::Icmp6, "Icmp6OutRouterSolicits", IcmpOut, "router solicits: {}"),
    (T::Icmp6, "Icmp6OutTimeExcds", IcmpOut, "sent ICMPv6 time exceeded: {}"),
    (T::Udp6, "Udp6InDatagrams", Number, "{} packets received"),
    (T::Udp6, "Udp6InErrors", Number, "{} packet receive errors"),
    (T::Udp6, "Udp6NoPorts", Number, "{} packets to unknown port received"),
    (T::Udp6, "Udp6OutDatagrams", Number, "{} packets sent"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_the_order_that_the_search_needs() {
        assert!(PHRASES.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    }

    #[test]
    fn every_sentence_has_one_place_for_its_number() {
        for (table, counter, kind, text) in PHRASES {
            let places = usize::from(kind != Hidden);
            assert_eq!(text.matches(VALUE).count(), places, "{table:?} {counter}");
        }
    }

    #[test]
    fn counters_are_found_by_their_exact_names() {
        for (table, counter, kind, text) in PHRASES {
            assert_eq!(find(table, counter.as_bytes()), Some((kind, text)));
        }
        for (table, name) in [
            (T::Ip, "Forwarding"),
            (T::Ip, "indelivers"),
            (T::Ip, ""),
            (T::Ip6, "InDelivers"),
            (T::Udp, "InSegs"),
            (T::Udp6, "Udp6RcvbufErrors"),
            (T::TcpExt, "TCPLostRetransmit"),
            (T::TcpExt, "TCPTimeouts"),
            (T::Tcp6, "Tcp6InSegs"),
        ] {
            assert_eq!(find(table, name.as_bytes()), None, "{table:?} {name}");
        }
    }
}
