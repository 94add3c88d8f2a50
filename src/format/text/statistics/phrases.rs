//! What the counters are called on the screen: one row per counter that has a sentence.
//!
//! The sentences are the reference's, as it was seen to print them; some are oddly spelt or end in a blank. Counters that are
//! not listed come out raw, under the kernel's name. The reference has sentences for some of those too, such as
//! `Ip Forwarding` and `TcpExt TCPTimeouts`, but never finds them: do not complete this table.

use Kind::{Hidden, IcmpIn, IcmpOut, Number, NumberIfNonzero};

use crate::record::counter::KnownTable::{
    self, Icmp, Icmp6, Ip, Ip6, Sctp, Tcp, TcpExt, Udp, Udp6,
};

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
pub fn find(table: KnownTable, name: &[u8]) -> Option<(Kind, &'static str)> {
    let found = PHRASES
        .binary_search_by(|&(other, counter, ..)| (other, counter.as_bytes()).cmp(&(table, name)));
    let &(_, _, kind, text) = PHRASES.get(found.ok()?)?;
    Some((kind, text))
}

/// Table, counter, kind, sentence; in the order of the tables and of the counters' bytes.
#[rustfmt::skip]
static PHRASES: [(KnownTable, &str, Kind, &str); 187] = [
    (Ip, "DefaultTTL", Hidden, ""),
    (Ip, "ForwDatagrams", Number, "{} forwarded"),
    (Ip, "FragCreates", NumberIfNonzero, "{} fragments created"),
    (Ip, "FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    (Ip, "FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    (Ip, "InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    (Ip, "InDelivers", Number, "{} incoming packets delivered"),
    (Ip, "InDiscards", Number, "{} incoming packets discarded"),
    (Ip, "InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    (Ip, "InReceives", Number, "{} total packets received"),
    (Ip, "InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    (Ip, "OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    (Ip, "OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    (Ip, "OutRequests", Number, "{} requests sent out"),
    (Ip, "ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    (Ip, "ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    (Ip, "ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    (Ip, "ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    (Icmp, "InAddrMaskReps", IcmpIn, "address mask replies: {}"),
    (Icmp, "InAddrMasks", IcmpIn, "address mask request: {}"),
    (Icmp, "InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    (Icmp, "InEchoReps", IcmpIn, "echo replies: {}"),
    (Icmp, "InEchos", IcmpIn, "echo requests: {}"),
    (Icmp, "InErrors", Number, "{} input ICMP message failed"),
    (Icmp, "InMsgs", Number, "{} ICMP messages received"),
    (Icmp, "InParmProbs", IcmpIn, "wrong parameters: {}"),
    (Icmp, "InRedirects", IcmpIn, "redirects: {}"),
    (Icmp, "InSrcQuenchs", IcmpIn, "source quenches: {}"),
    (Icmp, "InTimeExcds", IcmpIn, "timeout in transit: {}"),
    (Icmp, "InTimestampReps", IcmpIn, "timestamp reply: {}"),
    (Icmp, "InTimestamps", IcmpIn, "timestamp request: {}"),
    (Icmp, "OutAddrMaskReps", IcmpOut, "address mask replies: {}"),
    (Icmp, "OutAddrMasks", IcmpOut, "address mask requests: {}"),
    (Icmp, "OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    (Icmp, "OutEchoReps", IcmpOut, "echo replies: {}"),
    (Icmp, "OutEchos", IcmpOut, "echo requests: {}"),
    (Icmp, "OutErrors", Number, "{} ICMP messages failed"),
    (Icmp, "OutMsgs", Number, "{} ICMP messages sent"),
    (Icmp, "OutParmProbs", IcmpOut, "wrong parameters: {}"),
    (Icmp, "OutRedirects", IcmpOut, "redirect: {}"),
    (Icmp, "OutSrcQuenchs", IcmpOut, "source quench: {}"),
    (Icmp, "OutTimeExcds", IcmpOut, "time exceeded: {}"),
    (Icmp, "OutTimestampReps", IcmpOut, "timestamp replies: {}"),
    (Icmp, "OutTimestamps", IcmpOut, "timestamp requests: {}"),
    (Tcp, "ActiveOpens", Number, "{} active connection openings"),
    (Tcp, "AttemptFails", Number, "{} failed connection attempts"),
    (Tcp, "CurrEstab", Number, "{} connections established"),
    (Tcp, "EstabResets", Number, "{} connection resets received"),
    (Tcp, "InErrs", Number, "{} bad segments received"),
    (Tcp, "InSegs", Number, "{} segments received"),
    (Tcp, "MaxConn", Hidden, ""),
    (Tcp, "OutRsts", Number, "{} resets sent"),
    (Tcp, "OutSegs", Number, "{} segments sent out"),
    (Tcp, "PassiveOpens", Number, "{} passive connection openings"),
    (Tcp, "RetransSegs", Number, "{} segments retransmitted"),
    (Tcp, "RtoAlgorithm", Hidden, ""),
    (Tcp, "RtoMax", Hidden, ""),
    (Tcp, "RtoMin", Hidden, ""),
    (Udp, "InDatagrams", Number, "{} packets received"),
    (Udp, "InErrors", Number, "{} packet receive errors"),
    (Udp, "NoPorts", Number, "{} packets to unknown port received"),
    (Udp, "OutDatagrams", Number, "{} packets sent"),
    (Udp, "RcvbufErrors", Number, "{} receive buffer errors"),
    (Udp, "SndbufErrors", Number, "{} send buffer errors"),
    (TcpExt, "DelayedACKLocked", NumberIfNonzero, "{} delayed acks further delayed because of locked socket"),
    (TcpExt, "DelayedACKLost", NumberIfNonzero, "Quick ack mode was activated {} times"),
    (TcpExt, "DelayedACKs", NumberIfNonzero, "{} delayed acks sent"),
    (TcpExt, "EmbryonicRsts", NumberIfNonzero, "{} resets received for embryonic SYN_RECV sockets"),
    (TcpExt, "ListenDrops", NumberIfNonzero, "{} SYNs to LISTEN sockets dropped"),
    (TcpExt, "ListenOverflows", NumberIfNonzero, "{} times the listen queue of a socket overflowed"),
    (TcpExt, "LockDroppedIcmps", NumberIfNonzero, "{} ICMP packets dropped because socket was locked"),
    (TcpExt, "OfoPruned", NumberIfNonzero, "{} packets dropped from out-of-order queue because of socket buffer overrun"),
    (TcpExt, "OutOfWindowIcmps", NumberIfNonzero, "{} ICMP packets dropped because they were out-of-window"),
    (TcpExt, "PAWSActive", NumberIfNonzero, "{} active connections rejected because of time stamp"),
    (TcpExt, "PAWSEstab", NumberIfNonzero, "{} packets rejected in established connections because of timestamp"),
    (TcpExt, "PAWSPassive", NumberIfNonzero, "{} passive connections rejected because of time stamp"),
    (TcpExt, "PruneCalled", NumberIfNonzero, "{} packets pruned from receive queue because of socket buffer overrun"),
    (TcpExt, "RcvPruned", NumberIfNonzero, "{} packets pruned from receive queue"),
    (TcpExt, "SockMallocOOM", NumberIfNonzero, "Ran {} times out of system memory during packet sending"),
    (TcpExt, "SyncookiesFailed", NumberIfNonzero, "{} invalid SYN cookies received"),
    (TcpExt, "SyncookiesRecv", NumberIfNonzero, "{} SYN cookies received"),
    (TcpExt, "SyncookiesSent", NumberIfNonzero, "{} SYN cookies sent"),
    (TcpExt, "TCPAbortFailed", NumberIfNonzero, "{} times unable to send RST due to no memory"),
    (TcpExt, "TCPAbortOnClose", NumberIfNonzero, "{} connections reset due to early user close"),
    (TcpExt, "TCPAbortOnData", NumberIfNonzero, "{} connections reset due to unexpected data"),
    (TcpExt, "TCPAbortOnLinger", NumberIfNonzero, "{} connections aborted after user close in linger timeout"),
    (TcpExt, "TCPAbortOnMemory", NumberIfNonzero, "{} connections aborted due to memory pressure"),
    (TcpExt, "TCPAbortOnSyn", NumberIfNonzero, "{} connections reset due to unexpected SYN"),
    (TcpExt, "TCPAbortOnTimeout", NumberIfNonzero, "{} connections aborted due to timeout"),
    (TcpExt, "TCPDirectCopyFromBacklog", NumberIfNonzero, "{} bytes directly in process context from backlog"),
    (TcpExt, "TCPFACKReorder", NumberIfNonzero, "Detected reordering {} times using FACK"),
    (TcpExt, "TCPFastRetrans", NumberIfNonzero, "{} fast retransmits"),
    (TcpExt, "TCPForwardRetrans", NumberIfNonzero, "{} forward retransmits"),
    (TcpExt, "TCPFullUndo", NumberIfNonzero, "{} congestion windows fully recovered without slow start"),
    (TcpExt, "TCPHPAcks", NumberIfNonzero, "{} predicted acknowledgments"),
    (TcpExt, "TCPHPHits", Number, "{} packet headers predicted"),
    (TcpExt, "TCPHPHitsToUser", NumberIfNonzero, "{} packet headers predicted and directly queued to user"),
    (TcpExt, "TCPLossFailures", NumberIfNonzero, "{} timeouts in loss state"),
    (TcpExt, "TCPLossUndo", NumberIfNonzero, "{} congestion windows recovered without slow start after partial ack"),
    (TcpExt, "TCPLostRetransmits", NumberIfNonzero, "{} retransmits lost"),
    (TcpExt, "TCPMemoryPressures", NumberIfNonzero, "TCP ran low on memory {} times"),
    (TcpExt, "TCPPartialUndo", NumberIfNonzero, "{} congestion windows partially recovered using Hoe heuristic"),
    (TcpExt, "TCPPrequeued", NumberIfNonzero, "{} packets directly queued to recvmsg prequeue"),
    (TcpExt, "TCPPureAcks", NumberIfNonzero, "{} acknowledgments not containing data payload received"),
    (TcpExt, "TCPRcvCollapsed", NumberIfNonzero, "{} packets collapsed in receive queue due to low socket buffer"),
    (TcpExt, "TCPRenoFailures", NumberIfNonzero, "{} timeouts after reno fast retransmit"),
    (TcpExt, "TCPRenoRecovery", NumberIfNonzero, "{} times recovered from packet loss due to fast retransmit"),
    (TcpExt, "TCPRenoReorder", NumberIfNonzero, "Detected reordering {} times using reno fast retransmit"),
    (TcpExt, "TCPSACKReorder", NumberIfNonzero, "Detected reordering {} times using SACK"),
    (TcpExt, "TCPSchedulerFailed", NumberIfNonzero, "{} times receiver scheduled too late for direct processing"),
    (TcpExt, "TCPSlowStartRetrans", NumberIfNonzero, "{} retransmits in slow start"),
    (TcpExt, "TCPTSReorder", NumberIfNonzero, "Detected reordering {} times using time stamp"),
    (TcpExt, "TW", NumberIfNonzero, "{} TCP sockets finished time wait in fast timer"),
    (TcpExt, "TWRecycled", NumberIfNonzero, "{} time wait sockets recycled by time stamp"),
    (Sctp, "SctpAborteds", Number, "{} Number of Aborteds "),
    (Sctp, "SctpActiveEstabs", Number, "{} Active Associations"),
    (Sctp, "SctpChecksumErrors", Number, "{} Number of Packets with invalid Checksum"),
    (Sctp, "SctpCurrEstab", Number, "{} Current Associations"),
    (Sctp, "SctpFragUsrMsgs", Number, "{} Number of messages fragmented"),
    (Sctp, "SctpInCtrlChunks", Number, "{} Number of control chunks received"),
    (Sctp, "SctpInOrderChunks", Number, "{} Number of ordered chunks received"),
    (Sctp, "SctpInSCTPPacks", Number, "{} Number of SCTP packets received"),
    (Sctp, "SctpInUnorderChunks", Number, "{} Number of Unordered chunks received"),
    (Sctp, "SctpOutCtrlChunks", Number, "{} Number of control chunks sent"),
    (Sctp, "SctpOutOfBlues", Number, "{} Number of Out of Blue packets"),
    (Sctp, "SctpOutOrderChunks", Number, "{} Number of ordered chunks sent"),
    (Sctp, "SctpOutSCTPPacks", Number, "{} Number of SCTP packets sent"),
    (Sctp, "SctpOutUnorderChunks", Number, "{} Number of Unordered chunks sent"),
    (Sctp, "SctpPassiveEstabs", Number, "{} Passive Associations"),
    (Sctp, "SctpReasmUsrMsgs", Number, "{} Number of messages reassembled "),
    (Sctp, "SctpShutdowns", Number, "{} Number of Graceful Terminations"),
    (Ip6, "Ip6FragCreates", NumberIfNonzero, "{} fragments created"),
    (Ip6, "Ip6FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    (Ip6, "Ip6FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    (Ip6, "Ip6InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    (Ip6, "Ip6InDelivers", Number, "{} incoming packets delivered"),
    (Ip6, "Ip6InDiscards", Number, "{} incoming packets discarded"),
    (Ip6, "Ip6InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    (Ip6, "Ip6InMcastPkts", NumberIfNonzero, "{} incoming multicast packets"),
    (Ip6, "Ip6InNoRoutes", NumberIfNonzero, "{} incoming packets with no route"),
    (Ip6, "Ip6InReceives", Number, "{} total packets received"),
    (Ip6, "Ip6InTooBigErrors", NumberIfNonzero, "{} with packets too big"),
    (Ip6, "Ip6InTruncatedPkts", NumberIfNonzero, "{} with truncated packets"),
    (Ip6, "Ip6InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    (Ip6, "Ip6OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    (Ip6, "Ip6OutForwDatagrams", Number, "{} forwarded"),
    (Ip6, "Ip6OutMcastPkts", NumberIfNonzero, "{} outgoing multicast packets"),
    (Ip6, "Ip6OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    (Ip6, "Ip6OutRequests", Number, "{} requests sent out"),
    (Ip6, "Ip6ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    (Ip6, "Ip6ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    (Ip6, "Ip6ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    (Ip6, "Ip6ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    (Icmp6, "Icmp6InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    (Icmp6, "Icmp6InEchoReplies", IcmpIn, "echo replies: {}"),
    (Icmp6, "Icmp6InEchos", IcmpIn, "echo requests: {}"),
    (Icmp6, "Icmp6InErrors", Number, "{} input ICMP message failed"),
    (Icmp6, "Icmp6InGroupMembQueries", IcmpIn, "group member queries: {}"),
    (Icmp6, "Icmp6InGroupMembReductions", IcmpIn, "group member reductions: {}"),
    (Icmp6, "Icmp6InGroupMembResponses", IcmpIn, "group member responses: {}"),
    (Icmp6, "Icmp6InMsgs", Number, "{} ICMP messages received"),
    (Icmp6, "Icmp6InNeighborAdvertisements", IcmpIn, "neighbour advertisement: {}"),
    (Icmp6, "Icmp6InNeighborSolicits", IcmpIn, "neighbour solicits: {}"),
    (Icmp6, "Icmp6InParmProblems", IcmpIn, "parameter problem: {}"),
    (Icmp6, "Icmp6InPktTooBigs", IcmpIn, "packets too big: {}"),
    (Icmp6, "Icmp6InRedirects", IcmpIn, "redirects: {}"),
    (Icmp6, "Icmp6InRouterAdvertisements", IcmpIn, "router advertisement: {}"),
    (Icmp6, "Icmp6InRouterSolicits", IcmpIn, "router solicits: {}"),
    (Icmp6, "Icmp6InTimeExcds", IcmpIn, "received ICMPv6 time exceeded: {}"),
    (Icmp6, "Icmp6OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    (Icmp6, "Icmp6OutEchoReplies", IcmpOut, "echo replies: {}"),
    (Icmp6, "Icmp6OutEchos", IcmpOut, "echo requests: {}"),
    (Icmp6, "Icmp6OutGroupMembQueries", IcmpOut, "group member queries: {}"),
    (Icmp6, "Icmp6OutGroupMembReductions", IcmpOut, "group member reductions: {}"),
    (Icmp6, "Icmp6OutGroupMembResponses", IcmpOut, "group member responses: {}"),
    (Icmp6, "Icmp6OutMsgs", Number, "{} ICMP messages sent"),
    (Icmp6, "Icmp6OutNeighborAdvertisements", IcmpOut, "neighbor advertisements: {}"),
    (Icmp6, "Icmp6OutNeighborSolicits", IcmpOut, "neighbor solicits: {}"),
    (Icmp6, "Icmp6OutParmProblems", IcmpOut, "parameter problem: {}"),
    (Icmp6, "Icmp6OutPktTooBigs", IcmpOut, "packets too big: {}"),
    (Icmp6, "Icmp6OutRedirects", IcmpOut, "redirects: {}"),
    (Icmp6, "Icmp6OutRouterSolicits", IcmpOut, "router solicits: {}"),
    (Icmp6, "Icmp6OutTimeExcds", IcmpOut, "sent ICMPv6 time exceeded: {}"),
    (Udp6, "Udp6InDatagrams", Number, "{} packets received"),
    (Udp6, "Udp6InErrors", Number, "{} packet receive errors"),
    (Udp6, "Udp6NoPorts", Number, "{} packets to unknown port received"),
    (Udp6, "Udp6OutDatagrams", Number, "{} packets sent"),
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
            (Ip, "Forwarding"),
            (Ip, "indelivers"),
            (Ip, ""),
            (Ip6, "InDelivers"),
            (Udp, "InSegs"),
            (Udp6, "Udp6RcvbufErrors"),
            (TcpExt, "TCPLostRetransmit"),
            (TcpExt, "TCPTimeouts"),
            (KnownTable::Tcp6, "Tcp6InSegs"),
        ] {
            assert_eq!(find(table, name.as_bytes()), None, "{table:?} {name}");
        }
    }
}
