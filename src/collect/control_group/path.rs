//! What the path of a control group tells: unit, container, pod.
//!
//! Sources: systemd's documents CONTROL_GROUP_INTERFACE and CGROUP_DELEGATION and `systemd.unit(5)`, `machinectl(1)`; Docker's "Runtime
//! metrics"; `podman-run(1)`, `--cgroups`; the Kubernetes documentation on cgroup drivers; lxc's `lxc.container.conf(5)`;
//! `cgroups(7)` for the file.

use std::borrow::Cow;

use crate::record::control_group::Runtime;
use crate::scan::{hex_digit, parsed};

/// What a path tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathFacts<'a> {
    /// The innermost unit, slices aside.
    pub unit: Option<&'a [u8]>,
    /// The innermost container.
    pub container: Option<ContainerId<'a>>,
    /// UID of the pod, with hyphens.
    pub pod: Option<Vec<u8>>,
    /// The user below whose slice or manager the group is; rootless containers are kept in their home.
    pub user: Option<u32>,
}

/// How a path names a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerId<'a> {
    /// By the ID that the runtime gave it.
    Id(Option<Runtime>, &'a [u8]),
    /// By its name.
    Name(Runtime, Cow<'a, [u8]>),
}

/// The path in a process's `cgroup` file that tells most.
///
/// Version 2 has the one line `0::PATH`. Version 1 has a line for each hierarchy, `NUMBER:CONTROLLERS:PATH`; systemd's own is called
/// `name=systemd`, and a runtime that manages groups itself may be seen in any. First comes what names a container, then a unit, then any
/// path but the root.
pub fn of_process(text: &[u8]) -> Option<&[u8]> {
    let mut best: Option<(u8, &[u8])> = None;
    for line in text.split(|&byte| byte == b'\n') {
        let mut parts = line.splitn(3, |&byte| byte == b':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if !path.starts_with(b"/") {
            continue;
        }
        // What the kernel appends if the group was removed under a zombie.
        let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
        let facts = facts(path);
        let of_systemd = controllers.is_empty() || controllers == b"name=systemd";
        let rank = 8 * u8::from(facts.container.is_some())
            + 4 * u8::from(facts.unit.is_some())
            + 2 * u8::from(path != b"/")
            + u8::from(of_systemd);
        if best.is_none_or(|(other, _)| rank > other) {
            best = Some((rank, path));
        }
    }
    best.map(|(_, path)| path)
}

/// Takes a path apart. Inner names win over outer ones: containers are nested.
pub fn facts(path: &[u8]) -> PathFacts<'_> {
    let mut facts = PathFacts::default();
    let mut parent: &[u8] = b"";
    for name in path.split(|&byte| byte == b'/') {
        // Where kubelet means systemd's slices and the runtime means plain groups, slice, prefix and ID become one name.
        let parts: Vec<&[u8]> = name.split(|&byte| byte == b':').collect();
        let (slice, found) = match parts.as_slice() {
            [slice, prefix, id] if is_id(id) => {
                (*slice, Some(ContainerId::Id(runtime_of(prefix), id)))
            }
            _ => (name, container(parent, name)),
        };
        facts.container = found.or(facts.container);
        facts.pod = pod_uid(slice).or(facts.pod);
        facts.unit = unit(name).or(facts.unit);
        facts.user = user(name).or(facts.user);
        parent = name;
    }
    facts
}

/// The kinds of units that processes run in, apart from slices, which only hold other units.
const UNITS: [&[u8]; 5] = [b".service", b".scope", b".socket", b".mount", b".swap"];

/// The unit whose group this is. Systemd puts a `_` before names that the kernel could take for its own (and before those that have one).
fn unit(name: &[u8]) -> Option<&[u8]> {
    let name = name.strip_prefix(b"_").unwrap_or(name);
    UNITS
        .iter()
        .any(|kind| name.len() > kind.len() && name.ends_with(kind))
        .then_some(name)
}

/// What runtimes put before the ID: as scopes if systemd manages the groups, else as plain names.
const PREFIXES: [(&[u8], Runtime); 8] = [
    (b"docker-", Runtime::Docker),
    // The monitor of a container holds the ports that are forwarded to it.
    (b"libpod-conmon-", Runtime::Podman),
    (b"libpod-payload-", Runtime::Podman),
    (b"libpod-", Runtime::Podman),
    (b"cri-containerd-", Runtime::Containerd),
    (b"nerdctl-", Runtime::Containerd),
    (b"crio-conmon-", Runtime::CriO),
    (b"crio-", Runtime::CriO),
];

