//! Which network namespaces there are: those with a name in /run/netns, and those of processes.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Warning};
use crate::netns::{self, NAMED, OWN, check, identity, open};
use crate::record::namespace::{Namespace, Process};

/// A namespace that was found, and the way there.
#[derive(Debug)]
pub struct Found {
    /// What is known of it.
    pub namespace: Namespace,
    file: File,
}

impl Found {
    /// Takes the main thread there.
    ///
    /// # Errors
    /// What `setns(2)` said.
    pub fn enter(&self) -> io::Result<()> {
        netns::go(&self.file)
    }
}

/// Finds every namespace that has a name in /run/netns or a process in /proc, each once: first the one in which the program was
/// started, then those with names by name, then the others by the number of their first process. They cannot vanish any more.
/// The second value is what there is to complain about.
///
/// # Errors
/// [`Error::Namespace`]: the kernel has no network namespaces, or no /proc.
pub fn all() -> Result<(Vec<Found>, Vec<Warning>), Error> {
    allow_many_files();
    let mut search = Search::default();
    netns::home()
        .and_then(|own| search.add(own))
        .map_err(|source| Error::Namespace {
            name: OWN.to_owned(),
            source,
        })?;
    search.names();
    search.processes();
    let Search {
        mut found,
        mut warnings,
        denied,
        ..
    } = search;
    if denied {
        warnings.push(Warning::HiddenNamespaces);
    }
    if let Some(current) = found.first_mut() {
        current.namespace.is_current = true;
    }
    Ok((found, warnings))
}

/// Lifts the limit of open files as far as we may: there is one for each namespace.
fn allow_many_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    places: HashMap<(u64, u64), usize>,
    warnings: Vec<Warning>,
    /// Some process did not let us look.
    denied: bool,
}

impl Search {
    /// Adds a namespace unless it is known.
    fn add(&mut self, file: File) -> io::Result<&mut Namespace> {
        let identity = identity(&file)?;
        let place = *self.places.entry(identity).or_insert(self.found.len());
        if place == self.found.len() {
            self.found.push(Found {
                namespace: Namespace {
                    inode: identity.1,
                    ..Namespace::default()
                },
                file,
            });
        }
        self.found
            .get_mut(place)
            .map(|found| &mut found.namespace)
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Adds those that have names.
    fn names(&mut self) {
        let entries = fs::read_dir(NAMED).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let path = Path::new(NAMED).join(&name);
            let file = open(&path).and_then(|file| check(&file).map(|()| file));
            match file.and_then(|file| self.add(file)) {
                Ok(namespace) => namespace.names.push(name.into_vec()),
                Err(source) => self.leave_out(&path, source),
            }
        }
    }

    /// Adds those that have processes.
    fn processes(&mut self) {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut pids: Vec<u32> = entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            // This process need not be where it was started.
            .filter(|&pid| pid != std::process::id())
            .collect();
        pids.sort_unstable();
        for pid in pids {
            let directory = PathBuf::from(format!("/proc/{pid}"));
            let path = directory.join("ns/net");
            // Far fewer namespaces than processes: opened are only those that are new.
            let status = match fs::metadata(&path) {
                Ok(status) => status,
                Err(error) => {
                    // The others are processes that have ended.
                    self.denied |= error.kind() == io::ErrorKind::PermissionDenied;
                    continue;
                }
            };
            let known = self.places.get(&(status.dev(), status.ino()));
            let namespace = match known.and_then(|&place| self.found.get_mut(place)) {
                Some(found) => &mut found.namespace,
                None => match open(&path).and_then(|file| self.add(file)) {
                    Ok(namespace) => namespace,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(source) => {
                        self.leave_out(&path, source);
                        continue;
                    }
                },
            };
            if namespace.process.is_none() {
                let mut name = fs::read(directory.join("comm")).unwrap_or_default();
                if name.last() == Some(&b'\n') {
                    name.pop();
                }
                namespace.process = Some(Process { pid, name });
            }
        }
    }

    fn leave_out(&mut self, path: &Path, source: io::Error) {
        self.warnings.push(Warning::NamespaceLeftOut {
            name: path.display().to_string(),
            source,
        });
    }
}
