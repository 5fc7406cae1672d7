//! The hash chain: whatever is changed is found, and where.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::chain::{Break, Verifier, event_hash, target_ref};
use decorum_core::{
    Action, Digest, ErrorClass, Event, Head, Metadata, Outcome, Platform, Refusal, RefusalReason,
    Salt, Seen, Status,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{
    Desk, LIMITED, MINUTE, NETWORK, SECOND, SUCCESS, account_id, claim_id, event_id, metadata, user,
};

/// A log of eight events of several kinds, with every field filled somewhere.
fn log() -> (Vec<Event>, Head) {
    let mut desk = Desk::new();
    let mut events = Vec::new();
    for outcome in [SUCCESS, NETWORK, Outcome::Retry(None), LIMITED] {
        desk.next_person().account.breaker = decorum_core::Breaker::Active;
        let claim = desk.claim();
        let mut report = desk.wait(SECOND).report(&claim, outcome);
        report.session_id = Some("session-1".parse().expect("a label"));
        report.device_id = Some("phone-1".parse().expect("a label"));
        report.reason = Some("because".to_owned());
        report.metadata = metadata(&json!({"campaign": "spring"}));
        events.push(desk.settle(report).event);
        let refusal = Refusal::new(RefusalReason::TooSoon, None);
        events.push(desk.wait(MINUTE).observe(Seen::Refused(refusal)).event);
    }
    (events, desk.account.head)
}

fn verify(events: &[Event], head: Head) -> Result<Head, Break> {
    let mut verifier = Verifier::new(Platform::Instagram, account_id("studio.nord"));
    for event in events {
        verifier.next(event)?;
    }
    verifier.finish(head)
}

/// Recomputes an event's own hash, as somebody would who knows how.
fn reseal(event: &mut Event) {
    event.hash = event_hash(event);
}

#[test]
fn an_untouched_log_verifies() {
    let (events, head) = log();
    assert_eq!(verify(&events, head), Ok(head));
    assert_eq!(head.seq, 8);
    assert_eq!(events[0].prev_hash, Digest::ZERO);
    assert_eq!(verify(&[], Head::default()), Ok(Head::default()));
    for (n, event) in (1..).zip(&events) {
        assert_eq!(event.seq, n);
    }
}

type Change = (&'static str, fn(&mut Event));

/// One change for every field of an event.
const CHANGES: &[Change] = &[
    ("id", |e| e.id = event_id(999)),
    ("action", |e| e.action = Action::View),
    ("status", |e| e.status = Status::Skipped),
    ("reason", |e| e.reason = Some("otherwise".to_owned())),
    ("no reason", |e| e.reason = None),
    ("error_class", |e| e.error_class = Some(ErrorClass::App)),
    ("task_id", |e| e.task_id = Some("task".parse().expect("a label"))),
    ("device_id", |e| e.device_id = Some("other".parse().expect("a label"))),
    ("session_id", |e| e.session_id = Some("other".parse().expect("a label"))),
    ("claim_id", |e| e.claim_id = Some(claim_id(999))),
    ("latency_ms", |e| e.latency_ms = Some(1)),
    ("ts", |e| e.ts = e.ts.plus(SECOND)),
    ("target_ref", |e| e.target_ref = Digest::ZERO),
    ("prev_hash", |e| e.prev_hash = Digest::from_bytes([9; 32])),
    ("hash", |e| e.hash = Digest::from_bytes([9; 32])),
];

#[test]
fn each_field_changed_is_found_at_that_event() {
    let (events, head) = log();
    for (field, change) in CHANGES {
        for at in 0..events.len() {
            let mut events = events.clone();
            let before = events[at].clone();
            change(&mut events[at]);
            if events[at] == before {
                continue;
            }
            let found = verify(&events, head).expect_err(field);
            assert!(
                matches!(&found, Break::Changed { seq, id }
                    if *seq == before.seq && *id == events[at].id.to_string()),
                "{field} of event {}: {found}",
                before.seq
            );
        }
    }
}

#[test]
fn a_change_resealed_is_found_at_the_next_event_or_at_the_end() {
    let (events, head) = log();
    for (field, change) in CHANGES {
        if ["hash", "prev_hash", "target_ref"].contains(field) {
            continue;
        }
        for at in 0..events.len() {
            let mut events = events.clone();
            let before = events[at].clone();
            change(&mut events[at]);
            if events[at] == before {
                continue;
            }
            reseal(&mut events[at]);
            let found = verify(&events, head).expect_err(field);
            let next = before.seq + 1;
            assert!(
                match &found {
                    Break::Unlinked { seq, .. } => *seq == next,
                    Break::Truncated { .. } => next == 9,
                    _ => false,
                },
                "{field}: {found}"
            );
        }
    }
}

#[test]
fn another_name_or_other_metadata_is_found() {
    let (events, head) = log();
    let changes: [Change; 5] = [
        ("name", |e| e.target_username = Some(user("bob"))),
        ("metadata", |e| e.metadata = metadata(&json!({"campaign": "autumn"}))),
        ("salt", |e| e.salt = Some(Salt([8; 16]))),
        ("name only erased", |e| e.target_username = None),
        ("salt only erased", |e| e.salt = None),
    ];
    for (what, change) in changes {
        for at in 0..events.len() {
            let mut events = events.clone();
            change(&mut events[at]);
            let seq = events[at].seq;
            let found = verify(&events, head).expect_err(what);
            assert!(matches!(&found, Break::PersonChanged { seq: s, .. } if *s == seq), "{found}");
        }
    }
}

#[test]
fn an_erased_person_leaves_a_log_that_verifies() {
    let (mut events, head) = log();
    for event in events.iter_mut().step_by(2) {
        let before = event.target_ref;
        event.target_username = None;
        event.salt = None;
        event.metadata = Metadata::default();
        assert_eq!(event.target_ref, before);
    }
    assert_eq!(verify(&events, head), Ok(head));
    // Metadata left behind would still speak of the person.
    events[0].metadata = metadata(&json!({"note": "alice"}));
    assert!(matches!(verify(&events, head), Err(Break::PersonChanged { seq: 1, .. })));
}

#[test]
fn a_missing_event_is_named() {
    let (events, head) = log();
    for at in 0..events.len() {
        let mut events = events.clone();
        events.remove(at);
        let seq = at as u64 + 1;
        let expected = if at == 7 {
            Break::Truncated { expected: 8, found: 7 }
        } else {
            Break::Missing { missing: seq, found: seq + 1 }
        };
        assert_eq!(verify(&events, head), Err(expected));
    }
    assert_eq!(verify(&[], head), Err(Break::Truncated { expected: 8, found: 0 }));
    assert_eq!(verify(&events[..3], head), Err(Break::Truncated { expected: 8, found: 3 }));
}

#[test]
fn a_gap_closed_by_renumbering_is_found() {
    let (mut events, head) = log();
    events.remove(3);
    for event in &mut events[3..] {
        event.seq -= 1;
        reseal(event);
    }
    assert!(matches!(verify(&events, head), Err(Break::Unlinked { seq: 4, .. })));
}

#[test]
fn a_log_rebuilt_whole_does_not_end_where_the_account_does() {
    let (mut events, head) = log();
    events.remove(3);
    let mut before = Digest::ZERO;
    for (n, event) in (1..).zip(&mut events) {
        (event.seq, event.prev_hash) = (n, before);
        reseal(event);
        before = event.hash;
    }
    assert_eq!(verify(&events, head), Err(Break::Truncated { expected: 8, found: 7 }));
}

#[test]
fn events_out_of_order_repeated_or_slipped_in_are_found() {
    let (events, head) = log();
    let mut swapped = events.clone();
    swapped.swap(2, 3);
    assert_eq!(verify(&swapped, head), Err(Break::Missing { missing: 3, found: 4 }));

    // Swapped with their numbers: each then follows the wrong one.
    (swapped[2].seq, swapped[3].seq) = (3, 4);
    reseal(&mut swapped[2]);
    reseal(&mut swapped[3]);
    assert!(matches!(verify(&swapped, head), Err(Break::Unlinked { seq: 3, .. })));

    let mut repeated = events.clone();
    repeated.insert(4, events[3].clone());
    assert!(matches!(verify(&repeated, head), Err(Break::Unlinked { seq: 4, .. })));

    let mut inserted = events.clone();
    let mut extra = events[3].clone();
    extra.id = event_id(999);
    reseal(&mut extra);
    inserted.insert(4, extra);
    assert!(matches!(verify(&inserted, head), Err(Break::Unlinked { seq: 4, .. })));

    let mut longer = events.clone();
    let mut extra = events[7].clone();
    (extra.seq, extra.prev_hash) = (9, events[7].hash);
    reseal(&mut extra);
    longer.push(extra);
    assert_eq!(verify(&longer, head), Err(Break::Truncated { expected: 8, found: 9 }));
}

#[test]
fn an_event_of_another_chain_is_foreign() {
    let (events, _) = log();
    let mut verifier = Verifier::new(Platform::Instagram, account_id("somebody.else"));
    assert!(matches!(verifier.next(&events[0]), Err(Break::Foreign { seq: 1, .. })));
    let mut zero = events[0].clone();
    zero.seq = 0;
    reseal(&mut zero);
    let mut verifier = Verifier::new(Platform::Instagram, account_id("studio.nord"));
    let error = verifier.next(&zero).expect_err("there is no event 0");
    assert!(!error.to_string().is_empty());
}

#[test]
fn every_break_says_where() {
    let (events, head) = log();
    let mut changed = events.clone();
    changed[4].latency_ms = Some(0);
    let text = verify(&changed, head).expect_err("changed").to_string();
    assert!(text.contains('5') && text.contains(&events[4].id.to_string()), "{text}");
}

#[test]
fn the_commitment_hides_the_name_behind_the_salt() {
    let plain = Metadata::default();
    let one = target_ref(&Salt([1; 16]), &user("alice"), &plain);
    assert_ne!(one, target_ref(&Salt([2; 16]), &user("alice"), &plain));
    assert_ne!(one, target_ref(&Salt([1; 16]), &user("alicia"), &plain));
}

/// The format is a promise to every log already written: these values never change. They were
/// computed by another program from the description in the module.
#[test]
fn the_encoding_is_the_one_of_every_log_written_so_far() {
    let (events, _) = log();
    assert_eq!(
        target_ref(&Salt([7; 16]), &user("alice"), &Metadata::default()).to_string(),
        "eaa56ca60a758661ddc3ad3a04adb6a29b4e2b9604ee0ba4801b0a434b318197"
    );
    assert_eq!(
        events[0].hash.to_string(),
        "168549f20e3169897920c65dc77b45998830cdf984a145aa9d7ce428d7598ae0"
    );
}

fn any_label() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-c|,\\\\ü]{1,3}")
}

