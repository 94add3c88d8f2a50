//! A /proc to read: committed under `fixtures/`, or written for one test.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::byte_order::as_written_here;

/// A directory that stands for /proc.
pub struct Tree {
    name: String,
    proc: PathBuf,
    /// Removed with the tree, if it was written for this test.
    temporary: Option<TempDir>,
}

impl Tree {
    /// `fixtures/NAME/proc`, in this machine's byte order.
    pub fn committed(name: &str) -> Self {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(name);
        let proc = fixture.join("proc");
        assert!(proc.is_dir(), "no fixture {}", proc.display());
        if cfg!(target_endian = "big") {
            let tree = Tree::new(name);
            copy(&fixture, tree.proc.parent().unwrap(), &mut as_written_here);
            return tree;
        }
        Self {
            name: name.to_owned(),
            proc,
            temporary: None,
        }
    }

    /// An empty one, to be filled: for what is clumsy to commit (permissions, long lines, odd bytes). Everybody may read it.
    pub fn new(name: &str) -> Self {
        let temporary = tempfile::Builder::new()
            .prefix("netstat-")
            .tempdir()
            .unwrap();
        let proc = temporary.path().join("proc");
        fs::create_dir(&proc).unwrap();
        for directory in [temporary.path(), &proc] {
            fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
        }
        Self {
            name: name.to_owned(),
            proc,
            temporary: Some(temporary),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The directory to read as /proc.
    pub fn proc(&self) -> &Path {
        &self.proc
    }

    /// Writes a file of a little-endian machine, `net/tcp` say, in this machine's byte order, and the directories above it.
    pub fn file(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        let contents = as_written_here(Path::new(path), contents.as_ref().to_vec());
        self.exact_file(path, contents)
    }

    /// The same in the byte order that it is in.
    pub fn exact_file(self, path: &str, contents: impl AsRef<[u8]>) -> Self {
        fs::write(self.place(path), contents).unwrap();
        self
    }

    pub fn directory(self, path: &str) -> Self {
        fs::create_dir_all(self.place(path)).unwrap();
        self
    }

    /// Makes a symbolic link: `link("100/fd/3", "socket:[1001]")`.
    pub fn link(self, path: &str, target: &str) -> Self {
        symlink(target, self.place(path)).unwrap();
        self
    }

    /// Sets the permission bits of a file or directory that is there.
    pub fn mode(self, path: &str, mode: u32) -> Self {
        fs::set_permissions(self.place(path), Permissions::from_mode(mode)).unwrap();
        self
    }

    fn place(&self, path: &str) -> PathBuf {
        assert!(
            self.temporary.is_some(),
            "a committed fixture is not written to"
        );
        let place = self.proc.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }
}

/// Copies a directory, each of its files changed by `change`.
pub fn copy(from: &Path, to: &Path, change: &mut impl FnMut(&Path, Vec<u8>) -> Vec<u8>) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&path, &to, change);
        } else if kind.is_symlink() {
            symlink(fs::read_link(&path).unwrap(), to).unwrap();
        } else {
            let contents = fs::read(&path).unwrap();
            fs::write(to, change(&path, contents)).unwrap();
        }
    }
}

/// `/proc/net/dev` with these lines under its headings.
pub fn proc_net_dev(lines: &str) -> String {
    format!(
        "Inter-|   Receive                                                |  Transmit\n \
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n\
         {lines}"
    )
}
