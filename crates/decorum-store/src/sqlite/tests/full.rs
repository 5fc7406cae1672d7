//! A full disk: nobody is engaged, nothing acknowledged is lost, and it passes.

use std::fs;
use std::sync::Arc;

use decorum_core::{EventId, Metadata, Platform};
use serde_json::json;

use super::forgotten::files_with;
use super::mount::Mount;
use crate::conformance::arrange::{Bench, SUCCESS, follow, metadata, name};
use crate::sqlite::SqliteStore;
use crate::{ClaimVerdict, Store, StoreError};

fn ballast() -> Metadata {
    metadata(&json!({ "ballast": "x".repeat(8_000) }))
}

/// Engages people until the store says it is full. Returns what was acknowledged, and how many
/// were tried.
async fn engage_until_full(bench: &Bench, from: usize) -> (Vec<EventId>, usize) {
    let mut acknowledged = Vec::new();
    for n in from..from + 10_000 {
        let mut request = bench.request(follow(&format!("mia_{n}")));
        request.metadata = ballast();
        let claim = match bench.store.claim(&bench.settings, request).await {
            Ok(ClaimVerdict::Granted(claim)) => claim,
            Ok(ClaimVerdict::Refused(refusal)) => panic!("{refusal}"),
            Err(error) => return (acknowledged, full(&error, n)),
        };
        let report = bench.report(claim.id, follow(&format!("mia_{n}")), SUCCESS);
        match bench.store.commit(&bench.settings, report).await {
            Ok(committed) => acknowledged.push(committed.event().id),
            Err(error) => return (acknowledged, full(&error, n)),
        }
    }
    panic!("it never got full");
}

fn full(error: &StoreError, n: usize) -> usize {
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    n + 1
}

async fn assert_all_there(bench: &Bench, acknowledged: &[EventId]) {
    let log: Vec<_> = bench.log().await.into_iter().map(|event| event.id).collect();
    assert_eq!(log, acknowledged);
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_passes() {
    if !Mount::is_possible() {
        eprintln!("no disk can be mounted here; a cap on the file's size stands in for it");
        return a_full_file_loses_nothing_and_passes().await;
    }
    let mount = Mount::tmpfs("4m");
    let filler = mount.path().join("somebody elses.bin");
    fs::write(&filler, vec![1; 1_500_000]).unwrap();
    let path = mount.path().join("decorum.db");
    let bench = Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())));

    let (mut acknowledged, tried) = engage_until_full(&bench, 0).await;
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    // Full again and again is as harmless as once; a little may still fit in between.
    let mut times_full = 0;
    for n in 0..100 {
        let mut request = bench.request(follow(&format!("noa_{n}")));
        request.metadata = ballast();
        if let Err(error) = bench.store.claim(&bench.settings, request).await {
            times_full += full(&error, 0);
        }
    }
    assert!(times_full > 20, "{times_full}");
    assert_all_there(&bench, &acknowledged).await;

    fs::remove_file(&filler).unwrap();
    let (more, _) = engage_until_full(&bench, tried).await;
    assert!(more.len() > 10, "it works again: {}", more.len());
    acknowledged.extend(more);
    assert_all_there(&bench, &acknowledged).await;
    bench.store.close().await.unwrap();
    assert_all_there(&bench.another("worker-2"), &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_a_person_is_erased_or_not_and_the_next_time_finishes() {
    if !Mount::is_possible() {
        eprintln!("no disk can be mounted here; this case is left to machines where one can");
        return;
    }
    let mount = Mount::tmpfs("3m");
    let path = mount.path().join("decorum.db");
    let bench = Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())));
    let target = name("zq7.forget_me");
    bench.engage(follow("zq7.forget_me")).await;
    engage_until_full(&bench, 0).await;
    let forget = || bench.store.forget(Platform::Instagram, &target, "eva", bench.now);

    // Rewriting the file needs room that is not there.
    match forget().await {
        Ok(forgotten) => assert_eq!(forgotten.traces.len(), 1, "{forgotten:?}"),
        Err(error) => _ = full(&error, 0),
    }
    bench.assert_intact().await;

    mount.resize("16m");
    let forgotten = forget().await.unwrap();
    assert_eq!(forgotten.traces, Vec::<String>::new());
    assert_eq!(files_with(mount.path(), "zq7.forget_me"), Vec::<String>::new());
    bench.assert_intact().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_too_full_to_begin_leaves_nothing_in_the_way() {
    if !Mount::is_possible() {
        eprintln!("no disk can be mounted here; this case is left to machines where one can");
        return;
    }
    for size in ["4k", "16k", "64k", "120k", "150k"] {
        let mount = Mount::tmpfs(size);
        let path = mount.path().join("decorum.db");
        let opened = SqliteStore::open(&path).map(drop);
        let is_full = matches!(opened, Err(StoreError::Full { .. }));
        // The larger ones have room for the layout, but not for a first change.
        assert!(is_full || (opened.is_ok() && size.len() > 3), "{size}: {opened:?}");
        mount.resize("4m");
        let bench = Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())));
        bench.engage(follow("mia")).await;
        bench.assert_intact().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_file_loses_nothing_and_passes_too() {
    a_full_file_loses_nothing_and_passes().await;
}

async fn a_full_file_loses_nothing_and_passes() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let limit = |pages: u32| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        store.write(move |conn| Ok(conn.query_row(&sql, [], |row| row.get::<_, u32>(0))?))
    };
    assert_eq!(limit(200).await.unwrap(), 200);
    let same: Arc<dyn Store> = store.clone();
    let bench = Bench::new(Arc::new(move || same.clone()));
    let (mut acknowledged, tried) = engage_until_full(&bench, 0).await;
    assert_all_there(&bench, &acknowledged).await;
    limit(400).await.unwrap();
    let (more, _) = engage_until_full(&bench, tried).await;
    assert!(more.len() > 10);
    acknowledged.extend(more);
    assert_all_there(&bench, &acknowledged).await;
}
