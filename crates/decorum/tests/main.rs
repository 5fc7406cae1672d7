//! Every test file of this crate in one program: linking a program is most of what a file costs.

mod audit;
mod bad_input;
mod clock;
mod commands;
mod demo;
mod doctor;
mod export;
mod faults;
mod fleet;
mod import;
mod languages;
mod maintenance;
mod message_rules;
mod rest;
mod run_twice;
mod serve;
mod sigkill;
mod spool;
mod support;
mod tasks;
mod tls;
