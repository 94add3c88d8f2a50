//! Looks names of containers and pods up where their runtimes and kubelet keep them; no daemon is asked and no program run.
//!
//! Each file is read at most once, when the first name that may be in it is wanted.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::files::Files;
use super::name_files::{self, PodNames, Store};
use super::path::{ContainerId, PathFacts};
use crate::record::control_group::{Container, Pod, Runtime};

/// Docker's configuration of a container has some KiB; of a store, one of a container.
const LARGEST_CONFIGURATION: u64 = 1 << 20;
const LARGEST_STORE: u64 = 8 << 20;
const LARGEST_PASSWD: u64 = 1 << 20;

/// So many names of log files are read; kubelet runs some hundred pods on a machine.
const MOST_LOGS: usize = 1 << 16;

/// Where the runtimes keep their containers, from the root and from a user's home.
const DOCKER: (&[u8], &[u8]) = (
    b"var/lib/docker/containers",
    b".local/share/docker/containers",
);
const STORES: (&[u8], &[u8]) = (
    b"var/lib/containers/storage/overlay-containers",
    b".local/share/containers/storage/overlay-containers",
);

/// What is known of names so far.
#[derive(Debug, Default)]
pub struct Names {
    docker: HashMap<Vec<u8>, Option<Vec<u8>>>,
    /// Stores of containers/storage: the system's and those of users.
    stores: HashMap<Option<u32>, Store>,
    /// The names in `/var/log/containers`, by container ID.
    container_logs: Option<HashMap<Vec<u8>, PodNames>>,
    /// The names in `/var/log/pods`, by UID.
    pod_logs: Option<HashMap<Vec<u8>, PodNames>>,
    /// `/etc/passwd`.
    passwd: Option<Vec<u8>>,
}

impl Names {
    /// The container and the pod that a path speaks of, with what `system` knows about them.
    pub fn resolve(
        &mut self,
        system: &dyn Files,
        facts: &PathFacts<'_>,
    ) -> (Option<Container>, Option<Pod>) {
        let (mut runtime, id, mut name) = match &facts.container {
            None => (None, None, None),
            Some(ContainerId::Id(runtime, id)) => (*runtime, Some(*id), None),
            Some(ContainerId::Name(runtime, name)) => (Some(*runtime), None, Some(name.to_vec())),
        };
        if let Some(id) = id {
            if matches!(runtime, None | Some(Runtime::Docker)) {
                name = self.docker_name(system, id, facts.user);
                // Groups of pods that are managed without systemd do not tell.
                if name.is_some() {
                    runtime = Some(Runtime::Docker);
                }
            } else if matches!(runtime, Some(Runtime::Podman | Runtime::CriO)) {
                name = self.stored_name(system, id, facts.user);
            }
        }
        let pod = self.pod(system, facts, runtime, id, name.as_deref());
        let in_pod = pod.as_ref().and_then(|pod| pod.container.as_deref());
        let container = facts
            .container
            .is_some()
            .then(|| Container::new(runtime, id, name, in_pod));
        (container, pod)
    }

    fn pod(
        &mut self,
        system: &dyn Files,
        facts: &PathFacts<'_>,
        runtime: Option<Runtime>,
        id: Option<&[u8]>,
        name: Option<&[u8]>,
    ) -> Option<Pod> {
        let uid = facts.pod.as_deref();
        let of_kubernetes = matches!(runtime, None | Some(Runtime::Containerd | Runtime::CriO));
        if uid.is_none() && !(of_kubernetes && id.is_some()) {
            return None;
        }
        let names = id
            .and_then(|id| self.container_log(system, id))
            .or_else(|| name.and_then(name_files::kubernetes_name))
            .or_else(|| uid.and_then(|uid| self.pod_log(system, uid)));
        if uid.is_none() && names.is_none() {
            return None;
        }
        let names = names.unwrap_or_default();
        let some = |name: Vec<u8>| (!name.is_empty()).then_some(name);
        let pod = Pod {
            uid: uid.map(<[u8]>::to_vec),
            namespace: some(names.namespace),
            name: some(names.pod),
            container: names.container,
            label: Vec::new(),
        };
        Some(pod.labelled())
    }

    fn docker_name(&mut self, system: &dyn Files, id: &[u8], user: Option<u32>) -> Option<Vec<u8>> {
        if let Some(known) = self.docker.get(id) {
            return known.clone();
        }
        let name = self
            .directories(system, DOCKER, user)
            .iter()
            .find_map(|directory| {
                let file = [directory.as_slice(), b"/", id, b"/config.v2.json"].concat();
                name_files::docker_name(&system.read(&file, LARGEST_CONFIGURATION).ok()?)
            });
        self.docker.insert(id.to_vec(), name.clone());
        name
    }

    fn stored_name(&mut self, system: &dyn Files, id: &[u8], user: Option<u32>) -> Option<Vec<u8>> {
        if !self.stores.contains_key(&user) {
            let mut store = Store::new();
            for directory in self.directories(system, STORES, user) {
                for file in [&b"/containers.json"[..], b"/volatile-containers.json"] {
                    let file = [directory.as_slice(), file].concat();
                    if let Ok(json) = system.read(&file, LARGEST_STORE) {
                        name_files::read_store(&json, &mut store);
                    }
                }
            }
            self.stores.insert(user, store);
        }
        self.stores.get(&user)?.get(id).cloned()
    }

    /// The system's directory and the user's.
    fn directories(
        &mut self,
        system: &dyn Files,
        (of_system, of_user): (&[u8], &[u8]),
        user: Option<u32>,
    ) -> Vec<Vec<u8>> {
        let home = user.and_then(|user| self.home(system, user));
        let of_user = home.map(|home| [home, b"/", of_user].concat());
        [Some(of_system.to_vec()), of_user]
            .into_iter()
            .flatten()
            .collect()
    }

    fn home(&mut self, system: &dyn Files, user: u32) -> Option<&[u8]> {
        let passwd = self.passwd.get_or_insert_with(|| {
            let passwd = system.read(b"etc/passwd", LARGEST_PASSWD);
            passwd.unwrap_or_default()
        });
        name_files::home(passwd, user)
    }

    fn container_log(&mut self, system: &dyn Files, id: &[u8]) -> Option<PodNames> {
        self.container_logs
            .get_or_insert_with(|| {
                names_in(system, b"var/log/containers", name_files::container_log)
            })
            .get(id)
            .cloned()
    }

    fn pod_log(&mut self, system: &dyn Files, uid: &[u8]) -> Option<PodNames> {
        self.pod_logs
            .get_or_insert_with(|| names_in(system, b"var/log/pods", name_files::pod_log))
            .get(uid)
            .cloned()
    }
}

/// What the names of a directory's entries tell, by the key that `parse` finds in them.
fn names_in(
    system: &dyn Files,
    directory: &[u8],
    parse: impl Fn(&[u8]) -> Option<(&[u8], PodNames)>,
) -> HashMap<Vec<u8>, PodNames> {
    let mut found = HashMap::new();
    let mut seen = 0;
    // A directory that cannot be read to its end tells what it told so far.
    let _ = system.entries(directory, &mut |entry| {
        if let Some((key, names)) = parse(entry.name) {
            found.insert(key.to_vec(), names);
        }
        seen += 1;
        if seen == MOST_LOGS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    found
}
