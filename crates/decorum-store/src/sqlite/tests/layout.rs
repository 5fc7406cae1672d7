//! A store of the first layout becomes one of the newest, with all that is in it.

use std::path::Path;
use std::sync::Arc;

use decorum_core::{RefusalReason, Status};
use rusqlite::Connection;

use super::damage::audit;
use super::mount::Mount;
use crate::conformance::arrange::{Bench, DAY, key, name};
use crate::sqlite::{SqliteStore, schema};
use crate::{MetricsQuery, Store, StoreError};

/// What the program of then would have left at `path`.
fn of_the_first_layout(path: &Path) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(include_str!("../schema/0001_first.sql")).unwrap();
    conn.execute_batch(include_str!("layout_1.sql")).unwrap();
    conn.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
}

fn layout(path: &Path) -> u32 {
    let conn = Connection::open(path).unwrap();
    conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_older_store_is_brought_up_to_date_with_all_that_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    of_the_first_layout(&path);

    let opened = path.clone();
    let mut bench = Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&opened).unwrap())));

    assert_eq!(bench.store.identity().await.unwrap().schema, schema::VERSION);
    assert_eq!(audit(&path).await, Vec::<String>::new());
    let log = bench.log().await;
    let statuses: Vec<_> = log.iter().map(|e| e.status).collect();
    assert_eq!(statuses, [Status::DedupeHit, Status::Success, Status::Success]);
    bench.now = log[2].ts;
    let follow = |target| key("studio.nord", target, decorum_core::Action::Follow);
    assert_eq!(bench.refused(follow("mia")).await, RefusalReason::AlreadyEngaged);
    assert_eq!(bench.refused(follow("ada")).await, RefusalReason::Suppressed);
    bench.engage(follow("eve")).await;

    // And everything that came with the new layout works on the old rows.
    let all = MetricsQuery::default();
    assert_eq!(bench.store.metrics(&all).await.unwrap().events, 4);
    bench.store.forget(log[0].platform, &name("noa"), "eva", bench.now).await.unwrap();
    let mut bench = bench.keeping(1);
    bench.store.put_settings(&bench.settings, 1, "eva", bench.now).await.unwrap();
    bench.wait(DAY * 31);
    assert_eq!(bench.clean().await, (3, 3));
    assert_eq!(bench.store.metrics(&all).await.unwrap().events, 4);
    bench.assert_intact().await;
    assert_eq!(audit(&path).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_older_store_is_brought_up_to_date_to_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    of_the_first_layout(&path);
    let store = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(store.accounts().await.unwrap().len(), 2);
    assert_eq!(layout(&path), schema::VERSION);
    assert_eq!(audit(&path).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_older_store_that_cannot_be_written_is_refused_with_the_reason() {
    let mount = Mount::tmpfs("4m");
    let path = mount.path().join("decorum.db");
    of_the_first_layout(&path);
    let before = std::fs::read(&path).unwrap();
    mount.make_read_only();
    let error = SqliteStore::open_read_only(&path).map(drop).unwrap_err();
    assert!(
        matches!(error, StoreError::Older { found: 1, needed: schema::VERSION, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("writable"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn many_may_bring_it_up_to_date_at_once() {
    for _ in 0..10 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("decorum.db");
        of_the_first_layout(&path);
        let opening: Vec<_> = (0..6)
            .map(|n| (n, path.clone()))
            .map(|(n, path)| {
                std::thread::spawn(move || match n % 2 {
                    0 => SqliteStore::open(path).map(drop),
                    _ => SqliteStore::open_read_only(path).map(drop),
                })
            })
            .collect();
        for opened in opening {
            opened.join().unwrap().unwrap();
        }
        assert_eq!(layout(&path), schema::VERSION);
    }
}

#[test]
fn a_change_that_breaks_off_leaves_the_old_layout() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    of_the_first_layout(&path);
    // Something of ours that is there already, so that a later statement of the step fails.
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("CREATE TABLE metrics_marks (n INTEGER)").unwrap();
    drop(conn);
    assert!(SqliteStore::open(&path).is_err());
    let conn = Connection::open(&path).unwrap();
    let columns: u32 = conn
        .query_row("SELECT count(*) FROM pragma_table_info('accounts')", [], |row| row.get(0))
        .unwrap();
    assert_eq!((layout(&path), columns), (1, 9));
}
