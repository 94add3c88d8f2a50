//! The network namespaces of containers: which container has an address, to follow what Docker's proxy forwards.

use std::collections::HashMap;
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::address::{self, Forwarding};
use super::files::Files;
use super::path;
use crate::record::control_group::ControlGroup;
use crate::scan::parsed;

/// So many processes are looked at, and so many descriptors to find the holder of a socket.
const MOST_PROCESSES: usize = 1 << 16;
const MOST_DESCRIPTORS: usize = 1 << 16;

/// The tables of a container are small; one that routes the Internet has no say.
const LARGEST_TABLE: u64 = 1 << 20;

/// A process in a container.
type Member = (u32, Arc<ControlGroup>);

/// The network namespaces that hold containers, other than the first process's.
#[derive(Debug, Default)]
pub struct Namespaces {
    members: Vec<Vec<Member>>,
    /// Places in `members`. The containers of different users may have the same addresses.
    by_address: HashMap<(Option<u32>, IpAddr), usize>,
}

impl Namespaces {
    /// Looks through all processes; `group` finds the group of one.
    pub fn read(proc: &dyn Files, mut group: impl FnMut(u32) -> Option<Arc<ControlGroup>>) -> Self {
        let namespace = |pid: u32| proc.link(format!("{pid}/ns/net").as_bytes()).ok();
        let of_host = namespace(1);
        let mut namespaces = Namespaces::default();
        let mut places = HashMap::new();
        for pid in processes(proc) {
            let namespace = namespace(pid);
            if namespace.is_some() && namespace == of_host {
                continue;
            }
            let Some(group) = group(pid).filter(|group| group.container.is_some()) else {
                continue;
            };
            // Where namespaces may not be seen, each group is taken to have one.
            let place = *places
                .entry(namespace.unwrap_or_else(|| group.path.clone()))
                .or_insert_with(|| {
                    let user = path::facts(&group.path).user;
                    namespaces.add(user, addresses(proc, pid))
                });
            if let Some(members) = namespaces.members.get_mut(place) {
                members.push((pid, group));
            }
        }
        namespaces
    }

    fn add(&mut self, user: Option<u32>, addresses: Vec<IpAddr>) -> usize {
        let place = self.members.len();
        for address in addresses {
            self.by_address.entry((user, address)).or_insert(place);
        }
        self.members.push(Vec::new());
        place
    }

    /// The group of the container that something is forwarded to, among those of a user or of the system.
    ///
    /// Where containers share a namespace, it is the one that listens, if that can be seen.
    pub fn target(
        &self,
        proc: &dyn Files,
        user: Option<u32>,
        forwarding: Forwarding,
    ) -> Option<Arc<ControlGroup>> {
        let place = *self.by_address.get(&(user, forwarding.address))?;
        let members = self.members.get(place)?;
        let (_, first) = members.first()?;
        let shared = members
            .iter()
            .any(|(_, group)| group.container != first.container);
        let group = shared
            .then(|| listener(proc, members, forwarding))
            .flatten()
            .unwrap_or(first);
        Some(Arc::clone(group))
    }
}

/// All processes, in order.
fn processes(proc: &dyn Files) -> Vec<u32> {
    let mut processes = Vec::new();
    let _ = proc.entries(b"", &mut |entry| {
        processes.extend(parsed::<u32>(entry.name));
        if processes.len() < MOST_PROCESSES {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    processes.sort_unstable();
    processes
}

/// A table below the `net` of a process; empty if it cannot be read.
fn table(proc: &dyn Files, pid: u32, name: &str) -> Vec<u8> {
    let file = format!("{pid}/net/{name}");
    proc.read(file.as_bytes(), LARGEST_TABLE)
        .unwrap_or_default()
}

fn addresses(proc: &dyn Files, pid: u32) -> Vec<IpAddr> {
    let (ipv4, ipv6) = (table(proc, pid, "fib_trie"), table(proc, pid, "if_inet6"));
    address::ipv4_addresses(&ipv4)
        .map(IpAddr::V4)
        .chain(address::ipv6_addresses(&ipv6).map(IpAddr::V6))
        .collect()
}

/// The group of the process that holds the socket which something is forwarded to.
fn listener<'a>(
    proc: &dyn Files,
    members: &'a [Member],
    forwarding: Forwarding,
) -> Option<&'a Arc<ControlGroup>> {
    let transport = forwarding.transport?;
    let port = forwarding.port?;
    let (first, _) = members.first()?;
    let inodes: Vec<u64> = transport
        .tables()
        .iter()
        .flat_map(|name| {
            address::listeners(&table(proc, *first, name), transport, port).collect::<Vec<_>>()
        })
        .collect();
    let mut seen = 0;
    let holder = members.iter().find(|(pid, _)| {
        let mut holds = false;
        let _ = proc.entries(format!("{pid}/fd").as_bytes(), &mut |entry| {
            let descriptor = [format!("{pid}/fd/").as_bytes(), entry.name].concat();
            let inode = proc
                .link(&descriptor)
                .ok()
                .and_then(|link| address::socket_inode(&link));
            holds = inode.is_some_and(|inode| inodes.contains(&inode));
            seen += 1;
            if holds || seen >= MOST_DESCRIPTORS {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        holds
    });
    holder.map(|(_, group)| group)
}
