//! What is known of a socket beyond its row: gathered only if it is named.

use std::rc::Rc;
use std::sync::Arc;

use super::control_group::ControlGroup;
use super::peer::Peer;
use super::{Fields, Value, Visitor};
use crate::query::Query;

/// What the tables of sockets say to those alone who ask, and what the kernel's socket diagnostics do.
///
/// `None` stands for what the socket does not have or the kernel does not tell. A socket keeps this apart, so that one of which nothing
/// was asked for stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketDetail {
    /// Packets that were dropped since there was no room for them, of a listening socket connections: the last column of
    /// `/proc/net/udp`, `udplite` and `raw`; else `INET_DIAG_SKMEMINFO`.
    pub drops: Option<u64>,
    /// How many connections may wait to be accepted: `idiag_wqueue` of a listening socket.
    pub backlog_limit: Option<u64>,
    /// Size of the buffer for receiving, in bytes, as the kernel counts them (`SO_RCVBUF`): `INET_DIAG_SKMEMINFO`.
    pub recv_buffer: Option<u64>,
    /// Size of the buffer for sending likewise (`SO_SNDBUF`).
    pub send_buffer: Option<u64>,
    /// State of a tcp connection.
    pub tcp: Option<TcpInfo>,
    /// Algorithm of congestion control: `INET_DIAG_CONG`.
    pub congestion_control: Option<Box<[u8]>>,
    /// The part that it plays in a multipath connection: `INET_DIAG_ULP_INFO`.
    pub mptcp: Option<Subflow>,
    /// ID of the control group of whoever made the socket: `INET_DIAG_CGROUP_ID`.
    pub group_id: Option<u64>,
    /// The group with this ID, if no owner's is known.
    pub group: Option<Arc<ControlGroup>>,
    /// The interface that the socket is bound to: `idiag_if`.
    pub bound_interface: Option<Rc<[u8]>>,
    /// The other end, if it is on this machine. Its fields are not among these.
    pub peer: Option<Peer>,
}

impl Fields for SocketDetail {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        for (name, number) in [
            ("drops", self.drops),
            ("backlog_limit", self.backlog_limit),
            ("recv_buffer", self.recv_buffer),
            ("send_buffer", self.send_buffer),
        ] {
            visit(name, number.map_or(Value::Null, Value::Unsigned));
        }
        for (name, member) in &TCP_INFO {
            let value = self.tcp.as_ref().and_then(|info| info.value(member));
            visit(name, value.unwrap_or(Value::Null));
        }
        for (name, text) in [
            ("congestion_control", self.congestion_control.as_deref()),
            ("bound_interface", self.bound_interface.as_deref()),
        ] {
            visit(name, text.map_or(Value::Null, Value::Text));
        }
        let mptcp = self.mptcp.map(Subflow::name);
        visit("mptcp", mptcp.map_or(Value::Null, Value::Word));
    }
}

/// The part that a tcp socket plays in a multipath connection (RFC 8684).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subflow {
    /// It listens for such connections.
    Listener,
    /// It is the subflow that began the connection: the option MP_CAPABLE.
    Capable,
    /// It joined a connection that there was already: the option MP_JOIN.
    Join,
    /// It was to begin one, but the other end knows only plain tcp.
    Fallback,
}

impl Subflow {
    /// What it is called.
    fn name(self) -> &'static str {
        match self {
            Subflow::Listener => "listener",
            Subflow::Capable => "mp_capable",
            Subflow::Join => "mp_join",
            Subflow::Fallback => "fallback",
        }
    }
}

/// The state of a tcp connection: `struct tcp_info` (linux/tcp.h), as many bytes as the kernel has. Each kernel may add to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TcpInfo(pub Box<[u8]>);

/// A member of the structure by its place.
enum Member {
    /// 32 bits.
    Word(usize),
    /// 64 bits.
    Long(usize),
    /// 32 bits: a time in microseconds.
    Time(usize),
}

/// Places of `tcpi_rtt` and `tcpi_min_rtt`.
const RTT: usize = 68;
const MIN_RTT: usize = 148;

