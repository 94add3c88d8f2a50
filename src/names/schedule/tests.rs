//! The schedule against simulated servers, in simulated time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::*;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What a question meets with.
#[derive(Clone, Copy, Debug)]
enum World {
    /// A server that answers so many at a time, each after so long, and drops the others.
    Server(usize, Duration),
    /// Such a server, for which every so manyth question is one that it cannot answer in time.
    Broken(usize, Duration, u32),
    /// A server that answers all after so long, but a file that answers the first question at once.
    Slow(Duration),
    /// One that says after so long that it cannot say.
    Failing(Duration),
    /// No server that answers.
    Dead,
    /// Nobody listens.
    Refused,
    /// A server that answers all after so long, but only so many sockets.
    Descriptors(usize, Duration),
}

/// The resolver of glibc as it is configured by default: a second attempt after five seconds, the end after ten.
const ATTEMPT: Duration = ms(5000);

/// What became of the questions.
#[derive(Debug, Default)]
struct Outcome {
    named: usize,
    unknown: usize,
    given_up: usize,
    all_unknown: usize,
    refused: bool,
    took: Duration,
    most: usize,
    asked: usize,
}

/// Something that happens later.
enum Event {
    Arrives(u64, u32, bool),
    Leaves,
    Ends(u64, Result<(), NameError>),
}

fn simulate(count: u32, world: World) -> Outcome {
    let begin = Instant::now();
    let mut schedule = Schedule::default();
    let mut open: Vec<bool> = vec![true; count as usize];
    let mut left = open.len();
    (0..count).for_each(|question| schedule.add(question));
    let mut asked: BTreeMap<u64, u32> = BTreeMap::new();
    let mut events: BTreeMap<(Instant, usize), Event> = BTreeMap::new();
    let mut sequence = 0;
    let mut busy = 0;
    let mut outcome = Outcome::default();
    let mut now = begin;
    loop {
        schedule.pass_over(now);
        while asked.len() < MOST_ASKERS
            && schedule.is_ready()
            && let Some(task) = schedule.next(now, |question| open[question as usize])
        {
            asked.insert(task.id, task.question);
            outcome.asked += 1;
            outcome.most = outcome.most.max(asked.len());
            sequence += 1;
            events.insert(
                (now, sequence),
                Event::Arrives(task.id, task.question, true),
            );
        }
        if left == 0 {
            break;
        }
        let next = *events.first_key_value().expect("something is to come").0;
        let wake = schedule.wakes_at().filter(|&wake| wake < next.0);
        now = wake.unwrap_or(next.0);
        if wake.is_some() {
            continue;
        }
        let event = events.remove(&next).unwrap();
        let mut later = |delay, event| {
            sequence += 1;
            events.insert((now + delay, sequence), event);
        };
        match event {
            Event::Leaves => busy -= 1,
            Event::Arrives(id, question, first) => {
                let (capacity, delay) = match world {
                    World::Broken(.., every) if question % every == 1 => (0, ms(0)),
                    World::Slow(_) if question == 0 => (1, ms(0)),
                    World::Slow(delay) => (usize::MAX, delay),
                    World::Server(capacity, delay) | World::Broken(capacity, delay, _) => {
                        (capacity, delay)
                    }
                    World::Descriptors(limit, delay) if asked.len() <= limit => (usize::MAX, delay),
                    World::Descriptors(..) => {
                        later(ms(0), Event::Ends(id, Err(NameError::NoResources)));
                        continue;
                    }
                    World::Dead => (0, ms(0)),
                    World::Failing(delay) => {
                        later(delay, Event::Ends(id, Err(NameError::TryAgain)));
                        continue;
                    }
                    World::Refused => {
                        later(ms(0), Event::Ends(id, Err(NameError::TryAgain)));
                        continue;
                    }
                };
                if busy < capacity {
                    busy += 1;
                    later(delay, Event::Leaves);
                    later(delay, Event::Ends(id, Ok(())));
                } else if first {
                    later(ATTEMPT, Event::Arrives(id, question, false));
                } else {
                    later(ATTEMPT, Event::Ends(id, Err(NameError::TryAgain)));
                }
            }
            Event::Ends(id, answer) => {
                let question = asked.remove(&id).unwrap();
                let verdict = schedule.ended(id, &answer, now).unwrap();
                let is_open = &mut open[question as usize];
                match verdict {
                    Verdict::Open => {}
                    Verdict::Settled if *is_open => {
                        *is_open = false;
                        left -= 1;
                        outcome.named += usize::from(answer.is_ok());
                        outcome.unknown += usize::from(answer.is_err());
                    }
                    Verdict::Settled => {}
                    Verdict::AllUnknown => {
                        outcome.all_unknown = left;
                        break;
                    }
                }
                if schedule.is_silent() && left > 0 {
                    outcome.refused = schedule.may_be_refused();
                    if matches!(world, World::Failing(_)) {
                        schedule.alive();
                        continue;
                    }
                    outcome.given_up = left;
                    break;
                }
            }
        }
    }
    outcome.took = now - begin;
    outcome
}

