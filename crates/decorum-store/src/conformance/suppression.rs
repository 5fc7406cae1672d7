//! People never to be contacted.

use decorum_core::{Action, Platform, RefusalReason};

use super::arrange::{Bench, DAY, follow, key, name};

pub(crate) async fn a_suppressed_person_is_never_engaged(mut bench: Bench) {
    let other = bench.another("worker-2");
    let (people, note) = ([name("mia")], Some("asked us, by mail"));
    other.store.suppress(Platform::Instagram, &people, note, "eva", bench.now).await.unwrap();
    bench.wait(DAY * 3650);
    for key in [follow("mia"), key("bert", "mia", Action::View)] {
        let refused = bench.try_claim(key.clone()).await.unwrap_err();
        assert_eq!((refused.reason, refused.retry_at), (RefusalReason::Suppressed, None));
        assert_eq!(bench.check(&key).await.unwrap_err().reason, RefusalReason::Suppressed);
    }
    bench.claim(follow("noa")).await;
}

pub(crate) async fn adding_twice_adds_once(bench: Bench) {
    let add = |people: &[&str]| {
        let people: Vec<_> = people.iter().map(|p| name(p)).collect();
        let (bench, note) = (bench.clone(), Some("no"));
        async move {
            bench
                .store
                .suppress(Platform::Instagram, &people, note, "eva", bench.now)
                .await
                .unwrap()
        }
    };
    assert_eq!(add(&["mia", "noa", "mia"]).await, 2);
    assert_eq!(add(&["mia", "zoe"]).await, 1);
    let noted: Vec<_> =
        bench.store.admin_log(10).await.unwrap().into_iter().map(|entry| entry.subject).collect();
    assert_eq!(noted, ["zoe", "noa", "mia"]);
    bench.assert_intact().await;
}
