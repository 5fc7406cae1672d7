//! No byte changes unseen: by hand through SQL, or by a disk that fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use decorum_core::chain::Verifier;
use decorum_core::{Action, HaltReason, Outcome, Platform, Refusal, RefusalReason, Seen};
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use tempfile::TempDir;

use super::empty_store;
use crate::conformance::arrange::{Bench, DAY, NETWORK, PRIVATE, SECOND, follow, metadata, name};
use crate::sqlite::SqliteStore;
use crate::{Store, StoreError};

/// A closed store with a row of every kind in it.
async fn some_of_everything() -> (TempDir, PathBuf) {
    let (open, directory) = empty_store();
    let mut bench = Bench::new(open).keeping(30);
    for target in ["mia", "noa", "gone"] {
        bench.engage(crate::conformance::arrange::key("dora", target, Action::Follow)).await;
    }
    bench.wait(DAY * 31);
    assert_eq!(bench.clean().await, (3, 2));
    bench.store.forget(Platform::Instagram, &name("gone"), "eva", bench.now).await.unwrap();
    for account in ["anna", "bert"] {
        for target in ["mia", "noa", "zoe"] {
            let key = |action| crate::conformance::arrange::key(account, target, action);
            bench.engage(key(Action::Follow)).await;
            bench.engage_with(key(Action::Like), NETWORK).await;
            bench.observe(key(Action::View), Seen::Outcome(PRIVATE)).await;
            let refusal = Refusal::new(RefusalReason::AlreadyEngaged, None);
            bench.observe(key(Action::Follow), Seen::Refused(refusal)).await;
            bench.wait(SECOND);
        }
    }
    let mut request = bench.request(follow("held"));
    request.metadata = metadata(&json!({"text": "what she likes"}));
    bench.ask(request).await.unwrap();
    bench.claim(follow("given_back")).await;
    let claim = bench.claim(follow("undone")).await;
    bench.settle(&claim, follow("undone"), Outcome::Retry(None)).await;
    crate::copy::tests::with_tasks(&bench).await;
    let token = crate::conformance::tokens::token(&bench, "bot", 1);
    bench.store.add_token(&token).await.unwrap();
    let (store, now) = (&bench.store, bench.now);
    store.put_settings(&bench.settings, 0, "eva", now).await.unwrap();
    store.suppress(Platform::Instagram, &[name("ada")], Some("no"), "eva", now).await.unwrap();
    store.halt(&name("cleo"), HaltReason::Operator, "rest", "eva", now).await.unwrap();
    store.acquire_lease("device:1", &bench.holder, None, SECOND, now).await.unwrap().unwrap();
    bench.assert_intact().await;
    bench.store.close().await.unwrap();
    let path = directory.path().join("decorum.db");
    (directory, path)
}

/// What an audit of the file finds, as `decorum audit verify` would.
pub(super) async fn audit(path: &Path) -> Vec<String> {
    let mut findings = Vec::new();
    if let Err(error) = look_for(path, &mut findings).await {
        findings.push(error.to_string());
    }
    findings
}

async fn look_for(path: &Path, findings: &mut Vec<String>) -> Result<(), StoreError> {
    let store = SqliteStore::open_read_only(path)?;
    findings.extend(store.inspect().await?);
    for view in store.accounts().await? {
        let account = view.account;
        let name = account.account_id.clone();
        let mut verifier = Verifier::after(account.platform, name, account.checkpoint.as_ref());
        let chain = store.chain(&account.account_id, verifier.head().seq, 1000).await?;
        let whole = chain
            .into_iter()
            .try_for_each(|event| event.and_then(|event| verifier.next(&event)))
            .and_then(|()| verifier.finish(account.head).map(drop));
        findings.extend(whole.err().map(|broken| broken.to_string()));
    }
    Ok(())
}

/// Every table with its columns.
fn columns(conn: &Connection) -> Option<Vec<(String, String)>> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' ORDER BY m.name, c.cid";
    let mut statement = conn.prepare(sql).ok()?;
    let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
    columns.collect::<Result<_, _>>().ok()
}

/// Values that differ from this one as little as possible, in each way there is.
fn changed(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![Value::Text("x".into()), Value::Integer(1), Value::Blob(vec![0; 16])],
        Value::Integer(n) => vec![Value::Integer(n ^ 1), Value::Integer(-n - 1), Value::Null],
        Value::Real(_) => unreachable!("there are none"),
        Value::Text(text) if text.is_empty() => vec![Value::Text("x".into()), Value::Null],
        Value::Text(text) => {
            // The first letter's other case, a space, a different last byte, nothing.
            let mut case = text.clone().into_bytes();
            case[0] ^= 0x20;
            let mut last = text.clone().into_bytes();
            *last.last_mut().unwrap() ^= 1;
            let mut values: Vec<_> = [case, last]
                .into_iter()
                .filter_map(|bytes| String::from_utf8(bytes).ok())
                .map(Value::Text)
                .collect();
            values.extend([
                Value::Text(format!(" {text}")),
                Value::Text(String::new()),
                Value::Null,
            ]);
            values
        }
        Value::Blob(bytes) => {
            let mut flipped = bytes.clone();
            *flipped.last_mut().unwrap() ^= 0x80;
            vec![Value::Blob(flipped), Value::Null]
        }
    }
}

