//! Whose past engagements count.

use decorum_core::{Action, Key, RefusalReason};
use serde_json::json;

use super::arrange::{Bench, follow, key};

fn by(account: &str, target: &str) -> Key {
    key(account, target, Action::Follow)
}

pub(crate) async fn in_fleet_scope_a_person_is_engaged_by_one_account(bench: Bench) {
    let bench = bench.with("dedup_scope", json!("fleet"));
    bench.claim(follow("mia")).await;
    assert_eq!(bench.refused(by("bert", "mia")).await, RefusalReason::Claimed);
    bench.engage(follow("noa")).await;
    assert_eq!(bench.refused(by("bert", "noa")).await, RefusalReason::AlreadyEngaged);
    assert_eq!(
        bench.check(&by("bert", "noa")).await.unwrap_err().reason,
        RefusalReason::AlreadyEngaged
    );
    bench.claim(key("bert", "noa", Action::Like)).await;
}

pub(crate) async fn in_account_scope_each_account_counts_its_own(bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.engage(by("bert", "mia")).await;
    assert_eq!(bench.refused(by("bert", "mia")).await, RefusalReason::AlreadyEngaged);
    bench.assert_intact().await;
}

pub(crate) async fn two_accounts_racing_for_one_person_have_one_winner(bench: Bench) {
    let bench = bench.with("dedup_scope", json!("fleet"));
    let other = bench.another("worker-2");
    for round in 0..200 {
        let target = format!("mia_{round}");
        let (one, two) =
            tokio::join!(bench.try_claim(follow(&target)), other.try_claim(by("bert", &target)));
        assert!(one.is_ok() != two.is_ok(), "round {round}: {one:?} and {two:?}");
    }
}
