//! The control group that a process or a socket belongs to, and what its name tells: unit, container and pod.
//!
//! All names are chosen by others and may hold any bytes. What no source tells is `None`.

use super::{Value, Visitor};

/// A control group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlGroup {
    /// Its path from the root of the hierarchy, as in `/proc/PID/cgroup`.
    pub path: Vec<u8>,
    /// The innermost systemd unit on the path, such as `nginx.service` or `session-3.scope`, as systemd writes it; slices do not count.
    pub unit: Option<Vec<u8>>,
    /// The innermost container on the path.
    pub container: Option<Container>,
    /// The Kubernetes pod on the path.
    pub pod: Option<Pod>,
}

/// A container, or a machine that is registered with systemd-machined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// What runs it, if the path tells.
    pub runtime: Option<Runtime>,
    /// The runtime's ID: 64 hexadecimal digits. Lxc and machined have none.
    pub id: Option<Vec<u8>>,
    /// The runtime's name for it.
    pub name: Option<Vec<u8>>,
    /// What stands for it in a table: its name, else Kubernetes' name for it, else the runtime and the first 12 digits of the ID
    /// (`docker:0123456789ab`), without the runtime where that is not known.
    pub label: Vec<u8>,
}

/// A Kubernetes pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Its UID with hyphens; of a static pod, 32 hexadecimal digits.
    pub uid: Option<Vec<u8>>,
    /// The namespace it is in.
    pub namespace: Option<Vec<u8>>,
    /// Its name.
    pub name: Option<Vec<u8>>,
    /// What the pod calls the container.
    pub container: Option<Vec<u8>>,
    /// What stands for it in a table: `NAMESPACE/NAME`, else its UID.
    pub label: Vec<u8>,
}

/// What runs a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// Docker Engine.
    Docker,
    /// Podman; its library calls itself libpod.
    Podman,
    /// containerd, by Kubernetes, nerdctl or ctr.
    Containerd,
    /// CRI-O.
    CriO,
    /// LXC, also under LXD, Incus and Proxmox.
    Lxc,
    /// A machine of systemd-machined: systemd-nspawn, libvirt.
    Machined,
}

/// Visits the fields of a control group, or of none.
pub fn fields(group: Option<&ControlGroup>, visit: &mut Visitor<'_>) {
    let container = group.and_then(|group| group.container.as_ref());
    let pod = group.and_then(|group| group.pod.as_ref());
    let of_container = |part: fn(&Container) -> &[u8]| container.map_or(&[][..], part);
    let of_pod = |part: fn(&Pod) -> &[u8]| pod.map_or(&[][..], part);
    let runtime = container.and_then(|container| container.runtime);
    for (name, text) in [
        ("cgroup", group.map_or(&[][..], |group| &group.path)),
        (
            "unit",
            group.map_or(&[][..], |group| group.unit.as_deref().unwrap_or_default()),
        ),
        ("container", of_container(|container| &container.label)),
        (
            "container_runtime",
            runtime.map_or("", Runtime::name).as_bytes(),
        ),
        (
            "container_id",
            of_container(|container| container.id.as_deref().unwrap_or_default()),
        ),
        (
            "container_name",
            of_container(|container| container.name.as_deref().unwrap_or_default()),
        ),
        ("pod", of_pod(|pod| &pod.label)),
        (
            "k8s_namespace",
            of_pod(|pod| pod.namespace.as_deref().unwrap_or_default()),
        ),
        (
            "k8s_pod",
            of_pod(|pod| pod.name.as_deref().unwrap_or_default()),
        ),
        (
            "k8s_container",
            of_pod(|pod| pod.container.as_deref().unwrap_or_default()),
        ),
    ] {
        visit(name, Value::nonempty(text));
    }
}

/// So many digits of an ID are usual where it is shortened.
const SHORT_ID: usize = 12;

impl Runtime {
    /// The runtime in a word.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Docker => "docker",
            Runtime::Podman => "podman",
            Runtime::Containerd => "containerd",
            Runtime::CriO => "cri-o",
            Runtime::Lxc => "lxc",
            Runtime::Machined => "machined",
        }
    }
}

impl Container {
    /// A container with its label; `in_pod` is what a pod calls it.
    pub fn new(
        runtime: Option<Runtime>,
        id: Option<&[u8]>,
        name: Option<Vec<u8>>,
        in_pod: Option<&[u8]>,
    ) -> Self {
        let label = match (name.as_deref().or(in_pod), id) {
            (Some(name), _) => name.to_vec(),
            (None, Some(id)) => {
                let short = id.get(..SHORT_ID).unwrap_or(id);
                match runtime {
                    Some(runtime) => [runtime.name().as_bytes(), b":", short].concat(),
                    None => short.to_vec(),
                }
            }
            (None, None) => runtime.map_or(Vec::new(), |runtime| runtime.name().into()),
        };
        Container {
            runtime,
            id: id.map(<[u8]>::to_vec),
            name,
            label,
        }
    }
}

impl Pod {
    /// Sets the label after the other fields.
    #[must_use]
    pub fn labelled(mut self) -> Self {
        self.label = match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => [namespace.as_slice(), b"/", name].concat(),
            _ => self.uid.clone().unwrap_or_default(),
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_the_best_name_there_is() {
        let id = b"0123456789abcdef".as_slice();
        let docker = Some(Runtime::Docker);
        let name = Some(b"web".to_vec());
        for (runtime, id, name, in_pod, label) in [
            (docker, Some(id), name.clone(), None, "web"),
            (docker, Some(id), name, Some(&b"nginx"[..]), "web"),
            (docker, Some(id), None, Some(b"nginx"), "nginx"),
            (docker, Some(id), None, None, "docker:0123456789ab"),
            (None, Some(id), None, None, "0123456789ab"),
            (None, Some(b"0123"), None, None, "0123"),
            (docker, None, None, None, "docker"),
        ] {
            let container = Container::new(runtime, id, name, in_pod);
            assert_eq!(container.label, label.as_bytes());
        }
        let mut pod = Pod {
            uid: Some(b"1-2".to_vec()),
            namespace: Some(b"shop".to_vec()),
            ..Pod::default()
        };
        assert_eq!(pod.clone().labelled().label, b"1-2");
        pod.name = Some(b"cart".to_vec());
        assert_eq!(pod.labelled().label, b"shop/cart");
    }
}
