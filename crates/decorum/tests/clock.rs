//! A clock that was set: nobody is engaged until it is right again, or a person says that it is.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::fs;
use std::time::Duration;

use decorum_core::Timestamp;
use serde_json::{Value, json};

use crate::support::{Sandbox, Sim};

/// Makes the clock look as if it had been set by so many minutes since Decorum last looked.
fn set_clock(sandbox: &Sandbox, minutes: i64) {
    let path = sandbox.path("clock.json");
    let mut anchor: Value =
        serde_json::from_slice(&fs::read(&path).expect("an anchor")).expect("JSON");
    let wall: Timestamp = anchor["wall"].as_str().expect("an instant").parse().expect("an instant");
    let by = Duration::from_mins(minutes.unsigned_abs());
    let then = if minutes > 0 { wall.minus(by) } else { wall.plus(by) };
    anchor["wall"] = json!(then);
    fs::write(&path, anchor.to_string()).expect("the anchor");
}

#[test]
fn a_clock_that_was_set_stops_everything_until_a_person_confirms_it() {
    for minutes in [11, -11] {
        let sandbox = Sandbox::brisk();
        let phone = Sim::start(&sandbox, "account = 'studio.nord'");
        let list = sandbox.people("person", 2);
        sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
        sandbox.decorum(&["doctor"]).expect(0);

        set_clock(&sandbox, minutes);
        let more = sandbox.people("other", 2);
        let requests = phone.requests();
        let way = if minutes > 0 { "forward" } else { "back" };
        let told = format!("was set {way} by 1");
        sandbox.run(&phone, "studio.nord", "follow", &more, &[]).expect(6).says(&told);
        assert_eq!(phone.requests(), requests, "the phone is left alone");
        sandbox.decorum(&["doctor"]).expect(6).says("--confirm-clock");
        sandbox.decorum(&["cleanup"]).expect(6).says(&told);
        sandbox.decorum(&["cleanup", "--dry-run"]).expect(0);

        sandbox.decorum(&["doctor", "--confirm-clock"]).expect(0).says("taken as right");
        sandbox.run(&phone, "studio.nord", "follow", &more, &[]).expect(0);
        assert_eq!(phone.effects().len(), 4);
    }
}

#[test]
fn a_clock_that_drifts_by_minutes_is_no_reason_to_stop() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 1);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    set_clock(&sandbox, 4);
    let more = sandbox.people("other", 1);
    sandbox.run(&phone, "studio.nord", "follow", &more, &[]).expect(0);
}

#[test]
fn an_anchor_that_cannot_be_read_is_said_and_not_guessed() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 1);
    sandbox.write("clock.json", "{");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(6).says("clock.json");
    sandbox.decorum(&["doctor", "--confirm-clock"]).expect(0);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
}
