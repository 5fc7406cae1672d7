//! Scenario files: those we ship are good, mistakes are named, nothing breaks the reader.

use decorum_sim::{Fault, FaultKind, Scenario};
use proptest::prelude::*;

#[test]
fn every_example_can_be_played() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/scenarios");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("examples") {
        let path = entry.expect("entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        if let Err(error) = Scenario::from_toml(&text) {
            panic!("{}: {error}", path.display());
        }
        count += 1;
    }
    assert!(count >= 9, "found {count}");
}

#[test]
fn an_empty_file_is_the_default() {
    assert_eq!(Scenario::from_toml("").expect("empty"), Scenario::default());
    let written = toml::to_string(&Scenario::default()).expect("written");
    assert_eq!(Scenario::from_toml(&written).expect("read back"), Scenario::default());
}

#[test]
fn mistakes_name_the_key() {
    let cases = [
        ("lod_ms = 5", "lod_ms"),
        ("language = 'tlh'", "language"),
        ("account = 'No Spaces'", "`account`"),
        ("other_accounts = ['a', 'A']", "other_accounts[1]"),
        ("scale = 4", "`scale`"),
        ("load_ms = -1", "load_ms"),
        ("load_ms = 99999999", "`load_ms`"),
        ("latency.jitter = 1.5", "`latency.jitter`"),
        ("latency.tap = 1", "tap"),
        ("population.private_share = 2", "`population.private_share`"),
        ("population.missing_share = 0.6\npopulation.suspended_share = 0.6", "missing_share"),
        ("[[people]]\nusername = 'a'\n[[people]]\nusername = '@A'", "people[1].username"),
        ("[[people]]\nfull_name = 'x'", "people[0].username"),
        ("[[faults]]\nat_act = 1", "kind"),
        ("[[faults]]\nkind = 'boom'", "kind"),
        ("[[faults]]\nkind = 'rate_limit'\nat_acts = 1", "at_acts"),
        ("[[faults]]\nkind = 'rate_limit'\nat_act = 0", "faults[0].at_act"),
        ("[[faults]]\nkind = 'rate_limit'\nat_act = 1\nafter_acts = 1", "faults[0].at_act"),
        ("[[faults]]\nkind = 'rate_limit'\nwithin_seconds = 1", "faults[0].within_seconds"),
        ("[[faults]]\nkind = 'rate_limit'\nprobability = -0.1", "faults[0].probability"),
        ("[[faults]]\nkind = 'rate_limit'\nat_request = 1", "faults[0].at_request"),
        ("[[faults]]\nkind = 'session_lost'\nat_act = 1", "faults[0].at_act"),
        ("[[faults]]\nkind = 'wrong_account'", "faults[0].account"),
        ("[[faults]]\nkind = 'dialog'", "faults[0].text"),
        ("[[faults]]\nkind = 'stall'", "faults[0].stall_ms"),
        ("[[faults]]\nkind = 'interstitial'", "faults[0].prompt"),
        ("[[faults]]\nkind = 'drop'\nfor_seconds = 2", "faults[0].for_seconds"),
        ("[[faults]]\nkind = 'rate_limit'\nat_row = 0", "faults[0].at_row"),
        ("[[faults]]\nkind = 'rate_limit'\nat_row = 2\nat_act = 1", "faults[0].at_row"),
        ("[[faults]]\nkind = 'stall'\nstall_ms = 5\nat_row = 2", "faults[0].at_row"),
        ("accounts = ['a']\nother_accounts = ['b']", "`accounts`"),
        ("accounts = ['a', 'A']", "other_accounts"),
        ("population.list_length = 200000", "`population.list_length`"),
        ("lists.repeats = 2", "`lists.repeats`"),
        ("lists.fling_share = 2", "`lists.fling_share`"),
        ("lists.reoder = 2", "reoder"),
    ];
    for (text, key) in cases {
        match Scenario::from_toml(text) {
            Ok(_) => panic!("accepted: {text}"),
            Err(error) => assert!(error.to_string().contains(key), "{text}: {error}"),
        }
    }
}

#[test]
fn a_scenario_built_in_code_is_checked_as_well() {
    let mut scenario = Scenario { account: "ada".into(), ..Scenario::default() };
    scenario.faults.push(Fault { at_act: Some(3), ..Fault::new(FaultKind::RateLimit) });
    assert!(scenario.check().is_ok());
    scenario.faults.push(Fault::new(FaultKind::Stall));
    assert!(scenario.check().is_err());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        let _ = Scenario::from_toml(&text);
    }

    #[test]
    fn no_value_breaks_the_reader(
        key in prop::sample::select(vec![
            "load_ms", "seed", "scale", "account", "language", "latency.jitter",
            "population.private_share", "people", "faults", "other_accounts",
        ]),
        value in prop_oneof![
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_map(|n| format!("{n:?}")),
            "[a-zA-Z@. _']{0,40}".prop_map(|s| format!("{s:?}")),
            Just("[]".to_owned()), Just("{}".to_owned()), Just("[{}]".to_owned()),
        ],
    ) {
        let _ = Scenario::from_toml(&format!("{key} = {value}"));
    }
}
