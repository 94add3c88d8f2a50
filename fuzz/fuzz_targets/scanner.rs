//! Our scanner against the C library's `sscanf` and `strtoul`, conversion after conversion over the same text.

#![no_main]

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_uint, c_ulong, c_void};

use libfuzzer_sys::fuzz_target;
use netstat::scan::Scanner;

fuzz_target!(|data: &[u8]| {
    let Some((&count, data)) = data.split_first() else {
        return;
    };
    let Some((conversions, text)) = data.split_at_checked(usize::from(count % 8)) else {
        return;
    };
    let Ok(text) = CString::new(text) else {
        return;
    };
    let mut ours = Scanner::new(text.to_bytes());
    let mut theirs = text.as_c_str();
    for conversion in conversions {
        if !agree(conversion % 11, &mut ours, &mut theirs) {
            // What sscanf has read of a field that does not fit is lost to it, and nobody asks for it.
            return;
        }
        assert_eq!(ours.rest(), theirs.to_bytes());
    }
});

/// Applies one conversion to both and compares. Whether there was something to convert.
fn agree(conversion: u8, ours: &mut Scanner<'_>, theirs: &mut &CStr) -> bool {
    match conversion {
        0 => {
            let mut value: c_ulong = 0;
            let found = sscanf(theirs, c"%lx%n", (&raw mut value).cast());
            assert_eq!(ours.hex_long(), found.then_some(value));
            found
        }
        1 => {
            let mut value: c_uint = 0;
            let found = sscanf(theirs, c"%x%n", (&raw mut value).cast());
            assert_eq!(ours.hex32(), found.then_some(value));
            found
        }
        2 => {
            let mut value: *mut c_void = std::ptr::null_mut();
            let found = sscanf(theirs, c"%p%n", (&raw mut value).cast());
            assert_eq!(ours.pointer(), found.then_some(value.addr() as u64));
            found
        }
        3 => {
            let mut value: c_uint = 0;
            let found = sscanf(theirs, c"%4x%n", (&raw mut value).cast());
            assert_eq!(ours.hex_within(4), found.then_some(value));
            found
        }
        4 => {
            let mut value: c_uint = 0;
            let found = sscanf(theirs, c"%2x%n", (&raw mut value).cast());
            assert_eq!(ours.hex_within(2), found.then_some(value));
            found
        }
        5 => {
            let mut value: c_ulong = 0;
            let found = sscanf(theirs, c"%lu%n", (&raw mut value).cast());
            assert_eq!(ours.decimal64(), found.then_some(value));
            found
        }
        6 => {
            let mut value: c_long = 0;
            let found = sscanf(theirs, c"%ld%n", (&raw mut value).cast());
            assert_eq!(ours.integer_long(), found.then_some(value));
            found
        }
        7 => {
            let mut value: c_int = 0;
            let found = sscanf(theirs, c"%d%n", (&raw mut value).cast());
            assert_eq!(ours.integer32(), found.then_some(value));
            found
        }
        8 => word(theirs, c"%15s%n", ours.word(15)),
        9 => word(theirs, c" %64[0-9A-Fa-f]%n", ours.hex_word(64)),
        _ => {
            let mut end: *mut c_char = std::ptr::null_mut();
            // SAFETY: the text ends with a NUL, and `end` is a place for a pointer into it.
            let value = unsafe { libc::strtoul(theirs.as_ptr(), &raw mut end, 0) };
            let found = end.cast_const() != theirs.as_ptr();
            assert_eq!(ours.prefixed_long(), found.then_some(value));
            // SAFETY: `end` points into the text that `theirs` borrows, or behind its last byte, where its NUL is.
            *theirs = unsafe { CStr::from_ptr(end) };
            found
        }
    }
}

fn word(theirs: &mut &CStr, format: &CStr, ours: Option<&[u8]>) -> bool {
    let mut value = [0u8; 65];
    let found = sscanf(theirs, format, value.as_mut_ptr().cast());
    let value = CStr::from_bytes_until_nul(&value).expect("sscanf ends it with a NUL");
    assert_eq!(ours, found.then_some(value.to_bytes()));
    found
}

/// Converts one field of `text` and goes on to what follows it. `false` if there is none.
///
/// `format` has one conversion into what `value` points to, and then `%n`.
fn sscanf(text: &mut &CStr, format: &CStr, value: *mut c_void) -> bool {
    let mut read: c_int = 0;
    // SAFETY: both strings end with a NUL; the format asks for the two places that are given, and the callers give it one of
    // the type (or of the length) of its conversion.
    let found = unsafe { libc::sscanf(text.as_ptr(), format.as_ptr(), value, &raw mut read) };
    if found != 1 {
        return false;
    }
    let read = usize::try_from(read).expect("%n is a length");
    *text = CStr::from_bytes_with_nul(&text.to_bytes_with_nul()[read..]).expect("the rest of it");
    true
}
