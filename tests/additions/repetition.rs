//! `--interval` and `--count`.

use std::time::{Duration, Instant};

use crate::support::program::Ending;
use crate::support::tree::Tree;
use crate::{ours, text};

const REPORTS: [(&str, &str); 6] = [
    ("busy-server", "-tn"),
    ("busy-server", "-anp"),
    ("busy-server", "-xl --state LISTENING"),
    ("routes", "-rn"),
    ("masquerade", "-Mn"),
    ("statistics-linux-6.1", "-s"),
];

#[test]
fn so_many_reports_as_are_asked_for() {
    for (tree, report) in REPORTS {
        let tree = Tree::committed(tree);
        let once = ours(report).proc(tree.proc()).output();
        for count in [1, 2, 5] {
            let args = format!("{report} -c --count {count} --interval 0.001");
            let outcome = ours(&args).proc(tree.proc()).output();
            let (stdout, stderr, ending) = text(&outcome);
            let (one, message, one_ending) = text(&once);
            assert_eq!(stdout, one.repeat(count), "{args}");
            assert_eq!(stderr, message.repeat(count), "{args}");
            assert_eq!(
                (ending, one_ending),
                (Ending::Exit(0), Ending::Exit(0)),
                "{args}"
            );
        }
    }
}

#[test]
fn the_pause_is_as_long_as_asked_for_and_only_between_reports() {
    let tree = Tree::committed("busy-server");
    let time = |args: &str| {
        let begin = Instant::now();
        assert_eq!(
            ours(args).proc(tree.proc()).output().ending,
            Ending::Exit(0)
        );
        begin.elapsed()
    };
    assert!(time("-tnc --count=3 --interval=.25") >= Duration::from_millis(500));
    // The pause of a second that -c makes.
    assert!(time("-tnc --count=2") >= Duration::from_secs(1));
    assert!(time("-tnc --count=1 --interval=25") < Duration::from_secs(20));
}

/// Where the reference makes one report whatever -c says, so do we, unless it is said how often or how many.
#[test]
fn statistics_are_repeated_only_on_request() {
    let tree = Tree::committed("statistics-linux-6.1");
    let once = ours("-s").proc(tree.proc()).output();
    let output = |args| ours(args).proc(tree.proc()).output();
    assert_eq!(output("-s -c"), once);
    let thrice = output("-s -c --count 3 --interval 0.001");
    assert_eq!(text(&thrice).0, text(&once).0.repeat(3));
}

/// A report that fails is the last.
#[test]
fn an_error_ends_the_run() {
    let tree = Tree::new("empty").directory("net");
    let once = ours("-t").proc(tree.proc()).output();
    let more = ours("-tc --count 3 --interval 0.001")
        .proc(tree.proc())
        .output();
    assert_eq!(text(&more), text(&once));
    assert_eq!(once.ending, Ending::Exit(1));
}
