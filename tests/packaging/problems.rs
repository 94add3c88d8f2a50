//! `netstat-problems(7)` is made from the table of counters.

use std::fmt::Write;
use std::fs;

use netstat::record::problem::{FEW, Rule, TROUBLES};

use super::packaged;

const HEAD: &str = r#".\" Made from the table of counters:
.\" UPDATE_COMPLETIONS=1 cargo test --test packaging
.Dd November 28, 2026
.ds doc-volume-operating-system netstat
.Dt NETSTAT-PROBLEMS 7
.Os netstat
.Sh NAME
.Nm netstat-problems
.Nd counters that mean trouble
.Sh DESCRIPTION
These are the counters that
.Ql netstat \-s \-\-problems
looks at
.Pq see Xr netstat 8 .
Each entry has what is counted, where to look next, and in brackets where it is
written what the counter counts: a file of the kernel's source or documentation,
or an RFC.
The shares and levels from which on they are shown are the program's own.
.Bl -tag -width Ds
"#;

const FOOT: &str = r#".El
.Sh SEE ALSO
.Xr netstat 8
.Sh STANDARDS
The kernel took the names of many counters, and what they count, from the
management information bases of IP (RFC 4293), TCP (RFC 4022) and IPv6 (RFC
2465).
RFC 4293 has replaced RFC 2465, but the kernel still has a counter that only the
older has.
"#;

/// Lines of at most 80 bytes, as manual pages have them. Options are not to be broken at their hyphens.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let options = word.len() - word.trim_start_matches('-').len();
        let word = r"\-".repeat(options) + &word[options..];
        if length > 0 {
            let breaks = length + 1 + word.len() > 80;
            lines.push(if breaks { '\n' } else { ' ' });
            length = if breaks { 0 } else { length + 1 };
        }
        length += word.len();
        lines.push_str(&word);
    }
    lines + "\n"
}

/// Every counter with its meaning, its rule and where that is written.
#[test]
fn the_page_about_problems_is_made_from_their_table() {
    let mut page = HEAD.to_owned();
    for trouble in TROUBLES {
        let (table, counter) = (trouble.table, trouble.counter);
        let (meaning, hint, source) = (trouble.meaning, trouble.hint, trouble.source);
        let rule = match trouble.rule {
            Rule::Any => None,
            Rule::Ratio { of, one_in } => {
                let of = of
                    .iter()
                    .flatten()
                    .map(|(table, counter)| format!("{table} {counter}"));
                let of = of.collect::<Vec<_>>().join(" + ");
                Some(format!(
                    "Shown from {FEW} on if there is more than one for {one_in} of {of}."
                ))
            }
            Rule::Level { limit, percent } => {
                Some(format!("Shown if it is {percent} % of {limit} or more."))
            }
        };
        write!(
            page,
            ".It Cm {table} {counter}\n{}",
            wrapped(&format!("{meaning}."))
        )
        .unwrap();
        for line in rule.into_iter().chain([format!("See: {hint} [{source}]")]) {
            write!(page, ".br\n{}", wrapped(&line)).unwrap();
        }
    }
    page += FOOT;
    let file = packaged("netstat-problems.7");
    if std::env::var_os("UPDATE_COMPLETIONS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&file).is_ok_and(|kept| kept == page),
        "netstat-problems.7 is stale: UPDATE_COMPLETIONS=1 cargo test --test packaging"
    );
}
