//! The settings document: every bad value names its field, and a change is whole or nothing.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::settings::ENVIRONMENT;
use decorum_core::{Action, Cap, Change, DedupScope, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};

fn problem(document: &Value) -> (String, String) {
    let error = Settings::from_json(document).expect_err(&document.to_string());
    assert!(error.to_string().contains(&error.field), "{error}");
    (error.field, error.problem)
}

#[test]
fn an_empty_document_is_the_defaults() {
    let settings = Settings::from_json(&json!({})).expect("valid");
    assert_eq!(settings, Settings::default());
    assert_eq!(settings.reengagement_days, 30);
    assert_eq!(settings.rate_limit_steps, [60, 120, 300, 600]);
    assert_eq!(settings.cooldown_after_consecutive, 3);
    assert_eq!(settings.cooldown_minutes, 45);
    assert_eq!(settings.cache_ttl_seconds, 300);
    assert_eq!(settings.dedup_scope, DedupScope::Account);
}

#[test]
fn each_duration_is_of_the_unit_in_its_name() {
    let settings = Settings {
        min_seconds_between_actions: 21,
        claim_lease_seconds: 121,
        cooldown_minutes: 46,
        cache_ttl_seconds: 301,
        ..Settings::default()
    };
    assert_eq!(settings.spacing(), Duration::from_secs(21));
    assert_eq!(settings.claim_lease(), Duration::from_secs(121));
    assert_eq!(settings.cooldown(), Duration::from_mins(46));
    assert_eq!(settings.cache_ttl(), Duration::from_secs(301));
}

#[test]
fn every_name_is_in_the_document_and_reads_back() {
    let settings = Settings::default();
    let document = settings.to_json();
    let names: Vec<_> = document.as_object().expect("an object").keys().cloned().collect();
    let mut expected = Settings::NAMES.to_vec();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(Settings::from_json(&document), Ok(settings));
}

