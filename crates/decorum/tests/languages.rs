//! What the app speaks makes no difference to what is done.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use crate::support::{Sandbox, Sim};

/// Somebody private, missing, followed before; a rate limit, a blocked act, and questions.
const SCENARIO: &str = "
account = 'studio.nord'
follow_ms = 40

[[people]]
username = 'person0001'
private = true

[[people]]
username = 'person0002'
missing = true

[[people]]
username = 'person0003'
relationship = 'following'

[[people]]
username = 'person0004'
posts = 0

[[faults]]
kind = 'rate_limit'
at_act = 3

[[faults]]
kind = 'action_blocked'
at_act = 6

[[faults]]
kind = 'interstitial'
prompt = 'notifications'

[[faults]]
kind = 'interstitial'
prompt = 'tracking'
at_request = 60
";

#[test]
fn the_same_run_in_german_and_japanese_has_the_same_effects() {
    let play = |language: &str| {
        let sandbox = Sandbox::brisk();
        sandbox.decorum(&["settings", "set", "rate_limit_steps=[1]"]).expect(0);
        let phone = Sim::start(&sandbox, &format!("language = '{language}'\n{SCENARIO}"));
        let list = sandbox.people("person", 8);
        for action in ["follow", "like", "comment"] {
            let text: &[&str] =
                if action == "comment" { &["--comment", "Well made."] } else { &[] };
            sandbox.run(&phone, "studio.nord", action, &list, text);
        }
        phone.expect_nobody_twice();
        let told: Vec<_> = sandbox
            .events()
            .iter()
            .map(|e| {
                let field = |name: &str| e[name].as_str().unwrap_or_default().to_owned();
                ["target_username", "action", "status", "reason", "error_class"].map(field)
            })
            .collect();
        (phone.effects(), told)
    };
    let english = play("en");
    assert!(english.0.len() > 12, "{:?}", english.0);
    for class in ["rate_limited", "action_blocked", "target_unavailable"] {
        assert!(english.1.iter().any(|event| event[4] == class), "{class}: {:?}", english.1);
    }
    for language in ["de", "ja"] {
        assert_eq!(play(language), english, "{language}");
    }
}
