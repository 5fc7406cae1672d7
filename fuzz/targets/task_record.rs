//! Fuzzes [`decorum_fuzz::task_record`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|input: &str| decorum_fuzz::task_record(input));

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("this is a fuzz target: run `make fuzz`");
}
