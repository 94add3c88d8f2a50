//! What the test programs share: running netstat or the reference, fixtures, namespaces.
//!
//! * [`program`]: runs the program under test, or the reference, with a directory as /proc, another /etc, another user.
//! * [`tree`]: a /proc to read: committed under `fixtures/`, or written for one test.
//! * [`byte_order`]: fixtures as a kernel of this machine's byte order would have written them.
//! * [`golden`]: fixture × command lines → snapshot, recorded from the reference only.
//! * [`world`]: a network namespace of the test's own and the byte comparison with the reference in it.
//! * [`alone`]: a test in a process, a network, a table of processes of its own.
//! * [`reaped`]: a process that ends with its test.
//! * [`running`]: the program while it runs on.
//! * [`sockets`]: sockets in every state.
//! * [`stop`]: the end of a test's threads.
//! * [`fuse`]: a file whose server does not answer.
//! * [`name_server`]: a name server of the test's own, good or bad, and an /etc that asks it.
//! * [`random`]: a seeded generator, so that a sample is the same on every run.
//! * [`random_files`]: files made of it, and the byte comparison with the reference on them.
//! * [`case`]: one such set of files and how to write it.
//! * [`generator`]: what such files are made of, for all tables but the statistics.

// Every test program takes the part it needs.
#![allow(dead_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

pub mod alone;
pub mod byte_order;
pub mod case;
pub mod checks;
pub mod fuse;
pub mod generator;
pub mod golden;
pub mod long_options;
pub mod name_server;
pub mod pause;
pub mod program;
pub mod random;
pub mod random_files;
pub mod reaped;
pub mod running;
pub mod sockets;
pub mod stop;
pub mod transcript;
pub mod tree;
pub mod world;
