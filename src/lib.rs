//! A `netstat` for Linux that prints the same bytes as net-tools 2.10, without its faults.
//!
//! Data goes one way. [`cli`] turns the arguments into what was typed, [`query`] into what is meant. [`collect`] reads the kernel's
//! tables and lends their [`record`]s to a [`record::Sink`]: a [`stage`] that passes them on to another sink, or a [`format`] that makes
//! bytes of them. [`field`] is the vocabulary of all that goes by fields, [`shown`] what values look like. [`report`] is the order of the tables and the loop of `-c`, [`program`] builds the pipeline.
//!
//! A module uses only what stands on a lower floor than its own; `tests/properties/floors.rs` has the floors and holds them to that.

pub mod cli;
pub mod collect;
pub mod error;
pub mod field;
pub mod format;
pub mod inline;
pub mod lines;
pub mod names;
pub mod netns;
pub mod printable;
pub mod proc_root;
pub mod program;
pub mod query;
pub mod record;
pub mod report;
pub mod scan;
pub mod selinux;
pub mod shown;
pub mod stage;
pub mod sys;
