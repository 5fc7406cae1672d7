//! Tasks and workers as real processes, over a real store, on simulated phones.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::time::Duration;

use decorum_mongod::{Kind, test_database};
use serde_json::Value;

use crate::support::crew::{Hook, Worker, in_seconds, until};
use crate::support::{Sandbox, Sim};

/// Long enough for what is to happen within seconds on a busy machine.
const SOON: Duration = Duration::from_secs(40);

/// A task, submitted with the arguments.
fn submit(sandbox: &Sandbox, id: &str, account: &str, more: &[&str]) -> Value {
    let mut args = vec!["task", "submit", "--id", id, "--account", account, "--json"];
    args.extend(more);
    sandbox.decorum(&args).expect(0).json()
}

fn on_list(sandbox: &Sandbox, id: &str, account: &str, prefix: &str, n: usize) -> Value {
    let list = sandbox.people(prefix, n);
    let list = list.to_str().expect("a path in UTF-8");
    submit(sandbox, id, account, &["--action", "follow", "--targets", list])
}

fn task(sandbox: &Sandbox, id: &str) -> Value {
    sandbox.decorum(&["task", "show", id, "--json"]).expect(0).json()
}

fn reaches(sandbox: &Sandbox, id: &str, state: &str) -> Value {
    until(SOON, &format!("task {id} is {state}"), || {
        let task = task(sandbox, id);
        if task["state"] == state { Ok(task) } else { Err(task.to_string()) }
    })
}

fn waits_for(sandbox: &Sandbox, id: &str, reason: &str) -> Value {
    until(SOON, &format!("task {id} waits ({reason})"), || {
        let task = task(sandbox, id);
        let waits = task["state"] == "waiting" && task["reason"] == reason;
        if waits { Ok(task) } else { Err(task.to_string()) }
    })
}

fn has_engaged(sandbox: &Sandbox, id: &str, n: u64) {
    until(SOON, &format!("task {id} has engaged {n}"), || {
        let task = task(sandbox, id);
        let engaged = task["progress"]["engaged"].as_u64().unwrap_or_default();
        if engaged >= n { Ok(()) } else { Err(task.to_string()) }
    });
}

fn add_phone(sandbox: &Sandbox, phone: &Sim, accounts: &str) {
    sandbox.decorum(&["device", "add", &phone.url, "--account", accounts]).expect(0);
}

/// The people a phone engaged, in order.
fn engaged(phone: &Sim) -> Vec<String> {
    let took_effect =
        |entry: &&Value| matches!(entry["effect"].as_str(), Some("applied" | "requested"));
    let name = |entry: &Value| entry["target_username"].as_str().expect("a name").to_owned();
    phone.ledger().iter().filter(took_effect).map(name).collect()
}

fn stores() -> Vec<Sandbox> {
    vec![Sandbox::brisk(), Sandbox::brisk_on(test_database(Kind::ReplicaSet))]
}

#[test]
fn tasks_of_an_account_go_by_priority_and_then_in_order() {
    for sandbox in stores() {
        let phone = Sim::start(&sandbox, "account = 'studio.nord'");
        add_phone(&sandbox, &phone, "studio.nord");
        on_list(&sandbox, "first", "studio.nord", "first", 3);
        on_list(&sandbox, "second", "studio.nord", "second", 3);
        on_list(&sandbox, "third", "studio.nord", "third", 3);
        let list = sandbox.people("urgent", 3);
        let list = list.to_str().expect("a path");
        let urgent = ["--action", "follow", "--targets", list, "--priority", "5"];
        submit(&sandbox, "urgent", "studio.nord", &urgent);
        sandbox.decorum(&["task", "move", "third", "--before", "second"]).expect(0);

        let worker = Worker::start(&sandbox, "one");
        for id in ["urgent", "first", "third", "second"] {
            let task = reaches(&sandbox, id, "succeeded");
            assert_eq!(task["progress"]["engaged"], 3);
            assert_eq!(task["progress"]["left"], 0);
        }
        worker.ends_in_order();

        let order: Vec<String> =
            engaged(&phone).iter().map(|name| name[..name.len() - 4].to_owned()).collect();
        let expected: Vec<&str> =
            ["urgent", "first", "third", "second"].into_iter().flat_map(|p| [p; 3]).collect();
        assert_eq!(order, expected);
    }
}

