//! Counters that mean trouble: what each counts in the kernel, in one plain sentence, and where to look next.
//!
//! Only such counters are here as stay at zero, or small beside others, while all is well. What a counter counts was looked up for each
//! (the `source`); nothing was guessed from a name. The thresholds of ratios and levels are ours.

mod table;

use std::borrow::Cow;

use super::{Fields, Value, Visitor, owned};
use crate::inline::Inline;
use crate::query::Query;

pub use table::{CONNTRACK, INTERFACE, SOCKSTAT, SOFTNET, TROUBLES};

/// A counter that means trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The table that it is in: a title of `snmp`, `netstat` and `snmp6`, or [`SOFTNET`] and its kin.
    pub table: Inline<9>,
    /// Its name there.
    pub counter: Inline<25>,
    /// From when on it means trouble.
    pub rule: Rule,
    /// What was counted, to be read behind the number.
    pub meaning: Inline<124>,
    /// Where to look next: commands, or settings of `sysctl(8)`.
    pub hint: Inline<78>,
    /// Where it is written what the counter counts: a file of the kernel, an RFC, a manual page.
    pub source: Inline<40>,
}

/// From when on a counter means trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// If there is any.
    Any,
    /// If there are at least [`FEW`], and more than one for so many of what the other counters count together.
    Ratio {
        /// Tables and names of the other counters, of which there are one or two.
        of: [Option<(Inline<9>, Inline<25>)>; 2],
        /// So many of them may go with one.
        one_in: u64,
    },
    /// Not a count but what is in use now: if it is that much of a limit.
    Level {
        /// The name under which the limit stands in the same table.
        limit: Inline<19>,
        /// Hundredths of the limit.
        percent: u64,
    },
}

/// Fewer than this tell nothing about a ratio.
pub const FEW: u64 = 10;

/// Trouble that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub trouble: &'static Trouble,
    /// How many: since the start, or since the last look.
    pub value: u64,
    /// What it was compared with: the other counters' sum, or the limit.
    pub beside: Option<u64>,
}

/// A problem, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemRow<'a> {
    /// The interface whose counter it is; `None` for the counters of the whole machine.
    pub interface: Option<Cow<'a, [u8]>>,
    /// What it is.
    pub problem: Problem,
}

impl ProblemRow<'_> {
    /// A copy that borrows nothing.
    pub fn to_static(&self) -> ProblemRow<'static> {
        ProblemRow {
            interface: self.interface.as_deref().map(owned),
            problem: self.problem,
        }
    }
}

impl Problem {
    /// How much the value is of what it was compared with, in hundredths; `None` where it was compared with nothing.
    pub fn percent(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a ratio is no exact number")]
        let percent = |beside: u64| self.value as f64 / beside.max(1) as f64 * 100.0;
        self.beside.map(percent)
    }
}

impl Fields for ProblemRow<'_> {
    fn fields(&self, _query: &Query, visit: &mut Visitor<'_>) {
        let Problem {
            trouble,
            value,
            beside,
        } = self.problem;
        visit("table", Value::Word(&trouble.table));
        visit("problem", Value::Word(&trouble.counter));
        let interface = self.interface.as_deref();
        visit("iface", interface.map_or(Value::Null, Value::Text));
        visit("value", Value::Unsigned(value));
        visit("of", beside.map_or(Value::Null, Value::Unsigned));
        visit("meaning", Value::Word(&trouble.meaning));
        visit("hint", Value::Word(&trouble.hint));
        visit("source", Value::Word(&trouble.source));
        visit("kind", Value::Word("problem"));
    }
}

/// Finds the value of a counter by its table and name; `None` where the kernel has no such counter.
pub trait Values {
    /// The value.
    fn value(&self, table: &str, counter: &str) -> Option<u64>;
}

/// Nothing was counted before.
impl Values for () {
    fn value(&self, _table: &str, _counter: &str) -> Option<u64> {
        None
    }
}

