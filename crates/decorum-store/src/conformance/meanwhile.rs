//! What another client does between two steps of this one counts in the second, whatever this one
//! kept in mind of the first.

use decorum_core::{Breaker, ErrorClass, HaltReason, Outcome, Platform, RefusalReason};
use serde_json::json;

use super::arrange::{Bench, DAY, SECOND, SUCCESS, follow, name};
use crate::Committed;

/// What another client does is over before this one goes on.
fn two_clients(bench: &Bench) -> Bench {
    bench.another("worker-2")
}

pub(crate) async fn settings_changed_before_the_outcome_hold_for_it(mut bench: Bench) {
    let other = two_clients(&bench);
    let claim = bench.claim(follow("mia")).await;
    let shorter = bench.settings.with("reengagement_days", json!(1)).unwrap();
    other.store.put_settings(&shorter, 0, "eva", bench.now).await.unwrap();
    bench.settle(&claim, follow("mia"), SUCCESS).await;

    bench.wait(DAY);
    bench.engage(follow("mia")).await;
    let paused = shorter.with("budgets.follow.day", json!(0)).unwrap();
    other.store.put_settings(&paused, 1, "eva", bench.now).await.unwrap();
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::BudgetDay);
}

pub(crate) async fn a_person_suppressed_after_an_outcome_is_not_claimed(bench: Bench) {
    let other = two_clients(&bench);
    bench.engage(follow("mia")).await;
    other
        .store
        .suppress(Platform::Instagram, &[name("noa")], None, "eva", bench.now)
        .await
        .unwrap();
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::Suppressed);
    bench.engage(follow("zoe")).await;
    bench.assert_intact().await;
}

pub(crate) async fn a_person_erased_after_an_outcome_is_never_engaged_again(mut bench: Bench) {
    let other = two_clients(&bench);
    bench.engage(follow("mia")).await;
    let forgotten = other.store.forget(Platform::Instagram, &name("mia"), "eva", bench.now).await;
    assert_eq!(forgotten.unwrap().events, 1);
    bench.wait(DAY * 365);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Suppressed);
    bench.engage(follow("noa")).await;
    assert!(bench.log().await.iter().all(|event| event.target_username != Some(name("mia"))));
    bench.assert_intact().await;
}

pub(crate) async fn an_account_halted_before_the_outcome_stays_halted(bench: Bench) {
    let other = two_clients(&bench);
    let claim = bench.claim(follow("mia")).await;
    let (anna, why) = (name("anna"), HaltReason::Operator);
    other.store.halt(&anna, why, "stop", "eva", bench.now).await.unwrap();
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    assert!(matches!(bench.anna().await.account.breaker, Breaker::Halted { .. }));
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AccountHalted);
    bench.assert_intact().await;
}

pub(crate) async fn a_rest_that_another_client_reported_is_kept(bench: Bench) {
    let other = two_clients(&bench);
    bench.engage(follow("mia")).await;
    other.engage_with(follow("noa"), Outcome::Failed(ErrorClass::RateLimited)).await;
    let refused = bench.refused(follow("zoe")).await;
    assert!(matches!(refused, RefusalReason::AccountBackoff), "{refused:?}");
    bench.assert_intact().await;
}

pub(crate) async fn a_person_whom_another_client_engaged_is_refused(bench: Bench) {
    let other = two_clients(&bench);
    for n in 0..20 {
        let person = follow(&format!("person{n}"));
        let claim = bench.claim(follow(&format!("mine{n}"))).await;
        other.engage(person.clone()).await;
        bench.settle(&claim, follow(&format!("mine{n}")), SUCCESS).await;
        assert_eq!(bench.refused(person).await, RefusalReason::AlreadyEngaged);
    }
    bench.assert_intact().await;
}

pub(crate) async fn a_claim_that_lapsed_before_the_outcome_is_reported_late(mut bench: Bench) {
    let mut other = two_clients(&bench);
    let claim = bench.claim(follow("mia")).await;
    bench.now = claim.lease_until;
    other.now = bench.now;
    assert_eq!(other.store.lapse(None, &[], other.now).await.unwrap(), 1);
    let committed = bench.settle(&claim, follow("mia"), SUCCESS).await;
    let repeated = other.settle(&claim, follow("mia"), SUCCESS).await;
    assert!(matches!(&repeated, Committed::Repeated(e) if e == committed.event()), "{repeated:?}");
    assert_eq!(other.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn a_lease_extended_after_a_claim_counts(mut bench: Bench) {
    let (lease, ttl) = ("account:anna", SECOND * 30);
    let taken = bench.store.acquire_lease(lease, &bench.holder, None, ttl, bench.now);
    let fence = taken.await.unwrap().unwrap().fence;
    bench.account_fence = Some(fence);
    let claim = bench.claim(follow("mia")).await;
    bench.wait(SECOND * 20);
    two_clients(&bench).store.renew_lease(lease, fence, ttl, bench.now).await.unwrap().unwrap();
    bench.wait(SECOND * 20);
    let second = bench.claim(follow("noa")).await;
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    bench.settle(&second, follow("noa"), SUCCESS).await;
    bench.wait(SECOND * 20);
    assert_eq!(bench.refused(follow("zoe")).await, RefusalReason::AccountBusy, "it is over");
}