#[test]
fn a_server_that_drops_what_is_too_much_answers_all_in_the_end() {
    for capacity in [1, 2, 4, 8, 16, 32] {
        for delay in [ms(1), ms(11), ms(50), ms(100), ms(300)] {
            for count in [2, 17, 194, 500] {
                let outcome = simulate(count, World::Server(capacity, delay));
                let context = format!("{capacity} {delay:?} {count} {outcome:?}");
                assert_eq!(outcome.named, count as usize, "{context}");
                // No slower than one by one, but for the time it takes to see what was dropped.
                assert!(outcome.took <= delay * count + ms(13_000), "{context}");
            }
        }
    }
    let outcome = simulate(194, World::Server(16, ms(11)));
    assert!(outcome.took < ms(200), "{outcome:?}");
    assert_eq!((outcome.asked, outcome.most), (194, 16));
}

#[test]
fn slow_answers_make_more_be_asked_at_a_time() {
    let outcome = simulate(200, World::Server(usize::MAX, ms(300)));
    assert_eq!(outcome.named, 200);
    assert_eq!(outcome.most, MOST_ASKERS);
    assert_eq!(outcome.took, ms(1200));
    let outcome = simulate(16, World::Server(usize::MAX, ms(300)));
    assert_eq!(outcome.took, ms(300));
    // Six seconds each, longer than the first attempt.
    let outcome = simulate(200, World::Server(usize::MAX, ms(6000)));
    assert_eq!(outcome.named, 200);
    assert!(outcome.took < ms(30_000), "{outcome:?}");
    // That a file is quick does not say that servers are.
    for delay in [1500, 4500, 7000] {
        let outcome = simulate(200, World::Slow(ms(delay)));
        assert_eq!(outcome.named, 200);
        assert!(outcome.took < ms(delay * 5 + 4000), "{outcome:?}");
    }
    // So quick that more would be no use.
    let outcome = simulate(100, World::Server(usize::MAX, ms(5)));
    assert_eq!(outcome.most, FIRST_ASKERS);
    let outcome = simulate(20_000, World::Server(usize::MAX, ms(5)));
    assert_eq!((outcome.named, outcome.most), (20_000, MOST_ASKERS));
}

#[test]
fn addresses_without_a_server_do_not_keep_the_others_waiting() {
    let outcome = simulate(1000, World::Broken(usize::MAX, ms(50), 100));
    assert_eq!((outcome.named, outcome.given_up), (990, 0));
    assert!(outcome.took < ms(20_000), "{outcome:?}");
    let outcome = simulate(2000, World::Broken(usize::MAX, ms(50), 50));
    assert_eq!((outcome.named, outcome.given_up), (1960, 0));
    assert!(outcome.took < ms(30_000), "{outcome:?}");
    let outcome = simulate(2, World::Broken(usize::MAX, ms(50), 100));
    assert_eq!((outcome.named, outcome.given_up), (1, 0));
    assert!(outcome.took < ms(12_000), "{outcome:?}");
}

#[test]
fn dead_servers_are_given_up() {
    // As long as the reference.
    let outcome = simulate(1, World::Dead);
    assert_eq!((outcome.unknown, outcome.all_unknown), (0, 1));
    assert_eq!((outcome.took, outcome.asked), (ms(10_000), 1));
    // Asked once together, and one of them alone.
    for count in [2, 5, 16] {
        let outcome = simulate(count, World::Dead);
        assert_eq!(outcome.all_unknown, count as usize, "{outcome:?}");
        assert!(outcome.took <= ms(13_000), "{outcome:?}");
    }
    for count in [64, 100, 200, 20_000] {
        let outcome = simulate(count, World::Dead);
        assert_eq!(outcome.given_up, count as usize, "{outcome:?}");
        assert!(!outcome.refused);
        assert!(outcome.took < ms(30_000), "{outcome:?}");
        assert!(outcome.asked <= 2 * MOST_SILENT, "{outcome:?}");
    }
}

