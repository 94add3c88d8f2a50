//! The search for network namespaces.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;

use super::mounts::mounted;
use super::way::{self, Tables, Way};
use super::{All, Found};
use crate::error::{Error, Warning};
use crate::netns::{self, NAMED, OWN};
use crate::proc_root::{self, ProcRoot, Task};
use crate::record::namespace::{Namespace, Process};
use crate::scan::parsed;
use crate::sys::open::Purpose;
use crate::sys::{directory, namespace, status};

/// Directories are listed in pieces of so many bytes.
const BUFFER: usize = 32 * 1024;

/// Processes that came meanwhile are looked for so often.
const MOST_ROUNDS: u32 = 8;

/// What is known so far.
pub struct Search<'a> {
    root: &'a ProcRoot,
    /// The root is a procfs, in which processes come and go, rather than a copy.
    procfs: bool,
    /// The number of this process below the root; `None` if it is not to be seen there.
    own: Option<u32>,
    /// The inode of the namespace in which the program was started.
    home: Option<u64>,
    by_inode: HashMap<u64, Found>,
    /// What a copy has under `net`, unless it is known to be the network of some process.
    under_net: Option<Found>,
    /// The tasks of which only the tables may be looked at.
    by_tables: BTreeMap<Tables, Vec<Task>>,
    /// The mount namespaces that were looked at, beginning with our own.
    mounts: HashSet<u64>,
    warnings: Vec<Warning>,
    /// Some process did not let us look.
    denied: bool,
    /// Some process ended before we looked.
    vanished: bool,
    /// How many processes of a copy do not tell where they live.
    untold: usize,
    /// The inodes of the namespaces of those that tell, but whose tables the copy has not.
    without_tables: Vec<u64>,
    exhausted: Option<io::Error>,
}

impl<'a> Search<'a> {
    /// Nothing is known yet.
    pub fn new(root: &'a ProcRoot) -> Self {
        let directory = root.open_directory(c"", Purpose::Search).ok();
        let procfs = directory.filter(|directory| proc_root::is_procfs(directory));
        Search {
            root,
            procfs: procfs.is_some(),
            own: procfs.and_then(own_number),
            home: None,
            by_inode: HashMap::new(),
            under_net: None,
            by_tables: BTreeMap::new(),
            mounts: HashSet::new(),
            warnings: Vec::new(),
            denied: false,
            vanished: false,
            untold: 0,
            without_tables: Vec::new(),
            exhausted: None,
        }
    }

    /// Adds the namespace that the root shows without being asked for another.
    ///
    /// # Errors
    /// [`Error::Namespace`]: the system has no network namespaces.
    pub fn home(&mut self) -> Result<(), Error> {
        let home = netns::home();
        self.home = home.as_ref().ok().and_then(|file| netns::inode(file).ok());
        if self.root.is_system() {
            let refused = |source| Error::Namespace {
                name: OWN.to_owned(),
                source,
            };
            let home = home.map_err(refused)?;
            let inode = netns::inode(&home).map_err(refused)?;
            // We may be elsewhere, from the last report.
            let tables = netns::go(&home).and_then(|()| way::tables_of(self.root, None));
            let found = self.at(inode);
            found.tables = tables.ok();
            found.add_way(|| Way::Home);
            return Ok(());
        }
        if let (Some(own), Some(home)) = (self.own, self.home) {
            let tables = way::tables_of(self.root, Some(own.into()));
            let found = self.at(home);
            found.tables = tables.ok();
            found.add_way(|| Way::Task(own.into()));
        }
        // What is read below a procfs is the network of its first process, which will be found.
        if !(self.procfs && self.root.net_of().is_some()) {
            let tables = way::tables_of(self.root, None).ok();
            self.under_net = tables.map(|tables| Found {
                namespace: Namespace {
                    directory: self.root.path("net").into_os_string().into_vec(),
                    ..Namespace::default()
                },
                tables: Some(tables),
                ways: vec![Way::Home],
                resident: None,
            });
        }
        Ok(())
    }

