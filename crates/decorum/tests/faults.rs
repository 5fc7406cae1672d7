//! What goes wrong between us and the phone: each fault once in mid-run, and everybody is
//! engaged all the same, once.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Ended, Sandbox, Sim};

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
fn a_session_that_timed_out_is_opened_again() {
    let sandbox = Sandbox::brisk();
    sandbox.decorum(&["settings", "set", "min_seconds_between_actions=1"]).expect(0);
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\nsession_timeout_ms = 500\n");
    let list = sandbox.people("person", 3);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("3 of 3 engaged");
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 3, "everybody was engaged");
    let opened = phone.get("/sim/requests")["counts"]["POST /session"].as_u64();
    assert!(opened.is_some_and(|opened| opened >= 3), "{opened:?} sessions");
}

#[test]
fn an_agent_that_crashes_and_is_started_again_is_found_again() {
    for (route, when) in
        [("/source", "before"), ("click", "before"), ("click", "after"), ("POST /element", "after")]
    {
        everybody_once(&format!(
            "[[faults]]\nkind = 'agent_crash'\nroute = '{route}'\nwhen = '{when}'\nat_request = 3\n\
             down_ms = 600\n"
        ));
    }
}

#[test]
fn an_agent_that_stays_away_ends_the_run_and_nobody_is_engaged_twice_by_the_next() {
    let sandbox = Sandbox::brisk();
    let ledger = sandbox.path("ledger.jsonl");
    let scenario = format!("account = 'studio.nord'\nledger_file = '{}'\n", ledger.display());
    let faulty = format!(
        "{scenario}[[faults]]\nkind = 'agent_crash'\nroute = 'click'\nwhen = 'after'\n\
         at_request = 3\ndown_ms = 600000\n"
    );
    let mut phone = Sim::start(&sandbox, &faulty);
    let list = sandbox.people("person", 4);
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &[])
        .expect(7)
        .says("no connection came about")
        .says("check the URL and that the server is running");
    phone.restart(&sandbox, &scenario);
    assert_eq!(phone.effects().len(), 3, "the third was done, and nobody heard of it");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 4, "everybody was engaged");
}

/// A run over three people, on a phone whose agent dies for good when the second is to be tapped; the
/// scenario of the same app without the fault, and the list.
fn lost_before_the_second_tap(sandbox: &Sandbox) -> (Sim, String, PathBuf) {
    let ledger = sandbox.path("ledger.jsonl");
    let scenario = format!("account = 'studio.nord'\nledger_file = '{}'\n", ledger.display());
    let phone = Sim::start(
        sandbox,
        &format!(
            "{scenario}[[faults]]\nkind = 'agent_crash'\nroute = 'click'\nwhen = 'before'\n\
             at_request = 2\ndown_ms = 600000\n"
        ),
    );
    let list = sandbox.people("person", 3);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(7);
    (phone, scenario, list)
}

#[test]
fn what_was_not_done_on_a_phone_is_done_by_the_next_run_there() {
    let sandbox = Sandbox::brisk();
    let (mut phone, scenario, list) = lost_before_the_second_tap(&sandbox);
    phone.restart(&sandbox, &scenario);
    assert_eq!(phone.effects().len(), 1, "the second was not done, and nobody heard of it");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 3, "no tap for it can be on its way any more");
}

#[test]
fn what_may_still_be_done_on_another_phone_counts_as_done() {
    let sandbox = Sandbox::brisk();
    let (first, scenario, list) = lost_before_the_second_tap(&sandbox);
    drop(first);
    let other = Sim::start(&sandbox, &scenario);
    sandbox.run(&other, "studio.nord", "follow", &list, &[]).expect(0);
    other.expect_nobody_twice();
    assert_eq!(other.effects().len(), 2, "a tap may still be on its way on the other phone");
    let presumed: Vec<_> =
        sandbox.events().into_iter().filter(|event| event["reason"] == "presumed").collect();
    assert_eq!(presumed.len(), 1, "{presumed:?}");
    assert_eq!(presumed[0]["status"], "success");
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn a_page_on_its_side_is_turned_upright() {
    for request in [1, 14, 20] {
        everybody_once(&format!("[[faults]]\nkind = 'sideways'\nat_request = {request}\n"));
    }
}

#[test]
fn a_phone_that_does_not_turn_upright_is_not_touched() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'sideways'\nstuck = true\n",
    );
    let list = sandbox.people("person", 2);
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &[])
        .expect(7)
        .says("a page on its side that does not turn upright")
        .says("portrait orientation lock");
    assert!(phone.ledger().is_empty());
}

/// Likes three people's posts while the keyboard comes up over the first post.
fn liked_under_a_keyboard(stuck: bool) -> (Sandbox, Sim) {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        &format!(
            "account = 'studio.nord'\n[[faults]]\nkind = 'keyboard'\nroute = '/source'\n\
             at_request = 3\nstuck = {stuck}\n"
        ),
    );
    let list = sandbox.people("person", 3);
    sandbox.run(&phone, "studio.nord", "like", &list, &[]).expect(0).says("3 of 3 engaged");
    phone.expect_nobody_twice();
    let refused = phone.get("/sim/requests")["counts"]["POST /wda/keyboard/dismiss"].as_u64();
    assert_eq!(refused, Some(1), "it was asked to go away");
    (sandbox, phone)
}

