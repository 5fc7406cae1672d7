//! A text that was cut off means what its beginning means, if that can be nothing else.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::classify::{Class, Classifier, Place, Rule, fits_gap};

/// What a dialog with this text means to whoever knows these phrases.
fn class(phrases: &[(&str, &str)], text: &str) -> Class {
    let rules = phrases.iter().map(|(class, phrase)| Rule::new(class, "en", phrase));
    let rules: Vec<Rule> = rules.collect::<Result<_, _>>().expect("usable rules");
    let classifier = Classifier::new(rules).expect("a classifier");
    classifier.classify(text, Place::Dialog, None).class
}

const SUSPENDED: (&str, &str) = ("account_suspended", "your account * suspended");

#[test]
fn a_beginning_has_three_words_and_twelve_letters() {
    let long = [("rate_limited", "extraordinarily complicated situation here")];
    assert_eq!(class(&long, "Extraordinarily compli…"), Class::Unknown, "two words");
    assert_eq!(class(&long, "Extraordinarily complicated si…"), Class::RateLimited);
    let short = [("rate_limited", "we do so as ever today")];
    assert_eq!(class(&short, "We do so as…"), Class::Unknown, "eleven letters and spaces");
    assert_eq!(class(&short, "We do so as e…"), Class::RateLimited);
}

#[test]
fn a_phrase_that_was_cut_in_its_gap_says_nothing_yet() {
    assert_eq!(class(&[SUSPENDED], "Your account…"), Class::Unknown);
    assert_eq!(class(&[SUSPENDED], "Your account was…"), Class::Unknown);
    assert_eq!(class(&[SUSPENDED], "Your account was suspended…"), Class::AccountSuspended);
    let longer = [("account_suspended", "your account was * suspended")];
    assert_eq!(class(&longer, "Your account was…"), Class::Unknown, "no more than its first part");
}

#[test]
fn a_part_is_looked_for_behind_the_one_before_only() {
    let twice = [("rate_limited", "all fine * fine")];
    assert_eq!(class(&twice, "All fine"), Class::Unknown);
    assert_eq!(class(&twice, "All fine, really fine"), Class::RateLimited);
    let thrice = [("rate_limited", "all fine * really * really")];
    assert_eq!(class(&thrice, "All fine and really"), Class::Unknown);
    assert_eq!(class(&thrice, "All fine and really, really"), Class::RateLimited);
}

/// A beginning of `network` that `your account * suspended` rivals if it could begin so too.
fn rivalled(network: &str, text: &str) -> bool {
    match class(&[SUSPENDED, ("network", network)], text) {
        Class::Unknown => true,
        Class::Network => false,
        other => unreachable!("{text} is {other:?}"),
    }
}

#[test]
fn a_beginning_is_rivalled_by_what_could_begin_so_too() {
    assert!(rivalled("your account is offline", "Your account is offl…"));
    // Another word, and more words than a gap stands for.
    assert!(!rivalled("your accountant is away today", "Your accountant is aw…"));
    let many = "your account a b c d e f g is offline";
    assert!(!rivalled(many, "Your account a b c d e f g is…"));
    // A gap ends 200 bytes after what stands before it, however few words that are.
    for (letters, rival) in [(196, true), (197, false)] {
        let network = format!("your account {} is offline", "x".repeat(letters));
        let text = format!("Your account {} is…", "x".repeat(letters));
        assert_eq!(text.len() - "…".len(), "your account".len() + letters + 4);
        assert_eq!(rivalled(&network, &text), rival, "{letters}");
    }
}

#[test]
fn a_gap_holds_six_words_or_fifteen_characters() {
    for (between, fits) in [
        ("", true),
        ("   ", true),
        ("a b c d e f", true),
        (" a b c d e f ", true),
        ("a b c d e f g", false),
        ("あ い う え お か き く け こ さ し す せ そ", true),
        ("あ い う え お か き く け こ さ し す せ そ た", false),
        ("a b c d あ い う え お", true),
        ("a b c d あ い う え お か", false),
    ] {
        assert_eq!(fits_gap(between), fits, "{between}");
    }
}
