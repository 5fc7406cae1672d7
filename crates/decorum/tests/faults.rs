//! What goes wrong between us and the phone: each fault once in mid-run, and everybody is
//! engaged all the same, once.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

mod support;

use serde_json::Value;
use support::{Sandbox, Sim};

/// Runs over eight people on a phone that plays `scenario`, and asserts that each was engaged
/// exactly once.
fn everybody_once(scenario: &str) -> (Sandbox, Value) {
    let sandbox = Sandbox::brisk();
    sandbox.decorum(&["settings", "set", "rate_limit_steps=[1]"]).expect(0);
    let phone = Sim::start(&sandbox, &format!("account = 'studio.nord'\n{scenario}"));
    let list = sandbox.people("person", 8);
    let summary = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 8, "everybody was engaged");
    sandbox.decorum(&["audit", "verify"]).expect(0);
    (sandbox, summary)
}

#[test]
fn a_lost_session_is_opened_again() {
    everybody_once("[[faults]]\nkind = 'session_lost'\nat_request = 24\n");
}

#[test]
fn a_stale_element_is_looked_for_again() {
    let (sandbox, _) =
        everybody_once("[[faults]]\nkind = 'stale_element'\nroute = 'click'\nat_request = 3\n");
    let events = sandbox.events();
    assert!(events.iter().any(|e| e["status"] == "retry" && e["error_class"] == "app"));
}

#[test]
fn a_button_that_takes_its_time_is_waited_for_whatever_the_profile_says_of_pages() {
    // As long as the second look may take: the two must not be mistaken for each other.
    for load_timeout_ms in [5000, 5001] {
        let sandbox = Sandbox::brisk();
        let timings =
            format!("load_timeout_ms = {load_timeout_ms}\nsettle_ms = 30\npoll_ms = 10\n");
        sandbox.write("profile.toml", format!("[timings]\n{timings}"));
        let phone = Sim::start(&sandbox, "account = 'studio.nord'\nfollow_ms = 200\n");
        let list = sandbox.people("person", 2);
        sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("2 of 2 engaged");
        assert_eq!(phone.effects().len(), 2);
    }
}

#[test]
fn an_app_that_dies_is_started_again() {
    everybody_once("[[faults]]\nkind = 'crash'\nat_request = 30\n");
}

#[test]
fn a_connection_that_drops_anywhere_is_made_again() {
    for request in [3, 7, 12, 19, 26] {
        everybody_once(&format!("[[faults]]\nkind = 'drop'\nat_request = {request}\n"));
    }
}

#[test]
fn questions_in_the_way_are_declined() {
    for prompt in ["notifications", "tracking", "photos"] {
        everybody_once(&format!("[[faults]]\nkind = 'interstitial'\nprompt = '{prompt}'\n"));
    }
}

#[test]
fn an_app_that_dies_right_after_the_tap_is_looked_at_again() {
    for when in ["before", "after"] {
        let (sandbox, _) =
            everybody_once(&format!("[[faults]]\nkind = 'crash'\nat_act = 3\nwhen = '{when}'\n"));
        let events = sandbox.events();
        let lost = events.iter().filter(|e| e["error_class"] == "app" && e["status"] == "failed");
        assert_eq!(lost.count(), 0, "what was not seen is looked for, not called undone");
    }
}

#[test]
fn a_question_right_after_the_tap_is_no_silent_revert() {
    let (sandbox, _) =
        everybody_once("[[faults]]\nkind = 'interstitial'\nprompt = 'notifications'\nat_act = 3\n");
    assert!(sandbox.events().iter().all(|e| e["status"] == "success"));
}

