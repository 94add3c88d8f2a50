//! The program run within this process.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::rc::Rc;

use netstat::cli::{self, Command};
use netstat::format::messages::Messages;
use netstat::format::output::Output;
use netstat::program;
use netstat::query::Query;
use tempfile::TempDir;

/// What a run wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: u8,
}

/// A proc root that is written anew for each run, and the queries about it.
pub(super) struct Bench {
    pub(super) directory: TempDir,
    pub(super) queries: Vec<Query>,
}

impl Bench {
    pub(super) fn new(command_lines: &[&str]) -> Self {
        // In memory where possible.
        let parent = [Path::new("/dev/shm"), &std::env::temp_dir()]
            .into_iter()
            .find_map(|parent| {
                tempfile::Builder::new()
                    .prefix("netstat-")
                    .tempdir_in(parent)
                    .ok()
            });
        let directory = parent.expect("a temporary directory");
        let queries = command_lines
            .iter()
            .map(|line| query(line, directory.path()))
            .collect();
        Bench { directory, queries }
    }

    pub(super) fn file(&self, name: &str, contents: Option<&[u8]>) {
        let path = self.directory.path().join(name);
        match contents {
            Some(contents) => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, contents).unwrap();
            }
            None => {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Makes a link where there is none yet.
    pub(super) fn link(&self, name: &str, target: impl AsRef<OsStr>) {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if path.symlink_metadata().is_err() {
            symlink(target.as_ref(), path).unwrap();
        }
    }
}

/// What a command line means, with another directory for /proc.
pub fn query(args: &str, proc_root: &Path) -> Query {
    let mut argv = vec![OsString::from("netstat"), OsString::from("--proc-root")];
    argv.push(proc_root.into());
    argv.extend(args.split_whitespace().map(OsString::from));
    match cli::parse(&argv, false, || true).command {
        Command::Run(parsed) => Query::new(&parsed),
        other => panic!("{args}: {other:?}"),
    }
}

/// Answers a query in this process.
pub fn written(query: &Query) -> Written {
    let mut stdout = Vec::new();
    let stderr = Rc::new(RefCell::new(Vec::new()));
    let messages = Messages::kept_in(Rc::clone(&stderr));
    let status = program::answer(query, Output::new(&mut stdout, false), messages, 100);
    Written {
        stdout,
        stderr: stderr.take(),
        status,
    }
}
