//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod common;
mod content;
mod faults;
mod lists;
mod profile;
mod protocol;
mod scenarios;
