//! Units, containers and pods behind processes and sockets. None of the runtimes runs here: the trees are written after their
//! documentation. The last tests are about the kernel's own groups.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use netstat::collect::control_group::ControlGroups;
use netstat::collect::control_group::files::Directory;
use netstat::proc_root::ProcRoot;
use netstat::record::control_group::{ControlGroup, Runtime};

use crate::support::reaped::Reaped;

const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
const OTHER: &str = "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d";
const UID: &str = "b1d2a3c4-0f1e-4d2c-8b3a-5f6e7d8c9b0a";

/// A text in which `{I}`, `{O}`, `{U}` and `{V}` stand for two IDs and the UID of a pod with hyphens and with underscores.
fn filled(text: &str) -> String {
    text.replace("{I}", ID)
        .replace("{O}", OTHER)
        .replace("{U}", UID)
        .replace("{V}", &UID.replace('-', "_"))
}

/// A machine written by hand: the root directory of the system, with its `proc` in it.
struct Machine(tempfile::TempDir);

impl Machine {
    /// A machine with these files, by their paths from its root.
    fn new(files: &[(&str, &str)]) -> Self {
        let machine = Machine(tempfile::tempdir().unwrap());
        for (path, content) in files {
            machine.write(path, filled(content).as_bytes());
        }
        machine
    }

    /// A machine whose process 7 is in the control groups of a text.
    fn with_groups(text: &str) -> Self {
        Machine::new(&[("proc/7/cgroup", text)])
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(filled(path))
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    fn groups(&self) -> ControlGroups<'static> {
        let root = self.0.path();
        ControlGroups::new(Directory::new(root.join("proc")), Directory::new(root))
    }

    /// `unit|container|pod` of process 7, as in a table.
    fn shown(&self) -> String {
        shown(self.groups().of_process(7).as_deref())
    }
}

fn shown(group: Option<&ControlGroup>) -> String {
    let Some(group) = group else {
        return "no group".to_owned();
    };
    let unit = group.unit.as_deref();
    let container = group.container.as_ref().map(|it| it.label.as_slice());
    let pod = group.pod.as_ref().map(|it| it.label.as_slice());
    [unit, container, pod]
        .map(|text| String::from_utf8_lossy(text.unwrap_or(b"-")).into_owned())
        .join("|")
}

/// A group as on a machine with systemd and version 2.
fn v2(path: &str) -> String {
    format!("0::{path}\n")
}

/// The same with version 1 and systemd.
fn v1(path: &str) -> String {
    format!(
        "12:memory:{path}\n11:cpu,cpuacct:{path}\n2:freezer:{path}\n1:name=systemd:{path}\n0::/\n"
    )
}

