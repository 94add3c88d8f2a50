//! What the tests of the stages share, and the tests of those that wait for the end of something.

use std::cell::RefCell;
use std::rc::Rc;

use super::count::CountStage;
use super::sort::SortStage;
use crate::cli::{Command, parse};
use crate::error::Error;
use crate::names::SharedResolver;
use crate::query::Query;
use crate::record::group::GroupMembership;
use crate::record::namespace::Namespace;
use crate::record::{Message, Record, Sink, Table, Value};
use crate::shown::Shown;

/// Writes down what arrives.
#[derive(Clone, Default)]
pub struct Recorder(pub Rc<RefCell<Vec<String>>>);

impl Recorder {
    fn note(&self, what: String) -> Result<(), Error> {
        self.0.borrow_mut().push(what);
        Ok(())
    }
}

impl Sink for Recorder {
    fn begin_pass(&mut self) -> Result<(), Error> {
        self.note("pass".to_owned())
    }

    fn begin_namespace(&mut self, namespace: &Namespace) -> Result<(), Error> {
        self.note(format!("namespace {}", namespace.inode.unwrap_or_default()))
    }

    fn begin(&mut self, table: Table) -> Result<(), Error> {
        self.note(format!("{table:?}"))
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let mut words = Vec::new();
        if let Some(fields) = record.fields() {
            fields.fields(&query(&["-a"]), &mut |name, value| match value {
                Value::Unsigned(number) => words.push(format!("{name}={number}")),
                Value::Signed(number) => words.push(format!("{name}={number}")),
                Value::Text(text) => words.push(String::from_utf8_lossy(text).into_owned()),
                _ => {}
            });
        } else {
            words.push("complaint".to_owned());
        }
        self.note(words.join(" "))
    }

    fn message(&mut self, message: &Message) -> Result<(), Error> {
        self.note(String::from_utf8_lossy(&message.0).into_owned())
    }

    fn end_pass(&mut self) -> Result<(), Error> {
        self.note("end".to_owned())
    }
}

/// What these words of a command line ask for.
pub fn query(words: &[&str]) -> Query {
    let argv: Vec<_> = [&["netstat"], words].concat();
    let argv: Vec<_> = argv.into_iter().map(Into::into).collect();
    let Command::Run(args) = parse(&argv, false, || false).command else {
        panic!("{words:?}");
    };
    let mut query = Query::new(&args);
    query.choose(&args, Vec::new).unwrap();
    query
}

fn group(interface: &'static str, references: i32) -> Record<'static> {
    Record::Group(GroupMembership {
        interface: interface.as_bytes().into(),
        references,
        group: [224, 0, 0, 1].into(),
    })
}

/// Two tables and more, as a collector lends them.
fn lend(sink: &mut dyn Sink) {
    sink.begin_pass().unwrap();
    for inode in [1, 2] {
        let namespace = Namespace {
            inode: Some(inode),
            ..Namespace::default()
        };
        sink.begin_namespace(&namespace).unwrap();
        sink.begin(Table::Groups).unwrap();
        for (interface, references) in [("b", 2), ("a", 10), ("", 3)] {
            sink.record(&group(interface, references)).unwrap();
        }
        sink.record(&Record::Complaint("".into())).unwrap();
        sink.message(&Message(b"message".to_vec())).unwrap();
        sink.record(&group("a", 1)).unwrap();
        sink.record(&group("c", 2)).unwrap();
    }
    sink.end_pass().unwrap();
}

fn shown(query: &Query) -> Shown {
    Shown::new(query, SharedResolver::default(), 100)
}

#[test]
fn rows_are_sorted_within_their_table() {
    for (sort, expected) in [
        (
            "iface",
            [
                "a refcnt=10",
                "a refcnt=1",
                "b refcnt=2",
                "c refcnt=2",
                "refcnt=3",
            ],
        ),
        (
            "iface:desc",
            [
                "c refcnt=2",
                "b refcnt=2",
                "a refcnt=10",
                "a refcnt=1",
                "refcnt=3",
            ],
        ),
        (
            "refcnt",
            [
                "a refcnt=1",
                "b refcnt=2",
                "c refcnt=2",
                "refcnt=3",
                "a refcnt=10",
            ],
        ),
        (
            "refcnt:desc,iface:desc",
            [
                "a refcnt=10",
                "refcnt=3",
                "c refcnt=2",
                "b refcnt=2",
                "a refcnt=1",
            ],
        ),
    ] {
        let recorder = Recorder::default();
        let query = query(&["-g", "--sort", sort]);
        lend(&mut SortStage::new(&query, shown(&query), recorder.clone()));
        // A message does not wait; what is no row comes behind them.
        let table = [&["Groups", "message"][..], &expected, &["complaint"]].concat();
        let expected = [
            &["pass", "namespace 1"][..],
            &table,
            &["namespace 2"],
            &table,
            &["end"],
        ];
        assert_eq!(*recorder.0.borrow(), expected.concat(), "{sort}");
    }
}

#[test]
fn each_namespace_has_its_counts() {
    let recorder = Recorder::default();
    let query = query(&["-g", "--count-by", "iface"]);
    lend(&mut CountStage::new(
        &query,
        shown(&query),
        recorder.clone(),
    ));
    let counts = ["Counts", "count=2 a", "count=1 b", "count=1 c", "count=1"];
    let expected = [
        &["pass", "namespace 1", "complaint", "message"][..],
        &counts,
        &["namespace 2", "complaint", "message"],
        &counts,
        &["end"],
    ];
    assert_eq!(*recorder.0.borrow(), expected.concat());
}