/// What runs the containers with a prefix, given without its hyphen.
fn runtime_of(word: &[u8]) -> Option<Runtime> {
    PREFIXES
        .iter()
        .find(|(prefix, _)| prefix.strip_suffix(b"-") == Some(word))
        .map(|&(_, runtime)| runtime)
}

/// The groups that hold those of containers under nothing but their IDs; of containerd, the usual namespaces.
const PARENTS: [(&[u8], Runtime); 3] = [
    (b"docker", Runtime::Docker),
    (b"default", Runtime::Containerd),
    (b"k8s.io", Runtime::Containerd),
];

/// The same for lxc, under their names: of old versions, and of the container and its monitor.
const LXC_PARENTS: [&[u8]; 3] = [b"lxc", b"lxc.payload", b"lxc.monitor"];

/// What lxc puts before the name since version 4.
const LXC_PREFIXES: [&[u8]; 2] = [b"lxc.payload.", b"lxc.monitor."];

/// The container whose group this is.
fn container<'a>(parent: &[u8], name: &'a [u8]) -> Option<ContainerId<'a>> {
    let plain = name.strip_suffix(b".scope").unwrap_or(name);
    if is_id(plain) {
        let runtime = PARENTS.iter().find(|(known, _)| *known == parent);
        return Some(ContainerId::Id(runtime.map(|&(_, runtime)| runtime), plain));
    }
    let prefixed = PREFIXES
        .iter()
        .find_map(|&(prefix, runtime)| Some((runtime, plain.strip_prefix(prefix)?)));
    if let Some((runtime, id)) = prefixed {
        return is_id(id).then_some(ContainerId::Id(Some(runtime), id));
    }
    let lxc = LXC_PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(*prefix))
        .or_else(|| LXC_PARENTS.contains(&parent).then_some(name));
    if let Some(name) = lxc.filter(|name| !name.is_empty()) {
        return Some(ContainerId::Name(Runtime::Lxc, Cow::Borrowed(name)));
    }
    let machine = if let Some(scope) = name.strip_prefix(b"machine-") {
        Cow::Owned(unescaped(scope.strip_suffix(b".scope")?))
    } else {
        let instance = name.strip_prefix(b"systemd-nspawn@")?;
        // The service gives the instance to systemd-nspawn as it stands.
        Cow::Borrowed(instance.strip_suffix(b".service")?)
    };
    (!machine.is_empty()).then_some(ContainerId::Name(Runtime::Machined, machine))
}

/// Whether this is the ID of a container: 64 hexadecimal digits.
pub fn is_id(text: &[u8]) -> bool {
    text.len() == 64 && text.iter().all(|&byte| hex_digit(byte).is_some())
}

/// The pod whose group this is: `podUID` or `…-podUID.slice`, where slices have `_` for the hyphens of the UID. Static pods have 32
/// digits.
fn pod_uid(name: &[u8]) -> Option<Vec<u8>> {
    let (name, hyphen) = match name.strip_suffix(b".slice") {
        Some(name) => (name, b'_'),
        None => (name, b'-'),
    };
    let start = memchr::memmem::rfind(name, b"pod")?;
    let (before, uid) = name.split_at_checked(start)?;
    if !before.is_empty() && !before.ends_with(b"-") {
        return None;
    }
    let uid = uid.strip_prefix(b"pod")?;
    let digits = |part: &[u8]| part.iter().all(|&byte| hex_digit(byte).is_some());
    let lengths: Vec<usize> = uid
        .split(|&byte| byte == hyphen)
        .map(|part| if digits(part) { part.len() } else { 0 })
        .collect();
    matches!(lengths.as_slice(), [32] | [8, 4, 4, 4, 12]).then(|| {
        uid.iter()
            .map(|&byte| if byte == b'_' { b'-' } else { byte })
            .collect()
    })
}

/// The user whose slice or manager this is: `user-UID.slice`, `user@UID.service`.
fn user(name: &[u8]) -> Option<u32> {
    let uid = match name.strip_prefix(b"user-") {
        Some(rest) => rest.strip_suffix(b".slice")?,
        None => name.strip_prefix(b"user@")?.strip_suffix(b".service")?,
    };
    parsed(uid)
}

