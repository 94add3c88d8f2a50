//! What the fuzz targets call, shared with the tests of the program.

#[path = "../../tests/support"]
mod support {
    #![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

    pub mod case;
    pub mod checks;
    pub mod generator;
    pub mod random;
}

pub use support::{case, checks, generator, random};
