//! Whose file it is, and what is left of one that is not ours: all of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::mount::Mount;
use crate::conformance::arrange::{Bench, follow};
use crate::sqlite::SqliteStore;
use crate::{Store, StoreError, open_store, open_store_read_only};

/// Everything in a directory, byte for byte.
fn contents(directory: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
}

fn bench(path: &Path) -> Bench {
    let path = path.to_owned();
    Bench::new(Arc::new(move || Arc::new(SqliteStore::open(&path).unwrap())))
}

/// Opens both ways, and makes sure that neither left a trace.
fn refused(path: &Path) -> StoreError {
    let directory = path.parent().unwrap();
    let before = contents(directory);
    let Err(writing) = SqliteStore::open(path) else { panic!("opened for writing") };
    let Err(reading) = SqliteStore::open_read_only(path) else { panic!("opened for reading") };
    assert!(contents(directory) == before, "something was changed");
    assert_eq!(writing.to_string(), reading.to_string());
    writing
}

#[test]
fn what_is_not_a_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    for content in ["a", "SQLite format 3", &"private notes\n".repeat(1000)] {
        fs::write(&path, content).unwrap();
        let error = refused(&path);
        assert!(matches!(&error, StoreError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains("notes.txt"), "{error}");
    }
    fs::create_dir(directory.path().join("folder")).unwrap();
    let error = refused(&directory.path().join("folder"));
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}

#[test]
fn another_programs_database_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    for (name, mode) in [("plain.db", "DELETE"), ("logged.db", "WAL")] {
        let path = directory.path().join(name);
        let other = Connection::open(&path).unwrap();
        other.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(())).unwrap();
        other.execute_batch("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1").unwrap();
        assert!(matches!(refused(&path), StoreError::Foreign { .. }), "while it is open");
        drop(other);
        assert!(matches!(refused(&path), StoreError::Foreign { .. }));
    }
    let path = directory.path().join("marked.db");
    Connection::open(&path).unwrap().pragma_update(None, "application_id", 42).unwrap();
    assert!(refused(&path).to_string().contains("42"));
}

#[tokio::test]
async fn a_newer_layout_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    SqliteStore::open(&path).unwrap().close().await.unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.pragma_update(None, "user_version", 7).unwrap();
    drop(conn);
    assert!(matches!(
        refused(&path),
        StoreError::Newer { found: 7, known: crate::sqlite::schema::VERSION, .. }
    ));

    // Also when the newer version is only in the log yet, and its program still runs.
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 2).unwrap();
    other.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 8").unwrap();
    let log = fs::read(directory.path().join("decorum.db-wal")).unwrap();
    let Err(error) = SqliteStore::open(&path) else { panic!("opened") };
    assert!(matches!(error, StoreError::Newer { found: 8, .. }), "{error}");
    assert_eq!(fs::read(directory.path().join("decorum.db-wal")).unwrap(), log);
}

#[tokio::test]
async fn an_absent_or_empty_file_becomes_a_store() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["new.db", "empty.db", "a ?b#c%d=é.db", "tables-less.db"] {
        let path = directory.path().join(name);
        match name {
            "empty.db" => fs::write(&path, "").unwrap(),
            "tables-less.db" => {
                Connection::open(&path)
                    .unwrap()
                    .execute_batch("PRAGMA user_version = 0; VACUUM")
                    .unwrap();
            }
            _ => {}
        }
        let bench = bench(&path);
        bench.engage(follow("mia")).await;
        bench.assert_intact().await;
        bench.store.close().await.unwrap();
        assert!(path.exists(), "{name}");
        assert_eq!(bench.another("worker-2").log().await.len(), 1);
    }
    let absent = SqliteStore::open_read_only(directory.path().join("absent.db"));
    assert!(matches!(absent, Err(StoreError::Unreachable { .. })));
    let nowhere = SqliteStore::open(directory.path().join("no/such/dir.db")).map(drop);
    assert!(nowhere.unwrap_err().to_string().contains("no/such"));
}

#[test]
fn many_may_create_the_same_store_at_once() {
    for _ in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("decorum.db");
        let opening: Vec<_> = (0..8)
            .map(|_| path.clone())
            .map(|path| std::thread::spawn(move || SqliteStore::open(path).map(drop)))
            .collect();
        for opened in opening {
            opened.join().unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_can_be_read() {
    let mount = Mount::tmpfs("4m");
    let path = mount.path().join("decorum.db");
    let writing = bench(&path);
    writing.engage(follow("mia")).await;
    writing.store.close().await.unwrap();
    drop(writing);
    mount.make_read_only();

    let Err(error) = SqliteStore::open(&path) else { panic!("opened for writing") };
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    let new = SqliteStore::open(mount.path().join("new.db")).map(drop).unwrap_err();
    assert!(matches!(new, StoreError::ReadOnly { .. }), "{new}");

    let path = path.clone();
    let reading =
        Bench::new(Arc::new(move || Arc::new(SqliteStore::open_read_only(&path).unwrap())));
    assert_eq!(reading.log().await.len(), 1);
    reading.assert_intact().await;
    let request = reading.request(follow("noa"));
    let answer = reading.store.claim(&reading.settings, request).await;
    assert!(matches!(answer, Err(StoreError::ReadOnly { .. })), "{answer:?}");
}

#[tokio::test]
async fn reading_goes_on_beside_a_writer() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    let writing = bench(&path);
    writing.engage(follow("mia")).await;
    let reading = SqliteStore::open_read_only(&path).unwrap();
    writing.engage(follow("noa")).await;
    let seen = reading.chain(&"anna".parse().unwrap(), 0, 10).await.unwrap();
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn addresses_are_understood_or_explained() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db").display().to_string();
    for address in [format!("sqlite:{path}"), format!("sqlite://{path}")] {
        let store = open_store(&address).await.unwrap();
        assert_eq!(store.identity().await.unwrap().place, path);
        open_store_read_only(&address).await.unwrap();
    }
    let refused = [
        ("", "sqlite:PATH"),
        ("decorum.db", "sqlite:PATH"),
        ("sqlite:", "sqlite:PATH"),
        ("sqlite::memory:", "in memory"),
        ("mongodb://me:secret@/db", "mongodb://HOST"),
    ];
    for (address, why) in refused {
        let error = open_store(address).await.map(drop).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains("secret"), "{error}");
    }
}
