//! Cleanup removes what decides nothing any more, and leaves a log that still verifies.

use std::time::Duration;

use decorum_core::{Hold, Outcome, RefusalReason, Status};
use serde_json::{Value, json};

use super::arrange::{Bench, DAY, NETWORK, PRIVATE, SECOND, SUCCESS, at_once, follow, key, name};
use super::import::past;
use crate::{CLEANUP_EVENTS, CLEANUP_ROWS, Cleaned, MetricsQuery, StoreError};

const MILLISECOND: Duration = Duration::from_millis(1);

/// Until a millisecond before the end of so many days.
fn almost(days: u32) -> Duration {
    (DAY * days).saturating_sub(MILLISECOND)
}

impl Bench {
    async fn clean_step(&self, dry_run: bool) -> Cleaned {
        let (settings, now) = (&self.settings, self.now);
        self.store.cleanup(settings, "eva", now, dry_run).await.unwrap()
    }

    /// Cleans until there is no more to remove: rows and events removed.
    pub(crate) async fn clean(&self) -> (u64, u64) {
        let (mut rows, mut events) = (0, 0);
        loop {
            let step = self.clean_step(false).await;
            assert_eq!(step.broken, vec![]);
            assert!(step.expired_latest <= CLEANUP_ROWS as u64);
            assert!(step.events_removed <= CLEANUP_EVENTS as u64);
            (rows, events) = (rows + step.expired_latest, events + step.events_removed);
            if !step.more {
                return (rows, events);
            }
        }
    }

    /// Events older than `days` may go.
    pub(crate) fn keeping(self, days: u32) -> Self {
        self.with("retention_days", json!(days))
    }

    /// Records `n` refusals of people, `SECOND` apart.
    pub(crate) async fn refuse_many(&mut self, account: &str, n: usize) {
        let mut left = n;
        while left > 0 {
            let batch = left.min(crate::OBSERVE_MAX);
            let mut seen = Vec::with_capacity(batch);
            for at in 0..batch {
                let key = key(account, &format!("p{}", left - at), follow("mia").action);
                let refusal = decorum_core::Refusal::new(RefusalReason::AlreadyEngaged, None);
                seen.push(self.seen(key, decorum_core::Seen::Refused(refusal)));
                self.wait(SECOND);
            }
            self.store.observe(&self.settings, seen).await.unwrap();
            left -= batch;
        }
    }

    async fn checkpoint(&self) -> Option<u64> {
        self.anna().await.account.checkpoint.map(|c| c.head.seq)
    }
}

pub(crate) async fn a_row_goes_once_its_window_ends_at_the_exact_instant(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.wait(almost(30));
    assert_eq!(bench.clean().await, (0, 0));
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.wait(MILLISECOND);
    assert_eq!(bench.clean().await, (1, 0));
    bench.assert_intact().await;
    bench.engage(follow("mia")).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn each_row_has_a_window_of_its_own(mut bench: Bench) {
    bench.engage_with(follow("private"), PRIVATE).await;
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 7);
    bench.engage(follow("noa")).await;
    assert_eq!(bench.clean().await, (1, 0));
    assert!(bench.check(&follow("private")).await.is_ok());
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.wait(DAY * 23);
    assert_eq!(bench.clean().await, (1, 0));
    bench.wait(DAY * 7);
    assert_eq!(bench.clean().await, (1, 0));
    bench.assert_intact().await;
}

pub(crate) async fn a_row_without_a_window_goes_after_a_day(mut bench: Bench) {
    bench.engage_with(follow("mia"), NETWORK).await;
    bench.engage_with(follow("noa"), Outcome::Retry(None)).await;
    bench.wait(almost(1));
    assert_eq!(bench.clean().await, (0, 0));
    bench.wait(MILLISECOND);
    assert_eq!(bench.clean().await, (2, 0));
    bench.assert_intact().await;
}

pub(crate) async fn what_somebody_holds_stays_however_old(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 31);
    let again = bench.claim(follow("mia")).await;
    let doubtful = bench.claim(follow("noa")).await;
    bench.wait(DAY * 400);
    assert_eq!(bench.clean().await, (0, 0), "claims whose lease ran out");
    bench.store.lapse(None, &[], bench.now).await.unwrap();
    assert_eq!(bench.clean().await, (0, 0), "claims in doubt");
    for target in ["mia", "noa"] {
        assert_eq!(bench.refused(follow(target)).await, RefusalReason::InDoubt);
    }
    let doubts = bench.store.doubts(None, 10).await.unwrap();
    assert_eq!(doubts.iter().map(|d| d.claim.id).collect::<Vec<_>>(), [again.id, doubtful.id]);
    bench.assert_intact().await;
}