#[test]
fn an_act_whose_answer_is_covered_is_looked_at_and_not_done_again() {
    for (kind, action) in [("challenge", "comment"), ("challenge", "view"), ("logged_out", "like")]
    {
        let sandbox = Sandbox::brisk();
        let phone = Sim::start(
            &sandbox,
            &format!(
                "account = 'studio.nord'\n[population]\nstory_share = 1.0\n\
                 [[faults]]\nkind = '{kind}'\nat_act = 2\nwhen = 'after'\n"
            ),
        );
        let list = sandbox.people("person", 4);
        let text: &[&str] = if action == "comment" { &["--comment", "Well made."] } else { &[] };
        sandbox.run(&phone, "studio.nord", action, &list, text).expect(6).says("account clear");
        assert_eq!(phone.effects().len(), 2, "the act took effect before it was covered");
        // A person confirms on the phone, and clears the account.
        phone.post("/sim/clear", &serde_json::json!({}));
        sandbox.decorum(&["account", "clear", "studio.nord", "--note", "confirmed"]).expect(0);
        sandbox.run(&phone, "studio.nord", action, &list, text).expect(0);
        phone.expect_nobody_twice();
        assert_eq!(phone.effects().len(), 4, "{kind}, {action}");
        let engaged = sandbox.events().iter().filter(|e| e["status"] == "success").count();
        assert_eq!(engaged, 4, "{kind}, {action}: one success each");
    }
}

#[test]
fn slow_pages_are_waited_for() {
    everybody_once("load_ms = 300\nfollow_ms = 200\n[latency]\nsource_ms = 30\nfind_ms = 10\n");
}

#[test]
fn toasts_and_dialogs_of_plain_views_are_refusals_too() {
    for scenario in [
        "[[faults]]\nkind = 'rate_limit'\nat_act = 3\nfor_seconds = 1\nshow = 'toast'\n",
        "dialog_style = 'custom'\n[[faults]]\nkind = 'rate_limit'\nat_act = 3\nfor_seconds = 1\n",
        "[[faults]]\nkind = 'action_blocked'\nat_act = 3\nfor_seconds = 1\n",
    ] {
        let (sandbox, _) = everybody_once(scenario);
        let refused = |e: &Value| e["status"] == "failed" && e["action"] == "follow";
        let events = sandbox.events();
        let refused: Vec<&Value> = events.iter().filter(|e| refused(e)).collect();
        assert_eq!(refused.len(), 1, "one refusal is counted once: {refused:?}");
    }
}

#[test]
fn five_languages_are_understood() {
    for language in ["en", "es", "de", "pt", "fr"] {
        everybody_once(&format!(
            "language = '{language}'\n[[faults]]\nkind = 'rate_limit'\nat_act = 2\nfor_seconds = 1\n"
        ));
    }
}

#[test]
fn people_who_cannot_be_engaged_are_told_apart() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[population]\nprivate = ['priv']\nmissing = ['gone']\n\
         suspended = ['banned']\n[[people]]\nusername = 'friend'\nrelationship = 'following'\n\
         [[people]]\nusername = 'trap'\nbio = 'Try again later. Action blocked!'\n",
    );
    let list = sandbox.write("list.txt", "priv\ngone\nbanned\nfriend\ntrap\n");

    sandbox.run(&phone, "studio.nord", "follow,like", &list, &[]).expect(0);

    let events = sandbox.events();
    let of = |person: &str, action: &str| {
        let mut found =
            events.iter().filter(|e| e["target_username"] == person && e["action"] == action);
        let event = found.next().expect("an event");
        (event["status"].clone(), event["reason"].clone(), event["error_class"].clone())
    };
    assert_eq!(of("priv", "follow").0, "success");
    assert_eq!(
        of("priv", "like"),
        ("skipped".into(), "private_account".into(), "private_account".into())
    );
    assert_eq!(of("gone", "follow"), ("failed".into(), Value::Null, "target_unavailable".into()));
    assert_eq!(of("banned", "follow").2, "target_unavailable");
    assert_eq!(of("friend", "follow"), ("skipped".into(), "already_following".into(), Value::Null));
    assert_eq!(of("trap", "follow").0, "success");
    assert_eq!(of("trap", "like").0, "success");
    phone.expect_nobody_twice();
    // A friend is not engaged again, a private person is asked again only after a week.
    let told =
        sandbox.decorum(&["check", "studio.nord", "like", "priv", "friend", "gone"]).expect(3);
    assert!(told.out.contains("priv private_account"), "{}", told.out);
}
