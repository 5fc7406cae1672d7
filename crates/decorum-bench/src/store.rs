//! What the store adds to the disk: a claim and its commit, against bare statements that write
//! the same rows in the same number of transactions, equally durable.

use std::sync::Arc;
use std::time::{Duration, Instant};

use decorum_store::open_store;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::engagement::{Failed, at_once, engage, unhurried};
use crate::table::{self, Row};

/// Engagements of one sample.
const BATCH: usize = 200;
const SAMPLES: usize = 9;
/// Callers at the same time, for the row that shows group commit.
const TOGETHER: usize = 32;

pub(crate) fn claim_and_commit() -> Result<(), Failed> {
    table::heading("a claim and its commit (SQLite)", "bare statements in the same transactions");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let dir = TempDir::new()?;
    let address = format!("sqlite:{}", dir.path().join("decorum.db").display());
    let store = runtime.block_on(open_store(&address))?;
    let bare = bare(&dir)?;
    let settings = Arc::new(unhurried()?);
    let (mut alone, mut together, mut reference) = (Vec::new(), Vec::new(), Vec::new());
    let each = BATCH / TOGETHER + 1;
    for sample in 0..SAMPLES {
        reference.push(bare_batch(&bare, sample)?);
        let started = Instant::now();
        runtime.block_on(engage(&store, &settings, &format!("a{sample}_"), 0..BATCH))?;
        alone.push(started.elapsed() / u32::try_from(BATCH)?);
        let started = Instant::now();
        let prefix = format!("t{sample}_");
        runtime.block_on(at_once(&store, &settings, &prefix, (TOGETHER, each)))?;
        together.push(started.elapsed() / u32::try_from(TOGETHER * each)?);
    }
    table::row(&Row::millis("one caller", &alone, &reference));
    let what = format!("{TOGETHER} callers at once (group commit)");
    table::row(&Row::millis(&what, &together, &reference));
    runtime.block_on(store.close())?;
    Ok(())
}

fn bare(dir: &TempDir) -> Result<Connection, rusqlite::Error> {
    let db = Connection::open(dir.path().join("bare.db"))?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE latest (account TEXT, target TEXT, action TEXT, row TEXT,
                              PRIMARY KEY (account, target, action)) WITHOUT ROWID;
         CREATE TABLE accounts (account TEXT PRIMARY KEY, row TEXT) WITHOUT ROWID;
         CREATE TABLE events (id TEXT PRIMARY KEY, account TEXT, seq INTEGER, row TEXT, ts INTEGER,
                              UNIQUE (account, seq));
         CREATE INDEX events_ts ON events (ts);",
    )?;
    Ok(db)
}

/// The rows of an engagement, of about the size the store writes, in two transactions.
fn bare_batch(db: &Connection, sample: usize) -> Result<Duration, Failed> {
    let row = "x".repeat(400);
    let started = Instant::now();
    for i in 0..BATCH {
        let (account, target) = (format!("b{sample}"), format!("b{sample}_{i}"));
        for commit in [false, true] {
            db.execute_batch("BEGIN IMMEDIATE")?;
            db.prepare_cached("INSERT OR REPLACE INTO latest VALUES (?1, ?2, 'follow', ?3)")?
                .execute((&account, &target, &row))?;
            db.prepare_cached("INSERT OR REPLACE INTO accounts VALUES (?1, ?2)")?
                .execute((&account, &row))?;
            if commit {
                db.prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3, ?4, 1)")?.execute((
                    Uuid::now_v7().to_string(),
                    &account,
                    i64::try_from(i)?,
                    &row,
                ))?;
            }
            db.execute_batch("COMMIT")?;
        }
    }
    Ok(started.elapsed() / u32::try_from(BATCH)?)
}
