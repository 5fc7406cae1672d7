//! Engagements of the past: dated when they happened, and recognized when they come again.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::collections::HashSet;
use std::time::Duration;

use decorum_core::engage::{self, Imported, imported_id};
use decorum_core::{
    Action, ErrorClass, Key, Latest, Metadata, Outcome, RefusalReason, Status, Timestamp,
};

use crate::support::{DAY, Desk, HOUR, LIMITED, MINUTE, NETWORK, SUCCESS, TICK, key, noon};

#[test]
fn the_window_ends_as_if_it_had_happened_here() {
    let mut desk = Desk::new();
    let event = desk.import(DAY * 12, SUCCESS);
    assert_eq!((event.ts, event.status), (noon().minus(DAY * 12), Status::Success));
    assert_eq!(event.reason.as_deref(), Some("imported"));
    let refusal = desk.check().expect_err("engaged");
    assert_eq!(refusal.reason, RefusalReason::AlreadyEngaged);
    assert_eq!(refusal.retry_at, Some(noon().plus(DAY * 18)));
    desk.wait(DAY * 18).back(TICK).check().expect_err("a millisecond too early");
    desk.wait(TICK).check().expect("the window is over");
}

#[test]
fn it_changes_nothing_but_the_log_and_the_person() {
    let mut desk = Desk::new();
    desk.settings.min_seconds_between_actions = 60;
    desk.engage(LIMITED);
    desk.wait(HOUR).next_person();
    let before = desk.account.clone();
    desk.import(MINUTE, SUCCESS);
    desk.import(DAY, Outcome::Failed(ErrorClass::Challenge));
    let after = &desk.account;
    assert_eq!((&after.breaker, &after.usage), (&before.breaker, &before.usage));
    assert_eq!(after.last_act, before.last_act);
    assert_eq!(after.head.seq, 3);
    assert_eq!(after.newest_event, Some(desk.now.minus(MINUTE)), "the newest, not the last");
}

#[test]
fn the_later_of_two_windows_counts_in_either_order() {
    for (first, second) in [(3, 20), (20, 3)] {
        let mut desk = Desk::new();
        desk.import(DAY * first, SUCCESS);
        desk.import(DAY * second, SUCCESS);
        let refusal = desk.check().expect_err("engaged");
        assert_eq!(refusal.retry_at, Some(noon().plus(DAY * 27)), "{first} then {second}");
    }
}

#[test]
fn what_was_over_by_then_does_not_replace_what_came_later() {
    let mut desk = Desk::new();
    desk.engage(NETWORK);
    let before = desk.latest.clone();
    desk.import(DAY * 31, SUCCESS);
    assert_eq!(desk.latest, before);
    // A window that ended with the very act that came later holds nobody either.
    desk.import(DAY * 30, SUCCESS);
    assert_eq!(desk.latest, before);
    desk.import(DAY * 29, SUCCESS);
    let (before, after) = (before.last.expect("a failure"), desk.latest.last.expect("the same"));
    assert_eq!(after.event_id, before.event_id, "the newest is what the row tells of");
    assert_eq!(after.expires_at, Some(noon().plus(DAY)), "but this one still holds");
}

#[test]
fn of_two_that_happened_at_one_instant_the_row_tells_of_the_one_told_last() {
    let mut desk = Desk::new();
    let first = desk.import(DAY, SUCCESS);
    let second = desk.import(DAY, SUCCESS);
    assert_eq!(first.ts, second.ts);
    assert_eq!(desk.latest.last.expect("an outcome").event_id, second.id);
}

#[test]
fn a_claim_is_not_touched() {
    let mut desk = Desk::new();
    let claim = desk.claim();
    desk.import(DAY, SUCCESS);
    assert_eq!(desk.latest.claim(), Some(&claim));
    let settled = desk.commit(&claim, SUCCESS);
    assert!(!settled.late);
    assert_eq!(settled.latest.claim(), None);
}

#[test]
fn nothing_has_happened_later_than_now() {
    let mut desk = Desk::new();
    let imported = Imported {
        key: key("alice", Action::Follow),
        outcome: SUCCESS,
        reason: None,
        happened_at: Timestamp::MAX,
        metadata: Metadata::default(),
        stamp: desk.stamp(),
    };
    let account = desk.account.clone();
    let settled = engage::import(&desk.settings, account, Latest::default(), imported);
    assert_eq!(settled.event.ts, noon());
    assert_eq!(settled.account.newest_event, Some(noon()));
}

/// A repeated import recognizes what an older Decorum imported: these ids never change.
#[test]
fn ids_are_the_same_for_ever() {
    let key = key("mia", Action::Follow);
    assert_eq!(imported_id(&key, Some(noon())).to_string(), "af0e4428-a99c-805b-b2ba-5bce4cceb004");
    assert_eq!(imported_id(&key, None).to_string(), "9c68bfb0-4af0-8053-b4de-6708ad78c97c");
}

#[test]
fn ids_tell_apart_what_differs_and_nothing_below_a_second() {
    let base = key("mia", Action::Follow);
    let times = [None, Some(noon()), Some(noon().plus(Duration::from_secs(1)))];
    let keys = [
        base.clone(),
        key("mia", Action::Like),
        key("mia_", Action::Follow),
        Key { account_id: crate::support::account_id("studio.nor"), ..key("dmia", Action::Follow) },
    ];
    let ids: HashSet<_> =
        keys.iter().flat_map(|key| times.iter().map(|t| imported_id(key, *t))).collect();
    assert_eq!(ids.len(), keys.len() * times.len());
    assert_eq!(
        imported_id(&base, Some(noon())),
        imported_id(&base, Some(noon().plus(Duration::from_millis(999))))
    );
}