#[test]
fn what_is_dead_in_one_pass_is_given_up_sooner_in_the_next() {
    let now = Instant::now();
    let mut schedule = Schedule::default();
    let dead: Result<(), _> = Err(NameError::TryAgain);
    let fail_one = |schedule: &mut Schedule<u32>| {
        schedule.add(0);
        let task = schedule.next(now, |_| true).unwrap();
        schedule.ended(task.id, &dead, now + ms(10_000));
    };
    (0..MOST_SILENT).for_each(|_| fail_one(&mut schedule));
    assert!(schedule.is_silent());
    schedule.clear();
    // Few are asked to see whether it is so still, and one is enough to tell.
    (1..100).for_each(|question| schedule.add(question));
    let tasks: Vec<_> = std::iter::from_fn(|| schedule.next(now, |_| true)).collect();
    assert_eq!(tasks.len(), FEW);
    assert_eq!(schedule.wakes_at(), None);
    schedule.pass_over(now + ms(9000));
    assert!(!schedule.is_ready());
    schedule.ended(tasks[0].id, &dead, now + ms(10_000));
    assert!(schedule.is_silent());
    // One answer, and all is well.
    schedule.add(1);
    let task = schedule.next(now, |_| true).unwrap();
    assert_eq!(
        schedule.ended(task.id, &Ok(()), now),
        Some(Verdict::Settled)
    );
    assert!(!schedule.is_silent());
    // Of an earlier pass.
    assert_eq!(schedule.ended(task.id, &Ok(()), now), None);
}

#[test]
fn refusals_count_as_silence_only_if_nobody_is_there() {
    let outcome = simulate(200, World::Refused);
    assert!(outcome.refused);
    assert!(outcome.given_up >= 200 - MOST_SILENT, "{outcome:?}");
    let outcome = simulate(63, World::Refused);
    assert_eq!((outcome.unknown, outcome.given_up), (63, 0));
    // A server that fails for all: each is asked twice, no more.
    let outcome = simulate(500, World::Failing(ms(20)));
    assert_eq!((outcome.unknown, outcome.given_up), (500, 0));
    assert_eq!(outcome.asked, 1000);
}

#[test]
fn what_failed_for_want_of_descriptors_is_asked_again() {
    for limit in [1, 2, 5, 15] {
        let outcome = simulate(200, World::Descriptors(limit, ms(20)));
        assert_eq!(outcome.named, 200, "{outcome:?}");
        assert!(outcome.took <= ms(20) * 200, "{outcome:?}");
    }
    // Not even one: asked alone, as the reference asks.
    let outcome = simulate(20, World::Descriptors(0, ms(20)));
    assert_eq!((outcome.unknown, outcome.given_up), (20, 0));
}

/// Without descriptors for its files the name service asks servers alone, which do not know what the files know.
#[test]
fn no_name_found_in_a_shortage_is_not_believed() {
    let now = Instant::now();
    let mut schedule = Schedule::default();
    (0..3).for_each(|question| schedule.add(question));
    let tasks: Vec<_> = std::iter::from_fn(|| schedule.next(now, |_| true)).collect();
    let [short, nameless, named] = tasks.as_slice() else {
        panic!("{tasks:?}");
    };
    let no_name: Result<(), _> = Err(NameError::NoSuchName);
    let no_resources: Result<(), _> = Err(NameError::NoResources);
    assert_eq!(
        schedule.ended(short.id, &no_resources, now),
        Some(Verdict::Open)
    );
    assert_eq!(
        schedule.ended(nameless.id, &no_name, now),
        Some(Verdict::Open)
    );
    assert_eq!(
        schedule.ended(named.id, &Ok(()), now),
        Some(Verdict::Settled)
    );
    // Of those that were settled otherwise nothing is asked.
    let again = schedule
        .next(now, |question| question != short.question)
        .unwrap();
    assert_eq!(again.question, nameless.question);
    assert_eq!(
        schedule.ended(again.id, &no_name, now),
        Some(Verdict::Settled)
    );
    assert!(!schedule.is_ready());
}
