//! What was cleaned up or erased on purpose is no alarm; whatever else is missing or changed is,
//! and a cleanup does not cover it up.

use std::path::{Path, PathBuf};

use decorum_core::{Action, Platform};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::damage::audit;
use super::empty_store;
use crate::conformance::arrange::{Bench, DAY, HOUR, NETWORK, follow, key, metadata, name};
use crate::sqlite::SqliteStore;
use crate::{MetricsQuery, Store};

/// Ten events of `anna`, ten of `bert`, an hour apart. The first four of each were cleaned up, and
/// one of the rest tells of somebody who was erased.
async fn cleaned_and_erased() -> (Bench, TempDir, PathBuf) {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open).keeping(40);
    for n in 0..10 {
        if n == 4 {
            bench.wait(DAY * 35);
        }
        for account in ["anna", "bert"] {
            let key = key(account, &format!("person{n}"), Action::Follow);
            let claim = bench.claim(key.clone()).await;
            let mut report = bench.report(claim.id, key, crate::conformance::arrange::SUCCESS);
            report.metadata = metadata(&json!({ "n": n }));
            bench.store.commit(&bench.settings, report).await.unwrap();
        }
        bench.wait(HOUR);
    }
    bench.wait(DAY * 6);
    assert_eq!(bench.clean().await, (8, 8));
    bench.store.forget(Platform::Instagram, &name("person6"), "eva", bench.now).await.unwrap();
    let path = directory.path().join("decorum.db");
    (bench, directory, path)
}

fn by_hand(path: &Path, sql: &str) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    conn.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn what_was_cleaned_or_erased_is_no_alarm() {
    let (bench, _directory, path) = cleaned_and_erased().await;
    assert_eq!(audit(&path).await, Vec::<String>::new());
    bench.assert_intact().await;
}

#[tokio::test]
async fn any_other_event_that_is_not_as_it_was_is_found_and_named() {
    let tampered = [
        // Right behind the checkpoint, in the middle, at the end.
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 5",
            "event 5 is missing",
        ),
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 8",
            "event 8 is missing",
        ),
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 10",
            "the log ends with event 9",
        ),
        ("DELETE FROM interactions_events WHERE account_id = 'anna'", "the log ends with event 4"),
        (
            "UPDATE interactions_events SET status = 'failed' WHERE account_id = 'anna' AND seq = 5",
            "event 5 ",
        ),
        (
            "UPDATE interactions_events SET latency_ms = 1 WHERE account_id = 'anna' AND seq = 9",
            "event 9 ",
        ),
        // Two that changed places.
        (
            "UPDATE interactions_events SET seq = 100 WHERE account_id = 'anna' AND seq = 8;
             UPDATE interactions_events SET seq = 8 WHERE account_id = 'anna' AND seq = 9;
             UPDATE interactions_events SET seq = 9 WHERE account_id = 'anna' AND seq = 100",
            "event 8 ",
        ),
        // One from another log, in a place that is free because it was cleaned up.
        (
            "UPDATE interactions_events SET account_id = 'anna', seq = 3
             WHERE account_id = 'bert' AND seq = 5",
            "instagram/anna: event 3 was cleaned up, and is in the log again",
        ),
        // The account says that more was cleaned up than was.
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 5;
             UPDATE accounts SET checkpoint_seq = 5 WHERE account_id = 'anna'",
            "accounts instagram/anna: was changed",
        ),
        // Half erased, either half.
        (
            "UPDATE interactions_events SET target_username = NULL, target_salt = NULL
             WHERE account_id = 'anna' AND seq = 9",
            "event 9 ",
        ),
        (
            "UPDATE interactions_events SET target_salt = NULL, metadata = '{}'
             WHERE account_id = 'anna' AND seq = 9",
            "event 9 ",
        ),
        // A name given back to an event that has none.
        (
            "UPDATE interactions_events SET target_username = 'person5'
             WHERE account_id = 'anna' AND seq = 7",
            "event 7 ",
        ),
        // A dedup row that no cleanup removed.
        (
            "DELETE FROM interactions_latest WHERE account_id = 'anna' AND target_username = 'person9'",
            "anna/person9/follow) engaged somebody",
        ),
    ];
    for (sql, finding) in tampered {
        let (bench, _directory, path) = cleaned_and_erased().await;
        by_hand(&path, sql);
        let found = audit(&path).await.join("\n");
        assert!(found.contains(finding), "{sql}\nfound: {found}");
        drop(bench);
    }
}

