//! Sinks that pass records on to another: they choose, wait, count, sort, compare. None knows one table from another; what they go by is
//! [`Fields`](crate::record::Fields).

pub mod byte_order;
pub mod changes;
pub mod count;
pub mod filter;
mod held;
mod key;
pub mod names;
pub mod per_second;
pub mod sort;

#[cfg(test)]
mod tests;
