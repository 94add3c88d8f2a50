use std::cell::RefCell;

use super::*;
use crate::names::SharedResolver;
use crate::record::inet::{Endpoint, Family, Protocol, TcpState, Timer};
use crate::record::owner::Owners;
use crate::stage::tests::query;

/// Writes down the changes: their signs, states and sources, behind the names of namespaces.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Sink for Log {
    fn begin_pass(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        let label = String::from_utf8_lossy(&namespace.label()).into_owned();
        self.0.borrow_mut().push(label);
        Ok(())
    }

    fn begin(&mut self, _table: Table) -> Result<(), Error> {
        Ok(())
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        if let Record::Change(change) = record
            && let Record::Inet(socket) = &change.record
        {
            let old = change.old_state.as_deref().unwrap_or_default();
            self.0.borrow_mut().push(format!(
                "{} {}{} {:?}",
                char::from(change.kind.sign()),
                String::from_utf8_lossy(old),
                socket.state.name().unwrap_or_default(),
                change.source,
            ));
        }
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        let text = String::from_utf8_lossy(&message.0).into_owned();
        self.0.borrow_mut().push(text);
        Ok(())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// A tcp connection, or a udp socket without another end.
fn socket(protocol: Protocol, state: u32, inode: u64) -> InetSocket {
    let end = |port| Endpoint {
        address: match port {
            0 => [0, 0, 0, 0].into(),
            _ => [10, 0, 0, 1].into(),
        },
        port,
    };
    InetSocket {
        protocol,
        family: Family::Inet,
        local: end(80),
        remote: end(if protocol == Protocol::Tcp { 4000 } else { 0 }),
        state: TcpState(state),
        recv_queue: 0,
        send_queue: 0,
        timer: Timer::default(),
        uid: 0,
        inode,
        owners: Owners::default(),
        detail: None,
    }
}

thread_local! {
    /// The time of a case, in which nothing takes any.
    static TIME: Cell<Instant> = Cell::new(Instant::now());
}

/// What happens in a case.
#[derive(Clone, Copy)]
enum Step {
    /// A report with a tcp connection in this state and with this inode.
    Tcp(u32, u64),
    /// One with as many udp sockets.
    Udp(u64),
    /// One without rows.
    Empty,
    /// The kernel tells of the connection or of a udp socket.
    Told(Protocol),
    /// The same of one that was not asked for.
    Unwanted,
    /// Time passes.
    Wait,
}

const ESTABLISHED: u32 = 1;
const TIME_WAIT: u32 = 6;
const TOLD: Step = Step::Told(Protocol::Tcp);

#[track_caller]
fn assert_changes(steps: &[Step], expected: &[&str]) {
    let (query, log) = (query(&["-an"]), Log::default());
    let shown = Shown::new(&query, SharedResolver::default(), 100);
    let mut stage = ChangesStage::new(&query, shown, Rc::default(), log.clone());
    stage.now = || TIME.get();
    stage.event(&Event::Watched).unwrap();
    let report = |stage: &mut ChangesStage<'_, Log>, rows: &[InetSocket]| {
        stage.begin_pass().unwrap();
        stage.begin(Table::Internet).unwrap();
        for row in rows {
            stage.record(&Record::Inet(row.clone())).unwrap();
        }
        stage.end_pass().unwrap();
        stage.event(&Event::Reported).unwrap();
    };
    let wait = |stage: &mut ChangesStage<'_, Log>| {
        TIME.set(TIME.get() + GRACE);
        stage.event(&Event::Settled).unwrap();
    };
    for step in steps {
        match *step {
            Step::Tcp(state, inode) => {
                report(&mut stage, &[socket(Protocol::Tcp, state, inode)]);
            }
            Step::Udp(count) => {
                let sockets: Vec<_> = (1..=count)
                    .map(|inode| socket(Protocol::Udp, 7, inode))
                    .collect();
                report(&mut stage, &sockets);
            }
            Step::Empty => report(&mut stage, &[]),
            Step::Told(protocol) => stage
                .event(&Event::Closed {
                    socket: &socket(protocol, 7, 0),
                    wanted: true,
                })
                .unwrap(),
            Step::Unwanted => stage
                .event(&Event::Closed {
                    socket: &socket(Protocol::Tcp, 7, 0),
                    wanted: false,
                })
                .unwrap(),
            Step::Wait => wait(&mut stage),
        }
    }
    assert_eq!(*log.0.borrow(), expected);
    // Nothing is kept of what is gone.
    report(&mut stage, &[]);
    wait(&mut stage);
    let late = |known: &Known| matches!(known.standing, Standing::Untold { .. });
    assert!(stage.known.values().flatten().all(late));
}

