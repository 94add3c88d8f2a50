//! Sockets of old protocol families: IPX, AX.25, X.25, NET/ROM and ROSE.

pub mod circuit;
pub mod ipx;
pub mod rose;

use super::{Value, Visitor};

/// A line that cannot be read. The reference says so among the rows, on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableLine {
    /// The file below the proc root.
    pub file: &'static str,
    /// The complaint begins with a small letter.
    pub lower_case: bool,
}

/// The states of NET/ROM and ROSE sockets.
const STATES: [&str; 4] = ["LISTENING", "CONN SENT", "DISC SENT", "ESTABLISHED"];

/// The name of a state. The reference reads past its tables for those that no kernel has.
fn state_name(names: &[&'static str], state: i32) -> &'static str {
    usize::try_from(state)
        .ok()
        .and_then(|state| names.get(state).copied())
        .unwrap_or("UNKNOWN")
}

/// Visits a column of text without the blanks that fill it.
fn text(name: &'static str, column: &[u8], visit: &mut Visitor<'_>) {
    visit(name, Value::nonempty(column.trim_ascii()));
}

/// Visits the state, in words and as a number.
fn state(name: &'static str, number: i32, visit: &mut Visitor<'_>) {
    visit("state", Value::word(name));
    visit("state_num", Value::Signed(number.into()));
}
