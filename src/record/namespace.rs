//! Network namespaces.

use super::{Fields, Value, Visitor};
use crate::query::Query;

/// A network namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespace {
    /// Its names in /run/netns, sorted.
    pub names: Vec<Vec<u8>>,
    /// The number by which the kernel knows it: that in `net:[4026531840]`.
    pub inode: u64,
    /// The first process in it, by number; this one does not count.
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

impl Namespace {
    /// What to call it: its names, or `net:[INODE]`.
    pub fn label(&self) -> Vec<u8> {
        if self.names.is_empty() {
            format!("net:[{}]", self.inode).into_bytes()
        } else {
            self.names.join(&b", "[..])
        }
    }
}

/// The fields that each record read in it gets.
impl Fields for Namespace {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("netns", Value::Text(&self.label()));
        visit("netns_inode", Value::Unsigned(self.inode));
        let pid = self.process.as_ref().map(|process| process.pid.into());
        visit("netns_pid", pid.map_or(Value::Null, Value::Unsigned));
    }
}
