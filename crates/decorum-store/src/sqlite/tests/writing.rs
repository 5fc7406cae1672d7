//! The one writer: groups, neighbours, and a file that went bad under it.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::StoreError;
use crate::conformance::arrange::{Bench, at_once, claim_id, follow};
use crate::sqlite::fault::Fault;
use crate::sqlite::{SqliteStore, connection, schema};

fn store(path: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(path).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_fails_is_undone_and_hurts_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(&directory.path().join("decorum.db"));
    let answers = at_once(300, |n| {
        let store = store.clone();
        async move {
            let insert = "INSERT INTO leases VALUES (?1, 'me', 1, 1, 0)";
            store
                .write(move |conn| {
                    conn.execute(insert, [format!("lease-{n}")])?;
                    match n % 3 {
                        0 => Err(Fault::Store(StoreError::NoSuchClaim(claim_id()))),
                        1 => Ok(conn.execute("INSERT INTO nowhere VALUES (1)", [])?),
                        _ => Ok(1),
                    }
                })
                .await
                .is_ok()
        }
    })
    .await;
    let count = "SELECT count(*), count(*) FILTER (WHERE substr(name, 7) % 3 = 2) FROM leases";
    let read =
        store.read(move |conn| Ok(conn.query_row(count, [], |r| Ok((r.get(0)?, r.get(1)?)))?));
    assert_eq!(read.await.unwrap(), (100, 100), "those that failed left nothing behind");
    assert!((0..300).all(|n| answers[n] == (n % 3 == 2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_is_waited_for_and_then_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    let keeper = path.clone();
    let bench = Bench::new(Arc::new(move || store(&keeper)));
    let neighbour = Connection::open(&path).unwrap();

    neighbour.execute_batch("BEGIN IMMEDIATE").unwrap();
    let waiting = tokio::spawn({
        let bench = bench.clone();
        async move { bench.try_claim(follow("mia")).await }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    neighbour.execute_batch("COMMIT").unwrap();
    waiting.await.unwrap().unwrap();

    neighbour.execute_batch("BEGIN IMMEDIATE").unwrap();
    let since = Instant::now();
    let answer = bench.store.claim(&bench.settings, bench.request(follow("noa"))).await;
    assert!(matches!(answer, Err(StoreError::Busy { waited_seconds: 5, .. })), "{answer:?}");
    assert!(since.elapsed() >= connection::BUSY, "{:?}", since.elapsed());
    assert!(since.elapsed() < connection::BUSY * 2, "{:?}", since.elapsed());
    assert_eq!(bench.log().await.len(), 0, "reading needs nobody's leave");
    neighbour.execute_batch("COMMIT").unwrap();
    bench.claim(follow("noa")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_engages_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    let keeper = path.clone();
    let bench = Bench::new(Arc::new(move || store(&keeper)));
    for n in 0..50 {
        bench.engage(follow(&format!("mia_{n}"))).await;
    }
    bench.store.close().await.unwrap();
    let root: u32 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'interactions_latest'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let root = usize::try_from(root).unwrap();
    bytes[(root - 1) * 4096..root * 4096].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();

    let bench = bench.another("worker-2");
    let answer = bench.store.claim(&bench.settings, bench.request(follow("mia_1"))).await;
    assert!(matches!(answer, Err(StoreError::Damaged { .. })), "{answer:?}");
    assert_eq!(bench.log().await.len(), 50, "what is whole can still be read");
    assert!(!bench.store.inspect().await.unwrap().is_empty());
}

#[test]
fn durability_is_what_we_say() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    let mut conn = connection::for_writing(&path).unwrap();
    schema::prepare(&mut conn, &path).unwrap();
    let text =
        |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, String>(0)).unwrap();
    let number =
        |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!((number("synchronous"), number("fullfsync"), number("foreign_keys")), (2, 1, 1));
    assert_eq!(number("application_id"), schema::APPLICATION_ID);
    assert_eq!(number("user_version"), i64::from(schema::VERSION));
}
