#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ways_in::reply::against(data, 6));
