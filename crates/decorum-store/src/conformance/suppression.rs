//! People never to be contacted.

use std::collections::BTreeSet;

use decorum_core::{Action, Platform, RefusalReason};

use super::arrange::{Bench, DAY, follow, key, name};
use crate::{StoreError, Suppressed};

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

pub(crate) async fn the_list_has_names_first_and_no_name_of_an_erased_person(mut bench: Bench) {
    let people = ["noa", "mia", "zoe", "ida", "lea"].map(|person| name(person));
    let (platform, note) = (Platform::Instagram, Some("asked us"));
    bench.store.suppress(platform, &people, note, "eva", bench.now).await.unwrap();
    let since = bench.now;
    bench.wait(DAY);
    for gone in ["zoe", "max"] {
        bench.store.forget(platform, &name(gone), "otto", bench.now).await.unwrap();
    }
    for limit in [1, 2, 1000] {
        let (mut found, mut after) = (Vec::new(), None::<Suppressed>);
        loop {
            let page = bench.store.suppressions(after.as_ref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.who.to_string().parse().unwrap());
            found.extend(page);
        }
        let (named, erased) = found.split_at(4);
        let places: Vec<_> = named.iter().map(|entry| entry.who.to_string()).collect();
        assert_eq!(places, ["name.ida", "name.lea", "name.mia", "name.noa"], "by {limit}");
        assert!(named.iter().all(|entry| entry.note.as_deref() == note));
        assert_eq!(erased.len(), 2);
        assert!(erased.iter().all(|entry| matches!(entry.who, Suppressed::Erased(_))));
        let who: BTreeSet<_> =
            erased.iter().map(|entry| (entry.added_by.as_str(), entry.added_at)).collect();
        assert_eq!(who, BTreeSet::from([("eva", since), ("otto", bench.now)]));
    }
    assert!(matches!("zoe".parse::<Suppressed>(), Err(StoreError::BadCursor)));
}
