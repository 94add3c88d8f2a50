//! Which question is asked when: how many at a time, which again, and when the rest are given up.
//!
//! A name server that is asked many things at a time may drop some of them, and each question that is under way takes a descriptor and
//! memory. So nothing is taken for unknown because it failed in a crowd: it is asked again, few at a time, and at last alone, which is
//! how the reference asks.
//!
//! There is no thread here, no network and no clock: the caller says what time it is.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::sys::name_service::NameError;

/// So many questions are asked at a time before any answer has come.
pub const FIRST_ASKERS: usize = 16;

/// And so many at most.
pub const MOST_ASKERS: usize = 64;

/// So many of those that have failed are asked at a time.
const FEW: usize = 4;

/// How many more may be asked at a time for an answer that has come: the second round of questions fills the limit.
const GROWTH: usize = 3;

/// More are asked at a time only while those under way would need longer than this for the rest.
const SOON: Duration = Duration::from_millis(250);

/// After so many questions in a row that ended without an answer from a server, the rest are given up.
const MOST_SILENT: usize = 64;

/// The shortest time-out that a resolver knows (`options timeout:1`, resolv.conf(5)). What fails sooner was refused.
const SHORTEST_TIMEOUT: Duration = Duration::from_secs(1);

/// A server that has answered nothing for so long is slow or dead. More are asked meanwhile, or dead ones would not be found out in the
/// time there is.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

/// Where in the course of things a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Asked for the first time.
    First,
    /// Has failed among many.
    Few,
    /// Has failed among few.
    Alone,
}

/// A question to be asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task<Q> {
    /// What [`Schedule::ended`] wants to know it by.
    pub id: u64,
    /// The question.
    pub question: Q,
}

/// What follows from the end of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The question has this answer, a name or none.
    Settled,
    /// It will be asked again, or is being asked again.
    Open,
    /// It has no name, nor has any other that is open: all have failed, and the first one asked alone has failed again, so that it was
    /// not for the crowd.
    AllUnknown,
}

/// A question under way.
#[derive(Debug)]
struct UnderWay<Q> {
    id: u64,
    question: Q,
    round: Round,
    since: Instant,
    /// Nothing else was asked since it was, but for questions that were overdue.
    alone: bool,
    /// It takes so long that others are asked in its place.
    overdue: bool,
}

/// What is to be asked, and what is under way.
#[derive(Debug)]
pub struct Schedule<Q> {
    fresh: VecDeque<Q>,
    few: VecDeque<Q>,
    alone: VecDeque<Q>,
    under_way: Vec<UnderWay<Q>>,
    next_id: u64,
    limit: usize,
    /// Questions have failed for want of descriptors or memory.
    short: bool,
    /// The longest time that an answer has taken, once there was one.
    slowest: Option<Duration>,
    /// When an answer came last that was not overdue.
    answered_at: Option<Instant>,
    /// A question that had failed was answered after all.
    recovered: bool,
    /// Once questions were lost: answers since then, or since the limit was raised last. So many as it allows raise it by one.
    answers_since_loss: Option<usize>,
    /// So many in a row have ended without an answer from a server.
    silent: usize,
    /// Some of them ended so soon that they may have been refused.
    refused: bool,
}

impl<Q> Default for Schedule<Q> {
    fn default() -> Self {
        Schedule {
            fresh: VecDeque::new(),
            few: VecDeque::new(),
            alone: VecDeque::new(),
            under_way: Vec::new(),
            next_id: 0,
            limit: FIRST_ASKERS,
            short: false,
            slowest: None,
            answered_at: None,
            recovered: false,
            answers_since_loss: None,
            silent: 0,
            refused: false,
        }
    }
}

impl<Q: Copy> Schedule<Q> {
    /// Forgets all questions. What the servers did not answer is remembered: one that was given up in one pass is given up sooner in
    /// the next.
    pub fn clear(&mut self) {
        *self = Schedule {
            next_id: self.next_id,
            silent: self.silent,
            refused: self.refused,
            ..Schedule::default()
        };
    }

    /// Whether so many questions in a row had no answer from a server that the rest are not worth asking.
    pub fn is_silent(&self) -> bool {
        self.silent >= MOST_SILENT
    }

    /// Whether some of them may have been refused by a server, which then is [alive](Self::alive).
    pub fn may_be_refused(&self) -> bool {
        self.refused
    }

    /// A server has answered, if only that it cannot say.
    pub fn alive(&mut self) {
        self.silent = 0;
        self.refused = false;
    }

    /// Whether there is memory for one more question.
    pub fn has_room(&mut self) -> bool {
        self.fresh.try_reserve(1).is_ok()
    }

    /// Adds a question that is not in it.
    pub fn add(&mut self, question: Q) {
        self.fresh.push_back(question);
    }

    /// Whether [`next`](Self::next) may have a question.
    pub fn is_ready(&self) -> bool {
        self.turn().is_some_and(|(_, most)| self.active() < most)
    }

    /// What is to be asked now, if anything. Questions that are not `open` any more are left out.
    pub fn next(&mut self, now: Instant, open: impl Fn(Q) -> bool) -> Option<Task<Q>> {
        while self.is_ready() {
            let (round, _) = self.turn()?;
            let question = self.queue(round).pop_front()?;
            if !open(question) {
                continue;
            }
            let id = self.next_id;
            self.next_id += 1;
            let mut alone = true;
            for other in self.under_way.iter_mut().filter(|other| !other.overdue) {
                other.alone = false;
                alone = false;
            }
            self.under_way.push(UnderWay {
                id,
                question,
                round,
                since: now,
                alone,
                overdue: false,
            });
            return Some(Task { id, question });
        }
        None
    }

