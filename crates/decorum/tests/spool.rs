//! An outcome that the store does not take is not lost: it waits beside, and the next run delivers
//! it before it does anything else.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

mod support;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use support::{Ended, Sandbox, Sim, SmallDisk};

/// Writes until there is no room left.
fn fill(disk: &Path) {
    let mut filler = File::create(disk.join("filler")).expect("a file");
    for size in [65536, 4096, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
fn an_outcome_the_store_does_not_take_is_delivered_by_the_next_run() {
    let sandbox = Sandbox::brisk();
    // Between an act and its commit lies the second look: time enough to take the store away.
    sandbox.write("profile.toml", "[timings]\nsettle_ms = 1500\npoll_ms = 10\n");
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let small = SmallDisk::mount(&sandbox.path("small"), "4m");
    let store = format!("sqlite:{}/decorum.db", small.path().display());
    let with = |args: &[&str]| {
        let mut all = vec!["--store", store.as_str()];
        all.extend(args);
        sandbox.decorum(&all)
    };
    let mut set = vec!["settings", "set"];
    set.extend(support::BRISK);
    with(&set).expect(0);
    let list = sandbox.people("person", 5);
    let more = ["--store", store.as_str()];
    let run = || sandbox.run_command(&phone, "studio.nord", "follow", &list, &more);

    let first =
        run().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the run starts");
    let since = Instant::now();
    while phone.effects().len() < 3 {
        assert!(since.elapsed() < Duration::from_mins(1), "nobody is engaged");
        std::thread::sleep(Duration::from_millis(20));
    }
    fill(small.path());
    let ended = Ended::of(first.wait_with_output().expect("the run ends"));
    ended.expect(7).says("disk is full").says("1 outcome waits for the store in the spool");
    assert_eq!(phone.effects().len(), 3, "nobody else is engaged without a store");
    with(&["doctor"]).says("1 outcome waits");

    fs::remove_file(small.path().join("filler")).expect("room again");
    let again = run().output().expect("the run starts");
    Ended::of(again).expect(0);
    assert_eq!(phone.effects().len(), 5);
    phone.expect_nobody_twice();
    with(&["audit", "verify"]).expect(0);
    let log = with(&["export", "--format", "jsonl"]).expect(0).out;
    let events: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let engaged: Vec<_> = events.iter().filter(|e| e["status"] == "success").collect();
    assert_eq!(engaged.len(), 5, "one event for each effect");
    for event in &engaged {
        assert!(event["reason"].is_null(), "by its holder, not by looking again: {event}");
    }
    with(&["doctor"]).says("spool         empty");
}