    /// Adds those that have names.
    pub fn names(&mut self) {
        let entries = match fs::read_dir(NAMED) {
            Ok(entries) => entries,
            Err(error) => return self.note(&error),
        };
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let name = name.into_vec();
            let way = Way::Name(name.clone());
            let inode = way.open().and_then(|file| {
                netns::check(&file)?;
                netns::inode(&file)
            });
            match inode {
                Ok(inode) => {
                    let found = self.at(inode);
                    found.namespace.names.push(name);
                    found.add_way(|| way);
                }
                Err(source) => {
                    self.note(&source);
                    self.warnings.push(Warning::NamespaceLeftOut {
                        name: way.path().display().to_string(),
                        source,
                    });
                }
            }
        }
    }

    /// Adds those in which processes and threads live, and those that these keep open or mounted.
    pub fn processes(&mut self) {
        // Whatever is mounted where we are is found there first.
        if let Some(own) = self.own {
            self.task(own.into());
        }
        let mut seen = HashSet::new();
        for round in 0..MOST_ROUNDS {
            let mut pids = match processes(self.root) {
                Ok(pids) => pids,
                Err(error) => return self.note(&error),
            };
            // Every procfs has a process 1, unless it is hidden.
            self.denied |= round == 0 && self.procfs && pids.first() != Some(&1);
            pids.retain(|&pid| seen.insert(pid));
            self.vanished = false;
            for pid in pids {
                self.task(pid.into());
                if self.procfs {
                    self.threads(pid);
                }
            }
            // Who ended before we looked may have left somebody who came after we had listed all.
            if !self.vanished {
                return;
            }
        }
    }

    /// Adds those that the kernel lists.
    pub fn listed(&mut self) {
        let mut ids = [0; 512];
        let mut after = 0;
        // Before Linux 6.19 there is no list; and not everybody may see all of it.
        while let Ok(count @ 1..) = namespace::list_network_namespaces(after, &mut ids) {
            let ids = ids.get(..count).unwrap_or_default();
            for &id in ids {
                let inode = Way::Listed(id).open().and_then(|file| netns::inode(&file));
                match inode {
                    Ok(inode) if !self.by_inode.contains_key(&inode) => {
                        self.at(inode).add_way(|| Way::Listed(id));
                    }
                    Ok(_) => {}
                    Err(error) => self.note(&error),
                }
            }
            match ids.last() {
                Some(&last) if last > after => after = last,
                _ => return,
            }
        }
    }

    /// The namespace with an inode, known or new.
    fn at(&mut self, inode: u64) -> &mut Found {
        self.by_inode.entry(inode).or_insert_with(|| Found {
            namespace: Namespace {
                inode: Some(inode),
                ..Namespace::default()
            },
            ..Found::default()
        })
    }

    /// Notes whether a failure is our own want.
    fn note(&mut self, error: &io::Error) {
        if way::is_exhausted(error) {
            let code = error.raw_os_error().unwrap_or(libc::EMFILE);
            self.exhausted
                .get_or_insert_with(|| io::Error::from_raw_os_error(code));
        }
    }

    /// Looks where a task lives, and what it sees mounted.
    fn task(&mut self, task: Task) {
        let links = CString::new(format!("{task}/ns"))
            .map_err(io::Error::from)
            .and_then(|path| self.root.open_directory(&path, Purpose::Search));
        let inode = links
            .as_ref()
            .map_err(copy)
            .and_then(|links| way::linked(links, c"net", b"net"));
        if let (Ok(links), true) = (&links, self.root.is_system())
            && let Ok(mounts) = way::linked(links, c"mnt", b"mnt")
        {
            self.mounts(task, mounts);
        }
        // This process need not be where it was started.
        if Some(task.process) == self.own {
            return;
        }
        match inode {
            Ok(inode) if self.procfs || self.copy_has_tables(task, inode) => {
                self.at(inode).add_resident(task);
            }
            Ok(inode) => self.without_tables.push(inode),
            Err(error) if self.procfs && way::is_gone(&error) => self.vanished = true,
            Err(error) => {
                self.note(&error);
                match way::tables_of(self.root, Some(task)) {
                    Ok(tables) => {
                        let tasks = self.by_tables.entry(tables).or_default();
                        if tasks.len() < super::MOST_WAYS {
                            tasks.push(task);
                        }
                    }
                    // Only a refusal that lasts is one: of a process that has ended nothing may be looked at either.
                    Err(error) if way::is_refused(&error) && way::exists(self.root, task) => {
                        self.denied = true;
                    }
                    Err(error) => {
                        self.note(&error);
                        self.untold += usize::from(!self.procfs);
                    }
                }
            }
        }
    }

    /// Whether a copy has the tables of a task, whose namespace has this inode, and not only the link that says so. If they are those under
    /// `net`, it is known now what these are.
    fn copy_has_tables(&mut self, task: Task, inode: u64) -> bool {
        let Ok(tables) = way::tables_of(self.root, Some(task)) else {
            return false;
        };
        if let Some(found) = self.under_net.take_if(|found| found.tables == Some(tables)) {
            self.at(inode).ways.splice(..0, found.ways);
        }
        true
    }

    /// Looks at the threads of a process if it has several, and at the descriptors of all.
    fn threads(&mut self, pid: u32) {
        let opened = self.list(&format!("{pid}/fd"), |search, name, link| {
            search.descriptor(Task::from(pid), name, link);
        });
        let few = |threads| status::of(threads).is_ok_and(|status| status.st_nlink == 3);
        let path = format!("{pid}/task");
        let Ok(path) = CString::new(path) else { return };
        let threads = match self.root.open_directory(&path, Purpose::List) {
            Ok(threads) => threads,
            Err(error) => return self.note(&error),
        };
        // Two links as every directory, and one for each thread.
        if few(&threads) {
            return;
        }
        let mut tids = Vec::new();
        if let Err(error) = numbers(&threads, &mut tids) {
            self.note(&error);
        }
        drop(threads);
        for tid in tids {
            if tid == pid {
                continue;
            }
            let task = Task {
                process: pid,
                thread: Some(tid),
            };
            self.task(task);
            let looks = opened
                .as_ref()
                .map_or_else(|error| !way::is_refused(error), |()| true);
            if looks
                && self.root.is_system()
                && namespace::share_descriptors(pid, tid) != Some(true)
            {
                let _ = self.list(&format!("{task}/fd"), |search, name, link| {
                    search.descriptor(task, name, link);
                });
            }
        }
    }

    /// Visits the links in a directory of descriptors, if that leads anywhere.
    fn list(
        &mut self,
        path: &str,
        mut visit: impl FnMut(&mut Self, &CStr, &[u8]),
    ) -> io::Result<()> {
        if !self.root.is_system() {
            return Ok(());
        }
        let descriptors = self
            .root
            .open_directory(&CString::new(path)?, Purpose::List)
            .inspect_err(|error| self.note(error))?;
        let mut buffer = vec![0; BUFFER];
        directory::for_each_name(descriptors.as_fd(), &mut buffer, |name| {
            let mut link = [0; 32];
            if let Ok(link) = directory::read_link_at(descriptors.as_fd(), name, &mut link) {
                visit(self, name, link);
            }
            ControlFlow::Continue(())
        })
    }

    /// Adds the namespace that a descriptor stands for, if it stands for one.
    fn descriptor(&mut self, task: Task, name: &CStr, link: &[u8]) {
        if let Some(inode) = way::inode_in(link, b"net")
            && let Some(number) = parsed(name.to_bytes())
        {
            self.at(inode).add_way(|| Way::Descriptor(task, number));
        }
    }

    /// Adds the namespaces that are mounted where a task sees them, unless another one sees the same.
    fn mounts(&mut self, task: Task, mounts: u64) {
        let is_own = Some(task.process) == self.own;
        if !self.mounts.insert(mounts) {
            return;
        }
        let table = match self.root.read(&format!("{task}/mountinfo")) {
            Ok(table) => table,
            Err(error) => return self.note(&error),
        };
        for line in table.split(|&byte| byte == b'\n') {
            let Some((inode, mut path)) = mounted(line) else {
                continue;
            };
            let way = if is_own {
                CString::new(path).map(Way::Path)
            } else {
                path.remove(0);
                CString::new(path).map(|path| Way::Mount(task, path))
            };
            if let Ok(way) = way {
                self.at(inode).add_way(|| way);
            }
        }
    }

    /// What was found, put together and in order.
    pub fn finish(mut self) -> All {
        let elsewhere = |inode: &&u64| !self.by_inode.contains_key(*inode);
        self.untold += self.without_tables.iter().filter(elsewhere).count();
        let mut found: Vec<Found> = std::mem::take(&mut self.by_inode).into_values().collect();
        found.extend(self.under_net.take());
        let nameless = self.settle(&mut found);
        for found in &mut found {
            let namespace = &mut found.namespace;
            namespace.process = found.resident.map(|task| process(self.root, task));
            namespace.is_current =
                self.procfs && self.home.is_some() && namespace.inode == self.home;
        }
        found.sort_by(|one, other| key(one).cmp(&key(other)));
        if self.denied {
            self.warnings.push(Warning::HiddenNamespaces);
        }
        if self.untold > 0 {
            self.warnings.push(Warning::Text(format!(
                "netstat: processes below {} whose network is not known: {}",
                self.root.directory().display(),
                self.untold
            )));
        }
        let exhausted = self.exhausted.is_some();
        self.warnings
            .extend(self.exhausted.map(Warning::NamespacesNotSought));
        All {
            found,
            warnings: self.warnings,
            nameless,
            exhausted,
        }
    }

    /// Finds out where those live of whom only the tables are known, and how many namespaces are known by nothing else.
    fn settle(&mut self, found: &mut Vec<Found>) -> usize {
        if self.by_tables.is_empty() {
            return 0;
        }
        let mut known = HashMap::new();
        for (place, found) in found.iter_mut().enumerate() {
            if found.tables.is_none() {
                let mut tasks = found.ways.iter().filter_map(Way::resident);
                found.tables = tasks.find_map(|task| way::tables_of(self.root, Some(task)).ok());
            }
            known.extend(found.tables.map(|tables| (tables, place)));
        }
        let before = found.len();
        for (tables, tasks) in std::mem::take(&mut self.by_tables) {
            let known = known.get(&tables).and_then(|&place| found.get_mut(place));
            if let Some(found) = known {
                tasks.iter().for_each(|&task| found.add_resident(task));
                continue;
            }
            // In a copy every process has tables of its own.
            if !self.procfs {
                self.untold += tasks.len();
                continue;
            }
            let mut new = Found {
                tables: Some(tables),
                ..Found::default()
            };
            tasks.iter().for_each(|&task| new.add_resident(task));
            if let Some(task) = new.resident {
                let directory = self.root.with_net_of(task).path("net");
                new.namespace.directory = directory.into_os_string().into_vec();
            }
            found.push(new);
        }
        found.len() - before
    }
}

