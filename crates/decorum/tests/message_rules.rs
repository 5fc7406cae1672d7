//! What the operator teaches about the app's words holds at once, and breaks nothing that is known.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Sandbox, Sim};

const WORDS: &str = "Easy now, studio. That will do for the moment.";

fn rules(class: &str, phrase: &str) -> String {
    let rule = json!([{ "class": class, "language": "en", "phrase": phrase }]);
    format!("message_rules={rule}")
}

fn label(sandbox: &Sandbox, text: &str) -> Value {
    let line = json!({ "text": text, "where": "dialog" }).to_string();
    sandbox.decorum_with_input(&["classify"], line.as_bytes()).expect(0).json()["label"].clone()
}

#[test]
fn what_is_taught_is_read_and_unlearnt_again() {
    let sandbox = Sandbox::new();
    assert_eq!(label(&sandbox, WORDS), "unknown");
    sandbox
        .decorum(&["settings", "set", &rules("rate_limited", "that will do for * moment")])
        .expect(0);
    assert_eq!(label(&sandbox, WORDS), "rate_limited");
    sandbox.decorum(&["settings", "set", "message_rules=[]"]).expect(0);
    assert_eq!(label(&sandbox, WORDS), "unknown");
}

#[test]
fn a_rule_that_would_change_a_known_text_is_refused_with_the_text() {
    let sandbox = Sandbox::new();
    let before = sandbox.decorum(&["settings", "get"]).expect(0).json();
    sandbox
        .decorum(&["settings", "set", &rules("challenge", "from your post")])
        .expect(2)
        .says("`from your post`")
        .says("We removed 3 spam comments from your post");
    sandbox.decorum(&["settings", "set", &rules("cross", "that will do")]).expect(2).says("cross");
    assert_eq!(sandbox.decorum(&["settings", "get"]).expect(0).json(), before);
}

#[test]
fn a_run_under_way_goes_by_what_it_is_taught_meanwhile() {
    let sandbox = Sandbox::brisk();
    sandbox.decorum(&["settings", "set", "rate_limit_steps=[1]"]).expect(0);
    // Slow enough that the words come up some seconds after they were taught.
    let scenario = format!(
        "account = 'studio.nord'\n[latency]\nsource_ms = 150\n\
         [[faults]]\nkind = 'dialog'\ntext = '{WORDS}'\nat_act = 30\n"
    );
    let phone = Sim::start(&sandbox, &scenario);
    let list = sandbox.people("person", 32);
    let mut run = sandbox
        .run_command(&phone, "studio.nord", "follow", &list, &[])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let deadline = Instant::now() + Duration::from_mins(1);
    while phone.effects().is_empty() {
        assert!(Instant::now() < deadline, "nobody was engaged");
        sleep(Duration::from_millis(20));
    }
    let taught = Instant::now();
    sandbox
        .decorum(&["settings", "set", &rules("rate_limited", "that will do for * moment")])
        .expect(0);
    let ended = run.wait().expect("it ends");

    assert!(taught.elapsed() > Duration::from_secs(6), "too quick to show anything");
    assert!(ended.success(), "it waited and went on: {ended}");
    let limited = sandbox.events().iter().filter(|e| e["error_class"] == "rate_limited").count();
    assert_eq!(limited, 1);
    assert_eq!(phone.effects().len(), 32);
    phone.expect_nobody_twice();
}
