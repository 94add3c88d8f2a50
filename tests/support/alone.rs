//! A test in a process of its own, where nothing else runs: for what is the whole process's (memory, descriptors) or the whole
//! machine's (processes, network namespaces, whether `lo` is up).

use std::net::{TcpListener, TcpStream};
use std::process::Command;

use nix::unistd::geteuid;

use super::world::set_loopback_up;

/// Set in the process that runs one test, to [`NETWORK`] if it has a network of its own.
const ALONE: &str = "NETSTAT_TEST_ALONE";
const NETWORK: &str = "network";

/// A user namespace, in which anybody may make the others.
const AS_ROOT: [&str; 2] = ["--user", "--map-root-user"];

/// From the most that unshare(1) may be allowed to give.
const NAMESPACES: [&[&str]; 2] = [
    &[
        "--net",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ],
    &["--net"],
];

/// Runs `test`, the body of the calling test function, in a process, a network and a table of processes of its own, in which `lo` is up.
/// Who may not make these runs it in a process of its own among the others; there it needs the machine's `lo`, without which it says that it
/// cannot run.
pub fn alone<F: FnOnce()>(test: F) {
    alone_as(std::any::type_name::<F>(), test);
}

/// The same for a body that was wrapped once more: `body` is its type's name.
pub fn alone_as(body: &str, test: impl FnOnce()) {
    match std::env::var(ALONE).as_deref() {
        Ok(NETWORK) => set_loopback_up(),
        Ok(_) => {}
        Err(_) => return start(body),
    }
    test();
}

fn start(body: &str) {
    // As libtest knows it: what is behind the crate's name and before the closure's.
    let (_, name) = body.split_once("::").unwrap();
    let name = name.strip_suffix("::{{closure}}").unwrap();

    let as_root: &[&str] = if geteuid().is_root() { &[] } else { &AS_ROOT };
    let unshare = |namespaces: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(as_root).args(namespaces);
        command
    };
    let allowed = NAMESPACES.into_iter().find(|namespaces| {
        let probe = unshare(namespaces).arg("true").output();
        probe.is_ok_and(|probe| probe.status.success())
    });
    let program = std::env::current_exe().unwrap();
    let mut command = match allowed {
        Some(namespaces) => {
            let mut command = unshare(namespaces);
            command.arg(program);
            command
        }
        None if !is_loopback_up() => {
            eprintln!("{name} is not run: no network namespace may be made, and lo is down");
            return;
        }
        None => Command::new(program),
    };
    let output = command
        .args([name, "--exact", "--include-ignored", "--nocapture"])
        .env(ALONE, allowed.map_or("process", |_| NETWORK))
        .output()
        .unwrap();
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    eprintln!("{}{}", text[0], text[1]);
    assert!(output.status.success(), "{name} failed alone");
    assert!(
        text[0].contains("test result: ok. 1 passed"),
        "{name} is no test"
    );
}

fn is_loopback_up() -> bool {
    let listener = TcpListener::bind("127.0.0.1:0");
    listener
        .and_then(|listener| TcpStream::connect(listener.local_addr()?))
        .is_ok()
}
