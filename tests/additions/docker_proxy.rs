//! The container behind docker-proxy, which holds the ports that are forwarded to it.

use std::fs;

use crate::control_groups::{ID, Machine, OTHER, shown, v2};

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
