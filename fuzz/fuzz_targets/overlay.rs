#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ways_in::overlay(data));
