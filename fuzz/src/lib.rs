//! What the fuzz targets call.

#[path = "../../tests/support/checks.rs"]
pub mod checks;
