//! What the holders of sockets are called.
//!
//! Reading a command line waits as long as somebody else holds the process's memory lock, which can be for ever (an `mmap(2)` of a file on
//! FUSE, whose server does not answer), and nothing but the end of this program ends that wait. So it is not for the main thread, which
//! leaves it to others (the first one is started then) and looks at the clock when it has nothing else to do: while command lines keep
//! all other threads waiting, one more goes on, and when all waiting together has taken too long, the processes in question get the kernel's
//! names for them (`/proc/PID/comm`, which takes no such lock).

use std::collections::BTreeSet;
use std::ffi::CString;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::program::Holding;
use super::{Search, Work};
use crate::record::owner::CommandLine;

/// So many processes may wait for their names, each with a descriptor of ours.
const MOST_UNNAMED: usize = 32;

/// The main thread looks so often whether a command line is waited for…
const LOOK: Duration = Duration::from_millis(50);

/// … and so often once one was.
const CLOSE_LOOK: Duration = Duration::from_millis(10);

/// A command line that is still waited for after so many looks keeps its thread from work.
const PATIENCE: u32 = 2;

/// All waiting together may take so long.
const MOST_WAITING: Duration = Duration::from_millis(700);

/// The processes whose command lines threads wait for that nobody waits for. With `-c` they are not asked again.
static HANGING: Mutex<BTreeSet<CString>> = Mutex::new(BTreeSet::new());

/// A process whose command line is being read.
pub(super) struct Naming {
    holding: Arc<Holding>,
    /// The main thread has seen it so often.
    looks: u32,
}

impl Work {
    fn without_name(&self) -> usize {
        self.unnamed.len() + self.naming.len()
    }

    /// Nobody waits for command lines any more: the kernel's names must do.
    fn is_late(&self) -> bool {
        self.waited >= MOST_WAITING
    }
}

impl Search {
    /// Leaves it to other threads to find out what the holder of sockets is called.
    pub(super) fn leave_to_others(self: &Arc<Self>, holding: Holding) {
        let mut work = self.lock();
        work.unnamed.push(holding);
        if work.threads == 0 {
            self.start_thread(&mut work);
        } else if work.waiting > 0 {
            self.changed.notify_one();
        }
        drop(work);
        self.await_names(MOST_UNNAMED);
    }

    /// Waits, as the main thread, until all threads have ended that are worth waiting for.
    pub(super) fn await_others(self: &Arc<Self>) {
        let mut work = self.lock();
        while work.threads > 0 || !work.unnamed.is_empty() {
            work = self.wait(work);
        }
    }

    /// Waits, as the main thread, until no more than so many processes are without a name. `false` if that is so already.
    pub(super) fn await_names(self: &Arc<Self>, most: usize) -> bool {
        let mut work = self.lock();
        if work.without_name() <= most {
            return false;
        }
        work.awaited = Some(most);
        while work.without_name() > most {
            work = self.wait(work);
        }
        work.awaited = None;
        true
    }

    /// Waits, as the main thread, for a moment, and sees to it that there is an end.
    fn wait<'a>(self: &'a Arc<Self>, mut work: MutexGuard<'a, Work>) -> MutexGuard<'a, Work> {
        if work.threads == 0 && !work.unnamed.is_empty() {
            self.start_thread(&mut work);
            if work.threads == 0 {
                // No thread can be had: it waits itself, as long as it takes.
                let holding = work.unnamed.pop();
                drop(work);
                holding.map(|holding| self.name(holding));
                return self.lock();
            }
        }
        let look = if work.waited.is_zero() {
            LOOK
        } else {
            CLOSE_LOOK
        };
        let (mut work, timeout) = self
            .done
            .wait_timeout(work, look)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            self.look_at_clock(&mut work);
        }
        work
    }

    fn look_at_clock(self: &Arc<Self>, work: &mut Work) {
        let mut waiting = 0;
        for naming in &mut work.naming {
            naming.looks += 1;
            waiting += usize::from(naming.looks > PATIENCE);
        }
        if waiting == 0 {
            return;
        }
        work.waited += CLOSE_LOOK;
        if work.is_late() {
            work.threads -= work.naming.len();
            for naming in std::mem::take(&mut work.naming) {
                hanging().insert(self.pid(naming.holding.place).to_owned());
                self.publish(&naming.holding, Ok(None));
            }
        } else if waiting >= work.threads {
            self.start_thread(work);
        }
    }

    /// Finds out what the holder of sockets is called. `false` if nobody waits for that any more, nor for this thread.
    pub(super) fn name(&self, holding: Holding) -> bool {
        let pid = self.pid(holding.place);
        let holding = Arc::new(holding);
        let mut work = self.lock();
        if work.is_late() || hanging().contains(pid) {
            drop(work);
            self.publish(&holding, Ok(None));
            return true;
        }
        work.naming.push(Naming {
            holding: Arc::clone(&holding),
            looks: 0,
        });
        drop(work);
        let line = holding.command_line(&self.files, self.wanted, self.processes.len());
        let mut work = self.lock();
        let mut naming = work.naming.iter();
        let at = naming.position(|naming| Arc::ptr_eq(&naming.holding, &holding));
        let Some(at) = at else {
            hanging().remove(pid);
            return false;
        };
        work.naming.swap_remove(at);
        if work.awaited.is_some_and(|most| work.without_name() <= most) {
            self.done.notify_one();
        }
        drop(work);
        self.publish(&holding, line.map(Some));
        true
    }

    /// Adds the sockets of a process to what was found; of one that has no command line for us it is noted why they are left out, as the
    /// reference leaves them out. `None` instead of a command line: the kernel's name must do.
    fn publish(&self, holding: &Holding, line: io::Result<Option<CommandLine>>) {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                let mut results = self.results();
                match error.raw_os_error() {
                    Some(libc::ENOENT | libc::ESRCH) => results.gone.extend(&holding.sockets),
                    Some(libc::EACCES | libc::EPERM) => results.refused.push(holding.place),
                    _ => results.exhaust(&error),
                }
                return;
            }
        };
        let pid = self.pid(holding.place);
        let program = holding.program(pid, line, &self.files, self.wanted);
        let mut results = self.results();
        for &inode in &holding.sockets {
            results.holders.add(inode, holding.place, self.wanted.all);
        }
        results.programs.insert(holding.place, program);
    }
}

fn hanging() -> MutexGuard<'static, BTreeSet<CString>> {
    HANGING.lock().unwrap_or_else(PoisonError::into_inner)
}