    /// Takes note of how and when a task ended. `None` if it is of an earlier pass.
    pub fn ended<T>(
        &mut self,
        id: u64,
        answer: &Result<T, NameError>,
        at: Instant,
    ) -> Option<Verdict> {
        let index = self.under_way.iter().position(|task| task.id == id)?;
        let task = self.under_way.swap_remove(index);
        let took = at.saturating_duration_since(task.since);
        let mut is_final = task.alone;
        match answer {
            // Where files cannot be opened, the next source is asked, which need not know the name: glibc does not tell.
            Err(NameError::NoSuchName) if self.short && !task.alone => {}
            Ok(_) | Err(NameError::NoSuchName) => {
                self.recovered |= task.overdue || task.round != Round::First;
                if !task.overdue {
                    self.answered_at = Some(at);
                }
                self.answered(took, task.overdue);
                return Some(Verdict::Settled);
            }
            Err(NameError::TryAgain) if took < SHORTEST_TIMEOUT => {
                // Refused by a server, or by the network: the C library does not tell.
                self.silent += usize::from(task.round == Round::First);
                self.refused = true;
                is_final |= task.round != Round::First;
            }
            Err(NameError::TryAgain | NameError::Unreachable) => {
                self.silent += usize::from(task.round == Round::First);
                if task.alone && self.fresh.is_empty() && !self.recovered {
                    return Some(Verdict::AllUnknown);
                }
            }
            Err(NameError::NoResources) => {
                self.short = true;
                self.limit = (self.limit / 2).max(1);
            }
        }
        if !is_final && !task.overdue {
            self.ask_again(task.round, task.question);
        }
        Some(if is_final {
            Verdict::Settled
        } else {
            Verdict::Open
        })
    }

    fn answered(&mut self, took: Duration, was_overdue: bool) {
        self.alive();
        // Lost ones are answered when the resolver has asked a second time.
        if !was_overdue || self.slowest.is_none() {
            self.slowest = self.slowest.max(Some(took));
        }
        let left = u32::try_from(self.fresh.len()).unwrap_or(u32::MAX);
        let at_a_time = u32::try_from(self.limit).unwrap_or(u32::MAX);
        if self.short || took.saturating_mul(left) / at_a_time <= SOON {
            return;
        }
        let growth = match &mut self.answers_since_loss {
            None => GROWTH,
            Some(answers) if *answers < self.limit => {
                *answers += 1;
                0
            }
            Some(answers) => {
                *answers = 0;
                1
            }
        };
        self.limit = (self.limit + growth).min(MOST_ASKERS);
    }

    /// When [`pass_over`](Self::pass_over) is to be called next, if ever.
    pub fn wakes_at(&self) -> Option<Instant> {
        let active = self.under_way.iter().filter(|task| !task.overdue);
        Some(active.map(|task| task.since).min()? + self.patience()?)
    }

    /// Has others asked in the place of those that are under way for so long that they were lost, or wait for a server elsewhere that
    /// does not answer; they are asked again in their turn. An answer is taken all the same. If they were lost, they were too many.
    pub fn pass_over(&mut self, now: Instant) {
        let Some(patience) = self.patience() else {
            return;
        };
        let mut again = Vec::new();
        let mut lost = 0;
        for task in self.under_way.iter_mut().filter(|task| !task.overdue) {
            if now.saturating_duration_since(task.since) >= patience {
                task.overdue = true;
                // Others were answered all the time.
                lost += usize::from(self.answered_at >= Some(task.since + patience / 2));
                if !task.alone {
                    again.push((task.round, task.question));
                }
            }
        }
        if lost > 0 {
            self.limit = self.limit.saturating_sub(lost).max(1);
            self.answers_since_loss = Some(0);
        }
        for (round, question) in again {
            self.ask_again(round, question);
        }
    }

    /// How long a question may take before others are asked in its place, if that helps.
    fn patience(&self) -> Option<Duration> {
        match self.slowest {
            Some(slowest) => Some(slowest.saturating_mul(3).max(SHORTEST_TIMEOUT)),
            None => (!self.is_silent()).then_some(FIRST_PATIENCE),
        }
    }

    fn ask_again(&mut self, round: Round, question: Q) {
        let next = match round {
            Round::First => Round::Few,
            Round::Few | Round::Alone => Round::Alone,
        };
        self.queue(next).push_back(question);
    }

    fn queue(&mut self, round: Round) -> &mut VecDeque<Q> {
        match round {
            Round::First => &mut self.fresh,
            Round::Few => &mut self.few,
            Round::Alone => &mut self.alone,
        }
    }

    /// Which round is on, and how many of its questions are asked at a time.
    fn turn(&self) -> Option<(Round, usize)> {
        if !self.fresh.is_empty() {
            // After a pass in silence a few are enough to see whether it goes on.
            let most = if self.is_silent() { FEW } else { self.limit };
            Some((Round::First, most.min(self.limit)))
        } else if !self.few.is_empty() {
            // Where nothing at all is answered, one is enough to see whether that is for want of a server.
            let few = if self.slowest.is_some() { FEW } else { 1 };
            Some((Round::Few, few.min(self.limit)))
        } else if !self.alone.is_empty() {
            Some((Round::Alone, 1))
        } else {
            None
        }
    }

    /// How many are under way that are not overdue.
    fn active(&self) -> usize {
        self.under_way.iter().filter(|task| !task.overdue).count()
    }
}

#[cfg(test)]
mod tests;
