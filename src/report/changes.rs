//! One report after the other, of which the [`changes`](crate::stage::changes) are shown, and between them the sockets that close.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{Looks, fail, pass};
use crate::collect::destroyed::{Destroyed, Heard};
use crate::collect::kept;
use crate::error::Error;
use crate::query::Query;
use crate::record::Sink;
use crate::record::change::Event;
use crate::stage::changes::GRACE;

/// Reports again and again, or once if the first report is one that was kept, and returns the exit status.
pub fn run(query: &Query, sink: &mut dyn Sink) -> u8 {
    let ended = match &query.since {
        Some(file) => compare(query, file, sink),
        // Listened to from before the first report, so that none is missed.
        None => watch(query, Destroyed::listen(query), sink),
    };
    ended.unwrap_or_else(|error| {
        let _ = fail(sink, &error);
        let _ = sink.end_pass();
        error.exit_code()
    })
}

fn compare(query: &Query, file: &Path, sink: &mut dyn Sink) -> Result<u8, Error> {
    let rows = kept::read(file, query.report.subject().tables)?;
    sink.begin_pass()?;
    for (table, record) in rows {
        sink.begin(table)?;
        sink.record(&record)?;
    }
    sink.end_pass()?;
    report(query, sink, &mut Looks::new())
}

fn watch(
    query: &Query,
    mut destroyed: Option<Destroyed<'_>>,
    sink: &mut dyn Sink,
) -> Result<u8, Error> {
    let mut looks = Looks::new();
    let mut left = query.count;
    let mut status = 0;
    if destroyed.is_some() {
        sink.event(&Event::Watched)?;
    }
    loop {
        status = status.max(report(query, sink, &mut looks)?);
        left = left.map(|left| left.saturating_sub(1));
        let is_last = left == Some(0);
        let interval = query.interval.filter(|_| !is_last);
        let mut begun = Instant::now();
        match &mut destroyed {
            Some(destroyed) => {
                // A report that is made since words were lost is one more.
                while !quiet(destroyed, begun, interval, sink)? {
                    status = status.max(report(query, sink, &mut looks)?);
                    begun = Instant::now();
                }
            }
            None => thread::sleep(interval.unwrap_or_default()),
        }
        if interval.is_none() {
            return Ok(status);
        }
    }
}

/// A report and what there is to say of it.
fn report(query: &Query, sink: &mut dyn Sink, looks: &mut Looks) -> Result<u8, Error> {
    let status = pass(query, sink, looks)?;
    sink.event(&Event::Reported)?;
    sink.end_pass()?;
    Ok(status)
}

/// Listens until the interval has passed, and returns whether nothing was lost.
fn quiet(
    destroyed: &mut Destroyed<'_>,
    begun: Instant,
    interval: Option<Duration>,
    sink: &mut dyn Sink,
) -> Result<bool, Error> {
    destroyed.looked_up();
    let mut waits = Vec::new();
    if interval.is_none_or(|interval| interval > GRACE) {
        waits.push(GRACE);
    }
    waits.extend(interval);
    for wait in waits {
        if destroyed.hear(begun + wait, sink)? == Heard::Lost {
            sink.event(&Event::Lost)?;
            return Ok(false);
        }
        if wait == GRACE {
            sink.event(&Event::Settled)?;
            sink.end_pass()?;
        }
    }
    Ok(true)
}