prop_compose! {
    /// Events that differ little and in places where a careless encoding would confuse them.
    fn any_event()(
        reason in any_label(),
        task in any_label(),
        device in any_label(),
        session in any_label(),
        latency in proptest::option::of(0..3_u64),
        class in proptest::option::of(proptest::sample::select(ErrorClass::ALL)),
        claim in proptest::option::of(0..3_u128),
        seq in 1..3_u64,
    ) -> Event {
        let (events, _) = log();
        let label = |l: Option<String>| l.filter(|l| !l.trim().is_empty());
        Event {
            seq,
            reason,
            task_id: label(task).map(|l| l.parse().expect("a label")),
            device_id: label(device).map(|l| l.parse().expect("a label")),
            session_id: label(session).map(|l| l.parse().expect("a label")),
            latency_ms: latency,
            error_class: class,
            claim_id: claim.map(claim_id),
            hash: Digest::ZERO,
            ..events[0].clone()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn two_different_events_never_encode_alike(a in any_event(), b in any_event()) {
        prop_assert_eq!(a == b, event_hash(&a) == event_hash(&b));
    }

    /// The same letters, divided differently among neighbouring fields.
    #[test]
    fn where_one_field_ends_and_the_next_begins_is_part_of_the_hash(
        text in "[a-z]{3,12}",
        cuts in any::<[prop::sample::Index; 4]>(),
    ) {
        let divided = |one: usize, other: usize| {
            let (one, other) = (one.min(other), one.max(other));
            let (events, _) = log();
            Event {
                task_id: text[..one].parse().ok(),
                device_id: text[one..other].parse().ok(),
                session_id: text[other..].parse().ok(),
                ..events[0].clone()
            }
        };
        let at = cuts.map(|cut| cut.index(text.len() + 1));
        let (a, b) = (divided(at[0], at[1]), divided(at[2], at[3]));
        prop_assert_eq!(a == b, event_hash(&a) == event_hash(&b));
        let salt = Salt([1; 16]);
        let meta = Metadata::from_stored;
        prop_assert_ne!(
            target_ref(&salt, &user("ab"), &meta("c".to_owned())),
            target_ref(&salt, &user("a"), &meta("bc".to_owned()))
        );
    }
}
