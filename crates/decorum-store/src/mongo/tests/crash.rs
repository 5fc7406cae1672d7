//! The process dies after any of its requests to the servers: whoever comes next finds a store
//! that is whole, and asking again with the same id settles the matter.

use std::cell::Cell;
use std::time::{Duration, Instant};

use decorum_core::{AccountId, Imported, Key, Outcome, Refusal, RefusalReason, Seen, engage};
use serde_json::json;

use super::{Database, standalone};
use crate::conformance::arrange::{Bench, NETWORK, SUCCESS, follow, key, name};
use crate::mongo::MongoStore;
use crate::mongo::by_hand::ChangeAccount;
use crate::mongo::engagement::{Claim, Commit};
use crate::mongo::record::{Entry, Record};
use crate::mongo::step::Decide;
use crate::mongo::together::Counted;
use crate::{ClaimVerdict, Committed};

tokio::task_local! {
    /// Requests that are still answered before the process "dies".
    static LEFT: Cell<Option<usize>>;
}

/// Called after every request to the servers.
pub(in crate::mongo) async fn after_request() {
    let dead = LEFT
        .try_with(|left| {
            left.set(left.get().map(|n| n.saturating_sub(1)));
            left.get() == Some(0)
        })
        .unwrap_or(false);
    if dead {
        std::future::pending::<()>().await;
    }
}

/// Runs `work` until its `requests`th request was answered, and no further. `None`: it died there.
pub(super) async fn dying_after<T>(requests: usize, work: impl Future<Output = T>) -> Option<T> {
    LEFT.scope(Cell::new(Some(requests)), async {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|cx| {
            if let std::task::Poll::Ready(done) = work.as_mut().poll(cx) {
                return std::task::Poll::Ready(Some(done));
            }
            match LEFT.with(Cell::get) {
                Some(0) => std::task::Poll::Ready(None),
                _ => std::task::Poll::Pending,
            }
        })
        .await
    })
    .await
}

/// Runs the step in a client of its own, which dies after `requests`.
async fn step_dying<D: Decide>(database: &Database, requests: usize, step: D) -> bool {
    let store = database.open().await;
    dying_after(requests, store.keeper.step(step)).await.is_none()
}

/// Longer than anybody goes by settings that others do not see any more.
const SOON: Duration = Duration::from_secs(20);

/// Far more than any step needs.
const MANY: usize = 60;

