//! Fuzzes [`decorum_fuzz::schedule`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &str| decorum_fuzz::schedule(input));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("this is a fuzz target: run `make fuzz`");
}