/// The problems in some tables, or in the counters of one interface, in the order of [`TROUBLES`].
///
/// `before` holds the values of the last look, so that only what moved counts; `()` if there was none. A counter that is smaller than
/// before has begun anew or wrapped, and tells nothing this time.
pub fn problems<'a>(
    now: &'a dyn Values,
    before: &'a dyn Values,
) -> impl Iterator<Item = Problem> + 'a {
    TROUBLES.iter().filter_map(|trouble| {
        let moved = |table: &str, counter: &str| {
            let before = before.value(table, counter).unwrap_or(0);
            Some(now.value(table, counter)?.saturating_sub(before))
        };
        let (value, beside) = match &trouble.rule {
            Rule::Any => {
                let value = moved(&trouble.table, &trouble.counter)?;
                (value > 0).then_some((value, None))
            }
            Rule::Ratio { of, one_in } => {
                let value = moved(&trouble.table, &trouble.counter)?;
                let others = of
                    .iter()
                    .flatten()
                    .try_fold(0u64, |sum, (table, counter)| {
                        Some(sum.saturating_add(moved(table, counter)?))
                    })?;
                let often = u128::from(value) * u128::from(*one_in) > u128::from(others);
                (value >= FEW && often).then_some((value, Some(others)))
            }
            Rule::Level { limit, percent } => {
                let value = now.value(&trouble.table, &trouble.counter)?;
                let limit = now.value(&trouble.table, limit)?;
                let high = u128::from(value) * 100 >= u128::from(limit) * u128::from(*percent);
                (value > 0 && high).then_some((value, Some(limit)))
            }
        }?;
        Some(Problem {
            trouble,
            value,
            beside,
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    /// Values by `TABLE COUNTER`.
    #[derive(Default)]
    struct Map(HashMap<String, u64>);

    impl Values for Map {
        fn value(&self, table: &str, counter: &str) -> Option<u64> {
            self.0.get(&format!("{table} {counter}")).copied()
        }
    }

    fn map(values: &[(&str, u64)]) -> Map {
        Map(values
            .iter()
            .map(|&(name, value)| (name.to_owned(), value))
            .collect())
    }

    /// `NAME=VALUE/BESIDE …`
    fn found(now: &[(&str, u64)], before: &[(&str, u64)]) -> String {
        problems(&map(now), &map(before))
            .map(|problem| {
                let beside = problem.beside.map(|it| format!("/{it}"));
                format!(
                    "{}={}{}",
                    problem.trouble.counter,
                    problem.value,
                    beside.unwrap_or_default()
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_table_is_sound() {
        let mut seen = HashSet::new();
        for trouble in TROUBLES {
            let Trouble {
                table,
                counter,
                rule,
                meaning,
                hint,
                source,
            } = *trouble;
            assert!(
                seen.insert((trouble.table.as_bytes(), trouble.counter.as_bytes())),
                "{counter} is there twice"
            );
            // Behind a number, in one sentence, of printable ASCII.
            assert!(
                meaning.starts_with(|c: char| c.is_ascii_alphabetic()),
                "{counter}"
            );
            assert!(!meaning.ends_with('.') && meaning.len() < 140, "{counter}");
            assert!(
                meaning.chars().all(|c| c == ' ' || c.is_ascii_graphic()),
                "{counter}"
            );
            assert!(!hint.is_empty() && !source.is_empty(), "{counter}");
            if let Rule::Ratio { of, one_in } = rule {
                assert!(one_in > 0);
                assert!(!of.contains(&Some((table, counter))), "{counter}");
            }
        }
        // Rows of a table stand together.
        let mut tables: Vec<&str> = TROUBLES.iter().map(|trouble| &*trouble.table).collect();
        tables.dedup();
        let distinct: HashSet<&str> = tables.iter().copied().collect();
        assert_eq!(tables.len(), distinct.len());
    }

    #[test]
    fn every_counter_is_found_by_its_rule() {
        for trouble in TROUBLES {
            let name = |counter: &str| format!("{} {counter}", trouble.table);
            let counter = name(&trouble.counter);
            let (values, quiet) = match trouble.rule {
                Rule::Any => (map(&[(&counter, 1)]), map(&[(&counter, 0)])),
                Rule::Ratio { of, one_in } => {
                    let pair = |others| {
                        let mut values = map(&[(&counter, FEW)]);
                        for (n, (table, counter)) in of.iter().flatten().enumerate() {
                            let value = if n == 0 { others } else { 0 };
                            values.0.insert(format!("{table} {counter}"), value);
                        }
                        values
                    };
                    (pair(FEW * one_in - 1), pair(FEW * one_in))
                }
                Rule::Level { limit, percent } => {
                    let limit = name(&limit);
                    (
                        map(&[(&counter, percent), (&limit, 100)]),
                        map(&[(&counter, percent - 1), (&limit, 100)]),
                    )
                }
            };
            let names: Vec<_> = problems(&values, &())
                .map(|problem| problem.trouble.counter)
                .collect();
            assert_eq!(names, [trouble.counter]);
            assert_eq!(problems(&quiet, &()).count(), 0, "{counter}");
        }
        assert_eq!(problems(&(), &()).count(), 0);
    }

    #[test]
    fn ratios_need_both_sides_and_some_weight() {
        let retransmitted = "Tcp RetransSegs";
        for (segments, sent, expected) in [
            (9, Some(10), ""),
            (10, Some(999), "RetransSegs=10/999"),
            (10, Some(1000), ""),
            (10, Some(0), "RetransSegs=10/0"),
            (1000, None, ""),
            (
                u64::MAX,
                Some(u64::MAX),
                "RetransSegs=18446744073709551615/18446744073709551615",
            ),
        ] {
            let mut now = vec![(retransmitted, segments)];
            now.extend(sent.map(|sent| ("Tcp OutSegs", sent)));
            assert_eq!(found(&now, &[]), expected);
        }
        // Both kinds of connections count together.
        let opened = |active, passive| {
            let now = [
                ("Tcp AttemptFails", 10),
                ("Tcp ActiveOpens", active),
                ("Tcp PassiveOpens", passive),
            ];
            found(&now, &[])
        };
        assert_eq!(opened(50, 49), "AttemptFails=10/99");
        assert_eq!(opened(50, 50), "");
        assert_eq!(opened(u64::MAX, u64::MAX), "");
    }

    #[test]
    fn levels_need_a_limit() {
        for (entries, limit, expected) in [
            (90, Some(100), "entries=90/100"),
            (89, Some(100), ""),
            (
                u64::MAX,
                Some(u64::MAX),
                "entries=18446744073709551615/18446744073709551615",
            ),
            (1, Some(0), "entries=1/0"),
            (0, Some(0), ""),
            (90, None, ""),
        ] {
            let mut now = vec![("conntrack entries", entries)];
            now.extend(limit.map(|limit| ("conntrack nf_conntrack_max", limit)));
            assert_eq!(found(&now, &[]), expected);
            // A level does not move; it is there.
            assert_eq!(found(&now, &now), expected);
        }
    }

    #[test]
    fn since_the_last_look_only_what_moved_counts() {
        let overflows = |value| [("TcpExt ListenOverflows", value)];
        assert_eq!(found(&overflows(5), &overflows(5)), "");
        assert_eq!(found(&overflows(7), &overflows(5)), "ListenOverflows=2");
        assert_eq!(found(&overflows(5), &[]), "ListenOverflows=5");
        // Begun anew, or wrapped.
        assert_eq!(found(&overflows(3), &overflows(5)), "");
        let segments = |again, sent| [("Tcp RetransSegs", again), ("Tcp OutSegs", sent)];
        assert_eq!(
            found(&segments(20, 100), &segments(10, 50)),
            "RetransSegs=10/50"
        );
        assert_eq!(found(&segments(20, 5000), &segments(10, 50)), "");
    }
}