#[test]
fn containers_of_docker_have_the_names_in_their_configurations() {
    for path in [
        "/system.slice/docker-{I}.scope",
        "/docker/{I}",
        "/docker/{I}/system.slice/nginx.service",
    ] {
        for text in [v2(path), v1(path)] {
            let machine = Machine::with_groups(&text);
            let label = machine.shown().split('|').nth(1).unwrap().to_owned();
            assert_eq!(label, "docker:4f797c539e6c", "{text}");
            machine.write(
                "var/lib/docker/containers/{I}/config.v2.json",
                filled(r#"{"State":{"Running":true,"Pid":7},"ID":"{I}","Name":"/web","Driver":"overlay2"}"#)
                    .as_bytes(),
            );
            let group = machine.groups().of_process(7).unwrap();
            let container = group.container.as_ref().unwrap();
            assert_eq!(container.runtime, Some(Runtime::Docker));
            assert_eq!(container.id.as_deref(), Some(ID.as_bytes()));
            assert_eq!(container.name.as_deref(), Some(&b"web"[..]));
            assert_eq!(container.label, b"web");
            assert_eq!(group.path, filled(path).as_bytes());
            assert_eq!(group.pod, None);
        }
    }
}

#[test]
fn rootless_containers_are_kept_in_homes() {
    let scope = "/user.slice/user-1000.slice/user@1000.service/user.slice";
    let docker = v2(&format!("{scope}/docker-{{I}}.scope"));
    let podman = v2(&format!("{scope}/libpod-{{I}}.scope/container"));
    let docker = Machine::with_groups(&docker);
    let podman = Machine::with_groups(&podman);
    for machine in [&docker, &podman] {
        machine.write(
            "home/app/.local/share/docker/containers/{I}/config.v2.json",
            br#"{"Name":"/web"}"#,
        );
        machine.write(
            "home/app/.local/share/containers/storage/overlay-containers/containers.json",
            filled(r#"[{"id":"{I}","names":["db"],"image":"x","layer":"y"}]"#).as_bytes(),
        );
    }
    assert!(docker.shown().ends_with(".scope|docker:4f797c539e6c|-"));
    assert!(podman.shown().ends_with(".scope|podman:4f797c539e6c|-"));
    for machine in [&docker, &podman] {
        machine.write(
            "etc/passwd",
            b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n",
        );
    }
    assert!(docker.shown().ends_with(".scope|web|-"));
    assert!(podman.shown().ends_with(".scope|db|-"));
}

#[test]
fn containers_of_podman_have_the_names_in_their_store() {
    let store = "var/lib/containers/storage/overlay-containers";
    for (path, unit) in [
        (
            "/machine.slice/libpod-{I}.scope/container",
            "libpod-{I}.scope",
        ),
        (
            "/machine.slice/libpod-conmon-{I}.scope",
            "libpod-conmon-{I}.scope",
        ),
        (
            "/machine.slice/machine-libpod_pod_{O}.slice/libpod-{I}.scope",
            "libpod-{I}.scope",
        ),
        ("/libpod_parent/libpod-{I}", "-"),
        (
            "/system.slice/web.service/libpod-payload-{I}",
            "web.service",
        ),
    ] {
        let machine = Machine::with_groups(&v2(path));
        let unit = filled(unit);
        assert_eq!(machine.shown(), format!("{unit}|podman:4f797c539e6c|-"));
        for (file, name) in [
            ("volatile-containers.json", "passing"),
            ("containers.json", "lasting"),
        ] {
            let others = format!(r#"{{"id":"{OTHER}","names":["other"]}}"#);
            let json = format!(r#"[{others},{{"id":"{ID}","names":["{name}","{ID}"]}}]"#);
            machine.write(&format!("{store}/{file}"), json.as_bytes());
            assert_eq!(machine.shown(), format!("{unit}|{name}|-"));
            fs::remove_file(machine.path(&format!("{store}/{file}"))).unwrap();
        }
    }
}

#[test]
fn pods_have_the_names_that_kubelet_gives_to_logs() {
    let log = "var/log/containers/cart-7d9-x2x_shop_nginx-{I}.log";
    let pods = "var/log/pods/shop_cart-7d9-x2x_{U}/nginx/0.log";
    for (path, runtime) in [
        (
            "/kubepods.slice/kubepods-pod{V}.slice/cri-containerd-{I}.scope",
            "containerd:",
        ),
        ("/kubepods/burstable/pod{U}/{I}", ""),
        (
            "/system.slice/containerd.service/kubepods-burstable-pod{V}.slice:cri-containerd:{I}",
            "containerd:",
        ),
        ("/kubepods/besteffort/pod{U}/crio-{I}", "cri-o:"),
    ] {
        for text in [v2(path), v1(path)] {
            let machine = Machine::with_groups(&text);
            let shown = |machine: &Machine| {
                let shown = machine.shown();
                shown.split_once('|').unwrap().1.to_owned()
            };
            assert_eq!(shown(&machine), format!("{runtime}4f797c539e6c|{UID}"));
            // The container that only holds the namespaces of the pod has no log.
            machine.write(pods, b"");
            assert_eq!(
                shown(&machine),
                format!("{runtime}4f797c539e6c|shop/cart-7d9-x2x")
            );
            // What the logs are is not looked at, nor where the links lead.
            machine.link(log, "/nowhere");
            assert_eq!(shown(&machine), "nginx|shop/cart-7d9-x2x");

            let group = machine.groups().of_process(7).unwrap();
            let (container, pod) = (
                group.container.as_ref().unwrap(),
                group.pod.as_ref().unwrap(),
            );
            assert_eq!(container.name, None);
            assert_eq!(pod.uid.as_deref(), Some(UID.as_bytes()));
            assert_eq!(pod.namespace.as_deref(), Some(&b"shop"[..]));
            assert_eq!(pod.name.as_deref(), Some(&b"cart-7d9-x2x"[..]));
            assert_eq!(pod.container.as_deref(), Some(&b"nginx"[..]));
        }
    }
    // The names that CRI-O and Docker keep themselves.
    let name = "k8s_nginx_cart-7d9-x2x_shop_{U}_0";
    let machine = Machine::with_groups(&v2(
        "/kubepods.slice/kubepods-pod{V}.slice/crio-{I}.scope/container",
    ));
    machine.write(
        "var/lib/containers/storage/overlay-containers/containers.json",
        filled(&format!(r#"[{{"id":"{{I}}","names":["{name}"]}}]"#)).as_bytes(),
    );
    let group = machine.groups().of_process(7).unwrap();
    assert_eq!(
        shown(Some(&group)),
        filled(&format!("crio-{{I}}.scope|{name}|shop/cart-7d9-x2x"))
    );
    assert_eq!(
        group.pod.as_ref().unwrap().container.as_deref(),
        Some(&b"nginx"[..])
    );

    let machine = Machine::with_groups(&v1("/kubepods/besteffort/pod{U}/{I}"));
    machine.write(
        "var/lib/docker/containers/{I}/config.v2.json",
        filled(&format!(r#"{{"Name":"/{name}"}}"#)).as_bytes(),
    );
    let group = machine.groups().of_process(7).unwrap();
    assert_eq!(
        group.container.as_ref().unwrap().runtime,
        Some(Runtime::Docker)
    );
    assert_eq!(group.pod.as_ref().unwrap().label, b"shop/cart-7d9-x2x");
    // Outside of a pod a name is only a name.
    let machine = Machine::with_groups(&v1("/docker/{I}"));
    machine.write(
        "var/lib/docker/containers/{I}/config.v2.json",
        br#"{"Name":"/k8s_a_b_c_d_0"}"#,
    );
    assert_eq!(machine.shown(), "-|k8s_a_b_c_d_0|-");
}

#[test]
fn other_containers_and_units_are_named_by_their_groups() {
    for (path, expected) in [
        (
            "/lxc.payload.web/system.slice/nginx.service",
            "nginx.service|web|-",
        ),
        ("/lxc/101/ns/init.scope", "init.scope|101|-"),
        (
            r"/machine.slice/machine-web\x2d1.scope/payload",
            r"machine-web\x2d1.scope|web-1|-",
        ),
        (
            "/machine.slice/systemd-nspawn@web.service/payload/init.scope",
            "init.scope|web|-",
        ),
        ("/system.slice/ssh.service", "ssh.service|-|-"),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/a.service",
            "a.service|-|-",
        ),
        ("/system.slice", "-|-|-"),
        ("/", "-|-|-"),
    ] {
        assert_eq!(Machine::with_groups(&v2(path)).shown(), expected, "{path}");
        assert_eq!(Machine::with_groups(&v1(path)).shown(), expected, "{path}");
    }
    assert_eq!(Machine::with_groups("").shown(), "no group");
    assert_eq!(Machine::new(&[]).shown(), "no group");
}

#[test]
fn sockets_tell_the_inodes_of_their_groups() {
    for mount in ["sys/fs/cgroup", "sys/fs/cgroup/unified"] {
        let machine = Machine::new(&[]);
        let groups = [
            "",
            "/system.slice",
            "/system.slice/nginx.service",
            "/system.slice/nginx.service/sub",
            "/docker/{I}",
            "/user.slice",
        ];
        for group in groups {
            for file in ["cgroup.controllers", "cgroup.procs"] {
                machine.write(&format!("{mount}{group}/{file}"), b"");
            }
        }
        let inode = |group: &str| {
            fs::metadata(machine.path(&format!("{mount}{group}")))
                .unwrap()
                .ino()
        };
        let mut resolver = machine.groups();
        for (group, expected) in [
            ("", "-|-|-"),
            ("/user.slice", "-|-|-"),
            ("/system.slice/nginx.service", "nginx.service|-|-"),
            ("/system.slice/nginx.service/sub", "nginx.service|-|-"),
            ("/docker/{I}", "-|docker:4f797c539e6c|-"),
        ] {
            let found = resolver.of_id(inode(group)).unwrap();
            let path = if group.is_empty() {
                "/".to_owned()
            } else {
                filled(group)
            };
            assert_eq!(String::from_utf8_lossy(&found.path), path);
            assert_eq!(shown(Some(&found)), expected);
        }
        assert!(resolver.of_id(0).is_none());
        // The hierarchy is walked once.
        let late = format!("{mount}/late.service/cgroup.controllers");
        machine.write(&late, b"");
        assert!(resolver.of_id(inode("/late.service")).is_none());
        assert_eq!(
            shown(machine.groups().of_id(inode("/late.service")).as_deref()),
            "late.service|-|-"
        );
    }
    // The inodes of version 1 are no IDs.
    let machine = Machine::new(&[("sys/fs/cgroup/memory/a.service/tasks", "")]);
    let inode = fs::metadata(machine.path("sys/fs/cgroup/memory/a.service"))
        .unwrap()
        .ino();
    assert!(machine.groups().of_id(inode).is_none());
    assert!(Machine::new(&[]).groups().of_id(1).is_none());
}

/// A command line of docker-proxy.
fn proxy(options: &str) -> Vec<u8> {
    format!("/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 {options}")
        .replace(' ', "\0")
        .into_bytes()
}

/// The `fib_trie` of a namespace with an address.
fn fib_trie(address: &str) -> String {
    format!(
        "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     |-- {address}\n        /32 host LOCAL\n\
         Local:\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- {address}\n        /32 host LOCAL\n"
    )
}

/// A machine with Docker: its proxy is process 50; the containers `web` (process 70) and `db` (80, with 81 in its namespace) have
/// addresses of their own, and `tool` (60) has the machine's.
fn docker_machine() -> Machine {
    let tool = "00".repeat(32);
    let beside = "11".repeat(32);
    let config = |id: &str| format!("var/lib/docker/containers/{id}/config.v2.json");
    let machine = Machine::new(&[
        ("proc/1/cgroup", "0::/init.scope\n"),
        ("proc/50/cgroup", "0::/system.slice/docker.service\n"),
        (
            "proc/60/cgroup",
            &format!("0::/system.slice/docker-{tool}.scope\n"),
        ),
        ("proc/60/net/fib_trie", &fib_trie("10.0.0.5")),
        ("proc/70/cgroup", "0::/system.slice/docker-{I}.scope\n"),
        ("proc/70/net/fib_trie", &fib_trie("172.17.0.2")),
        (
            "proc/70/net/if_inet6",
            "00000000000000000000000000000001 01 80 10 80       lo\nfd000000000000000000000000000002 02 40 00 80     eth0\n",
        ),
        ("proc/80/cgroup", "0::/system.slice/docker-{O}.scope\n"),
        ("proc/80/net/fib_trie", &fib_trie("172.17.0.3")),
        (
            "proc/80/net/tcp",
            "  sl  local_address rem_address   st\n   0: 00000000:0050 00000000:0000 0A 0:0 00:0 0 0 0 9001 1\n",
        ),
        (
            "proc/80/net/tcp6",
            "  sl\n   0: 00000000000000000000000000000000:1538 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 9002 1\n",
        ),
        (
            "proc/81/cgroup",
            &format!("0::/system.slice/docker-{beside}.scope\n"),
        ),
        ("proc/uptime", "1 2\n"),
        (&config(ID), r#"{"Name":"/web"}"#),
        (&config(OTHER), r#"{"Name":"/db"}"#),
        (&config(&tool), r#"{"Name":"/tool"}"#),
        (&config(&beside), r#"{"Name":"/beside"}"#),
    ]);
    for (pid, namespace) in [(1, 1), (50, 1), (60, 1), (70, 2), (80, 3), (81, 3)] {
        machine.link(&format!("proc/{pid}/ns/net"), &format!("net:[{namespace}]"));
    }
    machine.link("proc/80/fd/4", "socket:[9002]");
    machine.link("proc/81/fd/0", "/dev/null");
    machine.link("proc/81/fd/3", "socket:[9001]");
    machine
}

#[test]
fn docker_proxy_shows_the_container_it_forwards_to() {
    let machine = docker_machine();
    let mut groups = machine.groups();
    for (options, container) in [
        ("-container-ip 172.17.0.2 -container-port 80", "web"),
        ("-container-ip fd00::2 -container-port 80", "web"),
        // Two containers in one namespace: the one that listens.
        ("-container-ip 172.17.0.3 -container-port 80", "beside"),
        ("-container-ip 172.17.0.3 -container-port 5432", "db"),
        ("-container-ip 172.17.0.3 -container-port 99", "db"),
        ("-container-ip 172.17.0.3", "db"),
        ("-container-ip 172.17.0.9 -container-port 80", "-"),
        // No container has the machine's address for itself.
        ("-container-ip 10.0.0.5 -container-port 80", "-"),
        ("-container-ip", "-"),
        ("", "-"),
    ] {
        let group = groups.of_docker_proxy(50, &proxy(options)).unwrap();
        assert_eq!(
            shown(Some(&group)),
            format!("docker.service|{container}|-"),
            "{options}"
        );
        assert_eq!(group.path, b"/system.slice/docker.service");
    }
    let options = proxy("-container-ip 172.17.0.2 -container-port 80");
    // Whoever poses as the proxy in a container is in that container.
    let poser = groups.of_docker_proxy(81, &options).unwrap();
    assert_eq!(poser.container.as_ref().unwrap().label, b"beside");
    assert!(groups.of_docker_proxy(4711, &options).is_none());
    // The process itself is what it was.
    assert_eq!(
        shown(groups.of_process(50).as_deref()),
        "docker.service|-|-"
    );
}

#[test]
fn docker_proxy_is_followed_where_namespaces_cannot_be_seen() {
    let machine = docker_machine();
    for pid in [1, 50, 60, 70, 80, 81] {
        fs::remove_file(machine.path(&format!("proc/{pid}/ns/net"))).unwrap();
    }
    let options = proxy("-container-ip 172.17.0.2 -container-port 80");
    let group = machine.groups().of_docker_proxy(50, &options).unwrap();
    assert_eq!(group.container.as_ref().unwrap().label, b"web");
}

#[test]
fn users_have_proxies_of_their_own() {
    let machine = docker_machine();
    let slice = "/user.slice/user-1000.slice/user@1000.service";
    let id = "22".repeat(32);
    machine.write(
        "proc/51/cgroup",
        v2(&format!("{slice}/docker.service")).as_bytes(),
    );
    let scope = format!("{slice}/user.slice/docker-{id}.scope");
    machine.write("proc/90/cgroup", v2(&scope).as_bytes());
    machine.write("proc/90/net/fib_trie", fib_trie("172.17.0.2").as_bytes());
    machine.link("proc/90/ns/net", "net:[9]");
    let mut groups = machine.groups();
    let options = proxy("-container-ip 172.17.0.2 -container-port 80");
    for (pid, expected) in [(50, "web"), (51, "docker:222222222222")] {
        let group = groups.of_docker_proxy(pid, &options).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&group.container.as_ref().unwrap().label),
            expected
        );
    }
}

#[test]
fn what_is_no_file_of_its_kind_tells_nothing() {
    let config = "var/lib/docker/containers/{I}/config.v2.json";
    let long = format!(r#"{{"Name":"/web","x":"{}"}}"#, "x".repeat(1 << 20));
    let unknown = filled("docker-{I}.scope|docker:4f797c539e6c|-");
    for content in [
        long.as_bytes(),
        b"{\"Name\":\"/web\xff\"}",
        b"{\"Name\":\"/web\"} x",
        b"",
    ] {
        let machine = Machine::with_groups(&v2("/system.slice/docker-{I}.scope"));
        machine.write(config, content);
        assert_eq!(machine.shown(), unknown);
    }
    let make: [fn(&Path); 5] = [
        |path| nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRUSR).unwrap(),
        |path| fs::create_dir(path).unwrap(),
        |path| symlink("/dev/zero", path).unwrap(),
        |path| symlink(path, path).unwrap(),
        |path| drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
    ];
    for make in make {
        let machine = Machine::with_groups(&v2("/system.slice/docker-{I}.scope"));
        // The path of a socket is short.
        machine.link("var/lib/docker/containers/{I}", "/x");
        fs::remove_file(machine.path("var/lib/docker/containers/{I}")).unwrap();
        let short = tempfile::tempdir().unwrap();
        make(&short.path().join("config.v2.json"));
        symlink(short.path(), machine.path("var/lib/docker/containers/{I}")).unwrap();
        assert_eq!(machine.shown(), unknown);
    }
    // The same in the place of a process's own file, and directories that are none.
    let machine = Machine::new(&[
        ("sys/fs/cgroup", ""),
        ("var/log/containers", ""),
        ("var/log/pods", ""),
    ]);
    machine.link("proc/7/cgroup", "/dev/zero");
    assert_eq!(machine.shown(), "no group");
    assert!(machine.groups().of_id(1).is_none());
    machine.write(
        "proc/8/cgroup",
        filled(&v2("/kubepods/pod{U}/{I}")).as_bytes(),
    );
    let group = machine.groups().of_process(8);
    assert_eq!(shown(group.as_deref()), format!("-|4f797c539e6c|{UID}"));
}

#[test]
fn names_stay_as_others_chose_them() {
    let machine = Machine::with_groups("0::/lxc.payload.\x1b[31m\u{202e}evil\n");
    let group = machine.groups().of_process(7).unwrap();
    assert_eq!(
        group.container.as_ref().unwrap().label,
        "\x1b[31m\u{202e}evil".as_bytes()
    );
    let machine = Machine::new(&[]);
    machine.write("proc/7/cgroup", b"0::/\xff.service\n");
    let group = machine.groups().of_process(7).unwrap();
    assert_eq!(group.unit.as_deref(), Some(&b"\xff.service"[..]));
}

#[test]
fn a_process_has_the_group_that_the_kernel_tells() {
    let mut groups = ControlGroups::below(&ProcRoot::default());
    let pid = std::process::id();
    let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let group = groups.of_process(pid).unwrap();
    let path = String::from_utf8(group.path.clone()).unwrap();
    assert!(
        text.lines().any(|line| line.ends_with(&format!(":{path}"))),
        "{path} in {text}"
    );
    assert!(groups.of_process(u32::MAX).is_none());
}

/// A control group of version 2 that goes with the value.
struct LiveGroup(PathBuf);

impl LiveGroup {
    fn new(name: &str) -> Option<Self> {
        let mount = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
            .into_iter()
            .find(|mount| Path::new(mount).join("cgroup.controllers").exists())?;
        let path = Path::new(mount).join(name);
        fs::create_dir(&path).ok()?;
        Some(LiveGroup(path))
    }
}

impl Drop for LiveGroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn a_group_is_found_by_its_process_and_by_its_inode() {
    let name = format!("netstat-test-{}.service", std::process::id());
    let Some(group) = LiveGroup::new(&name) else {
        eprintln!("left out: no control group of version 2 can be made here");
        return;
    };
    // Behind the group, so that the process leaves it before it goes, also if something fails here.
    let mut command = Command::new("sleep");
    let member = Reaped(command.arg("60").stdin(Stdio::null()).spawn().unwrap());
    fs::write(group.0.join("cgroup.procs"), member.pid().to_string()).unwrap();
    let text = fs::read_to_string(format!("/proc/{}/cgroup", member.pid())).unwrap();
    let mut groups = ControlGroups::below(&ProcRoot::default());
    let by_process = groups.of_process(member.pid());
    let by_inode = groups.of_id(fs::metadata(&group.0).unwrap().ino());
    assert!(text.lines().any(|line| line == format!("0::/{name}")));
    let found = by_inode.unwrap();
    assert_eq!(found.path, format!("/{name}").as_bytes());
    assert_eq!(found.unit.as_deref(), Some(name.as_bytes()));
    // Where systemd has a hierarchy of version 1 besides, the process is still in the unit that started the test.
    let units = text.matches(".service").count() + text.matches(".scope").count();
    if units == 1 {
        assert_eq!(by_process.unwrap().unit, found.unit);
    }
}
