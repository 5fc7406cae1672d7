//! What may be cleaned up, and what never.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::chain::{Break, Checkpoint, Verifier};
use decorum_core::retention::{Prefix, Swept, events_before, is_spent, removable, spent_before};
use decorum_core::{
    Account, Event, Fence, Finding, Head, Imported, Latest, Metadata, Outcome, Refusal,
    RefusalReason, Seen, Settings, Timestamp, engage,
};
use proptest::prelude::*;

use crate::support::{
    DAY, Desk, HOUR, NETWORK, RELEASED, SECOND, SUCCESS, TICK, event_id, noon, user,
};

#[test]
fn a_row_is_spent_when_its_window_has_ended() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    let ends = desk.latest.last.as_ref().unwrap().expires_at.unwrap();
    assert!(!is_spent(&desk.latest, ends.minus(TICK)));
    assert!(is_spent(&desk.latest, ends));
    assert_eq!(spent_before(ends).0, ends);
}

#[test]
fn a_row_without_a_window_is_spent_after_a_day() {
    for outcome in [NETWORK, RELEASED] {
        let mut desk = Desk::new();
        desk.engage(outcome);
        assert!(!is_spent(&desk.latest, noon().plus(DAY).minus(TICK)), "{outcome:?}");
        assert!(is_spent(&desk.latest, noon().plus(DAY)), "{outcome:?}");
        assert_eq!(spent_before(noon().plus(DAY)).1, noon());
    }
    assert!(is_spent(&Latest::default(), noon()));
}

#[test]
fn a_row_that_somebody_holds_is_never_spent() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    desk.wait(DAY * 60);
    let claim = desk.claim();
    assert!(!is_spent(&desk.latest, Timestamp::MAX), "claimed");
    desk.wait(HOUR).lapse(None);
    assert!(!is_spent(&desk.latest, Timestamp::MAX), "in doubt");
    desk.reconcile(&claim, Finding::NotDone);
    assert!(is_spent(&desk.latest, Timestamp::MAX));
}

#[test]
fn what_is_swept_remembers_the_newest_outcome_and_the_largest_fence() {
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    let success = desk.latest.clone();
    desk.wait(HOUR).next_person();
    for _ in 0..3 {
        desk.engage(NETWORK);
    }
    let failure = desk.latest.clone();
    let (both, other_way) = (
        Swept::default().with(&success).with(&failure),
        Swept::default().with(&failure).with(&success),
    );
    assert_eq!(both, other_way);
    let newest = Some(noon().plus(HOUR));
    assert_eq!(both, Swept { success: newest, fence: Fence::new(3) });
    // The row of the failure may have told of a success before it.
    assert_eq!(Swept::default().with(&failure).success, newest);
    assert_eq!(Swept::default().with(&success).success, Some(noon()));
    assert!(Swept::default().is_nothing() && !both.is_nothing());
}

#[test]
fn a_row_made_anew_goes_on_with_larger_fences() {
    let mut desk = Desk::new();
    for _ in 0..4 {
        desk.engage(NETWORK);
    }
    desk.account.swept = desk.account.swept.with(&desk.latest);
    let claim = desk.next_person().claim();
    assert_eq!(claim.fence, Fence::new(5));
    assert_eq!(desk.latest.fence, Fence::new(5));
}

#[test]
fn nothing_of_the_log_is_old_unless_somebody_says_how_long() {
    assert_eq!(events_before(&Settings::default(), Timestamp::MAX), None);
    let settings = Settings { retention_days: Some(90), ..Settings::default() };
    assert_eq!(events_before(&settings, noon().plus(DAY * 90)), Some(noon()));
}

/// One event an hour, from noon on.
fn hourly(n: usize) -> (Account, Vec<Event>) {
    let mut desk = Desk::new();
    let mut events = Vec::new();
    for _ in 0..n {
        let refusal = Refusal::new(RefusalReason::TooSoon, None);
        events.push(desk.observe(Seen::Refused(refusal)).event);
        desk.wait(HOUR);
    }
    (desk.account, events)
}

fn read(events: &[Event]) -> Vec<Result<Event, Break>> {
    events.iter().cloned().map(Ok).collect()
}

fn prefix(account: &Account, events: &[Event], before: Timestamp) -> Option<Prefix> {
    removable(account, &read(events), before).expect("a whole chain")
}

