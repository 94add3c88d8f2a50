//! The processes that hold a socket.

use std::rc::Rc;

use super::{Fields, Value, Visitor};
use crate::query::Query;
use crate::scan::Scanner;

/// A process that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Process ID, as the name of its directory.
    pub pid: Vec<u8>,
    /// The name the reference shows: the first argument of the command line, without its directories.
    pub name: Vec<u8>,
    /// Security context, if it was asked for and could be read.
    pub context: Option<Vec<u8>>,
    /// The whole command line, if it was asked for: each argument with the NUL that ends it, or what the process made of it.
    pub command_line: Option<Vec<u8>>,
}

impl Program {
    /// The arguments of the command line. Empty ones at its end are left out: most of them are what is left of the space of a command
    /// line that the process has replaced by a title.
    pub fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        let line = self.command_line.as_deref().unwrap_or_default();
        let end = line.iter().rposition(|&byte| byte != 0);
        let line = end.and_then(|last| line.get(..=last));
        line.into_iter()
            .flat_map(|line| line.split(|&byte| byte == 0))
    }
}

/// The processes that hold a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Owners {
    /// Programs are not asked for.
    #[default]
    NotSought,
    /// None is known.
    Unknown(OwnerUnknown),
    /// The only one, or the first one where no more are asked for.
    One(Rc<Program>),
    /// Several, in the order of `/proc`.
    Several(Rc<[Rc<Program>]>),
}

/// Why no process is known to hold a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerUnknown {
    /// The socket has no inode, so no process can hold it: it waits to be accepted, is in TIME_WAIT, or was closed with data to send.
    Kernel,
    /// Some process may not be looked into.
    NoPermission,
    /// Some process ended while we looked.
    Gone,
    /// No process that can be seen holds it: the kernel uses it itself, it is under way from one process to another, was opened after we
    /// looked, or its process is in a PID namespace that cannot be seen from here.
    NotVisible,
}

impl Owners {
    /// The first process in the order of `/proc`.
    pub fn first(&self) -> Option<&Program> {
        self.all().next()
    }

    /// All that are known.
    pub fn all(&self) -> impl Iterator<Item = &Program> {
        let (one, several) = match self {
            Owners::NotSought | Owners::Unknown(_) => (None, [].as_slice()),
            Owners::One(program) => (Some(program), [].as_slice()),
            Owners::Several(programs) => (None, &**programs),
        };
        one.into_iter().chain(several).map(Rc::as_ref)
    }
}

impl Fields for Program {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        visit("pid", self.pid_number());
        visit("program", Value::Text(&self.name));
        visit(
            "cmdline",
            Value::List(&|each| {
                for argument in self.arguments() {
                    each(Value::Text(argument));
                }
            }),
        );
        if let Some(context) = &self.context {
            visit("security_context", Value::Text(context));
        }
    }
}

impl Program {
    /// The process ID as a number.
    fn pid_number(&self) -> Value<'static> {
        Scanner::new(&self.pid)
            .decimal64()
            .map_or(Value::Null, Value::Unsigned)
    }
}

impl OwnerUnknown {
    /// The reason in words.
    pub fn name(self) -> &'static str {
        match self {
            OwnerUnknown::Kernel => "kernel",
            OwnerUnknown::NoPermission => "no permission",
            OwnerUnknown::Gone => "gone",
            OwnerUnknown::NotVisible => "not visible",
        }
    }
}

/// The fields are those of the socket that is held; none if programs are not asked for.
impl Fields for Owners {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        let unknown = match self {
            Owners::NotSought => return,
            Owners::Unknown(reason) => Some(reason.name()),
            Owners::One(_) | Owners::Several(_) => None,
        };
        let first = self.first();
        visit("pid", first.map_or(Value::Null, Program::pid_number));
        let name = first.map(|program| program.name.as_slice());
        visit("program_name", name.map_or(Value::Null, Value::Text));
        if query.context {
            let context = first.and_then(|program| program.context.as_deref());
            visit("security_context", context.map_or(Value::Null, Value::Text));
        }
        visit(
            "owners",
            Value::List(&|each| {
                for program in self.all() {
                    each(Value::Object(program));
                }
            }),
        );
        visit("owner_unknown", Value::word(unknown.unwrap_or_default()));
    }
}
