//! Erasing a person: which texts speak of them, and how they stay on the list.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::chain::event_hash;
use decorum_core::erasure::{ERASED, Obstacle, mentions, obstacle, pseudonym};
use decorum_core::{
    Breaker, ErrorClass, HaltReason, Latest, Metadata, Outcome, Platform, SuppressionKey,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{DAY, Desk, HOUR, LIMITED, SUCCESS, TICK, metadata, user};

#[test]
fn a_name_is_found_as_a_word_in_any_spelling() {
    let mia = user("mia.rossi");
    for text in [
        "mia.rossi",
        "@mia.rossi says",
        "say hello to Mia.Rossi!",
        "It was MIA.ROSSI.",
        "(mia.rossi)",
        "https://instagram.com/mia.rossi/?hl=en",
        "“mia.rossi”, …mia.rossi…",
        "ｍｉａ．ｒｏｓｓｉ",
        "nobody, mia.rossi2, then mia.rossi",
        "mia.rossi\u{200b}",
        "name:mia.rossi",
        "{\"who\":\"mia.rossi\"}",
    ] {
        assert!(mentions(text, &mia), "{text}");
    }
    for text in [
        "",
        "mia",
        "mia rossi",
        "mia.rossi2",
        "xmia.rossi",
        "mia.rossi_",
        "a.mia.rossi",
        "mia.rossi.b",
        "mia_rossi",
        "élmia.rossi",
        "mia.rossié",
    ] {
        assert!(!mentions(text, &mia), "{text}");
    }
    // A dot at the end of a name ends a name, and at the end of a sentence a sentence.
    assert!(mentions("it was mia. Then", &user("mia")));
    assert!(mentions("it was mia.", &user("mia.")));
    assert!(!mentions("it was mia.rossi", &user("mia")));
}

proptest! {
    #[test]
    fn looking_for_a_name_ends_with_an_answer(text in ".{0,60}", name in "[a-z0-9._]{1,30}") {
        if let Ok(name) = name.parse() {
            mentions(&text, &name);
            let surrounded = format!("{text} {name} {text}");
            prop_assert!(mentions(&surrounded, &name));
        }
    }
}

/// A promise to every list already written. The value was computed by another program.
#[test]
fn the_keyed_hash_is_the_one_of_every_list_written_so_far() {
    let key = SuppressionKey::from_bytes(std::array::from_fn(|n| u8::try_from(n).unwrap()));
    let hash = key.hash(Platform::Instagram, &user("alice"));
    assert_eq!(
        hash.to_string(),
        "e901eb63224a214166140c81be5f37caf5bf54dd85faaa16a67e50debaab1f83"
    );
    assert_eq!(pseudonym(&hash), hash.to_string()[..12]);
    assert_ne!(hash, key.hash(Platform::Instagram, &user("alicia")));
    let other = SuppressionKey::from_bytes([1; 32]);
    assert_ne!(hash, other.hash(Platform::Instagram, &user("alice")));
    assert_eq!(hash, key.hash(Platform::Instagram, &user("@Alice")), "one spelling of a name");
    assert_eq!(format!("{other:?}"), "SuppressionKey(…)", "a key is not shown");
}

#[test]
fn an_erased_event_keeps_its_place() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    let mut report = desk.report(&claim, SUCCESS);
    report.metadata = metadata(&json!({ "said": "hello alice" }));
    let event = desk.settle(report).event;
    let erased = event.clone().erased();
    assert!(erased.is_erased() && !event.is_erased());
    assert_eq!((erased.target_username.as_ref(), erased.salt), (None, None));
    assert_eq!(erased.metadata, Metadata::default());
    assert_eq!(erased.hash, event_hash(&erased));
    assert_eq!(erased.clone().erased(), erased);
    assert!(!format!("{erased:?}").contains("alice"));
}

#[test]
fn an_attempt_on_an_erased_person_teaches_without_the_person() {
    for outcome in [LIMITED, Outcome::Failed(ErrorClass::Challenge)] {
        let mut desk = Desk::new();
        let claim = desk.claim();
        let mut report = desk.report(&claim, outcome);
        report.detail = "something on her page".to_owned();
        let before = desk.account.clone();
        let settled = desk.settle(report).erased();
        assert!(settled.event.is_erased());
        assert_eq!(settled.error.unwrap().detail, ERASED);
        assert_ne!(settled.account.breaker, before.breaker, "the account still learns");
        assert!(!format!("{:?}", settled.account).contains("her page"));
        if let Breaker::Halted { reason, detail, .. } = settled.account.breaker {
            assert_eq!((reason, detail.as_str()), (HaltReason::Challenge, ERASED));
        }
    }
    // Why it was halted before has nothing to do with this attempt.
    let mut desk = Desk::new();
    let since = desk.now;
    let claim = desk.claim();
    desk.account.breaker =
        Breaker::Halted { reason: HaltReason::Operator, detail: "holiday".to_owned(), since };
    let report = desk.report(&claim, LIMITED);
    let settled = desk.settle(report).erased();
    assert!(format!("{:?}", settled.account).contains("holiday"));
}

#[test]
fn a_claim_stands_in_the_way_and_one_under_way_is_named_first() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    let settled = desk.latest.clone();
    assert_eq!(obstacle([&settled, &Latest::default()], desk.now), None);

    let claim = desk.next_person().wait(DAY).claim();
    let live = desk.latest.clone();
    let held = Some(Obstacle::Held(claim.clone()));
    assert_eq!(obstacle([&settled, &live], claim.lease_until.minus(TICK)), held);
    let doubt = Some(Obstacle::InDoubt(claim.clone()));
    assert_eq!(obstacle([&live, &settled], claim.lease_until), doubt, "swept or not");
    desk.wait(HOUR).lapse(None);
    let in_doubt = desk.latest.clone();
    assert_eq!(obstacle([&in_doubt], claim.claimed_at), doubt, "whatever the clock says");

    let other = desk.next_person().claim();
    let live = desk.latest.clone();
    assert_eq!(obstacle([&in_doubt, &live], other.claimed_at), Some(Obstacle::Held(other)));
}
