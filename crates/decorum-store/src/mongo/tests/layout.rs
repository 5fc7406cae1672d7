//! What is made in the database, and what is refused.

use mongodb::bson::{Document, doc};

use super::{bench, standalone};
use crate::conformance::arrange::{Bench, follow};
use crate::mongo::MongoStore;
use crate::{EventFilter, PageRequest, Store, StoreError};

async fn keys(database: &super::Database, collection: &str) -> Vec<Document> {
    let collection = database.by_hand(collection).await;
    let mut listed = collection.list_indexes().await.unwrap();
    let mut keys = Vec::new();
    while listed.advance().await.unwrap() {
        let index = listed.deserialize_current().unwrap();
        keys.push(index.keys);
    }
    keys
}

fn begins(keys: &[Document], with: &[&str]) -> bool {
    keys.iter()
        .any(|keys| keys.keys().map(String::as_str).take(with.len()).eq(with.iter().copied()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_indexes_of_the_specification_are_there() {
    let (_bench, database) = bench();
    let events = keys(&database, "interactions_events").await;
    for wanted in [
        &["account_id", "target_username", "action", "ts"][..],
        &["ts"],
        &["status", "ts"],
        &["id"],
    ] {
        assert!(begins(&events, wanted), "{wanted:?} in {events:?}");
    }
    let collection = database.by_hand("interactions_latest").await;
    let mut listed = collection.list_indexes().await.unwrap();
    let (mut ttl, mut unique) = (None, false);
    while listed.advance().await.unwrap() {
        let index = listed.deserialize_current().unwrap();
        let options = index.options.unwrap_or_default();
        if options.expire_after.is_some() {
            ttl = Some((index.keys, options.partial_filter_expression));
        } else if options.unique == Some(true) && index.keys.len() == 4 {
            unique = true;
        }
    }
    assert_eq!(
        ttl,
        Some((doc! { "expires_at": 1 }, Some(doc! { "state": "free" }))),
        "a row that somebody holds is never collected"
    );
    assert!(unique);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_index_is_made_again_and_a_wrong_one_is_named() {
    let (open, database) = standalone();
    let bench = Bench::new(open);
    bench.engage(follow("mia")).await;
    let events = database.by_hand("interactions_events").await;
    events.drop_index("events_status").await.unwrap();
    bench.another("worker-2");
    assert!(begins(&keys(&database, "interactions_events").await, &["status", "ts"]));

    events.drop_index("events_ts").await.unwrap();
    let wrong = doc! {
        "createIndexes": "interactions_events",
        "indexes": [{ "name": "events_ts", "key": { "ts": -1, "seq": 1 } }],
    };
    let client = mongodb::Client::with_uri_str(&database.address).await.unwrap();
    client.default_database().unwrap().run_command(wrong).await.unwrap();
    let error = MongoStore::open(&database.address).await.err().unwrap().to_string();
    assert!(error.contains("`events_ts`") && error.contains("drop it"), "{error}");
}

/// Also by who only reads: pages are read by indexes that the older layout has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_layout_gets_what_is_missing_and_loses_what_only_costs() {
    let (open, database) = standalone();
    let bench = Bench::new(open);
    bench.engage(follow("mia")).await;
    let events = database.by_hand("interactions_events").await;
    events.drop_index("events_account_kind").await.unwrap();
    let client = mongodb::Client::with_uri_str(&database.address).await.unwrap();
    let old = doc! {
        "createIndexes": "interactions_events",
        "indexes": [{ "name": "events_action", "key": { "action": 1, "ts": 1, "_id": 1 } }],
    };
    client.default_database().unwrap().run_command(old).await.unwrap();
    let layout = database.by_hand("layout").await;
    layout.update_one(doc! { "_id": "layout" }, doc! { "$set": { "version": 2 } }).await.unwrap();

    let reading = MongoStore::open_read_only(&database.address).await.unwrap();
    let follows = EventFilter {
        account_id: Some(follow("mia").account_id),
        action: Some(follow("mia").action),
        ..EventFilter::default()
    };
    let page = reading.events(&follows, &PageRequest::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let keys = keys(&database, "interactions_events").await;
    assert!(!begins(&keys, &["action", "ts"]), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_layout_is_refused() {
    let (_bench, database) = bench();
    let layout = database.by_hand("layout").await;
    layout.update_one(doc! { "_id": "layout" }, doc! { "$set": { "version": 99 } }).await.unwrap();
    let opened = MongoStore::open(&database.address).await.err();
    assert!(matches!(opened, Some(StoreError::NewerPlace { found: 99, .. })), "{opened:?}");
    let opened = MongoStore::open_read_only(&database.address).await.err();
    assert!(matches!(opened, Some(StoreError::NewerPlace { found: 99, .. })), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_makes_nothing_and_changes_nothing() {
    let (open, database) = standalone();
    let nothing = MongoStore::open_read_only(&database.address).await.unwrap();
    assert!(nothing.accounts().await.unwrap().is_empty());
    let page = nothing.events(&EventFilter::default(), &PageRequest::default()).await.unwrap();
    assert!(page.items.is_empty());
    let client = mongodb::Client::with_uri_str(&database.address).await.unwrap();
    let made = client.default_database().unwrap().list_collection_names().await.unwrap();
    assert_eq!(made, Vec::<String>::new());

    let bench = Bench::new(open);
    bench.engage(follow("mia")).await;
    let reading = MongoStore::open_read_only(&database.address).await.unwrap();
    assert_eq!(reading.inspect().await.unwrap(), Vec::<String>::new());
    assert_eq!(reading.chain(&follow("mia").account_id, 0, 10).await.unwrap().len(), 1);
    let claim = reading.claim(&bench.settings, bench.request(follow("noa"))).await;
    assert!(matches!(claim, Err(StoreError::ReadOnly { .. })), "{claim:?}");
}
