//! Exclusive, expiring rights with a fence that only grows.

use std::time::Duration;

use decorum_core::{Fence, Holder, RefusalReason};

use super::arrange::{Bench, SECOND, at_once, follow, name};

const TTL: Duration = Duration::from_secs(30);
const NAME: &str = "account:anna";

async fn take(bench: &Bench, gone: Option<&Holder>) -> Result<Fence, Holder> {
    let taken = bench.store.acquire_lease(NAME, &bench.holder, gone, TTL, bench.now).await.unwrap();
    taken.map(|lease| lease.fence).map_err(|held| held.0.holder)
}

pub(crate) async fn one_of_a_crowd_gets_it(bench: Bench) {
    let other = bench.another("worker");
    let taken = at_once(32, |n| {
        let mut bench = if n % 2 == 0 { bench.clone() } else { other.clone() };
        bench.holder = name(&format!("worker-{n}"));
        async move { take(&bench, None).await }
    })
    .await;
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 1);
}

pub(crate) async fn a_lapsed_lease_passes_on_with_a_larger_fence(bench: Bench) {
    let first = take(&bench, None).await.unwrap();
    let mut other = bench.another("worker-2");
    other.now = bench.now.plus(TTL).minus(Duration::from_millis(1));
    assert_eq!(take(&other, None).await, Err(bench.holder.clone()));
    other.now = bench.now.plus(TTL);
    assert!(take(&other, None).await.unwrap() > first);
}

pub(crate) async fn a_dead_holder_is_not_waited_for(bench: Bench) {
    let first = take(&bench, None).await.unwrap();
    let other = bench.another("worker-2");
    assert!(take(&other, Some(&name("worker-9"))).await.is_err());
    assert!(take(&other, Some(&bench.holder)).await.unwrap() > first);
}

pub(crate) async fn a_stale_fence_neither_extends_nor_releases(bench: Bench) {
    let stale = take(&bench, None).await.unwrap();
    let mut other = bench.another("worker-2");
    other.wait(TTL);
    let fresh = take(&other, None).await.unwrap();

    let renewed = bench.store.renew_lease(NAME, stale, TTL, other.now).await.unwrap();
    assert_eq!(renewed.unwrap_err().0.holder, other.holder);
    bench.store.release_lease(NAME, stale, other.now).await.unwrap();
    assert_eq!(take(&bench, None).await.ok(), None, "it is still the other's");
    other.store.renew_lease(NAME, fresh, TTL, other.now).await.unwrap().unwrap();
}

pub(crate) async fn its_holder_extends_and_releases_it(mut bench: Bench) {
    let fence = take(&bench, None).await.unwrap();
    bench.wait(SECOND * 20);
    assert_eq!(take(&bench, None).await, Ok(fence), "taking again is extending");
    let lease = bench.store.renew_lease(NAME, fence, TTL, bench.now).await.unwrap().unwrap();
    assert_eq!(lease.until, bench.now.plus(TTL));

    bench.store.release_lease(NAME, fence, bench.now).await.unwrap();
    assert!(take(&bench.another("worker-2"), None).await.unwrap() > fence);
    bench.store.release_lease("device:nobody-took", fence, bench.now).await.unwrap();
    assert!(bench.store.renew_lease("device:nobody-took", fence, TTL, bench.now).await.is_err());
    bench.assert_intact().await;
}

pub(crate) async fn an_account_is_claimed_only_by_its_lease_holder(mut bench: Bench) {
    let mut other = bench.another("worker-2");
    bench.account_fence = Some(take(&bench, None).await.unwrap());
    let claim = bench.claim(follow("mia")).await;
    assert_eq!(other.refused(follow("noa")).await, RefusalReason::AccountBusy, "without a proof");
    other.account_fence = bench.account_fence.map(Fence::next);
    assert_eq!(other.refused(follow("noa")).await, RefusalReason::AccountBusy, "a wrong proof");

    bench.wait(TTL);
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AccountBusy, "it lapsed");
    other.now = bench.now;
    other.account_fence = Some(take(&other, None).await.unwrap());
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::AccountBusy, "a stale fence");
    other.claim(follow("noa")).await;
    bench.settle(&claim, follow("mia"), super::arrange::SUCCESS).await;
}
