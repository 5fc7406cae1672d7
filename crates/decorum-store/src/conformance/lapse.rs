//! Claims whose holders vanished.

use std::time::Duration;

use decorum_core::RefusalReason;

use super::arrange::{Bench, DAY, SECOND, follow, key, name};

pub(crate) async fn a_claim_is_in_doubt_from_the_exact_instant(mut bench: Bench) {
    let claim = bench.claim(follow("mia")).await;
    bench.now = claim.lease_until.minus(Duration::from_millis(1));
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 0);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);

    bench.now = claim.lease_until;
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::InDoubt, "also unswept");
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 1);
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 0, "once");
    bench.assert_intact().await;
}

pub(crate) async fn a_dead_holders_claim_is_in_doubt_at_once(bench: Bench) {
    bench.claim(follow("mia")).await;
    let other = bench.another("worker-2");
    other.claim(follow("noa")).await;
    let holders = bench.store.claim_holders(None).await.unwrap();
    assert_eq!(holders, [bench.holder.clone(), other.holder.clone()]);

    let dead = [name("nobody"), other.holder.clone()];
    assert_eq!(bench.store.lapse(None, &dead, bench.now).await.unwrap(), 1);
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::InDoubt);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);
    assert_eq!(
        bench.store.claim_holders(None).await.unwrap().as_slice(),
        std::slice::from_ref(&bench.holder)
    );
}

pub(crate) async fn only_the_named_accounts_claims_lapse(mut bench: Bench) {
    bench.claim(follow("mia")).await;
    bench.claim(key("bert", "mia", follow("mia").action)).await;
    bench.wait(SECOND * 120);
    let bert = name("bert");
    assert_eq!(bench.store.lapse(Some(&bert), &[], bench.now).await.unwrap(), 1);
    assert_eq!(bench.store.doubts(Some(&bert), 10).await.unwrap().len(), 1);
    assert!(bench.store.doubts(Some(&name("anna")), 10).await.unwrap().is_empty());
    assert_eq!(bench.store.claim_holders(Some(&bert)).await.unwrap(), []);
    assert_eq!(bench.store.claim_holders(Some(&name("anna"))).await.unwrap().len(), 1);
}

pub(crate) async fn a_doubt_is_not_freed_by_time(mut bench: Bench) {
    bench.claim(follow("mia")).await;
    bench.wait(DAY * 3650);
    bench.store.lapse(None, &[], bench.now).await.unwrap();
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::InDoubt);
}

pub(crate) async fn doubts_come_oldest_first(mut bench: Bench) {
    for target in ["zoe", "mia", "ada"] {
        bench.claim(follow(target)).await;
        bench.wait(SECOND);
    }
    bench.wait(SECOND * 120);
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 3);
    let doubts = bench.store.doubts(None, 2).await.unwrap();
    let names: Vec<_> = doubts.iter().map(|d| d.key.target_username.as_str()).collect();
    assert_eq!(names, ["zoe", "mia"]);
}
