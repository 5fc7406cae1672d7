//! Fuzzes [`decorum_fuzz::clock_anchor`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &[u8]| decorum_fuzz::clock_anchor(input));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("this is a fuzz target: run `make fuzz`");
}
