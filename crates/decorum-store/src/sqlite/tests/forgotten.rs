//! Of a forgotten person not even bytes are left in the files.

use std::fs;
use std::path::Path;

use decorum_core::{Action, HaltReason, Platform, SuppressionKey, Username};
use rusqlite::Connection;
use serde_json::json;

use super::empty_store;
use crate::conformance::arrange::{Bench, NETWORK, SECOND, SUCCESS, key, metadata, name};
use crate::sqlite::{SqliteStore, forget};
use crate::{Forgotten, Store};

const ODD: &str = "qx7.forget_me";

/// The files in which the name stands, in any case.
pub(super) fn files_with(directory: &Path, name: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = entries
        .filter(|path| {
            let bytes = fs::read(path).unwrap().to_ascii_lowercase();
            bytes.windows(name.len()).any(|w| w == name.as_bytes())
        })
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

/// A life of a store long enough that pages were divided and rows moved, with the person in the
/// middle of everything.
async fn a_long_life(bench: &mut Bench) {
    let accounts = ["anna", "bert", "cleo"];
    for round in 0..120 {
        for account in accounts {
            let target =
                if round % 10 == 3 { ODD.to_owned() } else { format!("p{:03}", round * 7 % 120) };
            let action = Action::ALL[round % 4];
            let key = key(account, &target, action);
            let Ok(claim) = bench.try_claim(key.clone()).await else { continue };
            let outcome = if round % 3 == 0 { NETWORK } else { SUCCESS };
            let mut report = bench.report(claim.id, key, outcome);
            report.detail = format!("the page of {target}");
            report.metadata =
                metadata(&json!({ "text": format!("hello {target}, {}", "x".repeat(round * 40)) }));
            bench.store.commit(&bench.settings, report).await.unwrap();
        }
        bench.wait(SECOND);
    }
    let now = bench.now;
    for account in accounts {
        let note = format!("@{} complained about {account}", ODD.to_uppercase());
        bench.store.halt(&name(account), HaltReason::Operator, &note, "eva", now).await.unwrap();
    }
    let targets = [name("p001"), name(ODD), name("p002")];
    bench.store.suppress(Platform::Instagram, &targets, Some("asked"), "eva", now).await.unwrap();
}

async fn forget(bench: &Bench) -> Forgotten {
    let target: Username = name(ODD);
    bench.store.forget(Platform::Instagram, &target, "eva", bench.now).await.unwrap()
}

#[tokio::test]
async fn no_byte_of_the_name_is_left() {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open);
    a_long_life(&mut bench).await;
    assert!(!files_with(directory.path(), ODD).is_empty());

    let forgotten = forget(&bench).await;

    assert!(forgotten.events > 5 && forgotten.errors > 0, "{forgotten:?}");
    assert_eq!(forgotten.traces, Vec::<String>::new());
    assert_eq!(files_with(directory.path(), ODD), Vec::<String>::new(), "while it is open");
    bench.assert_intact().await;
    bench.store.close().await.unwrap();
    assert_eq!(files_with(directory.path(), ODD), Vec::<String>::new(), "closed");
    // Others are where they were.
    assert_eq!(files_with(directory.path(), "p001"), ["decorum.db"]);
}

#[tokio::test]
async fn erasing_alone_is_not_enough_and_is_finished_after_a_crash() {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open.clone());
    a_long_life(&mut bench).await;
    bench.store.close().await.unwrap();
    // The process dies right after the transaction.
    let path = directory.path().join("decorum.db");
    let store = SqliteStore::open(&path).unwrap();
    let (target, now) = (name(ODD), bench.now);
    let key = SuppressionKey::from_bytes([9; 32]);
    let erase = move |conn: &Connection| {
        forget::erase(conn, (Platform::Instagram, &target), key, "eva", now)
    };
    store.write(erase).await.unwrap();
    store.close().await.unwrap();
    assert!(!files_with(directory.path(), ODD).is_empty(), "then this test shows nothing");

    let again = Bench::new(open);
    assert_eq!(forget(&again).await, Forgotten::default(), "nothing is left to erase");
    assert_eq!(files_with(directory.path(), ODD), Vec::<String>::new());
    again.assert_intact().await;
}

#[tokio::test]
async fn a_reader_in_the_way_is_told_and_the_next_time_finishes() {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open);
    a_long_life(&mut bench).await;
    let reader = Connection::open(directory.path().join("decorum.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM interactions_events").unwrap();
    let count: u32 =
        reader.query_row("SELECT count(*) FROM interactions_events", [], |row| row.get(0)).unwrap();
    assert!(count > 0);

    let forgotten = forget(&bench).await;
    assert!(forgotten.events > 0);
    assert_eq!(forgotten.traces.len(), 1, "{forgotten:?}");
    bench.assert_intact().await;

    drop(reader);
    assert_eq!(forget(&bench).await, Forgotten::default());
    assert_eq!(files_with(directory.path(), ODD), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_forgotten_stays_so_when_the_key_is_lost() {
    let (open, directory) = empty_store();
    let bench = Bench::new(open);
    forget(&bench).await;
    let conn = Connection::open(directory.path().join("decorum.db")).unwrap();
    for damage in ["UPDATE keeper SET value = zeroblob(32)", "DELETE FROM keeper"] {
        conn.execute_batch(damage).unwrap();
        // Without the key nobody can tell whom not to contact, so nobody is.
        let request = bench.request(key("anna", "mia", Action::Follow));
        let answer = bench.store.claim(&bench.settings, request).await;
        assert!(answer.unwrap_err().to_string().contains("keeper"), "{damage}");
        let findings = bench.store.inspect().await.unwrap().join("; ");
        assert!(findings.contains("keeper"), "{damage}: {findings}");
    }
}
