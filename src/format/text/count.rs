//! Ours: the table of counts that takes the place of all others with `--count-by`. What is counted stands in columns of fields.

use super::column;
use crate::record::count::RowCount;

/// How wide the column of counts is.
const COUNT: usize = 7;

/// Appends the heading of the first column.
pub fn heading(row: &mut Vec<u8>) {
    column::right(row, b"Count", COUNT);
    row.push(b'\n');
}

/// Appends the first column of a row.
pub fn row(row: &mut Vec<u8>, count: &RowCount) {
    column::right_unsigned(row, count.rows, COUNT);
    row.push(b'\n');
}
