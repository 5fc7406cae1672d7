//! What people change, and what the store says about itself.

use decorum_core::{Breaker, HaltReason};
use serde_json::json;

use super::arrange::{Bench, SECOND, follow, name};

pub(crate) async fn what_people_change_is_noted_newest_first(mut bench: Bench) {
    let anna = name("anna");
    let note = "on holiday ☀";
    let halted =
        bench.store.halt(&anna, HaltReason::Operator, note, "eva", bench.now).await.unwrap();
    let expected =
        Breaker::Halted { reason: HaltReason::Operator, detail: note.to_owned(), since: bench.now };
    assert_eq!(halted.breaker, expected);
    bench.wait(SECOND);
    bench.store.clear(&anna, "back", "ben", bench.now).await.unwrap();

    let log = bench.store.admin_log(10).await.unwrap();
    assert_eq!(log.len(), 2);
    let (cleared, halted) = (&log[0], &log[1]);
    assert_eq!((cleared.what.as_str(), cleared.who.as_str()), ("account.cleared", "ben"));
    assert_eq!((cleared.subject.as_str(), cleared.note.as_deref()), ("anna", Some("back")));
    assert_eq!((halted.what.as_str(), halted.note.as_deref()), ("account.halted", Some(note)));
    assert_eq!(
        (&cleared.before["state"], &cleared.after["state"]),
        (&json!("halted"), &json!("active"))
    );
    assert_eq!(cleared.ts, bench.now);
    assert_eq!(bench.store.admin_log(1).await.unwrap(), log[..1]);
    bench.assert_intact().await;
}

pub(crate) async fn a_change_of_settings_is_noted_with_what_differs(bench: Bench) {
    let longer = bench.settings.with("cooldown_minutes", json!(90)).unwrap();
    bench.store.put_settings(&bench.settings, 0, "eva", bench.now).await.unwrap();
    bench.store.put_settings(&longer, 1, "ben", bench.now).await.unwrap();
    let log = bench.store.admin_log(10).await.unwrap();
    let (changed, first) = (&log[0], &log[1]);
    assert_eq!(
        (changed.what.as_str(), changed.subject.as_str()),
        ("settings.changed", "cooldown_minutes")
    );
    assert_eq!(changed.before, json!({"cooldown_minutes": 45}));
    assert_eq!(changed.after, json!({"cooldown_minutes": 90}));
    assert_eq!((&first.before, &first.after), (&json!(null), &bench.settings.to_json()));
}

pub(crate) async fn the_log_of_changes_is_read_page_by_page(bench: Bench) {
    for note in ["one", "two", "three", "four", "five"] {
        bench.store.clear(&name("anna"), note, "eva", bench.now).await.unwrap();
    }
    let (mut notes, mut after) = (Vec::new(), None);
    loop {
        let (page, next) = bench.store.admin_page(after.as_deref(), 2).await.unwrap();
        // What comes meanwhile is newer than every page that is still to come.
        bench.store.clear(&name("ben"), "meanwhile", "eva", bench.now).await.unwrap();
        notes.extend(page.into_iter().filter_map(|entry| entry.note));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(notes, ["five", "four", "three", "two", "one"]);
    let foreign = bench.store.admin_page(Some("elsewhere"), 2).await;
    assert!(matches!(foreign, Err(crate::StoreError::BadCursor)));
    let too_many = bench.store.admin_page(None, 1001).await;
    assert!(matches!(too_many, Err(crate::StoreError::TooMany { .. })));
}

pub(crate) async fn the_store_says_what_it_is(bench: Bench) {
    let identity = bench.store.identity().await.unwrap();
    assert!(!identity.kind.is_empty() && !identity.place.is_empty() && identity.schema > 0);
    assert!(!identity.notes.is_empty());
}

pub(crate) async fn after_closing_nothing_is_answered(bench: Bench) {
    bench.engage(follow("mia")).await;
    let other = bench.another("worker-2");
    bench.store.close().await.unwrap();
    bench.store.close().await.unwrap();
    let request = bench.request(follow("noa"));
    assert!(bench.store.claim(&bench.settings, request).await.is_err());
    assert!(bench.store.accounts().await.is_err());
    assert_eq!(other.log().await.len(), 1, "other clients go on");
}
