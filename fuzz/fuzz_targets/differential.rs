//! Files that an input makes, read by us in this process and by the reference in a mount namespace with them over /proc: the same
//! bytes on stdout and stderr, the same exit status. Needs root and the reference. Two processes a run make it slow.

#![no_main]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;

use libfuzzer_sys::fuzz_target;
use netstat_fuzz::case::{fill, without_control_bytes};
use netstat_fuzz::checks::{query, written};
use netstat_fuzz::generator::{Generator, TABLES};
use netstat_fuzz::random::Random;
use nix::sched::{CloneFlags, unshare};
use rustix::mount::{MountPropagationFlags, mount_bind_recursive, mount_change};
use tempfile::TempDir;

fuzz_target!(|data: &[u8]| {
    let Some((&[table, strict], data)) = data.split_first_chunk::<2>() else {
        return;
    };
    let table = &TABLES[usize::from(table) % TABLES.len()];
    let mut generator = Generator::new(Random::of_input(data), strict % 2 == 0);
    let case = (table.case)(&mut generator);

    static REFERENCE: OnceLock<Mutex<Reference>> = OnceLock::new();
    let reference = REFERENCE.get_or_init(|| Mutex::new(Reference::start()));
    let reference = reference.lock().expect("a run that did not panic");
    let root = reference.root.path().to_owned();
    fill(&root, &case.entries);
    for args in &case.command_lines {
        let theirs = reference.run(args);
        let Some(status) = theirs.status.code() else {
            // It crashed.
            continue;
        };
        let ours = written(&query(args, &root));
        assert_eq!(i32::from(ours.status), status, "{args}");
        for (ours, theirs) in [(ours.stdout, theirs.stdout), (ours.stderr, theirs.stderr)] {
            let ours = name_proc(&ours, &root);
            if ours != theirs && ours != without_control_bytes(&theirs) {
                panic!(
                    "{args}\n{:?}\nreference:\n{}\nours:\n{}",
                    case.entries,
                    theirs.escape_ascii(),
                    ours.escape_ascii()
                );
            }
        }
    }
});

/// A thread with the proc root mounted over /proc, which is where the processes it starts are too.
struct Reference {
    root: TempDir,
    requests: Sender<String>,
    answers: Receiver<Output>,
}

impl Reference {
    fn start() -> Self {
        let root = tempfile::Builder::new()
            .prefix("netstat-")
            .tempdir_in("/dev/shm")
            .expect("a directory in memory");
        let (requests, received) = channel::<String>();
        let (sender, answers) = channel();
        let directory: PathBuf = root.path().into();
        thread::spawn(move || {
            unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace (needs root)");
            let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
            mount_change("/", private).expect("mounts of its own");
            mount_bind_recursive(&directory, "/proc").expect("the proc root over /proc");
            for args in received {
                let output = Command::new("/usr/bin/netstat")
                    .args(args.split_whitespace())
                    .env_clear()
                    .env("PATH", "/usr/bin:/bin")
                    .env("LC_ALL", "C")
                    .stdin(Stdio::null())
                    .output()
                    .expect("the reference");
                if sender.send(output).is_err() {
                    break;
                }
            }
        });
        Reference {
            root,
            requests,
            answers,
        }
    }

    fn run(&self, args: &str) -> Output {
        self.requests.send(args.to_owned()).expect("the thread");
        self.answers.recv().expect("the thread")
    }
}

/// Our messages name the proc root where the reference's say /proc.
fn name_proc(text: &[u8], root: &Path) -> Vec<u8> {
    let root = root.as_os_str().as_encoded_bytes();
    let mut named = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, root) {
        named.extend_from_slice(&rest[..at]);
        named.extend_from_slice(b"/proc");
        rest = &rest[at + root.len()..];
    }
    named.extend_from_slice(rest);
    named
}
