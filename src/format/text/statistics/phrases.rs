//! What the counters are called on the screen: one row per counter that has a sentence.
//!
//! The sentences are the reference's, as it was seen to print them; some are oddly spelt or end in a blank. Counters that are
//! not listed come out raw, under the kernel's name. The reference has sentences for some of those too, such as
//! `Ip Forwarding` and `TcpExt TCPTimeouts`, but never finds them: do not complete this table.

use Kind::{Hidden, IcmpIn, IcmpOut, Number, NumberIfNonzero};

use crate::inline::Inline;
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
pub fn find(table: KnownTable, name: &[u8]) -> Option<(Kind, &'static Inline<75>)> {
    let found = PHRASES.binary_search_by(|row| (row.0, row.1.as_bytes()).cmp(&(table, name)));
    let (_, _, kind, text) = PHRASES.get(found.ok()?)?;
    Some((*kind, text))
}

const fn row(table: KnownTable, counter: &str, kind: Kind, text: &str) -> Row {
    (table, Inline::new(counter), kind, Inline::new(text))
}

type Row = (KnownTable, Inline<30>, Kind, Inline<75>);

/// Table, counter, kind, sentence; in the order of the tables and of the counters' bytes.
#[rustfmt::skip]
static PHRASES: [Row; 187] = [
    row(Ip, "DefaultTTL", Hidden, ""),
    row(Ip, "ForwDatagrams", Number, "{} forwarded"),
    row(Ip, "FragCreates", NumberIfNonzero, "{} fragments created"),
    row(Ip, "FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    row(Ip, "FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    row(Ip, "InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    row(Ip, "InDelivers", Number, "{} incoming packets delivered"),
    row(Ip, "InDiscards", Number, "{} incoming packets discarded"),
    row(Ip, "InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    row(Ip, "InReceives", Number, "{} total packets received"),
    row(Ip, "InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    row(Ip, "OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    row(Ip, "OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    row(Ip, "OutRequests", Number, "{} requests sent out"),
    row(Ip, "ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    row(Ip, "ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    row(Ip, "ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    row(Ip, "ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    row(Icmp, "InAddrMaskReps", IcmpIn, "address mask replies: {}"),
    row(Icmp, "InAddrMasks", IcmpIn, "address mask request: {}"),
    row(Icmp, "InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    row(Icmp, "InEchoReps", IcmpIn, "echo replies: {}"),
    row(Icmp, "InEchos", IcmpIn, "echo requests: {}"),
    row(Icmp, "InErrors", Number, "{} input ICMP message failed"),
    row(Icmp, "InMsgs", Number, "{} ICMP messages received"),
    row(Icmp, "InParmProbs", IcmpIn, "wrong parameters: {}"),
    row(Icmp, "InRedirects", IcmpIn, "redirects: {}"),
    row(Icmp, "InSrcQuenchs", IcmpIn, "source quenches: {}"),
    row(Icmp, "InTimeExcds", IcmpIn, "timeout in transit: {}"),
    row(Icmp, "InTimestampReps", IcmpIn, "timestamp reply: {}"),
    row(Icmp, "InTimestamps", IcmpIn, "timestamp request: {}"),
    row(Icmp, "OutAddrMaskReps", IcmpOut, "address mask replies: {}"),
    row(Icmp, "OutAddrMasks", IcmpOut, "address mask requests: {}"),
    row(Icmp, "OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    row(Icmp, "OutEchoReps", IcmpOut, "echo replies: {}"),
    row(Icmp, "OutEchos", IcmpOut, "echo requests: {}"),
    row(Icmp, "OutErrors", Number, "{} ICMP messages failed"),
    row(Icmp, "OutMsgs", Number, "{} ICMP messages sent"),
    row(Icmp, "OutParmProbs", IcmpOut, "wrong parameters: {}"),
    row(Icmp, "OutRedirects", IcmpOut, "redirect: {}"),
    row(Icmp, "OutSrcQuenchs", IcmpOut, "source quench: {}"),
    row(Icmp, "OutTimeExcds", IcmpOut, "time exceeded: {}"),
    row(Icmp, "OutTimestampReps", IcmpOut, "timestamp replies: {}"),
    row(Icmp, "OutTimestamps", IcmpOut, "timestamp requests: {}"),
    row(Tcp, "ActiveOpens", Number, "{} active connection openings"),
    row(Tcp, "AttemptFails", Number, "{} failed connection attempts"),
    row(Tcp, "CurrEstab", Number, "{} connections established"),
    row(Tcp, "EstabResets", Number, "{} connection resets received"),
    row(Tcp, "InErrs", Number, "{} bad segments received"),
    row(Tcp, "InSegs", Number, "{} segments received"),
    row(Tcp, "MaxConn", Hidden, ""),
    row(Tcp, "OutRsts", Number, "{} resets sent"),
    row(Tcp, "OutSegs", Number, "{} segments sent out"),
    row(Tcp, "PassiveOpens", Number, "{} passive connection openings"),
    row(Tcp, "RetransSegs", Number, "{} segments retransmitted"),
    row(Tcp, "RtoAlgorithm", Hidden, ""),
    row(Tcp, "RtoMax", Hidden, ""),
    row(Tcp, "RtoMin", Hidden, ""),
    row(Udp, "InDatagrams", Number, "{} packets received"),
    row(Udp, "InErrors", Number, "{} packet receive errors"),
    row(Udp, "NoPorts", Number, "{} packets to unknown port received"),
    row(Udp, "OutDatagrams", Number, "{} packets sent"),
    row(Udp, "RcvbufErrors", Number, "{} receive buffer errors"),
    row(Udp, "SndbufErrors", Number, "{} send buffer errors"),
    row(TcpExt, "DelayedACKLocked", NumberIfNonzero, "{} delayed acks further delayed because of locked socket"),
    row(TcpExt, "DelayedACKLost", NumberIfNonzero, "Quick ack mode was activated {} times"),
    row(TcpExt, "DelayedACKs", NumberIfNonzero, "{} delayed acks sent"),
    row(TcpExt, "EmbryonicRsts", NumberIfNonzero, "{} resets received for embryonic SYN_RECV sockets"),
    row(TcpExt, "ListenDrops", NumberIfNonzero, "{} SYNs to LISTEN sockets dropped"),
    row(TcpExt, "ListenOverflows", NumberIfNonzero, "{} times the listen queue of a socket overflowed"),
    row(TcpExt, "LockDroppedIcmps", NumberIfNonzero, "{} ICMP packets dropped because socket was locked"),
    row(TcpExt, "OfoPruned", NumberIfNonzero, "{} packets dropped from out-of-order queue because of socket buffer overrun"),
    row(TcpExt, "OutOfWindowIcmps", NumberIfNonzero, "{} ICMP packets dropped because they were out-of-window"),
    row(TcpExt, "PAWSActive", NumberIfNonzero, "{} active connections rejected because of time stamp"),
    row(TcpExt, "PAWSEstab", NumberIfNonzero, "{} packets rejected in established connections because of timestamp"),
    row(TcpExt, "PAWSPassive", NumberIfNonzero, "{} passive connections rejected because of time stamp"),
    row(TcpExt, "PruneCalled", NumberIfNonzero, "{} packets pruned from receive queue because of socket buffer overrun"),
    row(TcpExt, "RcvPruned", NumberIfNonzero, "{} packets pruned from receive queue"),
    row(TcpExt, "SockMallocOOM", NumberIfNonzero, "Ran {} times out of system memory during packet sending"),
    row(TcpExt, "SyncookiesFailed", NumberIfNonzero, "{} invalid SYN cookies received"),
    row(TcpExt, "SyncookiesRecv", NumberIfNonzero, "{} SYN cookies received"),
    row(TcpExt, "SyncookiesSent", NumberIfNonzero, "{} SYN cookies sent"),
    row(TcpExt, "TCPAbortFailed", NumberIfNonzero, "{} times unable to send RST due to no memory"),
    row(TcpExt, "TCPAbortOnClose", NumberIfNonzero, "{} connections reset due to early user close"),
    row(TcpExt, "TCPAbortOnData", NumberIfNonzero, "{} connections reset due to unexpected data"),
    row(TcpExt, "TCPAbortOnLinger", NumberIfNonzero, "{} connections aborted after user close in linger timeout"),
    row(TcpExt, "TCPAbortOnMemory", NumberIfNonzero, "{} connections aborted due to memory pressure"),
    row(TcpExt, "TCPAbortOnSyn", NumberIfNonzero, "{} connections reset due to unexpected SYN"),
    row(TcpExt, "TCPAbortOnTimeout", NumberIfNonzero, "{} connections aborted due to timeout"),
    row(TcpExt, "TCPDirectCopyFromBacklog", NumberIfNonzero, "{} bytes directly in process context from backlog"),
    row(TcpExt, "TCPFACKReorder", NumberIfNonzero, "Detected reordering {} times using FACK"),
    row(TcpExt, "TCPFastRetrans", NumberIfNonzero, "{} fast retransmits"),
    row(TcpExt, "TCPForwardRetrans", NumberIfNonzero, "{} forward retransmits"),
    row(TcpExt, "TCPFullUndo", NumberIfNonzero, "{} congestion windows fully recovered without slow start"),
    row(TcpExt, "TCPHPAcks", NumberIfNonzero, "{} predicted acknowledgments"),
    row(TcpExt, "TCPHPHits", Number, "{} packet headers predicted"),
    row(TcpExt, "TCPHPHitsToUser", NumberIfNonzero, "{} packet headers predicted and directly queued to user"),
    row(TcpExt, "TCPLossFailures", NumberIfNonzero, "{} timeouts in loss state"),
    row(TcpExt, "TCPLossUndo", NumberIfNonzero, "{} congestion windows recovered without slow start after partial ack"),
    row(TcpExt, "TCPLostRetransmits", NumberIfNonzero, "{} retransmits lost"),
    row(TcpExt, "TCPMemoryPressures", NumberIfNonzero, "TCP ran low on memory {} times"),
    row(TcpExt, "TCPPartialUndo", NumberIfNonzero, "{} congestion windows partially recovered using Hoe heuristic"),
    row(TcpExt, "TCPPrequeued", NumberIfNonzero, "{} packets directly queued to recvmsg prequeue"),
    row(TcpExt, "TCPPureAcks", NumberIfNonzero, "{} acknowledgments not containing data payload received"),
    row(TcpExt, "TCPRcvCollapsed", NumberIfNonzero, "{} packets collapsed in receive queue due to low socket buffer"),
    row(TcpExt, "TCPRenoFailures", NumberIfNonzero, "{} timeouts after reno fast retransmit"),
    row(TcpExt, "TCPRenoRecovery", NumberIfNonzero, "{} times recovered from packet loss due to fast retransmit"),
    row(TcpExt, "TCPRenoReorder", NumberIfNonzero, "Detected reordering {} times using reno fast retransmit"),
    row(TcpExt, "TCPSACKReorder", NumberIfNonzero, "Detected reordering {} times using SACK"),
    row(TcpExt, "TCPSchedulerFailed", NumberIfNonzero, "{} times receiver scheduled too late for direct processing"),
    row(TcpExt, "TCPSlowStartRetrans", NumberIfNonzero, "{} retransmits in slow start"),
    row(TcpExt, "TCPTSReorder", NumberIfNonzero, "Detected reordering {} times using time stamp"),
    row(TcpExt, "TW", NumberIfNonzero, "{} TCP sockets finished time wait in fast timer"),
    row(TcpExt, "TWRecycled", NumberIfNonzero, "{} time wait sockets recycled by time stamp"),
    row(Sctp, "SctpAborteds", Number, "{} Number of Aborteds "),
    row(Sctp, "SctpActiveEstabs", Number, "{} Active Associations"),
    row(Sctp, "SctpChecksumErrors", Number, "{} Number of Packets with invalid Checksum"),
    row(Sctp, "SctpCurrEstab", Number, "{} Current Associations"),
    row(Sctp, "SctpFragUsrMsgs", Number, "{} Number of messages fragmented"),
    row(Sctp, "SctpInCtrlChunks", Number, "{} Number of control chunks received"),
    row(Sctp, "SctpInOrderChunks", Number, "{} Number of ordered chunks received"),
    row(Sctp, "SctpInSCTPPacks", Number, "{} Number of SCTP packets received"),
    row(Sctp, "SctpInUnorderChunks", Number, "{} Number of Unordered chunks received"),
    row(Sctp, "SctpOutCtrlChunks", Number, "{} Number of control chunks sent"),
    row(Sctp, "SctpOutOfBlues", Number, "{} Number of Out of Blue packets"),
    row(Sctp, "SctpOutOrderChunks", Number, "{} Number of ordered chunks sent"),
    row(Sctp, "SctpOutSCTPPacks", Number, "{} Number of SCTP packets sent"),
    row(Sctp, "SctpOutUnorderChunks", Number, "{} Number of Unordered chunks sent"),
    row(Sctp, "SctpPassiveEstabs", Number, "{} Passive Associations"),
    row(Sctp, "SctpReasmUsrMsgs", Number, "{} Number of messages reassembled "),
    row(Sctp, "SctpShutdowns", Number, "{} Number of Graceful Terminations"),
    row(Ip6, "Ip6FragCreates", NumberIfNonzero, "{} fragments created"),
    row(Ip6, "Ip6FragFails", NumberIfNonzero, "{} outgoing packets failed fragmentation"),
    row(Ip6, "Ip6FragOKs", NumberIfNonzero, "{} outgoing packets fragmented ok"),
    row(Ip6, "Ip6InAddrErrors", NumberIfNonzero, "{} with invalid addresses"),
    row(Ip6, "Ip6InDelivers", Number, "{} incoming packets delivered"),
    row(Ip6, "Ip6InDiscards", Number, "{} incoming packets discarded"),
    row(Ip6, "Ip6InHdrErrors", NumberIfNonzero, "{} with invalid headers"),
    row(Ip6, "Ip6InMcastPkts", NumberIfNonzero, "{} incoming multicast packets"),
    row(Ip6, "Ip6InNoRoutes", NumberIfNonzero, "{} incoming packets with no route"),
    row(Ip6, "Ip6InReceives", Number, "{} total packets received"),
    row(Ip6, "Ip6InTooBigErrors", NumberIfNonzero, "{} with packets too big"),
    row(Ip6, "Ip6InTruncatedPkts", NumberIfNonzero, "{} with truncated packets"),
    row(Ip6, "Ip6InUnknownProtos", NumberIfNonzero, "{} with unknown protocol"),
    row(Ip6, "Ip6OutDiscards", NumberIfNonzero, "{} outgoing packets dropped"),
    row(Ip6, "Ip6OutForwDatagrams", Number, "{} forwarded"),
    row(Ip6, "Ip6OutMcastPkts", NumberIfNonzero, "{} outgoing multicast packets"),
    row(Ip6, "Ip6OutNoRoutes", NumberIfNonzero, "{} dropped because of missing route"),
    row(Ip6, "Ip6OutRequests", Number, "{} requests sent out"),
    row(Ip6, "Ip6ReasmFails", NumberIfNonzero, "{} packet reassemblies failed"),
    row(Ip6, "Ip6ReasmOKs", NumberIfNonzero, "{} packets reassembled ok"),
    row(Ip6, "Ip6ReasmReqds", NumberIfNonzero, "{} reassemblies required"),
    row(Ip6, "Ip6ReasmTimeout", NumberIfNonzero, "{} fragments dropped after timeout"),
    row(Icmp6, "Icmp6InDestUnreachs", IcmpIn, "destination unreachable: {}"),
    row(Icmp6, "Icmp6InEchoReplies", IcmpIn, "echo replies: {}"),
    row(Icmp6, "Icmp6InEchos", IcmpIn, "echo requests: {}"),
    row(Icmp6, "Icmp6InErrors", Number, "{} input ICMP message failed"),
    row(Icmp6, "Icmp6InGroupMembQueries", IcmpIn, "group member queries: {}"),
    row(Icmp6, "Icmp6InGroupMembReductions", IcmpIn, "group member reductions: {}"),
    row(Icmp6, "Icmp6InGroupMembResponses", IcmpIn, "group member responses: {}"),
    row(Icmp6, "Icmp6InMsgs", Number, "{} ICMP messages received"),
    row(Icmp6, "Icmp6InNeighborAdvertisements", IcmpIn, "neighbour advertisement: {}"),
    row(Icmp6, "Icmp6InNeighborSolicits", IcmpIn, "neighbour solicits: {}"),
    row(Icmp6, "Icmp6InParmProblems", IcmpIn, "parameter problem: {}"),
    row(Icmp6, "Icmp6InPktTooBigs", IcmpIn, "packets too big: {}"),
    row(Icmp6, "Icmp6InRedirects", IcmpIn, "redirects: {}"),
    row(Icmp6, "Icmp6InRouterAdvertisements", IcmpIn, "router advertisement: {}"),
    row(Icmp6, "Icmp6InRouterSolicits", IcmpIn, "router solicits: {}"),
    row(Icmp6, "Icmp6InTimeExcds", IcmpIn, "received ICMPv6 time exceeded: {}"),
    row(Icmp6, "Icmp6OutDestUnreachs", IcmpOut, "destination unreachable: {}"),
    row(Icmp6, "Icmp6OutEchoReplies", IcmpOut, "echo replies: {}"),
    row(Icmp6, "Icmp6OutEchos", IcmpOut, "echo requests: {}"),
    row(Icmp6, "Icmp6OutGroupMembQueries", IcmpOut, "group member queries: {}"),
    row(Icmp6, "Icmp6OutGroupMembReductions", IcmpOut, "group member reductions: {}"),
    row(Icmp6, "Icmp6OutGroupMembResponses", IcmpOut, "group member responses: {}"),
    row(Icmp6, "Icmp6OutMsgs", Number, "{} ICMP messages sent"),
    row(Icmp6, "Icmp6OutNeighborAdvertisements", IcmpOut, "neighbor advertisements: {}"),
    row(Icmp6, "Icmp6OutNeighborSolicits", IcmpOut, "neighbor solicits: {}"),
    row(Icmp6, "Icmp6OutParmProblems", IcmpOut, "parameter problem: {}"),
    row(Icmp6, "Icmp6OutPktTooBigs", IcmpOut, "packets too big: {}"),
    row(Icmp6, "Icmp6OutRedirects", IcmpOut, "redirects: {}"),
    row(Icmp6, "Icmp6OutRouterSolicits", IcmpOut, "router solicits: {}"),
    row(Icmp6, "Icmp6OutTimeExcds", IcmpOut, "sent ICMPv6 time exceeded: {}"),
    row(Udp6, "Udp6InDatagrams", Number, "{} packets received"),
    row(Udp6, "Udp6InErrors", Number, "{} packet receive errors"),
    row(Udp6, "Udp6NoPorts", Number, "{} packets to unknown port received"),
    row(Udp6, "Udp6OutDatagrams", Number, "{} packets sent"),
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
            assert_eq!(find(table, counter.as_bytes()), Some((kind, &text)));
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
