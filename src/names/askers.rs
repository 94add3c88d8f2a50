//! Threads that ask the name service.
//!
//! They are as many as the descriptors and the memory of the process allow; none is no error. They end with the process, however long
//! their last question takes.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Question;
use super::schedule::{FIRST_ASKERS, MOST_ASKERS, Task};
use crate::netns;
use crate::sys::limits;
use crate::sys::name_service::NameError;

/// A name, or why there is none.
pub type Answer = Result<Vec<u8>, NameError>;

/// A task that has come to an end.
#[derive(Debug)]
pub struct Ended {
    /// What was asked.
    pub task: Task<Question>,
    /// What came of it.
    pub answer: Answer,
    /// When.
    pub at: Instant,
}

/// The stack of a thread, in bytes.
const STACK: usize = 256 * 1024;

/// Descriptors that a question may take: its socket, a second one over tcp, a file.
const DESCRIPTORS: usize = 3;

/// Address space that is left to the rest of the program, in bytes. Where it runs out, the program has to abort.
const RESERVE: usize = 1 << 20;

/// A thread takes less than a quarter of this much memory, in bytes, the kernel's part included: most for its two stacks.
const GROUP_MEMORY: u64 = 256 * 1024;

/// The threads.
#[derive(Debug)]
pub struct Askers {
    shared: Arc<Shared>,
    threads: usize,
    most: usize,
    /// Whether the memory of the control group has been looked up.
    measured: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    asked: Condvar,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    tasks: VecDeque<Task<Question>>,
    ended: VecDeque<Ended>,
    /// Threads that wait for a task.
    idle: usize,
}

impl Askers {
    /// No threads yet.
    pub fn new() -> Self {
        // Each thread would reserve address space for a heap of its own.
        limits::share_heap();
        // One more than they need is left to the main thread.
        let free = limits::free_descriptors(1 + MOST_ASKERS * DESCRIPTORS);
        let askers = Askers {
            shared: Arc::default(),
            threads: 0,
            most: (free.saturating_sub(1) / DESCRIPTORS).clamp(1, MOST_ASKERS),
            measured: false,
        };
        // Allocated now, lest a thread run out of memory for it.
        let mut state = askers.shared.lock();
        state.tasks.reserve(MOST_ASKERS);
        state.ended.reserve(MOST_ASKERS);
        drop(state);
        askers
    }

    /// Whether a thread is free, or can be made, to take a task. Others need so many bytes of memory yet.
    pub fn has_room(&mut self, needed: usize) -> bool {
        let state = self.shared.lock();
        if state.idle > state.tasks.len() {
            return true;
        }
        drop(state);
        if self.threads >= FIRST_ASKERS && !self.measured {
            self.measured = true;
            let allowed = group_memory().map_or(MOST_ASKERS, |bytes| {
                usize::try_from(bytes / GROUP_MEMORY).unwrap_or(usize::MAX)
            });
            self.most = self.most.min(allowed.max(FIRST_ASKERS));
        }
        if self.threads >= self.most {
            return false;
        }
        if !limits::has_address_space(STACK + RESERVE + needed) || !self.start_thread() {
            // Nor will there be room for others.
            self.most = self.threads;
            return false;
        }
        self.threads += 1;
        true
    }

    /// Whether there is not even one thread.
    pub fn is_empty(&self) -> bool {
        self.threads == 0
    }

    /// Hands a task to a thread, for which there was [room](Self::has_room).
    pub fn submit(&self, task: Task<Question>) {
        self.shared.lock().tasks.push_back(task);
        self.shared.asked.notify_one();
    }

    /// The next task that has ended.
    pub fn try_take(&self) -> Option<Ended> {
        self.shared.lock().ended.pop_front()
    }

    /// Waits until some task has ended, but no longer than this.
    pub fn wait(&self, longest: Duration) {
        let state = self.shared.lock();
        let waits = |state: &mut State| state.ended.is_empty();
        let _ = self.shared.ended.wait_timeout_while(state, longest, waits);
    }

    /// Takes back what no thread has begun with, and waits until no thread asks any more, but no longer than this. What they find out
    /// is dropped.
    pub fn quiesce(&self, longest: Duration) {
        let mut state = self.shared.lock();
        state.tasks.clear();
        let threads = self.threads;
        let waits = |state: &mut State| state.idle < threads;
        let waited = self.shared.ended.wait_timeout_while(state, longest, waits);
        waited
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .ended
            .clear();
    }

    fn start_thread(&self) -> bool {
        let shared = Arc::clone(&self.shared);
        let ask = move || {
            netns::go_home();
            let mut ended = None;
            loop {
                let task = shared.next_task(ended);
                let answer = task.question.answer();
                let at = Instant::now();
                ended = Some(Ended { task, answer, at });
            }
        };
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn(ask).is_ok()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands in what has ended and waits for the next task.
    fn next_task(&self, ended: Option<Ended>) -> Task<Question> {
        let mut state = self.lock();
        state.ended.extend(ended);
        state.idle += 1;
        self.ended.notify_one();
        loop {
            if let Some(task) = state.tasks.pop_front() {
                state.idle -= 1;
                return task;
            }
            state = self
                .asked
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// How much memory the control group of this process may use, in bytes, as far as it can be told (cgroups(7), both versions). In a
/// container whose own group is mounted as the root, the path that leads there is missing, and the root alone tells.
fn group_memory() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let limits = groups.lines().filter_map(|line| {
        // Number, controllers, path.
        let mut parts = line.splitn(3, ':').skip(1);
        let (mount, file) = match parts.next()? {
            "" => ("/sys/fs/cgroup", "memory.max"),
            "memory" => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            _ => return None,
        };
        let groups = Path::new(parts.next()?).ancestors();
        let limits = groups.filter_map(|group| {
            let group = group.strip_prefix("/").unwrap_or(group);
            let limit = fs::read_to_string(Path::new(mount).join(group).join(file));
            limit.ok()?.trim_ascii().parse::<u64>().ok()
        });
        limits.min()
    });
    limits.min()
}
