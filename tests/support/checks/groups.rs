//! Control groups and what container runtimes write about theirs.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use netstat::collect::control_group::path::{self, ContainerId};
use netstat::collect::control_group::{address, name_files};

use super::bench::{Bench, written};
use super::tables::{SEPARATOR, sane};

/// A container that the seeds speak of. Its configuration is where Docker keeps it.
const ID: &str = "4f797c539e6c745de61a93ca3ff892358ecbcaccd8414d5db545c38428142970";

/// What is shown of groups.
const COMMAND_LINE: &str = "-xanp --show cgroup,unit,container,container_runtime,container_id,container_name,pod,k8s_namespace,k8s_pod,k8s_container";

/// Shows a process whose groups, command line, container and pod are the sections of an input.
pub fn control_groups(data: &[u8]) {
    thread_local! {
        static BENCH: RefCell<Bench> = RefCell::new(Bench::new(&[COMMAND_LINE]));
    }
    let Some((&choice, data)) = data.split_first() else {
        return;
    };
    parsers(data);
    let mut rest = Some(data);
    let mut section = || {
        let section = rest?;
        match memchr::memmem::find(section, SEPARATOR) {
            Some(end) => {
                rest = Some(&section[end + SEPARATOR.len()..]);
                Some(&section[..end])
            }
            None => rest.take(),
        }
    };
    BENCH.with_borrow_mut(|bench| {
        bench.file("net/unix", Some(b"Inode\n0: 1 0 0 1 1 12 /a\n"));
        bench.file("100/fd/0", Some(b""));
        bench.link("100/fd/3", "socket:[12]");
        for file in [
            "100/cgroup",
            "100/cmdline",
            &format!("1/root/var/lib/docker/containers/{ID}/config.v2.json"),
            "1/root/var/lib/containers/storage/overlay-containers/containers.json",
            "1/root/etc/passwd",
        ] {
            bench.file(file, section());
        }
        for logs in ["1/root/var/log/containers", "1/root/var/log/pods"] {
            let logs = bench.directory.path().join(logs);
            let _ = fs::remove_dir_all(&logs);
            fs::create_dir_all(&logs).unwrap();
            // A name that no file can have is that of none.
            let name = section().filter(|name| !name.is_empty() && !name.contains(&b'/'));
            if let Some(name) = name {
                let _ = fs::create_dir(logs.join(OsStr::from_bytes(name)));
            }
        }
        let mut query = bench.queries[0].clone();
        query.json = choice & 0x80 != 0;
        let written = written(&query);
        sane(&written, false, false);
        if query.json {
            let rows: Vec<serde_json::Value> = serde_json::from_slice(&written.stdout).unwrap();
            assert_eq!(rows.len(), 1);
        } else {
            assert_eq!(memchr::memchr_iter(b'\n', &written.stdout).count(), 2 + 1);
        }
    });
}

/// What parsers find stands in what they were given.
fn parsers(data: &[u8]) {
    let is_part = |part: &[u8]| memchr::memmem::find(data, part).is_some();
    if let Some(path) = path::of_process(data) {
        assert!(path.starts_with(b"/") && is_part(path));
    }
    let facts = path::facts(data);
    assert!(facts.unit.is_none_or(is_part));
    match facts.container {
        Some(ContainerId::Id(_, id)) => assert!(!id.is_empty() && is_part(id)),
        Some(ContainerId::Name(_, name)) => assert!(name.len() <= data.len()),
        None => {}
    }
    assert!(name_files::home(data, 1000).is_none_or(is_part));
    assert!(name_files::container_log(data).is_none_or(|(id, _)| is_part(id)));
    assert!(name_files::pod_log(data).is_none_or(|(uid, _)| is_part(uid)));
    let _ = name_files::kubernetes_name(data);
    let _ = address::socket_inode(data);
    let lines = 1 + memchr::memchr_iter(b'\n', data).count();
    for transport in [address::Transport::Tcp, address::Transport::Udp] {
        assert!(address::listeners(data, transport, 80).count() <= lines);
    }
    assert!(address::ipv4_addresses(data).count() <= lines);
    assert!(address::ipv6_addresses(data).count() <= lines);
}