pub(crate) async fn fences_grow_over_a_cleanup(mut bench: Bench) {
    for _ in 0..3 {
        bench.engage_with(follow("mia"), NETWORK).await;
    }
    bench.engage_with(follow("noa"), NETWORK).await;
    bench.wait(DAY);
    assert_eq!(bench.clean().await, (2, 0));
    let (mia, noa) = (bench.claim(follow("mia")).await, bench.claim(follow("noa")).await);
    assert!(mia.fence.get() > 3, "{:?}", mia.fence);
    assert!(noa.fence.get() > 1, "{:?}", noa.fence);
    bench.assert_intact().await;
}

pub(crate) async fn events_are_kept_unless_somebody_says_how_long(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.engage(follow("noa")).await;
    bench.wait(DAY * 3_000);
    assert_eq!(bench.clean().await, (2, 0));
    assert_eq!(bench.log().await.len(), 2);
    assert_eq!(bench.checkpoint().await, None);
    bench.assert_intact().await;
}

pub(crate) async fn the_oldest_events_go_and_the_rest_still_verifies(bench: Bench) {
    let mut bench = bench.keeping(90);
    for target in ["mia", "noa", "zoe"] {
        bench.engage(follow(target)).await;
        bench.wait(DAY * 30);
    }
    // Ninety days to the millisecond are not more than ninety days.
    assert_eq!(bench.clean().await.1, 0);
    bench.wait(MILLISECOND);
    assert_eq!(bench.clean().await.1, 1);
    bench.wait(DAY * 30);
    assert_eq!(bench.clean().await.1, 1);
    let log = bench.log().await;
    assert_eq!(log.iter().map(|e| e.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(bench.checkpoint().await, Some(2));
    let checkpoint = bench.anna().await.account.checkpoint.unwrap();
    assert_eq!(checkpoint.head.hash, log[0].prev_hash);
    bench.assert_intact().await;
    let next = bench.engage(follow("ada")).await;
    assert_eq!((next.seq, next.prev_hash), (4, log[0].hash));
    bench.assert_intact().await;
}

pub(crate) async fn the_newest_event_of_an_account_stays(bench: Bench) {
    let mut bench = bench.keeping(1);
    bench.engage(key("bert", "mia", follow("mia").action)).await;
    for target in ["mia", "noa"] {
        bench.engage(follow(target)).await;
    }
    bench.wait(DAY * 1_000);
    assert_eq!(bench.clean().await, (3, 1));
    let mut left: Vec<_> =
        bench.log().await.into_iter().map(|e| (e.account_id.to_string(), e.seq)).collect();
    left.sort();
    assert_eq!(left, [("anna".to_owned(), 2), ("bert".to_owned(), 1)]);
    bench.assert_intact().await;
}

pub(crate) async fn a_row_outlives_the_event_it_came_from(bench: Bench) {
    let mut bench = bench.keeping(10);
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 11);
    bench.engage(follow("noa")).await;
    assert_eq!(bench.clean().await, (0, 1));
    bench.assert_intact().await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.wait(DAY * 19);
    bench.engage(follow("mia")).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_dry_run_counts_all_and_changes_nothing(bench: Bench) {
    let mut bench = bench.keeping(30);
    for target in ["mia", "noa"] {
        bench.engage(follow(target)).await;
    }
    bench.refuse_many("anna", CLEANUP_EVENTS + 10).await;
    bench.wait(DAY * 31);
    let dry = bench.clean_step(true).await;
    let expected = (2, CLEANUP_EVENTS as u64 + 11);
    assert_eq!((dry.expired_latest, dry.events_removed), expected);
    assert!(!dry.more);
    assert_eq!(bench.checkpoint().await, None);
    assert_eq!(bench.log().await.len(), CLEANUP_EVENTS + 12);
    assert_eq!(bench.store.admin_log(10).await.unwrap(), vec![]);
    assert_eq!(bench.clean().await, expected);
    bench.assert_intact().await;
}

pub(crate) async fn many_steps_are_noted_as_one_cleanup(bench: Bench) {
    let mut bench = bench.keeping(30);
    let n = 2 * CLEANUP_EVENTS + 100;
    bench.refuse_many("anna", n).await;
    bench.refuse_many("bert", 3).await;
    bench.wait(DAY * 31);
    let first = bench.clean_step(false).await;
    assert!(first.more && first.events_removed <= CLEANUP_EVENTS as u64, "{first:?}");
    // Whatever happens between two steps, each leaves a whole log.
    bench.assert_intact().await;
    bench.engage(follow("mia")).await;
    bench.clean().await;
    bench.assert_intact().await;
    let checkpoint = bench.anna().await.account.checkpoint.unwrap().head;
    assert_eq!(checkpoint.seq, n as u64);
    let noted = bench.store.admin_log(10).await.unwrap();
    let noted: Vec<_> = noted
        .iter()
        .map(|e| (e.what.as_str(), e.subject.as_str(), e.who.as_str(), &e.before, &e.after["seq"]))
        .collect();
    let nothing = Value::Null;
    assert_eq!(
        noted,
        [
            ("log.cleaned", "bert", "eva", &nothing, &json!(2)),
            ("log.cleaned", "anna", "eva", &nothing, &json!(n)),
        ]
    );
    let newest = &bench.store.admin_log(10).await.unwrap()[1];
    assert_eq!(newest.after["hash"], json!(checkpoint.hash));
}

pub(crate) async fn the_next_cleanup_is_noted_as_another(bench: Bench) {
    let mut bench = bench.keeping(1);
    for _ in 0..2 {
        bench.refuse_many("anna", 3).await;
        bench.wait(DAY * 2);
        assert_eq!(bench.clean().await.1, if bench.checkpoint().await == Some(2) { 2 } else { 3 });
        bench
            .store
            .halt(&name("anna"), decorum_core::HaltReason::Operator, "", "eva", bench.now)
            .await
            .unwrap();
    }
    let noted = bench.store.admin_log(10).await.unwrap();
    let cleaned: Vec<_> = noted
        .iter()
        .filter(|e| e.what == "log.cleaned")
        .map(|e| (e.before["seq"].clone(), e.after["seq"].clone()))
        .collect();
    assert_eq!(cleaned, [(json!(2), json!(5)), (Value::Null, json!(2))]);
}

pub(crate) async fn rows_go_in_steps_until_none_is_left(mut bench: Bench) {
    let n = CLEANUP_ROWS + 50;
    let mut left = n;
    while left > 0 {
        let batch = left.min(crate::OBSERVE_MAX);
        let seen = (0..batch)
            .map(|at| follow(&format!("p{}", left - at)))
            .map(|key| bench.seen(key, decorum_core::Seen::Outcome(PRIVATE)))
            .collect();
        bench.store.observe(&bench.settings, seen).await.unwrap();
        left -= batch;
    }
    bench.wait(DAY * 7);
    assert!(bench.clean_step(false).await.more);
    assert_eq!(bench.clean().await.0, 50);
    assert_eq!(bench.clean().await, (0, 0));
    bench.assert_intact().await;
}

pub(crate) async fn two_cleaning_at_once_remove_each_thing_once(bench: Bench) {
    let mut bench = bench.keeping(30);
    for n in 0..40 {
        bench.engage(follow(&format!("q{n}"))).await;
    }
    bench.refuse_many("anna", 3 * CLEANUP_EVENTS).await;
    bench.wait(DAY * 31);
    let removed = at_once(3, |n| {
        let bench = bench.another(&format!("worker-{n}"));
        async move { bench.clean().await }
    })
    .await;
    let sum = removed.iter().fold((0, 0), |sum, (rows, events)| (sum.0 + rows, sum.1 + events));
    assert_eq!(sum, (40, 3 * CLEANUP_EVENTS as u64 + 39));
    bench.assert_intact().await;
}

pub(crate) async fn engaging_goes_on_beside_a_cleanup(bench: Bench) {
    let mut bench = bench.keeping(30);
    bench.refuse_many("anna", 2 * CLEANUP_EVENTS).await;
    bench.wait(DAY * 31);
    let ended = at_once(4, |n| {
        let bench = bench.another(&format!("worker-{n}"));
        async move {
            if n == 0 {
                return bench.clean().await.1;
            }
            for round in 0..20 {
                bench.engage(follow(&format!("w{n}_{round}"))).await;
            }
            0
        }
    })
    .await;
    assert!(ended[0] >= 2 * CLEANUP_EVENTS as u64 - 1, "{ended:?}");
    bench.assert_intact().await;
    let engaged = bench.log().await.iter().filter(|e| e.status == Status::Success).count();
    assert_eq!(engaged, 60);
}

pub(crate) async fn a_claim_whose_event_is_gone_is_not_known_any_more(bench: Bench) {
    let mut bench = bench.keeping(30);
    let claim = bench.claim(follow("mia")).await;
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    let report = bench.report(claim.id, follow("mia"), SUCCESS);
    bench.store.commit(&bench.settings, report.clone()).await.unwrap();
    bench.wait(DAY * 31);
    bench.refuse("noa").await;
    assert_eq!(bench.clean().await, (1, 1));
    let error = bench.store.commit(&bench.settings, report).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchClaim(id) if id == claim.id), "{error}");
    assert_eq!(bench.store.find_claim(claim.id).await.unwrap(), None);
}

