//! What is known of a socket beyond its row: gathered only if it is named.

use super::{Fields, Value, Visitor};
use crate::query::Query;

/// What the tables of sockets say to those alone who ask, and what the kernel's socket diagnostics do.
///
/// `None` stands for what the socket does not have or the kernel does not tell. A socket keeps this apart, so that one of which nothing
/// was asked for stays small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketDetail {
    /// Packets that were dropped since there was no room for them: the last column of `/proc/net/udp`, `udplite` and `raw`.
    pub drops: Option<u64>,
}

impl SocketDetail {
    /// Nothing is known.
    pub const NONE: SocketDetail = SocketDetail { drops: None };
}

impl Fields for SocketDetail {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("drops", self.drops.map_or(Value::Null, Value::Unsigned));
    }
}
