//! Engagements of the past, put on record.

use decorum_core::{
    Action, Breaker, Imported, Outcome, RefusalReason, Skip, Status, Timestamp, engage,
    outcome::reason,
};
use serde_json::json;

use super::arrange::{
    Bench, DAY, HOUR, NETWORK, RATE_LIMITED, SECOND, SUCCESS, follow, key, metadata, name,
};
use crate::{EventFilter, OBSERVE_MAX, Order, StoreError};

/// The key, engaged at this instant by some other program.
pub(crate) fn past(bench: &Bench, key: decorum_core::Key, happened_at: Timestamp) -> Imported {
    let mut stamp = bench.stamp();
    stamp.event_id = engage::imported_id(&key, Some(happened_at));
    Imported {
        key,
        outcome: SUCCESS,
        reason: None,
        happened_at,
        metadata: metadata(&json!({"imported_from": "elsewhere"})),
        stamp,
    }
}

async fn import(bench: &Bench, history: Vec<Imported>) -> usize {
    bench.store.import(&bench.settings, history).await.unwrap()
}

/// Nobody who has the log may tell by an id whom it was about.
fn assert_not_guessable(event: &decorum_core::Event, imported: &Imported) {
    assert_ne!(event.id, imported.stamp.event_id);
}

pub(crate) async fn what_is_imported_is_on_record_as_it_happened(bench: Bench) {
    let then = bench.now.minus(DAY * 3);
    let imported = past(&bench, follow("mia"), then);
    assert_eq!(import(&bench, vec![imported.clone()]).await, 1);
    let event = bench.log().await.remove(0);
    assert_eq!((event.seq, event.ts), (1, then));
    assert_not_guessable(&event, &imported);
    assert_eq!((event.status, event.reason.as_deref()), (Status::Success, Some("imported")));
    assert_eq!(event.metadata, imported.metadata);
    assert_eq!((event.claim_id, event.task_id), (None, None));

    let follows_us = Imported {
        outcome: Outcome::Skipped(Skip::AlreadyDone),
        reason: Some(reason::FOLLOWS_YOU.to_owned()),
        ..past(&bench, follow("noa"), then)
    };
    import(&bench, vec![follows_us]).await;
    let event = bench.log().await.remove(1);
    assert_eq!((event.status, event.reason.as_deref()), (Status::Skipped, Some("follows_you")));
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn importing_again_adds_nothing(bench: Bench) {
    let then = bench.now.minus(DAY);
    let history: Vec<_> = (0..5).map(|n| past(&bench, follow(&format!("mia_{n}")), then)).collect();
    assert_eq!(import(&bench, history.clone()).await, 5);
    let log = bench.log().await;
    let ids: std::collections::HashSet<_> = log.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!(import(&bench, history.clone()).await, 0);
    // Drawn anew, as the next program would, and with one more among them.
    let mut again: Vec<_> =
        (0..5).map(|n| past(&bench, follow(&format!("mia_{n}")), then)).collect();
    again.insert(2, past(&bench, follow("noa"), then));
    assert_eq!(import(&bench, again).await, 1);
    let grown = bench.log().await;
    assert_eq!(grown.len(), 6);
    assert_eq!(grown[..5], log[..]);
    bench.assert_intact().await;
}

pub(crate) async fn the_same_twice_in_one_step_counts_once(bench: Bench) {
    let twice = past(&bench, follow("mia"), bench.now.minus(DAY));
    assert_eq!(import(&bench, vec![twice.clone(), twice]).await, 1);
    assert_eq!(bench.anna().await.account.head.seq, 1);
    bench.assert_intact().await;
}

pub(crate) async fn the_window_begins_when_it_happened(mut bench: Bench) {
    let then = bench.now.minus(DAY * 20);
    import(&bench, vec![past(&bench, follow("mia"), then)]).await;
    let refusal = bench.check(&follow("mia")).await.unwrap_err();
    assert_eq!(refusal.reason, RefusalReason::AlreadyEngaged);
    assert_eq!(refusal.retry_at, Some(then.plus(DAY * 30)));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.wait(DAY * 10);
    bench.claim(follow("mia")).await;
}

pub(crate) async fn a_window_long_over_is_on_record_and_refuses_nobody(bench: Bench) {
    let then = bench.now.minus(DAY * 300);
    assert_eq!(import(&bench, vec![past(&bench, follow("mia"), then)]).await, 1);
    assert_eq!(bench.log().await.len(), 1);
    bench.engage(follow("mia")).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_longer_window_is_not_shortened(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    let before = bench.check(&follow("mia")).await;
    bench.wait(HOUR);
    for days in [1, 29, 31, 300] {
        let then = bench.now.minus(DAY * days);
        assert_eq!(import(&bench, vec![past(&bench, follow("mia"), then)]).await, 1);
        assert_eq!(bench.check(&follow("mia")).await, before, "{days} days");
    }
    bench.assert_intact().await;
}

pub(crate) async fn what_came_after_is_not_hidden_by_what_was_long_over(mut bench: Bench) {
    // Engaged, the window over, and then a failure that opens none.
    let bench_of_a_day = bench.clone().with("reengagement_days", json!(1));
    bench_of_a_day.engage(follow("mia")).await;
    bench.wait(DAY * 5);
    bench.engage_with(follow("mia"), NETWORK).await;
    let mut bench = bench.with("reengagement_days", json!(1));
    bench.wait(DAY * 5);
    import(&bench, vec![past(&bench, follow("mia"), bench.now.minus(DAY * 60))]).await;
    bench.assert_intact().await;
    bench.claim(follow("mia")).await;
}

pub(crate) async fn a_shorter_window_grows(bench: Bench) {
    let private = Outcome::Skipped(Skip::Private);
    bench.observe(follow("mia"), decorum_core::Seen::Outcome(private)).await;
    let then = bench.now.minus(DAY * 2);
    import(&bench, vec![past(&bench, follow("mia"), then)]).await;
    let refusal = bench.check(&follow("mia")).await.unwrap_err();
    assert_eq!(refusal.retry_at, Some(then.plus(DAY * 30)));
    bench.assert_intact().await;
}

pub(crate) async fn a_live_claim_stays_its_holders(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    import(&bench, vec![past(&bench, follow("mia"), bench.now.minus(DAY * 300))]).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);
    assert!(matches!(
        bench.settle(&claim, follow("mia"), SUCCESS).await,
        crate::Committed::Settled(_)
    ));

    let claim = bench.claim(follow("noa")).await;
    import(&bench, vec![past(&bench, follow("noa"), bench.now.minus(DAY))]).await;
    bench.settle(&claim, follow("noa"), NETWORK).await;
    // What the holder says of its own act does not shorten what is known from elsewhere.
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn the_account_is_as_free_as_before(bench: Bench) {
    let bench = bench
        .with("budgets", json!({"follow": {"hour": 2, "day": 2}}))
        .with("min_seconds_between_actions", json!(600));
    let history = (0..20)
        .map(|n| past(&bench, follow(&format!("mia_{n}")), bench.now.minus(SECOND * n)))
        .collect();
    assert_eq!(import(&bench, history).await, 20);
    let view = bench.anna().await;
    assert_eq!(view.account.breaker, Breaker::Active);
    assert_eq!((view.account.last_act, view.errors.len()), (None, 0));
    bench.claim(follow("noa")).await;
}

pub(crate) async fn a_resting_account_rests_on(bench: Bench) {
    bench.engage_with(follow("mia"), RATE_LIMITED).await;
    let before = bench.anna().await;
    import(&bench, vec![past(&bench, follow("noa"), bench.now.minus(DAY))]).await;
    let after = bench.anna().await;
    assert_eq!(after.account.breaker, before.account.breaker);
    assert_eq!(after.account.usage, before.account.usage);
    assert_eq!(after.account.newest_event, before.account.newest_event, "time does not go back");
    assert_eq!(after.errors, before.errors);
    assert_eq!(bench.refused(follow("zoe")).await, RefusalReason::AccountBackoff);
}

pub(crate) async fn several_accounts_and_actions_fit_in_one_step(bench: Bench) {
    let history: Vec<_> = (0..36_u32)
        .map(|n| {
            let account = ["anna", "bert", "cleo"][n as usize % 3];
            let key = key(account, &format!("mia_{n}"), Action::ALL[n as usize % 4]);
            // Neither oldest nor newest first.
            past(&bench, key, bench.now.minus(DAY * (n * 7 % 50)))
        })
        .collect();
    assert_eq!(import(&bench, history.clone()).await, 36);
    for view in bench.store.accounts().await.unwrap() {
        assert_eq!(view.account.head.seq, 12, "{}", view.account.account_id);
        let of = |h: &&Imported| h.key.account_id == view.account.account_id;
        let newest = history.iter().filter(of).map(|h| h.happened_at).max();
        assert_eq!(view.account.newest_event, newest);
    }
    let anna = EventFilter { account_id: Some(name("anna")), ..EventFilter::default() };
    let mut events = bench.all(&anna, Order::Oldest, 5).await;
    assert!(events.is_sorted_by_key(|event| event.ts), "listed by when it happened");
    events.sort_by_key(|event| event.seq);
    let given = history.iter().filter(|h| h.key.account_id == name("anna")).map(|h| h.happened_at);
    assert!(events.iter().map(|event| event.ts).eq(given), "recorded in the order given");
    bench.assert_intact().await;
}

pub(crate) async fn engaging_goes_on_after_an_import(mut bench: Bench) {
    let first = bench.engage(follow("mia")).await;
    bench.wait(HOUR);
    import(&bench, vec![past(&bench, follow("noa"), bench.now.minus(DAY * 40))]).await;
    let after = bench.engage(follow("zoe")).await;
    assert_eq!((first.seq, after.seq), (1, 3));
    assert!(after.ts > first.ts);
    // A clock set back is still held against the newest event, imported or not.
    bench.now = bench.now.minus(HOUR * 2);
    assert_eq!(bench.engage(follow("ada")).await.ts, after.ts);
    bench.assert_intact().await;
}

pub(crate) async fn an_erroneous_future_does_not_come_true(bench: Bench) {
    let later = past(&bench, follow("mia"), bench.now.plus(DAY * 400));
    import(&bench, vec![later]).await;
    assert_eq!(bench.log().await[0].ts, bench.now);
    assert_eq!(bench.anna().await.account.newest_event, Some(bench.now));
    bench.assert_intact().await;
}

pub(crate) async fn a_thousand_are_one_step_and_no_more_are_taken(bench: Bench) {
    let then = bench.now.minus(DAY);
    let one = |n: usize| past(&bench, follow(&format!("mia_{n}")), then);
    let too_many = (0..=OBSERVE_MAX).map(one).collect();
    let answer = bench.store.import(&bench.settings, too_many).await;
    assert!(matches!(answer, Err(StoreError::TooMany { max: OBSERVE_MAX, .. })));
    assert_eq!(bench.log().await.len(), 0);
    assert_eq!(import(&bench, (0..OBSERVE_MAX).map(one).collect()).await, OBSERVE_MAX);
    bench.assert_intact().await;
}

pub(crate) async fn two_importing_the_same_put_it_on_record_once(bench: Bench) {
    let then = bench.now.minus(DAY);
    let history: Vec<_> =
        (0..200).map(|n| past(&bench, follow(&format!("mia_{n}")), then)).collect();
    let new = super::arrange::at_once(4, |n| {
        let other = bench.another(&format!("worker-{n}"));
        let history = history.clone();
        async move {
            let mut new = 0;
            for step in history.chunks(20) {
                new += other.store.import(&other.settings, step.to_vec()).await.unwrap();
            }
            new
        }
    })
    .await;
    assert_eq!(new.iter().sum::<usize>(), 200);
    assert_eq!(bench.anna().await.account.head.seq, 200);
    bench.assert_intact().await;
}

/// Rows and events that are gone must not be missed because something older came after them.
pub(crate) async fn an_import_after_a_cleanup_is_no_alarm(bench: Bench) {
    let mut bench = bench.with("retention_days", json!(90));
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 40);
    bench.clean().await;
    import(&bench, vec![past(&bench, follow("mia"), bench.now.minus(DAY * 200))]).await;
    bench.assert_intact().await;
    bench.engage(follow("noa")).await;

    bench.wait(DAY * 100);
    import(&bench, vec![past(&bench, follow("zoe"), bench.now.minus(DAY * 300))]).await;
    assert_eq!(bench.clean().await.1, 3, "all but the newest of the chain");
    bench.assert_intact().await;
    bench.engage(follow("mia")).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_row_that_an_import_lengthened_may_go(bench: Bench) {
    // Engaged under a short window; what was before it is imported under a long one.
    let mut bench = bench.with("reengagement_days", json!(1));
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 5);
    let mut bench = bench.with("reengagement_days", json!(30));
    let then = bench.now.minus(DAY * 10);
    import(&bench, vec![past(&bench, follow("mia"), then)]).await;
    let refusal = bench.check(&follow("mia")).await.unwrap_err();
    assert_eq!(refusal.retry_at, Some(then.plus(DAY * 30)));
    bench.assert_intact().await;
    bench.wait(DAY * 30);
    assert_eq!(bench.clean().await.0, 1);
    bench.assert_intact().await;
}
