//! Of an answer of a server, what the server says counts, and what people wrote does not; and its
//! words tell more than its code, where they tell anything of the account.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::classify::{Class, Classifier, Place, Rule, Verdict};

fn verdict(text: &str, place: Place) -> Verdict {
    let rules = [("rate_limited", "We limit how often you can do certain things on Instagram")];
    let rules = rules.map(|(class, phrase)| Rule::new(class, "en", phrase).expect("a rule"));
    Classifier::new(rules).expect("a classifier").classify(text, place, None)
}

fn class(text: &str) -> Class {
    verdict(text, Place::StatusCode).class
}

fn evidence(text: &str) -> String {
    verdict(text, Place::StatusCode).evidence.expect("evidence").phrase
}

#[test]
fn what_people_wrote_in_a_body_says_nothing() {
    for (body, expected) in [
        (r#"{"items":[{"text":"challenge_required"}],"status":"ok"}"#, Class::Benign),
        (r#" {"items":[],"caption":"please wait a few minutes","status":"ok"} "#, Class::Benign),
        (r#"{"status":"fail","message":"login_required"}"#, Class::LoggedOut),
        (r#"{"text":"challenge_required","message":"login_required"}"#, Class::LoggedOut),
        (r#"{"text":"challenge_required","status":"fail"}"#, Class::Unknown),
        (r#"{"friendship_status":{"following":true},"spam":false,"status":"ok"}"#, Class::Benign),
        (r#"{"message":null,"status":"ok"}"#, Class::Benign),
        (r#"{"spam":true,"message":"login_required","status":"ok"}"#, Class::LoggedOut),
        // With nothing in it that a server says, all of it is looked at.
        (r#"{"text":"challenge_required"}"#, Class::Challenge),
        // So it is where it is no object.
        (r#"{"text":"challenge_required","status":"ok""#, Class::Challenge),
        (r#"[{"text":"challenge_required","status":"ok"}]"#, Class::Challenge),
    ] {
        assert_eq!(class(body), expected, "{body}");
    }
}

#[test]
fn where_no_server_speaks_no_body_is_read() {
    let text = r#"{"bio":"not authorized to view user","status":"ok"}"#;
    assert_eq!(verdict(text, Place::ProfileHeader).class, Class::PrivateAccount);
    assert_eq!(verdict(text, Place::StatusCode).class, Class::Benign);
}

#[test]
fn words_about_the_account_tell_more_than_the_code() {
    assert_eq!(class("403 please wait a few minutes before you try again"), Class::RateLimited);
    assert_eq!(class("401 feedback_required"), Class::ActionBlocked);
    // Other words do not, nor do words that may go on in another way.
    assert_eq!(class("401 bad gateway"), Class::LoggedOut);
    assert_eq!(class("403 not authorized to view user"), Class::ActionBlocked);
    assert_eq!(class("401 We limit how often you can do certain…"), Class::LoggedOut);
}

#[test]
fn words_that_only_repeat_the_code_are_the_evidence_and_the_graver_of_the_two_decides() {
    assert_eq!(evidence("404 not found"), "not found");
    for (text, class, phrase) in [
        ("401 not found", Class::LoggedOut, "401"),
        ("404 unauthorized", Class::LoggedOut, "unauthorized"),
        ("500 forbidden", Class::ActionBlocked, "forbidden"),
    ] {
        assert_eq!((self::class(text), evidence(text).as_str()), (class, phrase), "{text}");
    }
}

#[test]
fn a_status_code_has_three_digits() {
    for text in ["0404", "4040", "+404x", "40"] {
        assert_eq!(class(text), Class::Unknown, "{text}");
    }
    assert_eq!(class("404"), Class::TargetUnavailable);
}