#[test]
fn a_second_task_of_a_busy_account_says_that_it_waits_and_then_runs() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\ntap_ms = 60\n");
    add_phone(&sandbox, &phone, "studio.nord");
    on_list(&sandbox, "first", "studio.nord", "first", 40);
    on_list(&sandbox, "second", "studio.nord", "second", 2);
    let _worker = Worker::start(&sandbox, "one");

    has_engaged(&sandbox, "first", 1);
    waits_for(&sandbox, "second", "account_busy");
    sandbox.decorum(&["task", "list"]).expect(0).says("until the account's task before it is over");
    sandbox.decorum(&["device", "list"]).expect(0).says("busy with task first");

    reaches(&sandbox, "first", "succeeded");
    reaches(&sandbox, "second", "succeeded");
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 42);
}

#[test]
fn a_task_is_paused_resumed_and_cancelled_between_two_engagements() {
    for sandbox in stores() {
        let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\ntap_ms = 40\n");
        add_phone(&sandbox, &phone, "studio.nord");
        on_list(&sandbox, "work", "studio.nord", "work", 400);
        let _worker = Worker::start(&sandbox, "one");

        has_engaged(&sandbox, "work", 2);
        sandbox.decorum(&["task", "pause", "work"]).expect(0).says("stops after the engagement");
        let paused = reaches(&sandbox, "work", "paused");
        let done = phone.effects().len();
        assert_eq!(paused["progress"]["engaged"], done, "what was done is noted, and no more");
        sandbox.decorum(&["audit", "verify"]).expect(0);
        assert_eq!(phone.effects().len(), done, "nothing goes on in a paused task");

        sandbox.decorum(&["task", "resume", "work"]).expect(0);
        has_engaged(&sandbox, "work", done as u64 + 2);
        sandbox.decorum(&["task", "cancel", "work"]).expect(0);
        let cancelled = reaches(&sandbox, "work", "cancelled");
        let done = phone.effects().len();
        assert_eq!(cancelled["progress"]["engaged"], done);
        sandbox.decorum(&["task", "resume", "work"]).expect(1).says("cancelled");
        phone.expect_nobody_twice();
    }
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_nobody_is_engaged_twice() {
    for sandbox in stores() {
        let phone = Sim::start(
            &sandbox,
            "account = 'studio.nord'\n[latency]\ntap_ms = 15\nsource_ms = 3\nfind_ms = 3\n",
        );
        add_phone(&sandbox, &phone, "studio.nord");
        on_list(&sandbox, "work", "studio.nord", "work", 36);
        for kill in 0..3 {
            let worker = Worker::start(&sandbox, "one");
            let before = phone.effects().len();
            until(SOON, "the worker goes on", || {
                let now = phone.effects().len();
                if now > before + 3 || now >= 36 { Ok(()) } else { Err(now.to_string()) }
            });
            std::thread::sleep(Duration::from_millis(fastrand::u64(0..150) * (kill + 1) / 4));
            worker.kill();
        }
        let worker = Worker::start(&sandbox, "another");
        let task = reaches(&sandbox, "work", "succeeded");
        worker.ends_in_order();

        phone.expect_nobody_twice();
        assert_eq!(phone.effects().len(), 36, "everybody was engaged");
        assert_eq!(task["progress"]["engaged"], 36, "what a dead worker did counts: {task}");
        sandbox.decorum(&["audit", "verify"]).expect(0);
    }
}

#[test]
fn a_frozen_worker_is_replaced_within_a_lease_and_does_no_harm_when_it_wakes() {
    let sandbox = Sandbox::brisk_on(test_database(Kind::ReplicaSet));
    // What it had claimed is in doubt for others once this is over.
    sandbox.decorum(&["settings", "set", "claim_lease_seconds=30"]).expect(0);
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\ntap_ms = 40\n");
    add_phone(&sandbox, &phone, "studio.nord");
    on_list(&sandbox, "work", "studio.nord", "work", 60);
    let frozen = Worker::start(&sandbox, "frozen");
    has_engaged(&sandbox, "work", 2);
    frozen.freeze();
    let before = phone.effects().len();

    let _other = Worker::start(&sandbox, "other");
    until(Duration::from_secs(45), "another worker goes on", || {
        let now = phone.effects().len();
        if now > before + 5 { Ok(()) } else { Err(now.to_string()) }
    });
    frozen.thaw();
    let task = reaches(&sandbox, "work", "succeeded");

    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 60);
    assert_eq!(task["progress"]["done"], 60);
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn a_phone_that_is_lost_leaves_the_task_to_another_phone_of_the_account() {
    let sandbox = Sandbox::brisk();
    // Both phones show the same app, whose memory is the ledger: the second is taken out of the
    // drawer when the first is gone. Answers come late, so that it is lost with an act under way.
    let scenario = format!(
        "account = 'studio.nord'\nledger_file = '{}'\n[latency]\ntap_ms = 150\n",
        sandbox.path("ledger").display()
    );
    let lost = Sim::start(&sandbox, &scenario);
    add_phone(&sandbox, &lost, "studio.nord");
    on_list(&sandbox, "work", "studio.nord", "work", 40);
    let _worker = Worker::start(&sandbox, "one");
    has_engaged(&sandbox, "work", 3);
    let before = lost.effects().len();
    drop(lost);
    assert!(before < 40, "the phone was lost in the middle");

    waits_for(&sandbox, "work", "device");
    until(SOON, "somebody is told", || {
        let alerts = sandbox.decorum(&["alerts", "list", "--json"]).expect(0).json();
        if alerts["items"][0]["kind"] == "device_lost" { Ok(()) } else { Err(alerts.to_string()) }
    });
    let other = Sim::start(&sandbox, &scenario);
    add_phone(&sandbox, &other, "studio.nord");
    let task = reaches(&sandbox, "work", "succeeded");

    assert_eq!(task["progress"]["engaged"], 40, "{task}");
    other.expect_nobody_twice();
    // Of the act under way, only the lost phone could tell whether it is still to be done.
    let presumed = sandbox.events().iter().filter(|event| event["reason"] == "presumed").count();
    let effects = other.effects().len();
    assert!(presumed <= 1 && (40 - presumed..=40).contains(&effects), "{effects}, {presumed}");
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn a_wait_frees_the_phone_for_the_phones_other_account() {
    let sandbox = Sandbox::brisk();
    sandbox.decorum(&["settings", "set", "rate_limit_steps=[600]"]).expect(0);
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\nother_accounts = ['studio.sued']\n\
         [[faults]]\nkind = 'rate_limit'\nat_act = 3\nfor_seconds = 1\n",
    );
    add_phone(&sandbox, &phone, "studio.nord,studio.sued");
    on_list(&sandbox, "north", "studio.nord", "north", 6);
    let _worker = Worker::start(&sandbox, "one");
    let waits = waits_for(&sandbox, "north", "backoff");
    assert!(waits["until"].is_string(), "{waits}");

    on_list(&sandbox, "south", "studio.sued", "south", 3);
    reaches(&sandbox, "south", "succeeded");
    assert_eq!(task(&sandbox, "north")["reason"], "backoff");

    sandbox.decorum(&["account", "clear", "studio.nord", "--note", "looked"]).expect(0);
    reaches(&sandbox, "north", "succeeded");
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 9);
}

