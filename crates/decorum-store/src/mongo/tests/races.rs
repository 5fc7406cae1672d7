//! Decisions that are overtaken by a change of what they looked at.

use decorum_core::RefusalReason;
use serde_json::json;

use super::standalone;
use crate::conformance::arrange::{Bench, at_once, follow, key, name};

/// Once a suppression was acknowledged, no claim on the person is granted, not even one that was
/// being decided meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_claim_slips_past_a_suppression() {
    let (open, _database) = standalone();
    let bench = Bench::new(open);
    bench.engage(follow("noa")).await;
    for round in 0..60 {
        let person = format!("mia_{round}");
        let (other, suppressor) = (bench.another("worker-2"), bench.clone());
        let claiming = {
            let key = follow(&person);
            tokio::spawn(async move { other.try_claim(key).await })
        };
        let people = [name(&person)];
        suppressor
            .store
            .suppress(follow(&person).platform, &people, None, "eva", bench.now)
            .await
            .unwrap();
        let before = bench.store.claim_holders(None).await.unwrap().len();
        let claimed = claiming.await.unwrap();
        let after = bench.store.claim_holders(None).await.unwrap().len();
        assert_eq!(before, after, "round {round}: granted after the suppression: {claimed:?}");
        if let Ok(claim) = claimed {
            bench.settle(&claim, follow(&person), decorum_core::Outcome::Retry(None)).await;
        }
        assert_eq!(bench.refused(follow(&person)).await, RefusalReason::Suppressed);
    }
}

/// A crowd of accounts in several clients wants the same few people, in `fleet` scope.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_of_accounts_never_shares_a_person() {
    let (open, _database) = standalone();
    let bench = Bench::new(open).with("dedup_scope", json!("fleet"));
    let clients = [bench.clone(), bench.another("worker-2"), bench.another("worker-3")];
    let granted = at_once(12, |n| {
        let bench = clients[n % 3].clone();
        async move {
            let mut granted = Vec::new();
            for person in 0..15 {
                let key =
                    key(&format!("account_{n}"), &format!("mia_{person}"), follow("x").action);
                if bench.try_claim(key).await.is_ok() {
                    granted.push(person);
                }
            }
            granted
        }
    })
    .await;
    let mut people: Vec<_> = granted.into_iter().flatten().collect();
    people.sort_unstable();
    assert_eq!(people, (0..15).collect::<Vec<_>>(), "each person once");
    bench.assert_intact().await;
}