/// What the order of namespaces goes by.
fn key(found: &Found) -> impl Ord + '_ {
    let namespace = &found.namespace;
    let process = namespace.process.as_ref();
    (
        !found.ways.iter().any(|way| matches!(way, Way::Home)),
        namespace.names.is_empty(),
        &namespace.names,
        process.map_or(u32::MAX, |process| process.pid),
        namespace.inode,
    )
}

/// The number of this process below a procfs; `None` if it cannot be seen there.
fn own_number(procfs: OwnedFd) -> Option<u32> {
    let mut text = [0; 16];
    parsed(directory::read_link_at(procfs.as_fd(), c"self", &mut text).ok()?)
}

/// The numbers of all processes below a root, in order.
///
/// # Errors
/// The directory cannot be listed.
pub fn processes(root: &ProcRoot) -> io::Result<Vec<u32>> {
    let directory = root.open_directory(c"", Purpose::List)?;
    let mut pids = Vec::new();
    numbers(&directory, &mut pids)?;
    pids.sort_unstable();
    Ok(pids)
}

/// The entries of a directory whose names are numbers.
fn numbers(directory: impl AsFd, numbers: &mut Vec<u32>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    directory::for_each_name(directory.as_fd(), &mut buffer, |name| {
        let name = name.to_bytes();
        if name.iter().all(u8::is_ascii_digit) {
            numbers.extend(parsed::<u32>(name));
        }
        ControlFlow::Continue(())
    })
}

/// What is shown of the process that a task belongs to.
fn process(root: &ProcRoot, task: Task) -> Process {
    let pid = task.process;
    let mut name = root.read(&format!("{pid}/comm")).unwrap_or_default();
    if name.last() == Some(&b'\n') {
        name.pop();
    }
    // There may be many, and room for any file was made.
    name.shrink_to_fit();
    Process { pid, name }
}

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}
