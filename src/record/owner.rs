//! Who holds a socket: the processes that do, or why none is known.

use std::rc::Rc;
use std::sync::Arc;

use super::control_group::{self, ControlGroup};
use super::moment::utc;
use super::{Fields, Value, Visitor};
use crate::query::Query;
use crate::scan::Scanner;

/// A process that holds a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Process ID, as the name of its directory.
    pub pid: Vec<u8>,
    /// The name the reference shows: the first argument of the command line, without its directories.
    pub name: Vec<u8>,
    /// The kernel's name for it (`/proc/PID/comm`), at most 15 bytes, if it was asked for and could be read.
    pub comm: Option<Vec<u8>>,
    /// The command line, if it was asked for and could be read in time.
    pub command_line: Option<CommandLine>,
    /// Security context, if it was asked for and could be read.
    pub context: Option<Vec<u8>>,
    /// Its control group, if it was asked for and could be read.
    pub group: Option<Arc<ControlGroup>>,
    /// What else was asked for.
    pub detail: Option<Box<ProgramDetail>>,
}

/// What is known of a process beyond its names; `None` stands for what could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramDetail {
    /// The program file: the link `/proc/PID/exe`, which says so if the file was removed.
    pub exe: Option<Vec<u8>>,
    /// Effective user ID: `/proc/PID/status`.
    pub uid: Option<u32>,
    /// When it was started, in seconds since 1970: `/proc/PID/stat`, and `btime` in `/proc/stat`.
    pub started: Option<u64>,
}

/// The start of a command line (`/proc/PID/cmdline`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// Each argument with the NUL that ends it, or what the process made of it.
    pub text: Vec<u8>,
    /// There is more of it.
    pub truncated: bool,
}

impl CommandLine {
    /// The arguments. Empty ones at the end are left out: most of them are what is left of the space of a command line that the process
    /// has replaced by a title.
    pub fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        let end = self.text.iter().rposition(|&byte| byte != 0);
        let line = end.and_then(|last| self.text.get(..=last));
        line.into_iter()
            .flat_map(|line| line.split(|&byte| byte == 0))
    }
}

impl Program {
    /// The process ID as a number.
    fn pid_number(&self) -> Value<'static> {
        Scanner::new(&self.pid)
            .decimal64()
            .map_or(Value::Null, Value::Unsigned)
    }

    /// The name, or the kernel's where the command line gives none. (A table shows none then, as the reference's does.)
    fn known_name(&self) -> &[u8] {
        match &self.comm {
            Some(comm) if self.name.is_empty() => comm,
            _ => &self.name,
        }
    }

    /// The process ID and the name, as a list of owners shows them.
    pub fn label(&self) -> Vec<u8> {
        let name = match self.known_name() {
            b"" => b"-",
            name => name,
        };
        [&self.pid, name].join(&b'/')
    }
}

impl Fields for Program {
    fn fields(&self, query: &Query, visit: &mut Visitor<'_>) {
        visit("pid", self.pid_number());
        visit("program", Value::Text(self.known_name()));
        let comm = self.comm.as_deref();
        visit("comm", comm.map_or(Value::Null, Value::Text));
        match &self.command_line {
            _ if !query.wants_command_lines() => {}
            Some(line) => {
                visit(
                    "cmdline",
                    Value::List(&|each| {
                        for argument in line.arguments() {
                            each(Value::Text(argument));
                        }
                    }),
                );
                if line.truncated {
                    visit("cmdline_truncated", Value::Bool(true));
                }
            }
            None => visit("cmdline", Value::Null),
        }
        if let Some(context) = &self.context {
            visit("security_context", Value::Text(context));
        }
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
    /// Several.
    Several {
        /// The first ones in the order of `/proc`.
        programs: Rc<[Rc<Program>]>,
        /// How many there are, which can be more.
        total: usize,
    },
}

/// Why no process is known to hold a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerUnknown {
    /// The socket has no inode, so no process can hold it: it waits to be accepted, is in TIME_WAIT, or was closed with data to send.
    Kernel,
    /// Some process does not let us look into it, or `/proc` hides processes.
    NoPermission,
    /// A process that held it ended while we looked. In a copy of `/proc`: some process may have.
    Gone,
    /// No process that can be seen holds it: the kernel uses it itself, it is under way from one process to another, was opened after we
    /// looked, or its process is in a PID namespace that cannot be seen from here. Or the table does not tell its inode.
    NotVisible,
}

impl Owners {
    /// The first process in the order of `/proc`.
    pub fn first(&self) -> Option<&Program> {
        self.all().next()
    }

    /// The processes, in the order of `/proc`.
    pub fn all(&self) -> impl Iterator<Item = &Program> {
        let programs = match self {
            Owners::NotSought | Owners::Unknown(_) => [].as_slice(),
            Owners::One(program) => std::slice::from_ref(program),
            Owners::Several { programs, .. } => programs,
        };
        programs.iter().map(Rc::as_ref)
    }

    /// How many hold it.
    pub fn total(&self) -> usize {
        match self {
            Owners::NotSought | Owners::Unknown(_) => 0,
            Owners::One(_) => 1,
            Owners::Several { total, .. } => *total,
        }
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
        self.fields_in(None, query, visit);
    }
}

impl Owners {
    /// The same for a socket of which the kernel tells the control group: that counts if no owner's is known.
    pub fn fields_in(&self, group: Option<&ControlGroup>, query: &Query, visit: &mut Visitor<'_>) {
        let unknown = match self {
            Owners::NotSought => return,
            Owners::Unknown(reason) => Some(reason.name()),
            Owners::One(_) | Owners::Several { .. } => None,
        };
        let first = self.first();
        visit("pid", first.map_or(Value::Null, Program::pid_number));
        let name = first.map(Program::known_name);
        visit("program_name", name.map_or(Value::Null, Value::Text));
        if query.gather.contexts {
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
        let total = u64::try_from(self.total()).unwrap_or(u64::MAX);
        visit("owners_total", Value::Unsigned(total));
        visit("owner_unknown", Value::word(unknown.unwrap_or_default()));
        if query.gather.owner_details {
            owner_details(first, visit);
        }
        if query.gather.control_groups {
            let of_owner = first.and_then(|program| program.group.as_deref());
            control_group::fields(of_owner.or(group), visit);
        }
    }
}

/// Visits what is told of the first owner alone.
fn owner_details(first: Option<&Program>, visit: &mut Visitor<'_>) {
    let line = first.and_then(|program| program.command_line.as_ref());
    let command = line.map(|line| line.arguments().collect::<Vec<_>>().join(&b' '));
    visit("command", Value::nonempty(&command.unwrap_or_default()));
    let detail = first.and_then(|program| program.detail.as_deref());
    let exe = detail.and_then(|detail| detail.exe.as_deref());
    visit("exe", exe.map_or(Value::Null, Value::Text));
    let uid = detail.and_then(|detail| detail.uid);
    visit("owner_user", uid.map_or(Value::Null, Value::User));
    let number = uid.map(|uid| Value::Unsigned(uid.into()));
    visit("owner_uid", number.unwrap_or(Value::Null));
    let started = detail.and_then(|detail| detail.started).map(utc);
    visit("started", Value::word(&started.unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_waits_is_small() {
        assert!(size_of::<Owners>() <= 32);
        assert!(size_of::<crate::record::inet::InetSocket>() <= 200);
    }
}
