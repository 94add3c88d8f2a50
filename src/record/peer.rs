//! The other end of a socket, where it is on this machine.

use super::owner::{Owners, Program};
use super::{Value, Visitor};
use crate::query::Query;

/// A socket that another one is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its inode, never 0.
    pub inode: u64,
    /// The processes that hold it.
    pub owners: Owners,
}

/// Visits the fields that a socket has of its other end: the number and the name of the first process that holds it, and its inode.
pub fn fields(peer: Option<&Peer>, query: &Query, visit: &mut Visitor<'_>) {
    if !query.gather.peers {
        return;
    }
    let holder = peer.and_then(|peer| peer.owners.first());
    let label = holder.map(Program::label);
    visit("peer", Value::nonempty(&label.unwrap_or_default()));
    let inode = peer.map(|peer| peer.inode);
    visit("peer_inode", inode.map_or(Value::Null, Value::Unsigned));
}