/// The fields that are taken from it.
#[rustfmt::skip] // a table: one row a line
static TCP_INFO: [(&str, Member); 13] = [
    ("rtt_ms", Member::Time(RTT)),
    ("rtt_var_ms", Member::Time(72)),             // tcpi_rttvar
    ("min_rtt_ms", Member::Time(MIN_RTT)),
    ("cwnd", Member::Word(80)),                   // tcpi_snd_cwnd
    ("mss", Member::Word(16)),                    // tcpi_snd_mss
    ("retransmits_total", Member::Word(100)),     // tcpi_total_retrans
    ("bytes_sent", Member::Long(200)),            // tcpi_bytes_sent, Linux 4.19
    ("bytes_acked", Member::Long(120)),           // tcpi_bytes_acked, Linux 4.1
    ("bytes_received", Member::Long(128)),        // tcpi_bytes_received, Linux 4.1
    ("bytes_retransmitted", Member::Long(208)),   // tcpi_bytes_retrans, Linux 4.19
    ("delivery_rate", Member::Long(160)),         // tcpi_delivery_rate, Linux 4.9
    ("last_sent_ms", Member::Word(44)),           // tcpi_last_data_sent
    ("last_received_ms", Member::Word(52)),       // tcpi_last_data_recv
];

impl TcpInfo {
    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u32::from_ne_bytes(*bytes))
    }

    /// The value of the field with this name; nothing as for [`value`](Self::value), or if there is no such field.
    pub fn field(&self, name: &str) -> Value<'static> {
        let member = TCP_INFO.iter().find(|(member, _)| *member == name);
        let value = member.and_then(|(_, member)| self.value(member));
        value.unwrap_or(Value::Null)
    }

    /// `None` if this kernel's structure ends before it, or nothing was measured yet.
    fn value(&self, member: &Member) -> Option<Value<'static>> {
        match *member {
            Member::Word(at) => self.word(at).map(|word| Value::Unsigned(word.into())),
            Member::Long(at) => {
                let bytes = self.0.get(at..)?.first_chunk()?;
                Some(Value::Unsigned(u64::from_ne_bytes(*bytes)))
            }
            // Without a measurement the round trip time is 0, its variation a guess, and the shortest one the largest number.
            Member::Time(MIN_RTT) if self.word(MIN_RTT) == Some(u32::MAX) => None,
            Member::Time(at) if at == MIN_RTT || self.word(RTT) != Some(0) => {
                self.word(at).map(|time| Value::Microseconds(time.into()))
            }
            Member::Time(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_kernel_tells_less() {
        // Each 32-bit word is its own place.
        let bytes: Vec<u8> = (0..60u32)
            .flat_map(|word| (word * 4).to_ne_bytes())
            .collect();
        let known = |length: usize, zero: Option<usize>| -> Vec<&str> {
            let mut bytes = bytes[..length].to_vec();
            if let Some(at) = zero {
                bytes[at..at + 4].fill(0);
            }
            let info = TcpInfo(bytes.into());
            let known = TCP_INFO
                .iter()
                .filter(|(_, member)| info.value(member).is_some());
            known.map(|&(name, _)| name).collect()
        };
        assert_eq!(known(240, None).len(), TCP_INFO.len());
        // Linux 3.x ends behind tcpi_total_retrans; no length cuts a member.
        let old = known(104, None);
        assert_eq!(
            old,
            [
                "rtt_ms",
                "rtt_var_ms",
                "cwnd",
                "mss",
                "retransmits_total",
                "last_sent_ms",
                "last_received_ms"
            ]
        );
        assert_eq!(known(103, None).len(), old.len() - 1);
        assert_eq!(known(0, None), [""; 0]);
        assert_eq!(known(104, Some(RTT)), &old[2..]);
        let info = TcpInfo(bytes.into());
        assert!(matches!(
            info.value(&Member::Word(80)),
            Some(Value::Unsigned(80))
        ));
    }
}
