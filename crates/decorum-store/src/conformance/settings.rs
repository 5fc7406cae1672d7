//! One document, changed by whoever read its newest version.

use decorum_core::RefusalReason;
use serde_json::json;

use super::arrange::{Bench, DAY, follow};
use crate::StoreError;

pub(crate) async fn the_first_ones_hold_until_somebody_changes_them(bench: Bench) {
    let got = bench.store.settings(&bench.settings).await.unwrap();
    assert_eq!((got.version, &got.settings), (0, &bench.settings));

    let changed = bench.settings.with("cooldown_minutes", json!(90)).unwrap();
    let put = bench.store.put_settings(&changed, 0, "eva", bench.now).await.unwrap();
    assert_eq!((put.version, &put.settings), (1, &changed));
    assert_eq!(bench.another("worker-2").store.settings(&bench.settings).await.unwrap(), put);
    bench.assert_intact().await;
}

pub(crate) async fn a_change_needs_the_version_it_was_based_on(bench: Bench) {
    let put = |version| bench.store.put_settings(&bench.settings, version, "eva", bench.now);
    put(0).await.unwrap();
    let stale = put(0).await;
    assert!(matches!(stale, Err(StoreError::Conflict { expected: 0, found: 1, .. })), "{stale:?}");
    assert_eq!(put(1).await.unwrap().version, 2);
    assert_eq!(bench.store.admin_log(10).await.unwrap().len(), 2, "what failed is not noted");
}

pub(crate) async fn one_of_two_racing_changes_wins(bench: Bench) {
    let other = bench.another("worker-2");
    for version in 0..50 {
        let (one, two) = tokio::join!(
            bench.store.put_settings(&bench.settings, version, "eva", bench.now),
            other.store.put_settings(&bench.settings, version, "ben", bench.now),
        );
        assert!(one.is_ok() != two.is_ok(), "version {version}");
    }
}

pub(crate) async fn a_change_reaches_every_client_at_once(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    let shorter = bench.settings.with("reengagement_days", json!(1)).unwrap();
    let paused = shorter.with("budgets.follow.day", json!(0)).unwrap();
    bench.another("worker-2").store.put_settings(&paused, 0, "eva", bench.now).await.unwrap();

    // This client still passes what it read before.
    assert_eq!(bench.refused(follow("noa")).await, RefusalReason::BudgetDay);
    assert_eq!(bench.check(&follow("noa")).await.unwrap_err().reason, RefusalReason::BudgetDay);
    bench.store.put_settings(&shorter, 1, "eva", bench.now).await.unwrap();
    bench.engage(follow("noa")).await;
    bench.wait(DAY);
    bench.claim(follow("noa")).await;
}