#[test]
fn every_bad_value_names_its_field() {
    for (document, field) in [
        (json!({"reengagement_days": 0}), "reengagement_days"),
        (json!({"reengagement_days": 3651}), "reengagement_days"),
        (json!({"reengagement_days": -1}), "reengagement_days"),
        (json!({"reengagement_days": 1.5}), "reengagement_days"),
        (json!({"reengagement_days": "30"}), "reengagement_days"),
        (json!({"reengagement_days": null}), "reengagement_days"),
        (json!({"reengagement_days": 1e30}), "reengagement_days"),
        (json!({"private_retry_days": 0}), "private_retry_days"),
        (json!({"rate_limit_steps": []}), "rate_limit_steps"),
        (json!({"rate_limit_steps": [0]}), "rate_limit_steps[0]"),
        (json!({"rate_limit_steps": [60, 86401]}), "rate_limit_steps[1]"),
        (json!({"rate_limit_steps": [60, "x"]}), "rate_limit_steps[1]"),
        (json!({"rate_limit_steps": vec![1; 21]}), "rate_limit_steps"),
        (json!({"rate_limit_steps": 60}), "rate_limit_steps"),
        (json!({"backoff_jitter": -0.1}), "backoff_jitter"),
        (json!({"backoff_jitter": 0.91}), "backoff_jitter"),
        (json!({"backoff_jitter": "a lot"}), "backoff_jitter"),
        (json!({"cooldown_after_consecutive": 0}), "cooldown_after_consecutive"),
        (json!({"cooldown_after_consecutive": 101}), "cooldown_after_consecutive"),
        (json!({"cooldown_minutes": 0}), "cooldown_minutes"),
        (json!({"cooldown_minutes": 10081}), "cooldown_minutes"),
        (json!({"cache_ttl_seconds": 86401}), "cache_ttl_seconds"),
        (json!({"dedup_scope": "galaxy"}), "dedup_scope"),
        (json!({"dedup_scope": "Fleet"}), "dedup_scope"),
        (json!({"min_seconds_between_actions": 86401}), "min_seconds_between_actions"),
        (json!({"claim_lease_seconds": 4}), "claim_lease_seconds"),
        (json!({"claim_lease_seconds": 86401}), "claim_lease_seconds"),
        (json!({"retention_days": 0}), "retention_days"),
        (json!({"retention_days": "forever"}), "retention_days"),
        (json!({"budgets": []}), "budgets"),
        (json!({"budgets": {"follow": {"hour": -1}}}), "budgets.follow.hour"),
        (json!({"budgets": {"like": {"day": 100_001}}}), "budgets.like.day"),
        (json!({"budgets": {"like": {"week": 1}}}), "budgets.like.week"),
        (json!({"budgets": {"poke": {"day": 1}}}), "budgets.poke"),
        (json!({"quiet_hours": {"from": "22:00", "to": "07:00"}}), "quiet_hours"),
        (quiet("24:00", "07:00", "UTC"), "quiet_hours.from"),
        (quiet("7:00", "08:00", "UTC"), "quiet_hours.from"),
        (quiet("+1:00", "08:00", "UTC"), "quiet_hours.from"),
        (quiet("22:5", "08:00", "UTC"), "quiet_hours.from"),
        (quiet("22:05:30", "08:00", "UTC"), "quiet_hours.from"),
        (quiet("22:00", "07:60", "UTC"), "quiet_hours.to"),
        (quiet("22:00", "", "UTC"), "quiet_hours.to"),
        (quiet("22:00", "07:00", "Mars/Olympus"), "quiet_hours.time_zone"),
        (quiet("22:00", "07:00", ""), "quiet_hours.time_zone"),
        (quiet("22:00", "22:00", "UTC"), "quiet_hours"),
        (json!({"reengagement_dayz": 30}), "reengagement_dayz"),
        (json!({"Reengagement_Days": 30}), "Reengagement_Days"),
    ] {
        let (named, text) = problem(&document);
        assert_eq!(named, field, "{document}: {text}");
        assert!(!text.is_empty());
    }
    for document in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(problem(&document).0, "settings");
    }
}

fn quiet(from: &str, to: &str, zone: &str) -> Value {
    json!({"quiet_hours": {"from": from, "to": to, "time_zone": zone}})
}

#[test]
fn the_edges_of_each_range_are_possible() {
    for document in [
        json!({"reengagement_days": 1, "private_retry_days": 3650}),
        json!({"rate_limit_steps": [1]}),
        json!({"rate_limit_steps": vec![86400; 20]}),
        json!({"backoff_jitter": 0}),
        json!({"backoff_jitter": 0.9}),
        json!({"cooldown_after_consecutive": 1, "cooldown_minutes": 10080}),
        json!({"cache_ttl_seconds": 0, "min_seconds_between_actions": 0}),
        json!({"claim_lease_seconds": 5, "retention_days": 1}),
        json!({"budgets": {"follow": {"hour": 0, "day": 100_000}}}),
        quiet("00:00", "23:59", "Europe/Berlin"),
        json!({"quiet_hours": null, "retention_days": null}),
    ] {
        assert!(Settings::from_json(&document).is_ok(), "{document}");
    }
}

#[test]
fn null_means_no_cap_for_one_number_or_for_a_whole_action() {
    let settings = Settings::from_json(&json!({
        "budgets": {"follow": {"hour": null, "day": 5}, "like": null}
    }))
    .expect("valid");
    assert_eq!(settings.budgets.cap(Action::Follow), Cap { hour: None, day: Some(5) });
    assert_eq!(settings.budgets.cap(Action::Like), Cap { hour: None, day: None });
    assert_eq!(settings.budgets.cap(Action::View), Settings::default().budgets.view);

    let settings = settings.with("budgets.comment", Value::Null).expect("valid");
    assert_eq!(settings.budgets.cap(Action::Comment), Cap::default());
    let settings = settings.with("budgets.comment.hour", json!(2)).expect("valid");
    assert_eq!(settings.budgets.cap(Action::Comment), Cap { hour: Some(2), day: None });
}

