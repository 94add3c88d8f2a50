//! Why nobody is known to hold a socket.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use super::owners::{NETSTAT, at, holder, ours, port, records};
use crate::support::program::{Ending, Outcome, REFERENCE, copy_ours};
use crate::support::world::{in_new_world, wait_for};

/// Text is the reference's in every view of `/proc`, JSON tells what it knows, and nobody's sockets are said to be none.
#[test]
#[ignore = "needs root and net-tools"]
fn processes_that_are_hidden() {
    for options in ["hidepid=1", "hidepid=2", "hidepid=4"] {
        in_new_world(|world| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let of_root = port(&listener);
            let holder = holder(listener);
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let own = port(&listener);
            world.holder_as("own", listener, 1234);
            world.mount_proc(options);
            wait_for("the holders", || {
                let records = records(&ours("-tlnp --json"));
                at(&records, of_root)["pid"] == holder.pid()
                    && at(&records, own)["program_name"] == "own"
            });
            let run = |args: &str| ours(args).uid(1234);
            let records = records(&run("-tlnp --json"));
            assert_eq!(
                at(&records, of_root)["owner_unknown"],
                "no permission",
                "{options}"
            );
            assert_eq!(at(&records, own)["program_name"], "own", "{options}");
            let outcome = run(&format!("-tln --pid {}", holder.pid())).output();
            assert_eq!(outcome.ending, Ending::Exit(1), "{options} {outcome:?}");
            let stderr = String::from_utf8(outcome.stderr).unwrap();
            assert!(
                stderr.starts_with("netstat: cannot list the sockets of process "),
                "{options} {stderr}"
            );
            world.run_as(1234);
            world.compare_all(&["-tlnp", "-xap"]);
        });
    }
}

/// A procfs of processes alone has no tables. The reference says so if it is asked.
#[test]
#[ignore = "needs root and net-tools"]
fn a_procfs_of_processes_alone() {
    in_new_world(|world| {
        world.holder("holder", TcpListener::bind("127.0.0.1:0").unwrap());
        world.mount_proc("subset=pid");
        world.compare_all(&["-tlnp", "-anp", "-anpv", "-xap"]);
        let outcome = ours("-tlnp --json").output();
        assert_eq!(String::from_utf8_lossy(&outcome.stdout), "[]\n");
    });
}

/// The list of descriptors opens to root, and their links do not, because the process may do what we may not.
#[test]
#[ignore = "needs root and net-tools"]
fn links_that_are_refused() {
    in_new_world(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port(&listener);
        let holder = holder(listener);
        // The holder keeps what these lose.
        let weak = |program: &str, args: &str| -> Outcome {
            let output = Command::new("/usr/bin/setpriv")
                .args(["--bounding-set", "-sys_ptrace", "--inh-caps", "-sys_ptrace"])
                .arg(program)
                .args(args.split_whitespace())
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            Outcome {
                stdout: output.stdout,
                stderr: output.stderr,
                ending: output.status.into(),
            }
        };
        wait_for("the holder", || {
            let records = records(&ours("-tlnp --json"));
            at(&records, port)["pid"] == holder.pid()
        });
        let json = weak(NETSTAT, "-tlnp --json");
        let records: Vec<Value> = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(at(&records, port)["owner_unknown"], "no permission");
        assert_eq!(at(&records, port)["pid"], Value::Null);
        for args in ["-tlnp", "-anp"] {
            wait_for("the same of the reference", || {
                weak(NETSTAT, args) == weak(REFERENCE, args)
            });
        }
        let outcome = weak(NETSTAT, &format!("-tln --pid {}", holder.pid()));
        let message = format!(
            "netstat: cannot list the sockets of process {}: Permission denied\n",
            holder.pid()
        );
        assert_eq!(String::from_utf8(outcome.stderr).unwrap(), message);
        assert_eq!(outcome.ending, Ending::Exit(1));
    });
}

/// A socket that no process can be seen to hold has one reason for that, however many processes come and go.
#[test]
#[ignore = "needs root and net-tools"]
fn one_socket_has_one_reason() {
    in_new_world(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port(&listener);
        // Where another user can read it.
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let program = directory.path().join("netstat");
        copy_ours(&program);
        // In a PID namespace of its own, it sees neither us nor anybody else.
        let script = "( while :; do ( : ) & ( : ) & ( : ) & wait; done ) & \
            i=0; while [ $i -lt 100 ]; do \"$0\" -tlnp --json; i=$((i+1)); done; kill $!";
        for user in ["0", "1234"] {
            let output = Command::new("/usr/bin/unshare")
                .args(["--pid", "--fork", "--kill-child", "--mount-proc"])
                .args(["setpriv", "--reuid", user, "--clear-groups"])
                .args(["/bin/sh", "-c", script])
                .arg(&program)
                .env("LC_ALL", "C")
                .output()
                .unwrap();
            let arrays: Vec<Vec<Value>> = serde_json::Deserializer::from_slice(&output.stdout)
                .into_iter()
                .collect::<Result<_, _>>()
                .unwrap();
            assert_eq!(arrays.len(), 100, "{output:?}");
            let reasons: BTreeSet<String> = arrays
                .iter()
                .map(|records| at(records, port)["owner_unknown"].to_string())
                .collect();
            let expected = BTreeSet::from(["\"not visible\"".to_owned()]);
            assert_eq!(reasons, expected, "{user}");
        }
    });
}
