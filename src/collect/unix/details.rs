//! What the socket diagnostics know of unix sockets beyond the rows of their table.
//!
//! It is listed before the table is read, and joined to the rows by their inodes. A socket takes 80 bytes at most until all rows are shown.

use std::collections::HashMap;
use std::fs::File;

use crate::collect::sock_diag::{self, SHOW_PEER, SHOW_QUEUES};
use crate::query::Query;

/// The sockets of which anything is known, by their inodes.
#[derive(Debug, Default)]
pub(super) struct Details(HashMap<u64, Detail>);

/// What is known of a socket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Detail {
    /// How many connections may wait to be accepted.
    pub(super) backlog_limit: Option<u32>,
    /// The inode of the other end.
    pub(super) peer: Option<u64>,
}

impl Details {
    /// Asks for what `query` wants, if `file` is the kernel's own table of the network namespace at hand.
    pub(super) fn read(query: &Query, file: &File) -> Self {
        let wanted = [
            (query.gather.peers, SHOW_PEER),
            (query.gather.backlog_limits, SHOW_QUEUES),
        ];
        let show = wanted
            .iter()
            .filter(|(wanted, _)| *wanted)
            .fold(0, |show, (_, bit)| show | bit);
        let mut details = HashMap::new();
        if show != 0 && query.proc_root.is_kernels_own(file) {
            sock_diag::unix_sockets(show, |socket| {
                let detail = Detail {
                    backlog_limit: socket.backlog_limit,
                    peer: socket.peer.filter(|&peer| peer > 0).map(u64::from),
                };
                if detail.backlog_limit.is_some() || detail.peer.is_some() {
                    details.insert(socket.inode.into(), detail);
                }
            });
        }
        Details(details)
    }

    /// What is known of a socket.
    pub(super) fn of(&self, inode: u64) -> Detail {
        self.0.get(&inode).copied().unwrap_or_default()
    }
}
