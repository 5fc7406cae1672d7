//! Fuzzes [`decorum_fuzz::api_body`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| decorum_fuzz::api_body(input));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("this is a fuzz target: run `make fuzz`");
}
