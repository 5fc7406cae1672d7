//! Claims: at most one per key, durable, and never twice in a window.

use std::time::Duration;

use decorum_core::{ClaimRequest, RefusalReason};
use serde_json::json;

use super::arrange::{
    Bench, DAY, NETWORK, SECOND, SUCCESS, at_once, claim_id, follow, key, metadata, name,
};
use crate::StoreError;

pub(crate) async fn one_key_is_granted_once(bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);

    bench.settle(&claim, follow("mia"), SUCCESS).await;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

/// Rounds in which two clients want one person.
const ROUNDS: usize = 10_000;

/// Accounts that race at the same time, each its own rounds: most of a round is waiting.
const LANES: usize = 20;

pub(crate) async fn two_clients_racing_have_one_winner(bench: Bench) {
    let other = bench.another("worker-2");
    at_once(LANES, |lane| {
        let (bench, other) = (bench.clone(), other.clone());
        async move {
            let account = format!("anna_{lane}");
            for round in 0..ROUNDS / LANES {
                let key = key(&account, &format!("mia_{round}"), follow("mia").action);
                let (one, two) = tokio::join!(bench.try_claim(key.clone()), other.try_claim(key));
                assert!(one.is_ok() != two.is_ok(), "{account} {round}: {one:?} and {two:?}");
            }
        }
    })
    .await;
    let holders = bench.store.claim_holders(None).await.unwrap();
    assert!(holders.len() <= 2, "{holders:?}");
}

pub(crate) async fn many_tasks_racing_have_one_winner(bench: Bench) {
    for round in 0..20 {
        let target = format!("mia_{round}");
        let asked = at_once(32, |_| {
            let (bench, key) = (bench.clone(), follow(&target));
            async move { bench.try_claim(key).await }
        });
        let granted = asked.await.into_iter().flatten().count();
        assert_eq!(granted, 1, "round {round}");
    }
}

pub(crate) async fn asking_twice_with_one_id_is_asking_once(bench: Bench) {
    let request = bench.request(follow("mia"));
    let first = bench.ask(request.clone()).await.unwrap();
    let second = bench.ask(request).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(bench.anna().await.account.usage.used(decorum_core::Action::Follow, bench.now).1, 1);
}

pub(crate) async fn a_settled_claim_is_never_granted_again(mut bench: Bench) {
    let request = bench.request(follow("mia"));
    let claim = bench.ask(request.clone()).await.unwrap();
    bench.settle(&claim, follow("mia"), NETWORK).await;
    let refused = bench.ask(request.clone()).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::ClaimSettled);

    // Nor after others have claimed the row since, when the row no longer remembers it.
    bench.engage(follow("mia")).await;
    bench.wait(DAY * 60);
    let refused = bench.ask(ClaimRequest { now: bench.now, ..request }).await.unwrap_err();
    assert_eq!(refused.reason, RefusalReason::ClaimSettled);
}

pub(crate) async fn one_id_is_not_for_two_people(bench: Bench) {
    let request = bench.request(follow("mia"));
    bench.ask(request.clone()).await.unwrap();
    let reused = ClaimRequest { key: follow("noa"), ..request };
    let answer = bench.store.claim(&bench.settings, reused.clone()).await;
    assert!(matches!(answer, Err(StoreError::OtherClaim(id)) if id == reused.claim_id));
    bench.assert_intact().await;
}

pub(crate) async fn the_window_ends_at_the_exact_instant(mut bench: Bench) {
    let event = bench.engage(follow("mia")).await;
    let ends = event.ts.plus(DAY * 30);

    bench.now = ends.minus(Duration::from_millis(1));
    let refused = bench.try_claim(follow("mia")).await.unwrap_err();
    assert_eq!((refused.reason, refused.retry_at), (RefusalReason::AlreadyEngaged, Some(ends)));

    bench.now = ends;
    bench.claim(follow("mia")).await;
}

pub(crate) async fn a_clock_set_back_ends_no_window(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.now = bench.now.minus(DAY * 365);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    let event = bench.engage(follow("noa")).await;
    assert_eq!(event.ts, super::arrange::NOON, "dated as of the newest event, not before it");
    bench.assert_intact().await;
}

pub(crate) async fn a_refused_claim_stores_nothing(bench: Bench) {
    bench
        .store
        .suppress(follow("mia").platform, &[name("mia")], None, "me", bench.now)
        .await
        .unwrap();
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Suppressed);
    assert!(bench.log().await.is_empty());
    assert!(bench.store.accounts().await.unwrap().is_empty());
    assert!(bench.store.claim_holders(None).await.unwrap().is_empty());
}

pub(crate) async fn fences_only_grow(bench: Bench) {
    let mut last = bench.claim(follow("mia")).await;
    for _ in 0..5 {
        bench.settle(&last, follow("mia"), NETWORK).await;
        let next = bench.claim(follow("mia")).await;
        assert!(next.fence > last.fence);
        last = next;
    }
}

pub(crate) async fn a_claim_keeps_what_it_was_given(mut bench: Bench) {
    let note =
        json!({"text": "schön, 素敵, \u{0}, 👩‍🚀, \"quoted\"", "n": 0.1, "deep": [{"a": null}]});
    let request = ClaimRequest { metadata: metadata(&note), ..bench.request(follow("mia")) };
    let claim = bench.ask(request.clone()).await.unwrap();
    assert_eq!(bench.store.find_claim(claim.id).await.unwrap(), Some(follow("mia")));
    assert_eq!(bench.store.find_claim(claim_id()).await.unwrap(), None);

    bench.wait(SECOND * 120);
    bench.store.lapse(None, &[], bench.now).await.unwrap();
    let doubt = bench.store.doubts(None, 10).await.unwrap().remove(0);
    assert_eq!((doubt.key, &doubt.claim), (follow("mia"), &claim));
    assert_eq!(doubt.claim.metadata, request.metadata);
    assert_eq!(doubt.claim.task_id, request.task_id);
}

pub(crate) async fn check_says_what_claim_does(bench: Bench) {
    bench.engage(follow("done")).await;
    bench.claim(follow("held")).await;
    let targets = ["done", "free", "held"].map(name);
    let (settings, anna) = (&bench.settings, name("anna"));
    let follow_action = decorum_core::Action::Follow;
    let said =
        bench.store.check(settings, &anna, follow_action, &targets, bench.now).await.unwrap();
    let said: Vec<_> = said.into_iter().map(|s| s.map_err(|refusal| refusal.reason)).collect();
    assert_eq!(said, [Err(RefusalReason::AlreadyEngaged), Ok(()), Err(RefusalReason::Claimed)]);
}
