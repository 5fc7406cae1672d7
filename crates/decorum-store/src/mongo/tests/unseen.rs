//! What a step wrote and a server does not show yet. A primary that was just elected may show an
//! account as of its newest step, and not yet what that step wrote elsewhere. Here it is taken away
//! by hand, while the client that wrote it knows it to be written.

use decorum_core::{Finding, Metadata, Refusal, RefusalReason, Seen};
use mongodb::bson::doc;

use super::bench;
use crate::conformance::arrange::{SECOND, SUCCESS, follow};
use crate::{Committed, StoreError};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_row_is_not_shown_yet_is_not_granted_again() {
    let (bench, database) = bench();
    bench.engage(follow("noa")).await;
    let claim = bench.claim(follow("mia")).await;
    let rows = database.by_hand("interactions_latest").await;
    rows.delete_one(doc! { "target_username": "mia" }).await.unwrap();

    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::Claimed);
    assert_eq!(bench.check(&follow("mia")).await.unwrap_err().reason, RefusalReason::Claimed);
    let settled = bench.settle(&claim, follow("mia"), SUCCESS).await;
    assert!(matches!(settled, Committed::Settled(_)), "{settled:?}");
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engagement_whose_row_is_not_shown_yet_is_not_repeated() {
    let (bench, database) = bench();
    let claim = bench.claim(follow("mia")).await;
    let rows = database.by_hand("interactions_latest").await;
    let claimed = rows.find_one(doc! { "target_username": "mia" }).await.unwrap().unwrap();
    bench.settle(&claim, follow("mia"), SUCCESS).await;
    // Shown as the step before left it: still claimed.
    rows.replace_one(doc! { "target_username": "mia" }, claimed).await.unwrap();

    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_whose_event_is_not_shown_yet_is_not_recorded_twice() {
    let (mut bench, database) = bench();
    let claim = bench.claim(follow("mia")).await;
    let report = bench.report(claim.id, follow("mia"), SUCCESS);
    let rows = database.by_hand("interactions_latest").await;
    let claimed = rows.find_one(doc! { "target_username": "mia" }).await.unwrap().unwrap();
    let first = bench.store.commit(&bench.settings, report.clone()).await.unwrap();
    let events = database.by_hand("interactions_events").await;
    events.delete_one(doc! {}).await.unwrap();
    rows.replace_one(doc! { "target_username": "mia" }, claimed).await.unwrap();

    let again = bench.store.commit(&bench.settings, report).await.unwrap();
    assert!(matches!(&again, Committed::Repeated(event) if event == first.event()), "{again:?}");
    bench.wait(SECOND * 200);
    let (undone, stamp) = (Finding::NotDone, bench.stamp());
    let looked =
        bench.store.reconcile(&bench.settings, claim.id, undone, Metadata::default(), stamp).await;
    assert!(
        matches!(&looked, Ok(Committed::Repeated(event)) if event == first.event()),
        "{looked:?}"
    );
    assert!(!matches!(looked, Err(StoreError::NoSuchClaim(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_is_not_shown_yet_is_not_recorded_twice() {
    let (bench, database) = bench();
    let refusal = Refusal::new(RefusalReason::AlreadyEngaged, None);
    let seen = bench.seen(follow("mia"), Seen::Refused(refusal));
    let observe = |seen| bench.store.observe(&bench.settings, vec![seen]);
    let first = observe(seen.clone()).await.unwrap();
    database.by_hand("interactions_events").await.delete_one(doc! {}).await.unwrap();
    assert_eq!(observe(seen).await.unwrap(), first);
    assert_eq!(bench.anna().await.account.head.seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_row_is_not_shown_yet_still_lapses() {
    let (mut bench, database) = bench();
    bench.engage(follow("noa")).await;
    bench.claim(follow("mia")).await;
    let rows = database.by_hand("interactions_latest").await;
    rows.delete_one(doc! { "target_username": "mia" }).await.unwrap();
    assert_eq!(bench.store.claim_holders(None).await.unwrap().len(), 1);
    bench.wait(SECOND * 200);
    assert_eq!(bench.store.lapse(None, &[], bench.now).await.unwrap(), 1);
    assert_eq!(bench.store.doubts(None, 10).await.unwrap().len(), 1);
}
