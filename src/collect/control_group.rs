//! The control group of a process (`/proc/PID/cgroup`) or of a socket (its ID, resolved below `/sys/fs/cgroup`), and what it tells:
//! systemd's unit, the container, the pod of Kubernetes.
//!
//! Only files are read, each when it is first needed and of bounded size: no daemon is asked, no program run. What cannot be read is
//! not known.

pub mod address;
pub mod files;
mod inside;
pub mod name_files;
mod names;
mod namespaces;
pub mod path;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::proc_root::ProcRoot;
use crate::record::control_group::ControlGroup;
use crate::sys::open::Purpose;
use files::{Directory, Files};
use inside::Inside;
use names::Names;
use namespaces::Namespaces;

/// A `cgroup` file has a line for each hierarchy, and a path has at most 4,096 bytes.
const LARGEST_CGROUP: u64 = 64 << 10;

/// So many groups are looked at to resolve IDs.
const MOST_GROUPS: usize = 1 << 17;

/// Where version 2 of the hierarchy is mounted: alone, or beside version 1.
const HIERARCHIES: [&[u8]; 2] = [b"sys/fs/cgroup", b"sys/fs/cgroup/unified"];

/// The control groups of one pass over the tables. What was found is kept: processes come and go, so the next pass takes a new one.
pub struct ControlGroups<'a> {
    /// A directory in the layout of procfs.
    proc: Arc<dyn Files + 'a>,
    /// The root directory of the system that the processes belong to.
    system: Box<dyn Files + 'a>,
    names: Names,
    by_path: HashMap<Vec<u8>, Arc<ControlGroup>>,
    by_process: HashMap<u32, Option<Arc<ControlGroup>>>,
    /// Paths by ID, once one was asked for.
    by_id: Option<HashMap<u64, Vec<u8>>>,
    /// The namespaces of containers, once docker-proxy was met.
    namespaces: Option<Namespaces>,
}

impl<'a> ControlGroups<'a> {
    /// Looks processes up in `proc`, and all else in `system`, the root directory.
    pub fn new(proc: impl Files + 'a, system: impl Files + 'a) -> Self {
        ControlGroups {
            proc: Arc::new(proc),
            system: Box::new(system),
            names: Names::default(),
            by_path: HashMap::new(),
            by_process: HashMap::new(),
            by_id: None,
            namespaces: None,
        }
    }

    /// The group of a process; `None` if it has ended or may not be looked into.
    pub fn of_process(&mut self, pid: u32) -> Option<Arc<ControlGroup>> {
        if let Some(known) = self.by_process.get(&pid) {
            return known.clone();
        }
        let file = format!("{pid}/cgroup");
        let group = self
            .proc
            .read(file.as_bytes(), LARGEST_CGROUP)
            .ok()
            .and_then(|text| path::of_process(&text).map(|path| self.of_path(path)));
        self.by_process.insert(pid, group.clone());
        group
    }

    /// The group with an ID, as in `INET_DIAG_CGROUP_ID`: in version 2 of the hierarchy that is the inode of the group's directory.
    ///
    /// `None` if the group was removed or lies outside of what can be seen.
    pub fn of_id(&mut self, id: u64) -> Option<Arc<ControlGroup>> {
        let system = self.system.as_ref();
        let paths = self.by_id.get_or_insert_with(|| groups(system));
        // Where the kernel's inode numbers have 32 bits, the other half of the ID is a generation.
        let low = cfg!(target_pointer_width = "32").then_some(id & u64::from(u32::MAX));
        let path = paths.get(&id).or_else(|| paths.get(&low?))?.clone();
        Some(self.of_path(&path))
    }

    /// The group of a process called `docker-proxy`, with the container that it forwards to in the place of its own: the one whose
    /// network namespace has the address that is given on the command line (arguments that end in NUL).
    ///
    /// Anybody may call a process so; one that is in a container itself is not believed.
    pub fn of_docker_proxy(&mut self, pid: u32, command_line: &[u8]) -> Option<Arc<ControlGroup>> {
        let own = self.of_process(pid)?;
        if own.container.is_some() {
            return Some(own);
        }
        let Some(forwarding) = address::forwarding(command_line) else {
            return Some(own);
        };
        let proc = Arc::clone(&self.proc);
        let namespaces = match self.namespaces.take() {
            Some(namespaces) => namespaces,
            None => Namespaces::read(proc.as_ref(), |pid| self.of_process(pid)),
        };
        let user = path::facts(&own.path).user;
        let target = self
            .namespaces
            .insert(namespaces)
            .target(proc.as_ref(), user, forwarding);
        match target {
            Some(target) => Some(Arc::new(ControlGroup {
                path: own.path.clone(),
                unit: own.unit.clone(),
                container: target.container.clone(),
                pod: target.pod.clone(),
            })),
            None => Some(own),
        }
    }

    fn of_path(&mut self, path: &[u8]) -> Arc<ControlGroup> {
        if let Some(known) = self.by_path.get(path) {
            return Arc::clone(known);
        }
        let facts = path::facts(path);
        let (container, pod) = self.names.resolve(self.system.as_ref(), &facts);
        let group = Arc::new(ControlGroup {
            path: path.to_vec(),
            unit: facts.unit.map(<[u8]>::to_vec),
            container,
            pod,
        });
        self.by_path.insert(path.to_vec(), Arc::clone(&group));
        group
    }
}

impl ControlGroups<'static> {
    /// The groups of the processes below a root, with the files of the system that they run on: this one, or, below another directory
    /// than `/proc`, those in its `1/root`, if that is a directory and not a link which leads out of it. Otherwise, if the root is
    /// called `proc`, those of the system whose `/proc` it is: the directory that it is in.
    pub fn below(root: &ProcRoot) -> Self {
        if root.is_system() {
            return ControlGroups::new(Directory::new(root.directory()), Directory::new("/"));
        }
        let system = match root.system() {
            Some(system) if root.open_directory(c"1/root", Purpose::Search).is_err() => {
                Inside::new(&system, b"")
            }
            _ => Inside::new(root, b"1/root/"),
        };
        ControlGroups::new(Inside::new(root, b""), system)
    }
}

/// All groups of the hierarchy: paths by the inode of their directories.
fn groups(system: &dyn Files) -> HashMap<u64, Vec<u8>> {
    HIERARCHIES
        .iter()
        .find_map(|top| hierarchy(system, top))
        .unwrap_or_default()
}

/// The same of one hierarchy, if it is of version 2.
fn hierarchy(system: &dyn Files, top: &[u8]) -> Option<HashMap<u64, Vec<u8>>> {
    let mut version_2 = false;
    let mut found = HashMap::new();
    let mut waiting = vec![Vec::new()];
    while let Some(path) = waiting.pop() {
        let directory = [top, &path].concat();
        let Ok(status) = system.status(&directory) else {
            continue;
        };
        // A group has some 60 files, which are listed only to find groups below it: each of those is one more link.
        let has_groups = status.links != 2;
        if path.is_empty() || has_groups {
            let _ = system.entries(&directory, &mut |entry| {
                // Only version 2 has this file, and in every directory.
                version_2 |= entry.name == b"cgroup.controllers";
                if entry.is_directory {
                    waiting.push([path.as_slice(), b"/", entry.name].concat());
                }
                if waiting.len() < MOST_GROUPS {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            });
        }
        let path = if path.is_empty() { b"/".into() } else { path };
        found.insert(status.inode, path);
        if !version_2 || found.len() == MOST_GROUPS {
            break;
        }
    }
    version_2.then_some(found)
}
