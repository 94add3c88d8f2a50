//! The process edge: the C entry point, the standard descriptors, the exit status.
//!
//! `main` is C's and not Rust's because Rust's start-up code would ignore SIGPIPE for good, so that it could not be left as the caller
//! set it, and would read `/proc/self/maps` to find its stack, which costs a tenth of the time of a short run.
#![no_main]

use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;

/// The entry point that the C library calls.
///
/// The arguments are taken from it: std learns them without its own `main` from glibc only, and from no glibc before 2.34 if the
/// program was linked with a later one.
#[expect(
    unsafe_code,
    reason = "only an unmangled symbol can be the entry point"
)]
#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    netstat::sys::open_standard_descriptors();
    netstat::sys::distrust_environment();
    netstat::sys::name_service::confine_name_service();
    let argv: Vec<OsString> = (0..usize::try_from(argc).unwrap_or(0))
        // SAFETY: C's `main` is given `argc` pointers to strings that live as long as the process.
        .map(|index| unsafe { CStr::from_ptr(*argv.add(index)) })
        .map(|argument| OsStr::from_bytes(argument.to_bytes()).to_owned())
        .collect();
    netstat::program::main(&argv).into()
}

/// Stand-ins for functions that std names and that this program never needs. Libraries would have to be loaded for them.
///
/// They are hidden: modules of the name service must find the real ones. glibc's archive for static programs contains them.
#[cfg(all(
    panic = "abort",
    not(all(target_env = "gnu", target_feature = "crt-static"))
))]
#[expect(
    unsafe_code,
    reason = "only unmangled symbols can stand in for a library's"
)]
mod stand_ins {
    use std::ffi::c_int;
    use std::process::abort;

    macro_rules! hidden {
        ($($name:ident -> $returned:ty { $body:expr })*) => {
            $(
                #[unsafe(no_mangle)]
                extern "C" fn $name() -> $returned {
                    $body
                }

                std::arch::global_asm!(concat!(".hidden ", stringify!($name)));
            )*
        };
    }

    // The unwinder. A program that aborts on panic never unwinds; the message is printed as ever, and a backtrace, which without
    // symbols could name nothing, is empty. libgcc_s would take a tenth of the time of a short run, and its static form, since
    // GCC 12, asks for glibc 2.35. What a later std may want besides is found in libgcc_s.
    hidden! {
        // _URC_END_OF_STACK: there are no more frames.
        _Unwind_Backtrace -> c_int { 5 }
        _Unwind_GetDataRelBase -> ! { abort() }
        _Unwind_GetIP -> ! { abort() }
        _Unwind_GetIPInfo -> ! { abort() }
        _Unwind_GetLanguageSpecificData -> ! { abort() }
        _Unwind_GetRegionStart -> ! { abort() }
        _Unwind_GetTextRelBase -> ! { abort() }
        _Unwind_Resume -> ! { abort() }
        _Unwind_SetGR -> ! { abort() }
        _Unwind_SetIP -> ! { abort() }
    }

    // std asks it for the smallest stack of a thread, and does without an answer. In glibc before 2.34 it is in a library of its own.
    #[cfg(target_env = "gnu")]
    hidden! {
        dlsym -> *mut std::ffi::c_void { std::ptr::null_mut() }
    }
}
