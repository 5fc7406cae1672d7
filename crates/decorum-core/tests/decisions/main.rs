//! What the core decides, a file a subject, in one program: linking one for each file would take longer
//! than all of them run.

#![allow(clippy::expect_used, reason = "a test may fail")]

mod alerts;
mod breaker;
mod budget;
mod candidates;
mod chain;
mod classify;
mod classify_bodies;
mod classify_cuts;
mod classify_scripts;
mod classify_teach;
mod devices;
mod engage;
mod erasure;
mod filters;
mod import;
mod lease;
mod metadata;
mod names;
mod outcome;
mod persistence;
mod policy;
mod queue;
mod quiet_hours;
mod ramp;
mod retention;
mod schedules;
mod settings;
mod sources;
mod support;
mod task_changes;
mod task_erasure;
mod task_specs;
mod timestamps;

#[test]
fn every_file_here_is_part_of_it() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/decisions");
    for entry in std::fs::read_dir(here).expect("this folder") {
        let name = entry.expect("a file of it").file_name().into_string().expect("a name");
        let subject = name.trim_end_matches(".rs");
        let declared = format!("\nmod {subject};");
        assert!(name == "main.rs" || include_str!("main.rs").contains(&declared), "{name}");
    }
}
