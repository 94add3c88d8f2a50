#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| netstat_fuzz::checks::check("mounts", data));