#[test]
fn a_halted_account_stays_halted_and_a_person_is_told_by_alert_and_webhook() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'challenge'\nat_act = 3\n",
    );
    let hook = Hook::listen();
    add_phone(&sandbox, &phone, "studio.nord");
    on_list(&sandbox, "work", "studio.nord", "work", 6);
    on_list(&sandbox, "more", "studio.nord", "more", 2);
    let worker = Worker::start_with(&sandbox, "one", &["--webhook", &hook.url]);

    let waits = waits_for(&sandbox, "work", "halted");
    assert_eq!(waits["until"], Value::Null);
    waits_for(&sandbox, "more", "halted");
    let told = hook.next(SOON);
    assert_eq!(told["alert"]["kind"], "account_halted");
    assert_eq!(told["alert"]["subject"], "studio.nord");
    let requests = phone.requests();
    worker.ends_in_order();
    let worker = Worker::start(&sandbox, "another");
    sandbox.decorum(&["task", "resume", "work"]).expect(0);
    waits_for(&sandbox, "work", "halted");
    assert_eq!(phone.effects().len(), 2, "a halted account acts on nobody");
    // Asking whether the phone is there is one request; no page was opened.
    assert!(phone.requests() <= requests + 8, "the phone was left alone");

    phone.post("/sim/clear", &Value::Null);
    sandbox.decorum(&["account", "clear", "studio.nord", "--note", "it was me"]).expect(0);
    reaches(&sandbox, "work", "succeeded");
    reaches(&sandbox, "more", "succeeded");
    until(SOON, "the alert is closed", || {
        let alerts = sandbox.decorum(&["alerts", "list", "--json"]).expect(0).json();
        if alerts["items"] == serde_json::json!([]) { Ok(()) } else { Err(alerts.to_string()) }
    });
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 8);
    worker.ends_in_order();
}