pub(crate) async fn counts_survive_a_cleanup(bench: Bench) {
    let mut bench = bench.keeping(30);
    for target in ["mia", "noa"] {
        bench.engage(follow(target)).await;
    }
    bench.engage_with(follow("zoe"), NETWORK).await;
    bench.wait(DAY);
    bench.refuse_many("anna", 2 * CLEANUP_EVENTS).await;
    let all = MetricsQuery::default();
    let before = bench.store.metrics(&all).await.unwrap();
    bench.wait(DAY * 31);
    bench.clean().await;
    assert_eq!(bench.log().await.len(), 1);
    assert_eq!(bench.store.metrics(&all).await.unwrap(), before);
    assert_eq!(before.events, 2 * CLEANUP_EVENTS as u64 + 3);
    bench.assert_intact().await;
}

pub(crate) async fn the_stored_settings_say_how_long(bench: Bench) {
    let mut bench = bench;
    let kept = bench.clone().keeping(30).settings;
    bench.store.put_settings(&kept, 0, "eva", bench.now).await.unwrap();
    bench.refuse_many("anna", 3).await;
    bench.wait(DAY * 31);
    // What this caller read long ago knows of no retention.
    assert_eq!(bench.settings.retention_days, None);
    assert_eq!(bench.clean().await, (0, 2));
    let account = bench.anna().await.account;
    assert_eq!(account.head.seq, 3);
    assert!(matches!(bench.check(&follow("mia")).await, Ok(())));
    assert_eq!(decorum_core::Latest::default().hold, Hold::Free);
}