/// Undoes systemd's escapes: `\xHH` is a byte.
fn unescaped(mut name: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(name.len());
    while let [first, rest @ ..] = name {
        let escaped = match name {
            [b'\\', b'x', high, low, rest @ ..] => hex_digit(*high)
                .zip(hex_digit(*low))
                .map(|(high, low)| (high * 16 + low, rest)),
            _ => None,
        };
        let (byte, rest) = escaped.unwrap_or((*first, rest));
        plain.push(byte);
        name = rest;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
    const OTHER: &str = "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d";
    const UID: &str = "b1d2a3c4-0f1e-4d2c-8b3a-5f6e7d8c9b0a";

    /// `unit|container|pod|user` of a path in which I, O, U and V stand for two IDs and a pod's UID with hyphens and underscores.
    fn told(path: &str) -> String {
        let path = path
            .replace("{I}", ID)
            .replace("{O}", OTHER)
            .replace("{U}", UID)
            .replace("{V}", &UID.replace('-', "_"));
        let facts = facts(path.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let container = match &facts.container {
            None => String::new(),
            Some(ContainerId::Id(runtime, id)) => {
                format!("{} {}", runtime.map_or("?", Runtime::name), text(id))
            }
            Some(ContainerId::Name(runtime, name)) => format!("{}={}", runtime.name(), text(name)),
        };
        [
            facts.unit.map(text).unwrap_or_default(),
            container,
            facts.pod.as_deref().map(text).unwrap_or_default(),
            facts.user.map(|uid| uid.to_string()).unwrap_or_default(),
        ]
        .join("|")
        .replace(ID, "{I}")
        .replace(OTHER, "{O}")
        .replace(UID, "{U}")
    }

    #[test]
    fn paths_tell_units_containers_and_pods() {
        for (path, expected) in [
            ("/", "|||"),
            ("", "|||"),
            ("/init.scope", "init.scope|||"),
            ("/system.slice", "|||"),
            ("/system.slice/nginx.service", "nginx.service|||"),
            ("/system.slice/ssh.socket", "ssh.socket|||"),
            ("/system.slice/a.service/sub/group", "a.service|||"),
            (
                "/system.slice/system-getty.slice/getty@tty1.service",
                "getty@tty1.service|||",
            ),
            // A name that the kernel could take for a file of its own, and nothing else, is changed by systemd.
            ("/system.slice/_cgroup.service", "cgroup.service|||"),
            (r"/system.slice/a\x2db.service", r"a\x2db.service|||"),
            ("/system.slice/.service", "|||"),
            (
                "/user.slice/user-1000.slice/session-3.scope",
                "session-3.scope|||1000",
            ),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/mpd.service",
                "mpd.service|||1000",
            ),
            (
                "/user.slice/user-1000.slice/user@1000.service/init.scope",
                "init.scope|||1000",
            ),
            ("/user.slice/user-x.slice", "|||"),
            // A view from inside another namespace of control groups.
            ("/../../system.slice/nginx.service", "nginx.service|||"),
            // Docker.
            ("/docker/{I}", "|docker {I}||"),
            (
                "/system.slice/docker-{I}.scope",
                "docker-{I}.scope|docker {I}||",
            ),
            (
                "/docker/{I}/system.slice/cron.service",
                "cron.service|docker {I}||",
            ),
            ("/docker/{I}/docker/{O}", "|docker {O}||"),
            (
                "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{I}.scope",
                "docker-{I}.scope|docker {I}||1000",
            ),
            ("/system.slice:docker:{I}", "|docker {I}||"),
            ("/system.slice/docker.service", "docker.service|||"),
            ("/docker/buildkit/k2n3", "|||"),
            ("/system.slice/docker-0123.scope", "docker-0123.scope|||"),
            // Podman.
            (
                "/machine.slice/libpod-{I}.scope/container",
                "libpod-{I}.scope|podman {I}||",
            ),
            (
                "/machine.slice/libpod-conmon-{I}.scope",
                "libpod-conmon-{I}.scope|podman {I}||",
            ),
            ("/libpod_parent/libpod-{I}", "|podman {I}||"),
            (
                "/machine.slice/machine-libpod_pod_{O}.slice/libpod-{I}.scope",
                "libpod-{I}.scope|podman {I}||",
            ),
            (
                "/system.slice/web.service/libpod-payload-{I}",
                "web.service|podman {I}||",
            ),
            // Kubernetes, with each runtime and driver.
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{V}.slice/cri-containerd-{I}.scope",
                "cri-containerd-{I}.scope|containerd {I}|{U}|",
            ),
            (
                "/kubepods.slice/kubepods-pod{V}.slice/crio-{I}.scope/container",
                "crio-{I}.scope|cri-o {I}|{U}|",
            ),
            ("/kubepods/besteffort/pod{U}/{I}", "|? {I}|{U}|"),
            (
                "/kubepods/besteffort/pod{U}/crio-conmon-{I}",
                "|cri-o {I}|{U}|",
            ),
            (
                "/kubepods/burstable/pod0123456789abcdef0123456789abcdef/{I}",
                "|? {I}|0123456789abcdef0123456789abcdef|",
            ),
            (
                "/system.slice/containerd.service/kubepods-burstable-pod{V}.slice:cri-containerd:{I}",
                "containerd.service|containerd {I}|{U}|",
            ),
            ("/docker/{O}/kubelet/kubepods/pod{U}/{I}", "|? {I}|{U}|"),
            (
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod{V}.slice/cri-containerd-{I}.scope",
                "cri-containerd-{I}.scope|containerd {I}|{U}|",
            ),
            ("/kubepods/podx{U}", "|||"),
            ("/kubepods/mypod{U}", "|||"),
            ("/kubepods/pod", "|||"),
            ("/kubepods/pod0123456789abcdef", "|||"),
            // containerd without Kubernetes.
            (
                "/system.slice/nerdctl-{I}.scope",
                "nerdctl-{I}.scope|containerd {I}||",
            ),
            ("/default/{I}", "|containerd {I}||"),
            // LXC of three ages, and its monitor.
            (
                "/lxc/web/system.slice/nginx.service",
                "nginx.service|lxc=web||",
            ),
            ("/lxc.payload/web", "|lxc=web||"),
            (
                "/lxc.payload.web.example/init.scope",
                "init.scope|lxc=web.example||",
            ),
            ("/lxc.monitor.web", "|lxc=web||"),
            ("/lxc", "|||"),
            ("/lxc.pivot", "|||"),
            ("/lxc.payload.", "|||"),
            // Machines.
            (
                r"/machine.slice/machine-web\x2d1.scope",
                r"machine-web\x2d1.scope|machined=web-1||",
            ),
            (
                r"/machine.slice/machine-qemu\x2d1\x2ddb.scope/libvirt/emulator",
                r"machine-qemu\x2d1\x2ddb.scope|machined=qemu-1-db||",
            ),
            (
                r"/machine.slice/machine-a\x2.scope",
                r"machine-a\x2.scope|machined=a\x2||",
            ),
            (
                "/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
                "nginx.service|machined=web||",
            ),
            ("/machine.slice/machine-.scope", "machine-.scope|||"),
        ] {
            assert_eq!(told(path), expected, "{path}");
        }
    }

    #[test]
    fn the_line_that_tells_most_is_taken() {
        for (text, expected) in [
            ("", None),
            ("nonsense\n1:2\n\n0::relative\n", None),
            ("0::/\n", Some("/")),
            ("0::/a/b\n", Some("/a/b")),
            ("0::/a:b:c", Some("/a:b:c")),
            (
                "0::/system.slice/a.service (deleted)\n",
                Some("/system.slice/a.service"),
            ),
            // Version 1, with systemd.
            (
                "3:cpu,cpuacct:/system.slice\n2:pids:/system.slice/a.service\n1:name=systemd:/system.slice/a.service\n",
                Some("/system.slice/a.service"),
            ),
            // Both versions: systemd's hierarchy and the new one agree.
            (
                "2:pids:/x\n1:name=systemd:/a.service/y\n0::/a.service\n",
                Some("/a.service/y"),
            ),
            // Managed without systemd, in the hierarchies of the controllers alone.
            (
                "3:memory:/docker/{I}\n1:name=systemd:/\n0::/system.slice/containerd.service\n",
                Some("/docker/{I}"),
            ),
            (
                "3:memory:/jobs/1\n1:name=systemd:/\n0::/\n",
                Some("/jobs/1"),
            ),
        ] {
            let text = text.replace("{I}", ID);
            let path = of_process(text.as_bytes()).map(String::from_utf8_lossy);
            assert_eq!(
                path.map(|path| path.replace(ID, "{I}")).as_deref(),
                expected
            );
        }
    }

    #[test]
    fn nothing_panics_on_parts_of_paths() {
        let path = format!(
            r"/lxc/a/docker/{ID}/x-pod{UID}.slice:cri-containerd:{ID}/machine-\x2d\xzz\.scope/user@1.service"
        );
        for start in 0..path.len() {
            for end in start..path.len() {
                let _ = facts(&path.as_bytes()[start..end]);
            }
        }
    }
}
