//! Fuzzes [`decorum_fuzz::settings_environment`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &str| decorum_fuzz::settings_environment(input));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("this is a fuzz target: run `make fuzz`");
}
