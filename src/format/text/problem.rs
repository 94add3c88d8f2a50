//! Counters that mean trouble: a line each, without headings.

use std::io::Write as _;

use super::column;
use crate::printable;
use crate::record::problem::ProblemRow;

/// Appends the row of a problem: the count, the counter (behind the name of its interface or table), what it means, what it is of, and where
/// to look next.
pub fn row(row: &mut Vec<u8>, record: &ProblemRow<'_>) {
    let problem = &record.problem;
    column::right_unsigned(row, problem.value, 8);
    row.push(b' ');
    let start = row.len();
    let table = problem.trouble.table.as_bytes();
    printable::append(row, record.interface.as_deref().unwrap_or(table));
    row.push(b' ');
    row.extend_from_slice(problem.trouble.counter.as_bytes());
    column::pad(row, start, 27);
    row.push(b' ');
    row.extend_from_slice(problem.trouble.meaning.as_bytes());
    if let (Some(percent), Some(beside)) = (problem.percent(), problem.beside) {
        let _ = write!(row, ", {percent:.1} % of {beside}");
    }
    row.extend_from_slice(b" (");
    row.extend_from_slice(problem.trouble.hint.as_bytes());
    row.extend_from_slice(b")\n");
}