#[tokio::test]
async fn a_cleanup_covers_nothing_up() {
    let tampered = [
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 5",
            "event 5 is missing",
        ),
        (
            "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 7",
            "event 7 is missing",
        ),
        (
            "UPDATE interactions_events SET action = 'like' WHERE account_id = 'anna' AND seq = 7",
            "event 7 ",
        ),
        (
            "UPDATE interactions_events SET hash = zeroblob(32) WHERE account_id = 'anna' AND seq = 7",
            "event 7 ",
        ),
        (
            "UPDATE interactions_events SET action = 'poke' WHERE account_id = 'anna' AND seq = 6",
            "event 6 ",
        ),
    ];
    for (sql, finding) in tampered {
        let (mut bench, _directory, path) = cleaned_and_erased().await;
        by_hand(&path, sql);
        bench.wait(DAY * 100);
        let before = bench.store.chain(&name("anna"), 0, 100).await.unwrap();
        let cleaned = bench.store.cleanup(&bench.settings, "eva", bench.now, false).await.unwrap();
        assert!(!cleaned.more);
        assert_eq!(cleaned.broken.len(), 1, "{sql}: {cleaned:?}");
        assert_eq!(cleaned.broken[0].account_id, name("anna"));
        assert!(cleaned.broken[0].problem.contains(finding), "{sql}: {cleaned:?}");
        let after = bench.store.chain(&name("anna"), 0, 100).await.unwrap();
        assert_eq!(after, before, "all evidence is still there: {sql}");
        // Others are cleaned up all the same.
        assert_eq!(bench.store.chain(&name("bert"), 0, 100).await.unwrap().len(), 1);
        assert!(audit(&path).await.join("\n").contains(finding), "{sql}");
    }
}

#[tokio::test]
async fn a_row_changed_by_hand_is_evidence_and_stays() {
    let (open, directory) = empty_store();
    let bench = Bench::new(open);
    bench.engage(follow("mia")).await;
    bench.engage_with(follow("noa"), NETWORK).await;
    let path = directory.path().join("decorum.db");
    by_hand(&path, "UPDATE interactions_latest SET expires_at = 1 WHERE target_username = 'mia'");
    assert_eq!(bench.clean().await, (0, 0));
    let found = audit(&path).await.join("\n");
    assert!(found.contains("instagram/anna/mia/follow: was changed"), "{found}");
}

#[tokio::test]
async fn counts_that_do_not_add_up_are_found() {
    for sql in [
        "DELETE FROM metrics_marks WHERE account_id = 'anna'",
        "DELETE FROM metrics_cells WHERE account_id = 'anna' AND level = 'hour'
         AND start = (SELECT max(start) FROM metrics_cells WHERE level = 'hour')",
    ] {
        let (_bench, _directory, path) = cleaned_and_erased().await;
        by_hand(&path, sql);
        let found = audit(&path).await.join("\n");
        assert!(found.contains("metrics_marks instagram/anna"), "{sql}: {found}");
    }
}

#[tokio::test]
async fn a_store_opened_for_reading_counts_without_writing() {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open);
    bench.refuse_many("anna", 2_500).await;
    let path = directory.path().join("decorum.db");
    let folded = || -> u32 {
        let conn = Connection::open(&path).unwrap();
        conn.query_row("SELECT count(*) FROM metrics_cells", [], |row| row.get(0)).unwrap()
    };
    let reading = SqliteStore::open_read_only(&path).unwrap();
    let all = MetricsQuery::default();
    let counted = reading.metrics(&all).await.unwrap();
    assert_eq!((counted.events, folded()), (2_500, 0));
    assert_eq!(bench.store.metrics(&all).await.unwrap(), counted);
    assert!(folded() > 0, "the next one has less to read");
    assert_eq!(reading.metrics(&all).await.unwrap(), counted);
}
