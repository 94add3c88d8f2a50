//! A stdout that does not block.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::pipe2;

use crate::support::tree::Tree;

const ROWS: usize = 20_000;

fn many_rows() -> Tree {
    let row = "0: 0100007F:0016 0200000A:0050 01 0:0 0:0 0 0 0 0\n";
    Tree::new("many").file("net/tcp", format!("header\n{}", row.repeat(ROWS)))
}

fn netstat(tree: &Tree, args: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_netstat"));
    command.arg("--proc-root").arg(tree.proc());
    command.args(args.split_whitespace()).stdin(Stdio::null());
    command
}

/// Reads slowly at first, so that there is no room for a while, and in pieces of odd sizes.
fn read_slowly(reader: OwnedFd) -> Vec<u8> {
    let mut reader = File::from(reader);
    let mut all = Vec::new();
    let mut piece = [0; 10_007];
    loop {
        if all.len() < 200_000 {
            thread::sleep(Duration::from_millis(10));
        }
        match reader.read(&mut piece).unwrap() {
            0 => return all,
            count => all.extend_from_slice(&piece[..count]),
        }
    }
}

/// A pipe and a socket whose writers' ends do not block.
fn ends() -> [(&'static str, OwnedFd, OwnedFd); 2] {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    let flags = nix::fcntl::FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
    nix::fcntl::fcntl(writer.as_fd(), flags).unwrap();
    let (one, other) = UnixStream::pair().unwrap();
    other.set_nonblocking(true).unwrap();
    [
        ("pipe", reader, writer),
        ("socket", one.into(), other.into()),
    ]
}

#[test]
fn all_rows_reach_a_stdout_that_does_not_block() {
    let tree = many_rows();
    for args in ["-tn", "-tn --json"] {
        let expected = netstat(&tree, args).output().unwrap().stdout;
        assert!(expected.len() > 80 * ROWS);
        for (kind, reader, writer) in ends() {
            let mut child = netstat(&tree, args)
                .stdout(writer)
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let written = read_slowly(reader);
            assert_eq!(written.len(), expected.len(), "{args}: {kind}");
            assert!(written == expected, "{args}: {kind}");
            let mut messages = String::new();
            let mut stderr = child.stderr.take().unwrap();
            stderr.read_to_string(&mut messages).unwrap();
            assert_eq!(messages, "", "{args}: {kind}");
            assert_eq!(child.wait().unwrap().code(), Some(0), "{args}: {kind}");
        }
    }
}

/// Messages get there too, each in its place, where stderr is the same file.
#[test]
fn all_messages_reach_a_stderr_that_does_not_block() {
    let tree = Tree::new("bogus").file("net/tcp", "header\n".to_owned() + &"x\n".repeat(ROWS));
    for (kind, reader, writer) in ends() {
        let mut child = netstat(&tree, "-tn")
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        let written = String::from_utf8(read_slowly(reader)).unwrap();
        let said = written.matches("warning, got bogus tcp line.\n").count();
        assert_eq!(said, ROWS, "{kind}");
        assert_eq!(child.wait().unwrap().code(), Some(0), "{kind}");
    }
}

/// Nobody will ever read the rest.
#[test]
fn a_reader_that_leaves_ends_the_wait() {
    let tree = many_rows();
    for (kind, reader, writer) in ends() {
        let mut child = netstat(&tree, "-tn").stdout(writer).spawn().unwrap();
        thread::sleep(Duration::from_millis(100));
        drop(reader);
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(libc::SIGPIPE), "{kind}: {status}");
    }
}
