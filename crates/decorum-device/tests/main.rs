//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod against_sim;
mod any_input;
mod by_the_field_notes;
mod corpus;
mod every_screen;
mod extremes;
mod languages;
mod lists;
mod peers;
mod phone;
mod profile;
mod scripts;
mod sieve;
mod sketch;
mod traps;
mod webdriver;
