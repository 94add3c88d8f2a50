//! A program with more rights than its user: set-user-ID, set-group-ID, capabilities of its file.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rustix::mount::{MountFlags, mount};
use tempfile::TempDir;

use crate::support::program::copy_ours;
use crate::support::tree::{Tree, copy};
use crate::support::world::in_new_world;

const NOBODY: u32 = 65534;

/// Copies of the program that are more than their user.
struct Copies {
    directory: TempDir,
}

impl Copies {
    /// In a filesystem of their own, for the one of temporary files may not give such rights.
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        mount("none", directory.path(), "tmpfs", MountFlags::empty(), None).unwrap();
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).unwrap();
        let copies = Copies { directory };
        for (name, group, mode) in [
            ("plain", 0, 0o755),
            ("user", 0, 0o4755),
            ("group", 7, 0o2755),
            ("capable", 0, 0o755),
        ] {
            let place = copies.place(name);
            copy_ours(&place);
            chown(&place, Some(0), Some(group)).unwrap();
            fs::set_permissions(&place, Permissions::from_mode(mode)).unwrap();
        }
        let set = Command::new("setcap")
            .arg("cap_sys_ptrace,cap_dac_read_search=ep")
            .arg(copies.place("capable"))
            .status();
        assert!(set.expect("setcap (libcap2-bin)").success());
        copies
    }

    fn place(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs a copy as this user: its exit status, stdout, stderr.
    fn run(&self, name: &str, user: u32, args: &str, env: &[(&str, &str)]) -> Ended {
        let output = Command::new(self.place(name))
            .arg0("netstat")
            .args(args.split_whitespace())
            .env_clear()
            .envs(env.iter().copied())
            .uid(user)
            .gid(user)
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }
}

type Ended = (Option<i32>, String, String);

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(self.directory.path(), rustix::mount::UnmountFlags::DETACH);
    }
}

#[test]
#[ignore = "needs root and net-tools"]
fn other_files_and_namespaces_are_for_root() {
    in_new_world(|_| {
        let copies = Copies::new();
        let tree = Tree::committed("routes");
        // Everybody may read the plain copy of it.
        let readable = copies.place("proc");
        copy(tree.proc(), &readable, &mut |_, contents| contents);
        let elsewhere = [
            (
                "proc-root",
                format!("-rn --proc-root {}", readable.display()),
            ),
            ("netns", format!("-rn --netns {}", std::process::id())),
        ];
        // Root may compare with any file, of which there is nothing else to see here.
        let since = [("since", "-rn --since /etc/shadow".to_owned())];
        for (option, args) in elsewhere.iter().chain(&since) {
            for (name, user) in [("user", NOBODY), ("group", NOBODY), ("capable", NOBODY)] {
                let refused = format!(
                    "netstat: option '--{option}' is refused to all but root: this program has more rights than its user\n"
                );
                assert_eq!(
                    copies.run(name, user, args, &[]),
                    (Some(3), String::new(), refused),
                    "{name} {args}"
                );
            }
        }
        for (_, args) in &elsewhere {
            for name in ["plain", "user", "group", "capable"] {
                let (status, stdout, stderr) = copies.run(name, 0, args, &[]);
                assert_eq!((status, stderr.as_str()), (Some(0), ""), "{name} {args}");
                assert!(stdout.starts_with("Kernel IP routing table\n"), "{stdout}");
            }
        }
        let (status, stdout, _) = copies.run("plain", NOBODY, &elsewhere[0].1, &[]);
        assert_eq!(status, Some(0));
        assert!(stdout.lines().count() > 2, "{stdout}");
        // What the rights are for goes on working.
        for name in ["user", "capable"] {
            let holder = copies.run(name, NOBODY, "-tlnp", &[]);
            assert_eq!(holder.0, Some(0), "{name}");
            assert_eq!(holder.2, "", "{name}");
        }
    });
}

/// What decides in the environment: seen by a warning that only comes without netlink, and by where options end.
#[test]
#[ignore = "needs root and net-tools"]
fn the_environment_decides_nothing() {
    in_new_world(|world| {
        let copies = Copies::new();
        use std::os::linux::net::SocketAddrExt;
        // More rows than there are sockets even while a program is started, which takes two.
        let name = format!("a{}", "\n0:2 0 10000 1 1 6 forged".repeat(3));
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name).unwrap();
        let socket = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
        world.keep(socket);
        let never = [("NETSTAT_SOCK_DIAG", "never")];
        for name in ["user", "group", "capable"] {
            let (_, stdout, stderr) = copies.run("plain", NOBODY, "-xln", &never);
            assert!(stderr.contains("may be forged"), "{stderr}{stdout}");
            assert!(stdout.contains("forged"));
            let (_, stdout, stderr) = copies.run(name, NOBODY, "-xln", &never);
            assert_eq!(stderr, "", "{name}");
            assert!(!stdout.contains("forged"), "{name}: {stdout}");
        }
        // Under POSIX's rule, options end where the first other word stands.
        let posixly = [("POSIXLY_CORRECT", "")];
        for name in ["plain", "user", "group", "capable"] {
            let (status, ..) = copies.run(name, NOBODY, "-xln x --bad", &posixly);
            assert_eq!(status, Some(0), "{name}");
            let (status, ..) = copies.run(name, NOBODY, "-xln x --bad", &[]);
            assert_eq!(status, Some(3), "{name}");
        }
    });
}