/// A phone with two accounts, the first of which has done its task; then the platform asks for a person.
fn asked_between_two_accounts(sandbox: &Sandbox) -> (Sim, Worker) {
    let phone = Sim::start(sandbox, "accounts = ['studio.nord', 'studio.sued']\n");
    add_phone(sandbox, &phone, "studio.nord,studio.sued");
    on_list(sandbox, "north", "studio.nord", "north", 2);
    let worker = Worker::start(sandbox, "one");
    reaches(sandbox, "north", "succeeded");
    phone.post(
        "/sim/faults",
        &serde_json::json!({"kind": "challenge", "route": "source", "times": 1}),
    );
    (phone, worker)
}

fn states(sandbox: &Sandbox) -> Vec<(String, String)> {
    let accounts = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let items = accounts["items"].as_array().expect("a list").iter();
    items.map(|account| (text(&account["account_id"]), text(&account["state"]))).collect()
}

fn alerts(sandbox: &Sandbox) -> Vec<Value> {
    let alerts = sandbox.decorum(&["alerts", "list", "--json"]).expect(0).json();
    alerts["items"].as_array().expect("a list").clone()
}

#[test]
fn what_the_app_asks_of_the_account_in_front_halts_that_one_and_not_the_one_that_wants_the_phone() {
    let sandbox = Sandbox::brisk();
    let (phone, worker) = asked_between_two_accounts(&sandbox);
    on_list(&sandbox, "south", "studio.sued", "south", 2);

    waits_for(&sandbox, "south", "device");
    let halted = |(name, state): &(String, String)| (state == "halted").then(|| name.clone());
    let all = states(&sandbox);
    assert_eq!(all.iter().filter_map(halted).collect::<Vec<_>>(), ["studio.nord"], "{all:?}");
    let told = alerts(&sandbox);
    assert!(
        told.iter().any(|a| a["kind"] == "account_halted"
            && a["subject"] == "studio.nord"
            && a["message"].as_str().is_some_and(|m| m.contains("studio.sued cannot be brought"))),
        "{told:?}"
    );

    phone.post("/sim/clear", &Value::Null);
    reaches(&sandbox, "south", "succeeded");
    assert_eq!(phone.effects().len(), 4);
    worker.ends_in_order();
}

#[test]
fn where_nobody_can_tell_who_is_in_front_nobody_is_halted_and_a_person_is_called() {
    let sandbox = Sandbox::brisk();
    let (phone, worker) = asked_between_two_accounts(&sandbox);
    // Whoever had the phone in between may have brought anybody to the front.
    let id = phone.url.trim_start_matches("http://").to_owned();
    until(SOON, "somebody else has the phone", || {
        let ended = sandbox.decorum(&["device", "screenshot", &id]);
        if ended.code == 0 { Ok(()) } else { Err(ended.err) }
    });
    on_list(&sandbox, "south", "studio.sued", "south", 2);

    waits_for(&sandbox, "south", "person");
    let all = states(&sandbox);
    assert!(all.iter().all(|(_, state)| state != "halted"), "{all:?}");
    let told = alerts(&sandbox);
    assert!(
        told.iter().any(|a| a["kind"] == "queue_stuck"
            && a["subject"] == "south"
            && a["message"].as_str().is_some_and(|m| m.contains("cannot be told"))),
        "{told:?}"
    );

    phone.post("/sim/clear", &Value::Null);
    sandbox.decorum(&["task", "resume", "south"]).expect(0);
    reaches(&sandbox, "south", "succeeded");
    worker.ends_in_order();
}

