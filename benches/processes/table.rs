//! The table of results.

use std::fmt::Write;

use crate::cases::{Case, Measure, Target};
use crate::programs::Comparison;

/// A line of the table.
#[derive(Debug)]
pub struct Line {
    name: String,
    measure: Measure,
    compared: bool,
    difference: Option<String>,
    pub rounds: usize,
    /// Seconds or KiB.
    pub ours: f64,
    pub reference: Option<Other>,
    pub others: Vec<Other>,
}

/// Ours against one other program.
#[derive(Debug)]
pub struct Other {
    command: String,
    /// Seconds or KiB.
    median: f64,
    /// Median of ours/other.
    ratio: f64,
    target: Option<Target>,
}

impl Other {
    /// From the measurements of both, round by round.
    pub fn new(ours: &[f64], other: &[f64], command: &str, target: Option<Target>) -> Self {
        let ratios: Vec<f64> = ours
            .iter()
            .zip(other)
            .map(|(ours, other)| ours / other)
            .collect();
        Other {
            command: command.to_owned(),
            median: median(other),
            ratio: median(&ratios),
            target,
        }
    }

    fn ratio(&self) -> String {
        let mut text = ratio(self.ratio);
        if self.target.is_some_and(|target| self.ratio > target.must) {
            text.push_str(" missed");
        }
        text
    }
}

/// The middle one, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = |at: usize| sorted.get(at).copied().unwrap_or(f64::NAN);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        middle(half)
    } else {
        f64::midpoint(middle(half.wrapping_sub(1)), middle(half))
    }
}

impl Line {
    /// A line without measurements yet.
    pub fn new(case: &Case, comparison: &Comparison) -> Self {
        Line {
            name: case.name.clone(),
            measure: case.measure,
            compared: comparison.reference_time.is_some(),
            difference: comparison.difference.clone(),
            rounds: 0,
            ours: f64::NAN,
            reference: None,
            others: Vec::new(),
        }
    }

    /// Whether ours wrote other bytes than the reference.
    pub fn failed(&self) -> bool {
        self.difference.is_some()
    }

    /// For the eye, while the benchmark runs.
    pub fn summary(&self) -> String {
        if let Some(difference) = &self.difference {
            return format!("BYTES DIFFER: {difference}");
        }
        let mut text = self.quantity(self.ours);
        for other in self.reference.iter().chain(&self.others) {
            let name = match other.command.as_str() {
                "" => "reference",
                command => command,
            };
            let _ = write!(
                text,
                "; {name} {}: {}",
                self.quantity(other.median),
                other.ratio()
            );
        }
        text
    }

    fn quantity(&self, value: f64) -> String {
        if value.is_nan() {
            return "-".to_owned();
        }
        match self.measure {
            Measure::Time => duration(value),
            Measure::Memory => format!("{:.1} MiB", value / 1024.0),
        }
    }

    fn cells(&self, targets: bool) -> [String; 7] {
        let dash = || "-".to_owned();
        let reference = self.reference.as_ref();
        let compared = |other: &Other| {
            if !targets {
                return ratio(other.ratio);
            }
            let target = other
                .target
                .map(|target| format!(" ({})", target_text(target)))
                .unwrap_or_default();
            other.ratio() + &target
        };
        let others: Vec<String> = self
            .others
            .iter()
            .map(|other| {
                format!(
                    "`{}` {}: {}",
                    other.command,
                    self.quantity(other.median),
                    compared(other)
                )
            })
            .collect();
        [
            format!("`{}`{}", arguments(&self.name), rest(&self.name)),
            self.quantity(self.ours),
            reference.map_or_else(dash, |other| self.quantity(other.median)),
            reference.map_or_else(dash, compared),
            others.join("; "),
            match (&self.difference, self.compared) {
                (Some(_), _) => "**differ**".to_owned(),
                (None, true) => "same".to_owned(),
                (None, false) => dash(),
            },
            self.rounds.to_string(),
        ]
    }
}

fn arguments(name: &str) -> &str {
    name.split_once(',')
        .map_or(name, |(arguments, _)| arguments)
}

fn rest(name: &str) -> &str {
    name.get(arguments(name).len()..).unwrap_or_default()
}

fn target_text(target: Target) -> String {
    match target.beyond {
        Some(beyond) => format!("≤ {} ({})", ratio(target.must), ratio(beyond)),
        None => format!("≤ {}", ratio(target.must)),
    }
}

fn ratio(value: f64) -> String {
    if value < 0.095 {
        format!("{value:.3}")
    } else {
        format!("{value:.2}")
    }
}

fn duration(seconds: f64) -> String {
    let milliseconds = seconds * 1000.0;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.2} ms"),
        ..100.0 => format!("{milliseconds:.1} ms"),
        ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{seconds:.2} s"),
    }
}

/// The whole table: as Markdown for readers, or in columns for a terminal, with what was set out for.
pub fn render(lines: &[Line], markdown: bool) -> String {
    let heading = [
        "case",
        "ours",
        "reference",
        "/ reference",
        "/ other",
        "bytes",
        "rounds",
    ]
    .map(str::to_owned);
    let mut rows = vec![heading];
    rows.extend(lines.iter().map(|line| line.cells(!markdown)));
    let mut text = String::new();
    if markdown {
        for (number, row) in rows.iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if number == 0 {
                let _ = writeln!(text, "|---|---:|---:|---:|---|---|---:|");
            }
        }
    } else {
        for row in &rows {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                let width = rows
                    .iter()
                    .filter_map(|row| row.get(at))
                    .map(|cell| cell.chars().count())
                    .max()
                    .unwrap_or(0);
                let _ = write!(line, "{cell:width$}  ");
            }
            let _ = writeln!(text, "{}", line.replace(['`', '*'], "").trim_end());
        }
    }
    for line in lines {
        if let Some(difference) = &line.difference {
            let _ = writeln!(text, "\n{}: bytes differ: {difference}", line.name);
        }
    }
    text
}
