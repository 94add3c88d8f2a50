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

pub const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";
pub const OTHER: &str = "9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d";
const UID: &str = "b1d2a3c4-0f1e-4d2c-8b3a-5f6e7d8c9b0a";

/// A text in which `{I}`, `{O}`, `{U}` and `{V}` stand for two IDs and the UID of a pod with hyphens and with underscores.
fn filled(text: &str) -> String {
    text.replace("{I}", ID)
        .replace("{O}", OTHER)
        .replace("{U}", UID)
        .replace("{V}", &UID.replace('-', "_"))
}

/// A machine written by hand: the root directory of the system, with its `proc` in it.
pub struct Machine(tempfile::TempDir);

impl Machine {
    /// A machine with these files, by their paths from its root.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let machine = Machine(tempfile::tempdir().unwrap());
        for (path, content) in files {
            machine.write(path, filled(content).as_bytes());
        }
        machine
    }

    /// A machine whose process 7 is in the control groups of a text.
    pub fn with_groups(text: &str) -> Self {
        Machine::new(&[("proc/7/cgroup", text)])
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(filled(path))
    }

    pub fn write(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn link(&self, path: &str, target: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    pub fn groups(&self) -> ControlGroups<'static> {
        let root = self.0.path();
        ControlGroups::new(Directory::new(root.join("proc")), Directory::new(root))
    }

    /// `unit|container|pod` of process 7, as in a table.
    pub fn shown(&self) -> String {
        shown(self.groups().of_process(7).as_deref())
    }
}

pub fn shown(group: Option<&ControlGroup>) -> String {
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
pub fn v2(path: &str) -> String {
    format!("0::{path}\n")
}

/// The same with version 1 and systemd.
pub fn v1(path: &str) -> String {
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
