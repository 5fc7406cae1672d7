//! The main job over MongoDB, and moving between stores.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::collections::BTreeSet;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use decorum_mongod::{Kind, test_database};
use serde_json::Value;

use crate::support::{Sandbox, Sim};

fn on_mongodb() -> Sandbox {
    Sandbox::brisk_on(test_database(Kind::ReplicaSet))
}

#[test]
fn a_second_run_over_mongodb_acts_on_nobody() {
    let sandbox = on_mongodb();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 120);
    let first = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();
    assert_eq!(first["counts"]["success"], 120);
    let effects = phone.effects();
    assert_eq!(effects.len(), 120);

    let second = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();
    assert_eq!((&second["counts"]["dedupe_hit"], &second["round_trips"]), (&120.into(), &0.into()));
    assert_eq!(phone.effects(), effects);
    sandbox.decorum(&["audit", "verify"]).expect(0).says("intact studio.nord: 240 events");
    sandbox.decorum(&["doctor"]).expect(0).says("replica set");
}

#[test]
fn sigkill_over_mongodb_neither_repeats_nor_forgets_anybody() {
    let sandbox = on_mongodb();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[latency]\ntap_ms = 15\nsource_ms = 3\nfind_ms = 3\n",
    );
    let list = sandbox.people("person", 100);
    for _ in 0..8 {
        let mut run = sandbox
            .run_command(&phone, "studio.nord", "follow", &list, &[])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        // The moment is what is random here.
        sleep(Duration::from_millis(fastrand::u64(150..900)));
        run.kill().expect("it is killed");
        run.wait().expect("it is gone");
    }
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    phone.expect_nobody_twice();
    let reached: BTreeSet<_> = phone.effects().into_keys().map(|(_, person, _)| person).collect();
    assert_eq!(reached.len(), 100);
    let recorded: BTreeSet<String> = sandbox
        .events()
        .iter()
        .filter(|e| e["status"] == "success" || e["reason"] == "already_following")
        .map(|e| e["target_username"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(recorded, reached);
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn two_runs_of_one_account_over_mongodb_exclude_each_other() {
    let sandbox = on_mongodb();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\ntap_ms = 20\n");
    let (list, other) = (sandbox.people("person", 60), sandbox.people("other", 3));
    let mut run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while phone.effects().is_empty() {
        sleep(Duration::from_millis(10));
    }
    let second = sandbox.run(&phone, "studio.nord", "follow", &other, &["--no-wait"]);
    assert!([5, 7].contains(&second.code), "{} {}", second.code, second.err);
    assert!(run.wait().expect("it ends").success());
    phone.expect_nobody_twice();
}

#[test]
fn a_store_is_moved_to_mongodb_and_back() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 30);
    sandbox.run(&phone, "studio.nord", "follow,like", &list, &[]).expect(0);
    sandbox.decorum(&["suppress", "never.me", "--note", "asked"]).expect(0);
    sandbox.decorum(&["target", "forget", "person0007"]).expect(0);
    let here = format!("sqlite:{}", sandbox.path("decorum.db").display());
    let there = test_database(Kind::Standalone);
    let back = format!("sqlite:{}", sandbox.path("back.db").display());

    sandbox.decorum(&["store", "copy", &here, &there]).expect(0).says("60 events");
    let copied = sandbox.decorum(&["store", "copy", &there, &back, "--json"]).expect(0).json();
    assert_eq!(copied["events"], 60);

    let log = |store: &str| -> BTreeSet<String> {
        let args = ["export", "--format", "jsonl", "--store", store];
        sandbox.decorum(&args).expect(0).out.lines().map(str::to_owned).collect()
    };
    assert_eq!(log(&there), log(&here));
    assert_eq!(log(&back), log(&here));
    for store in [&there, &back] {
        sandbox.decorum(&["audit", "verify", "--store", store]).expect(0);
        let args = ["check", "studio.nord", "follow", "person0001", "never.me", "person0007"];
        let checked = sandbox.command(&args).args(["--store", store]).output().expect("it starts");
        assert_eq!(checked.status.code(), Some(3), "nobody of them may be engaged");
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert_eq!(said.matches("suppressed").count(), 2, "{said}");
    }
    sandbox.decorum(&["store", "copy", &here, &there]).expect(2).says("is not empty");
    sandbox.decorum(&["store", "copy", "sqlite:/nowhere.db", &back]).expect(2).says("not there");
    let metrics = |store: &str| -> Value {
        sandbox.decorum(&["metrics", "--json", "--store", store]).expect(0).json()
    };
    assert_eq!(metrics(&there), metrics(&here));
}

#[test]
fn a_database_that_is_not_there_is_said_and_nobody_is_engaged() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 3);
    let store = ["--store", "mongodb://127.0.0.1:9/decorum"];
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &store)
        .expect(7)
        .says("mongodb://127.0.0.1:9/decorum cannot be reached");
    assert!(phone.ledger().is_empty());
    sandbox.decorum(&["check", "a", "follow", "b", "--store", "mongodb://"]).expect(2);
}