#[test]
fn a_dry_run_reads_and_decides_and_never_taps() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    add_phone(&sandbox, &phone, "studio.nord");
    sandbox.decorum(&["suppress", "people0001"]).expect(0);
    let list = sandbox.people("people", 5);
    let list = list.to_str().expect("a path");
    let args = ["--action", "follow", "--targets", list, "--dry-run"];
    submit(&sandbox, "dry", "studio.nord", &args);
    let _worker = Worker::start(&sandbox, "one");

    let task = reaches(&sandbox, "dry", "succeeded");
    assert_eq!(task["progress"]["engaged"], 4, "they would have been");
    assert_eq!(task["progress"]["refused"], 1);
    assert!(phone.ledger().is_empty(), "nobody was touched");
    assert!(sandbox.events().is_empty(), "and nothing is on record");
    sandbox
        .decorum(&["task", "candidates", "dry"])
        .expect(0)
        .says("people0001")
        .says("refused (suppressed)");
}

#[test]
fn a_scheduled_task_makes_a_copy_when_it_is_due() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    add_phone(&sandbox, &phone, "studio.nord");
    let list = sandbox.people("later", 3);
    let list = list.to_str().expect("a path");
    let due = in_seconds(4);
    let args = ["--action", "follow", "--targets", list, "--at", &due];
    let waits = submit(&sandbox, "later", "studio.nord", &args);
    assert_eq!((&waits["state"], &waits["reason"]), (&"waiting".into(), &"schedule".into()));
    let daily =
        ["--action", "like", "--targets", list, "--daily", "09:30", "--time-zone", "Europe/Berlin"];
    let waits = submit(&sandbox, "daily", "studio.nord", &daily);
    assert!(waits["until"].is_string());
    let _workers = [Worker::start(&sandbox, "one"), Worker::start(&sandbox, "two")];

    reaches(&sandbox, "later", "succeeded");
    let tasks = until(SOON, "the copy has succeeded", || {
        let tasks = sandbox.decorum(&["task", "list", "--json"]).expect(0).json();
        let items = tasks["items"].as_array().expect("a list").clone();
        let copies: Vec<&Value> = items.iter().filter(|t| t["copy_of"] == "later").collect();
        match copies.as_slice() {
            [copy] if copy["state"] == "succeeded" => Ok(items.clone()),
            _ => Err(format!("{copies:?}")),
        }
    });
    assert_eq!(tasks.len(), 3, "one copy, and none of the daily task yet");
    assert_eq!(phone.effects().len(), 3);
    let bad = [
        "task",
        "submit",
        "--account",
        "a",
        "--action",
        "like",
        "--targets",
        list,
        "--daily",
        "9",
        "--time-zone",
        "UTC",
    ];
    sandbox.decorum(&bad).expect(2).says("schedule.at");
}

#[test]
fn a_worker_that_is_asked_to_end_finishes_the_engagement_and_leaves_the_rest_to_others() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[latency]\ntap_ms = 40\n");
    add_phone(&sandbox, &phone, "studio.nord");
    on_list(&sandbox, "work", "studio.nord", "work", 30);
    let worker = Worker::start(&sandbox, "one");
    has_engaged(&sandbox, "work", 2);
    worker.ends_in_order();

    let left = task(&sandbox, "work");
    assert_eq!(left["state"], "queued");
    assert_eq!(left["progress"]["engaged"], phone.effects().len());
    let doubts = sandbox.decorum(&["doctor", "--json"]).expect(0);
    assert!(!doubts.out.contains("in doubt"), "{}", doubts.out);

    let _other = Worker::start(&sandbox, "two");
    let task = reaches(&sandbox, "work", "succeeded");
    assert_eq!(task["progress"]["engaged"], 30);
    phone.expect_nobody_twice();
}

#[test]
fn wrong_tasks_are_refused_and_change_nothing() {
    let sandbox = Sandbox::brisk();
    let list = sandbox.people("people", 2);
    let list = list.to_str().expect("a path");
    let submit = |more: &[&str]| {
        let mut args = vec!["task", "submit", "--account", "studio.nord"];
        args.extend(more);
        sandbox.decorum(&args)
    };
    submit(&["--action", "comment", "--targets", list]).expect(2).says("comments");
    submit(&["--action", "follow", "--source", "friends-of:anna"])
        .expect(2)
        .says("followers-of:USER");
    submit(&["--action", "follow"]).expect(2).says("--targets");
    submit(&["--action", "follow", "--targets", list, "--limit", "0"]).expect(2).says("limit");
    submit(&[
        "--action",
        "follow",
        "--targets",
        list,
        "--min-followers",
        "9",
        "--max-followers",
        "1",
    ])
    .expect(2)
    .says("nobody would be left");
    sandbox.decorum(&["task", "show", "nothing"]).expect(2).says("there is no task `nothing`");
    sandbox.decorum(&["device", "add", "nowhere", "--account", "a"]).expect(2);
    sandbox.decorum(&["device", "check", "nothing"]).expect(2).says("decorum device list");
    sandbox.decorum(&["alerts", "close", "x"]).expect(2).says("decorum alerts list");
    let tasks = sandbox.decorum(&["task", "list", "--json"]).expect(0).json();
    assert_eq!(tasks["items"], serde_json::json!([]));
}