#[test]
fn a_partial_object_changes_only_what_it_names() {
    let before = Settings::default();
    let after = before.with("budgets", json!({"follow": {"hour": 3}})).expect("valid");
    assert_eq!(after.budgets.follow, Cap { hour: Some(3), day: before.budgets.follow.day });
    assert_eq!(after.budgets.like, before.budgets.like);

    let quiet = before
        .with("quiet_hours", json!({"from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin"}))
        .expect("valid");
    let later = quiet.with("quiet_hours", json!({"from": "23:00"})).expect("valid");
    let hours = later.quiet_hours.as_ref().expect("quiet hours");
    assert_eq!((hours.from.as_str(), hours.to.as_str()), ("23:00", "07:00"));
    assert_eq!(later.with("quiet_hours", Value::Null).expect("valid").quiet_hours, None);
}

#[test]
fn dots_reach_into_objects_both_ways() {
    let settings = Settings::default().with("budgets.view.day", json!(77)).expect("valid");
    assert_eq!(settings.get("budgets.view.day"), Ok(json!(77)));
    assert_eq!(settings.get("budgets.view"), Ok(json!({"hour": 40, "day": 77})));
    assert_eq!(settings.get("reengagement_days"), Ok(json!(30)));
    assert_eq!(settings.get("quiet_hours"), Ok(Value::Null));
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    let settings = Settings::default();
    for name in ["nope", "budgets.poke", "budgets.follow.week", "", ".", "budgets.", "a.b.c"] {
        for error in
            [settings.get(name).expect_err(name), settings.with(name, json!(1)).expect_err(name)]
        {
            assert_eq!(error.field, name);
            assert!(error.problem.contains("reengagement_days"), "{error}");
        }
    }
    // A partial object with an unknown name inside names that.
    let error = settings.with("budgets", json!({"follow": {"week": 1}})).expect_err("unknown");
    assert_eq!(error.field, "budgets.follow.week");
}

#[test]
fn a_part_of_quiet_hours_that_are_not_set_says_so() {
    let error = Settings::default().with("quiet_hours.from", json!("22:00")).expect_err("unset");
    assert_eq!(error.field, "quiet_hours.from");
    assert!(error.problem.contains("not set"), "{error}");
}

#[test]
fn a_bad_change_changes_nothing_and_names_the_field() {
    let settings = Settings::default();
    let error = settings.with("rate_limit_steps", json!([60, 0])).expect_err("bad");
    assert_eq!(error.field, "rate_limit_steps[1]");
    assert_eq!(settings, Settings::default());
}

