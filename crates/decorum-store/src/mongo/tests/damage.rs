//! What is changed by hand, behind the keeper's back, is found and named.

use decorum_core::chain::Verifier;
use mongodb::bson::{Bson, Document, doc};

use super::{Database, standalone};
use crate::Store;
use crate::conformance::arrange::{Bench, NETWORK, follow, name};
use crate::mongo::MongoStore;

/// What an audit finds.
async fn findings(database: &Database) -> Vec<String> {
    let store = MongoStore::open_read_only(&database.address).await.unwrap();
    let mut findings = store.inspect().await.unwrap();
    for view in store.accounts().await.unwrap() {
        let account = view.account;
        let (platform, id) = (account.platform, account.account_id.clone());
        let mut verifier = Verifier::after(platform, id, account.checkpoint.as_ref());
        let after = verifier.head().seq;
        let chain = store.chain(&account.account_id, after, 1000).await.unwrap();
        let followed = chain
            .into_iter()
            .try_for_each(|event| verifier.next(&event?))
            .and_then(|()| verifier.finish(account.head).map(drop));
        findings.extend(followed.err().map(|broken| broken.to_string()));
    }
    findings
}

/// A log of eight events, closed.
async fn log() -> (Database, Vec<decorum_core::Event>) {
    let (open, database) = standalone();
    let bench = Bench::new(open);
    for n in 0..4 {
        bench.engage(follow(&format!("mia_{n}"))).await;
        bench.engage_with(follow(&format!("noa_{n}")), NETWORK).await;
    }
    let events = bench.log().await;
    bench.store.close().await.unwrap();
    assert_eq!(findings(&database).await, Vec::<String>::new());
    (database, events)
}

fn names(findings: &[String], what: &str) -> bool {
    findings.iter().any(|finding| finding.contains(what))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_event_is_named_whatever_was_changed() {
    let (database, log) = log().await;
    let events = database.by_hand("interactions_events").await;
    let event = &log[4];
    let changes = [
        doc! { "$set": { "target_username": "somebody" } },
        doc! { "$set": { "status": "failed" } },
        doc! { "$set": { "reason": "because" } },
        doc! { "$set": { "metadata": "{\"a\":1}" } },
        doc! { "$set": { "ts": mongodb::bson::DateTime::from_millis(0) } },
        doc! { "$set": { "latency_ms": 7_i64 } },
        doc! { "$unset": { "task_id": "" } },
        doc! { "$unset": { "claim_id": "" } },
        doc! { "$set": { "action": "like" } },
        doc! { "$set": { "action": "kiss" } },
        doc! { "$set": { "seq": "five" } },
    ];
    for change in changes {
        let whole = doc! { "id": event.id.to_string() };
        let before = events.find_one(whole.clone()).await.unwrap().unwrap();
        events.update_one(whole.clone(), change.clone()).await.unwrap();
        let found = findings(&database).await;
        let named = names(&found, &event.id.to_string()) || names(&found, "event 5");
        assert!(named, "{change}: {found:?}");
        events.replace_one(whole, before).await.unwrap();
    }
    assert_eq!(findings(&database).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_event_is_named_wherever_it_stood() {
    for place in [0, 3, 7] {
        let (database, log) = log().await;
        let events = database.by_hand("interactions_events").await;
        events.delete_one(doc! { "id": log[place].id.to_string() }).await.unwrap();
        let found = findings(&database).await;
        let named = names(&found, &format!("event {} is missing", place + 1))
            || names(&found, "the log ends with event 7");
        assert!(named, "{place}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inserted_and_a_reordered_event_are_named() {
    let (database, log) = log().await;
    let events = database.by_hand("interactions_events").await;
    let find = async |n: usize| {
        events.find_one(doc! { "id": log[n].id.to_string() }).await.unwrap().unwrap()
    };
    let mut forged: Document = find(7).await;
    forged.insert("_id", "instagram/anna/000000000009");
    forged.insert("id", "01890a5d-ac96-774b-bcce-b302099a8057");
    forged.insert("seq", 9_i64);
    events.insert_one(&forged).await.unwrap();
    let found = findings(&database).await;
    assert!(names(&found, "event 9"), "{found:?}");
    events.delete_one(doc! { "seq": 9 }).await.unwrap();

    let (mut third, mut fourth) = (find(2).await, find(3).await);
    for document in [&third, &fourth] {
        events.delete_one(doc! { "_id": document.get("_id").cloned() }).await.unwrap();
    }
    for (document, n) in [(&mut third, 4), (&mut fourth, 3)] {
        document.insert("_id", format!("instagram/anna/{n:012}"));
        document.insert("seq", Bson::Int64(n));
        events.insert_one(&*document).await.unwrap();
    }
    let found = findings(&database).await;
    assert!(names(&found, "event 3"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_changed_or_removed_by_hand_is_named() {
    let (database, log) = log().await;
    let rows = database.by_hand("interactions_latest").await;
    let mia = doc! { "target_username": "mia_2" };
    let set = doc! { "$set": { "expires_at": mongodb::bson::DateTime::from_millis(0) } };
    let before = rows.find_one(mia.clone()).await.unwrap().unwrap();
    rows.update_one(mia.clone(), set).await.unwrap();
    let found = findings(&database).await;
    assert!(names(&found, "instagram/anna/mia_2/follow"), "{found:?}");

    rows.delete_one(mia).await.unwrap();
    let found = findings(&database).await;
    assert!(names(&found, &log[4].id.to_string()), "a success without a row: {found:?}");
    rows.insert_one(before).await.unwrap();

    let accounts = database.by_hand("accounts").await;
    let anna = doc! { "account_id": name::<decorum_core::AccountId>("anna").as_str() };
    accounts.update_one(anna, doc! { "$set": { "usage": {} } }).await.unwrap();
    let found = findings(&database).await;
    assert!(names(&found, "accounts \"instagram/anna\""), "{found:?}");
}
