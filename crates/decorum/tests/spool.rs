//! An outcome that the store does not take is not lost: it waits beside, and the next run delivers
//! it before it does anything else.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use decorum_core::{ErrorClass, Jitter};
use decorum_engine::clock::{Clock as _, SystemClock};
use decorum_engine::spool::{Entry, FileSpool, Spool as _};

use crate::support::{BRISK, Ended, Sandbox, Sim, SmallDisk};

/// Writes until there is no room left.
fn fill(disk: &Path) {
    let mut filler = File::create(disk.join("filler")).expect("a file");
    for size in [65536, 4096, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}

fn wait_for_effects(phone: &Sim, many: usize) {
    let since = Instant::now();
    while phone.effects().len() < many {
        assert!(since.elapsed() < Duration::from_mins(1), "nobody is engaged");
        std::thread::sleep(Duration::from_millis(20));
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
    set.extend(BRISK);
    with(&set).expect(0);
    let list = sandbox.people("person", 5);
    let more = ["--store", store.as_str()];
    let run = || sandbox.run_command(&phone, "studio.nord", "follow", &list, &more);

    let first =
        run().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the run starts");
    wait_for_effects(&phone, 3);
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

/// A worker that was held up may tell only now what it saw: it binds whoever has the account by then.
#[test]
fn what_another_process_leaves_in_the_spool_counts_before_the_next_person() {
    let sandbox = Sandbox::brisk();
    sandbox.write("profile.toml", "[timings]\nsettle_ms = 2500\npoll_ms = 10\n");
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 5);
    let mut run = sandbox.run_command(&phone, "studio.nord", "follow", &list, &["--no-wait"]);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the run starts");
    // The second look at the first of them is still to come.
    wait_for_effects(&phone, 1);
    let seen = Entry::Trouble {
        account: "studio.nord".parse().expect("valid"),
        class: ErrorClass::RateLimited,
        detail: "Try Again Later".to_owned(),
        jitter: Jitter::default(),
        at: SystemClock.now(),
    };
    let store = format!("sqlite:{}", sandbox.path("decorum.db").display());
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let store = decorum_store::open_store(&store).await.expect("a store");
        let place = store.identity().await.expect("an identity").place;
        FileSpool::in_dir(&sandbox.path(""), &place).put(&seen).await.expect("kept");
    });
    let ended = Ended::of(run.wait_with_output().expect("the run ends"));
    ended.expect(5).says("rate");
    assert_eq!(phone.effects().len(), 1, "{:?}", phone.effects());
    sandbox.decorum(&["doctor"]).says("spool         empty");
}