#[test]
fn a_keyboard_over_the_button_is_put_away_before_the_tap() {
    let (sandbox, _phone) = liked_under_a_keyboard(false);
    assert!(sandbox.events().iter().all(|e| e["status"] == "success"));
}

#[test]
fn a_keyboard_that_stays_is_left_behind_with_the_app() {
    let (sandbox, phone) = liked_under_a_keyboard(true);
    let events = sandbox.events();
    assert!(events.iter().any(|e| e["status"] == "retry" && e["error_class"] == "app"));
    assert!(events.iter().all(|e| e["status"] != "failed"), "no key was pressed for a button");
    assert_eq!(phone.ledger().len(), 3);
}

#[test]
fn an_app_that_is_updated_on_the_way_is_not_touched_any_more_and_a_person_is_called() {
    let changes = [
        "rename = { user-detail-header-follow-button = 'profile-cta' }",
        "relabel = { Follow = 'Connect' }",
    ];
    for change in changes {
        let sandbox = Sandbox::brisk();
        let timings = "load_timeout_ms = 80\nsettle_ms = 10\npoll_ms = 10\n";
        sandbox.write("profile.toml", format!("[timings]\n{timings}"));
        let phone = Sim::start(
            &sandbox,
            &format!(
                "account = 'studio.nord'\n[[faults]]\nkind = 'app_updated'\nroute = 'click'\nat_request = 3\n{change}\n"
            ),
        );
        let list = sandbox.people("person", 12);
        sandbox
            .run(&phone, "studio.nord", "follow", &list, &[])
            .expect(6)
            .says("the app may have changed")
            .says("decorum profile check");
        phone.expect_nobody_twice();
        assert!(phone.effects().len() <= 3, "{change}: {:?}", phone.effects());
        let tried: std::collections::BTreeSet<_> =
            sandbox.events().iter().map(|e| e["target_username"].to_string()).collect();
        assert!(tried.len() <= 8, "nobody else's page was opened for nothing: {tried:?}");
    }
}

#[test]
fn an_app_that_does_not_show_for_whom_it_acts_is_no_other_account() {
    let sandbox = Sandbox::brisk();
    let timings = "load_timeout_ms = 80\nsettle_ms = 10\npoll_ms = 10\n";
    sandbox.write("profile.toml", format!("[timings]\n{timings}"));
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'app_updated'\n\
         rename = { user-switch-title-button = 'title-v2', profile-action-bar-button = 'action-v2' }\n",
    );
    let list = sandbox.people("person", 2);
    let ended = sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(6);
    assert!(!ended.err.contains("acts for"), "{}", ended.err);
    ended.says("the app may have changed").says("the account's own profile did not appear");
    assert!(phone.ledger().is_empty());
}

#[test]
fn a_question_of_the_system_that_nobody_knows_is_left_to_a_person() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'interstitial'\nprompt = 'alert'\n\
         title = 'Trust This Computer?'\ntext = 'Your settings will be accessible'\n\
         buttons = ['Trust', 'Dont Trust']\n",
    );
    let list = sandbox.people("person", 2);
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &[])
        .expect(6)
        .says("Trust This Computer?")
        .says("Look at the phone");
    assert!(phone.ledger().is_empty());
    assert_eq!(phone.get("/sim/state")["overlays"], 1, "nobody answered it");
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
fn an_app_that_changed_its_pages_is_not_touched_and_a_person_is_called() {
    let sandbox = Sandbox::brisk();
    let timings = "load_timeout_ms = 50\nsettle_ms = 10\npoll_ms = 10\n";
    let changed = "[identifiers]\nfollow_button = ['the-old-name']\n";
    sandbox.write("profile.toml", format!("[timings]\n{timings}{changed}"));
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n");
    let list = sandbox.people("person", 8);
    sandbox
        .run(&phone, "studio.nord", "follow", &list, &[])
        .expect(6)
        .says("the app may have changed")
        .says("The page is kept in");
    assert!(phone.ledger().is_empty());
    let tried: std::collections::BTreeSet<_> =
        sandbox.events().iter().map(|e| e["target_username"].to_string()).collect();
    assert_eq!(tried.len(), 5, "nobody else's page was opened for nothing");
    // Mended, everybody is engaged.
    sandbox.write("profile.toml", format!("[timings]\n{timings}"));
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("8 of 8 engaged");
}

#[test]
fn a_phone_server_that_was_restarted_is_found_again() {
    let sandbox = Sandbox::brisk();
    let ledger = sandbox.path("ledger.jsonl");
    let scenario = format!("account = 'studio.nord'\nledger_file = '{}'\n", ledger.display());
    let mut phone = Sim::start(&sandbox, &scenario);
    let list = sandbox.people("person", 40);
    let run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &["--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    while phone.effects().len() < 3 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    phone.restart(&sandbox, &scenario);
    Ended::of(run.wait_with_output().expect("it ends")).expect(0);
    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 40, "everybody was engaged");
}

#[test]
fn a_slow_page_source_is_waited_for() {
    everybody_once("[[faults]]\nkind = 'stall'\nroute = '/source'\nstall_ms = 1500\ntimes = 3\n");
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
