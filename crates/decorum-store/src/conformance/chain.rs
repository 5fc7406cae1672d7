//! The log is evidence: each account's events follow one another.

use decorum_core::{Digest, Finding, Metadata};

use super::arrange::{Bench, NETWORK, SECOND, SUCCESS, at_once, follow, key, name};

pub(crate) async fn every_event_follows_the_one_before(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.refuse("mia").await;
    bench.engage_with(follow("noa"), NETWORK).await;
    let claim = bench.claim(follow("zoe")).await;
    bench.wait(SECOND * 120);
    bench.store.lapse(None, &[], bench.now).await.unwrap();
    let (done, stamp) = (Finding::Done, bench.stamp());
    let metadata = Metadata::default();
    bench.store.reconcile(&bench.settings, claim.id, done, metadata, stamp).await.unwrap();

    let log = bench.log().await;
    assert_eq!(log.len(), 4);
    assert_eq!(log[0].prev_hash, Digest::ZERO);
    assert!(log.windows(2).all(|pair| pair[1].prev_hash == pair[0].hash));
    bench.assert_intact().await;
}

pub(crate) async fn a_crowd_of_writers_makes_whole_chains(bench: Bench) {
    let clients = [bench.clone(), bench.another("worker-2"), bench.another("worker-3")];
    at_once(12, |n| {
        let bench = clients[n % 3].clone();
        async move {
            let account = ["anna", "bert"][n % 2];
            for round in 0..20 {
                let key = key(account, &format!("mia_{n}_{round}"), follow("mia").action);
                bench.engage_with(key, if round % 3 == 0 { NETWORK } else { SUCCESS }).await;
                bench.refuse("noa").await;
            }
        }
    })
    .await;
    assert_eq!(bench.log().await.len(), 12 * 20 * 2);
    bench.assert_intact().await;
}

pub(crate) async fn a_chain_is_read_from_any_place(bench: Bench) {
    for n in 0..5 {
        bench.refuse(&format!("mia_{n}")).await;
    }
    let read = async |after, limit| {
        let chain = bench.store.chain(&name("anna"), after, limit).await.unwrap();
        chain.into_iter().map(|event| event.unwrap().seq).collect::<Vec<_>>()
    };
    assert_eq!(read(0, 2).await, [1, 2]);
    assert_eq!(read(2, 100).await, [3, 4, 5]);
    assert_eq!(read(5, 100).await, [0; 0]);
    assert_eq!(read(u64::MAX, 100).await, [0; 0]);
    assert!(bench.store.chain(&name("nobody"), 0, 10).await.unwrap().is_empty());
}