#[test]
fn the_longest_old_prefix_may_go() {
    let (account, events) = hourly(6);
    for old in 0..6 {
        let found = prefix(&account, &events, noon().plus(HOUR * old).plus(TICK));
        // The event of this very hour is old by a millisecond; the newest stays all the same.
        let expected = events[..usize::try_from(old + 1).unwrap().min(5)].last();
        let found = found.expect("something is old");
        let last = expected.unwrap();
        assert_eq!(found.events, last.seq);
        assert_eq!(found.checkpoint.head, Head { seq: last.seq, hash: last.hash });
        assert_eq!(found.checkpoint.ts, last.ts);
    }
    assert_eq!(prefix(&account, &events, noon()), None, "the exact instant is not older");
    assert_eq!(prefix(&account, &events, Timestamp::MAX).unwrap().events, 5);
    assert_eq!(prefix(&account, &events[..1], Timestamp::MAX), None);
    assert_eq!(prefix(&account, &[], Timestamp::MAX), None);
}

#[test]
fn one_event_that_is_not_old_keeps_all_after_it() {
    let mut desk = Desk::new();
    let mut events = Vec::new();
    for wait in [HOUR, DAY * 40, SECOND, SECOND] {
        events.push(desk.engage(NETWORK).event);
        desk.wait(wait);
    }
    // The clock was set back, but no event is dated before the one it follows.
    desk.back(DAY * 40);
    events.push(desk.engage(NETWORK).event);
    let found = prefix(&desk.account, &events, noon().plus(DAY * 10)).unwrap();
    assert_eq!(found.events, 2);
}

#[test]
fn history_imported_later_does_not_make_a_checkpoint_older() {
    let mut desk = Desk::new();
    let mut events = vec![desk.engage(SUCCESS).event];
    for (person, ago) in [("bob", DAY * 300), ("cleo", DAY * 200)] {
        let stamp = desk.stamp();
        let imported = Imported {
            key: crate::support::key(person, desk.action),
            outcome: SUCCESS,
            reason: None,
            happened_at: desk.now.minus(ago),
            metadata: Metadata::default(),
            stamp,
        };
        let settled =
            engage::import(&desk.settings, desk.account.clone(), Latest::default(), imported);
        desk.account = settled.account;
        events.push(settled.event);
    }
    // What is old stays behind what is not.
    assert_eq!(prefix(&desk.account, &events, noon().minus(DAY)), None);
    let first = prefix(&desk.account, &events[..2], noon().plus(TICK)).unwrap();
    assert_eq!((first.events, first.checkpoint.ts), (1, noon()));
    let all = prefix(&desk.account, &events, noon().plus(TICK)).unwrap();
    assert_eq!((all.events, all.checkpoint.head.seq, all.checkpoint.ts), (2, 2, noon()));
    desk.account.checkpoint = Some(first.checkpoint);
    let rest = prefix(&desk.account, &events[1..], noon().plus(TICK)).unwrap();
    assert_eq!(rest.checkpoint, all.checkpoint);
}

#[test]
fn a_cleanup_goes_on_where_the_last_one_ended() {
    let (mut account, events) = hourly(8);
    let first = prefix(&account, &events[..4], Timestamp::MAX).unwrap();
    assert_eq!(first.events, 3, "the last one read proves the others");
    account.checkpoint = Some(first.checkpoint);
    let second = prefix(&account, &events[3..], Timestamp::MAX).unwrap();
    assert_eq!((second.events, second.checkpoint.head.seq), (4, 7));
}

type Tamper = fn(&mut Vec<Event>);

#[test]
fn a_broken_chain_keeps_its_evidence() {
    let (account, events) = hourly(6);
    let before = noon().plus(HOUR * 3);
    let broken: [(&str, Tamper); 5] = [
        ("the first is missing", |e| drop(e.remove(0))),
        ("one in the middle is missing", |e| drop(e.remove(1))),
        ("one was changed", |e| e[1].latency_ms = Some(7)),
        ("one speaks of somebody else", |e| e[1].target_username = Some(user("bob"))),
        ("the last to go was replaced by one that fits its hash", |e| {
            e[2].id = event_id(999);
            e[2].hash = decorum_core::chain::event_hash(&e[2]);
        }),
    ];
    for (what, tamper) in broken {
        let mut events = events.clone();
        tamper(&mut events);
        assert!(removable(&account, &read(&events), before).is_err(), "{what}");
    }
    let mut unreadable = read(&events);
    unreadable[1] = Err(Break::Unreadable { seq: 2, problem: "its `ts` is gone".to_owned() });
    assert!(matches!(
        removable(&account, &unreadable, before),
        Err(Break::Unreadable { seq: 2, .. })
    ));
    // What lies beyond the event that stays is not looked at, and not removed either.
    let mut later = events.clone();
    later[5].latency_ms = Some(7);
    assert_eq!(prefix(&account, &later, before).unwrap().events, 3);
}

