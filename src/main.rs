//! The process edge: the C entry point, the standard descriptors, the exit status.
//!
//! `main` is C's and not Rust's because Rust's start-up code would ignore SIGPIPE for good, so that it could not be left as the caller
//! set it, and would read `/proc/self/maps` to find its stack, which costs a tenth of the time of a short run.
#![no_main]

use std::ffi::{c_char, c_int};

/// The entry point that the C library calls. The arguments are taken from std, which has them from the C library too.
#[expect(
    unsafe_code,
    reason = "only an unmangled symbol can be the entry point"
)]
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    netstat::sys::open_standard_descriptors();
    netstat::sys::distrust_environment();
    netstat::sys::name_service::confine_name_service();
    let argv: Vec<_> = std::env::args_os().collect();
    netstat::program::main(&argv).into()
}

// Taken from the static archive, the unwinder of panic messages spares each start the loading of libgcc_s.
#[cfg(all(target_env = "gnu", not(target_feature = "crt-static")))]
#[expect(unsafe_code, reason = "an empty block only names a library to link")]
#[link(name = "gcc_eh", kind = "static", modifiers = "-bundle")]
unsafe extern "C" {}
