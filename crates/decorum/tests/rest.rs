//! "Stop means stop": told to slow down, an account rests, whichever process asks.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use decorum_core::Timestamp;
use serde_json::Value;

use crate::support::{Sandbox, Sim};

/// Refuses the third act once.
const THIRD_IS_REFUSED: &str =
    "account = 'studio.nord'\n[[faults]]\nkind = 'rate_limit'\nat_act = 3\nfor_seconds = 1\n";

fn resting_for(seconds: u32) -> Sandbox {
    let sandbox = Sandbox::brisk();
    sandbox.decorum(&["settings", "set", &format!("rate_limit_steps=[{seconds}]")]).expect(0);
    sandbox
}

fn instant(entry: &Value) -> Timestamp {
    entry["ts"].as_str().expect("a time").parse().expect("RFC 3339")
}

/// Waits until the account is said to be in `state`.
fn wait_for_state(sandbox: &Sandbox, state: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let accounts = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
        if accounts["items"][0]["state"] == state {
            return;
        }
        assert!(Instant::now() < deadline, "never {state}: {accounts}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn no_act_before_the_wait_is_over() {
    let sandbox = resting_for(4);
    let phone = Sim::start(&sandbox, THIRD_IS_REFUSED);
    let list = sandbox.people("person", 6);

    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("waiting until");

    let ledger = phone.ledger();
    let refused = ledger.iter().position(|e| e["effect"] == "refused").expect("a refusal");
    let pause = instant(&ledger[refused + 1]).left(instant(&ledger[refused]));
    assert!(pause >= Duration::from_secs(4), "acted again after {pause:?}");
    assert_eq!(phone.effects().len(), 6, "everybody was engaged in the end");
    phone.expect_nobody_twice();
}

#[test]
fn a_second_process_and_a_restart_rest_too() {
    let sandbox = resting_for(120);
    let phone = Sim::start(&sandbox, THIRD_IS_REFUSED);
    let list = sandbox.people("person", 6);
    let mut first = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for_state(&sandbox, "backoff");
    let acts = phone.ledger().len();

    // Started in between, on other people.
    let others = sandbox.people("other", 3);
    sandbox.run(&phone, "studio.nord", "follow", &others, &["--no-wait"]).expect(5);
    sandbox
        .decorum(&["check", "studio.nord", "follow", "other0001"])
        .expect(3)
        .says("account_backoff");

    first.kill().expect("it is killed");
    first.wait().expect("it is gone");
    sandbox
        .run(&phone, "studio.nord", "follow", &others, &["--no-wait"])
        .expect(5)
        .says("rests after a rate limit until");
    assert_eq!(phone.ledger().len(), acts, "nobody was engaged meanwhile");
    let state = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
    let left = state["items"][0]["seconds_left"].as_u64().expect("a number");
    assert!((90..=120).contains(&left), "{left} s left: the wait survived the restart");
}

#[test]
fn three_in_a_row_bring_the_cooldown() {
    let sandbox = resting_for(1);
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'rate_limit'\nafter_acts = 0\nfor_seconds = 1\n",
    );
    let list = sandbox.people("person", 3);
    let mut run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for_state(&sandbox, "cooldown");
    run.kill().expect("it is killed");
    run.wait().expect("it is gone");

    sandbox
        .run(&phone, "studio.nord", "follow", &list, &["--no-wait"])
        .expect(5)
        .says("cools down until");
    let refused = phone.ledger().iter().filter(|e| e["effect"] == "refused").count();
    assert_eq!(refused, 3);
    assert!(phone.effects().is_empty());
}

#[test]
fn a_silent_revert_counts_as_a_refusal() {
    let sandbox = resting_for(300);
    // Both looks must find what they are to find on a busy machine too.
    sandbox.write("profile.toml", "[timings]\nsettle_ms = 3000\npoll_ms = 10\n");
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'silent_revert'\nat_act = 2\nrevert_after_ms = 1500\n",
    );
    let list = sandbox.people("person", 4);

    sandbox.run(&phone, "studio.nord", "follow", &list, &["--no-wait"]).expect(5);

    let events = sandbox.events();
    let reverted = events.iter().find(|e| e["reason"] == "silent_revert").expect("an event");
    assert_eq!(reverted["status"], "failed");
    assert_eq!(reverted["error_class"], "action_blocked");
    assert_eq!(phone.effects().len(), 1);
}

#[test]
fn a_challenge_halts_the_account_until_a_person_clears_it() {
    for (fault, reason) in [
        ("challenge", "challenge"),
        ("logged_out", "logged_out"),
        ("account_suspended", "account_suspended"),
    ] {
        let sandbox = resting_for(1);
        let phone = Sim::start(
            &sandbox,
            &format!("account = 'studio.nord'\n[[faults]]\nkind = '{fault}'\nat_act = 2\n"),
        );
        let list = sandbox.people("person", 4);

        sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(6).says(reason);
        let acts = phone.ledger().len();
        sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(6).says("account clear");
        assert_eq!(phone.ledger().len(), acts, "a halted account does nothing");

        phone.post("/sim/reset", &serde_json::json!({}));
        sandbox.decorum(&["account", "clear", "studio.nord"]).expect(2).says("--note");
        sandbox.decorum(&["account", "clear", "studio.nord", "--note", "looked at it"]).expect(0);
        let state = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
        assert_eq!(state["items"][0]["state"], "active");
    }
}

#[test]
fn words_nobody_taught_us_halt_the_account_and_keep_the_screen() {
    let sandbox = resting_for(1);
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'dialog'\nat_act = 2\n\
         title = 'Zorblat'\ntext = 'The frobnicator is wibbly.'\nbuttons = ['Hm']\n",
    );
    let list = sandbox.people("person", 4);

    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(6).says("wibbly");

    let events = sandbox.events();
    let unknown = events.iter().find(|e| e["error_class"] == "unknown").expect("an event");
    let kept = unknown["metadata"]["evidence"].as_str().expect("a path");
    let picture = std::fs::read(kept).expect("the screenshot was kept");
    assert!(picture.starts_with(b"\x89PNG"));
}

#[test]
fn a_phone_that_acts_for_somebody_else_calls_a_person() {
    let sandbox = resting_for(1);
    let phone = Sim::start(&sandbox, "account = 'somebody.else'");
    let list = sandbox.people("person", 2);
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &[])
        .expect(6)
        .says("somebody.else")
        .says("switch the account");
    assert!(phone.ledger().is_empty());
}