/// The file with one statement run on it by hand; `None` if SQLite itself refuses.
fn changed_by_hand(original: &Path, sql: &str, value: &Value) -> Option<(TempDir, PathBuf)> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("decorum.db");
    std::fs::copy(original, &path).unwrap();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF",
    )
    .unwrap();
    let parameters = conn.prepare(sql).unwrap().parameter_count();
    let values = std::slice::from_ref(value).iter().take(parameters);
    conn.execute(sql, rusqlite::params_from_iter(values)).ok()?;
    Some((directory, path))
}

#[tokio::test]
async fn any_column_changed_by_hand_is_found_and_named() {
    let (_directory, original) = some_of_everything().await;
    let conn = Connection::open(&original).unwrap();
    let mut tried = 0;
    for (table, column) in columns(&conn).unwrap() {
        // Which number a row has says nothing; the order of the numbers is checked.
        if column == "row" {
            continue;
        }
        let rows: u32 =
            conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get(0)).unwrap();
        assert!(rows > 0, "nothing to change in {table}");
        for row in BTreeSet::from([0, rows / 2, rows - 1]) {
            let key = primary_key(&conn, &table);
            let place = format!("FROM {table} ORDER BY {key} LIMIT 1 OFFSET {row}");
            let value: Value =
                conn.query_row(&format!("SELECT {column} {place}"), [], |r| r.get(0)).unwrap();
            let sql =
                format!("UPDATE {table} SET {column} = ?1 WHERE ({key}) = (SELECT {key} {place})");
            for new in changed(&value) {
                // Types that SQLite itself refuses cannot be written by hand.
                let Some((_kept, path)) = changed_by_hand(&original, &sql, &new) else { continue };
                let text = audit(&path).await.join("; ");
                let named = text.contains(&table)
                    || text.contains("account ")
                    || (table == "interactions_events" && text.contains("event"))
                    || text.contains(&table.replace("interactions_latest", "the row of"));
                assert!(named, "{table}.{column}: {value:?} became {new:?}; found: {text}");
                tried += 1;
            }
        }
    }
    assert_eq!(audit(&original).await, Vec::<String>::new());
    assert!(tried > 300, "{tried}");
}

fn primary_key(conn: &Connection, table: &str) -> String {
    let sql = format!("SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE pk > 0");
    conn.query_row(&sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn rows_removed_added_or_exchanged_are_found() {
    let (_directory, original) = some_of_everything().await;
    let by_hand = [
        "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 1",
        "DELETE FROM interactions_events WHERE account_id = 'anna' AND seq = 5",
        "DELETE FROM interactions_events WHERE account_id = 'bert' AND seq = (SELECT max(seq)
           FROM interactions_events WHERE account_id = 'bert')",
        "DELETE FROM interactions_events WHERE account_id = 'bert'",
        "DELETE FROM interactions_latest WHERE account_id = 'anna' AND target_username = 'mia'",
        "DELETE FROM accounts WHERE account_id = 'anna'",
        "UPDATE interactions_events SET row = row + 1000 WHERE account_id = 'anna' AND seq = 3",
        "INSERT INTO interactions_events SELECT NULL, 'x' || id, seq + 1000, platform, account_id,
           target_username, target_ref, target_salt, action, status, reason, error_class, task_id,
           device_id, session_id, claim_id, latency_ms, ts, metadata, prev_hash, hash
           FROM interactions_events WHERE account_id = 'anna' AND seq = 2",
        "DELETE FROM interactions_events WHERE account_id = 'dora'",
        "DELETE FROM keeper",
        "DELETE FROM metrics_marks",
        "DELETE FROM metrics_cells WHERE level = 'day'",
        "DELETE FROM metrics_cells",
        "CREATE TABLE notes (text TEXT)",
        "DROP INDEX events_ts",
        "CREATE TRIGGER quiet AFTER INSERT ON accounts BEGIN SELECT 1; END",
    ];
    for sql in by_hand {
        let (_kept, path) = changed_by_hand(&original, sql, &Value::Null).unwrap();
        assert!(!audit(&path).await.is_empty(), "unseen: {sql}");
    }
}

/// Everything that is stored, as text; `None` if it cannot be read.
fn everything(path: &Path) -> Option<String> {
    let conn = Connection::open(path).ok()?;
    let mut text = String::new();
    for (table, column) in columns(&conn)? {
        if column == "row" {
            continue;
        }
        let sql = format!("SELECT quote({column}) FROM {table}");
        let mut statement = conn.prepare(&sql).ok()?;
        let mut rows = statement.query([]).ok()?;
        while let Some(row) = rows.next().ok()? {
            text.push_str(&row.get::<_, String>(0).ok()?);
            text.push('\n');
        }
    }
    Some(text)
}

#[tokio::test]
async fn any_bit_flipped_in_the_file_is_found_or_means_nothing() {
    let (_directory, original) = some_of_everything().await;
    let bytes = std::fs::read(&original).unwrap();
    let stored = everything(&original).unwrap();
    let written: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut found = 0;
    for _ in 0..1_500 {
        let at = written[random.usize(..written.len())];
        let bit = 1 << random.u32(0..8);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("decorum.db");
        let mut flipped = bytes.clone();
        flipped[at] ^= bit;
        std::fs::write(&path, flipped).unwrap();
        if !audit(&path).await.is_empty() {
            found += 1;
            continue;
        }
        // Bytes that hold nothing (free space, counters of SQLite's own) may change.
        let still = everything(&path);
        assert!(still.as_ref() == Some(&stored), "seed {seed}: bit {bit} of byte {at} went unseen");
    }
    assert!(found > 1_000, "{found}");
}
