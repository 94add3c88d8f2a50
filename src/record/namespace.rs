//! Network namespaces.

use super::{Fields, Value, Visitor};
use crate::query::Query;

/// A network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Its names in /run/netns, sorted.
    pub names: Vec<Vec<u8>>,
    /// The number by which the kernel knows it: that in `net:[4026531840]`. Not everybody may read it.
    pub inode: Option<u64>,
    /// Where its tables are, such as `/proc/1234/net`: what it is called if nothing else is known.
    pub directory: Vec<u8>,
    /// The first process in it, by number; this one does not count, and one with only some of its threads there counts after all others.
    pub process: Option<Process>,
    /// Whether the program was started in it.
    pub is_current: bool,
}

/// A process that lives in a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name as the kernel has it, at most 15 bytes.
    pub name: Vec<u8>,
}

/// What tells a network namespace from others: its number, or what it is called where that may not be read.
pub type Identity = Result<u64, Vec<u8>>;

impl Namespace {
    /// What tells it from others.
    pub fn identity(&self) -> Identity {
        self.inode.ok_or_else(|| self.label())
    }

    /// What to call it: its names, or `net:[INODE]`, or where its tables are.
    pub fn label(&self) -> Vec<u8> {
        match self.inode {
            _ if !self.names.is_empty() => self.names.join(&b", "[..]),
            Some(inode) => format!("net:[{inode}]").into_bytes(),
            None => self.directory.clone(),
        }
    }
}

/// The fields that each record read in it gets.
impl Fields for Namespace {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("netns", Value::Text(&self.label()));
        visit(
            "netns_inode",
            self.inode.map_or(Value::Null, Value::Unsigned),
        );
        let pid = self.process.as_ref().map(|process| process.pid.into());
        visit("netns_pid", pid.map_or(Value::Null, Value::Unsigned));
    }
}

/// A record as one of the namespace that it was read in, if that is told.
pub struct Within<'a> {
    /// The record.
    pub record: &'a dyn Fields,
    /// The namespace; `None` without `--all-netns`.
    pub namespace: Option<&'a Namespace>,
}

/// Those of the record and then those of the namespace.
impl Fields for Within<'_> {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        self.record.fields(query, visit);
        if let Some(namespace) = self.namespace {
            namespace.fields(query, visit);
        }
    }
}
