//! Rules that an operator adds to those of the app profile.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::classify::{Class, Classifier, Example, Place, Rule, TeachError};
use decorum_core::{MessageRule, Settings};
use serde_json::json;

fn classifier() -> Classifier {
    let rules = [
        ("rate_limited", "en", "we limit how often"),
        ("benign", "en", "how often we limit ourselves"),
    ];
    let rules = rules.map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).expect("a rule to look for")
    });
    Classifier::new(rules).expect("no contradictions")
}

fn rule(class: &str, phrase: &str) -> MessageRule {
    let (class, language, phrase) = (class.to_owned(), "en".to_owned(), phrase.to_owned());
    MessageRule { class, language, phrase }
}

fn example(text: &str, class: Class) -> Example {
    Example { text: text.to_owned(), place: Place::Dialog, locale: None, class }
}

fn class(classifier: &Classifier, text: &str) -> Class {
    classifier.classify(text, Place::Dialog, None).class
}

#[test]
fn what_is_taught_is_known_beside_what_was_known() {
    let before = classifier();
    let taught = before.with(&[rule("rate_limited", "enough for * today")]).expect("taught");
    assert_eq!(class(&taught, "That is enough for one day, or for today."), Class::RateLimited);
    assert_eq!(class(&taught, "We limit how often you do that."), Class::RateLimited);
    assert_eq!(class(&before, "That is enough for one day, or for today."), Class::Unknown);
}

#[test]
fn a_rule_that_changes_a_known_text_is_refused_and_both_are_named() {
    let examples =
        [example("We limit how often.", Class::RateLimited), example("Saved.", Class::Benign)];
    let rules = [
        rule("benign", "this is all well"),
        rule("challenge", "limit how often"),
        rule("benign", "we limit how often you"),
    ];
    let refused = classifier().taught(&rules, &examples).map(drop);
    // It stands inside the longer phrase, which silences it.
    assert_eq!(refused, Ok(()));

    let rules = [rules[0].clone(), rule("challenge", "we limit how * often")];
    assert!(classifier().taught(&rules, &examples).is_ok());

    let rules = [rules[0].clone(), rule("challenge", "we limit")];
    let examples = [example("We limit what you do.", Class::Unknown)];
    let refused = classifier().taught(&rules, &examples).map(drop).expect_err("it changes");
    assert_eq!(
        refused,
        TeachError::Changes {
            phrase: "we limit".to_owned(),
            text: "We limit what you do.".to_owned(),
            place: Place::Dialog,
            is: Class::Unknown,
            becomes: Class::Challenge,
        }
    );
    assert!(refused.to_string().contains("We limit what you do."), "{refused}");
}

#[test]
fn a_rule_that_silences_a_phrase_is_to_blame_though_it_decides_nothing() {
    let examples = [example("Whether we limit how often", Class::RateLimited)];
    let rules = [rule("benign", "all is well"), rule("benign", "whether we limit how often")];
    let refused = classifier().taught(&rules, &examples).map(drop);
    assert!(
        matches!(&refused, Err(TeachError::Changes { phrase, becomes: Class::Benign, .. })
            if phrase == "whether we limit how often"),
        "{refused:?}"
    );
}

#[test]
fn a_text_that_was_read_wrong_may_be_read_right() {
    let examples = [example("Saved to your collection", Class::Benign)];
    assert_eq!(class(&classifier(), &examples[0].text), Class::Unknown);
    let taught = classifier().taught(&[rule("benign", "saved to your collection")], &examples);
    assert_eq!(class(&taught.expect("taught"), &examples[0].text), Class::Benign);
}

#[test]
fn a_second_meaning_is_refused() {
    let twice = [rule("challenge", "we limit how often")];
    assert!(matches!(classifier().taught(&twice, &[]), Err(TeachError::Rule(_))));
    let same = [rule("rate_limited", "WE LIMIT how often")];
    assert!(classifier().taught(&same, &[]).is_ok());
}

#[test]
fn settings_take_rules_that_can_be_looked_for_and_name_the_one_that_cannot() {
    let good = json!([{"class": "rate_limited", "language": "en", "phrase": "enough for today"}]);
    let settings = Settings::default().with("message_rules", good.clone()).expect("taken");
    assert_eq!(settings.get("message_rules"), Ok(good.clone()));
    assert_eq!(Settings::from_json(&settings.to_json()), Ok(settings));

    for (bad, says) in [
        (json!({"class": "angry", "language": "en", "phrase": "enough"}), "angry"),
        (json!({"class": "unknown", "language": "en", "phrase": "enough"}), "enough"),
        (json!({"class": "benign", "language": "en", "phrase": "*"}), "phrase"),
    ] {
        let both = json!([good[0], bad]);
        let error = Settings::default().with("message_rules", both).expect_err("no rule");
        assert_eq!(error.field, "message_rules[1]");
        assert!(error.to_string().contains(says), "{error}");
    }
    let many = |n| Settings::default().with("message_rules", json!(vec![good[0].clone(); n]));
    assert!(many(500).is_ok());
    assert_eq!(many(501).expect_err("too many").field, "message_rules");
}