#[test]
fn a_cleaned_chain_verifies_from_its_checkpoint_only() {
    let (mut account, events) = hourly(6);
    let cut = prefix(&account, &events, noon().plus(HOUR * 3)).unwrap();
    account.checkpoint = Some(cut.checkpoint);
    let kept = &events[3..];
    let verify = |checkpoint: Option<&Checkpoint>, events: &[Event]| {
        let mut verifier =
            Verifier::after(account.platform, account.account_id.clone(), checkpoint);
        events.iter().try_for_each(|event| verifier.next(event))?;
        verifier.finish(account.head)
    };
    assert_eq!(verify(account.checkpoint.as_ref(), kept), Ok(account.head));
    assert_eq!(verify(None, kept), Err(Break::Missing { missing: 1, found: 4 }));
    assert_eq!(verify(None, &events), Ok(account.head));
    // One more is gone than the checkpoint says.
    assert_eq!(
        verify(account.checkpoint.as_ref(), &kept[1..]),
        Err(Break::Missing { missing: 4, found: 5 })
    );
    // An event that was cleaned up does not come back.
    assert!(matches!(
        verify(account.checkpoint.as_ref(), &events[2..]),
        Err(Break::Unlinked { seq: 3, .. })
    ));
    let elsewhere = Checkpoint {
        head: Head { seq: 3, hash: events[1].hash },
        ..account.checkpoint.expect("a checkpoint")
    };
    assert!(matches!(verify(Some(&elsewhere), kept), Err(Break::Unlinked { seq: 4, .. })));
}

#[test]
fn an_erased_event_may_be_cleaned_up_and_a_half_erased_one_keeps_the_chain() {
    let (account, mut events) = hourly(4);
    events[1] = events[1].clone().erased();
    assert_eq!(prefix(&account, &events, Timestamp::MAX).unwrap().events, 3);
    events[1].metadata = Metadata::default().with("note", "alice");
    assert!(matches!(
        removable(&account, &read(&events), Timestamp::MAX),
        Err(Break::PersonChanged { seq: 2, .. })
    ));
}

#[test]
fn an_account_of_before_reads_as_one_that_was_never_cleaned() {
    let (account, _) = hourly(2);
    let mut tree = serde_json::to_value(&account).unwrap();
    assert!(tree.get("checkpoint").is_none() && tree.get("swept").is_none());
    assert_eq!(serde_json::from_value::<Account>(tree.clone()).unwrap(), account);
    tree["swept"] = serde_json::json!({ "success": "2026-03-02T12:00:00Z", "fence": 3 });
    let cleaned: Account = serde_json::from_value(tree).unwrap();
    assert_eq!(cleaned.swept.success, Some(noon()));
    assert_eq!(
        serde_json::from_value::<Account>(serde_json::to_value(&cleaned).unwrap()).unwrap(),
        cleaned
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Cut anywhere, in any steps: what is left verifies, all of it is new enough or the newest,
    /// and everything removed was old.
    #[test]
    fn steps_of_any_size_end_in_the_same_place(
        waits in proptest::collection::vec(0..48_u64, 1..40),
        batch in 2..12_usize,
        age in 0..1_000_u64,
    ) {
        let mut desk = Desk::new();
        let mut events = Vec::new();
        for wait in waits {
            let outcome = Seen::Outcome(Outcome::Retry(None));
            events.push(desk.observe(outcome).event);
            desk.wait(HOUR * u32::try_from(wait).unwrap());
        }
        let mut account = desk.account;
        let before = noon().plus(HOUR * u32::try_from(age).unwrap());
        let mut left = events.as_slice();
        while let Some(cut) = prefix(&account, &left[..left.len().min(batch)], before) {
            prop_assert!(cut.events > 0, "a step of nothing");
            let (gone, rest) = left.split_at(usize::try_from(cut.events).unwrap());
            prop_assert!(gone.iter().all(|e| e.ts < before));
            prop_assert_eq!(cut.checkpoint.head.hash, rest[0].prev_hash);
            account.checkpoint = Some(cut.checkpoint);
            left = rest;
        }
        prop_assert!(left.len() == 1 || left[0].ts >= before);
        let mut verifier = Verifier::after(
            account.platform, account.account_id.clone(), account.checkpoint.as_ref(),
        );
        for event in left {
            verifier.next(event).unwrap();
        }
        prop_assert_eq!(verifier.finish(account.head), Ok(account.head));
    }
}