/// However late the kernel tells, and whether or not a report has shown before that something is missing.
#[test]
fn a_connection_is_said_to_be_gone_once() {
    let there = Step::Tcp(ESTABLISHED, 5);
    let left = Step::Tcp(TIME_WAIT, 0);
    let gone = "- ESTABLISHED Kernel";
    assert_changes(&[there, TOLD, Step::Empty, Step::Wait], &[gone]);
    assert_changes(
        &[there, Step::Empty, TOLD, Step::Wait, Step::Empty],
        &[gone],
    );
    assert_changes(&[there, TOLD, left, Step::Wait, left, Step::Empty], &[gone]);
    assert_changes(&[there, left, TOLD, Step::Wait, left, Step::Empty], &[gone]);
    assert_changes(&[there, left, Step::Empty, TOLD, Step::Wait], &[gone]);
    // So late that it was said without that.
    assert_changes(
        &[there, Step::Empty, Step::Wait, TOLD, Step::Empty],
        &["- ESTABLISHED Reports"],
    );
    assert_changes(
        &[there, left, Step::Wait, TOLD, left, Step::Empty],
        &["~ ESTABLISHEDTIME_WAIT Reports", "- TIME_WAIT Kernel"],
    );
    assert_changes(
        &[
            there,
            Step::Empty,
            Step::Wait,
            Step::Tcp(ESTABLISHED, 9),
            TOLD,
            TOLD,
        ],
        &[
            "- ESTABLISHED Reports",
            "+ ESTABLISHED Reports",
            "- ESTABLISHED Kernel",
        ],
    );
}

#[test]
fn without_the_kernels_word_reports_decide() {
    let there = Step::Tcp(ESTABLISHED, 5);
    let left = Step::Tcp(TIME_WAIT, 0);
    assert_changes(
        &[there, Step::Empty, Step::Empty, Step::Wait],
        &["- ESTABLISHED Reports"],
    );
    // The next report comes first.
    assert_changes(&[there, Step::Empty, there, Step::Wait], &[]);
    assert_changes(
        &[there, left, Step::Wait, left, Step::Empty],
        &["~ ESTABLISHEDTIME_WAIT Reports", "- TIME_WAIT Reports"],
    );
    assert_changes(
        &[Step::Empty, left, left, Step::Wait],
        &["+ TIME_WAIT Reports"],
    );
}

#[test]
fn what_no_report_had_is_told_of() {
    let left = Step::Tcp(TIME_WAIT, 0);
    let unseen = "- CLOSE KernelAlone";
    assert_changes(
        &[Step::Empty, TOLD, left, Step::Wait, Step::Empty],
        &[unseen],
    );
    assert_changes(&[Step::Empty, TOLD, Step::Empty, TOLD], &[unseen, unseen]);
    assert_changes(
        &[Step::Empty, left, TOLD, Step::Wait],
        &["- TIME_WAIT Kernel"],
    );
    assert_changes(&[Step::Empty, Step::Unwanted, Step::Empty], &[]);
    // Another one with the same ends.
    assert_changes(
        &[Step::Empty, TOLD, left, Step::Tcp(ESTABLISHED, 9), TOLD],
        &[unseen, "+ ESTABLISHED Reports", "- ESTABLISHED Kernel"],
    );
}

#[test]
fn sockets_without_another_end_may_be_replaced() {
    let told = Step::Told(Protocol::Udp);
    let gone = |source: &str| format!("- CLOSE {source}");
    assert_changes(&[Step::Udp(2), told, Step::Udp(2), Step::Wait], &[]);
    let again = [Step::Udp(1), told, told, Step::Udp(1), told, Step::Wait];
    assert_changes(&[&again[..], &again[3..5]].concat(), &[]);
    let (kernel, reports) = (gone("Kernel"), gone("Reports"));
    assert_changes(&[Step::Udp(1), told, told, Step::Empty], &[&reports]);
    assert_changes(&[Step::Udp(1), told, Step::Empty], &[&reports]);
    assert_changes(&[Step::Udp(2), Step::Udp(1), told, Step::Wait], &[&kernel]);
    assert_changes(&[Step::Empty, told, Step::Empty], &["- CLOSE KernelAlone"]);
}

#[test]
fn messages_are_not_repeated() {
    let (query, log) = (query(&["-an"]), Log::default());
    let shown = Shown::new(&query, SharedResolver::default(), 100);
    let mut stage = ChangesStage::new(&query, shown, Rc::default(), log.clone());
    for messages in [&["one"][..], &["one"], &["two"], &["one"]] {
        stage.begin_pass().unwrap();
        for message in messages {
            stage.message(&Message((*message).into())).unwrap();
        }
        stage.event(&Event::Reported).unwrap();
    }
    assert_eq!(*log.0.borrow(), ["one", "two", "one"]);
}

/// A network namespace is the same by its number, whatever it is called and whoever lives there; what it was called last is said.
#[test]
fn namespaces_are_known_by_their_numbers() {
    let (query, log) = (query(&["-an"]), Log::default());
    let shown = Shown::new(&query, SharedResolver::default(), 100);
    let mut stage = ChangesStage::new(&query, shown, Rc::default(), log.clone());
    let named = |inode, name: &str| Namespace {
        names: vec![name.into()],
        inode: Some(inode),
        ..Namespace::default()
    };
    for namespaces in [
        vec![named(1, "one"), named(2, "two")],
        vec![named(2, "another"), named(1, "two")],
        vec![named(1, "one")],
    ] {
        stage.begin_pass().unwrap();
        for namespace in namespaces {
            stage.begin_namespace(&namespace).unwrap();
            stage.begin(Table::Internet).unwrap();
            let row = Record::Inet(socket(Protocol::Tcp, ESTABLISHED, 5));
            stage.record(&row).unwrap();
        }
        stage.end_pass().unwrap();
        stage.event(&Event::Reported).unwrap();
    }
    assert_eq!(
        *log.0.borrow(),
        ["one", "two", "another", "- ESTABLISHED Reports"]
    );
}