/// Runs `at` with every number of requests from 1 on, each on an empty store of its own, until one
/// is enough for it to come to its end. Returns how many were not.
pub(super) async fn at_every_point(at: impl AsyncFn(Bench, Database, usize) -> bool) -> usize {
    for requests in 1..MANY {
        let (open, database) = standalone();
        if !at(Bench::new(open), database, requests).await {
            return requests - 1;
        }
    }
    panic!("no end after {MANY} requests");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_is_made_wholly_or_not_at_all() {
    let points = at_every_point(async |bench, database, requests| {
        bench.engage(follow("noa")).await;
        let request = bench.request(follow("mia"));
        let step = Claim {
            first: bench.settings.clone(),
            request: request.clone(),
            counted: Counted::default(),
        };
        let died = step_dying(&database, requests, step).await;

        let next = bench.another("worker-2");
        next.assert_intact().await;
        let held = next.store.find_claim(request.claim_id).await.unwrap();
        let other = next.try_claim(follow("mia")).await;
        assert_eq!(held.is_some(), other.is_err(), "after {requests} requests: {other:?}");
        if held.is_some() {
            let again = bench.ask(request).await.unwrap();
            bench.settle(&again, follow("mia"), SUCCESS).await;
            assert_eq!(next.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
        }
        next.assert_intact().await;
        died
    })
    .await;
    assert!(points >= 3, "a claim takes a look, a write and a row, not {points}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_claim_of_an_account_is_made_wholly_or_not_at_all() {
    at_every_point(async |bench, database, requests| {
        let request = bench.request(follow("mia"));
        let step = Claim {
            first: bench.settings.clone(),
            request: request.clone(),
            counted: Counted::default(),
        };
        let died = step_dying(&database, requests, step).await;
        let again = bench.another("worker-1").ask(request).await.unwrap();
        bench.settle(&again, follow("mia"), SUCCESS).await;
        assert_eq!(bench.log().await.len(), 1);
        bench.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_is_recorded_once_wherever_its_report_broke_off() {
    for outcome in [SUCCESS, NETWORK, Outcome::Retry(None)] {
        let points = at_every_point(async |bench, database, requests| {
            let claim = bench.claim(follow("mia")).await;
            let report = bench.report(claim.id, follow("mia"), outcome);
            let step = Commit {
                first: bench.settings.clone(),
                report: report.clone(),
                unused: Counted::default(),
            };
            let died = step_dying(&database, requests, step).await;

            let next = bench.another("worker-2");
            next.assert_intact().await;
            let answer = next.store.commit(&bench.settings, report).await.unwrap();
            assert!(!matches!(answer, Committed::Late(_)), "{answer:?}");
            assert_eq!(next.log().await.len(), 1, "after {requests} requests");
            let errors = usize::from(outcome == NETWORK);
            assert_eq!(next.anna().await.errors.len(), errors);
            next.assert_intact().await;
            died
        })
        .await;
        assert!(points >= 3, "{points}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_refusals_all_are_recorded_or_none() {
    let seen = Seen::Refused(Refusal::new(RefusalReason::AlreadyEngaged, None));
    at_every_point(async |bench, database, requests| {
        bench.engage(follow("noa")).await;
        let entries: Vec<_> =
            (0..40).map(|n| Entry::Seen(bench.seen(follow(&format!("mia_{n}")), seen))).collect();
        let Key { platform, account_id: account, .. } = follow("mia");
        let first = bench.settings.clone();
        let record = || Record {
            first: first.clone(),
            platform,
            account: account.clone(),
            entries: entries.clone(),
        };
        let died = step_dying(&database, requests, record()).await;
        let next = bench.another("worker-2");
        let logged = next.log().await.len() - 1;
        assert!(logged == 0 || logged == 40, "{logged} after {requests} requests");
        next.assert_intact().await;
        database.open().await.keeper.step(record()).await.unwrap();
        assert_eq!(next.log().await.len(), 41);
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_broke_off_is_repeated_without_doubles() {
    at_every_point(async |bench, database, requests| {
        let entry = |n: usize| {
            let key = follow(&format!("mia_{n}"));
            let mut stamp = bench.stamp();
            stamp.event_id = engage::imported_id(&key, Some(bench.now));
            let (outcome, reason, metadata) = (SUCCESS, None, decorum_core::Metadata::default());
            let happened_at = bench.now;
            Entry::Past(Imported { key, outcome, reason, happened_at, metadata, stamp })
        };
        let Key { platform, account_id: account, .. } = follow("mia");
        let first = bench.settings.clone();
        let record = || Record {
            first: first.clone(),
            platform,
            account: account.clone(),
            entries: (0..5).map(entry).collect(),
        };
        let died = step_dying(&database, requests, record()).await;
        database.open().await.keeper.step(record()).await.unwrap();
        assert_eq!(bench.log().await.len(), 5);
        bench.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_does_to_an_account_is_noted_if_it_was_done() {
    at_every_point(async |bench, database, requests| {
        bench.engage(follow("noa")).await;
        let step = ChangeAccount {
            account: name("anna"),
            intervention: crate::by_hand::Intervention::Halt(decorum_core::HaltReason::Operator),
            hand: crate::by_hand::Hand {
                who: "eva".to_owned(),
                note: "holidays".to_owned(),
                now: bench.now,
            },
        };
        let died = step_dying(&database, requests, step).await;
        let next = bench.another("worker-2");
        let halted = next.try_claim(follow("mia")).await.is_err();
        assert_eq!(next.store.admin_log(10).await.unwrap().len(), usize::from(halted));
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_and_the_note_about_them_go_together() {
    at_every_point(async |bench, database, requests| {
        let longer = bench.settings.with("cooldown_minutes", json!(90)).unwrap();
        let store = database.open().await;
        let put = store.keeper.put_settings(&longer, 0, "eva", bench.now);
        let died = dying_after(requests, put).await.is_none();
        let next = bench.another("worker-2");
        let version = next.store.settings(&bench.settings).await.unwrap().version;
        let noted = next.store.admin_log(10).await.unwrap().len();
        assert_eq!(u64::try_from(noted).unwrap(), version, "after {requests} requests");
        next.assert_intact().await;
        died
    })
    .await;
}

/// Somebody stored new settings and died before any account was told: a client that goes on with what
/// it keeps in mind of its account follows them before long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_are_shown_are_followed_soon_by_whoever_goes_on() {
    at_every_point(async |bench, database, requests| {
        bench.engage(follow("noa")).await;
        let paused = bench.settings.with("budgets.follow.day", json!(0)).unwrap();
        let store = database.open().await;
        let put = store.keeper.put_settings(&paused, 0, "eva", bench.now);
        let died = dying_after(requests, put).await.is_none();
        let shown = bench.store.settings(&bench.settings).await.unwrap().version == 1;
        let started = Instant::now();
        let mut engaged = 0;
        while shown && bench.check(&follow("mia")).await.is_err() {
            let refused = bench.try_claim(follow(&format!("person{engaged}"))).await;
            if let Err(refusal) = refused {
                assert_eq!(refusal.reason, RefusalReason::BudgetDay);
                break;
            }
            engaged += 1;
            assert!(started.elapsed() < SOON, "{engaged} claims after {requests} requests");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suppression_holds_and_is_noted_once_it_is_there() {
    at_every_point(async |bench, database, requests| {
        bench.engage(follow("noa")).await;
        let store = database.open().await;
        let people = [name("mia")];
        let suppress =
            store.keeper.suppress(follow("mia").platform, &people, None, "eva", bench.now);
        let died = dying_after(requests, suppress).await.is_none();
        let next = bench.another("worker-2");
        let refused = next.check(&follow("mia")).await.is_err();
        assert_eq!(next.store.admin_log(10).await.unwrap().len(), usize::from(refused));
        next.assert_intact().await;
        died
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_fleet_scope_a_claim_that_broke_off_holds_nobody_up() {
    at_every_point(async |bench, database, requests| {
        let bench = bench.with("dedup_scope", json!("fleet"));
        bench.engage(follow("noa")).await;
        let request = bench.request(follow("mia"));
        let step = Claim {
            first: bench.settings.clone(),
            request: request.clone(),
            counted: Counted::default(),
        };
        let died = step_dying(&database, requests, step).await;

        let other = bench.another("worker-2");
        let bert = other.try_claim(key("bert", "mia", follow("mia").action)).await;
        let anna = other.store.find_claim(request.claim_id).await.unwrap();
        assert_eq!(bert.is_ok(), anna.is_none(), "after {requests} requests: {bert:?}");
        // The one that died wakes up and asks again.
        let again = bench.store.claim(&bench.settings, request).await.unwrap();
        assert_eq!(matches!(again, ClaimVerdict::Granted(_)), bert.is_err());
        bench.assert_intact().await;
        died
    })
    .await;
}

/// A client that froze between its write and what follows from it, and wakes up late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_frozen_client_writes_late_changes_nothing() {
    let (open, database) = standalone();
    let bench = Bench::new(open);
    let claim = bench.claim(follow("mia")).await;
    let frozen: MongoStore = database.open().await;
    let account: AccountId = name("anna");
    let filter = mongodb::bson::doc! { "account_id": account.as_str() };
    let stored = frozen.keeper.servers.one(&frozen.keeper.servers.accounts, filter).await;
    let stored = crate::mongo::rows::account::read(&stored.unwrap().unwrap()).unwrap();
    let carried = stored.pending.expect("the claim is what the account carries");

    bench.settle(&claim, follow("mia"), SUCCESS).await;
    carried.finish(&frozen.keeper.servers).await.unwrap();
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}