#[test]
fn the_four_variables_give_first_values() {
    let from = |pairs: &[(&str, &str)]| {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::from_environment(move |name| {
            pairs.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone())
        })
    };
    assert_eq!(from(&[]), Ok(Settings::default()));
    let all = from(&[
        ("REENGAGEMENT_DAYS_DEFAULT", "14"),
        ("RATE_LIMIT_STEPS", "[30, 60]"),
        ("COOLDOWN_AFTER_CONSECUTIVE", " 5 "),
        ("COOLDOWN_MINUTES", "90"),
    ])
    .expect("valid");
    assert_eq!(all.reengagement_days, 14);
    assert_eq!(all.rate_limit_steps, [30, 60]);
    assert_eq!(all.cooldown_after_consecutive, 5);
    assert_eq!(all.cooldown_minutes, 90);
    for list in ["30,60", "30, 60", " 30 , 60 ", "[30,60]"] {
        let settings = from(&[("RATE_LIMIT_STEPS", list)]).expect(list);
        assert_eq!(settings.rate_limit_steps, [30, 60], "{list}");
    }
    assert_eq!(from(&[("RATE_LIMIT_STEPS", "45")]).expect("valid").rate_limit_steps, [45]);
    assert_eq!(from(&[("COOLDOWN_MINUTES", "  ")]), Ok(Settings::default()), "empty is unset");

    for (variable, value) in [
        ("REENGAGEMENT_DAYS_DEFAULT", "soon"),
        ("REENGAGEMENT_DAYS_DEFAULT", "0"),
        ("REENGAGEMENT_DAYS_DEFAULT", "30.5"),
        ("REENGAGEMENT_DAYS_DEFAULT", "\"30\""),
        ("RATE_LIMIT_STEPS", "60;120"),
        ("RATE_LIMIT_STEPS", "60,"),
        ("RATE_LIMIT_STEPS", "[]"),
        ("RATE_LIMIT_STEPS", "0"),
        ("COOLDOWN_AFTER_CONSECUTIVE", "-3"),
        ("COOLDOWN_MINUTES", "1e9"),
    ] {
        let error = from(&[(variable, value)]).expect_err(value);
        assert_eq!(error.field, variable, "{value}");
    }
    assert!(ENVIRONMENT.iter().all(|(_, name)| Settings::NAMES.contains(name)));
}

#[test]
fn a_change_is_read_as_a_person_types_it() {
    for (text, name, value) in [
        ("cooldown_minutes=60", "cooldown_minutes", json!(60)),
        (" cooldown_minutes = 60 ", "cooldown_minutes", json!(60)),
        ("dedup_scope=fleet", "dedup_scope", json!("fleet")),
        ("dedup_scope=\"fleet\"", "dedup_scope", json!("fleet")),
        ("budgets.follow.hour=null", "budgets.follow.hour", json!(null)),
        ("rate_limit_steps=[60, 120]", "rate_limit_steps", json!([60, 120])),
        ("quiet_hours.time_zone=Etc/GMT=1", "quiet_hours.time_zone", json!("Etc/GMT=1")),
        ("cooldown_minutes=", "cooldown_minutes", json!("")),
        ("=1", "", json!(1)),
    ] {
        let change: Change = text.parse().expect(text);
        assert_eq!((change.name.as_str(), &change.value), (name, &value), "{text}");
    }
    for text in ["", "cooldown_minutes", "cooldown_minutes:60"] {
        let error = text.parse::<Change>().expect_err(text);
        assert_eq!(error.field, text);
        assert!(error.problem.contains("NAME=JSON"), "{error}");
    }
    let long = "x".repeat(1_000).parse::<Change>().expect_err("no change");
    assert_eq!(long.field.len(), 40, "a message stays short");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(
                prop_oneof![
                    proptest::sample::select(&Settings::NAMES[..]).prop_map(str::to_owned),
                    proptest::sample::select(&["follow", "hour", "from", "to", "time_zone"][..])
                        .prop_map(str::to_owned),
                    "\\PC{0,8}",
                ],
                inner,
                0..6
            )
            .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_panics_and_a_valid_one_stays_itself(document in any_json()) {
        if let Ok(settings) = Settings::from_json(&document) {
            prop_assert_eq!(Settings::from_json(&settings.to_json()), Ok(settings));
        }
    }

    #[test]
    fn no_change_panics(
        name in prop_oneof![
            proptest::sample::select(&Settings::NAMES[..]).prop_map(str::to_owned),
            "[a-z_.]{0,24}",
            "\\PC{0,12}",
        ],
        value in any_json(),
    ) {
        let settings = Settings::default();
        let _ = settings.get(&name);
        if let Ok(changed) = settings.with(&name, value) {
            prop_assert_eq!(Settings::from_json(&changed.to_json()), Ok(changed));
        }
    }

    #[test]
    fn no_environment_panics(value in "\\PC{0,24}") {
        let _ = Settings::from_environment(|_| Some(value.clone()));
    }
}
