//! The formats a run can be printed in, each a [`Sink`](crate::record::Sink). Nothing else writes to stdout.

pub mod json;
pub mod messages;
pub mod openmetrics;
pub mod output;
pub mod text;
pub mod timestamp;