pub(crate) async fn imported_history_is_cleaned_up_where_it_stands(bench: Bench) {
    let mut bench = bench.keeping(30);
    let import = async |bench: &Bench, target: &str, ago: Duration| {
        let history = vec![past(bench, follow(target), bench.now.minus(ago))];
        assert_eq!(bench.store.import(&bench.settings, history).await.unwrap(), 1);
    };
    bench.engage(follow("mia")).await;
    import(&bench, "noa", DAY * 300).await;
    import(&bench, "zoe", DAY * 200).await;
    // It is old, but the first of all is not.
    assert_eq!(bench.clean().await.1, 0);
    bench.wait(DAY * 20);
    bench.engage(follow("ada")).await;
    import(&bench, "eve", DAY * 100).await;
    bench.wait(DAY * 11);
    let all = MetricsQuery::default();
    let before = bench.store.metrics(&all).await.unwrap();
    assert_eq!(bench.clean_step(true).await.events_removed, 3);
    assert_eq!(bench.clean().await.1, 3);
    bench.assert_intact().await;
    bench.wait(DAY * 31);
    assert_eq!(bench.clean_step(true).await.events_removed, 1);
    assert_eq!(bench.clean().await.1, 1);
    // What is left is the oldest by its date, and the account still knows what time it was.
    assert_eq!(bench.log().await.len(), 1);
    bench.assert_intact().await;
    assert_eq!(bench.store.metrics(&all).await.unwrap(), before);
    let event = bench.engage(follow("mia")).await;
    assert_eq!((event.seq, event.ts), (6, bench.now));
    bench.assert_intact().await;
}

pub(crate) async fn a_row_that_told_of_a_failure_since_a_success_may_go(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 31);
    bench.engage_with(follow("mia"), NETWORK).await;
    bench.wait(DAY * 2);
    assert_eq!(bench.clean().await, (1, 0));
    bench.assert_intact().await;
}
