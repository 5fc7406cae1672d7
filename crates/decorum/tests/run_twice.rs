//! "Never twice", as a user would try it first: the same file again.

use std::collections::BTreeSet;

use crate::support::{Sandbox, Sim};

#[test]
fn a_second_run_over_500_people_acts_on_nobody() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 500);

    let first = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();
    assert_eq!(first["counts"]["success"], 500);
    let effects = phone.effects();
    let reached: BTreeSet<_> = effects.keys().map(|(_, person, _)| person.clone()).collect();
    assert_eq!(reached.len(), 500, "everybody on the list was engaged");
    phone.expect_nobody_twice();

    let requests = phone.requests();
    let second = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();
    assert_eq!(second["counts"]["dedupe_hit"], 500);
    assert_eq!(second["round_trips"], 0, "no phone was asked");
    assert_eq!(phone.effects(), effects, "the phone saw nothing new");
    // One request is ours, for the number itself.
    assert!(phone.requests() - requests <= 2);
}

#[test]
fn refusals_are_on_record_and_do_not_extend_the_window() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 3);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);
    let until = || sandbox.decorum(&["check", "studio.nord", "follow", "person0001"]).expect(3).out;
    let before = until();

    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("3 already_engaged");

    assert_eq!(until(), before);
    let hits = sandbox.events().iter().filter(|e| e["status"] == "dedupe_hit").count();
    assert_eq!(hits, 3);
}

#[test]
fn a_follow_takes_at_most_six_requests_to_the_phone() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 20);

    let summary = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();

    let worst = summary["round_trips_max"]["follow"].as_u64().expect("a number");
    assert!(worst <= 6, "{worst} requests for a follow");
    for engagement in summary["engagements"].as_array().expect("a list") {
        assert!(engagement["round_trips"].as_u64().is_some_and(|n| (1..=6).contains(&n)));
    }
}

#[test]
fn each_of_the_four_actions_reaches_the_phone_once() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[population]\nstory_share = 1.0\n");
    let list = sandbox.people("person", 5);
    let actions = "follow,like,comment,view";

    let more = ["--comment", "What a light!", "--comment", "Beautiful.", "--json"];
    let summary = sandbox.run(&phone, "studio.nord", actions, &list, &more).expect(0).json();

    assert_eq!(summary["planned"], 20);
    let skipped = summary["counts"]["skipped"].as_u64().unwrap_or(0);
    assert_eq!(summary["counts"]["success"].as_u64().expect("a number") + skipped, 20);
    let effects = phone.effects();
    for action in ["follow", "like", "comment", "view"] {
        assert!(effects.keys().any(|(_, _, a)| a == action), "no {action} in {effects:?}");
    }
    phone.expect_nobody_twice();
    sandbox.run(&phone, "studio.nord", actions, &list, &more).expect(0);
    assert_eq!(phone.effects(), effects, "the phone saw nothing new");
}

#[test]
fn a_dry_run_that_meets_a_challenge_ends_and_leaves_the_account_as_it_is() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(
        &sandbox,
        "account = 'studio.nord'\n[[faults]]\nkind = 'challenge'\nat_request = 1\n",
    );
    let list = sandbox.people("person", 3);
    sandbox.run(&phone, "studio.nord", "follow", &list, &["--dry-run"]).expect(6).says("dry run");
    let accounts = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
    assert_eq!(accounts["items"], serde_json::json!([]), "nobody was halted");
}

#[test]
fn a_dry_run_looks_and_leaves_no_trace() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.people("person", 4);

    let summary = sandbox
        .run(&phone, "studio.nord", "follow", &list, &["--dry-run", "--json"])
        .expect(0)
        .json();

    assert_eq!(summary["dry_run"], true);
    assert_eq!(summary["counts"]["success"], 4);
    assert_eq!(phone.ledger(), Vec::<serde_json::Value>::new());
    assert_eq!(sandbox.events(), Vec::<serde_json::Value>::new());
}
