//! The demonstration comes to the same whatever the apps speak.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]

use std::thread;

use crate::support::Sandbox;

/// What is told of engagements and ledgers: everything but addresses, times and hashes.
fn told(language: &str) -> String {
    let sandbox = Sandbox::new();
    let demo = ["demo", "--once", "--targets", "12", "--language", language];
    let out = sandbox.decorum(&demo).expect(0).out;
    let (_, engaged) = out.split_once("\n1  ").expect("the first part");
    let (engaged, _) = engaged.split_once("\n4  ").expect("the last part");
    let timed = ["ended early", " ms "];
    let timeless = engaged.lines().filter(|line| !timed.iter().any(|word| line.contains(word)));
    timeless.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_demonstration_has_the_same_ledgers_in_english_german_and_japanese() {
    let [english, german, japanese] = thread::scope(|scope| {
        ["en", "de", "ja"]
            .map(|language| scope.spawn(move || told(language)))
            .map(|told| told.join().expect("a demonstration"))
    });

    assert!(english.contains("nobody engaged twice; the log says exactly the same"), "{english}");
    assert_eq!(english, german);
    assert_eq!(english, japanese);
}