#[test]
fn a_task_is_cloned_and_engages_nobody_again() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    add_phone(&sandbox, &phone, "studio.nord");
    on_list(&sandbox, "work", "studio.nord", "work", 4);
    let _worker = Worker::start(&sandbox, "one");
    reaches(&sandbox, "work", "succeeded");

    let clone = sandbox.decorum(&["task", "clone", "work", "--json"]).expect(0).json();
    let id = clone["id"].as_str().expect("an id");
    let task = reaches(&sandbox, id, "succeeded");
    assert_eq!(task["progress"]["refused"], 4);
    phone.expect_nobody_twice();
    let shot = sandbox.decorum(&["device", "screenshot", phone.url.trim_start_matches("http://")]);
    let shot = shot.expect(0).out;
    assert!(std::fs::read(shot.trim()).expect("a file").starts_with(b"\x89PNG"));
}

#[test]
fn people_are_looked_for_and_engaged_and_the_crawl_goes_on_where_it_was() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[population]\nlist_length = 40\n[latency]\nsource_ms = 20\n",
    );
    add_phone(&sandbox, &phone, "studio.nord");
    let source =
        ["crawl", "--id", "look", "--account", "studio.nord", "--source", "followers-of:anna"];
    sandbox.decorum(&source).expect(0);
    let worker = Worker::start(&sandbox, "one");
    until(SOON, "somebody is on the list", || {
        let task = task(&sandbox, "look");
        let n = task["progress"]["candidates"].as_u64().unwrap_or_default();
        if n > 0 { Ok(()) } else { Err(task.to_string()) }
    });
    worker.kill();

    let _worker = Worker::start(&sandbox, "two");
    let looked = reaches(&sandbox, "look", "succeeded");
    assert_eq!(looked["progress"]["candidates"], 40);
    assert_eq!(looked["crawl"]["finished"], true);
    assert!(phone.ledger().is_empty(), "a crawl engages nobody");
    let lines = sandbox.decorum(&["task", "candidates", "look", "--json"]).expect(0).out;
    let names: std::collections::BTreeSet<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["username"].to_string())
        .collect();
    assert_eq!(names.len(), 40, "everybody once");

    let args = ["--action", "follow", "--source", "followers-of:anna", "--limit", "15"];
    submit(&sandbox, "engage", "studio.nord", &args);
    let task = reaches(&sandbox, "engage", "succeeded");
    assert!(task["progress"]["engaged"].as_u64().expect("a number") >= 10, "{task}");
    assert!(phone.effects().len() <= 15);
    phone.expect_nobody_twice();
}

#[test]
fn people_are_left_out_by_what_their_page_shows() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[population]\nprivate = ['people0001']\n\
         [[people]]\nusername = 'people0002'\nfollowers = 7\n\
         [[people]]\nusername = 'people0003'\nfollowers = 700\nbio = 'Agency for everything'\n\
         [[people]]\nusername = 'people0000'\nfollowers = 700\nbio = 'ceramics'\n",
    );
    add_phone(&sandbox, &phone, "studio.nord");
    let list = sandbox.people("people", 4);
    let list = list.to_str().expect("a path");
    let filters = ["--skip-private", "--min-followers", "100", "--bio-excludes", "agency"];
    let mut args = vec!["--action", "follow", "--targets", list];
    args.extend(filters);
    submit(&sandbox, "sifted", "studio.nord", &args);
    let _worker = Worker::start(&sandbox, "one");

    let task = reaches(&sandbox, "sifted", "succeeded");
    assert_eq!(
        (&task["progress"]["engaged"], &task["progress"]["skipped"]),
        (&1.into(), &3.into())
    );
    assert_eq!(engaged(&phone), ["people0000"]);
    sandbox
        .decorum(&["task", "candidates", "sifted"])
        .expect(0)
        .says("passed over (private)")
        .says("passed over (too_few_followers)")
        .says("passed over (bio_excluded)");
}
